"""Which columns of a register are in per cent, and which are scores: judged by the whole column."""

from __future__ import annotations

import re

from riskmc.inputs.cells import is_missing, plain_number, text_of
from riskmc.inputs.headings import Column, Layout
from riskmc.inputs.sheets import Sheet

#: A score, which a table of bands may list: a whole number up to 25.
SCORE = re.compile(r"\d|1\d|2[0-5]")


def marked(sheet: Sheet, layout: Layout) -> tuple[frozenset[int], frozenset[int]]:
    """Return the places of the columns that are in per cent, and of those that are scores.

    A column of likelihood or delivery is in per cent where its heading says so and a figure of it
    is above 1. A likelihood is a score where its heading says so or a figure of it is a whole
    number from 2 to 25; then an impact without a unit whose figures all are such is one as well.
    """

    def cells(column: Column) -> list[str]:
        texts = [
            text_of(row[column.place])
            for row in sheet.rows[layout.first :]
            if column.place < len(row) and not is_missing(row[column.place])
        ]
        return [text for text in texts if not text.endswith("%")]

    per_cent, scores = set(), set()
    chances = [c for c in layout.columns if c.key in ("probability", "delivery")]
    for column in chances:
        if column.percent:
            figures = [plain_number(text).value or 0.0 for text in cells(column)]
            if max(figures, default=0.0) > 1.0:
                per_cent.add(column.place)
        elif column.key == "probability" and (
            column.scores
            or any(SCORE.fullmatch(text) and text not in ("0", "1") for text in cells(column))
        ):
            scores.add(column.place)
    for column in layout.columns:
        if column.key == "impact" and column.unit is None and layout.unit is None:
            texts = cells(column)
            like_scores = bool(scores) and all(SCORE.fullmatch(text) for text in texts)
            if column.scores or (texts and like_scores):
                scores.add(column.place)
    return frozenset(per_cent), frozenset(scores)
