"""Stress tests: named scenarios, and the mildest shock that breaks us."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from riskmc.measures import summary
from riskmc.report.blocks import estimate_cell, text_table
from riskmc.report.context import Context, single
from riskmc.report.extra import RUNGS, Breaking
from riskmc.report.model import (
    Block,
    Cell,
    Column,
    Foldout,
    Paragraph,
    Section,
    Statement,
    Subheading,
    Table,
)
from riskmc.report.shocks import ONE_IN_TWENTY, adverse_values, stressed_years
from riskmc.variables import driver
from riskmc.words.figure_text import of_hundred
from riskmc.words.report_text import and_list

_MEASURES = (
    ("p_rescue_needed", "Rescue needed", "percent"),
    ("net_deficit", "Deficit, total (£m)", "money"),
    ("unresolved", "Unresolved, total (£m)", "money"),
    ("unmet", "Unmet need, total (£m)", "money"),
)


def stress_section(ctx: Context) -> Section | None:
    """Return the stress tests; None where there were none."""
    if ctx.extra is None or not (ctx.extra.stressed or ctx.extra.breaking):
        return None
    blocks: list[Block] = []
    if ctx.extra.stressed:
        blocks += [Subheading("Named scenarios"), Paragraph(_meaning(ctx)), *_scenarios(ctx)]
    if ctx.extra.breaking:
        blocks += [Subheading("The mildest shock that breaks us"), *_reverse(ctx)]
    return Section("stress", "Stress tests", tuple(blocks))


def _meaning(ctx: Context) -> str:
    assert ctx.extra is not None
    years = and_list(stressed_years(ctx.study))
    return (
        f"In each scenario the drivers named take, in {years} and at every body at once, the "
        "value that only one year in twenty is worse than; an event that is rarer than that "
        "happens at its middle size. Everything else stays as it was drawn, on "
        f"{int(ctx.extra.base.attrs['draws']):,} futures. A scenario says what follows if it "
        "happens, not how likely it is."
    )


def _scenarios(ctx: Context) -> list[Block]:
    assert ctx.extra is not None
    runs = [("As drawn, no scenario", ctx.extra.base)]
    runs += [(scenario.title, results) for scenario, results in ctx.extra.stressed]
    found = [(title, summary(results, organisation=ctx.body)) for title, results in runs]
    blocks: list[Block] = []
    for name, heading, style in _MEASURES:
        rows = []
        for title, dataset in found:
            cells = [Cell(title)]
            for regime in ctx.regimes:
                one = single(dataset.sel(organisation=ctx.body, measure=name, regime=regime))
                cells.append(estimate_cell(ctx, one, style=style))  # type: ignore[arg-type]
            rows.append(tuple(cells))
        columns = (
            Column("Scenario", numeric=False),
            *(Column(ctx.label(regime)) for regime in ctx.regimes),
        )
        caption = f"{heading}, by scenario"
        blocks.append(Table(f"stress-{name.replace('_', '-')}", caption, columns, tuple(rows)))
    blocks.append(Foldout("The values that the scenarios use", (_values(ctx),)))
    return blocks


def _values(ctx: Context) -> Table:
    """Return the driver values of each scenario, by who has them."""
    assert ctx.extra is not None
    rows = []
    for scenario, _ in ctx.extra.stressed:
        if scenario.name == "together":
            continue
        for name in scenario.drivers:
            first = ctx.study.year_labels.index(stressed_years(ctx.study)[0])
            values = adverse_values(ctx.study, name, np.array([ONE_IN_TWENTY]))[first, :, 0]
            groups: dict[str, list[str]] = {}
            for body, value in zip(ctx.study.organisation_ids, values, strict=True):
                groups.setdefault(f"{value:.3g}", []).append(body)
            text = "; ".join(f"{value} for {ctx.who(who)}" for value, who in groups.items())
            unit = driver(name).unit
            rows.append([scenario.title, f"{name.replace('_', ' ')} ({unit})", text])
    return text_table(
        "stress-values", "Driver values in the scenarios", ["Scenario", "Driver", "Value"], rows
    )


def _reverse(ctx: Context) -> list[Block]:
    assert ctx.extra is not None
    found = ctx.extra.breaking
    everything = [row for row in found if row.climber == "everything"]
    blocks: list[Block] = [
        Paragraph(
            "All drivers stand at their middle value in every year, for every body; then all of "
            "them, or one alone, are moved step by step to their adverse side in every year. "
            "“Breaks” means that a rescue is first needed. One-off risks do not happen here."
        )
    ]
    if everything:
        sentences = tuple(_sentence(ctx, row) for row in everything)
        blocks.append(Statement("Everything at once", sentences))
    rows = []
    for climber in dict.fromkeys(row.climber for row in found):
        if climber == "everything":
            continue
        by_regime = {row.regime: row for row in found if row.climber == climber}
        name = climber.replace("_", " ")
        rows.append([name[:1].upper() + name[1:], *(_short(by_regime[r]) for r in ctx.regimes)])
    blocks.append(
        text_table(
            "reverse-stress",
            "One driver alone: how bad every year must be before a rescue is needed",
            ["Driver", *(ctx.label(regime) for regime in ctx.regimes)],
            rows,
            "“Worse than 80 of 100 years”: breaks when, in every year, the driver is at the "
            "level that 20 of 100 years are worse than. “Breaks even at its kindest”: all other "
            "drivers at their middle value are enough to break it.",
        )
    )
    return blocks


def _sentence(ctx: Context, row: Breaking) -> str:
    label = ctx.label(row.regime)
    if row.z is None:
        return f"{label}: does not break, even where every driver is at its worst tried."
    if row.z <= RUNGS[0]:
        return f"{label}: breaks even where every driver is at its kindest tried."
    milder, worse = of_hundred(float(ndtr(row.z))), of_hundred(float(ndtr(-row.z)))
    if row.z < 0.0:
        return (
            f"{label}: breaks already where every driver is, in every year, a little to its kind "
            f"side: {worse} of 100 years are worse. It does not hold on middle values."
        )
    return (
        f"{label}: breaks when every driver is, in every year, worse than in {milder} of 100 "
        f"years; {worse} of 100 years are worse still."
    )


def _short(row: Breaking) -> str:
    if row.z is None:
        return "does not break it alone"
    if row.z <= RUNGS[0]:
        return "breaks even at its kindest"
    return f"worse than {of_hundred(float(ndtr(row.z)))} of 100 years"
