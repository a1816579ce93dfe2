"""Expected shortfall: the mean of the worst futures, with its error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.statistics.amounts import shortfall_difference_of, shortfall_of
from riskmc.statistics.draws import Draws, DrawsPair
from riskmc.statistics.estimates import Bools, Estimate, Single, check_scheme, each, stack
from riskmc.statistics.quantiles import levels_of


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
    Source: Acerbi and Tasche (2002); see `bases`.
    """
    check_scheme(scheme)
    ps = levels_of(p)
    if valid is not None:
        x = np.where(valid, x, np.nan)
        against = against if against is None else np.where(valid, against, np.nan)
    if against is None:
        found = each(lambda s: [shortfall_of(Draws(s, scheme), one) for one in ps], x)
    else:
        found = each(lambda s, a: _differences(s, a, ps, scheme), x, against)
    return found[0] if isinstance(p, int | float) else stack(found)


def _differences(
    series: NDArray[Any], against: NDArray[Any], ps: Sequence[float], scheme: str
) -> list[Single]:
    pair = DrawsPair(series, against, scheme)
    return [shortfall_difference_of(pair, p) for p in ps]
