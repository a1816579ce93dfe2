"""Facts of what the study asks for: scenarios, since the last paper, which rule does the work."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from riskmc.report.facts.store import CHANCE, SHARE, Fact, Facts, Key
from riskmc.variables import MONEY, PLACE

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.report.sides.asked import Asked

#: Measures of the second run as a table heads them.
SECOND = {
    "net_deficit": "Deficit",
    "p_rescue_needed_above_1_percent": "Large rescue, of 100",
    "unmet": "Need left unmet",
    "extra_local_tax": "Local tax a year",
    "reserves_end": "Reserves at the end",
    "central_cost": "Net cost to the centre",
}


def second_label(measure: str, body: str) -> str:
    """Return the heading of a measure; a member's deficit is what is allotted to it."""
    allotted = measure == "net_deficit" and body != PLACE
    return "Deficit allotted to it" if allotted else SECOND[measure]


def asked_facts(facts: Facts, asked: Asked) -> None:
    """Put the numbers of the second run into the store."""
    if asked.scenarios is not None:
        _scenarios(facts, asked.scenarios)
    if asked.bridge is not None:
        _bridge(facts, asked.bridge)
    if asked.attribution is not None:
        _attribution(facts, asked.attribution)
    for name, found in (("real terms", asked.real), ("cash", asked.cash)):
        if found is not None:
            _money(facts, name, found)
    for one in asked.spreads:
        where = {"regime": one.regime, "body": facts.names.body}
        spread = one.spread
        facts.put(Key(f"spread: {one.measure}", "", **where), Fact(math.sqrt(spread.total)))
        facts.put(
            Key(f"not knowing: {one.measure}", "", **where),
            Fact(spread.share, spread.error, unit=SHARE),
        )


def estimated(one: xr.Dataset, prefix: str, unit: str) -> Fact:
    """Return one estimate of a dataset as a fact."""
    value, mcse, low, high = (
        float(one[f"{prefix}{field}"]) for field in ("value", "mcse", "low", "high")
    )
    bound, units, impossible = (
        one[f"{prefix}{field}"].item() if f"{prefix}{field}" in one else 0
        for field in ("bound", "units", "impossible")
    )
    known = Fact(value, mcse, low, high, bool(bound), _unit(unit), int(units))
    return known._replace(impossible=bool(impossible))


def _scenarios(facts: Facts, found: xr.Dataset) -> None:
    names = found["setting"].values.tolist()
    for setting in names:
        for regime in found["regime"].values.tolist():
            if regime not in facts.names.regimes:
                continue
            for measure, unit in _measures(found):
                one = found.sel(setting=setting, regime=regime, measure=measure)
                where = {"regime": regime, "body": facts.names.body}
                key = Key(f"scenario: {measure}", setting, **where)
                facts.put(key, estimated(one, "", unit))
                if setting != names[0]:
                    change = Key(f"scenario, change: {measure}", setting, **where)
                    facts.put(change, estimated(one, "change_", unit))


def _bridge(facts: Facts, found: xr.Dataset) -> None:
    where = {"regime": str(found.attrs["regime"]), "body": facts.names.body}
    steps = found["step"].values.tolist()
    for measure, unit in _measures(found):
        one = found.sel(measure=measure)
        for i, step in enumerate(steps):
            row = one.isel(step=i)
            facts.put(Key(f"since last, then: {measure}", step, **where), estimated(row, "", unit))
            if i > 0:
                change = Key(f"since last: {measure}", step, **where)
                facts.put(change, estimated(row, "change_", unit))
        facts.put(Key(f"since last: {measure}", "in all", **where), estimated(one, "whole_", unit))


def _unit(unit: str) -> str:
    return CHANCE if unit == "probability" else MONEY


def _attribution(facts: Facts, found: xr.Dataset) -> None:
    ends = {"regime": str(found.attrs["end"]), "against": str(found.attrs["start"])}
    where = {**ends, "body": facts.names.body}
    for measure, unit in _measures(found):
        one = found.sel(measure=measure)
        whole = Key(f"attributed: {measure}", "in all", **where)
        facts.put(whole, estimated(one, "difference_", unit))
        for end in ("start", "end"):
            facts.put(Key(f"attributed: {measure}", end, **where), estimated(one, f"{end}_", unit))
        for group in found["group"].values.tolist():
            row = one.sel(group=group)
            for prefix, words in (("shapley", "attributed"), ("ladder", "added in turn")):
                key = Key(f"{words}: {measure}", group, **where)
                facts.put(key, estimated(row, f"{prefix}_", unit))


def _money(facts: Facts, name: str, found: xr.Dataset) -> None:
    for measure in found["measure"].values.tolist():
        for regime in found["regime"].values.tolist():
            for body in found["organisation"].values.tolist():
                one = found.sel(measure=measure, regime=regime, organisation=body)
                key = Key(f"{name}: {measure}", "mean", regime, body=body)
                facts.put(key, estimated(one, "", MONEY))


def _measures(found: xr.Dataset) -> list[tuple[str, str]]:
    names, units = found["measure"].values.tolist(), found["unit"].values.tolist()
    return [(str(name), str(unit)) for name, unit in zip(names, units, strict=True)]
