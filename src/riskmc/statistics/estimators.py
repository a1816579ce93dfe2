"""Statistics over draws, each with an error that is right for the sampling scheme.

Every function reduces the last two axes (chain, draw) of its arrays and returns an `Estimate`
of the shape that is left. `against` turns it into a paired difference, taken draw by draw.
Draws that are not finite, or not `valid`, are left out: statistics are over the rest, and
`units` counts only what was used (see `failures` for bounds that count them in).

Errors: see `estimates`. `mc` independent draws; `antithetic` pairs for means, probabilities,
standard deviations and ratios; `lhs` and `sobol` chains, with Student's t. Quantiles and
expected shortfall (in `quantiles`, named here too) are pooled over all draws.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.statistics.chances import chance_difference_of, chance_of
from riskmc.statistics.estimates import (
    ROUNDING,
    Bools,
    Estimate,
    Floats,
    Single,
    check_scheme,
    each,
    is_finite,
    spread,
    unit_count,
    unit_means,
)
from riskmc.statistics.finish import Happened, amount_of, deviation_of, nothing_seen
from riskmc.statistics.quantiles import (
    draws_for_quantile,
    enough_for_quantile,
    quantile,
    too_few_text,
)
from riskmc.statistics.ratios import mean_spread, ratio, ratio_single, used_units
from riskmc.statistics.shortfall import expected_shortfall

__all__ = [
    "Estimate",
    "conditional_mean",
    "draws_for_quantile",
    "enough_for_quantile",
    "expected_shortfall",
    "finite_draws",
    "mean",
    "probability",
    "quantile",
    "ratio",
    "standard_deviation",
    "too_few_text",
]


def mean(
    x: NDArray[Any],
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    """Return the mean over draws, or the mean of the per-draw difference x - against.

    x        (..., chain, draw)
    against  the same shape: the difference is taken in every draw
    valid    (..., chain, draw), False where a draw is to be left out

    value = sum(x) / n; mcse = sd(unit means) / sqrt(units). The interval is Student's t,
    corrected for skewness. Where x is 0 in every draw there is
    no standard error (NaN) and `bound` is True: nothing happened.
    """
    check_scheme(scheme)
    x = x if against is None else _difference(x, against)
    if valid is not None:
        x = np.where(valid, x, np.nan)
    return each(lambda series: (_mean(series, scheme),), x)[0]


def _difference(x: NDArray[Any], against: NDArray[Any]) -> Floats:
    with np.errstate(invalid="ignore"):
        difference: Floats = np.subtract(x, against, dtype=float)
    return difference


def _mean(series: NDArray[Any], scheme: str, *, given: bool = False) -> Single:
    with np.errstate(invalid="ignore", over="ignore"):
        units = unit_means(series, scheme)
        value = float(units.mean())
    if not math.isfinite(value):
        return ratio_single(series, np.ones(series.shape), scheme)
    if value == 0.0 and not series.any():
        return nothing_seen(units.size)
    return amount_of(
        value,
        spread(units, value, skewed=True),
        happened=Happened(int(np.count_nonzero(series)), series.size, dependent=scheme != "mc"),
        ends=(float(series.min()), float(series.max())),
        units=units.size,
        given=given,
    )


def probability(
    event: NDArray[Any],
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    """Return the share of draws in which `event` is true, or the paired difference of two.

    event, against, valid  booleans, (..., chain, draw)

    Intervals: see `chances`. Nothing in n units: value 0, low 0, high 3 / n, no standard error;
    everything likewise.
    """
    check_scheme(scheme)
    event = np.asarray(event, dtype=bool)
    arrays: list[NDArray[Any]] = [event]
    if against is not None:
        arrays.append(np.asarray(against, dtype=bool))
    if valid is None:
        if against is None:
            return each(lambda e: (_probability(e, scheme),), event)[0]
        return each(lambda e, a: (_paired_probability(e, a, scheme),), *arrays)[0]
    arrays.append(np.broadcast_to(np.asarray(valid, dtype=bool), event.shape))
    if against is None:
        return each(lambda e, v: (_ratio_of_events(e & v, v, scheme),), *arrays)[0]
    return each(lambda e, a, v: (_difference_of_events(e, a, v, scheme),), *arrays)[0]


def _probability(event: Bools, scheme: str) -> Single:
    happened, units = int(np.count_nonzero(event)), unit_count(event, scheme)
    if scheme == "mc" or happened in (0, event.size):
        return chance_of(happened, event.size, units=units)
    found = spread(unit_means(event, scheme), happened / event.size, skewed=False)
    return chance_of(happened, event.size, units=units, found=found)


def _paired_probability(event: Bools, against: Bools, scheme: str) -> Single:
    only = int(np.count_nonzero(event & ~against))
    other = int(np.count_nonzero(against & ~event))
    total, units = event.size, unit_count(event, scheme)
    if scheme == "mc" or only == other == 0:
        return chance_difference_of(only, other, total, units=units)
    difference = event.astype(np.int8) - against.astype(np.int8)
    found = spread(unit_means(difference, scheme), (only - other) / total, skewed=False)
    return chance_difference_of(only, other, total, units=units, found=found)


def standard_deviation(
    x: NDArray[Any],
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    """Return the standard deviation over draws, or of the per-draw difference x - against.

    s^2 = sum (x - mean)^2 / (n - 1). Its error is that of its influence,
    ((x - mean)^2 - s^2) / (2 s), over draws, pairs or chains; interval: see `deviation_of`. Where
    x never varies there is no standard error (NaN) and `bound` is True.
    """
    check_scheme(scheme)
    x = x if against is None else _difference(x, against)
    if valid is not None:
        x = np.where(valid, x, np.nan)
    return each(lambda series: (_deviation(series, scheme),), x)[0]


def _deviation(series: NDArray[Any], scheme: str) -> Single:
    good = np.isfinite(series)
    n = int(np.count_nonzero(good))
    if n < 2:
        return Single(math.nan, math.nan, math.nan, math.nan, False, n)
    centre = float(series[good].mean())
    squares = np.where(good, series - centre, 0.0) ** 2
    variance = float(squares.sum()) / (n - 1)
    units = unit_count(series, scheme)
    if variance <= (ROUNDING * centre) ** 2:
        return Single(0.0, math.nan, math.nan, math.nan, True, units)
    means = unit_means(squares * (series.size / n), scheme)
    influence = means - unit_means(good, scheme) * (series.size / n) * variance
    found = spread(influence, 0.0, skewed=True)
    worth = float(means.sum() ** 2 / (means * means).sum())
    happened = Happened(int(np.count_nonzero(series[good])), n, dependent=scheme != "mc")
    return deviation_of(variance, found, happened=happened, worth=worth, units=units)


def _ratio_of_events(event: Bools, valid: Bools, scheme: str) -> Single:
    happened, total = int(np.count_nonzero(event)), int(np.count_nonzero(valid))
    units = used_units(valid, scheme)
    if scheme == "mc" or happened in (0, total):
        return chance_of(happened, total, units=units)
    found = mean_spread(event, valid, scheme)
    return chance_of(happened, total, units=units, found=found)


def _difference_of_events(event: Bools, against: Bools, valid: Bools, scheme: str) -> Single:
    only = int(np.count_nonzero(event & ~against & valid))
    other = int(np.count_nonzero(against & ~event & valid))
    total, units = int(np.count_nonzero(valid)), used_units(valid, scheme)
    if scheme == "mc" or only == other == 0:
        return chance_difference_of(only, other, total, units=units)
    found = mean_spread(event.astype(float) - against, valid, scheme)
    return chance_difference_of(only, other, total, units=units, found=found)


def conditional_mean(x: NDArray[Any], event: NDArray[Any], *, scheme: str) -> Estimate:
    """Return the mean of x over the draws in which `event` is true: the amount given one.

    Both (..., chain, draw). Under `mc` the errors are those of that many independent draws;
    otherwise those of the ratio E[x 1] / P(1), with no more degrees of freedom than such draws
    less 1. NaN where the event never happened; no standard error where it happened once. A few
    amounts, none below 0, get the wider interval of theirs and their logarithm's.
    """
    check_scheme(scheme)
    given = np.asarray(event, dtype=bool)

    def single(series: NDArray[Any], mask: Bools) -> tuple[Single]:
        mask = mask & np.isfinite(series)
        count = int(np.count_nonzero(mask))
        if count < 2:
            value = float(series[mask][0]) if count else math.nan
            return (Single(value, math.nan, math.nan, math.nan, False, count),)
        if scheme == "mc":
            return (_mean(series[mask].reshape(1, -1), "mc", given=True),)
        kept = np.where(mask, series, 0.0)
        return (ratio_single(kept, mask.astype(float), scheme, given=True),)

    return each(single, np.asarray(x, dtype=float), given)[0]


def finite_draws(*arrays: NDArray[Any]) -> Bools | None:
    """Return which draws are finite in every array, or None where all of them are.

    Arrays (year, chain, draw) or (chain, draw); the result is (chain, draw). Sums are looked at
    first, so that the usual answer costs one pass.
    """
    if all(is_finite(array) for array in arrays):
        return None
    good: Bools | None = None
    for array in arrays:
        if array.dtype == np.bool_:
            continue
        mask = np.isfinite(array)
        mask = mask.reshape(-1, *array.shape[-2:]).all(axis=0)
        good = mask if good is None else good & mask
    return good
