"""Figure 3: what changes from one set of rules to the other, as bars to both sides of nil."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

from riskmc.figures.base import Axis, DataTable, Figure, Guide, Named, Panel, below, label, ticks
from riskmc.figures.canvas import Canvas, text_width, wrapped
from riskmc.words.board import money, unit_of

_ROW, _BAR, _LEFT = 26.0, 13.0, 84.0
Tone = Literal["better", "worse", "neutral"]
_MARKS = {"better": "teal", "worse": "plum", "neutral": "neutral"}
_TEXTS = {"better": "teal-text", "worse": "plum", "neutral": "grey"}


@dataclass(frozen=True)
class Change:
    """One bar of `Changes`.

    Parameters
    ----------
    label : str
        What changes.
    amount : float
        The difference [£m].
    tone : Tone
        Whether that is better, worse, or neither.
    word : str
        The same in a word.
    said : str
        The difference as a sentence has it.
    """

    label: str
    amount: float
    tone: Tone
    word: str
    said: str


@dataclass(frozen=True)
class Changes(Figure):
    """Paired mean differences of one set of rules from the base.

    Parameters
    ----------
    finding : str
        The title.
    rows : tuple of Change
        From top to bottom.
    words : str
        How to read it.
    width : float
        Of the drawing [pt].
    """

    finding: str
    rows: tuple[Change, ...]
    words: str
    width: float = 246.0
    key: str = field(default="changes", init=False)
    guide: ClassVar[Guide] = Guide(
        "3 What changes",
        "What is different under the other rules?",
        "Average differences on the same futures; bars may overlap: do not add them up",
        "The chance that a set of rules is right",
    )

    @classmethod
    def example(cls, rules: Named, size: float) -> Self:  # noqa: ARG003  (of two sets of rules)
        """Return one with invented numbers."""
        return cls(
            "The deficit falls and unmet need rises",
            (
                Change("Deficit", -size, "better", "better", f"{money(size)} lower"),
                Change("Need left unmet", 0.3 * size, "worse", "worse", "higher"),
                Change("Bailouts by the centre", -0.6 * size, "neutral", "lower", "lower"),
            ),
            "Average over the same futures.",
        )

    def title(self) -> str:
        """Return the finding."""
        return self.finding

    def note(self) -> str:
        """Return how to read it."""
        return self.words

    def table(self) -> DataTable:
        """Return the differences."""
        rows = tuple((row.label, float(row.amount), row.word) for row in self.rows)
        return DataTable(("Measure", "Difference [£m]", "Judged"), rows)

    def panels(self) -> tuple[Panel, ...]:
        """Return one panel of bars."""
        height = _ROW * len(self.rows) + 20.0
        canvas = Canvas(self.width, height)
        bottom = height - 18.0
        amounts = [row.amount for row in self.rows]
        marks = ticks(min(amounts, default=0.0), max(amounts, default=0.0))
        low, high = min([0.0, *amounts]), max([0.0, *amounts])
        across = self._axis(low, high)
        unit = unit_of(marks)
        signed = "+" if low < 0.0 else ""
        words = []
        for value in marks:
            x = across(value)
            canvas.line([(x, 2.0), (x, bottom)], "ink" if value == 0.0 else "line")
            sign = signed if value > 0.0 else ""
            words.append("0" if value == 0.0 else f"{sign}{money(value, unit=unit)}")
        below(canvas, across, bottom + 12.0, marks, words)
        for i, row in enumerate(self.rows):
            y = 2.0 + i * _ROW + (_ROW - _BAR) / 2.0
            canvas.rect(across(0.0), y, across(row.amount) - across(0.0), _BAR, _MARKS[row.tone])
            lines = wrapped(row.label, _LEFT, 8.5)
            label(canvas, _LEFT, y + 9.5, lines, colour="ink", anchor="end")
            self._label(canvas, across, y, row)
        alt = f"{self.title()}. " + "; ".join(f"{r.label} {r.said} {r.word}" for r in self.rows)
        return (Panel("", "ink", canvas.svg(alt), self.width, alt),)

    def _axis(self, low: float, high: float) -> Axis:
        """Return an axis with room for labels on the other side of nil, where there are any."""
        left_label = max((_wide(row) for row in self.rows if row.amount > 0.0), default=0.0) + 8.0
        right_label = max((_wide(row) for row in self.rows if row.amount <= 0.0), default=0.0) + 8.0
        room = self.width - _LEFT - 10.0
        least, most = 0.0, room / max(high - low, 1e-12)
        for _ in range(40):  # the largest scale at which bars and labels fit
            scale = 0.5 * (least + most)
            needed = max(-low * scale, left_label) + max(high * scale, right_label)
            least, most = (scale, most) if needed <= room else (least, scale)
        start = _LEFT + 8.0 + max(-low * least, left_label) + low * least
        return Axis(low, max(high, low + 1e-9), start, start + max((high - low) * least, 1e-9))

    def _label(self, canvas: Canvas, across: Axis, y: float, row: Change) -> None:
        """Write the amount on the other side of nil, or beyond the bar where it lacks room."""
        wide = _wide(row)
        colour = _TEXTS[row.tone]
        zero, end = across(0.0), across(row.amount)
        if row.amount < 0.0:
            right = zero + 4.0 + wide <= self.width
            x, anchor = (zero + 4.0, "start") if right else (end - 4.0, "end")
        else:
            left = zero - 4.0 - wide >= _LEFT + 2.0
            x, anchor = (zero - 4.0, "end") if left else (end + 4.0, "start")
            if anchor == "start" and x + wide > self.width:
                x, anchor = self.width, "end"
        canvas.text(
            x,
            y + 5.0,
            row.said,
            colour=colour,
            weight="bold",
            anchor="end" if anchor == "end" else "start",
        )
        canvas.text(
            x, y + 14.0, row.word, colour=colour, anchor="end" if anchor == "end" else "start"
        )


def _wide(row: Change) -> float:
    """Return how wide a row's label is, in points."""
    return max(text_width(row.said, 8.5, "bold"), text_width(row.word, 8.5))
