"""Figure 5: how much must be held so that reserves last, by confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar, Self

from riskmc.figures.base import Axis, DataTable, Figure, Guide, Look, Named, Panel, ticks
from riskmc.figures.canvas import Canvas, text_width
from riskmc.words.board import Unit, exact, money, unit_of

_LEFT, _TOP, _BOTTOM = 34.0, 10.0, 30.0
_SHOWN = (0.8, 0.9)
#: Left, top, right and bottom of a text [pt].
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class ReservesNeeded(Figure):
    """Opening reserves with which they would last, at each confidence [£m].

    Parameters
    ----------
    finding : str
        The title.
    confidences : tuple of float
        Rising, 0 to 1.
    series : tuple of (str, Look, sequence of float)
        Name, look and amounts [£m] of each set of rules.
    held : float
        Reserves held now [£m].
    across_words : str
        What the level axis shows.
    words : str
        How to read it.
    width, height : float
        Of the drawing [pt].
    """

    finding: str
    confidences: tuple[float, ...]
    series: tuple[tuple[str, Look, Sequence[float]], ...]
    held: float
    across_words: str
    words: str
    width: float = 246.0
    height: float = 168.0
    key: str = field(default="reserves-needed", init=False)
    guide: ClassVar[Guide] = Guide(
        "5 Reserves",
        "How much would last?",
        "Choose how sure you want to be, go up to the curve, then left; the dotted line"
        " is what is held",
        "A recommendation: how sure to be is the board's choice",
    )

    @classmethod
    def example(cls, rules: Named, size: float) -> Self:
        """Return one with invented numbers."""
        shares = (0.0, 1.0, 2.0, 4.0, 6.0, 8.0)
        return cls(
            "Lasting in 9 of 10 futures would take more",
            (0.05, 0.2, 0.5, 0.8, 0.9, 0.95),
            tuple(
                (name, look, [share * size / i for share in shares])
                for i, (name, look) in enumerate(rules, start=1)
            ),
            0.5 * size,
            "futures of 100 in which reserves last to March 2031",
            "The dotted line is what is held.",
        )

    def title(self) -> str:
        """Return the finding."""
        return self.finding

    def note(self) -> str:
        """Return how to read it."""
        return self.words

    def table(self) -> DataTable:
        """Return the curve of each set of rules."""
        rows = tuple(
            (float(c), *(float(amounts[i]) for _, _, amounts in self.series), float(self.held))
            for i, c in enumerate(self.confidences)
        )
        columns = tuple(f"{name} [£m]" for name, _, _ in self.series)
        return DataTable(("Confidence", *columns, "Held [£m]"), rows)

    def panels(self) -> tuple[Panel, ...]:
        """Return one panel of curves, with a line at what is held."""
        canvas = Canvas(self.width, self.height)
        bottom = self.height - _BOTTOM
        top = max([self.held, *(max(amounts) for _, _, amounts in self.series)])
        marks = ticks(min(0.0, self.held), top)
        up = Axis(min(0.0, self.held), max(top, 1e-9), bottom, _TOP)
        across = Axis(self.confidences[0], self.confidences[-1], _LEFT + 2.0, self.width - 6.0)
        unit = unit_of(marks)
        for value in marks:
            canvas.line(
                [(_LEFT, up(value)), (self.width, up(value))], "grey" if value == 0 else "line"
            )
            text = "0" if value == 0.0 else money(value, unit=unit).replace(".0bn", "bn")
            canvas.text(_LEFT - 4.0, up(value) + 3.0, text, anchor="end")
        for share in (0.2, 0.5, 0.8, 0.9):
            canvas.line([(across(share), bottom), (across(share), bottom + 2.5)], "grey")
            canvas.text(across(share), bottom + 12.0, f"{100 * share:.0f}", anchor="middle")
        middle = (_LEFT + self.width) / 2.0
        canvas.text(middle, self.height - 4.0, self.across_words, anchor="middle")
        held = up(self.held)
        room = _Room(self.width, bottom)
        for _, look, amounts in self.series:
            points = [(across(c), up(v)) for c, v in zip(self.confidences, amounts, strict=True)]
            canvas.line(points, look.mark, 2.0, look.dash)
            room.block(points)
        canvas.line([(_LEFT, held), (self.width, held)], "ink", 1.0, "1.5 1.5")
        room.block([(_LEFT, held), (self.width, held)])
        self._names(canvas, across, up, room)
        said = f"held: {exact(self.held)}"
        wide = text_width(said, 8.5)
        places = [self.width - 2.0 - wide, _LEFT + 3.0]
        places += [_LEFT + 3.0 + s * (self.width - _LEFT - wide - 5.0) for s in (0.25, 0.5, 0.75)]
        wanted = [(x, y) for y in (held - 3.5, held + 9.5) for x in places]
        x, y = room.take(wanted, wide)
        canvas.text(x, y, said, colour="ink")
        for _, look, amounts in self.series:
            self._points(canvas, across, up, look, amounts, room)
        alt = f"{self.title()}. {'; '.join(self._in_words())}"
        return (Panel("", "ink", canvas.svg(alt), self.width, alt),)

    def _unit(self) -> Unit:
        """Return the unit of all amounts of the figure, and of the table alongside it."""
        return unit_of(amount for _, _, amounts in self.series for amount in amounts)

    def _points(
        self,
        canvas: Canvas,
        across: Axis,
        up: Axis,
        look: Look,
        amounts: Sequence[float],
        room: _Room,
    ) -> None:
        """Mark the confidences shown, with the amount where there is room: the table has it."""
        for share in _SHOWN:
            if share not in self.confidences:
                continue
            value = amounts[self.confidences.index(share)]
            x, y = across(share), up(value)
            canvas.mark(x, y, look.shape, look.mark, 3.0)
            said = money(value, unit=self._unit())
            wide = text_width(said, 8.5)
            left, right = x - 5.0 - wide, min(x + 5.0, self.width - wide)
            wanted = [(left, y - 5.0), (left - 4.0, y - 9.0), (right, y + 10.0), (left, y + 11.0)]
            free = [place for place in wanted if room.free(*place, wide)]
            if free:
                room.take(free, wide)
                canvas.text(*free[0], said, colour=look.text)

    def _names(self, canvas: Canvas, across: Axis, up: Axis, room: _Room) -> None:
        """Write each name by its curve, in its middle, clear of everything else."""
        order = sorted(self.confidences, key=lambda c: abs(c - 0.5))
        for name, look, amounts in self.series:
            wide = text_width(name, 8.5, "bold")
            wanted = []
            for above in (True, False):
                for c in order:
                    x, y = across(c), up(amounts[self.confidences.index(c)])
                    if above:
                        wanted += [(x - wide - up_by, y - up_by) for up_by in (3.0, 7.0, 12.0)]
                    else:
                        wanted += [(x + down, y + 8.0 + down) for down in (3.0, 7.0, 12.0)]
            inside = [(min(max(x, _LEFT + 3.0), self.width - wide), y) for x, y in wanted]
            x, y = room.take(inside, wide)
            canvas.text(x, y, name, colour=look.text, weight="bold")

    def _in_words(self) -> list[str]:
        found, unit = [], self._unit()
        for name, _, amounts in self.series:
            for share in _SHOWN:
                if share in self.confidences:
                    amount = money(amounts[self.confidences.index(share)], unit=unit)
                    found.append(f"{name}: {amount} to last in {100 * share:.0f} of 100 futures")
        return found


class _Room:
    """Where labels and lines are already: what is clear of both is free."""

    def __init__(self, width: float, bottom: float) -> None:
        self._width, self._bottom = width, bottom
        self._texts: list[Box] = []
        self._lines: list[Box] = []

    def block(self, points: Sequence[tuple[float, float]]) -> None:
        """Keep labels off a line."""
        for (x, y), (far, end) in pairwise(points):
            steps = max(int(max(abs(far - x), abs(end - y)) // 3.0), 1)
            for i in range(steps + 1):
                at, height = x + (far - x) * i / steps, y + (end - y) * i / steps
                self._lines.append((at - 1.0, height - 1.0, at + 1.0, height + 1.0))

    def free(self, x: float, y: float, wide: float) -> bool:
        """Say whether a label has room, clear of labels and of lines."""
        box = _box(x, y, wide)
        return self._inside(box) and not any(
            _overlap(box, other) for other in (*self._texts, *self._lines)
        )

    def take(self, wanted: Sequence[tuple[float, float]], wide: float) -> tuple[float, float]:
        """Return the first place that is free, else clear of labels, else the first; keep it."""
        clear = (place for place in wanted if self.free(*place, wide))
        legible = (
            place
            for place in wanted
            if self._inside(_box(*place, wide))
            and not any(_overlap(_box(*place, wide), other) for other in self._texts)
        )
        chosen = next(clear, None) or next(legible, None) or wanted[0]
        self._texts.append(_box(*chosen, wide))
        return chosen

    def _inside(self, box: Box) -> bool:
        return (
            box[0] >= _LEFT and box[1] >= 0.0 and box[2] <= self._width and box[3] <= self._bottom
        )


def _box(x: float, y: float, wide: float) -> Box:
    return (x, y - 7.0, x + wide, y + 1.5)


def _overlap(one: Box, other: Box) -> bool:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > -2.0 and high > 0.0
