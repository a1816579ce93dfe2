"""The report's tables as a workbook: real numbers, units, notes; the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from riskmc.report.blocks import FUTURES
from riskmc.report.model import Report, Table, heading, numbers, pictures, tables

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

#: A workbook carries dates; these say nothing.
_NEVER = datetime(2000, 1, 1)
_ZIP_DATE = (2000, 1, 1, 0, 0, 0)
_LONGEST_NAME = 31
_WIDEST = 60
_FORMATS = {"£m": "#,##0.00", FUTURES: "0.00%"}


def write_workbook(report: Report, path: Path) -> Path:
    """Write every table of a report as a sheet of its own, behind a cover sheet."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "riskmc"
    book.properties.title = report.cover.title
    book.properties.created = book.properties.modified = _NEVER
    named = _numbers(report)
    sheets = _sheet_names([(named[table.id], table) for table in tables(report)])
    cover = book.active
    assert cover is not None
    _cover(cover, report, named, sheets)
    for table in tables(report):
        sheet = book.create_sheet(sheets[table.id])
        _fill(sheet, table, named[table.id])
    path.write_bytes(_without_clock(book))
    return path


def _numbers(report: Report) -> dict[str, str]:
    named = numbers(report)
    return named | {picture.table.id: named[picture.id] for picture in pictures(report)}


def _sheet_names(found: list[tuple[str, Table]]) -> dict[str, str]:
    """Return a sheet name for each table: "T1 Headline", short, allowed and distinct."""
    names: dict[str, str] = {}
    for number, table in found:
        kind, _, count = number.partition(" ")
        words = re.sub(r"[\[\]:*?/\\]", " ", table.id.replace("-", " "))
        names[table.id] = f"{kind[0]}{count} {words}"[:_LONGEST_NAME].strip()
    return names


def _cover(sheet: Worksheet, report: Report, named: dict[str, str], sheets: dict[str, str]) -> None:
    from openpyxl.styles import Font

    sheet.title = "Cover"
    sheet.append([report.cover.title])
    sheet.append([report.cover.subtitle])
    sheet.append([report.cover.purpose])
    sheet.append([])
    for fact in report.cover.facts:
        sheet.append([fact.label, fact.value])
    sheet.append([])
    sheet.append(["Sheet", "What it holds"])
    head = sheet.max_row
    for table in tables(report):
        sheet.append([sheets[table.id], f"{named[table.id]}: {table.caption}"])
        link = sheet.cell(sheet.max_row, 1)
        link.hyperlink = f"#'{sheets[table.id]}'!A1"
        link.font = Font(underline="single", color="12436D")
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[head]:
        cell.font = Font(bold=True)
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 100


def _fill(sheet: Worksheet, table: Table, number: str) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.append([f"{number}: {table.caption}"])
    sheet["A1"].font = Font(bold=True)
    paired = [i for i, column in enumerate(table.columns) if column.numeric]
    head = [heading(column) for column in table.columns]
    sheet.append([*head, *(f"{head[i]}, as printed" for i in paired)])
    for cell in sheet[2]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="bottom")
    for place, row in enumerate(table.rows):
        unit = table.units[place] if table.units else ""
        values: list[str | float] = [
            cell.text if cell.number is None else cell.number for cell in row
        ]
        sheet.append([*values, *(row[i].text for i in paired)])
        for i, given in enumerate(row):
            if given.number is not None:
                kind = unit or table.columns[i].unit
                sheet.cell(place + 3, i + 1).number_format = _FORMATS.get(kind, "General")
    for note in table.notes:
        sheet.append([])
        sheet.append([note])
    sheet.freeze_panes = "B3"
    _widths(sheet, table, len(paired))


def _widths(sheet: Worksheet, table: Table, more: int) -> None:
    from openpyxl.utils import get_column_letter

    for i in range(len(table.columns) + more):
        texts = [row[i].text for row in table.rows] if i < len(table.columns) else [" " * 22]
        longest = max((len(text) for text in texts), default=10)
        sheet.column_dimensions[get_column_letter(i + 1)].width = min(max(longest, 14), _WIDEST)


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
