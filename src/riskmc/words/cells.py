"""Text in tables that other programs open: it stays text, and never becomes a formula."""

from __future__ import annotations

from typing import Any

#: What a spreadsheet takes a cell for a formula by, and what it skips before that.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


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


def keep_text(book: Any) -> None:
    """Make every formula of an openpyxl workbook the text that it was typed as."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith(_BEGINS_FORMULA):
                    cell.data_type = "s"
                    cell.quotePrefix = True
