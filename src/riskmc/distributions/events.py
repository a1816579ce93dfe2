"""Events: nothing in most years, else a size, both read off one latent normal."""

from __future__ import annotations

import numpy as np

from riskmc.distributions.base import (
    EPSILON,
    TINY,
    Array,
    Distribution,
    normal_cdf,
    normal_quantile,
)


def event_threshold(probability: float) -> float:
    """Return the z above which an event of this probability happens: −Φ⁻¹(p)."""
    return -float(normal_quantile(np.array(probability)))


def event_from_normal(
    z: Array,
    *,
    probability: float,
    distribution: Distribution,
    out: Array | None = None,
) -> Array:
    """Return 0 where Φ(z) ≤ 1 − p, else F⁻¹((Φ(z) − (1 − p)) / p), which is seldom worked out.

    Parameters
    ----------
    z : ndarray
        Standard normal values; any shape.
    probability : float
        Chance p that the event happens; 0 never, 1 always.
    distribution : Distribution
        Its size F where it happens.
    out : ndarray, optional
        Where to write the result; may be `z` itself.
    """
    z = np.asarray(z, dtype=np.float64)
    if probability >= 1.0:
        return distribution.from_normal(z, out)
    happens = np.flatnonzero(z > event_threshold(probability))
    # the size's own normal, from the upper tail: 1 − (Φ(z) − (1 − p)) / p = Φ(−z) / p
    latent = z.ravel().take(happens)
    failed = np.isnan(z)
    share = np.clip(normal_cdf(-latent) / probability, TINY, 1.0 - EPSILON)
    latent = -normal_quantile(share)
    size = distribution.from_normal(latent)
    out = np.empty_like(z) if out is None else out
    out.fill(0.0)
    np.put(out, happens, size)
    if failed.any():
        out[failed] = np.nan
    return out
