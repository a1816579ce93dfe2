"""Reserves: how much is left, when they run out, how deep they were drawn.

Reserves are exhausted where the holder's are at or below its floor at the end of a year. Where a
holder opens at or below its floor this does not apply: such bodies are NaN here, are named in the
attribute `not_applicable`, and are left out of the place's "any".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures import first_passage
from riskmc.measures.amounts import QUANTILES
from riskmc.measures.arguments import shares
from riskmc.measures.headline import exhaustion_not_applicable
from riskmc.measures.holders import opening_reserves
from riskmc.measures.reading import Names, Reader
from riskmc.measures.tabulate import (
    PROBABILITY,
    Spec,
    Statistic,
    Task,
    events_over_time,
    over_words,
    quantiles_at,
    tabulate,
    year_dims,
)
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.variables import MONEY, YEAR

if TYPE_CHECKING:
    import xarray as xr


#: Reserves below this share of income, overdrawn, mean insolvency.
INSOLVENT = 0.05


def exhausted_probability(
    results: Source,
    *,
    over: str = "cumulative",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(N <= t), reserves exhausted by the end of each year, or in the horizon.

    `over`: "cumulative" (by year), "horizon" (by its end), "year" (exhausted at that year end,
    whatever happened before).

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "cumulative".
    organisation, regime : str or sequence of str, optional
        Default: the place and every organisation, every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """
    return _exhaustion(
        results,
        lambda event: events_over_time(event, over),
        estimators.probability,
        f"chance that reserves are exhausted {over_words(over)}",
        lambda reader: year_dims(reader, over),
        organisation,
        regime,
        against,
        since_opening=over != "year",
    )


def survival(
    results: Source,
    *,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return the survival curve P(N > t) over (organisation, regime, year).

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
    return _exhaustion(
        results,
        first_passage.survives,
        estimators.probability,
        "chance that reserves have lasted beyond the year",
        _years,
        organisation,
        regime,
        against,
    )


def hazard(
    results: Source,
    *,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return the hazard P(N = t | N >= t): exhausted in the year, having lasted until then.

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
    return _exhaustion(
        results,
        first_passage.at_risk_codes,
        first_passage.hazard,
        "chance that reserves run out in the year, having lasted until then",
        _years,
        organisation,
        regime,
        against,
    )


def exhaustion_year(
    results: Source,
    *,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(N = t) over (organisation, regime, first_year); the last label is "never".

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
    return _exhaustion(
        results,
        first_passage.first_years,
        estimators.probability,
        "chance that the year is the first in which reserves are exhausted",
        lambda reader: {"first_year": (*reader.years, first_passage.NEVER)},
        organisation,
        regime,
        against,
    )


def exhaustion_year_quantiles(
    results: Source,
    *,
    p: Sequence[float] = (0.05, 0.25, 0.5),
    organisation: Names = None,
    regime: Names = None,
) -> xr.Dataset:
    """Return the year by which a share p of futures has exhausted reserves (1 is the first).

    Over (organisation, regime, quantile): `value`, `low`, `high` in year numbers, NaN beyond
    the horizon. `low` is the earlier end.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    p : sequence of float
        Probabilities of the quantiles.
    organisation, regime : str or sequence of str, optional
        Default: the place and every organisation, every regime.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """
    import xarray as xr

    p = shares(p)
    chances = exhausted_probability(results, organisation=organisation, regime=regime)
    shape = (chances.sizes["organisation"], chances.sizes["regime"], len(p))
    found = np.full((3, *shape), np.nan)
    for i, j in np.ndindex(shape[:2]):
        fields = [chances[name].values[i, j] for name in estimators.Estimate._fields]
        for k, share in enumerate(p):
            found[:, i, j, k] = first_passage.passage_quantile(estimators.Estimate(*fields), share)
    dims = ("organisation", "regime", "quantile")
    attrs = {**chances.attrs, "long_name": "year number by which reserves are exhausted"}
    dataset = xr.Dataset(
        {name: (dims, found[i]) for i, name in enumerate(("value", "low", "high"))},
        {"organisation": chances["organisation"], "regime": chances["regime"], "quantile": list(p)},
        attrs,
    )
    for name in dataset.data_vars:
        dataset[name].attrs = {"units": "year number", "long_name": attrs["long_name"]}
    return dataset


def _years(reader: Reader) -> dict[str, Sequence[Any]]:
    return {YEAR: reader.years}


def _exhaustion(
    results: Source,
    values: Callable[[NDArray[Any]], NDArray[Any]],
    statistic: Statistic,
    long_name: str,
    inner: Callable[[Reader], dict[str, Sequence[Any]]],
    organisation: Names,
    regime: Names,
    against: str | None,
    *,
    since_opening: bool = True,
) -> xr.Dataset:
    reader = Reader(results)
    if since_opening:
        reader.need_years_from_opening("exhaustion of reserves")
    inapplicable = exhaustion_not_applicable(reader)
    spec = Spec(
        needs=("exhausted", "reserves"),
        values=lambda task: values(task.paths["exhausted"]),
        statistic=statistic,
        inner=inner(reader),
        unit=PROBABILITY,
        long_name=long_name,
        blank=lambda body, name: body in inapplicable.get(name, ()),
    )
    named = {name: sorted(bodies) for name, bodies in inapplicable.items()}
    return tabulate(
        reader,
        spec,
        organisation=organisation,
        regime=regime,
        against=against,
        attrs={"not_applicable": json.dumps(named)},
    )


def draw_on_reserves(
    results: Source,
    *,
    statistic: str = "mean",
    p: Sequence[float] = QUANTILES,
    over: str = "cumulative",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return the running maximum of the draw on reserves: max over s <= t of opening - R_s [£m].

    `statistic`: "mean" or "quantiles" (then a last axis). `over`: "cumulative" (by year) or
    "horizon". The draw is 0 where reserves never fall below what they were. The opening of a
    pool's member is its part, by cost, of the pool's reserves.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    statistic : str
        "mean" or "quantiles"; default "mean".
    p : sequence of float
        Probabilities of the quantiles.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "cumulative".
    organisation, regime : str or sequence of str, optional
        Default: the place and every organisation, every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """
    if over not in ("cumulative", "horizon"):
        raise ResultsError(f"over='{over}' is not one of cumulative, horizon")
    if statistic not in ("mean", "quantiles"):
        raise ResultsError(f"statistic='{statistic}' is not one of mean, quantiles")
    p = shares(p)
    reader = Reader(results)
    reader.need_years_from_opening("the draw on reserves")
    opening = opening_reserves(reader.study())

    def values(task: Task) -> NDArray[Any]:
        start = opening[task.regime][task.body]
        drawn = np.maximum(start - task.paths["reserves"], 0.0)
        if over == "horizon":
            return np.asarray(drawn.max(axis=0))
        return np.maximum.accumulate(drawn, axis=0)

    several = statistic == "quantiles"
    spec = Spec(
        needs=("reserves",),
        values=values,
        statistic=quantiles_at(p) if several else estimators.mean,
        inner=year_dims(reader, over),
        unit=MONEY,
        long_name=f"deepest draw on reserves {over_words(over)}",
        extra={"quantile": tuple(p)} if several else {},
    )
    return tabulate(reader, spec, organisation=organisation, regime=regime, against=against)


def insolvency_probability(
    results: Source,
    *,
    over: str = "horizon",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(insolvent): reserves below -5 % of income at a year end.

    `over`: "horizon" (any year), "cumulative" (any so far) or "year". The place is insolvent
    where its summed reserves are.

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
    spec = Spec(
        needs=("reserves", "income"),
        values=lambda task: events_over_time(
            np.less(task.paths["reserves"], -INSOLVENT * task.paths["income"]), over
        ),
        statistic=estimators.probability,
        inner=year_dims(reader, over),
        unit=PROBABILITY,
        long_name=f"chance of reserves below -5 % of income {over_words(over)}",
    )
    return tabulate(reader, spec, organisation=organisation, regime=regime, against=against)
