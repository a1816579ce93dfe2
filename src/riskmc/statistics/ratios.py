"""Ratios of means over draws, with the linearised error."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.statistics.amounts import EventCount, amount_of, no_estimate, nothing_seen
from riskmc.statistics.estimates import (
    ROUNDING,
    Bools,
    Estimate,
    Floats,
    Single,
    Spread,
    check_scheme,
    each,
    spread,
    unit_means,
)


def ratio(
    numerator: NDArray[Any],
    denominator: NDArray[Any],
    *,
    scheme: str,
    against: tuple[NDArray[Any], NDArray[Any]] | None = None,
    share: bool = False,
) -> Estimate:
    """Return the mean of one quantity over the mean of another, with the linearised error.

    Both (..., chain, draw). r = sum a / sum b; influence (a - r b) / mean b. `against` is the
    numerator and denominator of a ratio to be taken off, on the same draws. NaN where a
    denominator is 0 in every draw. `share`: the numerator is a part of the denominator, so that
    no interval goes beyond 1, and all of it in every draw is a bound.
    """
    check_scheme(scheme)
    if against is None:
        arrays = np.broadcast_arrays(numerator, denominator)
        return each(lambda a, b: (ratio_single(a, b, scheme, share=share),), *arrays)[0]
    arrays = np.broadcast_arrays(numerator, denominator, *against)
    return each(lambda a, b, c, d: (_ratio_difference(a, b, c, d, scheme),), *arrays)[0]


def ratio_single(
    numerator: NDArray[Any],
    denominator: NDArray[Any],
    scheme: str,
    *,
    share: bool = False,
    given: bool = False,
) -> Single:
    """Return the ratio of one (chain, draw) series to another; not finite is left out.

    `given`: the denominator is which draws count, two at least, so that their number less 1
    bounds the degrees of freedom.
    """
    good = np.isfinite(numerator) & np.isfinite(denominator)
    units = used_units(good, scheme)
    value, influence = ratio_influence(numerator, denominator, good)
    if math.isnan(value):
        return no_estimate(units)
    above, below = (np.asarray(x[good], dtype=float) for x in (numerator, denominator))
    if value == 0.0 and not above.any():
        return nothing_seen(units)
    seen = int(np.count_nonzero(above))
    found = spread(unit_means(influence, scheme), 0.0, skewed=True)
    if given:
        count = int(np.count_nonzero(below))
        error = found.error * math.sqrt(count / (count - 1))  # the mean is of so many amounts
        found = found._replace(error=error, freedom=min(found.freedom, count - 1))
    single = amount_of(
        value,
        found,
        happened=EventCount(seen, math.inf if seen < above.size else 0.0, dependent=scheme != "mc"),
        ends=(float(above.min()), float(above.max())) if (below >= 0.0).all() else None,
        units=units,
        given=given,
    )
    if not (below >= 0.0).all():
        return single
    if not (share and (above <= below * (1.0 + ROUNDING)).all() and above.min() >= 0.0):
        return single
    if np.allclose(above, below, rtol=ROUNDING, atol=0.0):
        return Single(1.0, math.nan, math.nan, math.nan, True, units)
    return single._replace(high=min(single.high, 1.0))


def mean_spread(values: NDArray[Any], valid: Bools, scheme: str) -> Spread:
    """Return the error of the mean of a (chain, draw) series over its valid draws."""
    _, influence = ratio_influence(values, np.ones(values.shape), valid)
    return spread(unit_means(influence, scheme), 0.0, skewed=False)


def _ratio_difference(
    numerator: NDArray[Any],
    denominator: NDArray[Any],
    other_numerator: NDArray[Any],
    other_denominator: NDArray[Any],
    scheme: str,
) -> Single:
    good = np.isfinite(numerator) & np.isfinite(denominator)
    good &= np.isfinite(other_numerator) & np.isfinite(other_denominator)
    units = used_units(good, scheme)
    one, influence = ratio_influence(numerator, denominator, good)
    other, others = ratio_influence(other_numerator, other_denominator, good)
    if math.isnan(one) or math.isnan(other):
        return no_estimate(units)
    return amount_of(
        one - other,
        spread(unit_means(influence - others, scheme), 0.0, skewed=True),
        happened=EventCount(0, math.inf, dependent=scheme != "mc"),
        ends=None,
        units=units,
    )


def ratio_influence(
    numerator: NDArray[Any], denominator: NDArray[Any], good: Bools
) -> tuple[float, Floats]:
    """Return a ratio over the draws that count, and the influence of every draw on it."""
    above = np.where(good, numerator, 0.0)
    below = np.where(good, denominator, 0.0)
    total = float(below.sum())
    if total == 0.0:
        return math.nan, above
    value = float(above.sum()) / total
    influence: Floats = (above - value * below) / (total / below.size)
    return value, influence


def used_units(good: Bools, scheme: str) -> int:
    """Return how many independent units hold a draw that counts."""
    if scheme == "mc":
        return int(np.count_nonzero(good))
    if scheme == "antithetic" and good.size % 2 == 0:
        return int(np.count_nonzero(good.reshape(-1, 2).any(axis=1)))
    return int(np.count_nonzero(good.any(axis=1)))
