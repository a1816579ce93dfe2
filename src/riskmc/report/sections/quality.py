"""Quality and limits: the error of simulating, that of the model, and what is left out."""

from __future__ import annotations

import math

from riskmc.measures import failed_draws
from riskmc.measures.catalogue import HEADLINE_ROWS, horizon_measure
from riskmc.measures.failures import failed_numbers
from riskmc.report.blocks import picture, plain_label, text_table
from riskmc.report.context import Context
from riskmc.report.model import Block, Callout, Items, Paragraph, Section, Subheading, Table
from riskmc.words.rounding import format_error

_LEFT_OUT = (
    "Savings that harm services: a saving counts as money only.",
    "Activity payments lost when a provider cuts its activity.",
    "A commissioner saving on what it buys.",
    "Wider effects on the economy.",
    "Politics: who would be elected, and what they would then change.",
)
_SCHEMES = {
    "mc": "independent draws",
    "antithetic": "independent pairs of opposite draws",
    "lhs": "independent Latin hypercubes",
    "sobol": "independent randomisations of a Sobol sequence",
}


def quality_section(ctx: Context) -> Section:
    """Return quality and limits."""
    blocks: list[Block] = [
        Subheading("The error of simulating"),
        Paragraph(
            f"{ctx.draws:,} futures were simulated ({_SCHEMES[ctx.reader.scheme]}). Behind every "
            "estimate stands its Monte Carlo standard error: how far the number would move if "
            "the run were repeated with another seed. No number is printed to more digits than "
            "twice that error supports. Four times as many futures halve it."
        ),
        _errors(ctx),
        Callout(
            "caution",
            "The error of the model is another matter",
            (
                "A small simulation error does not make the model right. If an assumption is "
                "wrong, all futures are wrong together, and no number of them shows it. Whoever "
                "doubts an assumption should change it in the study and run it again.",
            ),
        ),
    ]
    blocks += _failures(ctx)
    blocks += [
        Subheading("What the model leaves out"),
        Items(_LEFT_OUT),
        Paragraph(
            "Effort, the share of a surplus that goes to prevention, the chance of a rescue and "
            "how far contracts follow activity are beliefs about behaviour. The comparison is "
            "made with the rules alone; what the study assumes of behaviour is shown beside it."
        ),
        Subheading("How it was checked"),
        Items(
            (
                "The package's tests compare the engine, future by future, with a second "
                "implementation of the same equations, written separately.",
                "Reserves are accounted for in every future: what came in, what went out and "
                "what is left add up for each budget holder and the place.",
                "The same study, seed and version give the same numbers to the last bit.",
                _tested(ctx),
            )
        ),
    ]
    if ctx.extra is not None and ctx.extra.calibration is not None:
        blocks.append(picture(ctx, "calibration", ctx.extra.calibration))
    return Section("quality", "Quality and limits", tuple(blocks))


def _tested(ctx: Context) -> str:
    if ctx.extra is not None and ctx.extra.calibration is not None:
        return "The model's ranges were compared with what happened in past years: see below."
    return "The model's ranges have not been compared with what happened in past years."


def _errors(ctx: Context) -> Table:
    rows = []
    for name in HEADLINE_ROWS:
        if name == "gross_deficit" and not ctx.is_place:
            continue
        measure = horizon_measure(name)
        cells = [
            plain_label(measure.label),
            "futures of 100" if measure.style == "percent" else measure.unit,
        ]
        for regime in ctx.regimes:
            one = ctx.headline(name, regime)
            known = math.isfinite(one.mcse) and one.mcse > 0.0
            cells.append(format_error(one.mcse, style=measure.style) if known else "none")
        rows.append(cells)
    return text_table(
        "errors",
        "Monte Carlo standard error of each headline number",
        ["Measure", "Unit", *(ctx.label(regime) for regime in ctx.regimes)],
        rows,
        "“None”: the number is the same in every future, or nothing happened in any.",
    )


def _failures(ctx: Context) -> list[Block]:
    failed = failed_draws(ctx.results)
    if not failed:
        return [Paragraph("No future failed: every number of every future is finite.")]
    which = ", ".join(str(number) for number in failed_numbers(ctx.results))
    return [
        Callout(
            "caution",
            "Futures that failed",
            (
                f"{failed:,} of {ctx.draws:,} futures hold a number that is not finite and are "
                f"left out of every statistic. The first are numbers {which}; "
                "`riskmc replay` shows them.",
            ),
        )
    ]
