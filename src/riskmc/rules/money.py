"""The type that rules speak in, and shares by weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Money in £m, or a rate: float64, broadcasting to (organisation or holder, draw).
Money = NDArray[np.float64]
#: A yes or no, broadcasting alike.
Flag = NDArray[np.bool_]
#: Amounts nearer than this are the same where a rule compares them [£m].
ROUNDING = 1e-9
#: Stands for a divisor of 0 where what is divided is 0 as well.
SMALLEST = float(np.finfo(np.float64).tiny)


def share_of(*, weight: Money, whole: Money, equal: Money) -> Money:
    """Return a share by weight.

    weight  the own weight                         [any]
    whole   all weights, summed                    [the same]
    equal   the share where the weights sum to 0   [share]

    Identity: the shares sum to 1. Source: model, section 4, sharing.
    """
    nothing = whole == 0.0
    return np.where(nothing, equal, weight / np.where(nothing, 1.0, whole))
