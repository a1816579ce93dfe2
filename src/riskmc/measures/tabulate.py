"""The common frame of measures: a per-draw value, a statistic, a Dataset by body and regime.

A `Spec` says which variables a measure needs, what it makes of one body's paths
(year, chain, draw) in every draw, how that is taken over time, and which statistic it takes of it.
Everything else is here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.events import least_that_counts
from riskmc.measures.possible import as_certain, impossible
from riskmc.measures.reading import Names, Reader
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Estimate
from riskmc.variables import PLACE, YEAR

if TYPE_CHECKING:
    import xarray as xr

PROBABILITY = "probability"
Paths = Mapping[str, NDArray[Any]]
#: Labels of dimensions, by name.
Dims = Mapping[str, Sequence[Any]]


class Statistic(Protocol):
    """A statistic of `statistics`: reduces (chain, draw), perhaps adds axes at the end."""

    def __call__(
        self,
        x: NDArray[Any],
        /,
        *,
        scheme: str,
        against: NDArray[Any] | None = None,
        valid: Bools | None = None,
    ) -> Estimate:
        """Return the estimate."""


@dataclass
class Task:
    """One body under one regime, of which a measure makes its values.

    paths   the variables asked for, (year, chain, draw)
    body    whose they are
    regime  under which rules
    source  where more may be read; None while a run is under way: the paths are all there is
    """

    paths: Paths
    body: str = PLACE
    regime: str = ""
    source: Reader | None = None
    _least: dict[float, NDArray[Any]] = field(default_factory=dict, repr=False)
    _events: dict[tuple[str, float], Bools] = field(default_factory=dict, repr=False)

    @property
    def reader(self) -> Reader:
        """Where more may be read."""
        if self.source is None:
            raise ResultsError("a measure that reads more than its variables needs whole results")
        return self.source

    def happened(self, name: str, *, above: float = 0.0) -> Bools:
        """Say where an amount counts as having happened, (year, chain, draw).

        See `riskmc.measures.events.happened`; worked out once.
        """
        if (name, above) not in self._events:
            if above not in self._least:
                self._least[above] = least_that_counts(self.paths["income"], above=above)
            self._events[name, above] = np.greater(self.paths[name], self._least[above])
        return self._events[name, above]


def over_time(path: NDArray[Any], over: str) -> NDArray[Any]:
    """Take a yearly amount or event (year, chain, draw) over time.

    "year": in each year; "cumulative": in all years so far; "horizon": the total; "peak": the
    largest year; "end": the last year; "average": a year on average. Of an event: in the year;
    in any year so far; in any year.
    """
    event = path.dtype == np.bool_
    if over == "year":
        return path
    if over == "cumulative":
        return np.logical_or.accumulate(path, axis=0) if event else np.cumsum(path, axis=0)
    if over == "horizon":
        return np.asarray(path.any(axis=0) if event else path.sum(axis=0))
    if over == "peak":
        return np.asarray(path.max(axis=0))
    if over == "end":
        return np.asarray(path[-1])
    if over == "average":
        return np.asarray(path.mean(axis=0))
    raise ResultsError(f"over='{over}' is not one of year, cumulative, horizon, peak, end, average")


def worst_over_time(path: NDArray[Any], over: str) -> NDArray[Any]:
    """Take a yearly amount over time by its largest year: of all, or of those so far."""
    if over == "cumulative":
        return np.maximum.accumulate(path, axis=0)
    return over_time(path, "peak" if over == "horizon" else over)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What a measure is: everything that `tabulate` needs to know of it.

    long_name           what it is, in words
    unit                its unit
    needs               variables of the results, (year, chain, draw)
    values              what is made of them in every draw: (year, chain, draw) where `over` is
                        given, else (*inner, chain, draw)
    statistic           reduces chain and draw
    over                how values are taken over time; empty: they are as they should be
    taken               takes them so: adds up, or says whether an event came about
    inner               dimensions left before chain and draw, with labels; default: the years,
                        where `over` leaves them
    extra               dimensions that `statistic` adds at the end, with labels
    output              the output of the model without which it is 0; where the rules make that
                        impossible the 0 is exact
    bodies              whose it is, by what is asked for; default: any body
    not_applicable      by regime, the bodies of which it says nothing: NaN there
    since_opening       what goes back to the opening, so that every year since must be held
    unbroken            what needs every year between the first and the last
    every_organisation  what needs every organisation of the place
    """

    long_name: str
    unit: str
    needs: tuple[str, ...] | Callable[[Reader], tuple[str, ...]]
    values: Callable[[Task], NDArray[Any]]
    statistic: Statistic
    over: str = ""
    taken: Callable[[NDArray[Any], str], NDArray[Any]] = over_time
    inner: Callable[[Reader], Dims] | None = None
    extra: Dims = field(default_factory=dict)
    output: str = ""
    bodies: Callable[[Reader, Names], Sequence[str]] | None = None
    not_applicable: Callable[[Reader], Mapping[str, Collection[str]]] | None = None
    since_opening: str = ""
    unbroken: str = ""
    every_organisation: str = ""

    def per_draw(self, task: Task) -> NDArray[Any]:
        """Return its values in every draw, taken over time: (*inner, chain, draw)."""
        values = self.values(task)
        return self.taken(values, self.over) if self.over else values


def year_dims(reader: Reader, over: str) -> dict[str, Sequence[Any]]:
    """Return the dimension that is left over time: the years, or none."""
    if over == "cumulative":
        reader.need_years_from_opening("what adds up over the years")
    return {YEAR: reader.years} if over in ("year", "cumulative") else {}


def tabulate(
    reader: Reader,
    spec: Spec,
    *,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return a measure over (organisation, regime, *inner, *extra), with its errors.

    With `against` (a regime) everything is the paired difference from it, future by future.
    Raises ResultsError for names that are not there, variables that were not kept, and results
    from which years or organisations were left out that it takes.
    """
    if spec.since_opening:
        reader.need_years_from_opening(spec.since_opening)
    if spec.unbroken:
        reader.need_unbroken_years(spec.unbroken)
    if spec.every_organisation:
        reader.need_every_organisation(spec.every_organisation)
    cells = _Cells(reader, spec)
    choose = spec.bodies or Reader.choose_bodies
    names, regimes = tuple(choose(reader, organisation)), reader.choose_regimes(regime)
    if against is not None:
        reader.choose_regimes(against)
    shape = tuple(len(labels) for labels in cells.dims.values())
    rows = [[cells.estimate(body, r, against) for r in regimes] for body in names]
    fields = [
        np.array([[cell[i] for cell in row] for row in rows]).reshape(
            len(names), len(regimes), *shape
        )
        for i in range(len(Estimate._fields))
    ]
    coords = {"organisation": list(names), "regime": list(regimes)}
    coords |= {dim: list(labels) for dim, labels in cells.dims.items()}
    long_name = spec.long_name
    if against is not None:
        long_name = f"{long_name}: paired difference from {against}"
    return Estimate(*fields).dataset(
        dims=tuple(coords),
        coords=coords,
        unit=spec.unit,
        long_name=long_name,
        attrs=cells.attributes(names, regimes, against),
    )


class _Cells:
    """The estimates of a measure, body by body and regime by regime."""

    def __init__(self, reader: Reader, spec: Spec) -> None:
        self._reader, self._spec = reader, spec
        inner = year_dims(reader, spec.over) if spec.inner is None else spec.inner(reader)
        self.dims: Dims = {**inner, **spec.extra}
        self._needs = spec.needs(reader) if callable(spec.needs) else spec.needs
        self._blank = {} if spec.not_applicable is None else spec.not_applicable(reader)
        self._never = impossible(reader.study(), spec.output) if spec.output else {}

    def attributes(
        self, names: Sequence[str], regimes: Sequence[str], against: str | None
    ) -> dict[str, Any]:
        """Return what is said of the table as a whole."""
        found: dict[str, Any] = {"scheme": self._reader.scheme, "draws": self._reader.draws}
        if self._spec.not_applicable is not None:
            idle = {name: sorted(bodies) for name, bodies in self._blank.items()}
            found["not_applicable"] = json.dumps(idle)
        if self._spec.output:
            unable = {r: sorted(b for b in self._never[r] if b in names) for r in regimes}
            found["impossible"] = json.dumps(unable)
        return found if against is None else {**found, "against": against}

    def estimate(self, body: str, regime: str, against: str | None) -> Estimate:
        """Return one cell: the estimate, blank where it does not apply, exact where impossible."""
        compared = (regime,) if against is None else (regime, against)
        if any(body in self._blank.get(name, ()) for name in compared):
            return _blank(tuple(len(labels) for labels in self.dims.values()))
        x, valid = self._values(body, regime)
        other = None
        if against is not None:
            other, also = self._values(body, against)
            if also is not None:
                valid = also if valid is None else valid & also
        if valid is not None:
            valid = np.broadcast_to(valid, x.shape)
        found = self._spec.statistic(x, scheme=self._reader.scheme, against=other, valid=valid)
        never = self._spec.output and all(body in self._never[name] for name in compared)
        return as_certain(found) if never else found

    def _values(self, body: str, regime: str) -> tuple[NDArray[Any], Bools | None]:
        paths = self._reader.paths(self._needs, regime=regime, organisation=body)
        valid = estimators.finite_draws(*paths.values())
        return self._spec.per_draw(Task(paths, body, regime, self._reader)), valid


def _blank(shape: tuple[int, ...]) -> Estimate:
    empty = np.full(shape, np.nan)
    return Estimate(empty, empty, empty, empty, np.zeros(shape, bool), np.zeros(shape, np.int64))


def over_words(over: str) -> str:
    """Return in words how an amount is taken over time."""
    return {
        "year": "in the year",
        "cumulative": "up to and including the year",
        "horizon": "over all years",
        "peak": "in the worst year",
        "end": "at the end of the last year",
        "average": "a year, on average over the years",
    }[over]


def exceedance(levels: Sequence[float]) -> Statistic:
    """Return the statistic P(x > level) for several levels, with a last axis for them."""

    def statistic(
        x: NDArray[Any],
        *,
        scheme: str,
        against: NDArray[Any] | None = None,
        valid: Bools | None = None,
    ) -> Estimate:
        found = [
            estimators.probability(
                x > level,
                scheme=scheme,
                against=None if against is None else against > level,
                valid=valid,
            )
            for level in levels
        ]
        fields = [np.stack(columns, axis=-1) for columns in zip(*found, strict=True)]
        return Estimate(*fields)

    return statistic


def quantiles_at(ps: Sequence[float]) -> Statistic:
    """Return the quantile statistic at several probabilities."""
    return partial(estimators.quantile, p=tuple(ps))


def shortfall_at(ps: Sequence[float]) -> Statistic:
    """Return the expected-shortfall statistic at several probabilities."""
    return partial(estimators.expected_shortfall, p=tuple(ps))
