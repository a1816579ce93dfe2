"""The study: everything that a run needs, checked, with what holds for each body and year."""

from __future__ import annotations

import math
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr

from riskmc.study.behaviour import behaving
from riskmc.study.contracts import Contract, TermName
from riskmc.study.cost_lines import OF_LINES, line_id, of_the_whole
from riskmc.study.drivers import DriverTable, ResolvedDriver, uniform
from riskmc.study.edits import Change, edited, read_change
from riskmc.study.model import (
    Behaviour,
    Dynamics,
    GrowthName,
    Organisation,
    Paper,
    Planning,
    Precision,
    ReportSettings,
    Scenario,
    Scheme,
)
from riskmc.study.projects import Mandate, Project
from riskmc.study.regimes import WATERFALLS, Regime, held
from riskmc.study.risks import Risk
from riskmc.study.savings import SavingsScheme
from riskmc.study.types import MOST_DRAWS, MOST_YEARS, Table, Text, number
from riskmc.variables import DRIVER_NAMES, FROM_RISKS, PLACE, UNIFORM
from riskmc.variables import driver as driver_row

Array = NDArray[np.float64]
#: Drivers that a body's savings schemes make.
FROM_SCHEMES = ("savings_delivery", "recurrent_share")
#: A financial year: "2016/17".
YEAR_FORM = "[0-9]{4}/[0-9]{2}"


class Head(Table):
    """The single values at the top of a study file."""

    schema_version: Annotated[int, *number(1, 1, whole=True)] = Field(alias="schema")
    """Version of the form of the file: 1"""
    title: Text
    """Title of the study, as printed in reports"""
    start_year: Annotated[str, Field(pattern=f"^{YEAR_FORM}$")]
    """First simulated year, such as "2016/17\""""
    years: Annotated[int, *number(1, MOST_YEARS, whole=True)]
    """How many years are simulated"""
    draws: Annotated[int, *number(1, MOST_DRAWS, whole=True)]
    """How many futures are drawn"""
    seed: Annotated[int, *number(0, 2**63 - 1, whole=True)]
    """Number from which all randomness follows"""
    scheme: Scheme = "mc"
    """How futures are drawn: mc, antithetic, lhs or sobol"""


class StudyFile(NamedTuple):
    """The file that a study was read from, as it was when it was read: its name and SHA-256.

    `remarks` say what was made of the tables that it names, and what of them was not read.
    """

    name: str
    sha256: str
    remarks: tuple[str, ...] = ()


class Study(Head):
    """A place, its planning assumptions, its drivers and its regimes.

    Made by `load_study` and `parse_study`, which check everything; K organisations in the order
    of the file, T years. Money in £m, rates a year.
    """

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
    _file: StudyFile | None = PrivateAttr(default=None)

    def __eq__(self, other: object) -> bool:
        """Say whether two studies say the same, whichever files they were read from."""
        if not isinstance(other, Study):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in Study.model_fields)

    __hash__ = None  # type: ignore[assignment]

    @property
    def file(self) -> StudyFile | None:
        """The file that `load_study` read; None for a study made or changed in Python."""
        return self._file

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
        """Return an organisation by its id; KeyError where there is none."""
        for organisation in self.organisations:
            if organisation.id == organisation_id:
                return organisation
        raise KeyError(organisation_id)

    def place_of(self, body: Organisation) -> str:
        """Return the name of the place where an organisation is."""
        return PLACE if body.place is None else body.place

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the places, in the order in which organisations first name them."""
        return tuple(dict.fromkeys(self.place_of(body) for body in self.organisations))

    def planning_under(self, regime: str | None) -> Planning:
        """Return the planning that holds under a regime: the study's, overridden by its own."""
        own = None if regime is None else self.regimes[regime].planning
        return self.planning if own is None else self.planning.overridden(own)

    def name_of(self, organisation_id: str) -> str:
        """Return a body's name, with its id alongside it where another has the same name."""
        name = self.organisation(organisation_id).name
        if sum(body.name == name for body in self.organisations) == 1:
            return name
        return f"{name} ({organisation_id})"

    def made_by_schemes(self, driver: str) -> tuple[str, ...]:
        """Return the bodies whose schemes make a driver: their savings' delivery and recurrence."""
        if driver not in FROM_SCHEMES:
            return ()
        return tuple(dict.fromkeys(scheme.organisation for scheme in self.schemes))

    def made_by_lines(self, driver: str) -> tuple[str, ...]:
        """Return the bodies whose cost lines make a driver: growth of need and inflation."""
        if driver not in OF_LINES or driver not in self.drivers:
            return ()
        return tuple(body.id for body in self.organisations if body.lines)

    def growth(self, name: GrowthName, *, regime: str | None = None) -> Array:
        """Return planned growth, shape (T, K) [fraction a year]; missing growth is 0.

        Under a regime with a planning of its own, that of the regime; else the study's.
        """
        planning = self.planning_under(regime)
        columns = [
            by_year(planning.growth(name, kind=body.kind, organisation=body.id), self.years)
            for body in self.organisations
        ]
        return np.ascontiguousarray(np.stack(columns, axis=1))

    def uplift(self, contract: Contract) -> Array:
        """Return a contract's price uplift, shape (T,) [fraction a year]."""
        return by_year(contract.uplift, self.years)

    def term(self, name: TermName, contract: Contract, regime: str) -> Array:
        """Return a contract's term under a regime, shape (T,); no limit is infinite."""
        value = self.regimes[regime].payment.term(name, contract)
        return by_year(math.inf if value is None else value, self.years)

    def driver(self, name: str, organisation_id: str) -> ResolvedDriver | None:
        """Return a driver as it holds for an organisation; None where it is neutral.

        A driver that is always uniform is so everywhere; `one_off_cost` is None: it comes from
        the risks.
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

    def expected(self, name: str) -> Array:
        """Return what planners expect of a driver, shape (T, K) [fraction a year].

        `expected` where it is given, else the driver's mean, zeros of an event included; 0 where
        the driver is neutral.
        """
        columns = []
        for body in self.organisations:
            if body.lines and name in OF_LINES:
                both = of_the_whole(
                    [line.cost for line in body.lines],
                    *(
                        [self._planned(own, body, line.name) for line in body.lines]
                        for own in OF_LINES
                    ),
                )
                columns.append(both[OF_LINES.index(name)])
            else:
                columns.append(self._planned(name, body))
        return np.ascontiguousarray(np.stack(columns, axis=1))

    def _planned(self, name: str, body: Organisation, line: str = "") -> Array:
        """Return what planners expect of a driver for a body or a line of it, shape (T,)."""
        table = self.drivers.get(name)
        row = None
        if table is not None:
            key = line_id(body.id, line) if line else ""
            row = table.resolve(kind=body.kind, organisation=body.id, line=key)
        return np.array(
            [0.0 if row is None else row.in_year(year).planned for year in range(self.years)]
        )

    @property
    def correlations(self) -> dict[tuple[str, str], float]:
        """Correlations by pair of drivers, in the order of the file."""
        return {pair_of(key): value for key, value in self.correlation.items()}

    def correlation_matrix(self, names: Sequence[str]) -> Array:
        """Return the correlation of the drivers named, shape (D, D); what is not listed is 0."""
        return matrix(self.correlations, names)

    def prevention_weights(self) -> Array:
        """Return each body's weight in the benefits of prevention, shape (K,), summing to 1.

        Default: cost; where all weights are 0, equal shares.
        """
        given = [body.prevention_benefit for body in self.organisations]
        costs = [body.cost for body in self.organisations]
        weights = np.array([c if g is None else g for g, c in zip(given, costs, strict=True)])
        total = weights.sum()
        if total == 0.0:
            return np.full(len(weights), 1.0 / len(weights))
        shares: Array = weights / total
        return shares

    def with_behaviour(self) -> Study:
        """Return the study with the behaviour that it assumes put into its rules.

        Under each regime with a `[behaviour]`, the effort of every savings instrument and the
        share of every prevention instrument are replaced.
        """
        regimes = {
            name: behaving(regime, self.behaviour.get(name))
            for name, regime in self.regimes.items()
        }
        return self.replaced(regimes=regimes)

    def with_(self, *changes: Change | str, **figures: object) -> Study:
        """Return the study with figures changed, checked as a file is; without its scenarios.

        Parameters
        ----------
        *changes : Change or str
            What to change, as it is typed after `--set`: "drivers.demand_growth.mean=0.03",
            "organisations.acute.reserves+=5" (a shift) or "organisations.acute.cost*=1.02".
        **figures : object
            Single values at the top of the file, such as draws=1000 or seed=3.

        Returns
        -------
        Study

        Raises
        ------
        StudyError
            With every change that names nothing, and every figure that is not allowed.
        """
        from riskmc.study.load import parse_study, study_mapping

        typed = [read_change(one) if isinstance(one, str) else one for one in changes]
        tables = study_mapping(self) | figures
        tables.pop("scenarios", None)
        return parse_study(edited(tables, typed), name="changed study")

    def save(self, path: str | PathLike[str]) -> None:
        """Write the study as a TOML file, every regime written out in full.

        Parameters
        ----------
        path : str or path
            The file; one that exists is replaced.
        """
        import tomli_w

        from riskmc.study.load import study_mapping

        Path(path).write_text(tomli_w.dumps(study_mapping(self)), encoding="utf-8")

    def model_copy(self, *, update: Any = None, deep: bool = False) -> Self:
        """Return a copy; one that differs is no longer the study of the file."""
        copy = super().model_copy(update=update, deep=deep)
        if update:
            copy._file = None
        return copy

    def replaced(self, **fields: object) -> Study:
        """Return a study with some fields replaced; they are not checked against each other."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate(given | fields)


def labels(start_year: str, years: int) -> tuple[str, ...]:
    """Return the labels of financial years: ("2016/17", "2017/18", ...)."""
    first = int(start_year[:4])
    return tuple(f"{year:04d}/{(year + 1) % 100:02d}" for year in range(first, first + years))


def by_year(value: float | tuple[float, ...], years: int) -> Array:
    """Return a number or a list by year as an array, shape (years,); a list's last holds on."""
    return np.array([held(value, year) for year in range(years)], dtype=np.float64)


def pair_of(key: str) -> tuple[str, str]:
    """Return the two drivers of a key of `[correlation]`: "one, other"."""
    first, _, second = key.partition(",")
    return first.strip(), second.strip()


def matrix(correlations: dict[tuple[str, str], float], names: Sequence[str]) -> Array:
    """Return a correlation matrix in the order of `names`, shape (D, D)."""
    result = np.eye(len(names))
    place = {name: index for index, name in enumerate(names)}
    for (first, second), value in correlations.items():
        if first in place and second in place:
            result[place[first], place[second]] = value
            result[place[second], place[first]] = value
    return result
