"""The check that docs/evidence.md prints: the gap of 2020/21 "if nothing is done"."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import xarray as xr

from riskmc.runs.simulation import run
from riskmc.sampling import sample
from riskmc.study import load_study, parse_study, study_mapping
from riskmc.variables import DRIVERS

ROOT = Path(__file__).parent.parent
NOTHING = {"plan": [], "shortfall": [], "surplus": []}


def test_the_gap_if_nothing_is_done_is_the_one_that_is_printed() -> None:
    """Would catch a config changed without the page that explains it, or the reverse."""
    mapping = dict(study_mapping(load_study(ROOT / "configs" / "greater-manchester.toml")))
    kinds = ("council", "commissioner", "provider")
    mapping["regimes"] = {
        "nothing": {"label": "Nothing done", "rulebooks": dict.fromkeys(kinds, NOTHING)}
    }
    mapping["behaviour"] = {}
    study = parse_study(mapping)
    neutral = {driver.name: driver.neutral for driver in DRIVERS}
    planned = sample(study, draws=16, seed=1).isel(chain=[0], draw=[0])
    for name in planned.data_vars:
        values = np.full(planned[name].shape, neutral[str(name)])
        if name in ("demand_growth", "cost_inflation"):
            values[...] = study.expected(str(name))
        planned[name] = xr.DataArray(values, dims=planned[name].dims)
    balance = run(study, drivers=planned)["place"]["own_balance"]
    gap = -float(balance.sel(year="2020/21").item())
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    printed = re.search(r"drivers as planned, no events \| (\d+) \|", page)
    assert printed is not None
    assert abs(gap - float(printed[1])) < 0.5
    opening = sum(body.cost - body.charges for body in study.organisations)
    assert abs(opening - 6000.0) < 1.0, "the place is the £6.0bn of health and social care"
