"""What a group of budget holders does in a year: steps 7 to 10 of the model's section 4.

Arrays are (holder, draw), or (member, draw) where a name ends in `_by_member`; money in £m.
What nobody keeps by organisation is worked out for the place only.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from riskmc.engine.holders import add_up, or_zero
from riskmc.engine.programme import Group, Programme
from riskmc.engine.state import BeforeInstruments, GroupClose, Held, YearDrivers, YearRecord
from riskmc.engine.waterfalls import (
    Met,
    Plan,
    Spent,
    make_plan,
    meet_shortfall,
    use_surplus,
)
from riskmc.rules import budget, projects, settlement
from riskmc.rules.money import Money
from riskmc.variables import HAPPENED


class Weights(NamedTuple):
    """What members' figures are shared out by, added up by holder."""

    planned_cost: Money
    planned_tax: Money
    cost: Money


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
    """The year as it came out, before any help; `own_income` is without contracts."""

    income: Money
    own_income: Money
    balance: Money
    delivered: Money | None
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
    years_left = settlement.years_left(year=year + 1, period=group.period)
    weights, shares = _weights_and_shares(group, before)
    planning = plan_the_year(group, year, years_left, held, before, weights)
    outturn = run_the_year(group, planning, weights, shares, before, drivers)

    # 9. Shortfall: at the end of a control period the carried deficit falls due
    closes = years_left == 1
    due = held.carried if closes else np.zeros_like(group.opening_debt)
    still_held = held._replace(carried=held.carried - due)
    shortfall = budget.money_to_find(balance=outturn.balance, due=due)
    recognition = members.take(drivers["recognition"])
    rescue = drivers["rescue"]
    situation: dict[str, Any] = {
        "income": outturn.income,
        "own_cost": weights.cost,
        "reserve_floor": group.floor,
        "capital": group.capital,
        "open_book": programme.open_book[year],
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
    unmet_by_member = add_up(outturn.reductions_by_member, _shared(group, met.unmet, shares.cost))
    record_plan(group, planning, shares, record)
    record_outturn(group, planning, outturn, weights, shares, before, record)
    record.holders("shortfall", members, shortfall, shares.cost)
    record_settling(programme, group, year, met, spent, unmet_by_member, shares, record)
    record_the_centre(group, held, met, spent, shares, before, record)
    return GroupClose(
        held=spent.held,
        raised=outturn.raised_by_member,
        recurrent_savings=_recurrent(group, outturn, drivers),
        running_cost=_shared(group, met.running_cost, shares.cost),
        unmet=unmet_by_member,
        invested=spent.taken.get("prevention"),
    )


def _weights_and_shares(group: Group, before: BeforeInstruments) -> tuple[Weights, Shares]:
    """Add up what members' figures are shared out by, and work out their shares."""
    members = group.members
    by_member = (
        members.take(before.costs.planned),
        members.take(before.revenues.planned_tax),
        members.take(before.costs.cost),
    )
    weights = Weights(*(members.total(weight) for weight in by_member))
    shares = (members.shares(w, whole) for w, whole in zip(by_member, weights, strict=True))
    return weights, Shares(*shares)


def _shared(group: Group, values: Money | None, shares: Money | None) -> Money | None:
    return None if values is None else group.members.share_out(values, shares)


def _recurrent(group: Group, outturn: Outturn, drivers: YearDrivers) -> Money | None:
    if outturn.delivered_by_member is None:
        return None
    return group.members.take(drivers["recurrent_share"]) * outturn.delivered_by_member


def _contract_sum(flows: tuple[tuple[int, int], ...], values: Money, rows: int) -> Money | None:
    """Add up contracts by holder or member, one by one; None where there are none."""
    if not flows:
        return None
    total = np.zeros((rows, values.shape[1]))
    for row, contract in flows:
        total[row] += values[contract]
    return total


def plan_the_year(
    group: Group,
    year: int,
    years_left: int,
    held: Held,
    before: BeforeInstruments,
    weights: Weights,
) -> Planning:
    """Plan before the year's surprises: step 7."""
    members = group.members
    interest = budget.interest(
        rate=group.interest, debt=held.debt, carried=held.carried, reserves=held.reserves
    )
    received = _contract_sum(group.received, before.payments.planned, members.holders)
    paid = _contract_sum(group.paid, before.payments.planned, members.holders)
    gap = budget.plan_gap(
        planned_cost=weights.planned_cost,
        contingency=group.contingency,
        interest_due=interest,
        carried=held.carried,
        reserves=held.reserves,
        reserve_level=group.level,
        years_left=years_left,
        planned_income=members.total(members.take(before.planned_income)),
        planned_contracts=or_zero(received) - or_zero(paid),
    )
    reachable = weights.planned_cost
    if group.out_of_reach is not None:
        reachable = projects.within_reach(
            planned_cost=reachable, out_of_reach=group.out_of_reach[year]
        )
    situation: dict[str, Any] = {
        "planned_cost": reachable,
        "planned_tax": weights.planned_tax,
        "reserves": held.reserves,
        "reserve_floor": group.floor,
    }
    plan = make_plan(group.plan[year], gap=gap, situation=situation)
    return Planning(gap=gap, interest=interest, plan=plan)


def run_the_year(
    group: Group,
    planning: Planning,
    weights: Weights,
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
    delivered_by_member = delivered = None
    if asked is not None:
        delivered_by_member = asked * members.take(drivers["savings_delivery"])
        delivered = members.total(delivered_by_member)
    income_by_member = members.take(before.income)
    if raised is not None:
        income_by_member = income_by_member + raised
    own_income = members.total(income_by_member)
    received = _contract_sum(group.received, before.payments.outturn, members.holders)
    paid = _contract_sum(group.paid, before.payments.outturn, members.holders)
    income = own_income if received is None else own_income + received
    spend = weights.cost + planning.interest
    balance = budget.outturn_balance(
        income=income,
        spend=spend if paid is None else spend + paid,
        savings_delivered=or_zero(delivered),
        reductions=or_zero(plan.service_reduction),
    )
    return Outturn(
        income=income,
        own_income=own_income,
        balance=balance,
        delivered=delivered,
        income_by_member=income_by_member,
        raised_by_member=raised,
        delivered_by_member=delivered_by_member,
        reductions_by_member=reductions,
    )


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
    weights: Weights,
    shares: Shares,
    before: BeforeInstruments,
    record: YearRecord,
) -> None:
    """Record the outturn: each body's own income and cost, and its part of the balance.

    Contracts net to zero over the place, so they are in neither its income nor its cost, and
    own balances add up to the balances.
    """
    members = group.members
    received = _contract_sum(group.member_received, before.payments.outturn, members.members)
    income = outturn.income_by_member if received is None else outturn.income_by_member + received
    record.bodies("income", members.rows, income)
    record.place("income", outturn.own_income)
    record.place("cost", weights.cost + planning.interest)
    record.place("own_balance", outturn.balance)
    record.place("savings_delivered", or_zero(outturn.delivered))
    if record.keeps("cost") or record.keeps("own_balance"):
        interest = members.share_out(planning.interest, shares.cost)
        paid = _contract_sum(group.member_paid, before.payments.outturn, members.members)
        cost = members.take(before.costs.cost) + interest + or_zero(paid)
        own_balance = budget.outturn_balance(
            income=income,
            spend=cost,
            savings_delivered=or_zero(outturn.delivered_by_member),
            reductions=or_zero(outturn.reductions_by_member),
        )
        record.bodies("cost", members.rows, cost)
        record.bodies("own_balance", members.rows, own_balance)
    record.bodies("savings_delivered", members.rows, or_zero(outturn.delivered_by_member))
    record.holders("interest", members, planning.interest, shares.cost)
    record.holders("balance", members, outturn.balance, shares.cost)
    record.holders("deficit", members, budget.deficit(balance=outturn.balance), shares.cost)


def record_settling(
    programme: Programme,
    group: Group,
    year: int,
    met: Met,
    spent: Spent,
    unmet_by_member: Money | None,
    shares: Shares,
    record: YearRecord,
) -> None:
    """Record who met the shortfall, what became of the surplus, and stocks."""
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
    record.bodies("unmet", members.rows, or_zero(unmet_by_member))
    record.place("unmet", or_zero(unmet_by_member))
    if record.keeps("prevention"):
        invested = _shared(group, spent.taken.get("prevention"), shares.cost)
        fund = members.take(programme.fund[year])
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


def record_the_centre(
    group: Group,
    opening: Held,
    met: Met,
    spent: Spent,
    shares: Shares,
    before: BeforeInstruments,
    record: YearRecord,
) -> None:
    """Record what the year costs the centre, by organisation."""
    members = group.members
    support = budget.central_support(
        centre_share=group.centre_share,
        bailout=met.taken.get("bailout", 0.0),
        debt_repaid=or_zero(spent.debt_repaid),
        interest_on_debt=group.interest * opening.debt,
        clawback=spent.taken["clawback"],
    )
    from_centre = members.take(before.from_centre)
    central_cost = from_centre + members.share_out(support, shares.cost)
    record.bodies("central_cost", members.rows, central_cost)
    record.place("central_cost", central_cost)
