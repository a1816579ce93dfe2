"""Expected shortfall: the mean of the worst futures, with its error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.statistics.estimates import (
    Bools,
    Estimate,
    Floats,
    Single,
    check_scheme,
    each,
    spread,
    stack,
    unit_count,
    unit_means,
)
from riskmc.statistics.finish import Happened, amount_of, nothing_seen
from riskmc.statistics.quantiles import draws_for_quantile, enough_for_quantile


def expected_shortfall(
    x: NDArray[Any],
    *,
    p: float | Sequence[float],
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    """Return the mean of the upper quantiles beyond p, or the difference of two such means.

    ES_p = 1 / (1 - p) * integral of the quantile function from p to 1: the largest n (1 - p)
    draws count, the last of them in part, so that an atom at the quantile is counted right
    (most futures have no bailout). p as for `quantile`. Influence: (x - q)+ / (1 - p) + q - ES.
    NaN where there are too few draws for the p-quantile; a bound where x is 0 in every draw.
    Source: C. Acerbi and D. Tasche, On the coherence of expected shortfall (2002).
    """
    check_scheme(scheme)
    ps = (float(p),) if isinstance(p, int | float) else tuple(float(q) for q in p)
    for one in ps:
        draws_for_quantile(one)
    if valid is not None:
        x = np.where(valid, x, np.nan)
        against = against if against is None else np.where(valid, against, np.nan)
    if against is None:
        found = each(lambda s: [_shortfall(s, None, one, scheme) for one in ps], x)
    else:
        found = each(lambda s, a: [_shortfall(s, a, one, scheme) for one in ps], x, against)
    return found[0] if isinstance(p, int | float) else stack(found)


def _shortfall(series: NDArray[Any], against: NDArray[Any] | None, p: float, scheme: str) -> Single:
    good = np.isfinite(series)
    if against is not None:
        good &= np.isfinite(against)
    n = int(np.count_nonzero(good))
    units = n if scheme == "mc" else unit_count(series, scheme)
    if not enough_for_quantile(n, p):
        return Single(math.nan, math.nan, math.nan, math.nan, False, units)
    if not (series[good] - (0.0 if against is None else against[good])).any():
        return nothing_seen(units)
    value, influence, seen = 0.0, np.zeros(good.shape), 0
    for sign, values in ((1.0, series), (-1.0, against)):
        if values is not None:
            tail, own, beyond = _tail_influence(values[good], p)
            value += sign * tail
            influence[good] += sign * own
            seen += beyond
    influence *= good.size / n
    means = influence[good] if scheme == "mc" else unit_means(influence, scheme)
    found = spread(means, 0.0, skewed=True)
    return amount_of(
        value,
        found,
        happened=Happened(seen, n * (1.0 - p) - 1.0, dependent=scheme != "mc"),
        ends=(float(series[good].min()), float(series[good].max())) if against is None else None,
        units=units,
    )


def _tail_influence(flat: Floats, p: float) -> tuple[float, Floats, int]:
    """Return the expected shortfall of a sample, every draw's influence, and how many exceed it.

    Influence: (x - q)+ / (1 - p) + q - ES, q the quantile.
    """
    n = flat.size
    rank = min(max(math.ceil(n * p - 1e-9) - 1, 0), n - 1)
    cut = float(np.partition(flat, rank)[rank])
    excess = np.maximum(flat - cut, 0.0)
    beyond = float(excess.sum()) / n / (1.0 - p)
    return cut + beyond, excess / (1.0 - p) - beyond, int(np.count_nonzero(excess))
