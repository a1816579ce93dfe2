"""Paired comparison of two regimes: differences taken future by future.

Every regime of a run meets the same futures, so a difference is the rules' doing and nothing
else, and most of the simulation error cancels out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.arguments import shares
from riskmc.measures.catalogue import (
    FAMILIES,
    HORIZON,
    NEEDS_RESERVES,
    Measure,
    PerDraw,
    family_of,
)
from riskmc.measures.events import sides
from riskmc.measures.futures import paired_futures, what_differs
from riskmc.measures.holders import exhaustion_unknown
from riskmc.measures.reading import Names, Reader
from riskmc.measures.summary_reader import Paired, SummaryReader, read
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Single, unit_means

if TYPE_CHECKING:
    import xarray as xr

#: Quantiles of the paired difference.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_SIDES = ("lower", "tie", "higher")


class Sample(NamedTuple):
    """Per-draw values of every measure of a family, and which draws are finite."""

    made: PerDraw
    valid: Bools | None


def sample_of(reader: Reader, needs: Sequence[str], regime: str, body: str) -> dict[str, Any]:
    """Return the paths of one body under one regime."""
    return reader.paths(needs, regime=regime, organisation=body)


def per_draw(results: Source, *, measure: str, regime: str, organisation: str) -> xr.DataArray:
    """Return a headline measure in every draw, over the horizon, (chain, draw).

    The raw stuff of every other measure: a histogram, a rank, a rule of your own. Units and
    `long_name` go with it.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    measure : str
        Name of a headline measure.
    regime : str
        Name of a regime.
    organisation : str
        An organisation, or "place".

    Returns
    -------
    xarray.DataArray
        One value a draw, (chain, draw).

    Raises
    ------
    ResultsError
        For a name that is not there.

    References
    ----------
    - docs/measures.md, "The headline table".
    """
    import xarray as xr

    reader = Reader(results)
    reader.choose_regimes(regime)
    reader.choose_bodies(organisation)
    family = family_of(measure)
    row = next(m for m in family.horizon if m.name == measure)
    values = family.make(sample_of(reader, family.needs, regime, organisation)).horizon[row.source]
    return xr.DataArray(
        values,
        dims=("chain", "draw"),
        name=measure,
        attrs={"units": row.unit, "long_name": row.label},
    )


def compare(
    results: Source,
    a: str,
    b: str,
    *,
    organisation: Names = None,
    other: Source | None = None,
    quantiles: Sequence[float] = QUANTILES,
) -> xr.Dataset:
    """Return the paired comparison of two regimes, a less b, of every headline measure.

    Over (measure, organisation): `value`, `mcse`, `low`, `high` of the mean difference;
    `p_lower`, `p_tie`, `p_higher`, the shares of futures in which a is lower, the same (to
    1e-9) or higher, each with `_mcse`, `_low`, `_high`; `p_better` and `p_worse`, the same by
    what is good (NaN where neither is: pending); `variance_reduction`, how many times larger the
    variance of the difference would be without the pairing. Over (..., quantile): `quantile_value`
    and its errors, of the per-draw difference (money only).
    With `other`, b is taken from other results, which must rest on the same draws, number by
    number. Attribute `differs` (JSON) lists in what they differ apart from their regimes: a
    driver's mean, an opening figure.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    a : str
        The regime that is compared.
    b : str
        The regime that it is compared with.
    organisation : str or sequence of str, optional
        Organisations, or "place". Default: the place and every organisation.
    other : xarray.DataTree or Results, optional
        Other results, on the same draws, to take b from.
    quantiles : sequence of float
        Probabilities of the quantiles of the difference.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.

    Raises
    ------
    ResultsError
        For names that are not there and for results that are not paired.

    References
    ----------
    - docs/model.md, section 5, "paired comparison".
    - docs/measures.md, "Errors".
    """
    quantiles = shares(quantiles, "quantiles")
    reader = read(results)
    reader.choose_regimes(a)
    theirs = reader
    differs: list[str] = []
    if other is not None:
        differs = what_differs(results, other, paired_futures(results, other))
        theirs = Reader(other)
    theirs.choose_regimes(b)
    bodies = reader.choose_bodies(organisation)
    rows = {measure.name: i for i, measure in enumerate(HORIZON)}
    arrays = _empty(len(rows), len(bodies), len(quantiles))
    ours, others = (exhaustion_unknown(r) for r in (reader, theirs))
    blank = {body: body in ours.get(a, ()) or body in others.get(b, ()) for body in bodies}
    if isinstance(reader, SummaryReader):
        for measure in HORIZON:
            for column, body in enumerate(bodies):
                if not (measure.name in NEEDS_RESERVES and blank[body]):
                    found = reader.paired(measure, a, b, body, quantiles)
                    _put_all(arrays, (rows[measure.name], column), measure, found)
        return _dataset(arrays, reader, (a, b), bodies, quantiles, differs)
    for family in FAMILIES:
        for column, body in enumerate(bodies):
            own = sample_of(reader, family.needs, a, body)
            against = sample_of(theirs, family.needs, b, body)
            valid = estimators.finite_draws(*own.values(), *against.values())
            first, second = family.make(own).horizon, family.make(against).horizon
            for measure in family.horizon:
                if measure.name in NEEDS_RESERVES and blank[body]:
                    continue
                at = (rows[measure.name], column)
                pair = (first[measure.source], second[measure.source])
                _fill(arrays, at, measure, pair, reader.scheme, valid, quantiles)
    return _dataset(arrays, reader, (a, b), bodies, quantiles, differs)


def _empty(rows: int, bodies: int, quantiles: int) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for name in ("", *(f"p_{side}_" for side in _SIDES), "p_better_", "p_worse_"):
        for field in ("value", "mcse", "low", "high"):
            key = f"{name}{field}".replace("_value", "") if name else field
            arrays[key] = np.full((rows, bodies), np.nan)
    for field in ("value", "mcse", "low", "high"):
        arrays[f"quantile_{field}"] = np.full((rows, bodies, quantiles), np.nan)
    arrays["variance_reduction"] = np.full((rows, bodies), np.nan)
    arrays["bound"] = np.zeros((rows, bodies), dtype=bool)
    arrays["units"] = np.zeros((rows, bodies), dtype=np.int64)
    return arrays


def _fill(
    arrays: dict[str, NDArray[Any]],
    at: tuple[int, int],
    measure: Measure,
    pair: tuple[NDArray[Any], NDArray[Any]],
    scheme: str,
    valid: Bools | None,
    quantiles: Sequence[float],
) -> None:
    first, second = pair
    found: list[Single] = []
    if measure.kind == "probability":
        mean = estimators.probability(first, scheme=scheme, against=second, valid=valid)
    else:
        mean = estimators.mean(first, scheme=scheme, against=second, valid=valid)
        with np.errstate(invalid="ignore"):  # infinite in both: left out as not valid
            difference = first - second
        several = estimators.quantile(difference, p=quantiles, scheme=scheme, valid=valid)
        found = [several.single((i,)) for i in range(len(quantiles))]
    chances = {
        side: estimators.probability(event, scheme=scheme, valid=valid).single()
        for side, event in sides(first, second).items()
    }
    reduction = variance_reduction(first, second, scheme=scheme, valid=valid)
    _put_all(arrays, at, measure, Paired(mean.single(), found, chances, reduction))


def _put_all(
    arrays: dict[str, NDArray[Any]], at: tuple[int, int], measure: Measure, found: Paired
) -> None:
    for field, number in found.mean._asdict().items():
        arrays[field][at] = number
    for i, quantile in enumerate(found.quantiles):
        for field in ("value", "mcse", "low", "high"):
            arrays[f"quantile_{field}"][(*at, i)] = getattr(quantile, field)
    for side, chance in found.sides.items():
        names = [f"p_{side}"]
        if side == measure.better:
            names.append("p_better")
        elif side != "tie" and measure.better != "neither":
            names.append("p_worse")
        for name in names:
            _put(arrays, at, name, chance)
    arrays["variance_reduction"][at] = found.variance_reduction


def _put(arrays: dict[str, NDArray[Any]], at: tuple[int, int], name: str, chance: Single) -> None:
    arrays[name][at] = chance.value
    for field in ("mcse", "low", "high"):
        arrays[f"{name}_{field}"][at] = getattr(chance, field)


def variance_reduction(
    first: NDArray[Any],
    second: NDArray[Any],
    *,
    scheme: str,
    valid: NDArray[np.bool_] | None = None,
) -> float:
    """Return by how much pairing cut the variance: (Var a + Var b) / Var(a - b), over units.

    So many times more futures would unpaired samples have needed. Infinite where the difference
    is the same in every future, NaN where neither moves.
    """
    one, other = (_means_of_valid(values, scheme, valid) for values in (first, second))
    good = np.isfinite(one) & np.isfinite(other)
    one, other = one[good], other[good]
    if one.size < 2:
        return float("nan")
    apart = float(np.var(one) + np.var(other))
    together = float(np.var(one - other))
    if apart == 0.0:
        return float("nan")
    return float("inf") if together <= 1e-24 * apart else apart / together


def _means_of_valid(
    values: NDArray[Any], scheme: str, valid: NDArray[np.bool_] | None
) -> NDArray[np.float64]:
    """Return the units' means over their valid draws; NaN for a unit without any."""
    if valid is None:
        return unit_means(values, scheme)
    kept = np.where(valid, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: NDArray[np.float64] = unit_means(kept, scheme) / unit_means(valid, scheme)
    return means


def _dataset(
    arrays: dict[str, NDArray[Any]],
    reader: Reader,
    pair: tuple[str, str],
    bodies: Sequence[str],
    quantiles: Sequence[float],
    differs: Sequence[str],
) -> xr.Dataset:
    import xarray as xr

    dims = ("measure", "organisation")
    data = {
        name: ((*dims, "quantile") if name.startswith("quantile_") else dims, values)
        for name, values in arrays.items()
    }
    coords = {
        "measure": [m.name for m in HORIZON],
        "organisation": list(bodies),
        "quantile": list(quantiles),
        "label": ("measure", [m.label for m in HORIZON]),
        "unit": ("measure", [m.unit for m in HORIZON]),
        "better": ("measure", [m.better for m in HORIZON]),
    }
    a, b = pair
    apart = f"; the results also differ in {'; '.join(differs)}" if differs else ""
    attrs = {
        "long_name": f"paired difference, {a} less {b}{apart}",
        "differs": json.dumps(list(differs)),
        "regime": a,
        "against": b,
        "scheme": reader.scheme,
        "draws": reader.draws,
    }
    dataset = xr.Dataset(data, coords=coords, attrs=attrs)
    for name in dataset.data_vars:
        text = str(name)
        if text.startswith("p_"):
            unit = "probability"
        elif text in ("variance_reduction", "units"):
            unit = "times" if text == "variance_reduction" else "count"
        else:
            unit = "true or false" if text == "bound" else "see coordinate 'unit'"
        dataset[name].attrs = {"units": unit, "long_name": text.replace("_", " ")}
    return dataset


def need_several(regimes: Sequence[str]) -> None:
    """Raise ResultsError where there is nothing to compare."""
    if len(regimes) < 2:
        raise ResultsError(f"a comparison needs two regimes; the results hold {regimes[0]} only")
