"""What is counted as beyond a driver's meaning is what the run draws, whatever else is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sampling_studies import base

from riskmc.sampling import Sampler
from riskmc.study import parse_study

WIDE = {"distribution": "normal", "mean": 0.7, "sd": 0.2, "shared": 0.4, "persistence": 0.3}


def wide(**changes: Any) -> Any:
    """Return a study of which one driver often lies beyond its meaning, with another correlated."""
    tables = base()
    drivers = tables["drivers"]
    drivers["recognition"] = WIDE
    drivers["demand_growth"] = {"distribution": "normal", "mean": 0.02, "sd": 0.01, "shared": 0.5}
    drivers["cost_inflation"] = {"distribution": "normal", "mean": 0.02, "sd": 0.01}
    tables["correlation"] = {"recognition, demand_growth": 0.5}
    return parse_study(tables | changes)


@pytest.mark.parametrize("scheme", ["mc", "lhs"])
def test_counted_drivers_are_those_of_the_run(scheme: str) -> None:
    """Would catch other numbers where fewer drivers are drawn: a factor or a body left out."""
    sampler = Sampler(wide(), scheme=scheme)
    assert sampler.counted == ("recognition",)
    into = None
    for block in range(2):
        into = sampler.of_counted(block, into)
        whole = sampler.unclipped(block)
        assert {*into} >= {"recognition", "demand_growth"}
        assert "cost_inflation" not in into, "more is drawn than is counted"
        for name, values in into.items():
            np.testing.assert_array_equal(values, whole[name])


def test_a_study_of_schemes_is_drawn_whole() -> None:
    """Would catch a delivery counted as its distribution gives it, not as its schemes make it."""
    late = {"distribution": "uniform", "low": 1.2, "high": 1.4}
    scheme = {"name": "Beds", "organisation": "acute", "amount": 3.0, "delivery": late}
    sampler = Sampler(wide(schemes=[scheme]), scheme="mc")
    values = sampler.of_counted(0)
    assert float(values["savings_delivery"][0, 0].min()) >= 1.2
