"""Councils' reserves forecast through the model's own steps, every council a body of one study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.accounts import Accounts, council_accounts, read_accounts
from riskmc.backtests.cases import Case
from riskmc.backtests.plan import Plan
from riskmc.backtests.rivals import RIVALS
from riskmc.calibration.estimates import Estimates, estimate
from riskmc.calibration.planning import OutturnInputs, outturn_inputs
from riskmc.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

#: Money of the template's one organisation, £m for each £1m of net revenue expenditure.
_SCALED = ("cost", "grant", "local_tax", "charges", "capital")


#: Events forecast: reserves lower than at the origin by so much, % of NRE.
FALLS = {"reserves below those at the origin": 0.0, "reserves lower by 5 % of NRE or more": 5.0}


def council_cases(plan: Plan) -> Iterator[Case]:
    """Yield a case for every origin and year up to `plan.until`, forecasts and what came.

    Each origin sees the accounts up to it and nothing else; what came is the reserves at the
    origin and the changes since, each of one return, over net expenditure at the origin.
    """
    accounts = accounts_of(plan)
    if plan.until not in accounts.years:
        held = f"{accounts.years[0]} to {accounts.years[-1]}"
        raise InputError(f"{plan.name}: until = '{plan.until}': allowed: {held}")
    for origin in plan.origins:
        known = known_at(plan, accounts, origin)
        later = accounts.years.index(plan.until) - accounts.years.index(origin)
        if later < 1:
            raise InputError(f"{plan.name}: origin {origin} is not before {plan.until}")
        ensembles = forecasts(plan, known, years=later)
        first = accounts.years.index(origin) + 1
        for ahead in range(later):
            changed = accounts.change[:, first : first + ahead + 1].sum(axis=1)
            yield Case(
                origin=origin,
                target=accounts.years[first + ahead],
                horizon=ahead + 1,
                units=accounts.names,
                came=level_at_origin(known) + 100.0 * changed / known.expenditure[:, -1],
                ensembles={name: values[ahead] for name, values in ensembles.items()},
                below={name: level_at_origin(known) - fall for name, fall in FALLS.items()},
            )


def accounts_of(plan: Plan) -> Accounts:
    """Return the accounts of the councils that a plan forecasts."""
    whole = council_accounts() if plan.table is None else read_accounts(plan.table)
    return whole.tier(plan.tier)


def known_at(plan: Plan, accounts: Accounts, origin: str) -> Accounts:
    """Return the accounts that a forecast from an origin sees; districts' by their usual size."""
    known = accounts.between(plan.first_year or accounts.years[0], origin)
    return known.steadied() if plan.tier == "district" else known


def level_at_origin(known: Accounts) -> Array:
    """Return closing reserves of the last year known, % of its net expenditure, (council,)."""
    return 100.0 * known.closing[:, -1] / known.expenditure[:, -1]


def forecasts(plan: Plan, known: Accounts, *, years: int) -> dict[str, Array]:
    """Return the model's ensemble and every rival's, % of NRE, (year, council, draw)."""
    estimates = estimate(known)
    found = {"model": model_forecast(plan, known, estimates, years=years)}
    for place, name in enumerate(plan.rivals):
        rng = np.random.default_rng([plan.seed, place, len(known.years)])
        changes = RIVALS[name](known, estimates, years, plan.draws, rng)
        found[name] = level_at_origin(known)[:, None] + changes
    return found


def model_forecast(plan: Plan, known: Accounts, estimates: Estimates, *, years: int) -> Array:
    """Return reserves by the model's own steps, % of NRE at the origin, (year, council, draw)."""
    reserves = council_run(plan, known, estimates, years=years)["outcomes"]["reserves"]
    order = ("year", "organisation", "chain", "draw")
    values = np.asarray(reserves.isel(regime=0).transpose(*order).values, dtype=np.float64)
    by_draw = values.reshape(*values.shape[:2], -1)
    return 100.0 * by_draw / known.expenditure[:, -1][:, None]


def council_run(plan: Plan, known: Accounts, estimates: Estimates, *, years: int) -> xr.DataTree:
    """Run the template with every council in it, from the end of the accounts."""
    from riskmc.runs.simulation import run
    from riskmc.study import parse_study

    inputs = outturn_inputs(
        estimates, known, years=years, income_to_nre=income_to_nre(plan.template)
    )
    mapping = council_mapping(plan.template, known, inputs, years=years)
    study = parse_study(mapping, name=plan.template_name)
    return run(study, draws=plan.draws, seed=plan.seed, keep="headline")


def income_to_nre(template: Mapping[str, Any]) -> float:
    """Return planned income for each £1 of net expenditure, as the template's council has it."""
    council = template["organisations"][0]
    return float(sum(council.get(key, 0.0) for key in ("grant", "local_tax", "charges")))


def council_mapping(
    template: Mapping[str, Any], known: Accounts, inputs: OutturnInputs, *, years: int
) -> dict[str, Any]:
    """Return the template's study with its one organisation made into every council."""
    mapping = deepcopy(dict(template))
    pattern = mapping["organisations"][0]
    first = int(known.years[-1][:4]) + 1
    mapping |= {"start_year": f"{first}/{(first + 1) % 100:02d}", "years": years}
    mapping["organisations"] = [
        {
            **pattern,
            **{key: pattern[key] * float(size) for key in _SCALED if key in pattern},
            "id": code.lower(),
            "name": name,
            "reserves": float(reserves),
            "reserve_floor": float(max(min(unallocated, reserves), 0.0)),
        }
        for code, name, size, reserves, unallocated in zip(
            known.codes,
            known.names,
            known.expenditure[:, -1],
            known.closing[:, -1],
            known.unallocated[:, -1],
            strict=True,
        )
    ]
    planned = mapping.setdefault("planning", {}).setdefault("by", {})
    varies = mapping.setdefault("drivers", {}).setdefault("outturn_variance", {})
    varies |= {
        "distribution": "student_t",
        "mean": 0.0,
        "sd": float(np.median(inputs.sd)),
        "df": inputs.df,
        "persistence": inputs.persistence,
    }
    by = varies.setdefault("by", {})
    for place, body in enumerate(mapping["organisations"]):
        contribution = [float(value) for value in inputs.contribution[place]]
        planned[body["id"]] = {"reserve_contribution": contribution}
        by[body["id"]] = {
            "distribution": "student_t",
            "mean": 0.0,
            "sd": float(inputs.sd[place]),
            "df": inputs.df,
            "shared": float(inputs.shared[place]),
        }
    return mapping
