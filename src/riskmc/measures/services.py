"""Services and local taxpayers: a balanced budget that rations care must show it.

Unmet need is planned service reductions and the part of in-year measures that cuts services. Its
share is of the body's whole cost in the same year (own cost, interest, contract payments; for
the place without contracts inside it), so organisations need results that keep everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.opening import opening_funding
from riskmc.errors import ResultsError
from riskmc.measures.arguments import numbers
from riskmc.measures.arguments import shares as between_0_and_1
from riskmc.measures.reading import Names, Reader
from riskmc.measures.tabulate import (
    PROBABILITY,
    Spec,
    Task,
    events_over_time,
    exceedance,
    over_words,
    quantiles_at,
    tabulate,
    year_dims,
)
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.variables import PLACE

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study

#: Shares of cost whose loss counts as a service cut.
CUTS = (0.01, 0.02, 0.05)


def unmet_share(
    results: Source,
    *,
    over: str = "year",
    p: Sequence[float] | None = None,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return unmet need as a share of cost: the mean, or quantiles `p`, over futures.

    The share is taken in every draw: by year, or over the "horizon" (all unmet need over all
    cost).

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "year".
    p : sequence of float, optional
        Probabilities of quantiles; default: the mean.
    organisation, regime : str or sequence of str, optional
        Default: the place and every organisation, every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """
    if over not in ("year", "horizon"):
        raise ResultsError(f"over='{over}' is not one of year, horizon")
    p = None if p is None else between_0_and_1(p)
    reader = Reader(results)
    spec = Spec(
        needs=("unmet", "cost"),
        values=lambda task: _share(task, over),
        statistic=estimators.mean if p is None else quantiles_at(p),
        inner=year_dims(reader, over),
        unit="share of cost",
        long_name=f"unmet need as a share of cost {over_words(over)}",
        extra={} if p is None else {"quantile": tuple(p)},
        output="unmet",
    )
    return tabulate(reader, spec, organisation=organisation, regime=regime, against=against)


def _share(task: Task, over: str) -> NDArray[Any]:
    unmet, cost = task.paths["unmet"], task.paths["cost"]
    if over == "horizon":
        unmet, cost = unmet.sum(axis=0), cost.sum(axis=0)
    return np.divide(unmet, cost, out=np.zeros(cost.shape), where=cost != 0.0)


def service_cut_probability(
    results: Source,
    *,
    shares: Sequence[float] = CUTS,
    over: str = "horizon",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(unmet need above a share of cost) over (..., share).

    `over`: "horizon" (in any year), "year", "cumulative" (in any year so far).

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    shares : sequence of float
        Shares of cost that are cut.
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
    shares = numbers(shares, "shares")
    reader = Reader(results)

    def values(task: Task) -> NDArray[Any]:
        ratio = _share(task, "year")
        if over == "year":
            return ratio
        if over == "cumulative":
            return np.maximum.accumulate(ratio, axis=0)
        events_over_time(np.zeros((1, 1, 1), dtype=bool), over)
        return np.asarray(ratio.max(axis=0))

    spec = Spec(
        needs=("unmet", "cost"),
        values=values,
        statistic=exceedance(shares),
        inner=year_dims(reader, over),
        unit=PROBABILITY,
        long_name=f"chance of unmet need above a share of cost {over_words(over)}",
        extra={"share": tuple(shares)},
        output="unmet",
    )
    return tabulate(reader, spec, organisation=organisation, regime=regime, against=against)


def local_tax_rise(
    results: Source,
    *,
    over: str = "year",
    p: Sequence[float] | None = None,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return local tax above what was planned without rises, as a share of the latter.

    The mean, or quantiles `p`, by "year" or at the "end". Planned is opening local tax grown by
    `tax_growth`; NaN for bodies without local tax. 0.02 is 2 % more than planned.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "year".
    p : sequence of float, optional
        Probabilities of quantiles; default: the mean.
    organisation, regime : str or sequence of str, optional
        Default: the place and every organisation, every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """
    if over not in ("year", "end"):
        raise ResultsError(f"over='{over}' is not one of year, end")
    p = None if p is None else between_0_and_1(p)
    reader = Reader(results)
    study = reader.study()
    planned = {
        (name, body): np.array([own[y] for y in reader.years])
        for name in study.regimes
        for body, own in planned_local_tax(study, name).items()
    }

    def values(task: Task) -> NDArray[Any]:
        share = task.paths["local_premium"] / planned[task.regime, task.body][:, None, None]
        return np.asarray(share if over == "year" else share[-1])

    spec = Spec(
        needs=("local_premium",),
        values=values,
        statistic=estimators.mean if p is None else quantiles_at(p),
        inner=year_dims(reader, over),
        unit="share of planned local tax",
        long_name=f"local tax above plan {over_words(over)}",
        extra={} if p is None else {"quantile": tuple(p)},
        output="local_premium",
        blank=lambda body, regime: not (planned[regime, body] > 0.0).all(),
    )
    return tabulate(reader, spec, organisation=organisation, regime=regime, against=against)


def planned_local_tax(study: Study, regime: str) -> dict[str, dict[str, float]]:
    """Return planned local tax without rises, by body (the place included) and year [£m].

    As a regime funds and plans it: its local share of funding is in it, a levy is not.
    """
    funded = opening_funding(study, study.regimes[regime])
    opening = (funded.local_tax - funded.premium)[:, 0]
    own = opening * np.cumprod(1.0 + study.growth("tax_growth", regime=regime), axis=0)
    table = np.concatenate([own.sum(axis=1, keepdims=True), own], axis=1)
    return {
        body: dict(zip(study.year_labels, table[:, k].tolist(), strict=True))
        for k, body in enumerate((PLACE, *study.organisation_ids))
    }
