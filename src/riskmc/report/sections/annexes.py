"""Annexes: every parameter, and how to repeat the run."""

from __future__ import annotations

import json

from riskmc.report.blocks import money_cell, text_table
from riskmc.report.context import Context
from riskmc.report.model import (
    Block,
    Cell,
    Code,
    Column,
    Foldout,
    Paragraph,
    Section,
    Subheading,
    Table,
)
from riskmc.report.sections.rules import Origin, origins, told_like
from riskmc.study import RuleFigure
from riskmc.variables import DRIVERS
from riskmc.words.rounding import rounded


def parameters_section(ctx: Context) -> Section:
    """Return every parameter of the study."""
    blocks: list[Block] = []
    if ctx.study.contracts:
        blocks.append(_contracts(ctx))
    blocks += [_dynamics(ctx), _drivers(ctx)]
    blocks += [
        Foldout(f"Every figure of: {ctx.label(name)}", _rules(ctx, name, i))
        for i, name in enumerate(ctx.regimes)
    ]
    return Section("parameters", "Every parameter", tuple(blocks), annex=True)


def _contracts(ctx: Context) -> Table:
    rows = []
    for contract in ctx.study.contracts:
        uplift = ctx.study.uplift(contract)
        words = ", ".join(f"{rounded(100.0 * value, 2)} %" for value in dict.fromkeys(uplift))
        shares = contract.activity_share
        by_year = shares if isinstance(shares, tuple) else (shares,)
        follows = ", ".join(f"{rounded(100.0 * x, 1)} %" for x in dict.fromkeys(by_year))
        rows.append(
            (
                Cell(f"{ctx.name(contract.payer)} to {ctx.name(contract.payee)}"),
                money_cell(contract.value),
                Cell(follows, by_year[0]),
                Cell(words),
            )
        )
    columns = (
        Column("Contract", numeric=False),
        Column("Value", unit="£m"),
        Column("Follows activity"),
        Column("Price uplift a year", numeric=False),
    )
    return Table("contracts", "Contracts between bodies", columns, tuple(rows))


def _dynamics(ctx: Context) -> Table:
    rows = []
    for name, field in type(ctx.study.dynamics).model_fields.items():
        value = getattr(ctx.study.dynamics, name)
        meaning = (field.description or "").strip()
        rows.append((Cell(name), Cell(f"{value:g}", float(value)), Cell(meaning)))
    columns = (
        Column("Parameter", numeric=False),
        Column("Value"),
        Column("Meaning", numeric=False),
    )
    return Table("dynamics", "What one year does to later years", columns, tuple(rows))


def _drivers(ctx: Context) -> Table:
    """Return each driver's family and parameters as the study has them, by scope."""
    rows = []
    for row in DRIVERS:
        table = ctx.study.drivers.get(row.name)
        if table is None:
            continue
        scopes = {"everyone": table.everyone.table()}
        scopes |= {scope: found.table() for scope, found in table.by.items()}
        for scope, given in scopes.items():
            rows.append([row.name, scope, _typed(given), row.unit])
    for pair, value in ctx.study.correlation.items():
        rows.append([f"correlation: {pair}", "everyone", f"{value:g}", ""])
    return text_table(
        "drivers-typed",
        "Drivers as the study has them",
        ["Driver", "For", "Parameters", "Unit"],
        rows,
        "Drivers that are not listed stay at their neutral value.",
    )


def _typed(given: dict[str, object]) -> str:
    said = []
    for key, value in given.items():
        if isinstance(value, float | int) and not isinstance(value, bool):
            said.append(f"{key} = {value:g}")
        elif isinstance(value, list | tuple) and len(value) > 12:
            said.append(f"{key}: {len(value)} values")
        elif isinstance(value, str):
            said.append(f"{key} = {value}")
        else:
            said.append(f"{key} = {json.dumps(value, ensure_ascii=False, default=str)}")
    return ", ".join(said) or "rescue is always uniform"


def _rules(ctx: Context, name: str, number: int) -> tuple[Block, ...]:
    """Return a regime's figures; those of an earlier one that it shares are not said again."""
    found = origins(ctx, name)
    like = told_like(ctx, name, list(ctx.regimes[:number]))
    blocks: list[Block] = []
    if like is not None:
        known = {figure.path: figure.value for figure, _ in origins(ctx, like)}
        found = [(f, origin) for f, origin in found if known[f.path] != f.value]
        blocks.append(Paragraph(f"As “{ctx.label(like)}” in every figure that is not listed."))
    if found:
        blocks.append(
            text_table(
                f"rules-{number + 1}",
                f"{ctx.label(name)}, figure by figure",
                ["Figure", "Value", "In words", "From", "Source", "Why"],
                [_rule_row(figure, origin) for figure, origin in found],
            )
        )
    return tuple(blocks)


def _rule_row(figure: RuleFigure, origin: Origin) -> list[str]:
    value = figure.value
    if isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, tuple):
        text = ", ".join(f"{item:g}" for item in value)
    elif value is None:
        text = "not set"
    else:
        text = value if isinstance(value, str) else f"{value:g}"
    return [figure.path, text, figure.words, origin.kind, origin.source, origin.why]


def provenance_section(ctx: Context) -> Section:
    """Return what is needed to repeat the run."""
    attrs = ctx.results.attrs
    versions = json.loads(str(attrs["versions"]))
    rows = [
        ["Study", str(attrs["title"])],
        ["SHA-256 of the study file", str(attrs["study_sha256"])],
        ["Seed", str(attrs["seed"])],
        ["Scheme", str(attrs["scheme"])],
        ["Futures", f"{ctx.draws:,} in {ctx.reader.chains} chains"],
        ["Drivers from", str(attrs["drivers_from"])],
        ["Kept", str(attrs["kept"])],
        ["riskmc", str(attrs["riskmc_version"])],
        *([name, str(version)] for name, version in versions.items()),
    ]
    if ctx.extra is not None:
        draws = int(ctx.extra.base.attrs["draws"])
        rows.append(["Stress tests and what drives the risk", f"{draws:,} futures, same seed"])
    command = (
        f"riskmc run STUDY.toml --seed {attrs['seed']} --scheme {attrs['scheme']} "
        f"--draws {ctx.draws}"
    )
    blocks: tuple[Block, ...] = (
        text_table("provenance-facts", "What this report was made from", ["What", "Value"], rows),
        Subheading("The command that repeats it"),
        Code(command, "Command that repeats the run"),
        Paragraph(
            "STUDY.toml is the study file that has the hash above; the study as it was resolved "
            "is also kept in the results. The same study, seed, scheme and versions give the "
            "same bytes."
        ),
    )
    return Section("provenance", "How to repeat it", blocks, annex=True)
