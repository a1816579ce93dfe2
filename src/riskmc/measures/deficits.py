"""The deficit: how big, how often, how long, and how many bodies at once.

A deficit is the overspend after planned measures and before any help. The place's is *net*
(of the summed balance) unless gross is asked for (the sum of its holders' deficits); an
organisation's is its own, in a pool its part of the pool's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.catalogue import happened
from riskmc.measures.reading import Names, Reader
from riskmc.measures.tabulate import (
    PROBABILITY,
    Spec,
    Task,
    events_over_time,
    over_time,
    over_words,
    tabulate,
    year_dims,
)
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools
from riskmc.variables import MONEY, PLACE

if TYPE_CHECKING:
    import xarray as xr


def deficit_parts(results: Source, *, over: str = "year", regime: Names = None) -> xr.Dataset:
    """Return the place's deficit gross, net, and the part that is mere netting [£m].

    Over (organisation "place", regime[, year], part): "gross" the sum of the holders' deficits,
    "net" what is left when surpluses elsewhere in the place are set off, "netting" gross less
    net. Netting inside a pool is not better finances. gross = net + netting in every draw.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "year".
    regime : str or sequence of str, optional
        Default: every regime.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """
    reader = Reader(results)
    inner: dict[str, Sequence[Any]] = {**year_dims(reader, over), "part": PARTS}
    spec = Spec(
        needs=("deficit", "net_deficit"),
        values=lambda task: _parts(task, over),
        statistic=estimators.mean,
        inner=inner,
        unit=MONEY,
        long_name=f"mean deficit of the place {over_words(over)}",
    )
    return tabulate(reader, spec, organisation=PLACE, regime=regime)


#: Parts of the place's deficit.
PARTS = ("gross", "net", "netting")


def _parts(task: Task, over: str) -> NDArray[Any]:
    if over not in ("year", "cumulative", "horizon"):
        raise ResultsError("the parts of a deficit add up by year, cumulative or horizon only")
    gross = over_time(task.paths["deficit"], over)
    net = over_time(task.paths["net_deficit"], over)
    return np.stack([gross, net, gross - net], axis=-3)


def _in_deficit(task: Task) -> Bools:
    return happened(task.paths["net_deficit"], task.paths["income"])


def deficit_probability(
    results: Source,
    *,
    over: str = "year",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(in deficit) by year, in any year so far ("cumulative"), or in any ("horizon").

    A deficit counts above 1e-9 of income; the place's is the net one.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "year".
    organisation, regime : str or sequence of str, optional
        Default: the place and every organisation, every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """
    reader = Reader(results)
    spec = Spec(
        needs=("net_deficit", "income"),
        values=lambda task: events_over_time(_in_deficit(task), over),
        statistic=estimators.probability,
        inner=year_dims(reader, over),
        unit=PROBABILITY,
        long_name=f"chance of a deficit {over_words(over)}",
    )
    return tabulate(reader, spec, organisation=organisation, regime=regime, against=against)


def years_in_deficit(
    results: Source,
    *,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return the mean number of years in deficit over (organisation, regime) [years].

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
    return _count(
        results,
        lambda event: event.sum(axis=0).astype(float),
        "mean number of years in deficit",
        "years",
        organisation,
        regime,
        against,
    )


def deficit_spells(
    results: Source,
    *,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return the mean number of spells: unbroken runs of years in deficit [spells].

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
    return _count(
        results, spells, "mean number of spells of deficit", "spells", organisation, regime, against
    )


def longest_spell(
    results: Source,
    *,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return the mean length of the longest unbroken run of years in deficit [years].

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
    return _count(
        results,
        longest_run,
        "mean length of the longest spell of deficit",
        "years",
        organisation,
        regime,
        against,
    )


def _count(
    results: Source,
    count: Any,
    long_name: str,
    unit: str,
    organisation: Names,
    regime: Names,
    against: str | None,
) -> xr.Dataset:
    reader = Reader(results)
    if unit != "years" or "longest" in long_name:
        reader.need_unbroken_years(long_name)
    spec = Spec(
        needs=("net_deficit", "income"),
        values=lambda task: count(_in_deficit(task)),
        statistic=estimators.mean,
        inner={},
        unit=unit,
        long_name=long_name,
    )
    return tabulate(reader, spec, organisation=organisation, regime=regime, against=against)


def spells(event: Bools) -> NDArray[np.float64]:
    """Return how many unbroken runs of True each draw holds: (year, ...) to (...)."""
    starts: NDArray[np.float64] = event[0].astype(float)
    for year in range(1, len(event)):
        starts += event[year] & ~event[year - 1]
    return starts


def longest_run(event: Bools) -> NDArray[np.float64]:
    """Return the longest unbroken run of True in each draw: (year, ...) to (...)."""
    current = np.zeros(event.shape[1:])
    longest = np.zeros(event.shape[1:])
    for happening in event:
        current = (current + 1.0) * happening
        np.maximum(longest, current, out=longest)
    return longest
