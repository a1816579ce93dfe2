"""What councils' accounts say of how reserves move, step by step (NumPy and SciPy alone).

Changes and scales are per cent of net revenue expenditure (NRE). Everything comes from the
accounts given: a forecast from an origin gives the accounts up to it.

Source: MHCLG revenue outturn. The steps: national change by year, spread by level of reserves,
every council's own scale, correlation from year to year, spread of the national change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskmc.accounts import Accounts
from riskmc.errors import InputError, counted

Array = NDArray[np.float64]

#: Degrees of freedom of the robust location of a year's changes.
LOCATION_DF = 4.0
#: Level of reserves, share of NRE, at which scales are stated.
LEVEL = 0.30
#: Changes smaller than this, % of NRE, say nothing more of the scale; nor lower reserves.
SMALLEST_CHANGE, SMALLEST_LEVEL = 0.05, 0.01
#: What is held of the national change before any is seen: it moves by 2 % of NRE a year, a belief
#: worth four differences. Assumption.
NATIONAL_PRIOR_SD, NATIONAL_PRIOR_COUNT = 2.0, 4.0
#: Councils and years below which there is no estimate without a prior.
FEWEST_COUNCILS, FEWEST_YEARS = 10, 2


@dataclass(frozen=True, eq=False)
class Estimates:
    """What was estimated, with what it was estimated from.

    Attributes
    ----------
    national : ndarray
        National change n by year, % of NRE, shape (year,).
    relative : ndarray
        z: each council's change less the national one, % of NRE, shape (council, year).
    level_power : float
        b: the scale grows as the level of reserves to this power.
    scale : float
        c: typical own scale at reserves of 30 % of NRE, % of NRE.
    prior_df : float
        ν0: how alike councils' scales are, in years of data.
    own_scale : ndarray
        s: each council's own scale at reserves of 30 % of NRE, % of NRE, (council,).
    standardised : ndarray
        z over the council's own scale at the level of its reserves, (council, year).
    persistence : float
        a: correlation of the standardised from one year to the next.
    lasting, fading : float
        α and φ: correlation at a lag is α + (1 − α) φ^lag.
    national_step : float
        τ: how far the national change moves in a year, % of NRE.
    """

    national: Array
    relative: Array
    level_power: float
    scale: float
    prior_df: float
    own_scale: Array
    standardised: Array
    persistence: float
    lasting: float
    fading: float
    national_step: float

    def figures(self) -> dict[str, float]:
        """Return the figures that all councils have in common, by name."""
        return {
            "level_power": self.level_power,
            "scale": self.scale,
            "prior_df": self.prior_df,
            "persistence": self.persistence,
            "lasting": self.lasting,
            "fading": self.fading,
            "national_step": self.national_step,
        }


#: Symbol and meaning of each figure, in the order in which they are shown.
FIGURES = {
    "level_power": ("b", "power of the level of reserves in the scale"),
    "scale": ("c", "typical own scale at reserves of 30 % of NRE, % of NRE"),
    "prior_df": ("ν0", "how alike councils' scales are, in years of data"),
    "persistence": ("a", "correlation from one year to the next"),
    "lasting": ("α", "part of the correlation that lasts"),
    "fading": ("φ", "how much of the rest fades, by year"),
    "national_step": ("τ", "how far the national change moves in a year, % of NRE"),
}


def estimate(accounts: Accounts) -> Estimates:
    """Estimate how reserves move from accounts of at least ten councils and two years.

    Raises
    ------
    InputError
        Too few councils or years; a posterior with a prior still says something.
    """
    councils, years = accounts.expenditure.shape
    if councils < FEWEST_COUNCILS or years < FEWEST_YEARS:
        raise InputError(
            f"accounts: {counted(councils, 'council')} over {counted(years, 'year')}; "
            f"at least {FEWEST_COUNCILS} and {FEWEST_YEARS} are needed without a prior"
        )
    change = 100.0 * accounts.change_share
    national = robust_location(change)
    relative = change - national
    level = np.maximum(accounts.opening_share, SMALLEST_LEVEL)
    power = level_power(relative, level)
    levelled = relative / (level / LEVEL) ** power
    scale, prior_df = common_scale(levelled)
    own = own_scales(levelled, scale=scale, prior_df=prior_df)
    standardised = levelled / own[:, None]
    lags = lag_correlations(standardised)
    lasting, fading = lasting_and_fading(lags)
    return Estimates(
        national=national,
        relative=relative,
        level_power=power,
        scale=scale,
        prior_df=prior_df,
        own_scale=own,
        standardised=standardised,
        persistence=float(lags[0]),
        lasting=lasting,
        fading=fading,
        national_step=national_step(national),
    )


def robust_location(values: Array, *, df: float = LOCATION_DF, rounds: int = 200) -> Array:
    """Return the location of a Student t by column: few wild councils do not move it.

    Maximum likelihood of location and scale at given degrees of freedom, by EM.
    """
    centre = np.median(values, axis=0)
    spread = np.mean((values - centre) ** 2, axis=0) * (df - 2.0) / df
    for _ in range(rounds):
        weight = (df + 1.0) / (df + (values - centre) ** 2 / spread)
        centre = np.sum(weight * values, axis=0) / np.sum(weight, axis=0)
        spread = np.mean(weight * (values - centre) ** 2, axis=0)
    return np.asarray(centre, dtype=np.float64)


def level_power(relative: Array, level: Array) -> float:
    """Return b: slope of log|z| on the log of reserves over NRE, both averaged by council."""
    size = np.log(np.maximum(np.abs(relative), SMALLEST_CHANGE)).mean(axis=1)
    height = np.log(level).mean(axis=1)
    height = height - height.mean()
    return float(np.sum(height * size) / np.sum(height**2))


def common_scale(levelled: Array) -> tuple[float, float]:
    """Return c and ν0: s² is inverse-gamma with mean precision 1/c², by marginal likelihood."""
    from scipy.optimize import minimize

    squares, years = np.sum(levelled**2, axis=1), levelled.shape[1]
    start = np.log([float(np.median(squares)) / years, 6.0])
    found = minimize(_scale_loss(squares, years), start, method="Nelder-Mead")
    square, prior_df = np.exp(found.x)
    return float(np.sqrt(square)), float(prior_df)


def _scale_loss(squares: Array, years: int) -> Callable[[Array], float]:
    """Return minus the log marginal likelihood of (log c², log ν0) given sums of squares."""
    from scipy.special import gammaln

    def loss(point: Array) -> float:
        square, df = np.exp(np.clip(point, -20.0, 20.0))
        half, rate = df / 2.0, df * square / 2.0
        each = (
            gammaln(half + years / 2.0)
            - gammaln(half)
            + half * np.log(rate)
            - (half + years / 2.0) * np.log(rate + squares / 2.0)
        )
        return -float(np.sum(each))

    return loss


def own_scales(levelled: Array, *, scale: float, prior_df: float) -> Array:
    """Return s by council: what its years say, drawn towards what councils have in common."""
    years = levelled.shape[1]
    squares = np.sum(levelled**2, axis=1)
    mixed = (prior_df * scale**2 + squares) / (prior_df + years)
    return np.asarray(np.sqrt(mixed), dtype=np.float64)


def lag_correlations(standardised: Array) -> Array:
    """Return the pooled correlation at lags of 1, 2 … years, about 0, shape (years − 1,)."""
    years = standardised.shape[1]
    found = []
    for lag in range(1, years):
        early, late = standardised[:, :-lag], standardised[:, lag:]
        found.append(np.sum(early * late) / np.sqrt(np.sum(early**2) * np.sum(late**2)))
    return np.array(found, dtype=np.float64)


def lasting_and_fading(lags: Array) -> tuple[float, float]:
    """Return α and φ that meet the correlations at one and two years: α + (1 − α) φ^lag.

    Where two years say that nothing lasts (α below 0), or there is but one lag, all fades.
    """
    first = float(lags[0])
    if len(lags) < 2 or first >= 1.0:
        return 0.0, first
    fading = (first - float(lags[1])) / (1.0 - first)
    lasting = 1.0 - (1.0 - first) / (1.0 - fading)
    if lasting < 0.0 or not -1.0 < fading < 1.0:
        return 0.0, first
    return lasting, fading


def national_step(national: Array) -> float:
    """Return τ, % of NRE: the root mean square step of the national change, with its prior."""
    steps = np.diff(national)
    known = NATIONAL_PRIOR_COUNT * NATIONAL_PRIOR_SD**2
    return float(np.sqrt((known + np.sum(steps**2)) / (NATIONAL_PRIOR_COUNT + len(steps))))


def bootstrap(accounts: Accounts, *, resamples: int = 200, seed: int = 1) -> dict[str, Array]:
    """Return every figure over resamples of whole councils, shape (resamples,) each.

    The years stay as they are, so the errors leave out that other years might have come: that of
    τ is larger than its spread here.
    """
    rng = np.random.default_rng(seed)
    count = len(accounts.codes)
    found: dict[str, list[float]] = {name: [] for name in FIGURES}
    for _ in range(resamples):
        figures = estimate(accounts.take(rng.integers(count, size=count))).figures()
        for name, value in figures.items():
            found[name].append(value)
    return {name: np.array(values) for name, values in found.items()}
