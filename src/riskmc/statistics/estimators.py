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

from riskmc.statistics.estimates import (
    RULE_OF_THREE,
    Bools,
    Estimate,
    Floats,
    Single,
    Spread,
    check_scheme,
    each,
    interval,
    is_finite,
    jackknife_error,
    many_units,
    spread,
    student,
    unit_count,
    unit_means,
)
from riskmc.statistics.quantiles import (
    draws_for_quantile,
    enough_for_quantile,
    expected_shortfall,
    quantile,
    too_few_text,
)
from riskmc.statistics.ratios import ratio, ratio_single, used_units

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
    corrected for skewness where units are draws or pairs. Where x is 0 in every draw there is
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


def _mean(series: NDArray[Any], scheme: str) -> Single:
    with np.errstate(invalid="ignore", over="ignore"):
        units = unit_means(series, scheme)
        value = float(units.mean())
    if not math.isfinite(value):
        return ratio_single(series, np.ones(series.shape), scheme)
    if value == 0.0 and not series.any():
        return Single(0.0, math.nan, math.nan, math.nan, True, units.size)
    found = spread(units, value, skewed=many_units(series, scheme))
    low, high = interval(value, found)
    if low < 0.0 < value and series.min() >= 0.0:
        low = 0.0
    if value < 0.0 < high and series.max() <= 0.0:
        high = 0.0
    return Single(value, found.error, low, high, False, units.size)


def probability(
    event: NDArray[Any],
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    """Return the share of draws in which `event` is true, or the paired difference of two.

    event, against, valid  booleans, (..., chain, draw)

    The interval is Wilson's; where units are not draws, with Student's t and as many draws as
    the standard error says they are worth. Nothing in n units: value 0, low 0, high 3 / n,
    no standard error; everything likewise. A difference has the interval of Bonett and Price.
    Source: E. B. Wilson, JASA 22 (1927); D. G. Bonett and R. M. Price, Adjusted Wald interval
    for a difference of binomial proportions based on paired data, J. Educ. Behav. Stat. 37 (2012).
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
    happened = int(np.count_nonzero(event))
    total = event.size
    units = unit_count(event, scheme)
    if happened in (0, total):
        return none_or_all(happened > 0, units)
    value = happened / total
    if scheme == "mc":
        error = math.sqrt(value * (1.0 - value) / total)
        low, high = wilson(value, float(total), student(10**9))
        return Single(value, error, low, high, False, units)
    found = spread(unit_means(event, scheme), value, skewed=False)
    return with_wilson(value, found, units)


def none_or_all(everything: bool, units: int) -> Single:
    """Return the chance of what happened in no unit, or in all: a bound, without an error."""
    reach = min(RULE_OF_THREE / units, 1.0) if units else math.nan
    if everything:
        return Single(1.0, math.nan, 1.0 - reach, 1.0, True, units)
    return Single(0.0, math.nan, 0.0, reach, True, units)


def with_wilson(value: float, found: Spread, units: int) -> Single:
    """Return a chance with the error found over units, and Wilson's interval."""
    if not found.error > 0.0:
        ends = value if found.error == 0.0 else math.nan
        return Single(value, found.error, ends, ends, False, units)
    worth = value * (1.0 - value) / found.error**2
    low, high = wilson(value, worth, student(found.freedom))
    return Single(value, found.error, low, high, False, units)


def wilson(value: float, draws: float, t: float) -> tuple[float, float]:
    """Return Wilson's interval of a share of so many independent draws."""
    pull = t * t / draws
    centre = (value + pull / 2.0) / (1.0 + pull)
    reach = math.sqrt(pull * value * (1.0 - value) + pull * pull / 4.0) / (1.0 + pull)
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


def _paired_probability(event: Bools, against: Bools, scheme: str) -> Single:
    only = int(np.count_nonzero(event & ~against))
    other = int(np.count_nonzero(against & ~event))
    total = event.size
    units = unit_count(event, scheme)
    if only == 0 and other == 0:
        reach = min(RULE_OF_THREE / units, 1.0)
        return Single(0.0, math.nan, -reach, reach, True, units)
    value = (only - other) / total
    if scheme != "mc":
        difference = event.astype(np.int8) - against.astype(np.int8)
        found = spread(unit_means(difference, scheme), value, skewed=many_units(event, scheme))
        low, high = interval(value, found)
        return Single(value, found.error, max(low, -1.0), min(high, 1.0), False, units)
    return paired_counts(only, other, total, units)


def paired_counts(only: int, other: int, total: int, units: int) -> Single:
    """Return the difference of two chances over independent draws, seen in the same ones.

    `only` draws in which the one event happened alone, `other` the other, `total` in all.
    """
    if only == 0 and other == 0:
        reach = min(RULE_OF_THREE / units, 1.0)
        return Single(0.0, math.nan, -reach, reach, True, units)
    value = (only - other) / total
    error = math.sqrt(((only + other) / total - value**2) / total)
    first, second = (only + 1.0) / (total + 2.0), (other + 1.0) / (total + 2.0)
    reach = student(10**9) * math.sqrt((first + second - (first - second) ** 2) / (total + 2.0))
    centre = first - second
    return Single(value, error, max(centre - reach, -1.0), min(centre + reach, 1.0), False, units)


def standard_deviation(
    x: NDArray[Any],
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    """Return the standard deviation over draws, or of the per-draw difference x - against.

    s^2 = sum (x - mean)^2 / (n - 1). Its error is that of its influence,
    ((x - mean)^2 - s^2) / (2 s), over draws or pairs; over chains, a jackknife. The interval is
    Student's t on the logarithm.
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
    value = math.sqrt(float(squares.sum()) / (n - 1))
    units = unit_count(series, scheme)
    if value == 0.0:
        return Single(0.0, 0.0, 0.0, 0.0, False, units)
    if many_units(series, scheme):
        influence = np.where(good, squares - value**2, 0.0) / (2.0 * value) * (series.size / n)
        found = spread(unit_means(influence, scheme), 0.0, skewed=False)
        error, freedom = found.error, found.freedom
    else:
        error, freedom = jackknife_error(_leave_out_sd(series, good)), series.shape[0] - 1
    stretch = math.exp(student(freedom) * error / value) if freedom > 0 else math.nan
    return Single(value, error, value / stretch, value * stretch, False, units)


def _leave_out_sd(series: NDArray[Any], good: Bools) -> Floats:
    shift = float(series[good].mean())
    values = np.where(good, series - shift, 0.0)
    counts = good.sum(axis=1)
    sums, squares = values.sum(axis=1), (values * values).sum(axis=1)
    n = counts.sum() - counts
    total, total_squares = sums.sum() - sums, squares.sum() - squares
    variance: Floats = (total_squares - total**2 / n) / (n - 1)
    return np.sqrt(np.maximum(variance, 0.0))


def _ratio_of_events(event: Bools, valid: Bools, scheme: str) -> Single:
    happened, total = int(np.count_nonzero(event)), int(np.count_nonzero(valid))
    units = used_units(valid, scheme)
    if total == 0:
        return Single(math.nan, math.nan, math.nan, math.nan, False, 0)
    if happened in (0, total):
        return none_or_all(happened > 0, units)
    found = ratio_single(np.where(valid, event, np.nan), np.ones(event.shape), scheme)
    if scheme == "mc":
        low, high = wilson(found.value, float(total), student(10**9))
        return found._replace(low=low, high=high, units=units)
    freedom = unit_count(event, scheme) - 1
    return with_wilson(found.value, Spread(found.mcse, 0.0, freedom), units)


def _difference_of_events(event: Bools, against: Bools, valid: Bools, scheme: str) -> Single:
    if scheme == "mc":
        return _paired_probability(event[valid][None, :], against[valid][None, :], scheme)
    difference = np.where(valid, event.astype(float) - against, np.nan)
    found = ratio_single(difference, np.ones(event.shape), scheme)
    if not found.bound:
        return found
    reach = min(RULE_OF_THREE / found.units, 1.0)
    return found._replace(low=-reach, high=reach)


def conditional_mean(x: NDArray[Any], event: NDArray[Any], *, scheme: str) -> Estimate:
    """Return the mean of x over the draws in which `event` is true: the amount given one.

    Both (..., chain, draw). Under `mc` the errors are those of that many independent draws;
    otherwise those of the ratio E[x 1] / P(1). NaN where the event never happened; no standard
    error where it happened once.
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
            return (_mean(series[mask].reshape(1, -1), "mc"),)
        found = ratio_single(np.where(mask, series, 0.0), mask.astype(float), scheme)
        return (found,)

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
