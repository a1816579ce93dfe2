"""The small plain tables that figures are drawn from: numbers in, no computing left to do.

Sequences of any kind (lists, tuples, numpy arrays, one-dimensional DataArrays) are taken and
kept as tuples of floats. Money is in £m, probabilities and shares are fractions, intervals are
95 %; an error that is not known is NaN. One to four regimes, in the order of the study.
Wrong shapes raise ValueError naming the field. All fields are keyword-only.
"""

from __future__ import annotations

from riskmc.figures.tables.amounts import (
    ConfidenceCurve,
    ConfidenceTable,
    StatementLine,
    StatementTable,
    Step,
    Swing,
    TornadoTable,
    WaterfallTable,
)
from riskmc.figures.tables.basic import (
    MOST_REGIMES,
    Bands,
    Difference,
    Mark,
    Past,
    Series,
    Share,
)
from riskmc.figures.tables.comparison import (
    PairedPanel,
    PairedTable,
    TippingTable,
)
from riskmc.figures.tables.counts import (
    Bearers,
    IconTable,
    IncidenceTable,
)
from riskmc.figures.tables.distributions import (
    CalibrationTable,
    Dots,
    DotTable,
    ExceedanceCurve,
    ExceedanceTable,
)
from riskmc.figures.tables.years import (
    FanTable,
    ReserveFanTable,
    SurvivalTable,
    YearTable,
)

__all__ = [
    "MOST_REGIMES",
    "Bands",
    "Bearers",
    "CalibrationTable",
    "ConfidenceCurve",
    "ConfidenceTable",
    "Difference",
    "DotTable",
    "Dots",
    "ExceedanceCurve",
    "ExceedanceTable",
    "FanTable",
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
]
