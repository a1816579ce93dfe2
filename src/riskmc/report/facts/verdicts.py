"""Verdicts: what a comparison on the same futures comes to, as a type and never as a string."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from riskmc.report.facts.store import Fact

#: Equal in so many futures, two sets of rules give "the same".
SAME = 0.995


class Side(Enum):
    """Which way a measure goes under one set of rules, set against another."""

    LOWER = "lower"
    HIGHER = "higher"
    TIE = "tie"
    SAME = "same"
    UNCLEAR = "unclear"

    @property
    def moves(self) -> bool:
        """Whether one of the two is surely higher."""
        return self in (Side.LOWER, Side.HIGHER)


@dataclass(frozen=True)
class Verdict:
    """A comparison: the difference, and in how many futures it goes which way.

    difference  the paired mean difference
    lower, higher, equal  shares of futures; NaN where the measure is not one of single futures
    """

    side: Side
    difference: Fact
    lower: float = math.nan
    higher: float = math.nan
    equal: float = math.nan

    def is_better(self, better: str) -> bool | None:
        """Whether it is better where `better` says "lower" or "higher"; None where unclear."""
        if not self.side.moves:
            return None
        return self.side.value == better


def verdict(
    difference: Fact,
    *,
    lower: float = math.nan,
    higher: float = math.nan,
    equal: float = math.nan,
) -> Verdict:
    """Return the verdict of a paired difference: the sign of its 95 % interval.

    The same where futures are equal in 99.5 of 100, a tie where the interval holds nil.
    """
    side = Side.TIE
    if (
        (math.isfinite(equal) and equal >= SAME)
        or (difference.bound and difference.value == 0.0)
        or (difference.value == 0.0 and not math.isfinite(difference.low))
    ):
        side = Side.SAME
    elif difference.clear or difference.bound:  # of a bound the same in every future, and not nil
        side = Side.LOWER if difference.value < 0.0 else Side.HIGHER
    return Verdict(side, difference, lower, higher, equal)


def cross_checked(verdicts: list[Verdict]) -> Side:
    """Return what several ways of counting agree on; UNCLEAR where two contradict each other."""
    sides = {found.side for found in verdicts if found.side.moves}
    if len(sides) > 1:
        return Side.UNCLEAR
    if len(sides) == 1:
        return sides.pop()
    return Side.SAME if all(found.side is Side.SAME for found in verdicts) else Side.TIE
