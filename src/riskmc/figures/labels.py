"""Parts that several figures share: labels at the ends of lines, heads of panels, keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from riskmc.figures.layout import Sheet, line_height, spread_out, text_width, wrap
from riskmc.figures.style import BASE, GREY, INK, LOOKS, SMALL, WIDTH, Look
from riskmc.figures.tables import Mark
from riskmc.words.figure_text import Unit, money

#: Between a mark and its label, inches.
LEADER = 0.22


@dataclass(frozen=True)
class EndLabel:
    """A label to the right of the axes: where its mark is, what it says, in which look."""

    value: float
    lines: Sequence[str]
    colour: str = INK
    look: Look | None = None
    weight: str = "normal"


def end_labels(
    sheet: Sheet, axes: Axes, labels: Sequence[EndLabel], *, size: float = SMALL
) -> None:
    """Write labels right of the axes, level with their values as far as there is room.

    A thin line leads from the end of the scale to each label; a regime's marker stands on it.
    """
    if not labels:
        return
    box = axes.get_position()
    right = box.x1 * sheet.width
    low, high = box.y0 * sheet.full - 0.35, box.y1 * sheet.full + 0.1
    heights = [len(label.lines) * line_height(size) + 0.05 for label in labels]
    wanted = [sheet.y_of(axes, label.value) for label in labels]
    centres = spread_out(wanted, heights, low=low, high=high)
    for label, place, centre in zip(labels, wanted, centres, strict=True):
        at = right + LEADER
        sheet.line([right + 0.03, at - 0.04], [place, centre], colour=GREY)
        if label.look:
            mark(sheet, at + 0.06, centre, label.look)
            at += 0.18
        top = centre + 0.5 * len(label.lines) * line_height(size)
        sheet.write_lines(at, top, label.lines, size=size, colour=label.colour, weight=label.weight)


def end_label_width(labels: Sequence[EndLabel], *, size: float = SMALL) -> float:
    """Return the room right of the axes that the labels need, inches."""
    widths = [
        text_width(line, size, label.weight) + (0.18 if label.look else 0.0)
        for label in labels
        for line in label.lines
    ]
    return LEADER + max(widths, default=0.0) + 0.08


def regime_ends(labels: Sequence[str], values: Sequence[float], width: float) -> list[EndLabel]:
    """Return end labels that name the regimes, wrapped to `width` inches."""
    return [
        EndLabel(
            value=value,
            lines=wrap(label, width, SMALL, "bold"),
            colour=LOOKS[i].deep,
            look=LOOKS[i] if len(labels) > 1 else None,
            weight="bold",
        )
        for i, (label, value) in enumerate(zip(labels, values, strict=True))
    ]


def mark(sheet: Sheet, x: float, y: float, look: Look, *, size: float = 7.0) -> None:
    """Draw a regime's marker at a place in inches."""
    sheet.figure.add_artist(
        Line2D(
            [x / sheet.width],
            [y / sheet.full],
            marker=look.marker,
            markersize=size,
            markerfacecolor=look.main,
            markeredgecolor=look.deep,
            linestyle="none",
            transform=sheet.figure.transFigure,
        )
    )


@dataclass(frozen=True)
class PanelGrid:
    """Panels of several regimes, two in a row, each below its regime's name.

    `heads` are the names' lines, `left` the room at the left for a scale, all in inches.
    """

    heads: tuple[tuple[str, ...], ...]
    left: float
    width: float
    gap: float

    @classmethod
    def of(
        cls, labels: Sequence[str], *, left: float, right: float = 0.36, gap: float = 0.4
    ) -> PanelGrid:
        """Lay out panels for the labels."""
        columns = min(len(labels), 2)
        width = (WIDTH - left - right - (columns - 1) * gap) / columns
        heads = tuple(tuple(wrap(label, width - 0.22, BASE, "bold")) for label in labels)
        return cls(heads, left, width, gap)

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return (len(self.heads) + 1) // 2

    def _tall(self, row: int) -> float:
        return max(map(len, self.heads[2 * row : 2 * row + 2])) * line_height(BASE) + 0.06

    def height(self, body: float) -> float:
        """Return the height of all rows, of which each has `body` inches below its heads."""
        return sum(self._tall(row) + body for row in range(self.rows))

    def place(self, i: int, *, top: float, body: float) -> tuple[float, float]:
        """Return the left end of panel i, and the y just below its head."""
        row = i // 2
        y = top - sum(self._tall(r) for r in range(row + 1)) - row * body
        return self.left + (i % 2) * (self.width + self.gap), y

    def head(self, sheet: Sheet, i: int, x: float, y: float) -> None:
        """Write the name of panel i above y, behind its marker, bottom line lowest."""
        top = y + 0.06 + len(self.heads[i]) * line_height(BASE)
        panel_head(sheet, x, top, self.heads[i], LOOKS[i])


def panel_head(sheet: Sheet, left: float, top: float, lines: Sequence[str], look: Look) -> None:
    """Write a regime's name above its panel, with its marker."""
    mark(sheet, left + 0.07, top - 0.5 * line_height(BASE), look)
    sheet.write_lines(left + 0.2, top, lines, weight="bold", colour=look.deep)


def _mark_texts(marks: Sequence[Mark], unit: Unit) -> list[str]:
    return [f"{one.label} {money(one.value, unit=unit)}" for one in marks]


def mark_rows(marks: Sequence[Mark], unit: Unit) -> int:
    """Return how many rows the names of marks need above the axes."""
    needed = sum(text_width(text, SMALL) + 0.16 for text in _mark_texts(marks, unit))
    return len(marks) if needed > WIDTH else min(len(marks), 1)


def mark_line(
    sheet: Sheet, axes: Axes, marks: Sequence[Mark], unit: Unit, *, label: bool = True
) -> None:
    """Draw vertical lines at marked amounts, their names above the axes.

    Names are moved apart, or put one above another where a row is too short for them.
    """
    texts = _mark_texts(marks, unit)
    rows = mark_rows(marks, unit)
    sizes = [text_width(text, SMALL) + 0.16 for text in texts]
    wanted = [sheet.x_of(axes, one.value) for one in marks]
    places = spread_out(wanted, sizes, low=0.0, high=sheet.width)
    top = axes.get_position().y1 * sheet.full
    for i, one in enumerate(marks):
        axes.axvline(one.value, color=INK, linewidth=1.5, linestyle=(0, (4.0, 2.0)), zorder=2)
        if not label:
            continue
        at, y = places[i], top + 0.08
        if rows > 1:
            half = 0.5 * sizes[i]
            at, y = min(max(wanted[i], half), sheet.width - half), y + 0.28 * (rows - 1 - i)
        sheet.line([wanted[i], at], [top, y], colour=INK)
        sheet.write(at, y + 0.02, texts[i], size=SMALL, ha="center")
