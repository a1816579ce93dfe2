"""From the raw tables of a study to its models, section by section, so that all faults show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from pydantic import ValidationError

from riskmc.distributions import Distribution, families
from riskmc.study.contracts import Contract
from riskmc.study.cost_lines import line_id
from riskmc.study.drivers import distribution_keys, read_distribution
from riskmc.study.model import (
    Behaviour,
    Dynamics,
    Organisation,
    Paper,
    Planning,
    PlanningScope,
    Precision,
    ReportSettings,
    Scenario,
)
from riskmc.study.places import Places
from riskmc.study.positions import Path
from riskmc.study.problems import Problems, listed, nearest
from riskmc.study.projects import Mandate, Project
from riskmc.study.risks import Risk
from riskmc.study.study import Study
from riskmc.study.tables import Head
from riskmc.study.types import Table

T = TypeVar("T", bound=Table)
Raw = Mapping[str, Any]

#: How rare a value may be that makes no sense.
_RARE = 1e-6
#: Keys that are read into others: what a study keeps is what they came to.
INPUT_KEYS = {
    "bands": "What words of a register or of savings stand for",
    "register": "A risk register: a .csv or .xlsx file, or a table with file, sheet and columns",
    "savings": "Savings by scheme: a .csv or .xlsx file, or a table with file and sheet",
    "permitted_deficits": "Deficits that may stay outside the general fund until a date",
    "plan": "A medium-term plan: a .csv or .xlsx file, or a table with file, sheet and rows",
}
#: Keys of the file that are tables, or name files.
_SECTIONS = (Study.model_fields.keys() | INPUT_KEYS.keys()) - Head.model_fields.keys()


def top_keys() -> dict[str, str]:
    """Return the keys of the file in the order of the model, each with its meaning."""
    return Study.keys() | INPUT_KEYS


@dataclass
class Draft:
    """What could be read of a study so far; None stands for what was refused."""

    raw: Raw
    problems: Problems
    places: Places
    head: Head | None = None
    organisations: list[Organisation | None] = field(default_factory=list)
    contracts: list[Contract | None] = field(default_factory=list)
    planning: Planning | None = None
    dynamics: Dynamics | None = None
    drivers: dict[str, Any] = field(default_factory=dict)
    correlation: dict[str, float] = field(default_factory=dict)
    risks: list[Risk | None] = field(default_factory=list)
    risk_correlations: list[Any] = field(default_factory=list)
    schemes: list[Any] = field(default_factory=list)
    plans: list[Any] = field(default_factory=list)
    projects: list[Project | None] = field(default_factory=list)
    mandates: list[Mandate | None] = field(default_factory=list)
    regimes: dict[str, Any] = field(default_factory=dict)
    behaviour: dict[str, Behaviour | None] = field(default_factory=dict)
    precision: Precision | None = None
    scenarios: list[Scenario | None] = field(default_factory=list)
    paper: Paper | None = None
    report: ReportSettings | None = None

    @property
    def bodies(self) -> list[tuple[str, str]]:
        """Id and kind of every organisation that has them, even if it is otherwise wrong."""
        found = []
        for row in rows(self.raw.get("organisations")):
            name, kind = row.get("id"), row.get("kind")
            if isinstance(name, str):
                found.append((name, kind if isinstance(kind, str) else ""))
        return found

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Body, kind and name in drivers of every cost line."""
        found = []
        for row in rows(self.raw.get("organisations")):
            body, kind = row.get("id"), row.get("kind")
            for line in rows(row.get("lines")):
                if isinstance(body, str) and isinstance(line.get("name"), str):
                    found.append((body, str(kind), line_id(body, line["name"])))
        return found

    @property
    def ids(self) -> list[str]:
        """Ids of the organisations."""
        return [name for name, _ in self.bodies]


def rows(value: Any) -> list[Raw]:
    """Return the tables of a list; nothing where it is no list."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def table(
    problems: Problems,
    model: type[T],
    raw: Any,
    path: Path,
    *,
    known: Callable[[], Mapping[str, str]] | None = None,
) -> T | None:
    """Return a table as its model, or None after recording what is wrong with it.

    `known` gives the keys with their meaning where they are not those of the model.
    """
    if not isinstance(raw, Mapping):
        problems.add(path, "is not a table", value=raw, allowed="a table of keys and values")
        return None
    try:
        return model.model_validate(dict(raw))
    except ValidationError as error:
        problems.pydantic(error, raw, path, known=(known or model.keys)())
        return None


def tables(draft: Draft, model: type[T], key: str) -> list[T | None]:
    """Return the rows of an array of tables as models."""
    return [
        table(draft.problems, model, row, (key, place))
        for place, row in enumerate(array(draft, key))
    ]


def array(draft: Draft, key: str) -> list[Any]:
    """Return the rows of an array of tables, recording a fault where it is none."""
    raw = draft.raw.get(key, [])
    if isinstance(raw, list):
        return raw
    draft.problems.add(
        (key,), "is not a list of tables", value=raw, allowed=f"tables headed [[{key}]]"
    )
    return []


def section(draft: Draft, key: str) -> Raw:
    """Return a table of the file, recording a fault where it is none."""
    raw = draft.raw.get(key, {})
    if isinstance(raw, Mapping):
        return raw
    draft.problems.add((key,), "is not a table", value=raw, allowed=f"a table headed [{key}]")
    return {}


def distribution(
    draft: Draft,
    raw: Any,
    place: Callable[[Path], Path],
    *,
    most: float,
    only_keys: bool = False,
    more_keys: Callable[[], Mapping[str, str]] = dict,
) -> Distribution | None:
    """Return a distribution, or None after recording what is wrong.

    `most` is the largest size, except once in a million draws, that makes any sense.
    `place` moves a path inside the table to where the user wrote it; with `only_keys` only
    faults of single keys count, for a table that others complete.
    """
    problems = draft.problems
    known = families()
    if not isinstance(raw, Mapping):
        problems.add(place(()), "is not a table", value=raw, allowed="a table of a distribution")
        return None
    family = raw.get("distribution")
    if "distribution" not in raw:
        problems.add(place(("distribution",)), "is missing", allowed=listed(known))
        return None
    if not isinstance(family, str) or family not in known:
        problems.add(
            place(("distribution",)),
            "is not a known distribution",
            value=family,
            allowed=listed(known),
            near=nearest(family, known),
        )
        return None

    def keys_at(inside: Path) -> Mapping[str, str]:
        if not inside:
            return {**distribution_keys(family), **more_keys()}
        part = raw.get("parts")
        if inside[0] == "parts" and isinstance(part, list) and isinstance(inside[-1], int):
            return {"weight": "probability of this part"} | distribution_keys(
                part[inside[-1]].get("distribution")
            )
        return {}

    try:
        found: Distribution = read_distribution(raw, context=draft.places.reading)
    except ValidationError as error:
        problems.pydantic(error, raw, (), known=keys_at, place=place, only_keys=only_keys)
        return None
    with np.errstate(all="ignore"):
        ends = [float(found.tail(np.array([_RARE]), upper=upper)[0]) for upper in (False, True)]
    largest = max(ends, key=abs)
    if not abs(largest) <= most and not only_keys:
        allowed = f"values within ±{most:,.0f}, except once in a million draws"
        problems.add(place(()), f"can be {largest:.2g}", allowed=allowed)
        return None
    return found


def head(draft: Draft) -> None:
    """Read the single values at the top, and refuse keys that no study has."""
    raw = {key: value for key, value in draft.raw.items() if key not in _SECTIONS}
    draft.head = table(draft.problems, Head, raw, (), known=top_keys)
    for key, header in (("organisations", "[[organisations]]"), ("regimes", "[regimes.name]")):
        if not draft.raw.get(key):
            draft.problems.add((key,), "is missing", allowed=f"at least one table {header}")


def simple_sections(draft: Draft) -> None:
    """Read the sections whose tables stand for themselves."""
    problems = draft.problems
    draft.organisations = tables(draft, Organisation, "organisations")
    draft.contracts = tables(draft, Contract, "contracts")
    draft.dynamics = table(problems, Dynamics, section(draft, "dynamics"), ("dynamics",))
    draft.behaviour = {
        name: table(problems, Behaviour, raw, ("behaviour", name))
        for name, raw in section(draft, "behaviour").items()
    }
    draft.scenarios = tables(draft, Scenario, "scenarios")
    if "precision" in draft.raw:
        draft.precision = table(problems, Precision, draft.raw["precision"], ("precision",))
    if "paper" in draft.raw:
        draft.paper = table(problems, Paper, draft.raw["paper"], ("paper",))
    if "report" in draft.raw:
        draft.report = table(problems, ReportSettings, draft.raw["report"], ("report",))
    if draft.paper is not None:
        known = list(section(draft, "regimes"))
        for name in draft.paper.short:
            if name not in known:
                problems.add(
                    ("paper", "short", name),
                    "is not a regime of the study",
                    allowed=listed(known),
                    near=nearest(name, known),
                )


def planning(draft: Draft) -> None:
    """Read `[planning]` and its scopes."""
    raw = section(draft, "planning")
    draft.planning = scoped(draft.problems, Planning, PlanningScope, raw, ("planning",))


def scoped(
    problems: Problems, model: type[T], scope: type[Table], raw: Any, path: Path
) -> T | None:
    """Return a table with its scopes below `by`, or None after recording what is wrong."""
    if not isinstance(raw, Mapping):
        return table(problems, model, raw, path)
    everyone = {key: value for key, value in raw.items() if key != "by"}
    base = table(problems, model, everyone, path)
    by = {
        name: table(problems, scope, given, (*path, "by", name))
        for name, given in scopes(problems, raw, path).items()
    }
    if base is None or None in by.values() or problems.under((*path, "by")):
        return None
    return base.model_copy(update={"by": by})


def scopes(problems: Problems, raw: Raw, path: Path) -> dict[str, Raw]:
    """Return the tables below `by`, recording a fault where it holds anything else."""
    by = raw.get("by", {})
    if not isinstance(by, Mapping):
        problems.add((*path, "by"), "is not a table", value=by, allowed="tables by kind or id")
        return {}
    found = {}
    for name, scope in by.items():
        if isinstance(scope, Mapping):
            found[name] = scope
        else:
            problems.add(
                (*path, "by", name), "is not a table", value=scope, allowed="a table of keys"
            )
    return found
