"""What is printed can be read, the annex explains itself, and nothing of the old report is lost."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest
from report_cases import report_of
from test_paper_says import no_cuts, table

from riskmc.report.model import Ask, FigureBlock, Heading, Table, plain, words_of
from riskmc.report.pdf import render_pdf


def printed(page: pypdf.PageObject) -> list[tuple[float, float, float]]:
    """Where each piece of text stands on a page, and how large it is [pt]."""
    found: list[tuple[float, float, float]] = []

    def look(words: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if words.strip():
            at = (cm[0] * tm[4] + cm[4], cm[3] * tm[5] + cm[5])
            found.append((*at, abs(size * tm[3] * cm[3])))

    page.extract_text(visitor_text=look)
    return found


def test_a_printed_page_is_large_enough_to_read_and_has_everything_inside() -> None:
    """Would catch type below 8 points on paper, text off the sheet, a file without its language."""
    report = report_of(2, 13)
    for document in (report.paper, report.annex):
        pdf = pypdf.PdfReader(io.BytesIO(render_pdf(document)))
        assert pdf.root_object["/Lang"] == "en-GB"
        for page in pdf.pages:
            _, _, width, height = (float(x) for x in page.mediabox)
            seen = printed(page)
            assert all(0.0 <= x <= width and 0.0 <= y <= height for x, y, _ in seen)
            assert min(size for _, _, size in seen) >= 7.99


def test_the_annex_explains_the_terms_that_are_used_and_no_others() -> None:
    """Would catch a pool explained to a council that is in none, or a term left unexplained."""
    alone, place = report_of(1, 1), report_of(2, 13)
    terms = [
        {plain(row.cells[0]) for row in table(r, "Term", annex=True).rows} for r in (alone, place)
    ]
    assert "Pool" not in terms[0]
    assert "Pool" in terms[1]
    assert {"Future", "Driver", "Middle future", "Rescue, bailout"} <= terms[0] & terms[1]


#: What became of each part of the old report: a section of the annex, and what stands there.
KEPT = {
    "headline table": ("a4", "Measure"),
    "rules": ("a2", "Rule"),
    "assumptions": ("a3", "Driver"),
    "how large a deficit": ("a4", "In so many of 100 futures deficits of all years exceed …"),
    "any-holder counts": ("a4", "Counts that grow with the number of holders"),
    "drivers": ("a5", "annex-drivers"),
    "stress tests": ("a5", "Case"),
    "rescue sweep": ("a5", "annex-rescue"),
    "rules compared": ("a6", "Body"),
    "risk register": ("a7", "Risk"),
    "quality": ("a9", "The error of the model is another matter"),
    "bodies": ("a1", "Body"),
    "glossary": ("a10", "Term"),
    "section 25": ("a8", "DRAFT for the chief finance officer to sign"),
}


@pytest.mark.parametrize("part", KEPT)
def test_every_part_of_the_old_report_has_its_place(part: str) -> None:
    """Would catch evidence that went with the 48 pages, any-holder counts in a headline."""
    section, wanted = KEPT[part]
    page = next(p for p in report_of(2, 13).annex.pages if p.id == section)
    found = {
        Table: lambda b: b.columns[0].heading,
        FigureBlock: lambda b: b.id,
        Heading: lambda b: b.text,
        Ask: lambda b: b.title,
    }
    heads = [found[type(block)](block) for block in page.blocks if type(block) in found]
    assert wanted in heads
    if section == "a1":
        (one,) = (b for b in page.blocks if isinstance(b, Table))
        assert (len(one.rows), len(one.columns)) == (13, 9), "13 rows, 8 columns of numbers"


def test_no_headline_counts_any_of_several_holders() -> None:
    """Would catch a chance on the four pages that grows with the number of budget holders."""
    report = report_of(2, 13)
    text = " ".join(words_of(report.paper)).lower()
    assert "at least one of" not in text
    assert "any of the" not in text
    assert "any holder" not in text


def test_the_annex_says_what_is_nil_by_rule_as_the_paper_does() -> None:
    """Would catch a caveat of the paper that the quality statement leaves out."""
    report = no_cuts()
    said = "Here no rule cuts services, so need left unmet there is nil by rule."
    assert any(said in words for words in words_of(report.paper))
    assert f"– {said}" in list(words_of(report.annex))
