"""The headline table: every regime and the paired differences, for the place and each body."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.catalogue import (
    FAMILIES,
    HORIZON,
    NEEDS_RESERVES,
    YEARLY,
    Family,
    Measure,
    PerDraw,
    Series,
)
from riskmc.measures.holders import exhaustion_not_applicable, exhaustion_unknown
from riskmc.measures.possible import as_certain, impossible
from riskmc.measures.reading import Names, Reader
from riskmc.measures.summary_reader import SummaryReader, read
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Estimate

if TYPE_CHECKING:
    import xarray as xr

_FIELDS = ("value", "mcse", "low", "high", "bound", "units")


class HeadlineEstimate(NamedTuple):
    """One estimate of the headline: of which measure, body and regime, against which other.

    `impossible` where the rules leave nothing but 0: the estimate is then exact.
    """

    measure: Measure
    organisation: str
    regime: str
    against: str
    yearly: bool
    estimate: Estimate
    impossible: bool = False


class Scope(NamedTuple):
    """What is asked for: bodies, regimes, whether over the horizon, by year, or both."""

    bodies: tuple[str, ...]
    regimes: tuple[str, ...]
    horizon: bool = True
    yearly: bool = True
    quantiles: tuple[float, ...] = ()


def estimates(
    reader: Reader, scope: Scope, *, names: Sequence[str] | None = None
) -> Iterator[HeadlineEstimate]:
    """Work out headline estimates, family by family, regime by regime and body by body.

    Each variable is read once; bodies are shared out over threads. The order is fixed. `names`
    leaves out all measures but these. What was asked of one view before is not worked out again.
    """
    memory = reader.view.headline
    key = (scope, None if names is None else tuple(names))
    if key not in memory:
        memory[key] = tuple(_exact(reader, _estimates(reader, scope, names)))
    return iter(memory[key])


def _exact(reader: Reader, worked_out: Iterator[HeadlineEstimate]) -> Iterator[HeadlineEstimate]:
    """Give estimates, those of what the rules make impossible as exact."""
    outputs = {measure.output for measure in (*HORIZON, *YEARLY) if measure.output}
    never = {output: impossible(reader.study(), output) for output in outputs}
    for found in worked_out:
        regimes = [name for name in (found.regime, found.against) if name]
        unable = never.get(found.measure.output, {})
        if regimes and all(found.organisation in unable.get(name, ()) for name in regimes):
            certain = as_certain(found.estimate)
            yield found._replace(estimate=certain, impossible=bool((certain.value == 0.0).all()))
        else:
            yield found


def _estimates(
    reader: Reader, scope: Scope, names: Sequence[str] | None
) -> Iterator[HeadlineEstimate]:
    if isinstance(reader, SummaryReader):
        yield from _from_summaries(reader, scope, names)
        return
    inapplicable = exhaustion_unknown(reader)
    workers = min(os.cpu_count() or 1, 4, max(len(scope.bodies), 1))
    with ThreadPoolExecutor(workers) as pool:
        for family in FAMILIES if names is None else map(_only(names), FAMILIES):
            if not (family.horizon or family.yearly):
                continue
            base: dict[str, _Sample] = {}
            for regime in scope.regimes:
                reader.load(family.needs, regime=regime, bodies=scope.bodies)

                def sample(body: str, regime: str = regime, family: Family = family) -> _Sample:
                    paths = reader.paths(family.needs, regime=regime, organisation=body)
                    return _Sample(
                        body, regime, family.make(paths), estimators.finite_draws(*paths.values())
                    )

                def work(
                    body: str,
                    take: Callable[[str], _Sample] = sample,
                    base: dict[str, _Sample] = base,
                    family: Family = family,
                ) -> list[HeadlineEstimate]:
                    own = take(body)
                    first = base.setdefault(body, own)
                    other = None if first is own else first
                    return _of_sample(family, own, other, scope, reader.scheme, inapplicable)

                for found in pool.map(work, scope.bodies):
                    yield from found


def _from_summaries(
    reader: SummaryReader, scope: Scope, names: Sequence[str] | None
) -> Iterator[HeadlineEstimate]:
    """Give the same estimates in the same order, from summaries."""
    inapplicable = exhaustion_unknown(reader)
    for family in FAMILIES if names is None else map(_only(names), FAMILIES):
        for regime in scope.regimes:
            for body in scope.bodies:
                yield from _of_summary(reader, family, body, regime, scope, inapplicable)


def _of_summary(
    reader: SummaryReader,
    family: Family,
    body: str,
    regime: str,
    scope: Scope,
    inapplicable: dict[str, frozenset[str]],
) -> Iterator[HeadlineEstimate]:
    base = scope.regimes[0]
    for yearly, measures in ((False, family.horizon), (True, family.yearly)):
        if not (scope.yearly if yearly else scope.horizon):
            continue
        for measure in _with_quantiles(measures, () if yearly else scope.quantiles):
            blank = measure.name in NEEDS_RESERVES and body in inapplicable.get(regime, ())
            for against in ("",) if regime == base else ("", base):
                blank |= measure.name in NEEDS_RESERVES and body in inapplicable.get(against, ())
                found = reader.estimate(
                    measure, organisation=body, regime=regime, against=against, yearly=yearly
                )
                yield HeadlineEstimate(
                    measure, body, regime, against, yearly, _blanked(found, blank)
                )


class _Sample(NamedTuple):
    """Per-draw values of one body under one regime, and which draws are finite."""

    body: str
    regime: str
    made: PerDraw
    valid: Bools | None


def _only(names: Sequence[str]) -> Callable[[Family], Family]:
    def narrow(family: Family) -> Family:
        return replace(
            family,
            horizon=tuple(m for m in family.horizon if m.name in names),
            yearly=tuple(m for m in family.yearly if m.name in names),
        )

    return narrow


def _of_sample(
    family: Family,
    own: _Sample,
    base: _Sample | None,
    scope: Scope,
    scheme: str,
    inapplicable: dict[str, frozenset[str]],
) -> list[HeadlineEstimate]:
    found: list[HeadlineEstimate] = []
    for yearly, measures in ((False, family.horizon), (True, family.yearly)):
        if not (scope.yearly if yearly else scope.horizon):
            continue
        rows = list(_with_quantiles(measures, () if yearly else scope.quantiles))
        series = own.made.yearly if yearly else own.made.horizon
        alone = _worked_out(rows, series, None, scheme, own.valid)
        paired = alone
        if base is not None:
            against = base.made.yearly if yearly else base.made.horizon
            paired = _worked_out(rows, series, against, scheme, _both(own.valid, base.valid))
        for measure in rows:
            blank = measure.name in NEEDS_RESERVES and own.body in inapplicable.get(own.regime, ())
            estimate = _blanked(alone[measure.name], blank)
            found.append(HeadlineEstimate(measure, own.body, own.regime, "", yearly, estimate))
            if base is None:
                continue
            blank |= measure.name in NEEDS_RESERVES and own.body in inapplicable.get(
                base.regime, ()
            )
            estimate = _blanked(paired[measure.name], blank)
            found.append(
                HeadlineEstimate(measure, own.body, own.regime, base.regime, yearly, estimate)
            )
    return found


def _with_quantiles(measures: Sequence[Measure], quantiles: Sequence[float]) -> Iterator[Measure]:
    for measure in measures:
        yield measure
        if measure.kind != "mean":
            continue
        for p in quantiles:
            row = measure.at_quantile(p, f"{measure.label}, {100 * p:g}th percentile")
            if not any(other.name == row.name for other in measures):
                yield row


def _both(one: Bools | None, other: Bools | None) -> Bools | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _worked_out(
    rows: Sequence[Measure],
    series: Series,
    against: Series | None,
    scheme: str,
    valid: Bools | None,
) -> dict[str, Estimate]:
    """Return the estimate of each row; the draws are looked at once for mean and quantiles."""
    found: dict[str, Estimate] = {}
    amounts: dict[str, list[Measure]] = {}
    for measure in rows:
        if measure.kind != "probability":
            amounts.setdefault(measure.source, []).append(measure)
            continue
        x, other, counted = _draws_of(measure, series, against, valid)
        found[measure.name] = estimators.probability(x, scheme=scheme, against=other, valid=counted)
    for measures in amounts.values():
        x, other, counted = _draws_of(measures[0], series, against, valid)
        ps = [measure.quantile for measure in measures if measure.quantile is not None]
        mean, *quantiles = estimators.mean_and_quantiles(
            x, p=ps, scheme=scheme, against=other, valid=counted
        )
        for measure in measures:
            at_p = measure.quantile
            found[measure.name] = mean if at_p is None else quantiles[ps.index(at_p)]
    return found


def _draws_of(
    measure: Measure, series: Series, against: Series | None, valid: Bools | None
) -> tuple[NDArray[Any], NDArray[Any] | None, Bools | None]:
    """Return a measure's draws, those it is compared with, and which count."""
    x: NDArray[Any] = series[measure.source]
    other = None if against is None else against[measure.source]
    return x, other, None if valid is None else np.broadcast_to(valid, x.shape)


def _blanked(estimate: Estimate, blank: bool) -> Estimate:
    """Blank an estimate that is not applicable to a body."""
    if not blank:
        return estimate
    empty = np.full(estimate.value.shape, np.nan)
    return Estimate(empty, empty, empty, empty, np.zeros(empty.shape, bool), estimate.units)


def summary(results: Source, *, organisation: Names = None, regime: Names = None) -> xr.Dataset:
    """Return the headline table with its Monte Carlo errors.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    organisation, regime : str or sequence of str, optional
        Default: "place" and every organisation, every regime.

    Returns
    -------
    xarray.Dataset
        Over (measure, organisation, regime): `value`, `mcse`, `low`, `high` (95 % interval),
        `bound` (nothing happened: "fewer than 3 in n"), `units`; `impossible` (no instrument can
        make it: 0 is exact); with `difference_` before the name, the paired difference from the
        first regime; with `yearly_`, over (yearly_measure, organisation, regime, year).
        Attribute `not_applicable` (JSON): by regime, who opens at or below its reserve floor;
        P(exhausted) is NaN there.

    Raises
    ------
    ResultsError
        For a regime or organisation that is not there.

    Notes
    -----
    Money that flows is the expected total over the horizon, `extra_local_tax` a year's average,
    `reserves_end` and `pending_end` levels at its end. Chances are of at least one year. For an
    organisation net and gross deficit are the same: its own.

    References
    ----------
    - docs/measures.md, "The headline table".
    """
    reader = read(results)
    scope = Scope(reader.choose_bodies(organisation), reader.choose_regimes(regime))
    arrays = _empty(scope, len(reader.years))
    place = {body: i for i, body in enumerate(scope.bodies)}
    column = {name: i for i, name in enumerate(scope.regimes)}
    rows = {
        yearly: {m.name: i for i, m in enumerate(measures)}
        for yearly, measures in ((False, HORIZON), (True, YEARLY))
    }
    for found in estimates(reader, scope):
        prefix = ("yearly_" if found.yearly else "") + ("difference_" if found.against else "")
        at = (
            rows[found.yearly][found.measure.name],
            place[found.organisation],
            column[found.regime],
        )
        for field, value in found.estimate._asdict().items():
            arrays[prefix + field][at] = value
        if not found.yearly and not found.against:
            arrays["impossible"][at] = found.impossible
    return _dataset(arrays, reader, scope)


def _empty(scope: Scope, years: int) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    shape = (len(HORIZON), len(scope.bodies), len(scope.regimes))
    for prefix, size in (("", shape), ("yearly_", (len(YEARLY), *shape[1:], years))):
        for part in ("", "difference_"):
            for field in _FIELDS:
                empty: Any = {"bound": False, "units": 0}.get(field, np.nan)
                arrays[f"{prefix}{part}{field}"] = np.full(size, empty)
    arrays["impossible"] = np.zeros(shape, dtype=bool)
    return arrays


def _dataset(arrays: dict[str, NDArray[Any]], reader: Reader, scope: Scope) -> xr.Dataset:
    import xarray as xr

    dims = {
        False: ("measure", "organisation", "regime"),
        True: ("yearly_measure", "organisation", "regime", "year"),
    }
    data = {name: (dims[name.startswith("yearly_")], array) for name, array in arrays.items()}
    coords: dict[str, Any] = {
        "organisation": list(scope.bodies),
        "regime": list(scope.regimes),
        "year": list(reader.years),
    }
    for dim, measures in (("measure", HORIZON), ("yearly_measure", YEARLY)):
        prefix = "" if dim == "measure" else "yearly_"
        coords[dim] = [m.name for m in measures]
        coords[prefix + "label"] = (dim, [m.label for m in measures])
        coords[prefix + "unit"] = (dim, [m.unit for m in measures])
        coords[prefix + "quantile"] = (
            dim,
            [np.nan if m.quantile is None else m.quantile for m in measures],
        )
    idle = {name: sorted(bodies) for name, bodies in exhaustion_not_applicable(reader).items()}
    attrs = {
        "long_name": "headline measures with Monte Carlo standard errors and 95 % intervals",
        "against": scope.regimes[0],
        "scheme": reader.scheme,
        "draws": reader.draws,
        "not_applicable": json.dumps({r: idle.get(r, []) for r in scope.regimes}),
    }
    dataset = xr.Dataset(data, coords=coords, attrs=attrs)
    words = {
        "value": "estimate",
        "mcse": "Monte Carlo standard error",
        "low": "lower end of the 95 % interval",
        "high": "upper end of the 95 % interval",
        "bound": "nothing (or everything) happened: the interval is a bound",
        "units": "independent units behind the estimate",
        "impossible": "the rules leave nothing but 0",
    }
    units = {"bound": "true or false", "impossible": "true or false", "units": "count"}
    for name in dataset.data_vars:
        field = str(name).rsplit("_", 1)[-1]
        unit = units.get(field, "see coordinate 'unit'")
        part = "paired difference from the first regime: " if "difference" in str(name) else ""
        dataset[name].attrs = {"units": unit, "long_name": part + words[field]}
    return dataset
