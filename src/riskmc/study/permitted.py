"""Deficits that may stay outside the general fund until a date, as dated mandates from then on.

With D what is owed at the opening and y[t] what each year adds, a deficit permitted until year u
joins the general fund in year u + 1: D + Σ y[t ≤ u + 1] falls due then, and y[t] in each year
after. Until then it touches neither balance nor reserves, so folding it in does not halve it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from riskmc.study.build import Draft, array, table
from riskmc.study.checks import known_id, year_labels
from riskmc.study.types import AsTuple, Money, Share, SignedMoney, Table, Text, is_list


class PermittedDeficit(Table):
    """A deficit kept outside the general fund until a date, such as that on schools' high needs."""

    name: Text
    """What it is"""
    organisation: str
    """Id of the organisation that owes it"""
    opening: Money
    """What is owed on the eve of the first year [£m]"""
    yearly: Annotated[
        Annotated[SignedMoney, Tag("number")]
        | Annotated[tuple[SignedMoney, ...], AsTuple, Tag("list")],
        Discriminator(is_list),
    ] = 0.0
    """What each year adds; a number or a list by year, whose last value holds on [£m]"""
    until: Text
    """Last year in which it may stay outside, such as "2027/28\""""
    funded: Share = 0.0
    """Part that the centre pays for once it has joined"""

    def mandate(self, labels: tuple[str, ...]) -> dict[str, Any] | None:
        """Return what it costs from the year after `until`; None where that is past the study."""
        join = labels.index(self.until) + 1
        if join >= len(labels):
            return None
        given = self.yearly if isinstance(self.yearly, tuple) else (self.yearly,)
        adds = [given[min(year, len(given) - 1)] for year in range(len(labels))]
        cost = [float(f"{self.opening + sum(adds[: join + 1]):.12g}"), *adds[join + 1 :]]
        return {
            "name": f"{self.name}, permitted outside the general fund until {self.until}",
            "organisation": self.organisation,
            "start": labels[join],
            "cost": cost,
            "funded": self.funded,
        }


def permitted_deficits(draft: Draft) -> None:
    """Read `[[permitted_deficits]]` and make them dated mandates."""
    years = year_labels(draft)
    more = []
    for place, raw in enumerate(array(draft, "permitted_deficits")):
        path = ("permitted_deficits", place)
        found = table(draft.problems, PermittedDeficit, raw, path)
        given = raw.get("organisation") if isinstance(raw, Mapping) else None
        known = known_id(draft, (*path, "organisation"), given, draft.ids)
        if found is None or not years or not known:
            continue
        if found.until not in years:
            draft.problems.add(
                (*path, "until"),
                "is not a year of this study",
                value=found.until,
                allowed=f"{years[0]} to {years[-1]}",
            )
            continue
        mandate = found.mandate(years)
        if mandate is not None:
            more.append(mandate)
    given = draft.raw.get("mandates", [])
    if more and isinstance(given, list):
        draft.raw = {**draft.raw, "mandates": [*given, *more]}
