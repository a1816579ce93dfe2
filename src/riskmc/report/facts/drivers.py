"""Facts on what drives the deficit: its mean where a driver is low and where it is high."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.errors import ResultsError
from riskmc.measures.driver_features import Features, features
from riskmc.report.facts.futures import Futures
from riskmc.report.facts.store import SHARE, Facts, Key, fact
from riskmc.statistics import estimators
from riskmc.variables import DRIVERS, PLACE

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.measures.view import Source

#: Ranks around the 10th and the 90th percentile that make up a conditional mean.
WINDOWS = {"low": (0.05, 0.15), "high": (0.85, 0.95)}
#: Blocks of chains for the error of the national share: it is printed to whole per cents.
_BLOCKS = 4
#: Futures below which no such mean is worth printing.
_FEWEST = 200


def features_or_none(results: Source, drivers: xr.Dataset | None) -> Features | None:
    """Return what each future was like in the place's drivers; None where nothing varies.

    What drives one body may lie with another: the place's drivers, weighted by cost.
    """
    try:
        return features(results, drivers=drivers, organisation=PLACE)
    except ResultsError:
        return None


def driver_facts(
    facts: Facts, found: Features | None, made: dict[str, Futures], scheme: str
) -> None:
    """Put the mean deficit at both ends of every driver that varies into the store."""
    size = next(iter(made.values())).horizon["deficit"].size
    if found is None or size < _FEWEST:
        return
    for (name, _), row in zip(found.names, found.values, strict=True):
        for end, (low, high) in WINDOWS.items():
            bottom, top = np.quantile(row, [low, high])
            inside = (row >= bottom) & (row <= top)
            for regime, futures in made.items():
                mean = estimators.conditional_mean(
                    futures.horizon["deficit"], inside, scheme=scheme
                )
                key = Key("deficit where", f"{name} {end}", regime, body=facts.names.body)
                facts.put(key, fact(mean.single()))


def national_facts(facts: Facts, results: Source, drivers: xr.Dataset | None) -> None:
    """Put the part of the deficit's variance that is common to all bodies into the store."""
    from riskmc.measures.national import national_share
    from riskmc.statistics.estimates import Single

    if not facts.names.is_place:
        return
    for regime in facts.names.main:
        try:
            found = national_share(
                results, measure="net_deficit", regime=regime, drivers=drivers, blocks=_BLOCKS
            )
        except ResultsError:
            return  # too few futures, or nothing that varies
        one: Any = found.sel(source="national")
        single = Single(
            float(one["value"]), float(one["mcse"]), float(one["low"]), float(one["high"]), False, 0
        )
        facts.put(Key("national", "", regime), fact(single, SHARE))


def swings(facts: Facts, regimes: tuple[str, ...]) -> list[tuple[str, float]]:
    """Return drivers and how far they move the mean deficit under the base, largest first."""
    found = []
    for row in DRIVERS:
        ends = [
            [
                facts.value("deficit where", f"{row.name} {end}", regime, body=facts.names.body)
                for regime in regimes
            ]
            for end in WINDOWS
        ]
        widths = [abs(high - low) for low, high in zip(*ends, strict=True)]
        if all(np.isfinite(widths)) and max(widths) > 0.0:
            found.append((row.name, max(widths)))
    return sorted(found, key=lambda pair: -pair[1])


def driver_label(name: str) -> str:
    """Return what the register calls a driver."""
    return next((row.label for row in DRIVERS if row.name == name), name)


_NOUNS = {
    "demand_growth": "demand",
    "cost_inflation": "prices",
    "funding_shock": "grant settlements",
    "tax_shock": "the local tax base",
    "savings_delivery": "delivery of savings",
}


def driver_noun(name: str) -> str:
    """Return what a driver is called in a title, short and without "and"."""
    from riskmc.words.board import lower_first

    return _NOUNS.get(name) or lower_first(driver_label(name))
