"""Projects and dated mandates of a study, and which projects a regime takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Tag

from riskmc.distributions import AnyDistribution
from riskmc.study.types import (
    MOST_YEARS,
    AsTuple,
    Money,
    Ratio,
    Share,
    SignedMoney,
    SignedMoneyByYear,
    Sourced,
    Table,
    Text,
    is_list,
    number,
)

Years = Annotated[int, *number(1, MOST_YEARS, whole=True)]


class Project(Sourced):
    """Money spent now for a benefit later: it may be taken or left."""

    name: Text
    """What it is; results and its draws are kept by this name"""
    organisation: str
    """Id of the organisation that pays for it"""
    start: str
    """Year in which it starts, such as "2016/17\""""
    cost: Annotated[tuple[SignedMoney, ...], AsTuple]
    """Cost by year from the start, nothing after the last value; negative is a receipt [£m]"""
    benefit: SignedMoneyByYear = 0.0
    """Cost avoided a year from the start; a number or a list whose last value holds on [£m]"""
    to: dict[str, Ratio] | None = None
    """Whose cost it avoids: weights by organisation, taken as typed; default: its own"""
    delivery: AnyDistribution | None = None
    """Benefit delivered over benefit expected, drawn once per future; default 1"""
    counted: Share = 1.0
    """Part of the benefit that the plan counts on"""
    borrow_years: Years | None = None
    """Life of the loan that pays for it, where the regime lets bodies borrow [years]"""
    borrow_rate: Ratio = 0.0
    """Interest on that loan a year"""
    frees: bool = False
    """Whether the benefit ends committed cost"""

    @property
    def weights(self) -> dict[str, float]:
        """Return whose cost the benefit avoids, by organisation."""
        return {self.organisation: 1.0} if self.to is None else self.to


class Mandate(Sourced):
    """A duty known beforehand: what it costs from a year on."""

    name: Text
    """What it is"""
    organisation: str
    """Id of the organisation that bears it"""
    start: str
    """Year in which it starts, such as "2016/17\""""
    cost: SignedMoneyByYear
    """Cost a year from the start; a number or a list whose last value holds on [£m]"""
    funded: Share | None = None
    """Part that the centre pays for; the regime's share of new burdens where left out"""


class ProjectRules(Table):
    """Which projects a regime takes, and how they may be paid for."""

    take: Annotated[
        Annotated[Literal["none", "all", "payback"], Tag("number")]
        | Annotated[tuple[Text, ...], AsTuple, Tag("list")],
        Discriminator(is_list),
    ] = "none"
    """none, all, payback (those that pay their own holder back in time), or a list of names"""
    within: Years | None = None
    """Years in which a project must pay back; default: those left in the control period"""
    borrow: bool = False
    """Whether bodies may borrow for projects"""
    receipts_kept: Share = 1.0
    """Part of a receipt that the body keeps; the rest goes to the centre"""


class Funding(Table):
    """How much of a body's funding is raised from local tax, and how far tax bases are levelled."""

    local_share: Share = 0.0
    """Part of grant and local tax that is raised as local tax at least"""
    levelling: Share = 1.0
    """Part of the difference in tax base that grants make up"""
    levy: Money = 0.0
    """Raised locally on top, in all, from the opening on [£m]"""
    to: Annotated[tuple[str, ...], AsTuple] | None = None
    """Kinds or ids that it is for; default: all"""

    def holds_for(self, kind: str, organisation: str) -> bool:
        """Say whether these funding rules apply to an organisation.

        Parameters
        ----------
        kind : str
            Its kind: provider, commissioner or council.
        organisation : str
            Its id.

        Returns
        -------
        bool
            True for everybody where `to` is left out.
        """
        return self.to is None or kind in self.to or organisation in self.to


__all__ = ["Funding", "Mandate", "Project", "ProjectRules"]
