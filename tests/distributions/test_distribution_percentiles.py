"""Percentiles in place of a family's own parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from riskmc.distributions import Distribution, families
from riskmc.study.drivers import read_distribution
from riskmc.study.problems import nearest, nearest_key


def read(**table: Any) -> Distribution:
    found: Distribution = read_distribution(table, context=None)
    return found


def test_the_triangle_of_p10_likely_p90() -> None:
    """Hand-solved: (2 - a - 1)^2 = 0.1 (b - a)(2 - a), (b - 6)^2 = 0.1 (b - a)(b - 2).

    Would catch P10 and P90 taken for the ends: mean 2.5 instead of 3.30, P90 3.7 instead of 6.
    """
    found = read(distribution="triangular", p10=1.0, likely=2.0, p90=6.0)
    low, high = found.support
    assert (round(low, 2), round(high, 2), round(found.mean, 2)) == (-0.48, 8.38, 3.30)
    assert (1 - low) ** 2 == pytest.approx(0.1 * (high - low) * (2 - low), rel=1e-9)
    assert (high - 6) ** 2 == pytest.approx(0.1 * (high - low) * (high - 2), rel=1e-9)


def test_a_lognormal_of_p5_and_p95_has_the_geometric_middle() -> None:
    """Would catch percentiles fitted on the plain scale: the median of 1 and 10 is sqrt 10."""
    found = read(distribution="lognormal", p5=1.0, p95=10.0)
    np.testing.assert_allclose(found.quantile(np.array([0.05, 0.5, 0.95])), [1, 10**0.5, 10])
    same = read(distribution="lognormal", median=10**0.5, p5=1.0)
    np.testing.assert_allclose(same.quantile(np.array([0.95])), [10.0])


def test_a_normal_and_a_uniform_against_scipy() -> None:
    """Would catch z of the wrong percentile."""
    found = read(distribution="normal", p20=1.0, p90=2.0)
    sd = 1.0 / (stats.norm.ppf(0.9) - stats.norm.ppf(0.2))
    assert found.sd == pytest.approx(sd, rel=1e-10)
    assert found.mean == pytest.approx(1.0 - sd * stats.norm.ppf(0.2), rel=1e-10)
    assert read(distribution="uniform", p25=1.0, p75=3.0).support == (0.0, 4.0)


@given(
    st.sampled_from(["normal", "lognormal", "uniform", "quantiles"]),
    st.lists(st.integers(1, 99), min_size=2, max_size=2, unique=True),
    st.tuples(st.floats(0.1, 50), st.floats(0.1, 50)),
)
def test_two_percentiles_are_hit(family: str, levels: list[int], sizes: tuple[float, ...]) -> None:
    """Would catch any family whose fit goes wrong at unusual percentiles."""
    first, last = sorted(levels)
    low, high = sizes[0], sizes[0] + sizes[1]
    found = read(distribution=family, **{f"p{first}": low, f"p{last}": high})
    # Parameters keep twelve digits: near percentiles put the ends of a uniform far out.
    far = (high - low) * 100.0 / (last - first)
    np.testing.assert_allclose(
        found.quantile(np.array([first, last]) / 100.0), [low, high], rtol=1e-8, atol=1e-11 * far
    )


@given(st.integers(1, 45), st.integers(55, 99), st.floats(0.0, 1.0), st.floats(0.1, 30))
def test_the_triangle_hits_its_percentiles(p: int, q: int, at: float, width: float) -> None:
    """Would catch the smaller root of the quadratic, or arms swapped."""
    table = {f"p{p}": 1.0, "likely": 1.0 + at * width, f"p{q}": 1.0 + width}
    found = read(distribution="triangular", **table)
    np.testing.assert_allclose(
        found.quantile(np.array([p, q]) / 100.0), [1.0, 1.0 + width], rtol=1e-7
    )


def test_pert_and_triangle_of_three_percentiles() -> None:
    """Would catch a solver that stops before it is there."""
    for family in ("pert", "triangular"):
        found = read(distribution=family, p10=1.0, p50=3.2, p90=6.0)
        np.testing.assert_allclose(found.quantile(np.array([0.1, 0.5, 0.9])), [1.0, 3.2, 6.0])
    found = read(distribution="pert", p10=1.0, likely=2.0, p90=6.0)
    np.testing.assert_allclose(found.quantile(np.array([0.1, 0.9])), [1.0, 6.0])


def test_the_metalog_through_unusual_percentiles_and_bounds() -> None:
    """Would catch the closed form of symmetric percentiles used for others."""
    for table in (
        {"p10": 1.0, "p50": 2.0, "p90": 5.0},
        {"p20": 1.0, "p60": 2.0, "p95": 4.0, "low": 0.0},
        {"p10": 0.1, "p50": 0.4, "p75": 0.6, "low": 0.0, "high": 1.0},
    ):
        found = read(distribution="quantiles", **table)
        levels = [int(key[1:]) for key in table if key.startswith("p")]
        wanted = [value for key, value in table.items() if key.startswith("p")]
        np.testing.assert_allclose(found.quantile(np.array(levels) / 100.0), wanted, rtol=1e-10)
        assert read_distribution(found.model_dump(), context=None) == found


def test_two_percentiles_of_a_metalog_are_a_logistic() -> None:
    """Closed form: P10 and P90 at -log 9 and log 9 make the standard logistic, sd pi / sqrt 3."""
    found = read(distribution="quantiles", p10=-math.log(9), p90=math.log(9))
    assert found.sd == pytest.approx(math.pi / math.sqrt(3), rel=1e-12)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"distribution": "normal", "p10": 2.0, "p90": 1.0}, "must increase"),
        ({"distribution": "normal", "p10": 1.0}, "two percentiles"),
        ({"distribution": "normal", "p10": 1.0, "p90": 2.0, "sd": 1.0}, "not both"),
        ({"distribution": "lognormal", "p10": -1.0, "p90": 2.0}, "above 0"),
        ({"distribution": "triangular", "p10": 1.0, "p90": 2.0}, "and likely"),
        ({"distribution": "triangular", "p10": 1.0, "likely": 3.0, "p90": 2.0}, "between p10"),
        ({"distribution": "triangular", "p10": 1.0, "p50": 1.1, "p90": 9.0}, "p50 must lie"),
        ({"distribution": "quantiles", "p10": 1.0}, "two or three"),
        ({"distribution": "uniform", "p10": "1", "p90": 2.0}, "p10 is not a number"),
        ({"distribution": "beta", "p10": 0.1, "p90": 0.2}, "not permitted"),
    ],
)
def test_percentiles_that_cannot_be_are_refused(table: dict[str, Any], words: str) -> None:
    """Each would otherwise be fitted to nonsense, or dropped."""
    with pytest.raises(ValidationError, match=words):
        read_distribution(table, context=None)


def test_a_near_key_of_another_meaning_is_no_hint() -> None:
    """Would catch "did you mean 'p50'?" for p10, `median` for mean, and smh1 for smh2."""
    assert nearest("p10", ["p5", "p50", "p95"]) == ""
    assert nearest("smh3", ["smh1", "smh2"]) == ""
    assert nearest_key("mean", ["median", "p95"]) == ""
    assert nearest_key("medain", ["median", "p95"]) == "median"
    assert nearest("probabilty", ["probability"]) == "probability"


def test_every_family_says_whether_it_takes_percentiles() -> None:
    """Would catch a family that lists p1 to p99 and refuses them, or the reverse."""
    for name, family in families().items():
        table = {"distribution": name, "p10": 1.0, "p90": "two"}
        with pytest.raises(ValidationError) as caught:
            read_distribution(table, context=None)
        assert ("extra_forbidden" in str(caught.value)) is not family.takes_percentiles, name
