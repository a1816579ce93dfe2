"""The deficit: how often, how long, and what netting hides.

What counts as one: see `deficit_probability`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.arguments import SoFar
from riskmc.measures.measure import Chosen, OfThePlace, measure
from riskmc.measures.tabulate import (
    PROBABILITY,
    Spec,
    Task,
    over_time,
    over_words,
    year_dims,
)
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools
from riskmc.variables import MONEY

#: Parts of the place's deficit.
PARTS = ("gross", "net", "netting")
_NEEDS = ("net_deficit", "income")


@measure('docs/model.md, section 5, "deficit"', estimators.mean)
def deficit_parts(*, over: SoFar = "year", **_: Unpack[OfThePlace]) -> Spec:
    """Return the place's deficit gross, net, and the part that is mere netting [£m].

    Over (organisation "place", regime[, year], part): "gross" the sum of the holders' deficits,
    "net" what is left when surpluses elsewhere in the place are set off, "netting" gross less
    net. Netting inside a pool is not better finances. gross = net + netting in every draw.
    """

    def parts(task: Task) -> NDArray[Any]:
        gross = over_time(task.paths["deficit"], over)
        net = over_time(task.paths["net_deficit"], over)
        return np.stack([gross, net, gross - net], axis=-3)

    return Spec(
        long_name=f"mean deficit of the place {over_words(over)}",
        unit=MONEY,
        needs=("deficit", "net_deficit"),
        values=parts,
        statistic=estimators.mean,
        inner=lambda reader: {**year_dims(reader, over), "part": PARTS},
    )


@measure('docs/model.md, section 5, "deficit"', estimators.probability)
def deficit_probability(*, over: SoFar = "year", **_: Unpack[Chosen]) -> Spec:
    """Return P(in deficit) by year, in any year so far ("cumulative"), or in any ("horizon").

    Notes
    -----
    A deficit is the overspend after planned measures and before any help, and counts above 1e-9 of
    income, or of £1m where income is less. The place's is that of its summed balance: surpluses
    elsewhere in it are set off. A pool's member has its part of the pool's.
    """
    return Spec(
        long_name=f"chance of a deficit {over_words(over)}",
        unit=PROBABILITY,
        needs=_NEEDS,
        values=_in_deficit,
        statistic=estimators.probability,
        over=over,
    )


@measure('docs/model.md, section 5, "spells of deficit"', estimators.mean)
def years_in_deficit(**_: Unpack[Chosen]) -> Spec:
    """Return the mean number of years in deficit over (organisation, regime) [years].

    Notes
    -----
    What counts as a deficit: see `deficit_probability`.
    """
    return _count(
        lambda event: event.sum(axis=0).astype(float),
        long_name="mean number of years in deficit",
        unit="years",
    )


@measure('docs/model.md, section 5, "spells of deficit"', estimators.mean)
def deficit_spells(**_: Unpack[Chosen]) -> Spec:
    """Return the mean number of spells: unbroken runs of years in deficit [spells].

    Notes
    -----
    What counts as a deficit: see `deficit_probability`. A spell that the horizon cuts off counts.
    """
    words = "mean number of spells of deficit"
    return _count(spells, long_name=words, unit="spells", unbroken=words)


@measure('docs/model.md, section 5, "spells of deficit"', estimators.mean)
def longest_spell(**_: Unpack[Chosen]) -> Spec:
    """Return the mean length of the longest unbroken run of years in deficit [years].

    Notes
    -----
    What counts as a deficit: see `deficit_probability`. 0 in a future without one; a spell that the
    horizon cuts off is as long as it lasted until then.
    """
    words = "mean length of the longest spell of deficit"
    return _count(longest_run, long_name=words, unit="years", unbroken=words)


def _in_deficit(task: Task) -> Bools:
    return task.happened("net_deficit")


def _count(count: Callable[[Bools], NDArray[Any]], **more: Any) -> Spec:
    return Spec(
        needs=_NEEDS,
        values=lambda task: count(_in_deficit(task)),
        statistic=estimators.mean,
        **more,
    )


def spells(event: Bools) -> NDArray[np.float64]:
    """Return how many unbroken runs of True each draw holds: (year, ...) to (...)."""
    starts: NDArray[np.float64] = event[0].astype(float)
    for year in range(1, len(event)):
        starts += event[year] & ~event[year - 1]
    return starts


def longest_run(event: Bools) -> NDArray[np.float64]:
    """Return the longest unbroken run of True in each draw: (year, ...) to (...)."""
    current = np.zeros(event.shape[1:])
    longest = np.zeros(event.shape[1:])
    for happening in event:
        current = (current + 1.0) * happening
        np.maximum(longest, current, out=longest)
    return longest
