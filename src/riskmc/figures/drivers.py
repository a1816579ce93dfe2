"""Figure 4: what drives the deficit, as a bar from its mean where a driver is low to high."""

from __future__ import annotations

from dataclasses import dataclass, field

from riskmc.figures.base import Axis, DataTable, Figure, Look, Panel, below, ticks
from riskmc.figures.canvas import Canvas, Weight, fitted, text_width, wrapped
from riskmc.words.board import money, unit_of

_BAR, _LEFT = 4.5, 88.0


@dataclass(frozen=True)
class Drivers(Figure):
    """The mean deficit where each driver is about as low, and as high, as in 1 of 10 futures.

    drivers  their labels, the one that matters most first
    series   name, look and (low, high) of each set of rules, in that order [£m]
    """

    finding: str
    drivers: tuple[str, ...]
    series: tuple[tuple[str, Look, tuple[tuple[float, float], ...]], ...]
    words: str
    width: float = 270.0
    key: str = field(default="drivers", init=False)

    def title(self) -> str:
        """Return the finding."""
        return self.finding

    def note(self) -> str:
        """Return how to read it."""
        return self.words

    def table(self) -> DataTable:
        """Return both ends of every bar."""
        rows: tuple[tuple[str | float, ...], ...] = tuple(
            (driver, *(float(x) for _, _, ends in self.series for x in ends[i]))
            for i, driver in enumerate(self.drivers)
        )
        columns = tuple(
            f"{name}, driver {end} [£m]" for name, _, _ in self.series for end in ("low", "high")
        )
        return DataTable(("Driver", *columns), rows)

    def panels(self) -> tuple[Panel, ...]:
        """Return one panel of ranges."""
        row = max(12.0 * len(self.series) + 7.0, 24.0)
        height = row * len(self.drivers) + 20.0
        canvas = Canvas(self.width, height)
        bottom = height - 18.0
        ends = [x for _, _, pairs in self.series for pair in pairs for x in pair]
        marks = ticks(0.0, max(ends, default=1.0), most=4)
        unit = unit_of(marks)
        names = max((text_width(f"£9.9bn {name}", 8.5, "bold") for name, _, _ in self.series))
        across = Axis(0.0, max([*ends, 1e-9]), _LEFT + 38.0, self.width - min(names, 90.0) - 4.0)
        for value in marks:
            x = across(value)
            canvas.line([(x, 0.0), (x, bottom)], "line")
        words = [money(v, unit=unit).replace(".0bn", "bn") if v else "0" for v in marks]
        below(canvas, across, bottom + 12.0, marks, words)
        for i, driver in enumerate(self.drivers):
            top = i * row + 3.0
            middle = top + 6.0 * len(self.series) + 3.0
            lines = wrapped(driver, _LEFT, 8.5)
            first = middle - 5.0 * (len(lines) - 1)
            for k, line in enumerate(lines):
                canvas.text(_LEFT, first + 10.0 * k, line, anchor="end", colour="ink")
            for j, (name, look, pairs) in enumerate(self.series):
                self._range(
                    canvas, across, top + 12.0 * j + 6.0, pairs[i], look, name if i == 0 else ""
                )
        alt = f"{self.title()}. " + "; ".join(self._in_words())
        return (Panel("", "ink", canvas.svg(alt), self.width, alt),)

    def _range(
        self,
        canvas: Canvas,
        across: Axis,
        y: float,
        pair: tuple[float, float],
        look: Look,
        name: str,
    ) -> None:
        low, high = min(pair), max(pair)
        unit = unit_of([low, high])
        canvas.rect(
            across(low), y - _BAR / 2.0, max(across(high) - across(low), 0.8), _BAR, look.mark
        )
        canvas.text(
            across(low) - 3.0, y + 3.0, money(low, unit=unit), anchor="end", colour=look.text
        )
        said = money(high, unit=unit)
        if name:
            said = fitted(f"{said} {name}", self.width - across(high) - 3.0, 8.5, "bold")
        weight: Weight = "bold" if name else "regular"
        canvas.text(across(high) + 3.0, y + 3.0, said, colour=look.text, weight=weight)

    def _in_words(self) -> list[str]:
        name, _, pairs = self.series[0]
        return [
            f"{driver}: {money(min(pair))} to {money(max(pair))} under {name}"
            for driver, pair in zip(self.drivers, pairs, strict=True)
        ]
