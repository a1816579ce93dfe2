"""May one number be called larger than another, given their simulation errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from riskmc.figures.tables import Difference, Series, Share, TippingTable

#: 95 % of a normal distribution lie within this many standard errors.
TWO_SIDED = 1.959964
Ranking = Literal["lowest", "highest", "differ", "open"]


def sign_of(difference: Difference) -> int:
    """Return +1 or -1 where the 95 % interval of a difference leaves 0 out, otherwise 0.

    Without an interval the difference is taken to be exact.
    """
    if math.isfinite(difference.low) and math.isfinite(difference.high):
        return int(difference.low > 0.0) - int(difference.high < 0.0)
    return int(difference.value > 0.0) - int(difference.value < 0.0)


def compare_shares(first: Share, second: Share, difference: Difference | None = None) -> int:
    """Return the sign of second - first, 0 where they cannot be told apart.

    The paired difference decides where it is given; otherwise intervals must not touch, which
    is stricter than a test of the difference.
    """
    if difference is not None:
        return sign_of(difference)
    known = all(math.isfinite(v) for v in (first.low, first.high, second.low, second.high))
    if not known:
        return sign_of(Difference(value=second.value - first.value))
    return int(second.low > first.high) - int(second.high < first.low)


def compare_years(first: Series, second: Series, difference: Series | None = None) -> list[int]:
    """Return `compare_shares` for each year."""
    signs = []
    for t in range(len(first.years)):
        one = None
        if difference is not None:
            one = Difference(
                value=difference.value[t], low=difference.low[t], high=difference.high[t]
            )
        signs.append(compare_shares(at(first, t), at(second, t), one))
    return signs


def at(series: Series, t: int) -> Share:
    """Return one year of a series."""
    return Share(label=series.label, value=series.value[t], low=series.low[t], high=series.high[t])


def with_error(label: str, value: float, error: float) -> Share:
    """Return an amount with the 95 % interval that its standard error gives."""
    if not math.isfinite(error):
        return Share(label=label, value=value)
    half = TWO_SIDED * error
    return Share(label=label, value=value, low=value - half, high=value + half)


def rank(shares: Sequence[Share], difference: Difference | None = None) -> tuple[Ranking, int]:
    """Say what may be said of several regimes, and of which.

    "lowest": one is below every other; "highest": one is above every other; "differ": the
    lowest is below the highest, no more; "open": they cannot be told apart. The difference
    counts where there are two.
    """
    lowest = min(range(len(shares)), key=lambda i: shares[i].value)
    highest = max(range(len(shares)), key=lambda i: shares[i].value)
    if len(shares) == 2:
        sign = compare_shares(shares[0], shares[1], difference)
        return ("lowest", 0 if sign > 0 else 1) if sign else ("open", 0)
    below = [compare_shares(shares[lowest], shares[i]) > 0 for i in _others(shares, lowest)]
    above = [compare_shares(shares[highest], shares[i]) < 0 for i in _others(shares, highest)]
    if all(below):
        return "lowest", lowest
    if all(above):
        return "highest", highest
    if compare_shares(shares[lowest], shares[highest]) > 0:
        return "differ", lowest
    return "open", lowest


def _others(shares: Sequence[Share], i: int) -> list[int]:
    return [k for k in range(len(shares)) if k != i]


def verdict(table: TippingTable, row: int, column: int) -> int:
    """Return +1 where the second regime is better, -1 where worse, 0 where it cannot be told."""
    sign = sign_of(
        Difference(
            value=table.values[row][column],
            low=table.low[row][column],
            high=table.high[row][column],
        )
    )
    return -sign if table.lower_is_better else sign
