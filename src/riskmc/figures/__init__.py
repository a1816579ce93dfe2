"""Figures of the reports: one class per file, each with its finding, drawing, note and numbers.

    from riskmc.report import Report
    figure = Report(results).figures[0]
    figure.title(), figure.panels()[0].svg, figure.table()

A figure is drawn once and is the same in the page and in the PDF.
"""

from riskmc.figures.base import DataTable, Figure, Guide, Look, Panel
from riskmc.figures.bearers import Bearers
from riskmc.figures.by_year import ByYear, Fan, Line
from riskmc.figures.changes import Change, Changes
from riskmc.figures.drivers import Drivers
from riskmc.figures.rescue import RescueChance
from riskmc.figures.reserves import ReservesNeeded
from riskmc.figures.waterfall import Waterfall

#: Every figure there is.
FIGURES: tuple[type[Figure], ...] = (
    ByYear,
    Bearers,
    Changes,
    Drivers,
    ReservesNeeded,
    RescueChance,
    Waterfall,
)

__all__ = [
    "FIGURES",
    "Bearers",
    "ByYear",
    "Change",
    "Changes",
    "DataTable",
    "Drivers",
    "Fan",
    "Figure",
    "Guide",
    "Line",
    "Look",
    "Panel",
    "RescueChance",
    "ReservesNeeded",
    "Waterfall",
]
