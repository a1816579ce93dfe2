"""Charts of sweeps, bridges, attributions and maps over behaviour, as SVG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.figures.style import GREY, INK, LOOKS, WIDTH, styled
from riskmc.words.board import lower_first

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from riskmc.fitting import Fit

_DOWN, _UP = "#12436D", "#F46A25"
_HEIGHT = 2.4


def _svg(figure: Figure) -> bytes:
    import matplotlib as mpl

    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "riskmc", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _panels(count: int, height: float = _HEIGHT) -> tuple[Figure, list[Any]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height * count), layout="constrained")
    return figure, list(figure.subplots(count, 1, squeeze=False)[:, 0])


def _scale(unit: str) -> tuple[float, str]:
    return (100.0, "futures of 100") if unit == "probability" else (1.0, unit)


@styled
def sweep_chart(found: xr.Dataset) -> bytes:
    """Draw each measure over the settings, a line for each regime with its 95 % interval.

    Parameters
    ----------
    found : xarray.Dataset
        What `riskmc.sweep` returned.

    Returns
    -------
    bytes
        SVG.
    """
    figure, axes = _panels(found.sizes["measure"])
    settings = found["setting"].values.tolist()[1:]
    for axis, name in zip(axes, found["measure"].values.tolist(), strict=True):
        factor, unit = _scale(str(found["unit"].sel(measure=name).item()))
        for look, regime in zip(_looks(found.sizes["regime"]), found["regime"].values, strict=True):
            one = found.sel(measure=name, regime=regime).isel(setting=slice(1, None))
            places = np.arange(len(settings))
            y, low, high = (factor * one[field].values for field in ("value", "low", "high"))
            axis.fill_between(places, low, high, color=look.pale, linewidth=0)
            label = str(found["regime_label"].sel(regime=regime).item())
            axis.plot(places, y, ls=look.line, color=look.main, marker=look.marker, label=label)
        axis.set_xticks(np.arange(len(settings)), settings)
        axis.set_title(str(found["label"].sel(measure=name).item()), loc="left", color=INK)
        axis.set_ylabel(unit)
    axes[0].legend(frameon=False)
    axes[-1].set_xlabel(str(found.attrs["over"]))
    return _svg(figure)


def _looks(count: int) -> list[Any]:
    return [LOOKS[i % len(LOOKS)] for i in range(count)]


@styled
def bridge_chart(found: xr.Dataset) -> bytes:
    """Draw a waterfall of each measure, from the old value to the new.

    Parameters
    ----------
    found : xarray.Dataset
        What `riskmc.bridge` returned.

    Returns
    -------
    bytes
        SVG.
    """
    height = 0.6 + 0.3 * (found.sizes["step"] + 1)
    figure, axes = _panels(found.sizes["measure"], height)
    steps = found["step"].values.tolist()
    for axis, name in zip(axes, found["measure"].values.tolist(), strict=True):
        factor, unit = _scale(str(found["unit"].sel(measure=name).item()))
        levels = factor * found["value"].sel(measure=name).values
        changes = factor * found["change_value"].sel(measure=name).values
        _waterfall(axis, steps, levels[0], changes, levels[-1])
        axis.set_title(str(found["label"].sel(measure=name).item()), loc="left", color=INK)
        axis.set_xlabel(unit)
    return _svg(figure)


@styled
def attribution_chart(found: xr.Dataset) -> bytes:
    """Draw a waterfall of Shapley values of each measure, from one set of rules to the other.

    Parameters
    ----------
    found : xarray.Dataset
        What `riskmc.attribute` returned.

    Returns
    -------
    bytes
        SVG.
    """
    height = 0.6 + 0.3 * (found.sizes["group"] + 2)
    figure, axes = _panels(found.sizes["measure"], height)
    labels = [str(found.attrs["start"]), *found["group_label"].values.tolist()]
    for axis, name in zip(axes, found["measure"].values.tolist(), strict=True):
        one = found.sel(measure=name)
        factor, unit = _scale(str(one["unit"].item()))
        changes = factor * np.concatenate([[0.0], one["shapley_value"].values])
        ends = factor * float(one["start_value"]), factor * float(one["end_value"])
        _waterfall(axis, labels, ends[0], changes, ends[1], last=str(found.attrs["end"]))
        axis.set_title(str(one["label"].item()), loc="left", color=INK)
        axis.set_xlabel(unit)
    return _svg(figure)


@styled
def behaviour_chart(found: xr.Dataset) -> bytes:
    """Draw a map over behaviour: the difference by β and τ, and the line where it turns.

    Points whose 95 % interval holds nil bear a cross; a diamond is a rulebook as it stands.

    Parameters
    ----------
    found : xarray.Dataset
        What `riskmc.variants.behaviour_map` returned.

    Returns
    -------
    bytes
        SVG.
    """
    figure, (axis,) = _panels(1, 4.4)
    factor, unit = _scale(str(found.attrs["unit"]))
    betas, taus = found["rescued"].values, found["taken"].values
    values = factor * found["value"].values
    most = float(np.abs(values).max()) or 1.0
    shade = {"cmap": "RdBu_r", "vmin": -most, "vmax": most, "shading": "nearest"}
    drawn = axis.pcolormesh(100.0 * taus, 100.0 * betas, values, **shade)
    if min(values.shape) > 1 and values.min() < 0.0 < values.max():
        axis.contour(100.0 * taus, 100.0 * betas, values, levels=[0.0], colors=INK)
    unclear = (found["low"].values <= 0.0) & (found["high"].values >= 0.0)
    rows, columns = np.nonzero(unclear)
    axis.plot(100.0 * taus[columns], 100.0 * betas[rows], "x", color=GREY)
    for name in found["rulebook"].values.tolist():
        one = found.sel(rulebook=name)
        at = 100.0 * float(one["own_taken"]), 100.0 * float(one["own_rescued"])
        axis.plot(*at, "D", color=INK, markerfacecolor="white", clip_on=False)
        box = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}
        axis.annotate(name, at, xytext=(7, 5), textcoords="offset points", bbox=box)
    axis.set_xlabel("part of a surplus that is taken, per cent")
    axis.set_ylabel("part of a shortfall the centre bears, per cent")
    axis.set_title(str(found.attrs["label"]), loc="left", color=INK)
    bar = figure.colorbar(drawn, ax=axis)
    less = lower_first(str(found.attrs["b_label"]))
    bar.set_label(f"{found.attrs['a_label']} less {less}, {unit}")
    return _svg(figure)


@styled
def fits_chart(values: Sequence[float], found: Sequence[Fit]) -> bytes:
    """Draw the data's distribution function, and those of the distributions fitted to it.

    Parameters
    ----------
    values : sequence of float
        The data, in their own unit.
    found : sequence of Fit
        What `riskmc.fit` returned for them.

    Returns
    -------
    bytes
        SVG.
    """
    from riskmc.distributions import families

    figure, (axis,) = _panels(1, 3.4)
    ordered = np.sort(np.asarray(values, dtype=float))
    shares = (np.arange(ordered.size) + 0.5) / ordered.size
    axis.plot(ordered, 100.0 * shares, ".", color=INK, label="data")
    levels = np.linspace(0.005, 0.995, 400)
    for look, one in zip(_looks(len(found)), found, strict=True):
        typed = {"distribution": one.family, **one.parameters}
        x = families()[one.family].model_validate(typed).quantile(levels)
        axis.plot(x, 100.0 * levels, ls=look.line, color=look.main, label=one.family)
    axis.set_ylabel("per cent at or below")
    axis.legend(frameon=False)
    return _svg(figure)


def _waterfall(
    axis: Any, labels: list[str], start: float, changes: Any, end: float, last: str = "now"
) -> None:
    """Draw bars from the level before to the level after each change."""
    rows = np.arange(len(labels) + 1)
    axis.barh(rows[0], start, color=GREY)
    level = start
    for row, change in zip(rows[1:-1], changes[1:], strict=True):
        axis.barh(row, change, left=level, color=_UP if change > 0.0 else _DOWN)
        axis.annotate(
            f"{change:+,.3g}",
            (max(level, level + change), row),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
        )
        level += change
    axis.barh(rows[-1], end, color=GREY)
    axis.set_yticks(rows, [*labels, last])
    axis.invert_yaxis()
    axis.margins(x=0.12)
