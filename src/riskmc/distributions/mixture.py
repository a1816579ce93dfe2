"""Mixtures: "with probability 0.2 nothing is delivered, else beta"."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from riskmc.described import Described
from riskmc.distributions.base import (
    TINY,
    Array,
    Distribution,
    normal_cdf,
    normal_quantile,
)
from riskmc.distributions.empirical import Empirical
from riskmc.distributions.forms import Fixed, Form, LookedUp, Simple, Stretch, Stretches
from riskmc.distributions.metalog import Quantiles
from riskmc.distributions.shaped import Beta, Gamma, Pert, StudentT
from riskmc.distributions.simple import Constant, Lognormal, Normal, Triangular, Uniform
from riskmc.distributions.table import NormalTable, build_table


class _Weighted(Described):
    """What a part of a mixture has in addition to its family's keys."""

    weight: float = Field(gt=0, le=1)
    """Probability of this part; the weights of a mixture sum to 1."""


class WeightedConstant(_Weighted, Constant):
    """A constant as part of a mixture."""


class WeightedNormal(_Weighted, Normal):
    """A normal as part of a mixture."""


class WeightedLognormal(_Weighted, Lognormal):
    """A lognormal as part of a mixture."""


class WeightedBeta(_Weighted, Beta):
    """A beta as part of a mixture."""


class WeightedUniform(_Weighted, Uniform):
    """A uniform as part of a mixture."""


class WeightedTriangular(_Weighted, Triangular):
    """A triangular distribution as part of a mixture."""


class WeightedPert(_Weighted, Pert):
    """A PERT as part of a mixture."""


class WeightedStudentT(_Weighted, StudentT):
    """A Student's t as part of a mixture."""


class WeightedGamma(_Weighted, Gamma):
    """A gamma as part of a mixture."""


class WeightedQuantiles(_Weighted, Quantiles):
    """Three percentiles as part of a mixture."""


class WeightedEmpirical(_Weighted, Empirical):
    """A column of data as part of a mixture."""


Part = Annotated[
    WeightedConstant
    | WeightedNormal
    | WeightedLognormal
    | WeightedBeta
    | WeightedUniform
    | WeightedTriangular
    | WeightedPert
    | WeightedStudentT
    | WeightedGamma
    | WeightedQuantiles
    | WeightedEmpirical,
    Field(discriminator="distribution"),
]


@dataclass(frozen=True)
class Piece:
    """A stretch of probabilities, `below` to 1 − `above`, on which the quantile is one thing.

    A single `value`; or one `part`, scaled by its weight, with `under` and `over` the
    probability of the other parts below and above it; or a `table` in the piece's own normal.
    """

    below: float
    above: float
    value: float | None = None
    part: Part | None = None
    under: float = 0.0
    over: float = 0.0
    table: NormalTable | None = None

    @property
    def size(self) -> float:
        """Probability of the piece."""
        return 1.0 - self.below - self.above

    @cached_property
    def edges(self) -> tuple[float, float]:
        """The normal above which it lies, and that up to which it reaches."""
        lowest = -math.inf if self.below == 0.0 else _edge(self.below)
        return lowest, math.inf if self.above == 0.0 else -_edge(self.above)

    @property
    def form(self) -> Stretch | None:
        """What is done inside it, in numbers; None where it is left to NumPy."""
        lowest, highest = self.edges
        if self.value is not None:
            return Stretch(lowest, highest, 0.0, 0.0, 1.0, Fixed(self.value))
        if self.part is not None:
            size = self.part.form()
            if not isinstance(size, Simple):
                return None
            return Stretch(lowest, highest, self.under, self.over, self.part.weight, size)
        if self.table is None:
            return None
        return Stretch(lowest, highest, self.below, self.above, self.size, LookedUp(self.table))


class Mixture(Distribution):
    """One of several distributions, each with its weight."""

    distribution: Literal["mixture"] = "mixture"
    parts: Annotated[tuple[Part, ...], Field(strict=False, min_length=1)]
    """The parts: any family but another mixture, each with a `weight`."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = math.fsum(part.weight for part in self.parts)
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"the weights of a mixture must sum to 1, these sum to {total:.6g}")
        return self

    @property
    def mean(self) -> float:
        """Weighted mean of the parts' means."""
        return math.fsum(part.weight * part.mean for part in self.parts)

    @property
    def sd(self) -> float:
        """Standard deviation: the parts' own variances and the spread of their means."""
        mean = self.mean
        return math.sqrt(
            math.fsum(part.weight * (part.sd**2 + (part.mean - mean) ** 2) for part in self.parts)
        )

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value of any part."""
        return (
            min(part.support[0] for part in self.parts),
            max(part.support[1] for part in self.parts),
        )

    def cdf(self, x: Array) -> Array:
        """Return the weighted sum of the parts' distribution functions."""
        total = np.zeros(np.shape(x))
        for part in self.parts:
            total += part.weight * part.cdf(x)
        return total

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return the quantile: closed where one part alone is possible, else by bisection."""
        u = 1.0 - p if upper else np.asarray(p, dtype=np.float64)
        value = np.full(u.shape, np.nan)
        for piece in self.pieces:
            inside = (u > piece.below) | (piece.below == 0.0)
            inside &= (u <= 1.0 - piece.above) | (piece.above == 0.0)
            value[inside] = self._exact(piece, p[inside], upper=upper)
        return value

    def _exact(self, piece: Piece, p: Array, *, upper: bool) -> Array:
        """Return the quantile inside a piece."""
        if piece.value is not None:
            return np.full(p.shape, piece.value)
        if piece.part is not None:
            rest = piece.over if upper else piece.under
            own = np.clip((p - rest) / piece.part.weight, 0.0, 1.0)
            return piece.part.tail(own, upper=upper)
        return self._bisect(p, upper=upper)

    def _bisect(self, p: Array, *, upper: bool) -> Array:
        """Return the least x with cdf(x) ≥ u, which lies between the parts' own quantiles."""
        u = 1.0 - p if upper else p
        ends = np.array([part.tail(p, upper=upper) for part in self.parts])
        low, high = ends.min(axis=0), ends.max(axis=0)
        for _ in range(100):
            middle = low + (high - low) / 2
            if ((middle == low) | (middle == high)).all():
                break
            enough = self.cdf(middle) >= u
            high = np.where(enough, middle, high)
            low = np.where(enough, low, middle)
        return np.asarray(high)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The quantile function taken apart at every atom and every end of a part."""
        ends = sorted({end for part in self.parts for end in part.support if math.isfinite(end)})
        edges = np.array([-math.inf, *ends, math.inf])
        found: list[Piece] = []
        for left, right in pairwise(edges):
            within = [p for p in self.parts if p.support[0] <= left and p.support[1] >= right]
            within = [part for part in within if part.fixed is None]
            if within:
                found.append(self._between(float(left), float(right), within))
            atom = math.fsum(part.weight for part in self.parts if part.fixed == right)
            if atom > 0:
                below, above = self._mass(float(right))
                found.append(Piece(below, above, value=float(right)))
        return tuple(piece for piece in found if piece.size > 0)

    def _mass(self, x: float) -> tuple[float, float]:
        """Return the probabilities strictly below and strictly above x."""
        at = np.array([x])
        parts = [(part.weight, part.fixed, float(part.cdf(at)[0])) for part in self.parts]
        below = math.fsum(w * (c if fixed is None else float(fixed < x)) for w, fixed, c in parts)
        above = math.fsum(
            w * (1.0 - c if fixed is None else float(fixed > x)) for w, fixed, c in parts
        )
        return below, above

    def _between(self, left: float, right: float, within: list[Part]) -> Piece:
        """Return the piece between two neighbouring edges, where `within` are the parts alive."""
        below = 0.0 if left == -math.inf else 1.0 - self._mass(left)[1]
        above = 0.0 if right == math.inf else 1.0 - self._mass(right)[0]
        if len(within) == 1:
            alone = within[0]
            others = [part for part in self.parts if part is not alone]
            under = math.fsum(part.weight for part in others if part.support[1] <= left)
            over = math.fsum(part.weight for part in others if part.support[0] >= right)
            return Piece(below, above, part=alone, under=under, over=over)
        piece = Piece(below, above)

        def value(z: Array) -> Array:
            lower = self._bisect(below + piece.size * normal_cdf(np.minimum(z, 0.0)), upper=False)
            upper = self._bisect(above + piece.size * normal_cdf(-np.maximum(z, 0.0)), upper=True)
            return np.clip(np.where(z < 0, lower, upper), left, right)

        table = build_table(value, self.sd if math.isfinite(self.sd) else 1.0, (left, right))
        return Piece(below, above, table=table)

    def from_normal(self, z: Array, out: Array | None = None) -> Array:
        """Return F⁻¹(Φ(z)) piece by piece.

        Where several parts overlap it is read off a table, elsewhere from the one part that can
        be; where no table is accurate enough (data that overlap another part) it is exact and slow.
        """
        z = np.asarray(z, dtype=np.float64)
        value = np.empty(z.shape) if out is None or np.may_share_memory(out, z) else out
        value.fill(np.nan)
        for piece in self.pieces:
            lowest, highest = piece.edges
            inside = np.flatnonzero((z > lowest) & (z <= highest))
            np.put(value, inside, self._fast(piece, z.ravel().take(inside)))
        if out is None or value is out:
            return value
        np.copyto(out, value)
        return out

    def _fast(self, piece: Piece, z: Array) -> Array:
        """Return the quantile at Φ(z) inside a piece."""
        if piece.value is not None:
            return np.full(z.shape, piece.value)
        if piece.part is not None:
            return piece.part.from_normal(_own(z, piece.under, piece.over, piece.part.weight))
        if piece.table is not None:
            return piece.table(_own(z, piece.below, piece.above, piece.size))
        return super().from_normal(z)

    def form(self) -> Form | None:
        """Return the stretches; None where one of them is left to NumPy."""
        found = [piece.form for piece in self.pieces]
        known = tuple(form for form in found if form is not None)
        return Stretches(known) if len(known) == len(found) else None

    def describe(self, unit: str = "") -> str:
        """Say each part with its probability."""
        return "; ".join(
            f"with probability {part.weight:g}: {part.describe(unit)}" for part in self.parts
        )


def _edge(p: float) -> float:
    """Return Φ⁻¹(p)."""
    return float(normal_quantile(np.array(p)))


def _own(z: Array, under: float, over: float, size: float) -> Array:
    """Return the normal of a piece of probability `size` that has `under` and `over` around it."""
    lower = np.clip((normal_cdf(z) - under) / size, 0.0, 1.0)
    upper = np.clip((normal_cdf(-z) - over) / size, 0.0, 1.0)
    own = normal_quantile(np.maximum(np.minimum(lower, upper), TINY))
    return np.where(lower < upper, own, -own)
