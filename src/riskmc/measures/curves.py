"""Whole distributions, compactly: exact order statistics, evenly spread over their ranks.

Between two neighbours no rank is further away than one part in `points` of all futures, so the
chance of exceeding any amount can be read off within that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.events import least_that_counts
from riskmc.measures.reading import Names, Reader
from riskmc.measures.tabulate import over_time
from riskmc.measures.view import Source

if TYPE_CHECKING:
    from collections.abc import Iterator


#: Order statistics kept of one curve.
POINTS = 2001


class OrderedCurve(NamedTuple):
    """One distribution.

    nothing  futures in which nothing happened, of `draws`
    values   order statistics of the other futures, evenly spread over their ranks, ends included
    """

    organisation: str
    regime: str
    over: str
    draws: int
    nothing: int
    values: NDArray[np.float64]


def ordered_curves(
    results: Source,
    *,
    variable: str,
    organisation: Names = None,
    regime: Names = None,
    points: int = POINTS,
) -> Iterator[OrderedCurve]:
    """Yield the distribution of a variable: each year, the largest year, all years together.

    By organisation, regime and `over` (a year's label, "peak", "horizon"). Amounts that do not
    count as having happened (see `least_that_counts`) and negative ones are `nothing`; draws
    that are not finite are left out of `draws`.
    """
    reader = Reader(results)
    bodies = reader.choose_bodies(organisation)
    for name in reader.choose_regimes(regime):
        for body in bodies:
            paths = reader.paths((variable, "income"), regime=name, organisation=body)
            path = paths[variable]
            least = least_that_counts(paths["income"])
            counted = np.where(path > least, path, np.minimum(path, 0.0))
            series = dict(zip(reader.years, counted, strict=True))
            for over in ("peak", "horizon"):
                series[over] = over_time(counted, over)
            for over, values in series.items():
                yield _curve(body, name, over, values, points)


def _curve(
    body: str, regime: str, over: str, values: NDArray[np.float64], points: int
) -> OrderedCurve:
    flat = np.sort(values[np.isfinite(values)], axis=None)
    nothing = int(np.searchsorted(flat, 0.0, side="right"))
    happened = flat[nothing:]
    count = min(points, happened.size)
    ranks = np.round(np.linspace(0, max(happened.size - 1, 0), count)).astype(np.intp)
    return OrderedCurve(body, regime, over, int(flat.size), nothing, happened[ranks])
