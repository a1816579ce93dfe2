"""Three percentiles made into a distribution: the three-term metalog.

Source: T. W. Keelin, "The metalog distributions", Decision Analysis 13(4), 2016. With
x = log(y / (1 − y)), the quantile function is M(y) = a1 + a2 x + a3 (y − ½) x; it is the value
itself where there are no bounds, its logarithm above `low` (below `high`: minus that of the
distance to `high`) where there is one, its logit between them where there are two.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from riskmc.distributions.base import Z95, Array
from riskmc.distributions.table import Tabulated

_LOGIT95 = math.log(19.0)


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


class Quantiles(Tabulated):
    """The three-term metalog through the 5th, 50th and 95th percentiles, bounded if you say so."""

    distribution: Literal["quantiles"] = "quantiles"
    p5: float
    """1 in 20 lies below."""
    p50: float
    """As likely above as below."""
    p95: float
    """1 in 20 lies above."""
    low: float | None = None
    """Lowest possible value; none if not given."""
    high: float | None = None
    """Highest possible value; none if not given."""

    @model_validator(mode="after")
    def _feasible(self) -> Self:
        if not self.p5 < self.p50 < self.p95:
            raise ValueError(
                f"p5 ({self.p5:g}), p50 ({self.p50:g}) and p95 ({self.p95:g}) must increase"
            )
        if self.low is not None and not self.low < self.p5:
            raise ValueError(f"low ({self.low:g}) must be below p5 ({self.p5:g})")
        if self.high is not None and not self.high > self.p95:
            raise ValueError(f"high ({self.high:g}) must be above p95 ({self.p95:g})")
        first, last = self._straighten(self.p5), self._straighten(self.p95)
        reach = _STEEPEST * 0.45 / 2 * (last - first)
        middle = (first + last) / 2
        if not abs(self._straighten(self.p50) - middle) < reach:
            lowest, highest = self._bend(np.array([middle - reach, middle + reach]))
            raise ValueError(
                f"no three-term metalog has p5 = {self.p5:g}, p50 = {self.p50:g}, "
                f"p95 = {self.p95:g}: with this p5 and p95, p50 must lie between "
                f"{lowest:.4g} and {highest:.4g} (or give other bounds)"
            )
        if not self._exponent() < 1:
            side = "high" if self.high is None else "low"
            raise ValueError(f"the tail is so fat that the mean is infinite: give `{side}` as well")
        return self

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
        first, middle, last = (self._straighten(x) for x in (self.p5, self.p50, self.p95))
        a2 = (last - first) / (2 * _LOGIT95)
        a3 = (first + last - 2 * middle) / (0.9 * _LOGIT95)
        return middle, a2, a3

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
        return self.sd if math.isfinite(self.sd) else (self.p95 - self.p5) / (2 * Z95)

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
