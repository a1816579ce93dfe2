"""What is particular to metalogs, mixtures and data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from distribution_cases import EMPIRICAL, METALOGS, MIXTURES, make
from pydantic import ValidationError
from scipy import integrate, special

from riskmc.distributions import Distribution


@pytest.mark.parametrize("name", METALOGS)
def test_a_metalog_passes_through_its_three_points(name: str) -> None:
    """Wrong coefficients miss the percentiles that were typed."""
    d = METALOGS[name]
    points = d.quantile(np.array([0.05, 0.5, 0.95]))
    given = [value for _, value in d.percentiles]
    np.testing.assert_allclose(points, given, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(d.cdf(points), [0.05, 0.5, 0.95], atol=1e-12)


def test_a_metalog_is_refused_exactly_where_it_stops_rising() -> None:
    """The closed-form limit on p50, set against a numerical search for a falling stretch."""

    def rises(p50: float) -> bool:
        x = np.linspace(-12, 12, 200_001)
        a2 = 1.0 / (2 * math.log(19))
        a3 = (1.0 - 2 * p50) / (0.9 * math.log(19))
        return bool((np.diff(p50 + a2 * x + a3 * 0.5 * np.tanh(x / 2) * x) > 0).all())

    for p50, fine in ((0.1250, True), (0.1248, False), (0.8750, True), (0.8752, False)):
        assert rises(p50) is fine
        if fine:
            make("quantiles", p5=0.0, p50=p50, p95=1.0)
        else:
            with pytest.raises(ValidationError, match=r"between 0\.1249 and 0\.8751"):
                make("quantiles", p5=0.0, p50=p50, p95=1.0)


def test_a_bounded_metalog_names_the_range_allowed_on_its_own_scale() -> None:
    """A range said on the logit scale, or one that is itself refused, helps nobody."""
    with pytest.raises(ValidationError, match=r"between 0\.01676 and 0\.2832"):
        make("quantiles", p5=0.01, p50=0.3, p95=0.4, low=0.0, high=1.0)
    make("quantiles", p5=0.01, p50=0.2831, p95=0.4, low=0.0, high=1.0)


def test_a_metalog_without_a_mean_is_refused_and_one_without_a_variance_says_so() -> None:
    """Fat tails above one bound: a mean of infinity must not pass for a number."""
    with pytest.raises(ValidationError, match="give `high` as well"):
        make("quantiles", p5=0.01, p50=1.0, p95=100.0, low=0.0)
    d = make("quantiles", p5=0.3, p50=1.5, p95=12.0, low=0.0)
    assert d.sd == math.inf
    s = sum(d.coefficients[1:]) - d.coefficients[2] / 2
    assert 0.5 < s < 1
    value, _ = integrate.quad(
        lambda x: float(d._bend(d._line(np.array(x)))) / (4 * math.cosh(x / 2) ** 2),
        -60,
        200,
        limit=500,
    )
    assert d.mean == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("b", [0.2, 0.45, 0.49, 0.6, 0.9])
@pytest.mark.parametrize("side", ["low", "high"])
def test_a_symmetric_metalog_above_a_bound_has_the_moments_of_the_log_logistic(
    b: float, side: str
) -> None:
    """Closed forms πb / sin πb and 2πb / sin 2πb: the far tail must not be cut off."""
    reach = 19.0**b
    if side == "low":
        d = make("quantiles", low=0, p5=2.0 / reach, p50=2.0, p95=2.0 * reach)
        mean = d.mean
    else:
        d = make("quantiles", high=0, p5=-2.0 * reach, p50=-2.0, p95=-2.0 / reach)
        mean = -d.mean
    wanted = 2.0 * math.pi * b / math.sin(math.pi * b)
    assert mean == pytest.approx(wanted, rel=1e-9)
    if b < 0.5:
        square = 4.0 * 2 * math.pi * b / math.sin(2 * math.pi * b)
        assert d.sd == pytest.approx(math.sqrt(square - wanted**2), rel=1e-8)
    else:
        assert d.sd == math.inf


def test_mixture_quantile_has_its_mass_where_it_was_typed() -> None:
    """An atom lost, doubled or moved changes the share of exact zeros."""
    d = MIXTURES["mass at zero"]
    z = special.ndtri((np.arange(10_000) + 0.5) / 10_000)
    x = d.from_normal(z)
    assert np.count_nonzero(x == 0.0) == 2000
    beta = make("beta", mean=0.9, sd=0.05)
    np.testing.assert_allclose(
        x[2000:], beta.quantile((np.arange(2000, 10_000) + 0.5 - 2000) / 8000), atol=1e-7
    )
    inside = MIXTURES["mass inside"].from_normal(z)
    assert np.count_nonzero(inside == 1.0) == 2500


@pytest.mark.parametrize("name", MIXTURES)
def test_mixture_cdf_and_quantile_are_inverse(name: str) -> None:
    """Pieces put together in the wrong order break F(F⁻¹(u)) ≥ u ≥ F(F⁻¹(u)−)."""
    d = MIXTURES[name]
    u = np.linspace(0.001, 0.999, 999)
    x = d.quantile(u)
    assert (np.diff(x) >= 0).all()
    assert (d.cdf(x + 1e-9) >= u - 1e-9).all()
    assert (d.cdf(x - 1e-9) <= u + 1e-9).all()


def test_empirical_is_numpys_default_quantile_and_its_moments_are_those_of_the_lines() -> None:
    """Other plotting positions would differ from NumPy's type 7."""
    u = np.linspace(0, 1, 101)
    np.testing.assert_allclose(EMPIRICAL.quantile(u), np.quantile(EMPIRICAL.values, u), atol=1e-14)
    fine = EMPIRICAL.quantile((np.arange(400_000) + 0.5) / 400_000)
    assert EMPIRICAL.mean == pytest.approx(fine.mean(), rel=1e-9)
    assert EMPIRICAL.sd == pytest.approx(fine.std(), rel=1e-8)
    assert EMPIRICAL.cdf(np.array([-2.0, -1.0, 2.0, 7.5, 9.0])).tolist() == [0, 0, 0.5, 1, 1]


def test_data_that_overlap_another_part_are_drawn_exactly() -> None:
    """A table cannot follow corners: where it fails, values must be right rather than fast."""
    d = make(
        "mixture",
        parts=[
            {
                "weight": 0.5,
                "distribution": "empirical",
                "file": "x.csv",
                "column": "c",
                "values": [0.1, 0.9, 1.0],
            },
            {"weight": 0.5, "distribution": "normal", "mean": 0.5, "sd": 1.0},
        ],
    )
    z = np.linspace(-3.0, 3.0, 101)
    x = d.from_normal(z)
    np.testing.assert_allclose(d.cdf(x), special.ndtr(z), atol=1e-12)
    np.testing.assert_array_equal(x, Distribution.from_normal(d, z))
