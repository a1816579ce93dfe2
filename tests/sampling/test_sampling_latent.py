"""The copula: correlation, sharing, persistence and events are those of the note."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sampling_studies import base, study
from scipy import special, stats

from riskmc.errors import InputError
from riskmc.sampling import SCHEMES, Sampler
from riskmc.sampling.correlation import cholesky, components

BLOCKS = 12


def normal(**keys: Any) -> dict[str, Any]:
    return {"distribution": "normal", "mean": 0.0, "sd": 1.0, **keys}


def draws(mapping: dict[str, Any], *names: str, scheme: str = "mc") -> list[np.ndarray]:
    """Return drivers over several blocks, each (T, K, draws)."""
    sampler = Sampler(study(mapping), scheme=scheme)
    blocks = [sampler.unclipped(b) for b in range(BLOCKS)]
    return [np.concatenate([b[name] for b in blocks], axis=2) for name in names]


def corr(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def near(realised: float, wanted: float, n: int) -> bool:
    """Within 4.5 standard errors of a correlation."""
    return abs(realised - wanted) < 4.5 * (1 - wanted**2) / math.sqrt(n)


PAIR = {
    "demand_growth": normal(shared=0.5, persistence=0.6),
    "cost_inflation": normal(shared=0.8, persistence=0.6),
    "savings_delivery": normal(shared=0.0),
}


@pytest.fixture(scope="module", params=SCHEMES)
def triple(request: pytest.FixtureRequest) -> list[np.ndarray]:
    mapping = base()
    mapping["drivers"] = PAIR
    mapping["correlation"] = {
        "demand_growth, cost_inflation": 0.6,
        "demand_growth, savings_delivery": -0.5,
    }
    return draws(mapping, *PAIR, scheme=str(request.param))


def test_every_driver_is_standard_normal_in_every_year(triple: list[np.ndarray]) -> None:
    """A weight that is not a square root shows in the variance."""
    for x in triple:
        n = x.shape[2]
        assert np.abs(x.mean(axis=2)).max() < 4.5 / math.sqrt(n)
        assert np.abs(x.var(axis=2) - 1).max() < 4.5 * math.sqrt(2 / n)


def test_bodies_share_what_is_shared(triple: list[np.ndarray]) -> None:
    """Between two bodies the same driver correlates by λ."""
    for x, shared in zip(triple, (0.5, 0.8, 0.0), strict=True):
        for year in range(4):
            assert near(corr(x[year, 0], x[year, 1]), shared, x.shape[2])


def test_years_are_linked_by_persistence(triple: list[np.ndarray]) -> None:
    """One year apart a, two years apart a²; none where it is 0."""
    for x, a in zip(triple, (0.6, 0.6, 0.0), strict=True):
        for body in range(3):
            assert near(corr(x[0, body], x[1, body]), a, x.shape[2])
            assert near(corr(x[1, body], x[3, body]), a * a, x.shape[2])


def test_drivers_correlate_by_the_formula_of_the_note(triple: list[np.ndarray]) -> None:
    """ρ (sqrt(λλ') + sqrt((1 − λ)(1 − λ'))) within a body and year, ρ sqrt(λλ') across bodies."""
    demand, inflation, savings = triple
    n = demand.shape[2]
    same = 0.6 * (math.sqrt(0.5 * 0.8) + math.sqrt(0.5 * 0.2))
    for year in range(4):
        assert near(corr(demand[year, 1], inflation[year, 1]), same, n)
        assert near(corr(demand[year, 1], inflation[year, 2]), 0.6 * math.sqrt(0.4), n)
    assert near(corr(demand[0, 0], savings[0, 0]), -0.5 * math.sqrt(0.5), n)
    # no correlation typed between these two: only the factor's lower part could make one
    assert near(corr(inflation[0, 0], savings[0, 0]), 0.0, n)


def test_the_formula_test_would_see_the_typed_value() -> None:
    """Negative control: typed and realised differ by more than the tolerance."""
    same = 0.6 * (math.sqrt(0.5 * 0.8) + math.sqrt(0.5 * 0.2))
    assert not near(0.6, same, BLOCKS * 4096)


def test_a_driver_that_is_neutral_somewhere_still_carries_correlation_there() -> None:
    """Its latent exists for the later drivers, whose draws do not depend on its being named."""
    mapping = base()
    mapping["drivers"] = {"cost_inflation": normal(), "savings_delivery": normal()}
    mapping["correlation"] = {"cost_inflation, savings_delivery": 0.7}
    everywhere, savings = draws(mapping, "cost_inflation", "savings_delivery")
    mapping["drivers"]["cost_inflation"] = {"by": {"council": normal()}}
    only_there, still = draws(mapping, "cost_inflation", "savings_delivery")
    np.testing.assert_array_equal(savings, still)
    np.testing.assert_array_equal(everywhere[:, 2], only_there[:, 2])
    assert not only_there[:, :2].any()


def test_scoped_sharing_and_persistence_hold_where_they_are_set() -> None:
    """The council's own λ = 0.25 alongside 0.5: between bodies sqrt(λλ')."""
    (demand,) = draws(base(), "demand_growth")
    n = demand.shape[2]
    assert near(corr(demand[1, 0], demand[1, 1]), 0.5, n)
    assert near(corr(demand[1, 0], demand[1, 2]), math.sqrt(0.5 * 0.25), n)
    assert abs(demand[:, 2].mean() - 0.03) < 4.5 * 0.01 / math.sqrt(n)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_events_happen_as_often_as_typed_and_are_as_large(scheme: str) -> None:
    """Frequency within 4.5 standard errors each year, sizes by Kolmogorov-Smirnov."""
    cut, burden = draws(base(), "in_year_cut", "new_burden", scheme=scheme)
    n = cut.shape[2]
    for x, p in ((cut, 0.15), (burden, 0.2)):
        happened = (x > 0).mean(axis=2)
        assert np.abs(happened - p).max() < 4.5 * math.sqrt(p * (1 - p) / n)
    sizes = cut[0, 0][cut[0, 0] > 0]
    sigma = math.log(0.03 / 0.008) / stats.norm.ppf(0.95)
    assert stats.kstest(sizes, stats.lognorm(sigma, scale=0.008).cdf).pvalue > 1e-3
    np.testing.assert_array_equal(cut[:, 0], cut[:, 2])
    assert near(corr(burden[0, 0] > 0, burden[0, 1] > 0), _joint(0.2, 0.6), n)


def _joint(p: float, shared: float) -> float:
    """Return the correlation of two indicators whose latent normals correlate by `shared`."""
    z = special.ndtri(p)
    both = stats.multivariate_normal(cov=[[1, shared], [shared, 1]]).cdf([z, z])
    return float((both - p * p) / (p * (1 - p)))


def test_risks_happen_as_often_as_typed_and_cost_what_was_typed() -> None:
    """Mean yearly cost is probability × mean impact, within 4.5 standard errors."""
    (cost,) = draws(base(), "one_off_cost")
    ward = cost[0, 0]
    assert near_share((ward > 0).mean(), 0.05, ward.size)
    assert ward[ward > 0].min() >= 2.0
    assert ward.max() <= 20.0
    mean = (2 + 4 * 6 + 20) / 6
    assert abs(ward.mean() - 0.05 * mean) < 4.5 * ward.std() / math.sqrt(ward.size)
    assert not cost[:, 1].any()
    assert (cost[1, 2] > 0).any()


def near_share(realised: float, p: float, n: int) -> bool:
    return abs(realised - p) < 4.5 * math.sqrt(p * (1 - p) / n)


def test_rescue_is_uniform_and_may_be_shared_and_persistent() -> None:
    """Uniform (0, 1) always; only its links can be set."""
    (plain,) = draws(base(), "rescue")
    assert stats.kstest(plain[0, 0], "uniform").pvalue > 1e-3
    assert near(corr(plain[0, 0], plain[0, 1]), 0.0, plain.shape[2])
    mapping = base()
    mapping["drivers"]["rescue"] = {"shared": 0.5, "persistence": 0.9}
    (linked,) = draws(mapping, "rescue")
    assert stats.kstest(linked[3, 0], "uniform").pvalue > 1e-3
    latent = special.ndtri(linked)
    assert near(corr(latent[0, 0], latent[0, 1]), 0.5, plain.shape[2])
    assert near(corr(latent[0, 0], latent[1, 0]), 0.9, plain.shape[2])


def test_cholesky_is_numpys_and_parts_the_matrix() -> None:
    """A wrong factor would show against LAPACK's; unlinked drivers must stand alone."""
    matrix = np.array([[1, 0.2, 0, -0.3], [0.2, 1, 0, 0], [0, 0, 1, 0], [-0.3, 0, 0, 1.0]])
    parts = components(["a", "b", "c", "d"], matrix)
    assert [part.names for part in parts] == [("a", "b", "d"), ("c",)]
    dense = matrix[np.ix_([0, 1, 3], [0, 1, 3])]
    np.testing.assert_allclose(
        cholesky(dense.tolist(), "abd"), np.linalg.cholesky(dense), atol=1e-15
    )
    with pytest.raises(InputError, match="not positive definite"):
        cholesky([[1.0, 1.0], [1.0, 1.0]], "ab")
