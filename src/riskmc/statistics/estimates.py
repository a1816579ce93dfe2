"""What a Monte Carlo estimate is, and the units whose spread gives its error.

Under `mc` the draw is the unit: draws are independent. Under `antithetic` it is the pair of
neighbours: partners depend on each other, pairs do not. Under `lhs` and `sobol` it is the
chain: only whole randomisations are independent of each other.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

Scheme = Literal["mc", "antithetic", "lhs", "sobol"]
SCHEMES: tuple[str, ...] = get_args(Scheme)
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Every interval holds the truth in 95 of 100 repeated runs.
CONFIDENCE = 0.95
#: Share of repeated runs beyond either end.
TAIL = (1.0 - CONFIDENCE) / 2.0
_UPPER = 1.0 - TAIL
#: Nothing happened in n independent units: the chance is below this over n (95 %).
RULE_OF_THREE = 3.0
#: Spread below this share of the mean is rounding, not chance.
ROUNDING = 1e-13
#: Amounts beyond this have no spread that a float can hold.
_BEYOND = 1e100
#: Variance, in events, that is left open where pairs or chains agree to the event.
EVENTS_OPEN = 2.0
#: Work on more values than this is shared out over threads.
_MANY_VALUES = 2_000_000


class Single(NamedTuple):
    """One estimate: plain numbers. See `Estimate`."""

    value: float
    mcse: float
    low: float
    high: float
    bound: bool
    units: int


class Estimate(NamedTuple):
    """Estimates with their simulation error; arrays of the shape that is left.

    value  the estimate; NaN where there are too few draws for it
    mcse   Monte Carlo standard error; NaN where nothing happened in any draw
    low    lower end of the 95 % interval
    high   upper end of the 95 % interval
    bound  True where nothing (or everything) happened: `low` and `high` are then a bound,
           "fewer than 3 in n", and there is no standard error
    units  independent units behind the estimate: draws, pairs or chains
    """

    value: Floats
    mcse: Floats
    low: Floats
    high: Floats
    bound: Bools
    units: NDArray[np.int64]

    def single(self, index: tuple[int, ...] = ()) -> Single:
        """Return one of the estimates as plain numbers."""
        return Single(
            float(self.value[index]),
            float(self.mcse[index]),
            float(self.low[index]),
            float(self.high[index]),
            bool(self.bound[index]),
            int(self.units[index]),
        )

    def dataset(
        self,
        *,
        dims: Sequence[str],
        coords: dict[str, Any],
        unit: str,
        long_name: str,
        attrs: dict[str, Any] | None = None,
    ) -> xr.Dataset:
        """Return the estimate as a Dataset of `value`, `mcse`, `low`, `high`, `bound`, `units`."""
        import xarray as xr

        data = {name: (tuple(dims), array) for name, array in self._asdict().items()}
        dataset = xr.Dataset(data, coords=coords, attrs={"long_name": long_name, **(attrs or {})})
        words = {
            "value": long_name,
            "mcse": "Monte Carlo standard error",
            "low": "lower end of the 95 % interval",
            "high": "upper end of the 95 % interval",
        }
        for name, text in words.items():
            dataset[name].attrs = {"units": unit, "long_name": text}
        dataset["bound"].attrs = {"units": "true or false", "long_name": "interval is a bound"}
        dataset["units"].attrs = {"units": "count", "long_name": "independent units"}
        return dataset


def check_scheme(scheme: str) -> None:
    """Raise ValueError for a scheme that is not known."""
    if scheme not in SCHEMES:
        raise ValueError(f"scheme '{scheme}' is not one of {', '.join(SCHEMES)}")


def each(function: Callable[..., Sequence[Single]], *arrays: NDArray[Any]) -> list[Estimate]:
    """Apply `function` to every (chain, draw) series and gather what it returns.

    Arrays have shape (..., chain, draw) with equal leading shapes. `function` takes one
    (chain, draw) series of each array and returns a sequence of `Single`; one `Estimate` of
    the leading shape comes back for each of them. Results do not depend on the threads.
    """
    leading = arrays[0].shape[:-2]
    rows = list(np.ndindex(leading))

    def work(index: tuple[int, ...]) -> Sequence[Single]:
        return function(*(array[index] for array in arrays))

    if len(rows) > 1 and arrays[0].size > _MANY_VALUES:
        workers = min(os.cpu_count() or 1, 4, len(rows))
        with ThreadPoolExecutor(workers) as pool:
            found = list(pool.map(work, rows))
    else:
        found = [work(index) for index in rows]
    if not found:
        return []
    return [_gather([row[i] for row in found], leading) for i in range(len(found[0]))]


def _gather(singles: list[Single], shape: tuple[int, ...]) -> Estimate:
    columns = list(zip(*singles, strict=True))
    floats = [np.array(column, dtype=float).reshape(shape) for column in columns[:4]]
    bound = np.array(columns[4], dtype=bool).reshape(shape)
    units = np.array(columns[5], dtype=np.int64).reshape(shape)
    return Estimate(floats[0], floats[1], floats[2], floats[3], bound, units)


def stack(estimates: Sequence[Estimate], axis: int = -1) -> Estimate:
    """Stack estimates of one shape along a new axis, by default the last."""
    fields = [np.stack(columns, axis=axis) for columns in zip(*estimates, strict=True)]
    return Estimate(*fields)


def unit_means(series: NDArray[Any], scheme: str) -> Floats:
    """Return the means over the independent units of a (chain, draw) series.

    Draws, pairs of neighbours (chains where the number of draws is odd), or chains.
    """
    if scheme == "mc":
        return np.asarray(series, dtype=float).reshape(-1)
    if scheme == "antithetic" and series.size % 2 == 0:
        pairs = np.asarray(series, dtype=float).reshape(-1, 2)
        both: Floats = 0.5 * (pairs[:, 0] + pairs[:, 1])
        return both
    means: Floats = np.asarray(series, dtype=float).mean(axis=1)
    return means


def unit_count(series: NDArray[Any], scheme: str) -> int:
    """Return how many independent units a (chain, draw) series has."""
    if scheme == "mc":
        return int(series.size)
    if scheme == "antithetic" and series.size % 2 == 0:
        return int(series.size) // 2
    return int(series.shape[0])


class Spread(NamedTuple):
    """Error of a mean over units: standard error, skewness / sqrt(n), degrees of freedom."""

    error: float
    skew: float
    freedom: int


def spread(units: Floats, centre: float, *, skewed: bool) -> Spread:
    """Return the standard error of the mean of independent units, about their `centre`.

    `skewed` asks for the skewness too, used where units are many (draws or pairs).
    """
    if units.size < 2:
        return Spread(math.nan, 0.0, 0)
    deviations = units - centre
    powers = deviations * deviations  # no BLAS: its threads cost more than they save here
    squares, cubes = float(powers.sum()), None
    if skewed and math.isfinite(squares):
        powers *= deviations
        cubes = float(powers.sum())
    return spread_of_sums(units.size, squares, cubes, centre=centre)


def spread_of_sums(n: int, squares: float, cubes: float | None, *, centre: float) -> Spread:
    """Return the standard error of the mean of n units from centred sums of their powers.

    Without `cubes` there is no skewness.
    """
    if n < 2:
        return Spread(math.nan, 0.0, 0)
    if not (squares < _BEYOND**2 and abs(centre) < _BEYOND):
        return Spread(math.nan, 0.0, n - 1)
    if squares < n * (ROUNDING * abs(centre)) ** 2:
        return Spread(0.0, 0.0, n - 1)
    error = math.sqrt(squares / (n - 1) / n)
    skew = 0.0
    if cubes is not None and squares > 0.0:
        skew = cubes / n / (squares / n) ** 1.5 / math.sqrt(n)
        skew *= math.sqrt(n * (n - 1)) / max(n - 2, 1)  # few units show too little of it
    return Spread(error, skew, n - 1)


@lru_cache(maxsize=4096)
def student(freedom: int, level: float = _UPPER) -> float:
    """Return the quantile of Student's t at `level`; NaN without a degree of freedom."""
    if freedom < 1:
        return math.nan
    from scipy.special import stdtrit

    return float(stdtrit(freedom, level))


def interval(value: float, spread: Spread) -> tuple[float, float]:
    """Return the 95 % interval of a mean: Student's t, corrected for skewness.

    The correction is Hall's monotone transformation, g^-1(t) = 3/a ((1 + a (t - a/6))^(1/3) - 1)
    with a = skewness / sqrt(n): a rare, large amount has a long upper side. Without skewness it
    is value +- t * error.
    Source: Hall (1992); see `bases`.
    """
    t = student(spread.freedom)
    above, below = _untwist(t, spread.skew), _untwist(-t, spread.skew)
    return value - spread.error * above, value - spread.error * below


def _untwist(t: float, skew: float) -> float:
    if abs(skew) < 1e-6:
        return t
    return 3.0 / skew * (float(np.cbrt(1.0 + skew * (t - skew / 6.0))) - 1.0)


def jackknife_error(replicates: Floats) -> float:
    """Return the standard error from estimates that leave out one chain each.

    se^2 = (c - 1)/c sum (theta_-i - mean)^2, over c chains.
    """
    chains = replicates.size
    if chains < 2:
        return math.nan
    deviations = replicates - replicates.mean()
    return math.sqrt((chains - 1) / chains * float((deviations**2).sum()))


def is_finite(array: NDArray[Any]) -> bool:
    """Say quickly whether every value is finite (booleans always are)."""
    if array.dtype == np.bool_:
        return True
    with np.errstate(invalid="ignore", over="ignore"):
        if math.isfinite(float(array.sum())):
            return True
    return bool(np.isfinite(array).all())
