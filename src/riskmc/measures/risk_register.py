"""The risk register as simulated: what one-off risks cost together, beside the customary sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from riskmc.errors import ResultsError
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Estimate, stack
from riskmc.variables import CHAIN, DRAW, MONEY, ORGANISATION, PLACE, YEAR

if TYPE_CHECKING:
    import xarray as xr

#: Percentiles that are customarily asked of a register.
QUANTILES = (0.5, 0.8, 0.9, 0.95)


def register_cost(
    drivers: xr.Dataset,
    *,
    scheme: str,
    organisation: str = PLACE,
    year: str | None = None,
    p: Sequence[float] = QUANTILES,
) -> xr.Dataset:
    """Return the mean and quantiles of what one-off risks cost, over `statistic` [£m].

    Of a body or of the place as a whole; in one `year`, or in all years together. Labels are
    "mean", then the quantiles' p. `drivers` as `riskmc.sample` or a run's `/drivers` holds them.
    Raises ResultsError for an organisation or year that is not there.
    """
    costs = drivers["one_off_cost"].transpose(YEAR, ORGANISATION, CHAIN, DRAW)
    if organisation != PLACE:
        if organisation not in costs[ORGANISATION].values:
            raise ResultsError(f"the drivers hold no organisation '{organisation}'")
        costs = costs.sel({ORGANISATION: [organisation]})
    if year is not None:
        if year not in costs[YEAR].values:
            raise ResultsError(f"the drivers hold no year '{year}'")
        costs = costs.sel({YEAR: [year]})
    total = np.asarray(costs.values, dtype=float).sum(axis=(0, 1))
    quantiles = estimators.quantile(total, p=tuple(p), scheme=scheme)
    rows = [estimators.mean(total, scheme=scheme)]
    rows += [Estimate._make(field[..., i] for field in quantiles) for i in range(len(p))]
    labels = ["mean", *(f"{level:g}" for level in p)]
    return stack(rows).dataset(
        dims=("statistic",),
        coords={"statistic": labels},
        unit=MONEY,
        long_name="cost of one-off risks" + (f" in {year}" if year else " in all years"),
        attrs={"scheme": scheme},
    )
