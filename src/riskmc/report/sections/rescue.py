"""What if the centre helps more or less readily: the chance of a rescue from 0 to 1."""

from __future__ import annotations

from riskmc.figures import TippingTable
from riskmc.measures import compare, summary
from riskmc.report.blocks import estimate_cell, picture
from riskmc.report.context import Context, single
from riskmc.report.model import Block, Cell, Column, Paragraph, Picture, Section, Table

_MEASURES = (
    ("p_granted", "Bailout granted in any year", "percent"),
    ("bailout", "Bailouts, total", "money"),
    ("unresolved", "Unresolved, total", "money"),
    ("reserves_end", "Reserves at the end", "money"),
    ("net_deficit", "Deficit, total", "money"),
)


def rescue_section(ctx: Context) -> Section | None:
    """Return the sweep over the chance of a rescue; None where it was not made."""
    if ctx.extra is None or not ctx.extra.sweep:
        return None
    draws = int(ctx.extra.base.attrs["draws"])
    blocks: list[Block] = [
        Paragraph(
            "How readily the centre helps is a belief, not a rule. Here the chance that a rescue "
            "is granted, once it is needed, is set to the same number for every budget holder "
            f"and varied from 0 to 1, on {draws:,} futures. In the main results it is what the "
            "rules say."
        ),
        _table(ctx),
    ]
    if len(ctx.regimes) > 1:
        blocks.append(_tipping(ctx))
    return Section("rescue", "If rescue is more or less likely", tuple(blocks))


def _table(ctx: Context) -> Table:
    assert ctx.extra is not None
    found = [(p, summary(results, organisation=ctx.body)) for p, results in ctx.extra.sweep]
    rows = []
    for name, heading, style in _MEASURES:
        for regime in ctx.regimes:
            cells = [Cell(heading), Cell(ctx.label(regime))]
            for _, dataset in found:
                one = single(dataset.sel(organisation=ctx.body, measure=name, regime=regime))
                cells.append(estimate_cell(ctx, one, style=style))  # type: ignore[arg-type]
            rows.append(tuple(cells))
    columns = (
        Column("Measure", numeric=False),
        Column("Rules", numeric=False),
        *(Column(f"Chance {p:g}") for p, _ in found),
    )
    units = tuple(
        "£m" if style == "money" else "of 100 futures"
        for _, _, style in _MEASURES
        for _ in ctx.regimes
    )
    return Table(
        "rescue-sweep",
        "By the chance that a rescue is granted; amounts in £m",
        columns,
        tuple(rows),
        ("Behind ±: one Monte Carlo standard error.",),
        units,
    )


def _tipping(ctx: Context) -> Picture:
    """Return the difference of closing reserves over the chances under either set of rules."""
    assert ctx.extra is not None
    second = ctx.regimes[1]
    chances = [p for p, _ in ctx.extra.sweep]
    rows: dict[str, list[list[float]]] = {"value": [], "low": [], "high": []}
    for _, theirs in ctx.extra.sweep:
        line: dict[str, list[float]] = {name: [] for name in rows}
        for _, ours in ctx.extra.sweep:
            paired = compare(ours, second, ctx.first, organisation=ctx.body, other=theirs)
            chosen = paired.sel(measure="reserves_end", organisation=ctx.body)
            for name, cells in line.items():
                cells.append(float(chosen[name]))
        for name, cells in line.items():
            rows[name].append(cells)
    table = TippingTable(
        x=chances,
        y=chances,
        x_name=f"Chance of a rescue under {ctx.label(second)}",
        y_name=f"Chance of a rescue under {ctx.label(ctx.first)}",
        values=rows["value"],
        low=rows["low"],
        high=rows["high"],
        first=ctx.short[ctx.first],
        second=ctx.short[second],
        measure=f"Reserves of {ctx.subject} at the end",
        lower_is_better=False,
    )
    return picture(ctx, "tipping", table)
