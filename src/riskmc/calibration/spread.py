"""A spread divided into chance and not knowing the parameters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """Variances of a quantity over futures; `chance` and `parameters` sum to `total`.

    Attributes
    ----------
    chance : float
        Variance that would remain if the parameters were known.
    parameters : float
        Variance of what is expected, over what the parameters may be; an estimate, which may
        fall below 0 where there is none.
    error : float
        Standard error of `share`, by resampling parameter draws with all their futures.
    """

    chance: float
    parameters: float
    error: float

    @property
    def total(self) -> float:
        """Variance over all futures."""
        return self.chance + self.parameters

    @property
    def share(self) -> float:
        """Part of the variance that comes of not knowing the parameters."""
        return self.parameters / self.total


def split_spread(values: Array, which: NDArray[np.intp], *, seed: int = 1) -> Spread:
    """Divide the variance of `values` by one-way analysis of variance.

    Parameters
    ----------
    values : ndarray
        One value per future, (draw,).
    which : ndarray of int
        The parameter draw that each future has, (draw,); each must have several futures, so take
        ten times as many futures as there are parameter draws, or more.
    seed : int
        Of the resampling.

    Returns
    -------
    Spread
        Variances, in the unit of `values` squared.

    Raises
    ------
    InputError
        Fewer than four futures for each parameter draw, on average.

    References
    ----------
    - Searle, S. R., Casella, G. and McCulloch, C. E., Variance Components, Wiley (1992), 3.6:
      analysis of variance of unbalanced data.
    """
    counts: Array = np.bincount(which).astype(np.float64)
    held = counts > 0
    if values.size < 4 * held.sum():
        raise InputError(
            f"{values.size} futures for {held.sum()} draws of the parameters; at least four for "
            "each are needed to separate chance from parameters"
        )
    apart = values - values.mean()
    sums: Array = np.bincount(which, weights=apart)[held].astype(np.float64)
    squares: Array = np.bincount(which, weights=apart**2)[held].astype(np.float64)
    counts = np.asarray(counts[held], dtype=np.float64)
    chance, parameters = _components(counts, sums, squares)
    rng = np.random.default_rng(seed)
    shares = []
    for _ in range(200):
        some = rng.integers(counts.size, size=counts.size)
        within, between = _components(counts[some], sums[some], squares[some])
        shares.append(between / (within + between))
    return Spread(chance=chance, parameters=parameters, error=float(np.std(shares, ddof=1)))


def _components(counts: Array, sums: Array, squares: Array) -> tuple[float, float]:
    """Return variance within and between groups from their counts, sums and sums of squares."""
    total, groups = counts.sum(), counts.size
    within = float(np.sum(squares - sums**2 / counts) / (total - groups))
    mean = sums.sum() / total
    between = float(np.sum(counts * (sums / counts - mean) ** 2) / (groups - 1))
    typical = float((total - np.sum(counts**2) / total) / (groups - 1))
    return within, (between - within) / typical


def spread_of(
    results: xr.DataTree, outcome: str, *, variable: str = "outturn_variance", **labels: Any
) -> Spread:
    """Divide the spread of an outcome of a run whose study draws parameters from a posterior.

    Parameters
    ----------
    results : DataTree
        A run that kept its draws.
    outcome : str
        A variable of `/outcomes`, such as "reserves".
    variable : str
        The variable that the study's `posterior` distribution names.
    **labels
        `regime`, `organisation` and `year` of the outcome.

    Returns
    -------
    Spread
        Variances, in the unit of the outcome squared [£m² for money].

    Raises
    ------
    KeyError
        An outcome or label that the results do not hold.
    InputError
        Fewer than four futures for each parameter draw, on average.

    References
    ----------
    - docs/calibration.md, "In a study". The estimate is that of `split_spread`.
    """
    from riskmc.sampling.worlds import parameter_draws
    from riskmc.study import parse_study

    values = results["outcomes"].to_dataset()[outcome].sel(**labels).transpose("chain", "draw")
    flat = np.asarray(values, dtype=np.float64).ravel()
    which = parameter_draws(
        parse_study(json.loads(results.attrs["study"])),
        variable,
        draws=flat.size,
        seed=int(results.attrs["seed"]),
        scheme=str(results.attrs["scheme"]),
    )
    return split_spread(flat, which)
