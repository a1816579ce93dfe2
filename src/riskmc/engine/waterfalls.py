"""The three waterfalls: they run down a rulebook's instruments without knowing them.

Steps 7, 9 and 10 of the model's section 4. Arrays are (holder, draw), money in £m. What the
instruments move is gathered in `Moves`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from riskmc.engine.compiling import Step
from riskmc.engine.moves import Moves
from riskmc.rules import budget
from riskmc.rules.money import Money


class Situation(dict[str, Any]):
    """What the rules of instruments may ask for: some of it worked out once it is asked for."""

    def __init__(self, known: Mapping[str, Any], **makers: Callable[[], Any]) -> None:
        super().__init__(known)
        self._makers = makers

    def __missing__(self, name: str) -> Any:
        """Work it out, and keep it."""
        self[name] = self._makers[name]()
        return self[name]


def make_plan(steps: tuple[Step, ...], *, gap: Money, situation: Situation, moves: Moves) -> Money:
    """Let the gap flow down the plan's instruments; return what is left: the planned deficit."""
    left_signed = gap
    for step in steps:
        if "spare" in step.asks:
            situation["spare"] = np.maximum(-left_signed, 0.0)
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
        situation.update(moves.stocks)
        absorbed = step.apply(left, situation)
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
        situation.update(moves.stocks)
        used = step.apply(left, situation)
        left = left - used.taken
        moves.take("surplus", step, used)
    return left
