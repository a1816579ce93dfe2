"""When something first happens: survival, hazard, first year.

N is the first year in which a yearly event is true; futures in which it never is are censored
at the horizon, so shares and quantiles are reported, never the mean of N.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Estimate

if TYPE_CHECKING:
    from riskmc.measures.reading import Reader

#: What replaces a year where it never happens inside the horizon.
NEVER = "never"
_AT_RISK, _HAPPENS = 1, 2


def so_far(event: Bools) -> Bools:
    """Return whether N <= t, year by year: (year, ...) to the same shape."""
    return np.logical_or.accumulate(event, axis=0)


def survives(event: Bools) -> Bools:
    """Return whether N > t, year by year."""
    return ~so_far(event)


def first_years(event: Bools) -> Bools:
    """Return whether N = t, and in a last row whether never: (year + 1, ...)."""
    happened = so_far(event)
    before = np.concatenate([np.zeros_like(happened[:1]), happened])
    after = np.concatenate([happened, np.ones_like(happened[:1])])
    first: Bools = np.logical_and(after, ~before)
    return first


def first_year_dims(reader: Reader) -> dict[str, Sequence[Any]]:
    """Return the dimension of `first_years`: the years, and "never" last."""
    return {"first_year": (*reader.years, NEVER)}


def at_risk_codes(event: Bools) -> NDArray[np.int8]:
    """Return 2 where it first happens in the year, 1 where it still could have, else 0."""
    happened = so_far(event)
    before = np.concatenate([np.zeros_like(happened[:1]), happened[:-1]])
    codes: NDArray[np.int8] = np.where(before, 0, np.where(happened, _HAPPENS, _AT_RISK))
    return codes.astype(np.int8)


def hazard(
    x: NDArray[Any],
    /,
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    """Return P(N = t | N >= t) of `at_risk_codes`, or the paired difference of two.

    Alone it is a chance over the futures still at risk; a difference is one of ratios, since
    other futures are at risk under other rules.
    """

    def terms(codes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        above, below = (codes == _HAPPENS).astype(float), (codes >= _AT_RISK).astype(float)
        if valid is not None:
            above = np.where(valid, above, np.nan)
        return above, below

    if against is None:
        at_risk = x >= _AT_RISK if valid is None else (x >= _AT_RISK) & valid
        return estimators.probability(x == _HAPPENS, scheme=scheme, valid=at_risk)
    return estimators.ratio(*terms(x), scheme=scheme, against=terms(against))


def passage_quantile(chances: Estimate, p: float) -> tuple[float, float, float]:
    """Return the year number by which a share p has seen it, with its 95 % interval.

    `chances` is P(N <= t) by year, shape (year,). The first year with P >= p, counted from 1;
    NaN where that lies beyond the horizon. The interval takes the ends of the chances'.
    """
    return (
        _first_reached(chances.value, p),
        _first_reached(chances.high, p),
        _first_reached(chances.low, p),
    )


def _first_reached(chances: NDArray[np.float64], p: float) -> float:
    reached = np.flatnonzero(chances >= p)
    return float(reached[0] + 1) if reached.size else float("nan")
