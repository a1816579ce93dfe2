"""What drives the risk: from the draws already made.

For a headline measure, or its paired difference between regimes, and each driver (and block of
years): rank correlations, first-order shares of the variance, conditional means at the driver's
10th and 90th percentile, and how much of the variance is national and how much local. Errors are
taken between chains, with Student's t, whatever the scheme.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.driver_features import (
    Features,
    Outcome,
    correlation,
    dependence_words,
    features,
    outcome,
    ranks,
)
from riskmc.measures.reading import Reader
from riskmc.measures.view import Source, view_of
from riskmc.statistics import estimators
from riskmc.statistics.estimates import (
    ROUNDING,
    Estimate,
    Floats,
    Single,
    interval,
    spread,
    student,
    unit_count,
    unit_means,
)
from riskmc.variables import PLACE

if TYPE_CHECKING:
    import xarray as xr

Blocks = Mapping[str, Sequence[str]] | None
#: Ranks around the 10th and the 90th percentile that make up a conditional mean.
_WINDOWS = {"low": (0.05, 0.15), "high": (0.85, 0.95)}
_FEWEST_CHAINS = 4
#: What is left of a variance below this share is rounding.
_ALL = 1e-12


def _both(
    results: Source,
    measure: str,
    regime: str,
    against: str | None,
    organisation: str,
    drivers: xr.Dataset | None,
    of: str,
    blocks: Blocks,
) -> tuple[Features, Outcome]:
    """Return features and outcome; the draws that are not finite are set to be left out."""
    found = features(results, drivers=drivers, organisation=of, blocks=blocks)
    explained = outcome(
        results, measure=measure, regime=regime, against=against, organisation=organisation
    )
    if len(explained.values) < _FEWEST_CHAINS:
        raise ResultsError(f"errors between chains need at least {_FEWEST_CHAINS} chains")
    good = np.isfinite(found.values).all(axis=0)
    if explained.valid is not None:
        good &= explained.valid
    if not good.all():  # whole columns of draws, so that chains stay of one length
        columns = good.all(axis=0)
        found = found._replace(values=found.values[:, :, columns])
        explained = explained._replace(values=explained.values[:, columns])
        if not columns.any():
            raise ResultsError("every draw holds a driver or an outcome that is not finite")
    return found, explained


def rank_correlations(
    results: Source,
    *,
    measure: str,
    regime: str,
    against: str | None = None,
    organisation: str = PLACE,
    drivers: xr.Dataset | None = None,
    of: str = PLACE,
    blocks: Blocks = None,
) -> xr.Dataset:
    """Return Spearman's rank correlation of each driver with a measure, over `feature`.

    `measure` a headline measure over the horizon, with `against` its paired difference; `of`
    whose drivers ("place": the mean weighted by cost). Error: between chains; interval:
    Student's t on Fisher's z. Attribute `dependence` says which drivers move together.

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
    of : str
        Organisation whose drivers are read; default "place".
    blocks : mapping or sequence, optional
        Drivers to take together; default: each by itself.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.

    Raises
    ------
    ResultsError
        A name that is not there, fewer than 4 chains, or no draw that is finite.

    References
    ----------
    - Spearman, C., The proof and measurement of association between two things, American Journal of
      Psychology 15 (1904) 72-101.
    - Fisher, R. A., On the "probable error" of a coefficient of correlation deduced from a small
      sample, Metron 1 (1921) 3-32: the scale of the interval.
    """
    found, explained = _both(results, measure, regime, against, organisation, drivers, of, blocks)
    y_ranks = _ranked(explained.values)
    singles = [_rank_correlation(_ranked(row), y_ranks) for row in found.values]
    return _dataset(singles, found, explained, "rank correlation", "correlation")


def _ranked(values: Floats) -> Floats:
    return ranks(values.reshape(-1)).reshape(values.shape)


def _rank_correlation(x: Floats, y: Floats) -> Single:
    value = correlation(x.reshape(-1), y.reshape(-1))
    by_chain = np.array([correlation(a, b) for a, b in zip(x, y, strict=True)])
    chains = by_chain.size
    error = float(by_chain.std(ddof=1)) / math.sqrt(chains)
    if abs(value) >= 1.0 - 1e-12:
        return Single(value, error, value, value, False, chains)
    reach = student(chains - 1) * error / (1.0 - value**2)
    low, high = np.tanh(np.arctanh(value) - reach), np.tanh(np.arctanh(value) + reach)
    return Single(value, error, float(low), float(high), False, chains)


def first_order_shares(
    results: Source,
    *,
    measure: str,
    regime: str,
    against: str | None = None,
    organisation: str = PLACE,
    drivers: xr.Dataset | None = None,
    of: str = PLACE,
    blocks: Blocks = None,
) -> xr.Dataset:
    """Return the share of the variance that each driver alone explains, over `feature`.

    First-order index Var(E[Y | X]) / Var(Y) from given data: draws are sorted by the driver into
    bins of equal count (ties kept together), with a straight line in each; what the lines leave
    is corrected for what they would fit by chance. Error over draws, pairs or chains; interval on
    the logarithm of what is left, corrected for skewness. Shares of dependent drivers overlap:
    see the attribute `dependence`. The rest is interaction, curvature within years, and drivers
    acting through single bodies.

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
    of : str
        Organisation whose drivers are read; default "place".
    blocks : mapping or sequence, optional
        Drivers to take together; default: each by itself.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.

    Raises
    ------
    ResultsError
        A name that is not there, fewer than 4 chains, or no draw that is finite.

    References
    ----------
    - Plischke, E., Borgonovo, E. and Smith, C. L., Global sensitivity measures from given data,
      European Journal of Operational Research 226 (2013) 536-550: bins of the draws already made.
    - docs/measures.md, "Shares of the variance".
    """
    found, explained = _both(results, measure, regime, against, organisation, drivers, of, blocks)
    scheme = view_of(results).scheme
    singles = [_share(row, explained.values, scheme) for row in found.values]
    return _dataset(singles, found, explained, "share of the variance", "share")


def _share(x: Floats, y: Floats, scheme: str) -> Single:
    """Return 1 - R, R the variance left by a straight line in every bin over the whole.

    R = (sum a / (n - lines' parameters)) / (sum b / (n - 1)), a squared residuals, b squared
    deviations; the logarithm of R has the influence a / mean a - b / mean b.
    """
    units = unit_count(y, scheme)
    moved = y - y.mean()
    residual, parameters = _residuals(x.reshape(-1), moved.reshape(-1))
    n = y.size
    squares, left = moved**2, residual.reshape(y.shape) ** 2
    whole, rest = float(squares.mean()), float(left.mean())
    if whole <= 0.0 or n <= parameters:
        return Single(0.0, math.nan, math.nan, math.nan, True, units)
    ratio = (rest / whole) * (n - 1) / (n - parameters)
    if ratio <= _ALL:
        return Single(1.0 - ratio, 0.0, 1.0 - ratio, 1.0, False, units)
    found = spread(unit_means(left / rest - squares / whole, scheme), 0.0, skewed=True)
    means = unit_means(squares, scheme)
    worth = float(means.sum() ** 2 / (means * means).sum())
    found = found._replace(freedom=min(max(int(worth / 2.0), 1), found.freedom))
    least, most = interval(math.log(ratio), found)
    value = 1.0 - ratio
    low, high = max(1.0 - math.exp(min(most, 700.0)), min(value, 0.0)), 1.0 - math.exp(least)
    return Single(value, ratio * found.error, low, high, False, units)


def _residuals(x: Floats, y: Floats) -> tuple[Floats, int]:
    """Return what a straight line in every bin of x leaves of y, and how many parameters it took.

    Lines, since bins in the tails are wide; a bin of one value (an event, none) has its mean.
    """
    bins = _bins(x)
    numbers = np.bincount(bins).astype(float)
    a = x - (np.bincount(bins, weights=x) / numbers)[bins]
    b = y - (np.bincount(bins, weights=y) / numbers)[bins]
    width = np.bincount(bins, weights=a * a)
    sloped = width > ROUNDING * numbers * float(np.square(x).max())
    slopes = np.zeros(numbers.size)
    np.divide(np.bincount(bins, weights=a * b), width, out=slopes, where=sloped)
    residual: Floats = b - slopes[bins] * a
    return residual, numbers.size + int(np.count_nonzero(sloped))


def _bins(x: Floats) -> NDArray[np.intp]:
    """Return the bin of each draw: equal counts by rank, ties in one bin, none empty."""
    n = x.size
    count = int(min(max(round(n**0.4), 8), 100))
    raw = np.minimum(((ranks(x) - 0.5) * count / n).astype(np.intp), count - 1)
    found: NDArray[np.intp] = np.unique(raw, return_inverse=True)[1]
    return found


def tornado(
    results: Source,
    *,
    measure: str,
    regime: str,
    against: str | None = None,
    organisation: str = PLACE,
    drivers: xr.Dataset | None = None,
    of: str = PLACE,
    blocks: Blocks = None,
) -> xr.Dataset:
    """Return the mean of a measure where a driver is at its 10th and at its 90th percentile.

    Over (feature, end): end "low" is the mean over futures with the driver between its 5th and
    15th percentile, "high" between its 85th and 95th, each with its error; `at` is the driver's
    10th or 90th percentile. `mean` is over all futures. Sorted by swing, the largest first. A
    driver that is mostly 0 has all futures at 0 for its low end.

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
    of : str
        Organisation whose drivers are read; default "place".
    blocks : mapping or sequence, optional
        Drivers to take together; default: each by itself.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.

    Raises
    ------
    ResultsError
        A name that is not there, fewer than 4 chains, or no draw that is finite.

    References
    ----------
    - docs/measures.md, "Tornado".
    """
    import xarray as xr

    reader = Reader(results)
    found, explained = _both(results, measure, regime, against, organisation, drivers, of, blocks)
    rows, levels = [], []
    for row in found.values:
        ends = []
        for low, high in _WINDOWS.values():
            bottom, top = np.quantile(row, [low, high])
            inside = (row >= bottom) & (row <= top)
            ends.append(
                estimators.conditional_mean(explained.values, inside, scheme=reader.scheme).single()
            )
        rows.append(ends)
        levels.append(np.quantile(row, [0.1, 0.9]))
    swing = np.array([abs(ends[1].value - ends[0].value) for ends in rows])
    order = np.argsort(-np.nan_to_num(swing), kind="stable")
    data: dict[str, Any] = {}
    for i, field in enumerate(("value", "mcse", "low", "high")):
        values = [[end[i] for end in rows[j]] for j in order]
        data[field] = (
            ("feature", "end"),
            values,
            {"units": explained.unit, "long_name": explained.label},
        )
    data["at"] = (
        ("feature", "end"),
        [levels[j] for j in order],
        {"units": "of the driver", "long_name": "10th and 90th percentile"},
    )
    whole = estimators.mean(explained.values, scheme=reader.scheme).single()
    data["mean"] = ((), whole.value, {"units": explained.unit, "long_name": explained.label})
    coords = _feature_coords([found.names[j] for j in order])
    coords["end"] = list(_WINDOWS)
    attrs = {
        "long_name": f"{explained.label}: mean at the ends of each driver",
        "dependence": dependence_words(found),
    }
    return xr.Dataset(data, coords, attrs)


def _feature_coords(names: Sequence[tuple[str, str]]) -> dict[str, Any]:
    several = len({block for _, block in names}) > 1
    labels = [f"{name}, {block}" if several else name for name, block in names]
    return {
        "feature": labels,
        "driver": ("feature", [name for name, _ in names]),
        "block": ("feature", [block for _, block in names]),
    }


def _dataset(
    singles: Sequence[Single], found: Features, explained: Outcome, words: str, unit: str
) -> xr.Dataset:
    columns = list(zip(*singles, strict=True))
    value, mcse, low, high = (np.array(column, dtype=float) for column in columns[:4])
    bound, units = np.array(columns[4], dtype=bool), np.array(columns[5], dtype=np.int64)
    estimate = Estimate(value, mcse, low, high, bound, units)
    return estimate.dataset(
        dims=("feature",),
        coords=_feature_coords(found.names),
        unit=unit,
        long_name=f"{words}: {explained.label}",
        attrs={"dependence": dependence_words(found)},
    )


def chain_statistic(function: Callable[[NDArray[np.bool_]], Floats], chains: int) -> Floats:
    """Return a statistic with each chain left out in turn, (chains, ...)."""
    rows = []
    for chain in range(chains):
        kept = np.ones(chains, dtype=bool)
        kept[chain] = False
        rows.append(function(kept))
    return np.stack(rows)
