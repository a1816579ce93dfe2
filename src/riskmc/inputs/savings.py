"""Savings by scheme, row by row as the tables of `[[schemes]]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskmc.inputs.cells import amount, chance, is_missing, text_of
from riskmc.inputs.faults import CellFault
from riskmc.inputs.headings import (
    SAVINGS,
    Column,
    Layout,
    find_layout,
    two_of_a_year,
    year_of,
)
from riskmc.inputs.register import TOTAL, Rows, Words
from riskmc.inputs.scales import marked
from riskmc.inputs.sheets import Sheet

_YES = ("yes", "y", "r", "rec", "recurrent", "recurring", "ongoing", "permanent", "full year")
_NO = (
    *("no", "n", "nr", "non-rec", "one-off", "one off", "oneoff", "non-recurrent", "nonrecurrent"),
    *("non recurrent", "non-recurring", "temporary"),
)


def read_savings(
    sheet: Sheet,
    *,
    organisation: str | None = None,
    unit: str | None = None,
    columns: Mapping[str, str] | None = None,
    bodies: Mapping[str, str] | None = None,
    words: Words | None = None,
) -> Rows:
    """Return the rows of a savings plan as tables of `[[schemes]]`, with every fault.

    Columns headed by a financial year hold what is to be newly saved in it; or one amount and a
    start. Delivery is a share, a per cent, or a word (RAG) of the study's `[bands.delivery]`.
    """
    found = Rows(remarks=list(sheet.remarks))
    layout = find_layout(
        sheet.rows, SAVINGS, needs=("name", "amount"), given=columns or {}, years=True
    )
    if layout is None or layout.find("name") is None:
        found.faults.append(
            CellFault(
                0,
                -1,
                "",
                "",
                "has no row of headings with a scheme and its savings",
                "headings such as Scheme, 2026/27, 2027/28, RAG, Recurrent",
            )
        )
        return found
    if layout.ignored:
        found.remarks.append(f"columns not read: {', '.join(layout.ignored)}")
    if layout.unit and unit is None:
        found.remarks.append(f"amounts in {layout.unit}, as the title above them says")
    unit = unit or layout.unit
    if layout.twice:
        found.faults.append(two_of_a_year(layout))
    for place in range(layout.first, len(sheet.rows)):
        name = text_of(_cell(sheet, place, layout.find("name")))
        if sheet.is_blank(place):
            continue
        adds_up = (
            TOTAL.match(name or sheet.label(place))
            and _cell(sheet, place, layout.find("delivery")) is None
        )
        if adds_up or sheet.is_note(place, layout.first):
            found.remarks.append(f"row {place + 1} not read: {name or sheet.label(place)}")
            continue
        faults = len(found.faults)
        where: dict[str, Column] = {}
        table = _scheme(sheet, place, layout, found, where, unit)
        word, column = table.get("delivery"), layout.find("delivery")
        if isinstance(word, str) and words is not None and column is not None:
            allowed = words("delivery", word)
            if allowed:
                found.wrong(place + 1, column, word, "is not understood", allowed)
        given = text_of(_cell(sheet, place, layout.find("organisation")))
        plain = {text.casefold(): body for text, body in (bodies or {}).items()}
        body = plain.get(given.casefold(), given) or organisation
        if not name or not body:
            what = "has no name" if not name else "names no body"
            found.faults.append(CellFault(place + 1, -1, "", "", what, "a name and a body"))
        if len(found.faults) == faults:
            found.tables.append({"name": name, "organisation": body, **table})
            found.places.append((place + 1, where))
    _turned(found)
    return found


def _turned(found: Rows) -> None:
    """Turn savings above 0 where the whole table shows them below."""
    amounts = [amount for table in found.tables for amount in table["amount"]]
    if any(amount < 0.0 for amount in amounts) and not any(amount > 0.0 for amount in amounts):
        for table in found.tables:
            table["amount"] = [0.0 - amount for amount in table["amount"]]
        found.remarks.append("savings are shown as negatives: read as savings")


def _cell(sheet: Sheet, place: int, column: Column | None) -> Any:
    row = sheet.rows[place]
    if column is None or column.place >= len(row) or is_missing(row[column.place]):
        return None
    return row[column.place]


def _scheme(
    sheet: Sheet,
    place: int,
    layout: Layout,
    found: Rows,
    where: dict[str, Column],
    unit: str | None,
) -> dict[str, Any]:
    """Read amounts, start, delivery and recurrence of a row."""
    table: dict[str, Any] = {}
    by_year: dict[str, float] = {}
    per_cent, _ = marked(sheet, layout)
    for column in layout.columns:
        value = _cell(sheet, place, column)
        if value is None:
            continue
        if column.key == "amount" or column.key.startswith("year:"):
            read = amount(value, column.unit or unit)
            if read.value is None:
                found.wrong(place + 1, column, value, read.fault, read.allowed)
            elif column.key == "amount":
                table["amount"] = [read.value]
            else:
                by_year[column.key.removeprefix("year:")] = read.value
            where["amount"] = column
        elif column.key in ("delivery", "recurrent", "start"):
            _more(place, column, value, found, table, per_cent)
            where[column.key] = column
    if by_year:
        years = sorted(by_year)
        first = int(years[0][:4])
        table["start"] = years[0]
        table["amount"] = [
            by_year.get(f"{year}/{(year + 1) % 100:02d}", 0.0)
            for year in range(first, int(years[-1][:4]) + 1)
        ]
    if "amount" not in table:
        found.faults.append(CellFault(place + 1, -1, "", "", "saves nothing", "an amount"))
    return table


def _more(
    place: int,
    column: Column,
    value: Any,
    found: Rows,
    table: dict[str, Any],
    per_cent: frozenset[int],
) -> None:
    text = text_of(value)
    if column.key == "start":
        label = year_of(text)
        if label is None:
            found.wrong(place + 1, column, value, "is not a financial year", "such as 2026/27")
        else:
            table["start"] = label
    elif column.key == "recurrent" and text.casefold() in (*_YES, *_NO):
        table["recurrent"] = 1.0 if text.casefold() in _YES else 0.0
    else:
        if column.place in per_cent and not text.endswith("%"):
            value = f"{text}%"
        read = chance(value)
        zero = text in ("0", "0%")
        if (read.value is not None or zero) and "risk" in column.heading.casefold():
            allowed = "a column Delivery with what is delivered, or words such as Red of [bands]"
            found.wrong(place + 1, column, value, "may be the chance of failing", allowed)
        elif read.value is not None or zero:
            table[column.key] = 0.0 if zero else read.value
        elif column.key == "delivery" and any(letter.isalpha() for letter in text):
            table["delivery"] = text
        else:
            found.wrong(place + 1, column, value, read.fault, "a share, a per cent, or yes or no")
