"""Figures along the years: probability by year, and how long reserves last."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskmc.figures.labels import end_label_width, end_labels, regime_ends
from riskmc.figures.layout import (
    EDGE,
    Sheet,
    hundred_axis,
    line_height,
    text_width,
    wrap,
    year_axis,
)
from riskmc.figures.style import BASE, LOOKS, SMALL, WIDTH, styled
from riskmc.figures.tables import Series, SurvivalTable, YearTable

_PLOT = 2.75
_LABEL = 1.45


@styled
def probability_by_year(
    *, table: YearTable, figure: Figure | None = None, title: str | None = None
) -> Axes:
    """Draw the probability of an event by year: a mark a regime, with its 95 % error bar.

    Regimes stand beside each other within a year, joined by thin lines. Returns the Axes.
    """
    years = table.series[0].years
    count = len(table.series)
    highest = max(_highest(series) for series in table.series)
    sheet, axes = _hundred_sheet(
        f"Futures of 100 in which {table.event}",
        [series.label for series in table.series],
        [series.value[-1] for series in table.series],
        highest=highest,
        figure=figure,
        title=title,
        places=range(len(years)),
        years=years,
        limits=(-0.6, len(years) - 0.4),
    )
    step = min(0.2, 0.6 / count)
    for i, series in enumerate(table.series):
        places = np.arange(len(years)) + (i - 0.5 * (count - 1)) * step
        _estimates(axes, places, series, i)
    _ends(sheet, axes, table.series)
    return axes


@styled
def survival(
    *, table: SurvivalTable, figure: Figure | None = None, title: str | None = None
) -> Axes:
    """Draw in how many of 100 futures reserves last beyond each year’s end, as steps.

    Pale bands with thin edges are 95 % intervals. Every future starts at `opening`, with 100
    of 100. Returns the Axes.
    """
    years = (table.opening, *table.series[0].years)
    last = len(years) - 1
    sheet, axes = _hundred_sheet(
        f"Futures of 100 in which reserves of {table.subject} last beyond the year’s end",
        [series.label for series in table.series],
        [series.value[-1] for series in table.series],
        highest=1.0,
        figure=figure,
        title=title,
        places=range(len(years)),
        years=years,
        limits=(-0.2, last + 0.5),
    )
    places = np.append(np.arange(last + 1), last + 0.5)
    for i, series in enumerate(table.series):
        look = LOOKS[i]
        low, high = (_stepped(ends) for ends in (series.low, series.high))
        if np.isfinite(low).all() and np.isfinite(high).all():
            axes.fill_between(
                places,
                low,
                high,
                step="post",
                facecolor=look.pale,
                edgecolor=look.deep,
                linewidth=0.5,
            )
        axes.step(
            places,
            _stepped(series.value),
            where="post",
            color=look.main,
            linestyle=look.line,
            gid=f"series-{i}",
            zorder=3,
        )
        axes.plot(
            places[:-1],
            _stepped(series.value)[:-1],
            linestyle="none",
            marker=look.marker,
            markersize=5.0,
            markerfacecolor=look.main,
            markeredgecolor=look.deep,
            zorder=4,
        )
    _ends(sheet, axes, table.series)
    return axes


def _stepped(values: Sequence[float]) -> np.ndarray:
    """Put the opening, where all reserves last, before the values, and repeat the last."""
    return np.array([1.0, *values, values[-1]])


def _highest(series: Series) -> float:
    return max(v for v in (*series.value, *series.high, 0.0) if math.isfinite(v))


def _estimates(axes: Axes, places: np.ndarray, series: Series, i: int) -> None:
    """Draw estimates with their error bars."""
    look = LOOKS[i]
    value = np.array(series.value)
    below = np.nan_to_num(np.maximum(value - np.array(series.low), 0.0))
    above = np.nan_to_num(np.maximum(np.array(series.high) - value, 0.0))
    axes.plot(places, value, color=look.main, linestyle=look.line, linewidth=1.2, gid=f"joined-{i}")
    axes.errorbar(
        places,
        value,
        yerr=np.vstack([below, above]),
        fmt=look.marker,
        markersize=6.0,
        color=look.main,
        markeredgecolor=look.deep,
        ecolor=look.deep,
        elinewidth=1.3,
        capsize=3.0,
        zorder=3,
    )


def _hundred_sheet(
    axis_title: str,
    labels: Sequence[str],
    ends: Sequence[float],
    *,
    highest: float,
    figure: Figure | None,
    title: str | None,
    places: Sequence[float],
    years: Sequence[str],
    limits: tuple[float, float],
) -> tuple[Sheet, Axes]:
    """Lay out one panel of futures of 100 against years, regimes named at the right."""
    head = wrap(axis_title, WIDTH - 2 * EDGE, BASE)
    top = len(head) * line_height(BASE) + 0.14
    bottom = 0.42
    names = regime_ends(labels, ends, _LABEL) if len(labels) > 1 else []
    right = end_label_width(names) if names else 0.3
    needed = sum(len(name.lines) * line_height(SMALL) + 0.05 for name in names)
    plot = max(_PLOT, needed - 0.4)
    sheet = Sheet(height=bottom + plot + top, figure=figure, title=title)
    sheet.write_lines(EDGE, sheet.height, head)
    left = EDGE + text_width("100", SMALL) + 0.14
    width = sheet.width - left - right
    axes = sheet.axes(left, bottom, width, plot)
    axes.set_xlim(*limits)
    hundred_axis(axes, highest)
    axes.grid(axis="y")
    year_axis(axes, list(years), width, list(places))
    return sheet, axes


def _ends(sheet: Sheet, axes: Axes, series: Sequence[Series]) -> None:
    """Name the regimes at the ends of their lines, where there are several."""
    if len(series) > 1:
        values = [one.value[-1] for one in series]
        end_labels(sheet, axes, regime_ends([one.label for one in series], values, _LABEL))
