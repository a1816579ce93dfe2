"""The regimes compared on the same futures: who gains, who loses, who bears, and the harm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from riskmc.errors import ResultsError
from riskmc.figures import Difference, PairedPanel, PairedTable
from riskmc.measures import amount_mean, compare, fiscal_neutrality, summary, trade_off
from riskmc.measures.catalogue import horizon_measure
from riskmc.report.blocks import (
    Row,
    dataset_row,
    estimate_cell,
    picture,
    plain_label,
    regime_table,
)
from riskmc.report.context import Context, single
from riskmc.report.model import (
    Block,
    Cell,
    Column,
    Items,
    Paragraph,
    Picture,
    Section,
    Statement,
    Subheading,
    Table,
)
from riskmc.report.sections.bearers import bearers_figure, bearers_sentence, can_tell
from riskmc.report.tables import floats, share
from riskmc.statistics.estimates import Single
from riskmc.words.report_text import better_or_worse, money_verdict, short_count, sign_of

if TYPE_CHECKING:
    import xarray as xr

_DOTS = tuple((i + 0.5) / 50 for i in range(50))
_BESIDE = ("net_deficit", "p_rescue_needed", "unresolved", "unmet", "reserves_end")


def regimes_section(ctx: Context) -> Section:
    """Return who bears the shortfall and, where there are several regimes, the comparison."""
    blocks: list[Block] = []
    if ctx.others:
        blocks.append(Paragraph(_meaning(ctx)))
        blocks += [_statement(ctx, regime) for regime in ctx.others]
        figure = _paired(ctx)
        if figure is not None:
            blocks.append(figure)
        blocks += _behaviour(ctx)
    blocks += _bearers(ctx)
    if ctx.others and ctx.is_place and len(ctx.study.organisations) > 1:
        blocks.append(Subheading("Who gains and who loses"))
        blocks += [_gains(ctx, regime, i) for i, regime in enumerate(ctx.others)]
    blocks += [Subheading("What it costs the centre"), _neutrality(ctx)]
    title = "The rules compared" if ctx.others else "Who bears what is short"
    return Section("regimes", title, tuple(blocks))


def _bearers(ctx: Context) -> list[Block]:
    blocks: list[Block] = [Subheading("Who bears the shortfall")]
    if not can_tell(ctx):
        return [
            *blocks,
            Paragraph(
                "The results keep the headline only for single bodies, so that who bears this "
                "body's gap cannot be told here; the place's report tells it for all together."
            ),
        ]
    sentences = tuple(bearers_sentence(ctx, regime) for regime in ctx.regimes)
    return [*blocks, Items(sentences), bearers_figure(ctx)]


def _meaning(ctx: Context) -> str:
    return (
        f"Every other set of rules is compared with “{ctx.label(ctx.first)}”, future by future. "
        "What follows is the doing of the rules alone: savings are delivered as well, and "
        "services harmed as little, as the drivers say, whoever is in charge."
    )


def _statement(ctx: Context, regime: str) -> Statement:
    paired = compare(ctx.results, regime, ctx.first, organisation=ctx.body)
    chosen = paired.sel(measure="net_deficit", organisation=ctx.body)
    sides = {side: single_chance(chosen, f"p_{side}") for side in ("better", "tie", "worse")}
    counts = (
        f"The total deficit of {ctx.subject} is lower in {short_count(sides['better'])} futures, "
        f"the same in {short_count(sides['tie'])} and higher in {short_count(sides['worse'])}."
    )
    deficit = money_verdict(
        ctx.headline_difference("net_deficit", regime),
        this=ctx.label(regime),
        that=ctx.label(ctx.first),
        noun="the mean total deficit",
        better="lower",
    )
    heading = f"{ctx.label(regime)}, against {ctx.label(ctx.first)}"
    return Statement(heading, (counts, deficit, harm_sentence(ctx, regime)))


def single_chance(chosen: xr.Dataset, name: str) -> Single:
    """Return a chance of a paired comparison as an estimate."""
    value = float(chosen[name])
    mcse, low, high = (float(chosen[f"{name}_{field}"]) for field in ("mcse", "low", "high"))
    return Single(value, mcse, low, high, value in (0.0, 1.0), int(chosen["units"]))


def harm_sentence(ctx: Context, regime: str) -> str:
    """Say what a gain in the deficit costs those who need services."""
    deficit = ctx.headline_difference("net_deficit", regime)
    unmet = ctx.headline_difference("unmet", regime)
    harm = money_verdict(
        unmet,
        this=ctx.label(regime),
        that=ctx.label(ctx.first),
        noun="need left unmet",
        better="lower",
    )
    if sign_of(deficit) < 0 < sign_of(unmet):
        rate = trade_off(
            ctx.results,
            regime,
            ctx.first,
            gain="net_deficit",
            price="unmet",
            organisation=ctx.body,
        )
        price = float(rate["value"])
        if math.isfinite(price):
            text = f"{100.0 * price:.0f}p" if price < 1.0 else f"£{price:.2f}"
            harm += f" For every £1 less of deficit, about {text} more of need is left unmet."
    return harm


def _paired(ctx: Context) -> Picture | None:
    """Return the per-future difference of the deficit, second regime less first."""
    second = ctx.regimes[1]
    panels = [_panel(ctx, ctx.results, second, "rules alone")]
    if not all(math.isfinite(value) for value in panels[0].values):
        return None
    if ctx.extra is not None and ctx.extra.behaviour is not None:
        panels.append(_panel(ctx, ctx.extra.behaviour, second, "with the behaviour assumed"))
    kind = "Net deficit" if ctx.is_place else "Deficit"
    table = PairedTable(
        panels=panels,
        first=ctx.short[ctx.first],
        second=ctx.short[second],
        measure=f"{kind} of {ctx.subject}, total over the years",
    )
    return picture(ctx, "paired", table)


def _panel(ctx: Context, results: xr.DataTree, second: str, label: str) -> PairedPanel:
    paired = compare(results, second, ctx.first, organisation=ctx.body, quantiles=_DOTS)
    chosen = paired.sel(measure="net_deficit", organisation=ctx.body)
    mean = Difference(
        value=float(chosen["value"]), low=float(chosen["low"]), high=float(chosen["high"])
    )
    return PairedPanel(
        values=floats(chosen["quantile_value"]),
        better=share(ctx.label(second), single_chance(chosen, "p_better")),
        tie=float(chosen["p_tie"]),
        mean=mean,
        label=label,
    )


def _behaviour(ctx: Context) -> list[Block]:
    """Return the rules with the behaviour that the study assumes, beside the rules alone."""
    if ctx.extra is None or ctx.extra.behaviour is None:
        return []
    told = [
        f"{ctx.label(name)}: {_assumed(given.effort, given.prevention_share)}"
        for name, given in ctx.study.behaviour.items()
        if name in ctx.regimes
    ]
    return [
        Subheading("With the behaviour assumed"),
        Paragraph("No rule makes this so; the study assumes it, and it is shown beside the rules."),
        Items(tuple(told)),
        _behaviour_table(ctx),
    ]


def _assumed(effort: float | None, prevention: float | None) -> str:
    said = []
    if effort is not None:
        said.append(f"savings are pursued with {100 * effort:g} % of the effort")
    if prevention is not None:
        said.append(f"{100 * prevention:g} % of what is left of a surplus goes to prevention")
    return " and ".join(said) or "as the rules say"


def _behaviour_table(ctx: Context) -> Table:
    assert ctx.extra is not None
    assert ctx.extra.behaviour is not None
    alone = summary(ctx.extra.base, organisation=ctx.body)
    behaving = summary(ctx.extra.behaviour, organisation=ctx.body)
    rows, units = [], []
    for name in _BESIDE:
        measure = horizon_measure(name)
        for regime in ctx.regimes:
            cells = [Cell(plain_label(measure.label)), Cell(ctx.label(regime))]
            for found in (alone, behaving):
                one = single(found.sel(organisation=ctx.body, measure=name, regime=regime))
                cells.append(estimate_cell(ctx, one, style=measure.style))
            rows.append(tuple(cells))
            units.append(measure.unit)
    draws = int(ctx.extra.base.attrs["draws"])
    return Table(
        "behaviour",
        "The rules alone, and with the behaviour assumed; amounts in £m",
        (
            Column("Measure", numeric=False),
            Column("Rules", numeric=False),
            Column("Rules alone"),
            Column("With behaviour"),
        ),
        tuple(rows),
        (f"Both on the same {draws:,} futures. Behind ±: one Monte Carlo standard error.",),
        tuple(units),
    )


def _gains(ctx: Context, regime: str, number: int) -> Table:
    """Return what each body gains or loses under a regime against the first."""
    own, draws = _own_balance(ctx, regime)
    columns = [Column("Body", numeric=False)]
    if own is not None:
        columns += [Column("On balance", numeric=False), Column("Own balance", unit="£m")]
    columns += [
        Column("Deficit", unit="£m"),
        Column("Unmet need", unit="£m"),
        Column("Extra local tax a year", unit="£m"),
    ]
    rows = []
    for body in ctx.reader.organisations:
        cells = [Cell(ctx.name(body))]
        if own is not None:
            balance = single(own, organisation=body, regime=regime)
            verdict = better_or_worse(balance, "higher")
            cells.append(Cell(_VERDICTS.get(verdict, verdict)))
            cells.append(estimate_cell(ctx, balance, difference=True, better="higher"))
        for name in ("net_deficit", "unmet", "extra_local_tax"):
            found = ctx.headline_difference(name, regime, body)
            cells.append(estimate_cell(ctx, found, difference=True, better="lower"))
        rows.append(tuple(cells))
    return Table(
        f"gains-{number + 1}",
        f"{ctx.label(regime)} less {ctx.label(ctx.first)}, total over the years",
        tuple(columns),
        tuple(rows),
        _gains_notes(ctx, draws),
    )


def _gains_notes(ctx: Context, draws: int) -> tuple[str, ...]:
    """Return what to know of the table; `draws` stand behind own balances, 0 without them."""
    pooled = (
        "In a pool a body's deficit is its part of the pool's, by cost, and does not say who "
        "gained from whom."
    )
    if not draws:
        return (f"{pooled} Own balance would, and these results do not keep it (--keep all does).",)
    fewer = "" if draws == ctx.draws else f", on {draws:,} of the futures"
    return (
        f"“On balance” goes by the body's own balance alone{fewer}: its own income less its own "
        "spending. Need left unmet and local tax stand beside it and are borne by others. "
        + pooled,
    )


_VERDICTS = {"better": "gains", "worse": "loses", "the same": "neither"}


def _own_balance(ctx: Context, regime: str) -> tuple[xr.Dataset | None, int]:
    """Return the difference of own balances, and on how many futures; None where not kept."""
    sources = [ctx.results] if ctx.extra is None else [ctx.results, ctx.extra.base]
    for results in sources:
        try:
            found = amount_mean(
                results,
                variable="own_balance",
                over="horizon",
                organisation=ctx.reader.organisations,
                regime=regime,
                against=ctx.first,
            )
        except ResultsError:  # kept for the place only
            continue
        return found, int(results.attrs["draws"])
    return None, 0


def _neutrality(ctx: Context) -> Table:
    """Return what each set of rules costs the centre, paid and pending."""
    found = fiscal_neutrality(ctx.results, organisation=ctx.body)
    paired = None
    if ctx.others:
        paired = fiscal_neutrality(ctx.results, organisation=ctx.body, against=ctx.first)
    labels = {
        "central_cost": "Net cost to the centre, total over the years",
        "pending_end": "Adjustment to each year's grant still pending at the end",
    }
    rows: list[Row] = [
        dataset_row(ctx, label, found, paired, better="neither", part=part)
        for part, label in labels.items()
    ]
    return regime_table(
        ctx,
        "neutrality",
        "What the centre pays, so that no rules win by being given money unseen",
        rows,
    )
