"""What it costs the centre: no regime wins by being given money unseen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.reading import Names, Reader
from riskmc.measures.tabulate import Spec, Task, tabulate
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.variables import MONEY

if TYPE_CHECKING:
    import xarray as xr

#: What is set side by side: paid over the horizon, and still owed at its end.
NEUTRALITY = ("central_cost", "pending_end")


def fiscal_neutrality(
    results: Source,
    *,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return expected central cost and pending of each regime, over (..., part) [£m].

    "central_cost" is the total over the horizon; "pending_end" the settlement adjustment still
    to be made to each year's grant, at the end (positive: owed to the body). With `against` the
    paired difference from that regime.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    organisation, regime : str or sequence of str, optional
        Default: the place and every organisation, every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """

    def values(task: Task) -> NDArray[Any]:
        cost = task.paths["central_cost"].sum(axis=0)
        pending = task.paths["pending"][-1]
        return np.stack([cost, pending])

    inner: dict[str, Sequence[Any]] = {"part": NEUTRALITY}
    spec = Spec(
        needs=("central_cost", "pending"),
        values=values,
        statistic=estimators.mean,
        inner=inner,
        unit=MONEY,
        long_name="expected cost to the centre, paid and still pending",
    )
    return tabulate(
        Reader(results), spec, organisation=organisation, regime=regime, against=against
    )
