"""One version's part of `python -m benchmarks against`, in a process of its own.

Run as a script with that version's `src` on the path. It reads "case blocks" from standard input,
does the work and prints the processor time it took in seconds; "none" where the version cannot.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from riskmc.engine.blocks import run_block
from riskmc.engine.programme import compile_regime
from riskmc.results.contents import Contents
from riskmc.sampling import KEY_BLOCK, Layout, Sampler
from riskmc.study import Study, load_study
from riskmc.variables import HEADLINE_NAMES, PLACE_NAMES, VARIABLE_NAMES, variable

try:
    from riskmc.engine.recorded.playing import Regimes
    from riskmc.runs.prepared import Simulation
except ImportError:  # version 0.1.0
    from riskmc.prepared import Simulation  # type: ignore[import-not-found, no-redef]

    Regimes = None  # type: ignore[assignment, misc]

HERE = Path(__file__).parent
GREATER_MANCHESTER = HERE / "greater-manchester.toml"
FOOTPRINTS = HERE.parent / "configs" / "footprints.toml"
#: The place's deficits and bailouts; its net deficit is worked out from its balance.
TWO_OUTCOMES = ("deficit", "bailout", "balance")
#: As many draws as a long run has, so that rules are played where they can be.
MANY = Layout(16, 2**20)
Work = Callable[[int], None]


class Rules:
    """Runs regimes on given futures into one buffer."""

    def __init__(self, study: Study, bodies: tuple[str, ...], place: tuple[str, ...]) -> None:
        self.programmes = [compile_regime(study, name) for name in study.regimes]
        shape = (study.years, KEY_BLOCK)
        own = (len(study.organisations), *shape)
        self._outcomes = [zeros(bodies, own) for _ in self.programmes]
        self._place = [zeros(place, shape) for _ in self.programmes]
        self._regimes = Regimes(self.programmes, MANY.total) if Regimes is not None else None

    def run(self, drivers: dict[str, Any]) -> None:
        """Run every regime on a block."""
        for named in (*self._outcomes, *self._place):
            for values in named.values():
                values.fill(0)
        if self._regimes is None:
            run_block(self.programmes, drivers, self._outcomes, self._place, draws=KEY_BLOCK)
        else:
            self._regimes.run(drivers, self._outcomes, self._place, draws=KEY_BLOCK)


def zeros(names: tuple[str, ...], shape: tuple[int, ...]) -> dict[str, Any]:
    """Return room for variables."""
    flags = {name for name in VARIABLE_NAMES if variable(name).kind == "flag"}
    return {name: np.zeros(shape, bool if name in flags else float) for name in names}


def greater_manchester(regimes: int) -> Study:
    """Return the study with so many regimes: its own, then again under other names."""
    study = load_study(GREATER_MANCHESTER)
    copies: dict[str, Any] = {}
    for i, name in enumerate(islice(cycle(study.regimes), regimes)):
        copies[name if i < len(study.regimes) else f"{name}_{i}"] = study.regimes[name]
    return study.replaced(regimes=copies, behaviour={})


def footprints() -> Study:
    """Return the study of all footprints with its first two regimes."""
    study = load_study(FOOTPRINTS)
    two = dict(islice(study.regimes.items(), 2))
    return study.replaced(regimes=two, behaviour={})


def drawn(study: Study) -> Work:
    """Draw futures, each block in the place of the one before."""
    sampler = Sampler(study, seed=1, scheme="mc")
    kept: list[Any] = [None]

    def work(blocks: int) -> None:
        for block in range(blocks):
            kept[0] = sampler.key_block(block, kept[0])

    return work


def ruled(study: Study, bodies: tuple[str, ...], place: tuple[str, ...]) -> Work:
    """Run the regimes on given futures."""
    drivers, rules = Sampler(study, seed=1, scheme="mc").key_block(0), Rules(study, bodies, place)

    def work(blocks: int) -> None:
        for _ in range(blocks):
            rules.run(drivers)

    return work


def simulated(study: Study, bodies: tuple[str, ...], place: tuple[str, ...]) -> Work:
    """Draw futures and run the regimes on them."""
    sampler, rules = Sampler(study, seed=1, scheme="mc"), Rules(study, bodies, place)
    kept: list[Any] = [None]

    def work(blocks: int) -> None:
        for block in range(blocks):
            kept[0] = sampler.key_block(block, kept[0])
            rules.run(kept[0])

    return work


def summarised(study: Study) -> Work:
    """Draw futures, run the regimes and fold the outcomes, as a run does that keeps no draw."""
    simulation = Simulation(Contents(study, 1, "mc", MANY), Sampler(study, seed=1, scheme="mc"))
    grid = simulation.survey()

    def work(blocks: int) -> None:
        for block in range(blocks):
            simulation.fold_block(block, grid)

    return work


def not_folded(study: Study) -> Work:
    """Draw and run as a summarised run does, but fold nothing."""
    simulation = Simulation(Contents(study, 1, "mc", MANY), Sampler(study, seed=1, scheme="mc"))
    needs = {name for recipe in simulation.folder.plan.recipes for name in recipe.needs}
    bodies = tuple(name for name in VARIABLE_NAMES if name in needs)
    place = tuple(name for name in PLACE_NAMES if name in needs or name == "balance")
    return simulated(study, bodies, place)


def peers_place(whole_array: bool) -> Work:
    """Run the place of the peers: as riskmc does, or in whole-array NumPy."""
    from benchmarks import peers

    if not whole_array:
        return simulated(peers.place(), (), TWO_OUTCOMES)
    return lambda blocks: peers.with_numpy(blocks * KEY_BLOCK)


CASES: dict[str, Callable[[], Work]] = {
    "futures": lambda: drawn(greater_manchester(1)),
    "two outcomes": lambda: ruled(greater_manchester(3), (), TWO_OUTCOMES),
    "headline": lambda: ruled(greater_manchester(3), HEADLINE_NAMES, PLACE_NAMES),
    "not folded": lambda: not_folded(greater_manchester(2)),
    "summarised": lambda: summarised(greater_manchester(2)),
    "twenty regimes": lambda: simulated(greater_manchester(20), (), TWO_OUTCOMES),
    "peers' place": lambda: peers_place(False),
    "peers' place, whole arrays": lambda: peers_place(True),
    "footprints": lambda: ruled(footprints(), (), TWO_OUTCOMES),
    "footprints, headline": lambda: ruled(footprints(), HEADLINE_NAMES, PLACE_NAMES),
}


def answers() -> Iterator[str]:
    """Give the answer to each line."""
    made: dict[str, Work | None] = {}
    for line in sys.stdin:
        case, blocks = line.rsplit(" ", 1)
        if case not in made:
            made.clear()  # what the case before held
            try:
                made[case] = CASES[case]()
            except Exception as error:  # a study that this version does not know
                first = str(error).splitlines()[0]
                print(f"{case}, left out: {first}", file=sys.stderr)
                made[case] = None
        work = made[case]
        if work is None:
            yield "none"
            continue
        began = time.process_time()
        work(int(blocks))
        yield repr(time.process_time() - began)


if __name__ == "__main__":
    for answer in answers():
        print(answer, flush=True)
