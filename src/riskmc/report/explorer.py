"""The explorer of the HTML report: exceedance curves as compact, exact order statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from riskmc.measures.curves import POINTS, OrderedCurve, ordered_curves
from riskmc.report.context import Context
from riskmc.report.model import Curve, Explorer
from riskmc.variables import PLACE

#: Points kept of a curve of a single body: a chance within 1 in 500.
_BODY_POINTS = 501
#: Amounts are stored as whole multiples of this share of a curve's largest.
_STEP = 1e-5


def build_explorer(ctx: Context) -> Explorer:
    """Return the explorer of the deficit: every body of the report, year and regime."""
    name = "net_deficit"
    curves: list[OrderedCurve] = list(
        ordered_curves(ctx.results, variable=name, organisation=ctx.body, points=POINTS)
    )
    others = ctx.bodies[1:]
    if others:
        curves += ordered_curves(
            ctx.results, variable=name, organisation=others, points=_BODY_POINTS
        )
    years = [(year, year) for year in ctx.years]
    if len(ctx.years) > 1:
        years = [
            ("horizon", "All years together"),
            ("peak", "The year with the largest"),
            *years,
        ]
    return Explorer(
        bodies=tuple((body, _body_name(ctx, body)) for body in ctx.bodies),
        years=tuple(years),
        regimes=tuple((regime, ctx.label(regime)) for regime in ctx.regimes),
        draws=ctx.draws,
        measure="deficit",
        note=_note(ctx),
        curves=tuple(
            Curve(c.organisation, c.over, c.regime, c.draws, c.nothing, tuple(c.values.tolist()))
            for c in curves
        ),
    )


def _body_name(ctx: Context, body: str) -> str:
    return "The place as a whole (net)" if body == PLACE else ctx.name(body)


def _note(ctx: Context) -> str:
    error = (
        "The simulation error shown is that of independent futures."
        if ctx.reader.scheme == "mc"
        else "The simulation error shown is that of independent futures; these were drawn by "
        f"“{ctx.reader.scheme}”, whose error is as a rule smaller."
    )
    return (
        f"Read off {ctx.draws:,} simulated futures: order statistics are stored so densely that "
        f"a chance is read within 1 in {POINTS - 1:,} for {ctx.subject}"
        + (f", and within 1 in {_BODY_POINTS - 1} for single bodies. " if ctx.is_place else ". ")
        + error
    )


def explorer_data(explorer: Explorer) -> dict[str, Any]:
    """Return what the explorer's script reads.

    A curve is [draws, nothing, step, first, differences...]: amounts are whole multiples of the
    step (£m), as differences from the one before.
    """
    return {
        "measure": explorer.measure,
        "curves": {
            f"{curve.body}|{curve.year}|{curve.regime}": _compact(curve)
            for curve in explorer.curves
        },
    }


def _compact(curve: Curve) -> list[float | int]:
    if not curve.values:
        return [curve.draws, curve.nothing, 1]
    step = float(f"{_STEP * max(curve.values):.3g}")
    whole = np.round(np.array(curve.values) / step).astype(np.int64)
    return [curve.draws, curve.nothing, step, *np.diff(whole, prepend=0).tolist()]
