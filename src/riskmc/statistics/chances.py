"""Chances and their paired differences, down to a handful of events.

An interval of a chance is the mid-P one: between the chances under which no more, and no fewer,
events than were seen (those just as many counted half) come up in 2.5 of 100 runs. With no event
in n draws it ends at 3 / n, the rule of three. Where draws depend on each other (pairs, chains)
their errors say how many independent draws they are worth.
Source: Lancaster (1961); see `bases`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from riskmc.statistics.estimates import EVENTS_OPEN, RULE_OF_THREE, TAIL, Single, Spread, student

#: From so many events, and so many draws without one, on Wilson's interval is as good.
_MANY = 200.0
_STEPS = 60


#: The error over pairs or chains, worked out where it is needed; None: draws are independent.
Between = Callable[[], Spread] | None


def chance_of(happened: int, total: int, units: int, *, found: Between = None) -> Single:
    """Return a chance from how often it happened in so many draws.

    Parameters
    ----------
    happened, total : int
        Draws in which it did, and draws that count.
    units : int
        Independent units behind them.
    found : callable, optional
        Gives the error over pairs or chains; none: draws are independent.

    Returns
    -------
    Single
        A bound, without a standard error, where it happened never or always.
    """
    if total == 0:
        return Single(math.nan, math.nan, math.nan, math.nan, False, 0)
    if happened in (0, total):
        return none_or_all(happened > 0, units)
    value = happened / total
    independent = value * (1.0 - value) / total
    between = None if found is None else found()
    effect = _effect(between, independent, min(happened, total - happened))
    draws, tail = total / effect, _tail(between)
    low, high = mid_p(value * draws, draws, tail)
    return Single(value, math.sqrt(effect * independent), low, high, False, units)


def _effect(found: Spread | None, independent: float, events: int) -> float:
    """Return how many times the variance of independent draws it is.

    Pairs and chains may agree in how often a rare event falls into them, and show no spread at
    all: an event more or fewer would still have been as likely as not.
    """
    if found is None or math.isnan(found.error):
        return 1.0 if found is None else math.nan
    return max(found.error**2 / independent, min(EVENTS_OPEN / events, 1.0))


def _tail(found: Spread | None) -> float:
    """Return the share of runs beyond each end of an interval, wider where units are few."""
    if found is None:
        return TAIL
    from scipy.special import ndtr

    return float(ndtr(-student(found.freedom)))


def none_or_all(everything: bool, units: int) -> Single:
    """Return the chance of what happened in no unit, or in all: a bound, without an error."""
    reach = min(RULE_OF_THREE / units, 1.0) if units else math.nan
    if everything:
        return Single(1.0, math.nan, 1.0 - reach, 1.0, True, units)
    return Single(0.0, math.nan, 0.0, reach, True, units)


@lru_cache(maxsize=65_536)
def mid_p(happened: float, draws: float, tail: float = TAIL) -> tuple[float, float]:
    """Return the mid-P interval of a share of so many independent draws.

    `happened` and `draws` need not be whole: what dependent draws are worth is not. NaN where
    either is not finite.
    """
    if not (math.isfinite(happened) and math.isfinite(draws) and draws > 0.0):
        return math.nan, math.nan
    if min(happened, draws - happened) >= _MANY:
        from scipy.special import ndtri

        return wilson(happened / draws, draws, -float(ndtri(tail)))
    low = _mid_root(happened, draws, tail) if happened > 0.0 else 0.0
    high = 1.0 - _mid_root(draws - happened, draws, tail) if happened < draws else 1.0
    return low, high


def _mid_root(happened: float, draws: float, tail: float) -> float:
    """Return p with P(more than happened) + P(just as many) / 2 = tail, by bisection."""
    from scipy.special import betainc, betaincinv

    rest = max(draws - happened, 0.0)
    low = float(betaincinv(happened, rest + 1.0, tail))
    high = float(betaincinv(happened + 1.0, rest, tail)) if rest > 0.0 else 1.0
    for _ in range(_STEPS):
        p = 0.5 * (low + high)
        more = float(betainc(happened + 1.0, rest, p)) if rest > 0.0 else 0.0
        if 0.5 * (float(betainc(happened, rest + 1.0, p)) + more) < tail:
            low = p
        else:
            high = p
        if high - low <= 1e-9 * high:
            break
    return 0.5 * (low + high)


def wilson(value: float, draws: float, t: float) -> tuple[float, float]:
    """Return Wilson's interval of a share of so many independent draws.

    Source: Wilson (1927).
    """
    pull = t * t / draws
    centre = (value + pull / 2.0) / (1.0 + pull)
    reach = math.sqrt(pull * value * (1.0 - value) + pull * pull / 4.0) / (1.0 + pull)
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


def chance_difference_of(
    only: int,
    other: int,
    total: int,
    units: int,
    *,
    found: Between = None,
) -> Single:
    """Return the difference of two chances, seen in the same draws.

    `only` draws in which the one event happened alone, `other` the other, `total` in all; the
    rest as for `chance_of`. The interval is made of those of the two shares, which cannot both
    be large at once.
    Source: Newcombe (1998).
    """
    if total == 0:
        return Single(math.nan, math.nan, math.nan, math.nan, False, 0)
    if only == 0 and other == 0:
        reach = min(RULE_OF_THREE / units, 1.0) if units else math.nan
        return Single(0.0, math.nan, -reach, reach, True, units)
    one, two = only / total, other / total
    value = one - two
    independent = (one + two - value**2) / total
    if independent <= 0.0:  # one of them in every draw, the other in none
        alone = none_or_all(True, units)
        ends = (alone.low, 1.0) if value > 0.0 else (-1.0, -alone.low)
        return Single(value, math.nan, *ends, True, units)
    between = None if found is None else found()
    effect = _effect(between, independent, only + other)
    draws, tail = total / effect, _tail(between)
    (low, high), (least, most) = (mid_p(share * draws, draws, tail) for share in (one, two))
    together = -math.sqrt(one * two / ((1.0 - one) * (1.0 - two))) if one * two > 0.0 else 0.0
    below = _reach(one - low, most - two, together)
    above = _reach(high - one, two - least, together)
    error = math.sqrt(effect * independent)
    return Single(value, error, max(value - below, -1.0), min(value + above, 1.0), False, units)


def _reach(one: float, other: float, together: float) -> float:
    return math.sqrt(max(one * one + other * other - 2.0 * together * one * other, 0.0))
