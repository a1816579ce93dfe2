"""Rivals of the model: simpler forecasts of councils' reserves, from the same accounts.

Each returns an ensemble of cumulative changes, % of NRE at the origin, (year, council, draw); it
sees the accounts up to the origin and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from riskmc.accounts import Accounts
from riskmc.calibration.estimates import LEVEL, SMALLEST_LEVEL, Estimates
from riskmc.calibration.planning import own_expectation

Array = NDArray[np.float64]
Rival: TypeAlias = Callable[[Accounts, Estimates, int, int, np.random.Generator], Array]


def random_walk(
    accounts: Accounts, estimates: Estimates, years: int, draws: int, rng: np.random.Generator
) -> Array:
    """Expect no change; every council's year has the root mean square of all past changes."""
    spread = float(np.sqrt(np.mean(_past(accounts) ** 2)))
    shape = (years, len(estimates.own_scale), draws)
    return np.cumsum(spread * rng.standard_normal(shape), axis=0)


def own_scale_walk(
    accounts: Accounts, estimates: Estimates, years: int, draws: int, rng: np.random.Generator
) -> Array:
    """Expect no change; each council its own spread, all of them one national shock a year."""
    df = estimates.prior_df + len(accounts.years)
    spread = _own(accounts, estimates) * np.sqrt(df / (df - 2.0))
    nation = estimates.national_step * rng.standard_normal((years, 1, draws))
    own = rng.standard_normal((years, len(spread), draws))
    return np.cumsum(nation + spread[:, None] * own, axis=0)


def last_change(
    accounts: Accounts, estimates: Estimates, years: int, draws: int, rng: np.random.Generator
) -> Array:
    """Repeat each council's last change; the spread is that of past changes about their mean."""
    past = _past(accounts)
    spread = float(np.sqrt(np.mean((past - past.mean(axis=0)) ** 2)))
    shape = (years, len(estimates.own_scale), draws)
    repeated = past[:, -1][None, :, None]
    return np.cumsum(repeated + spread * rng.standard_normal(shape), axis=0)


def pooled_changes(
    accounts: Accounts, estimates: Estimates, years: int, draws: int, rng: np.random.Generator
) -> Array:
    """Take every year as one of all councils' past changes, any as likely as another."""
    shape = (years, len(estimates.own_scale), draws)
    return np.cumsum(rng.choice(_past(accounts).ravel(), size=shape), axis=0)


def empirical_bayes(
    accounts: Accounts, estimates: Estimates, years: int, draws: int, rng: np.random.Generator
) -> Array:
    """Forecast by the same estimates, but without rules, plan or floor: the best series there is.

    The national change is an autoregression with a coefficient anywhere from 0 to 1 and steps of
    τ; a council's own part is its expectation and a Student t with its own scale.
    """
    df = estimates.prior_df + len(accounts.years)
    own_scale = _own(accounts, estimates)
    keeps = rng.uniform(size=draws)
    nation = np.empty((years, 1, draws))
    level = np.full(draws, estimates.national[-1])
    for year in range(years):
        level = keeps * level + estimates.national_step * rng.standard_normal(draws)
        nation[year, 0] = level
    stretch = np.sqrt(df / rng.chisquare(df, size=(len(own_scale), draws)))
    noise = _autoregression(rng, (years, len(own_scale), draws), estimates.persistence)
    expected = own_expectation(estimates, years=years).T * own_scale
    own = expected[:, :, None] + own_scale[:, None] * stretch * noise
    return np.cumsum(nation + own, axis=0)


RIVALS: dict[str, Rival] = {
    "random walk": random_walk,
    "own-scale walk with a national shock": own_scale_walk,
    "last change": last_change,
    "pooled past changes": pooled_changes,
    "empirical-Bayes series": empirical_bayes,
}


def _past(accounts: Accounts) -> Array:
    return 100.0 * accounts.change_share


def _own(accounts: Accounts, estimates: Estimates) -> Array:
    """Return each council's own scale at the level of its reserves at the origin, % of NRE."""
    level = np.maximum(accounts.closing[:, -1] / accounts.expenditure[:, -1], SMALLEST_LEVEL)
    return np.asarray(estimates.own_scale * (level / LEVEL) ** estimates.level_power)


def _autoregression(
    rng: np.random.Generator, shape: tuple[int, int, int], persistence: float
) -> Array:
    fresh = rng.standard_normal(shape)
    fresh[1:] *= np.sqrt(1.0 - persistence**2)
    for year in range(1, shape[0]):
        fresh[year] += persistence * fresh[year - 1]
    return fresh
