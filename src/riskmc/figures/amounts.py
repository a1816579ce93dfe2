"""Figures of amounts in rows: bridges, tornados, and a statement beside the simulation."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskmc.figures.layout import (
    EDGE,
    Scale,
    Sheet,
    line_height,
    money_across,
    text_width,
    wrap,
)
from riskmc.figures.legend import KeyEntry, draw_key, key_height
from riskmc.figures.style import BASE, GREY, INK, LOOKS, SMALL, WIDTH, styled
from riskmc.figures.tables import (
    StatementTable,
    TornadoTable,
    WaterfallTable,
)
from riskmc.words.figure_text import Unit, money, percent, unit_for

_LABEL = 1.75
_BAR = 0.56


class _Rows:
    """A sheet of labelled rows over one money scale.

    `spare` is the room left and right of the scale for numbers, inches; `key` stands on top.
    """

    def __init__(
        self,
        *,
        labels: Sequence[str],
        head: str,
        values: Sequence[float],
        spare: tuple[float, float],
        key: Sequence[KeyEntry] = (),
        figure: Figure | None,
        title: str | None,
        zero: bool = True,
    ) -> None:
        lines = [wrap(label, _LABEL, SMALL) for label in labels]
        heights = [max(0.42, len(one) * line_height(SMALL) + 0.14) for one in lines]
        heads = wrap(head, WIDTH - 2 * EDGE, BASE)
        above = len(heads) * line_height(BASE) + 0.06
        keyed = key_height(key) + 0.04 if key else 0.0
        self.sheet = Sheet(
            height=0.42 + sum(heights) + keyed + above + 0.06, figure=figure, title=title
        )
        self.sheet.write_lines(EDGE, self.sheet.height, heads)
        if key:
            draw_key(self.sheet, key, self.sheet.height - above)
        left = EDGE + max(text_width(line, SMALL) for one in lines for line in one) + 0.1
        left += spare[0]
        width = WIDTH - left - spare[1] - EDGE
        self.scale: Scale = money_across(values, width, zero=zero)
        tall = sum(heights)
        self.axes = self.sheet.axes(left, 0.42, width, tall)
        self.axes.set_ylim(0.0, tall)
        self.axes.set_yticks([])
        self.axes.spines["left"].set_visible(False)
        self.scale.put(self.axes, "x")
        self.axes.grid(axis="x")
        self.centres: list[float] = []
        y = tall
        for one, height in zip(lines, heights, strict=True):
            y -= height
            centre = y + 0.5 * height
            self.centres.append(centre)
            top = 0.42 + centre + 0.5 * len(one) * line_height(SMALL)
            self.sheet.write_lines(EDGE, top, one, size=SMALL)

    @property
    def unit(self) -> Unit:
        """Return the unit of the scale."""
        return self.scale.unit

    def note(
        self,
        value: float,
        centre: float,
        text: str,
        *,
        side: str,
        bold: bool = False,
        gap: float = 0.06,
    ) -> None:
        """Write a number `gap` inches from a place in a row: to its "left" or "right"."""
        x = self.sheet.x_of(self.axes, value) + (gap if side == "right" else -gap)
        self.sheet.write(
            x,
            0.42 + centre,
            text,
            size=SMALL,
            ha="left" if side == "right" else "right",
            va="center",
            weight="bold" if bold else "normal",
        )


@styled
def waterfall(
    *, table: WaterfallTable, figure: Figure | None = None, title: str | None = None
) -> Axes:
    """Draw a bridge from top to bottom: totals solid, what makes it worse hatched.

    Each change starts where the one before it ended. Returns the Axes.
    """
    levels = waterfall_levels(table)
    values = [v for pair in levels for v in pair]
    texts = [money(step.value, mcse=step.error) for step in table.steps]
    room = max(text_width(text, SMALL, "bold") for text in texts) + 0.2
    worse, better = (
        KeyEntry("dark", "makes it worse", LOOKS[1].main, "////"),
        KeyEntry("dark", "makes it better", LOOKS[0].soft),
    )
    total = KeyEntry("dark", "total", LOOKS[0].main)
    rows = _Rows(
        labels=[step.label for step in table.steps],
        head=table.measure,
        values=values,
        spare=(0.1 + (room if min(values) < 0.0 else 0.0), room),
        key=[total, worse, better],
        figure=figure,
        title=title,
    )
    axes = rows.axes
    axes.axvline(0.0, color=GREY, linewidth=1.0)
    for i, (step, (start, end), centre) in enumerate(
        zip(table.steps, levels, rows.centres, strict=True)
    ):
        adverse = (end > start) == (table.worse == "up")
        look = total if step.total else (worse if adverse else better)
        bar = axes.barh(
            [centre],
            [end - start],
            left=[start],
            height=_BAR * 0.5,
            facecolor=look.fill,
            hatch=look.hatch or None,
            edgecolor=INK,
            linewidth=0.8,
            zorder=3,
        )
        bar[0].set_gid(f"step-{i}")
        if i + 1 < len(levels):
            axes.plot([end, end], [centre, rows.centres[i + 1]], color=GREY, linewidth=0.9)
        side = "left" if end < 0.0 and end < start else "right"
        at = min(start, end) if side == "left" else max(start, end)
        sign = "+" if not step.total and step.value > 0.0 else ""
        text = f"{sign}{money(step.value, unit=rows.unit, mcse=step.error)}"
        rows.note(at, centre, text, side=side, bold=step.total)
    return axes


def waterfall_levels(table: WaterfallTable) -> list[tuple[float, float]]:
    """Return where each step's bar starts and ends, £m."""
    levels: list[tuple[float, float]] = []
    level = 0.0
    for step in table.steps:
        start, level = (0.0, step.value) if step.total else (level, level + step.value)
        levels.append((start, level))
    return levels


@styled
def tornado(*, table: TornadoTable, figure: Figure | None = None, title: str | None = None) -> Axes:
    """Draw how far each driver moves the mean, the widest swing on top.

    Plain bars reach to the mean where the driver is low (its 10th percentile), hatched ones to
    the mean where it is high (its 90th). Returns the Axes.
    """
    values = [table.centre, *(v for bar in table.bars for v in (bar.low, bar.high))]
    room = max(text_width(money(v), SMALL) for v in values) + 0.12
    shares = any(math.isfinite(bar.share) for bar in table.bars)
    low = KeyEntry("dark", "driver low (1 in 10 lower)", LOOKS[0].soft)
    high = KeyEntry("dark", "driver high (1 in 10 higher)", LOOKS[1].main, "////")
    labels = [
        f"{bar.label}: {percent(bar.share)}" if shares and math.isfinite(bar.share) else bar.label
        for bar in table.bars
    ]
    rows = _Rows(
        labels=labels,
        head=table.measure,
        values=values,
        spare=(room, room),
        key=[low, high],
        figure=figure,
        title=title,
        zero=False,
    )
    rows.axes.axvline(table.centre, color=INK, linewidth=1.3, zorder=4)
    for i, (bar, centre) in enumerate(zip(table.bars, rows.centres, strict=True)):
        for value, look, name in ((bar.low, low, "low"), (bar.high, high, "high")):
            drawn = rows.axes.barh(
                [centre],
                [value - table.centre],
                left=[table.centre],
                height=_BAR * 0.5,
                facecolor=look.fill,
                hatch=look.hatch or None,
                edgecolor=INK,
                linewidth=0.8,
                zorder=3,
            )
            drawn[0].set_gid(f"{name}-{i}")
        ends = sorted((bar.low, bar.high))
        reach = min(ends[0], table.centre), max(ends[1], table.centre)
        for at, value, side in ((reach[0], ends[0], "left"), (reach[1], ends[1], "right")):
            text = money(value, unit=rows.unit, mcse=bar.error)
            rows.note(at, centre, text, side=side)
    return rows.axes


@styled
def statement(
    *, table: StatementTable, figure: Figure | None = None, title: str | None = None
) -> Axes:
    """Draw each stated amount (diamond) beside the range of 80 of 100 futures (bar).

    The thick stroke on the bar is the middle future. Returns the Axes.
    """
    values = [v for line in table.lines for v in (line.stated, line.low, line.high)]
    unit = unit_for(values)
    texts = [f"stated {money(line.stated, unit=unit)}" for line in table.lines]
    room = max(text_width(text, SMALL, "bold") for text in texts) + 0.2
    rows = _Rows(
        labels=[line.label for line in table.lines],
        head=f"{table.measure}. Bar: 80 of 100 futures; stroke: the middle one; diamond: as stated",
        values=values,
        spare=(0.12, room),
        figure=figure,
        title=title,
    )
    axes = rows.axes
    look = LOOKS[1]
    for i, (line, centre) in enumerate(zip(table.lines, rows.centres, strict=True)):
        drawn = axes.barh(
            [centre],
            [line.high - line.low],
            left=[line.low],
            height=0.22,
            facecolor=LOOKS[0].soft,
            edgecolor=LOOKS[0].deep,
            linewidth=1.0,
            zorder=2,
        )
        drawn[0].set_gid(f"range-{i}")
        axes.plot(
            [line.middle] * 2, [centre - 0.14, centre + 0.14], color=LOOKS[0].deep, linewidth=3.0
        )
        axes.plot(
            [line.stated],
            [centre],
            linestyle="none",
            marker="D",
            markersize=8.0,
            markerfacecolor=look.main,
            markeredgecolor=INK,
            gid=f"stated-{i}",
            zorder=4,
        )
        reach = max(line.stated, line.high)
        rows.note(reach, centre, texts[i], side="right", bold=True, gap=0.12)
    return axes
