"""Kept draws as `Values`: counted, summed and put in order when they are asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.statistics.estimates import (
    ROUNDING,
    Bools,
    Floats,
    Spread,
    spread,
    unit_count,
    unit_means,
)
from riskmc.statistics.quantiles import order_of, weighted_error
from riskmc.statistics.ratios import ratio_influence, used_units
from riskmc.statistics.values import Squares, Tail


class Draws:
    """A (chain, draw) series under a sampling scheme; draws that are not finite do not count."""

    def __init__(self, series: NDArray[Any], scheme: str) -> None:
        self._series, self._scheme = series, scheme
        self.dependent = scheme != "mc"

    @cached_property
    def _means(self) -> Floats:
        with np.errstate(invalid="ignore", over="ignore"):
            return unit_means(self._series, self._scheme)

    @cached_property
    def _mean(self) -> float:
        with np.errstate(invalid="ignore", over="ignore"):
            return float(self._means.mean())

    @cached_property
    def _good(self) -> Bools | None:
        """Which draws count; None: all of them."""
        return None if math.isfinite(self._mean) else np.isfinite(self._series)

    @cached_property
    def _kept(self) -> NDArray[Any]:
        """The draws that count."""
        return self._series if self._good is None else self._series[self._good]

    @property
    def count(self) -> int:
        """Draws that count."""
        return int(self._kept.size)

    @cached_property
    def seen(self) -> int:
        """Draws that are not 0."""
        return int(np.count_nonzero(self._kept))

    @property
    def units(self) -> int:
        """Independent units in all."""
        return unit_count(self._series, self._scheme)

    @property
    def used(self) -> int:
        """Units that hold a draw that counts."""
        return self.units if self._good is None else used_units(self._good, self._scheme)

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        if "_ordered" in vars(self):
            return self._ordered.between(0, -1)
        return float(self._kept.min()), float(self._kept.max())

    def average(self) -> tuple[float, Spread]:
        """Return the mean, and its error over units."""
        if self._good is None:
            return self._mean, spread(self._means, self._mean, skewed=True)
        value, influence = ratio_influence(self._series, np.ones(self._series.shape), self._good)
        return value, spread(unit_means(influence, self._scheme), 0.0, skewed=True)

    def squares(self) -> Squares | None:
        """Return what the error of the standard deviation is made of."""
        series, n = self._series, self.count
        good = np.isfinite(series) if self._good is not None else np.ones(series.shape, dtype=bool)
        centre = float(series[good].mean())
        squares = np.where(good, series - centre, 0.0) ** 2
        variance = float(squares.sum()) / (n - 1)
        if variance <= (ROUNDING * centre) ** 2:
            return None
        means = unit_means(squares * (series.size / n), self._scheme)
        counted = unit_means(good, self._scheme) * (series.size / n)
        found = spread(means - counted * variance, 0.0, skewed=True)
        return Squares(variance, found, float(means.sum() ** 2 / (means * means).sum()))

    @cached_property
    def _ordered(self) -> DrawsInOrder:
        return DrawsInOrder(np.asarray(self._kept, dtype=float).reshape(-1))

    def in_order(self) -> DrawsInOrder:
        """Return the draws that count, in order."""
        return self._ordered

    def design(self, p: float, value: float) -> tuple[float, int]:
        """Return the error of the share below the quantile, against that of independent draws."""
        below = unit_means(share_below(self._series, value, p), self._scheme)
        found = spread(below, 0.0, skewed=False)
        return found.error / math.sqrt(p * (1.0 - p) / self.count), found.freedom

    def tail(self, p: float) -> Tail:
        """Return what the expected shortfall beyond the p-quantile is made of."""
        good = np.isfinite(self._series)
        return tail_of(((1.0, self._series),), good, p, self._scheme)


class DrawsPair:
    """Two (chain, draw) series on the same draws, as `riskmc.statistics.values.JointPair`.

    Draws count that are finite in both.
    """

    def __init__(self, series: NDArray[Any], against: NDArray[Any], scheme: str) -> None:
        self._good = np.isfinite(series) & np.isfinite(against)
        if not self._good.all():
            series = np.where(self._good, series, np.nan)
            against = np.where(self._good, against, np.nan)
        self._series, self._against, self._scheme = series, against, scheme
        self._one, self._other = (Draws(x, "mc") for x in (series, against))
        self.dependent = scheme != "mc"

    @cached_property
    def count(self) -> int:
        """Draws that count."""
        return int(np.count_nonzero(self._good))

    @property
    def units(self) -> int:
        """Independent units in all."""
        return unit_count(self._series, self._scheme)

    @cached_property
    def alike(self) -> bool:
        """Whether the two are equal in every draw that counts."""
        return np.array_equal(self._series[self._good], self._against[self._good])

    def quantile(self, p: float) -> tuple[float, Spread]:
        """Return the difference of the p-quantiles; its error is that of their influences'.

        The influence of a draw on a quantile is (p - 1(x <= q)) / density, and 1 / density is
        the quantile's standard error over that of the share below it.
        """
        one, other = self._one.in_order(), self._other.in_order()
        value, taken = one.quantile(p), other.quantile(p)
        share = math.sqrt(p * (1.0 - p) / self.count)
        influence = other.error(p) / share * share_below(self._against, taken, p)
        influence -= one.error(p) / share * share_below(self._series, value, p)
        return value - taken, spread(unit_means(influence, self._scheme), 0.0, skewed=False)

    def tail(self, p: float) -> Tail:
        """Return what the difference of the expected shortfalls beyond p is made of."""
        parts = ((1.0, self._series), (-1.0, self._against))
        return tail_of(parts, self._good, p, self._scheme)


class DrawsInOrder:
    """Draws in order. All are sorted: NumPy sorts faster than it finds a few places among them."""

    def __init__(self, flat: Floats) -> None:
        self.draws, self._sorted = flat.size, np.sort(flat)

    def quantile(self, p: float) -> float:
        """Return the p-quantile, linear between order statistics."""
        position, last = p * (self.draws - 1), self.draws - 1
        lower = min(max(math.floor(position), 0), last)
        bottom, top = self.between(lower, min(lower + 1, last))
        return bottom + (position - lower) * (top - bottom)

    def error(self, p: float) -> float:
        """Return the standard error of the p-quantile of so many independent draws."""
        order = order_of(self.draws, p)
        return weighted_error(self._sorted[order.first : order.last + 1], order.weights)

    def between(self, low: int, high: int) -> tuple[float, float]:
        """Return two order statistics, 0 the smallest; a zero has no sign, for no order has it."""
        return float(self._sorted[low]) + 0.0, float(self._sorted[high]) + 0.0


def share_below(series: NDArray[Any], value: float, p: float) -> Floats:
    """Return whether each draw is below `value`, less p; mean 0 over the finite draws.

    Draws equal to the value (an atom) count in part, so that p of all draws are below.
    Draws that are not finite count 0, as if they were average.
    """
    good = np.isfinite(series)
    n = int(np.count_nonzero(good))
    below = (series < value).astype(float)
    ties = series == value
    tied = int(np.count_nonzero(ties))
    under = float(below[good].sum())
    part = (p * n - under) / tied if tied else 0.0
    below[ties] = part
    centred: Floats = np.where(good, below - (p if tied else under / n), 0.0)
    return centred * (series.size / n)


def tail_of(
    parts: Sequence[tuple[float, NDArray[Any]]], good: Bools, p: float, scheme: str
) -> Tail:
    """Return what an expected shortfall, or a sum of several with their signs, is made of."""
    value, influence, seen = 0.0, np.zeros(good.shape), 0
    for sign, series in parts:
        own, moved, beyond = _tail_influence(series[good], p)
        value += sign * own
        influence[good] += sign * moved
        seen += beyond
    influence *= good.size / np.count_nonzero(good)
    means = influence[good] if scheme == "mc" else unit_means(influence, scheme)
    return Tail(value, spread(means, 0.0, skewed=True), seen)


def _tail_influence(flat: Floats, p: float) -> tuple[float, Floats, int]:
    """Return the expected shortfall of a sample, every draw's influence, and how many exceed it.

    Influence: (x - q)+ / (1 - p) + q - ES, q the quantile.
    """
    n = flat.size
    rank = min(max(math.ceil(n * p - 1e-9) - 1, 0), n - 1)
    cut = float(np.partition(flat, rank)[rank])
    excess = np.maximum(flat - cut, 0.0)
    beyond = float(excess.sum()) / n / (1.0 - p)
    return cut + beyond, excess / (1.0 - p) - beyond, int(np.count_nonzero(excess))
