"""Every family against SciPy or a closed form: moments, quantiles, tables, events."""

from __future__ import annotations

import math

import numpy as np
import pytest
from distribution_cases import AGAINST_SCIPY, ALL, MIXTURES, make
from scipy import special, stats

from riskmc.distributions import Distribution, event_from_normal


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20161104)


U = np.array([1e-6, 0.001, 0.05, 0.2, 0.5, 0.8, 0.95, 0.999, 1 - 1e-6])


def phi_of(z: np.ndarray) -> np.ndarray:
    return np.asarray(special.ndtr(z))


@pytest.mark.parametrize("name", AGAINST_SCIPY)
def test_quantiles_cdf_and_moments_are_scipys(name: str) -> None:
    """A wrong parametrisation (scale for sd, shape for mean) shows in one of these."""
    ours, theirs = AGAINST_SCIPY[name]
    scale = theirs.std()
    np.testing.assert_allclose(ours.quantile(U), theirs.ppf(U), rtol=1e-9, atol=1e-9 * scale)
    x = theirs.ppf(np.linspace(0.01, 0.99, 37))
    np.testing.assert_allclose(ours.cdf(x), theirs.cdf(x), atol=1e-12)
    assert ours.mean == pytest.approx(theirs.mean(), rel=1e-12, abs=1e-12 * scale)
    assert ours.sd == pytest.approx(scale, rel=1e-12)
    low, high = theirs.support()
    assert ours.support == pytest.approx((low, high))


@pytest.mark.parametrize("name", ALL)
def test_moments_are_the_integrals_of_the_quantile_function(name: str) -> None:
    """Moments that forget a tail, a bound or an atom differ from quadrature of F⁻¹."""
    d = ALL[name]
    nodes, weights = np.polynomial.legendre.leggauss(20)
    # each half of (0, 1) in the logarithm of its own tail, in short panels
    mean = square = 0.0
    deep = -250.0 if "student" in name else -60.0
    edges = np.linspace(deep, math.log(0.5), 301 if deep > -100 else 1501)
    half = np.diff(edges)[:, None] / 2
    t = edges[:-1, None] + half * (1 + nodes)
    p, w = np.exp(t), np.exp(t) * half * weights
    halves = [d.tail(p.ravel(), upper=upper).reshape(p.shape) for upper in (False, True)]
    mean = sum(math.fsum((w * x).ravel()) for x in halves)
    square = sum(math.fsum((w * (x - mean) ** 2).ravel()) for x in halves)
    loose = 2e-3 if name in MIXTURES or name == "empirical" else 1e-8
    assert d.mean == pytest.approx(mean, rel=loose, abs=loose * (d.sd or 1))
    assert d.sd == pytest.approx(math.sqrt(square), rel=loose, abs=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_from_normal_is_the_exact_quantile_of_phi(name: str) -> None:
    """A table too coarse, or off by an interval, errs by more than 1e-6 sd within ±5."""
    d = ALL[name]
    z = np.linspace(-4.999, 4.999, 30_011)
    exact = Distribution.from_normal(d, z)
    assert np.abs(d.from_normal(z) - exact).max() <= 1e-6 * (d.sd or 1)
    central = np.abs(z) < 3
    by_quantile = d.quantile(phi_of(z[central]))
    assert np.abs(by_quantile - exact[central]).max() <= 1e-6 * (d.sd or 1)


@pytest.mark.parametrize("name", ALL)
def test_from_normal_far_out_stays_finite_ordered_and_in_bounds(name: str) -> None:
    """Running off the table's end, or past a bound, would show as a value out of place."""
    d = ALL[name]
    z = np.array([-40.0, -9.0, -8.5, -8.0, -5.0, 0.0, 5.0, 8.0, 8.5, 9.0, 40.0])
    x = d.from_normal(z)
    if d.support[0] > -math.inf or name not in ("normal",):
        assert np.isfinite(x).all()
    assert (np.diff(x) >= -1e-12 * abs(x[1:])).all()
    assert x.min() >= d.support[0]
    assert x.max() <= d.support[1]


@pytest.mark.parametrize("name", ALL)
def test_from_normal_writes_in_place_and_keeps_shape(name: str) -> None:
    """`out=z` that is read after it is written would change the answer."""
    d = ALL[name]
    z = np.random.default_rng(1).standard_normal((3, 5, 7))
    fresh = d.from_normal(z)
    assert fresh.shape == z.shape
    again = z.copy()
    assert d.from_normal(again, out=again) is again
    np.testing.assert_array_equal(again, fresh)
    row = np.stack([z[0, 0], z[0, 0]])
    d.from_normal(row[0], out=row[1])
    np.testing.assert_array_equal(row[1], fresh[0, 0])


@pytest.mark.parametrize("name", ALL)
def test_draws_follow_the_distribution(name: str, rng: np.random.Generator) -> None:
    """Draws through the table fit F by Kolmogorov-Smirnov and in the mean, 4 standard errors."""
    d = ALL[name]
    z = rng.standard_normal(20_000)
    x = d.from_normal(z)
    if d.sd > 0 and name not in ("student_t fat",):
        assert abs(x.mean() - d.mean) < 4 * d.sd / math.sqrt(x.size)
    if name not in ("constant", *MIXTURES, "empirical"):
        assert stats.kstest(x, d.cdf).pvalue > 1e-3


def test_the_fit_test_would_see_another_distribution(rng: np.random.Generator) -> None:
    """Negative control: a mean wrong by a tenth of an sd is refused at these sizes."""
    x = make("beta", mean=0.87, sd=0.09).from_normal(rng.standard_normal(20_000))
    assert stats.kstest(x, make("beta", mean=0.879, sd=0.09).cdf).pvalue < 1e-6


@pytest.mark.parametrize("probability", [0.003, 0.15, 0.5, 1.0])
@pytest.mark.parametrize("name", ["lognormal by quantiles", "pert", "mass at zero", "constant"])
def test_an_event_is_the_formula_of_the_note(name: str, probability: float) -> None:
    """0 where Φ(z) ≤ 1 − p, else F⁻¹((Φ(z) − (1 − p)) / p)."""
    d = ALL[name]
    z = np.linspace(-4.5, 4.5, 9_001)
    u = special.ndtr(z)
    inside = np.clip((u - (1 - probability)) / probability, 0.0, 1.0)
    wanted = np.where(u <= 1 - probability, 0.0, d.quantile(inside))
    got = event_from_normal(z, probability=probability, distribution=d)
    sure = np.abs(u - (1 - probability)) > 1e-12
    np.testing.assert_allclose(got[sure], wanted[sure], rtol=1e-6, atol=2e-6 * (d.sd or 1))
    kept = z.copy()
    event_from_normal(kept, probability=probability, distribution=d, out=kept)
    np.testing.assert_array_equal(kept, got)


def test_an_event_of_no_probability_never_happens_and_nan_stays_nan() -> None:
    """A failed draw that turned into 'no event' would be a silent zero."""
    z = np.array([-1.0, 9.0, math.nan])
    assert np.array_equal(
        event_from_normal(z, probability=0.0, distribution=ALL["pert"]),
        [0.0, 0.0, math.nan],
        equal_nan=True,
    )


@pytest.mark.parametrize("name", ["beta", "overlap", "free", "empirical", "gamma"])
def test_nan_goes_through_as_nan(name: str) -> None:
    """Failures are data: no family may make a number of a NaN."""
    assert np.isnan(ALL[name].from_normal(np.array([0.0, math.nan]))[1])


def test_equal_distributions_share_one_table_and_others_have_their_own() -> None:
    """A key that leaves a parameter out would draw one body's values from another's table."""
    made = [make("pert", low=1.0, likely=2.0, high=top) for top in (5.0, 5.0, 6.0)]
    tables = [distribution.table for distribution in made]
    assert tables[0] is tables[1]
    assert tables[2] is not tables[0]
    assert tables[2].high == 6.0
