"""Per-draw series recorded on the tape of their regime, and folded by the compiled library.

`make_sample` and `difference` stay the reference: run on symbols they are further operations of
the regime's tape (see `riskmc.engine.recorded`). So sums over years, events and the sides of a
comparison are made tile by tile with the outcomes, of which none is laid into memory; events are
counted there. Money is stored, a pass at a time, and folded by `riskmc_fold`. What it comes to
is the reference's to the bit. A block in which a draw is not finite is left to the reference.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock, local
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.recorded.playing import Regimes
from riskmc.engine.recorded.recording import Made, Recording
from riskmc.engine.recorded.symbols import Graph, symbols
from riskmc.study import Study
from riskmc.summaries.compiled import CASE, Fold, at, fold_function
from riskmc.summaries.grid import MIDDLE, Grid
from riskmc.summaries.moments import Moments
from riskmc.summaries.rows import TAILS, Case, Floats, Paths, Plan, Rows
from riskmc.summaries.samples import Masks, Sample, difference, lay_series
from riskmc.summaries.tally import Tally
from riskmc.variables import PLACE, VARIABLE_NAMES, variable

Arrays = Mapping[str, NDArray[Any]]
_BASE, _MONEY, _FLAGS, _FAILED = "base", "money", "flags", "failed"
#: Counts of a regime less the first, by event row or compared row, and of each regime alone.
_COUNTS = ("hits", "only", "other", "lower", "higher")
#: Room for values beyond the middle bins of a pass, at least.
_FAR = 2**16


class NotFiniteError(Exception):
    """A draw of the block is not finite: the reference folds it."""


@dataclass(frozen=True)
class Bodies:
    """Whose series are made: outcomes by variable without any draw, and the paths of a body.

    outcomes  (organisation, year, 0); place: (year, 0)
    paths     gives a body's variables, (year, 1, draw), from both
    """

    names: tuple[str, ...]
    outcomes: Arrays
    place: Arrays
    paths: Any


@dataclass
class Played:
    """What a regime came to in a pass: money (body, row, draw), and counts (body, row, 1)."""

    money: Floats
    flags: NDArray[np.bool_]
    counts: dict[str, NDArray[np.int64]]


class PassRoom(NamedTuple):
    """Room for a pass.

    money  of the first regime, and of the one compared with it: (regime, body, row, draw), in one
           piece, which the system takes back as soon as it is given up
    flags  events of the first regime: (body, row, draw)
    far, values  rows of values beyond the middle bins, counted through, and the values
    """

    money: Floats
    flags: NDArray[np.bool_]
    far: NDArray[np.int64]
    values: Floats


class PlayedSeries:
    """Records regimes with their series, once, and folds what is played; threads may share it."""

    def __init__(
        self,
        study: Study,
        regimes: Regimes,
        plan: Plan,
        rows: Rows,
        cases: tuple[Case, ...],
        bodies: Bodies,
    ) -> None:
        self._regimes, self._plan, self._rows = regimes, plan, rows
        self._bodies = bodies
        self._names = tuple(study.regimes)
        places = {case: number for number, case in enumerate(cases)}
        first = self._names[0]
        self._own = [
            np.array([places[Case(body, name)] for body in bodies.names]) for name in self._names
        ]
        self._less = [
            np.array([places[Case(body, name, first)] for body in bodies.names])
            for name in self._names[1:]
        ]
        self._of_bodies = np.array([n for n, c in enumerate(cases) if c.organisation != PLACE])
        self._recordings: dict[Any, Recording | None] = {}
        self._lock = Lock()
        self._mine = local()

    @property
    def usable(self) -> bool:
        """Whether the compiled library is there, and there are draws enough to record."""
        return self._regimes.player is not None and fold_function() is not None

    def recorded(self, drivers: Arrays) -> bool:
        """Say whether every regime can be recorded."""
        return all(self._recording(i, drivers) is not None for i in range(len(self._names)))

    def fold(
        self, grid: Grid, drivers: Arrays, draws: int, tally: Tally, moments: Moments
    ) -> Iterator[None]:
        """Add a pass to counts, and set its sums down; yields before each regime.

        Raises NotFiniteError where a draw is not finite.
        """
        base: Played | None = None
        for number in range(len(self._names)):
            yield
            played = self._play(number, drivers, draws, base)
            self._fold(number, grid, played, base, draws, tally, moments)
            base = base or played
        tally.good += draws
        tally.used += draws
        _share(self._rows, self._of_bodies, tally, moments)

    def money(self, drivers: Arrays, draws: int) -> Iterator[tuple[int, Floats]]:
        """Give each case's number and money (row, draw). Raises NotFiniteError likewise.

        The room for a whole block is given up at the end: what is folded goes pass by pass.
        """
        rows, base = self._rows, None
        for number in range(len(self._names)):
            played = self._play(number, drivers, draws, base)
            played.money[1:, : rows.shared] = played.money[1:, rows.same_rows]
            yield from zip(self._own[number].tolist(), played.money, strict=True)
            if base is not None:
                for body, case in enumerate(self._less[number - 1].tolist()):
                    yield case, played.money[body] - base.money[body]
            base = base or played
        self._mine.__dict__.clear()

    def _play(self, number: int, drivers: Arrays, draws: int, base: Played | None) -> Played:
        recording, player = self._recording(number, drivers), self._regimes.player
        assert recording is not None
        assert player is not None
        played = self._room(base is None, draws)
        for counts in played.counts.values():
            counts.fill(0)
        made = {_MONEY: played.money, _FLAGS: played.flags, **played.counts}
        given = {} if base is None else {_MONEY: base.money, _FLAGS: base.flags}
        player([recording.bound_to_make(drivers, made, given)], draws)
        if played.counts[_FAILED].any():
            raise NotFiniteError
        return played

    def _room(self, first: bool, draws: int) -> Played:
        """Return room for a regime's pass, which the same thread is given again."""
        rows, bodies = self._rows, len(self._bodies.names)
        mine = self._mine
        if getattr(mine, "draws", None) != draws:
            mine.__dict__.clear()
            mine.draws, mine.room = draws, self.room(draws)
        money, flags = mine.room[:2]
        lengths = (rows.event_rows,) * 3 + (rows.compared,) * 2
        counts = {
            name: np.empty((bodies, length, 1), np.int64)
            for name, length in zip(_COUNTS, lengths, strict=True)
        }
        counts[_FAILED] = np.empty((1, 1, 1), np.int64)
        return Played(money[0 if first else 1], flags, counts)

    def room(self, draws: int) -> PassRoom:
        """Return room for a pass of so many draws, not filled."""
        rows, bodies, compared = self._rows, len(self._bodies.names), len(self._names) > 1
        far = max(_FAR, rows.sketched * draws)
        return PassRoom(
            np.empty((1 + compared, bodies, rows.money_rows, draws)),
            np.empty((bodies, rows.event_rows * compared, draws), dtype=bool),
            np.empty(far, np.int64),
            np.empty(far),
        )

    def _fold(
        self,
        number: int,
        grid: Grid,
        played: Played,
        base: Played | None,
        draws: int,
        tally: Tally,
        moments: Moments,
    ) -> None:
        own, counts = self._own[number], played.counts
        tally.hits[own] += counts["hits"][..., 0]
        listed = [self._cases(own, own, own, played, None)]
        if base is not None:
            less = self._less[number - 1]
            tally.hits[less] += counts["only"][..., 0]
            for name in _COUNTS[2:]:
                getattr(tally, name)[less] += counts[name][..., 0]
            listed.append(self._cases(less, own, self._own[0], played, base))
        far, values = self._mine.room[2:]
        _fold_cases(np.concatenate(listed), grid, self._rows, draws, tally, moments, far, values)

    def _cases(
        self, number: Any, own: Any, other: Any, played: Played, base: Played | None
    ) -> NDArray[Any]:
        cases = np.zeros(len(number), CASE)
        step = np.arange(len(number)) * played.money.strides[0]
        cases["x"] = at(played.money) + step
        cases["y"] = 0 if base is None else at(base.money) + step
        cases["number"], cases["own"], cases["other"] = number, own, other
        cases["first"] = [0 if name == PLACE else self._rows.shared for name in self._bodies.names]
        return cases

    def _recording(self, number: int, drivers: Arrays) -> Recording | None:
        varying = tuple(name for name, values in drivers.items() if values.shape[2] > 1)
        key = (number, varying)
        with self._lock:
            if key not in self._recordings:
                bodies = self._bodies

                def then(graph: Graph, outcomes: Arrays, place: Arrays) -> Made:
                    return self._made(graph, outcomes, place, first=number == 0)

                self._recordings[key] = self._regimes.record(
                    number, drivers, bodies.outcomes, bodies.place, then
                )
            return self._recordings[key]

    def _made(self, graph: Graph, outcomes: Arrays, place: Arrays, *, first: bool) -> Made:
        """Make the series of every body from symbols, and less those of the first regime."""
        rows = self._rows
        paths = [self._bodies.paths(name, outcomes, place) for name in self._bodies.names]
        samples = [_sample(p, self._plan, rows) for p in paths]
        money = np.stack([sample.moving for sample in samples])
        money[1:, : rows.shared] = None  # an organisation has them in other rows
        events = np.stack([sample.events for sample in samples])
        made = {
            _MONEY: (money[..., 0], np.float64),
            "hits": (events[..., 0], np.int64),
            _FAILED: (_failed(paths, self._plan), np.int64),
        }
        if first:
            return made | ({_FLAGS: (events[..., 0], bool)} if len(self._names) > 1 else {})
        found = [
            difference(sample, _base(graph, body, self._plan, rows), self._plan, rows)
            for body, sample in enumerate(samples)
        ]
        cells = {
            "only": [x.events for x in found],
            "other": [x.other for x in found],
            "lower": [x.sides["lower"] for x in found],
            "higher": [x.sides["higher"] for x in found],
        }
        return made | {name: (np.stack(x)[..., 0], np.int64) for name, x in cells.items()}


def _sample(paths: Paths, plan: Plan, rows: Rows) -> Sample:
    """Make the series of a body from symbols."""
    money, events = (
        symbols(np.zeros((count, 1), dtype=object) + 0.0)
        for count in (rows.money_rows, rows.event_rows)
    )
    for recipe in plan.recipes:
        needed = {name: paths[name] for name in recipe.needs}
        for _ in lay_series(recipe, needed, rows, money, events):
            pass
    return Sample(money, np.not_equal(events, 0.0), _all(plan))


def _base(graph: Graph, body: int, plan: Plan, rows: Rows) -> Sample:
    """Return the series of a body under the first regime, as they lie in memory."""
    money = np.empty((rows.money_rows, 1), dtype=object)
    events = np.empty((rows.event_rows, 1), dtype=object)
    for row in range(rows.money_rows):
        lies = row if body == 0 or row >= rows.shared else int(rows.same_rows[row])
        money[row, 0] = graph.node(_BASE, _MONEY, body, lies)
    for row in range(rows.event_rows):
        events[row, 0] = graph.node("load_bool", _BASE, _FLAGS, body, row)
    return Sample(symbols(money), symbols(events), _all(plan))


def _failed(paths: list[Paths], plan: Plan) -> NDArray[Any]:
    """Say, of symbols, whether any amount that is needed is not finite (or all are beyond sums)."""
    total = symbols(np.zeros((1, 1), dtype=object) + 0.0)
    needs = dict.fromkeys(name for recipe in plan.recipes for name in recipe.needs)
    for of_body in paths:
        for name in needs:
            if name not in VARIABLE_NAMES or variable(name).kind != "flag":
                total = total + np.add.reduce(of_body[name])
    failed: NDArray[Any] = np.not_equal(total - total, 0.0)
    return failed


def _fold_cases(
    cases: NDArray[Any],
    grid: Grid,
    rows: Rows,
    draws: int,
    tally: Tally,
    moments: Moments,
    far: NDArray[np.int64],
    values: Floats,
) -> None:
    """Fold cases one after the other; what lies beyond the middle bins is NumPy's."""
    per_width, horizon = 1.0 / grid.width, rows.horizon.astype(np.int64)
    sums, spread = moments.sums, moments.spread
    fold = Fold(
        rows.money_rows, rows.sketched, len(horizon), len(TAILS), MIDDLE, at(horizon),
        at(grid.atom_bins), at(per_width), at(grid.start), at(grid.atoms), at(grid.tails),
        at(grid.centres), at(tally.nonzero), at(tally.least), at(tally.most),
        *(at(sums[name]) for name in ("a", "aa", "aaa")),
        *(at(spread[name]) for name in ("a", "q", "qq", "aq", "qqq")), at(tally.bins),
    )  # fmt: skip
    spare, halves, beyond = np.empty((2, draws)), np.empty((2, draws), np.int32), np.zeros(1, int)
    bins, function = tally.bins.reshape(-1, tally.bins.shape[-1]), fold_function()
    done = 0
    while done < len(cases):
        left = cases[done:]
        done += function(
            ctypes.addressof(fold), at(left), len(left), draws, at(far), at(values), far.size,
            at(beyond), at(spare), at(halves),
        )  # fmt: skip
        row = far[: beyond[0]]
        np.add.at(bins, (row, grid.far_bins(values[: beyond[0]], row)), 1)


def _share(rows: Rows, bodies: NDArray[np.intp], tally: Tally, moments: Moments) -> None:
    """Give organisations' cases the rows that are equal to others of theirs."""
    money, horizon = rows.same_rows, rows.horizon
    over = np.flatnonzero(horizon < rows.shared)
    like = np.searchsorted(horizon, money[horizon[over]])
    excess = rows.money_rows + np.arange(rows.excess_rows).reshape(-1, len(TAILS))
    to = np.concatenate([np.arange(rows.shared), excess[over].reshape(-1)])
    of = np.concatenate([money, excess[like].reshape(-1)])

    def copy(values: NDArray[Any], to: NDArray[Any], of: NDArray[Any]) -> None:
        values[bodies[:, None], to] = values[bodies[:, None], of]

    for values in (tally.nonzero, tally.least, tally.most):
        copy(values, to[: rows.shared], of[: rows.shared])
    for values in moments.sums.values():
        copy(values, to, of)
    for values in moments.spread.values():
        copy(values, over, like)


def _all(plan: Plan) -> Masks:
    """Say that every draw is finite."""
    return [None] * len(plan.recipes)
