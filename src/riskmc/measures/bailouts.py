"""Bailouts: how often one is needed and granted, how large, and the council's last resort.

An amount counts as having happened above 1e-9 * max(1, income), of the body's or the place's own
income in the year. `rescue_needed` is what is left when the centre is asked; whether it grants
is its choice, so the need is reported first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures import first_passage
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
from riskmc.statistics.estimates import Bools, Estimate
from riskmc.variables import MONEY, PLACE

if TYPE_CHECKING:
    import xarray as xr

#: What may be asked about: the need, or the grant.
AMOUNTS = ("rescue_needed", "bailout")


def rescue_needed_probability(
    results: Source,
    *,
    above: float = 0.0,
    over: str = "horizon",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(rescue needed) above a share of income, over (organisation, regime[, year]).

    `above`: share of the year's income, 0 for any at all; `over`: "horizon" (any year), "year",
    "cumulative" (any year so far).

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    above : float
        Size above which it counts [share of income]; default 0.0.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "horizon".
    organisation, regime : str or sequence of str, optional
        Default: the place and every organisation, every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """
    return _chance(results, "rescue_needed", above, over, organisation, regime, against)


def bailout_probability(
    results: Source,
    *,
    above: float = 0.0,
    over: str = "horizon",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(bailout granted); arguments as `rescue_needed_probability`.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    above : float
        Size above which it counts [share of income]; default 0.0.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "horizon".
    organisation, regime : str or sequence of str, optional
        Default: the place and every organisation, every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """
    return _chance(results, "bailout", above, over, organisation, regime, against)


def _chance(
    results: Source,
    amount: str,
    above: float,
    over: str,
    organisation: Names,
    regime: Names,
    against: str | None,
) -> xr.Dataset:
    if not 0.0 <= above < float("inf"):
        raise ResultsError(f"above: {above!r} is not a share of income, 0 or more")
    reader = Reader(results)
    spec = Spec(
        needs=(amount, "income"),
        values=lambda task: events_over_time(
            happened(task.paths[amount], task.paths["income"], above=above), over
        ),
        statistic=estimators.probability,
        inner=year_dims(reader, over),
        unit=PROBABILITY,
        long_name=f"chance of {_words(amount)} above {100 * above:g} % of income "
        f"{over_words(over)}",
        output=amount,
    )
    return tabulate(reader, spec, organisation=organisation, regime=regime, against=against)


def _words(amount: str) -> str:
    if amount not in AMOUNTS:
        raise ResultsError(f"'{amount}' is not one of {', '.join(AMOUNTS)}")
    return {"rescue_needed": "a rescue needed", "bailout": "a bailout granted"}[amount]


def first_bailout_year(
    results: Source,
    *,
    amount: str = "bailout",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(the first bailout falls in the year) over (..., first_year), "never" last.

    `amount`: "bailout" or "rescue_needed".

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    amount : str
        Which amount: "rescue_needed" or "bailout"; default "bailout".
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
    reader.need_years_from_opening("the first year")
    spec = Spec(
        needs=(amount, "income"),
        values=lambda task: first_passage.first_years(
            happened(task.paths[amount], task.paths["income"])
        ),
        statistic=estimators.probability,
        inner={"first_year": (*reader.years, first_passage.NEVER)},
        unit=PROBABILITY,
        long_name=f"chance that the year is the first with {_words(amount)}",
        output=amount,
    )
    return tabulate(reader, spec, organisation=organisation, regime=regime, against=against)


def bailout_given_one(
    results: Source,
    *,
    amount: str = "bailout",
    over: str = "horizon",
    organisation: Names = None,
    regime: Names = None,
) -> xr.Dataset:
    """Return the mean bailout of the futures that have one [£m].

    `over`: "horizon" (the total of futures with any) or "year" (in years with one). NaN where
    none happened; no standard error where one did. Not paired: the futures that have one differ
    between regimes.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    amount : str
        Which amount: "rescue_needed" or "bailout"; default "bailout".
    over : str
        How it is taken over time, such as "year" or "horizon"; default "horizon".
    organisation, regime : str or sequence of str, optional
        Default: the place and every organisation, every regime.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """
    _words(amount)
    if over not in ("horizon", "year"):
        raise ResultsError(f"over='{over}' is not one of horizon, year")
    reader = Reader(results)

    def values(task: Task) -> NDArray[Any]:
        event = happened(task.paths[amount], task.paths["income"])
        return over_time(task.paths[amount] * event, over)

    spec = Spec(
        needs=(amount, "income"),
        values=values,
        statistic=_given_positive,
        inner=year_dims(reader, over),
        unit=MONEY,
        long_name=f"mean of {_words(amount)}, given one, {over_words(over)}",
    )
    return tabulate(reader, spec, organisation=organisation, regime=regime)


def _given_positive(
    x: NDArray[Any],
    /,
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    if against is not None:
        raise ResultsError("an amount given one has no paired difference")
    event = x > 0.0
    if valid is not None:
        event = event & valid
    return estimators.conditional_mean(x, event, scheme=scheme)


def section_114_probability(
    results: Source,
    *,
    over: str = "horizon",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(section 114 conditions) of councils: a planned deficit, or something unresolved.

    The place: any of its councils. Bodies that are not councils are left out; asking for one is
    an error. `over`: "horizon" (any year), "year", "cumulative".

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "horizon".
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
    councils = [body.id for body in reader.study().organisations if body.kind == "council"]
    if not councils:
        raise ResultsError("section 114 is for councils, and the study has none")
    held = [body for body in councils if body in reader.organisations]
    bodies = [PLACE, *held] if organisation is None else reader.choose_bodies(organisation)
    if PLACE in bodies and held != councils:
        reader.need_every_organisation("the chance for the place")
    others = [body for body in bodies if body != PLACE and body not in councils]
    if others:
        raise ResultsError(f"section 114 is for councils, not {', '.join(others)}")

    def values(task: Task) -> NDArray[Any]:
        asked = councils if task.body == PLACE else [task.body]
        event = _conditions(reader, asked[0], task.regime)
        for council in asked[1:]:
            event = event | _conditions(reader, council, task.regime)
        return events_over_time(event, over)

    spec = Spec(
        needs=_SECTION_114,
        values=values,
        statistic=estimators.probability,
        inner=year_dims(reader, over),
        unit=PROBABILITY,
        long_name=f"chance of section 114 conditions {over_words(over)}",
    )
    return tabulate(reader, spec, bodies=bodies, regime=regime, against=against)


_SECTION_114 = ("planned_deficit", "unresolved", "income")


def _conditions(reader: Reader, council: str, regime: str) -> Bools:
    paths = reader.paths(_SECTION_114, regime=regime, organisation=council)
    planned = happened(paths["planned_deficit"], paths["income"])
    unresolved = happened(paths["unresolved"], paths["income"])
    return np.logical_or(planned, unresolved)
