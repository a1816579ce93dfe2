"""A CSV table read cell by cell, its faults gathered by row and column until all are known."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from riskmc.errors import InputError
from riskmc.inputs.cells import plain_number, text_of
from riskmc.inputs.faults import TableError
from riskmc.inputs.headings import year_of
from riskmc.inputs.sheets import Sheet, read_sheet

#: Where the tables lie that ship with the package.
SHIPPED = Path(__file__).parent.parent / "data"
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Row:
    """One row: its number in the file, and its cells by column."""

    table: Table
    line: int
    cells: dict[str, Any]

    def text(self, column: str) -> str:
        """Return a cell's text; empty where the column is missing."""
        return text_of(self.cells.get(column))

    def number(self, column: str) -> float:
        """Return a cell's number; a fault, and 1, where it holds none."""
        read = plain_number(self.cells.get(column))
        if read.value is None:
            self.table.fault(self, column, f"{read.fault}; allowed: {read.allowed}")
        elif read.percent or read.factor is not None:
            self.table.fault(self, column, "must be a number in the unit of the column's name")
        else:
            return read.value
        return 1.0

    def year(self) -> str:
        """Return the financial year as `2015/16`; a fault where it is none."""
        found = year_of(self.text("year"))
        if found is None:
            self.table.fault(self, "year", "must be a financial year such as 2015/16")
        return found or ""


@dataclass
class Table:
    """The rows of a file, and the faults found so far."""

    path: Path
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def fault(self, row: Row, column: str, message: str) -> None:
        """Note a fault of a cell."""
        text = row.text(column)
        self.add(f"row {row.line}, column {column} = '{text}': {message}")

    def add(self, message: str) -> None:
        """Note a fault of the file, once."""
        line = f"{self.path}: {message}"
        if line not in self.faults:
            self.faults.append(line)

    def refuse_faults(self) -> None:
        """Raise InputError with every fault noted, if there is one."""
        if not self.faults:
            return
        shown = self.faults[:_MOST_SHOWN]
        more = len(self.faults) - len(shown)
        rest = [f"{self.path}: and {more} more faults"] if more else []
        raise InputError("\n".join([*shown, *rest]))


def read_table(path: Path, *, needed: Sequence[str]) -> Table:
    """Read a CSV file or workbook whose first row has the columns `needed`, in any order.

    Raises
    ------
    InputError
        The file cannot be read, or lacks columns: each is named, with the nearest there is.
    """
    sheet = _sheet(path)
    filled = [place for place in range(len(sheet.rows)) if not sheet.is_blank(place)]
    head = sheet.rows[filled[0]] if filled else ()
    columns = tuple(text_of(name) for name in head)
    table = Table(path, columns)
    for column in needed:
        if column not in columns:
            near = get_close_matches(column, columns, n=1)
            hint = f"; is it '{near[0]}'?" if near else ""
            table.add(f"no column '{column}'{hint}")
    table.refuse_faults()
    for place in filled[1:]:
        cells = dict(zip(columns, sheet.rows[place], strict=False))
        table.rows.append(Row(table, place + 1, cells))
    return table


def _sheet(path: Path) -> Sheet:
    """Return a file's cells; a compressed one is one of those that ship."""
    if path.suffix != ".gz":
        try:
            return read_sheet(path)
        except TableError as error:
            raise InputError(error.of(path)) from None
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return Sheet(path.name, tuple(tuple(row) for row in csv.reader(file)))
