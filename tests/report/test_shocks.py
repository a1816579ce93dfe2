"""Stress tests of the report: what "as bad as one year in twenty" means for each driver."""

from __future__ import annotations

import numpy as np
import pytest
from report_cases import study_of

from riskmc.report.sides.shocks import SCENARIOS, adverse_values, ladder, scenarios, stressed
from riskmc.sampling import sample
from riskmc.study import parse_study
from riskmc.study.load import study_mapping
from riskmc.words.board import times_as

SCHEMES = [
    {
        "name": "Back office",
        "organisation": "body0",
        "amount": 2.0,
        "delivery": {"distribution": "uniform", "low": 0.2, "high": 0.8},
    }
]


def test_savings_by_scheme_fail_in_a_stress_test() -> None:
    """Would catch a stress that puts savings by scheme at 1, so that failing delivers more.

    One year in twenty of a uniform from 0.2 to 0.8 is below 0.2 + 0.05 × 0.6 = 0.23.
    """
    study = study_of(1, 2, drivers={}, schemes=SCHEMES)
    drivers = sample(study, draws=8_000, seed=1)
    failing = next(s for s in scenarios(study) if s.name == "savings")
    struck = stressed(drivers, study, failing)["savings_delivery"]
    first = struck.sel(organisation="body0").isel(year=1)
    assert float(first.min()) == float(first.max()) == pytest.approx(0.23, abs=0.005)
    assert float(struck.sel(organisation="body1").min()) == 1.0  # it has no schemes


def test_the_ladder_climbs_from_the_middle_of_what_schemes_deliver() -> None:
    """Would catch a reverse stress test in which savings by scheme are always delivered whole."""
    study = study_of(1, 1, drivers={}, schemes=SCHEMES)
    drivers = sample(study, draws=8_000, seed=1)
    rungs = np.array([0.0, 1.6448536269514722])
    climbed, climbers = ladder(study, rungs, drivers)
    delivered = climbed["savings_delivery"].isel(chain=0, year=0, organisation=0)
    assert climbers[0] == "everything" or len(climbers) == 1
    assert delivered.values[:2] == pytest.approx([0.5, 0.23], abs=0.01)


def test_cost_lines_are_stressed_as_they_are_drawn() -> None:
    """Would catch a body's growth of need stressed by the driver and not by its own lines."""
    lines = [{"name": "Care", "cost": 60.0}, {"name": "Rest", "cost": 40.0}]
    wide = {"distribution": "normal", "mean": 0.0, "sd": 0.01, "by": {"body0.Care": {"sd": 0.10}}}
    tables = study_mapping(study_of(1, 1, drivers={}, risks=[]))
    tables["organisations"][0]["lines"] = lines
    del tables["organisations"][0]["cost"]
    study = parse_study({**tables, "drivers": {"demand_growth": wide}})
    drivers = sample(study, draws=8_000, seed=1)
    z = np.array([1.6448536269514722])
    bad = adverse_values(study, "demand_growth", z, drivers)[0, 0, 0]
    spread = 1.6448536269514722 * np.hypot(0.6 * 0.10, 0.4 * 0.01)
    assert bad == pytest.approx(spread, rel=0.05)
    assert {s.name for s in SCENARIOS} >= {"demand", "savings", "together"}


def test_a_ratio_of_few_futures_is_not_said_to_the_unit() -> None:
    """Would catch "about 91 times as likely" from a dozen futures, or a crash where none is left.

    A sign after which 3 of 100 futures need a rescue, and without which none does, has no ratio.
    """
    assert times_as(91.0) == times_as(float("inf")) == "more than ten times"
    assert times_as(10.0) == "about ten times"
