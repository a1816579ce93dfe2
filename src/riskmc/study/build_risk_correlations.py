"""From the raw `[[risk_correlations]]` to their models, and what can hold together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from riskmc.study.build import Draft, array, table
from riskmc.study.correlation import is_possible, nearest_possible
from riskmc.study.positions import Path
from riskmc.study.problems import listed, nearest
from riskmc.study.risk_correlations import (
    Pair,
    RiskCorrelation,
    Unit,
    label,
    named,
    risk_pairs,
    unit_of,
)
from riskmc.study.risks import Risk


def risk_correlations(draft: Draft) -> None:
    """Read `[[risk_correlations]]`, and refuse what cannot hold together."""
    risks = [risk for risk in draft.risks if risk is not None]
    whole = len(risks) == len(draft.risks)
    rows = [
        table(draft.problems, RiskCorrelation, raw, ("risk_correlations", place))
        for place, raw in enumerate(array(draft, "risk_correlations"))
    ]
    draft.risk_correlations = rows
    given: dict[Pair, int] = {}
    for place, row in enumerate(rows):
        if row is not None and whole:
            _check(draft, row, ("risk_correlations", place), risks, given, place)
    if whole and not draft.problems.under(("risk_correlations",)):
        _possible(draft, risk_pairs(risks, [row for row in rows if row is not None]))


def _check(
    draft: Draft,
    row: RiskCorrelation,
    path: Path,
    risks: Sequence[Risk],
    given: dict[Pair, int],
    place: int,
) -> None:
    """Check what a row names, and that no pair is given twice."""
    found = []
    for item, name in enumerate(row.risks):
        units = _named(draft, name, (*path, "risks", item), risks)
        found += units
    if len(row.risks) < 2 or len(set(found)) < len(found):
        draft.problems.add(
            (*path, "risks"),
            "names fewer than two risks, or one twice",
            value=list(row.risks),
            allowed="two risks or more, each once",
        )
    for pair in combinations(sorted(set(found)), 2):
        if pair in given:
            draft.problems.add(
                (*path, "risks"),
                f"correlates {label(pair[0])} and {label(pair[1])} a second time",
                value=list(row.risks),
                allowed="one correlation for each pair",
            )
        given[pair] = place


def _named(draft: Draft, name: str, path: Path, risks: Sequence[Risk]) -> list[Unit]:
    """Return the unit that a name stands for; none after recording what is wrong with it."""
    units = named(name, risks)
    if len(units) == 1:
        mine = [risk for risk in risks if unit_of(risk) == units[0]]
        for fault in _cannot_be_joined(mine):
            allowed = "a risk without a group or a common cause"
            draft.problems.add(path, fault, value=name, allowed=allowed)
        return units
    known = [label(unit) for unit in dict.fromkeys(map(unit_of, risks))]
    several = [label(unit) for unit in units]
    draft.problems.add(
        path,
        "is a risk of several bodies" if units else "is not a risk of the register",
        value=name,
        allowed=listed(several or known or ["the names of [[risks]]"]),
        near="" if units else nearest(name, known),
    )
    return []


def _cannot_be_joined(risks: Sequence[Risk]) -> Iterator[str]:
    """Say why a risk cannot be in a correlation: something else joins it to others."""
    if any(risk.group is not None for risk in risks):
        yield "is in a group of risks that exclude each other"
    if any(risk.cause is not None for risk in risks):
        yield "has a common cause with others already"


def _possible(draft: Draft, pairs: dict[Pair, float]) -> None:
    """Refuse correlations that are no matrix of correlations together; say the nearest."""
    units = sorted({unit for pair in pairs for unit in pair})
    typed = np.eye(len(units))
    for (one, other), value in pairs.items():
        i, j = units.index(one), units.index(other)
        typed[i, j] = typed[j, i] = value
    if not units or is_possible(typed):
        return
    possible = nearest_possible(typed)
    moves = [
        f"{label(one)} and {label(other)} {possible[units.index(one), units.index(other)]:g}"
        for one, other in pairs
    ]
    draft.problems.add(
        ("risk_correlations",),
        "cannot hold together (the matrix is not positive definite)",
        allowed=f"the nearest that can: {listed(moves, last='and')}",
    )
