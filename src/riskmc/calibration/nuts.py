"""The same posterior by another sampler: NUTS of NumPyro, every own scale a parameter.

A check, and slow; needs the extra `riskmc[bayes]`. The draws that studies use are those of
`riskmc.calibration.posterior`, which integrates the scales out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from riskmc.calibration.estimates import LEVEL, SMALLEST_LEVEL, Array
from riskmc.calibration.priors import SAMPLED, Prior, natural
from riskmc.errors import InputError, RunError

#: Beyond these the chains are not to be believed.
WORST_R_HAT, LEAST_EFFECTIVE = 1.02, 200.0


@dataclass(frozen=True, eq=False)
class Chains:
    """Draws of the four figures, (draw,) each, and what the chains say of themselves."""

    figures: dict[str, Array]
    r_hat: float
    effective: float
    divergences: int


def sample_by_nuts(
    relative: Array,
    level: Array,
    prior: Prior,
    *,
    warmup: int = 500,
    draws: int = 500,
    chains: int = 2,
    seed: int = 1,
) -> Chains:
    """Draw from the posterior with NumPyro's no-U-turn sampler.

    Parameters
    ----------
    relative, level : ndarray
        Changes less the national one, % of NRE, and reserves over NRE, (council, year).
    prior : Prior
        What is believed before.
    warmup, draws, chains, seed : int
        Of the sampler.

    Raises
    ------
    InputError
        NumPyro is not installed.
    RunError
        r_hat above 1.02, fewer than 200 effective draws, or divergences: the chains are refused.
    """
    try:
        import jax
        from jax.random import PRNGKey
        from numpyro.diagnostics import summary
        from numpyro.infer import MCMC, NUTS
    except ImportError as error:
        raise InputError("NUTS needs NumPyro: pip install 'riskmc[bayes]'") from error
    jax.config.update("jax_enable_x64", True)
    sampler = MCMC(
        NUTS(_model),
        num_warmup=warmup,
        num_samples=draws,
        num_chains=chains,
        chain_method="sequential",
        progress_bar=False,
    )
    whole = np.maximum(level, SMALLEST_LEVEL)
    sampler.run(PRNGKey(seed), relative, np.log(whole / LEVEL), prior)
    found = {"points": np.asarray(sampler.get_samples(group_by_chain=True)["points"])}
    points = summary(found)["points"]
    drawn = Chains(
        figures=natural(found["points"].reshape(-1, len(SAMPLED))),
        r_hat=float(np.max(points["r_hat"])),
        effective=float(np.min(points["n_eff"])),
        divergences=int(np.sum(sampler.get_extra_fields()["diverging"])),
    )
    if drawn.r_hat > WORST_R_HAT or drawn.effective < LEAST_EFFECTIVE or drawn.divergences:
        raise RunError(
            f"NUTS: r_hat {drawn.r_hat:.3f} (at most {WORST_R_HAT}), {drawn.effective:.0f} "
            f"effective draws (at least {LEAST_EFFECTIVE:.0f}), {drawn.divergences} divergences "
            "(none allowed): draw more, or take another prior"
        )
    return drawn


def _model(relative: Any, log_level: Any, prior: Prior) -> None:
    """Say the model: four figures, each council's precision, changes correlated by year."""
    import jax.numpy as jnp
    import numpyro
    from numpyro import distributions as dist

    years = relative.shape[1]
    points = numpyro.sample(
        "points",
        dist.Normal(jnp.array(prior.centre), jnp.array(prior.spread)).to_event(1),
    )
    power, square = points[0], jnp.exp(2.0 * points[1])
    df, a = jnp.exp(points[2]), jnp.tanh(points[3])
    with numpyro.plate("council", relative.shape[0]):
        precision = numpyro.sample("precision", dist.Gamma(df / 2.0, df * square / 2.0))
        stretch = power * log_level
        x = relative * jnp.exp(-stretch)
        fresh = jnp.sum((x[:, 1:] - a * x[:, :-1]) ** 2, axis=1) / (1.0 - a**2)
        squares = x[:, 0] ** 2 + fresh
        log_likelihood = (
            years / 2.0 * jnp.log(precision)
            - precision * squares / 2.0
            - (years - 1) / 2.0 * jnp.log1p(-(a**2))
            - jnp.sum(stretch, axis=1)
        )
        numpyro.factor("changes", log_likelihood)
