"""What it costs the centre: no regime wins by being given money unseen."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from riskmc.measures.measure import Chosen, measure
from riskmc.measures.tabulate import Spec
from riskmc.statistics import estimators
from riskmc.variables import MONEY

#: What is set side by side: paid over the horizon, and still owed at its end.
NEUTRALITY = ("central_cost", "pending_end")


@measure('docs/model.md, section 5, "central cost, pending"', estimators.mean)
def fiscal_neutrality(**_: Unpack[Chosen]) -> Spec:
    """Return expected central cost and pending of each regime, over (..., part) [£m].

    "central_cost" is the total over the horizon; "pending_end" the settlement adjustment still
    to be made to each year's grant, at the end (positive: owed to the body). With `against` the
    paired difference from that regime.
    """
    return Spec(
        long_name="expected cost to the centre, paid and still pending",
        unit=MONEY,
        needs=("central_cost", "pending"),
        values=lambda task: np.stack(
            [task.paths["central_cost"].sum(axis=0), task.paths["pending"][-1]]
        ),
        statistic=estimators.mean,
        inner=lambda _: {"part": NEUTRALITY},
    )
