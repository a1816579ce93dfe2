"""Draws of the cost lines of bodies, added up to the growth of the whole.

Lines are drawn as bodies of their own are: national and local causes are those that all share,
what is a line's own has a stream of its own name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riskmc.study import Organisation, Study
from riskmc.study.cost_lines import OF_LINES, line_id
from riskmc.study.drivers import DriverScope, DriverTable, merge, split

if TYPE_CHECKING:
    from riskmc.sampling.plan import DrawingPlan, Group


@dataclass(frozen=True)
class Lines:
    """Lines ready for drawing: `rows` gives each body its lines' places, `costs` their costs."""

    plan: DrawingPlan
    rows: dict[int, tuple[int, ...]]
    costs: tuple[float, ...]


def compile_lines(study: Study) -> Lines | None:
    """Return what is drawn of cost lines; None where no body has any."""
    from riskmc.sampling.plan import compile_plan

    bodies: list[Organisation] = []
    rows: dict[int, tuple[int, ...]] = {}
    costs: list[float] = []
    for k, body in enumerate(study.organisations):
        first = len(bodies)
        for line in body.lines:
            bodies.append(_as_body(body, line.name))
            costs.append(line.cost)
        if body.lines:
            rows[k] = tuple(range(first, len(bodies)))
    if not bodies:
        return None
    alone = study.replaced(
        organisations=tuple(bodies),
        contracts=(),
        risks=(),
        schemes=(),
        projects=(),
        mandates=(),
        drivers={name: _table(study, table) for name, table in study.drivers.items()},
    )
    plan = compile_plan(alone)
    groups = tuple(
        _own(group) for group in plan.groups if set(group.component.names) & set(OF_LINES)
    )
    return Lines(replace(plan, groups=groups), rows, tuple(costs))


def _as_body(body: Organisation, line: str) -> Organisation:
    return body.model_copy(update={"id": line_id(body.id, line), "lines": ()})


def _table(study: Study, table: DriverTable) -> DriverTable:
    """Return a driver whose scopes are the lines', each with what holds for it."""
    if table.name not in OF_LINES:
        return table
    by = {}
    for body in study.organisations:
        for line in body.lines:
            name = line_id(body.id, line.name)
            chain = table.chain(kind=body.kind, organisation=body.id, line=name)
            by[name] = DriverScope.model_validate(split(merge(list(chain))))
    return DriverTable(name=table.name, everyone=table.everyone, by=by)


def _own(group: Group) -> Group:
    """Return a group with the cells of the drivers that lines have."""
    names = group.component.names
    bodies = tuple(
        tuple(cell for cell in cells if names[cell.place] in OF_LINES) for cells in group.bodies
    )
    return replace(group, bodies=bodies)
