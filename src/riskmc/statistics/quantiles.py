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
from typing import NamedTuple

import numpy as np

from riskmc.statistics.estimates import (
    EVENTS_OPEN,
    TAIL,
    Floats,
    student,
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


def levels_of(p: float | Sequence[float]) -> tuple[float, ...]:
    """Return one probability or several; ValueError for what does not lie between 0 and 1."""
    found = (float(p),) if isinstance(p, int | float) else tuple(float(q) for q in p)
    for one in found:
        draws_for_quantile(one)
    return found


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
    Source: Maritz and Jarrett (1978); see `bases`.
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


def weighted_error(values: Floats, weights: Floats) -> float:
    """Return the standard error of a quantile from values near it and their weights.

    Maritz and Jarrett's: the spread of the quantile function at a share distributed as
    Beta((n + 1) p, (n + 1) (1 - p)).
    """
    moved = values - values[values.size // 2]
    mean = float((weights * moved).sum())
    return math.sqrt(max(float((weights * moved**2).sum()) - mean**2, 0.0))


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
