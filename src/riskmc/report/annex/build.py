"""From facts to the annex."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from riskmc.report.annex.asked import asked_pages
from riskmc.report.annex.evidence import assumptions, rules
from riskmc.report.annex.results import bodies, gains, measures
from riskmc.report.annex.robustness import robustness
from riskmc.report.annex.statements import quality, register, repeat, section_25
from riskmc.report.facts import Facts
from riskmc.report.model import Document, Page, Para, Span, Table, blocks_of, text, words_of
from riskmc.report.paper.build import draft, foot

if TYPE_CHECKING:
    from riskmc.measures.view import Results
    from riskmc.report.sides import Sides


def build_annex(
    facts: Facts, view: Results, sides: Sides | None = None, *, paper: Document | None = None
) -> Document:
    """Return the annex; sections without content are left out and the numbering closes up.

    Its terms are those used in it, or in the `paper` that it is the annex to.
    """
    names, study = facts.names, view.study
    asked = asked_pages(facts, study)
    found = (
        bodies(facts),
        rules(facts, study),
        assumptions(facts, study),
        measures(facts, view),
        robustness(facts),
        gains(facts),
        register(facts, view, sides),
        section_25(facts),
        quality(facts, view),
    )
    pages = [page for page in found if page is not None]
    before = () if paper is None else paper.pages
    pages += [repeat(facts, view, _words((*before, *pages, *asked))), *asked]
    explained = names.explained(tuple(names.regimes))
    if explained:
        words = Para(text(Span("Short names. ", "bold"), Span(explained)))
        pages[0] = replace(pages[0], blocks=(words, *pages[0].blocks))
    head = names.title if names.body == "place" else f"{names.subject}; {names.title}"
    return Document(
        kind="Technical annex",
        title=f"Technical annex: {head}",
        head=f"{head}, {names.period}",
        right=text("For the finance team and the auditor"),
        pages=tuple(pages),
        foot=foot(facts),
        draft=draft(names.draws),
    )


def _words(pages: tuple[Page, ...]) -> str:
    """Return what pages say, headings of tables too, in lower case."""
    whole = Document("", "", "", (), pages, "")
    heads = [
        words
        for block in blocks_of(whole)
        if isinstance(block, Table)
        for words in (block.caption, *(column.heading for column in block.columns))
    ]
    return " ".join([*words_of(whole), *heads]).lower()
