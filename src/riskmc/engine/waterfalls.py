"""The three waterfalls: they run down a rulebook's instruments without knowing them.

Steps 7, 9 and 10 of the model's section 4. Arrays are (holder, draw), money in £m.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from riskmc.engine.holders import add_up, or_zero
from riskmc.engine.programme import Step
from riskmc.engine.state import Held
from riskmc.rules import budget
from riskmc.rules.money import Money


class Plan(NamedTuple):
    """The plan's outcome by holder [£m]; None for what no instrument does."""

    deficit: Money
    savings_target: Money | None
    savings_asked: Money | None
    local_revenue: Money | None
    service_reduction: Money | None


class Met(NamedTuple):
    """How the shortfall was met, by holder [£m]; None for what no instrument does."""

    taken: dict[str, Money]
    held: Held
    unmet: Money | None
    running_cost: Money | None
    rescue_needed: Money
    unresolved: Money


class Spent(NamedTuple):
    """What became of the surplus, by holder [£m]; None where no instrument repays debt."""

    taken: dict[str, Money]
    held: Held
    repaid: Money
    debt_repaid: Money | None


def make_plan(steps: tuple[Step, ...], *, gap: Money, situation: dict[str, Any]) -> Plan:
    """Let the gap flow down the plan's instruments; what is left is the planned deficit."""
    left = np.maximum(gap, 0.0)
    target = asked = revenue = reduction = None
    for step in steps:
        planned = step.apply(left, situation)
        left = np.maximum(left - planned.counted, 0.0)
        target = add_up(target, planned.savings_target)
        if planned.savings_target is not None:
            asked = add_up(asked, planned.effort * planned.savings_target)
        revenue = add_up(revenue, planned.local_revenue)
        reduction = add_up(reduction, planned.service_reduction)
    return Plan(left, target, asked, revenue, reduction)


def _record(taken: dict[str, Money], name: str, amount: Money) -> None:
    """Add what an instrument took to what others recorded under the same name."""
    if name:
        taken[name] = taken[name] + amount if name in taken else amount


def meet_shortfall(
    steps: tuple[Step, ...], *, shortfall: Money, held: Held, situation: dict[str, Any]
) -> Met:
    """Let the shortfall flow down the instruments; what none absorbs is taken off reserves."""
    left = shortfall
    reserves, carried, debt = held
    taken: dict[str, Money] = {}
    unmet = running_cost = rescue_needed = None
    for step in steps:
        absorbed = step.apply(left, {**situation, "reserves": reserves, "carried": carried})
        left = left - absorbed.taken
        _record(taken, step.records, absorbed.taken)
        if absorbed.reserves is not None:
            reserves = absorbed.reserves
        if absorbed.carried is not None:
            carried = carried + absorbed.carried
        if absorbed.debt is not None:
            debt = debt + absorbed.debt
        unmet = add_up(unmet, absorbed.unmet)
        running_cost = add_up(running_cost, absorbed.running_cost)
        if absorbed.rescue_needed is not None:
            rescue_needed = absorbed.rescue_needed
    return Met(
        taken=taken,
        held=Held(reserves - left, carried, debt),
        unmet=unmet,
        running_cost=running_cost,
        rescue_needed=left if rescue_needed is None else rescue_needed,
        unresolved=left,
    )


def use_surplus(
    steps: tuple[Step, ...],
    *,
    balance: Money,
    due: Money | float,
    level: Money,
    held: Held,
    situation: dict[str, Any],
) -> Spent:
    """Bring reserves back, repay the carried deficit, then let the rest flow down."""
    surplus = budget.surplus_after_duties(
        balance=balance,
        due=due,
        reserves=held.reserves,
        reserve_level=level,
        carried=held.carried,
    )
    left = surplus.left
    reserves = held.reserves + surplus.restored
    debt = held.debt
    taken: dict[str, Money] = {}
    debt_repaid = None
    for step in steps:
        used = step.apply(left, {**situation, "debt": debt, "reserves": reserves})
        left = left - used.taken
        _record(taken, step.records, used.taken)
        if used.kept is not None:
            reserves = reserves + used.kept
        if used.debt_repaid is not None:
            debt = debt - used.debt_repaid
            debt_repaid = add_up(debt_repaid, used.debt_repaid)
    _record(taken, "clawback", left)
    return Spent(
        taken=taken,
        held=Held(reserves, held.carried - surplus.carried_repaid, debt),
        repaid=due + surplus.carried_repaid + or_zero(debt_repaid),
        debt_repaid=debt_repaid,
    )
