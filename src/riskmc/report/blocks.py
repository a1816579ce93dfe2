"""Making blocks of the report: figures from their tables, cells and rows from estimates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from riskmc.figures import render
from riskmc.figures.data import DataTable
from riskmc.measures.catalogue import HEADLINE_ROWS, Measure, horizon_measure
from riskmc.report.context import Context, single
from riskmc.report.model import Cell, Column, Picture, Table
from riskmc.statistics.estimates import Single
from riskmc.variables import MONEY, PLACE
from riskmc.words.report_text import better_or_worse, chance_difference_text, chance_text
from riskmc.words.rounding import Style, format_estimate, rounded

if TYPE_CHECKING:
    import xarray as xr

#: Unit of a chance: futures of 100, as a fraction in spreadsheets.
FUTURES = "of 100 futures"


def picture(ctx: Context, name: str, table: object) -> Picture:
    """Draw a figure from its table, for both renderings."""
    drawn = render(table, prefix=name, source=ctx.source, text="none")
    outlined = render(table, prefix=name, source=ctx.source, text="path")
    return Picture(
        id=name,
        title=drawn.title,
        alt=drawn.alt,
        caption=drawn.caption,
        svg=drawn.svg,
        outlines=outlined.svg,
        table=data_table(f"{name}-data", f"Numbers of the figure: {drawn.title}", drawn.table),
    )


def data_table(name: str, caption: str, data: DataTable) -> Table:
    """Return the data table under a figure."""
    numeric = [
        any(isinstance(row[i], float) for row in data.numbers) for i in range(len(data.columns))
    ]
    rows = tuple(
        tuple(
            Cell(text, number if isinstance(number, float) and math.isfinite(number) else None)
            for text, number in zip(texts, numbers, strict=True)
        )
        for texts, numbers in zip(data.rows, data.numbers, strict=True)
    )
    columns = tuple(
        Column(heading, number) for heading, number in zip(data.columns, numeric, strict=True)
    )
    return Table(name, caption, columns, rows)


def estimate_cell(
    ctx: Context,
    estimate: Single,
    *,
    style: Style = "money",
    difference: bool = False,
    better: str = "neither",
) -> Cell:
    """Return a cell with the digits that the error supports; a difference is judged in words."""
    verdict = better_or_worse(estimate, better) if difference else ""
    number = estimate.value if math.isfinite(estimate.value) else None
    if style == "percent":
        text = chance_text(estimate, what=ctx.what)
        if difference:
            text = chance_difference_text(estimate)
            text = f"({text})" if verdict == "worse" else text
        return Cell(unbroken(_judged(text, verdict)), number)
    text = format_estimate(
        estimate.value,
        estimate.mcse,
        style=style,
        bound=estimate.bound,
        units=estimate.units,
        what=ctx.what,
        difference=difference,
        adverse=verdict == "worse",
    )
    return Cell(unbroken(_judged(text, verdict)), number)


def unbroken(text: str) -> str:
    """Return text that does not break between a number and what belongs to it."""
    for mark in ("±", "%", "of 100"):
        text = text.replace(f" {mark}", f"\u00a0{mark}")
    return text.replace("of 100", "of\u00a0100")


def _judged(text: str, verdict: str) -> str:
    if verdict in ("better", "worse"):
        return f"{text} {verdict}"
    return f"{text} (cannot be told apart)" if verdict == "cannot be told apart" else text


def text_cells(*texts: str) -> tuple[Cell, ...]:
    """Return cells of plain text."""
    return tuple(Cell(text) for text in texts)


@dataclass(frozen=True)
class Row:
    """A row of a table with a column a regime, and differences from the first where given."""

    label: str
    unit: str
    by_regime: Mapping[str, Single]
    differences: Mapping[str, Single] = field(default_factory=dict)
    style: Style = "money"
    better: str = "neither"


def regime_table(
    ctx: Context,
    name: str,
    caption: str,
    rows: Sequence[Row],
    *,
    first: str = "Measure",
    notes: Sequence[str] = (),
) -> Table:
    """Return a table of rows by regime; differences are shown where any row has them."""
    paired = any(row.differences for row in rows)
    others = ctx.others if paired else ()
    columns = (
        Column(first, numeric=False),
        Column("Unit", numeric=False),
        *(Column(ctx.label(regime)) for regime in ctx.regimes),
        *(Column(f"{ctx.label(regime)}, less {ctx.label(ctx.first)}") for regime in others),
    )
    cells = tuple(_regime_row(ctx, row, others) for row in rows)
    units = tuple(row.unit for row in rows)
    return Table(name, caption, columns, cells, (*notes, *_notes(paired)), units)


def _regime_row(ctx: Context, row: Row, others: Sequence[str]) -> tuple[Cell, ...]:
    cells = [Cell(row.label), Cell(row.unit)]
    for regime in ctx.regimes:
        cells.append(_cell_or_blank(ctx, row, row.by_regime.get(regime), difference=False))
    for regime in others:
        cells.append(_cell_or_blank(ctx, row, row.differences.get(regime), difference=True))
    return tuple(cells)


def _cell_or_blank(ctx: Context, row: Row, estimate: Single | None, *, difference: bool) -> Cell:
    if estimate is None or not math.isfinite(estimate.value):
        return Cell("not applicable")
    return estimate_cell(ctx, estimate, style=row.style, difference=difference, better=row.better)


def _notes(paired: bool) -> tuple[str, ...]:
    notes = ["Behind ±: one Monte Carlo standard error."]
    if paired:
        notes.append(
            "Differences are taken future by future; one in brackets is for the worse. “Cannot "
            "be told apart”: the 95 % interval of the difference holds 0."
        )
    return tuple(notes)


def headline_block(ctx: Context, body: str, *, name: str) -> Table:
    """Return the headline table of a body: every regime, then the paired differences."""
    measures = [horizon_measure(row) for row in HEADLINE_ROWS]
    if body != PLACE:
        measures = [m for m in measures if m.name != "gross_deficit"]
    rows = [headline_row(ctx, measure, body) for measure in measures]
    who = ctx.study.title if body == PLACE else ctx.name(body)
    notes = (
        f"{ctx.draws:,} simulated futures; chances are of at least one year of "
        f"{ctx.years[0]} to {ctx.years[-1]}.",
    )
    return regime_table(ctx, name, f"What a finance director wants first, {who}", rows, notes=notes)


def headline_row(ctx: Context, measure: Measure, body: str, label: str = "") -> Row:
    """Return a headline measure of a body as a row."""
    if not label:
        label = measure.label if body == PLACE else measure.label.replace("Net def", "Def")
        label = plain_label(label)
    return Row(
        label,
        measure.unit if measure.style != "percent" else FUTURES,
        {r: ctx.headline(measure.name, r, body) for r in ctx.regimes},
        {r: ctx.headline_difference(measure.name, r, body) for r in ctx.others},
        measure.style,
        measure.better,
    )


def plain_label(label: str) -> str:
    """Return a measure's label without the P(...) of a probability.

    >>> plain_label("P(rescue needed), in any year")
    'Rescue needed, in any year'
    """
    if not label.startswith("P("):
        return label
    inner, _, rest = label.removeprefix("P(").partition(")")
    return f"{inner[:1].upper()}{inner[1:]}{rest}"


def dataset_row(
    ctx: Context,
    label: str,
    found: xr.Dataset,
    paired: xr.Dataset | None = None,
    *,
    unit: str = MONEY,
    style: Style = "money",
    better: str = "lower",
    body: str | None = None,
    **labels: Any,
) -> Row:
    """Return a measure's Dataset as a row; `labels` choose along its other dimensions."""
    chosen = {"organisation": body or ctx.body, **labels}
    differences = {}
    if paired is not None:
        differences = {r: single(paired, regime=r, **chosen) for r in ctx.others}
    by_regime = {r: single(found, regime=r, **chosen) for r in ctx.regimes}
    return Row(label, unit, by_regime, differences, style, better)


def text_table(
    name: str, caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *notes: str
) -> Table:
    """Return a table of plain text."""
    columns = tuple(Column(heading, numeric=False) for heading in headings)
    return Table(name, caption, columns, tuple(text_cells(*row) for row in rows), notes)


def money_cell(value: float, decimals: int = 1) -> Cell:
    """Return an amount that carries no error, £m."""
    return Cell(rounded(value, decimals), value)
