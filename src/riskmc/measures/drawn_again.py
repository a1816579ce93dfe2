"""A run's drivers drawn again, block by block: what futures were like, in little memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.driver_features import ALL_YEARS, Features, orders_of_draws, weights_of
from riskmc.measures.labels import taken
from riskmc.measures.reading import Reader
from riskmc.measures.view import Source
from riskmc.sampling import KEY_BLOCK, Sampler
from riskmc.variables import CHAIN, DRAW, DRIVER_NAMES, ORGANISATION, PLACE, YEAR

if TYPE_CHECKING:
    import xarray as xr

Drawn = NDArray[np.float64]


class DrawnAgain(NamedTuple):
    """What is kept of drivers that were drawn again.

    features  of the place over all years, as `riskmc.measures.features` returns them
    early     chosen drivers of every body in the first years, dims as `riskmc.sample` has them
    """

    features: Features
    early: xr.Dataset


def drawn_again(results: Source, *, early: Sequence[str], years: int) -> DrawnAgain:
    """Draw the drivers of a run again, and keep the place's features and the first years.

    The same numbers as those of the whole drivers, to the bit, which need not be held at once.

    Parameters
    ----------
    results : xarray.DataTree or Results
        All draws and years of a run whose drivers are the study's.
    early : sequence of str
        Names of drivers whose first years are kept.
    years : int
        How many first years of these are kept.

    Returns
    -------
    DrawnAgain
        Features and the first years of the chosen drivers.
    """
    import xarray as xr

    reader = Reader(results)
    view, study = reader.view, reader.study()
    layout, bodies = view.whole, study.organisation_ids
    seed = int(view.tree.attrs.get("seed", study.seed))
    sampler = Sampler(study, seed=seed, scheme=view.scheme)
    weights = {bodies.index(body): part for body, part in weights_of(reader, PLACE).items()}
    rows: dict[str, Drawn] = {}
    first = {name: np.empty((years, len(bodies), layout.total)) for name in early}
    block_of: dict[str, Drawn] | None = None
    for block in range(-(-layout.total // KEY_BLOCK)):
        block_of = sampler.key_block(block, block_of)
        start = block * KEY_BLOCK
        stop = min(start + KEY_BLOCK, layout.total)
        for name in early:
            first[name][..., start:stop] = block_of[name][:years, :, : stop - start]
        for name in DRIVER_NAMES:
            if block_of[name].shape[2] > 1:  # what does not vary drives nothing
                row = rows.setdefault(name, np.empty(layout.total))
                row[start:stop] = _mean(block_of[name][..., : stop - start], weights)
    shape = (layout.chains, layout.per_chain)
    coordinates = {CHAIN: np.arange(layout.chains), DRAW: np.arange(layout.per_chain)}
    labels = {YEAR: list(study.year_labels[:years]), ORGANISATION: list(bodies)}
    dims = (YEAR, ORGANISATION, CHAIN, DRAW)
    kept = {
        name: (dims, values.reshape(*values.shape[:2], *shape)) for name, values in first.items()
    }
    dataset = xr.Dataset(kept, {**labels, **coordinates})
    orders = orders_of_draws(reader, dataset)
    found = {
        name: taken(xr.DataArray(row.reshape(shape), coordinates, (CHAIN, DRAW)), orders)
        for name, row in rows.items()
        if np.ptp(row) > 0.0
    }
    values = [one.transpose(CHAIN, DRAW).to_numpy() for one in found.values()]
    named = tuple((name, ALL_YEARS) for name in found)
    return DrawnAgain(
        Features(named, np.stack(values) if values else np.empty((0, *shape))), dataset
    )


def _mean(values: Drawn, weights: dict[int, float]) -> Drawn:
    """Return the mean over all years of the bodies at these positions, by weight."""
    row = np.zeros(values.shape[2])
    for position, weight in weights.items():
        for year in range(len(values)):
            row += (weight / len(values)) * values[year, position]
    return row
