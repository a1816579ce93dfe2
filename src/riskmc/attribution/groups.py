"""Groups of rules, and regimes that take some groups from one set of rules and some from another.

A mixture with one pooled budget but without the pool's own list of instruments uses the list of
the body with the largest cost; one without the pool gives every body the list of the pool.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskmc.study import Study
from riskmc.study.regimes import members_of

Tables = Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    """Rules that are changed together.

    Parameters
    ----------
    name : str
        As it is typed.
    label : str
        As it is printed.
    section : str
        The table of a regime that holds them; "rulebooks" for what every holder has.
    keys : tuple of str
        Keys of that table; none: the whole of it.
    """

    name: str
    label: str
    section: str
    keys: tuple[str, ...] = ()


#: In the order of the ladder: money first, then who holds it, then what is done with it.
GROUPS: tuple[Group, ...] = (
    Group("planning", "planned growth", "planning"),
    Group("settlement", "length of the settlement", "settlement", ("period", "by")),
    Group("cuts", "in-year cuts", "settlement", ("in_year_cuts", "cut_recurrent_share")),
    Group("burdens", "funding of new burdens", "settlement", ("new_burdens_funded",)),
    Group("fund", "transformation fund", "settlement", ("transformation_fund",)),
    Group("openness", "equalisation and open books", "settlement", ("equalisation", "open_book")),
    Group("funding", "local share of funding", "funding"),
    Group("payment", "how providers are paid", "payment"),
    Group("conditional", "conditional money", "conditional"),
    Group("projects", "which projects are taken", "projects"),
    Group("centre", "the centre's list", "centre"),
    Group("pools", "one pooled budget", "pools"),
    Group(
        "plan",
        "how a plan is closed",
        "rulebooks",
        ("plan", "contingency", "restore_reserves"),
    ),
    Group("shortfall", "who meets a shortfall", "rulebooks", ("shortfall", "interest")),
    Group("surplus", "who keeps a surplus", "rulebooks", ("surplus",)),
)


def differing(start: Tables, end: Tables, study: Study) -> tuple[Group, ...]:
    """Return the groups in which two regimes' tables differ, in the order of the ladder.

    Parameters
    ----------
    start, end : mapping of str
        Tables of two regimes, as `Regime.table` gives them.
    study : Study
        The study they are of.

    Returns
    -------
    tuple of Group
        Empty where the two are the same.

    References
    ----------
    - docs/second-run.md, "Which rule does the work".
    """
    return tuple(group for group in GROUPS if _differs(group, start, end, study))


def _differs(group: Group, start: Tables, end: Tables, study: Study) -> bool:
    if group.section == "rulebooks":
        ours, theirs = (books_by_body(tables, study) for tables in (start, end))
        return any(
            ours[body].get(key) != theirs[body].get(key) for body in ours for key in group.keys
        )
    one, other = start.get(group.section) or {}, end.get(group.section) or {}
    if not group.keys:
        return bool(one != other)
    return any(one.get(key) != other.get(key) for key in group.keys)


def books_by_body(tables: Tables, study: Study) -> dict[str, Tables]:
    """Return, by body, the rulebook that it follows: its pool's, its own, or its kind's."""
    books, found = tables["rulebooks"], {}
    pooled = pool_of(tables, study)
    for body in study.organisations:
        pool = pooled.get(body.id)
        name = pool["rulebook"] if pool else body.id if body.id in books else body.kind
        found[body.id] = books.get(name, {})
    return found


def pool_of(tables: Tables, study: Study) -> dict[str, Tables]:
    """Return, by body, the pool that it belongs to."""
    found: dict[str, Tables] = {}
    for pool in tables.get("pools", ()):
        members = members_of(pool["members"], [(b.id, b.kind) for b in study.organisations])
        found.update(dict.fromkeys(members, pool))
    return found


def mixture(start: Tables, end: Tables, taken: Sequence[Group], study: Study) -> dict[str, Any]:
    """Return the tables of a regime with some groups from `end` and the rest from `start`."""
    mixed: dict[str, Any] = {key: x for key, x in start.items() if key != "rulebooks"}
    for group in taken:
        if group.section == "rulebooks":
            continue
        theirs = end.get(group.section)
        if not group.keys:
            mixed.pop(group.section, None)
            if theirs:
                mixed[group.section] = theirs
            continue
        table = {k: x for k, x in (mixed.get(group.section) or {}).items() if k not in group.keys}
        table |= {k: theirs[k] for k in group.keys if theirs and k in theirs}
        mixed[group.section] = table
    mixed["label"] = "a mixture"
    return _with_rulebooks(mixed, start, end, taken, study)


def _with_rulebooks(
    mixed: dict[str, Any], start: Tables, end: Tables, taken: Sequence[Group], study: Study
) -> dict[str, Any]:
    """Give every body or pool a rulebook, list by list from the one side or the other.

    Bodies of a kind with the same rules share the kind's, as in a study: the engine works on all
    that follow one rulebook at once.
    """
    ours, theirs = books_by_body(start, study), books_by_body(end, study)
    from_end = {key for group in taken if group.section == "rulebooks" for key in group.keys}

    def book(body: str) -> dict[str, Any]:
        keys = {*ours[body], *theirs[body]}
        sides = {key: theirs[body] if key in from_end else ours[body] for key in keys}
        return {key: side[key] for key, side in sides.items() if key in side}

    pooled = pool_of(mixed, study)
    largest: dict[str, tuple[float, str]] = {}
    books: dict[str, Any] = {}
    for body in study.organisations:
        if body.id not in pooled:
            own = book(body.id)
            if books.setdefault(body.kind, own) != own:
                books[body.id] = own
            continue
        name = pooled[body.id]["name"]
        if name not in largest or body.cost > largest[name][0]:
            largest[name] = (body.cost, body.id)
    pools = []
    for pool in mixed.get("pools", ()):
        pools.append({**pool, "rulebook": f"pool {pool['name']}"})
        books[f"pool {pool['name']}"] = book(largest[pool["name"]][1])
    return {**mixed, "pools": pools, "rulebooks": books}
