"""Full Bayes on the same model: what is believed after the accounts, as draws.

Each council's s² is inverse-gamma, its levelled changes normal with correlation a^lag given s,
so s is integrated out exactly: given the four figures, a council's changes are a multivariate
Student t. The four are then drawn by importance resampling from a heavy-tailed approximation
about the mode; the effective sample size says how good that is.

Source: Gelman and others (2013), 10.4 (importance resampling); see `calibrate`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskmc.calibration.estimates import LEVEL, SMALLEST_LEVEL, Array
from riskmc.calibration.priors import SAMPLED, Prior, natural
from riskmc.errors import RunError

#: Degrees of freedom of the approximation that is drawn from; the tails must be heavier.
_PROPOSAL_DF = 5.0
#: Draws of the approximation for each draw kept, and the least effective size.
_OVERSAMPLING = 10
LEAST_EFFECTIVE = 200.0
_CHUNK = 2_000
#: Step of numerical second differences at the mode.
_STEP = 1e-3


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws after the accounts.

    Attributes
    ----------
    figures : dict of str to ndarray
        `level_power`, `scale`, `prior_df`, `persistence`; shape (draws,).
    own_scale : ndarray
        Each council's own scale at reserves of 30 % of NRE, % of NRE, (draws, council).
    effective : float
        Effective size of the importance sample; near the number drawn is best.
    """

    figures: dict[str, Array]
    own_scale: Array
    effective: float


def sample_posterior(
    relative: Array, level: Array, prior: Prior, *, draws: int = 2_000, seed: int = 1
) -> Posterior:
    """Draw from the posterior of the common figures and of each council's own scale.

    Parameters
    ----------
    relative, level : ndarray
        Changes less the national one, % of NRE, and reserves over NRE, shape (council, year).
    prior : Prior
        What is believed before.
    draws, seed : int
        How many draws to keep, and their seed.

    Raises
    ------
    RunError
        The effective sample size is below 200: the draws would not be the posterior.
    """
    rng = np.random.default_rng(seed)
    level = np.maximum(level, SMALLEST_LEVEL)
    mode, factor = _approximation(relative, level, prior)
    count = draws * _OVERSAMPLING
    z = rng.standard_normal((count, len(SAMPLED)))
    stretch = np.sqrt(_PROPOSAL_DF / rng.chisquare(_PROPOSAL_DF, size=(count, 1)))
    points = mode + (z * stretch) @ factor.T
    distance = np.sum((z * stretch) ** 2, axis=1)
    drawn_from = -0.5 * (_PROPOSAL_DF + len(SAMPLED)) * np.log1p(distance / _PROPOSAL_DF)
    weight = log_posterior(points, relative, level, prior) - drawn_from
    share = np.exp(weight - weight.max())
    share /= share.sum()
    effective = float(1.0 / np.sum(share**2))
    if effective < LEAST_EFFECTIVE:
        raise RunError(
            f"calibrate: only {effective:.0f} effective draws of {count}; the posterior is too far "
            "from normal for this sampler; try another prior"
        )
    kept = points[_systematic(rng, share, draws)]
    figures = natural(kept)
    own = _draw_own_scales(rng, relative, level, figures)
    return Posterior(figures=figures, own_scale=own, effective=effective)


def log_posterior(points: Array, relative: Array, level: Array, prior: Prior) -> Array:
    """Return the log posterior density, but for a constant, shape (points,)."""
    found = [
        prior.log_density(chunk) + _log_likelihood(chunk, relative, level)
        for chunk in np.array_split(points, max(len(points) // _CHUNK, 1))
    ]
    return np.concatenate(found)


def _log_likelihood(points: Array, relative: Array, level: Array) -> Array:
    """Return the log likelihood with every own scale integrated out, shape (points,)."""
    from scipy.special import gammaln

    figures = natural(points)
    years = relative.shape[1]
    df = figures["prior_df"][:, None]
    rate = df * figures["scale"][:, None] ** 2 / 2.0
    squares, log_stretch = _whitened_squares(relative, level, figures)
    half = (df + years) / 2.0
    correlation = 0.5 * (years - 1) * np.log1p(-(figures["persistence"] ** 2))
    each = (
        gammaln(half)
        - gammaln(df / 2.0)
        + df / 2.0 * np.log(rate)
        - half * np.log(rate + squares / 2.0)
        - log_stretch
        - correlation[:, None]
    )
    return np.asarray(each.sum(axis=1), dtype=np.float64)


def _whitened_squares(
    relative: Array, level: Array, figures: dict[str, Array]
) -> tuple[Array, Array]:
    """Return x' R⁻¹ x and Σ log(stretch), shape (points, council), R the correlation a^lag."""
    power = figures["level_power"][:, None, None]
    log_stretch = power * np.log(level / LEVEL)
    x = relative * np.exp(-log_stretch)
    a = figures["persistence"][:, None, None]
    fresh = (x[..., 1:] - a * x[..., :-1]) ** 2 / (1.0 - a**2)
    squares = x[..., 0] ** 2 + fresh.sum(axis=-1)
    return np.asarray(squares), np.asarray(log_stretch.sum(axis=-1))


def _approximation(relative: Array, level: Array, prior: Prior) -> tuple[Array, Array]:
    """Return the mode on the sampled scales, and a factor of the covariance there."""
    from scipy.optimize import minimize

    def loss(point: Array) -> float:
        return -float(log_posterior(point[None, :], relative, level, prior)[0])

    found = minimize(
        loss, np.array(prior.centre), method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-6}
    )
    mode, size = found.x, len(SAMPLED)
    steps = _STEP * np.eye(size)
    curvature = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            corners = [
                loss(mode + p * steps[i] + q * steps[j]) * p * q for p in (1, -1) for q in (1, -1)
            ]
            curvature[i, j] = sum(corners) / (4.0 * _STEP**2)
    values, vectors = np.linalg.eigh((curvature + curvature.T) / 2.0)
    spread = 1.0 / np.sqrt(np.maximum(values, 1.0 / np.max(np.square(prior.spread))))
    return mode, np.asarray(vectors * spread)


def _systematic(rng: np.random.Generator, share: Array, draws: int) -> np.ndarray:
    """Return places drawn in proportion to `share`, as evenly as can be, in random order."""
    at = (np.arange(draws) + rng.random()) / draws
    places = np.searchsorted(np.cumsum(share), at)
    return rng.permutation(np.minimum(places, len(share) - 1))


def _draw_own_scales(
    rng: np.random.Generator, relative: Array, level: Array, figures: dict[str, Array]
) -> Array:
    """Return draws of each council's scale given the common figures, (draws, council)."""
    found = []
    for at in np.array_split(
        np.arange(len(figures["scale"])), max(len(figures["scale"]) // _CHUNK, 1)
    ):
        part = {name: values[at] for name, values in figures.items()}
        squares, _ = _whitened_squares(relative, level, part)
        df = part["prior_df"][:, None]
        rate = df * part["scale"][:, None] ** 2 + squares
        found.append(rate / rng.chisquare(np.broadcast_to(df + relative.shape[1], rate.shape)))
    return np.sqrt(np.concatenate(found))
