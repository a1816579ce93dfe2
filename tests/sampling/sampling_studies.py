"""A small study as a mapping, to be taken apart and changed by tests."""

from __future__ import annotations

import copy
from typing import Any

from riskmc.study import Study, parse_study

_RULEBOOK: dict[str, Any] = {
    "plan": [{"instrument": "savings", "max_rate": 0.03}],
    "shortfall": [{"instrument": "reserves"}],
    "surplus": [{"instrument": "reserves"}],
}
_BASE: dict[str, Any] = {
    "schema": 1,
    "title": "Three bodies",
    "start_year": "2016/17",
    "years": 4,
    "draws": 20_000,
    "seed": 2016,
    "organisations": [
        {"id": "acute", "name": "Trust", "kind": "provider", "cost": 1000.0, "reserves": 20.0},
        {"id": "ccg", "name": "Group", "kind": "commissioner", "cost": 300.0, "reserves": 5.0},
        {"id": "borough", "name": "Council", "kind": "council", "cost": 400.0, "reserves": 60.0},
    ],
    "drivers": {
        "demand_growth": {
            "distribution": "normal",
            "mean": 0.02,
            "sd": 0.01,
            "shared": 0.5,
            "persistence": 0.3,
            "by": {"council": {"mean": 0.03, "shared": 0.25}},
        },
        "cost_inflation": {"distribution": "normal", "mean": 0.02, "sd": 0.008, "shared": 0.8},
        "funding_shock": {"distribution": "normal", "mean": 0.0, "sd": 0.008, "shared": 1.0},
        "tax_shock": {"by": {"council": {"distribution": "normal", "mean": 0.0, "sd": 0.01}}},
        "in_year_cut": {
            "probability": 0.15,
            "distribution": "lognormal",
            "median": 0.008,
            "p95": 0.03,
            "shared": 1.0,
        },
        "recognition": {"distribution": "uniform", "low": 0.0, "high": 1.0},
        "savings_delivery": {"distribution": "beta", "mean": 0.87, "sd": 0.09, "shared": 0.3},
        "new_burden": {
            "probability": 0.2,
            "distribution": "pert",
            "low": 0.001,
            "likely": 0.003,
            "high": 0.01,
            "shared": 0.6,
        },
    },
    "correlation": {
        "demand_growth, cost_inflation": 0.2,
        "demand_growth, savings_delivery": -0.3,
        "funding_shock, tax_shock": 0.4,
    },
    "risks": [
        {
            "name": "Ward closes",
            "organisation": "acute",
            "probability": 0.05,
            "low": 2.0,
            "likely": 6.0,
            "high": 20.0,
        },
        {
            "name": "Provider fails",
            "organisation": "borough",
            "probability": 0.1,
            "impact": {"distribution": "lognormal", "median": 3.0, "p95": 9.0},
            "years": ["2017/18", "2018/19"],
        },
    ],
    "regimes": {
        "current": {
            "label": "Current rules",
            "rulebooks": {"provider": _RULEBOOK, "commissioner": _RULEBOOK, "council": _RULEBOOK},
        }
    },
}


def base() -> dict[str, Any]:
    """Return a copy of the study that may be changed."""
    return copy.deepcopy(_BASE)


def study(mapping: dict[str, Any] | None = None, **changes: Any) -> Study:
    """Return the study, or that of `mapping`, with top-level keys changed."""
    return parse_study({**(base() if mapping is None else mapping), **changes})
