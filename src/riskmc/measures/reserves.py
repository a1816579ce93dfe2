"""Reserves: how much is left, when they run out, how deep they were drawn.

What exhausted means, and to whom it does not apply: see `exhausted_probability`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Unpack

import numpy as np
from numpy.typing import NDArray

from riskmc.measures import first_passage
from riskmc.measures.amounts import QUANTILES
from riskmc.measures.arguments import Quantiles, SoFar, SoFarOrHorizon, shares
from riskmc.measures.holders import exhaustion_not_applicable, opening_reserves
from riskmc.measures.measure import Chosen, measure
from riskmc.measures.reading import Names
from riskmc.measures.tabulate import (
    PROBABILITY,
    Spec,
    Task,
    over_words,
    quantiles_at,
    worst_over_time,
)
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.variables import MONEY

if TYPE_CHECKING:
    import xarray as xr

#: Reserves below this share of income, overdrawn, mean insolvency.
INSOLVENT = 0.05
MeanOrQuantiles = Annotated[Literal["mean", "quantiles"], "The mean, or quantiles on a last axis"]


@measure('docs/model.md, section 5, "reserve exhaustion"', estimators.probability)
def exhausted_probability(*, over: SoFar = "cumulative", **_: Unpack[Chosen]) -> Spec:
    """Return P(N <= t), reserves exhausted by the end of each year, or in the horizon.

    `over`: "cumulative" (by year), "horizon" (by its end), "year" (exhausted at that year end,
    whatever happened before).

    Notes
    -----
    N is the first year whose end finds the holder's reserves at or below its floor. It does not
    apply to a holder that opens there: NaN, named in the attribute `not_applicable`, and left out
    of the place, which counts where any other holder does.
    """
    return _exhaustion(
        lambda exhausted: exhausted,
        long_name=f"chance that reserves are exhausted {over_words(over)}",
        over=over,
        since_opening="" if over == "year" else _SINCE_OPENING,
    )


@measure('docs/model.md, section 5, "reserve exhaustion"', estimators.probability)
def survival(**_: Unpack[Chosen]) -> Spec:
    """Return the survival curve P(N > t) over (organisation, regime, year).

    Notes
    -----
    N: see `exhausted_probability`. Reserves that recover later have not lasted.
    """
    return _exhaustion(
        first_passage.survives,
        long_name="chance that reserves have lasted beyond the year",
        over="year",
    )


@measure('docs/model.md, section 5, "reserve exhaustion"', estimators.probability, estimators.ratio)
def hazard(**_: Unpack[Chosen]) -> Spec:
    """Return the hazard P(N = t | N >= t): exhausted in the year, having lasted until then.

    Notes
    -----
    N: see `exhausted_probability`. Futures that were exhausted before do not count. With `against`
    it is a difference of ratios: other futures have lasted under other rules.
    """
    return _exhaustion(
        first_passage.at_risk_codes,
        long_name="chance that reserves run out in the year, having lasted until then",
        statistic=first_passage.hazard,
        over="year",
    )


@measure('docs/model.md, section 5, "reserve exhaustion"', estimators.probability)
def exhaustion_year(**_: Unpack[Chosen]) -> Spec:
    """Return P(N = t) over (organisation, regime, first_year); the last label is "never".

    Notes
    -----
    N: see `exhausted_probability`. The chances add up to 1, "never" inside the horizon included.
    """
    return _exhaustion(
        first_passage.first_years,
        long_name="chance that the year is the first in which reserves are exhausted",
        inner=first_passage.first_year_dims,
    )


_SINCE_OPENING = "exhaustion of reserves"


def _exhaustion(values: Callable[[NDArray[Any]], NDArray[Any]], **more: Any) -> Spec:
    """Return the measure of what is made of whether reserves are exhausted, year by year."""
    usual = {"statistic": estimators.probability, "since_opening": _SINCE_OPENING}
    return Spec(
        **{**usual, **more},
        unit=PROBABILITY,
        needs=("exhausted", "reserves"),
        values=lambda task: values(task.paths["exhausted"].astype(bool, copy=False)),
        not_applicable=exhaustion_not_applicable,
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

    Raises
    ------
    ResultsError
        A name that is not there, or a probability that is none.

    References
    ----------
    - docs/model.md, section 5, "reserve exhaustion".
    - docs/measures.md, "First year of exhaustion".
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


@measure('docs/model.md, section 5, "draw on reserves"', estimators.mean, estimators.quantile)
def draw_on_reserves(
    *,
    statistic: MeanOrQuantiles = "mean",
    p: Quantiles = QUANTILES,
    over: SoFarOrHorizon = "cumulative",
    **_: Unpack[Chosen],
) -> Spec:
    """Return the running maximum of the draw on reserves: max over s <= t of opening - R_s [£m].

    By year ("cumulative") or over the horizon. The draw is 0 where reserves never fall below what
    they were. The opening of a pool's member is its part, by cost, of the pool's reserves.
    """

    def drawn(task: Task) -> NDArray[Any]:
        start = opening_reserves(task.reader.study())[task.regime][task.body]
        return np.maximum(start - task.paths["reserves"], 0.0)

    several = statistic == "quantiles"
    return Spec(
        long_name=f"deepest draw on reserves {over_words(over)}",
        unit=MONEY,
        needs=("reserves",),
        values=drawn,
        statistic=quantiles_at(p) if several else estimators.mean,
        over=over,
        taken=worst_over_time,
        extra={"quantile": p} if several else {},
        since_opening="the draw on reserves",
    )


@measure('docs/model.md, section 5, "insolvent"', estimators.probability)
def insolvency_probability(*, over: SoFar = "horizon", **_: Unpack[Chosen]) -> Spec:
    """Return P(insolvent): reserves below -5 % of income at a year end.

    `over`: "horizon" (any year), "cumulative" (any so far) or "year". The place is insolvent
    where its summed reserves are.
    """
    return Spec(
        long_name=f"chance of reserves below -5 % of income {over_words(over)}",
        unit=PROBABILITY,
        needs=("reserves", "income"),
        values=lambda task: np.less(task.paths["reserves"], -INSOLVENT * task.paths["income"]),
        statistic=estimators.probability,
        over=over,
    )
