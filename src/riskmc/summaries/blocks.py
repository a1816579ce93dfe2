"""Folds one block of draws: every regime run on it, every case summed up, nothing kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.recorded.playing import Regimes
from riskmc.sampling import KEY_BLOCK, Layout
from riskmc.study import Study
from riskmc.summaries.grid import Grid
from riskmc.summaries.moments import ARITY, Moments, empty_moments
from riskmc.summaries.played import Bodies, NotFiniteError, PlayedSeries
from riskmc.summaries.rows import Plan, cases, row_table, unit_length
from riskmc.summaries.samples import (
    CaseFolder,
    Sample,
    difference,
    empty_sample,
    good_draws,
    make_sample,
)
from riskmc.summaries.state import packed_bytes
from riskmc.summaries.tally import REMEMBERED, Tally
from riskmc.variables import (
    NET_DEFICIT,
    PLACE,
    PLACE_NAMES,
    VARIABLE_NAMES,
    variable,
)

Arrays = Mapping[str, NDArray[Any]]
#: Draws whose outcomes are held at once. Part of what makes the last bit: sums are joined pass by
#: pass.
PASS = 2048
#: The place's net deficit is worked out from its balance.
_ALSO_OF_THE_PLACE = ("balance",)


#: Bytes that recording rules takes, by body and year; it is of Python's own objects.
RECORDED = 160_000
#: Samples held as well as the first regime's: the latest, and its difference.
_LATEST = 2


class Interrupted(Exception):
    """The run was asked to stop in the middle of a block."""


@dataclass(frozen=True)
class Room:
    """Bytes that folding takes, Python and its libraries apart.

    recorded  rules recorded, by each process
    folded    all that is folded
    packed    that packed for the disk or another process, at most
    worker    what each worker holds at work
    """

    recorded: int
    folded: int
    packed: int
    worker: int

    @property
    def kept(self) -> int:
        """What is held whoever does the work."""
        return self.recorded + self.folded + self.packed

    @property
    def apart(self) -> int:
        """What a worker in a process of its own takes more: its rules; blocks joined, here too."""
        return self.recorded + 2 * (self.folded + self.packed)


class BlockFolder:
    """Runs blocks and sums them up; compiled once, shared by threads.

    unit    draws in an independent unit
    rows    where each series is
    cases   bodies under regimes, and differences, in order
    """

    def __init__(
        self, study: Study, regimes: Regimes, layout: Layout, scheme: str, plan: Plan
    ) -> None:
        self.plan = plan
        self.unit = unit_length(scheme, layout)
        self.rows = row_table(plan, study.years, self.unit)
        self.cases = cases(study)
        self._regimes = regimes
        self._number = {name: number for number, name in enumerate(study.regimes)}
        self._years = study.years
        self._organisations = study.organisation_ids
        needs = {name for recipe in plan.recipes for name in recipe.needs}
        self._kept = [name for name in VARIABLE_NAMES if name in needs]
        self._of_place = [n for n in PLACE_NAMES if n in needs or n in _ALSO_OF_THE_PLACE]
        bodies = Bodies((PLACE, *self._organisations), *self._buffers(0), self._paths)
        self._played = PlayedSeries(study, regimes, plan, self.rows, self.cases, bodies)

    def _may_play(self, draws: int) -> bool:
        """Whether series may be recorded with the rules: draws are the units, and it pays.

        NumPy adds up the years of one draw alone in another order than those of many.
        """
        return self.unit == 1 and draws % PASS != 1 and self._played.usable

    def _plays(self, drivers: Arrays, draws: int) -> bool:
        return self._may_play(draws) and self._played.recorded(drivers)

    def empty(self, *, block: bool = False) -> Tally:
        """Return a tally of nothing, perhaps for one block."""
        return Tally.empty(len(self.cases), len(self.plan.recipes), self.rows, block=block)

    def room(self, drivers: Arrays, blocks: int) -> Room:
        """Return the bytes that a run takes, counted over arrays as it lays them.

        `drivers` are those of a block. Arrays take no memory before they are written into.
        """
        tally, block = self.empty(), self.empty(block=True)
        moments = _bytes(self._empty_moments(KEY_BLOCK).arrays().values())
        grid = _bytes(vars(Grid.empty(len(self.cases), self.rows)).values())
        rungs = 1 + math.ceil(math.log(blocks, ARITY))
        played = self._may_play(KEY_BLOCK)
        bodies = len(self._organisations) + 1
        if played:
            draws = _bytes(self._played.room(self._width(KEY_BLOCK)))
        else:  # of the first block all draws are held at once
            draws = sum(_bytes(named.values()) for named in self._buffers(KEY_BLOCK))
            draws += (bodies + _LATEST) * _bytes(empty_sample(self.rows, KEY_BLOCK))
        return Room(
            recorded=RECORDED * bodies * self._years if played else 0,
            folded=_bytes(tally.arrays().values()) + grid + rungs * moments,
            packed=packed_bytes(tally.bins[:, self.rows.shared :]),
            worker=_bytes(drivers.values()) + draws + _bytes(block.arrays().values()) + 3 * moments,
        )

    def survey(self, drivers: Arrays, draws: int) -> Grid:
        """Lay the bins by the first block of draws."""
        if self._plays(drivers, draws):
            try:
                grid = Grid.empty(len(self.cases), self.rows)
                for case, money in self._played.money(drivers, draws):
                    grid.lay(case, money, None, self.rows)
            except NotFiniteError:
                pass
            else:
                return grid
        grid = Grid.empty(len(self.cases), self.rows)
        for case, sample in self._samples(drivers, draws, None, lambda: False):
            good = good_draws(sample.valid, self.rows.recipe_of, draws)
            grid.lay(case, sample.moving, good, self.rows)
        return grid

    def fold(
        self,
        grid: Grid,
        drivers: Arrays,
        *,
        draws: int,
        first: int,
        stopped: Callable[[], bool] = lambda: False,
    ) -> tuple[Tally, Moments]:
        """Run every regime on a block and return its counts and sums.

        `first` is the number of the block's first draw. Raises Interrupted when asked to stop.
        """
        if self._plays(drivers, draws):
            try:
                return self._fold(self._played_pass, grid, drivers, draws, first, stopped)
            except NotFiniteError:
                pass
        return self._fold(self._pass, grid, drivers, draws, first, stopped)

    def _fold(
        self,
        one_pass: Callable[..., Moments],
        grid: Grid,
        drivers: Arrays,
        draws: int,
        first: int,
        stopped: Callable[[], bool],
    ) -> tuple[Tally, Moments]:
        """Fold a block pass by pass."""
        tally, width = self.empty(block=True), self._width(draws)
        whole: Moments | None = None
        for start in range(0, draws, width):
            part = slice(start, min(start + width, draws))
            cut = {n: x if x.shape[2] == 1 else x[..., part] for n, x in drivers.items()}
            moments = one_pass(grid, cut, part.stop - start, first + start, tally, stopped)
            whole = moments if whole is None else whole.join(moments)
        if whole is None:
            raise ValueError("a block has draws")
        return tally, whole

    def _width(self, draws: int) -> int:
        """Return how many draws of a block are held at once."""
        return PASS if PASS % self.unit == 0 else draws

    def _pass(
        self,
        grid: Grid,
        drivers: Arrays,
        draws: int,
        first: int,
        tally: Tally,
        stopped: Callable[[], bool],
    ) -> Moments:
        """Add some of a block's draws to its counts and return their sums."""
        rows, moments = self.rows, self._empty_moments(draws)
        failed = np.zeros(draws, dtype=bool)
        folder = CaseFolder(rows, self.unit, grid)
        for case, sample in self._samples(drivers, draws, grid, stopped):
            organisation = self.cases[case].organisation
            folder.add(case, organisation, sample, tally, moments)
            if organisation == PLACE:
                for mask in sample.valid:
                    failed |= False if mask is None else ~mask
        tally.draws += draws
        tally.failed += int(np.count_nonzero(failed))
        found = first + np.flatnonzero(failed)
        tally.first = np.concatenate([tally.first, found])[:REMEMBERED]
        return moments

    def _played_pass(
        self,
        grid: Grid,
        drivers: Arrays,
        draws: int,
        first: int,  # noqa: ARG002
        tally: Tally,
        stopped: Callable[[], bool],
    ) -> Moments:
        """Do the same by the compiled library. Raises NotFiniteError where a draw failed."""
        moments = self._empty_moments(draws)
        for _ in self._played.fold(grid, drivers, draws, tally, moments):
            if stopped():
                raise Interrupted
        tally.draws += draws
        return moments

    def _empty_moments(self, draws: int) -> Moments:
        rows = self.rows
        unit_rows = rows.unit_rows(self.unit)
        return empty_moments(draws // self.unit, len(self.cases), unit_rows, len(rows.horizon))

    def _samples(
        self, drivers: Arrays, draws: int, grid: Grid | None, stopped: Callable[[], bool]
    ) -> Iterator[tuple[int, Sample]]:
        """Run regime after regime and give the sample of each case in order."""
        base: dict[str, Sample] = {}
        latest: Sample | None = None
        regime = ""
        outcomes, place = self._buffers(draws)
        for number, case in enumerate(self.cases):
            if stopped():
                raise Interrupted
            if case.regime != regime:
                regime = case.regime
                self._run(regime, drivers, outcomes, place, draws, stopped)
            if case.against:
                assert latest is not None
                yield number, difference(latest, base[case.organisation], self.plan, self.rows)
                continue
            paths = self._paths(case.organisation, outcomes, place)
            tails = None if grid is None else grid.tails[number]
            latest = make_sample(paths, self.plan, self.rows, tails)
            base.setdefault(case.organisation, latest)
            yield number, latest

    def _buffers(self, draws: int) -> tuple[Arrays, Arrays]:
        def room(name: str, *shape: int) -> NDArray[Any]:
            flag = name in VARIABLE_NAMES and variable(name).kind == "flag"
            return np.zeros((*shape, draws), dtype=bool if flag else np.float64)

        bodies = len(self._organisations)
        outcomes = {name: room(name, bodies, self._years) for name in self._kept}
        return outcomes, {name: room(name, self._years) for name in self._of_place}

    def _run(
        self,
        regime: str,
        drivers: Arrays,
        outcomes: Arrays,
        place: Arrays,
        draws: int,
        stopped: Callable[[], bool],
    ) -> None:
        for values in (*outcomes.values(), *place.values()):
            values.fill(0)
        number = self._number[regime]
        self._regimes.run_one(number, drivers, outcomes, place, draws=draws, stopped=stopped)
        if stopped():
            raise Interrupted

    def _paths(self, organisation: str, outcomes: Arrays, place: Arrays) -> dict[str, Any]:
        """Return a body's variables, (year, 1, draw); its net deficit is its deficit."""
        if organisation == PLACE:
            return {name: values[:, None, :] for name, values in place.items()}
        body = self._organisations.index(organisation)
        paths = {name: values[body][:, None, :] for name, values in outcomes.items()}
        paths[NET_DEFICIT.name] = paths["deficit"]
        return paths


def _bytes(arrays: Iterable[NDArray[Any]]) -> int:
    return sum(array.nbytes for array in arrays)
