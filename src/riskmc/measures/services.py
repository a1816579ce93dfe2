"""Services and local taxpayers: a balanced budget that rations care must show it.

What is unmet, and a share of what: see `unmet_share`. Organisations need results that keep
everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.opening import opening_funding
from riskmc.measures.arguments import Quantiles, SharesOfCost, SoFar, YearOrEnd, YearOrHorizon
from riskmc.measures.measure import Chosen, measure
from riskmc.measures.reading import Reader
from riskmc.measures.tabulate import (
    PROBABILITY,
    Spec,
    Statistic,
    Task,
    exceedance,
    over_words,
    quantiles_at,
    worst_over_time,
    year_dims,
)
from riskmc.statistics import estimators
from riskmc.variables import PLACE

if TYPE_CHECKING:
    from riskmc.study import Study

#: Shares of cost whose loss counts as a service cut.
CUTS = (0.01, 0.02, 0.05)


@measure('docs/model.md, section 5, "service"', estimators.mean, estimators.quantile)
def unmet_share(
    *, over: YearOrHorizon = "year", p: Quantiles | None = None, **_: Unpack[Chosen]
) -> Spec:
    """Return unmet need as a share of cost: the mean, or quantiles `p`, over futures.

    The share is taken in every draw: by year, or over the "horizon" (all unmet need over all
    cost).

    Notes
    -----
    Unmet are planned service reductions, those for good in every year until they are restored, and
    the part of in-year measures that cuts services. Cost is the body's whole cost of the same year,
    interest and contract payments included; for the place without contracts inside it. The share
    is 0 where there is no cost.
    """
    statistic, extra = _mean_or_quantiles(p)
    return Spec(
        long_name=f"unmet need as a share of cost {over_words(over)}",
        unit="share of cost",
        needs=("unmet", "cost"),
        values=lambda task: _share(task, over),
        statistic=statistic,
        inner=lambda reader: year_dims(reader, over),
        extra=extra,
        output="unmet",
    )


def _mean_or_quantiles(p: Sequence[float] | None) -> tuple[Statistic, dict[str, Sequence[float]]]:
    return (estimators.mean, {}) if p is None else (quantiles_at(p), {"quantile": p})


def _share(task: Task, over: str) -> NDArray[Any]:
    unmet, cost = task.paths["unmet"], task.paths["cost"]
    if over == "horizon":
        unmet, cost = unmet.sum(axis=0), cost.sum(axis=0)
    return np.divide(unmet, cost, out=np.zeros(cost.shape), where=cost != 0.0)


@measure('docs/model.md, section 5, "service"', estimators.probability)
def service_cut_probability(
    *, shares: SharesOfCost = CUTS, over: SoFar = "horizon", **_: Unpack[Chosen]
) -> Spec:
    """Return P(unmet need above a share of cost) over (..., share).

    `over`: "horizon" (in any year), "year", "cumulative" (in any year so far).
    """
    return Spec(
        long_name=f"chance of unmet need above a share of cost {over_words(over)}",
        unit=PROBABILITY,
        needs=("unmet", "cost"),
        values=lambda task: _share(task, "year"),
        statistic=exceedance(shares),
        over=over,
        taken=worst_over_time,
        extra={"share": shares},
        output="unmet",
    )


@measure('docs/model.md, section 5, "local tax above plan"', estimators.mean, estimators.quantile)
def local_tax_rise(
    *, over: YearOrEnd = "year", p: Quantiles | None = None, **_: Unpack[Chosen]
) -> Spec:
    """Return local tax above what was planned without rises, as a share of the latter.

    The mean, or quantiles `p`, by "year" or at the "end". Planned is opening local tax grown by
    `tax_growth`; NaN for bodies without local tax. 0.02 is 2 % more than planned.
    """
    statistic, extra = _mean_or_quantiles(p)

    def share(task: Task) -> NDArray[Any]:
        planned = _planned(task.reader, task.regime)[task.body]
        return np.asarray(task.paths["local_premium"] / planned[:, None, None])

    return Spec(
        long_name=f"local tax above plan {over_words(over)}",
        unit="share of planned local tax",
        needs=("local_premium",),
        values=share,
        statistic=statistic,
        over=over,
        extra=extra,
        output="local_premium",
        not_applicable=_without_local_tax,
    )


def _planned(reader: Reader, regime: str) -> dict[str, NDArray[np.float64]]:
    """Return planned local tax by body, over the years that the results hold [£m]."""
    own = planned_local_tax(reader.study(), regime)
    return {body: np.array([of[year] for year in reader.years]) for body, of in own.items()}


def _without_local_tax(reader: Reader) -> dict[str, list[str]]:
    """Return, by regime, the bodies that plan no local tax in some year."""
    return {
        name: [body for body, own in _planned(reader, name).items() if not (own > 0.0).all()]
        for name in reader.study().regimes
    }


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
