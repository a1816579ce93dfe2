"""Conditions on which money is paid: what a holder must have come to.

Arrays broadcast to (holder, draw); money in £m. Every test allows a rounding. Source: devices,
section 4.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from riskmc.rules.money import ROUNDING, Flag, Money


def always(*, balance: Money) -> Flag:
    """Pay without a condition: agreed support. `balance` gives the shape.

    Source: devices, section 4, `none`.
    """
    return np.ones_like(balance, dtype=bool)


def control_total(*, balance: Money, income: Money, target: float) -> Flag:
    """Pay where the balance meets a share of income.

    balance  outturn before any conditional money   [£m]
    income   income before any conditional money    [£m]
    target   what the balance must be at least      [share of income]

    Source: devices, section 4, `balance`; NHS control totals.
    """
    return balance >= target * income - ROUNDING


def on_plan(*, balance: Money, income: Money, planned_shortfall: Money, target: float) -> Flag:
    """Pay where the balance is no worse than planned, by more than a share of income.

    balance            outturn before any conditional money                        [£m]
    income             income before any conditional money                         [£m]
    planned_shortfall  planned deficit, planned use of reserves, money counted on  [£m]
    target             how much worse it may be                                    [share of income]

    Source: devices, section 4, `plan`.
    """
    return balance >= -planned_shortfall - target * income - ROUNDING


def savings_made(*, savings_delivered: Money, savings_planned: Money, target: float) -> Flag:
    """Pay where a share of the savings planned was delivered.

    savings_delivered  in the year       [£m]
    savings_planned    target they had   [£m]
    target             part that counts  [share of the target]

    Source: devices, section 4, `savings`.
    """
    return savings_delivered >= target * savings_planned - ROUNDING


#: The `test` of conditional money and the rule each names.
TESTS: dict[str, Callable[..., Flag]] = {
    "none": always,
    "balance": control_total,
    "plan": on_plan,
    "savings": savings_made,
}
