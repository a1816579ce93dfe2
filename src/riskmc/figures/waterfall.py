"""A waterfall: from one amount to another, bar by bar."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Self

from riskmc.figures.base import (
    LINE,
    Axis,
    DataTable,
    Figure,
    Guide,
    Named,
    Panel,
    below,
    label,
    ticks,
)
from riskmc.figures.canvas import Canvas, text_width, wrapped
from riskmc.words.board import money, unit_of

_ROW, _BAR, _LEFT = 17.0, 10.0, 112.0


@dataclass(frozen=True)
class Waterfall(Figure):
    """From one amount [£m] to another by the changes between them.

    Parameters
    ----------
    finding : str
        The title.
    start, end : (str, float)
        Label and amount [£m] of either end.
    changes : tuple of (str, float)
        Label and amount [£m] of each change, in order; they add up to the difference.
    words : str
        How to read it.
    width : float
        Of the drawing [pt].
    """

    finding: str
    start: tuple[str, float]
    changes: tuple[tuple[str, float], ...]
    end: tuple[str, float]
    words: str
    width: float = 270.0
    key: str = field(default="waterfall", init=False)
    guide: ClassVar[Guide] = Guide(
        "Annex: since the last paper",
        "What moved the average deficit since the last paper?",
        "From the bar at the start to the bar at the end, a step for each thing that changed",
        "Causes on their own: what two changes do together is counted with the later one",
    )

    @classmethod
    def example(cls, rules: Named, size: float) -> Self:  # noqa: ARG003  (of one set)
        """Return one with invented numbers."""
        return cls(
            "The average deficit is lower than in the last paper",
            ("As reported", size),
            (("Opening positions and contracts", -0.8 * size), ("Rules", 0.3 * size)),
            ("Now", 0.5 * size),
            "From the last paper to this one.",
        )

    def title(self) -> str:
        """Return the finding."""
        return self.finding

    def note(self) -> str:
        """Return how to read it."""
        return self.words

    def table(self) -> DataTable:
        """Return the amounts, the ends first and last."""
        rows = (self.start, *self.changes, self.end)
        return DataTable(("Step", "Amount [£m]"), tuple((n, float(x)) for n, x in rows))

    def panels(self) -> tuple[Panel, ...]:
        """Return one panel of bars."""
        bars = self._bars()
        names = [wrapped(bar[0], _LEFT - 8.0, 8.5) for bar in bars]
        rows = [max(_ROW, LINE * len(lines) + 4.0) for lines in names]
        canvas = Canvas(self.width, sum(rows) + 20.0)
        bottom = canvas.height - 18.0
        edges = [0.0, *(x for _, low, high, _, _ in bars for x in (low, high))]
        wide = max(text_width(said, 8.5, "bold") for *_, said in bars) + 4.0
        across = Axis(min(edges), max(*edges, 1e-9), _LEFT, self.width - wide)
        marks = ticks(min(edges), max(edges))
        for value in marks:
            colour = "ink" if value == 0.0 else "line"
            canvas.line([(across(value), 2.0), (across(value), bottom)], colour)
        unit = unit_of(marks)
        said = ["0" if value == 0.0 else money(value, unit=unit) for value in marks]
        below(canvas, across, bottom + 12.0, marks, said)
        top = 2.0
        for (_, low, high, colour, words), lines, row in zip(bars, names, rows, strict=True):
            y = top + (row - _BAR) / 2.0
            top += row
            canvas.rect(across(low), y, max(across(high) - across(low), 0.4), _BAR, colour)
            label(canvas, _LEFT - 6.0, y + 8.0, lines, colour="ink", anchor="end")
            canvas.text(across(high) + 3.0, y + 8.0, words, colour="ink", weight="bold")
        alt = f"{self.title()}. " + "; ".join(f"{bar[0]} {bar[-1]}" for bar in bars)
        return (Panel("", "ink", canvas.svg(alt), self.width, alt),)

    def _bars(self) -> list[tuple[str, float, float, str, str]]:
        """Return each bar: label, its lower and upper end, colour, and what it says."""

        def whole(row: tuple[str, float]) -> tuple[str, float, float, str, str]:
            name, amount = row
            return name, min(amount, 0.0), max(amount, 0.0), "slate", money(amount)

        bars, level = [whole(self.start)], self.start[1]
        for name, change in self.changes:
            low, high = sorted((level, level + change))
            sign = "+" if change > 0.0 and money(change) != "nil" else ""
            colour = "orange" if change > 0.0 else "navy"
            bars.append((name, low, high, colour, f"{sign}{money(change)}"))
            level += change
        return [*bars, whole(self.end)]
