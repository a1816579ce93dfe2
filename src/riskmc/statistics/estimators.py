"""Statistics over draws, each with an error that is right for the sampling scheme.

Every function reduces the last two axes (chain, draw) of its arrays and returns an `Estimate`
of the shape that is left. `against` turns it into a paired difference, taken draw by draw.
Draws that are not finite, or not `valid`, are left out: statistics are over the rest, and
`units` counts only what was used (see `failures` for bounds that count them in).

Each series goes to the one estimator of its statistic, in `amounts` or `chances`, which takes
running summaries as well.

Errors: see `estimates`. `mc` independent draws; `antithetic` pairs for means, probabilities,
standard deviations and ratios; `lhs` and `sobol` chains, with Student's t. Quantiles and
expected shortfall are pooled over all draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.statistics.amounts import (
    deviation_of,
    mean_of,
    quantile_difference_of,
    quantile_of,
)
from riskmc.statistics.chances import chance_difference_of, chance_of
from riskmc.statistics.draws import Draws, DrawsPair
from riskmc.statistics.estimates import (
    Bools,
    Estimate,
    Floats,
    Single,
    Spread,
    check_scheme,
    each,
    is_finite,
    spread,
    stack,
    unit_count,
    unit_means,
)
from riskmc.statistics.quantiles import (
    draws_for_quantile,
    enough_for_quantile,
    levels_of,
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
    "mean_and_quantiles",
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
    return each(lambda series: (mean_of(Draws(series, scheme)),), x)[0]


def mean_and_quantiles(
    x: NDArray[Any],
    *,
    p: Sequence[float],
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> list[Estimate]:
    """Return the mean over draws and quantiles of them, or of the per-draw difference x - against.

    As `mean`, and `quantile` of the same values; the draws are looked at once for all.
    """
    check_scheme(scheme)
    ps = levels_of(p)
    x = x if against is None else _difference(x, against)
    if valid is not None:
        x = np.where(valid, x, np.nan)

    def singles(series: NDArray[Any]) -> list[Single]:
        draws = Draws(series, scheme)
        quantiles = [quantile_of(draws, one) for one in ps]
        return [mean_of(draws), *quantiles]

    return each(singles, x)


def _difference(x: NDArray[Any], against: NDArray[Any]) -> Floats:
    with np.errstate(invalid="ignore"):
        difference: Floats = np.subtract(x, against, dtype=float)
    return difference


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
    happened = int(np.count_nonzero(event))

    def found() -> Spread:
        return spread(unit_means(event, scheme), happened / event.size, skewed=False)

    between = None if scheme == "mc" else found
    return chance_of(happened, event.size, units=unit_count(event, scheme), found=between)


def _paired_probability(event: Bools, against: Bools, scheme: str) -> Single:
    only = int(np.count_nonzero(event & ~against))
    other = int(np.count_nonzero(against & ~event))
    total, units = event.size, unit_count(event, scheme)

    def found() -> Spread:
        difference = event.astype(np.int8) - against.astype(np.int8)
        return spread(unit_means(difference, scheme), (only - other) / total, skewed=False)

    between = None if scheme == "mc" else found
    return chance_difference_of(only, other, total, units=units, found=between)


def standard_deviation(
    x: NDArray[Any],
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    """Return the standard deviation over draws, or of the per-draw difference x - against.

    s^2 = sum (x - mean)^2 / (n - 1). Its error is that of its influence,
    ((x - mean)^2 - s^2) / (2 s), over draws, pairs or chains; see `amounts.deviation_of`. Where
    x never varies there is no standard error (NaN) and `bound` is True.
    """
    check_scheme(scheme)
    x = x if against is None else _difference(x, against)
    if valid is not None:
        x = np.where(valid, x, np.nan)
    return each(lambda series: (deviation_of(Draws(series, scheme)),), x)[0]


def _ratio_of_events(event: Bools, valid: Bools, scheme: str) -> Single:
    happened, total = int(np.count_nonzero(event)), int(np.count_nonzero(valid))
    between = None if scheme == "mc" else partial(mean_spread, event, valid, scheme)
    return chance_of(happened, total, units=used_units(valid, scheme), found=between)


def _difference_of_events(event: Bools, against: Bools, valid: Bools, scheme: str) -> Single:
    only = int(np.count_nonzero(event & ~against & valid))
    other = int(np.count_nonzero(against & ~event & valid))
    total, units = int(np.count_nonzero(valid)), used_units(valid, scheme)
    between = partial(mean_spread, event.astype(float) - against, valid, scheme)
    return chance_difference_of(
        only, other, total, units=units, found=None if scheme == "mc" else between
    )


def quantile(
    x: NDArray[Any],
    *,
    p: float | Sequence[float],
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    """Return the p-quantile over draws, or the difference of two quantiles on the same draws.

    x        (..., chain, draw)
    p        one probability, or several: then a last axis is added for them
    against  the quantile of this is taken off; its error allows for the pairing (this is the
             difference of the quantiles, not the quantile of the difference)

    NaN where draws are too few: see `draws_for_quantile` and `too_few_text`.
    """
    check_scheme(scheme)
    ps = levels_of(p)
    if valid is not None:
        x = np.where(valid, x, np.nan)
        against = against if against is None else np.where(valid, against, np.nan)
    if against is None:
        found = each(lambda s: _quantiles(s, ps, scheme), x)
    else:
        found = each(lambda s, a: _quantile_differences(s, a, ps, scheme), x, against)
    return found[0] if isinstance(p, int | float) else stack(found)


def _quantiles(series: NDArray[Any], ps: Sequence[float], scheme: str) -> list[Single]:
    draws = Draws(series, scheme)
    return [quantile_of(draws, p) for p in ps]


def _quantile_differences(
    series: NDArray[Any], against: NDArray[Any], ps: Sequence[float], scheme: str
) -> list[Single]:
    pair = DrawsPair(series, against, scheme)
    return [quantile_difference_of(pair, p) for p in ps]


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
            return (mean_of(Draws(series[mask].reshape(1, -1), "mc"), given=True),)
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
