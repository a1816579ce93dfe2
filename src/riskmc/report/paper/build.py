"""From facts to the board paper."""

from __future__ import annotations

from riskmc.figures.base import Figure
from riskmc.report.facts import Facts
from riskmc.report.model import Columns, Document, FigureBlock, Page, text
from riskmc.report.paper.figures import (
    by_year,
    changes,
    drivers,
    plan_to_p80,
    reserves_needed,
    who_bears,
)
from riskmc.report.paper.page1 import page_1
from riskmc.report.paper.page2 import page_2
from riskmc.report.paper.page3 import page_3
from riskmc.report.paper.page4 import page_4
from riskmc.report.paper.writer import ENOUGH, Writer


def build_paper(facts: Facts) -> Document:
    """Return the board paper: four pages, whatever the study."""
    w = Writer(facts)
    first, second = page_1(w), page_2(w)
    third = page_3(w, _figures(second) + 1)
    fourth = page_4(w, _figures(second) + _figures(third) + 1)
    names = facts.names
    head = names.title if names.body == "place" else f"{names.subject}; {names.title}"
    right = text(
        "Agenda item ",
        *w.words("agenda_item", "no."),
        " · ",
        *w.words("meeting", "meeting and date"),
    )
    return Document(
        kind="Board paper",
        title=f"Board paper: {head}, {names.period}",
        head=f"{head}, {names.period}",
        right=right,
        pages=(first, second, third, fourth),
        foot=foot(facts),
        draft=draft(names.draws),
    )


def foot(facts: Facts) -> str:
    """Return the foot of every page: what made it, from what."""
    names = facts.names
    return (
        f"riskmc {names.version} · {names.draws:,} simulated futures · seed {names.seed} · study "
        f"{names.sha}"
    )


def draft(draws: int) -> str:
    """Return why a paper is only a draft; "" where it is none."""
    return "" if draws >= ENOUGH else f"DRAFT: only {draws:,} futures"


def _figures(page: Page) -> int:
    count = 0
    for block in page.blocks:
        inside = (*block.left, *block.right) if isinstance(block, Columns) else (block,)
        count += sum(isinstance(part, FigureBlock) for part in inside)
    return count


def figures_of(facts: Facts) -> tuple[Figure, ...]:
    """Return the figures of the paper, in order."""
    w = Writer(facts)
    third = plan_to_p80(w) if w.alone else changes(w)
    found = (by_year(w), who_bears(w), third, drivers(w), reserves_needed(w))
    return tuple(figure for figure in found if figure is not None)
