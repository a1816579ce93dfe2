"""The risk register against the simulation."""

from __future__ import annotations

from riskmc.measures import customary_rules
from riskmc.measures.risk_register import QUANTILES, customary_by_year, register_cost
from riskmc.report.blocks import estimate_cell, money_cell
from riskmc.report.context import Context, single
from riskmc.report.model import Block, Cell, Column, Paragraph, Section, Table
from riskmc.sampling.describe import occurrence
from riskmc.study import Risk, customary_sum


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


def _listed(ctx: Context, risks: list[Risk]) -> Table:
    rows = []
    for risk in (row.simulated for row in risks):
        by_year = customary_sum([risk], ctx.study.year_labels)
        when = "every year" if risk.years is None else ", ".join(risk.years)
        rows.append(
            (
                Cell(risk.name),
                Cell(ctx.name(risk.organisation)),
                Cell(when),
                Cell(occurrence(risk)),
                money_cell(risk.likely),
                money_cell(sum(by_year) / len(by_year), 2),
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
            Column("How often", numeric=False),
            Column("Likely impact", unit="£m"),
            Column("Chance × likely impact, on average a year", unit="£m"),
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
    customary = customary_by_year(ctx.study, organisation=ctx.body)
    rows: list[tuple[Cell, ...]] = [
        (
            Cell("Customary sum: chance × likely impact"),
            money_cell(customary[ctx.years[0]], 2),
            money_cell(sum(customary.values()), 2),
        )
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
