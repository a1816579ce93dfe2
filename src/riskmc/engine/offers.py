"""Conditional money and spills of a study, compiled.

Devices, sections 4 and 7. Nothing here depends on drivers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from riskmc.engine.compiling import by_year
from riskmc.rules.conditions import TESTS
from riskmc.rules.money import Flag, Money
from riskmc.study import Regime, Study


@dataclass(frozen=True)
class Offer:
    """Conditional money: a share of planned own cost, by year and member, paid where a test is met.

    `asks` is what the test asks for; `counted` what the plan counts on of it.
    """

    rate: Money
    test: Callable[..., Flag]
    asks: tuple[str, ...]
    target: float
    counted: float


@dataclass(frozen=True)
class Spill:
    """Need left unmet at one body that another meets the year after."""

    source: int
    to: int
    share: float
    cost: float


def compile_offers(study: Study, regime: Regime, members: list[int]) -> tuple[Offer, ...]:
    """Return the conditional money that a group's members are offered."""
    bodies = [study.organisations[k] for k in members]
    offers = []
    for row in regime.conditional:
        named = np.array([[row.holds_for(body.kind, body.id)] for body in bodies], dtype=float)
        rate = np.array(by_year(row.rate, study.years))[:, np.newaxis, np.newaxis] * named
        if rate.any():
            test = TESTS[row.test]
            asks = tuple(inspect.signature(test).parameters)
            offers.append(Offer(rate, test, asks, row.target, row.counted))
    return tuple(offers)


def compile_spills(study: Study) -> tuple[Spill, ...]:
    """Return where need left unmet goes, bodies by their place in the study."""
    ids = study.organisation_ids
    return tuple(
        Spill(ids.index(row.source), ids.index(row.to), row.share, row.cost)
        for row in study.dynamics.spills
    )
