"""Families whose quantile function is a closed form of z or of Φ(z)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from riskmc.distributions import percentiles
from riskmc.distributions.base import (
    Z95,
    Array,
    Distribution,
    filled,
    normal_cdf,
    normal_quantile,
)
from riskmc.distributions.forms import Form, Scaled, Spread


class Constant(Distribution):
    """Always the same value."""

    distribution: Literal["constant"] = "constant"
    value: float
    """The value it always takes."""

    @property
    def mean(self) -> float:
        """Mean: the value."""
        return self.value

    @property
    def sd(self) -> float:
        """Standard deviation: 0."""
        return 0.0

    @property
    def support(self) -> tuple[float, float]:
        """The value, twice."""
        return self.value, self.value

    def tail(self, p: Array, *, upper: bool) -> Array:  # noqa: ARG002
        """Return the value."""
        return filled(p, self.value)

    def cdf(self, x: Array) -> Array:
        """Return 1 from the value on, else 0."""
        return np.asarray(x >= self.value, dtype=np.float64)

    def from_normal(self, z: Array, out: Array | None = None) -> Array:
        """Return the value."""
        return filled(z, self.value, out)


class Normal(Distribution):
    """Normal distribution; `sd` = 0 is a constant."""

    distribution: Literal["normal"] = "normal"
    mean: float
    """Mean."""
    sd: float = Field(ge=0)
    """Standard deviation."""

    takes_percentiles: ClassVar[bool] = True

    @classmethod
    def from_percentiles(cls, table: Mapping[str, Any]) -> dict[str, Any]:
        """Return a table with its percentiles made into parameters; ValueError where none fit."""
        return percentiles.fitted(table, percentiles.normal)

    @property
    def support(self) -> tuple[float, float]:
        """Unbounded, unless sd is 0."""
        return (-math.inf, math.inf) if self.sd > 0 else (self.mean, self.mean)

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return mean ± sd Φ⁻¹(p)."""
        if self.sd == 0:
            return filled(p, self.mean)
        z = normal_quantile(p)
        return self.mean + self.sd * (-z if upper else z)

    def cdf(self, x: Array) -> Array:
        """Return Φ((x − mean) / sd)."""
        if self.sd == 0:
            return np.asarray(x >= self.mean, dtype=np.float64)
        return normal_cdf((x - self.mean) / self.sd)

    def from_normal(self, z: Array, out: Array | None = None) -> Array:
        """Return mean + sd z."""
        out = np.multiply(z, self.sd, out=out)
        out += self.mean
        return out

    def form(self) -> Form:
        """Return sd and mean."""
        return Scaled(self.sd, self.mean)


class Lognormal(Distribution):
    """Lognormal distribution, from `median` and `p95` or from `mean` and `sd` of the value."""

    distribution: Literal["lognormal"] = "lognormal"
    median: float | None = Field(default=None, gt=0)
    """As likely above as below; together with p95."""
    p95: float | None = Field(default=None, gt=0)
    """1 in 20 lies above; together with median."""
    given_mean: float | None = Field(default=None, alias="mean", gt=0)
    """Mean of the value itself; together with sd."""
    given_sd: float | None = Field(default=None, alias="sd", ge=0)
    """Standard deviation of the value itself; together with mean."""

    takes_percentiles: ClassVar[bool] = True

    @classmethod
    def from_percentiles(cls, table: Mapping[str, Any]) -> dict[str, Any]:
        """Return a table with its percentiles made into parameters; ValueError where none fit."""
        if table.keys() & {"median", "p95"} == {"median", "p95"}:
            return dict(table)
        return percentiles.fitted(table, percentiles.lognormal)

    @model_validator(mode="after")
    def _one_pair(self) -> Self:
        by_quantiles = self.median is not None and self.p95 is not None
        by_moments = self.given_mean is not None and self.given_sd is not None
        given = sum(x is not None for x in (self.median, self.p95, self.given_mean, self.given_sd))
        if given != 2 or not (by_quantiles or by_moments):
            raise ValueError("lognormal needs two percentiles (median is p50), or mean and sd")
        if self.median is not None and self.p95 is not None and self.p95 < self.median:
            raise ValueError(f"p95 ({self.p95:g}) must be at least the median ({self.median:g})")
        return self

    @model_serializer(mode="wrap")
    def _as_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        for alias in ("mean", "sd"):
            given = fields.pop(f"given_{alias}", None)
            if given is not None:
                fields[alias] = given
        return {key: value for key, value in fields.items() if value is not None}

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        if self.median is not None and self.p95 is not None:
            return math.log(self.p95 / self.median) / Z95
        return math.sqrt(math.log1p((self._sd() / self._mean()) ** 2))

    @property
    def mu(self) -> float:
        """Mean of the logarithm."""
        if self.median is not None:
            return math.log(self.median)
        return math.log(self._mean()) - self.sigma**2 / 2

    def _mean(self) -> float:
        assert self.given_mean is not None
        return self.given_mean

    def _sd(self) -> float:
        assert self.given_sd is not None
        return self.given_sd

    @property
    def mean(self) -> float:
        """Mean: exp(μ + σ²/2)."""
        if self.given_mean is not None:
            return self.given_mean
        return math.exp(self.mu + self.sigma**2 / 2)

    @property
    def sd(self) -> float:
        """Standard deviation: mean sqrt(exp(σ²) − 1)."""
        if self.given_sd is not None:
            return self.given_sd
        return self.mean * math.sqrt(math.expm1(self.sigma**2))

    @property
    def support(self) -> tuple[float, float]:
        """Zero to infinity, unless it does not vary."""
        return (0.0, math.inf) if self.sigma > 0 else (self.mean, self.mean)

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return exp(μ ± σ Φ⁻¹(p))."""
        if self.sigma == 0:
            return filled(p, self.mean)
        z = normal_quantile(p)
        return np.exp(self.mu + self.sigma * (-z if upper else z))

    def cdf(self, x: Array) -> Array:
        """Return Φ((log x − μ) / σ)."""
        if self.sigma == 0:
            return np.asarray(x >= self.mean, dtype=np.float64)
        with np.errstate(divide="ignore"):
            logarithm = np.log(np.maximum(x, 0.0))
        return normal_cdf((logarithm - self.mu) / self.sigma)

    def from_normal(self, z: Array, out: Array | None = None) -> Array:
        """Return exp(μ + σ z)."""
        if self.sigma == 0:
            return filled(z, self.mean, out)
        out = np.multiply(z, self.sigma, out=out)
        out += self.mu
        return np.exp(out, out=out)


class Uniform(Distribution):
    """Every value from `low` to `high` equally likely."""

    distribution: Literal["uniform"] = "uniform"
    low: float
    """Lowest value."""
    high: float
    """Highest value."""

    takes_percentiles: ClassVar[bool] = True

    @classmethod
    def from_percentiles(cls, table: Mapping[str, Any]) -> dict[str, Any]:
        """Return a table with its percentiles made into parameters; ValueError where none fit."""
        return percentiles.fitted(table, percentiles.uniform)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self

    @property
    def mean(self) -> float:
        """Mean: the middle."""
        return (self.low + self.high) / 2

    @property
    def sd(self) -> float:
        """Standard deviation: width / sqrt(12)."""
        return (self.high - self.low) / math.sqrt(12)

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return self.low, self.high

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return the end plus or minus p times the width."""
        width = self.high - self.low
        value = self.high - p * width if upper else self.low + p * width
        return np.clip(value, self.low, self.high)

    def cdf(self, x: Array) -> Array:
        """Return the share of the width below x."""
        return np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)

    def from_normal(self, z: Array, out: Array | None = None) -> Array:
        """Return low + width Φ(z)."""
        from scipy.special import ndtr

        value: Array = ndtr(z, out=out)
        if self.low == 0.0 and self.high == 1.0:
            return value
        value *= self.high - self.low
        value += self.low
        return np.minimum(value, self.high, out=value)

    def form(self) -> Form:
        """Return low, width and high."""
        return Spread(self.low, self.high - self.low, self.high)


class Triangular(Distribution):
    """Triangular distribution: density rises from `low` to `likely` and falls to `high`."""

    distribution: Literal["triangular"] = "triangular"
    low: float
    """Lowest value."""
    likely: float
    """Most likely value."""
    high: float
    """Highest value."""

    takes_percentiles: ClassVar[bool] = True

    @classmethod
    def from_percentiles(cls, table: Mapping[str, Any]) -> dict[str, Any]:
        """Return a table with its percentiles made into parameters; ValueError where none fit."""
        return percentiles.fitted(table, percentiles.triangular)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_three_points(self.low, self.likely, self.high)
        return self

    @property
    def mean(self) -> float:
        """Mean of the three points."""
        return (self.low + self.likely + self.high) / 3

    @property
    def sd(self) -> float:
        """Standard deviation, from the three points."""
        a, b, c = self.low, self.likely, self.high
        return math.sqrt(((b - a) ** 2 + (c - b) ** 2 + (c - a) ** 2) / 36)

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return self.low, self.high

    def _rising(self) -> float:
        """Return the probability of a value below the most likely one."""
        return (self.likely - self.low) / (self.high - self.low)

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return the closed form, counted from the end that `p` is measured from."""
        if upper:
            return self.high - self._step(p, 1 - self._rising(), self.high - self.likely)
        return self.low + self._step(p, self._rising(), self.likely - self.low)

    def _step(self, p: Array, part: float, near: float) -> Array:
        """Return how far from its end the value with tail probability `p` lies."""
        width = self.high - self.low
        climb = np.sqrt(width * near * np.minimum(p, part))
        rest = width - near
        descent = np.sqrt(width * rest * np.minimum(np.maximum(1.0 - p, 0.0), 1.0 - part))
        return np.asarray(np.clip(climb + (rest - descent), 0.0, width))

    def cdf(self, x: Array) -> Array:
        """Return the area of the triangle below x."""
        width = self.high - self.low
        up = np.clip(x - self.low, 0.0, self.likely - self.low)
        down = np.clip(self.high - x, 0.0, self.high - self.likely)
        below = up**2 / (width * (self.likely - self.low)) if self.likely > self.low else 0.0 * up
        above = (
            down**2 / (width * (self.high - self.likely)) if self.high > self.likely else 0.0 * down
        )
        return np.asarray(np.where(x < self.likely, below, 1.0 - above))

    def from_normal(self, z: Array, out: Array | None = None) -> Array:
        """Return the closed form at Φ(z), exact to 1e-8 of the width."""
        value = self.tail(normal_cdf(z), upper=False)
        if out is None:
            return value
        np.copyto(out, value)
        return out


def check_three_points(low: float, likely: float, high: float) -> None:
    """Refuse low, likely, high out of order; ValueError."""
    if not low < high:
        raise ValueError(f"low ({low:g}) must be below high ({high:g})")
    if not low <= likely <= high:
        raise ValueError(f"likely ({likely:g}) must lie between low ({low:g}) and high ({high:g})")
