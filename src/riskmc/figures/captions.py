"""How to read each figure, in one or two sentences, for the caption beneath it."""

from __future__ import annotations

from riskmc.figures.tables import (
    CalibrationTable,
    ConfidenceTable,
    DotTable,
    ExceedanceTable,
    FanTable,
    IconTable,
    IncidenceTable,
    PairedTable,
    ReserveFanTable,
    StatementTable,
    SurvivalTable,
    TippingTable,
    TornadoTable,
    WaterfallTable,
    YearTable,
)
from riskmc.words.figure_text import listed, lower_first, sentence

#: What an error bar does not cover.
_MODEL = "It says nothing about whether the model is right."


def icon_array(*, table: IconTable) -> str:
    """Say what a dot is."""
    return f"Each dot is one of 100 equally likely futures; filled: {table.event}."


def fan(*, table: FanTable) -> str:
    """Say what bands hold, and what they do not."""
    inside = [f"{round((b - a) * 100.0, 6):g}" for a, b in table.bands[0].pairs]
    if not inside:
        return sentence(table.measure)
    return (
        f"{sentence(table.measure)} Bands hold {listed(inside)} of 100 futures, year by year; "
        "futures outside them are not impossible."
    )


def quantile_dotplot(*, table: DotTable) -> str:
    """Say what a dot is."""
    each = 100.0 / len(table.rows[0].values)
    return f"{sentence(table.measure)} Each dot stands for {each:g} of 100 futures."


def exceedance(*, table: ExceedanceTable) -> str:
    """Say how to read a point of the curve."""
    points = [f"P{p * 100:g}" for p in table.curves[0].points]
    text = f"Read across: in how many of 100 futures {lower_first(table.measure)} is higher."
    if points:
        text += f" {listed(points)}: not exceeded in that many of 100 futures."
    return text


def reserve_fan(*, table: ReserveFanTable) -> str:
    """Say what the two panels are."""
    return (
        f"Above: reserves of {table.subject} at the year’s end, with what must be kept. Below: "
        "futures of 100 in which they have been exhausted by then, with 95 % simulation error. "
        f"{_MODEL}"
    )


def probability_by_year(*, table: YearTable) -> str:
    """Say what points and bars are."""
    return f"Points: futures of 100 in which {table.event}. Bars: 95 % simulation error. {_MODEL}"


def survival(*, table: SurvivalTable) -> str:
    """Say what a step is."""
    return (
        f"Futures of 100 in which reserves of {table.subject} have never been exhausted up to the "
        f"year’s end. Pale bands: 95 % simulation error. {_MODEL}"
    )


def reserve_confidence(*, table: ConfidenceTable) -> str:
    """Say how to read the curve."""
    return (
        f"Reserves that {table.subject} must hold at the start so that they last {table.horizon}, "
        "by the number of 100 futures in which they are to last. Bands: 95 % simulation error."
    )


def waterfall(*, table: WaterfallTable) -> str:
    """Say how the bars follow one another."""
    return (
        f"{sentence(table.measure)} Each bar starts where the one above it ends; solid bars are "
        "totals, hatched ones make it worse."
    )


def tornado(*, table: TornadoTable) -> str:
    """Say what the ends of a bar are."""
    text = (
        f"{sentence(table.measure)} Each bar runs between the means where that driver is at its "
        "10th and at its 90th percentile; the line is the mean of all futures."
    )
    shares = any(bar.share == bar.share for bar in table.bars)
    return text + (" Per cent: share of the variance." if shares else "")


def statement(*, table: StatementTable) -> str:
    """Say what diamond and bar are."""
    return (
        f"{sentence(table.measure)} Diamond: the figure in the statement. Bar: 80 of 100 futures; "
        "stroke: the middle one."
    )


def paired_difference(*, table: PairedTable) -> str:
    """Say what a dot is and which side is which."""
    each = 100.0 / len(table.panels[0].values)
    return (
        f"{sentence(table.measure)} {table.second} less {table.first}, in the same futures; each "
        f"dot stands for {each:g} of 100."
    )


def tipping(*, table: TippingTable) -> str:
    """Say what cells and the border are."""
    return (
        f"{sentence(table.measure)} {table.second} less {table.first}; the thick line is where "
        "the sign of the difference changes."
    )


def incidence(*, table: IncidenceTable) -> str:
    """Say what the parts are shares of."""
    return f"Of each £1 of {table.noun}, averaged over futures, who bears how much."


def calibration(*, table: CalibrationTable) -> str:
    """Say what right would look like."""
    text = "Points on the diagonal: ranges that hold as often as they say. Bars: 95 % interval"
    text += f" from {table.cases} past values." if table.cases else "."
    if table.pit:
        text += " Level bars inside the grey band: outturns fall evenly over their forecasts."
    return text
