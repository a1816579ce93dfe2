"""What measures need to know of the study: who holds the budget, and on what terms.

Everything is found by the organisation's id: results may have been selected from or turned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from riskmc.variables import HAPPENED, PLACE

if TYPE_CHECKING:
    from riskmc.measures.reading import Reader
    from riskmc.study import Study


class HolderParameters(NamedTuple):
    """Terms of the budget holder that an organisation belongs to under one regime.

    holder        the holder's name
    members       ids of its organisations
    instruments   names of the instruments of its shortfall list
    loan_share    part of a bailout that becomes debt; 0 without one
    centre_share  part of a bailout that is the centre's; 1 without one
    probability   chance that a bailout is granted, the largest of its years; 0 without one
    reserves      the holder's opening reserves                                 [£m]
    floor         the holder's reserve floor                                    [£m]
    share         the organisation's part of the holder's reserves, by opening cost
    applicable    False where the holder opens at or below its floor: it cannot run out
    """

    holder: str
    members: tuple[str, ...]
    instruments: frozenset[str]
    loan_share: float
    centre_share: float
    probability: float
    reserves: float
    floor: float
    share: float
    applicable: bool


#: Terms by organisation.
Terms = Mapping[str, HolderParameters]


def holder_parameters(study: Study) -> dict[str, dict[str, HolderParameters]]:
    """Return the terms of every organisation's budget holder, by regime and organisation.

    Parameters
    ----------
    study : Study
        As `riskmc.load_study` returns it.

    Returns
    -------
    dict
        Terms by regime and organisation.

    References
    ----------
    - docs/model.md, section 1, "budget holder".
    - docs/model.md, section 4, "Sharing inside a pool".
    """
    return {name: _of_regime(study, name) for name in study.regimes}


def _of_regime(study: Study, regime: str) -> dict[str, HolderParameters]:
    bodies = study.organisations
    found: dict[str, HolderParameters] = {}
    for holder in study.regimes[regime].holders(bodies):
        members = [bodies[k] for k in holder.members]
        settings = {s.instrument: s.parameters for s in holder.rulebook.shortfall}
        bailout = settings.get("bailout")
        reserves = sum(body.reserves for body in members)
        floor = sum(body.reserve_floor for body in members)
        cost = sum(body.cost for body in members)
        for body in members:
            found[body.id] = HolderParameters(
                holder=holder.name,
                members=tuple(member.id for member in members),
                instruments=frozenset(settings),
                loan_share=_number(bailout["loan_share"]) if bailout else 0.0,
                centre_share=_number(bailout["centre_share"]) if bailout else 1.0,
                probability=_largest(bailout["probability"]) if bailout else 0.0,
                reserves=reserves,
                floor=floor,
                share=body.cost / cost if cost > 0.0 else 1.0 / len(members),
                applicable=reserves > floor + HAPPENED * max(1.0, floor),
            )
    return {body.id: found[body.id] for body in bodies}


def _number(value: object) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise TypeError(f"a number was expected, not {value!r}")


def _largest(value: object) -> float:
    if isinstance(value, Sequence):
        return max(_number(one) for one in value)
    return _number(value)


def not_applicable(study: Study) -> dict[str, tuple[str, ...]]:
    """Return, by regime, the organisations whose holder opens at or below its floor.

    Parameters
    ----------
    study : Study
        As `riskmc.load_study` returns it.

    Returns
    -------
    dict of str to tuple of str
        Organisations by regime.

    References
    ----------
    - docs/model.md, section 5, "reserve exhaustion".
    """
    return {
        regime: tuple(body for body, own in terms.items() if not own.applicable)
        for regime, terms in holder_parameters(study).items()
    }


def exhaustion_not_applicable(reader: Reader) -> dict[str, frozenset[str]]:
    """Return, by regime, the bodies whose reserves cannot be said to run out.

    Those whose holder opens at or below its floor, and the place where that is so of all of them.
    """
    study = reader.study()
    found = {}
    for regime, bodies in not_applicable(study).items():
        everyone = len(bodies) == len(study.organisations)
        found[regime] = frozenset((*bodies, PLACE) if everyone else bodies)
    return found


def exhaustion_unknown(reader: Reader) -> dict[str, frozenset[str]]:
    """Return, by regime, the bodies of which P(exhausted so far) is not shown.

    As `exhaustion_not_applicable`; every body where a selection left out years since the opening.
    """
    if not reader.view.from_opening:
        return dict.fromkeys(reader.regimes, frozenset(reader.bodies))
    return exhaustion_not_applicable(reader)


def opening_reserves(study: Study) -> dict[str, dict[str, float]]:
    """Return opening reserves by regime, of the place and every organisation by id [£m].

    A pool's reserves are parted among its members by opening cost, as its results are.
    """
    place = sum(body.reserves for body in study.organisations)
    return {
        regime: {PLACE: place, **{body: own.share * own.reserves for body, own in terms.items()}}
        for regime, terms in holder_parameters(study).items()
    }


def reserve_floors(study: Study) -> dict[str, dict[str, float]]:
    """Return reserve floors by regime, of the place and every organisation by id [£m].

    Parted as `opening_reserves`.
    """
    place = sum(body.reserve_floor for body in study.organisations)
    return {
        regime: {PLACE: place, **{body: own.share * own.floor for body, own in terms.items()}}
        for regime, terms in holder_parameters(study).items()
    }
