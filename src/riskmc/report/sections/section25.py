"""Draft wording for a section 25 statement, for the officer to check, change and sign."""

from __future__ import annotations

from riskmc.figures import StatementLine, StatementTable
from riskmc.measures import amount_mean, amount_quantiles, customary_rules
from riskmc.measures.holders import opening_reserves
from riskmc.report.blocks import picture
from riskmc.report.context import Context, single
from riskmc.report.model import Block, Callout, Paragraph, Picture, Section
from riskmc.report.sections.deficit import deficit_sentence
from riskmc.report.sections.reserves import reserves_sentence, told_regimes
from riskmc.report.tables import known
from riskmc.words.figure_text import money

_P = (0.1, 0.5, 0.9)
#: What the plan says, and what the simulation gives for it.
_LINES = (
    ("Savings", "savings_planned", "savings_delivered"),
    ("Deficit", "planned_deficit", "net_deficit"),
)


def section25_section(ctx: Context) -> Section:
    """Return the draft under the rules as they are, the first set."""
    blocks: list[Block] = [
        Paragraph(
            "Section 25 of the Local Government Act 2003 asks a council's chief finance officer "
            "to report on the robustness of the estimates and the adequacy of reserves; NHS "
            "bodies have duties of their own. What follows is wording to start from, with the "
            f"numbers of this run under {ctx.label(ctx.first)}. It is nobody's opinion until an "
            "officer has made it theirs."
        ),
        Callout("draft", "DRAFT for the chief finance officer to sign", _wording(ctx)),
    ]
    figure = _beside(ctx)
    if figure is not None:
        blocks.append(figure)
    return Section("section25", "Draft section 25 statement", tuple(blocks))


def _wording(ctx: Context) -> tuple[str, ...]:
    held = float(opening_reserves(ctx.study)[ctx.first][ctx.body])
    floors = sum(
        body.reserve_floor
        for body in ctx.study.organisations
        if ctx.is_place or body.id == ctx.body
    )
    rules = customary_rules(ctx.study, organisation=ctx.body)
    text = [
        "DRAFT. Robustness of the estimates. The estimates rest on the planning assumptions and "
        "the uncertainties set out in this report, which were simulated in "
        f"{ctx.draws:,} futures. {deficit_sentence(ctx, ctx.first)}",
        f"Adequacy of reserves. Usable reserves at the start of {ctx.years[0]} are "
        f"{money(held)}, of which {money(floors)} is held as the floor. Five per cent of net "
        f"revenue would be {money(rules['5 % of net revenue'])}. "
        + (reserves_sentence(ctx, ctx.first) if ctx.first in told_regimes(ctx) else ""),
        "Limits. The simulation shows the error of simulating, not that of the model; it leaves "
        "out what the section on quality and limits lists.",
        "Opinion. [The officer to complete: whether, in my opinion, the estimates are robust and "
        "the proposed level of reserves is adequate, with what reservations.]",
        "[Name, office, date and signature of the chief finance officer.] DRAFT.",
    ]
    return tuple(part.strip() for part in text)


def _beside(ctx: Context) -> Picture | None:
    """Return the first year's plan beside what the simulation gives for it."""
    year = ctx.years[0]
    lines = []
    for label, planned, found in _LINES:
        if not all(ctx.reader.has(name, ctx.body) for name in (planned, found)):
            continue
        at = {"organisation": ctx.body, "regime": ctx.first}
        stated = single(amount_mean(ctx.results, variable=planned, **at), year=year, **at)
        rows = amount_quantiles(ctx.results, variable=found, p=_P, **at)
        low, middle, high = (single(rows, year=year, quantile=p, **at) for p in _P)
        if not known(rows):
            continue
        lines.append(
            StatementLine(
                label=label,
                stated=stated.value,
                low=low.value,
                middle=middle.value,
                high=high.value,
                error=middle.mcse,
            )
        )
    lines += _reserves_line(ctx, year)
    if not lines:
        return None
    table = StatementTable(
        lines=lines, measure=f"{ctx.subject_first}, {year}, under {ctx.label(ctx.first)}"
    )
    return picture(ctx, "statement", table)


def _reserves_line(ctx: Context, year: str) -> list[StatementLine]:
    held = float(opening_reserves(ctx.study)[ctx.first][ctx.body])
    at = {"organisation": ctx.body, "regime": ctx.first}
    rows = amount_quantiles(ctx.results, variable="reserves", p=_P, **at)
    low, middle, high = (single(rows, year=year, quantile=p, **at) for p in _P)
    if not known(rows):
        return []
    return [
        StatementLine(
            label="Reserves: held at the start, and at the year end",
            stated=held,
            low=low.value,
            middle=middle.value,
            high=high.value,
            error=middle.mcse,
        )
    ]
