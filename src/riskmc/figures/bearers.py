"""Figure 2: who pays, in £, as bars for each bearer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from riskmc.figures.base import (
    Axis,
    DataTable,
    Figure,
    Guide,
    Look,
    Named,
    Panel,
    below,
    label,
    names_above,
    ticks,
    write_names_above,
)
from riskmc.figures.canvas import Canvas, Weight, text_width, wrapped
from riskmc.words.board import alike, money, unit_of

_GAP, _LEFT = 6.0, 98.0


@dataclass(frozen=True)
class Bearers(Figure):
    """What each bearer meets on average [£m].

    Parameters
    ----------
    finding : str
        The title.
    bearers : tuple of str
        Their labels.
    series : tuple of (str, Look, sequence of float)
        Name, look and amounts [£m] of each set of rules, in the order of `bearers`.
    words : str
        How to read it.
    errors : tuple of (sequence of float)
        Standard errors of those amounts [£m]: no digit is written below two of them.
    width : float
        Of the drawing [pt].
    """

    finding: str
    bearers: tuple[str, ...]
    series: tuple[tuple[str, Look, Sequence[float]], ...]
    words: str
    errors: tuple[Sequence[float], ...] = ()
    width: float = 246.0
    key: str = field(default="bearers", init=False)
    guide: ClassVar[Guide] = Guide(
        "2 Who pays",
        "Who bears the bill?",
        "Average £ over all years, what each bears for as long as it lasts",
        "Fairness: it counts pounds, not what they mean to whom",
    )

    @classmethod
    def example(cls, rules: Named, size: float) -> Self:
        """Return one with invented numbers."""
        shares = (1.0, 0.4, 0.01, 0.0)
        return cls(
            "People who use services bear most of the bill",
            ("People who use services", "The centre", "Nobody yet: left unpaid", "Savings"),
            tuple(
                (name, look, [share * size / (i + 1) for share in shares])
                for i, (name, look) in enumerate(rules)
            ),
            "Average over all years.",
        )

    def title(self) -> str:
        """Return the finding."""
        return self.finding

    def note(self) -> str:
        """Return how to read it."""
        return self.words

    def table(self) -> DataTable:
        """Return the amounts by bearer."""
        rows: tuple[tuple[str | float, ...], ...] = tuple(
            (bearer, *(float(amounts[i]) for _, _, amounts in self.series))
            for i, bearer in enumerate(self.bearers)
        )
        return DataTable(("Who", *(f"{name} [£m]" for name, _, _ in self.series)), rows)

    def panels(self) -> tuple[Panel, ...]:
        """Return one panel of bars."""
        count = len(self.series)
        bar = 8.0 if count < 3 else 7.5
        row = count * bar + (count - 1) * 1.0 + _GAP
        top = max((max(amounts) for _, _, amounts in self.series), default=1.0)
        across = Axis(0.0, max(top, 1e-9), _LEFT, self.width - 30.0)
        place = self._named()
        above = [] if self._fits(across, place) else self._above()
        start = 2.0 + 11.0 * len(above) + (3.0 if above else 0.0)
        bottom = start + row * len(self.bearers)
        canvas = Canvas(self.width, bottom + 18.0)
        write_names_above(canvas, above)
        marks = ticks(0.0, top)
        unit = unit_of(marks)
        for value in marks:
            x = across(value)
            canvas.line([(x, start), (x, bottom)], "grey" if value == 0.0 else "line")
        words = ["0" if value == 0.0 else money(value, unit=unit) for value in marks]
        below(canvas, across, bottom + 12.0, marks, words)
        for i, bearer in enumerate(self.bearers):
            y = start + i * row + _GAP / 2.0
            middle = y + (row - _GAP) / 2.0 + 3.0
            lines = wrapped(bearer, _LEFT - 6.0, 8.5)
            label(canvas, _LEFT - 5.0, middle, lines, colour="ink", anchor="end")
            for j, (name, look, amounts) in enumerate(self.series):
                said = self._said(i)[j]
                said = f"{said} {name}" if i == place and not above else said
                bold = i == place and not above
                self._bar(canvas, across, y + j * (bar + 1.0), amounts[i], look, said, bold=bold)
        alt = f"{self.title()}. {'; '.join(self._in_words())}"
        return (Panel("", "ink", canvas.svg(alt), self.width, alt),)

    def _above(self) -> list[tuple[str, Look]]:
        return names_above([(name, look) for name, look, _ in self.series], self.width)

    def _fits(self, across: Axis, place: int) -> bool:
        """Say whether names fit behind the bars of the row that is to carry them."""
        return all(
            across(amounts[place]) + 3.0 + text_width(f"{said} {name}", 8.5, "bold") <= self.width
            for (name, _, amounts), said in zip(self.series, self._said(place), strict=True)
        )

    def _said(self, place: int) -> list[str]:
        """Return the amounts of one bearer as printed, all of the figure in one unit."""
        amounts = [row[place] for _, _, row in self.series]
        errors = [row[place] for row in self.errors] or None
        whole = unit_of(amount for _, _, row in self.series for amount in row)
        return alike(amounts, mcses=errors, unit=whole)

    def _bar(
        self,
        canvas: Canvas,
        across: Axis,
        y: float,
        amount: float,
        look: Look,
        said: str,
        *,
        bold: bool,
    ) -> None:
        canvas.rect(across.start, y, across(amount) - across.start, 7.6, look.mark)
        weight: Weight = "bold" if bold else "regular"
        x = across(amount) + 3.0
        if x + text_width(said, 8.5, weight) > self.width:
            x = self.width - text_width(said, 8.5, weight)
        canvas.text(x, y + 7.0, said, colour=look.text, weight=weight)

    def _named(self) -> int:
        """Return the row whose bars are shortest at their longest: there is room for names."""
        fits = [max(amounts[i] for _, _, amounts in self.series) for i in range(len(self.bearers))]
        whole = max(fits, default=0.0)
        return next((i for i, size in enumerate(fits) if size <= 0.55 * whole), len(fits) - 1)

    def _in_words(self) -> list[str]:
        said = [self._said(i) for i in range(len(self.bearers))]
        return [
            f"{name}: "
            + ", ".join(f"{b} {row[j]}" for b, row in zip(self.bearers, said, strict=True))
            for j, (name, _, _) in enumerate(self.series)
        ]
