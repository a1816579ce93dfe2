"""Series recorded with the rules, and folded as they are played, are NumPy's, to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, reject, settings
from hypothesis import strategies as st

from devices_at_random import device_studies
from riskmc.engine.programme import compile_regime
from riskmc.engine.recorded.player import TILE, compiled_player
from riskmc.engine.recorded.playing import PLAYED_FROM, Regimes
from riskmc.engine.recorded.symbols import Graph, symbols
from riskmc.engine.recorded.tape import record_tape
from riskmc.errors import StudyError
from riskmc.measures.summary_reader import summary_plan
from riskmc.sampling import Layout, Sampler
from riskmc.study import Study, load_study, parse_study
from riskmc.summaries.blocks import PASS, BlockFolder
from riskmc.variables import DRIVERS
from strategies import examples

CONFIGS = Path(__file__).parents[1] / "configs"
needs_player = pytest.mark.skipif(compiled_player() is None, reason="no C compiler at set-up")
Arrays = dict[str, np.ndarray]


def folder(study: Study, draws: int) -> BlockFolder:
    """What folds the study; from PLAYED_FROM draws on it plays."""
    regimes = Regimes([compile_regime(study, name) for name in study.regimes], draws)
    return BlockFolder(study, regimes, Layout(16, 1024), "mc", summary_plan())


def differing(study: Study, drivers: Arrays, draws: int) -> list[str]:
    """Names of what differs in any bit between a block that is played and NumPy's."""
    played, plain = folder(study, PLAYED_FROM), folder(study, 0)
    with np.errstate(all="ignore"):
        grid, reference = (x.survey(drivers, draws) for x in (played, plain))
        found = [x.fold(reference, drivers, draws=draws, first=0) for x in (played, plain)]
    arrays = [{**tally.arrays(), **moments.arrays()} for tally, moments in found]
    arrays[0] |= {f"grid {name}": x for name, x in vars(grid).items()}
    arrays[1] |= {f"grid {name}": getattr(reference, name) for name in vars(grid)}
    return [
        name
        for name, x in arrays[0].items()
        if not np.array_equal(x, arrays[1][name], equal_nan=x.dtype == float)
    ]


def drawn(study: Study, draws: int) -> Arrays:
    drivers = Sampler(study, seed=3, scheme="mc").key_block(0)
    return {name: x if x.shape[2] == 1 else x[..., :draws] for name, x in drivers.items()}


@needs_player
@pytest.mark.parametrize("draws", [PASS + TILE + 37, PASS + 1])
def test_a_shipped_study_is_folded_to_the_bit(draws: int) -> None:
    """Would catch a count of the other regime, a row of another body, a threshold of another.

    And years added up in another order, of the one draw in a pass.
    """
    study = load_study(CONFIGS / "example.toml").replaced(years=9)
    assert differing(study, drawn(study, draws), draws) == []


@needs_player
def test_a_regime_alone_has_no_differences() -> None:
    """Would catch flags kept for a comparison that there is not."""
    study = load_study(CONFIGS / "council.toml")
    alone = study.replaced(regimes=dict([next(iter(study.regimes.items()))]), behaviour={})
    assert differing(alone, drawn(alone, TILE), TILE) == []


@needs_player
@settings(examples(4), phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_random_mixtures_of_devices_are_folded_to_the_bit(data: st.DataObject) -> None:
    """Would catch a series recorded as something else; a draw that is not finite in any amount."""
    try:
        study = parse_study(data.draw(device_studies()))
    except StudyError:
        reject()
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    draws = TILE + 5
    shape = (study.years, len(study.organisations), draws)
    drivers = {
        row.name: rng.uniform(max(row.low, -0.4), min(row.high, 2.0), shape) for row in DRIVERS
    }
    drivers["project_delivery"] = rng.uniform(0.0, 1.5, (1, len(study.projects), draws))
    if data.draw(st.booleans()):
        drivers["demand_growth"][0, 0, :3] = np.nan, np.inf, 1e300
    assert differing(study, drivers, draws) == []


@needs_player
def test_a_failed_draw_sends_its_block_to_the_reference() -> None:
    """Would catch a failed draw folded as if it counted, and a block folded twice."""
    study = load_study(CONFIGS / "example.toml")
    drivers: dict[str, Any] = drawn(study, TILE)
    drivers["demand_growth"] = drivers["demand_growth"].copy()
    drivers["demand_growth"][-1, 0, 7] = np.nan
    assert differing(study, drivers, TILE) == []
    tally, _ = folder(study, PLAYED_FROM).fold(
        folder(study, 0).survey(drawn(study, TILE), TILE), drivers, draws=TILE, first=100
    )
    assert (tally.draws, tally.failed, tally.first.tolist()) == (TILE, 1, [107])


def test_what_is_made_of_outcomes_follows_them_at_once() -> None:
    """Would catch sums over many outcomes held back until the last: a register for each."""
    graph = Graph()
    cells = [symbols(np.array([graph.node("driver", "x", year, 0)])) * 2.0 for year in range(50)]
    total = np.add.reduce(np.array(cells))
    wanted = [(total[0], ("made", "total", 0, 0), np.dtype(np.int64))]
    plain = record_tape(graph, wanted)
    tape = record_tape(graph, wanted, along=[x[0] for x in cells])
    assert len(tape.operations) == len(plain.operations) == 50 + 49 + 1
    assert tape.registers == 2
