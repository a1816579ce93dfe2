"""Whole runs, from study to measure, against answers that are known on paper.

Tolerances are in standard errors of the estimate: |z| < 4, one chance in 16,000 each.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from riskmc.runs.simulation import run
from riskmc.study import parse_study

DRAWS = 40_000
MOST_ERRORS = 4.0


def council(**changes: Any) -> dict[str, Any]:
    """One body that has nothing but its reserves."""
    return {
        "schema": 1,
        "title": "One body",
        "start_year": "2016/17",
        "years": 1,
        "draws": DRAWS,
        "seed": 11,
        "organisations": [
            {"id": "body", "name": "Body", "kind": "council", "cost": 100.0, "local_tax": 100.0}
        ],
        "regimes": {
            "plain": {
                "label": "Plain",
                "rulebooks": {
                    "council": {
                        "plan": [],
                        "shortfall": [{"instrument": "reserves"}],
                        "surplus": [{"instrument": "reserves"}],
                    }
                },
            }
        },
        **changes,
    }


def outcome(study: dict[str, Any], name: str, **options: Any) -> np.ndarray:
    """Return a variable as (year, draw)."""
    values = run(parse_study(study), **options)["outcomes"][name]
    stacked = values.isel(regime=0, organisation=0).stack(n=("chain", "draw"))
    return np.asarray(stacked.transpose("year", "n").values)


def errors_away(indicator: np.ndarray, probability: float) -> float:
    error = math.sqrt(probability * (1.0 - probability) / indicator.size)
    return float((indicator.mean() - probability) / error)


def test_a_gaussian_deficit() -> None:
    """Would catch a driver or balance scaled wrongly: the balance is -100 N(0.01, 0.02)."""
    deficit = outcome(
        council(drivers={"demand_growth": {"distribution": "normal", "mean": 0.01, "sd": 0.02}}),
        "deficit",
    )[0]
    mean, sd = 1.0, 2.0
    z = mean / sd
    expected = mean * stats.norm.cdf(z) + sd * stats.norm.pdf(z)
    assert abs(deficit.mean() - expected) < MOST_ERRORS * deficit.std() / math.sqrt(DRAWS)
    for x in (0.0, 1.0, 3.0, 5.0):
        chance = float(stats.norm.sf(x, mean, sd))
        assert abs(errors_away(deficit > x, chance)) < MOST_ERRORS, x


@pytest.mark.parametrize(("opening", "chance"), [(3.0, 0.34375), (4.0, 0.2265625)])
def test_a_walk_of_reserves_is_exhausted_as_the_reflection_principle_says(
    opening: float, chance: float
) -> None:
    """Would catch exhaustion missed, counted twice, or reserves rolled forward wrongly.

    Reserves go up or down by £1m a year with equal chance: a surplus of 1, less a loss of 2 that
    happens half the time. P(min over 10 steps <= -a) = P(S > a) + P(S >= a) with S the sum of ten
    steps: (176 + 176) / 1024 from 3, (176 + 56) / 1024 from 4.
    """
    ways = [math.comb(10, k) for k in range(11)]
    reached = sum(w for k, w in enumerate(ways) if 2 * k - 10 >= opening)
    passed = sum(w for k, w in enumerate(ways) if 2 * k - 10 > opening)
    assert (reached + passed) / 1024 == chance
    study = council(
        years=10,
        risks=[
            {
                "name": "Loss",
                "organisation": "body",
                "probability": 0.5,
                "impact": {"distribution": "constant", "value": 2.0},
            }
        ],
    )
    study["organisations"][0].update(charges=1.0, reserves=opening)
    exhausted = outcome(study, "exhausted").any(axis=0)
    assert abs(errors_away(exhausted, chance)) < MOST_ERRORS
    wrong = 0.2265625 if opening == 3.0 else 0.34375
    assert abs(errors_away(exhausted, wrong)) > MOST_ERRORS, "the test could not fail"


def test_a_compound_event() -> None:
    """Would catch an event's size drawn from the wrong part of its distribution."""
    median, p95, chance = 3.0, 9.0, 0.1
    sigma = math.log(p95 / median) / stats.norm.ppf(0.95)
    impact = {"distribution": "lognormal", "median": median, "p95": p95}
    risk = {"name": "Loss", "organisation": "body", "probability": chance, "impact": impact}
    deficit = outcome(council(risks=[risk]), "deficit")[0]
    assert abs(errors_away(deficit > 0.0, chance)) < MOST_ERRORS
    assert abs(errors_away(deficit > median, chance / 2)) < MOST_ERRORS
    assert abs(errors_away(deficit > p95, chance * 0.05)) < MOST_ERRORS
    mean = chance * median * math.exp(sigma**2 / 2)
    assert abs(deficit.mean() - mean) < MOST_ERRORS * deficit.std() / math.sqrt(DRAWS)


def test_a_bailout_granted_by_chance() -> None:
    """Would catch `rescue` not uniform, or granted on the wrong side of its probability."""
    study = council()
    study["organisations"][0]["local_tax"] = 90.0
    study["regimes"]["plain"]["rulebooks"]["council"]["shortfall"] = [
        {"instrument": "bailout", "probability": 0.3}
    ]
    bailout = outcome(study, "bailout")[0]
    assert abs(errors_away(bailout > 0.0, 0.3)) < MOST_ERRORS
    np.testing.assert_allclose(bailout[bailout > 0.0], 10.0, rtol=1e-12)


def test_limits_pool_of_one_and_certain_savings() -> None:
    """Would catch a pool of one that differs from the body alone, or a limit case gone wrong."""
    drivers = {
        "demand_growth": {"distribution": "normal", "mean": 0.03, "sd": 0.02},
        "savings_delivery": {"distribution": "beta", "mean": 0.8, "sd": 0.1},
    }
    study = council(years=5, drivers=drivers)
    study["organisations"][0].update(reserves=10.0, reserve_floor=2.0)
    book = {
        "plan": [{"instrument": "savings", "max_rate": 0.03}],
        "shortfall": [{"instrument": "reserves"}, {"instrument": "bailout", "loan_share": 0.5}],
        "surplus": [{"instrument": "repay_debt"}, {"instrument": "reserves"}],
        "interest": 0.04,
    }
    pool = {"name": "pool", "members": ["*"], "rulebook": "one"}
    study["regimes"] = {
        "alone": {"label": "Alone", "rulebooks": {"council": book}},
        "pooled": {"label": "Pooled", "pools": [pool], "rulebooks": {"one": book}},
    }
    outcomes = run(parse_study(study), draws=2_000, keep="all")["outcomes"].to_dataset()
    alone, pooled = (outcomes.sel(regime=name, drop=True) for name in ("alone", "pooled"))
    xr.testing.assert_equal(alone, pooled)
    certain = {"distribution": "constant", "value": 1.0}
    study["drivers"] = {**drivers, "savings_delivery": certain}
    sure = run(parse_study(study), draws=2_000, keep="all")["outcomes"].to_dataset()
    xr.testing.assert_equal(sure["savings_planned"], sure["savings_delivered"])
