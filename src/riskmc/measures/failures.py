"""Failures are data: draws that are not finite are counted, located and bounded.

Statistics leave such draws out. Here is how many there are, which, and between which bounds the
answer would lie had they been counted in.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.labels import taken
from riskmc.measures.reading import Reader, ordered
from riskmc.measures.summary_reader import is_summarised
from riskmc.measures.view import Results, Source, tree_of, view_of
from riskmc.statistics.estimates import Bools, is_finite
from riskmc.summaries.tree import GROUP as SUMMARIES
from riskmc.variables import CHAIN, DRAW, ORGANISATION, PLACE, PLACE_NAMES, YEAR


class Bounds(NamedTuple):
    """A statistic without the failed draws, and the ends between which they could put it.

    without  over the finite draws alone
    low      had every failed draw been as low as can be
    high     had every failed draw been as high as can be
    failed   how many failed, and `share` of all draws
    """

    without: float
    low: float
    high: float
    failed: int
    share: float


def failed_mask(results: Source) -> Bools:
    """Return which draws hold a driver or an outcome that is not finite, (chain, draw).

    The place's variables are looked at: whatever is not finite in a body shows in their sums;
    and the drivers where they were kept.
    """
    view = view_of(results)
    if view.failed is None:
        view.failed = _failed(view)
    return view.failed


def _failed(view: Results) -> Bools:
    reader = Reader(view)
    failed = np.zeros((reader.chains, reader.per_chain), dtype=bool)
    kept = [name for name in PLACE_NAMES if reader.has(name, PLACE)]
    for regime in reader.regimes:
        for name in kept:
            _mark(failed, reader.path(name, regime=regime, organisation=PLACE))
    drivers = reader.view.drivers
    if drivers is not None:
        orders = reader.view.draw_orders(drivers)
        for driver in drivers.data_vars:
            values = taken(drivers[driver], orders)
            _mark(failed, ordered(values, (YEAR, ORGANISATION, CHAIN, DRAW)))
    return failed


def _mark(failed: Bools, values: NDArray[Any]) -> None:
    if is_finite(values):
        return
    wrong = ~np.isfinite(values)
    failed |= wrong.reshape(-1, *failed.shape).any(axis=0)


def failed_draws(results: Source) -> int:
    """Return how many draws are not finite, in any regime.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.

    Returns
    -------
    int
        Number of draws.

    References
    ----------
    - docs/replay.md, "Draws that fail".
    """
    if is_summarised(results):
        return int(tree_of(results)[SUMMARIES].attrs["failed"])
    return int(np.count_nonzero(failed_mask(results)))


def failed_numbers(results: Source, *, most: int = 10) -> list[int]:
    """Return the numbers of the first failed draws, as `replay` takes them.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    most : int
        Most numbers returned.

    Returns
    -------
    list of int
        Numbers of draws, counted from 0.

    References
    ----------
    - docs/replay.md, "Draws that fail".
    """
    if is_summarised(results):
        return [int(i) for i in tree_of(results)[SUMMARIES].to_dataset()["first"].values[:most]]
    return [int(i) for i in np.flatnonzero(failed_mask(results).reshape(-1))[:most]]


def probability_bounds(event: NDArray[Any], *, failed: NDArray[Any]) -> Bounds:
    """Return a chance without the failed draws and with them: none, then all of them events.

    Both (chain, draw) or flat. NaN where every draw failed.
    """
    bad = np.asarray(failed, dtype=bool)
    count, total = int(np.count_nonzero(bad)), int(bad.size)
    events = int(np.count_nonzero(np.asarray(event, dtype=bool) & ~bad))
    good = total - count
    without = events / good if good else float("nan")
    return Bounds(without, events / total, (events + count) / total, count, count / total)
