"""Two or three percentiles made into a distribution: the metalog.

Source: Keelin (2016); see `Quantiles`. With
x = log(y / (1 − y)), the quantile function is M(y) = a1 + a2 x + a3 (y − ½) x; it is the value
itself where there are no bounds, its logarithm above `low` (below `high`: minus that of the
distance to `high`) where there is one, its logit between them where there are two. With two
percentiles a3 is 0: a logistic distribution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from riskmc.distributions.base import Array, normal_quantile
from riskmc.distributions.percentile_keys import is_percentile
from riskmc.distributions.percentiles import points_of
from riskmc.distributions.table import Tabulated


def _steepest() -> float:
    """Return the largest abs(a3) / a2 of an increasing metalog, 1.66711….

    M' > 0 wants a2 + a3 g > 0, where g = (y − ½) + y (1 − y) x is odd and extreme where
    x tanh(x / 2) = 2; found by Newton's method.
    """
    x = 2.4
    for _ in range(20):
        t = math.tanh(x / 2)
        x -= (x * t - 2) / (t + x * (1 - t * t) / 2)
    y = 1 / (1 + math.exp(-x))
    return 1 / ((y - 0.5) + y * (1 - y) * x)


_STEEPEST = _steepest()


def _logit(percent: int) -> float:
    """Return log(y / (1 − y)) of a percentile, from the nearer end."""
    return -math.log((100 - percent) / percent)


def _bow(percent: int) -> float:
    """Return (y − ½) x of a percentile: what a3 is multiplied by."""
    return (percent / 100 - 0.5) * _logit(percent)


class Quantiles(Tabulated):
    """The metalog through two or three percentiles, bounded if you say so.

    References
    ----------
    - Keelin, T. W., The metalog distributions, Decision Analysis 13 (2016) 243-277: the metalog of
      three terms.
    """

    distribution: Literal["quantiles"] = "quantiles"
    percentiles: Annotated[
        tuple[tuple[int, float], ...], Field(min_length=2, max_length=3, strict=False)
    ]
    """Two or three of p1 to p99, such as p10, p50 and p90."""
    low: float | None = None
    """Lowest possible value; none if not given."""
    high: float | None = None
    """Highest possible value; none if not given."""

    takes_percentiles: ClassVar[bool] = True

    @classmethod
    def from_percentiles(cls, table: Mapping[str, Any]) -> dict[str, Any]:
        """Return a table with its percentiles gathered; ValueError where there are not 2 or 3."""
        points = points_of(table)
        if not 2 <= len(points) <= 3:
            named = ", ".join(f"p{p}" for p in points) or "none"
            raise ValueError(f"quantiles needs two or three of p1 to p99, not {named}")
        rest = {key: value for key, value in table.items() if not is_percentile(key)}
        return {**rest, "percentiles": tuple(points.items())}

    @model_serializer(mode="wrap")
    def _as_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        points = {f"p{p}": value for p, value in fields.pop("percentiles")}
        return {"distribution": fields.pop("distribution")} | points | fields

    @model_validator(mode="after")
    def _feasible(self) -> Self:
        (first, least), *_, (last, most) = self.percentiles
        if self.low is not None and not self.low < least:
            raise ValueError(f"low ({self.low:g}) must be below p{first} ({least:g})")
        if self.high is not None and not self.high > most:
            raise ValueError(f"high ({self.high:g}) must be above p{last} ({most:g})")
        if len(self.percentiles) == 3:
            self._check_middle()
        if not self._exponent() < 1:
            side = "high" if self.high is None else "low"
            raise ValueError(f"the tail is so fat that the mean is infinite: give `{side}` as well")
        return self

    def _check_middle(self) -> None:
        """Refuse a middle percentile that no increasing metalog has; ValueError."""
        (p1, x1), (p2, x2), (p3, x3) = self.percentiles
        first, last = self._straighten(x1), self._straighten(x3)
        ends = []
        for ratio in (_STEEPEST, -_STEEPEST):
            a2 = (last - first) / (_logit(p3) - _logit(p1) + ratio * (_bow(p3) - _bow(p1)))
            rise = _logit(p2) - _logit(p1) + ratio * (_bow(p2) - _bow(p1))
            ends.append(first + a2 * rise)
        if not ends[0] < self._straighten(x2) < ends[1]:
            lowest, highest = self._bend(np.array(ends))
            raise ValueError(
                f"no three-term metalog has p{p1} = {x1:g}, p{p2} = {x2:g}, p{p3} = {x3:g}: "
                f"with this p{p1} and p{p3}, p{p2} must lie between "
                f"{lowest:.4g} and {highest:.4g} (or give other bounds)"
            )

    def _straighten(self, value: float) -> float:
        """Return the value on the unbounded scale."""
        if self.low is not None and self.high is not None:
            return math.log((value - self.low) / (self.high - value))
        if self.low is not None:
            return math.log(value - self.low)
        if self.high is not None:
            return -math.log(self.high - value)
        return value

    def _bend(self, m: Array) -> Array:
        """Return values from the unbounded scale."""
        if self.low is not None and self.high is not None:
            # from the nearer bound, so that neither loses its digits
            with np.errstate(over="ignore"):
                share = 1.0 / (1.0 + np.exp(np.abs(m)))
            width = self.high - self.low
            return np.where(m < 0, self.low + width * share, self.high - width * share)
        if self.low is not None:
            return self.low + np.exp(m)
        if self.high is not None:
            return self.high - np.exp(-m)
        return m

    @property
    def coefficients(self) -> tuple[float, float, float]:
        """The metalog's a1, a2, a3, on the unbounded scale."""
        levels = [p for p, _ in self.percentiles]
        values = [self._straighten(x) for _, x in self.percentiles]
        if len(values) == 2:
            a2 = (values[1] - values[0]) / (_logit(levels[1]) - _logit(levels[0]))
            return values[0] - a2 * _logit(levels[0]), a2, 0.0
        first, middle, last = values
        if levels[1] == 50 and levels[0] == 100 - levels[2]:
            reach = _logit(levels[2])
            a2 = (last - first) / (2 * reach)
            a3 = (first + last - 2 * middle) / ((100 - 2 * levels[0]) / 100 * reach)
            return middle, a2, a3
        (x1, x2, x3), (k1, k2, k3) = map(_logit, levels), map(_bow, levels)
        scale = (x2 - x1) * (k3 - k2) - (k2 - k1) * (x3 - x2)
        a2 = ((middle - first) * (k3 - k2) - (k2 - k1) * (last - middle)) / scale
        a3 = ((x2 - x1) * (last - middle) - (middle - first) * (x3 - x2)) / scale
        return middle - a2 * x2 - a3 * k2, a2, a3

    def _exponent(self) -> float:
        """Return s where the unbounded tail goes as p^(−s): 1 has no mean, ½ no variance."""
        _, a2, a3 = self.coefficients
        if (self.low is None) == (self.high is None):
            return 0.0
        return a2 + a3 / 2 if self.high is None else a2 - a3 / 2

    @cached_property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation: closed without bounds, else by quadrature in the logit."""
        if self.low is None and self.high is None:
            a1, a2, a3 = self.coefficients
            variance = (math.pi * a2) ** 2 / 3 + a3**2 * (1 / 12 + math.pi**2 / 36)
            return a1 + a3 / 2, math.sqrt(variance)
        mean = self._expect(1, 0.0)
        if self._exponent() >= 0.5:
            return mean, math.inf
        return mean, math.sqrt(self._expect(2, mean))

    def _expect(self, power: int, about: float) -> float:
        """Return E[(value − about)^power] by the trapezoidal rule in x, exact to rounding.

        The integrand is analytic in a strip, so equal steps converge exponentially. Past x = 60 a
        tail without a bound is a geometric series, which is summed in closed form.
        """
        step = 0.03
        x = np.arange(-60.0, 60.0 + step / 2, step)
        density = np.exp(-np.abs(x)) / (1.0 + np.exp(-np.abs(x))) ** 2
        terms = (self._bend(self._line(x)) - about) ** power * density
        total = math.fsum(terms)
        if (self.low is None) != (self.high is None):
            ratio = math.exp(-(1.0 - power * self._exponent()) * step)
            end = float(terms[-1] if self.high is None else terms[0])
            total += end * ratio / (1.0 - ratio)
        return step * total

    def _line(self, x: Array) -> Array:
        """Return the metalog at the logit x."""
        a1, a2, a3 = self.coefficients
        return a1 + x * (a2 + a3 * 0.5 * np.tanh(x / 2))

    @property
    def mean(self) -> float:
        """Mean."""
        return self.moments[0]

    @property
    def sd(self) -> float:
        """Standard deviation; infinite where one bound leaves a tail too fat."""
        return self.moments[1]

    @property
    def scale(self) -> float:
        """The standard deviation, or where that is infinite the normal's with this spread."""
        if math.isfinite(self.sd):
            return self.sd
        (first, low), *_, (last, high) = self.percentiles
        z = normal_quantile(np.array([first, last]) / 100.0)
        return float((high - low) / (z[1] - z[0]))

    @property
    def support(self) -> tuple[float, float]:
        """The bounds given."""
        return (
            -math.inf if self.low is None else self.low,
            math.inf if self.high is None else self.high,
        )

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return the metalog at the logit of the tail probability."""
        with np.errstate(divide="ignore", over="ignore"):
            x = np.log(p) - np.log1p(-p)
            value = self._bend(self._line(-x if upper else x))
        return np.clip(value, *self.support)

    def cdf(self, x: Array) -> Array:
        """Return the probability below x, by bisection in the logit."""
        x = np.asarray(x, dtype=np.float64)
        lowest, highest = np.full(x.shape, -745.0), np.full(x.shape, 745.0)
        with np.errstate(over="ignore"):
            for _ in range(64):
                middle = (lowest + highest) / 2
                below = self._bend(self._line(middle)) <= x
                lowest = np.where(below, middle, lowest)
                highest = np.where(below, highest, middle)
            return np.asarray(1.0 / (1.0 + np.exp(-lowest)))
