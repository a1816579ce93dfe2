"""Figure 1: what happens year by year. The deficit as a fan, reserves and rescues as lines."""

from __future__ import annotations

import math
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
from riskmc.figures.canvas import Canvas, Weight, text_width, wrapped
from riskmc.words.board import hundred, money, per_cent, unit_of

_BANDS = ("p10", "p25", "p50", "p75", "p90")
_LEFT, _TOP, _BOTTOM = 34.0, 8.0, 16.0
#: Width of a panel where three are in a row [pt].
_NARROW = 162.0
#: A label at the end of a line is no wider than this part of its panel.
_LABEL = 0.4


@dataclass(frozen=True)
class Fan:
    """Quantiles of the deficit by year under one set of rules [£m], and how it is drawn.

    Parameters
    ----------
    name : str
        The set of rules, as the table names it.
    heading : str
        Above the panel.
    look : Look
        How it is drawn.
    quantiles : dict of str to sequence of float
        "p10", "p25", "p50", "p75" and "p90" by year [£m].
    error : float
        Standard error of the last year's median [£m]: it is written with no digit below it.
    """

    name: str
    heading: str
    look: Look
    quantiles: dict[str, Sequence[float]]
    error: float = math.nan


@dataclass(frozen=True)
class Line:
    """A share or a chance by year under one set of rules.

    Parameters
    ----------
    name : str
        The set of rules.
    look : Look
        How it is drawn.
    values : sequence of float
        By year, as fractions.
    """

    name: str
    look: Look
    values: Sequence[float]


@dataclass(frozen=True)
class ByYear(Figure):
    """What happens year by year.

    Parameters
    ----------
    finding : str
        The title.
    years : tuple of str
        Labels.
    fans : tuple of Fan
        At most three, on one axis.
    lines : tuple of (str, tuple of Line, bool)
        Heading and lines of each further panel; the last says whether they are chances, written of
        100.
    words : str
        How to read it.
    width, height : float
        Of one drawing [pt].
    """

    finding: str
    years: tuple[str, ...]
    fans: tuple[Fan, ...]
    lines: tuple[tuple[str, tuple[Line, ...], bool], ...]
    words: str
    width: float = 250.0
    height: float = 106.0
    key: str = field(default="by-year", init=False)
    guide: ClassVar[Guide] = Guide(
        "1 By year",
        "What happens, year by year?",
        "Fans: the line is the middle future of each year, the dark band holds 50 of "
        "100 futures, the pale one 80. Lines: spending run by bodies without reserves "
        "at that year end, and futures that have needed a large rescue by then",
        "A path: no single future follows the edge of a band",
    )

    @classmethod
    def example(cls, rules: Named, size: float) -> Self:
        """Return one with invented numbers."""
        years = ("2026/27", "2027/28", "2028/29", "2029/30", "2030/31")
        share_of = {"p10": 0.0, "p25": 0.2, "p50": 0.5, "p75": 0.8, "p90": 1.4}
        growth = [1.0 + 0.3 * t for t in range(len(years))]
        fans, lines = [], []
        for i, (name, look) in enumerate(rules):
            middle = size / (i + 1)
            quantiles: dict[str, Sequence[float]] = {
                q: [share * middle * g for g in growth] for q, share in share_of.items()
            }
            fans.append(Fan(name, f"Deficit in the year, {name}", look, quantiles))
            lines.append(Line(name, look, [0.1 * (i + t) for t in range(1, len(years) + 1)]))
        return cls(
            "By year five the middle deficit is large",
            years,
            tuple(fans),
            (
                ("Spending without reserves", tuple(lines), False),
                ("Large rescues by then", tuple(lines), True),
            ),
            "The line is the middle future of each year.",
        )

    def title(self) -> str:
        """Return the finding."""
        return self.finding

    def note(self) -> str:
        """Return how to read it."""
        return self.words

    def panels(self) -> tuple[Panel, ...]:
        """Return a fan for each set of rules, then the lines."""
        top = max((max(fan.quantiles["p90"]) for fan in self.fans), default=0.0)
        width = _NARROW if len(self.fans) in (1, 3) else self.width
        drawn = [self._fan(fan, top, width) for fan in self.fans]
        lines = _NARROW if len(self.fans) == 1 else self.width
        drawn += [self._lines(*panel, lines) for panel in self.lines]
        return tuple(drawn)

    def table(self) -> DataTable:
        """Return quantiles, shares and chances by year."""
        rows: list[tuple[str | float, ...]] = []
        for fan in self.fans:
            for i, year in enumerate(self.years):
                numbers = [float(fan.quantiles[q][i]) for q in _BANDS]
                rows.append((f"Deficit in the year [£m], {fan.name}", year, *numbers))
        for heading, lines, _ in self.lines:
            for line in lines:
                for year, value in zip(self.years, line.values, strict=True):
                    rows.append((f"{heading}, {line.name}", year, "", "", float(value), "", ""))
        columns = ("What", "Year", "P10", "P25", "Middle, or the share", "P75", "P90")
        return DataTable(columns, tuple(rows))

    def _across(self, right: float) -> Axis:
        return Axis(0.0, max(len(self.years) - 1, 1), _LEFT + 4.0, right)

    def _years(self, canvas: Canvas, across: Axis, room: float) -> None:
        """Write the first year, the last, and those between that fit."""
        last = len(self.years) - 1
        step = max(1, -(-last // max(int(room // 48.0), 1)))
        shown = [i for i in range(0, last + 1, step) if last - i >= 0.75 * step or i == last]
        for i in sorted({*shown, last}):
            x = across(i) if last else across.start
            canvas.line([(x, canvas.height - _BOTTOM), (x, canvas.height - _BOTTOM + 2.5)], "grey")
            canvas.text(x, canvas.height - 3.5, self.years[i], anchor="middle")

    def _fan(self, fan: Fan, top: float, width: float) -> Panel:
        canvas = Canvas(width, self.height)
        bottom = self.height - _BOTTOM
        up = Axis(0.0, max(top, 1e-9), bottom, _TOP)
        marks = ticks(0.0, top, most=4)
        unit = unit_of(marks)
        labels = _end_labels(fan)
        room = max(text_width(text, 8.5, "bold") for _, text in labels) + 6.0
        across = self._across(width - room)
        for value in marks:
            canvas.line(
                [(_LEFT, up(value)), (across.stop + 2.0, up(value))],
                "grey" if value == 0.0 else "line",
            )
            text = "0" if value == 0.0 else money(value, unit=unit)
            canvas.text(_LEFT - 4.0, up(value) + 3.0, text, anchor="end")
        xs = [across(i) for i in range(len(self.years))]
        if len(xs) == 1:
            xs = [across.start, across.stop]
        q = {name: [*v] * (2 if len(self.years) == 1 else 1) for name, v in fan.quantiles.items()}
        for low, high, colour in (
            ("p10", "p90", fan.look.pale),
            ("p25", "p75", fan.look.middle),
        ):
            edge = [(x, up(v)) for x, v in zip(xs, q[high], strict=True)]
            back = [(x, up(v)) for x, v in zip(xs, q[low], strict=True)]
            canvas.area([*edge, *reversed(back)], colour)
        middle = [(x, up(v)) for x, v in zip(xs, q["p50"], strict=True)]
        canvas.line(middle, fan.look.mark, 2.0)
        ends = apart([up(q[name][-1]) for name, _ in labels], 10.0, _TOP, bottom)
        for (name, text), y in zip(labels, ends, strict=True):
            weight: Weight = "bold" if name == "p50" else "regular"
            canvas.text(across.stop + 4.0, y + 3.0, text, colour=fan.look.text, weight=weight)
        self._years(canvas, across, across.stop - across.start)
        alt = f"{fan.heading}: {labels[0][1]} in {self.years[-1]}, {money(q['p90'][-1])} in 1 of 10"
        return Panel(fan.heading, fan.look.text, canvas.svg(alt), width, alt)

    def _lines(
        self, heading: str, lines: tuple[Line, ...], of_hundred: bool, width: float
    ) -> Panel:
        canvas = Canvas(width, self.height)
        bottom = self.height - _BOTTOM
        up = Axis(0.0, 1.0, bottom, _TOP)
        say = hundred if of_hundred else per_cent
        said = [f"{line.name} {say(line.values[-1])}" for line in lines]
        labels = [wrapped(text, _LABEL * width, 8.5, "bold") for text in said]
        room = max(text_width(row, 8.5, "bold") for text in labels for row in text) + 8.0
        across = self._across(width - room)
        for value in (0.0, 0.5, 1.0):
            canvas.line(
                [(_LEFT, up(value)), (across.stop + 2.0, up(value))],
                "grey" if value == 0.0 else "line",
            )
            text = f"{100 * value:.0f}" + ("" if of_hundred or value == 0.0 else "%")
            canvas.text(_LEFT - 4.0, up(value) + 3.0, text, anchor="end")
        for line in lines:
            points = [(across(i), up(v)) for i, v in enumerate(line.values)]
            if len(points) > 1:
                canvas.line(points, line.look.mark, 1.8, line.look.dash)
            for x, y in points:
                canvas.mark(x, y, line.look.shape, line.look.mark, 2.3)
        tall = [LINE * len(text) for text in labels]
        lowest = bottom if len(self.years) > 1 else bottom - 5.0  # clear of the axis
        ends = apart([up(line.values[-1]) for line in lines], tall, _TOP, lowest)
        for line, rows, y in zip(lines, labels, ends, strict=True):
            stop = across.stop if len(self.years) > 1 else across.start
            label(canvas, stop + 6.0, y + 3.0, rows, colour=line.look.text, weight="bold")
        self._years(canvas, across, across.stop - across.start)
        alt = f"{heading}, {self.years[-1]}: {', '.join(said)}"
        return Panel(heading, "ink", canvas.svg(alt), width, alt)


def _end_labels(fan: Fan) -> list[tuple[str, str]]:
    """Return the labels at the right end of a fan, without what coincides with its middle."""
    middle, high, higher = (fan.quantiles[q][-1] for q in ("p50", "p75", "p90"))
    labels = [("p50", f"middle {money(middle, mcse=fan.error)}")]
    if high > middle:
        labels.append(("p75", "1 in 4 higher"))
    if higher > high:
        labels.append(("p90", "1 in 10 higher"))
    return labels
