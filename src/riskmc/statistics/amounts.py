"""Estimates of amounts: one function a statistic, whatever was kept of the draws.

Each takes `Values`: kept draws (see `draws`) or what was folded of them (see `summarised`). Of
chances, `chances` does the same from counts.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from riskmc.statistics.estimates import EVENTS_OPEN, Single, Spread, interval, student
from riskmc.statistics.quantiles import enough_for_quantile, order_of, shares_around
from riskmc.statistics.values import JointPair, Pair, Values

#: From so many events on, pairs and chains show what spread there is.
_FEW_EVENTS = 500


class EventCount(NamedTuple):
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
    happened: EventCount,
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


def mean_of(values: Values, *, given: bool = False) -> Single:
    """Return the mean over the draws that count; `given`: see `amount_of`."""
    if values.count == 0:
        return no_estimate(values.used)
    if values.seen == 0:
        return nothing_seen(values.used)
    value, found = values.average()
    return amount_of(
        value,
        found,
        happened=EventCount(values.seen, values.count, values.dependent),
        ends=values.ends,
        units=values.used,
        given=given,
    )


def deviation_of(values: Values) -> Single:
    """Return the standard deviation over the draws that count.

    The mean of squared deviations is that of a skewed quantity: a few large ones decide it.
    `worth` is how many units of equal size would do as much, (sum q)^2 / sum q^2 over units'
    mean squares q; half of them are the degrees of freedom. The interval is the wider of those
    of the variance and of its logarithm. Values that never differ are a bound.
    """
    if values.count < 2:
        return no_estimate(values.count)
    squares = values.squares()
    if squares is None:
        return Single(0.0, math.nan, math.nan, math.nan, True, values.units)
    variance = squares.variance
    value = math.sqrt(variance)
    happened = EventCount(values.seen, values.count, values.dependent)
    found = _with_events_open(squares.found, variance, happened)
    freedom = min(max(int(squares.worth / 2.0), 1), found.freedom)
    low, high = _wider(variance, found._replace(freedom=freedom))
    ends = math.sqrt(max(low, 0.0)), math.sqrt(max(high, 0.0))
    return Single(value, found.error / (2.0 * value), *ends, False, values.units)


def quantile_of(values: Values, p: float) -> Single:
    """Return the p-quantile over the draws that count.

    Of independent draws the error is Maritz and Jarrett's and the interval lies between two order
    statistics. Of dependent ones the error grows or shrinks as that of the share of draws below
    the quantile does, and the interval lies between the order statistics of `shares_around`.
    Source: Maritz and Jarrett (1978), Woodruff (1952); see `bases`.
    """
    n = values.count
    units = _units_of(values)
    if not enough_for_quantile(n, p):
        return no_estimate(units)
    if values.seen == 0:
        return Single(0.0, math.nan, 0.0, 0.0, True, units)
    order = values.in_order()
    value, error = order.quantile(p), order.error(p)
    if not values.dependent:
        ranks = order_of(n, p)
        return Single(value, error, *order.between(ranks.low, ranks.high), False, n)
    ratio, freedom = values.design(p, value)
    first, last = shares_around(p, n, ratio, freedom)
    if not (math.isfinite(first) and math.isfinite(last)):
        return Single(value, ratio * error, math.nan, math.nan, False, units)
    ends = min(max(math.floor(n * first), 0), n - 1), min(math.ceil(n * last), n - 1)
    low, high = order.between(*ends)
    return Single(value, ratio * error, min(low, value), max(high, value), False, units)


def shortfall_of(values: Values, p: float) -> Single:
    """Return the expected shortfall: the mean of the worst share 1 - p of the draws that count."""
    n = values.count
    units = _units_of(values)
    if not enough_for_quantile(n, p):
        return no_estimate(units)
    if values.seen == 0:
        return nothing_seen(units)
    tail = values.tail(p)
    return amount_of(
        tail.value,
        tail.found,
        happened=EventCount(tail.seen, n * (1.0 - p) - 1.0, values.dependent),
        ends=values.ends,
        units=units,
    )


def quantile_difference_of(pair: JointPair, p: float) -> Single:
    """Return the difference of two p-quantiles on the same draws (not that of the difference)."""
    units = _units_of(pair)
    if not enough_for_quantile(pair.count, p):
        return no_estimate(units)
    if pair.alike:
        return Single(0.0, math.nan, 0.0, 0.0, True, units)
    value, found = pair.quantile(p)
    reach = student(found.freedom) * found.error
    return Single(value, found.error, value - reach, value + reach, False, units)


def shortfall_difference_of(pair: Pair, p: float) -> Single:
    """Return the difference of two expected shortfalls on the same draws."""
    units = _units_of(pair)
    if not enough_for_quantile(pair.count, p):
        return no_estimate(units)
    if pair.alike:
        return nothing_seen(units)
    tail = pair.tail(p)
    return amount_of(
        tail.value,
        tail.found,
        happened=EventCount(tail.seen, pair.count * (1.0 - p) - 1.0, pair.dependent),
        ends=None,
        units=units,
    )


def _units_of(values: Values | Pair) -> int:
    """Return the units behind a statistic that is pooled over all draws."""
    return values.units if values.dependent else values.count


def no_estimate(units: int) -> Single:
    """Return what so few units say: nothing."""
    return Single(math.nan, math.nan, math.nan, math.nan, False, units)


def _with_events_open(found: Spread, value: float, happened: EventCount) -> Spread:
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
