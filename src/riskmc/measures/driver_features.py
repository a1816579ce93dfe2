"""Drivers as features: one number a draw for each driver, or driver and block of years.

What a future was like in a driver is its mean over the years of a block; the place's is the mean
over organisations, weighted by cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.catalogue import family_of, horizon_measure
from riskmc.measures.labels import Order, number_labels, taken, text_labels, with_dims
from riskmc.measures.reading import Reader, ordered
from riskmc.measures.view import Source
from riskmc.sampling import sample
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Floats
from riskmc.variables import CHAIN, DRAW, DRIVER_NAMES, ORGANISATION, PLACE, YEAR

if TYPE_CHECKING:
    import xarray as xr

#: The block of all years.
ALL_YEARS = "all years"
#: Rank correlation from which dependence between drivers is worth a sentence.
_WORTH_SAYING = 0.1


class Features(NamedTuple):
    """What each future was like: `values` (feature, chain, draw), rows as `names`.

    `names` are pairs of a driver and a block of years; drivers that never vary are left out.
    """

    names: tuple[tuple[str, str], ...]
    values: Floats


def features(
    results: Source,
    *,
    drivers: xr.Dataset | None = None,
    organisation: str = PLACE,
    blocks: Mapping[str, Sequence[str]] | None = None,
) -> Features:
    """Return the drivers of a run as features.

    `drivers` where the results did not keep them: `riskmc.sample` with the run's seed, scheme
    and draws. `organisation`: whose drivers; "place" is the mean weighted by cost. `blocks`: name
    to year labels; default one block of all years.
    """
    reader = Reader(results)
    dataset = _drivers(reader, drivers)
    orders = orders_of_draws(reader, dataset)
    reader.choose_bodies(organisation)
    weights = weights_of(reader, organisation)
    bodies = text_labels(dataset, ORGANISATION)
    missing = [body for body in weights if body not in bodies]
    if missing:
        raise ResultsError(
            f"the drivers of '{organisation}' need those of {', '.join(missing)}, which were "
            "left out by a selection: ask before selecting organisations"
        )
    years = text_labels(dataset, YEAR)
    chosen = blocks or {ALL_YEARS: reader.years}
    names, rows = [], []
    for name in DRIVER_NAMES:
        if name not in dataset:
            continue
        values = ordered(taken(dataset[name], orders), (YEAR, ORGANISATION, CHAIN, DRAW))
        for block, labels in chosen.items():
            positions = [years.index(label) for label in _known(labels, years)]
            row = _mean(values, positions, {bodies.index(b): w for b, w in weights.items()})
            if np.ptp(row) > 0.0:
                names.append((name, block))
                rows.append(row)
    if not rows:
        raise ResultsError("no driver varies: there is nothing that could drive the risk")
    return Features(tuple(names), np.stack(rows))


def _drivers(reader: Reader, drivers: xr.Dataset | None) -> xr.Dataset:
    if drivers is not None:
        with_all = with_dims(drivers, (CHAIN, DRAW, YEAR, ORGANISATION))
        return with_all if CHAIN in with_all.dims else with_all.expand_dims(CHAIN)
    kept = reader.view.drivers
    if kept is not None:
        return kept
    attrs = reader.view.tree.attrs
    if attrs.get("drivers_from", "the study") != "the study":
        raise ResultsError(
            'the results did not keep the drivers, which were your own: run again with keep="all"'
        )
    whole = reader.view.whole
    seed, draws = int(attrs["seed"]), whole.total
    return sample(reader.study(), draws=draws, seed=seed, scheme=reader.scheme)


def orders_of_draws(reader: Reader, dataset: xr.Dataset) -> dict[str, Order]:
    """Return in which order the drivers' draws are the results'; they must be of one run.

    They hold the draws of the whole run, or just those that the results hold.
    """
    view = reader.view
    chains, draws = (number_labels(dataset, dim) for dim in (CHAIN, DRAW))
    whole = (len(chains), len(draws)) == (view.whole.chains, view.whole.per_chain)
    held = set(chains) == set(view.chain_labels) and set(draws) == set(view.draw_labels)
    if not (whole or held):
        raise ResultsError(
            f"the drivers have {len(draws)} of '{DRAW}' in {len(chains)} of '{CHAIN}', the "
            f"results {reader.per_chain} in {reader.chains}: they are not of this run"
        )
    return view.draw_orders(dataset)


def _known(labels: Sequence[str], years: Sequence[str]) -> Sequence[str]:
    unknown = [label for label in labels if label not in years]
    if unknown or not labels:
        raise ResultsError(f"no year '{', '.join(unknown)}' in the results")
    return labels


def weights_of(reader: Reader, organisation: str) -> dict[str, float]:
    """Return the weight of every body whose drivers count, by id."""
    if organisation != PLACE:
        return {organisation: 1.0}
    costs = {body.id: body.cost for body in reader.study().organisations}
    total = sum(costs.values())
    if total <= 0.0:
        return dict.fromkeys(costs, 1.0 / len(costs))
    return {body: cost / total for body, cost in costs.items() if cost > 0.0}


def _mean(
    values: NDArray[np.float64], years: Sequence[int], weights: Mapping[int, float]
) -> Floats:
    """Return the mean over years of the bodies at these positions, by weight."""
    row: Floats = np.zeros(values.shape[2:])
    for position, weight in weights.items():
        for year in years:
            row += (weight / len(years)) * values[year, position]
    return row


class Outcome(NamedTuple):
    """What is to be explained: a measure in every draw, and which draws are finite."""

    values: Floats
    valid: Bools | None
    unit: str
    label: str


def outcome(
    results: Source,
    *,
    measure: str,
    regime: str,
    against: str | None = None,
    organisation: str = PLACE,
) -> Outcome:
    """Return a headline measure in every draw, (chain, draw), or its paired difference."""
    reader = Reader(results)
    reader.choose_bodies(organisation)
    family, row = family_of(measure), horizon_measure(measure)
    total: Floats | None = None
    valid: Bools | None = None
    regimes = (regime,) if against is None else (regime, against)
    for name in reader.choose_regimes(regimes):
        paths = reader.paths(family.needs, regime=name, organisation=organisation)
        good = estimators.finite_draws(*paths.values())
        if good is not None:
            valid = good if valid is None else valid & good
        values = family.make(paths).horizon[row.source].astype(float)
        total = values if total is None else total - values
    assert total is not None
    label = row.label if against is None else f"{row.label}: {regime} less {against}"
    return Outcome(total, valid, row.unit, label)


def ranks(x: NDArray[np.float64]) -> Floats:
    """Return ranks from 1, ties sharing their mean, of a flat array."""
    order = np.argsort(x, kind="stable")
    ordered = x[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    ends = np.concatenate([starts[1:], [x.size]])
    shared = np.repeat((starts + 1 + ends) / 2.0, ends - starts)
    found: Floats = np.empty(x.size)
    found[order] = shared
    return found


def correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the correlation of two flat arrays; 0 where one does not vary."""
    a, b = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0.0 else 0.0


def dependence_words(found: Features, *, most: int = 3) -> str:
    """Say in words which drivers move together, so that shares are not read as adding up.

    Pairs of different drivers with a rank correlation of 0.1 or more over the futures drawn.
    """
    ranked = [ranks(row.reshape(-1)) for row in found.values]
    pairs = []
    for i, (one, block) in enumerate(found.names):
        for j in range(i):
            other, other_block = found.names[j]
            if other != one and block == other_block:
                pairs.append((correlation(ranked[i], ranked[j]), other, one))
    strong = sorted((p for p in pairs if abs(p[0]) >= _WORTH_SAYING), key=lambda p: -abs(p[0]))
    if not strong:
        return "The drivers move independently of each other: their shares can be added up."
    sentences = []
    for value, one, other in strong[:most]:
        how = "rise and fall together" if value > 0.0 else "move against each other"
        sentences.append(
            f"{one.replace('_', ' ')} and {other.replace('_', ' ')} {how} "
            f"(rank correlation {value:+.2f})"
        )
    return (
        "; ".join(sentences)
        + ". What one of them explains the other partly explains too: their shares overlap "
        "and do not add up."
    )
