"""The yardstick: a study's random numbers and transforms, and nothing else.

As many standard normals as the study's keyed streams give, drawn from one SFC64 generator, and
the same transforms to the drivers' distributions, as often: without keys, factors common to the
place, correlation, persistence. Rows lie in the cache, nothing is allocated, nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from riskmc.sampling import KEY_BLOCK, Sampler
from riskmc.study import Study

Transform = Callable[[NDArray[np.float64], NDArray[np.float64]], None]


class Baseline:
    """Draws what a study needs, for a key block at a time."""

    def __init__(self, study: Study) -> None:
        self.plan = Sampler(study, seed=1, scheme="mc").plan
        self.transforms: list[Transform] = []
        self.rows = 0
        for group in self.plan.groups:
            cells = [cell for cells in group.bodies for cell in cells if cell.copies is None]
            if cells:
                streams = len(group.national) + sum(len(own) for own in group.locals)
                self.rows += streams * self.plan.years
                self.transforms += [cell.marginal.value for cell in cells] * self.plan.years
        for risk in self.plan.risks:
            self.rows += risk.last
            self.transforms += [risk.marginal.value] * sum(risk.years)
        self._source = np.random.Generator(np.random.SFC64(1))
        self._row, self._value = np.empty(KEY_BLOCK), np.empty(KEY_BLOCK)

    @property
    def numbers(self) -> int:
        """Random numbers that a draw takes."""
        return self.rows

    def normals(self) -> None:
        """Draw the normals of a key block."""
        for _ in range(self.rows):
            self._source.standard_normal(out=self._row)

    def block(self) -> None:
        """Draw the normals of a key block and transform them."""
        self.normals()
        with np.errstate(all="ignore"):
            for transform in self.transforms:
                transform(self._row, self._value)
