"""Every number as a workbook: bare numbers with errors and units; the same bytes every time."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from riskmc.report.facts import Facts
from riskmc.report.facts.evidence import origins
from riskmc.report.model import Document, Heading, Table, blocks_of, plain
from riskmc.words.cells import keep_text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from riskmc.figures.base import Figure
    from riskmc.study import Study

#: A workbook carries dates; these say nothing.
_NEVER = datetime(2000, 1, 1)
_ZIP_DATE = (2000, 1, 1, 0, 0, 0)
_WIDEST = 60
Rows = Sequence[Sequence[str | float | None]]


def write_workbook(
    facts: Facts,
    study: Study,
    documents: Sequence[Document],
    figures: Sequence[Figure],
    path: Path,
) -> Path:
    """Write every number of paper, annex and page: facts, figures, tables, rules."""
    from openpyxl import Workbook

    book = Workbook(write_only=False)
    book.properties.creator = "riskmc"
    book.properties.title = facts.names.title
    book.properties.created = book.properties.modified = _NEVER
    sheets: list[tuple[str, str, Rows]] = [
        (
            "Headline",
            "Every number over all years, for the body of the report",
            _facts(facts, "all"),
        ),
        ("By year", "Every number of single years", _facts(facts, "year")),
    ]
    if facts.names.is_place:
        sheets.append(("Bodies", "Every number of each body", _facts(facts, "bodies")))
    sheets += [
        (f"Figure {i}", figure.title(), _figure(figure)) for i, figure in enumerate(figures, 1)
    ]
    sheets += _tables(documents)
    sheets.append(("Rules", "Every figure of the rules, with its source", _rules(facts, study)))
    cover = book.active
    assert cover is not None
    _cover(cover, facts, sheets)
    for name, caption, rows in sheets:
        _fill(book.create_sheet(name), caption, rows)
    keep_text(book)
    path.write_bytes(_without_clock(book))
    return path


def _facts(facts: Facts, which: str) -> Rows:
    head = ("measure", "statistic or part", "regime", "less regime", "year", "body", "value",
            "mcse", "low", "high", "unit")  # fmt: skip
    rows: list[tuple[str | float | None, ...]] = [head]
    for key, found in facts:
        kind = "year" if key.year else "all" if key.body == facts.names.body else "bodies"
        if key.body == "place" and kind == "bodies":
            kind = "all"
        if kind == which:
            numbers = [
                x if math.isfinite(x) else None
                for x in (found.value, found.mcse, found.low, found.high)
            ]
            rows.append((key.measure, key.at, key.regime, key.against, key.year, key.body,
                         *numbers, found.unit))  # fmt: skip
    return rows


def _figure(figure: Figure) -> Rows:
    data = figure.table()
    return [data.columns, *data.rows]


def _tables(documents: Sequence[Document]) -> list[tuple[str, str, Rows]]:
    found: list[tuple[str, str, Rows]] = []
    for document in documents:
        letter = "P" if document.kind == "Board paper" else "A"
        count = 0
        for page in document.pages:
            part = Document(document.kind, "", "", (), (page,), "")
            title = page.title
            for block in blocks_of(part):
                if isinstance(block, Heading):
                    title = block.text
                if isinstance(block, Table):
                    count += 1
                    head = [column.heading for column in block.columns]
                    rows = [[plain(cell) for cell in row.cells] for row in block.rows]
                    found.append((f"{letter}{count}", block.caption or title, [head, *rows]))
    return found


def _rules(facts: Facts, study: Study) -> Rows:
    rows: list[tuple[str | float | None, ...]] = [
        ("rules", "figure", "value", "in words", "grade", "source", "why")
    ]
    for name in facts.names.regimes:
        for figure, origin in origins(study, name):
            rows.append((name, figure.path, _typed(figure.value), figure.words, *origin))
    return rows


def _typed(value: object) -> str | float | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, tuple):
        return ", ".join(f"{item:g}" if isinstance(item, float) else str(item) for item in value)
    return "not set" if value is None else str(value)


def _cover(sheet: Worksheet, facts: Facts, sheets: Sequence[tuple[str, str, Rows]]) -> None:
    from openpyxl.styles import Font

    names = facts.names
    sheet.title = "Cover"
    sheet.append([names.title])
    sheet.append([f"{names.draws:,} simulated futures, seed {names.seed}, study {names.sha}"])
    sheet.append(
        ["Money in £m; chances and shares as fractions; mcse: Monte Carlo standard error."]
    )
    sheet.append([])
    sheet.append(["Sheet", "What it holds"])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for name, caption, _ in sheets:
        sheet.append([name, _safe(caption)])
        link = sheet.cell(sheet.max_row, 1)
        link.hyperlink = f"#'{name}'!A1"
        link.font = Font(underline="single", color="12436D")
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 22
    sheet.column_dimensions["B"].width = 100


def _fill(sheet: Worksheet, caption: str, rows: Rows) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet.append([_safe(caption)])
    sheet["A1"].font = Font(bold=True)
    for row in rows:
        sheet.append([_safe(cell) if isinstance(cell, str) else cell for cell in row])
    for cell in sheet[2]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="bottom")
    sheet.freeze_panes = "B3"
    for i in range(max(len(row) for row in rows)):
        lengths = [len(str(row[i])) for row in rows[:60] if i < len(row) and row[i] is not None]
        width = min(max([10, *lengths]), _WIDEST)
        sheet.column_dimensions[get_column_letter(i + 1)].width = width


def _safe(text: str) -> str:
    """Return text that a spreadsheet takes as text: no control characters, never a formula."""
    clean = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
    return f"'{clean}" if clean[:1] in ("=", "+", "@") else clean


def _without_clock(book: Workbook) -> bytes:
    """Return the workbook's bytes with no trace of when they were written."""
    made = io.BytesIO()
    book.save(made)
    clean = io.BytesIO()
    with (
        zipfile.ZipFile(made) as old,
        zipfile.ZipFile(clean, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in sorted(old.namelist()):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", data
                )
            new.writestr(zipfile.ZipInfo(name, _ZIP_DATE), data, zipfile.ZIP_DEFLATED)
    return clean.getvalue()
