"""F⁻¹(Φ(z)) from a table in z: uniform grid, piecewise quadratic, about 6 ns a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from riskmc.distributions.base import Array, Distribution, filled
from riskmc.distributions.forms import Form, LookedUp

#: The table spans -REACH to REACH; beyond, z is clamped (probability 2e-17).
REACH = 8.5
#: Largest error accepted for abs(z) < CHECKED, in standard deviations of the value.
TOLERANCE = 2.5e-7
CHECKED = 5.0
_FEWEST, _MOST = 1024, 16384
#: Tables that are held for distributions equal to one met before.
_HELD = 256


@dataclass(frozen=True, eq=False)  # compared by identity: arrays have no single truth
class NormalTable:
    """Quadratic pieces `base + x (rise + (x - 1) bend)` with x in [0, 1) inside an interval."""

    base: Array
    rise: Array
    bend: Array
    low: float
    high: float

    def __call__(self, z: Array, out: Array | None = None) -> Array:
        """Return the tabulated value at `z`, written to `out` (which may be `z`)."""
        intervals = self.base.size
        x = z * (intervals / (2.0 * REACH))
        x += intervals / 2.0
        np.maximum(x, 0.0, out=x)
        np.minimum(x, intervals - 1e-9, out=x)
        # a NaN has no place in the table: it takes the last one here and stays NaN in x
        with np.errstate(invalid="ignore"):
            index = x.astype(np.intp)
        x -= index
        value = self.bend.take(index, mode="clip")
        lever = x - 1.0
        value *= lever
        value += self.rise.take(index, mode="clip")
        value *= x
        value += self.base.take(index, mode="clip")
        if self.low != -np.inf:
            np.maximum(value, self.low, out=value)
        return np.minimum(value, self.high, out=value if out is None else out)


def build_table(
    value: Callable[[Array], Array], scale: float, support: tuple[float, float]
) -> NormalTable | None:
    """Tabulate `value` finely enough, or return None where no table of fair size is.

    Parameters
    ----------
    value : callable
        F⁻¹(Φ(z)), exact.
    scale : float
        What errors are measured against: the standard deviation.
    support : tuple of float
        Bounds of the value, which rounding may not overstep.
    """
    intervals = _FEWEST
    nodes = value(np.linspace(-REACH, REACH, 2 * intervals + 1))
    while intervals <= _MOST:
        fine = np.linspace(-REACH, REACH, 4 * intervals + 1)
        between = value(fine[1::2])
        if not (np.isfinite(nodes).all() and np.isfinite(between).all()):
            return None
        table = _from_nodes(nodes, support)
        wrong = np.abs(table(fine[1::2]) - between)[np.abs(fine[1::2]) < CHECKED]
        if float(wrong.max()) <= TOLERANCE * scale:
            return table
        doubled = np.empty(fine.size)
        doubled[::2] = nodes
        doubled[1::2] = between
        nodes = doubled
        intervals *= 2
    return None


def _from_nodes(nodes: Array, support: tuple[float, float]) -> NormalTable:
    """Fit the pieces through the interval ends (even nodes) and middles (odd nodes)."""
    first, middle, last = nodes[:-1:2], nodes[1::2], nodes[2::2]
    return NormalTable(
        base=np.ascontiguousarray(first),
        rise=last - first,
        bend=2.0 * (first + last) - 4.0 * middle,
        low=support[0],
        high=support[1],
    )


class Tabulated(Distribution):
    """A family whose quantile function is expensive to evaluate: drawn through a table."""

    @property
    def scale(self) -> float:
        """What the table's error is measured against: the standard deviation."""
        return self.sd

    @cached_property
    def table(self) -> NormalTable | None:
        """The table, or None where none of fair size is accurate enough."""
        return _table_of(self)

    def exactly(self, z: Array) -> Array:
        """Return F⁻¹(Φ(z)) without a table.

        Parameters
        ----------
        z : numpy.ndarray
            Standard normal values, of any shape.

        Returns
        -------
        numpy.ndarray
            Values of the distribution, of the shape of `z`.

        References
        ----------
        - docs/sampling.md, "Distributions".
        """
        return super().from_normal(z)

    def from_normal(self, z: Array, out: Array | None = None) -> Array:
        """Return F⁻¹(Φ(z)) within 1e-6 standard deviations for abs(z) < 5.

        Beyond abs(z) = 8.5 (probability 2e-17) the value at 8.5 is returned. Where no table is
        accurate enough the value is computed exactly, which is a hundred times slower.
        """
        z = np.asarray(z, dtype=np.float64)
        if self.fixed is not None:
            return filled(z, self.fixed, out)
        if self.table is None:
            return super().from_normal(z, out)
        return self.table(z, out)

    def form(self) -> Form | None:
        """Return the table."""
        if self.fixed is not None or self.table is None:
            return super().form()
        return LookedUp(self.table)


@lru_cache(maxsize=_HELD)
def _table_of(distribution: Tabulated) -> NormalTable | None:
    """Return a distribution's table: equal distributions, of other bodies or runs, share one."""
    return build_table(distribution.exactly, distribution.scale, distribution.support)
