"""Stacks of dots over a money scale; a value that many futures share stands in a block beside it.

Amounts often have such a value: no bailout, no difference. Stacked over the scale it would
dwarf everything else.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from riskmc.figures.layout import EDGE, Scale, Sheet, money_across, text_width
from riskmc.figures.style import SMALL, WIDTH
from riskmc.words.figure_text import money

#: Dots stand in at most this many columns across the scale.
_COLUMNS = 26
_LARGEST, _SMALLEST = 0.2, 0.06
_TALLEST = 2.0
#: A value is set aside where it is at least this share of a row's dots.
_SHARED = 0.16
_BLOCK_ROWS = 10

#: From a dot's value: marker, fill, edge, name.
Kind = tuple[str, str, str, str]


@dataclass(frozen=True)
class DotLayout:
    """Where dots go: their size, the scale, and the block of a shared value, all in inches."""

    dot: float
    scale: Scale
    left: float
    width: float
    shared: float | None
    shared_text: str
    tall: tuple[float, ...]
    empty: bool

    def stacks(self, values: Sequence[float]) -> list[tuple[float, list[float]]]:
        """Return (place on the scale, values) of each column, without the shared value."""
        size = (self.scale.high - self.scale.low) / _COLUMNS
        columns: dict[int, list[float]] = {}
        for value in values:
            if value != self.shared:
                columns.setdefault(math.floor(value / size), []).append(value)
        return [((place + 0.5) * size, columns[place]) for place in sorted(columns)]

    def block(self, values: Sequence[float]) -> int:
        """Return how many dots have the shared value."""
        return sum(1 for value in values if value == self.shared)


def lay_out(
    rows: Sequence[Sequence[float]], *, marks: Sequence[float] = (), zero: bool = False
) -> DotLayout:
    """Lay out rows of dots over one scale; with `zero`, 0 is on it and the value set aside."""
    shared = _shared(rows, only_zero=zero)
    rest = [v for row in rows for v in row if v != shared]
    text = "" if shared is None else ("the same" if zero else f"exactly {money(shared)}")
    most = 0 if shared is None else max(sum(1 for v in row if v == shared) for row in rows)
    columns = math.ceil(most / _BLOCK_ROWS)
    beside = max(columns * _LARGEST, text_width(text, SMALL)) + 0.3 if most else 0.0
    left = EDGE + 0.15 + beside
    width = WIDTH - left - EDGE - 0.2
    scale = money_across([*rest, *marks], width, zero=zero)
    first = DotLayout(_LARGEST, scale, left, width, shared, text, (), not rest)
    heights = [[len(stack) for _, stack in first.stacks(row)] for row in rows]
    highest = max((h for found in heights for h in found), default=1)
    dot = max(min(width / _COLUMNS, _LARGEST, _TALLEST / highest), _SMALLEST)
    tall = tuple(
        dot * max([*found, min(first.block(row), _BLOCK_ROWS), 1]) + 0.1
        for found, row in zip(heights, rows, strict=True)
    )
    return DotLayout(dot, scale, left, width, shared, text, tall, not rest)


def _shared(rows: Sequence[Sequence[float]], *, only_zero: bool) -> float | None:
    """Return the value that so many dots of a row share that it is set aside."""
    counts: Counter[float] = Counter()
    for row in rows:
        for value, count in Counter(row).items():
            often = count >= max(_SHARED * len(row), 2)
            if value == 0.0 if only_zero else often:
                counts[value] = max(counts[value], count)
    return max(counts, key=lambda value: counts[value]) if counts else None


def draw_row(
    sheet: Sheet,
    layout: DotLayout,
    values: Sequence[float],
    *,
    bottom: float,
    tall: float,
    kind: Callable[[float], Kind],
) -> Axes:
    """Draw one row of dots above `bottom`, inches; return its Axes."""
    axes = sheet.axes(layout.left, bottom, layout.width, tall)
    layout.scale.put(axes, "x")
    axes.set_ylim(0.0, tall)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    if layout.empty:
        axes.set_axis_off()
    places: dict[Kind, list[tuple[float, float]]] = {}
    for x, stack in layout.stacks(values):
        for n, value in enumerate(sorted(stack)):
            places.setdefault(kind(value), []).append((x, layout.dot * (n + 0.5)))
    _draw(axes, places, layout.dot)
    if layout.shared is not None:
        _draw_block(sheet, layout, values, bottom=bottom, tall=tall, kind=kind(layout.shared))
    return axes


def _draw(axes: Axes, places: dict[Kind, list[tuple[float, float]]], dot: float) -> None:
    for (marker, fill, edge, name), found in places.items():
        axes.plot(
            [x for x, _ in found],
            [y for _, y in found],
            linestyle="none",
            marker=marker,
            markersize=dot * 72.0 * (0.9 if marker == "o" else 0.78),
            markerfacecolor=fill,
            markeredgecolor=edge,
            markeredgewidth=0.8,
            clip_on=False,
            gid=name,
            zorder=3,
        )


def _draw_block(
    sheet: Sheet,
    layout: DotLayout,
    values: Sequence[float],
    *,
    bottom: float,
    tall: float,
    kind: Kind,
) -> None:
    """Draw the dots of the shared value as a block left of the scale, its meaning below it."""
    left = EDGE + 0.05
    width = layout.left - left - 0.25
    axes = sheet.axes(left, bottom, width, tall)
    axes.set_xlim(0.0, width)
    axes.set_ylim(0.0, tall)
    axes.set_axis_off()
    count = layout.block(values)
    found = [
        (layout.dot * (n // _BLOCK_ROWS + 0.5), layout.dot * (n % _BLOCK_ROWS + 0.5))
        for n in range(count)
    ]
    if found:
        _draw(axes, {kind: found}, layout.dot)
    sheet.write(left, bottom - 0.21, layout.shared_text, size=SMALL)
