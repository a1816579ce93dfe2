"""From a value and its error over units to an estimate: one way, whatever was kept of the draws.

Statistics of kept draws and of running summaries both end here (and in `chances`): the one makes
its sums over units now, the other made them block by block and joined them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from riskmc.statistics.estimates import EVENTS_OPEN, Single, Spread, interval

#: From so many events on, pairs and chains show what spread there is.
_FEW_EVENTS = 500


class Happened(NamedTuple):
    """In how many draws an amount was anything but 0.

    seen       how many
    among      of how many that could show it
    dependent  whether draws depend on each other, in pairs or chains
    """

    seen: int
    among: float
    dependent: bool


def amount_of(
    value: float,
    found: Spread,
    *,
    happened: Happened,
    ends: tuple[float, float] | None,
    units: int,
    given: bool = False,
) -> Single:
    """Return an estimate of an amount from its error over units.

    `ends` are the least and the most that any draw holds: an interval does not cross 0 where
    they do not. None for a difference. `given`: it is a mean over the draws in which it happened,
    and no others. A few amounts, none of them below 0, do not show how large others are: the
    wider interval is then taken of the mean's and its logarithm's.
    """
    if not given:
        found = _with_events_open(found, value, happened)
    low, high = interval(value, found)
    few = given and happened.seen < _FEW_EVENTS
    if few and ends is not None and ends[0] >= 0.0 < value:
        low, high = _wider(value, found)
    single = Single(value, found.error, low, high, False, units)
    return single if ends is None else within_sign(single, *ends)


def _wider(value: float, found: Spread) -> tuple[float, float]:
    """Return the wider at each end of the intervals of an amount above 0 and of its logarithm.

    Both are corrected for skewness; the first is short below, the second above.
    """
    low, high = interval(value, found)
    log = interval(math.log(value), found._replace(error=found.error / value))
    return min(low, math.exp(log[0])), max(high, math.exp(min(log[1], 700.0)))


def deviation_of(
    variance: float, found: Spread, *, happened: Happened, worth: float, units: int
) -> Single:
    """Return a standard deviation from a variance and the error of that over units.

    The mean of squared deviations is that of a skewed quantity: a few large ones decide it.
    `worth` is how many units of equal size would do as much, (sum q)^2 / sum q^2 over units'
    mean squares q; half of them are the degrees of freedom. The interval is the wider of those
    of the variance and of its logarithm.
    """
    value = math.sqrt(variance)
    found = _with_events_open(found, variance, happened)
    freedom = min(max(int(worth / 2.0), 1), found.freedom)
    low, high = _wider(variance, found._replace(freedom=freedom))
    ends = math.sqrt(max(low, 0.0)), math.sqrt(max(high, 0.0))
    return Single(value, found.error / (2.0 * value), *ends, False, units)


def _with_events_open(found: Spread, value: float, happened: Happened) -> Spread:
    """Return the error of an amount that happened in so many draws only, under pairs or chains.

    Chains that are each one design may agree in how often a rare event falls into them, and show
    no spread. An event more or fewer would still have been as likely as not: two events of
    variance are left open while events are few; what happens often is smooth enough.
    """
    seen = happened.seen
    if not happened.dependent or seen >= happened.among or not 0 < seen < _FEW_EVENTS:
        return found
    return found._replace(error=max(found.error, abs(value) * math.sqrt(EVENTS_OPEN) / seen))


def within_sign(single: Single, least: float, most: float) -> Single:
    """Return an estimate whose interval is cut at 0 where no draw lies beyond: least or most.

    An amount that cannot be negative has no negative interval.
    """
    if least >= 0.0 and single.low < 0.0:
        single = single._replace(low=0.0)
    if most <= 0.0 and single.high > 0.0:
        single = single._replace(high=0.0)
    return single


def nothing_seen(units: int) -> Single:
    """Return the estimate of an amount that was 0 in every one of so many units.

    No standard error, and no end to how large it might be in a future that was not drawn.
    """
    return Single(0.0, math.nan, math.nan, math.nan, True, units)
