"""A case: forecasts of one origin and target year, and what came."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Case:
    """What was forecast and what came.

    Attributes
    ----------
    origin, target : str
        The last year known, and the year forecast.
    horizon : int
        Years from the one to the other.
    units : tuple of str
        What is forecast, one name each.
    came : ndarray
        What came, (unit,).
    ensembles : dict of str to ndarray
        Forecasts by name ("model" first, then rivals), (unit, draw).
    below : dict of str to ndarray
        Events by name: the thing is below this level, (unit,).
    """

    origin: str
    target: str
    horizon: int
    units: tuple[str, ...]
    came: Array
    ensembles: dict[str, Array]
    below: dict[str, Array] = field(default_factory=dict)
