"""HTML, PDF and workbook: each holds everything, and the same input gives the same bytes."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from pypdf.generic import ContentStream

from riskmc.report import write_report
from riskmc.report.extra import Extra
from riskmc.report.html import render_html
from riskmc.report.model import (
    Callout,
    Items,
    Paragraph,
    Report,
    Statement,
    Table,
    Terms,
    numbers,
    pictures,
    tables,
    walk,
)
from riskmc.report.pdf import render_pdf
from riskmc.report.spreadsheet import write_workbook

if TYPE_CHECKING:
    import xarray as xr


def squeezed(text: str) -> str:
    """Text without spaces, unseen marks and hyphens inside words: what breaks cannot change."""
    text = re.sub(r"(?<=[A-Za-z])-\s*(?=[A-Za-z])", "", text)
    return re.sub(r"[\s\u00a0\u00ad\u200b\u2060]", "", text)


class Page(HTMLParser):
    """What tests ask of a page: its text, ids, references, and where they stand."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self._silent += tag in ("script", "style")
        if "id" in found:
            self.ids.append(str(found["id"]))
        for name in ("aria-labelledby", "aria-describedby", "for"):
            if name in found:
                self.references += str(found[name]).split()
        href = str(found.get("href") or "")
        if href.startswith("#"):
            self.references.append(href[1:])

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    return render_html(report)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


@pytest.fixture(scope="module")
def pdf(report: Report) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(report)))


@pytest.fixture(scope="module")
def pdf_text(pdf: PdfReader) -> str:
    return squeezed("".join(_without_margins(page.extract_text()) for page in pdf.pages))


def _without_margins(text: str) -> str:
    """A page's text without its running head and foot, which cut lists and rows in two."""
    lines = text.splitlines()
    return "\n".join(
        line
        for line in lines
        if not re.match(r"Made by riskmc|Financial risk report to the board|\d+ / \d+$", line)
    )


def test_html_holds_every_cell_and_alt_text(report: Report, page: Page) -> None:
    """Would catch a table, a row or a description that only the other rendering has."""
    text = squeezed("".join(page.text))
    for table in tables(report):
        assert squeezed(table.caption) in text
        for row in table.rows:
            assert squeezed(" ".join(cell.text for cell in row)) in text, (table.id, row)
    for picture in pictures(report):
        assert squeezed(picture.alt) in text
        assert squeezed(picture.title) in text


def test_pdf_holds_every_cell(report: Report, pdf_text: str) -> None:
    """Would catch a table or a row that only the other rendering has."""
    for table in tables(report):
        assert squeezed(table.caption) in pdf_text, table.id
        for row in table.rows:
            assert squeezed(" ".join(cell.text for cell in row)) in pdf_text, (table.id, row)


def test_pdf_holds_every_alt_text(report: Report, pdf: PdfReader) -> None:
    """Would catch a figure without its description, or with another's."""
    alts = list(_alts(pdf.trailer["/Root"]["/StructTreeRoot"], set()))
    found = {squeezed(alt) for alt in alts}
    for picture in pictures(report):
        assert squeezed(picture.alt) in found, picture.id


def _alts(node: Any, seen: set[int]) -> Any:
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from _alts(child, seen)
        return
    if not hasattr(node, "get") or id(node) in seen:
        return
    seen.add(id(node))
    if "/Alt" in node:
        yield str(node["/Alt"])
    if "/K" in node:
        yield from _alts(node["/K"], seen)


def test_both_hold_every_sentence(report: Report, page: Page, pdf_text: str) -> None:
    """Would catch a paragraph, statement or list that one rendering drops."""
    text = squeezed("".join(page.text))
    said: list[str] = []
    for block in walk(report):
        if isinstance(block, Paragraph):
            said.append(block.text)
        elif isinstance(block, Table):
            said += block.notes
        elif isinstance(block, Callout):
            said += block.paragraphs
        elif isinstance(block, Terms):
            said += [text for pair in block.terms for text in pair]
        elif isinstance(block, Statement):
            said += [*block.sentences, *block.items]
        elif isinstance(block, Items):
            said += block.items
    assert len(said) > 50
    for sentence in said:
        assert squeezed(sentence) in text
        assert squeezed(sentence) in pdf_text, sentence


def test_html_is_whole_in_itself(html: str, page: Page) -> None:
    """Would catch a file that needs the network, or would let it be reached."""
    names = re.sub(r'xmlns(:\w+)?="[^"]*"', "", html)
    assert not re.search(r"https?://|//[a-z]+\.", names)
    policy = next(a for t, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert str(policy["content"]).startswith("default-src 'none'")
    for tag, attributes in page.tags:
        assert "src" not in attributes, tag
        assert tag not in ("link", "iframe", "object", "embed"), tag


def test_html_ids_are_unique_and_references_hit(page: Page) -> None:
    """Would catch figures that share ids, and labels that point nowhere."""
    assert len(page.ids) == len(set(page.ids))
    assert set(page.references) <= set(page.ids)


def test_html_tables_are_marked_up(report: Report, page: Page) -> None:
    """Would catch a table without caption or headings for rows and columns."""
    count = len(tables(report))
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption") == count
    scopes = [a["scope"] for tag, a in page.tags if tag == "th"]
    assert scopes.count("row") == sum(len(table.rows) for table in tables(report))
    assert scopes.count("col") == sum(len(table.columns) for table in tables(report))
    assert dict(page.tags)["html"]["lang"] == "en-GB"


def test_html_escapes_what_the_study_says(report: Report) -> None:
    """Would catch a title or a label that runs as a script."""
    evil = "<script>alert(1)</script>"
    assert report.explorer is not None
    named = replace(
        report,
        cover=replace(report.cover, title=evil),
        explorer=replace(report.explorer, bodies=(("place", evil),)),
    )
    html = render_html(named)
    assert evil not in html
    assert "&lt;script&gt;alert(1)" in html


def test_html_explorer_data_cannot_end_its_script(report: Report) -> None:
    """Would catch data that closes the script element it stands in."""
    assert report.explorer is not None
    curve = replace(report.explorer.curves[0], regime="</script><b>")
    html = render_html(replace(report, explorer=replace(report.explorer, curves=(curve,))))
    assert "</script><b>" not in html


def test_pdf_is_tagged_and_titled(report: Report, pdf: PdfReader) -> None:
    """Would catch a PDF that a screen reader cannot follow."""
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]).lower() == "en-gb"
    assert pdf.metadata is not None
    assert pdf.metadata.title == report.cover.title
    assert b'pdfuaid:part="1"' in root["/Metadata"].get_data() or (
        b"<pdfuaid:part>1" in root["/Metadata"].get_data()
    )
    assert "/CreationDate" not in pdf.metadata


def test_pdf_fonts_are_embedded_and_no_glyph_is_missing(pdf: PdfReader) -> None:
    """Would catch a font left to the reader's machine, or a box in place of a letter."""
    shown = 0
    for page in pdf.pages:
        fonts = {name: f.get_object() for name, f in page["/Resources"]["/Font"].items()}
        for font in fonts.values():
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            described = inner["/FontDescriptor"].get_object()
            assert any(f"/FontFile{n}" in described for n in ("", "2", "3")), font["/BaseFont"]
        current = ""
        for operands, operator in ContentStream(page.get_contents(), pdf).operations:
            if operator == b"Tf":
                current = operands[0]
            elif operator in (b"Tj", b"TJ") and fonts[current]["/Subtype"] == "/Type0":
                given = operands[0] if operator == b"TJ" else operands
                for part in given:
                    if isinstance(part, int | float):
                        continue
                    data = getattr(part, "original_bytes", part)
                    codes = [data[i : i + 2] for i in range(0, len(data), 2)]
                    shown += len(codes)
                    assert b"\x00\x00" not in codes
    assert shown > 10_000


def test_same_input_same_bytes(report: Report, html: str, tmp_path: Path) -> None:
    """Would catch a clock, a path or a random id in any output."""
    assert render_html(report) == html
    assert render_pdf(report) == render_pdf(report)
    first = write_workbook(report, tmp_path / "one.xlsx").read_bytes()
    assert write_workbook(report, tmp_path / "two.xlsx").read_bytes() == first


def test_a_report_filled_again_is_the_same(
    report: Report, results: xr.DataTree, extra: Extra, html: str
) -> None:
    """Would catch figures or tables that differ from one filling to the next."""
    from riskmc.report import build_report

    assert render_html(build_report(results, extra=extra)) == html


def test_workbook_holds_every_table_with_real_numbers(report: Report, tmp_path: Path) -> None:
    """Would catch numbers stored as text, a sheet lost, or headings that scroll away."""
    book = load_workbook(write_workbook(report, tmp_path / "t.xlsx"))
    found = tables(report)
    assert book.sheetnames[0] == "Cover"
    assert len(book.sheetnames) == 1 + len(found)
    assert len(set(book.sheetnames)) == len(book.sheetnames)
    for sheet, table in zip(book.worksheets[1:], found, strict=True):
        assert sheet.freeze_panes == "B3"
        assert str(sheet["A1"].value).endswith(table.caption)
        for place, row in enumerate(table.rows):
            for i, cell in enumerate(row):
                value = sheet.cell(place + 3, i + 1).value
                if cell.number is not None:
                    assert value == pytest.approx(cell.number, rel=1e-12), (table.id, cell.text)
                else:
                    assert (value or "") == cell.text
        notes = [str(sheet.cell(r, 1).value) for r in range(1, sheet.max_row + 1)]
        assert set(table.notes) <= set(notes)


def test_workbook_cover_lists_every_sheet(report: Report, tmp_path: Path) -> None:
    """Would catch a cover that leads nowhere."""
    book = load_workbook(write_workbook(report, tmp_path / "t.xlsx"))
    cover = book["Cover"]
    listed = {str(cell.value) for cell in cover["A"]}
    assert set(book.sheetnames[1:]) <= listed
    named = numbers(report)
    assert any(str(cell.value).startswith(named["headline"]) for cell in cover["B"])


def test_write_report_writes_the_files(results: xr.DataTree, extra: Extra, tmp_path: Path) -> None:
    """Would catch a file under another name, or a report that is not written whole."""
    written = write_report(results, tmp_path, extra=extra, tables=True)
    assert [path.name for path in written] == ["report.html", "report.pdf", "tables.xlsx"]
    assert all(path.stat().st_size > 10_000 for path in written)
