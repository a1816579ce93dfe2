"""Alt text for every figure, made from its own numbers; the data table holds the rest."""

from __future__ import annotations

import math

from riskmc.figures.significance import TWO_SIDED, verdict
from riskmc.figures.tables import (
    Bands,
    Bearers,
    CalibrationTable,
    ConfidenceCurve,
    ConfidenceTable,
    DotTable,
    ExceedanceTable,
    FanTable,
    IconTable,
    IncidenceTable,
    PairedPanel,
    PairedTable,
    ReserveFanTable,
    Series,
    Share,
    StatementTable,
    SurvivalTable,
    TippingTable,
    TornadoTable,
    WaterfallTable,
    YearTable,
)
from riskmc.words.figure_text import (
    Unit,
    count_text,
    listed,
    lower_first,
    money,
    of_hundred,
    pence,
    percent,
    rest_text,
    sentence,
    that_many,
    unit_for,
)


def icon_array(*, table: IconTable) -> str:
    """Describe the arrays: both framings for each regime."""
    parts = [
        f"{_who(share.label, len(table.shares))}{_both(table, share)}" for share in table.shares
    ]
    what = "Array" if len(table.shares) == 1 else f"{len(table.shares)} arrays"
    return " ".join([f"{what} of 100 dots, filled where it happens.", *map(sentence, parts)])


def _both(table: IconTable, share: Share) -> str:
    happens = count_text(share.value, share.low, share.high)
    rest = rest_text(share.value, share.low, share.high)
    return f"in {happens} simulated futures {table.event}; in {rest} {table.otherwise}"


def _who(label: str, count: int) -> str:
    return f"{label}: " if count > 1 else ""


def fan(*, table: FanTable) -> str:
    """Describe each fan: middle future at start and end, and the bands at the end."""
    parts = [f"{_who(band.label, len(table.bands))}{_one_fan(band)}" for band in table.bands]
    if table.past and table.past.values:
        past = table.past
        parts.insert(0, f"past outturns run to {money(past.values[-1])} in {past.years[-1]}")
    if table.plan:
        parts.append(f"the plan is {money(table.plan[-1])} in {table.bands[0].years[-1]}")
    return " ".join([f"Fan chart. {sentence(table.measure)}", *map(sentence, parts)])


def _ends(band: Bands, unit: Unit, p: float, t: int) -> str:
    return money(band.quantiles[p][t], unit=unit, mcse=band.error(p, t))


def _one_fan(band: Bands) -> str:
    first, last = band.years[0], band.years[-1]
    unit = unit_for([v for row in band.quantiles.values() for v in row])
    text = f"the middle future is {_ends(band, unit, 0.5, 0)} in {first}"
    if last != first:
        text += f" and {_ends(band, unit, 0.5, -1)} in {last}"
    inside = []
    for p, q in band.pairs:
        ends = f"{_ends(band, unit, p, -1)} to {_ends(band, unit, q, -1)}"
        inside.append(f"{round((q - p) * 100.0, 6):g} of 100 futures lie within {ends}")
    return text + (f"; in {last} {listed(inside)}" if inside else "")


def probability_by_year(*, table: YearTable) -> str:
    """Describe each regime's chances: first year, last year, the highest."""
    start = f"Points with 95 % error bars by year: futures of 100 in which {table.event}."
    parts = [f"{_who(one.label, len(table.series))}{_by_year(one)}" for one in table.series]
    return " ".join([start, *map(sentence, parts)])


def _by_year(series: Series) -> str:
    counts = [
        count_text(v, low, high)
        for v, low, high in zip(series.value, series.low, series.high, strict=True)
    ]
    peak = max(range(len(counts)), key=lambda t: series.value[t])
    if all(v == 0.0 for v in series.value):
        return f"none in any year from {series.years[0]} to {series.years[-1]}"
    text = f"{counts[0]} in {series.years[0]}"
    if len(counts) > 1:
        text += f", {counts[-1]} in {series.years[-1]}"
    return f"{text}; the highest is {counts[peak]} in {series.years[peak]}"


def survival(*, table: SurvivalTable) -> str:
    """Describe how long reserves last under each regime."""
    start = (
        f"Steps by year: futures of 100 in which reserves of {table.subject} last beyond the "
        f"year’s end, from 100 at {table.opening}."
    )
    parts = []
    for one in table.series:
        end = count_text(one.value[-1], one.low[-1], one.high[-1])
        text = f"{end} in {one.years[-1]}"
        half = next((y for y, v in zip(one.years, one.value, strict=True) if v < 0.5), "")
        if half:
            text += f"; fewer than half have reserves left from {half} on"
        parts.append(f"{_who(one.label, len(table.series))}{text}")
    return " ".join([start, *map(sentence, parts)])


def incidence(*, table: IncidenceTable) -> str:
    """Describe who bears what of each £1 under each regime."""
    start = f"Stacked bars: who bears each £1 of the {table.noun}."
    parts = [f"{_who(bar.label, len(table.bars))}{_bearers(bar)}" for bar in table.bars]
    return " ".join([start, *map(sentence, parts)])


def _bearers(bar: Bearers) -> str:
    borne = [f"{name} {pence(share)}" for name, share in bar.shares.items() if share > 0.0]
    text = listed(borne) if borne else "nothing to bear"
    return text + (f", of {money(bar.total)}" if bar.total == bar.total else "")


def quantile_dotplot(*, table: DotTable) -> str:
    """Describe the dots of each regime: lowest, middle, highest, and how many beyond marks."""
    start = f"Dots, each one of {len(table.rows[0].values)} equally likely values."
    parts = []
    for row in table.rows:
        text = f"from {money(row.values[0])} to {money(row.values[-1])}, middle {money(row.middle)}"
        for mark in table.marks:
            beyond = sum(1 for value in row.values if value > mark.value)
            text += f"; {beyond} of {len(row.values)} dots above {mark.label}, {money(mark.value)}"
        parts.append(f"{_who(row.label, len(table.rows))}{text}")
    return " ".join([start, sentence(table.measure), *map(sentence, parts)])


def exceedance(*, table: ExceedanceTable) -> str:
    """Describe the curves by their points, and how often the mark is exceeded."""
    start = f"Curves of the chance that an amount is exceeded. {sentence(table.measure)}"
    parts = []
    for i, curve in enumerate(table.curves):
        points = [
            f"{money(v, mcse=curve.errors.get(p, math.nan))} in {that_many(p)}"
            for p, v in curve.points.items()
        ]
        said = [f"not exceeded: {listed(points)} futures"] if points else []
        if table.mark and table.beyond:
            share = table.beyond[i]
            said.append(
                f"{table.mark.label}, {money(table.mark.value)}, exceeded in "
                f"{count_text(share.value, share.low, share.high)}"
            )
        if not said:
            ends = f"{money(curve.amounts[0])} to {money(curve.amounts[-1])}"
            said.append(f"amounts run from {ends}")
        parts.append(f"{_who(curve.label, len(table.curves))}{'; '.join(said)}")
    return " ".join([start, *map(sentence, parts)])


def reserve_fan(*, table: ReserveFanTable) -> str:
    """Describe reserves and the chance of exhaustion for each regime."""
    start = f"Fan chart of reserves of {table.subject} over bars of the chance of exhaustion."
    parts = [f"the floor is {money(table.floor)}"]
    for band, series in zip(table.bands, table.exhausted, strict=True):
        count = count_text(series.value[-1], series.low[-1], series.high[-1])
        parts.append(
            f"{_who(band.label, len(table.bands))}{_one_fan(band)}; exhausted by then in {count}"
        )
    return " ".join([start, *map(sentence, parts)])


def reserve_confidence(*, table: ConfidenceTable) -> str:
    """Describe each curve at its ends and at the target, and the marks beside it."""
    start = f"Curve of reserves that {table.subject} must hold so that they last {table.horizon}."
    parts = []
    for curve in table.curves:
        places = sorted({0, table.at_target(curve), len(curve.confidence) - 1})
        points = [
            f"{_reserves(curve, i)} for {that_many(curve.confidence[i])} futures" for i in places
        ]
        parts.append(f"{_who(curve.label, len(table.curves))}{listed(points)}")
    marks = [*table.rules, *([table.held] if table.held else [])]
    if marks:
        beside = [f"{lower_first(mark.label)} {money(mark.value)}" for mark in marks]
        parts.append(f"beside it: {listed(beside)}")
    return " ".join([start, *map(sentence, parts)])


def _reserves(curve: ConfidenceCurve, i: int) -> str:
    return money(curve.reserves[i], mcse=(curve.high[i] - curve.low[i]) / (2.0 * TWO_SIDED))


def waterfall(*, table: WaterfallTable) -> str:
    """Describe every step in order."""
    steps = []
    for step in table.steps:
        amount = money(abs(step.value) if not step.total else step.value, mcse=step.error)
        word = "" if step.total else ("adds " if step.value >= 0.0 else "takes off ")
        steps.append(f"{step.label} {word}{amount}")
    return f"Bridge. {sentence(table.measure)} {sentence('; '.join(steps))}"


def tornado(*, table: TornadoTable) -> str:
    """Describe the five widest bars."""
    shown = table.bars[:5]
    parts = [
        f"{bar.label}: {money(bar.low, mcse=bar.error)} where it is low, "
        f"{money(bar.high, mcse=bar.error)} where it is high"
        for bar in shown
    ]
    more = len(table.bars) - len(shown)
    tail = f" {more} narrower bars follow." if more else ""
    return (
        f"Bars by driver, widest first. {sentence(table.measure)} Mean of all futures "
        f"{money(table.centre)}. {sentence('; '.join(parts))}{tail}"
    )


def statement(*, table: StatementTable) -> str:
    """Describe each line: what is stated, and the range."""
    parts = []
    for line in table.lines:
        ends = f"{money(line.low, mcse=line.error)} to {money(line.high, mcse=line.error)}"
        middle = money(line.middle, mcse=line.error)
        where = "inside" if line.low <= line.stated <= line.high else "outside"
        parts.append(
            f"{line.label}: stated {money(line.stated)}, {where} the 80 of 100 futures from "
            f"{ends}, middle {middle}"
        )
    return " ".join(["Stated figures beside simulated ranges.", *map(sentence, parts)])


def paired_difference(*, table: PairedTable) -> str:
    """Describe each panel: how often better, worse, the same, and the mean difference."""
    start = f"Dots, one for each of {len(table.panels[0].values)} equally likely differences"
    parts = []
    for panel in table.panels:
        text = f"{panel_text(table, panel)}; from {money(panel.values[0])} to "
        text += money(panel.values[-1])
        if panel.mean is not None:
            error = (panel.mean.high - panel.mean.low) / (2.0 * TWO_SIDED)
            text += f", on average {money(panel.mean.value, mcse=error)}"
        parts.append(text)
    measure = f"{table.measure}, {table.second} less {table.first}"
    return " ".join([f"{start}: {sentence(measure)}", *map(sentence, parts)])


def panel_text(table: PairedTable, panel: PairedPanel) -> str:
    """Return "rules alone: Devolved better in 61 of 100 futures, worse in 30, the same in 9"."""
    share = panel.better
    start = f"{panel.label}: " if panel.label else ""
    text = f"{start}{table.second} better in {count_text(share.value, share.low, share.high)}"
    worse = max(1.0 - share.value - panel.tie, 0.0)
    text += f" futures, worse in {of_hundred(worse)}"
    return text + (f", the same in {of_hundred(panel.tie)}" if panel.tie > 0.0 else "")


def tipping(*, table: TippingTable) -> str:
    """Describe how many cells go which way, and the corners."""
    rows, columns = range(len(table.y)), range(len(table.x))
    found = [verdict(table, r, c) for r in rows for c in columns]
    unit = unit_for([v for row in table.values for v in row])
    corners = []
    for r in sorted({0, len(table.y) - 1}):
        for c in sorted({0, len(table.x) - 1}):
            amount = money(table.values[r][c], unit=unit)
            corners.append(f"{amount} at {table.x_texts[c]} and {table.y_texts[r]}")
    return (
        f"Grid of {sentence(f'{table.x_name} by {table.y_name}')} "
        f"{sentence(f'{table.measure}, {table.second} less {table.first}')} "
        f"{table.second} better in {found.count(1)} cells, {table.first} in {found.count(-1)}, "
        f"not to be told in {found.count(0)}. {sentence(f'corners: {listed(corners)}')}"
    )


def calibration(*, table: CalibrationTable) -> str:
    """Describe what was said and what held."""
    points = [
        f"{of_hundred(held)} of 100 where {of_hundred(said)} should"
        for said, held in zip(table.nominal, table.observed, strict=True)
    ]
    text = f"Back-test of ranges: outturns fell inside in {listed(points)}."
    if table.cases:
        text += f" From {table.cases} past values."
    if table.pit:
        shares = listed([percent(v) for v in table.pit])
        text += f" Over equal parts of their forecasts they fell {shares}."
    return text
