"""A4 and A7, of studies that have them: reserves by kind, and risks that happen together."""

from __future__ import annotations

from riskmc.measures.reserve_kinds import KINDS
from riskmc.report.annex.cells import estimate, plain_table
from riskmc.report.facts import Facts
from riskmc.report.facts.kinds import divided
from riskmc.report.model import Block, Column, Para, text
from riskmc.study import Study
from riskmc.study.risk_correlations import risk_pairs
from riskmc.variables import PLACE
from riskmc.words.board import and_list, exact

#: Kinds as a table heads them.
_HEADS = {
    "general": "General",
    "earmarked, usable": "Earmarked, usable",
    "earmarked, held": "Earmarked, never used",
}


def reserves_by_kind(facts: Facts, study: Study) -> list[Block]:
    """Return what is left of each kind of reserves at each year end; nothing without kinds."""
    names, body = facts.names, facts.names.body
    shown = divided(study, body)
    if not shown:
        return []
    rows = []
    for regime in names.main:
        for year in names.years:
            cells = [
                estimate(facts.get("reserves of a kind", kind, regime, year=year, body=body))
                for kind in KINDS
            ]
            rows.append([names.regimes[regime].short, year, *cells])
    columns = [Column("Rules", width=1.4), Column("Year", width=0.9)]
    columns += [Column(_HEADS[kind], numeric=True) for kind in KINDS]
    words = (
        "What may be used of the earmarked goes first; what is added beyond the opening counts as "
        "earmarked. The first two add up to the reserves of every other table."
    )
    if body == PLACE and len(shown) < len(names.bodies):
        of = and_list([names.bodies[name] for name in shown])
        words += f" Of the bodies whose study file divides them: {of}."
    caption = "Reserves by kind at each year end [£m, averages]"
    return [plain_table(columns, rows, caption), Para(text(words), "note")]


def opening_kinds(study: Study, body: str) -> list[Block]:
    """Return the opening reserves by kind; nothing where no body divides them."""
    shown = set(divided(study, body))
    rows = []
    for row in study.organisations:
        if row.id in shown:
            general, earmarked = row.general_reserves or 0.0, row.earmarked_reserves or 0.0
            part = 1.0 if row.earmarked_usable is None else row.earmarked_usable
            amounts = (general, part * earmarked, (1.0 - part) * earmarked)
            rows.append([study.name_of(row.id), *(exact(amount) for amount in amounts)])
    if not rows:
        return []
    columns = [Column("Body", width=2.4)]
    columns += [Column(_HEADS[kind], numeric=True) for kind in KINDS]
    return [plain_table(columns, rows, "Opening reserves by kind")]


def risks_together(facts: Facts, study: Study) -> list[Block]:
    """Return the correlations of risks; nothing where the study has none."""
    names = facts.names.bodies

    def said(unit: tuple[str, str]) -> str:
        risk, body = unit
        return f"{risk} ({names.get(body, body)})" if body and len(names) > 1 else risk

    pairs = risk_pairs([risk.simulated for risk in study.risks], study.risk_correlations)
    rows = [[said(first), said(second), f"{value:g}"] for (first, second), value in pairs.items()]
    if not rows:
        return []
    columns = (
        Column("Risk", width=2.4),
        Column("And", width=2.4),
        Column("Correlation", numeric=True),
    )
    words = (
        "Of the normals that decide in each year whether each happens and how badly. Risks that "
        "are not listed happen independently, but for the rows of one event."
    )
    return [plain_table(columns, rows, "Risks that move together"), Para(text(words), "note")]
