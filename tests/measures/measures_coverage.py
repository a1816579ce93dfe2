"""Are the errors right? Repeated runs of a small study with known answers.

`coverage_study(repeats=2000)` is the study to publish; the suite runs a shorter one. One year,
three councils, two regimes: under "current" the grant is settled in the year and shocks reach it,
under "steady" they wait for a later review. Balances are normal, so every answer is a closed form
or one integral.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy import integrate, stats

import riskmc
from riskmc import measures
from riskmc.statistics.estimates import SCHEMES
from riskmc.study import Study, parse_study

GROWTH, SHARED, SHOCK, RESERVES, GRANTED = 0.03, 0.5, 0.02, 4.0, 0.5
BODIES = ("ash", "birch", "cedar")
#: Draws of one run, enough for each scheme's smallest number of chains.
DRAWS = {"mc": 4096, "antithetic": 4096, "lhs": 16_384, "sobol": 16_384}


class Row(NamedTuple):
    """How one statistic's errors did over many runs.

    ratio  root mean square of the reported standard error over the true one
    cover  share of 95 % intervals that held the truth
    bias   mean error over the true standard error
    """

    scheme: str
    statistic: str
    truth: float
    ratio: float
    cover: float
    bias: float
    repeats: int


def small_study() -> Study:
    """The study with known answers."""
    book = {
        "plan": [],
        "shortfall": [
            {"instrument": "reserves"},
            {"instrument": "bailout", "probability": GRANTED},
        ],
        "surplus": [{"instrument": "reserves"}],
    }
    regime = {"label": "Current", "rulebooks": {"council": book}}
    return parse_study(
        {
            "schema": 1,
            "title": "Known answers",
            "start_year": "2016/17",
            "years": 1,
            "draws": 4096,
            "seed": 1,
            "organisations": [
                {
                    "id": name,
                    "name": name.title(),
                    "kind": "council",
                    "cost": 100.0,
                    "grant": 100.0,
                    "reserves": RESERVES,
                }
                for name in BODIES
            ],
            "drivers": {
                "demand_growth": {
                    "distribution": "normal",
                    "mean": 0.0,
                    "sd": GROWTH,
                    "shared": SHARED,
                },
                "funding_shock": {
                    "distribution": "normal",
                    "mean": 0.0,
                    "sd": SHOCK,
                    "shared": 1.0,
                },
            },
            "regimes": {
                "current": regime,
                "steady": {**regime, "label": "Steady", "settlement": {"period": 5}},
            },
        }
    )


def truths(regime: str) -> dict[str, float]:
    """The answers under one regime."""
    shock = SHOCK if regime == "current" else 0.0
    sd = 100.0 * math.hypot(GROWTH, shock)
    common = 100.0 * math.hypot(math.sqrt(SHARED) * GROWTH, shock)
    own = 100.0 * math.sqrt(1.0 - SHARED) * GROWTH
    limit, q = RESERVES / sd, stats.norm.ppf(0.95)
    mean = sd / math.sqrt(2.0 * math.pi)
    needed = float(stats.norm.sf(limit))
    amount = float(sd * stats.norm.pdf(limit) - RESERVES * stats.norm.sf(limit))
    none, _ = integrate.quad(
        lambda z: stats.norm.pdf(z) * stats.norm.cdf((RESERVES + common * z) / own) ** 3, -9, 9
    )
    return {
        "mean deficit": mean,
        "sd of deficit": math.sqrt(sd**2 / 2.0 - mean**2),
        "95th percentile of deficit": sd * q,
        "expected shortfall, 95 %": sd * stats.norm.pdf(q) / 0.05,
        "P(rescue needed)": needed,
        "P(granted)": GRANTED * needed,
        "P(exhausted)": needed,
        "P(any body needs rescue)": 1.0 - none,
        "mean bailout": GRANTED * amount,
        "bailout given one": amount / needed,
        "gross deficit of the place": 3.0 * mean,
    }


Measure = Callable[..., xr.Dataset]
WHERE = {"organisation": BODIES[1], "over": "horizon"}
MEASURES: dict[str, tuple[Measure, dict[str, object]]] = {
    "mean deficit": (measures.deficit_mean, WHERE),
    "sd of deficit": (measures.deficit_sd, WHERE),
    "95th percentile of deficit": (measures.value_at_risk, {**WHERE, "p": (0.95,)}),
    "expected shortfall, 95 %": (measures.expected_shortfall, {**WHERE, "p": (0.95,)}),
    "P(rescue needed)": (measures.rescue_needed_probability, WHERE),
    "P(granted)": (measures.bailout_probability, WHERE),
    "P(exhausted)": (measures.exhausted_probability, WHERE),
    "P(any body needs rescue)": (
        measures.rescue_needed_probability,
        {**WHERE, "organisation": "place"},
    ),
    "mean bailout": (measures.bailout_mean, WHERE),
    "bailout given one": (measures.bailout_given_one, WHERE),
    "gross deficit of the place": (
        measures.deficit_mean,
        {**WHERE, "organisation": "place", "gross": True},
    ),
}
#: Statistics with no paired difference, or (sd) whose difference is of another kind.
ALONE = ("bailout given one", "sd of deficit")


def estimates(results: measures.Results) -> Iterator[tuple[str, xr.Dataset]]:
    """Every statistic under the current rules, and its paired difference."""
    for name, (measure, options) in MEASURES.items():
        yield name, measure(results, regime="current", **options)
        if name not in ALONE:
            found = measure(results, regime="steady", against="current", **options)
            yield f"difference: {name}", found


def coverage_study(
    *,
    schemes: Sequence[str] = SCHEMES,
    repeats: int = 2000,
    draws: dict[str, int] | None = None,
    first_seed: int = 1,
) -> list[Row]:
    """Run the small study so often under each scheme and hold its errors against the truth."""
    current, steady = truths("current"), truths("steady")
    answers = {**current}
    answers |= {f"difference: {n}": steady[n] - current[n] for n in current if n not in ALONE}
    study = small_study()
    rows = []
    for scheme in schemes:
        number = (draws or DRAWS)[scheme]
        seen: dict[str, list[tuple[float, ...]]] = {}
        for seed in range(first_seed, first_seed + repeats):
            ran = riskmc.run(
                study, draws=number, seed=seed, scheme=scheme, workers=1, keep="headline"
            )
            for name, found in estimates(measures.Results(ran, study)):
                fields = tuple(found[f].item() for f in ("value", "mcse", "low", "high"))
                seen.setdefault(name, []).append(fields)
        rows += [_row(scheme, name, answers[name], np.array(v)) for name, v in seen.items()]
    return rows


def _row(scheme: str, name: str, truth: float, seen: np.ndarray) -> Row:
    value, mcse, low, high = seen.T
    true_error = float(value.std(ddof=1))
    reported = math.sqrt(float(np.mean(mcse**2)))
    cover = float(np.mean((low <= truth) & (truth <= high)))
    bias = float(value.mean() - truth) / true_error
    return Row(scheme, name, truth, reported / true_error, cover, bias, len(seen))
