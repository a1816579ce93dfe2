"""How futures compare with a value: how many strictly below it, at it, strictly above it.

A percentile says "exceeded in 1 of 10" only where no futures tie. A register whose risks seldom
happen makes thousands of futures with the same cost of nothing, and then P50, P80 and P90 may
be one and the same number. So what is said of a percentile is worked out from these counts,
never from the percentile's own p.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.statistics.estimates import Bools

#: Amounts nearer to one another than this, relative to max(1, amount), are the same amount.
SAME = 1e-9


class Standing(NamedTuple):
    """How many futures lie strictly below a value or range, at or within it, strictly above."""

    below: int
    at: int
    above: int

    @property
    def total(self) -> int:
        """How many futures there are."""
        return self.below + self.at + self.above

    def of_100(self) -> tuple[int, int, int]:
        """Return the three counts of 100, whole numbers that add up to 100.

        Rounded by largest remainder, ties to the middle; a 0 here may stand for a few futures,
        so ask the counts themselves before saying "none".
        """
        order = (self.at, self.below, self.above)
        exact = [100.0 * count / self.total for count in order]
        whole = [int(share) for share in exact]
        rest = sorted(range(3), key=lambda i: whole[i] - exact[i])
        for i in rest[: 100 - sum(whole)]:
            whole[i] += 1
        at, below, above = whole
        return below, at, above


def standing(
    x: NDArray[Any], *, low: float, high: float | None = None, valid: Bools | None = None
) -> Standing:
    """Count futures below `low`, from `low` to `high` (default: at `low`), and above.

    x      amounts, any shape; NaN is left out, as is what `valid` does not hold
    low    the value, or the lower end of the range; amounts within `SAME` of it are at it

    Raises ValueError where no future is left to count.
    """
    top = low if high is None else high
    amounts = np.asarray(x, dtype=np.float64)
    kept = amounts[~np.isnan(amounts) if valid is None else valid & ~np.isnan(amounts)]
    if kept.size == 0:
        raise ValueError("no future to count")
    below = int(np.count_nonzero(kept < low - SAME * max(1.0, abs(low))))
    above = int(np.count_nonzero(kept > top + SAME * max(1.0, abs(top))))
    return Standing(below, kept.size - below - above, above)
