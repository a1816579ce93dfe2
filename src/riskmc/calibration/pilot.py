"""What a study's other drivers do to a council's balance: one run with the outturn neutral."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskmc.calibration.estimates import Array

#: Futures of the run; reserves in it, times income, so that nothing but the drivers shows.
DRAWS, AMPLE = 16_384, 10.0


@dataclass(frozen=True, eq=False)
class OtherDrivers:
    """Balance less planned balance, share of planned income, from all drivers but the outturn.

    Attributes
    ----------
    mean : ndarray
        By year, (year,).
    variance, national : float
        Of one year, over futures, averaged over years; and the part that councils share.
    """

    mean: Array
    variance: float
    national: float


def other_drivers(mapping: Mapping[str, Any], *, draws: int = DRAWS) -> OtherDrivers:
    """Run a council's study with `outturn_variance` neutral and no contribution.

    The council appears twice, with ample reserves: its plan closes and its reserves need no
    rebuilding, so its planned balance is 0; what the two share is the nation's.

    Parameters
    ----------
    mapping : mapping
        A study of one council, as TOML reads it.
    draws : int
        Futures of the run.
    """
    from riskmc.runs.simulation import run
    from riskmc.study import parse_study
    from riskmc.study.edits import figures_of

    pilot = deepcopy(figures_of(mapping))
    pilot["drivers"].pop("outturn_variance", None)
    pilot["planning"]["reserve_contribution"] = 0.0
    pilot.pop("risks", None)
    council = pilot["organisations"][0]
    income = sum(council.get(key, 0.0) for key in ("grant", "local_tax", "charges"))
    council |= {"reserves": AMPLE * income}
    pilot["organisations"] = [council, {**council, "id": f"{council['id']}_twin"}]
    first = next(iter(pilot["regimes"]))
    pilot["regimes"] = {first: pilot["regimes"][first]}
    results = run(parse_study(pilot), draws=draws, keep="all")["outcomes"].to_dataset()
    found = results.isel(regime=0).transpose("year", "organisation", "chain", "draw")
    balance = np.asarray(found["balance"], dtype=np.float64)
    planned = np.asarray(found["income"], dtype=np.float64).mean(axis=(2, 3), keepdims=True)
    share = (balance / planned).reshape(*balance.shape[:2], -1)
    apart = share - share.mean(axis=2, keepdims=True)
    return OtherDrivers(
        mean=share.mean(axis=(1, 2)),
        variance=float(np.mean(apart**2)),
        national=float(max(np.mean(apart[:, 0] * apart[:, 1]), 0.0)),
    )
