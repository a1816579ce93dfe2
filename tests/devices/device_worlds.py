"""Small places with chance off, and what the engine makes of them, year by year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import riskmc
from riskmc.study import parse_study
from riskmc.variables import DRIVERS

Grid = list[list[float]]

#: A rulebook that only draws on reserves and keeps what is left.
BARE = {
    "shortfall": [{"instrument": "reserves"}],
    "surplus": [{"instrument": "reserves"}],
}


def study_of(
    organisations: list[dict[str, Any]], regimes: Mapping[str, Any], *, years: int, **more: Any
) -> dict[str, Any]:
    """Return a study as nested tables; rulebooks are bare for every kind unless given."""
    bare = dict.fromkeys(("provider", "commissioner", "council"), BARE)
    return {
        "schema": 1,
        "title": "Hand-worked",
        "start_year": "2016/17",
        "years": years,
        "draws": 16,
        "seed": 1,
        "organisations": organisations,
        "regimes": {
            name: {**regime, "rulebooks": bare | regime.get("rulebooks", {})}
            for name, regime in regimes.items()
        },
        **more,
    }


def futures(raw: Mapping[str, Any], **given: Grid) -> Any:
    """Return one future: the drivers given as [year][organisation], the rest neutral, rescue 0."""
    import xarray as xr

    study = parse_study(raw)
    shape = (1, study.years, len(study.organisations))
    values = {row.name: np.full(shape, row.neutral) for row in DRIVERS}
    values["rescue"][...] = 0.0
    for name, grid in given.items():
        values[name][0] = np.array(grid, dtype=float)
    return xr.Dataset(
        {name: (("draw", "year", "organisation"), x) for name, x in values.items()},
        {"year": list(study.year_labels), "organisation": list(study.organisation_ids)},
    )


def outcomes(raw: Mapping[str, Any], regime: str, **given: Grid) -> Any:
    """Return the outcomes of a regime with chance off: arrays (year, organisation) by name."""
    results = riskmc.run(parse_study(raw), drivers=futures(raw, **given), keep="all")
    tree = results["outcomes"].sel(regime=regime).isel(chain=0, draw=0)
    return {
        name: np.asarray(values.transpose("year", "organisation").values)
        for name, values in tree.data_vars.items()
    }


def place(raw: Mapping[str, Any], regime: str, **given: Grid) -> Any:
    """Return the outcomes of all places together: arrays (year,) by name."""
    results = riskmc.run(parse_study(raw), drivers=futures(raw, **given), keep="all")
    tree = results["place"].sel(regime=regime).isel(chain=0, draw=0)
    return {name: np.asarray(values.values) for name, values in tree.data_vars.items()}


def assert_money(found: Any, expected: Any) -> None:
    """Check £m to a millionth."""
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=0.0, atol=1e-6)
