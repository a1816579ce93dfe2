"""Histograms of fixed width, laid by the first key block, and what is read off them.

The middle, where 99 of 100 draws lie, is cut into equal bins, and zero is the edge of one; beyond
it bins grow with the distance, so that nothing is lost however far out it lies. Smallest and
largest value and the number of exact zeros are kept alongside; so is an atom, one other value that
many draws share (reserves at their floor). An order statistic is certain to lie in its bin (but
for the last bit of its edges): that is the stated error of a quantile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.summaries.compiled import Bins, count_middle
from riskmc.summaries.rows import TAILS, Bools, Floats, Rows

#: Equal bins in the middle, and growing ones on either side, so many to a doubling of distance.
CORE, WING, OCTAVE = 2048, 256, 8
BINS = WING + CORE + WING
#: Behind the bins: draws on the atom, and draws above it in its bin.
AT, ABOVE, SLOTS = BINS, BINS + 1, BINS + 2
#: How they lie, for the compiled library.
MIDDLE = Bins(SLOTS, WING, CORE, AT)
#: Share of the first block's draws from which on a value is an atom.
_ATOM = 0.01
#: Shares of the first block's draws below and above the middle, and how much wider it is made.
_OUTSIDE, _WIDER = 0.005, 1.2
#: A span below which no money differs, in £m.
_LEAST = 1e-200
#: Smallest span, as a power of two of the largest magnitude; one value alone gets a wider one.
_LEAST_SPAN, _SPAN_OF_ONE = -38, -10
Ints = NDArray[np.int64]


@dataclass
class Grid:
    """Where the bins of every case and row lie, and the thresholds of the first block.

    width      width of a middle bin                                   (case, sketched row)
    start      number of the first middle bin, in widths from zero     (case, sketched row)
    atoms      value, other than zero, that many of its draws share; NaN for none    (likewise)
    levels     first block's quantiles at the rows' design levels      (case, design)
    tied       whether several of its draws lie on that level          (case, design)
    tails      first block's quantiles at TAILS, tails inmost          (case, excess row)
    centres    its means, of rows over the horizon                     (case, horizon row)
    """

    width: Floats
    start: Floats
    atoms: Floats
    levels: Floats
    tied: Bools
    tails: Floats
    centres: Floats

    @classmethod
    def empty(cls, cases: int, rows: Rows) -> Grid:
        """Return a grid to be laid case by case."""
        design = (cases, len(rows.design))
        return cls(
            np.ones((cases, rows.sketched)),
            np.zeros((cases, rows.sketched)),
            np.full((cases, rows.sketched), np.nan),
            np.zeros(design),
            np.zeros(design, dtype=bool),
            np.zeros((cases, rows.excess_rows)),
            np.zeros((cases, len(rows.horizon))),
        )

    def lay(self, case: int, money: Floats, good: Bools | None, rows: Rows) -> None:
        """Lay the bins of a case by what the first block holds, (money row, draw)."""
        for row in range(rows.sketched):
            values = money[row] if good is None else money[row][good[row]]
            if values.size == 0:
                continue
            values = np.sort(values)
            self.width[case, row], self.start[case, row] = _bins_for(values)
            self.atoms[case, row] = _atom_of(values)
            design = [i for i, (of, _) in enumerate(rows.design) if of == row]
            horizon = np.flatnonzero(rows.horizon == row)
            for i in design:
                level = self.levels[case, i] = _at(values, rows.design[i][1])
                self.tied[case, i] = np.count_nonzero(values == level) > 1
            for h in horizon:
                self.centres[case, h] = values.mean()
                for t, tail in enumerate(TAILS):
                    self.tails[case, h * len(TAILS) + t] = _at(values, tail)

    def count_into(
        self, bins: NDArray[Any], case: int, first: int, values: Floats, good: Bools | None
    ) -> None:
        """Add to the histograms of rows `first` onwards, (row, draw) to (row, bin)."""
        if good is not None or not self._count_compiled(bins, case, first, values):
            bins += self.count(case, first, values, good).astype(bins.dtype)

    def _count_compiled(self, bins: NDArray[Any], case: int, first: int, values: Floats) -> bool:
        """Count by the compiled library, and say whether there is one."""
        rows = slice(first, first + len(values))
        far = count_middle(
            values,
            bins,
            width=self.width[case, rows],
            start=self.start[case, rows],
            atoms=self.atoms[case, rows],
            atom_bins=self.atom_bins[case, rows],
            bins=MIDDLE,
        )
        if far is None:
            return False
        row = far // values.shape[1]
        numbers = self.far_bins(values.reshape(-1)[far], row + case * self.width.shape[1] + first)
        np.add.at(bins, (row, numbers), 1)
        return True

    @cached_property
    def atom_bins(self) -> Ints:
        """Which bin holds the atom, where there is one; (case, sketched row)."""
        found, alone = np.zeros(self.atoms.shape, np.int64), np.isfinite(self.atoms)
        places = self.atoms[alone] * (1.0 / self.width[alone]) - self.start[alone]
        found[alone] = bin_numbers(places)
        return found

    def far_bins(self, values: Floats, rows: Ints) -> Ints:
        """Return the bins of values beyond the middle of rows that are counted case by case."""
        width, start, atoms = (x.reshape(-1)[rows] for x in (self.width, self.start, self.atoms))
        numbers = bin_numbers(values * (1.0 / width) - start)
        numbers[(numbers == self.atom_bins.reshape(-1)[rows]) & (values > atoms)] = ABOVE
        numbers[values == atoms] = AT
        return numbers

    def count(self, case: int, first: int, values: Floats, good: Bools | None) -> Ints:
        """Return the histograms of rows `first` onwards, (row, draw) to (row, bin)."""
        last = first + len(values)
        places = values * (1.0 / self.width[case, first:last])[:, None]
        places -= self.start[case, first:last][:, None]
        if good is not None:
            places[~good] = 0.0
        rows = (np.arange(len(values)) * SLOTS)[:, None]
        outside = places < 0.0
        outside |= places >= CORE
        far = np.flatnonzero(outside)  # few: most values lie in the middle
        beyond = places.reshape(-1)[far]
        places.reshape(-1)[far] = 0.0
        numbers = places.astype(np.int64)
        numbers += rows + WING
        numbers.reshape(-1)[far] = bin_numbers(beyond) + rows.reshape(-1)[far // values.shape[1]]
        for row in np.flatnonzero(np.isfinite(self.atoms[case, first:last])):
            atom, width, start = (
                float(x[case, first + row]) for x in (self.atoms, self.width, self.start)
            )
            begins = row * SLOTS
            around = numbers[row] == begins + _bin_of(atom, width, start)
            numbers[row][around & (values[row] > atom)] = begins + ABOVE
            numbers[row][values[row] == atom] = begins + AT
        flat = numbers.reshape(-1) if good is None else numbers[good]
        found = np.bincount(flat, minlength=len(values) * SLOTS)
        return found.reshape(len(values), SLOTS)


def _bins_for(ordered: Floats) -> tuple[float, float]:
    """Return width and start of bins whose middle holds most of the values, with room."""
    outside = math.floor(_OUTSIDE * (ordered.size - 1))
    low, high = ordered[outside], ordered[-1 - outside]
    size = max(abs(low), abs(high))
    if high - low <= size * 2.0**_LEAST_SPAN:
        low, high = ordered[0], ordered[-1]
    size, span = max(abs(low), abs(high)), high - low
    if span <= size * 2.0**_LEAST_SPAN:
        span = max(size, 1.0) * 2.0**_SPAN_OF_ONE
    width = float(_WIDER * max(span, _LEAST) / CORE)
    return width, float(math.floor(0.5 * (low + high) / width) - CORE // 2)


def _atom_of(ordered: Floats) -> float:
    """Return the value, other than zero, that most of the values share; NaN where few do."""
    many = max(math.ceil(_ATOM * ordered.size), 2)
    shared = ordered[many - 1 :] == ordered[: ordered.size - many + 1]
    if not (shared & (ordered[many - 1 :] != 0.0)).any():
        return math.nan
    values, counts = np.unique(ordered[ordered != 0.0], return_counts=True)
    return float(values[np.argmax(counts)])


def _bin_of(value: float, width: float, start: float) -> int:
    """Return the bin of one value, as `Grid.count` finds it."""
    return int(bin_numbers(np.array([value * (1.0 / width) - start]))[0])


def _at(ordered: Floats, level: float) -> float:
    return float(ordered[math.floor(level * (ordered.size - 1))])


def bin_numbers(places: Floats) -> Ints:
    """Return bins by place, in widths from the first middle bin's lower edge."""
    numbers = np.clip(np.floor(places), -1.0, CORE).astype(np.int64) + WING
    above, below = places >= CORE, places < 0.0
    numbers[above] = WING + CORE + _wing(places[above] - CORE)
    numbers[below] = WING - 1 - _wing(-places[below])
    return numbers


def _wing(distance: Floats) -> Ints:
    """Return which bin of a wing lies at a distance from the middle."""
    steps: Ints = np.floor(OCTAVE * np.log2(1.0 + distance)).astype(np.int64)
    return np.minimum(steps, WING - 1)


def _edges() -> Floats:
    """Return all edges, in widths from the first middle bin's lower edge: BINS + 1 of them."""
    out = 2.0 ** (np.arange(1, WING + 1) / OCTAVE) - 1.0
    return np.concatenate([-out[::-1], np.arange(CORE + 1.0), CORE + out])


_EDGES = _edges()


class Bracket(NamedTuple):
    """A value read off a histogram; the exact one lies between `low` and `high` for certain."""

    value: float
    low: float
    high: float


class Tail(NamedTuple):
    """An integral over a histogram, and the most by which it can be out."""

    value: float
    error: float


@dataclass(frozen=True)
class Sketch:
    """One histogram: its occupied bins, in order.

    lower, upper  edges, drawn in to the smallest and the largest value
    counts        how many draws
    zeros         how many draws are exactly 0; they lie at the lower edge of a bin
    """

    lower: Floats
    upper: Floats
    counts: Ints
    zeros: int

    @classmethod
    def of(
        cls,
        bins: NDArray[np.int64],
        counts: NDArray[np.int64],
        *,
        width: float,
        start: float,
        least: float,
        most: float,
        zeros: int,
        atom: float = math.nan,
    ) -> Sketch:
        """Make a sketch of occupied bins; that of the atom is cut in three."""
        home = _bin_of(atom, width, start) if math.isfinite(atom) else AT
        places = np.where(bins >= AT, home, bins)
        lower, upper = (_EDGES[places] + start) * width, (_EDGES[places + 1] + start) * width
        lower[bins >= AT] = atom
        upper[(bins == AT) | (bins == home)] = atom
        order = np.lexsort((upper, lower))
        lower, upper, counts = lower[order], upper[order], counts[order]
        lower, upper = np.maximum(lower, least), np.minimum(upper, most)
        if len(bins):  # the wings' last bins have no end
            lower[0], upper[-1] = least, most
        return cls(lower, np.maximum(upper, lower), counts.astype(np.int64), zeros)

    @cached_property
    def before(self) -> Ints:
        """How many draws lie in earlier bins; one number more, all draws, at the end."""
        return np.concatenate([[0], np.cumsum(self.counts)])

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return int(self.before[-1])

    def place(self, position: float) -> Bracket:
        """Return the order statistic at a position, 0 the smallest; between two, in between."""
        last = self.draws - 1
        position = min(max(position, 0.0), float(last))
        below, above = math.floor(position), math.ceil(position)
        first, second = self._rank(below), self._rank(above)
        share = position - below
        value = first.value + share * (second.value - first.value)
        low = first.low + share * (second.low - first.low)
        return Bracket(value, low, first.high + share * (second.high - first.high))

    def _rank(self, rank: int) -> Bracket:
        i = int(np.searchsorted(self.before, rank, side="right")) - 1
        low, high, count = float(self.lower[i]), float(self.upper[i]), int(self.counts[i])
        within = rank - int(self.before[i])
        if self.zeros and low == 0.0:
            if within < self.zeros:
                return Bracket(0.0, 0.0, 0.0)
            within, count = within - self.zeros, count - self.zeros
        return Bracket(low + (within + 0.5) / count * (high - low), low, high)

    def quantile(self, p: float) -> Bracket:
        """Return the p-quantile, linear between order statistics."""
        return self.place(p * (self.draws - 1))

    def values_at(self, shares: Floats) -> Floats:
        """Return the quantile function at shares of all draws."""
        i = np.searchsorted(self.before, shares * self.draws, side="right") - 1
        i = np.clip(i, 0, len(self.counts) - 1)
        within, count = shares * self.draws - self.before[i], self.counts[i].astype(float)
        if self.zeros:
            at_zero = self.lower[i] == 0.0
            within = np.where(at_zero, np.maximum(within - self.zeros, 0.0), within)
            count = np.where(at_zero, np.maximum(count - self.zeros, 1.0), count)
        part = np.clip(within / count, 0.0, 1.0)
        found: Floats = self.lower[i] + part * (self.upper[i] - self.lower[i])
        return found

    def excess_deviation(self, threshold: float) -> float:
        """Return about the standard deviation of what draws exceed a threshold by."""
        excess = np.maximum(0.5 * (self.lower + self.upper) - threshold, 0.0)
        mean = float((self.counts * excess).sum()) / self.draws
        moved = excess - mean
        return math.sqrt(float((self.counts * moved * moved).sum()) / self.draws)

    def survival(self, one: float, other: float) -> Tail:
        """Return the integral of P(x > t) over t from one value to another."""
        if other < one:
            back = self.survival(other, one)
            return Tail(-back.value, back.error)
        total = error = 0.0
        edges = np.concatenate([[one], self.lower, self.upper, [other]])
        edges = np.unique(edges[(edges >= one) & (edges <= other)])
        for low, high in pairwise(edges.tolist()):
            least, most = self._beyond(low, high)
            total += (high - low) * 0.5 * (least + most)
            error += (high - low) * 0.5 * (most - least)
        return Tail(total, error)

    def _beyond(self, low: float, high: float) -> tuple[float, float]:
        """Return the least and most share of draws beyond t, for t between two values."""
        surely = int(self.counts[self.lower >= high].sum())
        maybe = int(self.counts[self.upper > low].sum())
        if self.zeros and low >= 0.0:
            held = (self.lower == 0.0) & (self.upper > low)
            maybe -= self.zeros if held.any() else 0
        return surely / self.draws, maybe / self.draws
