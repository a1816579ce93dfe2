"""Amounts as the default results file keeps them: single precision, digits of no use left out.

Amounts are rounded to a step, a power of two that is at most a millionth of what the place costs
in its first year: £3,906 for a place of £6bn, so that no amount is more than £1,953 off. What
would round to nothing is kept as it is: whatever happened has still happened. Sums and statistics
are taken in double precision; `keep="all"` keeps every digit.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.study import Study

#: The step, as a share of the place's opening cost, is at most this.
MOST = 1e-6
#: Values rounded at a time: what the cache holds.
_AT_ONCE = 65_536


def step_of(study: Study) -> float:
    """Return the step to which amounts are rounded [£m], a power of two."""
    cost = sum(body.cost for body in study.organisations)
    return float(2.0 ** math.floor(math.log2(MOST * cost))) if cost > 0.0 else 0.0


def packed(values: NDArray[Any], step: float) -> NDArray[Any]:
    """Return amounts in single precision, rounded to the step; flags as they are.

    Exact: the step is a power of two. Values that are not finite stay so.
    """
    if values.dtype == bool:
        return values
    single = np.array(values, np.float32, order="C")
    if step == 0.0:
        return single
    scale = np.float32(1.0 / step)
    flat = single.reshape(-1)
    with np.errstate(all="ignore"):
        for start in range(0, flat.size, _AT_ONCE):
            part = flat[start : start + _AT_ONCE]
            rounded = part * scale
            np.rint(rounded, out=rounded)
            rounded /= scale
            kept = np.isfinite(rounded)
            kept &= rounded != 0.0
            np.copyto(part, rounded, where=kept)
    return single
