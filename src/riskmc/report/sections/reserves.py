"""When reserves run out, and how much is left."""

from __future__ import annotations

import numpy as np

from riskmc.figures import ReserveFanTable, Series, SurvivalTable
from riskmc.measures import insolvency_probability, reserves_quantiles
from riskmc.measures.headline import exhaustion_not_applicable
from riskmc.report.blocks import FUTURES, dataset_row, picture, regime_table
from riskmc.report.context import Context
from riskmc.report.model import Block, Callout, Items, Paragraph, Picture, Section, Statement, Table
from riskmc.report.tables import FAN, bands_of, difference_of, floats, known
from riskmc.words.report_text import Event, chance_sentence, chance_verdict, year_end, year_start


def reserves_section(ctx: Context) -> Section:
    """Return the section on reserves."""
    blocks: list[Block] = [Paragraph(_meaning(ctx)), *_silent(ctx)]
    told = told_regimes(ctx)
    blocks += [Statement(ctx.label(r), (reserves_sentence(ctx, r),)) for r in told]
    verdicts = reserves_verdicts(ctx)
    if verdicts:
        blocks.append(Items(verdicts))
    survives = survival_figure(ctx)
    if survives is not None:
        blocks.append(survives)
    figure = reserve_fan(ctx)
    if figure is not None:
        blocks.append(figure)
    blocks.append(_table(ctx))
    return Section("reserves", "When reserves run out", tuple(blocks))


def told_regimes(ctx: Context) -> list[str]:
    """Return the regimes under which exhaustion of the body's reserves can be told."""
    silent = exhaustion_not_applicable(ctx.reader)
    return [regime for regime in ctx.regimes if ctx.body not in silent.get(regime, ())]


def reserves_verdicts(ctx: Context) -> tuple[str, ...]:
    """Say for each other regime whether reserves run out less often than under the first."""
    told = told_regimes(ctx)
    if ctx.first not in told:
        return ()
    return tuple(
        chance_verdict(
            ctx.headline_difference("p_exhausted", regime),
            this=ctx.label(regime),
            that=ctx.label(ctx.first),
            event="Exhaustion of reserves",
        )
        for regime in ctx.others
        if regime in told
    )


def _meaning(ctx: Context) -> str:
    text = (
        "Reserves are exhausted when, at a year end, the budget holder's usable reserves are at "
        "or below the floor that may not be used."
    )
    if ctx.is_place:
        text += (
            " For the place, one exhausted budget holder is enough: with many holders, one of "
            "them fails more often than a single pool, even where all hold the same money."
        )
    return text


def _silent(ctx: Context) -> list[Block]:
    by_names: dict[tuple[str, ...], list[str]] = {}
    for regime, bodies in exhaustion_not_applicable(ctx.reader).items():
        named = tuple(b for b in ctx.reader.organisations if b in bodies)
        if named and (ctx.is_place or ctx.body in named):
            by_names.setdefault(named, []).append(regime)
    return [
        Callout(
            "note",
            f"Not applicable under {', '.join(ctx.label(regime) for regime in regimes)}",
            (
                f"Opening at or below the reserve floor: {ctx.who(named)}. Whether these "
                "reserves run out cannot be told, and they are left out.",
            ),
        )
        for named, regimes in by_names.items()
    ]


def exhausts(ctx: Context) -> Event:
    """Return the event of exhausting reserves, by the end of the horizon."""
    by = f"by {year_end(ctx.years[-1])}"
    if ctx.is_place:
        return Event(
            "at least one budget holder of the place",
            f"exhausts its reserves {by}",
            f"exhaust its reserves {by}",
            "none does",
        )
    return Event(ctx.subject, f"exhausts its reserves {by}", f"exhaust its reserves {by}")


def reserves_sentence(ctx: Context, regime: str) -> str:
    """Say in how many futures reserves run out."""
    return chance_sentence(
        ctx.headline("p_exhausted", regime),
        exhausts(ctx),
        draws=ctx.draws,
        what=ctx.what,
        likelihood=ctx.options.likelihood_words,
    )


def _lasting(ctx: Context, regime: str, *, label: str = "") -> Series | None:
    """Return the chance by year that reserves have lasted; None where it cannot be told."""
    rows = ctx.yearly("p_exhausted", regime)
    gone = {name: np.asarray(rows[name].values, dtype=float) for name in ("value", "low", "high")}
    if not np.isfinite(gone["value"]).all():
        return None
    return Series(
        label=label or ctx.label(regime),
        years=ctx.years,
        value=floats(1.0 - gone["value"]),
        low=floats(1.0 - gone["high"]),
        high=floats(1.0 - gone["low"]),
    )


def survival_figure(ctx: Context) -> Picture | None:
    """Return the survival curve of reserves; None where there is none to draw."""
    series = [one for regime in ctx.drawn if (one := _lasting(ctx, regime)) is not None]
    if not series:
        return None
    difference = None
    if len(ctx.drawn) == len(series) == 2:
        rows = ctx.yearly("p_exhausted", ctx.drawn[1], difference=True)
        difference = Series(
            label="difference",
            years=ctx.years,
            value=floats(-rows["value"]),
            low=floats(-rows["high"]),
            high=floats(-rows["low"]),
        )
    subject = "every budget holder" if ctx.is_place else ctx.subject
    table = SurvivalTable(
        series=series,
        subject=subject,
        opening=year_start(ctx.years[0]),
        difference=difference,
    )
    return picture(ctx, "reserves-survival", table)


def reserve_fan(ctx: Context) -> Picture | None:
    """Return reserves by year and the chance that they are exhausted; None if not known."""
    found = reserves_quantiles(ctx.results, p=FAN, organisation=ctx.body, regime=ctx.drawn)
    if not known(found) or any(_lasting(ctx, regime) is None for regime in ctx.drawn):
        return None
    bands = [bands_of(ctx, found, regime) for regime in ctx.drawn]
    exhausted = [Series.of(ctx.yearly("p_exhausted", r), label=ctx.label(r)) for r in ctx.drawn]
    study = ctx.study
    floors = [body.reserve_floor for body in study.organisations if ctx.body in ("place", body.id)]
    difference = None
    if len(ctx.drawn) == 2:
        difference = difference_of(ctx.headline_difference("p_exhausted", ctx.drawn[1]))
    table = ReserveFanTable(
        bands=bands,
        exhausted=exhausted,
        subject=ctx.subject,
        floor=sum(floors),
        difference=difference,
    )
    return picture(ctx, "reserves-fan", table)


def _table(ctx: Context) -> Table:
    """Return reserves at the end, and the chance of being deep in the red."""
    rows = []
    for p, label in ((0.1, "P10: less in 10 of 100 futures"), (0.5, "P50: the middle future")):
        found = ctx.with_differences(reserves_quantiles, p=(p,), over="end")
        text = f"Reserves at the end, {label}"
        rows.append(dataset_row(ctx, text, *found, better="higher", quantile=p))
    broke = ctx.with_differences(insolvency_probability)
    label = "Chance of reserves below −5 % of income at any year end"
    rows.append(dataset_row(ctx, label, *broke, unit=FUTURES, style="percent"))
    return regime_table(ctx, "reserves-table", f"Reserves of {ctx.subject}", rows)
