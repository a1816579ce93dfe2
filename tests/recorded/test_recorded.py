"""The recorded engine is NumPy's engine, to the bit (but for the sign of a zero)."""

from __future__ import annotations

import ctypes
import gc
import itertools
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, reject, settings
from hypothesis import strategies as st

import riskmc
from devices_at_random import device_studies
from riskmc.compiled import LIBRARY
from riskmc.compiled.library import of_these_sources
from riskmc.engine.blocks import run_block
from riskmc.engine.programme import Programme, compile_regime
from riskmc.engine.recorded import playing
from riskmc.engine.recorded.player import TILE, BoundTape, compiled_player
from riskmc.engine.recorded.recording import Recording
from riskmc.engine.recorded.symbols import Graph, Node, symbols
from riskmc.engine.recorded.tape import record_tape
from riskmc.errors import StudyError
from riskmc.sampling import Sampler
from riskmc.study import Study, load_study, parse_study
from riskmc.variables import DRIVERS, HEADLINE_NAMES, PLACE_NAMES, VARIABLE_NAMES, variable
from strategies import examples

ROOT = Path(__file__).parents[2]
#: More than a tile, and not a whole number of them.
DRAWS = TILE + 37
needs_player = pytest.mark.skipif(compiled_player() is None, reason="no C compiler at set-up")
Values = dict[str, np.ndarray]


def test_there_is_a_player_where_there_is_a_compiler() -> None:
    """Would catch a build that leaves the player out, so that every test below is skipped."""
    import shutil

    if shutil.which("cc") is None:
        pytest.skip("no C compiler here")
    assert LIBRARY.exists()
    assert compiled_player() is not None


def zeros(study: Study, names: Any, *, float_type: Any = np.float64) -> tuple[Values, Values]:
    bodies, years = len(study.organisations), study.years

    def kind(name: str) -> Any:
        return bool if name in VARIABLE_NAMES and variable(name).kind == "flag" else float_type

    kept = {name: np.zeros((bodies, years, DRAWS), kind(name)) for name in names}
    return kept, {name: np.zeros((years, DRAWS), kind(name)) for name in PLACE_NAMES}


def differing(programme: Programme, study: Study, drivers: Values, names: Any) -> list[str]:
    """Names of variables in which the player's outcomes are not NumPy's."""
    player = compiled_player()
    assert player is not None
    ours, theirs = zeros(study, names), zeros(study, names)
    run_block((programme,), drivers, [ours[0]], [ours[1]], draws=DRAWS)
    player([Recording(programme, drivers, *theirs).bound(drivers, *theirs)], DRAWS)
    return [
        f"{group} {name}"
        for group, one, other in (("body", ours[0], theirs[0]), ("place", ours[1], theirs[1]))
        for name in one
        if not np.array_equal(one[name], other[name], equal_nan=one[name].dtype != bool)
    ]


@needs_player
@pytest.mark.parametrize("config", ["example", "council"])
@pytest.mark.parametrize("names", [VARIABLE_NAMES, HEADLINE_NAMES, ()])
def test_shipped_studies_are_played_to_the_bit(config: str, names: tuple[str, ...]) -> None:
    """Would catch registers given away too early, or an operation with its operands turned."""
    study = load_study(ROOT / "configs" / f"{config}.toml")
    drivers = {
        name: x if x.shape[2] == 1 else x[..., :DRAWS]
        for name, x in Sampler(study, seed=1, scheme="mc").key_block(0).items()
    }
    for regime in study.regimes:
        assert differing(compile_regime(study, regime), study, drivers, names) == []


@needs_player
@settings(
    examples(8),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a tape is dear to shrink
)
@given(data=st.data())
def test_random_mixtures_of_devices_are_played_to_the_bit(data: st.DataObject) -> None:
    """Would catch a device whose rule is recorded as something else; extremes and NaN too."""
    try:
        study = parse_study(data.draw(device_studies()))
    except StudyError:
        reject()
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    shape = (study.years, len(study.organisations), DRAWS)
    drivers = {}
    for row in DRIVERS:
        low, high = max(row.low, -0.4), min(row.high, 2.0)
        drivers[row.name] = rng.uniform(low, high, shape)
    drivers["project_delivery"] = rng.uniform(0.0, 1.5, (1, len(study.projects), DRAWS))
    if data.draw(st.booleans()):
        drivers["demand_growth"][0, 0, :3] = np.nan, np.inf, 1e300
    for regime in study.regimes:
        programme = compile_regime(study, regime)
        assert differing(programme, study, drivers, VARIABLE_NAMES) == []


@needs_player
@pytest.mark.parametrize("keep", ["all", "headline", "summaries"])
def test_a_run_is_the_same_played_or_not(keep: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a player that is fed another block, or outcomes kept in another type."""
    study = load_study(ROOT / "configs" / "example.toml")
    how: dict[str, Any] = {"draws": 4096 + 512, "seed": 5, "keep": keep, "workers": 2}
    plain = riskmc.run(study, **how)
    monkeypatch.setattr(playing, "PLAYED_FROM", 1)
    played = riskmc.run(study, **how)
    for group in plain.groups[1:]:
        one, other = plain[group].to_dataset(), played[group].to_dataset()
        for name in one.data_vars:
            np.testing.assert_array_equal(one[name].values, other[name].values, err_msg=str(name))


@needs_player
def test_rules_recorded_once_serve_drivers_that_are_alike_in_all_draws_but_not_the_same() -> None:
    """Would catch the one value of a driver left in the rules recorded for another."""
    study = load_study(ROOT / "configs" / "example.toml")
    programmes = [compile_regime(study, name) for name in study.regimes]
    sampled = Sampler(study, seed=1, scheme="mc").key_block(0)
    drivers = {name: x if x.shape[2] == 1 else x[..., :DRAWS] for name, x in sampled.items()}
    shared = playing.Regimes(programmes, playing.PLAYED_FROM)
    for growth in (0.01, 0.05):
        alike = {**drivers, "demand_growth": np.full((1, len(study.organisations), 1), growth)}
        ours, theirs = zeros(study, ()), zeros(study, ())
        shared.run_one(0, alike, *ours, draws=DRAWS)
        run_block(programmes[:1], alike, [theirs[0]], [theirs[1]], draws=DRAWS)
        np.testing.assert_array_equal(ours[1]["deficit"], theirs[1]["deficit"])


def _nodes() -> int:
    return sum(type(x) is Node for x in gc.get_objects())


def test_a_recorded_graph_is_let_go_of() -> None:
    """Would catch a hundred thousand operations that hold one another after each recording."""
    study = load_study(ROOT / "configs" / "example.toml")
    sampled = Sampler(study, seed=1, scheme="mc").key_block(0)
    drivers = {name: x if x.shape[2] == 1 else x[..., :DRAWS] for name, x in sampled.items()}
    before = _nodes()
    Recording(compile_regime(study, "current"), drivers, *zeros(study, HEADLINE_NAMES))
    assert _nodes() == before


def test_a_driver_that_is_the_second_operand_is_no_operation() -> None:
    """Would catch a row that is given taken for an operation once two others wait for it."""
    graph = Graph()
    x = symbols(np.array([graph.node("driver", "x", 0, 0)], dtype=object))
    turned = 1.0 - x
    tape = record_tape(graph, [((turned / x)[0], ("outcome", "z", 0, 0), np.dtype(np.float64))])
    assert [tape.rows[i] for i in range(2)] == [("driver", "x", 0, 0), ("outcome", "z", 0, 0)]
    assert len(tape.operations) == 2


def test_a_rule_that_asks_whether_a_symbol_is_true_is_not_recorded() -> None:
    """Would catch a branch on the first draw's value, taken for every draw."""
    cell = Graph().node("driver", "rescue", 0, 0)
    array = symbols(np.array([[cell]], dtype=object))
    with pytest.raises(TypeError, match="cannot be recorded"):
        bool((array < 0.5)[0, 0])
    with pytest.raises(TypeError, match="is not recorded"):
        np.exp(array)
    with pytest.raises(TypeError, match="array of numbers"):
        np.add(array, 1.0, out=np.zeros((1, 1)))


@needs_player
@pytest.mark.parametrize(
    "ufunc",
    [
        np.add,
        np.subtract,
        np.multiply,
        np.divide,
        np.maximum,
        np.minimum,
        np.less,
        np.less_equal,
        np.greater,
        np.greater_equal,
        np.equal,
        np.not_equal,
    ],
)
def test_every_operation_on_rows_and_numbers(ufunc: np.ufunc) -> None:
    """Would catch an operation played as another, or with its operands turned; NaN included."""
    special = np.array([0.0, 1.0, -1.0, 2.5, -3.5, np.inf, -np.inf, np.nan, 1e-308, 1e308])
    one, other = (np.array(x) for x in zip(*itertools.product(special, special), strict=True))
    player = compiled_player()
    assert player is not None
    graph = Graph()
    x, y = (
        symbols(np.array([graph.node("driver", name, 0, 0)], dtype=object)) for name in ("x", "y")
    )
    cases = [(x, y), (x, 2.5), (2.5, y), (x, np.nan), (np.nan, y)]
    cells = [
        (ufunc(a, b)[0], ("place", str(i), 0), np.dtype(float)) for i, (a, b) in enumerate(cases)
    ]
    tape = record_tape(graph, cells)
    out = np.zeros((len(cases), one.size))
    rows = [
        {"x": one, "y": other}[row[1]] if row[0] == "driver" else out[int(row[1])]
        for row in tape.rows
    ]
    starts = np.array([row.ctypes.data for row in rows], np.uintp)
    sizes = np.array([row.itemsize for row in rows], np.int32)
    player([BoundTape(tape, starts, sizes, rows)], one.size)
    with np.errstate(all="ignore"):
        values = {id(x): one, id(y): other}
        for found, (a, b) in zip(out, cases, strict=True):
            expected = ufunc(values.get(id(a), a), values.get(id(b), b)).astype(float)
            np.testing.assert_array_equal(found, np.broadcast_to(expected, found.shape))


@needs_player
def test_a_library_of_other_sources_is_not_used(tmp_path: Path) -> None:
    """Would catch wrong numbers, or a crash, after an update that was not compiled again.

    The player's registers went from 512 to 256 doubles: an old library wrote beyond them.
    """
    from hatch_build import digest_of

    source = str(LIBRARY.with_name("sources.c"))
    for digest, ours in ((digest_of(LIBRARY.parent), True), ("another version", False)):
        built = tmp_path / f"{ours}.so"
        said = f'-DRISKMC_SOURCES="{digest}"'
        subprocess.run(["cc", "-shared", "-fPIC", said, "-o", str(built), source], check=True)
        assert of_these_sources(ctypes.CDLL(str(built))) is ours
