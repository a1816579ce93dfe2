"""Files read as rows of cells: CSV in any of its dialects, and one sheet of a workbook."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskmc.inputs.cells import Percent, amount, text_of
from riskmc.inputs.faults import CellFault, TableError

#: Larger files, and longer tables, are no registers or plans.
MOST_BYTES = 20_000_000
MOST_ROWS = 100_000
_TEXT = (".csv", ".tsv", ".txt")
_WORKBOOK = (".xlsx", ".xlsm")
_DELIMITERS = (",", ";", "\t", "|")
#: How notes under a table begin.
_NOTE = re.compile(
    r"(?i)\s*(notes?\b|source\b|key\b|n\.?b\.?\b|\*|\u2020|prepared\b|updated\b|figures\b)"
)
#: What gives a formula that a program wrote a value.
_OPEN_AND_SAVE = "a value; open the file in Excel and save it there"
#: How many lines from the top are looked at for the delimiter.
_LOOKED_AT = 40


@dataclass(frozen=True)
class Sheet:
    """A table's cells, as the file has them.

    Parameters
    ----------
    file : str
        Name of the file.
    rows : tuple of tuple
        Cells by row, from row 1.
    remarks : tuple of str
        What was made of the file's form.
    banners : frozenset of int
        Rows, from 0, with a cell that is merged over several columns.
    others : tuple of str
        Names of a workbook's other sheets, where none was asked for.
    """

    file: str
    rows: tuple[tuple[Any, ...], ...]
    remarks: tuple[str, ...] = ()
    banners: frozenset[int] = frozenset()
    others: tuple[str, ...] = ()

    def is_blank(self, place: int) -> bool:
        """Say whether a row, counted from 0, is empty.

        Parameters
        ----------
        place : int
            Row, counted from 0.

        Returns
        -------
        bool
            True where no cell of it holds text.

        Raises
        ------
        IndexError
            Where the sheet has no such row.
        """
        return all(text_of(cell) == "" for cell in self.rows[place])

    def label(self, place: int) -> str:
        """Return the first text of a row.

        Parameters
        ----------
        place : int
            Row, counted from 0.

        Returns
        -------
        str
            Empty where the row holds no text.
        """
        return next((text for cell in self.rows[place] if (text := text_of(cell))), "")

    def is_note(self, place: int, first: int) -> bool:
        """Say whether a row below the headings is a note: one cell of text, and no line of a table.

        One that begins as notes do, is merged over several columns, or comes after a blank row
        with only such rows below.

        Parameters
        ----------
        place : int
            Row, counted from 0.
        first : int
            The first row below the headings.

        Returns
        -------
        bool
            True for a note, which is not read.
        """
        said = [text_of(cell) for cell in self.rows[place] if text_of(cell)]
        if len(said) != 1 or not any(letter.isalpha() for letter in said[0]):
            return False
        if _NOTE.match(said[0]) or place in self.banners:
            return True
        below = range(place, len(self.rows))
        alone = all(sum(bool(text_of(cell)) for cell in self.rows[row]) < 2 for row in below)
        return alone and any(self.is_blank(row) for row in range(first, place))


def read_sheet(path: Path, sheet: str | None = None) -> Sheet:
    """Read a CSV file, or a sheet of a workbook (the first that is not hidden, unless named).

    Parameters
    ----------
    path : pathlib.Path
        The file: .csv, .tsv, .txt, .xlsx or .xlsm.
    sheet : str, optional
        Name of a sheet of a workbook.

    Returns
    -------
    Sheet
        Its cells, and what was made of the file.

    Raises
    ------
    TableError
        Where the file cannot be read; says what to do.
    """
    if path.suffix.lower() in _WORKBOOK:
        return _workbook(path, _bytes(path), sheet)
    if path.suffix.lower() not in _TEXT:
        raise _refused("is neither .csv nor .xlsx; save it as one of them")
    if sheet is not None:
        raise _refused(f"is not a workbook, so it has no sheet '{sheet}'")
    return _text(path, _bytes(path))


def _refused(message: str) -> TableError:
    return TableError([CellFault(0, -1, "", "", message)])


def _bytes(path: Path) -> bytes:
    if not path.exists():
        raise _refused("does not exist")
    if not path.is_file():
        raise _refused("is a folder, not a file" if path.is_dir() else "is not an ordinary file")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused(f"is larger than {MOST_BYTES / 1e6:.0f} MB")
        return path.read_bytes()
    except OSError as error:
        raise _refused(f"cannot be read: {error.strerror or error}") from None


def _text(path: Path, data: bytes) -> Sheet:
    remarks = []
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _refused("is a workbook; name it .xlsx, or save it as .csv")
    try:
        encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
        remarks.append("read as Windows text (cp1252), since it is not UTF-8")
    if "\0" in text:
        raise _refused("is not text")
    delimiter = _delimiter(text)
    if delimiter != ",":
        name = {";": "semicolons", "\t": "tabs", "|": "bars"}[delimiter]
        remarks.append(f"columns separated by {name}")
    try:
        rows = tuple(
            tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        )
    except csv.Error as error:
        raise _refused(f"cannot be read: {error}") from None
    if len(rows) > MOST_ROWS:
        raise _refused(f"has more than {MOST_ROWS:,} rows")
    return Sheet(path.name, rows, tuple(remarks))


def _delimiter(text: str) -> str:
    """Return what parts the columns: what splits most of the first lines into most cells."""
    lines = [line for line in text.splitlines()[:_LOOKED_AT] if line.strip()]

    def cells(delimiter: str) -> int:
        try:
            return sum(len(row) - 1 for row in csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            return 0

    in_head = max((cells_of(line) for line in lines[:5]), default=(0, ","))
    counts = {delimiter: cells(delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: counts[delimiter])
    return in_head[1] if in_head[0] > 0 and counts[in_head[1]] > 0 else best


def cells_of(line: str) -> tuple[int, str]:
    """Return how often the commonest delimiter of a line occurs in it, and which it is."""
    return max((line.count(delimiter), delimiter) for delimiter in _DELIMITERS)


def _cells(page: Any) -> tuple[tuple[Any, ...], ...]:
    """Return the cells of a sheet: those shown in per cent marked, merged words in every row.

    A merged word (a body next to several risks) holds for all its rows; a merged amount does not,
    for it would count twice.
    """
    rows = [[_cell(cell) for cell in row] for row in page.iter_rows()]
    for merged in page.merged_cells.ranges:
        top, place = merged.min_row - 1, merged.min_col - 1
        value = rows[top][place] if top < len(rows) and place < len(rows[top]) else None
        words = isinstance(value, str) and amount(value, "£").value is None
        if words and merged.min_col == merged.max_col:
            for row in rows[top + 1 : merged.max_row]:
                row[place] = value
    return tuple(map(tuple, rows))


def _cell(cell: Any) -> Any:
    """Return a cell's value, marked where it is shown in per cent."""
    value = cell.value
    shown = isinstance(value, int | float) and not isinstance(value, bool)
    return Percent(value) if shown and "%" in str(cell.number_format) else value


def _workbook(path: Path, data: bytes, sheet: str | None) -> Sheet:
    from openpyxl import load_workbook

    try:
        values = load_workbook(io.BytesIO(data), data_only=True)
        formulas = load_workbook(io.BytesIO(data), data_only=False)
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise _refused(f"cannot be read as a workbook: {error}") from None
    if sheet is not None and sheet not in values.sheetnames:
        raise _refused(f"has no sheet '{sheet}'; it has {', '.join(values.sheetnames)}")
    seen = [name for name in values.sheetnames if values[name].sheet_state == "visible"]
    name = sheet or (seen or values.sheetnames)[0]
    page, typed = values[name], formulas[name]
    if not hasattr(page, "iter_rows") or page.max_row > MOST_ROWS:
        raise _refused(f"has a sheet '{name}' that is not a table of at most {MOST_ROWS:,} rows")
    rows = _cells(page)
    unsaved = [
        CellFault(place + 1, column, "", str(cell.value), "has no value saved", _OPEN_AND_SAVE)
        for place, row in enumerate(typed.iter_rows())
        for column, cell in enumerate(row)
        if cell.data_type == "f" and rows[place][column] is None
    ]
    if unsaved:
        raise TableError(unsaved)
    unread = values.sheetnames if sheet is None else ()
    others = tuple(f"'{other}'" for other in unread if other != name)
    remarks = (f"sheet '{name}' read, not {', '.join(others)}",) if others else ()
    merged = page.merged_cells.ranges
    banners = frozenset(one.min_row - 1 for one in merged if one.max_col > one.min_col)
    return Sheet(path.name, rows, remarks, banners, others)
