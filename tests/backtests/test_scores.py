"""Scores of forecasts: closed forms, and forecasts known to be right or wrong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from riskmc.backtests.cases import Case
from riskmc.backtests.running import score_case
from riskmc.backtests.scores import bootstrap_error, brier, pit, reliability, score


def normal_crps(y: float, mean: float, sd: float) -> float:
    """Gneiting and Raftery 2007, equation 5."""
    z = (y - mean) / sd
    return float(sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi)))


def test_crps_of_a_normal_is_the_closed_form() -> None:
    """Would catch another score, or one of the wrong sign."""
    quantiles = norm.ppf((np.arange(4000) + 0.5) / 4000, loc=2.0, scale=3.0)
    found = score(np.array([0.0, 2.0, 9.0]), np.tile(quantiles, (3, 1)))
    expected = [normal_crps(y, 2.0, 3.0) for y in (0.0, 2.0, 9.0)]
    np.testing.assert_allclose(found.crps, expected, rtol=2e-3)
    np.testing.assert_allclose(found.width, 2 * 1.6449 * 3.0, rtol=2e-3)
    np.testing.assert_allclose(found.error, [2.0, 0.0, -7.0], atol=1e-9)


def test_a_right_forecast_covers_what_it_says() -> None:
    """Would catch bands that are not central: 20,000 units, errors of a third of a point."""
    rng = np.random.default_rng(1)
    ensemble = rng.normal(size=(20_000, 400))
    found = score(rng.normal(size=20_000), ensemble)
    for band, tolerance in ((50, 1.5), (80, 1.2), (90, 1.0)):
        assert 100 * found.inside[band].mean() == pytest.approx(band, abs=tolerance)
    counts = np.histogram(found.pit, np.linspace(0, 1, 11))[0]
    assert np.abs(counts / 2000 - 1).max() < 0.1


def test_a_narrow_forecast_does_not() -> None:
    """Negative control: half the spread covers far less."""
    rng = np.random.default_rng(2)
    found = score(rng.normal(size=5_000), 0.5 * rng.normal(size=(5_000, 400)))
    assert 100 * found.inside[90].mean() < 65


def test_pit_counts_ties_half() -> None:
    """2 of 5 below, 2 equal: 0.6."""
    assert pit(np.array([3.0]), np.array([[1.0, 2.0, 3.0, 3.0, 4.0]]))[0] == pytest.approx(0.6)


def test_brier_and_reliability_by_hand() -> None:
    """(0.2² + 0.2² + 0.6²) / 3; two chances of 0.2 and 0.4 in one class, one of them came."""
    chance, happened = np.array([0.2, 0.2, 0.4]), np.array([0.0, 0.0, 1.0])
    assert brier(chance, happened) == pytest.approx((0.04 + 0.04 + 0.36) / 3)
    (row,) = reliability(chance, happened)
    assert (row.n, row.low, row.high) == (3, 0.2, 0.5)
    assert row.forecast == pytest.approx(0.8 / 3)
    assert row.happened == pytest.approx(1 / 3)


def test_bootstrap_error_of_a_mean_is_its_standard_error() -> None:
    """Would catch cases resampled in place of units: sd / sqrt(n)."""
    values = np.random.default_rng(3).normal(size=400)
    assert bootstrap_error([values]) == pytest.approx(values.std() / 20, rel=0.1)
    # the same scores twice are no more knowledge
    assert bootstrap_error([values, values]) == pytest.approx(values.std() / 20, rel=0.1)


def test_national_and_relative_parts_are_separated() -> None:
    """All units 3 above a right forecast: together wrong, apart right."""
    rng = np.random.default_rng(4)
    nation = 0.5 * rng.normal(size=(1, 2000))
    ensemble = nation + rng.normal(size=(200, 2000))
    came = 3.0 + rng.normal(size=200)
    found = score_case(
        Case("2014/15", "2015/16", 1, tuple(map(str, range(200))), came, {"model": ensemble})
    )
    assert found.pit_together > 0.99
    assert 0.4 < found.pit_apart.mean() < 0.6
