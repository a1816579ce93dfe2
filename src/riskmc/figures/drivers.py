"""Figure 4: what drives the deficit, as a bar from its mean where a driver is low to high."""

from __future__ import annotations

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
from riskmc.words.board import Unit, money, unit_of

_BAR, _LEFT = 4.5, 88.0
#: Room for an amount and a name behind a bar [pt].
_MOST_NAME = 90.0


@dataclass(frozen=True)
class Drivers(Figure):
    """The mean deficit where each driver is about as low, and as high, as in 1 of 10 futures.

    Parameters
    ----------
    finding : str
        The title.
    drivers : tuple of str
        Their labels, the one that matters most first.
    series : tuple of (str, Look, tuple of (float, float))
        Name, look and (low, high) [£m] of each set of rules, in the order of `drivers`.
    words : str
        How to read it.
    width : float
        Of the drawing [pt].
    """

    finding: str
    drivers: tuple[str, ...]
    series: tuple[tuple[str, Look, tuple[tuple[float, float], ...]], ...]
    words: str
    width: float = 270.0
    key: str = field(default="drivers", init=False)
    guide: ClassVar[Guide] = Guide(
        "4 Drivers",
        "What decides the size?",
        "The average deficit where a driver is about as low, and as high, as in 1 of 10 futures",
        "Bounds: a driver may go further",
    )

    @classmethod
    def example(cls, rules: Named, size: float) -> Self:
        """Return one with invented numbers."""
        ends = ((0.2, 2.0), (0.5, 0.52), (0.9, 1.1))
        return cls(
            "Demand matters more than anything else here",
            ("Growth of need", "Central funding against plan", "Delivery"),
            tuple(
                (name, look, tuple((low * size / i, high * size / i) for low, high in ends))
                for i, (name, look) in enumerate(rules, start=1)
            ),
            "The mean where a driver is low, and where it is high.",
        )

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
        above = self._above()
        start = 11.0 * len(above) + (3.0 if above else 0.0)
        height = start + row * len(self.drivers) + 20.0
        canvas = Canvas(self.width, height)
        write_names_above(canvas, above)
        bottom = height - 18.0
        ends = [x for _, _, pairs in self.series for pair in pairs for x in pair]
        marks = ticks(0.0, max(ends, default=1.0), most=4)
        unit = unit_of(marks)
        room = 45.0 if above else max(self._wide())
        across = Axis(0.0, max([*ends, 1e-9]), _LEFT + 38.0, self.width - room - 4.0)
        for value in marks:
            x = across(value)
            canvas.line([(x, start), (x, bottom)], "line")
        words = [money(v, unit=unit).replace(".0bn", "bn") if v else "0" for v in marks]
        below(canvas, across, bottom + 12.0, marks, words)
        for i, driver in enumerate(self.drivers):
            top = start + i * row + 3.0
            middle = top + 6.0 * len(self.series) + 3.0
            label(canvas, _LEFT, middle, wrapped(driver, _LEFT, 8.5), colour="ink", anchor="end")
            for j, (name, look, pairs) in enumerate(self.series):
                said = name if i == 0 and not above else ""
                self._range(canvas, across, top + 12.0 * j + 6.0, pairs[i], look, said)
        alt = f"{self.title()}. " + "; ".join(self._in_words())
        return (Panel("", "ink", canvas.svg(alt), self.width, alt),)

    def _above(self) -> list[tuple[str, Look]]:
        """Return names that are too long for the bars of the first driver."""
        series = [(name, look) for name, look, _ in self.series]
        if max(self._wide()) <= _MOST_NAME:
            return []
        return names_above(series, self.width)

    def _wide(self) -> list[float]:
        """Return how wide amount and name are behind each bar of the first driver."""
        said = [
            f"{money(max(pairs[0]), unit=self._unit())} {name}" for name, _, pairs in self.series
        ]
        return [text_width(words, 8.5, "bold") for words in said]

    def _unit(self) -> Unit:
        """Return the unit of all amounts of the figure: that of the largest."""
        return unit_of(x for _, _, pairs in self.series for pair in pairs for x in pair)

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
        unit = self._unit()
        canvas.rect(
            across(low), y - _BAR / 2.0, max(across(high) - across(low), 0.8), _BAR, look.mark
        )
        canvas.text(
            across(low) - 3.0, y + 3.0, money(low, unit=unit), anchor="end", colour=look.text
        )
        said = money(high, unit=unit)
        if name:
            said = f"{said} {name}"
        weight: Weight = "bold" if name else "regular"
        canvas.text(across(high) + 3.0, y + 3.0, said, colour=look.text, weight=weight)

    def _in_words(self) -> list[str]:
        name, _, pairs = self.series[0]
        unit = self._unit()
        return [
            f"{driver}: {money(min(pair), unit=unit)} to {money(max(pair), unit=unit)} under {name}"
            for driver, pair in zip(self.drivers, pairs, strict=True)
        ]
