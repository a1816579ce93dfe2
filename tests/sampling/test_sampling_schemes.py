"""What each scheme promises of its points, and how draws are numbered."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from sampling_studies import base, study
from scipy import special, stats

from riskmc.errors import InputError
from riskmc.sampling import POINTS, Sampler, draws_for
from riskmc.sampling.streams import LatinHypercube
from riskmc.variables import DRIVER_NAMES


def normal(**keys: Any) -> dict[str, Any]:
    return {"distribution": "normal", "mean": 0.0, "sd": 1.0, **keys}


def uniforms(x: np.ndarray) -> np.ndarray:
    """Return values of N(0, 1) drivers as uniforms, (..., chain, point)."""
    return np.asarray(special.ndtr(x)).reshape(*x.shape[:-1], -1, POINTS)


def stratified(u: np.ndarray) -> bool:
    """Whether every chain has exactly one point in each 1,024th."""
    strata = np.sort(np.floor(u * POINTS).astype(int), axis=-1)
    return bool((strata == np.arange(POINTS)).all())


def two(scheme: str, shared: float, years: int = 4) -> dict[str, np.ndarray]:
    mapping = base()
    mapping["drivers"] = {
        "demand_growth": normal(shared=shared),
        "tax_shock": normal(shared=shared),
    }
    mapping["correlation"] = {}
    mapping["years"] = years
    return Sampler(study(mapping), scheme=scheme).unclipped(1)


@pytest.mark.parametrize("scheme", ["lhs", "sobol"])
@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_every_chain_is_stratified_in_every_factor(scheme: str, shared: float) -> None:
    """A permutation over the block instead of the chain breaks the strata."""
    values = two(scheme, shared, years=12)
    for name in ("demand_growth", "tax_shock"):
        assert stratified(uniforms(values[name]))
    assert stratified(values["rescue"].reshape(12, 3, -1, POINTS))


def test_plain_draws_are_not_stratified() -> None:
    """Negative control of the check itself."""
    assert not stratified(uniforms(two("mc", 0.0)["demand_growth"]))


def test_national_sobol_factors_are_balanced_together() -> None:
    """Any two early coordinates of a (0, m, 2)-like net fill a 4 × 4 grid far more evenly
    than Latin columns do: chi-squared against equal cells."""

    def unevenness(scheme: str) -> float:
        values = two(scheme, 1.0)
        u, v = (uniforms(values[n])[0, 0] for n in ("demand_growth", "tax_shock"))
        found = []
        for chain in range(4):
            cells, _, _ = np.histogram2d(u[chain], v[chain], bins=8, range=[[0, 1], [0, 1]])
            found.append(((cells - 16.0) ** 2 / 16.0).sum())
        return float(np.mean(found))

    assert unevenness("sobol") < 1e-9
    assert unevenness("lhs") > 20  # about 49 is chance


def test_sobol_coordinates_are_fixed_by_year_and_register() -> None:
    """The table told a second time: dimension = year × 12 + driver, chain by chain."""
    values = two("sobol", 1.0)
    words_source = np.random.Generator(
        np.random.SFC64(np.random.SeedSequence(2016, spawn_key=(*_words("sobol"), 4)))
    )
    points = stats.qmc.Sobol(120, scramble=True, rng=words_source).random_base2(10)
    for name in ("demand_growth", "tax_shock"):
        for year in range(4):
            column = points[:, year * 12 + DRIVER_NAMES.index(name)]
            got = uniforms(values[name])[year, 0, 0]
            np.testing.assert_allclose(got, column + 2.0**-31, atol=1e-12)


def _words(text: str) -> tuple[int, ...]:
    return tuple(int(w) for w in np.frombuffer(hashlib.sha256(text.encode()).digest()[:16], "<u4"))


@pytest.mark.parametrize("scheme", ["lhs", "sobol"])
def test_chains_are_independent_randomisations(scheme: str) -> None:
    """Chains with one scramble or one permutation would be copies of each other."""
    values = two(scheme, 1.0)["demand_growth"]
    chains = values.reshape(4, 3, 4, POINTS)[:, 0]
    for year in range(4):
        if scheme == "lhs":  # Sobol points come in an order, so two scrambles may run alike
            correlation = np.corrcoef(chains[year]) - np.eye(4)
            assert np.abs(correlation).max() < 4.5 / np.sqrt(POINTS)
        assert not np.isin(chains[year, 0], chains[year, 1:]).any()


@pytest.mark.parametrize("scheme", ["lhs", "sobol"])
def test_means_between_chains_vary_less_than_by_chance(scheme: str) -> None:
    """The point of stratifying: the error of a driver's mean all but goes."""
    for shared in (0.0, 1.0):
        means = two(scheme, shared)["demand_growth"].reshape(4, 3, 4, POINTS).mean(axis=-1)
        assert np.abs(means).max() < 0.1 / np.sqrt(POINTS)


def test_antithetic_neighbours_are_opposites_in_everything() -> None:
    """Pairs broken by sharing, persistence, correlation, the uniform or a risk cancel nothing."""
    mapping = base()
    links = {"shared": 0.5, "persistence": 0.4}
    mapping["drivers"] = {
        "demand_growth": normal(**links),
        "cost_inflation": normal(**links),
        "rescue": links,
    }
    mapping["correlation"] = {"demand_growth, cost_inflation": 0.5}
    mapping["risks"][0]["probability"] = 1.0
    mapping["risks"][0]["impact"] = normal()
    for key in ("low", "likely", "high"):
        del mapping["risks"][0][key]
    values = Sampler(study(mapping), scheme="antithetic").unclipped(0)
    for name in ("demand_growth", "cost_inflation"):
        np.testing.assert_array_equal(values[name][..., 0::2], -values[name][..., 1::2])
    ward = values["one_off_cost"][:, 0]
    np.testing.assert_array_equal(ward[..., 0::2], -ward[..., 1::2])
    rescue = values["rescue"]
    np.testing.assert_allclose(rescue[..., 0::2], 1 - rescue[..., 1::2], atol=1e-15)


@pytest.mark.parametrize("jitter", [0.0, 1.0 - 2.0**-53])
def test_a_stratified_column_is_finite_at_the_very_ends(jitter: float) -> None:
    """A uniform of exactly 0, or one that rounds to 1, would be an infinite normal."""

    class Ends(np.random.Generator):
        def random(self, *, out: np.ndarray) -> None:  # type: ignore[override]
            out.fill(jitter)

    row = np.empty(4 * POINTS)
    LatinHypercube(Ends(np.random.SFC64(1))).fill(row)
    assert np.isfinite(row).all()
    assert np.abs(row).max() > 3.0


@pytest.mark.parametrize(
    ("n", "scheme", "chains", "per_chain"),
    [
        (1, "mc", 16, 1),
        (20_000, "mc", 16, 1250),
        (20_001, "mc", 16, 1251),
        (100, "antithetic", 16, 8),
        (160, "antithetic", 16, 10),
        (1, "lhs", 16, 1024),
        (16_385, "lhs", 17, 1024),
        (100_000, "sobol", 98, 1024),
    ],
)
def test_layouts_round_up_as_the_interface_says(
    n: int, scheme: str, chains: int, per_chain: int
) -> None:
    """Too few chains, a chain cut short or a pair parted would make errors wrong."""
    layout = draws_for(n, scheme)
    assert (layout.chains, layout.per_chain) == (chains, per_chain)
    assert layout.total == chains * per_chain >= n


def test_wrong_requests_are_refused_plainly() -> None:
    """No traceback for a scheme or a number that cannot be."""
    with pytest.raises(InputError, match="no 'halton'; allowed: mc, antithetic, lhs, sobol"):
        draws_for(10, "halton")
    with pytest.raises(InputError, match="0 is too small"):
        draws_for(0, "mc")
    with pytest.raises(InputError, match="no 'halton'"):
        Sampler(study(), scheme="halton")
    with pytest.raises(InputError, match="-1 is too small"):
        Sampler(study(), seed=-1)
