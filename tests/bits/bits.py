"""Outcomes to the bit: given futures of exactly representable numbers, and digests of what they do.

The digests in ``digests.json`` were made by this file at version 0.1.0 (revision 1c4bdbc):

    PYTHONPATH=<checkout of 1c4bdbc>/src python tests/bits/bits.py

They are what 0.1.0 answered and are never made again by a later engine.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import riskmc
from riskmc.study import parse_study
from riskmc.variables import DRIVERS

HERE = Path(__file__).parent
STUDIES = sorted((HERE / "studies").glob("*.json"))
DIGESTS = HERE / "digests.json"
DRAWS = 24
#: Lowest and highest value of each driver of 0.1.0; all are multiples of 2**-12.
RANGES = {
    "demand_growth": (-0.0625, 0.125),
    "cost_inflation": (-0.03125, 0.09375),
    "funding_shock": (-0.0625, 0.0625),
    "tax_shock": (-0.0625, 0.0625),
    "in_year_cut": (-0.03125, 0.03125),
    "recognition": (0.0, 1.0),
    "savings_delivery": (0.25, 1.25),
    "recurrent_share": (0.0, 1.0),
    "new_burden": (-0.015625, 0.015625),
    "prevention_yield": (0.0, 0.5),
    "one_off_cost": (-8.0, 8.0),
    "rescue": (0.000244140625, 0.999755859375),
}
#: Drivers that are 0 more often than not: negative values become 0.
EVENTS = ("in_year_cut", "new_burden", "one_off_cost")
STEP = 2.0**-12
DIMS = ("regime", "chain", "draw", "year", "organisation")


def scattered(*numbers: int) -> int:
    """A whole number of 64 bits made of some numbers, the same on every machine."""
    text = ",".join(map(str, numbers)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big")


def given_drivers(study: Any) -> xr.Dataset:
    """Drivers of 24 futures: no distribution, no logarithm, only whole multiples of 2**-12."""
    years, bodies = study.year_labels, study.organisation_ids
    shape = (DRAWS, len(years), len(bodies))
    data = {}
    for d, row in enumerate(DRIVERS):
        values = np.full(shape, row.neutral)
        if row.name in RANGES:
            low, high = RANGES[row.name]
            steps = round((high - low) / STEP) + 1
            for at in np.ndindex(shape):
                values[at] = low + STEP * (scattered(d, *at) % steps)
            if row.name in EVENTS:
                values = np.maximum(values, 0.0)
        data[row.name] = (("draw", "year", "organisation"), values)
    return xr.Dataset(data, coords={"year": list(years), "organisation": list(bodies)})


def outcomes(raw: dict[str, Any]) -> dict[str, np.ndarray]:
    """What the package at hand makes of a study on the given drivers, by group and variable."""
    study = parse_study(raw)
    tree = riskmc.run(study, drivers=given_drivers(study), keep="all", workers=1)
    arrays = {}
    for group in ("outcomes", "place"):
        for name, values in tree[group].data_vars.items():
            dims = [
                d for d in ("regime", "chain", "draw", "year", "organisation") if d in values.dims
            ]
            for regime in values["regime"].values:
                kept = values.sel(regime=regime).transpose(*dims[1:])
                arrays[f"{regime}/{group}/{name}"] = np.ascontiguousarray(kept.values)
    return arrays


def digest(values: np.ndarray) -> str:
    """SHA-256 of the bits; a negative zero counts as the zero that it equals."""
    exact = values if values.dtype == bool else values.astype("<f8") + 0.0
    return hashlib.sha256(exact.tobytes()).hexdigest()[:32]


def read_study(path: Path) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return raw


def write_digests() -> None:
    found = {
        path.stem: {name: digest(x) for name, x in outcomes(read_study(path)).items()}
        for path in STUDIES
    }
    DIGESTS.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_digests()
