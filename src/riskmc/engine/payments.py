"""The year's contracts: step 5, and the terms of the devices' section 2.

Arrays are (contract, draw) or, where named so, (organisation, draw); money in £m.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.contracts import Contracts, Terms
from riskmc.engine.holders import zeros_for
from riskmc.engine.programme import Programme
from riskmc.engine.state import Costs, Payments, State, YearDrivers
from riskmc.rules import contracts as terms_of
from riskmc.rules import income
from riskmc.rules.money import Money, share_of


def make_payments(
    programme: Programme,
    year: int,
    state: State,
    costs: Costs,
    burden: Money,
    drivers: YearDrivers,
) -> Payments:
    """Work out what contracts were planned to pay and what they pay.

    `burden` is what new mandates cost, by organisation. What planned service reductions lose in
    activity income is taken off once they are planned.
    """
    contracts = programme.contracts
    demand = _of(drivers["demand_growth"], contracts.payee)
    expected = programme.expected["demand_growth"][year, contracts.payee]
    planned = income.planned_contract(
        value=state.contracts, uplift=contracts.uplift[year], expected_demand=expected
    )
    value = income.outturn_contract(
        value=state.contracts,
        uplift=contracts.uplift[year],
        expected_demand=expected,
        demand_growth=demand,
        activity_share=contracts.activity_share[year],
    )
    without = Payments(planned, value, planned, value, None)
    terms = contracts.terms
    if terms is None:
        return without
    paid = _outcomes(without, terms, year, demand, expected)
    paid = _risks(paid, contracts, terms, year, costs, programme.new_burdens_funded[year] * burden)
    paid = _passed_back(paid, contracts, terms, year, costs)
    return _activity(paid, contracts, terms, year, state, costs)


def less_activity(payments: Payments, contracts: Contracts, reductions: Money | float) -> Payments:
    """Take off what the year's service reductions lose in activity income.

    `reductions` are what payees cut for this year, net of what they restore, by organisation.
    """
    if payments.lost_per_cost is None or not isinstance(reductions, np.ndarray):
        return payments
    lost = payments.lost_per_cost * _of(reductions, contracts.payee)
    return payments._replace(outturn=payments.outturn - lost)


def _of(values: Money, bodies: NDArray[np.intp]) -> Money:
    """Return bodies' rows of an array by organisation; one row stands for all."""
    return values if values.shape[0] == 1 else values[bodies]


def _by_payee(contracts: Contracts, organisations: int, values: Money) -> Money:
    """Add contracts' values up over each payee's contracts, one by one: (organisation, draw)."""
    total = zeros_for([values], (organisations, values.shape[1]))
    for contract, payee in enumerate(contracts.payee):
        total[payee] += values[contract]
    return total


def _outcomes(paid: Payments, terms: Terms, year: int, demand: Money, expected: Money) -> Payments:
    if terms.outcome_share is None:
        return paid
    kept = terms_of.withheld(
        value=paid.value,
        outcome_share=terms.outcome_share[year],
        outcome_target=terms.outcome_target[year],
        demand_growth=demand,
        expected_demand=expected,
    )
    return paid._replace(outturn=paid.outturn - kept)


def _risks(
    paid: Payments,
    contracts: Contracts,
    terms: Terms,
    year: int,
    costs: Costs,
    burdens_funded: Money,
) -> Payments:
    if terms.risk_share is None:
        return paid
    bodies = costs.cost.shape[0]
    paid_for = _by_payee(contracts, bodies, paid.value - paid.planned_value)
    above_plan = costs.cost - costs.planned - burdens_funded - paid_for
    shared = terms_of.risk_shared(
        risk_share=terms.risk_share[year],
        above_plan=above_plan[contracts.payee],
        value=paid.value,
        limit=terms.risk_limit[year],
        unlimited=terms.unlimited[year],
    )
    return paid._replace(outturn=paid.outturn + shared)


def _passed_back(
    paid: Payments, contracts: Contracts, terms: Terms, year: int, costs: Costs
) -> Payments:
    if terms.benefit_share is None:
        return paid
    passed = terms_of.passed_back(
        benefit_share=terms.benefit_share[year], avoided=_of(costs.avoided, contracts.payer)
    )
    return paid._replace(planned=paid.planned + passed, outturn=paid.outturn + passed)


def _activity(
    paid: Payments, contracts: Contracts, terms: Terms, year: int, state: State, costs: Costs
) -> Payments:
    if terms.activity_price is None:
        return paid
    bodies = costs.cost.shape[0]
    share = share_of(
        weight=state.contracts,
        whole=_by_payee(contracts, bodies, state.contracts)[contracts.payee],
        equal=terms.equal,
    )
    per_cost = terms_of.income_lost_per_cost(
        activity_share=contracts.activity_share[year],
        activity_price=terms.activity_price[year],
        share=share,
    )
    activity = {
        "per_cost": per_cost,
        "avoided": _of(costs.avoided, contracts.payee),
        "returning": _of(costs.returning, contracts.payee),
    }
    planned_standing: Money | float = 0.0
    standing: Money | float = 0.0
    if costs.standing is not None:
        planned_standing = _of(costs.standing.planned, contracts.payee)
        standing = _of(costs.standing.outturn, contracts.payee)
    return paid._replace(
        planned=paid.planned - terms_of.activity_lost(**activity, standing=planned_standing),
        outturn=paid.outturn - terms_of.activity_lost(**activity, standing=standing),
        lost_per_cost=per_cost,
    )
