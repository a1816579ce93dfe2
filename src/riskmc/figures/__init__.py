"""Figures of a board report: each drawn from a small plain table, with its words beside it.

    from riskmc.figures import FanTable, Bands, render
    figure = render(FanTable(bands=[...], measure="...", noun="Deficit"), prefix="f2")
    figure.svg, figure.title, figure.alt, figure.caption, figure.table

matplotlib is imported when a figure is first made, not before.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riskmc.figures.tables import (
    Bands,
    Bearers,
    CalibrationTable,
    ConfidenceCurve,
    ConfidenceTable,
    Difference,
    Dots,
    DotTable,
    ExceedanceCurve,
    ExceedanceTable,
    FanTable,
    IconTable,
    IncidenceTable,
    Mark,
    PairedPanel,
    PairedTable,
    Past,
    ReserveFanTable,
    Series,
    Share,
    StatementLine,
    StatementTable,
    Step,
    SurvivalTable,
    Swing,
    TippingTable,
    TornadoTable,
    WaterfallTable,
    YearTable,
)

if TYPE_CHECKING:
    from riskmc.figures.amounts import statement, tornado, waterfall
    from riskmc.figures.checks import overlaps
    from riskmc.figures.comparison import paired_difference, tipping
    from riskmc.figures.counts import icon_array, incidence
    from riskmc.figures.data import DataTable
    from riskmc.figures.distributions import calibration, exceedance, quantile_dotplot
    from riskmc.figures.fans import fan
    from riskmc.figures.rendering import Figure, draw, render, words
    from riskmc.figures.reserves import reserve_confidence, reserve_fan
    from riskmc.figures.years import probability_by_year, survival

__all__ = [
    "Bands",
    "Bearers",
    "CalibrationTable",
    "ConfidenceCurve",
    "ConfidenceTable",
    "DataTable",
    "Difference",
    "DotTable",
    "Dots",
    "ExceedanceCurve",
    "ExceedanceTable",
    "FanTable",
    "Figure",
    "IconTable",
    "IncidenceTable",
    "Mark",
    "PairedPanel",
    "PairedTable",
    "Past",
    "ReserveFanTable",
    "Series",
    "Share",
    "StatementLine",
    "StatementTable",
    "Step",
    "SurvivalTable",
    "Swing",
    "TippingTable",
    "TornadoTable",
    "WaterfallTable",
    "YearTable",
    "calibration",
    "draw",
    "exceedance",
    "fan",
    "icon_array",
    "incidence",
    "overlaps",
    "paired_difference",
    "probability_by_year",
    "quantile_dotplot",
    "render",
    "reserve_confidence",
    "reserve_fan",
    "statement",
    "survival",
    "tipping",
    "tornado",
    "waterfall",
    "words",
]

_HOMES = {
    "DataTable": "data",
    "Figure": "rendering",
    "calibration": "distributions",
    "draw": "rendering",
    "exceedance": "distributions",
    "fan": "fans",
    "icon_array": "counts",
    "incidence": "counts",
    "overlaps": "checks",
    "paired_difference": "comparison",
    "probability_by_year": "years",
    "quantile_dotplot": "distributions",
    "render": "rendering",
    "reserve_confidence": "reserves",
    "reserve_fan": "reserves",
    "statement": "amounts",
    "survival": "years",
    "tipping": "comparison",
    "tornado": "amounts",
    "waterfall": "amounts",
    "words": "rendering",
}


def __getattr__(name: str) -> Any:
    """Import a public name where it is first used: matplotlib is slow to import."""
    if name not in _HOMES:
        raise AttributeError(f"module 'riskmc.figures' has no attribute '{name}'")
    return getattr(import_module(f"riskmc.figures.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
