"""From the raw `[[projects]]` and `[[mandates]]` to their models, and what they must know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskmc.distributions import Distribution, families
from riskmc.study.build import Draft, array, distribution, table, tables
from riskmc.study.checks import known_id, rows_of, year_labels
from riskmc.study.positions import Path
from riskmc.study.problems import listed, nearest
from riskmc.study.projects import Mandate, Project

#: The most that a benefit can sensibly be alongside what was expected.
MOST_DELIVERED = 100.0


def projects(draft: Draft) -> None:
    """Read projects and dated mandates, and check whom and when they name."""
    draft.projects = [
        _project(draft, raw, ("projects", n)) for n, raw in enumerate(array(draft, "projects"))
    ]
    draft.mandates = tables(draft, Mandate, "mandates")
    for key in ("projects", "mandates"):
        seen: set[str] = set()
        for place, row in enumerate(rows_of(draft, key)):
            _dated(draft, row, (key, place))
            name = row.get("name")
            if isinstance(name, str) and name in seen:
                draft.problems.add(
                    (key, place, "name"), "is used twice", value=name, allowed="each name once"
                )
            seen.add(str(name))


def _project(draft: Draft, raw: Any, path: Path) -> Project | None:
    """Return one project, or None after recording what is wrong with it."""
    if not isinstance(raw, Mapping) or "delivery" not in raw:
        return table(draft.problems, Project, raw, path)
    delivery: Distribution | None = distribution(
        draft, raw["delivery"], lambda inside: (*path, "delivery", *inside), most=MOST_DELIVERED
    )
    stand_in = delivery or families()["constant"](value=1.0)  # type: ignore[call-arg]
    found = table(draft.problems, Project, {**raw, "delivery": stand_in}, path)
    return None if delivery is None else found


def _dated(draft: Draft, row: Mapping[str, Any], path: Path) -> None:
    """Check the organisations and the year that a project or mandate names."""
    known_id(draft, (*path, "organisation"), row.get("organisation"), draft.ids)
    to = row.get("to")
    for body in to if isinstance(to, Mapping) else ():
        if body not in draft.ids:
            draft.problems.add(
                (*path, "to", body),
                "is not an organisation of this study",
                allowed=listed(draft.ids),
                near=nearest(body, draft.ids),
            )
    years = year_labels(draft)
    start = row.get("start")
    if isinstance(start, str) and years and start not in years:
        draft.problems.add(
            (*path, "start"),
            "is not a year of this study",
            value=start,
            allowed=f"{years[0]} to {years[-1]}",
            near=nearest(start, years),
        )
