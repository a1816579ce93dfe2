"""What a group of budget holders' year is made of, step by step.

Arrays are (holder, draw), or (member, draw) where a name ends in `_by_member`; money in £m.
"""

from __future__ import annotations

from typing import NamedTuple

from riskmc.engine.conditional import ConditionalOffers
from riskmc.engine.moves import Moves
from riskmc.engine.state import Stocks
from riskmc.engine.waterfalls import Situation
from riskmc.rules.money import Money
from riskmc.rules.shortfall import Absorbed


class Planning(NamedTuple):
    """The plan, by holder.

    level         reserves must be brought back to it
    contribution  planned contribution to reserves; None where none is meant
    offered       conditional money; None where there is none
    """

    gap: Money
    interest: Money
    level: Money
    contribution: Money | None
    offered: ConditionalOffers | None
    deficit: Money


class Outturn(NamedTuple):
    """The year as it came out, before any help; `own_income` is without contracts.

    None: no savings asked, no conditional money offered.
    """

    income: Money
    own_income: Money
    balance: Money
    delivered: Money | None
    income_by_member: Money
    delivered_by_member: Money | None
    conditional_by_member: Money | None


class Settled(NamedTuple):
    """How the year was settled, by holder: what was to be found, and what became of it."""

    shortfall: Money
    unresolved: Money
    returned: Money
    repaid: Money


class OwnBooks(NamedTuple):
    """Members' own books, by member: income, of it received under contracts, cost, balance."""

    income: Money
    received: Money | None
    cost: Money
    balance: Money


class GroupClose(NamedTuple):
    """What a group hands to the end of the year.

    held               stocks at year end, by holder
    moves              what its instruments moved
    own                members' own books; None where nobody asks for them
    recurrent_savings  savings delivered that recur, by member; None where none are asked
    standing           services from earlier years still reduced, by member; None: none do
    """

    held: Stocks
    moves: Moves
    recurrent_savings: Money | None
    own: OwnBooks | None
    standing: Money | None


class Planned(NamedTuple):
    """A group's year once it is planned."""

    held: Stocks
    years_left: int
    moves: Moves
    planning: Planning


class AtTheDoor(NamedTuple):
    """A group's year up to the centre's door: the first instrument that asks the centre.

    left      shortfall that reaches it, or the end of the list where none asks the centre
    request   what its rule would grant; None where none asks
    """

    planned: Planned
    outturn: Outturn
    situation: Situation
    due: Money
    shortfall: Money
    left: Money
    request: Absorbed | None
