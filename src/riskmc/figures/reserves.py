"""Figures of reserves: their fan with the chance of exhaustion, and how much is enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskmc.figures.fans import draw_fan, fan_entries, fan_labels, fan_values, fork
from riskmc.figures.labels import EndLabel, PanelGrid, end_label_width, end_labels
from riskmc.figures.layout import (
    EDGE,
    Scale,
    Sheet,
    line_height,
    money_scale,
    nice_ticks,
    text_width,
    wrap,
    year_axis,
)
from riskmc.figures.legend import KeyEntry, draw_key, key_height, regime_key, regime_key_height
from riskmc.figures.style import BASE, INK, LOOKS, SMALL, WIDTH, styled
from riskmc.figures.tables import ConfidenceTable, FanTable, ReserveFanTable, Series
from riskmc.words.figure_text import count_text, money

_FLOOR = (0, (2.0, 1.5))
_LOWER = 0.85


@styled
def reserve_fan(
    *, table: ReserveFanTable, figure: Figure | None = None, title: str | None = None
) -> tuple[Axes, ...]:
    """Draw reserves by year as a fan with the floor, and below it the chance of exhaustion.

    Two panels a regime, not two scales in one. Returns the Axes in pairs: fan, chance.
    """
    fans = FanTable(bands=table.bands, measure=table.subject, noun="Reserves", past=table.past)
    scale = money_scale([*fan_values(fans), table.floor])
    text = f"Reserves of {table.subject} at the year’s end; below: futures of 100 with them "
    head = wrap(f"{text}exhausted by then, with 95 % error", WIDTH - 2 * EDGE, BASE)
    left = EDGE + max(scale.room(), text_width("100", SMALL) + 0.14)
    single = len(table.bands) == 1
    labels = _labels(table, scale) if single else []
    right = end_label_width(labels) if single else 0.36
    names = [] if single else [band.label for band in table.bands]
    grid = PanelGrid.of(names or [""], left=left, right=right)
    upper = 2.4 if grid.rows == 1 else 1.7
    above = 0.22 if table.past else 0.0
    body = above + upper + 0.2 + _LOWER + 0.42
    entries = [] if single else _entries(table)
    key = key_height(entries) if entries else 0.0
    top = len(head) * line_height(BASE) + 0.1
    sheet = Sheet(
        height=top + (body if single else grid.height(body)) + key, figure=figure, title=title
    )
    sheet.write_lines(EDGE, sheet.height, head)
    found: list[Axes] = []
    for i, band in enumerate(table.bands):
        x, y = (
            (left, sheet.height - top)
            if single
            else grid.place(i, top=sheet.height - top, body=body)
        )
        if not single:
            grid.head(sheet, i, x, y)
        axes = sheet.axes(x, y - above - upper, grid.width, upper)
        inner = i % 2 == 1
        draw_fan(axes, fans, band, LOOKS[i], grid.width, scale, inner=inner)
        axes.tick_params(axis="x", which="both", labelbottom=False)
        axes.axhline(table.floor, color=INK, linewidth=1.5, linestyle=_FLOOR, gid="floor")
        if table.past:
            fork(sheet, axes, len(table.past.years))
        below = sheet.axes(x, y - above - upper - 0.2 - _LOWER, grid.width, _LOWER)
        _chances(below, table, i, grid.width, inner=inner)
        found += [axes, below]
    if single:
        end_labels(sheet, found[0], labels)
        end_labels(sheet, found[1], [_chance_label(table.exhausted[0])])
    else:
        draw_key(sheet, entries, key)
    return tuple(found)


def _labels(table: ReserveFanTable, scale: Scale) -> list[EndLabel]:
    floor = EndLabel(table.floor, [f"floor {money(table.floor, unit=scale.unit)}"])
    return sorted([*fan_labels(table.bands[0], scale.unit), floor], key=lambda one: one.value)


def _entries(table: ReserveFanTable) -> list[KeyEntry]:
    return [*fan_entries(table.bands[0]), KeyEntry("floor", f"floor {money(table.floor)}")]


def _chance_label(series: Series) -> EndLabel:
    return EndLabel(
        series.value[-1], [count_text(series.value[-1], series.low[-1], series.high[-1])]
    )


def _chances(axes: Axes, table: ReserveFanTable, i: int, width: float, *, inner: bool) -> None:
    """Draw the chance of exhaustion by year as bars with their errors."""
    before = len(table.past.years) if table.past else 0
    series = table.exhausted[i]
    years = [*(table.past.years if table.past else ()), *series.years]
    places = np.arange(before, len(years))
    axes.set_xlim(-0.3, len(years) - 0.7 if len(years) > 1 else 0.7)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([0.0, 0.5, 1.0], ["0", "50", "100"])
    axes.tick_params(axis="y", labelleft=not inner)
    axes.grid(axis="y")
    value = np.array(series.value)
    error = np.vstack([value - np.array(series.low), np.array(series.high) - value])
    axes.bar(
        places,
        value,
        width=0.5,
        facecolor=LOOKS[i].soft,
        edgecolor=LOOKS[i].deep,
        linewidth=0.8,
        gid="exhausted",
    )
    axes.errorbar(
        places,
        value,
        yerr=np.maximum(np.nan_to_num(error), 0.0),
        fmt="none",
        ecolor=LOOKS[i].deep,
        elinewidth=1.5,
        capsize=0.0,
    )
    year_axis(axes, years, width, list(range(len(years))), spare=0.0 if inner else 0.2)


@styled
def reserve_confidence(
    *, table: ConfidenceTable, figure: Figure | None = None, title: str | None = None
) -> Axes:
    """Draw reserves needed against the confidence that they last, a curve a regime.

    Bands are 95 % intervals; horizontal lines are customary rules and what is held now.
    Returns the Axes.
    """
    labels = [curve.label for curve in table.curves]
    text = f"Reserves that {table.subject} must hold so that they last {table.horizon}"
    head = wrap(text, WIDTH - 2 * EDGE, BASE)
    rules = [*table.rules, *([table.held] if table.held else [])]
    values = [
        v for curve in table.curves for row in (curve.reserves, curve.low, curve.high) for v in row
    ]
    scale = money_scale([*values, *(rule.value for rule in rules)])
    ends = [
        EndLabel(
            rule.value,
            wrap(f"{rule.label} {money(rule.value, unit=scale.unit)}", 1.3, SMALL),
            weight="bold" if rule is table.held else "normal",
        )
        for rule in rules
    ]
    key = regime_key_height(labels)
    top = len(head) * line_height(BASE) + 0.06
    left = EDGE + scale.room()
    width = WIDTH - left - max(end_label_width(ends), 0.35)
    needed = sum(len(end.lines) * line_height(SMALL) + 0.05 for end in ends)
    plot = max(2.75, needed - 0.3)
    sheet = Sheet(height=0.62 + plot + 0.08 + key + top, figure=figure, title=title)
    sheet.write_lines(EDGE, sheet.height, head)
    regime_key(sheet, labels, sheet.height - top)
    axes = sheet.axes(left, 0.62, width, plot)
    scale.put(axes)
    _confidence_axis(axes, table)
    axes.grid(axis="y")
    _curves(axes, table)
    for rule in rules:
        dash = (0, (4.0, 2.0)) if rule is table.held else (0, (1.0, 2.0))
        axes.axhline(rule.value, color=INK, linewidth=1.3, linestyle=dash, zorder=2)
    sheet.write(left + width / 2, 0.1, "futures of 100 in which they last", size=SMALL, ha="center")
    end_labels(sheet, axes, ends)
    return axes


def _confidence_axis(axes: Axes, table: ConfidenceTable) -> None:
    every: Sequence[float] = [c for curve in table.curves for c in curve.confidence]
    low, high = min(every), max(every)
    room = 0.03 * max(high - low, 0.05)
    axes.set_xlim(low - room, high + room)
    ticks = [t / 100.0 for t in nice_ticks(low * 100.0, high * 100.0, whole=True, most=6)]
    ticks = [t for t in ticks if low - room <= t <= min(high + room, 1.0)]
    axes.set_xticks(ticks or [low], [f"{t * 100.0:g}" for t in ticks or [low]])


def _curves(axes: Axes, table: ConfidenceTable) -> None:
    for i, curve in enumerate(table.curves):
        look = LOOKS[i]
        if np.isfinite([*curve.low, *curve.high]).all():
            axes.fill_between(
                curve.confidence,
                curve.low,
                curve.high,
                facecolor=look.pale,
                edgecolor=look.deep,
                linewidth=0.5,
            )
        axes.plot(
            curve.confidence,
            curve.reserves,
            color=look.main,
            linestyle=look.line,
            marker=look.marker if len(curve.confidence) < 12 else "",
            markeredgecolor=look.deep,
            gid=f"curve-{i}",
            zorder=3,
        )
        at = table.at_target(curve)
        axes.plot(
            [curve.confidence[at]],
            [curve.reserves[at]],
            linestyle="none",
            marker=look.marker,
            markersize=9.0,
            markerfacecolor=look.main,
            markeredgecolor=INK,
            gid=f"target-{i}",
            zorder=4,
        )
