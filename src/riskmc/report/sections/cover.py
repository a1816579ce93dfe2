"""The cover: whose report, for what purpose, and at most five points."""

from __future__ import annotations

from riskmc.measures import failed_draws
from riskmc.report.context import Context
from riskmc.report.model import Cover, Fact
from riskmc.report.sections.bearers import bearers_sentence, can_tell
from riskmc.report.sections.deficit import deficit_span
from riskmc.report.sections.reserves import told_regimes
from riskmc.words.figure_text import rest_text
from riskmc.words.report_text import money_verdict, short_count, year_end, years_words

#: Fewer futures than this are a trial.
_FEWEST = 1000


def cover(ctx: Context) -> Cover:
    """Return the cover of the report."""
    attrs = ctx.results.attrs
    who = ctx.study.title if ctx.is_place else ctx.subject
    facts = [
        Fact("Whose report", who),
        Fact("Purpose", "For decision on the level of reserves; otherwise for assurance"),
        Fact("Rules compared", "; ".join(ctx.label(regime) for regime in ctx.regimes)),
        Fact("Period", f"{ctx.years[0]} to {ctx.years[-1]}"),
        Fact("Simulated futures", f"{ctx.draws:,} ({ctx.reader.scheme}, seed {attrs['seed']})"),
        Fact("Model", f"riskmc {attrs['riskmc_version']}"),
        Fact("Study", f"SHA-256 {str(attrs['study_sha256'])[:12]}"),
    ]
    return Cover(
        title=who,
        subtitle="Financial risk report to the board",
        purpose=_purpose(ctx),
        facts=tuple(facts),
        points=_points(ctx),
        warning=_warning(ctx),
    )


def _purpose(ctx: Context) -> str:
    rules = "under each set of rules, on the same futures" if ctx.others else "under its rules"
    return (
        "How big the deficit may get, when reserves run out, how likely a rescue is and who "
        f"bears what is left, {rules}. What is shown holds if demand, prices, funding and "
        "savings turn out as assumed. It is not a forecast of any one year."
    )


def _points(ctx: Context) -> tuple[str, ...]:
    spans = [f"{deficit_span(ctx, r)} under {ctx.label(r)}" for r in ctx.regimes]
    points = [
        f"Deficits over {years_words(ctx.years)}, in 80 of 100 simulated futures: {_joined(spans)}."
    ]
    by = year_end(ctx.years[-1])
    told = told_regimes(ctx)
    whose = "of at least one budget holder " if ctx.is_place else ""
    if told:
        counts = [_framed(ctx, "p_exhausted", r) for r in told]
        points.append(f"Reserves {whose}run out by {by}, futures: {_joined(counts)}.")
    counts = [_framed(ctx, "p_rescue_needed", r) for r in ctx.regimes]
    points.append(
        f"A rescue {'of at least one ' if ctx.is_place else ''}is needed by {by}, "
        f"futures: {_joined(counts)}."
    )
    if can_tell(ctx):
        points.append(" ".join(bearers_sentence(ctx, r) for r in ctx.regimes))
    if ctx.others:
        points.append(
            " ".join(
                money_verdict(
                    ctx.headline_difference("unmet", r),
                    this=ctx.label(r),
                    that=ctx.label(ctx.first),
                    noun="need left unmet",
                    better="lower",
                )
                for r in ctx.others
            )
        )
    return tuple(points)


def _joined(parts: list[str]) -> str:
    return "; ".join(parts)


def _framed(ctx: Context, measure: str, regime: str) -> str:
    """Return a count with its other framing: "17 of 100 (83 not) under ..."."""
    chance = ctx.headline(measure, regime)
    count = short_count(chance)
    rest = {"none": "all not", "every one": "none not"}.get(count)
    if rest is None:
        rest = f"{rest_text(chance.value, chance.low, chance.high)} not"
    return f"{count} ({rest}) under {ctx.label(regime)}"


def _warning(ctx: Context) -> str:
    failed = failed_draws(ctx.results)
    if not failed and ctx.draws < _FEWEST:
        return (
            f"Only {ctx.draws:,} futures were simulated: enough to try a study out, too few to "
            "decide on."
        )
    if not failed:
        return ""
    return (
        f"{failed:,} of {ctx.draws:,} futures failed and are left out of every number here: see "
        "the section on quality."
    )
