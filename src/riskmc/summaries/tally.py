"""Order-independent counts and extremes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.summaries.grid import SLOTS
from riskmc.summaries.rows import Rows

#: Draws that a bin of a histogram can count.
MOST_SUMMARISED = 2**32 - 1
#: Numbers of failed draws that are remembered.
REMEMBERED = 10
_EXTREMES = {"least": np.minimum, "most": np.maximum}


@dataclass
class Tally:
    """Counts of draws.

    draws     draws in all; `failed`: draws that are not finite under some regime
    first     numbers of the first failed draws
    good      draws that count, `used` units with any such draw     (case, recipe)
    nonzero   draws that are not 0                                  (case, money row)
    least     the smallest and `most` the largest value             (case, money row)
    hits      draws in which it happens; of a difference: under the regime but not under the
              other, and `other` the reverse                        (case, event row)
    lower     draws in which a difference is below 0; `higher`      (case, compared row)
    below     draws below the design level, `tied` on it; squares
              and products of these by unit                         (case, design)
    bins      histograms                                            (case, sketched row, bin)
    """

    draws: int
    failed: int
    first: NDArray[np.int64]
    good: NDArray[np.int64]
    used: NDArray[np.int64]
    nonzero: NDArray[np.int64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    hits: NDArray[np.int64]
    other: NDArray[np.int64]
    lower: NDArray[np.int64]
    higher: NDArray[np.int64]
    below: NDArray[np.int64]
    tied: NDArray[np.int64]
    below_squared: NDArray[np.int64]
    tied_squared: NDArray[np.int64]
    below_tied: NDArray[np.int64]
    bins: NDArray[np.unsignedinteger[Any]]

    @classmethod
    def empty(cls, cases: int, recipes: int, rows: Rows, *, block: bool = False) -> Tally:
        """Return a tally of nothing; that of one `block` needs but small counts."""

        def zeros(*shape: int) -> NDArray[np.int64]:
            return np.zeros((cases, *shape), dtype=np.int64)

        money, events, sides = rows.money_rows, rows.event_rows, rows.compared
        design = len(rows.design)
        return cls(
            draws=0,
            failed=0,
            first=np.zeros(0, dtype=np.int64),
            good=zeros(recipes),
            used=zeros(recipes),
            nonzero=zeros(money),
            least=np.full((cases, money), np.inf),
            most=np.full((cases, money), -np.inf),
            hits=zeros(events),
            other=zeros(events),
            lower=zeros(sides),
            higher=zeros(sides),
            below=zeros(design),
            tied=zeros(design),
            below_squared=zeros(design),
            tied_squared=zeros(design),
            below_tied=zeros(design),
            bins=np.zeros((cases, rows.sketched, SLOTS), dtype=np.uint16 if block else np.uint32),
        )

    def copy(self) -> Tally:
        """Return a tally of the same, with room to count on."""
        arrays = {name: values.copy() for name, values in self.arrays().items()}
        arrays["bins"] = arrays["bins"].astype(np.uint32)
        return Tally(draws=self.draws, failed=self.failed, first=self.first.copy(), **arrays)

    def add(self, other: Tally) -> None:
        """Add the counts of other draws."""
        self.draws += other.draws
        self.failed += other.failed
        self.first = np.sort(np.concatenate([self.first, other.first]))[:REMEMBERED]
        for name, values in other.arrays().items():
            mine = getattr(self, name)
            join: Any = _EXTREMES.get(name, np.add)
            join(mine, values, out=mine)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all arrays that lie case by case."""
        return {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if f.name not in ("draws", "failed", "first")
        }
