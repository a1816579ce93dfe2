"""Who bears the shortfall, of every £1."""

from __future__ import annotations

import math

from riskmc.figures import Bearers, IncidenceTable
from riskmc.measures import BEARERS, incidence, incidence_shares
from riskmc.report.blocks import picture
from riskmc.report.context import Context, single
from riskmc.report.model import Picture
from riskmc.statistics.estimates import Single
from riskmc.words.figure_text import pence
from riskmc.words.report_text import and_list

#: Bearers named in a sentence.
_NAMED = 3


def shares(ctx: Context, regime: str) -> dict[str, Single]:
    """Return what each bearer meets of every £1, by the bearer's key."""
    found = incidence_shares(ctx.results, organisation=ctx.body, regime=regime)
    return {key: single(found, organisation=ctx.body, regime=regime, bearer=key) for key in BEARERS}


def can_tell(ctx: Context) -> bool:
    """Say whether the results keep what it takes to tell who bears the body's gap."""
    return ctx.reader.has("local_revenue", ctx.body)


def bearers_sentence(ctx: Context, regime: str) -> str:
    """Say who bears most of every £1 of the gap."""
    parts = shares(ctx, regime)
    if not all(math.isfinite(part.value) for part in parts.values()):
        return f"{ctx.label(regime)}: there is no gap to bear in any future."
    ordered = sorted(parts.items(), key=lambda item: -item[1].value)[:_NAMED]
    said = [f"{_lower(BEARERS[key])} {pence(part.value)}" for key, part in ordered if part.value]
    return f"{ctx.label(regime)}: of every £1 of the gap, {and_list(said)}."


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def bearers_figure(ctx: Context) -> Picture:
    """Return who bears each £1 of the gap, one bar a regime."""
    bars = []
    for regime in ctx.drawn:
        parts = shares(ctx, regime)
        amounts = incidence(ctx.results, organisation=ctx.body, regime=regime)
        total = float(amounts["value"].sel(organisation=ctx.body, regime=regime).sum())
        known = {key: part for key, part in parts.items() if math.isfinite(part.value)}
        bars.append(
            Bearers(
                label=ctx.label(regime),
                shares={
                    words: max(known[key].value, 0.0) if key in known else 0.0
                    for key, words in BEARERS.items()
                },
                total=total,
                errors={BEARERS[key]: part.mcse for key, part in known.items()},
            )
        )
    return picture(ctx, "bearers", IncidenceTable(bars=bars, noun="shortfall"))
