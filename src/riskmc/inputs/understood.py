"""What a file is understood to say, as TOML: the tables that it becomes in a study."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from riskmc.inputs.faults import CellFault, TableError
from riskmc.inputs.headings import PLAN, REGISTER, SAVINGS, find_layout
from riskmc.inputs.plan import Plan, read_plan
from riskmc.inputs.register import Rows, read_register
from riskmc.inputs.savings import read_savings
from riskmc.inputs.sheets import Sheet, read_sheet

What = Literal["register", "savings", "plan"]
TABLES = {"register": "risks", "savings": "schemes"}
#: Stands for the body where the file names none and no study is at hand.
NOBODY = "body"


def what_is(sheet: Sheet) -> What:
    """Say what a table is, by its headings; TableError where it is none of the three."""
    layout = find_layout(sheet.rows, REGISTER, needs=("name",), given={})
    if layout is not None and {c.key for c in layout.columns} & {"probability", "rate"}:
        return "register"
    layout = find_layout(sheet.rows, SAVINGS, needs=("name", "amount"), given={}, years=True)
    keys = set() if layout is None else {c.key for c in layout.columns}
    if "name" in keys and keys & {"delivery", "recurrent"}:
        return "savings"
    if find_layout(sheet.rows, PLAN, needs=("none",), given={}, years=True) is not None:
        return "plan"
    message = "has the headings of neither a register, nor savings, nor a plan"
    others = f"; or --sheet {' or '.join(sheet.others)}" if sheet.others else ""
    raise TableError([CellFault(0, -1, "", "", message, f"name the kind with --as{others}")])


def understood(
    path: Path,
    *,
    what: What | None = None,
    sheet: str | None = None,
    organisation: str | None = None,
    unit: str | None = None,
    rows: str | None = None,
) -> tuple[str, tuple[CellFault, ...]]:
    """Return what a register, savings or a plan is understood to say, as TOML, and every fault.

    Rows with a fault are left out. Raises TableError where the file is no such table at all.
    """
    read = read_sheet(path, sheet)
    kind = what or what_is(read)
    if kind == "plan":
        return _plan_text(_plan(read, unit, rows), organisation or NOBODY, read.file), ()
    reader: Callable[..., Rows] = read_register if kind == "register" else read_savings
    found = reader(read, organisation=organisation or NOBODY, unit=unit)
    count = len(found.tables)
    rows_found = f"{count} {'row' if count == 1 else 'rows'} of [[{TABLES[kind]}]]"
    lines = _head(read.file, found.remarks, rows_found)
    for table, (number, _) in zip(found.tables, found.places, strict=True):
        lines += ["", f"# row {number}", f"[[{TABLES[kind]}]]", *_keys(table)]
    return "\n".join(lines) + "\n", tuple(found.faults)


def _head(file: str, remarks: list[str], what: str) -> list[str]:
    return [f"# {file}: {what}", *(f"# {remark}" for remark in remarks)]


def _plan(sheet: Sheet, unit: str | None, rows: str | None) -> Plan:
    layout = find_layout(sheet.rows, PLAN, needs=("none",), given={}, years=True)
    labels = sorted(
        c.key.removeprefix("year:") for c in (layout.columns if layout else ()) if ":" in c.key
    )
    if len(labels) < 2:
        message = "needs at least two columns headed by years"
        raise TableError([CellFault(0, -1, "", "", message, "2025/26, 2026/27 …")])
    found = read_plan(sheet, start_year=labels[1], years=len(labels) - 1, rows=rows, unit=unit)
    if found.faults:
        raise TableError(found.faults)
    return found


def _plan_text(plan: Plan, body: str, file: str) -> str:
    lines = _head(file, list(plan.remarks), "a plan; the first year is the base")
    for line in plan.lines:
        lines.append(f"# row {line.row}: {line.name}: {line.kind}, read as {line.reads}")
    lines += ["", "[[organisations]]", f"id = {_value(body)}", *_keys(plan.openings)]
    lines += ["", f"[planning.by.{_key(body)}]", *_keys(plan.growths)]
    costs = ", ".join(f"{cost:,.1f}" for cost in plan.cost)
    lines += [
        "",
        f"# planned cost by year before savings, in £m: {costs}",
        "# what it is beyond the opening cost grown as planners expect becomes a dated mandate",
    ]
    return "\n".join(lines) + "\n"


def _keys(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items()]


def _key(key: str) -> str:
    plain = key.replace("_", "").replace("-", "")
    return key if plain.isascii() and plain.isalnum() else _value(key)


def _value(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    return f"{value:g}" if isinstance(value, float) and len(f"{value:g}") < 8 else repr(value)
