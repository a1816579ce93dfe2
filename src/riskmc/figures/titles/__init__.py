"""Active titles: the message of a figure in at most ten words, true by its own numbers.

One function a figure, of its table alone. Where simulation errors leave open which regime does
better, the title says that.
"""

from __future__ import annotations

from riskmc.figures.titles.amounts import (
    fan,
    quantile_dotplot,
    reserve_confidence,
    statement,
    tornado,
    waterfall,
)
from riskmc.figures.titles.chances import (
    exceedance,
    icon_array,
    probability_by_year,
    reserve_fan,
    survival,
)
from riskmc.figures.titles.comparison import calibration, incidence, paired_difference, tipping

__all__ = [
    "calibration",
    "exceedance",
    "fan",
    "icon_array",
    "incidence",
    "paired_difference",
    "probability_by_year",
    "quantile_dotplot",
    "reserve_confidence",
    "reserve_fan",
    "statement",
    "survival",
    "tipping",
    "tornado",
    "waterfall",
]
