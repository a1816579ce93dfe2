"""From measures' Datasets to the small tables that figures are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.figures import Bands, Difference, Series, Share
from riskmc.report.context import Context, single
from riskmc.statistics.estimates import Single

if TYPE_CHECKING:
    import xarray as xr

#: Quantiles of a fan.
FAN = (0.1, 0.25, 0.5, 0.75, 0.9)


def known(*found: xr.Dataset) -> bool:
    """Say whether every estimate is known: too few futures leave quantiles unknown."""
    return all(bool(np.isfinite(dataset["value"].values).all()) for dataset in found)


def floats(values: Any) -> list[float]:
    """Return a one-dimensional DataArray or array as a list of plain numbers."""
    return [float(value) for value in np.asarray(values)]


def bands_of(ctx: Context, found: xr.Dataset, regime: str) -> Bands:
    """Return one regime's quantiles by year, with their errors."""
    rows = found.sel(organisation=ctx.body, regime=regime)
    return Bands(
        label=ctx.label(regime),
        years=ctx.years,
        quantiles={p: floats(rows["value"].sel(quantile=p)) for p in FAN},
        errors={p: floats(rows["mcse"].sel(quantile=p)) for p in FAN},
    )


def series_of(ctx: Context, found: xr.Dataset, regime: str) -> Series:
    """Return one regime's estimates by year."""
    return Series.of(found.sel(organisation=ctx.body, regime=regime), label=ctx.label(regime))


def shares_of(ctx: Context, found: xr.Dataset, **labels: Any) -> list[Share]:
    """Return a chance under each regime that figures show."""
    return [
        share(ctx.label(r), single(found, organisation=ctx.body, regime=r, **labels))
        for r in ctx.drawn
    ]


def share(label: str, chance: Single) -> Share:
    """Return a chance with its interval."""
    return Share(label=label, value=chance.value, low=chance.low, high=chance.high)


def difference_of(paired: Single) -> Difference:
    """Return a paired difference with its interval."""
    return Difference(value=paired.value, low=paired.low, high=paired.high)
