"""Annex figure: what is left in reserve, by how often the centre helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from riskmc.figures.base import (
    LINE,
    Axis,
    DataTable,
    Figure,
    Guide,
    Look,
    Named,
    Panel,
    apart,
    label,
    ticks,
)
from riskmc.figures.canvas import Canvas, text_width, wrapped
from riskmc.words.board import money, unit_of

_LEFT, _TOP, _BOTTOM = 42.0, 10.0, 30.0


@dataclass(frozen=True)
class RescueChance(Figure):
    """Reserves at the end, in the middle future, by the chance of a rescue [£m].

    Parameters
    ----------
    finding : str
        The title.
    chances : tuple of float
        Chances of a rescue that were tried, rising, 0 to 1.
    series : tuple of (str, Look, sequence of float)
        Name, look and amounts [£m] of each set of rules.
    own : tuple of float
        The chance that each set of rules assumes in the study; NaN without a rescue.
    words : str
        How to read it.
    width, height : float
        Of the drawing [pt].
    """

    finding: str
    chances: tuple[float, ...]
    series: tuple[tuple[str, Look, Sequence[float]], ...]
    own: tuple[float, ...]
    words: str
    width: float = 270.0
    height: float = 150.0
    key: str = field(default="rescue-chance", init=False)
    guide: ClassVar[Guide] = Guide(
        "Annex: rescue",
        "What if the centre helped more or less?",
        "Reserves in the middle future, by how often a needed rescue is granted under "
        "all rules alike; the ring is the study's own case",
        "How likely the centre is to help",
    )

    @classmethod
    def example(cls, rules: Named, size: float) -> Self:
        """Return one with invented numbers."""
        shares = (-1.0, 0.0, 0.3)
        return cls(
            "What is left depends on the centre’s help",
            (0.0, 0.5, 1.0),
            tuple(
                (name, look, [share * size / i for share in shares])
                for i, (name, look) in enumerate(rules, start=1)
            ),
            (0.2,) * len(rules),
            "The ring is the study's own case.",
        )

    def title(self) -> str:
        """Return the finding."""
        return self.finding

    def note(self) -> str:
        """Return how to read it."""
        return self.words

    def table(self) -> DataTable:
        """Return the amounts by chance."""
        rows = tuple(
            (float(p), *(float(amounts[i]) for _, _, amounts in self.series))
            for i, p in enumerate(self.chances)
        )
        return DataTable(("Chance", *(f"{name} [£m]" for name, _, _ in self.series)), rows)

    def panels(self) -> tuple[Panel, ...]:
        """Return one panel of lines; rings mark the study's own case."""
        canvas = Canvas(self.width, self.height)
        bottom = self.height - _BOTTOM
        values = [x for _, _, amounts in self.series for x in amounts]
        low, high = min([0.0, *values]), max([0.0, *values])
        up = Axis(low, high if high > low else low + 1.0, bottom, _TOP)
        names = [wrapped(name, 80.0, 8.5, "bold") for name, _, _ in self.series]
        room = max(text_width(line, 8.5, "bold") for name in names for line in name) + 11.0
        across = Axis(self.chances[0], self.chances[-1], _LEFT + 4.0, self.width - room)
        marks = ticks(low, high)
        unit = unit_of(marks)
        for value in marks:
            colour = "grey" if value == 0.0 else "line"
            canvas.line([(_LEFT, up(value)), (across.stop, up(value))], colour)
            text = "0" if value == 0.0 else money(value, unit=unit)
            canvas.text(_LEFT - 4.0, up(value) + 3.0, text, anchor="end")
        for p in self.chances:
            canvas.text(across(p), bottom + 12.0, f"{100 * p:.0f}", anchor="middle")
        middle = 0.5 * (across.start + across.stop)
        canvas.text(middle, self.height - 4.0, "times in 100 that a needed rescue is granted",
                    anchor="middle")  # fmt: skip
        tall = [LINE * len(name) for name in names]
        ends = apart([up(a[-1]) for _, _, a in self.series], tall, _TOP, bottom)
        for i, (_, look, amounts) in enumerate(self.series):
            points = [(across(p), up(v)) for p, v in zip(self.chances, amounts, strict=True)]
            canvas.line(points, look.mark, 2.0, look.dash)
            for x, y in points:
                canvas.mark(x, y, look.shape, look.mark, 2.4)
            self._own_case(canvas, across, up, i)
            x, y = across.stop + 8.0, ends[i] + 3.0
            label(canvas, x, y, names[i], colour=look.text, weight="bold")
        alt = f"{self.title()}."
        return (Panel("", "ink", canvas.svg(alt), self.width, alt),)

    def _own_case(self, canvas: Canvas, across: Axis, up: Axis, place: int) -> None:
        own = self.own[place]
        if not self.chances[0] <= own <= self.chances[-1]:
            return
        _, look, amounts = self.series[place]
        right = next(i for i, p in enumerate(self.chances) if p >= own)
        left = max(right - 1, 0)
        span = self.chances[right] - self.chances[left]
        share = (own - self.chances[left]) / span if span > 0.0 else 0.0
        value = amounts[left] + share * (amounts[right] - amounts[left])
        canvas.mark(across(own), up(value), "circle", look.mark, 5.0)
        canvas.mark(across(own), up(value), "circle", "paper", 3.2)
