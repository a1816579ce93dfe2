"""The annex, the page and the tables: complete, self-contained, the same every time."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import openpyxl
import pypdf
import pytest
from report_cases import report_of

from riskmc.report import ANNEX, HTML, PAPER, TABLES
from riskmc.report.annex.cells import estimate
from riskmc.report.annex.statements import _TERMS
from riskmc.report.facts.store import Fact
from riskmc.report.model import Table, blocks_of, plain, words_of
from riskmc.report.pdf import render_pdf
from riskmc.variables import MONEY


def test_the_annex_closes_up_and_carries_errors() -> None:
    """Would catch a section without content, or an estimate of the annex without its error."""
    report = report_of(2, 13)
    ids = [page.id for page in report.annex.pages]
    assert ids == ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10"]
    alone = report_of(1, 1)
    assert [page.id for page in alone.annex.pages] == [
        "a2",
        "a3",
        "a4",
        "a5",
        "a7",
        "a8",
        "a9",
        "a10",
    ]
    measures = next(page for page in report.annex.pages if page.id == "a4")
    table = next(block for block in measures.blocks if isinstance(block, Table))
    first = [plain(cell) for cell in table.rows[0].cells]
    assert all("±" in cell for cell in first[1:])
    text = " ".join(words_of(report.annex))
    assert "any of several holders" in text.lower()
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(report.annex)))
    assert len(reader.pages) >= 5
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is not None
    assert "StructTreeRoot" in str(root)


def test_the_page_needs_nothing_else_and_has_one_heading() -> None:
    """Would catch a link to a network, a figure without words, a second title."""
    page = report_of(2, 13).html()
    assert '<html lang="en-GB">' in page
    assert page.count("<h1") == 1
    assert not re.search(r'(?:src|href)="https?:', page)
    assert "@import" not in page
    assert not re.search(r"url\((?!data:)", page)
    drawn = re.findall(r"<svg [^>]*>", page)
    assert drawn
    assert all('aria-label="' in svg for svg in drawn)
    assert page.count("<details") == len(report_of(2, 13).annex.pages)
    assert "<details open" not in page
    for table in re.findall(r"<table.*?</table>", page, re.S):
        assert 'scope="col"' in table
        assert 'scope="row"' in table
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_the_page_says_what_the_paper_says() -> None:
    """Would catch a word that stands in one rendering and not in the other."""
    report = report_of(2, 13)
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", report.html()))
    for text in words_of(report.paper):
        for part in re.split(r"\s*\|\s*", text):
            words = part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            shown = words.replace('"', "&#34;").replace("'", "&#39;")
            assert re.sub(r"\s+", " ", shown).strip() in page, text


def test_the_explorer_reads_exact_quantiles() -> None:
    """Would catch a curve of another body, or amounts that lost their size."""
    report = report_of(2, 3)
    page = report.html()
    found = re.search(r'id="x-data">(.*?)</script>', page, re.S)
    assert found
    data = json.loads(found[1])
    middle = data["shares"].index(0.5)
    for i, regime in enumerate(report.facts.names.regimes):
        curve = data["curves"][f"deficit|place|all|{i}"]
        expected = report.facts.value("deficit", "p50", regime)
        assert curve[middle] * data["step"] == pytest.approx(expected, abs=0.011, rel=0.02)


def test_the_tables_hold_every_fact(tmp_path: Path) -> None:
    """Would catch a number that is printed and stands in no sheet."""
    report = report_of(2, 3)
    book = openpyxl.load_workbook(report.write_tables(tmp_path))
    rows = sum(book[name].max_row - 2 for name in ("Headline", "By year", "Bodies"))
    assert rows == len(report.facts.numbers)
    assert "Rules" in book.sheetnames
    assert "Figure 1" in book.sheetnames
    link = book["Cover"]["A6"].hyperlink
    assert link is not None
    assert link.location == "'Headline'!A1"
    assert book.properties.modified == datetime(2000, 1, 1), "no clock"
    again = (tmp_path / TABLES).read_bytes()
    report.write_tables(tmp_path)
    assert (tmp_path / TABLES).read_bytes() == again, "same results, same bytes"


def test_files_are_written_under_their_names(tmp_path: Path) -> None:
    """Would catch an output that goes elsewhere, or one that is not made of the same facts."""
    report = report_of(2, 3)
    assert report.write_paper(tmp_path) == tmp_path / PAPER
    assert report.write_annex(tmp_path) == tmp_path / ANNEX
    assert report.write_html(tmp_path) == tmp_path / HTML
    assert (tmp_path / PAPER).read_bytes() == render_pdf(report.paper)


def test_terms_are_explained_once() -> None:
    """Would catch a term with two entries."""
    names = [name for name, _ in _TERMS]
    assert len(names) == len(set(names))


def test_every_table_has_as_many_cells_as_columns() -> None:
    """Would catch a row that slips a column."""
    for report in (report_of(2, 13), report_of(1, 1)):
        for document in (report.paper, report.annex):
            for block in blocks_of(document):
                if isinstance(block, Table):
                    for row in block.rows:
                        assert row.group or len(row.cells) == len(block.columns)


def test_the_annex_reads_the_harm_of_cuts_twice() -> None:
    """Would catch one reading without the other, or a range without the words that mark it."""
    text = " ".join(words_of(report_of(2, 3).annex))
    for words in ("No effect on health found", "Avoidable deaths up to 3% higher", "0% to 3%"):
        assert words in text
    assert "no English estimate exists" in text
    assert "Bordignon" in text
    assert "Arcà" in text


def test_what_rounding_leaves_is_nil() -> None:
    """Would catch a sum that cancels printed as an amount, with an error of nothing."""
    left = Fact(1e-16, 2e-16, 0.0, 3e-16, False, MONEY)
    assert estimate(left) == "nil"


def test_every_set_of_rules_is_in_every_table_that_compares_them() -> None:
    """Would catch the fifth set of rules, such as `--neutral` adds, left out of A2, A4 or A6."""
    report = report_of(6, 3, kind="unlike and long")
    names = report.facts.names
    assert len(names.main) > 4
    pages = {page.id: page for page in report.annex.pages}
    rows = [""]
    for page in ("a2", "a4", "a6"):
        tables = [block for block in pages[page].blocks if isinstance(block, Table)]
        words = " ".join(column.heading for table in tables for column in table.columns)
        words += " ".join(table.caption for table in tables)
        rows += [plain(row.cells[0]) for table in tables for row in table.rows]
        for name in names.compared:
            assert names.regimes[name].short in words, (page, name)
    assert "Planned savings delivered, all years" in rows


def test_the_annex_shows_labels_and_not_keys() -> None:
    """Would catch "settlement: in year cuts" and "settlement.period" where a noun is wanted."""
    tables = [b for b in blocks_of(report_of(2, 13).annex) if isinstance(b, Table)]
    rules = [t for t in tables if t.columns[0].heading in ("Where", "Rule")]
    first = [plain(row.cells[0]) for table in rules for row in table.rows]
    assert "Council: bailout granted" in first
    assert not [words for words in first if "_" in words or re.search(r"\w\.\w", words)]
