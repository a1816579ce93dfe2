"""A back-test's plan: which table, which template study, from which origins, against whom."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from riskmc.accounts.councils import TIERS
from riskmc.backtests.rivals import RIVALS
from riskmc.errors import InputError
from riskmc.study.load import MOST_BYTES

#: What can be back-tested, in words.
KINDS = {
    "council_reserves": "councils' usable reserves, % of net revenue expenditure at the origin",
    "council_forecast": "councils' usable reserves in years to come, % of the last known NRE",
    "provider_sector": "net position of all NHS providers in England, £m",
    "trusts_support": "NHS trusts that draw interim revenue loans",
}
_KEYS = {
    "what": str,
    "title": str,
    "table": str,
    "tier": str,
    "first_year": str,
    "template": str,
    "origins": list,
    "until": str,
    "write": list,
    "rivals": list,
    "draws": int,
    "seed": int,
}
#: What the table `backtest` of a template of trusts must hold.
_OF_TRUSTS = dict.fromkeys(("provider_sector", "trusts_support"), ("trusts", "income", "spread"))
_NEEDED = ("what", "title", "template", "origins", "until")


@dataclass(frozen=True)
class Plan:
    """A plan as read.

    Attributes
    ----------
    name : str
        Stem of the file.
    what : str
        A key of `KINDS`.
    title : str
        What is forecast, in words.
    template : dict
        The study from which every origin's study is made.
    template_name : str
        Its file.
    origins : tuple of str
        The last year known, one forecast each.
    until : str
        The last year that is forecast.
    table : Path or None
        Councils' accounts; None for those that ship.
    tier : str
        Which councils are forecast.
    first_year : str
        The first year of accounts used; empty: the table's first.
    write : tuple of str
        Years whose forecasts a `council_forecast` writes.
    rivals : tuple of str
        Simpler forecasts that it is compared with.
    draws : int
        Futures of each forecast.
    seed : int
        From which they are drawn.
    """

    name: str
    what: str
    title: str
    template: Mapping[str, Any]
    origins: tuple[str, ...]
    until: str
    template_name: str = "study"
    table: Path | None = None
    tier: str = "upper"
    first_year: str = ""
    write: tuple[str, ...] = ()
    rivals: tuple[str, ...] = tuple(RIVALS)
    draws: int = 2_048
    seed: int = 1


def read_plan(path: str | Path) -> Plan:
    """Read a plan from a TOML file; paths in it are relative to the file.

    Raises
    ------
    InputError
        Every fault at once: a key that is missing, misspelt or of the wrong form.
    """
    file = Path(path)
    data = _toml(file)
    faults = list(_faults(file, data))
    if faults:
        raise InputError("\n".join(faults))
    table = data.get("table", "shipped")
    template = _template(file.parent / data["template"], data["what"])
    return Plan(
        name=file.stem,
        what=data["what"],
        title=data["title"],
        template=template,
        template_name=str(file.parent / data["template"]),
        origins=tuple(data["origins"]),
        until=data["until"],
        table=None if table == "shipped" else file.parent / table,
        tier=data.get("tier", "upper"),
        first_year=data.get("first_year", ""),
        write=tuple(data.get("write", ())),
        rivals=tuple(data.get("rivals", RIVALS)),
        draws=data.get("draws", 2_048),
        seed=data.get("seed", 1),
    )


def _template(file: Path, what: str) -> dict[str, Any]:
    """Return a template, with what makes it one: an organisation to make many of."""
    found = _toml(file)
    bodies = found.get("organisations")
    if not isinstance(bodies, list) or not bodies or not isinstance(bodies[0], dict):
        raise InputError(
            f"{file}: organisations: missing; the first is the pattern for all the others"
        )
    if what in _OF_TRUSTS:
        own = found.get("backtest")
        lacking = [key for key in _OF_TRUSTS[what] if not isinstance(own, dict) or key not in own]
        if lacking:
            raise InputError(f"{file}: backtest: lacks {', '.join(lacking)}")
        if not found.get("contracts"):
            raise InputError(f"{file}: contracts: missing; the first pays each trust")
    return found


def _toml(file: Path) -> dict[str, Any]:
    try:
        if file.exists() and not file.is_file():
            raise InputError(f"{file}: is not an ordinary file")
        if file.stat().st_size > MOST_BYTES:
            raise InputError(f"{file}: is larger than {MOST_BYTES:,} bytes: no plan and no study")
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: not TOML: {error}") from error


def _faults(file: Path, data: Mapping[str, Any]) -> list[str]:
    """Return every fault of a plan."""
    found = [f"{file}: {key}: missing; it is needed" for key in _NEEDED if key not in data]
    for key, value in data.items():
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; allowed: {', '.join(_KEYS)}"
            found.append(f"{file}: {key}: no such key{hint}")
        elif not isinstance(value, _KEYS[key]) or isinstance(value, bool):
            form = {str: "text", int: "a whole number", list: "a list of texts in quotes"}[
                _KEYS[key]
            ]
            found.append(f"{file}: {key} = {value!r}: must be {form}")
        elif isinstance(value, list) and not all(isinstance(item, str) for item in value):
            found.append(f"{file}: {key} = {value!r}: must be a list of texts in quotes")
    found += _unknown(file, "what", [data.get("what")], KINDS)
    found += _unknown(file, "tier", [data.get("tier")], TIERS)
    rivals = data.get("rivals")
    found += _unknown(file, "rivals", rivals if isinstance(rivals, list) else [], RIVALS)
    if data.get("origins") == []:
        found.append(f"{file}: origins: empty; at least one is needed")
    for key in ("draws", "seed"):
        if isinstance(data.get(key), int) and data[key] < (100 if key == "draws" else 0):
            found.append(f"{file}: {key} = {data[key]}: too small")
    return found


def _unknown(file: Path, key: str, values: list[Any], known: Any) -> list[str]:
    found = []
    for value in values:
        if isinstance(value, str) and value not in known:
            near = get_close_matches(value, list(known), n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            found.append(f"{file}: {key} = '{value}': allowed: {', '.join(known)}{hint}")
    return found
