"""Regimes that build on others: of the same study, or shipped with the package.

`extends = "name"` takes another regime and overrides it: tables merge key by key, lists are
replaced whole. A regime that extends its own name extends the shipped one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from riskmc.study.positions import Path, locate
from riskmc.study.problems import Problems, listed, nearest

_FOLDER = "regimes"


@dataclass(frozen=True)
class Source:
    """Where a figure of a shipped regime comes from, and why it was chosen.

    Parameters
    ----------
    unit : str
        Unit of the figure.
    source : str
        Law, accounts or paper that it comes from, or "assumption".
    why : str
        Why this figure was chosen.
    """

    unit: str
    source: str
    why: str


@dataclass(frozen=True)
class RegimeDescription:
    """What a shipped regime is: of which country, from when to when, and what it leaves out."""

    country: str
    since: str
    until: str
    text: str

    @property
    def years(self) -> str:
        """When it held, in words."""
        return f"{self.since} to {self.until}" if self.until else f"from {self.since}"


@dataclass(frozen=True)
class Shipped:
    """A regime that ships with the package, as its file has it."""

    name: str
    table: dict[str, Any]
    about: RegimeDescription
    sources: dict[str, Source]
    lines: dict[Path, int] = field(repr=False)

    @property
    def file(self) -> str:
        """Name of the file inside the package."""
        return f"riskmc/{_FOLDER}/{self.name}.toml"


@cache
def shipped_regimes() -> tuple[str, ...]:
    """Return the names of the regimes that ship with the package."""
    folder = resources.files("riskmc") / _FOLDER
    names = [item.name for item in folder.iterdir()]
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def shipped(name: str) -> Shipped:
    """Return a shipped regime with its sources; KeyError where there is none of that name."""
    if name not in shipped_regimes():
        raise KeyError(name)
    text = (resources.files("riskmc") / _FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    written = table.pop("sources", {})
    sources = {
        path: Source(*(str(row.get(key, "")) for key in ("unit", "source", "why")))
        for path, row in written.items()
    }
    said = table.pop("about")
    about = RegimeDescription(*(str(said[key]) for key in ("country", "from", "to", "text")))
    return Shipped(name, table, about, sources, locate(text))


@dataclass(frozen=True)
class Base:
    """One table in the chain of a regime: its own, then what it extends, and so on."""

    table: Mapping[str, Any]
    path: Path
    shipped: Shipped | None = None


def chain(name: str, regimes: Mapping[str, Any], problems: Problems) -> list[Base]:
    """Return the tables that make up a regime, its own first; faults go to `problems`."""
    found: list[Base] = []
    seen: list[str] = []
    seen_shipped: set[str] = set()
    current, table, origin = name, regimes[name], None
    while True:
        path: Path = () if origin else ("regimes", current)
        found.append(Base(table, path, origin))
        if origin is None:
            seen.append(current)
        if "extends" not in table:
            return found
        base = table["extends"]
        where = (*path, "extends")
        if not isinstance(base, str):
            problems.add(where, "is not text", value=base, allowed="the name of a regime in quotes")
            return found
        own_name = base == current and origin is None
        if not own_name and origin is None and base in regimes:
            if base in seen:
                circle = " extends ".join([*seen[seen.index(base) :], base])
                problems.add(where, f"is circular: {circle}", value=base)
                return found
            if not isinstance(regimes[base], Mapping):
                return found
            current, table = base, regimes[base]
        elif base in shipped_regimes() and base not in seen_shipped:
            origin = shipped(base)
            seen_shipped.add(base)
            current, table = base, origin.table
        else:
            _unknown(where, base, current, regimes, problems)
            return found


def _unknown(
    where: Path, base: str, current: str, regimes: Mapping[str, Any], problems: Problems
) -> None:
    others = [other for other in regimes if other != current]
    known = list(dict.fromkeys([*others, *shipped_regimes()]))
    if base == current:
        message = "extends itself, and no regime of that name ships with the package"
    else:
        message = "is not a regime of this study, nor one that ships with the package"
    problems.add(where, message, value=base, allowed=listed(known), near=nearest(base, known))


def resolved(bases: list[Base]) -> dict[str, Any]:
    """Return the table of a regime: each base overridden by what builds on it."""
    table: dict[str, Any] = {}
    for base in reversed(bases):
        table = merged(table, base.table)
    table.pop("extends", None)
    return table


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `under` overridden by `over`: tables key by key, anything else whole."""
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            result[key] = merged(below, value)
        else:
            result[key] = value
    return result


def origin(bases: list[Base], inside: Path) -> tuple[Base, Path]:
    """Return the table that a path of a resolved regime was written in, and its path there."""
    best, depth = bases[0], -1
    for base in bases:
        reached, whole = _depth(base.table, inside)
        if reached > depth:
            best, depth = base, reached
        if whole:
            break
    return best, (*best.path, *inside)


def _depth(table: Any, path: Path) -> tuple[int, bool]:
    """Return how far a path leads into a table, and whether it ends the search.

    It does where the path is found, or runs into something that replaces what lies below it.
    """
    in_list = False
    for place, step in enumerate(path):
        if isinstance(table, Mapping):
            if step not in table:
                return place, in_list
            table = table[step]
        elif isinstance(table, list) and isinstance(step, int) and step < len(table):
            in_list = True
            table = table[step]
        else:
            return place, True
    return len(path), in_list or not isinstance(table, Mapping)
