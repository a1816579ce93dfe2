"""National against local: how much of the risk comes from causes common to all bodies.

Within a driver, what bodies share shows in how they move together: with local parts independent
of each other, the covariance of two bodies' drivers is the covariance of their national parts.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from riskmc.errors import ResultsError
from riskmc.measures.driver_features import features, outcome
from riskmc.measures.drivers_of_risk import chain_statistic
from riskmc.measures.reading import Reader
from riskmc.measures.view import Source
from riskmc.statistics.estimates import Estimate, Floats, jackknife_error, student
from riskmc.variables import PLACE

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study

#: Parts of the variance.
SOURCES = ("national", "local", "rest")
_FEWEST_DRAWS = 5


def national_share(
    results: Source,
    *,
    measure: str,
    regime: str,
    against: str | None = None,
    organisation: str = PLACE,
    drivers: xr.Dataset | None = None,
    blocks: int | None = None,
) -> xr.Dataset:
    """Return the shares of a measure's variance: national, local, and the rest, over `source`.

    The measure (or its paired difference) is regressed on every driver of every body, each
    averaged over the years. The variance of the fit is parted into what comes from the bodies'
    common movement and from their own; "rest" is what a straight line in yearly means does not
    catch: timing, interaction, curvature. The shares sum to 1. Where only one body has a driver,
    its `shared` says how much of it is national. Error: jackknife over chains,
    or over so many `blocks` of them, which is quicker.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    measure : str
        Name of a headline measure.
    regime : str
        Name of a regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.
    organisation : str
        An organisation, or "place"; default "place".
    drivers : xarray.Dataset, optional
        The futures that the results rest on; default: drawn again from the seed.
    blocks : int, optional
        Number of blocks of chains of the jackknife; default: one a chain.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.

    Raises
    ------
    ResultsError
        Names that are not there, or too few draws to distinguish the drivers.

    References
    ----------
    - docs/measures.md, "National and local".
    """
    reader = Reader(results)
    reader.need_every_organisation("the national share")
    names: list[tuple[str, int]] = []
    rows = []
    for k, body in enumerate(reader.organisations):
        found = features(results, drivers=drivers, organisation=body)
        for (name, _), row in zip(found.names, found.values, strict=True):
            names.append((name, k))
            rows.append(row)
    x = np.stack(rows)
    explained = outcome(
        results, measure=measure, regime=regime, against=against, organisation=organisation
    )
    columns = np.isfinite(x).all(axis=(0, 1)) & np.isfinite(explained.values).all(axis=0)
    x, y = x[:, :, columns], explained.values[:, columns]
    if y.size < _FEWEST_DRAWS * len(names):
        raise ResultsError(
            f"{y.size:,} draws are too few to distinguish {len(names)} drivers: it takes "
            f"{_FEWEST_DRAWS * len(names):,}"
        )
    moments = [_moments(x[:, c], y[c]) for c in range(len(y))]
    if blocks is not None and 2 <= blocks < len(moments) and len(moments) % blocks == 0:
        size = len(moments) // blocks
        parts = [moments[i : i + size] for i in range(0, len(moments), size)]
        moments = [np.sum(part, axis=0) for part in parts]
    study = reader.study()

    def shares(kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        total = sum(m for m, keep in zip(moments, kept, strict=True) if keep)
        return _parts(np.asarray(total), names, reader.organisations, study)

    chains = len(moments)
    value = shares(np.ones(chains, dtype=bool))
    left_out = chain_statistic(shares, chains)
    error = np.array([jackknife_error(left_out[:, i]) for i in range(len(SOURCES))])
    reach = student(chains - 1) * error
    estimate = Estimate(
        value,
        error,
        value - reach,
        value + reach,
        np.zeros(len(SOURCES), bool),
        np.full(len(SOURCES), chains, dtype=np.int64),
    )
    return estimate.dataset(
        dims=("source",),
        coords={"source": list(SOURCES)},
        unit="share",
        long_name=f"share of the variance: {explained.label}",
    )


def _moments(x: Floats, y: Floats) -> Floats:
    """Return sums of products of [1, x, y] over one chain's draws."""
    table = np.concatenate([np.ones((1, y.size)), x, y[None, :]])
    sums: Floats = np.einsum("id,jd->ij", table, table, optimize=True)
    return sums


def _parts(
    sums: Floats, names: list[tuple[str, int]], bodies: tuple[str, ...], study: Study
) -> Floats:
    n = sums[0, 0]
    means = sums[0] / n
    covariance = sums / n - np.outer(means, means)
    inner, cross = covariance[1:-1, 1:-1], covariance[1:-1, -1]
    total = float(covariance[-1, -1])
    if total <= 0.0:
        return np.full(len(SOURCES), np.nan)
    slopes = np.linalg.lstsq(inner, cross, rcond=1e-10)[0]
    national = float(slopes @ _national(inner, names, bodies, study) @ slopes) / total
    fitted = float(slopes @ inner @ slopes) / total
    return np.array([national, fitted - national, 1.0 - fitted])


def _national(
    covariance: Floats, names: list[tuple[str, int]], bodies: tuple[str, ...], study: Study
) -> Floats:
    """Return the covariance of the national parts of the drivers.

    Between bodies it is the covariance itself. A body's own entries take the correlation that
    it has on average with the other bodies; where it stands alone, the study's `shared`.
    """
    found = covariance.copy()
    sd = np.sqrt(np.diag(covariance))
    owner = np.array([k for _, k in names])
    driver = np.array([name for name, _ in names])
    scale = np.outer(sd, sd)
    elsewhere = (owner[:, None] != owner[None, :]) & (scale > 0.0)
    common: dict[tuple[str, str], float] = {}
    for one, other in itertools.combinations_with_replacement(dict.fromkeys(driver), 2):
        rows, columns = driver == one, driver == other
        usable = elsewhere[np.ix_(rows, columns)]
        if usable.any():
            ratio = covariance[np.ix_(rows, columns)][usable] / scale[np.ix_(rows, columns)][usable]
            common[one, other] = common[other, one] = float(ratio.mean())
    for i, j in np.argwhere(owner[:, None] == owner[None, :]):
        if i > j:
            continue
        shared = common.get((driver[i], driver[j]))
        if shared is not None:
            value = shared * sd[i] * sd[j]
        else:
            value = covariance[i, j] * _shared(study, names[i], names[j], bodies)
        found[i, j] = found[j, i] = value
    return found


def _shared(
    study: Study, one: tuple[str, int], other: tuple[str, int], bodies: tuple[str, ...]
) -> float:
    parts = []
    for name, k in (one, other):
        resolved = study.driver(name, bodies[k])
        parts.append(0.0 if resolved is None else float(resolved.shared))
    return float(np.sqrt(parts[0] * parts[1]))
