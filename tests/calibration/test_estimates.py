"""Estimates from accounts: on known worlds, and on the one that was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from riskmc.accounts import Accounts, council_accounts
from riskmc.calibration.estimates import (
    bootstrap,
    estimate,
    lasting_and_fading,
    national_step,
    robust_location,
)
from riskmc.calibration.planning import (
    fading,
    national_spread,
    outturn_inputs,
    own_expectation,
)
from riskmc.errors import InputError

#: Figures of the 150 upper-tier councils with the errors they were published with.
PUBLISHED = {
    "level_power": (0.40, 0.08),
    "scale": (4.15, 0.16),
    "prior_df": (7.0, 1.9),
    "persistence": (0.27, 0.03),
    "lasting": (0.07, 0.038),
    "fading": (0.22, 0.042),
    "national_step": (1.61, 0.085),
}


def world(
    *, councils: int, years: int, b: float, c: float, nu: float, a: float, seed: int
) -> tuple[Accounts, np.ndarray]:
    """Accounts that obey the model exactly, with the national changes that were drawn."""
    rng = np.random.default_rng(seed)
    level = np.exp(rng.normal(np.log(0.35), 0.5, size=(councils, 1))) * np.ones(years)
    own = np.sqrt(nu * c**2 / rng.chisquare(nu, size=(councils, 1)))
    noise = rng.standard_normal((councils, years))
    for year in range(1, years):
        noise[:, year] = a * noise[:, year - 1] + np.sqrt(1 - a**2) * noise[:, year]
    national = rng.normal(1.0, 1.5, size=years)
    change = national + own * (level / 0.30) ** b * noise
    nre = np.full((councils, years), 200.0)
    opening = level * nre
    names = tuple(f"c{i:04d}" for i in range(councils))
    return Accounts(
        names=names,
        codes=names,
        classes=("UA",) * councils,
        years=tuple(f"{y}/{(y + 1) % 100:02d}" for y in range(2010, 2010 + years)),
        expenditure=nre,
        opening=opening,
        closing=opening + change / 100.0 * nre,
        unallocated=np.zeros_like(nre),
    ), national


def test_the_published_figures_come_out() -> None:
    """Would catch a step left out or taken otherwise than the method says."""
    found = estimate(council_accounts().tier("upper")).figures()
    for name, (value, error) in PUBLISHED.items():
        assert abs(found[name] - value) < error, name


def test_national_changes_are_the_published_ones() -> None:
    """Would catch a change that takes restatements in: 2010/11 to 2015/16, % of NRE."""
    found = estimate(council_accounts().tier("upper")).national
    np.testing.assert_allclose(found, [2.051, 3.154, 3.145, 3.382, 1.302, -0.019], atol=0.003)


def test_known_parameters_are_recovered() -> None:
    """Would catch a biased estimator: 2,000 councils, six years, known figures."""
    accounts, national = world(councils=2000, years=6, b=0.4, c=4.0, nu=8.0, a=0.3, seed=1)
    found = estimate(accounts)
    # errors at 2,000 councils: a quarter of the published ones
    assert found.level_power == pytest.approx(0.4, abs=0.06)
    assert found.scale == pytest.approx(4.0, abs=0.15)
    assert found.prior_df == pytest.approx(8.0, abs=1.5)
    # a scale estimated from the same six years takes part of the correlation with it
    assert 0.2 < found.persistence < 0.3
    np.testing.assert_allclose(found.national, national, atol=0.4)


def test_a_few_wild_councils_do_not_move_the_national_change() -> None:
    """Would catch a mean in place of a robust location."""
    values = np.concatenate([np.random.default_rng(2).normal(1.0, 1.0, 100), [300.0, 400.0]])
    assert robust_location(values[:, None])[0] == pytest.approx(1.0, abs=0.35)


def test_location_agrees_with_maximum_likelihood() -> None:
    """Would catch EM stopped early: SciPy maximises the same likelihood."""
    from scipy import optimize, stats

    values = stats.t.rvs(4, loc=2.0, scale=1.5, size=80, random_state=3)

    def loss(p: np.ndarray) -> float:
        return -float(stats.t.logpdf(values, 4, p[0], np.exp(p[1])).sum())

    best = optimize.minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-8})
    assert robust_location(values[:, None])[0] == pytest.approx(best.x[0], abs=1e-5)


@pytest.mark.parametrize(("lasting", "fades"), [(0.07, 0.22), (0.3, 0.5), (0.0, 0.4)])
def test_lasting_and_fading_invert_their_correlations(lasting: float, fades: float) -> None:
    """Would catch algebra: the correlation at a lag is α + (1 − α) φ^lag."""
    lags = np.array([lasting + (1 - lasting) * fades**lag for lag in (1, 2, 3)])
    assert lasting_and_fading(lags) == pytest.approx((lasting, fades), abs=1e-12)


def test_where_nothing_lasts_all_fades() -> None:
    """Would catch an α below 0."""
    assert lasting_and_fading(np.array([0.3, 0.05])) == (0.0, 0.3)


def test_national_step_by_hand() -> None:
    """(4 · 2² + 1² + 2²) / (4 + 2) = 3.5."""
    assert national_step(np.array([0.0, 1.0, -1.0])) == pytest.approx(np.sqrt(3.5))


def test_bootstrap_errors_are_near_the_published() -> None:
    """Would catch rows resampled in place of councils: errors within a factor of two."""
    found = bootstrap(council_accounts().tier("upper"), resamples=40)
    for name in ("scale", "prior_df", "persistence", "level_power"):
        ratio = found[name].std(ddof=1) / PUBLISHED[name][1]
        assert 0.5 < ratio < 2.0, name


def test_later_rows_do_not_move_an_earlier_estimate() -> None:
    """Would catch a back-test that sees what came: rows after the origin are scrambled."""
    whole = council_accounts().tier("upper")
    rng = np.random.default_rng(4)
    wrong = whole.closing.copy()
    wrong[:, 3:] *= rng.uniform(0.2, 5.0, size=wrong[:, 3:].shape)
    from dataclasses import replace

    changed = replace(
        whole, closing=wrong, opening=np.where(wrong != whole.closing, 1e6, whole.opening)
    )
    for one, other in ((whole, changed),):
        first = estimate(one.until("2012/13"))
        second = estimate(other.until("2012/13"))
        assert first.figures() == second.figures()
        np.testing.assert_array_equal(first.own_scale, second.own_scale)


def test_too_few_councils_have_no_estimate() -> None:
    """Would catch an estimate from one council's five years, given without a warning."""
    with pytest.raises(InputError, match="1 council over 6 years; at least 10 and 2"):
        estimate(council_accounts().take([0]))


def test_contributions_fade_by_hand() -> None:
    """n_last / 2, / 3, / 4, / 5, then 0."""
    np.testing.assert_allclose(fading(-0.6, years=6), [-0.3, -0.2, -0.15, -0.12, 0.0, 0.0])


def test_national_spread_is_the_published() -> None:
    """σ_N of 2.29 % from τ 1.611 and a 0.273 (published): within the rounding of both."""
    found = estimate(council_accounts().tier("upper"))
    assert national_spread(found) == pytest.approx(2.29, abs=0.02)


def test_own_expectation_of_one_lag_is_a_regression() -> None:
    """Would catch weights in the wrong order: with nothing lasting, φ^h times the last year."""
    accounts, _ = world(councils=20, years=4, b=0.4, c=4.0, nu=8.0, a=0.3, seed=5)
    found = replace(estimate(accounts), lasting=0.0, fading=0.5)
    expected = own_expectation(found, years=3)
    for ahead in range(3):
        np.testing.assert_allclose(
            expected[:, ahead], 0.5 ** (ahead + 1) * found.standardised[:, -1], atol=1e-12
        )


def test_inputs_of_the_outturn_are_the_published() -> None:
    """sd 4.45 % of income in the middle council, national part 0.187, as published."""
    upper = council_accounts().tier("upper")
    found = outturn_inputs(estimate(upper), upper, years=5)
    assert float(np.median(found.sd)) == pytest.approx(0.0445, abs=0.002)
    assert float(np.median(found.shared)) == pytest.approx(0.187, abs=0.02)
    assert found.contribution.shape == (150, 5)
