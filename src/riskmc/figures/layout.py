"""A figure laid out in inches, with text that is measured before it is placed.

Every line of text is an artist of its own: its anchor is then right in any font a browser
chooses, and `checks.overlaps` can look at each.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from riskmc.figures.style import BASE, FONT, GREY, INK, LARGE, SMALL, WIDTH
from riskmc.words.figure_text import Unit, unit_for

#: Room kept free at the edge, inches.
EDGE = 0.08
_MEASURE_DPI = 288


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = BASE, weight: str = "normal") -> float:
    """Return the width of one line in inches."""
    font = FontProperties(family=FONT, size=size, weight=weight)
    # matplotlib types neither its renderers nor their methods
    renderer: Any = cast(Any, RendererAgg)(8, 8, _MEASURE_DPI)
    return float(renderer.get_text_width_height_descent(text, font, False)[0]) / _MEASURE_DPI


def line_height(size: float) -> float:
    """Return the distance between the baselines of two lines, inches."""
    return 1.25 * size / 72.0


def wrap(text: str, width: float, size: float = BASE, weight: str = "normal") -> list[str]:
    """Break text at spaces so that each line is at most `width` inches; words stay whole.

    A single word that is wider than that is broken, at a hyphen if it has one.
    """
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, size, weight) <= width:
            lines[-1] = joined
            continue
        while text_width(word, size, weight) > width and len(word) > 3:
            cut = len(word) - 1
            while cut > 2 and text_width(word[:cut] + "-", size, weight) > width:
                cut -= 1
            hyphen = word.rfind("-", 1, cut) + 1
            lines.append(word[:hyphen] if hyphen > 2 else word[:cut] + "-")
            word = word[hyphen if hyphen > 2 else cut :]
        lines.append(word)
    return lines or [""]


def spread_out(
    wanted: Sequence[float], sizes: Sequence[float], *, low: float, high: float
) -> list[float]:
    """Return centres near `wanted` so that intervals of `sizes` do not overlap.

    Least squares in the given order of `wanted` (ties keep the order given), kept within
    [low, high] where there is room. Pool-adjacent-violators on the gaps.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    pools: list[list[float]] = []
    offset = 0.0
    offsets = []
    for place, i in enumerate(order):
        if place:
            offset += 0.5 * (sizes[order[place - 1]] + sizes[i])
        offsets.append(offset)
        pools.append([wanted[i] - offset, 1.0])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            value, weight = pools.pop()
            other = pools[-1]
            other[0] = (other[0] * other[1] + value * weight) / (other[1] + weight)
            other[1] += weight
    base = [value for value, weight in pools for _ in range(int(weight))]
    if order:
        least = low + 0.5 * sizes[order[0]]
        most = high - 0.5 * sizes[order[-1]] - offsets[-1]
        base = [max(min(b, most), least) for b in base]
    centres = [0.0] * len(wanted)
    for place, i in enumerate(order):
        centres[i] = base[place] + offsets[place]
    return centres


class Sheet:
    """A matplotlib figure whose places are inches from its lower left corner.

    `height` is without the title, which is put on top where one is given.
    """

    def __init__(
        self,
        *,
        height: float,
        width: float = WIDTH,
        title: str | None = None,
        figure: Figure | None = None,
    ) -> None:
        lines = wrap(title, width - 2 * EDGE, LARGE, "bold") if title else []
        head = len(lines) * line_height(LARGE) + (0.12 if lines else 0.0)
        if figure is None:
            figure = Figure()
            FigureCanvasAgg(figure)
        figure.set_size_inches(width, height + head)
        figure.set_facecolor("white")
        self.figure = figure
        self.width = width
        self.height = height
        self.full = height + head
        self.write_lines(EDGE, self.full - 0.02, lines, size=LARGE, weight="bold")

    def axes(self, left: float, bottom: float, width: float, height: float, **options: Any) -> Axes:
        """Return new axes at a place in inches."""
        box = (
            left / self.width,
            bottom / self.full,
            width / self.width,
            height / self.full,
        )
        return self.figure.add_axes(box, **options)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = BASE,
        ha: str = "left",
        va: str = "baseline",
        weight: str = "normal",
        colour: str = INK,
    ) -> Text:
        """Write one line at a place in inches."""
        return self.figure.text(
            x / self.width,
            y / self.full,
            text,
            fontsize=size,
            ha=ha,
            va=va,
            fontweight=weight,
            color=colour,
            fontfamily=FONT,
        )

    def write_lines(
        self,
        x: float,
        top: float,
        lines: Sequence[str],
        *,
        size: float = BASE,
        ha: str = "left",
        weight: str = "normal",
        colour: str = INK,
    ) -> float:
        """Write lines downwards from `top`; return the y below them."""
        for line in lines:
            top -= line_height(size)
            self.write(
                x, top + 0.25 * size / 72.0, line, size=size, ha=ha, weight=weight, colour=colour
            )
        return top

    def y_of(self, axes: Axes, value: float) -> float:
        """Return where a value of the axes' y scale lies, in inches from the bottom."""
        return float(axes.transData.transform((0.0, value))[1]) / self.figure.dpi

    def x_of(self, axes: Axes, value: float) -> float:
        """Return where a value of the axes' x scale lies, in inches from the left."""
        return float(axes.transData.transform((value, 0.0))[0]) / self.figure.dpi

    def line(
        self, xs: Sequence[float], ys: Sequence[float], *, colour: str = GREY, width: float = 0.8
    ) -> None:
        """Draw a thin line through places in inches: a leader from a mark to its label."""
        from matplotlib.lines import Line2D

        self.figure.add_artist(
            Line2D(
                [x / self.width for x in xs],
                [y / self.full for y in ys],
                color=colour,
                linewidth=width,
                linestyle="-",
                marker="",
                transform=self.figure.transFigure,
            )
        )


def nice_ticks(low: float, high: float, *, most: int = 5, whole: bool = False) -> list[float]:
    """Return round ticks that cover [low, high]; 0 to 1 where both are 0."""
    if high <= low:
        low, high = min(low, 0.0), max(high, 0.0)
    if high <= low:
        high = 1.0
    steps = [1, 2, 5, 10] if whole else [1, 2, 2.5, 5, 10]
    locator = MaxNLocator(nbins=most, steps=steps, min_n_ticks=2, integer=whole)
    ticks = [float(t) for t in locator.tick_values(low, high)]
    step = ticks[1] - ticks[0]
    ticks = [t for t in ticks if low - step < t < high + step]
    return [0.0 if abs(t) < 1e-9 * step else t for t in ticks]


class Scale(NamedTuple):
    """A money axis: its ticks (£m), their texts, the unit, and the limits."""

    ticks: list[float]
    texts: list[str]
    unit: Unit
    low: float
    high: float

    def room(self) -> float:
        """Return the width that its tick labels need, with their distance, inches."""
        return max(text_width(text, SMALL) for text in self.texts) + 0.14

    def put(self, axes: Axes, which: str = "y") -> None:
        """Give the scale to an axis."""
        axis = axes.yaxis if which == "y" else axes.xaxis
        axis.set_ticks(self.ticks, self.texts)
        (axes.set_ylim if which == "y" else axes.set_xlim)(self.low, self.high)


def money_scale(values: Sequence[float], *, most: int = 5, zero: bool = True) -> Scale:
    """Return a scale of round amounts over `values` (£m), with 0 on it unless told."""
    finite = [float(v) for v in values if np.isfinite(v)] or [0.0]
    unit = unit_for(finite)
    low, high = min(finite), max(finite)
    if zero or high <= low:
        low, high = min(low, 0.0), max(high, 0.0)
    if high <= low:
        high = unit.scale
    pad = 0.04 * (high - low)
    low, high = low - (pad if low != 0.0 else 0.0), high + (pad if high != 0.0 else 0.0)
    ticks = [t * unit.scale for t in nice_ticks(low / unit.scale, high / unit.scale, most=most)]
    step = (ticks[1] - ticks[0]) / unit.scale
    ticks = [t for t in ticks if low - 1e-9 <= t <= high + 1e-9] or ticks
    decimals = 0
    while decimals < 6 and abs(round(step, decimals) - step) > 1e-6 * step:
        decimals += 1
    return Scale(ticks, [unit.text(t, decimals) for t in ticks], unit, low, high)


def money_across(values: Sequence[float], width: float, *, zero: bool = True) -> Scale:
    """Return a scale for an axis `width` inches long from left to right: labels have room."""
    scale = money_scale(values, most=7, zero=zero)
    for most in (6, 5, 4, 3, 2):
        widest = max(text_width(text, SMALL) for text in scale.texts) + 0.12
        gaps = np.diff(scale.ticks) * width / (scale.high - scale.low)
        if len(gaps) == 0 or float(gaps.min()) >= widest:
            break
        scale = money_scale(values, most=most, zero=zero)
    return scale


def hundred_axis(axes: Axes, highest: float, *, which: str = "y", lowest: float = 0.0) -> None:
    """Give an axis ticks in futures of 100 that cover [lowest, highest], fractions."""
    ticks = [t / 100.0 for t in nice_ticks(lowest * 100.0, max(highest * 100.0, 1.0), whole=True)]
    ticks = [t for t in ticks if -1e-9 <= t <= 1.0 + 1e-9]
    if max(ticks) < min(highest, 1.0):
        ticks.append(1.0)
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_ticks(ticks, [f"{t * 100.0:.0f}" for t in ticks])
    head = 0.03 if ticks[-1] == 1.0 else 0.0
    (axes.set_ylim if which == "y" else axes.set_xlim)(ticks[0], ticks[-1] + head)


def year_axis(
    axes: Axes, years: Sequence[str], width: float, places: Sequence[float], *, spare: float = 1.0
) -> None:
    """Label years below an axis `width` inches wide: as many as fit, the last among them.

    `spare` is how far a label may reach beyond the axis on the left, inches.
    """
    left, right = axes.get_xlim()
    widest = max((text_width(year, SMALL) for year in years), default=0.0)
    scale = width / (right - left)
    each = scale * (places[1] - places[0]) if len(places) > 1 else width
    stride = max(1, int(np.ceil((widest + 0.14) / each)))
    shown = [
        i
        for i in range((len(years) - 1) % stride, len(years), stride)
        if (places[i] - left) * scale >= 0.5 * widest - spare
    ]
    axes.set_xticks([places[i] for i in shown], [years[i] for i in shown])
    axes.set_xticks(list(places), minor=True)
    axes.tick_params(axis="x", which="minor", length=2.0)
