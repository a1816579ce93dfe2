"""Percentiles as people state them, P10 and P90 or any others, turned into a family's own keys.

A table may give `p1` to `p99` in place of a family's parameters. `fit` finds the parameters whose
distribution has exactly those percentiles: in closed form where there is one, else by SciPy's
root finder from the triangle's solution. Fitted figures are rounded to twelve digits, so that
they are the same on every machine.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from riskmc.distributions.base import Z95, normal_quantile
from riskmc.distributions.percentile_keys import is_percentile

#: Values by percentile: {10: 1.0, 90: 6.0}.
Points: TypeAlias = dict[int, float]
Fit: TypeAlias = Callable[[Points, Mapping[str, Any]], dict[str, float]]

#: How exactly a fitted percentile must be hit, relative to the distance of the outer two.
_EXACT = 1e-9


def points_of(table: Mapping[str, Any]) -> Points:
    """Return the percentiles of a table in rising order; ValueError for what is no number."""
    found: Points = {}
    for key, value in table.items():
        if not is_percentile(key):
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise ValueError(f"{key} is not a number")
        if abs(value) > sys.float_info.max:  # a whole number may be larger than any float
            raise ValueError(f"{key} is not a finite number")
        found[int(key[1:])] = float(value)
    points = dict(sorted(found.items()))
    names = [f"p{p} ({value:g})" for p, value in points.items()]
    values = list(points.values())
    if any(second <= first for first, second in pairwise(values)):
        raise ValueError(f"{', '.join(names[:-1])} and {names[-1]} must increase")
    return points


def fitted(table: Mapping[str, Any], fit: Fit) -> dict[str, Any]:
    """Return a table whose percentiles have become its family's parameters."""
    points = points_of(table)
    if not points:
        return dict(table)
    rest = {key: value for key, value in table.items() if not is_percentile(key)}
    found = {key: float(f"{value:.12g}") for key, value in fit(points, rest).items()}
    twice = [key for key in found if key in rest and key not in ("likely", "median")]
    if twice:
        raise ValueError(f"give either percentiles or `{twice[0]}`, not both")
    return rest | found


def two_normals(points: Points, *, family: str) -> tuple[float, float, float, float]:
    """Return two percentiles as z, value, z, value; ValueError where there are not two."""
    if len(points) != 2:
        raise ValueError(
            f"{family} takes two percentiles, such as p10 and p90, not {len(points)}; for three, "
            'use distribution = "quantiles"'
        )
    (first, low), (last, high) = points.items()
    z = normal_quantile(np.array([first, last]) / 100.0)
    return float(z[0]), low, float(z[1]), high


def normal(points: Points, rest: Mapping[str, Any]) -> dict[str, float]:  # noqa: ARG001
    """Return the mean and sd of the normal with two percentiles."""
    z1, x1, z2, x2 = two_normals(points, family="normal")
    sd = (x2 - x1) / (z2 - z1)
    return {"mean": x1 - sd * z1, "sd": sd}


def lognormal(points: Points, rest: Mapping[str, Any]) -> dict[str, float]:
    """Return the median and 95th percentile of the lognormal with two percentiles.

    `median` may stand for p50.
    """
    both = dict(points)
    if isinstance(rest.get("median"), int | float):
        if 50 in both:
            raise ValueError("median and p50 are the same: give one of them")
        both = dict(sorted({**both, 50: float(rest["median"])}.items()))
    z1, x1, z2, x2 = two_normals(both, family="lognormal")
    if not 0.0 < x1 < x2:
        raise ValueError(f"a lognormal's percentiles are above 0 and increase, not {x1:g}, {x2:g}")
    sigma = math.log(x2 / x1) / (z2 - z1)
    mu = math.log(x1) - sigma * z1
    return {"median": math.exp(mu), "p95": math.exp(mu + Z95 * sigma)}


def uniform(points: Points, rest: Mapping[str, Any]) -> dict[str, float]:  # noqa: ARG001
    """Return the ends of the uniform with two percentiles."""
    if len(points) != 2:
        raise ValueError(f"uniform takes two percentiles, not {len(points)}")
    (first, low), (last, high) = points.items()
    width = (high - low) / (last - first) * 100.0
    start = low - width * first / 100.0
    return {"low": start, "high": start + width}


def triangular(points: Points, rest: Mapping[str, Any]) -> dict[str, float]:
    """Return low, likely and high of the triangle with two percentiles and a likely value.

    With three percentiles the likely value is found as well.
    """
    likely = rest.get("likely")
    if likely is None and len(points) == 3:
        likely = _likely_of_three(points)
        (first, low), _, (last, high) = points.items()
    elif likely is not None and len(points) == 2:
        (first, low), (last, high) = points.items()
        if isinstance(likely, bool) or not isinstance(likely, int | float):
            raise ValueError("likely is not a number")
        if not low <= likely <= high:
            raise ValueError(
                f"likely ({likely:g}) must lie between p{first} ({low:g}) and p{last} ({high:g})"
            )
    else:
        raise ValueError("give two percentiles and likely, or three percentiles")
    left, right = _arms(
        below=first / 100.0, above=1.0 - last / 100.0, d=likely - low, e=high - likely
    )
    return {"low": likely - left, "likely": float(likely), "high": likely + right}


def _arms(*, below: float, above: float, d: float, e: float) -> tuple[float, float]:
    """Return how far a triangle reaches left and right of its likely value.

    `below` lies further left than d, `above` further right than e:
    (u − d)² = below (u + v) u and (v − e)² = above (u + v) v, u and v the arms. Each is a
    quadratic in its own arm, whose larger root is taken; v is found by bisection.
    """

    def arm(distance: float, part: float, other: float) -> float:
        b = 2.0 * distance + part * other
        root = math.sqrt(max(b * b - 4.0 * (1.0 - part) * distance * distance, 0.0))
        return (b + root) / (2.0 * (1.0 - part))

    def gap(v: float) -> float:
        return v - arm(e, above, arm(d, below, v))

    low = e
    high = max(d, e)
    while gap(high) < 0.0:
        low, high = high, 2.0 * high
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (middle, high) if gap(middle) < 0.0 else (low, middle)
    return arm(d, below, high), high


def _likely_of_three(points: Points) -> float:
    """Return the likely value of the triangle with three percentiles, by bisection.

    The further right the likely value, the further right the middle percentile.
    """
    (first, low), (second, middle), (last, high) = points.items()

    def between(likely: float) -> float:
        from riskmc.distributions.simple import Triangular

        ends = triangular({first: low, last: high}, {"likely": likely})
        return float(Triangular.model_validate(ends).quantile(np.array(second / 100.0)))

    least, most = between(low), between(high)
    if not least <= middle <= most:
        raise ValueError(
            f"no triangle has p{first} = {low:g}, p{second} = {middle:g}, p{last} = {high:g}: "
            f"p{second} must lie between {least:.4g} and {most:.4g}; "
            'distribution = "quantiles" takes more'
        )
    left, right = low, high
    for _ in range(100):
        trial = (left + right) / 2.0
        left, right = (trial, right) if between(trial) < middle else (left, trial)
    return (left + right) / 2.0


def pert(points: Points, rest: Mapping[str, Any]) -> dict[str, float]:
    """Return low, likely and high of the PERT with these percentiles, from the triangle's."""
    from scipy.optimize import root

    from riskmc.distributions.shaped import Pert

    start = triangular(points, rest)
    likely = start["likely"]
    levels = np.array(list(points)) / 100.0
    values = np.array(list(points.values()))
    spread = float(values[-1] - values[0])
    free = len(points) == 3

    def made(x: Any) -> dict[str, float]:
        middle = likely + spread * float(x[2]) if free else likely
        return {
            "low": middle - spread * math.exp(float(x[0])),
            "likely": middle,
            "high": middle + spread * math.exp(float(x[1])),
        }

    def miss(x: Any) -> Any:
        return (Pert.model_validate(made(x)).quantile(levels) - values) / spread

    arms = [max(likely - start["low"], 1e-3 * spread), max(start["high"] - likely, 1e-3 * spread)]
    guess = [*np.log(np.array(arms) * 1.2 / spread), *([0.0] if free else [])]
    found = root(miss, guess, tol=1e-13)
    if not float(np.abs(miss(found.x)).max()) <= _EXACT:
        raise ValueError(
            'no PERT with these percentiles was found; distribution = "triangular" or '
            '"quantiles" takes them'
        )
    return made(found.x)
