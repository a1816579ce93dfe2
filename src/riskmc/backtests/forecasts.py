"""Forecasts of councils' reserves that others will score, and how many would need support."""

from __future__ import annotations

from typing import Any

import numpy as np

from riskmc.backtests.councils import accounts_of, council_run, known_at
from riskmc.backtests.plan import Plan
from riskmc.calibration.estimates import estimate
from riskmc.errors import InputError

#: Percentiles that are written.
PERCENTILES = (5, 10, 25, 50, 75, 90, 95)
_HAPPENED = 1e-9


def council_forecast(plan: Plan) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return forecast rows by council and year, and the chance of support by year.

    Reserves are those at the origin and the changes since, each of one return, % of net
    expenditure of the last year known.
    """
    accounts = accounts_of(plan)
    if len(plan.origins) != 1:
        raise InputError(f"{plan.name}: origins: a forecast has one, not {len(plan.origins)}")
    known = known_at(plan, accounts, plan.origins[0])
    years = int(plan.until[:4]) - int(plan.origins[0][:4])
    if years < 1:
        raise InputError(f"{plan.name}: until = '{plan.until}': must be after the origin")
    first = int(plan.origins[0][:4]) + 1
    ahead = [f"{year}/{(year + 1) % 100:02d}" for year in range(first, first + years)]
    for year in plan.write:
        if year not in ahead:
            raise InputError(f"{plan.name}: write = '{year}': allowed: {', '.join(ahead)}")
    found = council_run(plan, known, estimate(known), years=years)["outcomes"].to_dataset()
    of_regime = found.isel(regime=0)
    labels = [str(year) for year in of_regime["year"].values]
    reserves = of_regime["reserves"].transpose("year", "organisation", "chain", "draw")
    share = np.asarray(reserves, dtype=np.float64).reshape(years, len(known.codes), -1)
    share = 100.0 * share / known.expenditure[:, -1][:, None]
    granted = of_regime["bailout"].transpose("year", "organisation", "chain", "draw")
    chance = (np.asarray(granted, dtype=np.float64) > _HAPPENED).mean(axis=(1, 2, 3))
    events = [
        {
            "name": f"a council needs and gets exceptional support in {year}",
            "forecast": float(chance[place]),
            "happened": None,
            "n": len(known.codes),
        }
        for place, year in enumerate(labels)
    ]
    rows = []
    for year in plan.write or labels:
        cuts = np.percentile(share[labels.index(year)], PERCENTILES, axis=1)
        for place, (code, name) in enumerate(zip(known.codes, known.names, strict=True)):
            row: dict[str, Any] = {"ons_code": code, "council": name, "year": year}
            values = {f"p{p}": float(cuts[at, place]) for at, p in enumerate(PERCENTILES)}
            rows.append(row | values)
    rows.sort(key=lambda row: (row["ons_code"], row["year"]))
    return rows, events
