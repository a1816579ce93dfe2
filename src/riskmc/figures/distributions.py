"""Figures of a whole distribution: dots, exceedance curves, and whether ranges hold."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskmc.figures.dot_stacks import Kind, draw_row, lay_out
from riskmc.figures.labels import (
    EndLabel,
    end_label_width,
    end_labels,
    mark_line,
    mark_rows,
    panel_head,
)
from riskmc.figures.layout import (
    EDGE,
    Sheet,
    hundred_axis,
    line_height,
    money_across,
    text_width,
    wrap,
)
from riskmc.figures.legend import regime_key, regime_key_height
from riskmc.figures.style import BASE, GREY, INK, LOOKS, PAPER, SMALL, WIDTH, styled
from riskmc.figures.tables import CalibrationTable, DotTable, ExceedanceTable
from riskmc.words.figure_text import money, percent, sentence

_PLOT = 2.75
_MARK_ROOM = 0.28


@styled
def quantile_dotplot(
    *, table: DotTable, figure: Figure | None = None, title: str | None = None
) -> tuple[Axes, ...]:
    """Draw equally likely values as stacked dots, a row a regime, on one scale.

    Marks are vertical lines; dots above the first one are dark, the others pale. A value that
    many dots share stands in a block at the left. Returns an Axes for each regime.
    """
    several = len(table.rows) > 1
    layout = lay_out([row.values for row in table.rows], marks=[m.value for m in table.marks])
    each = 100.0 / len(table.rows[0].values)
    text = f"{sentence(table.measure)} Each dot: {each:g} of 100 futures."
    head = wrap(text, WIDTH - 2 * EDGE, BASE)
    room = WIDTH - 2 * EDGE - 0.22
    names = [wrap(row.label, room, BASE, "bold") if several else [] for row in table.rows]
    marks = _MARK_ROOM * mark_rows(table.marks, layout.scale.unit)
    above = [len(name) * line_height(BASE) + 0.08 for name in names]
    above[0] += marks
    top = len(head) * line_height(BASE) + 0.06
    height = top + sum(above) + sum(layout.tall) + 0.46 * len(table.rows)
    sheet = Sheet(height=height, figure=figure, title=title)
    sheet.write_lines(EDGE, sheet.height, head)
    y = sheet.height - top
    found = []
    for i, row in enumerate(table.rows):
        if several:
            panel_head(sheet, EDGE, y, names[i], LOOKS[i])
        y -= above[i] + layout.tall[i]
        axes = draw_row(
            sheet, layout, row.values, bottom=y, tall=layout.tall[i], kind=_kind(table, i)
        )
        mark_line(sheet, axes, table.marks, layout.scale.unit, label=i == 0)
        y -= 0.46
        found.append(axes)
    return tuple(found)


def _kind(table: DotTable, i: int) -> Callable[[float], Kind]:
    """Return how a value's dot looks: dark above the first mark, or where there is none."""
    look = LOOKS[i]

    def kind(value: float) -> Kind:
        if not table.marks or value > table.marks[0].value:
            return "o", look.main, look.deep, f"dots-{i}"
        return "o", look.pale, look.deep, f"below-{i}"

    return kind


@styled
def exceedance(
    *, table: ExceedanceTable, figure: Figure | None = None, title: str | None = None
) -> Axes:
    """Draw in how many of 100 futures each amount is exceeded, a curve a regime.

    Points on the curves mark what is not exceeded in 50, 80, 90 and 95 of 100 futures; a
    vertical line marks the reserves held. Returns the Axes.
    """
    curves = table.curves
    labels = [curve.label for curve in curves]
    text = f"Futures of 100 in which {table.measure} is higher than the amount below"
    head = wrap(text, WIDTH - 2 * EDGE, BASE)
    levels = list(curves[0].points)
    ends = [_level_label(table, p) for p in levels]
    left = EDGE + text_width("100", SMALL) + 0.14
    width = WIDTH - left - max(end_label_width(ends), 0.35)
    values = [v for curve in curves for v in curve.amounts]
    scale = money_across([*values, *([table.mark.value] if table.mark else [])], width, zero=False)
    marks = [table.mark] if table.mark else []
    room = max(_MARK_ROOM * mark_rows(marks, scale.unit), 0.08)
    key = regime_key_height(labels)
    top = len(head) * line_height(BASE) + 0.06
    sheet = Sheet(height=0.42 + _PLOT + room + key + top, figure=figure, title=title)
    sheet.write_lines(EDGE, sheet.height, head)
    regime_key(sheet, labels, sheet.height - top)
    axes = sheet.axes(left, 0.42, width, _PLOT)
    scale.put(axes, "x")
    hundred_axis(axes, max(v for curve in curves for v in curve.chances))
    axes.grid(axis="y")
    for i, curve in enumerate(curves):
        look = LOOKS[i]
        axes.plot(
            curve.amounts, curve.chances, color=look.main, linestyle=look.line, gid=f"curve-{i}"
        )
        axes.plot(
            list(curve.points.values()),
            [1.0 - p for p in levels],
            linestyle="none",
            marker=look.marker,
            markerfacecolor=look.main,
            markeredgecolor=look.deep,
            gid=f"points-{i}",
            zorder=4,
        )
    for p in levels:
        axes.axhline(1.0 - p, color=GREY, linewidth=0.7, linestyle=(0, (1.0, 2.0)))
    mark_line(sheet, axes, marks, scale.unit)
    end_labels(sheet, axes, ends)
    return axes


def _level_label(table: ExceedanceTable, p: float) -> EndLabel:
    name = f"P{p * 100:g}"
    if len(table.curves) > 1:
        return EndLabel(1.0 - p, [name])
    curve = table.curves[0]
    amount = money(curve.points[p], mcse=curve.errors.get(p, math.nan))
    return EndLabel(1.0 - p, [f"{name} {amount}"])


@styled
def calibration(
    *, table: CalibrationTable, figure: Figure | None = None, title: str | None = None
) -> tuple[Axes, ...]:
    """Draw how often ranges held against how often they should have; and where outturns fell.

    Points on the diagonal are right. The second panel, where given, shows the share of past
    outturns in each part of their forecast: level bars are right. Returns the Axes.
    """
    both = bool(table.pit)
    gap = 0.75
    left = EDGE + text_width("100", SMALL) + 0.14
    width = (WIDTH - left - 0.2 - gap) / 2 if both else 3.4
    heads = [wrap("Of 100 outturns, how many fell inside, against how many should", width + 0.3)]
    if both:
        heads.append(wrap("Share of outturns in each part of their forecast", width))
    plot = width if both else 3.0
    top = max(map(len, heads)) * line_height(BASE) + 0.14
    sheet = Sheet(height=0.62 + plot + top, figure=figure, title=title)
    places = [left, left + width + gap]
    found = []
    for x, head in zip(places, heads, strict=False):
        sheet.write_lines(x - (left - EDGE), sheet.height, head)
        found.append(sheet.axes(x, 0.62, width, plot))
    _coverage(found[0], table)
    sheet.write(left + width / 2, 0.1, "should fall inside", size=SMALL, ha="center")
    if both:
        _positions(found[1], table)
        sheet.write(places[1], 0.1, "lowest", size=SMALL)
        sheet.write(places[1] + width, 0.1, "highest", size=SMALL, ha="right")
    return tuple(found)


def _coverage(axes: Axes, table: CalibrationTable) -> None:
    look = LOOKS[0]
    hundred_axis(axes, 1.0)
    hundred_axis(axes, 1.0, which="x")
    axes.grid()
    axes.plot([0.0, 1.0], [0.0, 1.0], color=GREY, linewidth=1.2, linestyle=(0, (4.0, 2.0)))
    observed = np.array(table.observed)
    error = np.vstack([observed - np.array(table.low), np.array(table.high) - observed])
    drawn = axes.errorbar(
        table.nominal,
        observed,
        yerr=np.maximum(np.nan_to_num(error), 0.0),
        fmt=look.marker,
        color=look.main,
        ecolor=look.deep,
        capsize=3.0,
        zorder=3,
    )
    drawn.lines[0].set_gid("coverage")


def _positions(axes: Axes, table: CalibrationTable) -> None:
    count = len(table.pit)
    if math.isfinite(table.pit_low) and math.isfinite(table.pit_high):
        axes.axhspan(table.pit_low, table.pit_high, facecolor="#E3E6E8", edgecolor="none")
    axes.bar(
        np.arange(count) + 0.5,
        table.pit,
        width=0.86,
        facecolor=LOOKS[0].soft,
        edgecolor=INK,
        linewidth=1.0,
        gid="pit",
    )
    axes.axhline(1.0 / count, color=INK, linewidth=1.2, linestyle=(0, (4.0, 2.0)))
    axes.set_xlim(0.0, count)
    axes.set_xticks([])
    top = max(*table.pit, table.pit_high if math.isfinite(table.pit_high) else 0.0, 1.0 / count)
    ticks = [0.0, 1.0 / count]
    if top > 1.6 / count:
        ticks.append(2.0 / count)
    axes.set_yticks(ticks, [percent(t) for t in ticks])
    axes.set_ylim(0.0, 1.1 * max(top, ticks[-1]))
    axes.set_facecolor(PAPER)
