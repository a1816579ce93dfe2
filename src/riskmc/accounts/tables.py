"""A CSV table read cell by cell, its faults gathered by row and column until all are known."""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from riskmc.errors import InputError

#: Where the tables lie that ship with the package.
SHIPPED = Path(__file__).parent.parent / "data"
_YEAR = re.compile(r"(\d{4})[/-](?:\d\d)?(\d\d)")
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Row:
    """One row: its number in the file, and its cells by column."""

    table: Table
    line: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """Return a cell's text; empty where the column is missing."""
        return (self.cells.get(column) or "").strip()

    def number(self, column: str) -> float:
        """Return a cell's number; a fault, and 1, where it holds none."""
        text = self.text(column).replace(",", "").removeprefix("£")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.table.fault(self, column, "must be a number")
            return 1.0
        return value

    def year(self) -> str:
        """Return the financial year as `2015/16`; a fault where it is none."""
        text = self.text("year")
        match = _YEAR.fullmatch(text)
        if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
            self.table.fault(self, "year", "must be a financial year such as 2015/16")
            return ""
        return f"{match[1]}/{match[2]}"


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
    """Read a CSV file with a header that has the columns `needed`, in any order.

    Raises
    ------
    InputError
        The file cannot be read, or lacks columns: each is named, with the nearest there is.
    """
    reader = csv.DictReader(io.StringIO(_text(path), newline=""))
    columns = tuple((name or "").strip() for name in reader.fieldnames or ())
    reader.fieldnames = columns
    table = Table(path, columns)
    for column in needed:
        if column not in columns:
            near = get_close_matches(column, columns, n=1)
            hint = f"; is it '{near[0]}'?" if near else ""
            table.add(f"no column '{column}'{hint}")
    table.refuse_faults()
    for cells in reader:
        if any(isinstance(cell, str) and cell.strip() for cell in cells.values()):
            table.rows.append(Row(table, reader.line_num, cells))
    return table


def _text(path: Path) -> str:
    """Return the text of a file, perhaps compressed; UTF-8, else as Excel saves it."""
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
