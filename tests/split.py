"""One body made into several identical ones, pooled: no total of the place may notice."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from reference import Table, resolved_regime

#: Money of a body, which its parts share out.
MONEY = ("cost", "grant", "local_tax", "charges", "reserves", "reserve_floor", "debt", "capital")
MONEY += ("prevention_benefit", "committed", "tax_base")


def split(raw: Table, whole: str, parts: int) -> tuple[Table, dict[str, int]]:
    """The study with a body in so many equal parts, and how many parts each of its bodies makes.

    Where it was alone in a regime its parts are a pool under its own rulebook.
    """
    # "org9" and "org9-1" sort alike among the other ids, whose rescue and vote are the first's.
    ids = [f"{whole}-{i}" for i in range(1, parts + 1)]
    study = deepcopy(raw)
    study["regimes"] = {name: resolved_regime(raw, name) for name in raw["regimes"]}
    rows = []
    for row in study["organisations"]:
        if row["id"] != whole:
            rows.append(row)
            continue
        shared = {key: row[key] / parts for key in MONEY if key in row}
        rows += [{**row, **shared, "id": id_, "name": id_} for id_ in ids]
        kind = row["kind"]
    study["organisations"] = rows
    study["contracts"] = [c for row in study["contracts"] for c in _contracts(row, whole, ids)]
    for key in ("projects", "mandates"):
        if key in study:
            study[key] = [r for row in study[key] for r in _rows(row, whole, ids)]
    spills = study["dynamics"].get("spills", [])
    if spills:
        study["dynamics"]["spills"] = [s for row in spills for s in _spills(row, whole, ids)]
    scoped = [study["planning"], *study["drivers"].values()]
    for regime in study["regimes"].values():
        scoped += [regime.get("settlement", {}), regime.get("planning", {})]
        _regime(study, regime, whole, kind, ids)
    for table in scoped:
        _by(table, whole, ids)
    return study, {row["id"]: parts if row["id"] in ids else 1 for row in rows}


def _by(table: Table, whole: str, ids: list[str]) -> None:
    by = table.get("by", {})
    if whole in by:
        own = by.pop(whole)
        by |= {id_: deepcopy(own) for id_ in ids}


def _contracts(row: Table, whole: str, ids: list[str]) -> list[Table]:
    if whole not in (row["payer"], row["payee"]):
        return [row]
    side = "payer" if row["payer"] == whole else "payee"
    copies = []
    for i, id_ in enumerate(ids):
        copy = {**row, side: id_, "value": row["value"] / len(ids)}
        if side == "payee" and "benefit_share" in row:
            # What prevention saves the payer is passed on once, not once to each part.
            copy["benefit_share"] = _divided(row["benefit_share"], len(ids))
        if "name" in row:
            copy["name"] = f"{row['name']}.{i}"
        copies.append(copy)
    return copies


def _divided(figure: Any, parts: int) -> Any:
    """A part of a figure, or of each year's figure."""
    return [x / parts for x in figure] if isinstance(figure, list) else figure / parts


def _rows(row: Table, whole: str, ids: list[str]) -> list[Table]:
    """A project or a mandate: one for each part, of a part of the money."""
    n = len(ids)
    to = dict(row.get("to", {}))
    if whole in to:
        share = to.pop(whole)
        to |= dict.fromkeys(ids, share / n)
    owners = ids if row["organisation"] == whole else [row["organisation"]]
    if len(owners) > 1 and "benefit" in row and "to" not in row:
        to = dict.fromkeys(ids, 1 / n)
    copies = []
    for i, owner in enumerate(owners):
        copy = {**row, "organisation": owner}
        for key in ("cost", "benefit"):
            if key in row:
                copy[key] = [x / len(owners) for x in row[key]]
        if to:
            copy["to"] = dict(to)
        if len(owners) > 1:
            copy["name"] = f"{row['name']}.{i}"
        copies.append(copy)
    return copies


def _spills(row: Table, whole: str, ids: list[str]) -> list[Table]:
    if row["from"] == whole:
        return [{**row, "from": id_} for id_ in ids]
    if row["to"] == whole:
        return [{**row, "to": id_, "share": row["share"] / len(ids)} for id_ in ids]
    return [row]


def _regime(study: Table, regime: Table, whole: str, kind: str, ids: list[str]) -> None:
    def expand(named: list[str]) -> list[str]:
        return [new for old in named for new in (ids if old == whole else [old])]

    pools = regime.get("pools", [])
    pooled = any(whole in pool["members"] or pool["members"] == ["*"] for pool in pools)
    for pool in pools:
        pool["members"] = expand(pool["members"])
    books = regime["rulebooks"]
    if not pooled:
        book = "parts"
        books[book] = deepcopy(books[whole] if whole in books else books[kind])
        regime["pools"] = [*pools, {"name": "parts", "members": list(ids), "rulebook": book}]
    if not any(pool["rulebook"] == whole for pool in regime.get("pools", [])):
        books.pop(whole, None)
    _lists(regime, whole, ids, expand, {row["name"] for row in study.get("projects", [])})
    payment: dict[str, Any] = regime.get("payment", {}).get("by", {})
    for name in list(payment):
        named = [c["name"] for c in study["contracts"] if "name" in c]
        if name not in named:
            own = payment.pop(name)
            payment |= {n: deepcopy(own) for n in named if n.rpartition(".")[0] == name}


def _lists(regime: Table, whole: str, ids: list[str], expand: Any, projects: set[str]) -> None:
    places = [regime.get("centre", {}).get("windfall", {}), regime.get("funding", {})]
    for table in [*places, *regime.get("conditional", [])]:
        if "to" in table:
            table["to"] = expand(table["to"])
    take = regime.get("projects", {}).get("take")
    if isinstance(take, list):
        regime["projects"]["take"] = [
            name for name in projects if name in take or name.rpartition(".")[0] in take
        ]
