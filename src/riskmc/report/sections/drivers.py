"""What drives the risk, and what the futures that fail have in common."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from riskmc.errors import ResultsError
from riskmc.figures import Swing, TornadoTable
from riskmc.measures import failing_futures, first_order_shares, national_share, tornado
from riskmc.report.blocks import Row, picture, regime_table
from riskmc.report.context import Context, single
from riskmc.report.model import Block, Paragraph, Picture, Section, Statement
from riskmc.words.report_text import under

if TYPE_CHECKING:
    import xarray as xr

_MEASURE = "net_deficit"
#: Drivers shown in a tornado.
_MOST = 8
#: Regimes for which a tornado is drawn.
_DRAWN = 2


def drivers_section(ctx: Context) -> Section | None:
    """Return what drives the deficit; None without the drivers of some futures."""
    if ctx.extra is None:
        return None
    results = ctx.extra.base
    blocks: list[Block] = [Paragraph(_meaning(ctx))]
    for i, regime in enumerate(ctx.regimes[:_DRAWN]):
        figure = _tornado(ctx, results, regime, f"tornado-{i + 1}")
        if figure is not None:
            blocks.append(figure)
    if len(blocks) == 1:
        return None
    blocks += _shares(ctx, results)
    blocks += _failing(ctx, results)
    return Section("drivers", "What drives the risk", tuple(blocks))


def _meaning(ctx: Context) -> str:
    assert ctx.extra is not None
    draws = int(ctx.extra.base.attrs["draws"])
    return (
        f"Worked out on {draws:,} of the futures. A bar runs from the mean deficit of the "
        "futures in which a driver is low (about its 10th percentile) to that of the futures in "
        "which it is high (about its 90th). Drivers that move together share what they explain."
    )


def _tornado(ctx: Context, results: xr.DataTree, regime: str, name: str) -> Picture | None:
    found = tornado(results, measure=_MEASURE, regime=regime, organisation=ctx.body)
    if not found.sizes.get("feature"):
        return None
    shares = first_order_shares(results, measure=_MEASURE, regime=regime, organisation=ctx.body)
    bars = []
    for feature in found["feature"].values[:_MOST]:
        ends = found["value"].sel(feature=feature)
        errors = found["mcse"].sel(feature=feature)
        low, high = float(ends.sel(end="low")), float(ends.sel(end="high"))
        if not (math.isfinite(low) and math.isfinite(high)):
            continue
        bars.append(
            Swing(
                label=_driver_name(str(feature)),
                low=low,
                high=high,
                share=max(0.0, float(shares["value"].sel(feature=feature))),
                error=math.hypot(float(errors.sel(end="low")), float(errors.sel(end="high"))),
            )
        )
    if not bars:
        return None
    kind = "Net deficit" if ctx.is_place else "Deficit"
    table = TornadoTable(
        bars=bars,
        centre=float(found["mean"]),
        measure=f"{kind} of {ctx.subject}, total over the years, under {ctx.label(regime)}",
        noun=f"{kind} under {ctx.short[regime]}",
    )
    return picture(ctx, name, table)


def _driver_name(feature: str) -> str:
    text = feature.replace("_", " ")
    return text[:1].upper() + text[1:]


def _shares(ctx: Context, results: xr.DataTree) -> list[Block]:
    """Return how much of the risk comes from causes common to all bodies."""
    if len(ctx.study.organisations) < 2:
        return []
    words = {
        "national": "National: what all bodies share",
        "local": "Local: what each body has of its own",
        "rest": "The rest: timing, interaction, curvature",
    }
    try:
        found = {
            r: national_share(results, measure=_MEASURE, regime=r, organisation=ctx.body)
            for r in ctx.regimes
        }
    except ResultsError:  # too few futures for so many drivers
        return []
    rows = [
        Row(label, "share", {r: single(found[r], source=key) for r in ctx.regimes}, style="number")
        for key, label in words.items()
    ]
    return [
        regime_table(
            ctx,
            "national-share",
            "How much of the variance of the total deficit is national, and how much local",
            rows,
            first="Source",
        )
    ]


def _failing(ctx: Context, results: xr.DataTree) -> list[Block]:
    sentences = []
    for regime in ctx.regimes:
        try:
            found = failing_futures(
                results, measure="p_rescue_needed", regime=regime, organisation=ctx.body
            )
        except ResultsError:
            continue
        sentences.append(under(ctx.label(regime), found.words))
    if not sentences:
        return []
    return [Statement("The futures that fail", tuple(sentences))]
