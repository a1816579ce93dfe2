"""The risk register of a study: when a risk happens, what it costs, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from riskmc.distributions import AnyDistribution, Distribution, capped_mean
from riskmc.study.types import (
    AsTuple,
    Money,
    Probability,
    Share,
    SignedMoney,
    Sourced,
    Table,
    Text,
    number,
)

#: The most often a risk may happen in a year on average, and the longest it may last.
MOST_RATE = 100.0
LONGEST = 100

Rate = Annotated[float, *number(0.0, MOST_RATE, above_low=True)]


def _form(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "list"
    return "table" if isinstance(value, dict | Distribution) else "number"


#: A probability a year; one for each year; or a distribution, drawn once in each future.
Chance = Annotated[
    Annotated[Probability, Tag("number")]
    | Annotated[tuple[Probability, ...], AsTuple, Tag("list")]
    | Annotated[AnyDistribution, Tag("table")],
    Discriminator(_form),
]
RateByYear = Annotated[
    Annotated[Rate, Tag("number")] | Annotated[tuple[Rate, ...], AsTuple, Tag("list")],
    Discriminator(_form),
]
CostByYear = Annotated[
    Annotated[Money, Tag("number")] | Annotated[tuple[Money, ...], AsTuple, Tag("list")],
    Discriminator(_form),
]


class Mitigation(Table):
    """What is done about a risk, what that costs, and what is left of the risk."""

    cost: CostByYear = 0.0
    """Cost of the mitigation a year [£m]; a number or a list by year, whose last value holds on"""
    taken: bool = True
    """Whether the futures are simulated with it"""
    probability: Chance | None = None
    """Probability a year once it is taken; the risk's own where left out"""
    rate: RateByYear | None = None
    """Times a year on average once it is taken"""
    impact: AnyDistribution | None = None
    """Cost once it is taken [£m]; the risk's own where left out"""


class Risk(Sourced):
    """A one-off risk of the register: an event that may happen, once a year unless it says more."""

    name: Text
    """What may happen"""
    organisation: str
    """Id of the organisation that would bear it"""
    probability: Chance | None = None
    """Probability a year: a number, a list by year, or a distribution drawn once in each future"""
    rate: RateByYear | None = None
    """In place of a probability: times a year on average (Poisson), a number or a list by year"""
    impact: AnyDistribution
    """Cost if it happens [£m]; or give low, likely, high or percentiles"""
    years: Annotated[tuple[str, ...], AsTuple] | None = None
    """Years in which it can happen; every year where left out"""
    cap: SignedMoney | None = None
    """The most that it can cost each time [£m]"""
    once: bool = False
    """Whether it can happen once only in the years of the study"""
    lasts: Annotated[int, *number(1, LONGEST, whole=True)] = 1
    """Years that its cost is paid for, the first included"""
    prices: Literal["cash", "opening"] = "cash"
    """cash: the cost is as typed in any year; opening: it grows with the body's cost inflation"""
    event: Text | None = None
    """Risks of one event happen together, each to its own body, equally badly"""
    group: Text | None = None
    """Risks of one group exclude each other: at most one of them happens in a year"""
    cause: Text | None = None
    """A cause that it has in common with other risks"""
    shared: Share | None = None
    """Part of its variation that the common cause makes: 0 none, 1 all"""
    mitigation: Mitigation | None = None
    """What is done about it"""

    @property
    def key(self) -> tuple[str, str]:
        """What its draws are keyed by."""
        return self.name, self.organisation

    @property
    def mitigation_name(self) -> str:
        """Name of the dated mandate that its mitigation costs."""
        return f"Mitigation: {self.name} ({self.organisation})"

    @property
    def simulated(self) -> Risk:
        """The risk as it is drawn: after its mitigation, where that is taken."""
        if self.mitigation is None or not self.mitigation.taken:
            return self
        return self.after_mitigation

    @property
    def after_mitigation(self) -> Risk:
        """The risk with its mitigation taken; itself where it has none."""
        given = self.mitigation
        if given is None:
            return self
        changed: dict[str, Any] = {}
        if given.probability is not None or given.rate is not None:
            changed |= {"probability": given.probability, "rate": given.rate}
        if given.impact is not None:
            changed["impact"] = given.impact
        return self.model_copy(update=changed)

    def chances(self, labels: Sequence[str]) -> tuple[float, ...]:
        """Return the probability of each year; for a rate, how many times a year.

        The mean, where the probability is uncertain; where the risk happens once only, the
        probability in a year before which it has not happened.

        Parameters
        ----------
        labels : sequence of str
            The study's years, such as "2026/27".

        Returns
        -------
        tuple of float
            One for each year; 0 in a year in which it cannot happen.
        """
        given = self.probability if self.rate is None else self.rate
        found = []
        for year, label in enumerate(labels):
            if self.years is not None and label not in self.years:
                found.append(0.0)
            elif isinstance(given, Distribution):
                found.append(float(given.mean))
            elif isinstance(given, tuple):
                found.append(given[min(year, len(given) - 1)])
            else:
                found.append(0.0 if given is None else given)
        return tuple(found)

    def times(self, labels: Sequence[str]) -> tuple[float, ...]:
        """Return how often it happens in each year on average over futures.

        Exact for a fixed probability; a risk that happens once only, with an uncertain
        probability, happens less often than this says.

        Parameters
        ----------
        labels : sequence of str
            The study's years, such as "2026/27".

        Returns
        -------
        tuple of float
            Times a year, one for each year.
        """
        left, found = 1.0, []
        for chance in self.chances(labels):
            found.append(left * chance)
            left *= 1.0 - chance if self.once else 1.0
        return tuple(found)

    @property
    def likely(self) -> float:
        """Likely impact, within the cap [£m]: the mean where no likely one is given."""
        likely = getattr(self.impact, "likely", None)
        if likely is None:
            return self.mean
        return float(likely if self.cap is None else min(likely, self.cap))

    @property
    def mean(self) -> float:
        """Mean impact each time, within the cap [£m]."""
        if self.cap is None:
            return float(self.impact.mean)
        return capped_mean(self.impact, self.cap)

    def table(self) -> dict[str, Any]:
        """Return the risk as a study writes it, without what is left at its default.

        Returns
        -------
        dict of str
            Keys of `[[risks]]`; costs in £m.
        """
        given = self.model_dump(exclude_none=True, by_alias=True)
        fields = type(self).model_fields
        return {key: value for key, value in given.items() if value != fields[key].default}


def customary_sum(
    risks: Sequence[Risk], labels: Sequence[str], *, index: Sequence[Sequence[float]] | None = None
) -> tuple[float, ...]:
    """Return probability times likely impact, summed over risks, for each year.

    A cost that lasts counts in each of its years.

    Parameters
    ----------
    risks : sequence of Risk
        Rows of the risk register.
    labels : sequence of str
        The study's years.
    index : sequence of sequence of float, optional
        By year and risk: what a cost in opening prices is multiplied by; without it such costs stay
        in opening prices.

    Returns
    -------
    tuple of float
        One for each year [£m].
    """
    totals = [0.0] * len(labels)
    for place, risk in enumerate(risks):
        chances = risk.chances(labels)
        for year in range(len(labels)):
            paid_for = sum(chances[max(0, year - risk.lasts + 1) : year + 1])
            grown = 1.0
            if risk.prices == "opening" and index is not None:
                grown = index[year][place]
            totals[year] += paid_for * risk.likely * grown
    return tuple(totals)


__all__ = ["LONGEST", "MOST_RATE", "Mitigation", "Risk", "customary_sum"]
