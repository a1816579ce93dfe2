"""Reproducibility: a driver's value depends on nothing but its own key, to the bit."""

from __future__ import annotations

import copy
import hashlib
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from sampling_studies import base, study

from riskmc.sampling import KEY_BLOCK, SCHEMES, Sampler, draws_for, sample
from riskmc.variables import DRIVER_NAMES
from strategies import JOINED_LATER

Values = dict[str, np.ndarray]
IDS = ("acute", "ccg", "borough")


def block(mapping: dict[str, Any], scheme: str, number: int = 0) -> Values:
    return Sampler(study(mapping), scheme=scheme).key_block(number)


def assert_same(
    first: Values,
    second: Values,
    *,
    names: tuple[str, ...] = DRIVER_NAMES,
    rows: tuple[list[int], list[int]] = ([0, 1, 2], [0, 1, 2]),
    years: int = 4,
) -> None:
    """Every named driver is equal to the bit, for the organisations paired in `rows`."""
    for name in names:
        left, right = first[name], second[name]
        left, right = left[:years, rows[0]], right[:years, rows[1]]
        np.testing.assert_array_equal(*np.broadcast_arrays(left, right), err_msg=name)


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_mc_streams_are_those_of_the_interface() -> None:
    """The key, the generator and the order of years, told a second time from the note."""
    mapping = base()
    mapping["drivers"]["tax_shock"] = {"distribution": "normal", "mean": 0.0, "sd": 0.125}
    mapping["correlation"] = {}
    # An eighth scales to the bit and keeps every draw above -1, where a shock's meaning ends.
    mapping["drivers"]["funding_shock"]["sd"] = 0.125
    for driver, key, body in (("tax_shock", "borough", 2), ("funding_shock", "*", 0)):
        digest = hashlib.sha256(f"{driver}\0{key}".encode()).digest()[:16]
        words = tuple(int(w) for w in np.frombuffer(digest, "<u4"))
        for number in (0, 3):
            sequence = np.random.SeedSequence(2016, spawn_key=(*words, number))
            normals = np.random.Generator(np.random.SFC64(sequence)).standard_normal((4, KEY_BLOCK))
            got = block(mapping, "mc", number)[driver]
            np.testing.assert_array_equal(got[:, body], 0.125 * normals)


def test_adding_and_removing_an_uncorrelated_driver_changes_no_other(scheme: str) -> None:
    """One generator for all, or a matrix factorised whole, would move the others."""
    full = block(base(), scheme)
    for gone in ("recognition", "new_burden", "in_year_cut"):
        mapping = base()
        del mapping["drivers"][gone]
        rest = tuple(name for name in DRIVER_NAMES if name != gone)
        assert_same(full, block(mapping, scheme), names=rest)
    mapping = base()
    mapping["drivers"]["prevention_yield"] = {"distribution": "gamma", "mean": 0.1, "sd": 0.1}
    mapping["drivers"]["recurrent_share"] = {
        "distribution": "beta",
        "mean": 0.7,
        "sd": 0.1,
        "shared": 0.5,
    }
    rest = tuple(n for n in DRIVER_NAMES if n not in ("prevention_yield", "recurrent_share"))
    assert_same(full, block(mapping, scheme), names=rest)


def test_a_correlated_driver_moves_only_those_it_is_linked_to(scheme: str) -> None:
    """The parts of the correlation matrix that are not linked are factorised apart."""
    mapping = base()
    del mapping["drivers"]["demand_growth"]
    mapping["correlation"] = {"funding_shock, tax_shock": 0.4}
    rest = tuple(
        n for n in DRIVER_NAMES if n not in ("demand_growth", "cost_inflation", "savings_delivery")
    )
    assert_same(block(base(), scheme), block(mapping, scheme), names=rest)


def test_the_order_of_drivers_in_the_file_does_not_matter(scheme: str) -> None:
    """Streams dealt in file order would swap."""
    mapping = base()
    mapping["drivers"] = dict(reversed(mapping["drivers"].items()))
    mapping["correlation"] = dict(reversed(mapping["correlation"].items()))
    assert_same(block(base(), scheme), block(mapping, scheme))


def test_adding_removing_and_reordering_organisations_changes_no_other(scheme: str) -> None:
    """Streams dealt by an organisation's place would shift."""
    full = block(base(), scheme)
    mapping = base()
    mapping["organisations"].reverse()
    assert_same(full, block(mapping, scheme), rows=([0, 1, 2], [2, 1, 0]))
    mapping = base()
    extra = {**mapping["organisations"][0], "id": "other", "name": "Another trust"}
    mapping["organisations"].insert(1, extra)
    assert_same(full, block(mapping, scheme), rows=([0, 1, 2], [0, 2, 3]))
    mapping = base()
    mapping["organisations"] = [o for o in mapping["organisations"] if o["id"] != "ccg"]
    assert_same(full, block(mapping, scheme), rows=([0, 2], [0, 1]))


def test_a_renamed_body_changes_its_own_draws_and_no_other(scheme: str) -> None:
    """The id is the key: the renamed body's local factors move, nobody else's do."""
    full = block(base(), scheme)
    mapping = base()
    mapping["organisations"][1]["id"] = "icb"
    changed = block(mapping, scheme)
    assert_same(full, changed, rows=([0, 2], [0, 2]))
    for name in ("demand_growth", "recognition", "rescue", "savings_delivery"):
        assert not np.isin(changed[name][:, 1], full[name]).any()
    for name in ("funding_shock", "in_year_cut"):  # wholly national
        np.testing.assert_array_equal(changed[name], full[name])


def test_regimes_change_no_draw(scheme: str) -> None:
    """Common random numbers: a difference between regimes is the rules' doing."""
    mapping = base()
    mapping["regimes"]["other"] = copy.deepcopy(mapping["regimes"]["current"])
    mapping["regimes"]["other"]["settlement"] = {"period": 2, "in_year_cuts": "protected"}
    assert_same(block(base(), scheme), block(mapping, scheme))


def test_risks_change_no_other_draw_and_not_each_other(scheme: str) -> None:
    """Risks in one shared stream would move when one is added, dropped or put elsewhere."""
    full = block(base(), scheme)
    rest = tuple(name for name in DRIVER_NAMES if name != "one_off_cost")
    mapping = base()
    mapping["risks"].reverse()
    assert_same(full, block(mapping, scheme))
    mapping = base()
    fire = {
        "name": "Fire",
        "organisation": "acute",
        "probability": 0.2,
        "impact": {"distribution": "gamma", "mean": 3.0, "sd": 2.0},
    }
    mapping["risks"].append(fire)
    added = block(mapping, scheme)
    assert_same(full, added, names=rest)
    np.testing.assert_array_equal(added["one_off_cost"][:, 2], full["one_off_cost"][:, 2])
    mapping["risks"] = [fire]
    alone = block(mapping, scheme)["one_off_cost"][:, 0]
    both = added["one_off_cost"][:, 0]
    ward = full["one_off_cost"][:, 0]
    np.testing.assert_array_equal(alone + ward, both)
    mapping["risks"] = []
    none = block(mapping, scheme)
    assert_same(full, none, names=rest)
    assert not none["one_off_cost"].any()


def test_many_risks_of_one_body_sum_alike_in_any_order(scheme: str) -> None:
    """Three numbers added in another order differ in the last bit."""
    mapping = base()
    mapping["risks"] = [
        {
            "name": name,
            "organisation": "acute",
            "probability": 0.9,
            "impact": {"distribution": "gamma", "mean": mean, "sd": 2.0},
        }
        for name, mean in (("Roof", 3.1), ("Fire", 0.7), ("Flood", 11.3), ("Strike", 5.9))
    ]
    first = block(mapping, scheme)
    mapping["risks"] = [mapping["risks"][place] for place in (2, 0, 3, 1)]
    assert_same(first, block(mapping, scheme))


def test_one_national_cause_may_have_another_size_for_another_body() -> None:
    """Bodies that share every cause are copied only where their distributions agree."""
    mapping = base()
    mapping["drivers"]["funding_shock"]["by"] = {"council": {"sd": 0.016}}
    values = block(mapping, "mc")["funding_shock"]
    np.testing.assert_array_equal(values[:, 0], values[:, 1])
    np.testing.assert_allclose(values[:, 2], 2 * values[:, 0], rtol=1e-14)


def test_the_years_of_a_risk_do_not_move_it(scheme: str) -> None:
    """A risk that skips its early years must not draw the later ones from earlier numbers."""
    mapping = base()
    del mapping["risks"][1]["years"]
    every = block(mapping, scheme)["one_off_cost"][:, 2]
    some = block(base(), scheme)["one_off_cost"][:, 2]
    np.testing.assert_array_equal(some[1:3], every[1:3])
    assert not some[[0, 3]].any()
    assert every[[0, 3]].any()


@pytest.mark.parametrize("years", [1, 12])
def test_another_horizon_leaves_the_years_it_shares_alone(scheme: str, years: int) -> None:
    """Draws laid out draw by draw, not year by year, would all move."""
    longer = base()
    longer["years"] = years
    if years == 1:
        longer["risks"][1]["years"] = ["2016/17"]
        mapping = base()
        mapping["risks"][1]["years"] = ["2016/17"]
    else:
        mapping = base()
    assert_same(block(mapping, scheme), block(longer, scheme), years=min(years, 4))


def test_more_draws_keep_the_first(scheme: str) -> None:
    """A draw keeps its number and its values whatever the total."""
    few = sample(study(), draws=2_000, scheme=scheme)
    many = sample(study(), draws=20_500, scheme=scheme)
    for name in DRIVER_NAMES:
        numbered = [
            x[name].transpose("year", "organisation", "chain", "draw").values.reshape(4, 3, -1)
            for x in (few, many)
        ]
        size = numbered[0].shape[-1]
        assert numbered[1].shape[-1] > size
        np.testing.assert_array_equal(numbered[0], numbered[1][..., :size])


def test_blocks_are_made_in_any_order_by_threads_and_processes_alike(scheme: str) -> None:
    """State kept between blocks would show when they come in another order or elsewhere."""
    sampler = Sampler(study(), scheme=scheme)
    in_order = [sampler.key_block(b) for b in range(4)]
    with ThreadPoolExecutor(4) as pool:
        shuffled = dict(zip((3, 1, 0, 2), pool.map(sampler.key_block, (3, 1, 0, 2)), strict=True))
    copied = pickle.loads(pickle.dumps(Sampler(study(), scheme=scheme)))
    for number, values in enumerate(in_order):
        assert_same(values, shuffled[number])
    assert_same(in_order[2], copied.key_block(2))


def test_a_block_may_be_written_over_another(scheme: str) -> None:
    """Would catch what an earlier block left behind, in risks above all, which are added up."""
    sampler = Sampler(study(), scheme=scheme)
    fresh = sampler.key_block(1)
    kept = {name: values.copy() for name, values in fresh.items()}
    again = sampler.key_block(1, sampler.key_block(0))
    assert_same(again, fresh)
    over = sampler.key_block(2, fresh)
    assert all(over[name] is fresh[name] for name in DRIVER_NAMES)
    assert_same(sampler.key_block(1, over), kept)


def test_blocks_and_seeds_differ(scheme: str) -> None:
    """Negative control: what should differ does, in every driver that varies."""
    first, second = block(base(), scheme), block(base(), scheme, 1)
    other = Sampler(study(), seed=2017, scheme=scheme).key_block(0)
    for name in ("demand_growth", "recognition", "rescue", "savings_delivery"):
        assert not np.isin(first[name], second[name]).any()
        assert not np.isin(first[name], other[name]).any()


def test_drivers_and_bodies_have_streams_of_their_own(scheme: str) -> None:
    """Two streams with one key would be perfectly correlated: none may be above chance."""
    values = block(base(), scheme)
    rows = [
        values[name][year, body]
        for name in ("recognition", "rescue")
        for year in range(4)
        for body in range(3)
    ]
    correlation = np.corrcoef(np.array(rows)) - np.eye(len(rows))
    independent = KEY_BLOCK // 2 if scheme == "antithetic" else KEY_BLOCK
    assert np.abs(correlation).max() < 4.5 / np.sqrt(independent)


def test_shapes_are_what_the_engine_expects(scheme: str) -> None:
    """(T, K, 4096), contiguous; a driver that does not vary takes no room."""
    values = block(base(), scheme)
    assert tuple(values) == DRIVER_NAMES
    for name, x in values.items():
        constant = name in ("recurrent_share", "prevention_yield", "vote")
        constant = constant or name in JOINED_LATER
        assert x.shape == ((1, 3, 1) if constant else (4, 3, KEY_BLOCK))
        assert x.flags.c_contiguous
        assert x.dtype == np.float64
    assert (values["recurrent_share"] == 1.0).all()
    assert (values["tax_shock"][:, :2] == 0.0).all()
    assert values["tax_shock"][:, 2].all()


def test_every_key_block_is_filled_up_by_whole_chains() -> None:
    """Chains of 1,024 must not straddle key blocks."""
    assert draws_for(100_000, "lhs").total % KEY_BLOCK in (0, 1024, 2048, 3072)
