"""Figure 5: how much must be held so that reserves last, by confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from riskmc.figures.base import Axis, DataTable, Figure, Look, Panel, apart, ticks
from riskmc.figures.canvas import Canvas, fitted, text_width
from riskmc.words.board import exact, money, unit_of

_LEFT, _TOP, _BOTTOM = 34.0, 10.0, 30.0
_SHOWN = (0.8, 0.9)
#: Left, top, right and bottom of a text [pt].
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class ReservesNeeded(Figure):
    """Opening reserves with which they would last, at each confidence [£m].

    confidences  rising
    series       name, look and amounts of each set of rules
    held         what is held now
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
        words = fitted(self.across_words, self.width - _LEFT, 8.5)
        canvas.text(middle, self.height - 4.0, words, anchor="middle")
        taken: list[Box] = []
        for _, look, amounts in self.series:
            points = [(across(c), up(v)) for c, v in zip(self.confidences, amounts, strict=True)]
            canvas.line(points, look.mark, 2.0, look.dash)
            self._points(canvas, across, up, look, amounts, taken)
        self._names(canvas, across, up, bottom, taken)
        held = up(self.held)
        canvas.line([(_LEFT, held), (self.width, held)], "ink", 1.0, "1.5 1.5")
        said = f"held: {exact(self.held)}"
        x, y = _free(taken, text_width(said, 8.5), held, self.width, bottom)
        canvas.text(x, y, said, colour="ink")
        alt = f"{self.title()}. {'; '.join(self._in_words())}"
        return (Panel("", "ink", canvas.svg(alt), self.width, alt),)

    def _points(
        self,
        canvas: Canvas,
        across: Axis,
        up: Axis,
        look: Look,
        amounts: Sequence[float],
        taken: list[Box],
    ) -> None:
        for share in _SHOWN:
            if share not in self.confidences:
                continue
            value = amounts[self.confidences.index(share)]
            x, y = across(share), up(value)
            canvas.mark(x, y, look.shape, look.mark, 3.0)
            said = money(value)
            box = _box(x - 5.0 - text_width(said, 8.5), y - 5.0, said)
            if not any(_overlap(box, other) for other in taken):
                canvas.text(x - 5.0, y - 5.0, said, anchor="end", colour=look.text)
                taken.append(box)

    def _names(
        self, canvas: Canvas, across: Axis, up: Axis, bottom: float, taken: list[Box]
    ) -> None:
        """Write each name above its curve, left of the middle."""
        at = min(range(len(self.confidences)), key=lambda i: abs(self.confidences[i] - 0.5))
        wanted = [up(amounts[at]) - 9.0 for _, _, amounts in self.series]
        heights = apart(wanted, 11.0, _TOP, bottom - 3.0)
        for (name, look, _), y in zip(self.series, heights, strict=True):
            shown = fitted(name, 90.0, 8.5, "bold")
            x = max(across(self.confidences[at]), _LEFT + 4.0 + text_width(shown, 8.5, "bold"))
            canvas.text(x, y, shown, anchor="end", colour=look.text, weight="bold")
            wide = text_width(shown, 8.5, "bold")
            taken.append((x - wide, y - 7.0, x, y + 1.5))

    def _in_words(self) -> list[str]:
        found = []
        for name, _, amounts in self.series:
            for share in _SHOWN:
                if share in self.confidences:
                    amount = money(amounts[self.confidences.index(share)])
                    found.append(f"{name}: {amount} to last in {100 * share:.0f} of 100 futures")
        return found


def _box(x: float, y: float, text: str) -> Box:
    return (x, y - 7.0, x + text_width(text, 8.5), y + 1.5)


def _overlap(one: Box, other: Box) -> bool:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > -2.0 and high > 0.0


def _free(
    taken: list[Box], wide: float, line: float, width: float, bottom: float
) -> tuple[float, float]:
    """Return where a label of a level line has room: above or below it, right, left, between."""
    heights = [line - 3.0, line + 9.0]
    places = [width - 2.0 - wide, _LEFT + 3.0]
    places += [_LEFT + 3.0 + share * (width - _LEFT - wide - 5.0) for share in (0.25, 0.5, 0.75)]
    for y in heights:
        for x in places:
            box = (x, y - 7.0, x + wide, y + 1.5)
            inside = y - 7.0 >= 0.0 and y + 1.5 <= bottom
            if inside and not any(_overlap(box, other) for other in taken):
                return x, y
    return places[0], heights[0]
