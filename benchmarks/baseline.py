"""The yardstick: a study's random numbers and transforms, and nothing else.

As many standard normals as the study's keyed streams give, drawn from one SFC64 generator, and
the same transforms to the drivers' distributions, as often: without keys, factors common to the
place, correlation, persistence. Rows lie in the cache, nothing is allocated, nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from riskmc.distributions import event_from_normal
from riskmc.sampling import KEY_BLOCK, Sampler
from riskmc.sampling.plan import Cell
from riskmc.sampling.risks import RiskRow
from riskmc.study import Study

Transform = Callable[..., None]


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
                self.transforms += [_of_driver(cell) for cell in cells] * self.plan.years
        for risk in self.plan.risks:
            self.rows += risk.last
            self.transforms += [_of_risk(risk, p) for p in risk.chances if p > 0.0]
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
                transform(self._row, out=self._value)


def _of_driver(cell: Cell) -> Transform:
    """Return the transform to a driver's distribution."""
    return partial(cell.marginal.value, worlds={})


def _of_risk(row: RiskRow, probability: float) -> Transform:
    """Return the transform to what a risk costs."""
    return partial(event_from_normal, probability=probability, distribution=row.risk.impact)
