"""NHS providers forecast through the model's own steps: the sector's position, and who draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.accounts import provider_series, trusts_drawing
from riskmc.accounts.providers import TRUSTS
from riskmc.backtests.cases import Case
from riskmc.backtests.plan import Plan
from riskmc.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: The template's table that is not of a study: how many trusts, their income, how they differ.
OWN_TABLE = "backtest"
_DREW = 1e-9
_RIVALS = ("random walk", "last change")
#: The one origin and target that the loans known allow: who drew in 2016/17 and in 2017/18.
TRUST_ORIGINS, TRUST_UNTIL = ("2015/16",), "2017/18"


def sector_cases(plan: Plan) -> Iterator[Case]:
    """Yield a case for each year from each origin: the sector's reported position, £m."""
    reported, underlying = provider_series("reported"), provider_series("underlying")
    years = sorted(reported)
    for name in plan.rivals:
        if name not in _RIVALS:
            raise InputError(f"{plan.name}: rivals = '{name}': allowed: {', '.join(_RIVALS)}")
    for origin in plan.origins:
        if origin not in underlying or origin not in years:
            known = ", ".join(year for year in years if year in underlying)
            raise InputError(f"{plan.name}: origin {origin}: allowed: {known}")
        if plan.until not in years or plan.until <= origin:
            raise InputError(
                f"{plan.name}: until = '{plan.until}': allowed: a year after {origin}, "
                f"{years[-1]} at the latest"
            )
        later = years[years.index(origin) + 1 : years.index(plan.until) + 1]
        results = trusts_run(plan, origin, -underlying[origin], years=len(later))
        found = results["outcomes"].to_dataset()["own_balance"].isel(regime=0)
        trusts = [str(x) for x in found["organisation"].values if str(x).startswith("trust")]
        sector = found.sel(organisation=trusts).sum("organisation")
        values = np.asarray(sector.transpose("year", "chain", "draw"), dtype=np.float64)
        past = np.array([reported[year] for year in years[: years.index(origin) + 1]])
        for ahead, year in enumerate(later):
            ensembles = {"model": values[ahead].reshape(1, -1)}
            ensembles |= _rivals(plan, past, ahead + 1)
            yield Case(
                origin=origin,
                target=year,
                horizon=ahead + 1,
                units=("providers",),
                came=np.array([reported[year]]),
                ensembles=ensembles,
            )


def _rivals(plan: Plan, past: Array, ahead: int) -> dict[str, Array]:
    """Return a random walk and a repeat of the last change, with the spread of past changes."""
    changes = np.diff(past)
    spread = float(np.sqrt(np.mean(changes**2) * ahead))
    middle = dict(zip(_RIVALS, (past[-1], past[-1] + ahead * changes[-1]), strict=True))
    found = {}
    for place, name in enumerate(plan.rivals):
        rng = np.random.default_rng([plan.seed, place, ahead])
        found[name] = middle[name] + spread * rng.standard_normal((1, plan.draws))
    return found


def trust_events(plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield the events forecast of trusts: share drawing, of those again, of the others again."""
    if plan.origins != TRUST_ORIGINS or plan.until != TRUST_UNTIL:
        raise InputError(
            f"{plan.name}: origins and until: loans are known for one origin, "
            f"{TRUST_ORIGINS[0]}, until {TRUST_UNTIL}"
        )
    (origin,) = plan.origins
    first = f"{int(origin[:4]) + 1}/{(int(origin[:4]) + 2) % 100:02d}"
    years = int(plan.until[:4]) - int(origin[:4])
    deficit = -provider_series("underlying")[origin]
    found = trusts_run(plan, origin, deficit, years=years)["outcomes"].to_dataset()
    drew = found["bailout"].isel(regime=0).transpose("year", "organisation", "chain", "draw")
    trusts = [str(x) for x in drew["organisation"].values if str(x).startswith("trust")]
    draws = np.asarray(drew.sel(organisation=trusts), dtype=np.float64) > _DREW
    before, after = trusts_drawing(first), trusts_drawing(plan.until)
    both = len(before & after)
    for place, year in enumerate(str(x) for x in drew["year"].values):
        known = trusts_drawing(year)
        yield _event(f"share drawing, {year}", draws[place].mean(), len(known) / TRUSTS, TRUSTS)
    again = draws[-1] & draws[-2]
    yield _event(
        f"drew in {first}, draws in {plan.until}",
        again.sum() / draws[-2].sum(),
        both / len(before),
        len(before),
    )
    others = TRUSTS - len(before)
    yield _event(
        f"did not draw in {first}, draws in {plan.until}",
        (draws[-1] & ~draws[-2]).sum() / (~draws[-2]).sum(),
        (len(after) - both) / others,
        others,
    )


def _event(name: str, forecast: Any, happened: float, n: int) -> dict[str, Any]:
    error = float(np.sqrt(happened * (1.0 - happened) / n))
    return {
        "name": name,
        "forecast": float(forecast),
        "happened": happened,
        "error": error,
        "n": n,
    }


def trusts_run(plan: Plan, origin: str, deficit: float, *, years: int) -> xr.DataTree:
    """Run the template with its trusts, from the end of `origin`."""
    from riskmc.runs.simulation import run
    from riskmc.study import parse_study

    mapping = trusts_mapping(plan.template, origin, deficit, years=years)
    study = parse_study(mapping, name=plan.template_name)
    return run(study, draws=plan.draws, seed=plan.seed, keep="all")


def trusts_mapping(
    template: Mapping[str, Any], origin: str, deficit: float, *, years: int
) -> dict[str, Any]:
    """Return the template's study with its one trust made into many that differ.

    Trusts are of one size. Their underlying margins are the quantiles of an exponential with its
    tail on the side of deficits, whose mean is the sector's and whose spread the template states:
    many trusts near balance and a few deep in deficit, as the accounts have it.

    Parameters
    ----------
    template : mapping
        The study, with a table `backtest`: `trusts`, `income` (£m, all of them), `spread` (of
        margins, share of income). Its first organisation is the trust, for each £1m of income;
        its first contract pays it.
    origin : str
        The last year known.
    deficit : float
        The sector's underlying deficit in that year, £m.
    years : int
        Years of the horizon.
    """
    mapping = deepcopy(dict(template))
    own = mapping.pop(OWN_TABLE)
    count, income = int(own["trusts"]), float(own["income"])
    size = income / count
    place = (np.arange(count) + 0.5) / count
    margins = -deficit / income + float(own["spread"]) * (1.0 + np.log(place))
    first = int(origin[:4]) + 1
    mapping |= {"start_year": f"{first}/{(first + 1) % 100:02d}", "years": years}
    pattern, *others = mapping["organisations"]
    contract, *rest = mapping.get("contracts", [])
    scaled = ("charges", "grant", "reserves", "capital")
    mapping["organisations"] = others + [
        {
            **pattern,
            **{key: float(pattern[key]) * size for key in scaled if key in pattern},
            "id": f"trust_{number:03d}",
            "cost": float(size * (1.0 - margin)),
        }
        for number, margin in enumerate(margins)
    ]
    mapping["contracts"] = rest + [
        {**contract, "payee": f"trust_{number:03d}", "value": float(contract["value"]) * size}
        for number in range(count)
    ]
    for body in others:
        body["grant"] = float(body.get("grant", 0.0)) * income
        body["cost"] = float(body.get("cost", 0.0)) * income
    return mapping
