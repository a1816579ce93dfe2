"""Small studies of every shape, run once, with their reports."""

from __future__ import annotations

from functools import cache
from typing import Any

import riskmc
from riskmc.report import Report
from riskmc.study import Study, parse_study

#: Regimes, bodies and kind of the reports that the default suite makes.
QUICK_SHAPES = [
    (1, 1, "plain"),
    (2, 13, "plain"),
    (3, 3, "unlike"),
    (6, 3, "unlike and long"),
    (2, 3, "nothing random"),
    (1, 3, "empty"),
]
DRAWS = 400
DRIVERS: dict[str, Any] = {
    "demand_growth": {"distribution": "normal", "mean": 0.03, "sd": 0.02, "shared": 0.5},
    "cost_inflation": {"distribution": "normal", "mean": 0.03, "sd": 0.02, "shared": 0.8},
    "savings_delivery": {"distribution": "beta", "mean": 0.8, "sd": 0.1},
}
RISKS = [
    {"name": "Flood", "organisation": "body0", "probability": 0.1, "low": 1, "likely": 2, "high": 9}
]


def study_of(
    regimes: int = 2,
    bodies: int = 3,
    *,
    years: int = 4,
    name: str = "Body",
    label: str = "Rules",
    reserves: float = 8.0,
    cost: float = 100.0,
    drivers: dict[str, Any] | None = None,
    risks: list[dict[str, Any]] | None = None,
    unlike: bool = False,
    **more: Any,
) -> Study:
    """Return a place of councils; the first rules are of lone bodies, every second pools them.

    `unlike`: the further rules differ so much that none is a variant of another.
    """
    kept: dict[str, Any] = {}
    for i in range(regimes):
        rulebook = _book(0.02, 0.6) if not unlike else _book(0.02 - 0.003 * i, 0.6 - 0.1 * i, 0.02)
        pooled = i % 2 == 1 and bodies > 1
        kept[f"rules{i}"] = {
            "label": f"{label} {i}" if i else f"Current {label.lower()}",
            "rulebooks": {"pool" if pooled else "council": rulebook},
            "settlement": {"period": 1 + i % 3},
            **(
                {"pools": [{"name": "pool", "members": ["*"], "rulebook": "pool"}]}
                if pooled
                else {}
            ),
        }
    if "pools" in more:
        raise ValueError("pools are made here")
    return parse_study(
        {
            "schema": 1,
            "title": "Testshire, health and social care",
            "start_year": "2026/27",
            "years": years,
            "draws": DRAWS,
            "seed": 7,
            "organisations": [
                {
                    "id": f"body{k}",
                    "name": f"{name} {k}",
                    "kind": "council",
                    "cost": cost,
                    "grant": 50.0,
                    "local_tax": 50.0,
                    "reserves": reserves,
                    "reserve_floor": 2.0,
                }
                for k in range(bodies)
            ],
            "planning": {"grant_growth": 0.03, "tax_growth": 0.04},
            "drivers": DRIVERS if drivers is None else drivers,
            "risks": RISKS if risks is None else risks,
            "regimes": kept,
            **more,
        }
    )


def _book(savings: float, rescue: float, cuts: float = 1.0) -> dict[str, Any]:
    return {
        "plan": [
            {"instrument": "savings", "max_rate": savings},
            {"instrument": "service_reduction", **({"max_rate": cuts} if cuts < 1.0 else {})},
        ],
        "shortfall": [
            {"instrument": "reserves"},
            {"instrument": "in_year_measures", "max_rate": 0.01},
            {"instrument": "bailout", "probability": rescue},
        ],
        "surplus": [{"instrument": "reserves"}],
    }


@cache
def report_of(regimes: int = 2, bodies: int = 3, draws: int = DRAWS, kind: str = "plain") -> Report:
    """Return the report of a shape, made once a session."""
    given = KINDS[kind]
    study = study_of(regimes, bodies, **given)
    return Report(riskmc.run(study, draws=draws, keep="all"))


KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "long": {
        "name": "The Metropolitan Borough Council of a Place with a Very Long Name Indeed 🏥",
        "label": "Rules as they were proposed by the combined authority in its last consultation",
    },
    "one year": {"years": 1},
    "rich": {"reserves": 5000.0, "drivers": {}, "risks": []},
    "failing": {"cost": 140.0},
    "nothing random": {"drivers": {}, "risks": []},
    "register only": {"drivers": {}},
    "empty": {"reserves": 0.0},
    "unlike": {"unlike": True},
    "unlike and long": {
        "unlike": True,
        "name": "The Metropolitan Borough Council of a Place with a Very Long Name Indeed",
        "label": "Rules as they were proposed by the combined authority in its last consultation",
    },
}
