"""Quantiles, pooled over all draws, with their errors.

A quantile is the usual one (linear between order statistics, as NumPy's default). Under `mc`
its error is density-free: the Maritz-Jarrett standard error and an interval between two order
statistics. Elsewhere the share of draws below it has its error over pairs or chains, which says
how many independent draws they are worth, and the interval is that of so many: leaving out whole
chains moves a sample quantile by jumps, and intervals from a jackknife of the quantile itself
cover 91 % only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.statistics.estimates import (
    EVENTS_OPEN,
    TAIL,
    Bools,
    Estimate,
    Floats,
    Single,
    check_scheme,
    each,
    is_finite,
    spread,
    stack,
    student,
    unit_count,
    unit_means,
)

#: Order statistics further than this many standard deviations away carry no weight.
_REACH = 6.5


def draws_for_quantile(p: float) -> int:
    """Return the fewest independent draws that give the p-quantile a two-sided 95 % interval.

    The interval runs between order statistics, so the largest must exceed the quantile and the
    smallest fall short of it in 97.5 of 100 runs: max(p, 1 - p)^n <= 0.025. 72 draws for the
    95th percentile, 368 for the 99th.
    """
    if not 0.0 < p < 1.0:
        raise ValueError(f"a quantile lies between 0 and 1, not at {p}")
    return math.ceil(math.log(TAIL) / math.log(max(p, 1.0 - p)))


def enough_for_quantile(n: int, p: float) -> bool:
    """Say whether n draws are enough for the p-quantile; see `draws_for_quantile`."""
    return n >= draws_for_quantile(p)


def too_few_text(n: int, p: float) -> str:
    """Return the statement to print where n draws are too few for the p-quantile, else ""."""
    needed = draws_for_quantile(p)
    if n >= needed:
        return ""
    return f"{n:,} draws are too few for the {100 * p:g}th percentile: it takes {needed:,}"


class _Order(NamedTuple):
    """Which order statistics (0-based, in sorted order) a quantile needs, and how."""

    first: int
    last: int
    low: int
    high: int
    weights: Floats


@lru_cache(maxsize=256)
def order_of(n: int, p: float) -> _Order:
    """Return ranks and Maritz-Jarrett weights of the p-quantile of n independent draws.

    Weight of the i-th smallest: I(i/n) - I((i-1)/n), I the distribution function of
    Beta((n + 1) p, (n + 1) (1 - p)). Interval: l the largest and u the smallest ranks with
    P(Bin(n, p) < l) <= 0.025 and P(Bin(n, p) >= u) <= 0.025.
    Source: J. S. Maritz and R. G. Jarrett, JASA 73 (1978).
    """
    from scipy.special import bdtr, betainc

    width = math.sqrt(n * p * (1.0 - p))
    first = max(math.floor(n * p - _REACH * width) - 2, 0)
    last = min(math.ceil(n * p + _REACH * width) + 2, n - 1)
    edges = np.arange(first, last + 2) / n
    weights = np.diff(betainc((n + 1) * p, (n + 1) * (1.0 - p), edges))
    ranks = np.arange(first, last + 1)
    below = bdtr(ranks.astype(float), n, p)
    low = first + int(np.searchsorted(below, TAIL, side="right")) - 1
    high = first + int(np.searchsorted(below, 1.0 - TAIL, side="left"))
    return _Order(first, last, max(low, 0), min(high, n - 1), weights / weights.sum())


@lru_cache(maxsize=256)
def weights_between(n: int, p: float, points: int) -> tuple[Floats, Floats]:
    """Return shares of n draws near p and their Maritz-Jarrett weights, on an even grid.

    As `order_of`, for a quantile function that is known between the order statistics too.
    """
    from scipy.special import betainc

    reach = (_REACH * math.sqrt(n * p * (1.0 - p)) + 2.0) / n
    edges = np.linspace(max(p - reach, 0.0), min(p + reach, 1.0), points + 1)
    weights = np.diff(betainc((n + 1) * p, (n + 1) * (1.0 - p), edges))
    return 0.5 * (edges[1:] + edges[:-1]), weights / weights.sum()


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
    ps = (float(p),) if isinstance(p, int | float) else tuple(float(q) for q in p)
    for one in ps:
        draws_for_quantile(one)
    if valid is not None:
        x = np.where(valid, x, np.nan)
        against = against if against is None else np.where(valid, against, np.nan)
    if against is None:
        found = each(lambda s: _quantiles(s, ps, scheme), x)
    else:
        found = each(lambda s, a: _quantile_differences(s, a, ps, scheme), x, against)
    return found[0] if isinstance(p, int | float) else stack(found)


def _nothing(n: int, p: float, units: int) -> Single:
    """Return a quantile of what was 0 in every draw: surely 0 where draws are enough for it."""
    if not enough_for_quantile(n, p):
        return _too_few(units)
    return Single(0.0, math.nan, 0.0, 0.0, True, units)


def _too_few(n: int) -> Single:
    return Single(math.nan, math.nan, math.nan, math.nan, False, n)


def _quantiles(series: NDArray[Any], ps: Sequence[float], scheme: str) -> list[Single]:
    flat = np.asarray(series, dtype=float).reshape(-1)
    if not is_finite(flat):
        flat = flat[np.isfinite(flat)]
    n = flat.size
    if n and not flat.any():
        units = n if scheme == "mc" else unit_count(series, scheme)
        return [_nothing(n, p, units) for p in ps]
    orders = [order_of(n, p) if enough_for_quantile(n, p) else None for p in ps]
    ends = sorted({rank for o in orders if o is not None for rank in (o.first, o.last)})
    part = np.partition(flat, ends) if ends else flat
    found = []
    for p, order in zip(ps, orders, strict=True):
        if order is None:
            found.append(_too_few(n if scheme == "mc" else unit_count(series, scheme)))
            continue
        single = _from_order_statistics(part, p, order, n)
        if scheme != "mc":
            single = _with_design(single, series, part, p, scheme)
        found.append(single)
    return found


def _from_order_statistics(part: Floats, p: float, order: _Order, n: int) -> Single:
    """Return a quantile of independent draws from a partitioned array."""
    window = np.sort(part[order.first : order.last + 1])
    centre = window[window.size // 2]
    moved = window - centre
    mean = float((order.weights * moved).sum())
    error = math.sqrt(max(float((order.weights * moved**2).sum()) - mean**2, 0.0))
    value = _interpolate(window, p * (n - 1) - order.first)
    low, high = float(window[order.low - order.first]), float(window[order.high - order.first])
    return Single(value, error, low, high, False, n)


def _with_design(
    single: Single, series: NDArray[Any], flat: Floats, p: float, scheme: str
) -> Single:
    """Replace the errors of independent draws by those of dependent ones (Woodruff).

    The share of draws below the quantile has an error e over pairs or chains. The standard
    error of the quantile grows or shrinks as e does against independent draws, and its interval
    lies between the order statistics at the shares of `shares_around`.
    Source: R. S. Woodruff, Confidence intervals for medians and other position measures,
    JASA 47 (1952).
    """
    units = unit_count(series, scheme)
    below = spread(unit_means(_below(series, single.value, p), scheme), 0.0, skewed=False)
    n = flat.size
    ratio = below.error / math.sqrt(p * (1.0 - p) / n)
    error = single.mcse * ratio
    shares = shares_around(p, n, ratio, below.freedom)
    if not all(math.isfinite(share) for share in shares):
        return Single(single.value, error, math.nan, math.nan, False, units)
    first = min(max(math.floor(n * shares[0]), 0), n - 1)
    last = min(math.ceil(n * shares[1]), n - 1)
    ends = np.partition(flat, (first, last))
    low, high = min(float(ends[first]), single.value), max(float(ends[last]), single.value)
    return Single(single.value, error, low, high, False, units)


@lru_cache(maxsize=4096)
def shares_around(p: float, n: int, ratio: float, freedom: int) -> tuple[float, float]:
    """Return the shares of n dependent draws between whose quantiles the p-quantile lies.

    `ratio` is the error of the share of draws below the quantile over that of independent ones:
    n draws are worth m = n / ratio^2, and the shares are those which a count of Bin(m, p) exceeds
    in 97.5 and in 2.5 of 100 runs, wider where units are few. Pairs and chains may agree in how
    many draws fall beyond: as in `chances`, a little variance is left open while those are few.
    """
    from scipy.special import bdtrik, ndtr

    open_still = min(EVENTS_OPEN / (n * min(p, 1.0 - p)), 1.0)
    worth = n / max(ratio**2, open_still)
    tail = float(ndtr(-student(freedom)))
    if not (math.isfinite(worth) and math.isfinite(tail)):
        return math.nan, math.nan
    low, high = (float(bdtrik(share, worth, p)) / worth for share in (tail, 1.0 - tail))
    return max(low, 0.0), min(high, 1.0)


def _below(series: NDArray[Any], value: float, p: float) -> Floats:
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


def _with_error(single: Single) -> Single:
    return single._replace(mcse=0.0) if single.bound else single


def _interpolate(ordered: Floats, position: float) -> float:
    lower = min(max(math.floor(position), 0), ordered.size - 1)
    upper = min(lower + 1, ordered.size - 1)
    share = position - lower
    bottom, top = float(ordered[lower]), float(ordered[upper])
    return bottom + share * (top - bottom)


def _quantile_differences(
    series: NDArray[Any], against: NDArray[Any], ps: Sequence[float], scheme: str
) -> list[Single]:
    """Return differences of quantiles; the error is that of the difference of influences.

    The influence of a draw on a quantile is (p - 1(x <= q)) / density, and 1 / density is the
    quantile's standard error over that of the share below it.
    """
    good = np.isfinite(series) & np.isfinite(against)
    if not good.all():
        series, against = np.where(good, series, np.nan), np.where(good, against, np.nan)
    ours, theirs = _quantiles(series, ps, "mc"), _quantiles(against, ps, "mc")
    units = unit_count(series, scheme) if scheme != "mc" else int(np.count_nonzero(good))
    found = []
    for p, one, other in zip(ps, ours, theirs, strict=True):
        if math.isnan(one.value):
            found.append(_too_few(units))
            continue
        if np.array_equal(series[good], against[good]):
            found.append(Single(0.0, math.nan, 0.0, 0.0, True, units))
            continue
        one, other = (_with_error(single) for single in (one, other))
        value = one.value - other.value
        share = math.sqrt(p * (1.0 - p) / one.units)
        influence = other.mcse / share * _below(against, other.value, p)
        influence -= one.mcse / share * _below(series, one.value, p)
        error = spread(unit_means(influence, scheme), 0.0, skewed=False)
        reach = student(error.freedom) * error.error
        found.append(Single(value, error.error, value - reach, value + reach, False, units))
    return found
