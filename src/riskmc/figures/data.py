"""The data table under each figure: columns, rows as printed, and the bare numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from riskmc.figures.significance import TWO_SIDED
from riskmc.figures.tables import (
    Bands,
    CalibrationTable,
    ConfidenceTable,
    DotTable,
    ExceedanceTable,
    FanTable,
    IconTable,
    IncidenceTable,
    PairedTable,
    Past,
    ReserveFanTable,
    Series,
    StatementTable,
    SurvivalTable,
    TippingTable,
    TornadoTable,
    WaterfallTable,
    YearTable,
)
from riskmc.words.figure_text import Unit, money, percent, that_many, unit_for

Cell = str | float


@dataclass(frozen=True)
class DataTable:
    """What a figure shows, as a table.

    columns  headings, with units
    rows     cells as printed
    numbers  the same cells with bare numbers (£m, fractions) for spreadsheets
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[tuple[Cell, ...], ...]


class Builder:
    """Gathers rows: text stays, numbers are printed in their column's form."""

    def __init__(self, *columns: str) -> None:
        self.columns = columns
        self.rows: list[tuple[str, ...]] = []
        self.numbers: list[tuple[Cell, ...]] = []

    def add(self, *cells: tuple[Cell, str] | str) -> None:
        """Add a row of texts and (number, as printed)."""
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(cells)} cells for {len(self.columns)} columns")
        self.rows.append(tuple(c if isinstance(c, str) else c[1] for c in cells))
        self.numbers.append(tuple(c if isinstance(c, str) else c[0] for c in cells))

    def table(self) -> DataTable:
        """Return the finished table."""
        return DataTable(tuple(self.columns), tuple(self.rows), tuple(self.numbers))


def amount(value: float, unit: Unit, error: float = math.nan) -> tuple[float, str]:
    """Return an amount in £m with its text in `unit`, no more digits than its error supports."""
    return value, money(value, unit=unit, mcse=error)


def chance(value: float, low: float = math.nan, high: float = math.nan) -> tuple[float, str]:
    """Return a fraction with its text in per cent, no more digits than its interval supports."""
    return value, percent(value, (high - low) / (2.0 * TWO_SIDED))


def interval(low: float, high: float) -> tuple[Cell, str]:
    """Return a 95 % interval of fractions as one cell of text."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "", ""
    text = f"{percent(low)} to {percent(high)}"
    return text, text


def icon_array(*, table: IconTable) -> DataTable:
    """Tabulate the probability and its interval for each regime."""
    built = Builder("Regime", "Happens", "Does not", "95 % interval")
    for share in table.shares:
        built.add(
            share.label,
            chance(share.value, share.low, share.high),
            chance(1.0 - share.value, share.low, share.high),
            interval(share.low, share.high),
        )
    return built.table()


def fan(*, table: FanTable) -> DataTable:
    """Tabulate the quantiles of each regime and year."""
    return _quantiles(table.bands, past=table.past, extra={"Plan": [table.plan] * len(table.bands)})


def reserve_fan(*, table: ReserveFanTable) -> DataTable:
    """Tabulate the quantiles of reserves, and the chance of exhaustion, by regime and year."""
    chances = [series.value for series in table.exhausted]
    return _quantiles(table.bands, past=table.past, extra={"Exhausted by then": chances})


def _quantiles(
    bands: Sequence[Bands], *, past: Past | None, extra: dict[str, list[Sequence[float]]]
) -> DataTable:
    """Tabulate quantiles, with one more column: amounts, or chances where it says exhausted."""
    levels = sorted(bands[0].quantiles)
    unit = unit_for([v for b in bands for row in b.quantiles.values() for v in row])
    ((name, more),) = extra.items()
    shown = chance if name.startswith("Exhausted") else (lambda value: amount(value, unit))
    last = (name,) if len(more[0]) else ()
    names = [f"{that_many(p)} are lower" for p in levels]
    built = Builder("Regime", "Year", *names, *last)
    if past:
        for year, value in zip(past.years, past.values, strict=True):
            cells = ["" if p != 0.5 else amount(value, unit) for p in levels]
            built.add("Past outturn", year, *cells, *("" for _ in last))
    for band, column in zip(bands, more, strict=True):
        for t, year in enumerate(band.years):
            cells = [amount(band.quantiles[p][t], unit, band.error(p, t)) for p in levels]
            built.add(band.label, year, *cells, *((shown(column[t]),) if last else ()))
    return built.table()


def probability_by_year(*, table: YearTable) -> DataTable:
    """Tabulate probability and interval by year and regime."""
    return by_year(table.series)


def survival(*, table: SurvivalTable) -> DataTable:
    """Tabulate the probability that reserves last, by year and regime."""
    return by_year(table.series)


def by_year(series: Sequence[Series]) -> DataTable:
    """Tabulate series: a row a year, two columns a regime."""
    several = len(series) > 1
    columns = ["Year"]
    for one in series:
        columns += [one.label if several else "Probability"]
        columns += [f"{one.label}: 95 % interval" if several else "95 % interval"]
    built = Builder(*columns)
    for t, year in enumerate(series[0].years):
        cells: list[tuple[Cell, str] | str] = [year]
        for one in series:
            cells += [
                chance(one.value[t], one.low[t], one.high[t]),
                interval(one.low[t], one.high[t]),
            ]
        built.add(*cells)
    return built.table()


def incidence(*, table: IncidenceTable) -> DataTable:
    """Tabulate the share of each £1 by bearer, a column a regime."""
    built = Builder("Who bears it", *(f"{bar.label}, of each £1" for bar in table.bars))
    for name in table.bars[0].shares:
        cells = []
        for bar in table.bars:
            text = f"{bar.shares[name] * 100.0:.1f}p"
            error = bar.errors.get(name, math.nan)
            cells.append((bar.shares[name], f"{text} ±{error * 100:.1f}" if error > 0 else text))
        built.add(name, *cells)
    if any(math.isfinite(bar.total) for bar in table.bars):
        unit = unit_for([bar.total for bar in table.bars])
        built.add("Total to meet", *(amount(bar.total, unit) for bar in table.bars))
    return built.table()


def quantile_dotplot(*, table: DotTable) -> DataTable:
    """Tabulate the value of every dot, a column a regime."""
    unit = unit_for([v for row in table.rows for v in row.values])
    built = Builder("Dot, from the lowest", *(row.label for row in table.rows))
    for i in range(max(len(row.values) for row in table.rows)):
        cells = [amount(r.values[i], unit) if i < len(r.values) else "" for r in table.rows]
        built.add(str(i + 1), *cells)
    return built.table()


def exceedance(*, table: ExceedanceTable) -> DataTable:
    """Tabulate the points of the curves and the chance of going beyond the mark."""
    built = Builder("Measure", *(curve.label for curve in table.curves))
    for p in table.curves[0].points:
        cells = []
        for curve in table.curves:
            value = curve.points[p]
            cells.append(amount(value, unit_for([value]), curve.errors.get(p, math.nan)))
        built.add(f"P{p * 100:g}: not exceeded in {that_many(p)} futures", *cells)
    if table.mark and table.beyond:
        name = f"Chance of more than {table.mark.label}, {money(table.mark.value)}"
        built.add(name, *(chance(s.value, s.low, s.high) for s in table.beyond))
        built.add("its 95 % interval", *(interval(s.low, s.high) for s in table.beyond))
    return built.table()


def reserve_confidence(*, table: ConfidenceTable) -> DataTable:
    """Tabulate reserves needed by confidence and regime, then the rules beside them."""
    values = [v for curve in table.curves for v in curve.reserves]
    unit = unit_for(values)
    built = Builder("Regime or rule", "They last in", "Reserves", "95 % interval")
    for curve in table.curves:
        for i, confidence in enumerate(curve.confidence):
            low, high = curve.low[i], curve.high[i]
            error = (high - low) / (2.0 * TWO_SIDED)
            ends = f"{money(low, unit=unit)} to {money(high, unit=unit)}"
            built.add(
                curve.label,
                (confidence, f"{that_many(confidence)} futures"),
                amount(curve.reserves[i], unit, error),
                ends if math.isfinite(error) else "",
            )
    for mark in [*table.rules, *([table.held] if table.held else [])]:
        built.add(mark.label, "", amount(mark.value, unit), "")
    return built.table()


def waterfall(*, table: WaterfallTable) -> DataTable:
    """Tabulate the steps and the level each reaches."""
    unit = unit_for([step.value for step in table.steps])
    built = Builder("Step", "Change", "Level reached")
    level = 0.0
    for step in table.steps:
        level = step.value if step.total else level + step.value
        change = "" if step.total else amount(step.value, unit, step.error)
        built.add(step.label, change, amount(level, unit, step.error if step.total else math.nan))
    return built.table()


def tornado(*, table: TornadoTable) -> DataTable:
    """Tabulate the means at both ends of each driver."""
    unit = unit_for([v for bar in table.bars for v in (bar.low, bar.high)])
    shares = any(math.isfinite(bar.share) for bar in table.bars)
    columns = ["Driver", "Mean where it is low", "Mean where it is high", "Swing"]
    built = Builder(*columns, *(["Share of variance"] if shares else []))
    for bar in table.bars:
        built.add(
            bar.label,
            amount(bar.low, unit, bar.error),
            amount(bar.high, unit, bar.error),
            amount(abs(bar.high - bar.low), unit, bar.error),
            *([chance(bar.share)] if shares else []),
        )
    return built.table()


def statement(*, table: StatementTable) -> DataTable:
    """Tabulate stated figures beside the simulated range."""
    built = Builder(
        "Line", "As stated", "10 of 100 lower", "Middle", "10 of 100 higher", "Stated lies"
    )
    for line in table.lines:
        unit = unit_for([line.stated, line.low, line.high])
        inside = line.low <= line.stated <= line.high
        below = "below the range" if line.stated < line.low else "above the range"
        built.add(
            line.label,
            amount(line.stated, unit),
            *(amount(v, unit, line.error) for v in (line.low, line.middle, line.high)),
            "inside the range" if inside else below,
        )
    return built.table()


def paired_difference(*, table: PairedTable) -> DataTable:
    """Tabulate how often the second regime does better, and the differences."""
    names = [panel.label or "All" for panel in table.panels]
    built = Builder(f"{table.second} less {table.first}", *names)
    unit = unit_for([v for panel in table.panels for v in panel.values])
    panels = table.panels
    built.add(
        f"{table.second} better",
        *(chance(p.better.value, p.better.low, p.better.high) for p in panels),
    )
    built.add("95 % interval", *(interval(p.better.low, p.better.high) for p in panels))
    built.add(
        f"{table.first} better",
        *(chance(max(1.0 - p.better.value - p.tie, 0.0)) for p in panels),
    )
    built.add("the same", *(chance(p.tie) for p in panels))
    if any(panel.mean for panel in panels):
        cells: list[tuple[Cell, str] | str] = []
        for panel in panels:
            if panel.mean is None:
                cells.append("")
                continue
            error = (panel.mean.high - panel.mean.low) / (2.0 * TWO_SIDED)
            cells.append(amount(panel.mean.value, unit, error))
        built.add("mean difference", *cells)
    for i in range(max(len(panel.values) for panel in panels)):
        built.add(
            f"dot {i + 1}",
            *(amount(p.values[i], unit) if i < len(p.values) else "" for p in panels),
        )
    return built.table()


def tipping(*, table: TippingTable) -> DataTable:
    """Tabulate the differences, a row for each value of y, a column for each of x."""
    unit = unit_for([v for row in table.values for v in row])
    built = Builder(f"{table.y_name} / {table.x_name}", *table.x_texts)
    for text, row, low, high in zip(
        table.y_texts, table.values, table.low, table.high, strict=True
    ):
        errors = [(b - a) / (2.0 * TWO_SIDED) for a, b in zip(low, high, strict=True)]
        built.add(text, *(amount(v, unit, e) for v, e in zip(row, errors, strict=True)))
    return built.table()


def calibration(*, table: CalibrationTable) -> DataTable:
    """Tabulate what was said and what held."""
    built = Builder("Range or part", "Should hold", "Held", "95 % interval")
    for i, nominal in enumerate(table.nominal):
        built.add(
            f"range of {that_many(nominal)}",
            chance(nominal),
            chance(table.observed[i]),
            interval(table.low[i], table.high[i]),
        )
    count = len(table.pit)
    for i, share in enumerate(table.pit):
        built.add(
            f"part {i + 1} of {count} of the forecast",
            chance(1.0 / count),
            chance(share),
            interval(table.pit_low, table.pit_high),
        )
    return built.table()
