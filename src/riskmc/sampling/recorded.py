"""A drawing plan's steps written down once, for the compiled library to do block after block."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np

from riskmc.compiled import aligned
from riskmc.distributions.forms import (
    Event,
    Fixed,
    Form,
    LookedUp,
    Scaled,
    Spread,
    Stretch,
    Stretches,
)
from riskmc.distributions.table import REACH
from riskmc.sampling.compiled import Compiled, Plan, compiled_futures
from riskmc.sampling.drawing import DrawingBackend, NumpyDrawing, draw_groups
from riskmc.sampling.layout import KEY_BLOCK
from riskmc.sampling.plan import DrawingPlan, Group, Marginal
from riskmc.sampling.streams import Array, Streams, key_words
from riskmc.sampling.worlds import draw_worlds

#: Doubles of a row in the cache, as `futures.c` has it.
CHUNK = 512
#: Steps and kinds of distribution, in the order of `futures.c`.
STEPS = ("fill", "opposites", "combine", "value", "copy")
KINDS = (Fixed, Scaled, LookedUp, Spread, Event, Stretches, Stretch)

_STEP = np.dtype([(name, np.int32) for name in ("kind", "to", "source", "first", "count")])
_TERM = np.dtype([("factor", np.float64), ("row", np.int64)])
_FORM = np.dtype(
    [
        *((name, np.int32) for name in ("kind", "first", "count", "intervals")),
        ("numbers", np.float64, 6),
        *((name, np.uintp) for name in ("base", "rise", "bend")),
    ],
    align=True,
)
Target = tuple[str, int, int]


class Forms:
    """Distributions in the numbers of `futures.c`."""

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...]] = []
        self._known: dict[tuple[int, float | None], int | None] = {}
        self._held: list[object] = []

    def place(self, marginal: Marginal) -> int | None:
        """Return the place of a marginal's form; None where it is left to NumPy."""
        key = (id(marginal.distribution), marginal.probability)
        if key not in self._known:
            form = marginal.form()
            self._known[key] = None if form is None else self._add(form)
            self._held += [marginal, form]
        return self._known[key]

    def array(self) -> np.ndarray:
        """Return all forms."""
        return np.array(self._rows, dtype=_FORM)

    def _add(self, form: Form | Stretch) -> int:
        first, count = 0, 0
        if isinstance(form, Event | Stretch):
            first = self._add(form.size)
        elif isinstance(form, Stretches):
            sizes = [self._add(stretch.size) for stretch in form.stretches]
            first, count = len(self._rows), len(sizes)
            for stretch, size in zip(form.stretches, sizes, strict=True):
                self._write(stretch, size, 0)
        return self._write(form, first, count)

    def _write(self, form: Form | Stretch, first: int, count: int) -> int:
        numbers = _numbers(form)
        table: tuple[int, ...] = (0, 0, 0)
        intervals = 0
        if isinstance(form, LookedUp):
            pieces = (form.table.base, form.table.rise, form.table.bend)
            table = tuple(piece.ctypes.data for piece in pieces)
            intervals = form.table.base.size
        kind = KINDS.index(type(form))
        padded = (*numbers, *[0.0] * (6 - len(numbers)))
        self._rows.append((kind, first, count, intervals, padded, *table))
        return len(self._rows) - 1


def _numbers(form: Form | Stretch) -> list[float]:
    """Return the numbers of a form, in the order of `futures.c`."""
    match form:
        case Fixed():
            return [form.value]
        case Scaled():
            return [form.factor, form.shift]
        case Spread():
            plain = form.low == 0.0 and form.high == 1.0
            return [form.width, form.low, 0.0 if plain else 1.0, form.high]
        case LookedUp(table):
            count = table.base.size
            return [count / (2.0 * REACH), count / 2.0, count - 1e-9, table.low, table.high]
        case Event():
            return [form.threshold, form.probability]
        case Stretch():
            return [form.lowest, form.highest, form.under, form.over, form.probability]
        case Stretches():
            return []


class Recorder(DrawingBackend[int, int]):
    """Writes steps down; rows in the cache are numbered up from 0, whole rows down from -1."""

    def __init__(self, fill: str) -> None:
        self._fill = STEPS.index(fill)
        self.steps: list[tuple[int, int, int, int, int]] = []
        self.ends: list[int] = []
        self.terms: list[tuple[float, int]] = []
        self.forms = Forms()
        self.streams: list[tuple[str, str]] = []
        self.spare = 0
        self.whole: list[Target | None] = []
        self.left: list[Callable[[Mapping[str, Array], Mapping[int, Any]], None]] = []
        self.groups: list[Group] = []
        self._rows = 0
        self._targets: dict[int, Target] = {}
        self._unfinished: set[Target] = set()

    def begin(self, group: Group) -> None:
        """Use the rows in the cache again."""
        self.groups.append(group)
        self._rows = 0

    def open(self, driver: str, organisation: str) -> int:
        """Return the number of the stream."""
        self.streams.append((driver, organisation))
        return len(self.streams) - 1

    def rows(self, count: int) -> Sequence[int]:
        """Return numbers of rows in the cache."""
        self._rows += count
        self.spare = max(self.spare, self._rows)
        return range(self._rows - count, self._rows)

    def kept(self) -> int:
        """Return the number of a whole row."""
        self.whole.append(None)
        return -len(self.whole)

    def target(self, name: str, year: int, body: int) -> int:
        """Return the number of a whole row, of a driver's array."""
        self.whole.append((name, year, body))
        return -len(self.whole)

    def fill(self, source: int, row: int) -> None:
        """Write down."""
        self.steps.append((self._fill, row, source, 0, 0))

    def combine(self, terms: Sequence[tuple[float, int]], row: int) -> None:
        """Write down."""
        self._step("combine", row, 0, len(self.terms), len(terms))
        self.terms += terms

    def value(self, marginal: Marginal, latent: int, row: int) -> None:
        """Write down; what is left to NumPy is done when all years' latent normals are there."""
        place = self.forms.place(marginal)
        if place is not None:
            self._step("value", row, latent, place)
            return
        if latent != row:
            self._step("copy", row, latent)
        name, year, body = target = self._target(row)
        group = len(self.groups) - 1
        self._unfinished.add(target)

        def finish(values: Mapping[str, Array], worlds: Mapping[int, Any]) -> None:
            found = values[name][year, body]
            marginal.value(found, found, worlds[group])

        self.left.append(finish)

    def copy(self, source: int, row: int) -> None:
        """Write down; a copy of what is left to NumPy is made after."""
        name, year, body = self._target(source)
        if (name, year, body) not in self._unfinished:
            self._step("copy", row, source)
            return
        _, to_year, to_body = self._target(row)
        self._unfinished.add((name, to_year, to_body))

        def finish(values: Mapping[str, Array], worlds: Mapping[int, Any]) -> None:  # noqa: ARG001
            np.copyto(values[name][to_year, to_body], values[name][year, body])

        self.left.append(finish)

    def end_of_year(self) -> None:
        """Close a part, which is done for all draws before the next."""
        self.ends.append(len(self.steps))

    def _step(self, kind: str, to: int, source: int, first: int = 0, count: int = 0) -> None:
        self.steps.append((STEPS.index(kind), to, source, first, count))

    def _target(self, row: int) -> Target:
        found = self.whole[-1 - row]
        assert found is not None
        return found


@dataclass
class Recording:
    """Steps written down, as arrays."""

    plan: DrawingPlan
    compiled: Compiled
    keyed: Streams
    recorder: Recorder = field(init=False)

    def __post_init__(self) -> None:
        fill = self.keyed.compiled
        assert fill is not None
        self.recorder = Recorder(fill)
        draw_groups(self.plan, self.recorder)
        scheme = self.keyed.scheme
        self.keys = [key_words(*scheme, *names) for names in self.recorder.streams]
        self.steps = np.array(self.recorder.steps, dtype=_STEP)
        self.ends = np.array(self.recorder.ends, dtype=np.int64)
        self.terms = np.array(self.recorder.terms, dtype=_TERM)
        self.forms = self.recorder.forms.array()
        whole = self.recorder.whole
        self.names = sorted({target[0] for target in whole if target is not None})
        places = {name: i for i, name in enumerate(self.names)}
        bodies = len(self.plan.organisations)
        kept = 0
        source, row = [], []
        for target in whole:
            if target is None:
                source.append(len(places))
                row.append(kept)
                kept += 1
            else:
                source.append(places[target[0]])
                row.append(target[1] * bodies + target[2])
        self.kept = kept
        self.source = np.array(source, dtype=np.intp)
        self.offset = np.array(row, dtype=np.uintp) * np.uintp(8 * KEY_BLOCK)

    def play(self, keyed: Streams, values: Mapping[str, Array]) -> None:
        """Draw a block."""
        streams = self.compiled.streams(keyed.seed, self.keys, keyed.block)
        kept = aligned(self.kept, KEY_BLOCK)
        spare = aligned(self.recorder.spare, CHUNK)
        arrays = [*(values[name] for name in self.names), kept]
        starts = np.array([array.ctypes.data for array in arrays], dtype=np.uintp)
        rows = starts[self.source] + self.offset
        plan = Plan(
            steps=self.steps.ctypes.data,
            ends=self.ends.ctypes.data,
            parts=len(self.ends),
            terms=self.terms.ctypes.data,
            forms=self.forms.ctypes.data,
            streams=streams.ctypes.data,
            spare=spare.ctypes.data,
            rows=rows.ctypes.data,
            draws=KEY_BLOCK,
        )
        self.compiled.draw(ctypes.byref(plan))
        if self.recorder.left:
            worlds = {i: draw_worlds(group, keyed) for i, group in enumerate(self.recorder.groups)}
            for finish in self.recorder.left:
                finish(values, worlds)


class Drawing:
    """Draws a plan's groups, compiled where that can be; threads may share it."""

    def __init__(self, plan: DrawingPlan) -> None:
        self._plan = plan
        self._recordings: dict[type[Streams], Recording] = {}
        self._lock = Lock()

    def __reduce__(self) -> tuple[type[Drawing], tuple[DrawingPlan]]:
        return Drawing, (self._plan,)

    def fill(self, keyed: Streams, values: Mapping[str, Array]) -> None:
        """Draw a key block into the drivers' arrays."""
        compiled = compiled_futures() if keyed.compiled is not None else None
        if compiled is None:
            draw_groups(self._plan, NumpyDrawing(keyed, values))
            return
        with self._lock:
            recording = self._recordings.get(type(keyed))
            if recording is None:
                recording = self._recordings[type(keyed)] = Recording(self._plan, compiled, keyed)
        recording.play(keyed, values)
