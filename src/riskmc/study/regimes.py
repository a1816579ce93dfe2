"""A regime as a study writes it: settlement, payment, pools and rulebooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from riskmc.rules.register import Parameter, Required
from riskmc.study.centre import Centre
from riskmc.study.conditional import Conditional, Restore
from riskmc.study.contracts import Payment
from riskmc.study.model import Organisation, Planning
from riskmc.study.projects import Funding, ProjectRules
from riskmc.study.settings import WATERFALLS, Figure, InstrumentSetting, Waterfall, held
from riskmc.study.settlement import Settlement
from riskmc.study.types import AsTuple, Money, Ratio, Share, Table, Text

#: Stands for every organisation in the members of a pool.
EVERYBODY = "*"


def members_of(given: Sequence[Any], bodies: Sequence[tuple[str, str]]) -> list[str]:
    """Return the ids that a pool's members stand for: everybody, kinds, or ids."""
    chosen = set(map(str, given))
    return [body for body, kind in bodies if EVERYBODY in chosen or {body, kind} & chosen]


class Pool(Table):
    """Organisations that balance together."""

    name: Text
    """Name of the pool, as results show it"""
    members: Annotated[tuple[str, ...], AsTuple]
    """Ids of the members or their kinds, or ["*"] for everybody"""
    rulebook: Text
    """Name of the rulebook it follows"""
    across: bool = False
    """Whether its members may be in several places"""

    def member_ids(self, bodies: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        """Return the ids of the members, kinds and "*" resolved.

        Parameters
        ----------
        bodies : sequence of (str, str)
            Ids and kinds of the study's organisations, in order.

        Returns
        -------
        tuple of str
            Ids of the members.
        """
        return tuple(members_of(self.members, bodies))


class RulebookSettings(Table):
    """The single figures of a rulebook."""

    interest: Ratio = 0.0
    """Interest on debt, carried deficit and overdrawn reserves, a year"""
    contingency: Share = 0.0
    """Share of planned cost that the plan holds back"""
    restore_reserves: Restore = False
    """Whether reserves below the floor must be brought back to it (else only to 0), or a policy"""


class Rulebook(RulebookSettings):
    """What a budget holder does about a gap, a shortfall and a surplus, in order."""

    plan: tuple[InstrumentSetting, ...] = ()
    """How the plan closes its gap"""
    shortfall: tuple[InstrumentSetting, ...] = ()
    """Who meets a shortfall at outturn"""
    surplus: tuple[InstrumentSetting, ...] = ()
    """What becomes of a surplus"""

    def waterfall(self, name: Waterfall) -> tuple[InstrumentSetting, ...]:
        """Return one of the three lists.

        Parameters
        ----------
        name : {"plan", "shortfall", "surplus"}
            Which list.

        Returns
        -------
        tuple of InstrumentSetting
            Its instruments, in the order in which money reaches them.
        """
        settings: tuple[InstrumentSetting, ...] = getattr(self, name)
        return settings

    def find(self, waterfall: Waterfall, name: str) -> InstrumentSetting | None:
        """Return an instrument of a waterfall.

        Parameters
        ----------
        waterfall : {"plan", "shortfall", "surplus"}
            Which list.
        name : str
            The instrument's name in the register.

        Returns
        -------
        InstrumentSetting or None
            None where the rulebook does not have it.
        """
        return next((s for s in self.waterfall(waterfall) if s.instrument == name), None)

    def table(self) -> dict[str, Any]:
        """Return the rulebook as a study writes it, defaults included.

        Returns
        -------
        dict of str
            Keys of a rulebook of `[regimes.x.rulebooks]`.
        """
        lists = {name: [s.table() for s in self.waterfall(name)] for name in WATERFALLS}
        plain = {
            "interest": self.interest,
            "contingency": self.contingency,
            "restore_reserves": self.restore_reserves
            if isinstance(self.restore_reserves, bool)
            else self.restore_reserves.model_dump(),
        }
        return plain | lists


@dataclass(frozen=True, slots=True)
class Holder:
    """Who must balance: an organisation alone, or a pool; members as places in the study.

    Parameters
    ----------
    name : str
        The pool's name, or the organisation's id.
    members : tuple of int
        Positions of the members among the study's organisations.
    rulebook_name : str
        Name of the rulebook it follows.
    rulebook : Rulebook
        The rulebook itself.
    """

    name: str
    members: tuple[int, ...]
    rulebook_name: str
    rulebook: Rulebook


class Regime(Table):
    """A complete set of rules."""

    name: str
    """Its key in the study"""
    label: Text
    """Name as printed in reports; the key where it is left out"""
    settlement: Settlement = Settlement()
    """What the centre gives"""
    payment: Payment = Payment()
    """How bodies pay each other"""
    planning: Planning | None = None
    """Planned growth that differs from the study's under this regime alone"""
    projects: ProjectRules = ProjectRules()
    """Which projects are taken"""
    funding: Funding | None = None
    """How much is raised from local tax"""
    centre: Centre | None = None
    """What the centre pays for bailouts, and what it gives back"""
    conditional: tuple[Conditional, ...] = ()
    """Money paid only where a condition is met"""
    pools: tuple[Pool, ...] = ()
    """Who balances together"""
    rulebooks: Annotated[dict[str, Rulebook], Field(min_length=1)]
    """Rules by name: a pool's by its `rulebook`, a body's by its id, else its kind"""

    def rulebook_of(self, organisation: Organisation) -> str | None:
        """Return the name of the rulebook that a body outside all pools follows.

        Parameters
        ----------
        organisation : Organisation
            The body; a rulebook named by its id comes before one named by its kind.

        Returns
        -------
        str or None
            None where the regime has neither.
        """
        for name in (organisation.id, organisation.kind):
            if name in self.rulebooks:
                return name
        return None

    def holders(self, organisations: Sequence[Organisation]) -> tuple[Holder, ...]:
        """Return the budget holders: pools in the file's order, then lone bodies in the study's.

        Every organisation belongs to exactly one.

        Parameters
        ----------
        organisations : sequence of Organisation
            All organisations of the study, in its order.

        Returns
        -------
        tuple of Holder
            Pools first, then the bodies that balance alone.

        Raises
        ------
        KeyError
            Where a rulebook is missing; cannot happen in a validated study.
        """
        ids = [organisation.id for organisation in organisations]
        pooled: set[str] = set()
        holders: list[Holder] = []
        for pool in self.pools:
            members = pool.member_ids([(body.id, body.kind) for body in organisations])
            pooled.update(members)
            places = tuple(ids.index(member) for member in members)
            holders.append(Holder(pool.name, places, pool.rulebook, self.rulebooks[pool.rulebook]))
        for place, organisation in enumerate(organisations):
            if organisation.id not in pooled:
                name = self.rulebook_of(organisation) or organisation.kind
                holders.append(Holder(organisation.id, (place,), name, self.rulebooks[name]))
        return tuple(holders)

    def table(self) -> dict[str, Any]:
        """Return the regime as a study writes it, `extends` resolved and defaults included.

        Returns
        -------
        dict of str
            Keys of `[regimes.x]`.
        """
        more: dict[str, Any] = {}
        if self.planning is not None:
            more["planning"] = self.planning.table()
        if self.projects != ProjectRules():
            more["projects"] = self.projects.model_dump(exclude_none=True)
        if self.funding is not None:
            more["funding"] = self.funding.model_dump(exclude_none=True)
        if self.centre is not None:
            more["centre"] = self.centre.table()
        if self.conditional:
            more["conditional"] = [row.model_dump(exclude_none=True) for row in self.conditional]
        return {
            "label": self.label,
            "settlement": self.settlement.table(),
            "payment": self.payment.table(),
            **more,
            "pools": [pool.model_dump(exclude_defaults=True) for pool in self.pools],
            "rulebooks": {name: book.table() for name, book in self.rulebooks.items()},
        }


def figure_bounds(parameter: Parameter) -> dict[str, Any]:
    """Return the bounds of an instrument's figure, as `number_fault` takes them."""
    return {"low": parameter.low, "high": parameter.high, "above_low": parameter.above_low}


def is_required(parameter: Parameter) -> bool:
    """Say whether a figure has no default."""
    return isinstance(parameter.default, Required)


__all__ = [
    "EVERYBODY",
    "WATERFALLS",
    "Figure",
    "Holder",
    "InstrumentSetting",
    "Money",
    "Payment",
    "Pool",
    "Regime",
    "Rulebook",
    "RulebookSettings",
    "Settlement",
    "Waterfall",
    "figure_bounds",
    "held",
    "is_required",
]
