"""When something counts as having happened, and which of two amounts is the larger."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.statistics.estimates import Bools
from riskmc.variables import HAPPENED

#: Share of a year's income above which a rescue is large.
LARGE = 0.01


def least_that_counts(income: NDArray[Any], *, above: float = 0.0) -> NDArray[Any]:
    """Return the amount above which something has happened: 1e-9 * max(1, income).

    With `above`, no less than that share of income.
    """
    least: NDArray[Any] = np.maximum(income, 1.0)
    least *= HAPPENED
    if above > 0.0:
        np.maximum(least, above * income, out=least)
    return least


def happened(amount: NDArray[Any], income: NDArray[Any], *, above: float = 0.0) -> Bools:
    """Say where an amount counts as having happened; see `least_that_counts`."""
    found: Bools = amount > least_that_counts(income, above=above)
    return found


def sides(first: NDArray[Any], second: NDArray[Any]) -> dict[str, Bools]:
    """Say in which draws the first is lower, the same or higher.

    The same: within 1e-9 of the second, or of £1m where that is less.
    """
    one, other = first.astype(float), second.astype(float)
    slack = HAPPENED * np.maximum(np.abs(other), 1.0)
    return {
        "lower": one < other - slack,
        "tie": np.abs(one - other) <= slack,
        "higher": one > other + slack,
    }
