"""A study's drivers as an xarray Dataset."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from riskmc.errors import TooLargeError
from riskmc.sampling.fingerprint import ATTRIBUTE, checksums, fingerprint
from riskmc.sampling.layout import KEY_BLOCK, draws_for
from riskmc.sampling.sampler import Sampler
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
    TooLargeError
        More draws than fit into one dataset.

    References
    ----------
    - docs/model.md, section 3, "How a value is drawn".
    - docs/sampling.md, "Schemes".
    - Hammersley, J. M. and Morton, K. W., A new Monte Carlo technique: antithetic variates,
      Proceedings of the Cambridge Philosophical Society 52 (1956) 449-475: `antithetic`.
    - McKay, M. D., Beckman, R. J. and Conover, W. J., A comparison of three methods for selecting
      values of input variables in the analysis of output from a computer code, Technometrics 21
      (1979) 239-245: `lhs`.
    - Matoušek, J., On the L2-discrepancy for anchored boxes, Journal of Complexity 14 (1998)
      527-556: the scrambling of `sobol`.
    """
    import xarray as xr

    sampler = Sampler(study, seed=seed, scheme=scheme)
    layout = draws_for(study.draws if draws is None else draws, sampler.scheme)
    years, bodies = study.year_labels, study.organisation_ids
    size = 8 * len(DRIVERS) * len(years) * len(bodies) * layout.total
    if size > MOST_BYTES:
        raise TooLargeError(
            f"drivers of {layout.total:,} draws take {size / 1e9:,.0f} GB: ask for fewer, or run "
            "the study, which needs them block by block only"
        )
    arrays = {row.name: np.empty((len(years), len(bodies), layout.total)) for row in DRIVERS}
    for block in range(-(-layout.total // KEY_BLOCK)):
        start = block * KEY_BLOCK
        block_of = sampler.key_block(block)
        for name, whole in arrays.items():
            room = whole[..., start : start + KEY_BLOCK]
            room[...] = block_of[name][..., : room.shape[-1]]
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
        "checksums": json.dumps(checksums(arrays, bodies)),
    }
    return xr.Dataset(variables, coordinates, attributes)
