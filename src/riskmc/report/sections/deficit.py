"""How big the deficit may get, by year and over the horizon."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from riskmc.figures import (
    Difference,
    Dots,
    DotTable,
    ExceedanceCurve,
    ExceedanceTable,
    FanTable,
    Mark,
    Step,
    WaterfallTable,
)
from riskmc.measures import (
    amount_mean,
    deficit_exceedance,
    deficit_mean,
    deficit_probability,
    deficit_quantiles,
    expected_shortfall,
    years_in_deficit,
)
from riskmc.measures.holders import opening_reserves
from riskmc.report.blocks import FUTURES, Row, dataset_row, picture, regime_table
from riskmc.report.context import Context, single
from riskmc.report.model import Block, Paragraph, Picture, Section, Statement, Table
from riskmc.report.tables import FAN, bands_of, difference_of, floats, known, shares_of
from riskmc.statistics.estimates import Single
from riskmc.words.report_text import overspend, overspend_span, years_words

if TYPE_CHECKING:
    import xarray as xr

_POINTS = (0.5, 0.8, 0.9, 0.95, 0.99)
_DOTS = tuple((i + 0.5) / 50 for i in range(50))
_CURVE = 60


def deficit_section(ctx: Context) -> Section:
    """Return the section on the deficit."""
    blocks: list[Block] = [Paragraph(_meaning(ctx))]
    blocks += [Statement(ctx.label(r), (deficit_sentence(ctx, r),)) for r in ctx.regimes]
    figures = (deficit_bridge(ctx), deficit_fan(ctx), deficit_dots(ctx), deficit_curve(ctx))
    blocks += [figure for figure in figures if figure is not None]
    blocks.append(_table(ctx))
    return Section("deficit", "How big the deficit may get", tuple(blocks))


def _kind(ctx: Context) -> str:
    return "Net deficit" if ctx.is_place else "Deficit"


def _meaning(ctx: Context) -> str:
    text = (
        "A deficit is what is overspent in a year after the measures planned for it and before "
        "any help."
    )
    if ctx.is_place:
        text += (
            " Of the place, it is shown net: surpluses of one body are set off against deficits "
            "of another. The headline table has it gross too, added up over budget holders, "
            "since a pool hides the difference without being any richer."
        )
    return text


def deficit_span(ctx: Context, regime: str) -> str:
    """Return the range of the horizon's deficits: "(£0.2bn) to (£6bn) overspend"."""
    low, _, high = _spread(ctx, regime)
    if not math.isfinite(low.value + high.value):
        return _mean_text(ctx, regime)
    return overspend_span(low, high)


def _spread(ctx: Context, regime: str) -> tuple[Single, Single, Single]:
    found = deficit_quantiles(
        ctx.results, p=(0.1, 0.5, 0.9), over="horizon", organisation=ctx.body, regime=regime
    )
    labels = {"organisation": ctx.body, "regime": regime}
    low, middle, high = (single(found, quantile=p, **labels) for p in (0.1, 0.5, 0.9))
    return low, middle, high


def _mean_text(ctx: Context, regime: str) -> str:
    mean = ctx.headline("net_deficit", regime)
    return f"{overspend(mean.value, mcse=mean.mcse)} on average"


def deficit_item(ctx: Context, regime: str) -> str:
    """Return the horizon's deficits in short, range first, then the middle."""
    low, middle, high = _spread(ctx, regime)
    if not math.isfinite(low.value + high.value):
        return f"{_mean_text(ctx, regime)}; too few futures to say how far it ranges"
    return (
        f"{overspend_span(low, high)} in 80 of 100 (in 10 less, in 10 more); the middle future "
        f"shows {overspend(middle.value, mcse=middle.mcse)}"
    )


def deficit_sentence(ctx: Context, regime: str) -> str:
    """Say how much the deficits of the horizon add up to: range first, then the middle."""
    low, middle, high = _spread(ctx, regime)
    if not math.isfinite(low.value + high.value):
        return (
            f"Over {years_words(ctx.years)}, the yearly deficits of {ctx.subject} add up to "
            f"{_mean_text(ctx, regime)}; too few futures were simulated to say how far it ranges."
        )
    return (
        f"Over {years_words(ctx.years)}, the yearly deficits of {ctx.subject} add up to "
        f"{overspend_span(low, high)} in 80 of 100 simulated futures; in 10 to less, in 10 to "
        f"more. The middle future shows {overspend(middle.value, mcse=middle.mcse)}."
    )


def deficit_fan(ctx: Context) -> Picture | None:
    """Return the fan of the yearly deficit; None where there are too few futures for it."""
    found = deficit_quantiles(ctx.results, p=FAN, organisation=ctx.body, regime=ctx.drawn)
    if not known(found):
        return None
    difference = None
    if len(ctx.drawn) == 2:
        paired = deficit_quantiles(
            ctx.results, p=(0.5,), organisation=ctx.body, regime=ctx.drawn[1], against=ctx.first
        )
        difference = difference_of(
            single(
                paired,
                organisation=ctx.body,
                regime=ctx.drawn[1],
                year=ctx.years[-1],
                quantile=0.5,
            )
        )
    table = FanTable(
        bands=[bands_of(ctx, found, regime) for regime in ctx.drawn],
        measure=f"{_kind(ctx)} of {ctx.subject} in the year",
        noun=_kind(ctx),
        difference=difference,
    )
    return picture(ctx, "deficit-fan", table)


def deficit_bridge(ctx: Context) -> Picture | None:
    """Return the way from the first year's plan to P50 and P80, under the first rules.

    The first plan is the same in every future; later ones answer to what happened before. What
    plans leave open is added up over budget holders, so the place's deficit is gross here.
    """
    year = ctx.years[0]
    at = {"organisation": ctx.body, "regime": ctx.first}
    planned = amount_mean(
        ctx.results, variable="planned_deficit", organisation=ctx.body, regime=ctx.first
    )
    found = deficit_quantiles(
        ctx.results, p=(0.5, 0.8), gross=True, organisation=ctx.body, regime=ctx.first
    )
    if not known(found):
        return None
    plan = single(planned, year=year, **at).value
    middle, high = (single(found, year=year, quantile=p, **at) for p in (0.5, 0.8))
    steps = (
        Step(label="Left open by the plan", value=plan, total=True),
        Step(label="To the middle future", value=middle.value - plan),
        Step(label="Middle future (P50)", value=middle.value, total=True, error=middle.mcse),
        Step(label="From there to P80", value=high.value - middle.value),
        Step(label="P80", value=high.value, total=True, error=high.mcse),
    )
    kind = "Gross deficit" if ctx.is_place else "Deficit"
    table = WaterfallTable(
        steps=steps, measure=f"{kind} of {ctx.subject} in {year}, {ctx.label(ctx.first)}"
    )
    return picture(ctx, "deficit-bridge", table)


def deficit_dots(ctx: Context) -> Picture | None:
    """Return the deficits of the horizon as 50 equally likely values; None with too few."""
    found = deficit_quantiles(
        ctx.results, p=_DOTS, over="horizon", organisation=ctx.body, regime=ctx.drawn
    )
    if not known(found):
        return None
    rows = [
        Dots(
            label=ctx.label(regime),
            values=floats(found["value"].sel(organisation=ctx.body, regime=regime)),
        )
        for regime in ctx.drawn
    ]
    table = DotTable(
        rows=rows,
        measure=f"{_kind(ctx)} of {ctx.subject}, total over {years_words(ctx.years)}",
        noun=f"Total {_kind(ctx).lower()}",
        difference=_middle_difference(ctx),
    )
    return picture(ctx, "deficit-dots", table)


def _middle_difference(ctx: Context) -> Difference | None:
    if len(ctx.drawn) != 2:
        return None
    paired = deficit_quantiles(
        ctx.results,
        p=(0.5,),
        over="horizon",
        organisation=ctx.body,
        regime=ctx.drawn[1],
        against=ctx.first,
    )
    return difference_of(single(paired, organisation=ctx.body, regime=ctx.drawn[1], quantile=0.5))


def _of_peak(ctx: Context, function: Callable[..., xr.Dataset], **asked: Any) -> xr.Dataset:
    """Return a measure of the body's largest yearly deficit."""
    return function(ctx.results, over="peak", organisation=ctx.body, **asked)


def deficit_curve(ctx: Context) -> Picture | None:
    """Return the chance that the largest yearly deficit exceeds an amount, reserves marked."""
    held = float(opening_reserves(ctx.study)[ctx.first][ctx.body])
    peak = partial(_of_peak, ctx)
    points = peak(deficit_quantiles, p=_POINTS, regime=ctx.drawn)
    if not known(points):
        return None
    top = max(float(points["value"].max()), 1.1 * held, 1e-6)
    amounts = [top * i / (_CURVE - 1) for i in range(_CURVE)]
    chances = peak(deficit_exceedance, levels=amounts, regime=ctx.drawn)
    beyond = peak(deficit_exceedance, levels=(held,), regime=ctx.drawn)
    curves = []
    for regime in ctx.drawn:
        rows = points.sel(organisation=ctx.body, regime=regime)
        curves.append(
            ExceedanceCurve(
                label=ctx.label(regime),
                amounts=amounts,
                chances=floats(chances["value"].sel(organisation=ctx.body, regime=regime)),
                points={p: float(rows["value"].sel(quantile=p)) for p in _POINTS},
                errors={p: float(rows["mcse"].sel(quantile=p)) for p in _POINTS},
            )
        )
    difference = None
    if len(ctx.drawn) == 2:
        paired = peak(deficit_exceedance, levels=(held,), regime=ctx.drawn[1], against=ctx.first)
        chosen = single(paired, organisation=ctx.body, regime=ctx.drawn[1], level=held)
        difference = difference_of(chosen)
    table = ExceedanceTable(
        curves=curves,
        measure=f"{_kind(ctx)} of {ctx.subject} in the worst of {years_words(ctx.years)}",
        noun=f"{_kind(ctx)}",
        mark=Mark(label=f"Reserves at the start of {ctx.years[0]}", value=held),
        beyond=shares_of(ctx, beyond, level=held),
        difference=difference,
    )
    return picture(ctx, "deficit-exceedance", table)


def _table(ctx: Context) -> Table:
    """Return mean, percentiles and expected shortfall of the horizon's deficits."""
    both = partial(ctx.with_differences, over="horizon")
    rows: list[Row] = [dataset_row(ctx, "Mean", *both(deficit_mean))]
    quantiles = both(deficit_quantiles, p=_POINTS)
    for p in _POINTS:
        label = f"P{100 * p:g}: exceeded in {round(100 - 100 * p):g} of 100 futures"
        rows.append(dataset_row(ctx, label, *quantiles, quantile=p))
    tail = both(expected_shortfall, p=(0.95,))
    rows.append(dataset_row(ctx, "Mean of the worst 5 of 100 futures", *tail, quantile=0.95))
    chance = both(deficit_probability)
    rows.append(
        dataset_row(ctx, "Chance of a deficit in any year", *chance, unit=FUTURES, style="percent")
    )
    years = ctx.with_differences(years_in_deficit)
    rows.append(dataset_row(ctx, "Years in deficit", *years, unit="years", style="number"))
    return regime_table(
        ctx,
        "deficit-table",
        f"{_kind(ctx)} of {ctx.subject}, total over {years_words(ctx.years)}",
        rows,
        notes=(
            "The difference of two percentiles is that of the percentiles, with the error of "
            "paired futures.",
        ),
    )
