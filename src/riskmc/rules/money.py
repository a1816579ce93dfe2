"""The type that rules speak in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Money in £m, or a rate: float64, broadcasting to (organisation or holder, draw).
Money = NDArray[np.float64]
#: A yes or no, broadcasting alike.
Flag = NDArray[np.bool_]
