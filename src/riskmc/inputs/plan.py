"""A medium-term plan as a table: rows are lines of income and cost, columns are years.

The first year column is the base, the year before the study's first. A row reads as levels
(each column is the year's amount) or as changes on the base (each column is added); which of the
two holds for the file is stated, or seen where all rows agree. Income may are shown in brackets or
with a minus; totals, gaps and savings are not read: the rules find the savings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from riskmc.inputs.cells import amount, is_missing, text_of
from riskmc.inputs.faults import CellFault
from riskmc.inputs.headings import HEAD_ROWS, PLAN, Column, Layout, find_layout, two_of_a_year
from riskmc.inputs.sheets import Sheet

#: What a line is, by the words in its name; the first that fits holds.
_KINDS: tuple[tuple[str, str], ...] = (
    ("local_tax", r"collection fund"),
    (
        "",
        r"^total|\btotal$|\bgap\b|shortfall|\bbalance\b|\bdeficit\b|\bsurplus\b"
        r"|budget requirement|^net (service |revenue )?(budget|expenditure|cost of services"
        r"|position|total|requirement|revenue|deficit|surplus)",
    ),
    ("", r"\bsavings?\b|efficienc|use of reserves|(contribution|transfer)s? (to|from) reserves"),
    ("", r"cost (reduction|improvement)|\bcips?\b"),
    (
        "unclear",
        r"(council tax|rates?) (support|reduction|discount|relief|appeal|refund)|\btariff\b",
    ),
    ("cost", r"\bgrants? (to|paid|payments?|awarded)\b|\bteams?\b|\bcosts?$|collection costs?\b"),
    ("local_tax", r"council tax|business rates|\bnndr\b|collection fund|retained rates|precept"),
    ("grant", r"\bgrants?\b|\brsg\b|better care|new homes|allocation|settlement|dedicated schools"),
    ("charges", r"\bfees\b|\bcharges\b|\bincome\b|\brents?\b|contributions? from|receipts?\b"),
    (
        "cost",
        r"expenditure|spend|service|budget|\bpay\b|\bcosts?\b|inflation|demand|pressure|growth"
        r"|social care|children|adults?\b|placements|transport|highways|waste|housing|capital"
        r"|financing|levy|levies|corporate|\bstaff|premises|supplies|contingency|public health",
    ),
)
_TYPES = {
    **dict.fromkeys(("cost", "expenditure", "spend", "pressure", "growth"), "cost"),
    **dict.fromkeys(("grant", "grants", "government grant"), "grant"),
    **dict.fromkeys(("tax", "local tax", "local_tax", "council tax", "rates"), "local_tax"),
    **dict.fromkeys(("charges", "fees", "income", "other income"), "charges"),
    **dict.fromkeys(("total", "saving", "savings", "reserves", "ignore", "gap"), ""),
}
#: Words of lines that may hold what each year adds.
_INCREASE = re.compile(r"pressure|growth|inflation|award|demand|increase|uplift|demograph|change")
_GROWTH = {"grant": "grant_growth", "local_tax": "tax_growth", "charges": "charges_growth"}
#: A row whose later columns are all below this part of its base reads as changes; one whose
#: later columns all lie between the other two, as levels.
_CHANGES, _LEAST, _MOST = 0.3, 0.5, 2.0


@dataclass
class Line:
    """One line of a plan: what it is, and its amounts, income and cost both above 0 [£m]."""

    row: int
    name: str
    kind: str
    given: list[float]
    reads: str = ""


@dataclass(frozen=True)
class Plan:
    """What a plan says of one body.

    openings  cost, grant, local_tax, charges in the base year [£m]
    growths   growth by year of each income, as `[planning.by.<body>]` has it
    cost      planned cost of each year, before savings [£m]
    """

    openings: Mapping[str, float] = field(default_factory=dict)
    growths: Mapping[str, list[float]] = field(default_factory=dict)
    cost: tuple[float, ...] = ()
    lines: tuple[Line, ...] = ()
    faults: tuple[CellFault, ...] = ()
    remarks: tuple[str, ...] = ()
    organisation: str = ""

    def of(self, organisation: str) -> Plan:
        """Return the plan with the body it is of."""
        return replace(self, organisation=organisation)


def read_plan(
    sheet: Sheet,
    *,
    start_year: str,
    years: int,
    rows: str | None = None,
    unit: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Plan:
    """Return a plan, or every fault that keeps it from being read.

    rows  "levels", "changes", or "each" as each row reads; without it all rows must agree
    """
    layout = find_layout(sheet.rows, PLAN, needs=("none",), given=columns or {}, years=True)
    if layout is None:
        calendar = any(_calendar(row) for row in sheet.rows[:HEAD_ROWS])
        said = "has calendar years, which may begin or end a financial year" if calendar else ""
        return _fault(said or "has no row of headings with years", "2025/26, 2026/27 …")
    first = int(start_year[:4])
    wanted = [f"{y}/{(y + 1) % 100:02d}" for y in range(first - 1, first + years)]
    by_year = {c.key.removeprefix("year:"): c for c in layout.columns if c.key.startswith("year:")}
    if wanted[0] not in by_year:
        return _fault(
            f"has no column {wanted[0]}, the year before the study's first",
            f"a base column {wanted[0]}; the file has {', '.join(by_year)}",
        )
    if layout.twice:
        return Plan(faults=(two_of_a_year(layout),))
    taken = [by_year[label] for label in wanted if label in by_year]
    if len(taken) > 1 and len(taken) != 1 + max(
        n for n, label in enumerate(wanted) if label in by_year
    ):
        return _fault(f"lacks a year between {wanted[0]} and its last", "every year")
    if len(taken) < 2:
        return _fault("has no year of the study", f"{wanted[1]} to {wanted[-1]}")
    lines, faults, remarks = _lines(sheet, layout, taken, unit)
    faults += _how_rows_read(lines, rows)
    if faults:
        return Plan(faults=tuple(faults), remarks=tuple(remarks))
    return _sums(lines, taken, remarks)


def _calendar(row: Sequence[Any]) -> bool:
    """Say whether a row has two years such as 2026, or FY26."""
    texts = [text_of(cell) for cell in row]
    return sum(re.fullmatch(r"(?i)(fy ?)?(20)?[1-9]\d", text) is not None for text in texts) > 1


def _fault(message: str, allowed: str) -> Plan:
    return Plan(faults=(CellFault(0, -1, "", "", message, allowed),))


def _lines(
    sheet: Sheet, layout: Layout, taken: list[Column], unit: str | None
) -> tuple[list[Line], list[CellFault], list[str]]:
    """Read the lines of a plan, each with its kind and amounts as typed."""
    lines, faults, remarks = [], [], list(sheet.remarks)
    named = layout.find("name")
    place_of_name = named.place if named else 0
    title = text_of(sheet.rows[layout.row][place_of_name]) if sheet.rows[layout.row] else ""
    above = layout.unit if unit is None else None
    if above:
        remarks.append(f"amounts in {above}, as the title above them says")
    unit = unit or above
    for place in range(layout.first, len(sheet.rows)):
        cells = sheet.rows[place]
        name = text_of(cells[place_of_name]) if place_of_name < len(cells) else ""
        values = [cells[c.place] if c.place < len(cells) else None for c in taken]
        if all(is_missing(value) for value in values):
            continue
        kind = _kind(name, layout, cells)
        if kind is None:
            faults.append(
                CellFault(
                    place + 1,
                    place_of_name,
                    title,
                    name,
                    "has a name that shows neither income nor cost",
                    "a column Type with cost, grant, local tax, charges or ignore",
                )
            )
        elif kind == "":
            remarks.append(f"row {place + 1} not read: {name}")
        else:
            line = Line(place + 1, name, kind, [])
            for column, value in zip(taken, values, strict=True):
                own = column.unit or unit_in(title) or unit
                read = amount(0.0 if is_missing(value) else value, own)
                if read.value is None:
                    faults.append(
                        CellFault(
                            place + 1,
                            column.place,
                            column.heading,
                            text_of(value),
                            read.fault,
                            read.allowed,
                        )
                    )
                line.given.append(read.value or 0.0)
            lines.append(line)
    return lines, faults, remarks


def unit_in(title: str) -> str | None:
    """Return the unit that a table's title names."""
    from riskmc.inputs.cells import unit_of

    return unit_of(title)


def _kind(name: str, layout: Layout, cells: Any) -> str | None:
    column = layout.find("type")
    plain = name.casefold()
    by_name = next((kind for kind, words in _KINDS if re.search(words, plain)), None)
    if column is not None and column.place < len(cells):
        typed = text_of(cells[column.place]).casefold()
        if typed == "income" and by_name in ("grant", "local_tax"):
            return by_name
        return _TYPES.get(typed)
    return None if by_name == "unclear" else by_name


def _how_rows_read(lines: list[Line], rows: str | None) -> list[CellFault]:
    """Settle how each row reads; return a fault for each that does not say, or disagrees."""
    for line in lines:
        line.reads = rows if rows in ("levels", "changes") else _reads(line)
    if rows is None and {line.reads for line in lines if line.given[0]} == {"changes"}:
        for line in lines:
            line.reads = "changes"
    unclear = [line for line in lines if not line.reads]
    kinds = {line.reads for line in lines}
    if rows is None and len(kinds - {""}) > 1:
        return [
            CellFault(
                line.row,
                0,
                "",
                line.name,
                f"reads as {line.reads}, while other rows do not"
                if line.reads
                else "reads as neither",
                'rows = "levels" or "changes" in `plan`, or "each" to take each row as it reads',
            )
            for line in lines
        ]
    return [
        CellFault(
            line.row,
            0,
            "",
            line.name,
            "reads neither as levels nor as changes",
            'rows = "levels" or "changes" in `plan`',
        )
        for line in unclear
    ]


def _reads(line: Line) -> str:
    """Say how a row reads by its sizes: "levels", "changes", or nothing where it is unclear.

    A row that begins at 0 and is called a pressure or a growth may be either.
    """
    base, later = abs(line.given[0]), [abs(x) for x in line.given[1:]]
    if base == 0.0:
        unclear = any(later) and _INCREASE.search(line.name.casefold())
        return "" if unclear else "levels"
    if all(x < _CHANGES * base for x in later):
        return "changes"
    return "levels" if all(_LEAST * base <= x <= _MOST * base for x in later) else ""


def _levels(line: Line) -> list[float]:
    """Return a line's level of each year; income typed with a minus is turned to above 0."""
    sign = -1.0 if line.kind != "cost" and line.given[0] < 0.0 else 1.0
    given = [sign * x for x in line.given]
    if line.reads == "levels":
        return given
    levels = given[:1]
    for change in given[1:]:
        levels.append(levels[-1] + change)
    return levels


def _sums(lines: list[Line], taken: list[Column], remarks: list[str]) -> Plan:
    """Add the lines up to openings, growths and planned cost."""
    faults = []
    totals: dict[str, list[float]] = {}
    for line in lines:
        levels = _levels(line)
        for column, level in zip(taken, levels, strict=True):
            if level < 0.0 and line.kind != "cost":
                faults.append(
                    CellFault(
                        line.row,
                        column.place,
                        column.heading,
                        f"{level:.4g}",
                        "is where this income falls below 0: are its signs mixed?",
                        'one sign for income throughout; rows = "levels" if these are levels',
                    )
                )
                break
        sums = totals.setdefault(line.kind, [0.0] * len(taken))
        totals[line.kind] = [a + b for a, b in zip(sums, levels, strict=True)]
    for kind, levels in totals.items():
        if kind != "cost" and any(a == 0.0 < b for a, b in pairwise(levels)):
            faults.append(
                CellFault(
                    0,
                    -1,
                    "",
                    "",
                    f"{kind} grows from 0, so its growth has no meaning",
                    "a base above 0",
                )
            )
    costs = [level for line in lines if line.kind == "cost" for level in _levels(line)]
    if any(level < 0.0 for level in costs) and not any(level > 0.0 for level in costs):
        totals["cost"] = [0.0 - level for level in totals["cost"]]
        remarks.append("costs are shown as negatives: read as costs")
    elif any(level < 0.0 for level in totals.get("cost", ())):
        message = "the plan's lines of cost add up to less than 0: are their signs mixed?"
        faults.append(CellFault(0, -1, "", "", message, "cost above 0, what lowers it below"))
    if "cost" not in totals:
        faults.append(CellFault(0, -1, "", "", "the plan has no cost line", "one or more"))
    if faults:
        return Plan(faults=tuple(faults), remarks=tuple(remarks))
    growths = {
        _GROWTH[kind]: [_growth(a, b) for a, b in pairwise(levels)]
        for kind, levels in totals.items()
        if kind != "cost"
    }
    return Plan(
        openings={kind: float(f"{levels[0]:.12g}") for kind, levels in totals.items()},
        growths=growths,
        cost=tuple(totals["cost"][1:]),
        lines=tuple(lines),
        remarks=tuple(remarks),
    )


def _growth(before: float, after: float) -> float:
    return 0.0 if before == 0.0 else float(f"{after / before - 1.0:.12g}")
