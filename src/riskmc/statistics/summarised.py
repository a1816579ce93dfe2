"""What was folded of a run as `Values`: the same estimates as from draws, out of sums and counts.

Means, chances and their errors come out as of kept draws, to rounding: the same formulas on the
same moments. Quantiles are read off histograms, within a bin of the exact one. Errors of
quantiles where draws depend on each other take the ratio of dependent to independent error
measured at fixed levels near them (see `riskmc.summaries.rows.LEVELS`).
"""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from riskmc.statistics.chances import Between, chance_difference_of, chance_of
from riskmc.statistics.estimates import Single, Spread, spread_of_sums
from riskmc.statistics.quantiles import weighted_error, weights_between
from riskmc.statistics.values import Squares, Tail
from riskmc.summaries.grid import Bracket, Sketch
from riskmc.summaries.rows import TAILS
from riskmc.summaries.tree import StoredSummary

_NAN = math.nan
#: Points at which a quantile's spread is worked out from a histogram.
_POINTS = 400


class Sums(NamedTuple):
    """Moments over units of one row: see `riskmc.summaries.moments`.

    draws, good   draws in all, and those that count
    units, used   units in all, and those that hold a draw that counts
    """

    draws: int
    good: int
    units: int
    used: int
    a: float
    aa: float
    aaa: float
    b: float = 1.0
    ab: float = 0.0
    bb: float = 0.0
    aab: float = 0.0
    abb: float = 0.0
    bbb: float = 0.0

    @property
    def whole(self) -> bool:
        """Whether every draw counts."""
        return self.good == self.draws

    @property
    def mean(self) -> float:
        """Mean over the draws that count."""
        return self.a / self.b if self.b else _NAN

    def spread(self, *, skewed: bool) -> Spread:
        """Return the error of the mean over units."""
        r = self.mean
        if self.whole:
            return spread_of_sums(self.units, self.aa, self.aaa if skewed else None, centre=r)
        squares = self.aa - 2.0 * r * self.ab + r * r * self.bb
        cubes = self.aaa - 3.0 * r * self.aab + 3.0 * r * r * self.abb - r**3 * self.bbb
        squares, cubes = max(squares, 0.0) / self.b**2, cubes / self.b**3
        return spread_of_sums(self.units, squares, cubes if skewed else None, centre=0.0)


class SummarisedCase:
    """One body under one regime, or less another: what was folded of it, row by row."""

    def __init__(self, stored: StoredSummary, case: int) -> None:
        self.stored = stored
        self.number = case
        self.dependent = stored.unit > 1
        self.sketch = lru_cache(maxsize=1)(partial(stored.sketch, case))

    def array(self, name: str, index: int) -> float:
        """Return a number that was kept of a row."""
        return float(self.stored.arrays[name][self.number, index])

    def counted(self, name: str, index: int) -> int:
        """Return a count that was kept of a row."""
        return int(self.stored.arrays[name][self.number, index])

    def sums(self, row: int) -> Sums:
        """Return the moments over units of a row that has them."""
        recipe = int(self.stored.rows.recipes[row])
        moments = self.stored.moments
        values = {name: float(sums[self.number, row]) for name, sums in moments.sums.items()}
        good, used = self.counted("good", recipe), self.counted("used", recipe)
        return Sums(self.stored.draws, good, moments.units, used, **values)

    def values(self, row: int) -> SummarisedValues:
        """Return the values of a row of money."""
        return SummarisedValues(self, row)

    def chance(self, event: int) -> Single:
        """Return the share of draws in which an event row is true."""
        return self._share(self.counted("hits", event), self.stored.rows.moving + event)

    def side(self, compared: int, which: int, count: int) -> Single:
        """Return the share of draws on one side: 0 lower, 1 the same, 2 higher."""
        rows = self.stored.rows
        row = rows.moving + rows.event_rows + which * rows.compared + compared
        return self._share(count, row)

    def side_counts(self, compared: int) -> tuple[int, int, int]:
        """Return in how many draws a difference is below, at and above zero."""
        rows = self.stored.rows
        recipe = int(rows.recipes[rows.moving + rows.event_rows + compared])
        lower, higher = self.counted("lower", compared), self.counted("higher", compared)
        return lower, self.counted("good", recipe) - lower - higher, higher

    def _share(self, happened: int, row: int) -> Single:
        return chance_of(happened, *self._of(row), found=self._between(row))

    def chance_difference(self, event: int) -> Single:
        """Return the paired difference of two chances."""
        row = self.stored.rows.moving + event
        only, other = self.counted("hits", event), self.counted("other", event)
        return chance_difference_of(only, other, *self._of(row), found=self._between(row))

    def _of(self, row: int) -> tuple[int, int]:
        """Return the draws that count, and the units that hold any."""
        recipe = int(self.stored.rows.recipes[row])
        return self.counted("good", recipe), self.counted("used", recipe)

    def _between(self, row: int) -> Between:
        """Return how the error over pairs or chains is found; None where draws are independent."""
        return (lambda: self.sums(row).spread(skewed=False)) if self.dependent else None

    def unit_variance(self, row: int) -> float:
        """Return the variance of the units' means of a row with moments."""
        sums = self.sums(row)
        r = sums.mean
        squares = sums.aa - 2.0 * r * sums.ab + r * r * sums.bb
        return max(squares, 0.0) / sums.b / sums.units if sums.b else _NAN

    def chance_variance(self, event: int, *, paired: bool) -> float:
        """Return the variance of the units' means of an event row."""
        rows = self.stored.rows
        if self.dependent:
            return self.unit_variance(rows.moving + event)
        good = self.counted("good", int(rows.recipe_of_event[event]))
        only, other = self.counted("hits", event), self.counted("other", event)
        mean = (only - other) / good if good else _NAN
        return (only + other) / good - mean**2 if paired else mean * (1.0 - mean)


class SummarisedValues:
    """The values of one row of money, as `riskmc.statistics.values.Values`."""

    def __init__(self, case: SummarisedCase, row: int) -> None:
        self._case, self._row = case, row
        self.dependent = case.dependent

    @property
    def _recipe(self) -> int:
        return int(self._case.stored.rows.recipe_of[self._row])

    @property
    def _horizon(self) -> int:
        """Its place among the rows over the horizon."""
        return int(np.flatnonzero(self._case.stored.rows.horizon == self._row)[0])

    @property
    def count(self) -> int:
        """Draws that count."""
        return self._case.counted("good", self._recipe)

    @property
    def seen(self) -> int:
        """Draws that are not 0."""
        return self._case.counted("nonzero", self._row)

    @property
    def units(self) -> int:
        """Independent units in all."""
        return self._case.stored.moments.units

    @property
    def used(self) -> int:
        """Units that hold a draw that counts."""
        return self._case.counted("used", self._recipe)

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return self._case.array("least", self._row), self._case.array("most", self._row)

    def average(self) -> tuple[float, Spread]:
        """Return the mean, and its error over units."""
        sums = self._case.sums(self._row)
        return sums.mean, sums.spread(skewed=True)

    def squares(self) -> Squares | None:
        """Return what the error of the standard deviation is made of."""
        stored, case, row = self._case.stored, self._case.number, self._horizon
        good, units = self.count, self.units
        sums = {n: float(x[case, row]) for n, x in stored.moments.spread.items()}
        share = good / stored.draws
        moved = sums["a"] / share - self._case.array("centres", row)
        value = math.sqrt(max(sums["q"] / share - moved**2, 0.0) * good / (good - 1))
        least, most = self.ends
        if value <= 0.0 or least == most:
            return None
        aa = float(stored.moments.sums["aa"][case, self._row])
        squares = sums["qq"] - 4.0 * moved * sums["aq"] + 4.0 * moved**2 * aa
        cubes = sums["qqq"]  # about the centre, which is near the mean
        found = spread_of_sums(units, max(squares, 0.0), cubes, centre=0.0)
        worth = sums["q"] ** 2 * units / (sums["q"] ** 2 + squares / units)
        return Squares(value**2, found, worth)

    def in_order(self) -> SketchInOrder:
        """Return the values that count, in order, within a bin."""
        return SketchInOrder(self._case.sketch(self._row))

    def design(self, p: float, value: float) -> tuple[float, int]:  # noqa: ARG002
        """Return the error of the share of draws below a level, over that of independent draws.

        Measured at the design level nearest to p; draws on the level itself (an atom) count in
        part, so that p of all draws are below.
        """
        return self._design(p), self.units - 1

    def _design(self, p: float) -> float:
        counted, unit, units = self._case.counted, self._case.stored.unit, self.units
        design = self._case.stored.rows.design
        i = min((abs(level - p), i) for i, (of, level) in enumerate(design) if of == self._row)[1]
        below, tied, level, good = counted("below", i), counted("tied", i), design[i][1], self.count
        part = min(max((level * good - below) / tied, 0.0), 1.0) if tied else 0.0
        total = below + part * tied
        squares = (
            counted("below_squared", i)
            + 2.0 * part * counted("below_tied", i)
            + part**2 * counted("tied_squared", i)
        )
        share = total / good
        variance = max(squares - total**2 / units, 0.0) / unit**2
        least, most = self.ends
        if least == most:
            return 0.0
        if units < 2 or not 0.0 < share < 1.0:
            return 1.0
        return math.sqrt(variance / (units - 1) / units / (share * (1.0 - share) / good))

    def tail(self, p: float) -> Tail:
        """Return what the expected shortfall beyond a level of TAILS is made of.

        ES = v + E(x - v)+ / (1 - p) is least, and flat, at the quantile. E(x - t)+ is folded for
        a t near it, and the histogram makes up the way from t to v.
        Source: R. T. Rockafellar and S. Uryasev, Optimization of conditional value-at-risk, Journal
        of Risk 2 (2000) 21-41.
        """
        sketch, sums, threshold = self._excess(p)
        cut = sketch.place(max(math.ceil(self.count * p - 1e-9) - 1, 0))
        between = sketch.survival(cut.value, threshold)
        value = cut.value + (sums.mean + between.value) / (1.0 - p)
        at_cut = sketch.survival(cut.low, cut.high).error
        found = sums.spread(skewed=True)
        found = found._replace(error=self.tail_stretch(p) * found.error / (1.0 - p))
        return Tail(value, found, self.seen, (between.error + at_cut) / (1.0 - p))

    def _excess(self, p: float) -> tuple[Sketch, Sums, float]:
        """Return the histogram, the moments of the excess over a threshold, and the threshold."""
        excess = self._horizon * len(TAILS) + TAILS.index(p)
        sums = self._case.sums(self._case.stored.rows.money_rows + excess)
        return self._case.sketch(self._row), sums, self._case.array("tails", excess)

    def tail_stretch(self, p: float) -> float:
        """Return the spread of the excess over the quantile against that over the threshold.

        The threshold is the first block's quantile: near the quantile, but not on it.
        """
        sketch, _, threshold = self._excess(p)
        cut = sketch.place(max(math.ceil(sketch.draws * p - 1e-9) - 1, 0))
        folded = sketch.excess_deviation(threshold)
        return sketch.excess_deviation(cut.value) / folded if folded > 0.0 else 1.0

    def tail_spread(self, p: float) -> Spread:
        """Return the error of the tail beyond a level of TAILS, unstretched."""
        found = self._excess(p)[1].spread(skewed=True)
        return found._replace(error=found.error / (1.0 - p))


class SummarisedPair:
    """One row of money under two regimes, as `riskmc.statistics.values.Pair`.

    one, other  the values under either
    difference  those of the difference, draw by draw
    """

    def __init__(
        self, one: SummarisedValues, other: SummarisedValues, difference: SummarisedValues
    ) -> None:
        self._one, self._other, self._difference = one, other, difference
        self.count, self.units = difference.count, difference.units
        self.dependent, self.alike = difference.dependent, difference.seen == 0

    def tail(self, p: float) -> Tail:
        """Return what the difference of the expected shortfalls beyond a level is made of.

        Its error is that of the difference of the two excesses over their thresholds.
        """
        one, other = self._one.tail(p), self._other.tail(p)
        found = self._difference.tail_spread(p)
        stretch = math.sqrt(self._one.tail_stretch(p) * self._other.tail_stretch(p))
        found = found._replace(error=found.error * stretch)
        return Tail(one.value - other.value, found, one.seen + other.seen, one.out + other.out)


class SketchInOrder:
    """A histogram as values in order."""

    def __init__(self, sketch: Sketch) -> None:
        self._sketch = sketch
        self.draws = sketch.draws

    def quantile(self, p: float) -> float:
        """Return the p-quantile, linear between order statistics."""
        return self.within(p).value

    def within(self, p: float) -> Bracket:
        """Return the p-quantile and the ends between which that of the same draws lies."""
        return self._sketch.quantile(p)

    def error(self, p: float) -> float:
        """Return the standard error of the p-quantile of so many independent draws."""
        shares, weights = weights_between(self.draws, p, _POINTS)
        return weighted_error(self._sketch.values_at(shares), weights)

    def between(self, low: int, high: int) -> tuple[float, float]:
        """Return the least that one order statistic may be, and the most that another may be."""
        return self._sketch.place(low).low, self._sketch.place(high).high
