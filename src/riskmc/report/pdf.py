"""The report as a tagged PDF (PDF/UA-1), typeset by typst with the fonts it carries.

Everything goes in as one JSON text; no clock, no path and no font of the machine has a say, so
that the same report gives the same bytes.
"""

from __future__ import annotations

import json
import re
from typing import Any

from riskmc.report.html import template_text
from riskmc.report.model import (
    Block,
    Callout,
    Code,
    Items,
    Paragraph,
    Picture,
    Report,
    Statement,
    Subheading,
    Table,
    Terms,
    heading,
    numbers,
    pictures,
    section_titles,
)

#: No column would like to be wider than this many letters.
_WIDEST = 60.0
#: Type sizes of tables, and the letters that fit a line in each.
_SIZES = ((9.0, 98), (8.0, 110), (7.0, 126))
#: Letters lost to the space beside each column.
_GAP = 1.5
#: A place where a word may break, unseen.
_BREAK = "\u200b"
_LONG = 16
#: Sections that start a page: what comes after the one page of summary does too.
_OWN_PAGE = ("summary", "decision")
#: Widths in per cent of the line for a figure as wide as high, and for a flat one.
_FIGURE_HEIGHT = 0.62


def render_pdf(report: Report) -> bytes:
    """Return the report as PDF: same report, same bytes."""
    import typst

    data = json.dumps(document(report), ensure_ascii=False)
    compiled = typst.compile(
        template_text("report.typ").encode("utf-8"),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={"report": data},
    )
    assert isinstance(compiled, bytes)
    return compiled


def document(report: Report) -> dict[str, Any]:
    """Return the report as plain data, as the typst template reads it."""
    named = numbers(report)
    titles = section_titles(report)
    language, _, region = report.language.partition("-")
    behind = [_table(picture.table, named[picture.id]) for picture in pictures(report)]
    cover = report.cover
    return {
        "title": cover.title,
        "subtitle": cover.subtitle,
        "short": _short(cover.title),
        "purpose": cover.purpose,
        "warning": cover.warning,
        "facts": [[fact.label, fact.value] for fact in cover.facts],
        "points": list(cover.points),
        "lang": language,
        "region": region.lower(),
        "keywords": list(report.keywords),
        "footer": report.footer,
        "sections": [
            {
                "title": titles[s.id],
                "page": s.id in _OWN_PAGE,
                "blocks": [_block(block, named) for block in s.blocks],
            }
            for s in report.sections
        ],
        "numbers": behind,
        "numbers_title": "The numbers behind the figures",
    }


def _short(title: str) -> str:
    return title if len(title) <= 60 else f"{title[:57].rstrip()}…"


def _block(block: Block, named: dict[str, str]) -> dict[str, Any]:
    kind = {"kind": type(block).__name__}
    if isinstance(block, Paragraph | Subheading | Code):
        return kind | {"text": block.text}
    if isinstance(block, Items):
        return kind | {"items": list(block.items), "ordered": block.ordered}
    if isinstance(block, Statement):
        return kind | {
            "lead": block.lead,
            "sentences": list(block.sentences),
            "items": list(block.items),
        }
    if isinstance(block, Callout):
        return kind | {
            "callout": block.kind,
            "title": block.title,
            "paragraphs": list(block.paragraphs),
        }
    if isinstance(block, Terms):
        return kind | {"terms": [list(pair) for pair in block.terms]}
    if isinstance(block, Table):
        return kind | _table(block, named[block.id])
    if isinstance(block, Picture):
        return kind | _picture(block, named[block.id])
    return kind | {
        "heading": block.heading,
        "blocks": [_block(inner, named) for inner in block.blocks],
    }


def _picture(picture: Picture, number: str) -> dict[str, Any]:
    return {
        "number": number,
        "title": picture.title,
        "alt": picture.alt,
        "caption": picture.caption,
        "svg": picture.outlines,
        "width": _width(picture.outlines),
    }


def _width(svg: str) -> int:
    """Return how wide a figure stands, in per cent of the line: a tall one narrower."""
    box = svg.split('viewBox="', 1)[1].split('"', 1)[0].split()
    ratio = float(box[3]) / float(box[2])
    return round(min(92.0, 92.0 * max(_FIGURE_HEIGHT / ratio, 0.6)))


def _table(table: Table, number: str) -> dict[str, Any]:
    size, widths = _layout([_room(table, place) for place in range(len(table.columns))])
    return {
        "number": number,
        "caption": table.caption,
        "size": size,
        "columns": [
            {"heading": heading(column), "numeric": column.numeric, "weight": round(width, 3)}
            for column, width in zip(table.columns, widths, strict=True)
        ],
        "rows": [[_breakable(cell.text) for cell in row] for row in table.rows],
        "notes": list(table.notes),
    }


def _breakable(text: str) -> str:
    """Return text whose long names may break at their dots and underscores."""
    return re.sub(
        rf"\S{{{_LONG},}}", lambda match: re.sub(r"([._/])", rf"\1{_BREAK}", match[0]), text
    )


def _room(table: Table, place: int) -> tuple[float, float]:
    """Return the letters that a column needs (its longest word) and would like to have."""
    texts = [_breakable(row[place].text) for row in table.rows]
    words = [word for text in texts for word in re.split(f"[ {_BREAK}]", text)]
    words += heading(table.columns[place]).split()
    need = max((len(word) for word in words), default=0) + 1.5
    longest = max((len(text) for text in texts), default=0)
    return need, max(need, min(float(longest), _WIDEST))


def _layout(room: list[tuple[float, float]]) -> tuple[float, list[float]]:
    """Return the type size and the columns' widths in letters: all words whole where they fit."""
    for size, capacity in _SIZES:
        needed = sum(need for need, _ in room)
        spare = capacity - _GAP * len(room) - needed
        wished = sum(like - need for need, like in room)
        if spare >= 0.4 * wished or size == _SIZES[-1][0]:
            share = max(0.0, min(1.0, spare / wished)) if wished else 0.0
            return size, [need + share * (like - need) for need, like in room]
    raise AssertionError("the last size takes every table")
