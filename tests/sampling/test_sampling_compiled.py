"""Futures drawn by the compiled library are NumPy's, to the bit."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling_studies import base, study

import riskmc.sampling.compiled
from riskmc.distributions import families
from riskmc.sampling import KEY_BLOCK, Sampler, recorded
from riskmc.sampling.compiled import Compiled, compiled_futures
from riskmc.study import Study, load_study, parse_study
from strategies import decimals, examples, shares_of_one

ROOT = Path(__file__).parents[2]
Values = dict[str, np.ndarray]
needs_library = pytest.mark.skipif(compiled_futures() is None, reason="no C compiler at set-up")

_PART = {"weight": 0.3, "distribution": "constant", "value": 0.01}
#: Every family, each with what is done otherwise within it.
FAMILIES: tuple[dict[str, Any], ...] = (
    {"distribution": "constant", "value": 0.01},
    {"distribution": "normal", "mean": 0.01, "sd": 0.02},
    {"distribution": "normal", "mean": 0.01, "sd": [0.0, 0.02]},
    {"distribution": "normal", "mean": [0.01, 0.02, 0.03], "sd": 0.02},
    {"distribution": "lognormal", "median": 0.01, "p95": 0.03},
    {"distribution": "beta", "mean": 0.5, "sd": 0.1},
    {"distribution": "beta", "mean": 0.01, "sd": 0.02, "low": -0.5, "high": 0.5},
    {"distribution": "uniform", "low": 0.0, "high": 1.0},
    {"distribution": "uniform", "low": -0.1, "high": 0.2},
    {"distribution": "triangular", "low": 0.0, "likely": 0.01, "high": 0.05},
    {"distribution": "pert", "low": 0.0, "likely": [0.01, 0.02], "high": 0.05},
    {"distribution": "student_t", "mean": 0.01, "sd": 0.02, "df": 4},
    {"distribution": "gamma", "mean": 0.02, "sd": 0.01},
    {"distribution": "quantiles", "p5": 0.0, "p50": 0.01, "p95": 0.04},
    {"distribution": "quantiles", "p5": 0.01, "p50": 0.02, "p95": 0.04, "low": 0.0},
    {"distribution": "empirical", "file": "x.csv", "column": "c", "values": [0.0, 0.02, 0.05]},
    {
        "distribution": "mixture",
        "parts": [_PART, {"weight": 0.7, "distribution": "beta", "mean": 0.4, "sd": 0.1}],
    },
    {
        "distribution": "mixture",
        "parts": [_PART, {"weight": 0.7, "distribution": "normal", "mean": 0.01, "sd": 0.02}],
    },
    {
        "distribution": "mixture",
        "parts": [
            {"weight": 0.4, "distribution": "uniform", "low": 0.0, "high": 0.05},
            {"weight": 0.6, "distribution": "lognormal", "median": 0.04, "p95": 0.1},
        ],
    },
    {
        "distribution": "mixture",
        "parts": [_PART, {"weight": 0.7, "distribution": "lognormal", "median": 0.04, "p95": 0.1}],
    },
    {
        "distribution": "posterior",
        "file": "posterior.nc",
        "variable": "deviation",
        "means": [0.0, 0.01, 0.02],
        "sds": [0.01, 0.02, 0.01],
    },
)


def test_the_library_draws_where_there_is_a_compiler() -> None:
    """Would catch a build that leaves it out, or a library that NumPy no longer agrees with."""
    import shutil

    if shutil.which("cc") is None:
        pytest.skip("no C compiler here")
    assert compiled_futures() is not None


def of_every_family(common: dict[str, Any]) -> Study:
    """A body for each case, its distribution drawn as it is and as the size of an event."""
    tables = base()
    tables["drivers"] = {
        "demand_growth": common | {"by": {f"b{i}": case for i, case in enumerate(FAMILIES)}},
        "cost_inflation": {"distribution": "normal", "mean": 0.02, "sd": 0.01, "shared": 1.0},
        "new_burden": common
        | {
            "probability": [0.2, 0.9, 1.0, 0.02],
            "by": {
                f"b{i}": case
                for i, case in enumerate(FAMILIES)
                if case["distribution"] != "posterior"
            },
        },
    }
    tables["correlation"] = {"demand_growth, cost_inflation": 0.3}
    tables["organisations"] = [
        {"id": f"b{i}", "kind": "council", "cost": 100.0, "reserves": 5.0, "place": f"p{i % 2}"}
        for i in range(len(FAMILIES))
    ]
    tables["risks"] = []
    return parse_study(tables)


def differing(drawn: Study, scheme: str, blocks: tuple[int, ...] = (7,)) -> list[str]:
    """Names of drivers in which the library differs from NumPy in any bit."""
    sampler = Sampler(drawn, scheme=scheme)
    found = []
    for block in blocks:
        ours = sampler.unclipped(block)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(recorded, "compiled_futures", lambda: None)
            theirs = sampler.unclipped(block)
        assert list(ours) == list(theirs)
        found += [name for name in theirs if ours[name].tobytes() != theirs[name].tobytes()]
    return found


def test_every_family_is_tried() -> None:
    """Would catch a new family that is never compared."""
    assert {case["distribution"] for case in FAMILIES} == set(families())


@needs_library
@pytest.mark.parametrize(
    "common",
    [
        {},
        {"shared": 1.0},
        {"persistence": 0.4, "shared": 0.3},
        {"shared": 0.5, "shared_place": 0.5, "persistence": 0.9},
    ],
    ids=lambda common: ", ".join(f"{key} {x}" for key, x in common.items()) or "alone",
)
def test_every_family_is_drawn_to_the_bit(common: dict[str, Any]) -> None:
    """Would catch operations in another order, a row used too long, a family taken for another."""
    drawn = of_every_family(common)
    assert differing(drawn, "mc") == differing(drawn, "antithetic") == []


@needs_library
@pytest.mark.parametrize("config", ["example", "council", "county"])
def test_shipped_studies_are_drawn_to_the_bit(config: str) -> None:
    """Would catch a year, a body or a group that is given another's row; risks and schemes too."""
    drawn = load_study(ROOT / "configs" / f"{config}.toml")
    assert differing(drawn, "mc", (3,)) == differing(drawn, "antithetic", (3,)) == []


@needs_library
def test_cost_lines_and_risks_are_drawn_to_the_bit() -> None:
    """Would catch lines that are drawn into the drivers' own rows."""
    tables = base()
    tables["organisations"][0] = {
        "id": "acute",
        "kind": "provider",
        "reserves": 20.0,
        "lines": [{"name": "Pay", "cost": 600.0}, {"name": "Drugs", "cost": 400.0}],
    }
    lines = parse_study(tables)
    assert lines.organisation("acute").lines
    assert differing(lines, "mc") == differing(lines, "antithetic") == []


@needs_library
@examples(6)
@given(data=st.data())
def test_random_studies_are_drawn_to_the_bit(data: st.DataObject) -> None:
    """Would catch combinations of causes, correlation and persistence that no other test has."""
    tables = base()
    names = data.draw(st.lists(st.sampled_from(sorted(tables["drivers"])), min_size=2, unique=True))
    tables["drivers"] = {name: tables["drivers"][name] for name in names}
    for table in tables["drivers"].values():
        table["shared"] = data.draw(shares_of_one())
        table["persistence"] = data.draw(decimals(-0.9, 0.9, 1))
    pair = data.draw(st.permutations(names))[:2]
    tables["correlation"] = {", ".join(pair): data.draw(decimals(-0.9, 0.9, 1))}
    tables["seed"] = data.draw(st.integers(0, 2**63 - 1))
    scheme = data.draw(st.sampled_from(["mc", "antithetic"]))
    block = data.draw(st.one_of(st.integers(0, 9), st.integers(2**32 - 1, 2**32 + 1)))
    assert differing(study(tables), scheme, (block,)) == []


@needs_library
def test_samplers_are_copied_pickled_and_shared_by_threads() -> None:
    """Would catch addresses that travel to another process, or rows shared by two threads."""
    sampler = Sampler(study())
    once = [sampler.unclipped(block) for block in range(4)]
    for other in (pickle.loads(pickle.dumps(sampler)), copy.deepcopy(sampler)):
        assert same(once[1], other.unclipped(1))
    fresh = Sampler(study())
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(fresh.unclipped, range(4)))
    assert all(same(one, other) for one, other in zip(once, again, strict=True))


def same(first: Values, second: Values) -> bool:
    return all(first[name].tobytes() == second[name].tobytes() for name in first)


@needs_library
def test_numpy_draws_where_the_library_draws_anything_else(monkeypatch: Any) -> None:
    """Would catch numbers of the library's own, where NumPy's generator has changed."""

    class Other(Compiled):
        def fill(self, state: Any, row: Any) -> None:
            super().fill(state, row)
            row[17] = np.nextafter(row[17], 9.0)

    monkeypatch.setattr(riskmc.sampling.compiled, "Compiled", Other)
    assert compiled_futures.__wrapped__() is None
    monkeypatch.setattr(riskmc.sampling.compiled, "_SPECIAL", b"double (double)")
    assert compiled_futures.__wrapped__() is None


def test_numpy_draws_where_there_is_no_library(monkeypatch: Any, tmp_path: Path) -> None:
    """Would catch a package that draws nothing where it was installed without a compiler."""
    import riskmc.compiled.library as library

    monkeypatch.setattr(library, "LIBRARY", tmp_path / "none.so")
    library._library.cache_clear()
    try:
        assert compiled_futures.__wrapped__() is None
    finally:
        library._library.cache_clear()


def test_the_tails_of_the_ziggurat_are_met() -> None:
    """Would catch a comparison so short that no normal beyond the last layer is among it."""
    rows = np.random.Generator(np.random.SFC64(1)).standard_normal(2 * KEY_BLOCK)
    assert (np.abs(rows) > 3.6541528853610088).any()
