"""Chosen driver values for stress tests: a bad year that one in twenty is worse than.

A shock is put as a place z on the standard normal of each driver, on its adverse side: 1.645 is
the value that only one year in twenty is worse than, 0 the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from riskmc.distributions import event_from_normal
from riskmc.study import ResolvedDriver, Study
from riskmc.variables import CHAIN, DRAW, DRIVERS, ORGANISATION, YEAR

if TYPE_CHECKING:
    import xarray as xr

#: The z that one value in twenty lies beyond.
ONE_IN_TWENTY = 1.6448536269514722
#: Which side of a driver is adverse: +1 where more of it is worse. What has none stays neutral in
#: a reverse stress test: no one-off risk happens, and the centre is as likely to help as not.
ADVERSE: dict[str, int] = {row.name: row.adverse for row in DRIVERS if row.adverse}
#: Titles of the scenarios in which the drivers that name one take their adverse value.
_TITLES = {
    "demand": "Demand surges",
    "inflation": "Pay and prices run ahead",
    "funding": "Grants and local tax fall short",
    "centre": "The centre cuts and adds duties",
    "savings": "Savings fail",
    "outturn": "Budgets are overspent",
}


@dataclass(frozen=True)
class Scenario:
    """A named scenario: what happens, and which drivers take their adverse value."""

    name: str
    title: str
    drivers: tuple[str, ...]


SCENARIOS: tuple[Scenario, ...] = (
    *(
        Scenario(name, title, tuple(row.name for row in DRIVERS if row.stress == name))
        for name, title in _TITLES.items()
    ),
    Scenario("together", "All of these at once", tuple(ADVERSE)),
)


def scenarios(study: Study) -> tuple[Scenario, ...]:
    """Return the scenarios whose drivers the study names; the last only where others do."""
    named = set(study.named_drivers)
    found = [
        Scenario(s.name, s.title, tuple(d for d in s.drivers if d in named)) for s in SCENARIOS
    ]
    found = [s for s in found if s.drivers]
    single = [s for s in found if s.name != "together"]
    return tuple(found if len(single) > 1 else single)


def stressed_years(study: Study) -> tuple[str, ...]:
    """Return the years in which scenarios strike: the second and third, or what there is."""
    labels = study.year_labels
    return labels[1:3] if len(labels) > 1 else labels


def stressed(drivers: xr.Dataset, study: Study, scenario: Scenario) -> xr.Dataset:
    """Return futures in which a scenario strikes; all else stays as it was drawn."""
    import xarray as xr

    changed = drivers.copy()
    years = list(stressed_years(study))
    strikes = drivers[YEAR].isin(years)
    for name in scenario.drivers:
        values = adverse_values(study, name, np.array([ONE_IN_TWENTY]), drivers)[..., 0]
        labels = {YEAR: list(study.year_labels), ORGANISATION: list(study.organisation_ids)}
        struck = xr.DataArray(values, labels)
        changed[name] = drivers[name].where(~strikes, struck).transpose(*drivers[name].dims)
    return changed


def adverse_values(
    study: Study, name: str, z: NDArray[np.float64], drivers: xr.Dataset
) -> NDArray[np.float64]:
    """Return a driver's values at places z on its adverse side, (year, organisation, z).

    What schemes or cost lines make of a driver has no distribution of its own: its values are
    those quantiles of the futures drawn, `drivers`.

    An event that does not happen at z happens at its middle size where z is at or beyond the
    value that one year in twenty is worse than: a scenario of nothing would test nothing.
    """
    neutral = next(row.neutral for row in DRIVERS if row.name == name)
    found = np.full((study.years, len(study.organisation_ids), *z.shape), neutral)
    made = {*study.made_by_schemes(name), *study.made_by_lines(name)}
    for k, body in enumerate(study.organisation_ids):
        if body in made:
            found[:, k] = _drawn(drivers[name].sel({ORGANISATION: body}), ADVERSE[name] * z)
            continue
        driver = study.driver(name, body)
        for year in range(study.years if driver is not None else 0):
            assert driver is not None
            found[year, k] = _adverse(driver.in_year(year), ADVERSE[name] * z, z)
    return found


def _drawn(values: xr.DataArray, latent: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the quantiles, in each year, of what was drawn of a driver, (year, latent)."""
    from scipy.special import ndtr

    drawn = values.transpose(YEAR, CHAIN, DRAW).to_numpy()
    return np.asarray(np.quantile(drawn.reshape(len(drawn), -1), ndtr(latent), axis=1).T)


def _adverse(
    driver: ResolvedDriver, latent: NDArray[np.float64], z: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return one year's values of a driver at its latent normals."""
    if driver.probability is None:
        return np.asarray(driver.distribution.from_normal(latent.copy()))
    chance = driver.probability
    values = event_from_normal(latent, probability=chance, distribution=driver.distribution)
    rare = (z >= ONE_IN_TWENTY) & (values == 0.0)
    return np.where(rare, float(driver.distribution.quantile(np.array(0.5))), values)


def ladder(
    study: Study, z: NDArray[np.float64], drivers: xr.Dataset
) -> tuple[xr.Dataset, tuple[str, ...]]:
    """Return futures that climb z step by step, and what climbs: everything, then each driver.

    Draws are z within each climber, climbers following one another; everything that does not
    climb stays at its middle value, in every year and for every body alike.
    """
    import xarray as xr

    named = [name for name in study.named_drivers if name in ADVERSE]
    climbers = ("everything", *named) if len(named) > 1 else tuple(named)
    shape = (study.years, len(study.organisation_ids), len(climbers), len(z))
    variables = {}
    for row in DRIVERS:
        values = np.full(shape, row.neutral)
        if row.name in named:
            values[...] = adverse_values(study, row.name, np.zeros(1), drivers)[..., None, :]
            climbing = adverse_values(study, row.name, z, drivers)
            for i, climber in enumerate(climbers):
                if climber in ("everything", row.name):
                    values[..., i, :] = climbing
        variables[row.name] = ((YEAR, ORGANISATION, DRAW), values.reshape(*shape[:2], -1))
    coordinates = {
        YEAR: list(study.year_labels),
        ORGANISATION: list(study.organisation_ids),
        DRAW: np.arange(len(climbers) * len(z)),
    }
    dataset = xr.Dataset(variables, coordinates)
    return dataset.expand_dims({CHAIN: [0]}), climbers
