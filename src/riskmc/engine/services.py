"""What becomes of services at the year's end: cut for good, restored, grown, needed again.

Truth, section 1. Arrays are (organisation, draw), money in £m.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from riskmc.engine.books import GroupClose
from riskmc.engine.holders import zeros_for
from riskmc.engine.programme import Programme
from riskmc.engine.state import State, YearDrivers, YearRecord
from riskmc.rules import spending
from riskmc.rules.money import Money


class Services(NamedTuple):
    """Services at the year's end, by organisation.

    may_return   need left unmet this year that may come back to the body
    spilling     all need left unmet; None where none comes to another body
    standing     services still reduced; None where nothing does
    grown        what was added beyond what there was; None where nothing was
    """

    may_return: Money
    spilling: Money | None
    standing: Money | None
    grown: Money | None


def close_services(
    programme: Programme,
    state: State,
    closes: list[GroupClose],
    drivers: YearDrivers,
    record: YearRecord,
) -> Services:
    """Close services: step 11. What is cut for good does not come back as need."""
    moved = partial(moved_by_organisation, programme, closes)
    unmet = may_return = moved("unmet")
    standing = None
    if state.standing is not None:
        standing = by_organisation(programme, [close.standing for close in closes])
    spilling = None
    if programme.spills:
        spilling = unmet if standing is None else unmet + standing
    if any_moved(closes, "standing"):
        cut_for_good = moved("standing")
        may_return = unmet - cut_for_good
        standing = cut_for_good if standing is None else standing + cut_for_good
    grown = None
    if state.grown is not None or any_moved(closes, "grown"):
        grown = moved("grown")
        if state.grown is not None:
            grown = grown + spending.grown_services(
                services=state.grown,
                demand_growth=drivers["demand_growth"],
                cost_inflation=drivers["cost_inflation"],
            )
        record.bodies("services_grown", slice(0, programme.organisations), grown)
        record.place("services_grown", grown)
    return Services(may_return, spilling, standing, grown)


def any_moved(closes: list[GroupClose], name: str) -> bool:
    """Say whether any instrument of the year moved something."""
    return any(close.moves.whole(name) is not None for close in closes)


def moved_by_organisation(programme: Programme, closes: list[GroupClose], name: str) -> Money:
    """Return what instruments moved of something, by organisation; 0 where none did."""
    return by_organisation(programme, [close.moves.by_member(name) for close in closes])


def by_organisation(programme: Programme, parts: list[Money | None]) -> Money:
    """Lay the groups' members' figures out by organisation; 0 where a group has none."""
    given = [(g.members, x) for g, x in zip(programme.groups, parts, strict=True) if x is not None]
    if not given:
        return np.zeros((programme.organisations, 1))
    if len(given) == 1 and given[0][0].everyone(programme.organisations):
        return given[0][1]
    draws = max(x.shape[1] for _, x in given)
    laid_out = zeros_for([x for _, x in given], (programme.organisations, draws))
    for members, values in given:
        laid_out[members.rows] = values
    return laid_out
