"""A study's drivers as an xarray Dataset."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from riskmc.errors import TooLargeError
from riskmc.sampling.fingerprint import ATTRIBUTE, checksums, fingerprint
from riskmc.sampling.layout import KEY_BLOCK, Layout, draws_for
from riskmc.sampling.sampler import Sampler
from riskmc.sampling.streams import Array
from riskmc.study import Study
from riskmc.variables import CHAIN, DRAW, DRIVER_DIMS, DRIVERS, ORGANISATION, YEAR

if TYPE_CHECKING:
    import xarray as xr

#: Bytes of drivers that are made at once, at most.
MOST_BYTES = 100_000_000_000


def sample(
    study: Study,
    *,
    draws: int | None = None,
    seed: int | None = None,
    scheme: str | None = None,
) -> xr.Dataset:
    """Draw a study's drivers.

    Parameters
    ----------
    study : Study
        As `load_study` gives it.
    draws, seed, scheme : int, int, str, optional
        Override the study's; draws are rounded up to fill the chains.

    Returns
    -------
    xarray.Dataset
        One variable a driver, dims `chain`, `draw`, `year`, `organisation`, with `units` and
        `long_name`; draws lie along the last axis in memory. Attributes say what was drawn
        (`seed`, `scheme`, `draws`, `chains`, `fingerprint`) and hold checksums of the values:
        `riskmc.run(study, drivers=...)` knows by them whether these are still the futures drawn.

    Raises
    ------
    InputError
        No draws, a negative seed, or a scheme that does not exist.
    """
    sampler, layout = _sampler(study, draws, seed, scheme)
    shape = (study.years, len(study.organisation_ids), layout.total)
    arrays = {
        name: values if values.flags.writeable else np.array(values)
        for name, values in _arrays(sampler, layout, shape).items()
    }
    dataset = _dataset(study, sampler, layout, arrays)
    dataset.attrs["checksums"] = json.dumps(checksums(arrays, study.organisation_ids))
    return dataset


def sample_to_read(
    study: Study,
    *,
    draws: int | None = None,
    seed: int | None = None,
    scheme: str | None = None,
) -> xr.Dataset:
    """Return what `sample` does, for reading alone.

    What does not vary takes no memory and cannot be written to, and there are no checksums, so
    that `riskmc.run` would take these for futures of the user's own.
    """
    sampler, layout = _sampler(study, draws, seed, scheme)
    shape = (study.years, len(study.organisation_ids), layout.total)
    return _dataset(study, sampler, layout, _arrays(sampler, layout, shape))


def _sampler(
    study: Study, draws: int | None, seed: int | None, scheme: str | None
) -> tuple[Sampler, Layout]:
    """Return what draws a study, and how many draws; TooLargeError for too many at once."""
    sampler = Sampler(study, seed=seed, scheme=scheme)
    layout = draws_for(study.draws if draws is None else draws, sampler.scheme)
    size = 8 * len(DRIVERS) * study.years * len(study.organisation_ids) * layout.total
    if size > MOST_BYTES:
        raise TooLargeError(
            f"drivers of {layout.total:,} draws take {size / 1e9:,.0f} GB: ask for fewer, or run "
            "the study, which needs them block by block only"
        )
    return sampler, layout


def _arrays(sampler: Sampler, layout: Layout, shape: tuple[int, int, int]) -> dict[str, Array]:
    """Return every driver, (year, organisation, draw); one that does not vary as a bare view."""
    whole: dict[str, Array] = {}
    block_of: dict[str, Array] | None = None
    for block in range(-(-layout.total // KEY_BLOCK)):
        start = block * KEY_BLOCK
        block_of = sampler.key_block(block, block_of)
        for row in DRIVERS:
            values = block_of[row.name]
            if values.shape[2] == 1:
                whole.setdefault(row.name, np.broadcast_to(values.copy(), shape))
                continue
            if row.name not in whole:
                whole[row.name] = np.empty(shape)
            room = whole[row.name][..., start : start + KEY_BLOCK]
            room[...] = values[..., : room.shape[-1]]
    return whole


def _dataset(
    study: Study, sampler: Sampler, layout: Layout, arrays: dict[str, Array]
) -> xr.Dataset:
    import xarray as xr

    years, bodies = study.year_labels, study.organisation_ids
    stored = (YEAR, ORGANISATION, CHAIN, DRAW)
    shape = (len(years), len(bodies), layout.chains, layout.per_chain)
    variables = {
        row.name: xr.Variable(
            stored,
            arrays[row.name].reshape(shape),
            {"units": row.unit, "long_name": row.meaning},
        ).transpose(*DRIVER_DIMS)
        for row in DRIVERS
    }
    coordinates = {
        CHAIN: np.arange(layout.chains),
        DRAW: np.arange(layout.per_chain),
        YEAR: list(years),
        ORGANISATION: list(bodies),
    }
    drawn = fingerprint(study, seed=sampler.seed, scheme=sampler.scheme)
    attributes = {
        "seed": sampler.seed,
        "scheme": sampler.scheme,
        "draws": layout.total,
        "chains": layout.chains,
        ATTRIBUTE: drawn.text(),
    }
    return xr.Dataset(variables, coordinates, attributes)
