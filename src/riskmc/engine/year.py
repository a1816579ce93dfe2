"""One year of a regime: the eleven steps of the model's section 4, in order.

The steps by organisation are here (1 to 6 and 11); what a budget holder does (7 to 10) is
in `budget_year`. Every figure comes from the programme, every chance from the drivers.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from riskmc.engine.books import GroupClose, Planned
from riskmc.engine.budget_year import close_the_books, open_the_books, plan_the_books
from riskmc.engine.centre import Answer, answer, next_windfall, react
from riskmc.engine.costs import varies, work_out_costs
from riskmc.engine.holders import add_rows, add_up, contract_sum, or_zero
from riskmc.engine.payments import less_activity, make_payments
from riskmc.engine.programme import Programme
from riskmc.engine.services import (
    any_moved,
    by_organisation,
    close_services,
    moved_by_organisation,
)
from riskmc.engine.state import (
    BeforeInstruments,
    Grants,
    Payments,
    Revenues,
    State,
    YearDrivers,
    YearRecord,
)
from riskmc.rules import funding, income, settlement, spending
from riskmc.rules.money import Money


def run_year(
    programme: Programme, year: int, state: State, drivers: YearDrivers, record: YearRecord
) -> State:
    """Run one year (0 is the first) and return the state at its end."""
    before = before_instruments(programme, year, state, drivers, record)
    if programme.projects is not None:
        record_projects(programme, year, before, record)
    groups = programme.groups
    plans = [
        plan_the_books(group, year, held, before, drivers)
        for group, held in zip(groups, state.held, strict=True)
    ]
    if before.payments.lost_per_cost is not None:
        before = before._replace(payments=_less_activity(programme, before, plans))
    doors = [
        open_the_books(programme, group, year, planned, before, drivers)
        for group, planned in zip(groups, plans, strict=True)
    ]
    answered = answer(programme, year, doors, before, record)
    closes = [
        close_the_books(programme, group, year, door, granted, before, drivers, record)
        for group, door, granted in zip(groups, doors, answered.granted, strict=True)
    ]
    return roll_forward(programme, year, state, before, answered, closes, drivers, record)


def _less_activity(
    programme: Programme, before: BeforeInstruments, plans: list[Planned]
) -> Payments:
    """Return the year's contracts less the activity income that planned cuts lose, net."""
    cut = by_organisation(programme, [planned.moves.by_member("unmet") for planned in plans])
    back = [planned.moves.by_member("restored") for planned in plans]
    if any(restored is not None for restored in back):
        cut = cut - by_organisation(programme, back)
    return less_activity(before.payments, programme.contracts, cut)


def record_projects(
    programme: Programme, year: int, before: BeforeInstruments, record: YearRecord
) -> None:
    """Record what projects cost, bring and owe; all by organisation."""
    taken = programme.projects
    if taken is None:
        return
    everyone = slice(0, programme.organisations)
    for name, values in (
        ("project_outlay", taken.outlay[year]),
        ("project_benefit", before.costs.project_benefit),
        ("receipts", taken.kept[year]),
        ("project_loans", taken.owed[year]),
    ):
        record.bodies(name, everyone, or_zero(values))
        record.place(name, or_zero(values))


def before_instruments(
    programme: Programme, year: int, state: State, drivers: YearDrivers, record: YearRecord
) -> BeforeInstruments:
    """Work out grant, cost, other income and contracts: steps 1 to 6."""
    burden = spending.new_burden_cost(cost_base=state.base, new_burden=drivers["new_burden"])
    grants = _grants(programme, year, state, drivers, burden)
    revenues = _revenues(programme, year, state, drivers)
    settled_income = grants.announced + revenues.planned_tax + revenues.planned_charges
    contribution = planned_income = None
    meant = programme.contribution
    if meant is not None or varies(drivers["outturn_variance"]):
        planned_income = _planned_income(programme, year, state, settled_income)
    if meant is not None and planned_income is not None:
        contribution = meant[year] * planned_income
    costs = work_out_costs(programme, year, state, drivers, burden)
    if planned_income is not None:
        saved = spending.underspend(
            planned_income=planned_income, variance=drivers["outturn_variance"]
        )
        costs = costs._replace(cost=costs.cost - saved)
    payments = make_payments(programme, year, state, costs, burden, drivers)
    if programme.centre is not None:
        grants = react(programme, year, programme.centre, state, grants, revenues, payments, record)
    from_centre = add_up(grants.in_cash, revenues.equalised)
    if programme.fund_by_year[year] > 0.0:
        from_centre = add_up(from_centre, programme.fund[year])
    expected_income = settled_income
    outturn_income = grants.in_cash + revenues.tax + revenues.charges
    from_centre = grants.in_cash if from_centre is None else from_centre
    if programme.projects is not None:
        kept = programme.projects.kept[year]
        expected_income, outturn_income = expected_income + kept, outturn_income + kept
        from_centre = from_centre - programme.projects.swept[year]
    return BeforeInstruments(
        grants=grants,
        costs=costs,
        revenues=revenues,
        payments=payments,
        planned_income=expected_income,
        income=outturn_income,
        from_centre=from_centre,
        settled_income=settled_income,
        contribution=contribution,
    )


def _planned_income(programme: Programme, year: int, state: State, settled: Money) -> Money:
    """Return each body's planned income, contracts received included and never below 0."""
    contracts = programme.contracts
    planned = income.planned_contract(
        value=state.contracts,
        uplift=contracts.uplift[year],
        expected_demand=programme.expected["demand_growth"][year, contracts.payee],
    )
    received = contract_sum(
        tuple((int(payee), c) for c, payee in enumerate(contracts.payee)),
        planned,
        programme.organisations,
    )
    return np.maximum(settled + or_zero(received), 0.0)


def _grants(
    programme: Programme, year: int, state: State, drivers: YearDrivers, burden: Money
) -> Grants:
    """Settle the grant, fund new burdens, take the in-year cut: steps 1, 2 and 6."""
    settled = programme.settle[year](
        grant=state.grant,
        planned_growth=programme.grant_growth[year],
        funding_shock=drivers["funding_shock"],
        pending=state.pending,
    )
    announced = settled.announced
    if programme.projects is not None:
        announced = announced + programme.projects.mandates_funded[year]
    grant = settlement.funded_grant(
        announced=announced,
        burden=burden,
        new_burdens_funded=programme.new_burdens_funded[year],
    )
    cut = programme.cut_rules[year](
        grant=funding.grant_that_counts(grant=grant) if programme.pays_in else grant,
        in_year_cut=drivers["in_year_cut"],
        cut_recurrent_share=programme.cut_recurrent_share[year],
        pending=settled.pending,
    )
    return Grants(
        announced=announced,
        funded=grant,
        in_cash=_less(grant, cut.cash),
        closing=_less(grant, cut.lasting),
        pending=cut.pending,
    )


def _less(values: Money, taken: Money | float) -> Money:
    """Take off what is taken; nothing to do where no draw can lose anything."""
    return values if np.ndim(taken) == 0 and taken == 0.0 else values - taken


def _revenues(programme: Programme, year: int, state: State, drivers: YearDrivers) -> Revenues:
    """Work out local tax and charges: step 4."""
    tax_growth = programme.tax_growth[year]
    surprise = income.tax_surprise(local_tax=state.local_tax, tax_shock=drivers["tax_shock"])
    planned_tax = income.planned_tax(local_tax=state.local_tax, tax_growth=tax_growth)
    tax = income.outturn_tax(
        planned=planned_tax, surprise=surprise, equalisation=programme.equalisation[year]
    )
    equalised = None
    if state.equalised is not None:
        equalised = income.equalisation_paid(
            paid_before=state.equalised,
            tax_growth=tax_growth,
            surprise=surprise,
            equalisation=programme.equalisation[year],
        )
    planned_charges = income.grown_charges(
        charges=state.charges, charges_growth=programme.charges_growth[year]
    )
    return Revenues(
        planned_tax=planned_tax,
        tax=tax,
        planned_charges=planned_charges,
        charges=planned_charges,
        premium=income.grown_premium(premium=state.premium, growth=tax_growth),
        equalised=equalised,
    )


def roll_forward(
    programme: Programme,
    year: int,
    state: State,
    before: BeforeInstruments,
    answered: Answer,
    closes: list[GroupClose],
    drivers: YearDrivers,
    record: YearRecord,
) -> State:
    """Close the year: step 11."""
    grants, costs, revenues = before.grants, before.costs, before.revenues

    moved = partial(moved_by_organisation, programme, closes)
    raised = moved("local_tax")
    invested: Money | float = programme.fund_by_year[year]
    for close in closes:
        into_prevention = close.moves.whole("invested")
        if into_prevention is not None:
            invested = invested + add_rows(into_prevention)
    record.place("prevention", np.atleast_2d(invested))
    everyone = slice(0, programme.organisations)
    premium = revenues.premium + raised
    pending = grants.pending * grants.closing
    record.bodies("local_premium", everyone, premium)
    record.place("local_premium", premium)
    record.bodies("pending", everyone, pending)
    record.place("pending", pending)
    charged, charges_premium = _charges(programme, year, state, closes, record)
    services = close_services(programme, state, closes, drivers, record)
    running_cost = moved("cost_base")
    if answered.running_cost is not None:
        running_cost = running_cost + answered.running_cost
    return State(
        base=spending.closing_cost_base(
            cost_base=costs.base,
            recurrent_savings=by_organisation(programme, [c.recurrent_savings for c in closes]),
            running_cost=running_cost,
        ),
        grant=grants.closing,
        local_tax=revenues.tax + raised,
        charges=revenues.charges if charged is None else revenues.charges + charged,
        avoided=costs.avoided,
        gain=spending.prevention_gain(
            prevention_yield=drivers["prevention_yield"],
            weight=programme.weight,
            invested=invested,
        ),
        unmet=services.may_return,
        pending=grants.pending,
        premium=premium,
        equalised=revenues.equalised,
        contracts=before.payments.value,
        held=tuple(close.held for close in closes),
        next_cut=answered.next_cut,
        windfall=next_windfall(programme, year, closes),
        spilling=services.spilling,
        standing=services.standing,
        grown=services.grown,
        charges_premium=charges_premium,
    )


def _charges(
    programme: Programme,
    year: int,
    state: State,
    closes: list[GroupClose],
    record: YearRecord,
) -> tuple[Money | None, Money | None]:
    """Return what charges were raised by, and what all rises bring; None where none ever were."""
    if not any_moved(closes, "charges") and state.charges_premium is None:
        return None, None
    charged = moved_by_organisation(programme, closes, "charges")
    premium = charged
    if state.charges_premium is not None:
        growth = programme.charges_growth[year]
        premium = income.grown_premium(premium=state.charges_premium, growth=growth) + charged
    record.bodies("charges_premium", slice(0, programme.organisations), premium)
    record.place("charges_premium", premium)
    return charged, premium
