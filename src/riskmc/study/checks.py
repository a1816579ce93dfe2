"""What one table of a study must know of another: ids, years, holders, rulebooks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from riskmc.study.build import Draft, rows
from riskmc.study.extends import resolved
from riskmc.study.positions import Path
from riskmc.study.problems import listed, nearest
from riskmc.study.regimes import EVERYBODY, members_of
from riskmc.study.tables import YEAR_FORM, labels
from riskmc.study.types import MOST_YEARS, number_fault
from riskmc.variables import KINDS, PLACE


def check(draft: Draft) -> None:
    """Record every fault between the tables of a study."""
    _ids(draft)
    _start_year(draft)
    _contracts(draft)
    _planning(draft)
    _behaviour(draft)
    for name, bases in draft.places.regimes.items():
        if "extends" not in bases[-1].table:
            regime = resolved(bases)
            path: Path = ("regimes", name)
            _holders(draft, regime, path)
            for key in ("settlement", "planning"):
                _scopes(draft, regime.get(key), (*path, key))


def known_id(draft: Draft, path: Path, name: object, ids: Sequence[str]) -> bool:
    """Say whether a name is an organisation's id, recording a fault where it is not."""
    if name in ids or not isinstance(name, str) or not ids:
        return name in ids
    draft.problems.add(
        path,
        "is not an organisation of this study",
        value=name,
        allowed=listed(ids),
        near=nearest(name, ids),
    )
    return False


def _ids(draft: Draft) -> None:
    problems = draft.problems
    seen: set[str] = set()
    raw = draft.raw.get("organisations")
    for place, row in enumerate(raw if isinstance(raw, list) else []):
        name = row.get("id") if isinstance(row, dict) else None
        path = ("organisations", place, "id")
        if not isinstance(name, str):
            continue
        if name in KINDS:
            problems.add(path, "is the name of a kind", value=name, allowed="any other name")
        if name == PLACE:
            problems.add(
                path, "is kept for the place as a whole", value=name, allowed="any other name"
            )
        if name in seen:
            problems.add(path, "is used twice", value=name, allowed="each id once")
        seen.add(name)
    given = [row.get("prevention_benefit") is not None for row in rows(raw)]
    if any(given) and not all(given):
        for place, has in enumerate(given):
            if not has:
                problems.add(
                    ("organisations", place, "prevention_benefit"),
                    "is missing, though others have it",
                    allowed="give it to every organisation or to none",
                )


def year_labels(draft: Draft) -> tuple[str, ...]:
    """Return the labels of the years, where the file says enough."""
    start, years = draft.raw.get("start_year"), draft.raw.get("years")
    if not isinstance(start, str) or not re.fullmatch(YEAR_FORM, start):
        return ()
    if number_fault(years, low=1, high=MOST_YEARS, whole=True):
        return ()
    return labels(start, int(str(years)))


def _start_year(draft: Draft) -> None:
    years = year_labels(draft)
    given = draft.raw.get("start_year")
    if years and given != years[0]:
        draft.problems.add(
            ("start_year",),
            "is not a financial year",
            value=given,
            allowed='two years running, such as "2016/17"',
            near=years[0],
        )
    if years and len(years[-1]) > len(years[0]):
        draft.problems.add(
            ("start_year",), "runs past the year 9999", value=given, allowed="an earlier year"
        )


def _contracts(draft: Draft) -> None:
    ids = draft.ids
    for place, row in enumerate(rows_of(draft, "contracts")):
        path = ("contracts", place)
        payer, payee = row.get("payer"), row.get("payee")
        known = [known_id(draft, (*path, key), row.get(key), ids) for key in ("payer", "payee")]
        if all(known) and payer == payee:
            draft.problems.add(
                (*path, "payee"), "pays itself", value=payee, allowed="another organisation"
            )


def rows_of(draft: Draft, key: str) -> list[dict[str, object]]:
    """Return the rows of an array of tables, empty for what is none."""
    raw = draft.raw.get(key)
    if not isinstance(raw, list):
        return []
    return [row if isinstance(row, dict) else {} for row in raw]


def _planning(draft: Draft) -> None:
    _scopes(draft, draft.raw.get("planning"), ("planning",))


def _scopes(draft: Draft, raw: object, path: Path) -> None:
    """Check that what is below `by` is a kind or the id of an organisation."""
    by = raw.get("by") if isinstance(raw, Mapping) else None
    known = (*KINDS, *draft.ids)
    for name in by if isinstance(by, Mapping) else ():
        if name not in known and draft.ids:
            draft.problems.add(
                (*path, "by", name),
                "is neither a kind nor the id of an organisation",
                allowed=listed(known),
                near=nearest(name, known),
            )


def _behaviour(draft: Draft) -> None:
    raw = draft.raw.get("regimes")
    known = list(raw) if isinstance(raw, dict) else []
    for name in draft.behaviour:
        if name not in known and known:
            draft.problems.add(
                ("behaviour", name),
                "is not a regime of this study",
                allowed=listed(known),
                near=nearest(name, known),
            )


def _holders(draft: Draft, regime: Mapping[str, Any], path: Path) -> None:
    """Check that every organisation has exactly one holder, and every holder a rulebook.

    It reads the regime as it stands in the file, so that a fault elsewhere hides nothing here.
    """
    problems = draft.problems
    given = regime.get("rulebooks")
    books = list(given) if isinstance(given, Mapping) else []
    home: dict[str, str] = {}
    names: set[str] = set()
    pools = regime.get("pools", [])
    for place, pool in enumerate(pools if isinstance(pools, list) else []):
        if not isinstance(pool, Mapping):
            continue
        where = (*path, "pools", place)
        name, book = pool.get("name"), pool.get("rulebook")
        if isinstance(name, str) and name in names:
            problems.add((*where, "name"), "is used twice", value=name, allowed="each name once")
        names.add(str(name))
        if isinstance(book, str) and book not in books:
            problems.add(
                (*where, "rulebook"),
                "is not a rulebook of this regime",
                value=book,
                allowed=listed(books),
                near=nearest(book, books),
            )
        members = pool.get("members")
        if isinstance(members, list):
            _members(draft, str(name), members, (*where, "members"), home)
            _one_period(draft, members, regime.get("settlement"), (*where, "members"))
            _one_place(draft, members, pool.get("across"), (*where, "members"))
    for body, kind in draft.bodies:
        if books and body not in home and kind in KINDS and not {body, kind} & set(books):
            problems.add(
                (*path, "rulebooks"),
                f"there is none for {body} ({kind}), which is in no pool",
                allowed=f"a rulebook named {body} or {kind}",
                near=nearest(kind, books) or nearest(body, books),
            )


def _members(draft: Draft, pool: str, given: list[Any], path: Path, home: dict[str, str]) -> None:
    """Check a pool's members, and note in `home` which pool each is in."""
    problems = draft.problems
    everybody = EVERYBODY in given
    if everybody and len(given) > 1:
        problems.add(path, 'has "*" alongside ids', value=given, allowed='["*"] alone, or ids')
    for place, one in enumerate(given):
        where = path if everybody else (*path, place)
        scope = one == EVERYBODY or one in KINDS
        if not isinstance(one, str) or not (scope or known_id(draft, where, one, draft.ids)):
            continue
        for member in members_of([one], draft.bodies):
            if member in home:
                twice = home[member] == pool
                again = "listed twice in this pool" if twice else f"already in {home[member]}"
                problems.add(where, f"{member} is {again}", allowed="each organisation in one pool")
            home.setdefault(member, pool)


def _one_period(draft: Draft, members: list[Any], settlement: object, path: Path) -> None:
    """Check that a pool's members are settled for the same number of years."""
    given = settlement if isinstance(settlement, Mapping) else {}
    by = given.get("by")
    scopes = by if isinstance(by, Mapping) else {}
    kinds = dict(draft.bodies)
    periods: dict[str, Any] = {}
    for member in members_of(members, draft.bodies):
        tables = (scopes.get(member), scopes.get(kinds[member]), given)
        found = (t["period"] for t in tables if isinstance(t, Mapping) and "period" in t)
        periods[member] = next(found, 1)
    if len(set(map(str, periods.values()))) > 1:
        said = listed((f"{body} {period}" for body, period in periods.items()), last="and")
        draft.problems.add(
            path,
            f"are settled for different numbers of years: {said}",
            allowed="one settlement.period for all members of a pool",
        )


def _one_place(draft: Draft, members: list[Any], across: object, path: Path) -> None:
    """Check that a pool's members are in one place, unless it says that it goes across."""
    if across is True:
        return
    rows_by_id = {str(row.get("id")): row for row in rows(draft.raw.get("organisations"))}
    chosen = members_of(members, draft.bodies)
    places = {m: rows_by_id[m].get("place", PLACE) for m in chosen if m in rows_by_id}
    if len(set(map(str, places.values()))) > 1:
        said = listed((f"{body} in {where}" for body, where in places.items()), last="and")
        draft.problems.add(
            path,
            f"are in several places: {said}",
            allowed="members in one place, or `across = true`",
        )
