"""From the raw `[drivers]` to their models: every scope read, every body's driver tried."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from riskmc.distributions import Distribution, Empirical, Mixture, Posterior
from riskmc.study.build import Draft, Raw, distribution, scopes, section
from riskmc.study.cost_lines import OF_LINES
from riskmc.study.drivers import (
    OWN_KEYS,
    UNIFORM_KEYS,
    DriverScope,
    DriverTable,
    merge,
    split,
    tables_by_year,
)
from riskmc.study.positions import Path
from riskmc.study.problems import listed, nearest
from riskmc.study.types import NOTE_KEYS
from riskmc.variables import DRIVER_NAMES, DRIVERS, FROM_RISKS, KINDS, PLANNED, UNIFORM

#: The most that a driver, all of which are rates, shares and ratios, can sensibly be.
MOST_DRIVEN = 100.0
#: A scope of a driver: its path in the file and its table.
Scope = tuple[Path, dict[str, Any]]
_NAMES = tuple(row.name for row in DRIVERS if row.source != "risks")
_NOT_PARAMETERS = (*OWN_KEYS, *NOTE_KEYS)


def _more_keys() -> dict[str, str]:
    """Return the keys of a driver that are not its distribution's, each with its meaning."""
    own = {key: text for key, text in DriverScope.keys().items() if key in _NOT_PARAMETERS}
    return {**own, "by": "what differs by kind or organisation"}


def drivers(draft: Draft) -> None:
    """Read `[drivers]`."""
    problems = draft.problems
    for name, raw in section(draft, "drivers").items():
        path = ("drivers", name)
        if name in FROM_RISKS:
            problems.add(
                path,
                "is made by the risk register and may not be named here",
                allowed="list one-off risks under [[risks]]",
            )
        elif name not in DRIVER_NAMES:
            problems.add(
                path, "is not a known driver", allowed=listed(_NAMES), near=nearest(name, _NAMES)
            )
        elif not isinstance(raw, Mapping):
            problems.add(path, "is not a table", value=raw, allowed="a table of a driver")
        else:
            found = driver(draft, name, raw)
            if found is not None:
                draft.drivers[name] = found


def driver(draft: Draft, name: str, raw: Raw) -> DriverTable | None:
    """Return one driver with its scopes, or None after recording what is wrong with it."""
    path: Path = ("drivers", name)
    by = known_scopes(draft, scopes(draft.problems, raw, path), path)
    everyone = {key: value for key, value in raw.items() if key != "by"}
    tables = {"": everyone} | {scope: dict(table) for scope, table in by.items()}
    paths: dict[str, Path] = {"": path} | {scope: (*path, "by", scope) for scope in by}
    for scope, table in tables.items():
        own_keys(draft, name, table, paths[scope])
    if name not in UNIFORM:
        _try_chains(draft, name, tables, paths)
    if draft.problems.under(path):
        return None
    found = {scope: DriverScope.model_validate(split(table)) for scope, table in tables.items()}
    return DriverTable(name=name, everyone=found.pop(""), by=found)


def known_scopes(draft: Draft, by: dict[str, Raw], path: Path) -> dict[str, Raw]:
    """Return the scopes that are kinds or ids, recording a fault for any other."""
    lines = [line for _, _, line in draft.lines] if path[-1] in OF_LINES else []
    known = (*KINDS, *draft.ids, *lines)
    for scope in by:
        if scope not in known and draft.ids:
            draft.problems.add(
                (*path, "by", scope),
                "is neither a kind nor the id of an organisation",
                allowed=listed(known),
                near=nearest(scope, known),
            )
    return {scope: table for scope, table in by.items() if scope in known}


def own_keys(draft: Draft, name: str, table: Raw, path: Path) -> None:
    """Check the keys of a scope that are not parameters of its distribution."""
    problems = draft.problems
    if name in UNIFORM:
        for key, value in table.items():
            if key not in (*UNIFORM_KEYS, *NOTE_KEYS):
                near = nearest(key, UNIFORM_KEYS)
                problems.add(
                    (*path, key),
                    f"may not be set: {name} is always uniform between 0 and 1",
                    value=value,
                    allowed=listed(UNIFORM_KEYS, last="and"),
                    near=near,
                )
    elif name not in PLANNED and "expected" in table:
        problems.add(
            (*path, "expected"),
            f"is for {listed(PLANNED, last='and')} only",
            value=table["expected"],
        )
    own = {key: value for key, value in table.items() if key in _NOT_PARAMETERS}
    try:
        DriverScope.model_validate(own)
    except ValidationError as error:
        problems.pydantic(error, own, path)


def _try_chains(
    draft: Draft, name: str, tables: dict[str, dict[str, Any]], paths: dict[str, Path]
) -> None:
    """Try what holds for every body, and what no body uses yet could be wrong."""
    if not any("distribution" in table for table in tables.values()):
        draft.problems.add(
            (*paths[""], "distribution"), "is missing", allowed="the family of the distribution"
        )
        return
    used: list[list[str]] = []
    lines = draft.lines if name in OF_LINES else []
    for own in (*((kind, body) for body, kind in draft.bodies), *((k, b, x) for b, k, x in lines)):
        chain = ["", *(scope for scope in own if scope in tables)]
        if chain not in used:
            used.append(chain)
    ends = {chain[-1] for chain in used}
    idle = [["", scope] if scope else [""] for scope in tables if scope not in ends]
    for chain in used + idle:
        scopes_ = [(paths[scope], tables[scope]) for scope in chain]
        _try(draft, name, scopes_, in_use=chain in used)


def _try(draft: Draft, name: str, chain: list[Scope], *, in_use: bool) -> None:
    merged = merge([table for _, table in chain])
    if "distribution" not in merged:
        loose = [
            key
            for key in merged
            if key not in ("probability", "shared", "shared_place", "persistence")
        ]
        if loose and in_use:
            where = _owner(chain, loose[0])
            draft.problems.add(
                (*where[0], "distribution"),
                f"is missing, so `{loose[0]}` means nothing here",
                allowed="the family of the distribution",
            )
        return

    for year, table in enumerate(tables_by_year(merged)):
        _try_year(draft, name, chain, merged, table, year, in_use=in_use)


def _try_year(
    draft: Draft,
    name: str,
    chain: list[Scope],
    merged: Raw,
    table: Raw,
    year: int,
    *,
    in_use: bool,
) -> None:
    """Try the distribution of one year, whose figures `table` has picked from `merged`'s lists."""
    parameters = {key: value for key, value in table.items() if key not in OWN_KEYS}

    def place(inside: Path) -> Path:
        if not inside:
            return _nearest_with_parameters(chain)[0]
        key = str(inside[0])
        where: Path = (*_owner(chain, key)[0], *inside)
        given = merged.get(key)
        picked = len(inside) == 1 and table.get(key) is not given
        return (*where, min(year, len(given) - 1)) if picked and given else where

    found = distribution(
        draft, parameters, place, most=MOST_DRIVEN, only_keys=not in_use, more_keys=_more_keys
    )
    if found is not None:
        _keep_values(found, chain)
        if name in PLANNED and merged.get("expected") is None:
            _check_mean(draft, found, place(()))


def _owner(chain: list[Scope], key: str) -> Scope:
    """Return the scope that a key comes from; for a missing key, the one that set the family."""
    for scope in reversed(chain):
        if key in scope[1]:
            return scope
        if "distribution" in scope[1]:
            return scope
    return chain[-1]


def _nearest_with_parameters(chain: list[Scope]) -> Scope:
    for scope in reversed(chain):
        if any(key not in _NOT_PARAMETERS for key in scope[1]):
            return scope
    return chain[0]


def _keep_values(found: Distribution, chain: list[Scope]) -> None:
    """Keep the values read from a file in the scope that named it, so that a study is whole."""
    if isinstance(found, Empirical):
        for _, table in reversed(chain):
            if not {"file", "column", "distribution"}.isdisjoint(table):
                table["values"] = list(found.values)
                table |= {"left_out": found.left_out} if found.left_out else {}
                return
    elif isinstance(found, Posterior):
        for _, table in reversed(chain):
            if not {"file", "variable", "council", "distribution"}.isdisjoint(table):
                table |= {"means": list(found.means), "sds": list(found.sds)}
                return
    elif isinstance(found, Mixture):
        table = _owner(chain, "parts")[1]
        table["parts"] = [
            {**raw, "values": list(part.values)} if isinstance(part, Empirical) else dict(raw)
            for raw, part in zip(table["parts"], found.parts, strict=True)
        ]


def _check_mean(draft: Draft, found: Distribution, path: Path) -> None:
    """Refuse a distribution whose mean, which planners expect, is no usable number."""
    try:
        mean = float(found.mean)
    except (ArithmeticError, ValueError):
        mean = math.nan
    if not -1.0 <= mean <= 10.0:
        draft.problems.add(
            path,
            f"has a mean of {mean:g}; planners need a mean from -1 to 10",
            allowed="a mean from -1 to 10 a year, or a figure for `expected`",
        )
