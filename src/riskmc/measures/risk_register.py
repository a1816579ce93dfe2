"""The risk register as simulated: what one-off risks cost together, alongside the customary sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from riskmc.errors import ResultsError
from riskmc.sampling import sample
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Estimate, stack
from riskmc.study import Risk, Study, customary_sum
from riskmc.study.study import by_year as spread
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


def customary_by_year(
    study: Study, *, organisation: str = PLACE, mitigated: bool | None = None
) -> dict[str, float]:
    """Return the customary sum of a body's or the place's risk register in each year [£m].

    Probability times likely impact of the risks that can happen in the year; what lasts counts
    in each of its years, and costs in opening prices grow with the inflation that planners
    expect. `mitigated` says whether mitigations count as taken; by default those that are.
    """
    grown = np.cumprod(1.0 + study.expected("cost_inflation"), axis=0)
    mine = [risk for risk in study.risks if organisation in (PLACE, risk.organisation)]
    if mitigated is None:
        risks = [risk.simulated for risk in mine]
    else:
        risks = [risk.after_mitigation if mitigated else risk for risk in mine]
    bodies = [study.organisation_ids.index(risk.organisation) for risk in risks]
    sums = customary_sum(risks, study.year_labels, index=[row[bodies] for row in grown])
    return dict(zip(study.year_labels, sums, strict=True))


def before_and_after(
    study: Study,
    *,
    draws: int | None = None,
    seed: int | None = None,
    organisation: str = PLACE,
    year: str | None = None,
    p: Sequence[float] = QUANTILES,
) -> xr.Dataset:
    """Return the register's cost before and after all mitigations, over (mitigation, statistic).

    Both on the same draws [£m]; `mitigation_cost` is what the mitigations themselves cost, over
    (mitigation,), in the year or in all years together. Labels "before" and "after".
    """
    import xarray as xr

    found, paid = [], []
    for taken in (False, True):
        risks = tuple(_with_mitigation(risk, taken=taken) for risk in study.risks)
        drawn = sample(study.replaced(risks=risks), draws=draws, seed=seed)
        scheme = str(drawn.attrs["scheme"])
        found.append(register_cost(drawn, scheme=scheme, organisation=organisation, year=year, p=p))
        paid.append(mitigation_cost(study, organisation=organisation, year=year) if taken else 0.0)
    joined = xr.concat(found, dim="mitigation").assign_coords(mitigation=["before", "after"])
    cost = xr.DataArray(paid, dims=("mitigation",), attrs={"units": MONEY})
    return joined.assign(mitigation_cost=cost)


def mitigation_cost(study: Study, *, organisation: str = PLACE, year: str | None = None) -> float:
    """Return what the mitigations of the register cost, in a year or in all years together [£m]."""
    total = 0.0
    for risk in study.risks:
        if risk.mitigation is None or organisation not in (PLACE, risk.organisation):
            continue
        by_year = dict(
            zip(study.year_labels, spread(risk.mitigation.cost, study.years), strict=True)
        )
        total += float(sum(by_year.values()) if year is None else by_year[year])
    return total


def _with_mitigation(risk: Risk, *, taken: bool) -> Risk:
    if risk.mitigation is None:
        return risk
    return risk.model_copy(
        update={"mitigation": risk.mitigation.model_copy(update={"taken": taken})}
    )
