"""Figures in counts and shares: 100 futures as icons, and who bears each £1."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from riskmc.figures.labels import PanelGrid, panel_head
from riskmc.figures.layout import EDGE, Sheet, line_height, spread_out, text_width, wrap
from riskmc.figures.style import (
    BASE,
    GREY,
    INK,
    LARGE,
    LOOKS,
    PAPER,
    SMALL,
    WIDTH,
    contrast,
    styled,
)
from riskmc.figures.tables import Bearers, IconTable, IncidenceTable, Share
from riskmc.words.figure_text import count_text, money, pence, rest_text

_BAR = 0.62
#: Fill and hatch of the bearers, in order; what comes after is white with a pattern.
_BEARERS: tuple[tuple[str, str], ...] = (
    ("#12436D", ""),
    ("#F46A25", ""),
    ("#801650", ""),
    ("#28A197", ""),
    (PAPER, "////"),
    (PAPER, "...."),
    (PAPER, "xxxx"),
    (PAPER, "----"),
)


@styled
def icon_array(
    *, table: IconTable, figure: Figure | None = None, title: str | None = None
) -> tuple[Axes, ...]:
    """Draw 100 futures for each regime: filled where the event happens, empty where not.

    Both framings stand beside or below each array. Returns an Axes for each regime.
    """
    if len(table.shares) == 1:
        return (_one_array(table, figure, title),)
    grid = PanelGrid.of([s.label for s in table.shares], left=EDGE, right=EDGE, gap=0.35)
    texts = [_framings(table, share, grid.width) for share in table.shares]
    side = 2.3
    body = side + 0.26 + max(_framing_height(*text) for text in texts)
    sheet = Sheet(height=grid.height(body) + EDGE, figure=figure, title=title)
    found = []
    for i, share in enumerate(table.shares):
        x, y = grid.place(i, top=sheet.height, body=body)
        grid.head(sheet, i, x, y)
        axes = sheet.axes(x, y - side, side, side)
        _icons(axes, share, i)
        _write_framings(sheet, x, y - side - 0.08, *texts[i])
        found.append(axes)
    return tuple(found)


def _one_array(table: IconTable, figure: Figure | None, title: str | None) -> Axes:
    side = 2.9
    room = WIDTH - side - 3 * EDGE - 0.25
    big, small = _framings(table, table.shares[0], room)
    height = max(side, _framing_height(big, small)) + 2 * EDGE
    sheet = Sheet(height=height, figure=figure, title=title)
    axes = sheet.axes(EDGE, 0.5 * (height - side), side, side)
    _icons(axes, table.shares[0], 0)
    top = 0.5 * (height + _framing_height(big, small))
    _write_framings(sheet, EDGE + side + 0.25, top, big, small)
    return axes


def _framings(table: IconTable, share: Share, width: float) -> tuple[list[str], list[str]]:
    """Return the count in large letters and both framings in small ones."""
    big = wrap(count_text(share.value, share.low, share.high), width, LARGE, "bold")
    text = f"futures: {table.event}; in {rest_text(share.value, share.low, share.high)}"
    return big, wrap(f"{text} {table.otherwise}", width, SMALL)


def _framing_height(big: Sequence[str], small: Sequence[str]) -> float:
    return len(big) * line_height(LARGE) + len(small) * line_height(SMALL)


def _write_framings(
    sheet: Sheet, x: float, top: float, big: Sequence[str], small: Sequence[str]
) -> None:
    below = sheet.write_lines(x, top, big, size=LARGE, weight="bold")
    sheet.write_lines(x, below, small, size=SMALL)


def _icons(axes: Axes, share: Share, i: int) -> None:
    """Fill 10 x 10 icons from the top left, row by row."""
    happened = round_half_up(share.value * 100.0)
    axes.set_xlim(-0.5, 9.5)
    axes.set_ylim(9.5, -0.5)
    axes.set_axis_off()
    places = [(n % 10, n // 10) for n in range(100)]
    look = LOOKS[i]
    kinds = (
        (places[:happened], look.main, look.deep, 9.5, "happens"),
        (places[happened:], PAPER, GREY, 9.5, "not"),
    )
    for chosen, face, edge, size, name in kinds:
        axes.plot(
            [x for x, _ in chosen],
            [y for _, y in chosen],
            linestyle="none",
            marker="o",
            markersize=size,
            markerfacecolor=face,
            markeredgecolor=edge,
            markeredgewidth=1.0,
            clip_on=False,
            gid=name,
        )


def round_half_up(value: float) -> int:
    """Return the whole number nearest to `value`; 0 where it is not known."""
    return int(value + 0.5) if value == value else 0


@styled
def incidence(
    *, table: IncidenceTable, figure: Figure | None = None, title: str | None = None
) -> Axes:
    """Draw who bears each £1: one bar a regime, a part a bearer, labelled on or below the bar.

    Parts that round to nothing are not labelled. Returns the Axes, whose x scale runs from 0
    to 1 and whose bars lie at 0, 1, ... from the top in `axes.containers` order of bearers.
    """
    width = WIDTH - 2 * EDGE
    heads = [wrap(_bar_head(table, bar), width - 0.22, BASE, "bold") for bar in table.bars]
    outside = [_outside(bar, width) for bar in table.bars]
    heights = [
        len(head) * line_height(BASE) + 0.06 + _BAR + _outside_height(labels) + 0.16
        for head, labels in zip(heads, outside, strict=True)
    ]
    sheet = Sheet(height=sum(heights) + EDGE, figure=figure, title=title)
    axes = sheet.axes(EDGE, 0.0, width, sheet.height)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, sheet.height)
    axes.set_axis_off()
    top = sheet.height
    for i, bar in enumerate(table.bars):
        below_head = top - len(heads[i]) * line_height(BASE) - 0.06
        panel_head(sheet, EDGE, top, heads[i], LOOKS[i]) if len(table.bars) > 1 else (
            sheet.write_lines(EDGE, top, heads[i], weight="bold")
        )
        _stack(sheet, axes, bar, below_head, outside[i], width)
        top -= heights[i]
    return axes


def _bar_head(table: IncidenceTable, bar: Bearers) -> str:
    if bar.total != bar.total:
        return bar.label
    return f"{bar.label}: {money(bar.total)} of {table.noun} to meet"


def _inside_lines(name: str, share: float, width: float) -> list[str] | None:
    """Return the label of a part if it fits inside the bar, otherwise None."""
    room = share * width - 0.12
    lines = [*wrap(name, max(room, 0.05), SMALL), pence(share)]
    fits = all(text_width(line, SMALL) <= room for line in lines)
    whole = " ".join(lines[:-1]) == name
    return lines if fits and whole and len(lines) * line_height(SMALL) <= _BAR - 0.04 else None


def _outside(bar: Bearers, width: float) -> list[tuple[str, list[str], float]]:
    """Return (bearer, lines, centre) for the parts that are labelled below the bar."""
    labels = []
    start = 0.0
    for name, share in bar.shares.items():
        if share >= 0.005 and _inside_lines(name, share, width) is None:
            room = max(0.72, *(text_width(word, SMALL) for word in name.split()))
            lines = [*wrap(name, min(room, 1.3), SMALL), pence(share)]
            labels.append((name, lines, start + 0.5 * share))
        start += share
    return labels


def _outside_height(labels: Sequence[tuple[str, list[str], float]]) -> float:
    if not labels:
        return 0.0
    return 0.2 + max(len(lines) for _, lines, _ in labels) * line_height(SMALL)


def _stack(
    sheet: Sheet,
    axes: Axes,
    bar: Bearers,
    top: float,
    outside: Sequence[tuple[str, list[str], float]],
    width: float,
) -> None:
    """Draw one stacked bar with its labels; `top` in inches is also the y scale."""
    centre = top - 0.5 * _BAR
    if not any(share > 0.0 for share in bar.shares.values()):
        axes.barh([centre], [1.0], height=_BAR, facecolor=PAPER, edgecolor=GREY, linewidth=1.0)
        sheet.write(EDGE + 0.5 * width, centre, "nothing to bear", ha="center", va="center")
        return
    start = 0.0
    for i, (name, share) in enumerate(bar.shares.items()):
        fill, hatch = _BEARERS[i % len(_BEARERS)]
        light = contrast(fill, PAPER) < 4.5
        drawn = axes.barh(
            [centre],
            [share],
            left=[start],
            height=_BAR,
            facecolor=fill,
            hatch=hatch,
            edgecolor=INK if light else PAPER,
            linewidth=1.0,
            label=name,
        )
        drawn[0].set_gid(f"bearer-{i}")
        lines = _inside_lines(name, share, width)
        if lines:
            _label_inside(sheet, start + 0.5 * share, centre, lines, fill, hatch, width)
        start += share
    _labels_below(sheet, outside, top - _BAR, width)


def _label_inside(
    sheet: Sheet,
    share: float,
    centre: float,
    lines: Sequence[str],
    fill: str,
    hatch: str,
    width: float,
) -> None:
    colour = PAPER if contrast(fill, PAPER) >= 4.5 else INK
    top = centre + 0.5 * len(lines) * line_height(SMALL)
    for n, line in enumerate(lines):
        y = top - (n + 0.75) * line_height(SMALL)
        weight = "bold" if n == len(lines) - 1 else "normal"
        text = sheet.write(
            EDGE + share * width, y, line, size=SMALL, ha="center", weight=weight, colour=colour
        )
        if hatch:
            text.set_bbox({"facecolor": to_hex(fill), "edgecolor": "none", "pad": 1.0})


def _labels_below(
    sheet: Sheet,
    labels: Sequence[tuple[str, list[str], float]],
    bottom: float,
    width: float,
) -> None:
    """Write labels below the bar, led to their parts, moved apart where they are close."""
    sizes = [max(text_width(line, SMALL) for line in lines) + 0.1 for _, lines, _ in labels]
    wanted = [EDGE + centre * width for _, _, centre in labels]
    places = spread_out(wanted, sizes, low=0.02, high=sheet.width - 0.02)
    for (_, lines, _), at, place in zip(labels, wanted, places, strict=True):
        sheet.line([at, at, place], [bottom, bottom - 0.06, bottom - 0.18], colour=GREY)
        below = sheet.write_lines(place, bottom - 0.18, lines[:-1], size=SMALL, ha="center")
        sheet.write_lines(place, below, lines[-1:], size=SMALL, ha="center", weight="bold")
