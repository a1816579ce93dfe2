"""How likely a bailout is: the need first, then whether it is granted."""

from __future__ import annotations

from riskmc.figures import Series, YearTable
from riskmc.measures import (
    bailout_expected_shortfall,
    bailout_given_one,
    bailout_mean,
    bailout_value_at_risk,
    section_114_probability,
)
from riskmc.measures.catalogue import horizon_measure
from riskmc.report.blocks import FUTURES, Row, dataset_row, headline_row, picture, regime_table
from riskmc.report.context import Context
from riskmc.report.model import Block, Items, Paragraph, Picture, Section, Statement, Table
from riskmc.words.report_text import Event, chance_sentence, chance_verdict, year_end

_CHANCES = {
    "p_rescue_needed": "Rescue needed in any year",
    "p_rescue_needed_above_0_1_percent": "Rescue needed above 0.1 % of income",
    "p_rescue_needed_above_1_percent": "Rescue needed above 1 % of income",
    "p_granted": "Bailout granted in any year",
    "p_granted_above_0_1_percent": "Bailout granted above 0.1 % of income",
    "p_granted_above_1_percent": "Bailout granted above 1 % of income",
}


def bailout_section(ctx: Context) -> Section:
    """Return the section on bailouts."""
    blocks: list[Block] = [
        Paragraph(
            "A rescue is needed when everything else that the rules allow has been used and "
            "money is still short. Whether the centre then grants one is its own choice, so the "
            "need comes first; what it does not grant stays unresolved."
        )
    ]
    for regime in ctx.regimes:
        sentences = (rescue_sentence(ctx, regime), granted_sentence(ctx, regime))
        blocks.append(Statement(ctx.label(regime), sentences))
    if ctx.others:
        blocks.append(Items((*rescue_verdicts(ctx), *_granted_verdicts(ctx))))
    blocks += [
        by_year(ctx, "p_rescue_needed", "rescue-by-year", "Rescue needed", "a rescue is needed"),
        by_year(ctx, "p_granted", "bailout-by-year", "Bailout", "a bailout is granted"),
        _table(ctx),
    ]
    return Section("bailout", "How likely a bailout is", tuple(blocks))


def needs_rescue(ctx: Context) -> Event:
    """Return the event of needing a rescue in any year."""
    by = f"by {year_end(ctx.years[-1])}"
    if ctx.is_place:
        return Event(
            "at least one budget holder of the place",
            f"needs a rescue {by}",
            f"need a rescue {by}",
            "none does",
        )
    return Event(ctx.subject, f"needs a rescue {by}", f"need a rescue {by}")


def rescue_sentence(ctx: Context, regime: str) -> str:
    """Say in how many futures a rescue is needed."""
    return _sentence(ctx, "p_rescue_needed", needs_rescue(ctx), regime)


def granted_sentence(ctx: Context, regime: str) -> str:
    """Say in how many futures a bailout is granted."""
    by = f"by {year_end(ctx.years[-1])}"
    event = Event("the centre", f"grants a bailout {by}", f"grant a bailout {by}")
    return _sentence(ctx, "p_granted", event, regime)


def _sentence(ctx: Context, measure: str, event: Event, regime: str) -> str:
    return chance_sentence(
        ctx.headline(measure, regime),
        event,
        draws=ctx.draws,
        what=ctx.what,
        likelihood=ctx.options.likelihood_words,
    )


def rescue_verdicts(ctx: Context) -> tuple[str, ...]:
    """Say for each other regime whether a rescue is needed less often than under the first."""
    return _verdicts(ctx, "p_rescue_needed", "The need of a rescue")


def _granted_verdicts(ctx: Context) -> tuple[str, ...]:
    return _verdicts(ctx, "p_granted", "A bailout")


def _verdicts(ctx: Context, measure: str, event: str) -> tuple[str, ...]:
    return tuple(
        chance_verdict(
            ctx.headline_difference(measure, regime),
            this=ctx.label(regime),
            that=ctx.label(ctx.first),
            event=event,
        )
        for regime in ctx.others
    )


def by_year(ctx: Context, measure: str, name: str, noun: str, event: str) -> Picture:
    """Return the chance of an event by year under each regime."""
    series = [Series.of(ctx.yearly(measure, r), label=ctx.label(r)) for r in ctx.drawn]
    difference = None
    if len(ctx.drawn) == 2:
        rows = ctx.yearly(measure, ctx.drawn[1], difference=True)
        difference = Series.of(rows, label="difference")
    table = YearTable(series=series, noun=noun, event=f"{event} in the year", difference=difference)
    return picture(ctx, name, table)


def _table(ctx: Context) -> Table:
    """Return chances and amounts of bailouts over the horizon."""
    both = ctx.with_differences
    rows: list[Row] = [
        headline_row(ctx, horizon_measure(name), ctx.body, label)
        for name, label in _CHANCES.items()
    ]
    rows.append(dataset_row(ctx, "Bailouts, expected total", *both(bailout_mean)))
    given = bailout_given_one(ctx.results, organisation=ctx.body)
    rows.append(dataset_row(ctx, "Total, in futures that have one", given))
    at_risk = both(bailout_value_at_risk, p=(0.95,))
    rows.append(dataset_row(ctx, "P95 of the total", *at_risk, quantile=0.95))
    tail = both(bailout_expected_shortfall, p=(0.95,))
    rows.append(dataset_row(ctx, "Mean of the worst 5 of 100 futures", *tail, quantile=0.95))
    if _has_council(ctx):
        label = "Section 114 conditions at a council, any year"
        found = both(section_114_probability)
        rows.append(dataset_row(ctx, label, *found, unit=FUTURES, style="percent"))
    return regime_table(
        ctx,
        "bailout-table",
        f"Rescues and bailouts of {ctx.subject}",
        rows,
        notes=(
            "Section 114 conditions: a deficit that the plan could not close, or something left "
            "unresolved. It is the model's reading of when a report would be due, not of "
            "whether one is made.",
        )
        if _has_council(ctx)
        else (),
    )


def _has_council(ctx: Context) -> bool:
    kinds = {body.id: body.kind for body in ctx.study.organisations}
    if ctx.is_place:
        return "council" in kinds.values()
    return kinds[ctx.body] == "council"
