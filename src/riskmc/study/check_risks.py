"""What the rows of a risk register must know: bodies, years, and one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskmc.distributions import Distribution
from riskmc.study.build import Draft
from riskmc.study.checks import known_id, rows_of, year_labels
from riskmc.study.positions import Path
from riskmc.study.risks import Risk

#: What rows of one event must have in common.
_OF_AN_EVENT = ("probability", "rate", "years", "once", "cause", "shared", "group")


def check_risks(draft: Draft) -> None:
    """Record every fault between the rows of the risk register."""
    years = year_labels(draft)
    seen: set[tuple[object, object]] = set()
    for place, row in enumerate(rows_of(draft, "risks")):
        path: Path = ("risks", place)
        for where, body in _bodies(row, path):
            _once_each(draft, row.get("name"), body, where, path, seen)
        _years(draft, row, path, years)
    for place, risk in _built(draft):
        _goes_together(draft, risk, ("risks", place))
    _events(draft)
    if years:
        _groups(draft, years)


def _built(draft: Draft) -> list[tuple[int, Risk]]:
    """Return the risks that could be read, each with the place of its row in the file."""
    places = []
    for place, row in enumerate(draft.raw.get("risks", []) if draft.risks else []):
        by_body = row.get("impacts") if isinstance(row, Mapping) else None
        rows = len(by_body) if isinstance(by_body, Mapping) and by_body else 1
        places += [place] * rows
    return [(p, risk) for p, risk in zip(places, draft.risks, strict=True) if risk is not None]


def _bodies(row: Mapping[str, Any], path: Path) -> list[tuple[Path, object]]:
    by_body = row.get("impacts")
    if isinstance(by_body, Mapping):
        return [((*path, "impacts", str(body)), body) for body in by_body]
    return [((*path, "organisation"), row.get("organisation"))]


def _once_each(
    draft: Draft,
    name: object,
    body: object,
    where: Path,
    path: Path,
    seen: set[tuple[object, object]],
) -> None:
    if not known_id(draft, where, body, draft.ids) or not isinstance(name, str):
        return
    if (name, body) in seen:
        draft.problems.add(
            (*path, "name"),
            f"is listed twice for {body}",
            value=name,
            allowed="a name of its own for each risk of a body",
        )
    seen.add((name, body))


def _years(draft: Draft, row: Mapping[str, Any], path: Path, years: tuple[str, ...]) -> None:
    given = row.get("years")
    listed_years = given if isinstance(given, list | tuple) and years else ()
    for item, label in enumerate(listed_years):
        where = (*path, "years", item)
        if isinstance(label, str) and label not in years:
            draft.problems.add(
                where,
                "is not a year of this study",
                value=label,
                allowed=f"{years[0]} to {years[-1]}",
            )
        elif isinstance(label, str) and label in listed_years[:item]:
            draft.problems.add(where, "is listed twice", value=label, allowed="each year once")


def _goes_together(draft: Draft, risk: Risk, path: Path) -> None:
    """Refuse keys that cannot hold at once."""

    def refuse(key: str, message: str, allowed: str) -> None:
        draft.problems.add((*path, key), message, value=getattr(risk, key), allowed=allowed)

    if risk.once and risk.rate is not None:
        refuse("once", "cannot be combined with a rate", "a probability a year")
    if (risk.cause is None) != (risk.shared is None):
        key = "cause" if risk.cause is None else "shared"
        draft.problems.add(
            (*path, key), "is missing", allowed="a common cause, and the part that is shared"
        )
    if risk.group is None:
        return
    uncertain = isinstance(risk.probability, Distribution)
    if risk.rate is not None or risk.event is not None or risk.cause is not None or uncertain:
        refuse(
            "group",
            "cannot be combined with a rate, an event of several bodies, a cause or an "
            "uncertain chance",
            "a probability a year for each risk of a group",
        )
    given = risk.mitigation
    if given is not None and (given.rate or isinstance(given.probability, Distribution)):
        refuse("group", "cannot be combined with such a mitigation", "a probability a year")


def _events(draft: Draft) -> None:
    """Refuse rows of one event that do not happen alike."""
    first: dict[str, Risk] = {}
    for place, risk in _built(draft):
        if risk.event is None:
            continue
        lead = first.setdefault(risk.event, risk)
        for key in _OF_AN_EVENT:
            if getattr(risk.simulated, key) != getattr(lead.simulated, key):
                draft.problems.add(
                    ("risks", place, key),
                    f"differs from that of {lead.organisation}, though both are of one event",
                    value=getattr(risk, key),
                    allowed="the same for every row of an event; only impacts differ",
                )


def _groups(draft: Draft, years: tuple[str, ...]) -> None:
    """Refuse groups whose chances add up to more than 1 in a year."""
    groups: dict[str, list[tuple[int, Risk]]] = {}
    for place, risk in _built(draft):
        if risk.group is not None:
            groups.setdefault(risk.group, []).append((place, risk))
    for name, members in groups.items():
        sums = [sum(x) for x in zip(*(r.simulated.chances(years) for _, r in members), strict=True)]
        worst = max(sums)
        if worst > 1.0 + 1e-12:
            draft.problems.add(
                ("risks", members[-1][0], "group"),
                f"has chances that add up to {worst:g} in {years[sums.index(worst)]}",
                value=name,
                allowed="at most 1 in any year, since the risks exclude each other",
            )
