"""The summary on one page, the decision asked, and how good the evidence is."""

from __future__ import annotations

from collections.abc import Sequence

from riskmc.figures import IconTable
from riskmc.report.blocks import headline_block, picture
from riskmc.report.context import Context
from riskmc.report.model import Block, Callout, Foldout, Picture, Section, Statement
from riskmc.report.sections.bailout import needs_rescue, rescue_verdicts
from riskmc.report.sections.deficit import deficit_item
from riskmc.report.sections.regimes import harm_sentence
from riskmc.report.sections.reserves import exhausts, reserves_verdicts, told_regimes
from riskmc.report.sections.rules import ASSUMPTION, STUDY, origin_counts
from riskmc.report.tables import difference_of, share
from riskmc.words.figure_text import listed
from riskmc.words.report_text import Event, chance_item, money_verdict, years_words


def summary_section(ctx: Context) -> Section:
    """Return the summary on one page."""
    blocks: list[Block] = [_deficit(ctx), _reserves(ctx), _rescue(ctx)]
    if ctx.others:
        harm = tuple(harm_sentence(ctx, regime) for regime in ctx.others)
        blocks.append(Statement("What it means for services", (), harm))
    return Section("summary", "Summary", tuple(blocks))


def decision_section(ctx: Context) -> Section:
    """Return what is asked of the board, and how good the evidence for it is."""
    blocks: list[Block] = [_decision(ctx), _confidence(ctx), rescue_icons(ctx)]
    if ctx.options.likelihood_words:
        blocks.append(_yardstick())
    return Section("decision", "The decision asked", tuple(blocks))


def _deficit(ctx: Context) -> Statement:
    question = (
        f"To what do the yearly deficits of {ctx.subject} add up over {years_words(ctx.years)}, "
        "in 100 simulated futures?"
    )
    items = [f"{ctx.label(regime)}: {deficit_item(ctx, regime)}." for regime in ctx.regimes]
    items += [
        money_verdict(
            ctx.headline_difference("net_deficit", regime),
            this=ctx.label(regime),
            that=ctx.label(ctx.first),
            noun="the mean total deficit",
            better="lower",
        )
        for regime in ctx.others
    ]
    return Statement("1. How big the deficit may get", (question,), tuple(items))


def _reserves(ctx: Context) -> Statement:
    lead = "2. When reserves run out"
    told = told_regimes(ctx)
    if not told:
        text = (
            f"{ctx.subject_first} opens at or below its reserve floor under every set of rules: "
            "whether reserves run out cannot be told."
        )
        return Statement(lead, (text,))
    items = _counts(ctx, "p_exhausted", told)
    return Statement(lead, (_question(exhausts(ctx)),), (*items, *reserves_verdicts(ctx)))


def _rescue(ctx: Context) -> Statement:
    items = _counts(ctx, "p_rescue_needed", ctx.regimes)
    question = _question(needs_rescue(ctx))
    return Statement(
        "3. How likely a rescue is needed", (question,), (*items, *rescue_verdicts(ctx))
    )


def _question(event: Event) -> str:
    return f"In how many of 100 simulated futures does {event.subject} {event.do}?"


def _counts(ctx: Context, measure: str, regimes: Sequence[str]) -> list[str]:
    found = []
    for regime in regimes:
        text = chance_item(
            ctx.headline(measure, regime),
            draws=ctx.draws,
            what=ctx.what,
            likelihood=ctx.options.likelihood_words,
        )
        found.append(f"{ctx.label(regime)}: {text}.")
    return found


def rescue_icons(ctx: Context) -> Picture:
    """Return 100 futures for each regime: in how many a rescue is needed."""
    event = needs_rescue(ctx)
    difference = None
    if len(ctx.drawn) == 2:
        difference = difference_of(ctx.headline_difference("p_rescue_needed", ctx.drawn[1]))
    table = IconTable(
        shares=[share(ctx.label(r), ctx.headline("p_rescue_needed", r)) for r in ctx.drawn],
        noun="Rescue needed",
        event=f"{event.subject} {event.does}",
        otherwise=event.otherwise,
        difference=difference,
    )
    return picture(ctx, "rescue-icons", table)


def _decision(ctx: Context) -> Callout:
    """Return what the board is asked to decide."""
    asked = [
        "The board is asked to note the three statements above and what the model leaves out.",
        "To decide with what confidence reserves are to last, 80, 90 or 95 of 100 futures, and "
        "by when they are to be built up to what that takes.",
    ]
    if ctx.others:
        asked.append(
            "To say how much need left unmet it would accept for a smaller deficit, before any "
            "set of rules is preferred."
        )
    return Callout("decision", "What the board is asked", tuple(asked))


def _confidence(ctx: Context) -> Callout:
    """Return how good the evidence is, kept apart from how likely anything is."""
    counts = origin_counts(ctx)
    total = sum(sum(found.values()) for found in counts.values())
    weak = sum(found[ASSUMPTION] + found[STUDY] for found in counts.values())
    tested = ctx.extra is not None and ctx.extra.calibration is not None
    grade = "Low" if weak > total / 2 else "Medium"
    if tested and weak <= total / 4:
        grade = "High"
    why = [
        f"{weak} of the {total} figures of the rules are assumptions or the study's own, "
        f"{total - weak} rest on law or published sources"
    ]
    why.append(
        "the model was tested against past years"
        if tested
        else "the model has not been tested against past years"
    )
    return Callout(
        "caution",
        f"Confidence in the evidence: {grade.lower()}",
        (
            f"{grade}, because {listed(why)}. This is about how far to trust the numbers, not "
            "about how likely what they describe is.",
        ),
    )


def _yardstick() -> Callout:
    return Callout(
        "note",
        "On likelihood words",
        (
            "Words are those of the PHIA yardstick, the nearest one where a number falls in a "
            "gap between two: remote chance up to 5\u00a0%, highly unlikely 10–20, unlikely 25–35, "
            "realistic possibility 40–50, likely 55–75, highly likely 80–90, almost certain from "
            "95\u00a0%. The number comes first: a one-in-six chance of exhausting reserves is "
            "“highly unlikely” by that yardstick and still a reason to act.",
        ),
    )


def headline_section(ctx: Context) -> Section:
    """Return the headline table of the report's body."""
    return Section(
        "headline-section", "The headline table", (headline_block(ctx, ctx.body, name="headline"),)
    )


def bodies_section(ctx: Context) -> Section | None:
    """Return the headline table of every organisation; None in the report of one."""
    if len(ctx.bodies) < 2:
        return None
    blocks = tuple(
        Foldout(ctx.name(body), (headline_block(ctx, body, name=f"headline-{body}"),))
        for body in ctx.bodies[1:]
    )
    return Section("bodies", "The headline table of every body", blocks, annex=True)
