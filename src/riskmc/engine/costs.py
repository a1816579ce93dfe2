"""The year's cost by organisation, as it came out and as it was planned: step 3.

Arrays are (organisation, draw), money in £m.
"""

from __future__ import annotations

import numpy as np

from riskmc.engine.opening import Projects
from riskmc.engine.programme import Programme
from riskmc.engine.state import Costs, Standing, State, YearDrivers
from riskmc.rules import spending
from riskmc.rules.money import Money
from riskmc.variables import PROJECT_DELIVERY


def varies(values: Money) -> bool:
    """Say whether a driver is anything but 0; one that is alike in all draws says it itself."""
    return values.shape[1] > 1 or bool(np.any(values))


def work_out_costs(
    programme: Programme, year: int, state: State, drivers: YearDrivers, burden: Money
) -> Costs:
    """Grow the cost base; work out own cost, and what planners expect it to be: step 3."""
    base = spending.grown_cost_base(
        cost_base=state.base,
        demand_growth=drivers["demand_growth"],
        cost_inflation=drivers["cost_inflation"],
        burden=burden,
    )
    avoided = spending.avoided_cost(
        avoided=state.avoided,
        gain=state.gain,
        cost_base=base,
        decay=programme.prevention_decay,
        cap=programme.prevention_cap,
    )
    returning = spending.returning_need(
        unmet=state.unmet,
        unmet_return=programme.unmet_return,
        delay_cost=programme.delay_cost,
    )
    if state.spilling is not None:
        returning = returning + _spilled(programme, state.spilling)
    standing = _standing(programme, year, state.standing, drivers)
    cost = spending.own_cost(
        cost_base=base,
        returning=returning,
        avoided=avoided,
        one_off_cost=drivers["one_off_cost"],
    )
    planned = spending.planned_cost(
        cost_base=state.base,
        expected_demand=programme.expected["demand_growth"][year],
        expected_inflation=programme.expected["cost_inflation"][year],
        expected_temporary=programme.expected["temporary_cost"][year],
        returning=returning,
        avoided=avoided,
    )
    if varies(drivers["temporary_cost"]):
        cost = cost + spending.temporary_cost(cost_base=base, premium=drivers["temporary_cost"])
    if standing is not None:
        cost, planned = cost - standing.outturn, planned - standing.planned
    benefit = None
    taken = programme.projects
    if taken is not None:
        benefit = _project_benefit(taken, year, drivers)
        spent = taken.outlay[year] + taken.mandates[year]
        cost = cost + spent - benefit
        planned = planned + spent - taken.counted[year]
    return Costs(base, avoided, cost, planned, returning, benefit, standing)


def _standing(
    programme: Programme, year: int, standing: Money | None, drivers: YearDrivers
) -> Standing | None:
    """Grow services still reduced like the cost that it replaces, and as planners expect."""
    if standing is None:
        return None
    outturn = spending.grown_services(
        services=standing,
        demand_growth=drivers["demand_growth"],
        cost_inflation=drivers["cost_inflation"],
    )
    planned = spending.grown_services(
        services=standing,
        demand_growth=programme.expected["demand_growth"][year],
        cost_inflation=programme.expected["cost_inflation"][year],
    )
    return Standing(outturn, planned)


def _spilled(programme: Programme, unmet: Money) -> Money:
    """Add up the need that comes to each body from others, by organisation."""
    total = np.zeros_like(unmet)
    for spill in programme.spills:
        total[spill.to] += spending.spilled_need(
            unmet=unmet[spill.source], share=spill.share, cost=spill.cost
        )
    return total


def _project_benefit(taken: Projects, year: int, drivers: YearDrivers) -> Money:
    """Add up what projects avoid, as delivered, by organisation [£m]."""
    total: Money = np.zeros_like(taken.outlay[year])
    for benefit in taken.benefits:
        delivered = (
            drivers[PROJECT_DELIVERY][benefit.project]
            if benefit.delivery is None
            else benefit.delivery
        )
        total = total + delivered * benefit.avoided[year]
    return total
