"""What a body's schemes deliver together: its `savings_delivery` and `recurrent_share`.

Each scheme's delivery d is drawn once in each future, from a stream of its own name and body.
With s what it is to newly save in a year and r the part that recurs,

    delivery = Σ d s / Σ s,   recurrent share = Σ r d s / Σ d s   (Σ r s / Σ s where nothing is)

A year in which no scheme is to save anything takes all schemes at their sums over the years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskmc.distributions import Distribution
from riskmc.sampling.layout import KEY_BLOCK
from riskmc.sampling.streams import Array, Streams
from riskmc.study import Study
from riskmc.study.tables import FROM_SCHEMES

MADE = FROM_SCHEMES


@dataclass(frozen=True)
class SchemeRow:
    """A scheme ready for drawing: `amounts` is what it is to newly save in each year [£m]."""

    name: str
    organisation: str
    body: int
    amounts: tuple[float, ...]
    delivery: Distribution
    recurrent: float


def scheme_rows(study: Study) -> tuple[SchemeRow, ...]:
    """Return a study's schemes in an order that does not depend on the study's."""
    rows = [
        SchemeRow(
            scheme.name,
            scheme.organisation,
            study.organisation_ids.index(scheme.organisation),
            scheme.by_year(study.year_labels),
            scheme.delivery,
            scheme.recurrent,
        )
        for scheme in study.schemes
    ]
    return tuple(sorted(rows, key=lambda row: (row.organisation, row.name)))


def deliver(rows: tuple[SchemeRow, ...], keyed: Streams, values: Mapping[str, Array]) -> None:
    """Write what the schemes of each body deliver, and how much of it recurs, over the drivers."""
    for body in sorted({row.body for row in rows}):
        mine = [row for row in rows if row.body == body]
        drawn = [_delivered(row, keyed) for row in mine]
        for year in range(len(mine[0].amounts)):
            weights = _weights(mine, year)
            delivery, recurs = np.zeros(KEY_BLOCK), np.zeros(KEY_BLOCK)
            for row, weight, d in zip(mine, weights, drawn, strict=True):
                delivery += weight * d
                recurs += row.recurrent * weight * d
            flat = sum(row.recurrent * weight for row, weight in zip(mine, weights, strict=True))
            values[MADE[0]][year, body] = delivery
            values[MADE[1]][year, body] = np.divide(
                recurs, delivery, out=np.full(KEY_BLOCK, flat), where=delivery > 0.0
            )


def _delivered(row: SchemeRow, keyed: Streams) -> Array:
    z = np.empty(KEY_BLOCK)
    keyed.open(f"scheme\0{row.name}", row.organisation).fill(z)
    return row.delivery.from_normal(z)


def _weights(rows: list[SchemeRow], year: int) -> list[float]:
    """Return each scheme's part of what is to be newly saved in a year; the parts sum to 1."""
    sizes = [row.amounts[year] for row in rows]
    if sum(sizes) == 0.0:
        sizes = [sum(row.amounts) for row in rows]
    if sum(sizes) == 0.0:
        sizes = [1.0] * len(rows)
    return [size / sum(sizes) for size in sizes]
