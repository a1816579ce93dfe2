"""Headline measures draw by draw, without the paths they come from.

What looks at many studies or many sets of rules (stopping, sweeps, scenarios, attribution) keeps
one number per draw, measure and regime, and forgets the rest block by block.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.catalogue import family_of, horizon_measure
from riskmc.measures.possible import exactly, impossible
from riskmc.results.contents import Contents
from riskmc.runs.prepared import Progress, Simulation
from riskmc.sampling import KEY_BLOCK, POINTS, Layout, Sampler, draws_for
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Estimate, Single
from riskmc.study import Study
from riskmc.variables import NET_DEFICIT, PLACE

Values = NDArray[Any]
#: Chains of the schemes whose draws are one numbered sequence.
_CHAINS = 16


class Block(NamedTuple):
    """What is kept of one key block.

    values  by (measure, regime): one value per draw, (draws,); an event is boolean
    valid   by regime: which draws are finite; None: all
    """

    values: Mapping[tuple[str, str], Values]
    valid: Mapping[str, NDArray[np.bool_] | None]


class Watch:
    """Simulates key blocks of a study and keeps the measures watched, draw by draw."""

    def __init__(
        self,
        study: Study,
        seed: int | None,
        scheme: str,
        layout: Layout,
        measures: Sequence[str],
        organisation: str = PLACE,
    ) -> None:
        sampler = Sampler(study, seed=seed, scheme=scheme)
        self.simulation = Simulation(Contents(study, sampler.seed, scheme, layout), sampler)
        self._measures = tuple(measures)
        self._place = organisation == PLACE
        self._body = 0 if self._place else study.organisation_ids.index(organisation)
        self._needs = tuple(dict.fromkeys(n for m in measures for n in family_of(m).needs))

    def _own_name(self, name: str) -> str:
        """`net_deficit` of an organisation is its deficit."""
        return "deficit" if name == NET_DEFICIT.name and not self._place else name

    def block(self, block: int) -> Block:
        """Simulate one key block, regime by regime on the same drivers."""
        drivers, draws = self.simulation.drivers(block)
        values: dict[tuple[str, str], Values] = {}
        valid: dict[str, NDArray[np.bool_] | None] = {}
        arrays = self._zeros(draws)
        for number, programme in enumerate(self.simulation.programmes):
            for kept in arrays.values():
                kept.fill(0)
            self.simulation.regimes.run_one(
                number,
                drivers,
                {} if self._place else arrays,
                arrays if self._place else {},
                draws=draws,
                stopped=self.simulation.stop.is_set,
            )
            paths = self._paths(arrays)
            for measure in self._measures:
                made = family_of(measure).make(paths).horizon[horizon_measure(measure).source]
                values[measure, programme.name] = np.array(made)  # a copy: paths are used again
            good = estimators.finite_draws(*(x[:, np.newaxis] for x in paths.values()))
            valid[programme.name] = None if good is None else good.reshape(-1)
        return Block(values, valid)

    def _zeros(self, draws: int) -> dict[str, Values]:
        contents = self.simulation.contents
        names = {self._own_name(name) for name in self._needs}
        if NET_DEFICIT.name in names:
            names.add("balance")
        bodies = () if self._place else (len(contents.study.organisations),)
        shape = (*bodies, contents.study.years, draws)
        return {name: np.zeros(shape, contents.dtype(name)) for name in sorted(names)}

    def _paths(self, arrays: Mapping[str, Values]) -> dict[str, Values]:
        kept = {name: arrays[self._own_name(name)] for name in self._needs}
        return kept if self._place else {name: x[self._body] for name, x in kept.items()}

    @contextmanager
    def over_threads(self, workers: int | None) -> Iterator[Callable[[range], Iterable[Block]]]:
        """Give what simulates a range of key blocks over threads, until interrupted."""
        pool = ThreadPoolExecutor(workers or os.cpu_count() or 1)
        try:
            yield lambda numbers: pool.map(self.block, numbers)
        except BaseException:
            self.simulation.stop.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class KnownStatistic(NamedTuple):
    """What is known of one number: an estimate, or that the rules leave nothing but 0."""

    single: Single
    impossible: bool = False

    def field(self, name: str) -> float | bool:
        """Return a figure of the estimate by its name, or whether it is impossible."""
        found: float | bool = (
            self.impossible if name == "impossible" else getattr(self.single, name)
        )
        return found


class Watched(NamedTuple):
    """Headline measures of one study in every draw, (chain, draw), by measure and regime.

    `organisation` is the body that they are of, or the place.
    """

    study: Study
    scheme: str
    seed: int
    values: Mapping[tuple[str, str], Values]
    valid: Mapping[str, NDArray[np.bool_] | None]
    organisation: str = PLACE

    def cannot(self, measure: str, regime: str) -> bool:
        """Say whether the rules leave a measure nothing but 0."""
        never = impossible(self.study, horizon_measure(measure).output)
        return self.organisation in never.get(regime, ())

    def known(
        self, measure: str, regime: str, against: tuple[Watched, str] | None = None
    ) -> KnownStatistic:
        """Return a measure, or its paired difference, exact where it cannot be anything but 0."""
        single = self.estimate(measure, regime, against).single()
        sides = [(self, regime), *([] if against is None else [against])]
        if single.value != 0.0 or not all(side.cannot(measure, name) for side, name in sides):
            return KnownStatistic(single)
        return KnownStatistic(exactly(single), impossible=True)

    def estimate(
        self, measure: str, regime: str, against: tuple[Watched, str] | None = None
    ) -> Estimate:
        """Return a measure with its error, or its paired difference from another's."""
        good, other = self.valid[regime], None
        if against is not None:
            theirs, name = against
            other = theirs.values[measure, name]
            good = both(good, theirs.valid[name])
        row = horizon_measure(measure)
        series = self.values[measure, regime]
        if row.kind == "probability":
            return estimators.probability(series, scheme=self.scheme, against=other, valid=good)
        return estimators.mean(series, scheme=self.scheme, against=other, valid=good)


def both(
    first: NDArray[np.bool_] | None, second: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    """Return the draws that are finite in both; None: all."""
    if first is None or second is None:
        return second if first is None else first
    return first & second


def watch(
    study: Study,
    measures: Sequence[str],
    *,
    organisation: str = PLACE,
    draws: int | None = None,
    seed: int | None = None,
    scheme: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Watched:
    """Return headline measures of a study in every draw, under each of its regimes.

    Draws, seed and scheme are the study's unless given; draws are rounded up where the scheme
    fills chains.
    """
    scheme = study.scheme if scheme is None else scheme
    layout = draws_for(study.draws if draws is None else draws, scheme)
    watching = Watch(study, seed, scheme, layout, measures, organisation)
    kept: list[Block] = []
    with watching.over_threads(workers) as blocks:
        for block in blocks(range(watching.simulation.blocks)):
            kept.append(block)
            if progress is not None:
                progress(min(len(kept) * KEY_BLOCK, layout.total), layout.total)
    names = list(kept[0].values)
    values = {key: joined([b.values[key] for b in kept], scheme) for key in names}
    valid = {regime: joined_valid(kept, regime, scheme) for regime in kept[0].valid}
    seed = watching.simulation.contents.seed
    return Watched(study, scheme, seed, values, valid, organisation)


def joined(parts: Sequence[Values], scheme: str) -> Values:
    """Return blocks as chains: those of the scheme, or sixteen consecutive parts."""
    whole = np.concatenate(parts)
    return whole.reshape((-1, POINTS) if scheme in ("lhs", "sobol") else (_CHAINS, -1))


def joined_valid(kept: Sequence[Block], regime: str, scheme: str) -> NDArray[np.bool_] | None:
    """Return which draws are finite under a regime, as chains; None: all."""
    masks = [block.valid[regime] for block in kept]
    if all(mask is None for mask in masks):
        return None
    sizes = [next(iter(block.values.values())).size for block in kept]
    whole = [
        np.ones(size, dtype=bool) if mask is None else mask
        for mask, size in zip(masks, sizes, strict=True)
    ]
    return joined(whole, scheme)
