"""The tables of a study file, and what holds for one body or one driver of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from riskmc.study.contracts import Contract
from riskmc.study.cost_lines import OF_LINES
from riskmc.study.drivers import DriverTable, ResolvedDriver, uniform
from riskmc.study.model import (
    Behaviour,
    Dynamics,
    Organisation,
    Paper,
    Planning,
    Precision,
    ReportSettings,
    Scenario,
    Scheme,
)
from riskmc.study.projects import Mandate, Project
from riskmc.study.regimes import WATERFALLS, Regime
from riskmc.study.risk_correlations import RiskCorrelation
from riskmc.study.risks import Risk
from riskmc.study.savings import SavingsScheme
from riskmc.study.types import MOST_DRAWS, MOST_YEARS, Table, Text, number
from riskmc.variables import DRIVER_NAMES, FROM_RISKS, PLACE, UNIFORM
from riskmc.variables import driver as driver_row

#: Drivers that a body's savings schemes make.
FROM_SCHEMES = ("savings_delivery", "recurrent_share")
#: A financial year: "2016/17".
YEAR_FORM = "[0-9]{4}/[0-9]{2}"
_WHOLE_YEAR = f"^{YEAR_FORM}$"


class Head(Table):
    """The single values at the top of a study file."""

    schema_version: Annotated[int, *number(1, 1, whole=True)] = Field(alias="schema")
    """Version of the form of the file: 1"""
    title: Text
    """Title of the study, as printed in reports"""
    start_year: Annotated[str, Field(pattern=_WHOLE_YEAR)]
    """First simulated year, such as "2016/17\""""
    years: Annotated[int, *number(1, MOST_YEARS, whole=True)]
    """How many years are simulated"""
    draws: Annotated[int, *number(1, MOST_DRAWS, whole=True)]
    """How many futures are drawn"""
    seed: Annotated[int, *number(0, 2**63 - 1, whole=True)]
    """Number from which all randomness follows"""
    scheme: Scheme = "mc"
    """How futures are drawn: mc, antithetic, lhs or sobol"""


class StudyTables(Head):
    """The tables of a study, and what holds for one body or driver of them."""

    organisations: tuple[Organisation, ...]
    """Bodies with a budget"""
    contracts: tuple[Contract, ...] = ()
    """Payments between them"""
    planning: Planning = Planning()
    """Planned growth"""
    dynamics: Dynamics = Dynamics()
    """What one year's measures do to later years"""
    drivers: dict[str, DriverTable] = Field(default_factory=dict)
    """What is uncertain, by the name of the register"""
    correlation: dict[str, float] = Field(default_factory=dict)
    """Correlation between drivers, by "one, other\""""
    risks: tuple[Risk, ...] = ()
    """One-off risks"""
    risk_correlations: tuple[RiskCorrelation, ...] = ()
    """Correlation between risks, by their names"""
    projects: tuple[Project, ...] = ()
    """Money spent for a later benefit, which a regime takes or leaves"""
    mandates: tuple[Mandate, ...] = ()
    """Duties known beforehand, by year"""
    schemes: tuple[SavingsScheme, ...] = ()
    """Savings by scheme, which replace the delivery ratio of their body"""
    regimes: dict[str, Regime]
    """Sets of rules to compare, by name"""
    behaviour: dict[str, Behaviour] = Field(default_factory=dict)
    """What is assumed of behaviour, by regime"""
    precision: Precision | None = None
    """When to stop adding draws"""
    scenarios: tuple[Scenario, ...] = ()
    """What-ifs, each run on the same futures"""
    paper: Paper | None = None
    """Officers' words on the board paper"""
    report: ReportSettings | None = None
    """Who reports, to whom and for what"""

    @property
    def year_labels(self) -> tuple[str, ...]:
        """Labels of the years: ("2016/17", "2017/18", ...)."""
        return labels(self.start_year, self.years)

    @property
    def organisation_ids(self) -> tuple[str, ...]:
        """Ids of the organisations, in the order of the file."""
        return tuple(organisation.id for organisation in self.organisations)

    def organisation(self, organisation_id: str) -> Organisation:
        """Return an organisation by its id.

        Parameters
        ----------
        organisation_id : str
            The id.

        Returns
        -------
        Organisation
            Its position on the eve of the first year, money in £m.

        Raises
        ------
        KeyError
            Where the study has none of that id.
        """
        for organisation in self.organisations:
            if organisation.id == organisation_id:
                return organisation
        raise KeyError(organisation_id)

    def place_of(self, body: Organisation) -> str:
        """Return the name of the place where an organisation is.

        Parameters
        ----------
        body : Organisation
            An organisation of the study.

        Returns
        -------
        str
            Its `place`; "place" where the study names none.
        """
        return PLACE if body.place is None else body.place

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the places, in the order in which organisations first name them."""
        return tuple(dict.fromkeys(self.place_of(body) for body in self.organisations))

    def planning_under(self, regime: str | None) -> Planning:
        """Return the planning that holds under a regime: the study's, overridden by its own.

        Parameters
        ----------
        regime : str or None
            A regime of the study; None: the study's own planning.

        Returns
        -------
        Planning
            Growth in fractions a year.

        Raises
        ------
        KeyError
            Where the study has no such regime.
        """
        own = None if regime is None else self.regimes[regime].planning
        return self.planning if own is None else self.planning.overridden(own)

    def name_of(self, organisation_id: str) -> str:
        """Return a body's name, with its id alongside it where another has the same name.

        Parameters
        ----------
        organisation_id : str
            The id.

        Returns
        -------
        str
            The name as reports print it.

        Raises
        ------
        KeyError
            Where the study has none of that id.
        """
        name = self.organisation(organisation_id).name
        if sum(body.name == name for body in self.organisations) == 1:
            return name
        return f"{name} ({organisation_id})"

    def made_by_schemes(self, driver: str) -> tuple[str, ...]:
        """Return the bodies whose schemes make a driver: their savings' delivery and recurrence.

        Parameters
        ----------
        driver : str
            Name of a driver.

        Returns
        -------
        tuple of str
            Ids of the bodies; none for a driver that schemes do not make.
        """
        if driver not in FROM_SCHEMES:
            return ()
        return tuple(dict.fromkeys(scheme.organisation for scheme in self.schemes))

    def made_by_lines(self, driver: str) -> tuple[str, ...]:
        """Return the bodies whose cost lines make a driver: growth of need and inflation.

        Parameters
        ----------
        driver : str
            Name of a driver.

        Returns
        -------
        tuple of str
            Ids of the bodies; none for a driver that cost lines do not make.
        """
        if driver not in OF_LINES or driver not in self.drivers:
            return ()
        return tuple(body.id for body in self.organisations if body.lines)

    def driver(self, name: str, organisation_id: str) -> ResolvedDriver | None:
        """Return a driver as it holds for an organisation.

        A driver that is always uniform is so everywhere.

        Parameters
        ----------
        name : str
            Name in the register of drivers.
        organisation_id : str
            The id.

        Returns
        -------
        ResolvedDriver or None
            None where the driver is neutral, and for `one_off_cost`, which comes from the risks.

        Raises
        ------
        KeyError
            Where the study has no organisation of that id.
        """
        body = self.organisation(organisation_id)
        table = self.drivers.get(name)
        if table is None:
            table = uniform(name) if name in self.drawn_uniform else None
        return None if table is None else table.resolve(kind=body.kind, organisation=body.id)

    @property
    def drawn_uniform(self) -> tuple[str, ...]:
        """Drivers that are always uniform, as far as the study's rules ask for them."""
        return tuple(name for name in UNIFORM if self._asks_for(driver_row(name).drawn_for))

    def _asks_for(self, figure: str) -> bool:
        """Say whether an instrument of any regime sets a figure; yes where none is named."""
        return not figure or any(
            setting.parameters.get(figure) is not None
            for regime in self.regimes.values()
            for book in regime.rulebooks.values()
            for waterfall in WATERFALLS
            for setting in book.waterfall(waterfall)
        )

    @property
    def named_drivers(self) -> tuple[str, ...]:
        """Drivers that are not neutral for at least one body, in register order.

        `one_off_cost` is not among them; one that is always uniform is if the study lists or
        correlates it.
        """
        return tuple(name for name in DRIVER_NAMES if self._is_named(name))

    def _is_named(self, name: str) -> bool:
        if name in FROM_RISKS:
            return False
        if name in UNIFORM:
            return name in self.drivers or any(name in pair for pair in self.correlations)
        if self.made_by_schemes(name) or self.made_by_lines(name):
            return True
        return any(self.driver(name, body.id) is not None for body in self.organisations)

    @property
    def correlations(self) -> dict[tuple[str, str], float]:
        """Correlations by pair of drivers, in the order of the file."""
        return {pair_of(key): value for key, value in self.correlation.items()}


def labels(start_year: str, years: int) -> tuple[str, ...]:
    """Return the labels of financial years: ("2016/17", "2017/18", ...)."""
    first = int(start_year[:4])
    return tuple(f"{year:04d}/{(year + 1) % 100:02d}" for year in range(first, first + years))


def pair_of(key: str) -> tuple[str, str]:
    """Return the two drivers of a key of `[correlation]`: "one, other"."""
    first, _, second = key.partition(",")
    return first.strip(), second.strip()
