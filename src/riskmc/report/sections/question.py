"""The reserves question: how much must be held so that reserves last."""

from __future__ import annotations

from riskmc.errors import ResultsError
from riskmc.figures import ConfidenceCurve, ConfidenceTable, Mark
from riskmc.measures import customary_rules, reserves_curve
from riskmc.measures.holders import opening_reserves
from riskmc.report.blocks import dataset_row, picture, regime_table
from riskmc.report.context import Context, single
from riskmc.report.model import Block, Paragraph, Section, Statement
from riskmc.report.tables import floats, known
from riskmc.statistics.estimates import Single
from riskmc.words.figure_text import money

_LEVELS = (0.8, 0.9, 0.95)
_RULES = {"5 % of net revenue": "5 % of net revenue", "risk register": "Sum of the risk register"}


def question_section(ctx: Context) -> Section | None:
    """Return the reserves question; None where the results cannot answer it for the body."""
    try:
        found = reserves_curve(ctx.results, organisation=ctx.body)
    except ResultsError:  # kept for the place only
        return None
    if not known(found.sel(confidence=list(_LEVELS))):
        return None
    held = float(opening_reserves(ctx.study)[ctx.first][ctx.body])
    rules = customary_rules(ctx.study, organisation=ctx.body)
    blocks: list[Block] = [Paragraph(_meaning(ctx))]
    for regime in ctx.regimes:
        needed = [
            (level, single(found, organisation=ctx.body, regime=regime, confidence=level))
            for level in _LEVELS
        ]
        blocks.append(Statement(ctx.label(regime), (_sentence(needed, held),)))
    curves = []
    for regime in ctx.drawn:
        rows = found.sel(organisation=ctx.body, regime=regime)
        curves.append(
            ConfidenceCurve(
                label=ctx.label(regime),
                confidence=floats(rows["confidence"]),
                reserves=floats(rows["value"]),
                low=floats(rows["low"]),
                high=floats(rows["high"]),
            )
        )
    table = ConfidenceTable(
        curves=curves,
        subject=ctx.subject,
        horizon=f"{ctx.years[0]} to {ctx.years[-1]}",
        rules=[Mark(label=_RULES.get(name, name), value=value) for name, value in rules.items()],
        held=Mark(label="Held at the start", value=held),
    )
    blocks.append(picture(ctx, "reserves-confidence", table))
    levels = [float(level) for level in found["confidence"].values]
    blocks.append(
        regime_table(
            ctx,
            "reserves-needed",
            f"Reserves with which {ctx.subject} would get through on reserves alone",
            [
                dataset_row(ctx, f"In {100 * level:g} of 100 futures", found, confidence=level)
                for level in levels
            ],
            first="So that they last",
            notes=(_customary(rules, held),),
        )
    )
    return Section("question", "How much must be held", tuple(blocks))


def _meaning(ctx: Context) -> str:
    text = (
        f"With how much would {ctx.subject} have had to open {ctx.years[0]} to get through to "
        "the end on reserves alone, without bailouts, in-year measures, capital switched or "
        "deficits carried, everything else unchanged?"
    )
    if ctx.is_place:
        text += " The place's reserves are counted together here, as if they could be moved."
    return text


def _sentence(needed: list[tuple[float, Single]], held: float) -> str:
    parts = []
    for level, one in needed:
        last = f"{100 * level:g} of 100"
        fail = f"{round(100 - 100 * level):g}"
        parts.append(f"{money(one.value, mcse=one.mcse)} for {last} futures ({fail} still run out)")
    return f"Needed: {', '.join(parts[:-1])} and {parts[-1]}. Held at the start: {money(held)}."


def _customary(rules: dict[str, float], held: float) -> str:
    said = [f"{_RULES.get(name, name).lower()}: {money(value)}" for name, value in rules.items()]
    return f"Customary rules beside it: {'; '.join(said)}. Held at the start: {money(held)}."
