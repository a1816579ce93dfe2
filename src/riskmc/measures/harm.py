"""What harm cuts in services may do: two readings of one event, neither of them English.

Italy's regional recovery plans removed deficits. One study finds no effect on health, another 3 %
more avoidable deaths. Both ship, in data/harm.toml, and both are always shown.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.errors import ResultsError
from riskmc.measures.reading import Names
from riskmc.measures.services import unmet_share
from riskmc.measures.view import Source
from riskmc.variables import HAPPENED, PLACE

if TYPE_CHECKING:
    import xarray as xr

_FILE = Path(__file__).parent.parent / "data" / "harm.toml"
BOUNDS = ("low", "high")


@dataclass(frozen=True)
class Reading:
    """One study's answer to what cuts of its size did to health.

    name, label  as it is named in code, and printed
    low, high    rise in avoidable deaths where cuts of that size are made [fraction]
    source       the study
    found        what it says it found
    """

    name: str
    label: str
    low: float
    high: float
    source: str
    found: str


@cache
def harm_readings() -> tuple[Reading, ...]:
    """Return the readings that ship, the mildest first.

    Returns
    -------
    tuple of Reading
        With their sources.

    Raises
    ------
    ResultsError
        Where the file holds a range that is none.

    References
    ----------
    - docs/evidence.md, "Hard budgets and harm". Each reading names its study.
    """
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["reading"]
    found = []
    for row in rows:
        low, high = row["rise"]
        if not 0.0 <= low <= high <= 1.0:
            raise ResultsError(f"{_FILE.name}: the rise of '{row['name']}' is no range from 0 to 1")
        words = {key: str(row[key]) for key in ("name", "label", "source", "found")}
        found.append(Reading(low=float(low), high=float(high), **words))
    return tuple(found)


def service_harm(
    results: Source, *, organisation: Names = PLACE, regime: Names = None
) -> xr.Dataset:
    """Return two readings of what the cuts in services may do to health.

    Parameters
    ----------
    results : results
        Organisations need results that keep everything; the place does not.
    organisation, regime : optional
        Default: the place, under every regime.

    Returns
    -------
    xarray.Dataset
        Over (organisation, regime, reading, bound): `rise`, the rise in avoidable deaths
        [fraction], from `low` to `high`. Over (organisation, regime): `unmet_share_value`,
        `_mcse`, `_low`, `_high`, mean unmet need as a share of cost over the horizon. `label`,
        `source` and `found` by reading.

    Raises
    ------
    ResultsError
        As `unmet_share` does.

    Notes
    -----
    The rise is that of the Italian plans and is not scaled by the size of the cut: the studies
    measure the effect of the plans, not of a pound. Where nothing is unmet on average the range
    is 0. No English estimate exists; the simulation error is that of unmet need alone.

    References
    ----------
    - docs/evidence.md, "Hard budgets and harm". `source` names the study of each reading.
    - docs/measures.md, "Service harm".
    """
    cut = unmet_share(results, over="horizon", organisation=organisation, regime=regime)
    readings = harm_readings()
    ranges = np.array([(one.low, one.high) for one in readings])
    shares = cut["value"].transpose("organisation", "regime").values
    happens = shares > HAPPENED
    rise = np.where(happens[..., np.newaxis, np.newaxis], ranges, 0.0)
    dims = ("organisation", "regime")
    data: dict[str, Any] = {"rise": ((*dims, "reading", "bound"), rise)}
    for field in ("value", "mcse", "low", "high"):
        data[f"unmet_share_{field}"] = (dims, cut[field].transpose(*dims).values)
    return (
        cut.drop_vars(list(cut.data_vars))
        .assign(data)
        .assign_coords(
            reading=[one.name for one in readings],
            bound=list(BOUNDS),
            label=("reading", [one.label for one in readings]),
            source=("reading", [one.source for one in readings]),
            found=("reading", [one.found for one in readings]),
        )
        .assign_attrs(
            unit="fraction of avoidable deaths",
            long_name="rise in avoidable deaths where cuts of the Italian size are made",
            convention="not scaled by the size of the cut; no English estimate exists",
        )
    )
