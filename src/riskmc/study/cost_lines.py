"""Cost lines of a body, each with its own growth and inflation, as growth of the whole.

With B[l] the cost of line l, g its growth of need and π its inflation, drawn or expected, the
body's need grows by Σ w (1 + g) − 1 and its unit costs by Σ w (1 + g)(1 + π) / Σ w (1 + g) − 1,
w = B / Σ B at the start of the year; then B ← B (1 + g)(1 + π). So its cost base grows as the sum
of its lines. What else moves the base (savings, mandates) moves every line in proportion.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: The drivers that a line may have of its own.
OF_LINES = ("demand_growth", "cost_inflation")


def line_id(organisation: str, line: str) -> str:
    """Return the name by which drivers' scopes and streams know a line."""
    return f"{organisation}.{line}"


def of_the_whole(
    costs: Sequence[float], demand: Sequence[Array], inflation: Sequence[Array]
) -> tuple[Array, Array]:
    """Return growth of need and of unit costs of a body from those of its lines.

    costs               opening cost of each line [£m]; equal parts where all are 0
    demand, inflation   of each line, (T, ...) [fraction a year]

    Lines are added in their order, so a draw's value does not depend on its neighbours.
    """
    total = sum(costs)
    levels: list[Array | float] = [c / total if total > 0.0 else 1.0 / len(costs) for c in costs]
    needs, prices = [], []
    for year in range(len(demand[0])):
        whole: Array | float = 0.0
        need: Array = np.zeros(())
        cost: Array = np.zeros(())
        for line, level in enumerate(levels):
            more = level * (1.0 + demand[line][year])
            grown = more * (1.0 + inflation[line][year])
            whole, need, cost = whole + level, need + more, cost + grown
            levels[line] = grown
        needs.append(need / whole - 1.0)
        prices.append(cost / need - 1.0)
    return np.stack(np.broadcast_arrays(*needs)), np.stack(np.broadcast_arrays(*prices))
