"""Fan charts: quantiles by year, one panel a regime."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from riskmc.figures.labels import EndLabel, PanelGrid, end_label_width, end_labels
from riskmc.figures.layout import (
    EDGE,
    Scale,
    Sheet,
    line_height,
    money_scale,
    wrap,
    year_axis,
)
from riskmc.figures.legend import KeyEntry, KeyKind, draw_key, key_height
from riskmc.figures.style import BASE, GREY, INK, LOOKS, SMALL, WIDTH, Look, styled
from riskmc.figures.tables import Bands, FanTable
from riskmc.words.figure_text import Unit, money

_PLOT = 2.75


@styled
def fan(
    *, table: FanTable, figure: Figure | None = None, title: str | None = None
) -> tuple[Axes, ...]:
    """Draw bands of futures by year: 80 of 100 in the pale one, 50 in the dark, and the middle.

    One regime is labelled at the right; more stand in panels of one scale, over one key.
    Past outturns come before the fork, the plan is dashed. Returns an Axes for each regime.
    """
    scale = money_scale(fan_values(table))
    head = wrap(table.measure, WIDTH - 2 * EDGE, BASE)
    if len(table.bands) == 1:
        return (_single(table, head, scale, figure, title),)
    return _panels(table, head, scale, figure, title)


def fan_values(table: FanTable) -> list[float]:
    """Return every amount that the fan must find room for."""
    values = [v for band in table.bands for row in band.quantiles.values() for v in row]
    values += list(table.plan)
    values += list(table.past.values) if table.past else []
    return values


def _single(
    table: FanTable, head: Sequence[str], scale: Scale, figure: Figure | None, title: str | None
) -> Axes:
    top = len(head) * line_height(BASE) + (0.32 if table.past else 0.14)
    labels = fan_labels(table.bands[0], scale.unit, plan=table.plan)
    sheet = Sheet(height=0.42 + _PLOT + top, figure=figure, title=title)
    sheet.write_lines(EDGE, sheet.height, head)
    left = EDGE + scale.room()
    width = sheet.width - left - end_label_width(labels)
    axes = sheet.axes(left, 0.42, width, _PLOT)
    draw_fan(axes, table, table.bands[0], LOOKS[0], width, scale)
    if table.past:
        fork(sheet, axes, len(table.past.years))
    end_labels(sheet, axes, labels)
    return axes


def _panels(
    table: FanTable, head: Sequence[str], scale: Scale, figure: Figure | None, title: str | None
) -> tuple[Axes, ...]:
    left = EDGE + scale.room()
    grid = PanelGrid.of([band.label for band in table.bands], left=left)
    above = 0.22 if table.past else 0.0
    plot = _PLOT if grid.rows == 1 else 2.0
    entries = fan_entries(table.bands[0])
    if table.plan:
        entries.append(KeyEntry("dashed", "plan"))
    key = key_height(entries)
    top = len(head) * line_height(BASE) + 0.1
    sheet = Sheet(height=top + grid.height(above + plot + 0.42) + key, figure=figure, title=title)
    sheet.write_lines(EDGE, sheet.height, head)
    found = []
    for i, band in enumerate(table.bands):
        x, y = grid.place(i, top=sheet.height - top, body=above + plot + 0.42)
        grid.head(sheet, i, x, y)
        axes = sheet.axes(x, y - above - plot, grid.width, plot)
        draw_fan(axes, table, band, LOOKS[i], grid.width, scale, inner=i % 2 == 1)
        if table.past:
            fork(sheet, axes, len(table.past.years))
        found.append(axes)
    draw_key(sheet, entries, key)
    return tuple(found)


def draw_fan(
    axes: Axes,
    table: FanTable,
    band: Bands,
    look: Look,
    width: float,
    scale: Scale,
    *,
    inner: bool = False,
) -> None:
    """Draw one regime's bands, median, past and plan into axes `width` inches wide.

    `inner` axes stand right of others with the same scale, and go without its labels.
    """
    before = len(table.past.years) if table.past else 0
    years = [*(table.past.years if table.past else ()), *band.years]
    places = np.arange(before, len(years))
    axes.set_xlim(-0.3, len(years) - 0.7 if len(years) > 1 else 0.7)
    scale.put(axes)
    axes.tick_params(axis="y", labelleft=not inner)
    axes.grid(axis="y")
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    fills = [look.pale, look.soft, look.main]
    for depth, (low, high) in enumerate(band.pairs):
        axes.fill_between(
            places,
            band.quantiles[low],
            band.quantiles[high],
            facecolor=fills[min(depth, 2)],
            edgecolor=look.deep,
            linewidth=0.8,
            linestyle=(0, (3.0, 2.0)) if depth == 0 else "-",
            gid=f"band-{low:g}",
        )
    axes.plot(places, band.median, color=look.deep, linewidth=2.6, gid="median")
    if len(places) == 1:
        _one_year(axes, band, look, places[0])
    if table.past:
        _outturns(axes, table, band, before)
    if table.plan:
        axes.plot(
            places, table.plan, color=INK, linewidth=1.5, linestyle=(0, (4.0, 3.0)), gid="plan"
        )
    year_axis(axes, years, width, list(range(len(years))), spare=0.0 if inner else 0.2)


def _one_year(axes: Axes, band: Bands, look: Look, place: float) -> None:
    """Draw a single year, which has no width as a band, as nested bars."""
    for depth, (low, high) in enumerate(band.pairs):
        half = 0.25 - 0.1 * depth
        bottom, top = band.quantiles[low][0], band.quantiles[high][0]
        axes.add_patch(
            Rectangle(
                (place - half, bottom),
                2 * half,
                top - bottom,
                facecolor=[look.pale, look.soft, look.main][min(depth, 2)],
                edgecolor=look.deep,
            )
        )
    axes.plot([place - 0.25, place + 0.25], [band.median[0]] * 2, color=look.deep, linewidth=2.6)


def _outturns(axes: Axes, table: FanTable, band: Bands, before: int) -> None:
    assert table.past is not None
    places = np.arange(before)
    axes.plot(places, table.past.values, color=INK, marker="o", markersize=4.0, gid="past")
    axes.plot(
        [before - 1, before],
        [table.past.values[-1], band.median[0]],
        color=INK,
        linewidth=1.0,
        linestyle=(0, (1.0, 1.5)),
    )


def fork(sheet: Sheet, axes: Axes, before: int) -> None:
    """Mark where outturns end and simulated years begin."""
    at = before - 0.5
    axes.axvline(at, color=GREY, linewidth=0.8, linestyle=(0, (2.0, 2.0)))
    x = sheet.x_of(axes, at)
    y = axes.get_position().y1 * sheet.full + 0.05
    sheet.write(x - 0.06, y, "past", size=SMALL, ha="right", colour=GREY)
    sheet.write(x + 0.06, y, "simulated", size=SMALL, colour=GREY)


def fan_labels(band: Bands, unit: Unit, *, plan: Sequence[float] = ()) -> list[EndLabel]:
    """Return labels for the ends of a fan: what lies above, inside and below, with amounts."""

    def said(p: float) -> str:
        return money(band.quantiles[p][-1], unit=unit, mcse=band.error(p, -1))

    labels = []
    middle = band.median[-1]
    for low, high in band.pairs:
        ends = band.quantiles[low][-1], band.quantiles[high][-1]
        if ends[0] == ends[1]:
            continue
        labels.append((ends[1], 3, f"{low * 100:g} in 100 above {said(high)}"))
        labels.append((ends[0], 0, f"{low * 100:g} in 100 below {said(low)}"))
    labels.append((middle, 1, f"middle future {said(0.5)}"))
    if plan:
        labels.append((plan[-1], 2, f"plan {money(plan[-1], unit=unit)}"))
    return [
        EndLabel(
            value,
            [text],
            weight="bold" if kind == 1 else "normal",
            colour=LOOKS[0].deep if kind == 1 else INK,
        )
        for value, kind, text in sorted(labels)
    ]


def fan_entries(bands: Bands) -> list[KeyEntry]:
    """Return what a fan's bands and middle line mean, for a key."""
    kinds: tuple[KeyKind, ...] = ("pale", "dark", "core")
    entries = []
    for depth, (low, high) in enumerate(bands.pairs):
        inside = round((high - low) * 100.0, 6)
        entries.append(KeyEntry(kinds[min(depth, 2)], f"{inside:g} of 100 futures"))
    return [*entries, KeyEntry("median", "middle future")]
