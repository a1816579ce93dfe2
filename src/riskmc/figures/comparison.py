"""Figures that compare two regimes on the same futures: per future, and over assumptions."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from riskmc.figures.alt import panel_text
from riskmc.figures.dot_stacks import Kind, draw_row, lay_out
from riskmc.figures.layout import (
    EDGE,
    Sheet,
    line_height,
    text_width,
    wrap,
)
from riskmc.figures.legend import KeyEntry, draw_key, key_height
from riskmc.figures.significance import verdict
from riskmc.figures.style import BASE, INK, LOOKS, PAPER, SMALL, WIDTH, styled
from riskmc.figures.tables import PairedTable, TippingTable
from riskmc.words.figure_text import money, unit_for

#: Fill and hatch where the second regime is better, worse, or it cannot be told.
_BETTER, _WORSE, _OPEN = (LOOKS[0].main, ""), (LOOKS[1].main, "////"), (PAPER, "")


@styled
def paired_difference(
    *, table: PairedTable, figure: Figure | None = None, title: str | None = None
) -> tuple[Axes, ...]:
    """Draw the difference future by future as dots either side of no difference.

    Filled circles: the second regime does better; squares: worse; rings, in a block at the
    left: the same. Returns an Axes for each panel.
    """
    layout = lay_out([panel.values for panel in table.panels], zero=True)
    width = WIDTH - 2 * EDGE
    head = wrap(f"{table.measure}: {table.second} less {table.first}", width, BASE)
    heads = [wrap(panel_text(table, panel), width, BASE, "bold") for panel in table.panels]
    sides = _sides(table)
    top = len(head) * line_height(BASE) + 0.1
    above = [len(lines) * line_height(BASE) + 0.12 for lines in heads]
    foot = max(len(side) for side in sides) * line_height(SMALL) + 0.1
    height = top + sum(above) + sum(layout.tall) + 0.46 * len(above) + foot
    sheet = Sheet(height=height, figure=figure, title=title)
    sheet.write_lines(EDGE, sheet.height, head)
    y = sheet.height - top
    found = []
    for i, panel in enumerate(table.panels):
        sheet.write_lines(EDGE, y, heads[i], weight="bold")
        y -= above[i] + layout.tall[i]
        axes = draw_row(
            sheet, layout, panel.values, bottom=y, tall=layout.tall[i], kind=_kind(table)
        )
        if not layout.empty:
            axes.axvline(0.0, color=INK, linewidth=1.3, zorder=2)
        y -= 0.46
        found.append(axes)
    sheet.write_lines(EDGE, foot - 0.04, sides[0], size=SMALL)
    sheet.write_lines(WIDTH - EDGE, foot - 0.04, sides[1], size=SMALL, ha="right")
    return tuple(found)


def _kind(table: PairedTable) -> Callable[[float], Kind]:
    """Return how a difference's dot looks: better, worse, the same."""
    better, worse = LOOKS[0], LOOKS[1]

    def kind(value: float) -> Kind:
        if value == 0.0:
            return "o", PAPER, INK, "same"
        if (value < 0.0) == table.lower_is_better:
            return "o", better.main, better.deep, "better"
        return "s", worse.main, worse.deep, "worse"

    return kind


def _sides(table: PairedTable) -> tuple[list[str], list[str]]:
    """Say which side of no difference favours whom."""
    less = f"● left of £0: {table.second} better"
    more = f"■ right of £0: {table.first} better"
    if not table.lower_is_better:
        less, more = f"■ left of £0: {table.first} better", f"● right of £0: {table.second} better"
    room = 0.5 * WIDTH - EDGE - 0.15
    return wrap(less, room, SMALL), wrap(more, room, SMALL)


@styled
def tipping(*, table: TippingTable, figure: Figure | None = None, title: str | None = None) -> Axes:
    """Draw for each pair of assumptions which regime does better, with the border between.

    Dark: the second regime is better; hatched: the first is; white: it cannot be told. Amounts
    stand in the cells where they fit. Returns the Axes.
    """
    entries = [
        KeyEntry("dark", f"{table.second} better", *_BETTER),
        KeyEntry("dark", f"{table.first} better", *_WORSE),
        KeyEntry("dark", "cannot be told", *_OPEN),
    ]
    lines = [wrap(f"{table.measure}: {table.second} less {table.first}", WIDTH - 2 * EDGE, BASE)]
    lines.append(wrap(f"Up the side: {table.y_name}", WIDTH - 2 * EDGE, SMALL))
    key = key_height(entries)
    top = len(lines[0]) * line_height(BASE) + len(lines[1]) * line_height(SMALL) + 0.1
    foot = wrap(table.x_name, WIDTH - 2 * EDGE - 0.6, SMALL)
    bottom = 0.36 + len(foot) * line_height(SMALL) + key + 0.06
    left = EDGE + max(text_width(text, SMALL) for text in table.y_texts) + 0.14
    width = WIDTH - left - 0.25
    plot = min(max(0.42 * len(table.y), 1.4), 3.6)
    sheet = Sheet(height=bottom + plot + top, figure=figure, title=title)
    below = sheet.write_lines(EDGE, sheet.height, lines[0])
    sheet.write_lines(EDGE, below, lines[1], size=SMALL)
    axes = sheet.axes(left, bottom, width, plot)
    axes.set_xlim(0.0, len(table.x))
    axes.set_ylim(0.0, len(table.y))
    _cells(axes, table, width / len(table.x), plot / len(table.y))
    _border(axes, table)
    _cell_axes(axes, table, width, plot)
    sheet.write_lines(left + width / 2, bottom - 0.34, foot, size=SMALL, ha="center")
    draw_key(sheet, entries, key)
    return axes


def _cells(axes: Axes, table: TippingTable, wide: float, tall: float) -> None:
    unit = unit_for([v for row in table.values for v in row])
    texts = [[money(v, unit=unit) for v in row] for row in table.values]
    room = max(text_width(text, SMALL) for row in texts for text in row) + 0.1
    written = room <= wide and tall >= 0.22
    styles = {1: _BETTER, -1: _WORSE, 0: _OPEN}
    for row in range(len(table.y)):
        for column in range(len(table.x)):
            fill, hatch = styles[verdict(table, row, column)]
            axes.add_patch(
                Rectangle(
                    (column, row),
                    1.0,
                    1.0,
                    facecolor=fill,
                    hatch=hatch or None,
                    edgecolor="#9AA3A8" if not hatch else "#B04A15",
                    linewidth=0.6,
                    gid=f"cell-{row}-{column}",
                )
            )
            if written:
                text = axes.text(
                    column + 0.5,
                    row + 0.5,
                    texts[row][column],
                    fontsize=SMALL,
                    ha="center",
                    va="center",
                    color=PAPER if fill == _BETTER[0] else INK,
                )
                if hatch:
                    text.set_bbox({"facecolor": fill, "edgecolor": "none", "pad": 1.0})


def _border(axes: Axes, table: TippingTable) -> None:
    """Draw a thick line between cells whose difference has different signs."""
    signs = np.sign(np.array(table.values))
    rows, columns = signs.shape
    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns and signs[r, c] != signs[r, c + 1]:
                axes.plot([c + 1, c + 1], [r, r + 1], color=INK, linewidth=3.0, gid="border")
            if r + 1 < rows and signs[r, c] != signs[r + 1, c]:
                axes.plot([c, c + 1], [r + 1, r + 1], color=INK, linewidth=3.0, gid="border")


def _cell_axes(axes: Axes, table: TippingTable, width: float, plot: float) -> None:
    for which, texts, size, room in (
        ("x", table.x_texts, width, max(text_width(t, SMALL) for t in table.x_texts) + 0.12),
        ("y", table.y_texts, plot, line_height(SMALL)),
    ):
        stride = max(1, math.ceil(room / (size / len(texts))))
        shown = range(0, len(texts), stride)
        axis = axes.xaxis if which == "x" else axes.yaxis
        axis.set_ticks([i + 0.5 for i in shown], [texts[i] for i in shown])
    axes.tick_params(length=0.0)
    for spine in axes.spines.values():
        spine.set_visible(True)
