"""What contract terms, projects and funding must know of the rest of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from riskmc.study.build import Draft, rows
from riskmc.study.checks import rows_of, year_labels
from riskmc.study.contracts import Contract, Payment, TermName
from riskmc.study.extends import resolved
from riskmc.study.positions import Path
from riskmc.study.problems import listed, nearest
from riskmc.study.regimes import Regime, held
from riskmc.variables import KINDS

#: Shares that may not come to more than the whole: the term, whose contracts add up, in words.
_WHOLES: tuple[tuple[TermName, str, str], ...] = (
    ("risk_share", "payee", "of what {} spends above plan would be paid"),
    ("benefit_share", "payer", "of what prevention saves {} would be passed on"),
)
_ROUNDING = 1e-9


def check_devices(draft: Draft) -> None:
    """Record every fault between the tables of devices and the rest of a study."""
    _contract_names(draft)
    _committed(draft)
    _spills(draft)
    for name, bases in draft.places.regimes.items():
        if "extends" in bases[-1].table:
            continue
        path: Path = ("regimes", name)
        regime = resolved(bases)
        _names(draft, _table(regime, "payment").get("by"), _of_contracts(draft), path)
        _taken(draft, _table(regime, "projects").get("take"), (*path, "projects", "take"))
        for_whom(draft, _table(regime, "funding").get("to"), (*path, "funding", "to"))
        _centre(draft, _table(regime, "centre"), (*path, "centre"))
        seen: set[object] = set()
        for place, row in enumerate(rows(regime.get("conditional"))):
            where: Path = (*path, "conditional", place)
            for_whom(draft, row.get("to"), (*where, "to"))
            given = row.get("name")
            if isinstance(given, str) and given in seen:
                draft.problems.add((*where, "name"), "is defined twice", value=given)
            seen |= {given} if isinstance(given, str) else set()
        found = draft.regimes.get(name)
        if isinstance(found, Regime):
            _wholes(draft, found, path)


def _table(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = raw.get(key)
    return value if isinstance(value, Mapping) else {}


def _of_contracts(draft: Draft) -> list[str]:
    named = (row.get("name") for row in rows(draft.raw.get("contracts")))
    return [name for name in named if isinstance(name, str)]


def _contract_names(draft: Draft) -> None:
    seen: set[str] = set()
    for place, row in enumerate(rows_of(draft, "contracts")):
        name = row.get("name")
        if not isinstance(name, str):
            continue
        if name in seen:
            path = ("contracts", place, "name")
            draft.problems.add(path, "is used twice", value=name, allowed="each name once")
        seen.add(name)


def _names(draft: Draft, by: object, known: Iterable[str], path: Path) -> None:
    """Check that terms are set for contracts of this study."""
    names = list(known)
    for name in by if isinstance(by, Mapping) else ():
        if name not in names:
            draft.problems.add(
                (*path, "payment", "by", name),
                "is not the name of a contract",
                allowed=listed(names) or "give the contract a `name` first",
                near=nearest(name, names),
            )


def _spills(draft: Draft) -> None:
    """Check that need spills between two organisations of this study."""
    for place, row in enumerate(rows(_table(draft.raw, "dynamics").get("spills"))):
        path = ("dynamics", "spills", place)
        ends = [row.get(key) for key in ("from", "to")]
        for key, body in zip(("from", "to"), ends, strict=True):
            if isinstance(body, str) and body not in draft.ids and draft.ids:
                draft.problems.add(
                    (*path, key),
                    "is not an organisation of this study",
                    value=body,
                    allowed=listed(draft.ids),
                    near=nearest(body, draft.ids),
                )
        if ends[0] == ends[1]:
            draft.problems.add(
                (*path, "to"),
                "is where the need was left unmet",
                value=ends[1],
                allowed="another organisation; `unmet_return` is for the body itself",
            )


def _taken(draft: Draft, take: object, path: Path) -> None:
    """Check that projects taken by name are projects of this study."""
    given = (row.get("name") for row in rows(draft.raw.get("projects")))
    names = [name for name in given if isinstance(name, str)]
    for place, name in enumerate(take if isinstance(take, list) else ()):
        if isinstance(name, str) and name not in names:
            draft.problems.add(
                (*path, place),
                "is not a project of this study",
                value=name,
                allowed=listed(names),
                near=nearest(name, names),
            )


def for_whom(draft: Draft, to: object, path: Path) -> None:
    """Check that what a device is for are kinds or ids of organisations."""
    known = (*KINDS, *draft.ids)
    for place, name in enumerate(to if isinstance(to, list) else ()):
        if isinstance(name, str) and name not in known and draft.ids:
            draft.problems.add(
                (*path, place),
                "is neither a kind nor the id of an organisation",
                value=name,
                allowed=listed(known),
                near=nearest(name, known),
            )


def _centre(draft: Draft, centre: Mapping[str, Any], path: Path) -> None:
    """Check whom a windfall names, and the year of a write-off."""
    for_whom(draft, _table(centre, "windfall").get("to"), (*path, "windfall", "to"))
    years, year = year_labels(draft), _table(centre, "write_off").get("year")
    if isinstance(year, str) and years and year not in years:
        draft.problems.add(
            (*path, "write_off", "year"),
            "is not a year of this study",
            value=year,
            # It may come of rules that ship, whose file is not the user's to change.
            allowed=f"{years[0]} to {years[-1]}, as {'.'.join(map(str, path))}.write_off.year",
            near=nearest(year, years),
        )


def _committed(draft: Draft) -> None:
    for place, body in enumerate(draft.organisations):
        if body is not None and body.committed > body.cost:
            draft.problems.add(
                ("organisations", place, "committed"),
                f"is more than the whole cost of {body.cost:g}",
                value=body.committed,
                allowed="at most `cost`",
            )


def _wholes(draft: Draft, regime: Regime, path: Path) -> None:
    """Check that no body's overspend, and no body's saving, is shared out more than once."""
    contracts = [contract for contract in draft.contracts if contract is not None]
    years = range(draft.head.years if draft.head else 1)
    for term, side, words in _WHOLES:
        for body in dict.fromkeys(getattr(contract, side) for contract in contracts):
            own = [contract for contract in contracts if getattr(contract, side) == body]
            most = max(sum(_in_year(regime.payment, term, c, year) for c in own) for year in years)
            if most > 1.0 + _ROUNDING:
                draft.problems.add(
                    (*path, "payment", term),
                    f"{100 * most:g} % {words.format(body)}",
                    allowed=f"shares that add up to 1 at most over the contracts of a {side}",
                )


def _in_year(payment: Payment, term: TermName, contract: Contract, year: int) -> float:
    return held(payment.term(term, contract), year) or 0.0
