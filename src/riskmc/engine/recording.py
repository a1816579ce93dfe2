"""Records what became of a group of budget holders' year, by organisation and for the place.

What nobody keeps by organisation is worked out for the place only.
"""

from __future__ import annotations

from riskmc.engine.books import Outturn, OwnBooks, Planning, Settled
from riskmc.engine.holders import add_up, contract_sum, or_zero
from riskmc.engine.moves import Moves, Sharing
from riskmc.engine.programme import Group, Programme
from riskmc.engine.state import BeforeInstruments, Stocks, YearRecord
from riskmc.rules import budget
from riskmc.rules.money import Money
from riskmc.variables import HAPPENED


def record_plan(planning: Planning, sharing: Sharing, record: YearRecord) -> None:
    """Record the plan: shared out by planned own cost."""
    members, shares = sharing.members, sharing.shares("planned_cost")
    record.holders("plan_gap", members, planning.gap, shares)
    record.holders("planned_deficit", members, planning.deficit, shares)
    if planning.contribution is not None:
        record.holders("reserve_contribution", members, planning.contribution, shares)


def own_books(
    group: Group, planning: Planning, outturn: Outturn, before: BeforeInstruments, moves: Moves
) -> OwnBooks:
    """Work out each member's own income, cost and balance."""
    members = group.members
    received = contract_sum(group.member_received, before.payments.outturn, members.members)
    paid = contract_sum(group.member_paid, before.payments.outturn, members.members)
    income = outturn.income_by_member if received is None else outturn.income_by_member + received
    interest = members.share_out(planning.interest, moves.sharing.shares("cost"))
    cost = members.take(before.costs.cost) + interest + or_zero(paid)
    balance = budget.outturn_balance(
        income=income,
        spend=cost,
        savings_delivered=or_zero(outturn.delivered_by_member),
        reductions=or_zero(moves.by_member("balance")),
    )
    return OwnBooks(income, received, cost, balance)


def record_outturn(
    group: Group,
    planning: Planning,
    outturn: Outturn,
    before: BeforeInstruments,
    moves: Moves,
    record: YearRecord,
) -> None:
    """Record the outturn: each body's own income and cost, and its part of the balance.

    Contracts net to zero over the place, so they are in neither its income nor its cost, and
    own balances add up to the balances.
    """
    members, shares = group.members, moves.sharing.shares("cost")
    received = contract_sum(group.member_received, before.payments.outturn, members.members)
    income = outturn.income_by_member if received is None else outturn.income_by_member + received
    record.bodies("income", members.rows, income)
    record.place("income", outturn.own_income)
    record.place("cost", moves.sharing.whole("cost") + planning.interest)
    record.place("own_balance", outturn.balance)
    record.place("savings_delivered", or_zero(outturn.delivered))
    if record.keeps("cost") or record.keeps("own_balance"):
        own = own_books(group, planning, outturn, before, moves)
        record.bodies("cost", members.rows, own.cost)
        record.bodies("own_balance", members.rows, own.balance)
    record.bodies("savings_delivered", members.rows, or_zero(outturn.delivered_by_member))
    if outturn.conditional_by_member is not None:
        record.bodies("conditional", members.rows, outturn.conditional_by_member)
        record.place("conditional", outturn.conditional_by_member)
    record.holders("interest", members, planning.interest, shares)
    record.holders("balance", members, outturn.balance, shares)
    record.holders("deficit", members, budget.deficit(balance=outturn.balance), shares)


def record_settling(
    programme: Programme,
    group: Group,
    year: int,
    settled: Settled,
    moves: Moves,
    record: YearRecord,
) -> None:
    """Record what had to be found, what nobody found, and stocks."""
    members, shares = group.members, moves.sharing.shares("cost")
    needed = moves.whole("rescue_needed")
    flows = {
        "shortfall": settled.shortfall,
        "rescue_needed": settled.unresolved if needed is None else needed,
        "unresolved": settled.unresolved,
        "repaid": settled.repaid,
        **moves.stocks,
    }
    for name, values in flows.items():
        record.holders(name, members, values, shares)
    if record.keeps("prevention"):
        fund = members.take(programme.fund[year])
        record.bodies("prevention", members.rows, fund + or_zero(moves.by_member("invested")))
    record.exhausted(
        members,
        budget.reserves_exhausted(
            reserves=moves.stocks["reserves"], floor=group.floor, tolerance=HAPPENED
        ),
        ~budget.reserves_exhausted(
            reserves=group.opening_reserves, floor=group.floor, tolerance=HAPPENED
        ),
    )


def record_services(group: Group, moves: Moves, standing: Money | None, record: YearRecord) -> None:
    """Record need left unmet; services still reduced from earlier years is part of it."""
    rows = group.members.rows
    unmet = or_zero(add_up(standing, moves.by_member("unmet")))
    record.bodies("unmet", rows, unmet)
    record.place("unmet", unmet)
    if standing is not None:
        record.bodies("standing", rows, standing)
        record.place("standing", standing)


def record_the_centre(
    group: Group,
    opening: Stocks,
    outturn: Outturn,
    settled: Settled,
    before: BeforeInstruments,
    moves: Moves,
    record: YearRecord,
) -> None:
    """Record what the year costs the centre, by organisation."""
    members = group.members
    support = budget.central_support(
        centre_share=group.centre_share,
        bailout=or_zero(moves.whole("support")),
        debt_repaid=or_zero(moves.whole("debt_repaid")),
        interest_on_debt=group.interest * opening.debt,
        clawback=settled.returned,
    )
    from_centre = members.take(before.from_centre)
    central_cost = from_centre + moves.sharing.share_out(support, "cost")
    conditional = add_up(outturn.conditional_by_member, moves.by_member("central_cost"))
    if conditional is not None:
        central_cost = central_cost + conditional
    record.bodies("central_cost", members.rows, central_cost)
    record.place("central_cost", central_cost)
