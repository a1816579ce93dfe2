"""Where the bodies start, what is planned, and what is uncertain, in words."""

from __future__ import annotations

from riskmc.report.blocks import money_cell
from riskmc.report.context import Context
from riskmc.report.model import (
    Block,
    Cell,
    Column,
    Items,
    Paragraph,
    Section,
    Subheading,
    Table,
    Terms,
)
from riskmc.sampling import describe_driver
from riskmc.study import Organisation, Realised, Validation, validate
from riskmc.variables import DRIVERS
from riskmc.words.rounding import rounded

_MONEY = ("cost", "grant", "local_tax", "charges", "reserves", "reserve_floor", "debt", "capital")
_HEADINGS = ("Own cost", "Grant", "Local tax", "Charges", "Reserves", "Floor", "Debt", "Capital")


def baseline_section(ctx: Context) -> Section:
    """Return the opening position, the plan and the drivers in words."""
    blocks: list[Block] = [
        Paragraph(
            "What follows holds if demand, prices, funding and savings turn out as assumed here. "
            "It is not a forecast of any one year. Where a figure of the study comes from is "
            "said in the study file beside it."
        ),
        _opening(ctx),
        Subheading("Planned growth"),
        _growth(ctx),
        Subheading("What is uncertain, in words"),
        _drivers(ctx),
    ]
    blocks += _more(ctx)
    return Section("baseline", "Baseline and assumptions", tuple(blocks))


def _bodies(ctx: Context) -> list[Organisation]:
    return [body for body in ctx.study.organisations if ctx.is_place or body.id == ctx.body]


def _opening(ctx: Context) -> Table:
    bodies = _bodies(ctx)
    rows = [
        (Cell(ctx.study.name_of(body.id)), *(money_cell(getattr(body, name)) for name in _MONEY))
        for body in bodies
    ]
    if len(bodies) > 1:
        totals = (sum(getattr(body, name) for body in bodies) for name in _MONEY)
        rows.append((Cell("The place"), *(money_cell(total) for total in totals)))
    return Table(
        "opening",
        f"Opening position, on the eve of {ctx.years[0]}",
        (Column("Body", numeric=False), *(Column(h, unit="£m") for h in _HEADINGS)),
        tuple(rows),
        ("Own cost is without payments between bodies; contracts stand in the annex.",),
    )


def _growth(ctx: Context) -> Table:
    study = ctx.study
    names = {"grant": "Grant", "local_tax": "Local tax", "charges": "Charges"}
    growths = {"grant": "grant_growth", "local_tax": "tax_growth", "charges": "charges_growth"}
    places = [study.organisation_ids.index(body.id) for body in _bodies(ctx)]
    groups: dict[tuple[str, tuple[float, ...]], list[str]] = {}
    for name, words in names.items():
        growth = study.growth(growths[name])  # type: ignore[arg-type]
        for k in places:
            if getattr(study.organisations[k], name) == 0.0:
                continue
            path = tuple(float(value) for value in growth[:, k])
            groups.setdefault((words, path), []).append(study.organisation_ids[k])
    rows = []
    for (words, path), who in groups.items():
        cells = [Cell(f"{words}: {ctx.who(who)}")]
        cells += [Cell(f"{rounded(100.0 * value, 2)}\u00a0%", value) for value in path]
        rows.append(tuple(cells))
    columns = (Column("Growth a year", numeric=False), *(Column(year) for year in ctx.years))
    return Table("growth", "Growth that is planned, by year", columns, tuple(rows))


def _drivers(ctx: Context) -> Terms:
    terms = []
    for row in DRIVERS:
        if row.name == "one_off_cost":
            continue  # told risk by risk in the section on the risk register
        name = row.name.replace("_", " ")
        for text, who in _told(ctx, row.name).items():
            whose = f", for {who}" if len(_bodies(ctx)) > 1 else ""
            terms.append((f"{name[:1].upper()}{name[1:]} ({row.meaning}){whose}", _sentence(text)))
    return Terms(tuple(terms))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _told(ctx: Context, driver: str) -> dict[str, str]:
    """Return the descriptions of a driver, each with those for whom it holds."""
    groups: dict[str, list[str]] = {}
    for body in _bodies(ctx):
        text = describe_driver(ctx.study, driver, body.id).removeprefix(f"{driver}: ")
        groups.setdefault(text, []).append(body.id)
    return {text: ctx.who(who) for text, who in groups.items()}


def _more(ctx: Context) -> list[Block]:
    checked = validate(ctx.study)
    blocks: list[Block] = []
    seen = _correlations(checked)
    if seen:
        blocks += [
            Subheading("What moves together"),
            Items(seen),
            Paragraph("Correlations that are not listed are 0."),
        ]
    neutral = [str(row).replace("_", " ") for row in checked.neutral]
    if neutral:
        blocks += [Subheading("What is left out of the futures"), Items(tuple(neutral))]
    if checked.warnings:
        blocks += [Subheading("What to look at again"), Items(checked.warnings)]
    return blocks


def _correlations(checked: Validation) -> tuple[str, ...]:
    """Return each correlation as typed and, over the bodies, as it is realised."""
    found: dict[tuple[str, str], list[Realised]] = {}
    for row in checked.correlations:
        found.setdefault((row.first, row.second), []).append(row)
    said = []
    for pair, rows in found.items():
        ends = sorted({f"{row.realised:.2g}" for row in rows}, key=float)
        realised = ends[0] if len(ends) == 1 else f"{ends[0]} to {ends[-1]} by body"
        first, second = (name.replace("_", " ") for name in pair)
        first = first[:1].upper() + first[1:]
        said.append(f"{first} and {second}: {rows[0].typed:g} as typed, {realised} as realised")
    return tuple(said)
