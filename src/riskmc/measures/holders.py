"""What measures need to know of the study: who holds the budget, and on what terms.

Everything is by organisation, in study order, so that it lines up with the results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskmc.statistics.estimates import Bools, Floats
from riskmc.variables import HAPPENED

if TYPE_CHECKING:
    from riskmc.study import Study


class HolderParameters(NamedTuple):
    """Terms of the budget holder that each organisation belongs to under one regime.

    holder        the holder's name                                     (organisation,)
    position      the holder's number: organisations of one holder share it
    loan_share    part of a bailout that becomes debt; 0 without one    (organisation,)
    centre_share  part of a bailout that is the centre's; 1 without one (organisation,)
    probability   chance that a bailout is granted; 0 without one       (organisation,)
    reserves      the holder's opening reserves                         [£m]
    floor         the holder's reserve floor                            [£m]
    applicable    False where the holder opens at or below its floor: exhaustion cannot be told
    """

    holder: tuple[str, ...]
    position: tuple[int, ...]
    loan_share: Floats
    centre_share: Floats
    probability: Floats
    reserves: Floats
    floor: Floats
    applicable: Bools


def holder_parameters(study: Study) -> dict[str, HolderParameters]:
    """Return the terms of every organisation's budget holder, by regime."""
    return {name: _of_regime(study, name) for name in study.regimes}


def _of_regime(study: Study, regime: str) -> HolderParameters:
    bodies = study.organisations
    count = len(bodies)
    names, position = [""] * count, [0] * count
    loan, centre, granted = np.zeros(count), np.ones(count), np.zeros(count)
    reserves, floor = np.zeros(count), np.zeros(count)
    for number, holder in enumerate(study.regimes[regime].holders(bodies)):
        members = list(holder.members)
        for setting in holder.rulebook.shortfall:
            if setting.instrument == "bailout":
                loan[members] = _number(setting.parameters["loan_share"])
                centre[members] = _number(setting.parameters["centre_share"])
                granted[members] = _number(setting.parameters["probability"])
        reserves[members] = sum(bodies[k].reserves for k in members)
        floor[members] = sum(bodies[k].reserve_floor for k in members)
        for k in members:
            names[k], position[k] = holder.name, number
    applicable = reserves > floor + HAPPENED * np.maximum(1.0, floor)
    return HolderParameters(
        tuple(names), tuple(position), loan, centre, granted, reserves, floor, applicable
    )


def _number(value: object) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise TypeError(f"a number was expected, not {value!r}")


def not_applicable(study: Study) -> dict[str, tuple[str, ...]]:
    """Return, by regime, the organisations whose holder opens at or below its floor."""
    found = {}
    for regime, terms in holder_parameters(study).items():
        ids = study.organisation_ids
        found[regime] = tuple(
            body for body, tells in zip(ids, terms.applicable, strict=True) if not tells
        )
    return found
