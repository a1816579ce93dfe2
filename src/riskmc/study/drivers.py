"""Drivers as a study writes them, and what holds for one organisation.

A driver's table may set its keys for everyone, for a kind, or for one organisation. Key by key
the organisation's beats the kind's beats everyone's; a scope that sets `distribution` replaces
the family, its parameters and `expected`, while `probability`, `shared`, `shared_place` and
`persistence` stay
unless set.

Every figure but `shared` and `persistence` may be a list by year, whose last value holds on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import Field, PrivateAttr, TypeAdapter

from riskmc.distributions import (
    PERCENTILE_KEYS,
    PERCENTILE_MEANING,
    AnyDistribution,
    Distribution,
    families,
)
from riskmc.study.types import (
    NOTE_KEYS,
    ExpectedByYear,
    Persistence,
    ProbabilityByYear,
    Share,
    Sourced,
    Table,
    meanings,
)
from riskmc.variables import UNIFORM

#: Keys of a driver that are not parameters of its distribution.
OWN_KEYS = ("probability", "shared", "shared_place", "persistence", "expected")
#: Those that stay where a scope names a distribution of its own: all but what planners expect.
STAYS = tuple(key for key in OWN_KEYS if key != "expected")
#: Keys whose value may be a list that is not by year, or may not be one at all.
NOT_BY_YEAR = (
    *("distribution", "file", "column", "values", "parts", "variable", "council", "means", "sds"),
    *("shared", "shared_place", "persistence", "by"),
)
#: Keys that name data in a file, and those that hold what was read from it.
NAMES_DATA = ("file", "column", "variable", "council")
HOLDS_DATA = ("values", "left_out", "means", "sds")
#: What a driver that is always uniform may have.
UNIFORM_KEYS = ("shared", "shared_place", "persistence")

_ADAPTER: TypeAdapter[Any] = TypeAdapter(AnyDistribution)


class DriverScope(Sourced):
    """What a driver's table sets for everyone, for a kind, or for one organisation."""

    distribution: str | None = None
    """Family of the distribution"""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Parameters of the distribution, as written alongside the other keys"""
    probability: ProbabilityByYear | None = None
    """Makes the driver an event: it is 0 with probability 1 - p, else drawn; may be by year"""
    shared: Share | None = None
    """Part of the variation that is common to all organisations, wherever they are"""
    shared_place: Share | None = None
    """Part of the rest that is common to the organisations of one place"""
    persistence: Persistence | None = None
    """First-order autocorrelation from year to year"""
    expected: ExpectedByYear | None = None
    """What planners assume; default: the mean, zeros of an event included; may be by year"""

    def table(self) -> dict[str, Any]:
        """Return the keys as a study writes them."""
        own = {key: getattr(self, key) for key in ("distribution", *OWN_KEYS, *NOTE_KEYS)}
        return {key: value for key, value in own.items() if value is not None} | self.parameters


def split(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a driver's table as the fields of `DriverScope`, without its scopes."""
    names = ("distribution", *OWN_KEYS, *NOTE_KEYS)
    own = {key: value for key, value in table.items() if key in names}
    rest = {key: value for key, value in table.items() if key not in own and key != "by"}
    return {**own, "parameters": rest}


def merge(tables: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the keys that hold where these scopes apply, the last the nearest."""
    merged: dict[str, Any] = {}
    for table in tables:
        if "distribution" in table:
            merged = {key: merged[key] for key in STAYS if key in merged}
        elif any(key in table for key in NAMES_DATA) and not any(k in table for k in HOLDS_DATA):
            merged = {key: value for key, value in merged.items() if key not in HOLDS_DATA}
        unread = ("by", *NOTE_KEYS)
        merged |= {key: value for key, value in table.items() if key not in unread}
    return merged


def distribution_keys(family: Any) -> dict[str, str]:
    """Return the keys of a family of distributions with their meaning; none if unknown."""
    model = families().get(family) if isinstance(family, str) else None
    if model is None:
        return {}
    own = meanings(model)
    own.pop("percentiles", None)
    return own | ({PERCENTILE_KEYS: PERCENTILE_MEANING} if model.takes_percentiles else {})


def read_distribution(table: Mapping[str, Any], *, context: Mapping[str, Any] | None) -> Any:
    """Return the distribution of a table; pydantic's ValidationError where it is none."""
    return _ADAPTER.validate_python(dict(table), context=dict(context or {}))


def tables_by_year(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a driver's table for each year as far as its lists reach; one where it has none."""
    lists = {
        key: value
        for key, value in table.items()
        if isinstance(value, list | tuple) and value and key not in NOT_BY_YEAR
    }
    longest = max((len(value) for value in lists.values()), default=1)
    return [
        {**table, **{key: value[min(year, len(value) - 1)] for key, value in lists.items()}}
        for year in range(longest)
    ]


@dataclass(frozen=True, slots=True)
class ResolvedDriver:
    """A driver as it holds for one organisation.

    Parameters
    ----------
    name : str
        Name in the register of drivers.
    distribution : Distribution
        Of the first year, in the driver's unit.
    probability : float, optional
        Chance of an event in the first year; None unless the driver is an event.
    expected : float, optional
        What planners assume in the first year, in the driver's unit; None: the mean.
    shared : float
        Part of the variation common to all organisations [share].
    shared_place : float
        Part of the rest common to the organisations of one place [share].
    persistence : float
        Autocorrelation from one year to the next, from -1 to 1.
    later : tuple of ResolvedDriver
        Years two, three and so on, where any of these is a list by year; the last holds on.
    """

    name: str
    distribution: Distribution
    probability: float | None = None
    expected: float | None = None
    shared: float = 0.0
    shared_place: float = 0.0
    persistence: float = 0.0
    later: tuple[ResolvedDriver, ...] = ()

    @property
    def mean(self) -> float:
        """Mean of the driver's values (in the first year), the zeros of an event included."""
        mean = float(self.distribution.mean)
        return mean if self.probability is None else self.probability * mean

    @property
    def planned(self) -> float:
        """What planners assume (in the first year): `expected`, else the mean."""
        return self.mean if self.expected is None else self.expected

    def in_year(self, year: int) -> ResolvedDriver:
        """Return the driver as it holds in a year, counted from 0.

        Parameters
        ----------
        year : int
            Counted from 0.

        Returns
        -------
        ResolvedDriver
            The driver with that year's distribution, probability and expectation.
        """
        if year == 0 or not self.later:
            return self
        return self.later[min(year - 1, len(self.later) - 1)]


class _Cache(dict[tuple[str, str], ResolvedDriver | None]):
    """What was resolved already, by kind and id; does not count when tables are compared."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Cache)


class DriverTable(Table):
    """One driver of the study: what holds for everyone, and what differs by kind or body."""

    name: str
    """Name of the driver in the register"""
    everyone: DriverScope
    """What holds unless a scope says otherwise"""
    by: dict[str, DriverScope] = Field(default_factory=dict)
    """What holds for a kind or for one organisation"""
    _resolved: _Cache = PrivateAttr(default_factory=lambda: _Cache())

    def table(self) -> dict[str, Any]:
        """Return the driver as a study writes it.

        Returns
        -------
        dict of str
            Keys of `[drivers.x]`, its scopes under "by".
        """
        scopes = {name: scope.table() for name, scope in self.by.items()}
        return self.everyone.table() | ({"by": scopes} if scopes else {})

    def chain(self, *, kind: str, organisation: str, line: str = "") -> list[dict[str, Any]]:
        """Return the scopes that hold for an organisation or a line of it, the nearest last.

        Parameters
        ----------
        kind : str
            Kind of the organisation: provider, commissioner or council.
        organisation : str
            Its id.
        line : str
            Key of one of its cost lines, "body.line"; empty for the body as a whole.

        Returns
        -------
        list of dict
            The tables that apply, from the one for everybody to the nearest.
        """
        nearer = [self.by[name].table() for name in (kind, organisation, line) if name in self.by]
        return [self.everyone.table(), *nearer]

    def resolve(self, *, kind: str, organisation: str, line: str = "") -> ResolvedDriver | None:
        """Return the driver as it holds for an organisation, or for one of its cost lines.

        Parameters
        ----------
        kind : str
            Kind of the organisation: provider, commissioner or council.
        organisation : str
            Its id.
        line : str
            Key of one of its cost lines, "body.line"; empty for the body as a whole.

        Returns
        -------
        ResolvedDriver or None
            None where the driver keeps its neutral value.
        """
        key = (kind, line or organisation)
        if key not in self._resolved:
            chain = self.chain(kind=kind, organisation=organisation, line=line)
            self._resolved[key] = self._resolve(chain)
        return self._resolved[key]

    def _resolve(self, chain: list[dict[str, Any]]) -> ResolvedDriver | None:
        merged = merge(list(chain))
        if self.name in UNIFORM:
            merged |= {"distribution": "uniform", "low": 0.0, "high": 1.0}
        if "distribution" not in merged:
            return None
        first, *later = [self._one_year(table) for table in tables_by_year(merged)]
        return replace(first, later=tuple(later))

    def _one_year(self, table: dict[str, Any]) -> ResolvedDriver:
        own = {key: table[key] for key in OWN_KEYS if key in table}
        parameters = {key: value for key, value in table.items() if key not in OWN_KEYS}
        distribution = read_distribution(parameters, context=None)
        return ResolvedDriver(name=self.name, distribution=distribution, **own)


def uniform(name: str) -> DriverTable:
    """Return the table of a driver that is always uniform and that the study does not list."""
    return DriverTable(name=name, everyone=DriverScope())
