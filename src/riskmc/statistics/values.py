"""What estimators need to know of a series of values, one a draw, whatever was kept of it.

Kept draws are one block: they are counted, summed and put in order when they are asked for. A run
that keeps summaries did so block by block. Every estimator takes either, so that there is one
formula for each statistic and one for its error.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from riskmc.statistics.estimates import Spread


class InOrder(Protocol):
    """Values in order: every draw, or a histogram of them."""

    @property
    def draws(self) -> int:
        """How many values there are."""

    def quantile(self, p: float) -> float:
        """Return the p-quantile, linear between order statistics."""

    def error(self, p: float) -> float:
        """Return the standard error of the p-quantile of so many independent draws."""

    def between(self, low: int, high: int) -> tuple[float, float]:
        """Return the least that one order statistic may be, and the most that another may be.

        0 is the smallest. Kept draws know either exactly, a histogram within a bin.
        """


class Squares(NamedTuple):
    """What the error of a standard deviation is made of.

    variance  over the draws that count
    found     the error of the variance over units
    worth     how many units of equal size would do as much; see `deviation_of`
    """

    variance: float
    found: Spread
    worth: float


class Tail(NamedTuple):
    """What an expected shortfall is made of.

    value  the mean of the worst draws
    found  its error over units
    seen   draws that decide it
    out    the most by which the value can be out: 0 of kept draws
    """

    value: float
    found: Spread
    seen: int
    out: float = 0.0


class Values(Protocol):
    """A series of values, one a draw.

    count      draws that count: those that are finite
    seen       of these, draws that are not 0
    units      independent units in all: draws, pairs or chains
    used       units that hold a draw that counts
    dependent  whether draws depend on each other, in pairs or chains
    ends       the smallest and the largest value; None where no sign is certain
    """

    @property
    def count(self) -> int: ...  # noqa: D102
    @property
    def seen(self) -> int: ...  # noqa: D102
    @property
    def units(self) -> int: ...  # noqa: D102
    @property
    def used(self) -> int: ...  # noqa: D102
    @property
    def dependent(self) -> bool: ...  # noqa: D102
    @property
    def ends(self) -> tuple[float, float] | None: ...  # noqa: D102

    def average(self) -> tuple[float, Spread]:
        """Return the mean, and its error over units."""

    def squares(self) -> Squares | None:
        """Return what the error of the standard deviation is made of; None: no value differs."""

    def in_order(self) -> InOrder:
        """Return the values that count, in order."""

    def design(self, p: float, value: float) -> tuple[float, int]:
        """Return the error of the share of draws below the p-quantile, and degrees of freedom.

        As a ratio to that of independent draws. `value` is the quantile.
        """

    def tail(self, p: float) -> Tail:
        """Return what the expected shortfall beyond the p-quantile is made of."""


class Pair(Protocol):
    """Two series of values in the same draws, of which one statistic is taken off the other.

    count      draws that count in both
    units      independent units in all
    dependent  whether draws depend on each other, in pairs or chains
    alike      whether the two are equal in every draw that counts
    """

    @property
    def count(self) -> int: ...  # noqa: D102
    @property
    def units(self) -> int: ...  # noqa: D102
    @property
    def dependent(self) -> bool: ...  # noqa: D102
    @property
    def alike(self) -> bool: ...  # noqa: D102

    def tail(self, p: float) -> Tail:
        """Return what the difference of the expected shortfalls beyond p is made of."""


class JointPair(Pair, Protocol):
    """A pair of which it is known in which draws both are below their quantiles: kept draws.

    Summaries do not hold that: they have the moments of the difference of the two excesses,
    which the shortfalls need, and the histogram of the difference, but no joint count. So the
    error of a difference of two quantiles cannot be had from them. They offer the quantile of
    the difference instead, which is `quantile_of` whatever was kept.
    """

    def quantile(self, p: float) -> tuple[float, Spread]:
        """Return the difference of the p-quantiles, and its error over units."""
