"""What is drawn is what was given."""

from __future__ import annotations

import math

import figure_cases as cases
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from riskmc.figures import (
    Dots,
    DotTable,
    SurvivalTable,
    calibration,
    exceedance,
    fan,
    icon_array,
    incidence,
    paired_difference,
    probability_by_year,
    quantile_dotplot,
    reserve_confidence,
    reserve_fan,
    statement,
    survival,
    tipping,
    tornado,
    waterfall,
)

TWO = cases.SHORT[:2]


def line(axes: Axes, gid: str) -> np.ndarray:
    """The points of the line with this id."""
    (found,) = [one for one in axes.get_lines() if one.get_gid() == gid]
    return np.array(found.get_xydata())


def box(axes: Axes, gid: str) -> tuple[float, float]:
    """The horizontal extent of the bar with this id."""
    (found,) = [one for one in axes.patches if one.get_gid() == gid]
    assert isinstance(found, Rectangle)
    return found.get_x(), found.get_x() + found.get_width()


def test_icon_array_fills_as_many_dots_as_futures() -> None:
    """Would catch a count that is off by one, or a regime drawn in another's panel."""
    table = cases.icon(cases.SHORT, 1.0)
    for axes, filled in zip(icon_array(table=table), (71, 23, 0, 100), strict=True):
        assert len(line(axes, "happens")) == filled
        assert len(line(axes, "not")) == 100 - filled


def test_fan_draws_every_quantile() -> None:
    """Would catch bands of swapped levels, a shifted year, or the wrong regime's median."""
    table = cases.fan(TWO, 1.0)
    before = len(cases.PAST.years)
    for axes, band in zip(fan(table=table), table.bands, strict=True):
        assert line(axes, "median") == pytest.approx(
            np.column_stack([np.arange(before, before + 10), band.median])
        )
        assert line(axes, "plan")[:, 1] == pytest.approx(table.plan)
        assert line(axes, "past")[:, 1] == pytest.approx(cases.PAST.values)
        for low, high in band.pairs:
            (drawn,) = [c for c in axes.collections if c.get_gid() == f"band-{low:g}"]
            heights = drawn.get_paths()[0].vertices[:, 1]
            assert set(np.round(heights, 6)) == set(
                np.round([*band.quantiles[low], *band.quantiles[high]], 6)
            )


def test_fan_panels_share_one_scale() -> None:
    """Would catch panels that flatter one regime by their own scale."""
    limits = {axes.get_ylim() for axes in fan(table=cases.fan(cases.LONG, 1.0))}
    assert len(limits) == 1


def test_reserve_fan_draws_reserves_floor_and_chances() -> None:
    """Would catch a chance drawn on the money scale, or a floor at 0."""
    table = cases.reserve_fan(TWO, 1.0)
    axes = reserve_fan(table=table)
    assert len(axes) == 4
    for i in range(2):
        upper, lower = axes[2 * i], axes[2 * i + 1]
        assert line(upper, "median")[:, 1] == pytest.approx(table.bands[i].median)
        assert set(line(upper, "floor")[:, 1]) == {10.0}
        heights = [bar.get_height() for bar in lower.patches]
        assert heights == pytest.approx(table.exhausted[i].value)
        assert lower.get_ylim() == (0.0, 1.0)


def test_probability_by_year_draws_points_and_errors() -> None:
    """Would catch error bars about the wrong point or of the wrong length."""
    table = cases.years(TWO, 1.0)
    axes = probability_by_year(table=table)
    for i, series in enumerate(table.series):
        assert line(axes, f"joined-{i}")[:, 1] == pytest.approx(series.value)
        places = line(axes, f"joined-{i}")[:, 0]
        assert np.round(places).tolist() == list(range(10))
        bars = axes.containers[i].lines[2][0].get_segments()
        assert [bar[0][1] for bar in bars] == pytest.approx(series.low)
        assert [bar[1][1] for bar in bars] == pytest.approx(series.high)


def test_survival_starts_at_all_and_steps_down_at_the_year() -> None:
    """Would catch a curve that starts at the first year or steps a year late."""
    series = [cases.chances("a", 0.9, 0.4), cases.chances("b", 0.95, 0.7)]
    table = SurvivalTable(series=series, subject="the place")
    axes = survival(table=table)
    for i, series in enumerate(table.series):
        (drawn,) = [one for one in axes.get_lines() if one.get_gid() == f"series-{i}"]
        assert drawn.get_drawstyle() == "steps-post"
        assert list(drawn.get_ydata()) == pytest.approx([1.0, *series.value, series.value[-1]])


def _dots(axes: Axes, name: str) -> int:
    return sum(
        len(one.get_xdata())
        for one in axes.figure.findobj(Line2D)
        if isinstance(one, Line2D) and one.get_gid() == name
    )


def test_quantile_dotplot_draws_every_dot_near_its_value() -> None:
    """Would catch lost dots, and dots moved further than half a column."""
    values = cases.fifty(120.0, 60.0)
    table = DotTable(rows=[Dots(label="x", values=values)], measure="Deficit", noun="Deficit")
    (axes,) = quantile_dotplot(table=table)
    (drawn,) = [one for one in axes.get_lines() if one.get_gid() == "dots-0"]
    places = np.sort(np.asarray(drawn.get_xdata(), dtype=float))
    assert len(places) == 50
    column = (axes.get_xlim()[1] - axes.get_xlim()[0]) / 26
    assert np.abs(places - np.sort(values)).max() <= 0.5 * column + 1e-9


def test_quantile_dotplot_shades_what_lies_beyond_the_mark_and_sets_zeros_aside() -> None:
    """Would catch dots on the wrong side of the reserves, or a lost mass at 0."""
    table = cases.dots(cases.SHORT[:1], 1.0)
    (axes,) = quantile_dotplot(table=table)
    beyond = sum(v > 180.0 for v in table.rows[0].values)
    assert 0 < beyond < 50
    assert _dots(axes, "dots-0") == beyond
    assert _dots(axes, "below-0") == 50 - beyond


def test_exceedance_draws_curves_and_points() -> None:
    """Would catch points off their curve: P90 stands at 10 of 100."""
    table = cases.exceedance(TWO, 1.0)
    axes = exceedance(table=table)
    for i, curve in enumerate(table.curves):
        assert line(axes, f"curve-{i}") == pytest.approx(
            np.column_stack([curve.amounts, curve.chances])
        )
        assert line(axes, f"points-{i}") == pytest.approx(
            np.array([[v, 1.0 - p] for p, v in curve.points.items()])
        )


def test_reserve_confidence_draws_curves_and_target() -> None:
    """Would catch a target read off the wrong place."""
    table = cases.confidence(TWO, 1.0)
    axes = reserve_confidence(table=table)
    for i, curve in enumerate(table.curves):
        assert line(axes, f"curve-{i}")[:, 1] == pytest.approx(curve.reserves)
        assert line(axes, f"target-{i}")[0] == pytest.approx([0.9, curve.reserves[2]])


def test_incidence_bars_add_up_to_one() -> None:
    """Would catch parts that overlap, leave gaps, or go to another bearer."""
    table = cases.incidence(TWO, 1.0)
    axes = incidence(table=table)
    for i, bar in enumerate(table.bars):
        drawn = [c.patches[0] for c in axes.containers[7 * i : 7 * i + 7]]
        assert [p.get_width() for p in drawn] == pytest.approx(list(bar.shares.values()))
        edges = np.cumsum([0.0, *bar.shares.values()])
        assert [p.get_x() for p in drawn] == pytest.approx(edges[:-1])


def test_waterfall_steps_join() -> None:
    """Would catch a step that starts anywhere but where the last one ended."""
    axes = waterfall(table=cases.waterfall(cases.SHORT[:1], 1.0))
    ends = [box(axes, f"step-{i}") for i in range(6)]
    assert ends[0] == pytest.approx((0.0, 10.0))
    assert ends[1] == pytest.approx((10.0, 72.0))
    assert ends[2] == pytest.approx((72.0, -53.0))
    assert ends[3] == pytest.approx((0.0, -53.0))
    assert ends[5] == pytest.approx((0.0, 107.0))


def test_tornado_draws_the_widest_first_about_the_mean() -> None:
    """Would catch bars in the given order, or from 0."""
    table = cases.tornado(cases.SHORT[:1], 1.0)
    axes = tornado(table=table)
    assert table.bars[0].label == "Demand growth"
    assert box(axes, "low-0") == pytest.approx((100.0, -40.0))
    assert box(axes, "high-0") == pytest.approx((100.0, 210.0))


def test_statement_draws_range_and_stated_amount() -> None:
    """Would catch a diamond in another line's row."""
    axes = statement(table=cases.statement(cases.SHORT[:1], 1.0))
    assert box(axes, "range-0") == pytest.approx((90.0, 480.0))
    assert line(axes, "stated-0")[0][0] == 40.0
    assert line(axes, "stated-1")[0][0] == -80.0


@pytest.mark.parametrize("lower_is_better", [True, False])
def test_paired_difference_colours_by_who_is_better(lower_is_better: bool) -> None:
    """Would catch better and worse swapped where more is better (reserves)."""
    import dataclasses

    table = dataclasses.replace(cases.paired(TWO, 1.0), lower_is_better=lower_is_better)
    table = dataclasses.replace(table, panels=table.panels[:1])
    (axes,) = paired_difference(table=table)
    below = sum(v < 0.0 for v in table.panels[0].values)
    above = sum(v > 0.0 for v in table.panels[0].values)
    assert _dots(axes, "same") == 5
    assert _dots(axes, "better") == (below if lower_is_better else above)
    assert _dots(axes, "worse") == (above if lower_is_better else below)


def test_tipping_border_runs_where_the_sign_changes() -> None:
    """Would catch cells transposed or the contour along the wrong edges."""
    table = cases.tipping(TWO, 1.0)
    axes = tipping(table=table)
    cells = {p.get_gid(): p for p in axes.patches if p.get_gid()}
    assert len(cells) == 25
    assert cells["cell-0-0"].get_hatch()
    assert not cells["cell-4-4"].get_hatch()
    borders = {
        tuple(np.asarray(one.get_xydata()).ravel())
        for one in axes.get_lines()
        if one.get_gid() == "border"
    }
    # bottom row: 30, 20, 10, 0, -10; top row: 5, -5, ...
    assert (4.0, 0.0, 4.0, 1.0) in borders
    assert (1.0, 4.0, 1.0, 5.0) in borders
    for x0, y0, x1, y1 in borders:
        if x0 == x1:
            row, column = int(min(y0, y1)), int(x0)
            pair = table.values[row][column - 1], table.values[row][column]
        else:
            row, column = int(y0), int(min(x0, x1))
            pair = table.values[row - 1][column], table.values[row][column]
        assert np.sign(pair[0]) != np.sign(pair[1])


def test_calibration_draws_coverage_and_positions() -> None:
    """Would catch nominal and observed swapped."""
    table = cases.calibration(cases.SHORT[:1], 1.0)
    left, right = calibration(table=table)
    assert line(left, "coverage") == pytest.approx(np.column_stack([table.nominal, table.observed]))
    assert [bar.get_height() for bar in right.patches if isinstance(bar, Rectangle)][
        -10:
    ] == pytest.approx(table.pit)
    assert math.isclose(sum(table.pit), 1.0)
