"""Statistics of streamed results: the same estimates as from draws, out of sums and counts.

Means, chances and their errors come out as `statistics` has them, to rounding: the same formulas
on the same moments. Quantiles are read off histograms, within a bin of the exact one. Errors of
quantiles where draws depend on each other take the ratio of dependent to independent error
measured at fixed levels near them (see `riskmc.summaries.rows.LEVELS`).
"""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from riskmc.statistics.chances import chance_difference_of, chance_of
from riskmc.statistics.estimates import (
    Single,
    Spread,
    spread_of_sums,
)
from riskmc.statistics.finish import Happened, amount_of, deviation_of, nothing_seen
from riskmc.statistics.quantiles import (
    enough_for_quantile,
    order_of,
    shares_around,
    weights_between,
)
from riskmc.summaries.grid import Placed, Sketch
from riskmc.summaries.rows import TAILS
from riskmc.summaries.tree import Streamed

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


class StreamStatistics:
    """Estimates of one case of streamed results, row by row."""

    def __init__(self, streamed: Streamed, case: int) -> None:
        self._streamed = streamed
        self._case = case
        self._independent = streamed.unit == 1
        self._sketch = lru_cache(maxsize=1)(partial(streamed.sketch, case))

    def _array(self, name: str, index: int) -> float:
        return float(self._streamed.arrays[name][self._case, index])

    def _count(self, name: str, index: int) -> int:
        return int(self._streamed.arrays[name][self._case, index])

    def _sums(self, row: int) -> Sums:
        streamed = self._streamed
        recipe = int(streamed.rows.recipes[row])
        good, used = self._count("good", recipe), self._count("used", recipe)
        moments = streamed.moments
        values = {name: float(sums[self._case, row]) for name, sums in moments.sums.items()}
        return Sums(streamed.draws, good, moments.units, used, **values)

    def mean(self, row: int) -> Single:
        """Return the mean of a money row, as `statistics.mean`."""
        sums = self._sums(row)
        if sums.good == 0:
            return _nothing(sums.used)
        nonzero, least, most = (self._array(n, row) for n in ("nonzero", "least", "most"))
        value = sums.mean
        if nonzero == 0:
            return nothing_seen(sums.used)
        return amount_of(
            value,
            sums.spread(skewed=True),
            happened=self._happened(row, sums.good),
            ends=(least, most),
            units=sums.used,
        )

    def _happened(self, row: int, among: float) -> Happened:
        """Return in how many draws a money row is not 0."""
        return Happened(self._count("nonzero", row), among, dependent=not self._independent)

    def chance(self, event: int) -> Single:
        """Return the share of draws in which an event row is true, as `statistics.probability`."""
        rows = self._streamed.rows
        row = rows.moving + event
        return self._share(self._count("hits", event), row)

    def side(self, compared: int, which: int, count: int) -> Single:
        """Return the share of draws on one side: 0 lower, 1 the same, 2 higher."""
        rows = self._streamed.rows
        row = rows.moving + rows.event_rows + which * rows.compared + compared
        return self._share(count, row)

    def side_counts(self, compared: int) -> tuple[int, int, int]:
        """Return in how many draws a difference is below, at and above zero."""
        rows = self._streamed.rows
        recipe = int(rows.recipes[rows.moving + rows.event_rows + compared])
        lower, higher = self._count("lower", compared), self._count("higher", compared)
        return lower, self._count("good", recipe) - lower - higher, higher

    def _share(self, happened: int, row: int) -> Single:
        streamed = self._streamed
        recipe = int(streamed.rows.recipes[row])
        good, used = self._count("good", recipe), self._count("used", recipe)
        if self._independent or happened in (0, good):
            return chance_of(happened, good, units=used)
        found = self._sums(row).spread(skewed=False)
        return chance_of(happened, good, units=used, found=found)

    def chance_difference(self, event: int) -> Single:
        """Return the paired difference of two chances, as `statistics.probability`."""
        streamed = self._streamed
        row = streamed.rows.moving + event
        only, other = self._count("hits", event), self._count("other", event)
        recipe = int(streamed.rows.recipes[row])
        good, used = self._count("good", recipe), self._count("used", recipe)
        if self._independent or only == other == 0:
            return chance_difference_of(only, other, good, units=used)
        found = self._sums(row).spread(skewed=False)
        return chance_difference_of(only, other, good, units=used, found=found)

    def unit_variance(self, row: int) -> float:
        """Return the variance of the units' means of a row with moments."""
        sums = self._sums(row)
        r = sums.mean
        squares = sums.aa - 2.0 * r * sums.ab + r * r * sums.bb
        return max(squares, 0.0) / sums.b / sums.units if sums.b else _NAN

    def chance_variance(self, event: int, *, paired: bool) -> float:
        """Return the variance of the units' means of an event row."""
        rows = self._streamed.rows
        if not self._independent:
            return self.unit_variance(rows.moving + event)
        good = self._count("good", int(rows.recipe_of_event[event]))
        only, other = self._count("hits", event), self._count("other", event)
        mean = (only - other) / good if good else _NAN
        return (only + other) / good - mean**2 if paired else mean * (1.0 - mean)

    def quantile(self, row: int, p: float) -> tuple[Single, Placed]:
        """Return a quantile of a money row, and the bounds of its bin.

        The exact quantile of the same draws lies within these for certain; the interval is
        widened by them.
        """
        streamed = self._streamed
        good = self._count("good", int(streamed.rows.recipe_of[row]))
        nowhere = Placed(_NAN, _NAN, _NAN)
        if good and self._count("nonzero", row) == 0 and enough_for_quantile(good, p):
            units = good if self._independent else streamed.moments.units
            return Single(0.0, _NAN, 0.0, 0.0, True, units), Placed(0.0, 0.0, 0.0)
        if not enough_for_quantile(good, p):
            return _nothing(good if self._independent else streamed.moments.units), nowhere
        sketch = self._sketch(row)
        placed = sketch.quantile(p)
        error = _independent_error(sketch, p)
        if self._independent:
            order = order_of(good, p)
            low, high = sketch.place(order.low).low, sketch.place(order.high).high
            return Single(placed.value, error, low, high, False, good), placed
        units = streamed.moments.units
        error *= (ratio := self._design(row, p, good))
        shares = shares_around(p, good, ratio, units - 1)
        if not all(math.isfinite(share) for share in shares):
            return Single(placed.value, error, _NAN, _NAN, False, units), placed
        low = sketch.place(math.floor(good * shares[0])).low
        high = sketch.place(math.ceil(good * shares[1])).high
        return (
            Single(
                placed.value, error, min(low, placed.value), max(high, placed.value), False, units
            ),
            placed,
        )

    def _design(self, row: int, p: float, good: int) -> float:
        """Return the error of the share of draws below a level, over that of independent draws.

        Measured at the design level nearest to p; draws on the level itself (an atom) count in
        part, so that p of all draws are below.
        """
        streamed = self._streamed
        levels = [
            (abs(level - p), i) for i, (of, level) in enumerate(streamed.rows.design) if of == row
        ]
        i, unit, units = min(levels)[1], streamed.unit, streamed.moments.units
        below, tied = self._count("below", i), self._count("tied", i)
        level = streamed.rows.design[i][1]
        part = min(max((level * good - below) / tied, 0.0), 1.0) if tied else 0.0
        total = below + part * tied
        squares = (
            self._count("below_squared", i)
            + 2.0 * part * self._count("below_tied", i)
            + part**2 * self._count("tied_squared", i)
        )
        share = total / good
        variance = max(squares - total**2 / units, 0.0) / unit**2
        if self._array("least", row) == self._array("most", row):
            return 0.0
        if units < 2 or not 0.0 < share < 1.0:
            return 1.0
        return math.sqrt(variance / (units - 1) / units / (share * (1.0 - share) / good))

    def shortfall(self, horizon: int, tail: int) -> tuple[Single, float]:
        """Return the expected shortfall of a money row beyond TAILS[tail], and its error bound.

        ES = v + E(x - v)+ / (1 - p) is least, and flat, at the quantile. E(x - t)+ is folded for
        a t near it, and the histogram makes up the way from t to v. The second number is the
        most by which that can be out.
        Source: R. T. Rockafellar and S. Uryasev, Optimization of conditional value-at-risk (2000).
        """
        streamed = self._streamed
        p = TAILS[tail]
        row = int(streamed.rows.horizon[horizon])
        good = self._count("good", int(streamed.rows.recipe_of[row]))
        if not enough_for_quantile(good, p):
            units = good if self._independent else streamed.moments.units
            return _nothing(units), _NAN
        if self._count("nonzero", row) == 0:
            return nothing_seen(good if self._independent else streamed.moments.units), 0.0
        sketch = self._sketch(row)
        excess = horizon * len(TAILS) + tail
        threshold = self._array("tails", excess)
        sums = self._sums(streamed.rows.money_rows + excess)
        cut = sketch.place(max(math.ceil(good * p - 1e-9) - 1, 0))
        between = sketch.survival(cut.value, threshold)
        value = cut.value + (sums.mean + between.value) / (1.0 - p)
        at_cut = sketch.survival(cut.low, cut.high).error
        found = sums.spread(skewed=True)
        stretch = self.tail_stretch(horizon, tail)
        found = found._replace(error=stretch * found.error / (1.0 - p))
        single = amount_of(
            value,
            found,
            happened=self._happened(row, good * (1.0 - p) - 1.0),
            ends=(self._array("least", row), self._array("most", row)),
            units=good if self._independent else sums.units,
        )
        return single, (between.error + at_cut) / (1.0 - p)

    def tail_stretch(self, horizon: int, tail: int) -> float:
        """Return the spread of the excess over the quantile against that over the threshold.

        The threshold is the first block's quantile: near the quantile, but not on it.
        """
        p = TAILS[tail]
        sketch = self._sketch(int(self._streamed.rows.horizon[horizon]))
        threshold = self._array("tails", horizon * len(TAILS) + tail)
        cut = sketch.place(max(math.ceil(sketch.draws * p - 1e-9) - 1, 0))
        folded = sketch.excess_deviation(threshold)
        return sketch.excess_deviation(cut.value) / folded if folded > 0.0 else 1.0

    def shortfall_error(self, horizon: int, tail: int) -> Spread:
        """Return the error of the difference of two shortfalls, of a paired case, unstretched."""
        excess = self._streamed.rows.money_rows + horizon * len(TAILS) + tail
        found = self._sums(excess).spread(skewed=True)
        return found._replace(error=found.error / (1.0 - TAILS[tail]))

    def deviation(self, horizon: int) -> Single:
        """Return the standard deviation of a money row over the horizon."""
        streamed = self._streamed
        row = int(streamed.rows.horizon[horizon])
        good = self._count("good", int(streamed.rows.recipe_of[row]))
        units = streamed.moments.units
        if good < 2:
            return _nothing(good)
        sums = {n: float(x[self._case, horizon]) for n, x in streamed.moments.spread.items()}
        centre = float(streamed.arrays["centres"][self._case, horizon])
        share = good / streamed.draws
        moved = sums["a"] / share - centre
        value = math.sqrt(max(sums["q"] / share - moved**2, 0.0) * good / (good - 1))
        if value <= 0.0 or self._array("least", row) == self._array("most", row):
            return Single(0.0, _NAN, _NAN, _NAN, True, units)
        aa = float(streamed.moments.sums["aa"][self._case, row])
        squares = sums["qq"] - 4.0 * moved * sums["aq"] + 4.0 * moved**2 * aa
        cubes = sums["qqq"]  # about the centre, which is near the mean
        found = spread_of_sums(units, max(squares, 0.0), cubes, centre=0.0)
        worth = sums["q"] ** 2 * units / (sums["q"] ** 2 + squares / units)
        happened = self._happened(row, good)
        return deviation_of(value**2, found, happened=happened, worth=worth, units=units)


def _nothing(units: int) -> Single:
    return Single(_NAN, _NAN, _NAN, _NAN, False, units)


def _independent_error(sketch: Sketch, p: float) -> float:
    """Return the standard error of a quantile of independent draws: Maritz-Jarrett's.

    The quantile of n draws is the quantile function at a share distributed as
    Beta((n + 1) p, (n + 1) (1 - p)); the quantile function is the histogram's.
    """
    shares, weights = weights_between(sketch.draws, p, _POINTS)
    values = sketch.values_at(shares)
    moved = values - values[len(values) // 2]
    mean = float((weights * moved).sum())
    return math.sqrt(max(float((weights * np.square(moved)).sum()) - mean**2, 0.0))
