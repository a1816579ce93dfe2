"""From estimates to what a study holds: spread of the outturn, and contributions to reserves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskmc.accounts import Accounts
from riskmc.calibration.estimates import LEVEL, SMALLEST_LEVEL, Array, Estimates

#: Income over NRE where charges are 18 % of it: adult care's ratio of 2015/16 (CLG Committee 2017,
#: RS), taken for the whole council. Assumption.
INCOME_TO_NRE = 1.18
#: Σ over four years of the spread of an autoregression of unknown coefficient, in τ².
FOUR_YEARS = 12.1
#: The national change of the last year fades: half, a third, a quarter, a fifth, then nothing.
FADING_YEARS = 4


@dataclass(frozen=True, eq=False)
class OutturnInputs:
    """What the model needs of each council; shares of planned income unless said.

    Attributes
    ----------
    sd : ndarray
        Standard deviation of `outturn_variance`, (council,).
    shared : ndarray
        Part of its variation that is national, (council,).
    persistence, df : float
        Correlation from year to year; degrees of freedom of its Student t.
    contribution : ndarray
        Planned contribution to reserves, (council, year of the horizon); the last is 0 but for
        the council's own part.
    """

    sd: Array
    shared: Array
    persistence: float
    df: float
    contribution: Array


def outturn_inputs(
    estimates: Estimates,
    accounts: Accounts,
    *,
    years: int,
    income_to_nre: float = INCOME_TO_NRE,
) -> OutturnInputs:
    """Return what a study of `years` years from the end of the accounts holds, by council.

    Parameters
    ----------
    estimates, accounts
        As `estimate` made the one from the other.
    years : int
        Years of the horizon.
    income_to_nre : float
        Planned income over net revenue expenditure.
    """
    level = np.maximum(accounts.closing[:, -1] / accounts.expenditure[:, -1], SMALLEST_LEVEL)
    stretch = (level / LEVEL) ** estimates.level_power
    own_df = estimates.prior_df + len(accounts.years)
    own = estimates.own_scale * stretch
    own_variance = own**2 * own_df / (own_df - 2.0)
    national_variance = national_spread(estimates) ** 2
    variance = own_variance + national_variance
    own_part = own_expectation(estimates, years=years) * own[:, None]
    contribution = own_part + fading(estimates.national[-1], years=years)
    return OutturnInputs(
        sd=np.sqrt(variance) / 100.0 / income_to_nre,
        shared=national_variance / variance,
        persistence=estimates.persistence,
        df=max(estimates.prior_df, 3.0),
        contribution=contribution / 100.0 / income_to_nre,
    )


def national_spread(estimates: Estimates) -> float:
    """Return σ_N, % of NRE: a stationary spread with the same spread after four years."""
    a = estimates.persistence
    four_years = 4.0 + 6.0 * a + 4.0 * a**2 + 2.0 * a**3
    return float(estimates.national_step * np.sqrt(FOUR_YEARS / four_years))


def fading(last: float, *, years: int) -> Array:
    """Return what is expected of the national change: last / 2, / 3, / 4, / 5, then 0."""
    ahead = np.arange(1, years + 1)
    return np.asarray(np.where(ahead <= FADING_YEARS, last / (ahead + 1.0), 0.0))


def own_expectation(estimates: Estimates, *, years: int) -> Array:
    """Return each council's expected standardised change, (council, year), given its past.

    The mean of a process with correlation α + (1 − α) φ^lag and variance 1.
    """
    known = estimates.standardised.shape[1]
    past, ahead = np.arange(known), np.arange(known, known + years)
    among = _correlation(estimates, np.abs(past[:, None] - past))
    across = _correlation(estimates, ahead[:, None] - past)
    weights = np.linalg.solve(among, across.T)
    return np.asarray(estimates.standardised @ weights)


def _correlation(estimates: Estimates, lag: Array) -> Array:
    lasting, fading_part = estimates.lasting, estimates.fading
    return np.where(lag == 0, 1.0, lasting + (1.0 - lasting) * fading_part**lag)
