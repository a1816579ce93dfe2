"""Expected shortfall: the mean of the worst futures, with its error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.statistics.amounts import (
    Happened,
    amount_of,
    no_estimate,
    nothing_seen,
    shortfall_of,
)
from riskmc.statistics.draws import Draws, tail_of
from riskmc.statistics.estimates import (
    Bools,
    Estimate,
    Single,
    check_scheme,
    each,
    stack,
    unit_count,
)
from riskmc.statistics.quantiles import enough_for_quantile, levels_of


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
    ps = levels_of(p)
    if valid is not None:
        x = np.where(valid, x, np.nan)
        against = against if against is None else np.where(valid, against, np.nan)
    if against is None:
        found = each(lambda s: [shortfall_of(Draws(s, scheme), one) for one in ps], x)
    else:
        found = each(lambda s, a: [_difference(s, a, one, scheme) for one in ps], x, against)
    return found[0] if isinstance(p, int | float) else stack(found)


def _difference(series: NDArray[Any], against: NDArray[Any], p: float, scheme: str) -> Single:
    good = np.isfinite(series) & np.isfinite(against)
    n = int(np.count_nonzero(good))
    units = n if scheme == "mc" else unit_count(series, scheme)
    if not enough_for_quantile(n, p):
        return no_estimate(units)
    if np.array_equal(series[good], against[good]):
        return nothing_seen(units)
    tail = tail_of(((1.0, series), (-1.0, against)), good, p, scheme)
    happened = Happened(tail.seen, n * (1.0 - p) - 1.0, dependent=scheme != "mc")
    return amount_of(tail.value, tail.found, happened=happened, ends=None, units=units)
