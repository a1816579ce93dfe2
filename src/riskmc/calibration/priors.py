"""What is believed of councils' reserves before a table is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: The figures that are sampled, in the order of their axis. a is held on its Fisher scale.
SAMPLED = ("level_power", "scale", "prior_df", "persistence")


@dataclass(frozen=True)
class Prior:
    """A normal for each of b, log c, log ν0 and atanh a, independent of one another.

    Attributes
    ----------
    name, why : str
        Which prior it is, and where it comes from.
    centre, spread : tuple of float
        Means and standard deviations on those scales, in the order of `SAMPLED`.
    """

    name: str
    why: str
    centre: tuple[float, float, float, float]
    spread: tuple[float, float, float, float]

    def draw(self, rng: np.random.Generator, draws: int) -> Array:
        """Return draws on the sampled scales, shape (draws, 4)."""
        z = rng.standard_normal((draws, len(SAMPLED)))
        return np.array(self.centre) + np.array(self.spread) * z

    def log_density(self, points: Array) -> Array:
        """Return the log density, but for a constant, of points on the sampled scales."""
        z = (points - np.array(self.centre)) / np.array(self.spread)
        return np.asarray(-0.5 * np.sum(z**2, axis=-1), dtype=np.float64)


def natural(points: Array) -> dict[str, Array]:
    """Return points of the sampled scales as the figures themselves, by name."""
    return {
        "level_power": points[..., 0],
        "scale": np.exp(points[..., 1]),
        "prior_df": np.exp(points[..., 2]),
        "persistence": np.tanh(points[..., 3]),
    }


#: Believed by anyone before the accounts: spread grows as the root of reserves, give or take all;
#: 5 % of NRE within a factor of seven; correlation anywhere.
WIDE = Prior(
    name="wide",
    why="assumption, wide enough that ten councils overrule it",
    centre=(0.5, float(np.log(5.0)), float(np.log(6.0)), 0.0),
    spread=(0.5, 1.0, 1.0, 0.6),
)
#: What 150 upper-tier councils say, with the bootstrap errors of the figures.
ENGLAND = Prior(
    name="england",
    why="150 upper-tier councils, 2010/11 to 2015/16 (riskmc calibrate, bootstrap errors)",
    centre=(0.40, float(np.log(4.15)), float(np.log(7.0)), float(np.arctanh(0.27))),
    spread=(0.08, 0.04, 0.27, 0.03),
)
PRIORS = {prior.name: prior for prior in (WIDE, ENGLAND)}
