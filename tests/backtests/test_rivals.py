"""Rivals of the model: each is what its name says."""

from __future__ import annotations

import numpy as np
import pytest

from riskmc.accounts import council_accounts
from riskmc.backtests.rivals import RIVALS
from riskmc.calibration.estimates import estimate
from riskmc.calibration.planning import own_expectation

KNOWN = council_accounts().tier("upper").until("2013/14")
FOUND = estimate(KNOWN)
PAST = 100 * KNOWN.change_share


def drawn(name: str, draws: int = 2000) -> np.ndarray:
    return RIVALS[name](KNOWN, FOUND, 2, draws, np.random.default_rng(1))


def test_random_walk_has_the_spread_of_past_changes() -> None:
    """Would catch a spread about the mean: root mean square, growing as the root of years."""
    found = drawn("random walk")
    rms = np.sqrt(np.mean(PAST**2))
    assert found[0].std() == pytest.approx(rms, rel=0.02)
    assert found[1].std() == pytest.approx(rms * np.sqrt(2), rel=0.02)
    assert abs(found.mean()) < 0.1


def test_own_scale_walk_shares_the_national_shock() -> None:
    """Would catch independent councils: their mean varies by τ."""
    found = drawn("own-scale walk with a national shock")
    own = 0.5  # 150 councils of about 5 %: 0.4, added in quadrature
    assert found[0].mean(axis=0).std() == pytest.approx(FOUND.national_step, abs=own / 2)


def test_last_change_is_repeated() -> None:
    """Would catch a change repeated once: twice the last change after two years."""
    found = drawn("last change", 20_000)
    np.testing.assert_allclose(found[1].mean(axis=1), 2 * PAST[:, -1], atol=0.35)


def test_pooled_changes_are_past_changes() -> None:
    """Would catch a normal in their place."""
    assert np.isin(drawn("pooled past changes", 50)[0], PAST).all()


def test_empirical_bayes_expects_what_it_says() -> None:
    """Mean of the first year: half the last national change and the council's own part."""
    found = drawn("empirical-Bayes series", 20_000)
    level = KNOWN.closing[:, -1] / KNOWN.expenditure[:, -1]
    own = own_expectation(FOUND, years=2)[:, 0] * FOUND.own_scale
    own *= (level / 0.30) ** FOUND.level_power
    error = found[0].std(axis=1) / np.sqrt(20_000)
    z = (found[0].mean(axis=1) - own - FOUND.national[-1] / 2) / error
    # the national draw is common to all, so all stand off alike, by a normal's reach
    assert np.abs(z).max() < 4.5
