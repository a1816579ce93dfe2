"""What a figure is: a finding as its title, panels, alternative text, and the numbers behind it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Self

from riskmc.figures.canvas import Anchor, Canvas, Weight, text_width, wrapped

#: No panel is wider, so that its text stays readable on a phone [pt].
WIDEST = 270.0


@dataclass(frozen=True)
class Look:
    """How one set of rules is drawn: distinguished by colour, mark and line.

    Names of colours are those of `canvas.COLOURS`.

    Parameters
    ----------
    mark : str
        Colour of lines and bars.
    text : str
        Colour of words.
    middle : str
        Colour of the band that holds 50 of 100 futures.
    pale : str
        Colour of the band that holds 80 of 100 futures.
    shape : {"circle", "square", "triangle"}
        Mark of a point.
    dash : str
        Dashes of a line, as SVG has them; empty: unbroken.
    """

    mark: str
    text: str
    middle: str
    pale: str
    shape: str
    dash: str


LOOKS: tuple[Look, ...] = (
    Look("navy", "navy", "navy-mid", "navy-pale", "circle", ""),
    Look("orange", "orange-text", "orange-mid", "orange-pale", "square", "6 2.5"),
    Look("slate", "slate", "slate-mid", "slate-pale", "triangle", "2 2"),
)
#: Further sets of rules alongside the base: distinguished by their labels.
PLAIN = LOOKS[2]


@dataclass(frozen=True)
class Panel:
    """One drawing.

    Parameters
    ----------
    heading : str
        Above it; empty without one.
    colour : str
        Of the heading.
    svg : str
        The drawing.
    width : float
        Its width [pt].
    alt : str
        The drawing in words.
    """

    heading: str
    colour: str
    svg: str
    width: float
    alt: str


@dataclass(frozen=True)
class DataTable:
    """The numbers behind a figure.

    Parameters
    ----------
    columns : tuple of str
        Headings, units in brackets.
    rows : tuple of tuple of str or float
        Text or bare numbers.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]


@dataclass(frozen=True)
class Guide:
    """How to read a figure: its row of docs/figures.md.

    Parameters
    ----------
    place : str
        Where it is in the reports.
    question : str
        What it answers.
    reading : str
        How to read it.
    misreading : str
        What it is not to be read as.
    """

    place: str
    question: str
    reading: str
    misreading: str


#: Names of sets of rules, each with how it is drawn.
Named = Sequence[tuple[str, Look]]


class Figure(ABC):
    """A figure. Each is one class in a module of its own."""

    #: Name, unique among figures.
    key: str
    guide: ClassVar[Guide]

    @classmethod
    @abstractmethod
    def example(cls, rules: Named, size: float) -> Self:
        """Return the figure with invented numbers, for the gallery and for tests.

        Parameters
        ----------
        rules : sequence of (str, Look)
            Name and look of each set of rules.
        size : float
            About how large amounts are [£m].

        Returns
        -------
        Figure
            As a report would have it.
        """

    @abstractmethod
    def title(self) -> str:
        """Return the finding: a sentence of six to fifteen words with a verb.

        Returns
        -------
        str
            Without a full stop.
        """

    @abstractmethod
    def panels(self) -> tuple[Panel, ...]:
        """Return the drawings, in reading order.

        Returns
        -------
        tuple of Panel
            One for each drawing.
        """

    @abstractmethod
    def note(self) -> str:
        """Return how to read it.

        Returns
        -------
        str
            Sentences below the figure.
        """

    @abstractmethod
    def table(self) -> DataTable:
        """Return the numbers behind it.

        Returns
        -------
        DataTable
            Amounts in £m, chances and shares as fractions.
        """

    def alt(self) -> str:
        """Return the figure in words: its finding.

        Returns
        -------
        str
            One sentence or more, for those who cannot see it.
        """
        return f"{self.title()}."

    def _repr_html_(self) -> str:
        """Show the figure in a notebook."""
        from html import escape

        drawn = "".join(
            f'<div style="width:{panel.width:g}pt"><b>{escape(panel.heading)}</b>{panel.svg}</div>'
            for panel in self.panels()
        )
        return f"<h4>{escape(self.title())}</h4>{drawn}<p>{escape(self.note())}</p>"


@dataclass(frozen=True)
class Axis:
    """A straight scale from amounts to points: `low` at `start`, `high` at `stop`."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        """Return the position of a value."""
        if not math.isfinite(value) or self.high == self.low:
            return self.start
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.stop - self.start)


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Return round values between `low` and `high`, nil among them, no more than `most`.

    >>> ticks(0.0, 1050.0), ticks(-1900.0, 570.0), ticks(0.0, 0.0)
    ([0.0, 500.0, 1000.0], [-1000.0, 0.0], [0.0])
    """
    low, high = min(low, 0.0), max(high, 0.0)
    width = high - low
    if not width > 0.0 or not math.isfinite(width):
        return [0.0]
    scale = 10.0 ** math.floor(math.log10(width))
    for step in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0):
        first = math.ceil(low / (step * scale) - 1e-9)
        last = math.floor(high / (step * scale) + 1e-9)
        if last - first <= most - 1:
            return [float(f"{i * step * scale:.6g}") + 0.0 for i in range(first, last + 1)]
    return [0.0]


def apart(
    wanted: Sequence[float], gap: float | Sequence[float], low: float, high: float
) -> list[float]:
    """Return heights near the wanted ones, at least `gap` apart, within bounds, order kept.

    A gap for each: the height of its label; the bounds are those of the smallest.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [wanted[i] for i in order]
    tall = [gap] * len(placed) if isinstance(gap, float | int) else [gap[i] for i in order]
    between = [0.5 * (one + two) for one, two in pairwise(tall)]
    least = min(tall, default=0.0)
    lows = [low + 0.5 * (one - least) for one in tall]
    highs = [high - 0.5 * (one - least) for one in tall]
    for _ in range(60):
        for i in range(len(placed) - 1):
            short = between[i] - (placed[i + 1] - placed[i])
            if short > 1e-9:
                placed[i] -= short / 2.0
                placed[i + 1] += short / 2.0
        placed = [min(max(y, a), b) for y, a, b in zip(placed, lows, highs, strict=True)]
        if len(placed) > 1 and placed[0] == lows[0]:
            for i in range(1, len(placed)):
                placed[i] = max(placed[i], placed[i - 1] + between[i - 1])
        if len(placed) > 1 and placed[-1] >= highs[-1]:
            placed[-1] = highs[-1]
            for i in range(len(placed) - 2, -1, -1):
                placed[i] = min(placed[i], placed[i + 1] - between[i])
    found = [0.0] * len(wanted)
    for place, i in enumerate(order):
        found[i] = placed[place]
    return found


#: From one line of a label to the next [pt].
LINE = 10.0


def label(
    canvas: Canvas,
    x: float,
    y: float,
    lines: Sequence[str],
    *,
    colour: str,
    weight: Weight = "regular",
    anchor: Anchor = "start",
) -> None:
    """Write a label of several lines, y the baseline of their middle."""
    first = y - 0.5 * LINE * (len(lines) - 1)
    for i, line in enumerate(lines):
        canvas.text(x, first + LINE * i, line, colour=colour, weight=weight, anchor=anchor)


def names_above(series: Named, width: float) -> list[tuple[str, Look]]:
    """Return lines of names for the head of a drawing, where marks have no room for them."""
    return [
        (line, look) for name, look in series for line in wrapped(name, width - 12.0, 8.5, "bold")
    ]


def write_names_above(canvas: Canvas, lines: Named) -> None:
    """Write names above a drawing, each behind the mark of its rules."""
    seen: set[str] = set()
    for i, (line, look) in enumerate(lines):
        y = 9.0 + 11.0 * i
        if look.mark not in seen:
            canvas.rect(0.0, y - 6.5, 7.0, 6.5, look.mark)
            seen.add(look.mark)
        canvas.text(11.0, y, line, colour=look.text, weight="bold")


def below(
    canvas: Canvas, across: Axis, height: float, values: Sequence[float], words: Sequence[str]
) -> None:
    """Write values under a level axis, inside the drawing, those without room left out."""
    taken = -math.inf
    for value, text in zip(values, words, strict=True):
        half = 0.5 * text_width(text, 8.5)
        x = min(max(across(value), half), canvas.width - half)
        if x - half >= taken + 4.0:
            canvas.text(x, height, text, anchor="middle")
            taken = x + half
