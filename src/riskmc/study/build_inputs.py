"""Files that are given alongside a study: a risk register, savings by scheme, a plan.

What they say joins the study's own tables before these are read, and every row remembers its
file, row and columns, so that a fault found later is reported where it was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from riskmc.distributions.data_files import data_file
from riskmc.inputs import CellFault, Sheet, TableError, read_sheet
from riskmc.inputs.plan import Plan, read_plan
from riskmc.inputs.register import Rows, Words, read_register
from riskmc.inputs.savings import read_savings
from riskmc.study.build import Draft, Raw
from riskmc.study.places import Origin
from riskmc.study.positions import Path
from riskmc.study.problems import listed
from riskmc.study.shorthand import band

SETTINGS = {
    "file": "file in the study's folder, .csv or .xlsx",
    "sheet": "name of the sheet of a workbook",
    "organisation": "id of the body that rows without one belong to",
    "unit": "unit of amounts whose heading names none: £m, £000 or £",
    "columns": 'headings by key, where they are unusual: { name = "Risk title" }',
}
_ROWS = {"rows": "how a plan's rows read: levels, changes, or each (as each row reads)"}
_UNITS = ("£m", "£000", "£")


def inputs(draft: Draft) -> None:
    """Read the files that a study names, and join their rows to its tables."""
    for key, table, read in (
        ("register", "risks", read_register),
        ("savings", "schemes", read_savings),
    ):
        for settings, sheet, path in _sheets(draft, key):
            _join(draft, table, settings, sheet, path, read)
    draft.plans = [
        found
        for settings, sheet, path in _sheets(draft, "plan")
        if (found := _plan(draft, settings, sheet, path)) is not None
    ]


def _sheets(draft: Draft, key: str) -> list[tuple[dict[str, Any], Sheet, Path]]:
    """Return the settings and cells of every file that a key names."""
    if key not in draft.raw:
        return []
    given = draft.raw[key]
    many = isinstance(given, list)
    found = []
    for place, one in enumerate(given if many else [given]):
        path: Path = (key, place) if many else (key,)
        settings = _settings(draft, one, path, _ROWS if key == "plan" else {})
        if settings is None:
            continue
        try:
            file = data_file(settings["file"], draft.places.reading)
            found.append((settings, read_sheet(file, settings.get("sheet")), path))
        except TableError as error:
            _faults(draft, settings["file"], error.faults, path)
        except ValueError as error:
            draft.problems.add(path, str(error), value=settings["file"])
    return found


def _settings(draft: Draft, given: Any, path: Path, more: dict[str, str]) -> dict[str, Any] | None:
    problems = draft.problems
    if isinstance(given, str):
        given = {"file": given}
    if not isinstance(given, Mapping) or not isinstance(given.get("file"), str):
        problems.add(path, "names no file", value=given, allowed='"risks.csv", or { file = … }')
        return None
    known = SETTINGS | more
    good = True
    for key, value in given.items():
        is_table = key == "columns"
        if key not in known:
            problems.add((*path, key), "is not a known key", value=value, allowed=listed(known))
        elif not isinstance(value, Mapping if is_table else str):
            problems.add((*path, key), f"is no {'table' if is_table else 'text'}", value=value)
        elif key == "unit" and value not in _UNITS:
            problems.add((*path, key), "is not a unit", value=value, allowed=listed(_UNITS))
        elif key == "organisation" and value not in draft.ids:
            problems.add(
                (*path, key), "is not an organisation", value=value, allowed=listed(draft.ids)
            )
        elif key == "rows" and value not in ("levels", "changes", "each"):
            allowed = "levels, changes or each"
            problems.add((*path, key), "is not a way to read rows", value=value, allowed=allowed)
        else:
            continue
        good = False
    return dict(given) if good else None


def _names(draft: Draft) -> dict[str, str]:
    """Return the ids of bodies by id and by name."""
    rows = draft.raw.get("organisations")
    bodies = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    found = {str(row.get("name", "")): str(row.get("id")) for row in bodies}
    return {**found, **{body: body for body in draft.ids}}


def _words(draft: Draft) -> Words:
    """Return a function that says what words a kind of band allows; nothing for one it has."""
    tables = draft.raw.get("bands")

    def refused(kind: str, text: str) -> str:
        words = tables.get(kind) if isinstance(tables, Mapping) else None
        if not isinstance(words, Mapping) or not words:
            return f"a figure, or a word that [bands.{kind}] of the study explains"
        return "" if band(text, words) is not None else f"a figure, or {listed(words)}"

    return refused


def _only_body(draft: Draft, settings: Raw) -> str | None:
    """Return the body of rows that name none: as set, or the study's only one."""
    given = settings.get("organisation")
    return given or (draft.ids[0] if len(draft.ids) == 1 else None)


def _join(
    draft: Draft,
    table: str,
    settings: Raw,
    sheet: Sheet,
    path: Path,
    read: Callable[..., Rows],
) -> None:
    """Join the rows of a file to the rows of a table of the study."""
    found = read(
        sheet,
        organisation=_only_body(draft, settings),
        unit=settings.get("unit"),
        columns=settings.get("columns"),
        bodies=_names(draft),
        words=_words(draft),
    )
    _faults(draft, settings["file"], found.faults, path)
    draft.places.remarks += [f"{settings['file']}: {remark}" for remark in found.remarks]
    own = draft.raw.get(table, [])
    if not isinstance(own, list):
        return
    rows = [*own, *found.tables]
    for place, (number, columns) in enumerate(found.places, start=len(own)):
        texts = {key: f"column {_letter(c.place)} ({c.heading})" for key, c in columns.items()}
        draft.places.origins[(table, place)] = Origin(settings["file"], number, texts)
    draft.raw = {**draft.raw, table: rows}


def _letter(place: int) -> str:
    from riskmc.inputs.faults import letters

    return letters(place)


def _faults(draft: Draft, file: str, faults: Sequence[CellFault], path: Path) -> None:
    for fault in faults:
        if fault.row == 0:
            draft.problems.add(path, fault.message, value=file, allowed=fault.allowed)
        else:
            draft.problems.cell(
                file,
                fault.row,
                fault.place,
                value=fault.value,
                message=fault.message,
                allowed=fault.allowed,
            )


def _plan(draft: Draft, settings: Raw, sheet: Sheet, path: Path) -> Plan | None:
    """Read a plan; its openings and growths join the study's tables."""
    body = _only_body(draft, settings)
    if body is None or body not in draft.ids:
        draft.problems.add(path, "names no body", allowed='organisation = "id" of the body')
        return None
    start = draft.raw.get("start_year")
    years = draft.raw.get("years")
    if not isinstance(start, str) or not isinstance(years, int):
        return None
    found = read_plan(
        sheet,
        start_year=start,
        years=years,
        rows=settings.get("rows"),
        unit=settings.get("unit"),
        columns=settings.get("columns"),
    )
    _faults(draft, settings["file"], found.faults, path)
    if found.faults:
        return None
    draft.places.remarks += [f"{settings['file']}: {remark}" for remark in found.remarks]
    _open(draft, body, found)
    return found.of(body)


def _open(draft: Draft, body: str, plan: Plan) -> None:
    """Give a body the opening figures and growths of its plan."""
    rows = []
    for place, row in enumerate(draft.raw["organisations"]):
        if isinstance(row, Mapping) and row.get("id") == body:
            for key in plan.openings:
                if key in row:
                    draft.problems.add(
                        ("organisations", place, key),
                        "is given alongside the plan, which gives it too",
                        value=row[key],
                        allowed="one of the two",
                    )
            row = {**row, **plan.openings}
        rows.append(row)
    planning = draft.raw.get("planning", {})
    if not isinstance(planning, Mapping) or not isinstance(planning.get("by", {}), Mapping):
        return
    by = planning.get("by", {})
    own = by.get(body, {})
    for key in plan.growths:
        if isinstance(own, Mapping) and key in own:
            draft.problems.add(
                ("planning", "by", body, key),
                "is given alongside the plan, which gives it too",
                value=own[key],
                allowed="one of the two",
            )
    scope = {**own, **plan.growths} if isinstance(own, Mapping) else own
    draft.raw = {
        **draft.raw,
        "organisations": rows,
        "planning": {**planning, "by": {**by, body: scope}},
    }


def planned_cost(draft: Draft) -> None:
    """Make each plan's cost what planners expect, once it is known what drivers they expect.

    What the plan's cost lines come to beyond the opening cost grown by expected demand and
    inflation is a dated mandate of the body, which no grant pays for.
    """
    mandates = []
    for plan in draft.plans:
        body = plan.organisation
        kind = dict(draft.bodies).get(body, "")
        grown = plan.openings["cost"]
        beyond = []
        for year, cost in enumerate(plan.cost):
            for name in ("demand_growth", "cost_inflation"):
                table = draft.drivers.get(name)
                row = None if table is None else table.resolve(kind=kind, organisation=body)
                grown *= 1.0 + (0.0 if row is None else row.in_year(year).planned)
            beyond.append(float(f"{cost - grown:.9g}"))
        name = f"Cost of the plan beyond expected growth ({body})"
        if any(abs(x) > 1e-9 for x in beyond):
            start = draft.raw.get("start_year")
            row_ = {"name": name, "organisation": body, "start": start, "cost": beyond}
            mandates.append({**row_, "funded": 0.0})
    given = draft.raw.get("mandates", [])
    if mandates and isinstance(given, list):
        draft.raw = {**draft.raw, "mandates": [*given, *mandates]}


def mitigation_costs(draft: Draft) -> None:
    """Make the cost of every mitigation that is taken a dated mandate, known to the plan."""
    given = draft.raw.get("mandates", [])
    start = draft.raw.get("start_year")
    if not isinstance(given, list):
        return
    known = {row.get("name") for row in given if isinstance(row, Mapping)}
    more = []
    for risk in draft.risks:
        taken = None if risk is None else risk.mitigation
        if risk is None or taken is None or not taken.taken or taken.cost in (0.0, (0.0,)):
            continue
        name = risk.mitigation_name
        cost = list(taken.cost) if isinstance(taken.cost, tuple) else taken.cost
        if name not in known:
            row = {"name": name, "organisation": risk.organisation, "start": start, "cost": cost}
            more.append({**row, "funded": 0.0})
    if more:
        draft.raw = {**draft.raw, "mandates": [*given, *more]}
