"""Correlation between risks: how much more often two of them happen in one year."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated

from riskmc.study.risks import Risk
from riskmc.study.types import AsTuple, Sourced, Text, number

#: What is drawn by one stream: a risk's name and body, or an event and no body.
Unit = tuple[str, str]
Pair = tuple[Unit, Unit]


class RiskCorrelation(Sourced):
    """One correlation between every two of the risks named."""

    risks: Annotated[tuple[Text, ...], AsTuple]
    """Names of two risks or more; "name (body)" where several bodies have a risk of one name"""
    correlation: Annotated[float, *number(-1.0, 1.0, above_low=True, below_high=True)]
    """Correlation of the normals that decide, each year, whether each happens and how badly"""


def unit_of(risk: Risk) -> Unit:
    """Return what a risk is drawn by: the rows of one event by the event."""
    return (risk.event, "") if risk.event is not None else (risk.name, risk.organisation)


def label(unit: Unit) -> str:
    """Return a unit as a study names it for sure."""
    name, body = unit
    return f"{name} ({body})" if body else name


def risk_pairs(risks: Sequence[Risk], correlations: Sequence[RiskCorrelation]) -> dict[Pair, float]:
    """Return the correlation of each pair of units, in their own order; names unknown are none."""
    found = {}
    for row in correlations:
        units = [meant[0] for name in row.risks if (meant := named(name, risks))]
        for one, other in combinations(sorted(set(units)), 2):
            found[one, other] = row.correlation
    return found


def named(name: str, risks: Sequence[Risk]) -> list[Unit]:
    """Return the units that a name may stand for."""
    units = dict.fromkeys(map(unit_of, risks))
    exact = [unit for unit in units if label(unit) == name]
    return exact or [unit for unit in units if unit[0] == name]
