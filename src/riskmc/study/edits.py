"""Changes of a study by dotted keys: what scenarios, `--set`, sweeps and bridges have in common.

A key names a figure of the study as it stands once read, each regime being a whole set of rules:
`drivers.demand_growth.mean`, `organisations.acute.reserves`,
`regimes.current.rulebooks.provider.plan.savings.max_rate`. A row of a list is named by its id,
name or instrument, or by its place from 1; `*` names them all. A change of one regime does not
reach those that extend it: `regimes.*.settlement.period` does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from riskmc.errors import InputError, Problem, StudyError
from riskmc.study.problems import listed, nearest, shown

How = Literal["set", "shift", "scale"]
#: Every row of a list, or every entry of a table.
EVERY = "*"
#: By which of its figures a row of a list is named.
_NAMES = ("id", "name", "instrument")
#: Parts of a study that move no figure, and may name regimes.
_WORDS = ("scenarios", "paper", "report")
_SIGNS: dict[str, How] = {"+": "shift", "*": "scale", "": "set"}
_TYPED = re.compile(
    r"^\s*(?P<key>(?:\"[^\"]*\"|[^=\"])+?)\s*(?P<sign>[+*]?)=\s*(?P<value>.*?)\s*$", re.S
)


@dataclass(frozen=True)
class Change:
    """One figure of a study set, shifted by an amount, or scaled by a factor."""

    key: str
    value: Any
    how: How = "set"

    def __str__(self) -> str:
        """Return the change as it is typed: `KEY=VALUE`, `KEY+=VALUE` or `KEY*=VALUE`."""
        sign = {"set": "", "shift": "+", "scale": "*"}[self.how]
        return f"{self.key}{sign}={shown(self.value)}"


def read_change(text: str) -> Change:
    """Read a change as it is typed: `KEY=VALUE`, `KEY+=VALUE` (shift) or `KEY*=VALUE` (scale).

    The value is TOML; a word that is not is taken as text. Raises InputError.
    """
    found = _TYPED.match(text)
    if found is None:
        raise InputError(f"'{text}' is not a change, such as drivers.demand_growth.mean=0.03")
    key, typed = found["key"], found["value"]
    key_path(key)
    try:
        value = tomllib.loads(f"value = {typed}")["value"]
    except tomllib.TOMLDecodeError:
        value = typed
    return Change(key, value, _SIGNS[found["sign"]])


def changes_of(tables: Mapping[str, Any], how: How = "set") -> tuple[Change, ...]:
    """Return the changes of a table: dotted keys in quotes, or tables within tables."""

    def walk(table: Mapping[str, Any], above: str) -> Iterator[Change]:
        for key, value in table.items():
            path = f"{above}.{key}" if above else str(key)
            if isinstance(value, Mapping) and "distribution" not in value:
                yield from walk(value, path)
            else:
                yield Change(path, value, how)

    return tuple(walk(tables, ""))


def key_path(key: str) -> tuple[str, ...]:
    """Return the parts of a dotted key; a part in quotes may hold dots. Raises InputError."""
    try:
        tree: Any = tomllib.loads(f"{key.replace(EVERY, '__every__')} = 0")
    except tomllib.TOMLDecodeError:
        raise InputError(
            f"'{key}' is not a key; put a part that holds spaces or dots in quotes"
        ) from None
    parts = []
    while isinstance(tree, dict):
        ((part, tree),) = tree.items()
        parts.append(part.replace("__every__", EVERY))
    return tuple(parts)


def edited(mapping: Mapping[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    """Return a study's tables with changes made, in their order.

    Raises StudyError with every change that names nothing, or that cannot be made; whether the
    figures are allowed is for `parse_study` to say.
    """
    tree: dict[str, Any] = _copied(mapping)
    problems = []
    for change in changes:
        try:
            _make(tree, change)
        except _Refused as refused:
            text = shown(change.value)
            problems.append(
                Problem("change", None, change.key, text, refused.why, "", refused.near)
            )
    if problems:
        raise StudyError(problems)
    return tree


def figures_of(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study's tables without what moves no figure: it may name regimes that go."""
    return {key: table for key, table in mapping.items() if key not in _WORDS}


def kept_scopes(mapping: Mapping[str, Any], change: Change) -> tuple[str, ...]:
    """Return keys that keep their own value although a figure for everyone changes.

    `drivers.demand_growth.mean` does not reach a council that has a mean of its own under
    `drivers.demand_growth.by.council`.
    """
    *above, last = key_path(change.key)
    if not above or above[0] not in ("drivers", "planning") or "by" in above:
        return ()
    table: Any = mapping
    for part in above:
        table = table.get(part, {}) if isinstance(table, Mapping) else {}
    scopes = table.get("by", {}) if isinstance(table, Mapping) else {}
    return tuple(f"{'.'.join(above)}.by.{name}.{last}" for name in scopes if last in scopes[name])


class _Refused(Exception):
    """A change that cannot be made: why, and the nearest name."""

    def __init__(self, why: str, near: str = "") -> None:
        self.why, self.near = why, near


def _copied(value: Any) -> Any:
    """Return tables and lists as fresh dicts and lists."""
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(item) for item in value]
    return value


def _make(tree: dict[str, Any], change: Change) -> None:
    from riskmc.study.model import PlanningScope  # which has scenarios, made of changes

    *above, last = key_path(change.key)
    for table in list(_followed(tree, above)):
        if isinstance(table, list):
            place = _row(table, last)
            table[place] = _changed(table[place], change)
        elif not isinstance(table, dict):
            raise _Refused(f"'{'.'.join(above)}' is a figure, not a table")
        elif last == EVERY:
            for key in table:
                table[key] = _changed(table[key], change)
        elif change.how == "set" or last in table:
            table[last] = _changed(table.get(last), change)
        elif above == ["planning"] and last in PlanningScope.model_fields:
            table[last] = _changed(0.0, change)  # growth that is not given is 0
        else:
            known = listed(map(str, table), last="and") or "none"
            why = f"there is no such figure to change by an amount; there are {known}"
            raise _Refused(why, nearest(last, table))


def _followed(tree: Any, parts: Sequence[str]) -> Iterator[Any]:
    """Give every table or list that a path leads to; a table that is missing is refused."""
    if not parts:
        yield tree
        return
    first, *rest = parts
    if isinstance(tree, dict) and first == EVERY:
        for item in tree.values():
            yield from _followed(item, rest)
    elif isinstance(tree, dict) and first in tree:
        yield from _followed(tree[first], rest)
    elif isinstance(tree, list) and first == EVERY:
        for item in tree:
            yield from _followed(item, rest)
    elif isinstance(tree, list):
        yield from _followed(tree[_row(tree, first)], rest)
    elif isinstance(tree, dict):
        known = listed(map(str, tree), last="and")
        raise _Refused(f"there is no '{first}'; there are {known}", nearest(first, tree))
    else:
        raise _Refused(f"'{first}' is inside a figure, not a table")


def _row(rows: list[Any], name: str) -> int:
    """Return the place of a row by its id, name, instrument, or place from 1."""
    names = [next((row[key] for key in _NAMES if key in row), "") for row in rows if row]
    if name in names:
        return names.index(name)
    if name.isdecimal() and 1 <= int(name) <= len(rows):
        return int(name) - 1
    known = listed([f"'{word}'" for word in names if word] or [f"1 to {len(rows)}"], last="and")
    raise _Refused(f"there is no row '{name}'; there are {known}", nearest(name, names))


def _changed(before: Any, change: Change) -> Any:
    if change.how == "set":
        return change.value
    if isinstance(before, list | tuple):
        return [_changed(item, change) for item in before]
    if isinstance(before, bool) or not isinstance(before, int | float):
        raise _Refused(f"{shown(before)} is not a number that can be changed by an amount")
    if isinstance(change.value, bool) or not isinstance(change.value, int | float):
        raise _Refused("the amount must be a number")
    return before + change.value if change.how == "shift" else before * change.value
