"""One page of figures: how calibrated, cover by horizon, and a fan with what came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from riskmc.backtests.running import MODEL, Backtest
from riskmc.backtests.scores import BANDS


def draw_page(found: Backtest, path: Path) -> Path:
    """Draw three panels and write them as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from riskmc.figures.style import LOOKS, style

    with style():
        figure = Figure(figsize=(11.0, 3.8), layout="constrained")
        FigureCanvasAgg(figure)
        calibrated, cover, fan = figure.subplots(1, 3)
        _pit(calibrated, found, LOOKS)
        _cover(cover, found, LOOKS)
        _fan(fan, found, LOOKS)
        figure.suptitle(found.plan.title, fontsize=13)
        figure.savefig(path, dpi=110, metadata={"Software": None})
    return path


def _pit(axes: Any, found: Backtest, looks: Any) -> None:
    """Draw where the outcome fell in its forecast: flat is right."""
    apart = [case.pit_apart for case in found.cases if len(case.pit_apart) > 1]
    if apart:
        counts, edges = np.histogram(np.concatenate(apart), np.linspace(0.0, 1.0, 11))
        share = 100.0 * counts / counts.sum()
        axes.bar(edges[:-1], share, width=0.1, align="edge", color=looks[0].soft, edgecolor="white")
        axes.axhline(10.0, color="#505A5F", linewidth=1.0, linestyle="--")
        axes.set_ylabel("% of councils, less the mean")
    together = [case.pit_together for case in found.cases]
    axes.plot(together, [0.6 if apart else 0.5] * len(together), "|", color=looks[1].main, ms=14)
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("where the outcome fell in its forecast\n(orange: the mean of all, by case)")
    axes.set_title("Flat is right", fontsize=11)


def _cover(axes: Any, found: Backtest, looks: Any) -> None:
    """Draw what share of bands held what came, by years ahead."""
    horizons = sorted({case.horizon for case in found.cases})
    for band, look in zip(BANDS, looks, strict=False):
        held = [
            100.0
            * np.mean(
                [c.scores[MODEL].inside[band].mean() for c in found.cases if c.horizon == horizon]
            )
            for horizon in horizons
        ]
        axes.plot(horizons, held, color=look.main, marker=look.marker, linestyle=look.line)
        axes.axhline(band, color=look.main, linewidth=0.8, linestyle=":")
        axes.annotate(f"{band} %", (horizons[-1], held[-1]), (6, 0), textcoords="offset points")
    axes.set_ylim(0.0, 105.0)
    axes.set_xticks(horizons)
    axes.margins(x=0.2)
    axes.set_xlabel("years ahead")
    axes.set_ylabel("% of outcomes inside the band")
    axes.set_title("Each band should hold its stated share", fontsize=11)


def _fan(axes: Any, found: Backtest, looks: Any) -> None:
    """Draw the mean's forecast from every origin, and what came."""
    years = sorted({case.target for case in found.cases})
    place = {year: at for at, year in enumerate(years)}
    for number, origin in enumerate(dict.fromkeys(case.origin for case in found.cases)):
        cases = [case for case in found.cases if case.origin == origin]
        offset = 0.12 * (number - 1.0)
        for case in cases:
            at = place[case.target] + offset
            low, inner_low, middle, inner_high, high = case.fan
            look = looks[number % len(looks)]
            axes.plot([at, at], [low, high], color=look.main, linewidth=1.2)
            axes.plot([at, at], [inner_low, inner_high], color=look.main, linewidth=4.0)
            axes.plot([at], [middle], look.marker, color="white", mec=look.main, ms=5)
            axes.plot([at - 0.05, at + 0.05], [case.came] * 2, color="#0B0C0C", linewidth=2.0)
    axes.set_xticks(range(len(years)), years)
    axes.set_ylabel(f"mean of all, {found.unit}")
    axes.set_xlabel("90 and 50 % bands by origin;\nblack: outcomes")
    axes.set_title("What the model would have said", fontsize=11)
