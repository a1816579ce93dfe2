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
    printed = re.search(r"drivers as planned, no events \| ([\d,]+) \|", page)
    assert printed is not None
    assert abs(gap - float(printed[1].replace(",", ""))) < 0.5


def test_the_opening_is_what_was_spent_and_the_deficit_that_recurs() -> None:
    """£6,000m was spent; the deficit is the underlying £3,700m of £75bn, not £2,447m of it."""
    bodies = load_study(ROOT / "configs" / "greater-manchester.toml").organisations
    trusts = 3893.0  # income of the providers, £m: the page's 5,365 by national ratios
    underlying, reported = (x / 75_000.0 * trusts for x in (3700.0, 2447.0))
    spent = sum(body.cost - body.charges for body in bodies)
    assert abs(spent - (6000.0 + underlying - reported)) < 1.0
    short = spent - sum(body.grant + body.local_tax for body in bodies)
    assert abs(short - underlying) < 1.0


def test_the_headline_is_the_one_that_is_printed() -> None:
    """Would catch rules or a config changed without the page that says what they lead to."""
    study = load_study(ROOT / "configs" / "greater-manchester.toml")
    place = run(study, draws=512, seed=1, keep="all")["place"].to_dataset()
    total = place.sum("year")
    last = place.isel(year=-1)
    found = {
        "net deficit": total["net_deficit"],
        "bailouts": total["bailout"],
        "need not met": total["unmet"],
        "need not met, 2025/26, % of cost": 100.0 * last["unmet"] / last["cost"],
        "local revenue beyond the plan": total["local_premium"],
        "savings delivered": total["savings_delivered"],
    }
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    table = page.partition("<!-- headline -->")[2].partition("<!-- end -->")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", table, re.M)[1:]
    assert [row[0] for row in rows] == list(found)
    for name, *cells in rows:
        for regime, cell in zip(("current", "devolved"), cells, strict=True):
            values = found[name].sel(regime=regime).values.astype(float).ravel()
            error = values.std(ddof=1) / np.sqrt(values.size)
            printed = float(re.sub(r" .*|,", "", cell))
            # 512 futures against the page's 4,096: five errors, and the page's rounding.
            assert abs(values.mean() - printed) <= 5.0 * 1.1 * error + 0.5, (name, regime)
