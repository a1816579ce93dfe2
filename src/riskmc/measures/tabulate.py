"""The common frame of measures: a per-draw value, a statistic, a Dataset by body and regime.

A measure says which variables it needs, what it makes of one body's paths (year, chain, draw)
in every draw, and which statistic it takes of that. Everything else is here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.catalogue import Paths
from riskmc.measures.possible import as_certain, impossible
from riskmc.measures.reading import Names, Reader
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Estimate
from riskmc.variables import MONEY, YEAR

if TYPE_CHECKING:
    import xarray as xr

PROBABILITY = "probability"
#: Ways to take a yearly amount over time; see `over_time`.
OVER = ("year", "cumulative", "horizon", "peak", "end", "average")


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


class Task(NamedTuple):
    """A measure of one body under one regime.

    `paths` are the variables asked for; `body` and `regime` say whose they are.
    """

    paths: Paths
    body: str
    regime: str


class Spec(NamedTuple):
    """What a measure is: everything that `tabulate` needs to know of it.

    needs      variables of the results
    values     makes (*inner, chain, draw) of a Task
    statistic  reduces it
    inner      dimensions that `values` leaves before chain and draw, with labels
    extra      dimensions that `statistic` adds at the end, with labels
    unit       unit of the result
    long_name  what it is, in words
    blank       says where it does not apply: NaN there
    output     the output of the model without which it is 0; where the rules make that
               impossible the 0 is exact
    """

    needs: tuple[str, ...]
    values: Callable[[Task], NDArray[Any]]
    statistic: Statistic
    inner: Mapping[str, Sequence[Any]]
    unit: str
    long_name: str
    extra: Mapping[str, Sequence[Any]] = {}
    blank: Callable[[str, str], bool] = lambda body, regime: False  # noqa: ARG005
    output: str = ""


def tabulate(
    reader: Reader,
    spec: Spec,
    *,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
    bodies: Sequence[str] | None = None,
    attrs: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Return a measure over (organisation, regime, *inner, *extra), with its errors.

    With `against` (a regime) everything is the paired difference from it, future by future.
    `bodies` replaces the bodies asked for. Raises ResultsError for names that are not there and
    variables that were not kept.
    """
    names = tuple(reader.choose_bodies(organisation)) if bodies is None else tuple(bodies)
    regimes = reader.choose_regimes(regime)
    if against is not None:
        reader.choose_regimes(against)
    shape = tuple(len(labels) for labels in (*spec.inner.values(), *spec.extra.values()))
    rows = [[_cell(reader, spec, body, r, against, shape) for r in regimes] for body in names]
    fields = [
        np.array([[cell[i] for cell in row] for row in rows]).reshape(
            len(names), len(regimes), *shape
        )
        for i in range(len(Estimate._fields))
    ]
    coords = {"organisation": list(names), "regime": list(regimes)}
    coords |= {dim: list(labels) for dim, labels in (*spec.inner.items(), *spec.extra.items())}
    long_name = spec.long_name
    if against is not None:
        long_name = f"{long_name}: paired difference from {against}"
    more = {"scheme": reader.scheme, "draws": reader.draws, **(attrs or {})}
    if spec.output:
        never = impossible(reader.study(), spec.output)
        unable = {r: sorted(b for b in never[r] if b in names) for r in regimes}
        more["impossible"] = json.dumps(unable)
    if against is not None:
        more["against"] = against
    return Estimate(*fields).dataset(
        dims=tuple(coords), coords=coords, unit=spec.unit, long_name=long_name, attrs=more
    )


def _cell(
    reader: Reader,
    spec: Spec,
    body: str,
    regime: str,
    against: str | None,
    shape: tuple[int, ...],
) -> Estimate:
    if spec.blank(body, regime) or (against is not None and spec.blank(body, against)):
        empty = np.full(shape, np.nan)
        return Estimate(
            empty, empty, empty, empty, np.zeros(shape, bool), np.zeros(shape, np.int64)
        )
    x, valid = _values(reader, spec, body, regime)
    other = None
    if against is not None:
        other, also = _values(reader, spec, body, against)
        if also is not None:
            valid = also if valid is None else valid & also
    if valid is not None:
        valid = np.broadcast_to(valid, x.shape)
    found = spec.statistic(x, scheme=reader.scheme, against=other, valid=valid)
    compared = (regime,) if against is None else (regime, against)
    if spec.output and _never(reader, spec.output, body, compared):
        return as_certain(found)
    return found


def _never(reader: Reader, output: str, body: str, regimes: Sequence[str]) -> bool:
    """Say whether an output is impossible for a body under all of these regimes."""
    never = impossible(reader.study(), output)
    return all(body in never[regime] for regime in regimes)


def _values(
    reader: Reader, spec: Spec, body: str, regime: str
) -> tuple[NDArray[Any], Bools | None]:
    paths = reader.paths(spec.needs, regime=regime, organisation=body)
    valid = estimators.finite_draws(*paths.values())
    return spec.values(Task(paths, body, regime)), valid


def over_time(path: NDArray[Any], over: str) -> NDArray[Any]:
    """Take a yearly amount (year, chain, draw) over time.

    "year": in each year; "cumulative": in all years so far; "horizon": the total; "peak": the
    largest year; "end": the last year; "average": a year on average.
    """
    if over == "year":
        return path
    if over == "cumulative":
        return np.cumsum(path, axis=0)
    if over == "horizon":
        return np.asarray(path.sum(axis=0))
    if over == "peak":
        return np.asarray(path.max(axis=0))
    if over == "end":
        return np.asarray(path[-1])
    if over == "average":
        return np.asarray(path.mean(axis=0))
    raise ResultsError(f"over='{over}' is not one of {', '.join(OVER)}")


def events_over_time(event: Bools, over: str) -> Bools:
    """Take a yearly event (year, chain, draw) over time.

    "year": in each year; "cumulative": in any year so far; "horizon": in any year.
    """
    if over == "year":
        return event
    if over == "cumulative":
        return np.logical_or.accumulate(event, axis=0)
    if over == "horizon":
        return np.asarray(event.any(axis=0))
    raise ResultsError(f"over='{over}' is not one of year, cumulative, horizon")


def year_dims(reader: Reader, over: str) -> dict[str, Sequence[Any]]:
    """Return the dimension that is left over time: the years, or none."""
    if over == "cumulative":
        reader.need_years_from_opening("what adds up over the years")
    return {YEAR: reader.years} if over in ("year", "cumulative") else {}


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


def money(
    name: str, over: str, reader: Reader, statistic: Statistic, words: str, **more: Any
) -> Spec:
    """Return the Spec of a statistic of one variable taken over time, in £m."""
    return Spec(
        needs=(name,),
        values=lambda task: over_time(task.paths[name], over),
        statistic=statistic,
        inner=year_dims(reader, over),
        unit=more.pop("unit", MONEY),
        long_name=f"{words} {over_words(over)}",
        **more,
    )
