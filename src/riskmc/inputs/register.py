"""A risk register as a finance team keeps it, row by row as the tables of `[[risks]]`.

Words (likelihoods, impacts in bands) are left as they stand: what they mean is typed in the
study's `[bands]`. Columns of inherent and residual risk become a risk and its mitigation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from riskmc.inputs.cells import Reading, amount, chance, is_missing, plain_number, span, text_of
from riskmc.inputs.faults import CellFault
from riskmc.inputs.headings import REGISTER, Column, Layout, find_layout, year_of
from riskmc.inputs.scales import SCORE, marked
from riskmc.inputs.sheets import Sheet

_AMOUNTS = ("impact", "low", "likely", "high", "cap", "mitigation_cost")
_CLOSED = re.compile(r"(closed|retired|archived|withdrawn)\b")
_YES, _NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")
#: Names of rows that add others up.
TOTAL = re.compile(r"(?i)^(grand |sub-? ?)?totals?\b|^sum\b|\btotal$")
#: Words of a cell that is still to be filled in: no words of a table of bands.
_NO_FIGURE = (
    "nan",
    "inf",
    "infinity",
    "tbc",
    "tbd",
    "unknown",
    "not known",
    "to be confirmed",
    "not quantified",
)
#: What makes a cell more than one financial year: "2026/27 onwards", "2026/27+".
_MORE_THAN_A_YEAR = re.compile(r"(?i)\+|\b(?!fy|year|to\b)[a-z]+")


#: Says, of a kind of band and a word, what is allowed instead; nothing for a word it has.
Words: TypeAlias = Callable[[str, str], str]


@dataclass
class Rows:
    """What was understood of a table: rows as tables, and where each key was read.

    places  for each row, its number in the file, and the column of each of its keys
    """

    tables: list[dict[str, Any]] = field(default_factory=list)
    places: list[tuple[int, dict[str, Column]]] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def wrong(self, row: int, column: Column, value: Any, message: str, allowed: str) -> None:
        """Record a cell that is not understood."""
        self.faults.append(
            CellFault(row, column.place, column.heading, text_of(value), message, allowed)
        )


def read_register(
    sheet: Sheet,
    *,
    organisation: str | None = None,
    unit: str | None = None,
    columns: Mapping[str, str] | None = None,
    bodies: Mapping[str, str] | None = None,
    words: Words | None = None,
) -> Rows:
    """Return the rows of a register as tables of `[[risks]]`, with every fault.

    organisation  id of the body that bears what names no body
    unit          unit of amounts whose heading names none: £m, £000 or £
    columns       headings by key, where they are unusual
    bodies        ids by name, to find the body of a row
    words         says what a kind of band allows, nothing for a word that it has; without it
                  words are left for the study to explain
    """
    found = Rows(remarks=list(sheet.remarks))
    layout = find_layout(sheet.rows, REGISTER, needs=("name",), given=columns or {})
    if layout is None or not any(_occurs(c.key) for c in layout.columns):
        found.faults.append(
            CellFault(
                0,
                -1,
                "",
                "",
                "has no row of headings with a risk and its likelihood or rate",
                "headings such as Risk, Likelihood, Impact £000; or columns = { name = ... }",
            )
        )
        return found
    if layout.ignored:
        found.remarks.append(f"columns not read: {', '.join(layout.ignored)}")
    if layout.unit and unit is None:
        found.remarks.append(f"amounts in {layout.unit}, as the title above them says")
    _mean_for_mode(layout, found)
    if layout.continued:
        message = "has headings in two rows"
        found.faults.append(CellFault(0, -1, "", "", message, "one row: Low £000, High £000"))
        return found
    per_cent, scores = marked(sheet, layout)
    reader = _Reader(
        sheet,
        layout,
        found,
        organisation,
        unit or layout.unit,
        bodies or {},
        words,
        per_cent,
        scores,
    )
    for place in range(layout.first, len(sheet.rows)):
        if not sheet.is_blank(place):
            reader.row(place)
    return found


def _mean_for_mode(layout: Layout, found: Rows) -> None:
    """Refuse a column of means between low and high: a mean is no most likely cost."""
    keys = {column.key for column in layout.columns}
    means = [text for text in layout.ignored if re.search(r"(?i)\b(expected|mean|average)\b", text)]
    if {"low", "high"} <= keys and "likely" not in keys and means:
        found.faults.append(
            CellFault(
                0,
                -1,
                "",
                "",
                f"has low and high costs and '{means[0]}', but no most likely cost",
                f'a column Most likely; or columns = {{ likely = "{means[0]}" }}, if it is that',
            )
        )


def _occurs(key: str) -> bool:
    return key in ("probability", "rate")


@dataclass
class _Reader:
    sheet: Sheet
    layout: Layout
    found: Rows
    organisation: str | None
    unit: str | None
    bodies: Mapping[str, str]
    words: Words | None
    per_cent: frozenset[int]
    scores: frozenset[int]
    names: set[tuple[str, str]] = field(default_factory=set)

    def cell(self, place: int, column: Column | None) -> Any:
        """Return the cell of a row in a column; None where there is none or it is missing."""
        row = self.sheet.rows[place]
        if column is None or column.place >= len(row) or is_missing(row[column.place]):
            return None
        return row[column.place]

    def row(self, place: int) -> None:
        """Read one row that is not blank."""
        number = place + 1
        name = text_of(self.cell(place, self.layout.find("name")))
        status = text_of(self.cell(place, self.layout.find("status"))).casefold()
        chances = (c for c in self.layout.columns if _occurs(c.key))
        adds_up = TOTAL.match(name or self.sheet.label(place)) and not any(
            self.cell(place, c) is not None for c in chances
        )
        if adds_up or _CLOSED.match(status):
            self.found.remarks.append(f"row {number} not read: {name or self.sheet.label(place)}")
            return
        if self.sheet.is_note(place, self.layout.first):
            self.found.remarks.append(f"row {number} not read: a note")
            return
        faults = len(self.found.faults)
        table: dict[str, Any] = {"name": name}
        where: dict[str, Column] = {}
        if not name:
            self._missing(number, "name", "a name for the risk")
        self._body(place, table, where)
        both = {column.side for column in self.layout.columns} >= {"before", "after"}
        sides = ("before", "") if both else ("before", "after", "")
        for side in sides:
            self._figures(place, side, table, where)
        if both:
            mitigation: dict[str, Any] = {}
            self._figures(place, "after", mitigation, where)
            if mitigation.get("probability") == 0.0:  # done away with
                mitigation = {"impact": 0.0}
            if mitigation:
                table["mitigation"] = {**table.get("mitigation", {}), **mitigation}
        self._more(place, table, where)
        if len(self.found.faults) == faults:
            self._complete(number, table)
        if len(self.found.faults) == faults:
            self._own_name(place, table)
            self.found.tables.append(table)
            self.found.places.append((number, where))

    def _complete(self, number: int, table: Mapping[str, Any]) -> None:
        if not any(_occurs(key) for key in table):
            self._missing(number, "probability", "a probability, a word of [bands], or a rate")
        if not any(key in _AMOUNTS or re.fullmatch(r"p\d+", key) for key in table):
            self._missing(number, "impact", "an amount")

    def _missing(self, number: int, key: str, allowed: str) -> None:
        column = next((c for c in self.layout.columns if c.key == key), None)
        if column is None:
            self.found.faults.append(CellFault(number, -1, "", "", f"has no {key}", allowed))
        else:
            self.found.wrong(number, column, "", "is empty", allowed)

    def _own_name(self, place: int, table: dict[str, Any]) -> None:
        """Give a risk that has the name of another of its body its reference as well."""
        key = table["name"], table["organisation"]
        ref = text_of(self.cell(place, self.layout.find("ref")))
        if key in self.names and ref:
            table["name"] = f"{table['name']} ({ref})"
        self.names.add((table["name"], table["organisation"]))

    def _body(self, place: int, table: dict[str, Any], where: dict[str, Column]) -> None:
        column = self.layout.find("organisation")
        given = text_of(self.cell(place, column))
        if column is not None and given:
            plain = {text.casefold(): body for text, body in self.bodies.items()}
            table["organisation"] = plain.get(given.casefold(), given)
            where["organisation"] = column
        elif self.organisation is not None:
            table["organisation"] = self.organisation
        else:
            self.found.faults.append(
                CellFault(place + 1, -1, "", "", "names no body", 'organisation = "id" of the file')
            )

    def _figures(
        self, place: int, side: str, table: dict[str, Any], where: dict[str, Column]
    ) -> None:
        """Read chance and amounts of one side."""
        for column in self.layout.columns:
            value = self.cell(place, column)
            if column.side != side or value is None:
                continue
            key = column.key
            if key == "probability":
                read = self._chance(value, column)
            elif key in _AMOUNTS or re.fullmatch(r"p\d+", key):
                read = self._amount(value, column)
            elif key == "rate":
                read = plain_number(value)
            else:
                continue
            if (
                isinstance(read, Reading)
                and read.value is None
                and self._range(value, column, table)
            ):
                where[key] = column
                continue
            if isinstance(read, str) and self.words is not None:
                kind = "likelihood" if key == "probability" else "impact"
                allowed = self.words(kind, read)
                read = _unknown(read, kind, allowed) if allowed else read
            if isinstance(read, Reading) and read.value is None:
                self.found.wrong(place + 1, column, value, read.fault, read.allowed)
            elif key == "mitigation_cost":
                table.setdefault("mitigation", {})["cost"] = _value(read)
            else:
                table[key] = _value(read)
                where[key] = column

    def _chance(self, value: Any, column: Column) -> Reading | str:
        """Return a probability, or the word or score that stands for one."""
        text = text_of(value)
        if column.place in self.per_cent and not text.endswith("%"):
            return chance(f"{text}%")
        score = column.place in self.scores or text not in ("0", "1")
        if SCORE.fullmatch(text) and score:
            return text
        if column.side == "after" and plain_number(value).value == 0.0:
            return Reading(0.0)
        read = chance(value)
        wordy = re.search(r"[A-Za-z]{2}", text) is not None or text in "HML"
        return text if read.value is None and wordy and _may_be_a_word(text) else read

    def _amount(self, value: Any, column: Column) -> Reading | str:
        """Return an amount, or the word that stands for one."""
        text = text_of(value)
        if column.place in self.scores and SCORE.fullmatch(text):
            return text
        read = amount(value, column.unit or self.unit)
        wordy = re.search(r"[A-Za-z]{3}", text) is not None and column.key == "impact"
        return text if read.value is None and wordy and _may_be_a_word(text) else read

    def _range(self, value: Any, column: Column, table: dict[str, Any]) -> bool:
        """Read a range, such as "£0.5m - £1m", as its two ends; say whether it is one."""
        if column.key == "probability":
            ends = span(value, chance)
            if ends is not None:
                table["probability"] = {"low": ends[0], "high": ends[1]}
        else:
            unit = column.unit or self.unit
            ends = span(value, lambda text: amount(text, unit)) if column.key == "impact" else None
            if ends is not None:
                table["low"], table["high"] = ends
        return ends is not None

    def _more(self, place: int, table: dict[str, Any], where: dict[str, Column]) -> None:
        """Read years, lasts and once."""
        read: dict[str, Callable[[str], Any]] = {
            "years": _years,
            "lasts": _whole,
            "once": lambda text: {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}.get(
                text.casefold()
            ),
        }
        allowed = {"years": "2026/27, or several separated by commas", "lasts": "a whole number"}
        for key, make in read.items():
            column = self.layout.find(key)
            text = text_of(self.cell(place, column))
            if column is None or not text or (key == "years" and text.casefold() == "all"):
                continue
            value = make(text)
            if value is None:
                self.found.wrong(
                    place + 1, column, text, "is not understood", allowed.get(key, "yes or no")
                )
            else:
                table[key], where[key] = value, column


def _value(read: Reading | str) -> Any:
    return read if isinstance(read, str) else read.value


def _may_be_a_word(text: str) -> bool:
    """Say whether a text can be a word of a table of bands: no money, nothing left to fill in."""
    return not any(mark in text for mark in "£#") and text.casefold() not in _NO_FIGURE


def _unknown(text: str, kind: str, allowed: str) -> Reading:
    """Return the fault of a word or score that the study does not explain."""
    if kind == "likelihood" and SCORE.fullmatch(text):
        allowed = f"{text}% if it is in per cent; {allowed}"
    return Reading(fault="is not understood", allowed=allowed)


def _years(text: str) -> list[str] | None:
    """Return the years that a cell lists, or all from the first to the last: 2026/27 to 2028/29."""
    ends = re.fullmatch(r"(\S+)\s*(?:to|-|\u2013)\s*(\S+)", text)
    first, last = map(year_of, ends.groups()) if ends else (None, None)
    if first and last and first < last:
        return [f"{y}/{(y + 1) % 100:02d}" for y in range(int(first[:4]), int(last[:4]) + 1)]
    parts = [part.strip() for part in re.split(r"[,;&]|\band\b", text) if part.strip()]
    labels = [year_of(part) for part in parts if not _MORE_THAN_A_YEAR.search(part)]
    return None if len(labels) < max(len(parts), 1) or None in labels else [x for x in labels if x]


def _whole(text: str) -> int | None:
    return int(text) if text.isdigit() else None
