"""Which distribution a column of figures may come from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskmc.errors import InputError

Floats = NDArray[np.float64]
#: With fewer figures than this, nothing can be said of a distribution.
FEWEST = 5
#: Below this many, the choice between families is mostly chance.
FEW = 30
#: Chances below this are beyond so few replicates.
_LEAST_P = 0.01


@dataclass(frozen=True)
class Fit:
    """One distribution fitted to data.

    Parameters
    ----------
    family : str
        As a study file names it.
    parameters : dict of str to float
        As a study file names them, in the unit of the data.
    aic : float
        Akaike's criterion: lower is better; differences below 2 say nothing.
    distance : float
        Largest distance between its distribution function and the data's, 0 to 1.
    p_value : float
        Chance of a larger distance if the family were right (parametric bootstrap).
    n : int
        How many figures there were.
    replicates : int
        How often data were drawn for `p_value`.
    """

    family: str
    parameters: dict[str, float]
    aic: float
    distance: float
    p_value: float
    n: int
    replicates: int

    def p_text(self) -> str:
        """Return the p-value with the error of having drawn so few data for it.

        Returns
        -------
        str
            Such as "0.46 ±0.04"; "below 0.01" where none or hardly any lay beyond.
        """
        if self.p_value < _LEAST_P:
            return f"below {_LEAST_P}"
        error = math.sqrt(self.p_value * (1.0 - self.p_value) / self.replicates)
        return f"{self.p_value:.2f} ±{max(error, _LEAST_P):.2f}"

    def line(self) -> str:
        """Return the distribution as an inline table of a study file.

        Returns
        -------
        str
            TOML to paste behind the name of a driver.
        """
        pairs = ", ".join(f"{key} = {value:.6g}" for key, value in self.parameters.items())
        return f'{{ distribution = "{self.family}", {pairs} }}'


@dataclass(frozen=True)
class _Family:
    """How one family is fitted: by which function, with how many parameters, named how."""

    name: str
    fitted: Callable[[Floats], Any]
    count: int
    positive: bool
    ours: Callable[[Any], dict[str, float]]


def _lognormal(frozen: Any) -> dict[str, float]:
    return {"median": float(frozen.median()), "p95": float(frozen.ppf(0.95))}


def _mean_sd(frozen: Any) -> dict[str, float]:
    return {"mean": float(frozen.mean()), "sd": float(frozen.std())}


def _student_t(frozen: Any) -> dict[str, float]:
    df, _, _ = frozen.args
    return {"mean": float(frozen.mean()), "sd": float(frozen.std()), "df": float(df)}


def _normal_fit(values: Floats) -> Any:
    from scipy import stats

    return stats.norm(values.mean(), values.std())


def _lognormal_fit(values: Floats) -> Any:
    from scipy import stats

    logs = np.log(values)
    return stats.lognorm(logs.std(), 0.0, math.exp(logs.mean()))


def _gamma_fit(values: Floats) -> Any:
    from scipy import stats

    return stats.gamma(*stats.gamma.fit(values, floc=0.0))


#: A t with fewer degrees of freedom has no standard deviation to speak of.
_LEAST_DF = 2.1
#: A t narrower than this share of the standard deviation is a spike.
_LEAST_SCALE = 1e-3


def _t_fit(values: Floats) -> Any:
    """Return the t of largest likelihood with a finite standard deviation.

    ValueError where there is none: most figures are the same, and a spike on them is the likelier
    the narrower it is.
    """
    from scipy import optimize, stats

    least = _LEAST_SCALE * values.std()

    def loss(point: Floats) -> float:
        location, log_scale, log_df = point
        df = _LEAST_DF + math.exp(log_df)
        scale = max(math.exp(log_scale), least)
        return -float(stats.t.logpdf(values, df, location, scale).sum())

    start = np.array([np.median(values), math.log(values.std()), math.log(5.0)])
    found = optimize.minimize(loss, start, method="Nelder-Mead", options={"maxiter": 400})
    location, log_scale, log_df = found.x
    if math.exp(log_scale) <= least:
        raise ValueError("most figures are the same")
    df = _LEAST_DF + min(math.exp(log_df), 1e3)
    return stats.t(df, location, math.exp(log_scale))


_FAMILIES = (
    _Family("normal", _normal_fit, 2, False, _mean_sd),
    _Family("lognormal", _lognormal_fit, 2, True, _lognormal),
    _Family("gamma", _gamma_fit, 2, True, _mean_sd),
    _Family("student_t", _t_fit, 3, False, _student_t),
)


def fit(data: ArrayLike, *, most: int = 3, seed: int = 1, replicates: int = 200) -> list[Fit]:
    """Propose distributions for a column of figures, the best first.

    Parameters
    ----------
    data : array_like
        The figures; shape (n,), n at least 5.
    most : int
        How many proposals.
    seed, replicates : int
        Of the bootstrap behind `p_value`.

    Returns
    -------
    list of Fit
        By Akaike's criterion. With fewer than 30 figures the order is mostly chance.

    Raises
    ------
    InputError
        Fewer than 5 figures, figures that are not finite, or all the same.

    Notes
    -----
    Maximum likelihood (`scipy.stats`), lognormal and gamma from 0. Figures, one per year, are taken
    as independent: where one year leans on the last, the spread is understated.

    References
    ----------
    - Akaike, H., A new look at the statistical model identification, IEEE Transactions on Automatic
      Control 19 (1974) 716-723: the order.
    """
    values = np.asarray(data, dtype=np.float64).reshape(-1)
    if values.size < FEWEST:
        raise InputError(f"figures are too few to fit: {values.size}; at least {FEWEST} are needed")
    if not np.isfinite(values).all():
        raise InputError("the figures hold values that are not finite")
    if np.ptp(values) == 0.0:
        raise InputError(f'every figure is {values[0]:g}: use distribution = "constant"')
    rng = np.random.default_rng(seed)
    found = [
        one
        for family in _FAMILIES
        if not (family.positive and values.min() <= 0.0)
        and (one := _fitted(family, values, rng, replicates)) is not None
    ]
    return sorted(found, key=lambda one: one.aic)[:most]


def _fitted(
    family: _Family, values: Floats, rng: np.random.Generator, replicates: int
) -> Fit | None:
    try:
        frozen = family.fitted(values)
    except ValueError:  # figures so much alike that the search for its parameters finds no start
        return None
    likelihood = float(frozen.logpdf(values).sum())
    ours = family.ours(frozen)
    if not all(math.isfinite(x) for x in (likelihood, *ours.values())):
        return None
    distance = _distance(frozen, values)
    drawn = [frozen.rvs(values.size, random_state=rng) for _ in range(replicates)]
    beyond = [_distance(family.fitted(again), again) for again in drawn]
    p_value = (1 + sum(d >= distance for d in beyond)) / (1 + len(beyond))
    aic = 2.0 * family.count - 2.0 * likelihood
    return Fit(family.name, ours, aic, distance, p_value, values.size, replicates)


def _distance(frozen: Any, values: Floats) -> float:
    """Return the Kolmogorov distance between a distribution and data."""
    ordered = np.sort(values)
    reached = frozen.cdf(ordered)
    steps = np.arange(values.size + 1) / values.size
    return float(np.maximum(steps[1:] - reached, reached - steps[:-1]).max())
