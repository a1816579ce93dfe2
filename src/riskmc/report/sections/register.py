"""The risk register against the simulation."""

from __future__ import annotations

from riskmc.measures import customary_rules
from riskmc.measures.risk_register import QUANTILES, register_cost
from riskmc.report.blocks import estimate_cell, money_cell
from riskmc.report.context import Context, single
from riskmc.report.model import Block, Cell, Column, Paragraph, Section, Table
from riskmc.study import Risk


def register_section(ctx: Context) -> Section | None:
    """Return the register beside its simulation; None where the study lists no risks."""
    risks = [risk for risk in ctx.study.risks if ctx.is_place or risk.organisation == ctx.body]
    if not risks:
        return None
    blocks: list[Block] = [
        Paragraph(
            "A finance team's risk register is customarily summed up as probability times "
            "likely impact. The sum is a mean of sorts: it says nothing of how bad a year can "
            "be. Here the same risks are simulated as independent events."
        ),
        _listed(ctx, risks),
    ]
    if ctx.extra is not None:
        blocks.append(_simulated(ctx))
    return Section("register", "The risk register against the simulation", tuple(blocks))


def _likely(risk: Risk) -> float:
    likely = getattr(risk.impact, "likely", None)
    return float(risk.impact.mean if likely is None else likely)


def _listed(ctx: Context, risks: list[Risk]) -> Table:
    rows = []
    for risk in risks:
        likely = _likely(risk)
        when = "every year" if risk.years is None else ", ".join(risk.years)
        rows.append(
            (
                Cell(risk.name),
                Cell(ctx.name(risk.organisation)),
                Cell(when),
                Cell(f"{100 * risk.probability:g} in 100", risk.probability),
                money_cell(likely),
                money_cell(risk.probability * likely, 2),
            )
        )
    total = customary_rules(ctx.study, organisation=ctx.body)["risk register"]
    rows.append((Cell("Sum"), Cell(""), Cell(""), Cell(""), Cell(""), money_cell(total, 2)))
    return Table(
        "register-listed",
        "The risk register, summed as is customary",
        (
            Column("Risk", numeric=False),
            Column("Body", numeric=False),
            Column("When", numeric=False),
            Column("Chance a year"),
            Column("Likely impact", unit="£m"),
            Column("Chance × likely impact", unit="£m"),
        ),
        tuple(rows),
    )


def _simulated(ctx: Context) -> Table:
    assert ctx.extra is not None
    base = ctx.extra.base
    drivers = base["drivers"].to_dataset()
    scheme = str(base.attrs["scheme"])
    columns = {ctx.years[0]: f"In {ctx.years[0]}", None: "In all years together"}
    found = {
        year: register_cost(drivers, scheme=scheme, organisation=ctx.body, year=year)
        for year in columns
    }
    labels = {"mean": "Mean"} | {
        f"{p:g}": f"P{100 * p:g}: exceeded in {round(100 - 100 * p)} of 100 futures"
        for p in QUANTILES
    }
    customary = customary_rules(ctx.study, organisation=ctx.body)["risk register"]
    rows: list[tuple[Cell, ...]] = [
        (Cell("Customary sum, a year"), money_cell(customary, 2), Cell(""))
    ]
    for key, label in labels.items():
        cells = [estimate_cell(ctx, single(found[year], statistic=key)) for year in columns]
        rows.append((Cell(label), *cells))
    return Table(
        "register-simulated",
        f"What the same risks cost together, on {int(base.attrs['draws']):,} futures",
        (
            Column("Statistic", numeric=False),
            *(Column(heading, unit="£m") for heading in columns.values()),
        ),
        tuple(rows),
        ("Behind ±: one Monte Carlo standard error.",),
    )
