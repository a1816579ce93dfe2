"""What a group of budget holders does in a year: steps 7 to 10 of the model's section 4.

Arrays are (holder, draw), or (member, draw) where a name ends in `_by_member`; money in £m.
What nobody keeps by organisation is worked out for the place only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from riskmc.engine.books import AtTheDoor, GroupClose, Outturn, Planned, Planning, Settled
from riskmc.engine.conditional import offered_this_year, pay_conditional
from riskmc.engine.holders import contract_sum, or_zero
from riskmc.engine.moves import Moves, Sharing
from riskmc.engine.programme import Group, Programme
from riskmc.engine.recording import (
    own_books,
    record_outturn,
    record_plan,
    record_services,
    record_settling,
    record_the_centre,
)
from riskmc.engine.state import BeforeInstruments, Stocks, YearDrivers, YearRecord
from riskmc.engine.waterfalls import Situation, make_plan, meet_shortfall, use_surplus
from riskmc.rules import budget, projects, settlement, spending
from riskmc.rules.money import Money
from riskmc.rules.shortfall import as_granted


def plan_the_books(
    group: Group, year: int, held: Stocks, before: BeforeInstruments, drivers: YearDrivers
) -> Planned:
    """Plan a group's year."""
    years_left = settlement.years_left(year=year + 1, period=group.period)
    moves = Moves(_sharing(group, before), held)
    planning = plan_the_year(group, year, years_left, held, before, drivers, moves)
    return Planned(held, years_left, moves, planning)


def _sharing(group: Group, before: BeforeInstruments) -> Sharing:
    """Return what the group's members share amounts by."""
    standing = before.costs.standing
    nothing = np.zeros((len(before.costs.planned), 1))
    return Sharing(
        group.members,
        {
            "planned_cost": before.costs.planned,
            "planned_tax": before.revenues.planned_tax,
            "cost": before.costs.cost,
            "charges": before.revenues.planned_charges,
            "premium": before.revenues.premium,
            "standing": nothing if standing is None else standing.planned,
        },
    )


def open_the_books(
    programme: Programme,
    group: Group,
    year: int,
    planned: Planned,
    before: BeforeInstruments,
    drivers: YearDrivers,
) -> AtTheDoor:
    """Bring a group's year out, and meet its shortfall as far as the centre's door: step 9."""
    moves, stocks = planned.moves, planned.moves.stocks
    outturn = run_the_year(group, planned.planning, before, drivers, moves)
    # at the end of a control period the carried deficit falls due
    due = stocks["carried"] if planned.years_left == 1 else np.zeros_like(group.opening_debt)
    stocks["carried"] = stocks["carried"] - due
    situation = _situation(programme, group, year, planned.years_left, outturn, drivers, moves)
    shortfall = budget.money_to_find(balance=outturn.balance, due=due)
    steps, request = group.shortfall[year], None
    left = meet_shortfall(
        steps[: group.door], shortfall=shortfall, situation=situation, moves=moves
    )
    if group.door is not None:
        situation.update(stocks)
        request = steps[group.door].apply(left, situation)
    return AtTheDoor(planned, outturn, situation, due, shortfall, left, request)


def close_the_books(
    programme: Programme,
    group: Group,
    year: int,
    door: AtTheDoor,
    granted: Money | None,
    before: BeforeInstruments,
    drivers: YearDrivers,
    record: YearRecord,
) -> GroupClose:
    """Go on from the centre's door to the end of a group's year, and record it.

    `granted` is the part of its request that the centre grants; None: all.
    """
    held, _, moves, planning = door.planned
    outturn, sharing = door.outturn, moves.sharing
    settled = settle_the_year(group, year, door, granted)
    rules = programme.centre
    if rules is not None and rules.written_off[year] > 0.0:
        written_off = rules.written_off[year] * moves.stocks["debt"]
        moves.stocks["debt"] = moves.stocks["debt"] - written_off
        moves.record("written_off", written_off, "cost")
    record_plan(planning, sharing, record)
    record_outturn(group, planning, outturn, before, moves, record)
    record_settling(programme, group, year, settled, moves, record)
    standing = _still_standing(group, before, moves)
    record_services(group, moves, standing, record)
    record_the_centre(group, held, outturn, settled, before, moves, record)
    moves.write(record)
    own = None
    if rules is not None and rules.windfall is not None:
        own = own_books(group, planning, outturn, before, moves)
    return GroupClose(
        held=Stocks(**moves.stocks),
        moves=moves,
        recurrent_savings=_recurrent(group, outturn, drivers),
        own=own,
        standing=standing,
    )


def _still_standing(group: Group, before: BeforeInstruments, moves: Moves) -> Money | None:
    """Return the services still reduced after what was restored, by member."""
    if before.costs.standing is None:
        return None
    return spending.still_standing(
        standing=group.members.take(before.costs.standing.outturn),
        restored=or_zero(moves.by_member("restored")),
    )


def _recurrent(group: Group, outturn: Outturn, drivers: YearDrivers) -> Money | None:
    if outturn.delivered_by_member is None:
        return None
    return group.members.take(drivers["recurrent_share"]) * outturn.delivered_by_member


def plan_the_year(
    group: Group,
    year: int,
    years_left: int,
    held: Stocks,
    before: BeforeInstruments,
    drivers: YearDrivers,
    moves: Moves,
) -> Planning:
    """Plan before the year's surprises: step 7."""
    members, sharing = group.members, moves.sharing
    interest = budget.interest(
        rate=group.interest, debt=held.debt, carried=held.carried, reserves=held.reserves
    )
    received = contract_sum(group.received, before.payments.planned, members.holders)
    paid = contract_sum(group.paid, before.payments.planned, members.holders)
    level = _level(group, year, before)
    gap = budget.plan_gap(
        planned_cost=sharing.whole("planned_cost"),
        contingency=group.contingency,
        interest_due=interest,
        to_make_good=_to_make_good(group, year, years_left, held, level),
        planned_income=members.total(members.take(before.planned_income)),
        planned_contracts=or_zero(received) - or_zero(paid),
    )
    contribution = offered = None
    if before.contribution is not None:
        contribution = budget.reserve_contribution(
            meant=members.total(members.take(before.contribution)),
            reserves=held.reserves,
            floor=group.floor,
        )
        gap = gap + contribution
    if group.conditional:
        offered = offered_this_year(group, year, sharing)
        gap = gap - offered.counted
    situation = _planning_situation(group, year, held, before, drivers, sharing)
    deficit = make_plan(group.plan[year], gap=gap, situation=situation, moves=moves)
    return Planning(gap, interest, level, contribution, offered, deficit)


def _level(group: Group, year: int, before: BeforeInstruments) -> Money:
    """Return the level that reserves must be brought back to."""
    if group.hold_to is None:
        return group.level
    members = group.members
    received = contract_sum(group.received, before.payments.planned_value, members.holders)
    income = members.total(members.take(before.settled_income)) + or_zero(received)
    return budget.level_to_hold(
        floor=group.floor, planned_income=np.maximum(income, 0.0), to=group.hold_to[year]
    )


def _to_make_good(group: Group, year: int, years_left: int, held: Stocks, level: Money) -> Money:
    owed: dict[str, Any] = {
        "carried": held.carried,
        "reserves": held.reserves,
        "reserve_level": level,
        "years_left": years_left,
    }
    if group.rebuild_over is None:
        return budget.to_make_good(**owed)
    return budget.to_make_good_over(**owed, over=group.rebuild_over[year])


def _planning_situation(
    group: Group,
    year: int,
    held: Stocks,
    before: BeforeInstruments,
    drivers: YearDrivers,
    sharing: Sharing,
) -> Situation:
    """Return what instruments of the plan may ask for."""
    planned_cost = sharing.whole("planned_cost")
    reachable = planned_cost
    if group.out_of_reach is not None:
        reachable = projects.within_reach(
            planned_cost=planned_cost, out_of_reach=group.out_of_reach[year]
        )
    known = {
        "planned_cost": planned_cost,
        "reachable_cost": reachable,
        "planned_tax": sharing.whole("planned_tax"),
        "activity_loss": _activity_loss(group, before, sharing),
        "reserves": held.reserves,
        "reserve_floor": group.floor,
    }
    return Situation(
        known,
        planned_charges=lambda: sharing.whole("charges"),
        standing=lambda: sharing.whole("standing"),
        premium=lambda: sharing.whole("premium"),
        vote=lambda: _decided_for(group, drivers["vote"]),
    )


def _decided_for(group: Group, driver: Money) -> Money:
    """Return the driver of the member whose id sorts first, by holder."""
    return driver if driver.shape[0] == 1 else driver[group.rescued_as]


def _activity_loss(group: Group, before: BeforeInstruments, sharing: Sharing) -> Money | None:
    """Return the activity income that holders lose per £ of services cut; None where none is.

    Members' losses, on contracts paid from outside the holder, weighted by planned own cost.
    """
    per_cost = before.payments.lost_per_cost
    if per_cost is None:
        return None
    members = group.members
    lost = contract_sum(group.member_crossing, per_cost, members.members)
    if lost is None:
        return None
    shares = sharing.shares("planned_cost")
    return lost if shares is None else members.total(lost * shares)


def run_the_year(
    group: Group,
    planning: Planning,
    before: BeforeInstruments,
    drivers: YearDrivers,
    moves: Moves,
) -> Outturn:
    """Bring the year out: income, spend, savings as delivered, balance: step 8."""
    members = group.members
    asked = moves.by_member("savings_asked")
    delivered_by_member = delivered = None
    if asked is not None:
        delivered_by_member = asked * members.take(drivers["savings_delivery"])
        delivered = members.total(delivered_by_member)
    income_by_member = members.take(before.income)
    raised = moves.by_member("income")
    if raised is not None:
        income_by_member = income_by_member + raised
    own_income = members.total(income_by_member)
    received = contract_sum(group.received, before.payments.outturn, members.holders)
    paid = contract_sum(group.paid, before.payments.outturn, members.holders)
    income = own_income if received is None else own_income + received
    spend = moves.sharing.whole("cost") + planning.interest
    balance = budget.outturn_balance(
        income=income,
        spend=spend if paid is None else spend + paid,
        savings_delivered=or_zero(delivered),
        reductions=or_zero(moves.whole("balance")),
    )
    outturn = Outturn(
        income, own_income, balance, delivered, income_by_member, delivered_by_member, None
    )
    return (
        outturn if planning.offered is None else _with_conditional(group, planning, outturn, moves)
    )


def _with_conditional(group: Group, planning: Planning, outturn: Outturn, moves: Moves) -> Outturn:
    """Pay conditional money where its condition is met; it is income."""
    offered = planning.offered
    if offered is None:
        return outturn
    used = or_zero(moves.whole("planned_draw"))
    if planning.contribution is not None:
        used = used + np.maximum(-planning.contribution, 0.0)
    paid = pay_conditional(
        group,
        offered,
        balance=outturn.balance,
        income=outturn.income,
        planned_shortfall=planning.deficit + used + offered.counted,
        savings_planned=or_zero(moves.recorded("savings_planned")),
        savings_delivered=np.zeros_like(group.floor) + or_zero(outturn.delivered),
    )
    whole = group.members.total(paid)
    return outturn._replace(
        income=outturn.income + whole,
        own_income=outturn.own_income + whole,
        balance=outturn.balance + whole,
        income_by_member=outturn.income_by_member + paid,
        conditional_by_member=paid,
    )


def settle_the_year(group: Group, year: int, door: AtTheDoor, granted: Money | None) -> Settled:
    """Meet what is left of the shortfall, use the surplus: steps 9 and 10.

    What no instrument absorbs is taken off reserves.
    """
    outturn, situation, due, shortfall = door.outturn, door.situation, door.due, door.shortfall
    moves, stocks = door.planned.moves, door.planned.moves.stocks
    unresolved = door.left
    if group.door is not None and door.request is not None:
        given = door.request if granted is None else as_granted(request=door.request, share=granted)
        moves.take("shortfall", group.shortfall[year][group.door], given)
        unresolved = meet_shortfall(
            group.shortfall[year][group.door + 1 :],
            shortfall=door.left - given.taken,
            situation=situation,
            moves=moves,
        )
    stocks["reserves"] = stocks["reserves"] - unresolved
    surplus = budget.surplus_after_duties(
        balance=outturn.balance,
        due=due,
        reserves=stocks["reserves"],
        reserve_level=door.planned.planning.level,
        carried=stocks["carried"],
    )
    lapsed = use_surplus(group.surplus[year], surplus=surplus, situation=situation, moves=moves)
    moves.record("clawback", lapsed, "cost")
    returned = moves.whole("returned")
    return Settled(
        shortfall=shortfall,
        unresolved=unresolved,
        returned=lapsed if returned is None else returned + lapsed,
        repaid=due + surplus.carried_repaid + or_zero(moves.whole("debt_repaid")),
    )


def _situation(
    programme: Programme,
    group: Group,
    year: int,
    years_left: int,
    outturn: Outturn,
    drivers: YearDrivers,
    moves: Moves,
) -> Situation:
    """Return what instruments of the shortfall and the surplus may ask for."""
    members, sharing = group.members, moves.sharing
    recognition = members.take(drivers["recognition"])
    shares = sharing.shares("cost")
    nothing = np.zeros_like(group.floor)
    known = {
        "income": outturn.income,
        "own_cost": sharing.whole("cost"),
        "reserve_floor": group.floor,
        "capital": group.capital,
        "open_book": programme.open_book[year],
        "recognition": recognition if shares is None else members.total(recognition * shares),
        "rescue": _decided_for(group, drivers["rescue"]),
        "years_left": years_left,
        "savings_delivered": nothing if outturn.delivered is None else outturn.delivered,
    }
    return Situation(
        known,
        deficit=lambda: budget.deficit(balance=outturn.balance),
        savings_planned=lambda: nothing + or_zero(moves.recorded("savings_planned")),
    )
