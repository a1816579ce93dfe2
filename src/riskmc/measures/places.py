"""Places: how many fail at once, and who pays for whom through the centre's cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.arguments import numbers
from riskmc.measures.catalogue import happened
from riskmc.measures.reading import Names, Reader
from riskmc.measures.tabulate import PROBABILITY, Spec, Task, exceedance, tabulate, year_dims
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Estimate
from riskmc.variables import MONEY, PLACE

if TYPE_CHECKING:
    import xarray as xr

#: What a place may suffer: that one of its bodies does.
FAILURES = ("rescue_needed", "bailout", "unresolved", "deficit")
#: The dimension of places.
WHERE = "where"
_OVER = ("year", "horizon")


def places_at_once(
    results: Source,
    *,
    event: str = "rescue_needed",
    at_least: Sequence[int] = (1, 2),
    over: str = "year",
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(at least so many places fail at once) over ("place", regime[, year], places).

    A place fails where any body in it does: "rescue_needed", "bailout" (granted), "unresolved" or
    "deficit". At once means in the same year; `over` "horizon": in any year. Error: that of a
    probability under the run's scheme. Source: devices, section 5.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    event : str
        What happens to a body; default "rescue_needed".
    at_least : sequence of int
        Least numbers of them at once.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "year".
    regime : str or sequence of str, optional
        Default: every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.

    Raises
    ------
    ResultsError
        Another event or `over`; results that hold no draws, or not every organisation.
    """
    _one_of("event", event, FAILURES)
    _one_of("over", over, _OVER)
    least = numbers(at_least, "at_least")
    reader = Reader(results)
    reader.need_every_organisation("how many places at once")
    places = _places(reader)

    def count(task: Task) -> NDArray[Any]:
        counted = np.zeros((len(reader.years), reader.chains, reader.per_chain), dtype=np.int16)
        for bodies in places.values():
            failed = np.zeros(counted.shape, dtype=bool)
            for body in bodies:
                paths = reader.paths((event, "income"), regime=task.regime, organisation=body)
                failed |= happened(paths[event], paths["income"])
            counted += failed
        return counted if over == "year" else counted.max(axis=0)

    spec = Spec(
        needs=("income",),
        values=count,
        statistic=exceedance([number - 0.5 for number in least]),
        inner=year_dims(reader, over),
        unit=PROBABILITY,
        long_name=f"chance of {event.replace('_', ' ')} in so many places or more at once",
        extra={"places": tuple(int(number) for number in least)},
    )
    return tabulate(reader, spec, organisation=PLACE, regime=regime, against=against)


def paid_for_others(
    results: Source,
    *,
    over: str = "horizon",
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return what each place pays for bailouts less what it is granted [£m].

    The mean, over the futures, of the cuts that pay for bailouts less bailouts granted, summed over
    the bodies of a place: ("place", regime, where[, year]). Positive: it pays for others. `over`
    "year", or "horizon" for the sum of all years. Source: devices, section 5.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "horizon".
    regime : str or sequence of str, optional
        Default: every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.

    Raises
    ------
    ResultsError
        Another `over`; results that hold no draws, or no cuts by organisation (`keep="all"`).
    """
    _one_of("over", over, _OVER)
    reader = Reader(results)
    reader.need_every_organisation("who pays for whom")
    places = _places(reader)

    def net(task: Task) -> NDArray[Any]:
        rows = []
        for bodies in places.values():
            total = np.zeros((len(reader.years), reader.chains, reader.per_chain))
            for body in bodies:
                paths = reader.paths(
                    ("centre_cut", "bailout"), regime=task.regime, organisation=body
                )
                total += paths["centre_cut"] - paths["bailout"]
            rows.append(total if over == "year" else total.sum(axis=0))
        return np.stack(rows)

    spec = Spec(
        needs=("income",),
        values=net,
        statistic=estimators.mean,
        inner={WHERE: tuple(places), **year_dims(reader, over)},
        unit=MONEY,
        long_name="cuts that pay for bailouts, less bailouts granted",
    )
    return tabulate(reader, spec, organisation=PLACE, regime=regime, against=against)


def bailout_concentration(
    results: Source,
    *,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return what part of all bailouts goes to the place that gets most, ("place", regime).

    Of every £1 of bailouts over the horizon, what the place that is granted most in that future
    gets: E[most] / E[all]. 1 with one place; 1 / n where n places are granted alike.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    regime : str or sequence of str, optional
        Default: every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval; NaN where no bailout
        is granted in any future.

    Raises
    ------
    ResultsError
        Results that hold no draws, or not every organisation.
    """
    reader = Reader(results)
    reader.need_every_organisation("how concentrated bailouts are")
    places = _places(reader)

    def most_and_all(task: Task) -> NDArray[Any]:
        rows = []
        for bodies in places.values():
            total = np.zeros((reader.chains, reader.per_chain))
            for body in bodies:
                own = reader.path("bailout", regime=task.regime, organisation=body)
                total += own.sum(axis=0)
            rows.append(total)
        granted = np.stack(rows)
        return np.stack([granted.max(axis=0), granted.sum(axis=0)])

    spec = Spec(
        needs=("income",),
        values=most_and_all,
        statistic=_first_of_second,
        inner={},
        unit="£ of every £1",
        long_name="part of all bailouts that goes to the place that gets most",
        output="bailout",
    )
    return tabulate(reader, spec, organisation=PLACE, regime=regime, against=against)


def _first_of_second(
    parts: NDArray[Any],
    /,
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    """Return E[first] / E[second] of the first axis."""

    def terms(given: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        kept = given if valid is None else np.where(valid, given, np.nan)
        return kept[0], kept[1]

    other = None if against is None else terms(against)
    return estimators.ratio(*terms(parts), scheme=scheme, against=other, share=True)


def _places(reader: Reader) -> dict[str, list[str]]:
    """Return the organisations of each place."""
    found: dict[str, list[str]] = {place: [] for place in reader.study().places}
    for body in reader.study().organisations:
        found[reader.study().place_of(body)].append(body.id)
    return found


def _one_of(name: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        raise ResultsError(f"{name}='{given}' is not one of {', '.join(known)}")
