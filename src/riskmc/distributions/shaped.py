"""Families drawn through a table: beta, PERT, Student's t and gamma."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from riskmc.distributions import percentiles
from riskmc.distributions.base import Array, filled
from riskmc.distributions.simple import check_three_points
from riskmc.distributions.table import Tabulated


def _beta_tail(p: Array, a: float, b: float, *, upper: bool) -> Array:
    """Return the standard beta's value at a tail probability."""
    from scipy.special import betainccinv, betaincinv

    value: Array = np.asarray(betainccinv(a, b, p) if upper else betaincinv(a, b, p))
    return value


def _beta_cdf(x: Array, a: float, b: float) -> Array:
    """Return the standard beta's distribution function."""
    from scipy.special import betainc

    value: Array = np.asarray(betainc(a, b, np.clip(x, 0.0, 1.0)))
    return value


#: Least sd of a beta, as a share of its width: below it has no shape that a float can hold.
_LEAST_SD = 1e-9


class Beta(Tabulated):
    """Beta distribution on [low, high] with this mean and standard deviation."""

    distribution: Literal["beta"] = "beta"
    mean: float
    """Mean of the value."""
    sd: float = Field(ge=0)
    """Standard deviation of the value; 0 is a constant."""
    low: float = 0.0
    """Lowest value."""
    high: float = 1.0
    """Highest value."""

    @model_validator(mode="after")
    def _feasible(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        if self.sd == 0 and self.low <= self.mean <= self.high:
            return self
        if not self.low < self.mean < self.high:
            raise ValueError(
                f"mean ({self.mean:g}) must lie between low ({self.low:g}) and high ({self.high:g})"
            )
        if self.sd < _LEAST_SD * (self.high - self.low):
            raise ValueError(f"sd ({self.sd:g}) is too small: use a constant")
        most = math.sqrt((self.mean - self.low) * (self.high - self.mean))
        if not self.sd < most:
            raise ValueError(
                f"no beta between {self.low:g} and {self.high:g} with mean {self.mean:g} "
                f"has sd {self.sd:g}: it must be below {most:.4g}"
            )
        return self

    @property
    def shapes(self) -> tuple[float, float]:
        """The beta's two shape parameters, from mean and sd."""
        width = self.high - self.low
        centre = (self.mean - self.low) / width
        size = centre * (1 - centre) * (width / self.sd) ** 2 - 1
        return centre * size, (1 - centre) * size

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return (self.low, self.high) if self.sd > 0 else (self.mean, self.mean)

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return low + width times the standard beta's value."""
        if self.sd == 0:
            return filled(p, self.mean)
        standard = _beta_tail(p, *self.shapes, upper=upper)
        return np.clip(self.low + (self.high - self.low) * standard, self.low, self.high)

    def cdf(self, x: Array) -> Array:
        """Return the regularised incomplete beta function."""
        if self.sd == 0:
            return np.asarray(x >= self.mean, dtype=np.float64)
        return _beta_cdf((x - self.low) / (self.high - self.low), *self.shapes)


class Pert(Tabulated):
    """PERT: the beta on [low, high] with mean (low + 4 likely + high) / 6 and shapes summing to 6.

    The shapes are 1 + 4 (likely − low) / width and 1 + 4 (high − likely) / width.

    References
    ----------
    - Malcolm, D. G., Roseboom, J. H., Clark, C. E. and Fazar, W., Application of a technique for
      research and development program evaluation, Operations Research 7 (1959) 646-669: the mean;
      the shapes are the usual ones today.
    """

    distribution: Literal["pert"] = "pert"
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
        return percentiles.fitted(table, percentiles.pert)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_three_points(self.low, self.likely, self.high)
        return self

    @property
    def shapes(self) -> tuple[float, float]:
        """The beta's two shape parameters."""
        width = self.high - self.low
        return 1 + 4 * (self.likely - self.low) / width, 1 + 4 * (self.high - self.likely) / width

    @property
    def mean(self) -> float:
        """Mean: (low + 4 likely + high) / 6."""
        return (self.low + 4 * self.likely + self.high) / 6

    @property
    def sd(self) -> float:
        """Standard deviation: sqrt((mean − low)(high − mean) / 7)."""
        return math.sqrt((self.mean - self.low) * (self.high - self.mean) / 7)

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return self.low, self.high

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return low + width times the standard beta's value."""
        standard = _beta_tail(p, *self.shapes, upper=upper)
        return np.clip(self.low + (self.high - self.low) * standard, self.low, self.high)

    def cdf(self, x: Array) -> Array:
        """Return the regularised incomplete beta function."""
        return _beta_cdf((x - self.low) / (self.high - self.low), *self.shapes)


class StudentT(Tabulated):
    """Student's t, shifted and scaled to this mean and standard deviation: fat tails."""

    distribution: Literal["student_t"] = "student_t"
    mean: float
    """Mean."""
    sd: float = Field(ge=0)
    """Standard deviation; 0 is a constant."""
    df: float = Field(gt=2)
    """Degrees of freedom; the fewer, the fatter the tails."""

    @property
    def stretch(self) -> float:
        """What a standard t is multiplied by: sd sqrt((df − 2) / df)."""
        return self.sd * math.sqrt((self.df - 2) / self.df)

    @property
    def support(self) -> tuple[float, float]:
        """Unbounded, unless sd is 0."""
        return (-math.inf, math.inf) if self.sd > 0 else (self.mean, self.mean)

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return mean ± stretch times the t quantile."""
        from scipy.special import stdtrit

        if self.sd == 0:
            return filled(p, self.mean)
        standard: Array = np.asarray(stdtrit(self.df, p), dtype=np.float64)
        value: Array = self.mean + self.stretch * (-standard if upper else standard)
        return value

    def cdf(self, x: Array) -> Array:
        """Return Student's distribution function."""
        from scipy.special import stdtr

        if self.sd == 0:
            return np.asarray(x >= self.mean, dtype=np.float64)
        value: Array = np.asarray(stdtr(self.df, (x - self.mean) / self.stretch))
        return value


class Gamma(Tabulated):
    """Gamma distribution with this mean and standard deviation."""

    distribution: Literal["gamma"] = "gamma"
    mean: float = Field(gt=0)
    """Mean."""
    sd: float = Field(ge=0)
    """Standard deviation; 0 is a constant."""

    @property
    def shape(self) -> float:
        """Shape parameter: (mean / sd)²."""
        return (self.mean / self.sd) ** 2

    @property
    def support(self) -> tuple[float, float]:
        """Zero to infinity, unless sd is 0."""
        return (0.0, math.inf) if self.sd > 0 else (self.mean, self.mean)

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return the standard gamma's value times sd² / mean."""
        from scipy.special import gammainccinv, gammaincinv

        if self.sd == 0:
            return filled(p, self.mean)
        inverse = gammainccinv if upper else gammaincinv
        value: Array = np.asarray(inverse(self.shape, p), dtype=np.float64)
        value = value * (self.sd**2 / self.mean)
        return value

    def cdf(self, x: Array) -> Array:
        """Return the regularised incomplete gamma function."""
        from scipy.special import gammainc

        if self.sd == 0:
            return np.asarray(x >= self.mean, dtype=np.float64)
        value: Array = np.asarray(
            gammainc(self.shape, np.maximum(x, 0.0) * (self.mean / self.sd**2))
        )
        return value
