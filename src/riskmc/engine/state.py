"""What the year loop carries from one year end to the next, and what a year is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from riskmc.engine.holders import Membership, Rows
from riskmc.engine.programme import Programme
from riskmc.rules.money import Money

#: Drivers of one year by name: (organisation, draw), or one row or column that stands for all.
YearDrivers = Mapping[str, Money]


class Stocks(NamedTuple):
    """A group's stocks at year end, (holder, draw) [£m]."""

    reserves: Money
    carried: Money
    debt: Money


class State(NamedTuple):
    """Stocks at year end by organisation [£m; pending as a fraction of the grant].

    base        cost base                      charges     other outside income
    grant       central funding                avoided     cost avoided by prevention
    local_tax   local tax                      gain        what joins `avoided` next year
    unmet       need unmet this year           pending     settlement adjustment not yet made
    premium     what local rises bring         equalised   what equalisation goes on paying,
    contracts   values, by contract                        None in a regime that does not equalise
    spilling    all need unmet this year; None where none  standing    services still reduced;
                comes to another body                                  None where none do
    grown       services grown; None where none are        charges_premium  what rises in charges
                                                                       bring; None where none do
                                               held        stocks by group of holders
    next_cut    what the centre takes off grants next year; windfall: what it gives; (1, draw),
                None where it does neither
    """

    base: Money
    grant: Money
    local_tax: Money
    charges: Money
    avoided: Money
    gain: Money
    unmet: Money
    pending: Money
    premium: Money
    equalised: Money | None
    contracts: Money
    held: tuple[Stocks, ...]
    next_cut: Money | None = None
    windfall: Money | None = None
    spilling: Money | None = None
    standing: Money | None = None
    grown: Money | None = None
    charges_premium: Money | None = None


class Grants(NamedTuple):
    """The year's grant by organisation [£m; pending as a fraction of the grant].

    funded      new burdens funded, before any cut
    announced   as the settlement announced it    closing   what is left of it for good
    in_cash     as it came in: new burdens        pending   settlement adjustment not yet made
                funded, cuts taken off
    """

    announced: Money
    funded: Money
    in_cash: Money
    closing: Money
    pending: Money


class Standing(NamedTuple):
    """Services still reduced from earlier years, by organisation [£m].

    outturn   grown with the year's need and prices     planned   as planners expect
    """

    outturn: Money
    planned: Money


class Costs(NamedTuple):
    """The year's cost by organisation [£m].

    base      cost base               cost      own cost as it came out
    avoided   cost avoided            planned   own cost as planned
    returning   need that came back, at a higher cost
    project_benefit   avoided by projects, as delivered; None where there are none
    standing    services still reduced; None where none do
    """

    base: Money
    avoided: Money
    cost: Money
    planned: Money
    returning: Money
    project_benefit: Money | None = None
    standing: Standing | None = None


class Revenues(NamedTuple):
    """The year's income other than grant, by organisation [£m].

    planned_tax       local tax as planned          tax       as it came in
    planned_charges   other outside income, too     charges   as it came in
    premium           what earlier rises in local tax bring
    equalised         what equalisation pays; None: nothing
    """

    planned_tax: Money
    tax: Money
    planned_charges: Money
    charges: Money
    premium: Money
    equalised: Money | None


class Payments(NamedTuple):
    """The year's contracts, by contract [£m].

    planned_value   value as planned                 planned   what is planned to be paid
    value           value as it came out: it alone   outturn   what is paid
                    rolls forward
    lost_per_cost   activity income lost per £ of the payee's cost; None where none is
    """

    planned_value: Money
    value: Money
    planned: Money
    outturn: Money
    lost_per_cost: Money | None


class BeforeInstruments(NamedTuple):
    """The year before any instrument acts: steps 1 to 6; by organisation [£m].

    planned_income   grant, tax and charges as planned, without contracts
    income           the same as they came in
    from_centre      grant in cash, equalisation and the transformation fund
    settled_income   grant, tax and charges as planned, receipts of projects left out
    contribution     what bodies mean to put into reserves; None where none is meant
    """

    grants: Grants
    costs: Costs
    revenues: Revenues
    payments: Payments
    planned_income: Money
    income: Money
    from_centre: Money
    settled_income: Money
    contribution: Money | None


class YearRecord(Protocol):
    """Takes the outcomes of one year as they are worked out."""

    def keeps(self, name: str) -> bool:
        """Say whether a variable is kept by organisation."""

    def bodies(self, name: str, rows: Rows, values: Any) -> None:
        """Take a variable by organisation, for the given rows."""

    def holders(self, name: str, members: Membership, values: Any, shares: Money | None) -> None:
        """Take a variable by holder: shared out to members, and added up for the place."""

    def place(self, name: str, values: Any) -> None:
        """Add rows up into a variable of the place."""

    def exhausted(self, members: Membership, flags: Any, applicable: Any) -> None:
        """Take which holders' reserves are exhausted, and which can be said to be."""


def opening_state(programme: Programme) -> State:
    """Return the state at the opening: model, section 4."""
    nothing = np.zeros_like(programme.cost)
    held = tuple(
        Stocks(
            reserves=group.opening_reserves,
            carried=np.zeros_like(group.opening_debt),
            debt=group.opening_debt,
        )
        for group in programme.groups
    )
    return State(
        base=programme.cost,
        grant=programme.grant,
        local_tax=programme.local_tax,
        charges=programme.charges,
        avoided=nothing,
        gain=nothing,
        unmet=nothing,
        pending=nothing,
        premium=programme.premium,
        equalised=nothing if programme.equalises else None,
        contracts=programme.contracts.value,
        held=held,
        windfall=_opening_gift(programme),
    )


def _opening_gift(programme: Programme) -> Money | None:
    """Return what the centre gives in the first year, whatever came before."""
    if programme.centre is None or programme.centre.windfall is None:
        return None
    return np.array([[programme.centre.windfall.opening]])
