"""Statistics of any amount of money that the model puts out.

For whatever has no measure of its own: mean, sd, quantiles, P(amount > x) and expected shortfall
of a variable of the register, by year or taken over the horizon.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from riskmc.errors import ResultsError
from riskmc.measures.arguments import numbers, shares
from riskmc.measures.reading import Names, Reader, choose
from riskmc.measures.tabulate import (
    OVER,
    PROBABILITY,
    Statistic,
    exceedance,
    money,
    quantiles_at,
    shortfall_at,
    tabulate,
)
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.variables import PLACE_NAMES, variable

if TYPE_CHECKING:
    import xarray as xr

#: Quantiles of a fan, and the levels of value at risk and expected shortfall.
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
TAILS = (0.95, 0.99)


def amount_mean(
    results: Source,
    *,
    variable: str,
    over: str = "year",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return the mean of a variable over (organisation, regime[, year]) [£m].

    `over`: "year", "cumulative", "horizon" (total), "peak" (largest year), "end" (last year) or
    "average" (a year). With `against` the paired difference from that regime. Raises ResultsError
    for an unknown name and for a variable that was not kept.
    """
    return _amount(
        results, variable, over, estimators.mean, "mean of", organisation, regime, against
    )


def amount_sd(
    results: Source,
    *,
    variable: str,
    over: str = "year",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return the standard deviation of a variable over futures [£m]; arguments as `amount_mean`.

    With `against`: the standard deviation of the per-draw difference.
    """
    return _amount(
        results,
        variable,
        over,
        estimators.standard_deviation,
        "standard deviation of",
        organisation,
        regime,
        against,
    )


def amount_quantiles(
    results: Source,
    *,
    variable: str,
    p: Sequence[float] = QUANTILES,
    over: str = "year",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return quantiles of a variable over (..., quantile) [£m]; arguments as `amount_mean`.

    The p-quantile is exceeded in a share 1 - p of futures. With `against`: the difference of
    the two regimes' quantiles, with paired errors. NaN where draws are too few.
    """
    p = shares(p)
    return _amount(
        results,
        variable,
        over,
        quantiles_at(p),
        "quantiles of",
        organisation,
        regime,
        against,
        {"quantile": tuple(p)},
    )


def amount_exceedance(
    results: Source,
    *,
    variable: str,
    levels: Sequence[float],
    over: str = "year",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(variable > level) over (..., level); arguments as `amount_mean`."""
    levels = numbers(levels, "levels")
    return _amount(
        results,
        variable,
        over,
        exceedance(levels),
        "chance of more than a level of",
        organisation,
        regime,
        against,
        {"level": tuple(levels)},
        PROBABILITY,
    )


def amount_shortfall(
    results: Source,
    *,
    variable: str,
    p: Sequence[float] = TAILS,
    over: str = "year",
    organisation: Names = None,
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return the expected shortfall of a variable over (..., quantile) [£m].

    The mean of the worst share 1 - p of futures, right at an atom; arguments as `amount_mean`.
    """
    p = shares(p)
    return _amount(
        results,
        variable,
        over,
        shortfall_at(p),
        "expected shortfall of",
        organisation,
        regime,
        against,
        {"quantile": tuple(p)},
    )


def _amount(
    results: Source,
    name: str,
    over: str,
    statistic: Statistic,
    words: str,
    organisation: Names,
    regime: Names,
    against: str | None,
    extra: dict[str, Sequence[float]] | None = None,
    unit: str | None = None,
) -> xr.Dataset:
    reader = Reader(results)
    choose(name, PLACE_NAMES, "variable")
    row = variable(name)
    if row.kind == "flag":
        raise ResultsError(f"'{name}' is true or false, not an amount: see the reserves measures")
    if over not in OVER:
        raise ResultsError(f"over='{over}' is not one of {', '.join(OVER)}")
    spec = money(
        name,
        over,
        reader,
        statistic,
        f"{words} {row.meaning}",
        extra=extra or {},
        unit=unit or row.unit,
        output=name,
    )
    return tabulate(reader, spec, organisation=organisation, regime=regime, against=against)
