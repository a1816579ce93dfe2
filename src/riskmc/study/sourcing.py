"""Where a study's figures come from, and what it notes of them, table by table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from riskmc.study.load import study_mapping
from riskmc.study.study import Study
from riskmc.study.types import NOTE_KEYS

#: Sections whose tables may say so, with what each is called.
SECTIONS = {
    "organisations": "Organisation",
    "contracts": "Contract",
    "planning": "Planning",
    "drivers": "Driver",
    "risks": "Risk",
    "projects": "Project",
    "mandates": "Mandate",
    "scenarios": "Scenario",
}


class Annotation(NamedTuple):
    """The table that says it, its source, and its note; "" where it has none."""

    table: str
    source: str
    note: str


def sources_and_notes(study: Study) -> tuple[Annotation, ...]:
    """Return every source and note of a study's tables, in the order of the file."""
    tables = study_mapping(study)
    found: list[Annotation] = []
    for key, label in SECTIONS.items():
        found += _within(tables.get(key, {}), label)
    for name, regime in tables["regimes"].items():
        found += _within(regime.get("planning", {}), f"Planning under {name}")
    return tuple(found)


def without_notes(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table, and the scopes inside it, without what moves no number."""
    return {
        key: {name: without_notes(scope) for name, scope in value.items()}
        if key == "by" and isinstance(value, Mapping)
        else value
        for key, value in table.items()
        if key not in NOTE_KEYS
    }


def _within(table: Any, label: str) -> Iterator[Annotation]:
    """Yield what a table, and those inside it, say."""
    if isinstance(table, Mapping):
        source, note = (table.get(key) for key in NOTE_KEYS)
        if isinstance(source, str) or isinstance(note, str):
            yield Annotation(label, str(source or ""), str(note or ""))
        for key, inner in table.items():
            if isinstance(inner, Mapping | list):
                yield from _within(inner, label if key == "by" else f"{label}, {key}")
    elif isinstance(table, list):
        for place, row in enumerate(table, start=1):
            if isinstance(row, Mapping):
                yield from _within(row, f"{label}: {_name(row, place)}")


def _name(row: Mapping[str, Any], place: int) -> str:
    if "payer" in row and "name" not in row:
        return f"{row['payer']} to {row['payee']}"
    return str(row.get("name") or row.get("id") or place)
