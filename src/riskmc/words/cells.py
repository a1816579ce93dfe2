"""Text in tables that other programs open: it stays text, and never becomes a formula."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any

#: What a spreadsheet takes a cell for a formula by, and what it skips before that.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: A workbook carries a date; this one says nothing.
_NEVER = datetime(2000, 1, 1)


def csv_cell(value: Any) -> Any:
    """Return a CSV cell: text that a spreadsheet would take for a formula behind an apostrophe.

    Numbers stay as they are, negative ones too, written as text or not.

    Examples
    --------
    >>> csv_cell("=1+1"), csv_cell("-2+3|cmd"), csv_cell("-2.5"), csv_cell("Trust")
    ("'=1+1", "'-2+3|cmd", '-2.5', 'Trust')
    """
    if not isinstance(value, str) or not value.startswith(_BEGINS_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


class Book:
    """A workbook of numbers, and of text that stays text: the same bytes every time.

    Parameters
    ----------
    title : str
        What the file says of itself.
    """

    def __init__(self, title: str) -> None:
        from xlsxwriter import Workbook

        self._file = io.BytesIO()
        self._book = Workbook(self._file, {"in_memory": True})
        self._book.set_properties({"title": title, "author": "riskmc", "created": _NEVER})
        self._formats: dict[tuple[Any, ...], Any] = {}

    def sheet(self, name: str) -> Any:
        """Return a new sheet, of XlsxWriter."""
        return self._book.add_worksheet(name)

    def row(self, sheet: Any, at: int, cells: Iterable[Any], **style: Any) -> None:
        """Write a row, counted from 0: text, numbers, true or false; what is missing is left out.

        `style` is as XlsxWriter has it.
        """
        plain = self._format(style) if style else None
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                formula = cell.startswith(_BEGINS_FORMULA)
                form = self._format({**style, "quote_prefix": True}) if formula else plain
                sheet.write_string(at, column, cell, form)
            elif isinstance(cell, bool):
                sheet.write_boolean(at, column, cell, plain)
            elif cell is not None and math.isfinite(cell):
                sheet.write_number(at, column, cell, plain)
            elif cell is not None and not math.isnan(cell):
                sheet.write_string(at, column, str(cell), plain)

    def link(self, sheet: Any, at: int, name: str, **style: Any) -> None:
        """Make the first cell of a row a link to the sheet of that name."""
        sheet.write_url(at, 0, f"internal:'{name}'!A1", self._format(style), name)

    def bytes(self) -> bytes:
        """Return the file; nothing can be written after that."""
        self._book.close()
        return self._file.getvalue()

    def _format(self, style: dict[str, Any]) -> Any:
        key = tuple(style.items())
        if key not in self._formats:
            self._formats[key] = self._book.add_format(style)
        return self._formats[key]
