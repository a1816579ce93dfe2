"""Where facts are kept: one number for each question, under a key that says what it is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from riskmc.statistics.estimates import Single
from riskmc.variables import MONEY, PLACE
from riskmc.words.rounding import units_word

if TYPE_CHECKING:
    from riskmc.report.facts.evidence import Evidence
    from riskmc.report.facts.names import Names
    from riskmc.report.sides.asked import Asked

CHANCE, SHARE, RATE, COUNT = "chance", "share", "a year", "count"


class Key(NamedTuple):
    """What a number is.

    measure  which quantity
    at       which statistic or part of it: "mean", "p50", a bearer, a scenario
    regime   under which rules; "" where it does not depend on them
    against  "" or the regime from which it is a difference on the same futures
    year     "" for all years, or a year's label
    body     "place" or an organisation's id
    """

    measure: str
    at: str = ""
    regime: str = ""
    against: str = ""
    year: str = ""
    body: str = PLACE


class Fact(NamedTuple):
    """A number with its simulation error; see `riskmc.statistics.estimates.Estimate`.

    what        what its independent units are called, where they are not single futures
    impossible  the rules leave nothing but 0
    """

    value: float
    mcse: float = math.nan
    low: float = math.nan
    high: float = math.nan
    bound: bool = False
    unit: str = MONEY
    units: int = 0
    what: str = ""
    impossible: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a number at all."""
        return math.isfinite(self.value)

    @property
    def clear(self) -> bool:
        """Whether a difference is surely not nil: its 95 % interval does not hold it."""
        if not self.known or self.bound:
            return False
        if not math.isfinite(self.low):
            return self.value != 0.0
        return self.low > 0.0 or self.high < 0.0


def fact(single: Single, unit: str = MONEY) -> Fact:
    """Return an estimate as a fact."""
    value, mcse, low, high, bound, units = single
    return Fact(value, mcse, low, high, bound, unit, units)


@dataclass
class Facts:
    """Every number of a run, and the names by which it is spoken of.

    names     of the place, its bodies, years and rules
    numbers   by key, in the order in which they were worked out
    evidence  where the figures come from, and the record of back-tests
    asked     what the study asks for beyond the usual, with its order and words
    """

    names: Names
    evidence: Evidence
    numbers: dict[Key, Fact] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    asked: Asked | None = None

    def put(self, key: Key, number: Fact) -> None:
        """Keep a number; a key is filled once."""
        if key in self.numbers:
            raise ValueError(f"{key} is worked out twice")
        self.numbers[key] = number._replace(what=units_word(self.names.scheme))

    def get(
        self,
        measure: str,
        at: str = "",
        regime: str = "",
        *,
        against: str = "",
        year: str = "",
        body: str = PLACE,
    ) -> Fact:
        """Return a number; KeyError where it was not worked out."""
        return self.numbers[Key(measure, at, regime, against, year, body)]

    def find(
        self,
        measure: str,
        at: str = "",
        regime: str = "",
        *,
        against: str = "",
        year: str = "",
        body: str = PLACE,
    ) -> Fact | None:
        """Return a number, or None where it was not worked out."""
        return self.numbers.get(Key(measure, at, regime, against, year, body))

    def value(self, measure: str, at: str = "", regime: str = "", **more: str) -> float:
        """Return a bare number; NaN where it was not worked out."""
        found = self.find(measure, at, regime, **more)
        return math.nan if found is None else found.value

    def by_year(self, measure: str, at: str, regime: str) -> list[float]:
        """Return a number in every year."""
        return [self.value(measure, at, regime, year=year) for year in self.names.years]

    def __iter__(self) -> Iterator[tuple[Key, Fact]]:
        """Yield every number with its key."""
        return iter(self.numbers.items())
