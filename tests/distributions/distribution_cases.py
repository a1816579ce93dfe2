"""Distributions of every family, some alongside SciPy's own, for the tests of this folder."""

from __future__ import annotations

import math
from typing import Any

from pydantic import TypeAdapter
from scipy import stats

from riskmc.distributions import AnyDistribution

ADAPTER: TypeAdapter[Any] = TypeAdapter(AnyDistribution)


def make(family: str, **keys: Any) -> Any:
    return ADAPTER.validate_python({"distribution": family, **keys})


def beta_of(mean: float, sd: float, low: float = 0.0, high: float = 1.0) -> Any:
    width = high - low
    m = (mean - low) / width
    size = m * (1 - m) / (sd / width) ** 2 - 1
    return stats.beta(m * size, (1 - m) * size, loc=low, scale=width)


SIGMA = math.log(3.0) / stats.norm.ppf(0.95)
#: A distribution of ours alongside SciPy's own, told from the textbook and not from the source.
AGAINST_SCIPY: dict[str, tuple[Any, Any]] = {
    "normal": (make("normal", mean=0.02, sd=0.01), stats.norm(0.02, 0.01)),
    "lognormal by quantiles": (
        make("lognormal", median=2, p95=6),
        stats.lognorm(SIGMA, scale=2.0),
    ),
    "lognormal by moments": (
        make("lognormal", mean=3.0, sd=1.5),
        stats.lognorm(math.sqrt(math.log(1.25)), scale=3.0 / math.sqrt(1.25)),
    ),
    "beta": (make("beta", mean=0.87, sd=0.09), beta_of(0.87, 0.09)),
    "beta bounded": (
        make("beta", mean=-0.5, sd=0.4, low=-1, high=2.0),
        beta_of(-0.5, 0.4, -1.0, 2.0),
    ),
    "beta U-shaped": (make("beta", mean=0.5, sd=0.40), beta_of(0.5, 0.40)),
    "uniform": (make("uniform", low=-1, high=3), stats.uniform(-1, 4)),
    "triangular": (make("triangular", low=1, likely=2, high=6), stats.triang(0.2, 1, 5)),
    "triangular falling": (make("triangular", low=0, likely=0, high=2), stats.triang(0, 0, 2)),
    "triangular rising": (make("triangular", low=0, likely=2, high=2), stats.triang(1, 0, 2)),
    "pert": (
        make("pert", low=2, likely=6, high=20),
        stats.beta(1 + 16 / 18, 1 + 56 / 18, loc=2, scale=18),
    ),
    "student_t": (
        make("student_t", mean=1.0, sd=2.0, df=4),
        stats.t(4, loc=1.0, scale=2.0 / math.sqrt(2)),
    ),
    "student_t fat": (
        make("student_t", mean=0, sd=1, df=2.5),
        stats.t(2.5, scale=math.sqrt(0.2)),
    ),
    "gamma": (make("gamma", mean=2.0, sd=1.0), stats.gamma(4, scale=0.5)),
    "gamma skewed": (make("gamma", mean=1.0, sd=2.0), stats.gamma(0.25, scale=4.0)),
}
METALOGS = {
    "free": make("quantiles", p5=0.0, p50=0.10, p95=0.40),
    "skewed left": make("quantiles", p5=-3.0, p50=1.0, p95=2.0),
    "above low": make("quantiles", p5=1.0, p50=3.0, p95=8.0, low=0),
    "below high": make("quantiles", p5=0.2, p50=0.7, p95=0.9, high=1.0),
    "between": make("quantiles", p5=0.1, p50=0.7, p95=0.9, low=0.0, high=1.0),
}
MIXTURES = {
    "mass at zero": make(
        "mixture",
        parts=[
            {"weight": 0.2, "distribution": "constant", "value": 0.0},
            {"weight": 0.8, "distribution": "beta", "mean": 0.9, "sd": 0.05},
        ],
    ),
    "mass inside": make(
        "mixture",
        parts=[
            {"weight": 0.25, "distribution": "constant", "value": 1.0},
            {"weight": 0.75, "distribution": "normal", "mean": 0.5, "sd": 1.0},
        ],
    ),
    "overlap": make(
        "mixture",
        parts=[
            {"weight": 0.4, "distribution": "uniform", "low": 0.0, "high": 1.0},
            {"weight": 0.6, "distribution": "lognormal", "median": 0.8, "p95": 2.0},
        ],
    ),
    "three": make(
        "mixture",
        parts=[
            {"weight": 0.1, "distribution": "constant", "value": -1},
            {"weight": 0.5, "distribution": "normal", "mean": 0.0, "sd": 1.0},
            {"weight": 0.4, "distribution": "student_t", "mean": 3.0, "sd": 1.0, "df": 5},
        ],
    ),
}
EMPIRICAL = make("empirical", file="x.csv", column="c", values=[3.0, -1.0, 2.0, 2.0, 7.5])
ALL: dict[str, Any] = {
    "constant": make("constant", value=0.5),
    **{name: pair[0] for name, pair in AGAINST_SCIPY.items()},
    **METALOGS,
    **MIXTURES,
    "empirical": EMPIRICAL,
}
