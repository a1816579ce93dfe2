"""The tables of a study: who there is, what is planned, which one-off risks are kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from riskmc.study.behaviour import Behaviour
from riskmc.study.edits import Change, How, changes_of
from riskmc.study.types import (
    AsTuple,
    ContributionByYear,
    Growth,
    GrowthByYear,
    Money,
    Ratio,
    Share,
    SignedMoney,
    Sourced,
    Table,
    Text,
)

Kind = Literal["provider", "commissioner", "council"]
Scheme = Literal["mc", "antithetic", "lhs", "sobol"]
GrowthName = Literal[
    "grant_growth", "tax_growth", "charges_growth", "committed_growth", "reserve_contribution"
]


class CostLine(Sourced):
    """A line of a body's cost, such as placements or agency staff, with growth of its own.

    Drivers name it under `by."body.line"`.
    """

    name: Text
    """Name of the line"""
    cost: Money
    """Its part of the body's cost a year [£m]"""


class Organisation(Sourced):
    """A body with a budget, and its position on the eve of the first year; money in £m."""

    id: Annotated[str, Field(pattern=r"^\w[\w-]*$", max_length=64)]
    """Short name, used in the file and in results: letters, digits, _ and -"""
    name: Text
    """Name as printed in reports; the id where it is left out"""
    kind: Kind
    """What it is: provider (an NHS trust), commissioner (a CCG or ICB) or council"""
    cost: Money = 0.0
    """Own resource cost a year, without payments to other organisations [£m]"""
    grant: Money = 0.0
    """Central funding a year [£m]"""
    local_tax: Money = 0.0
    """Council tax and retained business rates a year [£m]"""
    charges: Money = 0.0
    """All other external income a year [£m]"""
    reserves: SignedMoney = 0.0
    """Usable reserves [£m]; or give general_reserves and earmarked_reserves"""
    general_reserves: SignedMoney | None = None
    """Reserves that are not set aside for anything [£m]"""
    earmarked_reserves: Money | None = None
    """Reserves set aside for a purpose [£m]"""
    earmarked_usable: Share | None = None
    """Part of the earmarked reserves that may be used for a shortfall; all where left out"""
    reserve_floor: Money = 0.0
    """Level of reserves that may not be used [£m]"""
    debt: Money = 0.0
    """Owed from past bailouts [£m]"""
    capital: Money = 0.0
    """Annual capital budget [£m]"""
    committed: Money = 0.0
    """Part of the cost that no plan can reach: loan charges, leases, contracts [£m]"""
    place: Text | None = None
    """Where it is; all organisations without one are in one place"""
    tax_base: Money | None = None
    """Weight by which a local share of funding and levies are raised; default: the local tax"""
    prevention_benefit: Money | None = None
    """Weight in the benefits of prevention; give it to all or to none; default: the cost"""

    lines: Annotated[tuple[CostLine, ...], Field(strict=False)] = ()
    """Lines that make up the cost, where some have growth and inflation of their own"""

    @model_validator(mode="after")
    def _lines_make_up_the_cost(self) -> Self:
        total = math.fsum(line.cost for line in self.lines)
        if self.lines and abs(total - self.cost) > 1e-9 * max(1.0, self.cost):
            raise ValueError(f"the lines come to {total:g}, not to the cost of {self.cost:g}")
        if len({line.name for line in self.lines}) < len(self.lines):
            raise ValueError("two lines have one name")
        return self

    @model_validator(mode="before")
    @classmethod
    def _named_by_id(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        filled = {"name": given["id"], **given} if "id" in given else given
        lines = given.get("lines")
        if "cost" not in given and isinstance(lines, list | tuple) and lines:
            given_costs = [line.get("cost") for line in lines if isinstance(line, dict)]
            costs = [cost for cost in given_costs if isinstance(cost, int | float)]
            if len(costs) == len(lines):
                filled = {**filled, "cost": float(f"{math.fsum(costs):.12g}")}
        kinds = [given.get(key) for key in ("general_reserves", "earmarked_reserves")]
        part = given.get("earmarked_usable", 1.0)
        figures = [x for x in (*kinds, part) if x is not None]
        if "earmarked_usable" in given and kinds[1] is None:
            raise ValueError("earmarked_usable is given without earmarked_reserves")
        if kinds == [None, None] or not all(isinstance(x, int | float) for x in figures):
            return filled
        usable = float(kinds[0] or 0.0) + float(kinds[1] or 0.0) * float(part or 0.0)
        if given.get("reserves", usable) != usable:
            raise ValueError(
                f"reserves ({given['reserves']}) are given alongside their kinds, "
                f"which make {usable:g}"
            )
        return {**filled, "reserves": usable}

    def table(self) -> dict[str, Any]:
        """Return the organisation as a study writes it.

        Returns
        -------
        dict of str
            Keys of `[[organisations]]`; money in £m.
        """
        given = self.model_dump(exclude_none=True)
        return given if self.lines else {k: x for k, x in given.items() if k != "lines"}


class PlanningScope(Sourced):
    """Planned growth for everyone, for a kind, or for one organisation."""

    grant_growth: GrowthByYear | None = None
    """Planned growth of central funding; a number or a list by year"""
    tax_growth: GrowthByYear | None = None
    """Planned growth of the tax base and the rise normally allowed"""
    charges_growth: GrowthByYear | None = None
    """Planned growth of other income"""
    committed_growth: GrowthByYear | None = None
    """Growth of committed cost"""
    reserve_contribution: ContributionByYear | None = None
    """Planned contribution to reserves, share of planned income; negative is a planned use"""


class Planning(PlanningScope):
    """Planned growth; missing growth is 0."""

    by: dict[str, PlanningScope] = Field(default_factory=dict)
    """Growth of a kind or of one organisation: the organisation's beats the kind's"""

    def growth(
        self, name: GrowthName, *, kind: str, organisation: str
    ) -> float | tuple[float, ...]:
        """Return the growth that holds for one organisation.

        Parameters
        ----------
        name : str
            What grows: "grant_growth", "tax_growth", "charges_growth", "committed_growth" or
            "reserve_contribution".
        kind : str
            Kind of the organisation.
        organisation : str
            Its id.

        Returns
        -------
        float or tuple of float
            Fraction a year (a contribution to reserves: share of planned income), or a list by
            year; 0 where none is planned.
        """
        for scope in (self.by.get(organisation), self.by.get(kind), self):
            value: float | tuple[float, ...] | None = getattr(scope, name, None)
            if value is not None:
                return value
        return 0.0

    def overridden(self, over: Planning) -> Planning:
        """Return this planning with what `over` sets put in its place, scope by scope.

        Parameters
        ----------
        over : Planning
            What a regime plans otherwise; figures that it leaves out stay.

        Returns
        -------
        Planning
            New planning: its own figures and scopes, with those of `over` in their place.
        """
        names = {*self.by, *over.by}
        by = {
            name: PlanningScope(**_set(self.by.get(name)) | _set(over.by.get(name)))
            for name in sorted(names)
        }
        return Planning(**_set(self) | _set(over), by=by)

    def table(self) -> dict[str, Any]:
        """Return the planning as a study writes it.

        Returns
        -------
        dict of str
            Keys of `[planning]`; growth in fractions a year.
        """
        return self.model_dump(exclude_none=True)


def _set(scope: PlanningScope | None) -> dict[str, Any]:
    """Return the growths that a scope sets."""
    names = PlanningScope.model_fields
    given = {name: getattr(scope, name, None) for name in names}
    return {name: value for name, value in given.items() if value is not None}


class Spill(Table):
    """Need that one body leaves unmet and another meets the year after."""

    source: str = Field(alias="from")
    """Id of the organisation that leaves need unmet"""
    to: str
    """Id of the organisation that meets it"""
    share: Share
    """Part of all need left unmet last year that comes to it"""
    cost: Ratio = 1.0
    """What it costs to meet a £ of that need there"""


class Dynamics(Table):
    """What one year's measures do to later years."""

    unmet_return: Share = 0.0
    """Share of need unmet this year that returns next year"""
    delay_cost: Ratio = 0.0
    """How much more expensive it is when it returns, inflation included"""
    prevention_decay: Share = 0.0
    """Share of a prevention benefit lost a year, net of inflation"""
    prevention_cap: Share = 0.1
    """The most that prevention can take off a cost base"""
    spills: tuple[Spill, ...] = Field(default=(), strict=False)
    """Need left unmet that comes to another body"""


class Precision(Table):
    """When to stop adding draws."""

    target: Annotated[float, Field(gt=0.0)]
    """Half-width of the 95 % interval to reach, in the unit of the measure"""
    measure: Text = "bailout"
    """The statistic that must reach it"""
    max_draws: Annotated[int, Field(ge=1)] | None = None
    """The most draws to make"""


class ReportWords(Table):
    """Who reports, to whom and for what: words of officers, printed as they stand."""

    owner: Text | None = None
    """Who owns the report"""
    meeting: Text | None = None
    """The meeting it goes to"""
    date: Text | None = None
    """Date of the meeting"""
    author: Text | None = None
    """The officer who reports"""
    purpose: Text | None = None
    """For decision, for assurance or to note"""
    recommendation: Text | None = None
    """The officer's own recommendation: the model makes none"""


class AttributionEnds(Table):
    """Between which sets of rules the report says which rule does the work."""

    start: Text = Field(alias="from")
    """The rules to start from"""
    to: Text
    """The rules to end at"""


class ReportSettings(ReportWords):
    """What the reports show on top of their usual contents, and officers' words on them."""

    previous: Text | None = None
    """Results of the last paper, a file or its folder, relative to the study"""
    attribute: bool | AttributionEnds = False
    """Which rule does the work: true (the first rules to the second), or from and to"""
    prices: Text | None = None
    """Year at whose prices money is shown in real terms, such as "2016/17\""""
    deflator: Literal["cost_inflation"] | GrowthByYear | None = None
    """Growth of prices a year, a number or a list; the study's own prices where left out"""
    discount_rate: Growth | None = None
    """What is taken off each year after that of the prices [fraction a year]"""

    def words(self) -> dict[str, Any]:
        """Return officers' words alone."""
        return {key: getattr(self, key) for key in ReportWords.model_fields}

    @property
    def real(self) -> bool:
        """Whether money in real terms is asked for."""
        return not (self.prices is None and self.deflator is None and self.discount_rate is None)

    def ends(self, regimes: Sequence[str]) -> tuple[str, str] | None:
        """Return between which rules the difference is attributed; None where it is not asked."""
        if isinstance(self.attribute, AttributionEnds):
            return self.attribute.start, self.attribute.to
        return (regimes[0], regimes[1]) if self.attribute and len(regimes) > 1 else None

    def table(self) -> dict[str, Any]:
        """Return the settings as a study writes them."""
        return self.model_dump(mode="json", exclude_defaults=True, by_alias=True)


class Paper(ReportWords):
    """Officers' words on the board paper; a key of `[report]` holds where it is left out here."""

    agenda_item: Text | None = None
    """Number of the item on the agenda"""
    earlier_committees: Text | None = None
    """Where it was seen before"""
    risk_register: Text | None = None
    """Reference of the risk in the body's register"""
    since_last_paper: Text | None = None
    """What changed since the last paper"""
    next_meeting: Text | None = None
    """When the board hears of it again"""
    decision: Annotated[tuple[Text, ...], AsTuple] = ()
    """What the board is asked to do, in order; what the run suggests where left out"""
    short: dict[str, Text] = Field(default_factory=dict)
    """Short names of regimes, by key: Devolved"""
    costs: dict[str, Text] = Field(default_factory=dict)
    """What an option costs, by option: terms, savings, behaviour, fund, reserves"""
    actions: dict[str, Text] = Field(default_factory=dict)
    """What is done when a sign fires: reserves, deficit, demand_and_prices, savings_delivery"""


class Scenario(Sourced):
    """A what-if of the study's own: figures set, shifted or scaled, on the same futures."""

    name: Text
    """What it is called in the report"""
    set: dict[str, Any] = Field(default_factory=dict)
    """New values by dotted key: "drivers.demand_growth.mean" = 0.03"""
    shift: dict[str, Any] = Field(default_factory=dict)
    """Amounts to be added, by dotted key"""
    scale: dict[str, Any] = Field(default_factory=dict)
    """Factors to multiply by, by dotted key"""

    def changes(self) -> tuple[Change, ...]:
        """Return the scenario's changes: what is set, then shifted, then scaled."""
        given: tuple[tuple[How, dict[str, Any]], ...] = (
            ("set", self.set),
            ("shift", self.shift),
            ("scale", self.scale),
        )
        return tuple(change for how, table in given for change in changes_of(table, how))


__all__ = [
    "AttributionEnds",
    "Behaviour",
    "Dynamics",
    "Growth",
    "GrowthName",
    "Kind",
    "Organisation",
    "Paper",
    "Planning",
    "PlanningScope",
    "Precision",
    "ReportSettings",
    "ReportWords",
    "Scenario",
    "Scheme",
    "Spill",
]
