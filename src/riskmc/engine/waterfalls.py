"""The three waterfalls: they run down a rulebook's instruments without knowing them.

Steps 7, 9 and 10 of the model's section 4. Arrays are (holder, draw), money in £m. What the
instruments move is gathered in `Moves`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from riskmc.engine.compiling import Step
from riskmc.engine.moves import Moves
from riskmc.rules import budget
from riskmc.rules.money import Money

Situation = dict[str, Any]


def make_plan(steps: tuple[Step, ...], *, gap: Money, situation: Situation, moves: Moves) -> Money:
    """Let the gap flow down the plan's instruments; return what is left: the planned deficit."""
    left_signed = gap
    for step in steps:
        planned = step.apply(np.maximum(left_signed, 0.0), situation)
        left_signed = left_signed - planned.counted
        moves.take("plan", step, planned)
    return np.maximum(left_signed, 0.0)


def meet_shortfall(
    steps: tuple[Step, ...], *, shortfall: Money, situation: Situation, moves: Moves
) -> Money:
    """Let the shortfall flow down instruments; return what none of them absorbs."""
    left = shortfall
    for step in steps:
        absorbed = step.apply(left, {**situation, **moves.stocks})
        left = left - absorbed.taken
        moves.take("shortfall", step, absorbed)
    return left


def use_surplus(
    steps: tuple[Step, ...],
    *,
    surplus: budget.Surplus,
    situation: Situation,
    moves: Moves,
) -> Money:
    """Bring reserves back, repay the carried deficit, then let the rest flow down.

    Returns what no instrument keeps, which goes back to the centre.
    """
    stocks = moves.stocks
    stocks["reserves"] = stocks["reserves"] + surplus.restored
    stocks["carried"] = stocks["carried"] - surplus.carried_repaid
    left = surplus.left
    for step in steps:
        used = step.apply(left, {**situation, **moves.stocks})
        left = left - used.taken
        moves.take("surplus", step, used)
    return left
