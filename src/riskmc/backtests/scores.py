"""How good forecasts were: proper scores, cover, calibration, with bootstrap errors.

Library: scoringrules (CRPS by probability-weighted moments, Brier score).
Source: Gneiting and Raftery (2007); Gneiting, Balabdaoui and Raftery (2007); see `backtest`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Central bands whose cover is counted, per cent.
BANDS = (50, 80, 90)
RESAMPLES = 1_000


@dataclass(frozen=True, eq=False)
class CaseScores:
    """Scores of one ensemble forecast of one origin and target year, by unit forecast.

    Attributes
    ----------
    crps, width, error : ndarray
        Continuous ranked probability score, width of the 90 % band, and forecast mean less what
        came, (unit,).
    inside : dict of int to ndarray
        Whether what came lies in the central band of so many per cent, (unit,).
    pit : ndarray
        Share of the ensemble below what came, ties half, (unit,).
    """

    crps: Array
    width: Array
    error: Array
    inside: dict[int, Array]
    pit: Array


def score(came: Array, ensemble: Array) -> CaseScores:
    """Score an ensemble, shape (unit, draw), against what came, (unit,)."""
    from scoringrules import crps_ensemble

    tails = [0.5 - band / 200.0 for band in BANDS] + [0.5 + band / 200.0 for band in BANDS]
    cuts = np.quantile(ensemble, tails, axis=1)
    lows, highs = cuts[: len(BANDS)], cuts[len(BANDS) :]
    inside = {
        band: ((came >= low) & (came <= high)).astype(np.float64)
        for band, low, high in zip(BANDS, lows, highs, strict=True)
    }
    return CaseScores(
        crps=np.asarray(crps_ensemble(came, ensemble, estimator="pwm"), dtype=np.float64),
        width=highs[-1] - lows[-1],
        error=ensemble.mean(axis=1) - came,
        inside=inside,
        pit=pit(came, ensemble),
    )


def pit(came: Array, ensemble: Array) -> Array:
    """Return the share of the ensemble below what came, equal values counting half, (unit,)."""
    column = came[:, None]
    below = (ensemble < column).mean(axis=1) + 0.5 * (ensemble == column).mean(axis=1)
    return np.asarray(below, dtype=np.float64)


def brier(chance: Array, happened: Array) -> float:
    """Return the mean squared difference of chance and event (0 or 1)."""
    from scoringrules import brier_score

    return float(np.mean(brier_score(happened, np.clip(chance, 0.0, 1.0))))


@dataclass(frozen=True)
class Reliability:
    """Of the forecasts with a chance in a class, how often the event came."""

    low: float
    high: float
    n: int
    forecast: float
    happened: float


def reliability(
    chance: Array, happened: Array, edges: Sequence[float] = (0.0, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)
) -> list[Reliability]:
    """Return mean forecast and frequency by class of chance, empty classes left out."""
    rows = []
    for low, high in pairwise(edges):
        top = chance <= high if high >= edges[-1] else chance < high
        here = (chance >= low) & top
        if here.any():
            rows.append(
                Reliability(
                    low=low,
                    high=high,
                    n=int(here.sum()),
                    forecast=float(chance[here].mean()),
                    happened=float(happened[here].mean()),
                )
            )
    return rows


def bootstrap_error(by_case: Sequence[Array], *, seed: int = 1) -> float | None:
    """Return the standard error of the mean over cases of each case's mean over units.

    None where there is one unit: its cases share their years, so nothing can be resampled.

    Whole units are resampled, with all their cases, so a unit's cases stay together. Units share
    the nation's luck of each year, which no resampling of units can show: the error is that of
    having other councils, not other years.
    """
    scores = np.stack(by_case)
    units = scores.shape[1]
    if units < 2:
        return None
    rng = np.random.default_rng(seed)
    of_unit = scores.mean(axis=0)
    resampled = of_unit[rng.integers(units, size=(RESAMPLES, units))].mean(axis=1)
    return float(resampled.std(ddof=1))
