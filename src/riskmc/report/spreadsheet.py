"""Every number as a workbook: bare numbers with errors and units; the same bytes every time."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from riskmc.report.facts import Facts
from riskmc.report.facts.evidence import origins
from riskmc.report.model import Document, Heading, Table, blocks_of, plain
from riskmc.words.cells import Book

if TYPE_CHECKING:
    from riskmc.figures.base import Figure
    from riskmc.study import Study

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
    book = Book(facts.names.title)
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
    _cover(book, facts, sheets)
    for name, caption, rows in sheets:
        _fill(book, name, caption, rows)
    path.write_bytes(book.bytes())
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


def _cover(book: Book, facts: Facts, sheets: Sequence[tuple[str, str, Rows]]) -> None:
    names = facts.names
    sheet = book.sheet("Cover")
    book.row(sheet, 0, [names.title], bold=True, font_size=14)
    book.row(sheet, 1, [f"{names.draws:,} simulated futures, seed {names.seed}, study {names.sha}"])
    units = "Money in £m; chances and shares as fractions; mcse: Monte Carlo standard error."
    book.row(sheet, 2, [units])
    book.row(sheet, 4, ["Sheet", "What it holds"], bold=True)
    for at, (name, caption, _) in enumerate(sheets, 5):
        book.row(sheet, at, [name, _safe(caption)])
        book.link(sheet, at, name, underline=True, font_color="#12436D")
    sheet.set_column("A:A", 22)
    sheet.set_column("B:B", 100)


def _fill(book: Book, name: str, caption: str, rows: Rows) -> None:
    sheet = book.sheet(name)
    book.row(sheet, 0, [_safe(caption)], bold=True)
    head, *body = [[_safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    book.row(sheet, 1, head, bold=True, text_wrap=True, valign="bottom")
    for at, row in enumerate(body, 2):
        book.row(sheet, at, row)
    sheet.freeze_panes(2, 1)
    for i in range(max(len(row) for row in rows)):
        lengths = [len(str(row[i])) for row in rows[:60] if i < len(row) and row[i] is not None]
        sheet.set_column(i, i, min(max([10, *lengths]), _WIDEST))


def _safe(text: str) -> str:
    """Return text that a spreadsheet takes as text: no control characters, never a formula."""
    clean = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
    return f"'{clean}" if clean[:1] in ("=", "+", "@") else clean
