"""Tables of results kept as summaries: histograms read with their error, and counts.

For headline measures of money over the horizon: quantiles, expected shortfall and standard
deviation, each with its Monte Carlo error and, where it is read off a histogram, with `error`, the
most by which it can differ from the exact one of the same draws. And in how many futures the
reserves first ran out in each year.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskmc.errors import ResultsError
from riskmc.measures.catalogue import HORIZON, NEEDS_RESERVES, Measure
from riskmc.measures.first_passage import NEVER
from riskmc.measures.holders import exhaustion_not_applicable
from riskmc.measures.reading import Names
from riskmc.measures.summary_reader import SummaryReader, is_summarised
from riskmc.measures.view import Source
from riskmc.statistics.amounts import (
    deviation_of,
    quantile_of,
    shortfall_difference_of,
    shortfall_of,
)
from riskmc.statistics.estimates import Single
from riskmc.statistics.summarised import SummarisedPair, SummarisedValues
from riskmc.statistics.values import Tail
from riskmc.summaries.rows import TAILS
from riskmc.words.cells import csv_cell

if TYPE_CHECKING:
    import xarray as xr

#: Quantiles that are written out.
QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
_FIELDS = ("value", "mcse", "low", "high", "error")


class Entry(NamedTuple):
    """An estimate and the most by which its histogram can be out."""

    single: Single
    error: float


Entries = Callable[[SummaryReader, Measure, str, str], Sequence[Entry]]


def quantile_table(
    results: Source,
    *,
    quantiles: Sequence[float] = QUANTILES,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return quantiles of money over the horizon, (measure, organisation, regime, quantile).

    `value`, `mcse`, `low`, `high`, and `error`: the exact quantile of the same draws is certain
    to lie no further away. With `against` (the first regime) quantiles of the paired difference.
    Raises ResultsError for results that keep draws and for names that are not there.
    """

    def entries(reader: SummaryReader, measure: Measure, body: str, name: str) -> Sequence[Entry]:
        values = reader.values(measure, body, name, against)
        return [_quantile(values, p) for p in quantiles]

    return _tabled(results, "quantile", quantiles, entries, organisation, regime, against)


def _quantile(values: SummarisedValues, p: float) -> Entry:
    single = quantile_of(values, p)
    if math.isnan(single.value):
        return Entry(single, math.nan)
    within = values.in_order().within(p)
    return Entry(single, max(within.high - within.value, within.value - within.low))


def shortfall_table(
    results: Source,
    *,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return expected shortfall of money over the horizon at 95 % and 99 %.

    Over (measure, organisation, regime, level); fields as `quantile_table`. With `against` the
    difference of the two expected shortfalls, its error that of the pairing.
    """

    def entries(reader: SummaryReader, measure: Measure, body: str, name: str) -> Sequence[Entry]:
        own = reader.values(measure, body, name)
        if against is None:
            return [_shortfall(shortfall_of(own, p), own.tail, p) for p in TAILS]
        other = reader.values(measure, body, against)
        pair = SummarisedPair(own, other, reader.values(measure, body, name, against))
        return [_shortfall(shortfall_difference_of(pair, p), pair.tail, p) for p in TAILS]

    return _tabled(results, "level", TAILS, entries, organisation, regime, against)


def _shortfall(single: Single, tail: Callable[[float], Tail], p: float) -> Entry:
    unknown = math.isnan(single.value) or single.bound
    return Entry(single, single.value if unknown else tail(p).out)


def deviation_table(
    results: Source,
    *,
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return the standard deviation of money over the horizon, (measure, organisation, regime).

    Exact but for rounding: `error` is 0. With `against` that of the paired difference.
    """

    def entries(reader: SummaryReader, measure: Measure, body: str, name: str) -> Sequence[Entry]:
        return [Entry(deviation_of(reader.values(measure, body, name, against)), 0.0)]

    return _tabled(results, "", (), entries, organisation, regime, against)


def first_exhaustion(
    results: Source, *, organisation: Names = None, regime: Names = None
) -> xr.Dataset:
    """Return in how many futures reserves first ran out in each year, exactly.

    `futures` over (organisation, regime, year), the last "year" being "never"; -1 where it
    is not applicable (the holder opens at or below its floor).
    """
    import xarray as xr

    reader = _reader(results)
    bodies, regimes = reader.choose_bodies(organisation), reader.choose_regimes(regime)
    inapplicable = exhaustion_not_applicable(reader)
    counts = np.full((len(bodies), len(regimes), len(reader.years) + 1), -1, dtype=np.int64)
    for i, body in enumerate(bodies):
        for j, name in enumerate(regimes):
            if body not in inapplicable.get(name, ()):
                so_far, good = reader.happened(NEEDS_RESERVES[0], body, name)
                counts[i, j] = np.diff(np.concatenate([[0], so_far, [good]]))
    coords = {
        "organisation": list(bodies),
        "regime": list(regimes),
        "year": [*reader.years, NEVER],
    }
    about = {"units": "count", "long_name": "futures in which reserves first run out in the year"}
    data = {"futures": (tuple(coords), counts, about)}
    return xr.Dataset(data, coords, {"draws": reader.draws, "scheme": reader.scheme})


def _reader(results: Source) -> SummaryReader:
    if not is_summarised(results):
        raise ResultsError("these results keep draws, not summaries: use the measures of draws")
    return SummaryReader(results)


def _tabled(
    results: Source,
    dim: str,
    labels: Sequence[float],
    entries: Entries,
    organisation: Names,
    regime: Names,
    against: str | None,
) -> xr.Dataset:
    import xarray as xr

    reader = _reader(results)
    bodies, regimes = reader.choose_bodies(organisation), reader.choose_regimes(regime)
    if against is not None:
        reader.choose_regimes(against)
        regimes = tuple(name for name in regimes if name != against)
    measures = [m for m in HORIZON if m.kind == "mean"]
    shape = (len(measures), len(bodies), len(regimes), max(len(labels), 1))
    arrays = {field: np.full(shape, np.nan) for field in _FIELDS}
    for i, measure in enumerate(measures):
        for j, body in enumerate(bodies):
            for k, name in enumerate(regimes):
                for n, entry in enumerate(entries(reader, measure, body, name)):
                    for field in _FIELDS[:-1]:
                        arrays[field][i, j, k, n] = getattr(entry.single, field)
                    arrays["error"][i, j, k, n] = entry.error
    dims = ["measure", "organisation", "regime", *([dim] if dim else [])]
    coords: dict[str, Any] = {
        "measure": [m.name for m in measures],
        "organisation": list(bodies),
        "regime": list(regimes),
        "label": ("measure", [m.label for m in measures]),
        "unit": ("measure", [m.unit for m in measures]),
    }
    if dim:
        coords[dim] = list(labels)
    data = {name: (dims, x if dim else x[..., 0]) for name, x in arrays.items()}
    attrs = {"scheme": reader.scheme, "draws": reader.draws, "against": against or ""}
    return xr.Dataset(data, coords, attrs)


def write_distribution_csv(results: Source, path: str | os.PathLike[str]) -> Path:
    """Write quantiles, expected shortfall and standard deviations of results kept as summaries.

    One row per number: measure, regime, against, organisation, statistic, at, value, mcse, low,
    high, error.
    """
    reader = _reader(results)
    pairs: list[str | None] = [None, *reader.regimes[:1]] if len(reader.regimes) > 1 else [None]
    target = Path(path)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        names = ("measure", "regime", "against", "organisation", "statistic", "at", *_FIELDS)
        writer.writerow(names)
        for against in pairs:
            for statistic, table, dim in (
                ("quantile", quantile_table(results, against=against), "quantile"),
                ("expected shortfall", shortfall_table(results, against=against), "level"),
                ("standard deviation", deviation_table(results, against=against), ""),
            ):
                writer.writerows(_csv_rows(table, statistic, dim, against or ""))
    return target


def _csv_rows(table: xr.Dataset, statistic: str, dim: str, against: str) -> list[list[str]]:
    labels = [f"{label:g}" for label in table[dim].values.tolist()] if dim else [""]
    columns = {field: table[field].values for field in _FIELDS}
    rows = []
    for i, measure in enumerate(table["measure"].values.tolist()):
        for j, body in enumerate(table["organisation"].values.tolist()):
            for k, regime in enumerate(table["regime"].values.tolist()):
                for n, label in enumerate(labels):
                    at = (i, j, k, n) if dim else (i, j, k)
                    numbers = [_number(float(columns[field][at])) for field in _FIELDS]
                    labelled = [measure, regime, against, body, statistic, label]
                    rows.append([*map(csv_cell, labelled), *numbers])
    return rows


def _number(value: float) -> str:
    return f"{value:.10g}" if math.isfinite(value) else ""


def write_exhaustion_csv(results: Source, path: str | os.PathLike[str]) -> Path:
    """Write in how many futures reserves first ran out in each year; empty: not applicable."""
    table = first_exhaustion(results)
    target = Path(path)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("organisation", "regime", "year", "futures"))
        for body in table["organisation"].values.tolist():
            for regime in table["regime"].values.tolist():
                for year in table["year"].values.tolist():
                    count = int(table["futures"].sel(organisation=body, regime=regime, year=year))
                    row = (body, regime, year, "" if count < 0 else count)
                    writer.writerow(map(csv_cell, row))
    return target
