"""What a group of budget holders does in a year: steps 7 to 10 of the model's section 4.

Arrays are (holder, draw), or (member, draw) where a name ends in `_by_member`; money in £m.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from riskmc.engine.programme import Group, Programme
from riskmc.engine.state import BeforeInstruments, GroupClose, Held, YearDrivers, YearRecord
from riskmc.engine.waterfalls import (
    Met,
    Plan,
    Spent,
    make_plan,
    meet_shortfall,
    or_zero,
    use_surplus,
)
from riskmc.rules import budget, settlement
from riskmc.rules.money import Money
from riskmc.variables import HAPPENED


class Shares(NamedTuple):
    """Members' shares of their holder, (member, draw); None where every holder has one member."""

    planned_cost: Money | None
    planned_tax: Money | None
    cost: Money | None


class Planning(NamedTuple):
    """The plan and what it rests on, by holder."""

    gap: Money
    interest: Money
    plan: Plan


class Outturn(NamedTuple):
    """The year as it came out, before any help."""

    income: Money
    own_cost: Money
    balance: Money
    income_by_member: Money
    raised_by_member: Money | None
    delivered_by_member: Money | None
    reductions_by_member: Money | None


def balance_the_books(
    programme: Programme,
    group: Group,
    year: int,
    held: Held,
    before: BeforeInstruments,
    drivers: YearDrivers,
    record: YearRecord,
) -> GroupClose:
    """Run a group's plan, outturn, shortfall and surplus, and record what came of them."""
    members = group.members
    years_left = settlement.years_left(year=year + 1, period=programme.period)
    shares = Shares(
        planned_cost=members.shares(members.take(before.costs.planned)),
        planned_tax=members.shares(members.take(before.revenues.planned_tax)),
        cost=members.shares(members.take(before.costs.cost)),
    )
    planning = plan_the_year(group, year, years_left, held, before)
    outturn = run_the_year(group, planning, shares, before, drivers)

    # 9. Shortfall: at the end of a control period the carried deficit falls due
    closes = years_left == 1
    due = held.carried if closes else np.zeros_like(held.carried)
    still_held = held._replace(carried=held.carried - due)
    shortfall = budget.money_to_find(balance=outturn.balance, due=due)
    recognition = members.take(drivers["recognition"])
    rescue = drivers["rescue"]
    situation: dict[str, Any] = {
        "income": outturn.income,
        "own_cost": outturn.own_cost,
        "reserve_floor": group.floor,
        "capital": group.capital,
        "open_book": programme.open_book,
        "recognition": recognition
        if shares.cost is None
        else members.total(recognition * shares.cost),
        "rescue": rescue if rescue.shape[0] == 1 else rescue[group.rescued_as],
        "years_left": years_left,
    }
    met = meet_shortfall(
        group.shortfall[year], shortfall=shortfall, held=still_held, situation=situation
    )
    # 10. Surplus
    spent = use_surplus(
        group.surplus[year],
        balance=outturn.balance,
        due=due,
        level=group.level,
        held=met.held,
        situation=situation,
    )
    record_plan(group, planning, shares, record)
    record_outturn(group, planning, outturn, shares, before, record)
    record.holders("shortfall", members, shortfall, shares.cost)
    record_settling(programme, group, year, held, met, spent, shares, before, record)
    unmet_by_member = _unmet(group, planning.plan, met, shares)
    record.bodies("unmet", members.rows, or_zero(unmet_by_member))
    return GroupClose(
        held=spent.held,
        raised=outturn.raised_by_member,
        recurrent_savings=_recurrent(group, outturn, drivers),
        running_cost=_shared(group, met.running_cost, shares.cost),
        unmet=unmet_by_member,
        invested=spent.taken.get("prevention"),
    )


def _shared(group: Group, values: Money | None, shares: Money | None) -> Money | None:
    return None if values is None else group.members.share_out(values, shares)


def _recurrent(group: Group, outturn: Outturn, drivers: YearDrivers) -> Money | None:
    if outturn.delivered_by_member is None:
        return None
    return group.members.take(drivers["recurrent_share"]) * outturn.delivered_by_member


def _unmet(group: Group, plan: Plan, met: Met, shares: Shares) -> Money | None:
    planned = _shared(group, plan.service_reduction, shares.planned_cost)
    in_year = _shared(group, met.unmet, shares.cost)
    if planned is None or in_year is None:
        return planned if in_year is None else in_year
    return planned + in_year


def _contract_sum(flows: tuple[tuple[int, int], ...], values: Money, holders: int) -> Money | float:
    """Add up contracts by holder or member, one by one."""
    if not flows:
        return 0.0
    total = np.zeros((holders, values.shape[1]))
    for holder, contract in flows:
        total[holder] += values[contract]
    return total


def plan_the_year(
    group: Group, year: int, years_left: int, held: Held, before: BeforeInstruments
) -> Planning:
    """Plan before the year's surprises: step 7."""
    members = group.members
    interest = budget.interest(
        rate=group.interest, debt=held.debt, carried=held.carried, reserves=held.reserves
    )
    planned_cost = members.total(members.take(before.costs.planned))
    planned_tax_by_member = members.take(before.revenues.planned_tax)
    planned_income = members.total(
        members.take(before.grants.announced) + planned_tax_by_member + members.take(before.revenues.charges)
    )
    received = _contract_sum(group.received, before.payments.planned, members.holders)
    paid = _contract_sum(group.paid, before.payments.planned, members.holders)
    gap = budget.plan_gap(
        planned_cost=planned_cost,
        contingency=group.contingency,
        interest_due=interest,
        carried=held.carried,
        reserves=held.reserves,
        reserve_level=group.level,
        years_left=years_left,
        planned_income=planned_income,
        planned_contracts=received - paid,
    )
    situation: dict[str, Any] = {
        "planned_cost": planned_cost,
        "planned_tax": members.total(planned_tax_by_member),
        "reserves": held.reserves,
        "reserve_floor": group.floor,
    }
    plan = make_plan(group.plan[year], gap=gap, situation=situation)
    return Planning(gap=gap, interest=interest, plan=plan)


def run_the_year(
    group: Group,
    planning: Planning,
    shares: Shares,
    before: BeforeInstruments,
    drivers: YearDrivers,
) -> Outturn:
    """Bring the year out: income, spend, savings as delivered, balance: step 8."""
    members = group.members
    plan = planning.plan
    raised = _shared(group, plan.local_revenue, shares.planned_tax)
    reductions = _shared(group, plan.service_reduction, shares.planned_cost)
    asked = _shared(group, plan.savings_asked, shares.planned_cost)
    delivered = None
    if asked is not None:
        delivered = asked * members.take(drivers["savings_delivery"])
    grant_in_cash = before.grants.grant - before.grants.cash_cut
    income_by_member = members.take(grant_in_cash + before.revenues.tax + before.revenues.charges)
    if raised is not None:
        income_by_member = income_by_member + raised
    received = _contract_sum(group.received, before.payments.outturn, members.holders)
    paid = _contract_sum(group.paid, before.payments.outturn, members.holders)
    income = members.total(income_by_member) + received
    own_cost = members.total(members.take(before.costs.cost))
    balance = budget.outturn_balance(
        income=income,
        spend=own_cost + planning.interest + paid,
        savings_delivered=0.0 if delivered is None else members.total(delivered),
        reductions=or_zero(plan.service_reduction),
    )
    return Outturn(income, own_cost, balance, income_by_member, raised, delivered, reductions)


def record_plan(group: Group, planning: Planning, shares: Shares, record: YearRecord) -> None:
    """Record the plan: shared out by planned own cost, local revenue by planned tax."""
    members, plan = group.members, planning.plan
    record.holders("plan_gap", members, planning.gap, shares.planned_cost)
    record.holders("planned_deficit", members, plan.deficit, shares.planned_cost)
    record.holders("savings_planned", members, or_zero(plan.savings_target), shares.planned_cost)
    record.holders("local_revenue", members, or_zero(plan.local_revenue), shares.planned_tax)
    record.holders(
        "service_reduction", members, or_zero(plan.service_reduction), shares.planned_cost
    )


def record_outturn(
    group: Group,
    planning: Planning,
    outturn: Outturn,
    shares: Shares,
    before: BeforeInstruments,
    record: YearRecord,
) -> None:
    """Record the outturn: each body's own income and cost, and its part of the balance."""
    members = group.members
    received = _contract_sum(group.member_received, before.payments.outturn, members.members)
    paid = _contract_sum(group.member_paid, before.payments.outturn, members.members)
    interest = members.share_out(planning.interest, shares.cost)
    own_cost = members.take(before.costs.cost) + interest
    income = outturn.income_by_member + received
    cost = own_cost + paid
    own_balance = budget.outturn_balance(
        income=income,
        spend=cost,
        savings_delivered=or_zero(outturn.delivered_by_member),
        reductions=or_zero(outturn.reductions_by_member),
    )
    record.bodies("income", members.rows, income)
    record.bodies("cost", members.rows, cost)
    record.place("income", outturn.income_by_member)
    record.place("cost", own_cost)
    record.bodies("own_balance", members.rows, own_balance)
    record.bodies("savings_delivered", members.rows, or_zero(outturn.delivered_by_member))
    record.holders("interest", members, planning.interest, shares.cost)
    record.holders("balance", members, outturn.balance, shares.cost)
    record.holders("deficit", members, budget.deficit(balance=outturn.balance), shares.cost)


def record_settling(
    programme: Programme,
    group: Group,
    year: int,
    opening: Held,
    met: Met,
    spent: Spent,
    shares: Shares,
    before: BeforeInstruments,
    record: YearRecord,
) -> None:
    """Record who met the shortfall, what became of the surplus, stocks, and the centre's cost."""
    members = group.members
    flows: dict[str, Money | float] = {
        **met.taken,
        **{name: x for name, x in spent.taken.items() if name != "prevention"},
        "rescue_needed": met.rescue_needed,
        "unresolved": met.unresolved,
        "repaid": spent.repaid,
        **spent.held._asdict(),
    }
    for name, values in flows.items():
        record.holders(name, members, values, shares.cost)
    fund = members.take(programme.fund[year])
    invested = _shared(group, spent.taken.get("prevention"), shares.cost)
    record.bodies("prevention", members.rows, fund + or_zero(invested))
    record.exhausted(
        members,
        budget.reserves_exhausted(
            reserves=spent.held.reserves, floor=group.floor, tolerance=HAPPENED
        ),
        ~budget.reserves_exhausted(
            reserves=group.opening_reserves, floor=group.floor, tolerance=HAPPENED
        ),
    )
    support = budget.central_support(
        centre_share=group.centre_share,
        bailout=met.taken.get("bailout", 0.0),
        debt_repaid=or_zero(spent.debt_repaid),
        interest_on_debt=group.interest * opening.debt,
        clawback=spent.taken["clawback"],
    )
    paid_to_bodies = before.grants.grant - before.grants.cash_cut + before.revenues.equalised
    central_cost = members.take(paid_to_bodies) + fund + members.share_out(support, shares.cost)
    record.bodies("central_cost", members.rows, central_cost)
