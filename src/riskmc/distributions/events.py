"""Events: nothing in most years, else a size, both read off one latent normal."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from riskmc.distributions.base import (
    EPSILON,
    TINY,
    Array,
    Distribution,
    normal_cdf,
    normal_quantile,
)
from riskmc.distributions.forms import Event, Form, Simple


def event_threshold(probability: float) -> float:
    """Return the z above which an event of this probability happens: −Φ⁻¹(p).

    Parameters
    ----------
    probability : float
        Chance p of the event, 0 to 1.

    Returns
    -------
    float
        A standard normal value; infinite for p of 0 or 1.

    References
    ----------
    - docs/model.md, section 3, "How a value is drawn".
    """
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

    Returns
    -------
    ndarray
        Shaped as `z`, in the unit of the size; NaN where z is; `out` where it is given.

    References
    ----------
    - docs/model.md, section 3, "How a value is drawn".
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


def event_form(probability: float, distribution: Distribution) -> Form | None:
    """Return what `event_from_normal` does as numbers, for the player of recorded years.

    Parameters
    ----------
    probability : float
        Chance p that the event happens.
    distribution : Distribution
        Its size F where it happens.

    Returns
    -------
    Form or None
        None where the values are left to NumPy.

    References
    ----------
    - docs/model.md, section 3, "How a value is drawn".
    """
    form = distribution.form()
    if probability >= 1.0:
        return form
    if not isinstance(form, Simple):
        return None
    return Event(event_threshold(probability), probability, form)


def event_at_chances(
    z: Array, *, chances: Array, distribution: Distribution, happens: NDArray[np.bool_]
) -> Array:
    """Return sizes where `happens` (which z and the chances made), 0 elsewhere.

    As `event_from_normal`, for a chance that differs from draw to draw.

    Parameters
    ----------
    z, chances : ndarray, shape (draws,)
        Standard normals; chance of each draw.
    distribution : Distribution
        Size F where it happens.
    happens : ndarray of bool, shape (draws,)
        Where Φ(z) > 1 − p.

    Returns
    -------
    ndarray
        Shape (draws,), in the unit of the size; NaN where z is.

    References
    ----------
    - docs/model.md, section 3, "How a value is drawn".
    - docs/model.md, section 3, "`probability` a distribution".
    """
    share = np.clip(normal_cdf(-z[happens]) / chances[happens], TINY, 1.0 - EPSILON)
    size = np.zeros_like(z)
    size[happens] = distribution.from_normal(-normal_quantile(share))
    size[np.isnan(z)] = np.nan
    return size


def capped_mean(distribution: Distribution, cap: float) -> float:
    """Return E[min(X, cap)] = cap − ∫ F from the lowest value to the cap.

    By quadrature to about 1e-10 of the mean; where nothing bounds X below, from its
    1e-15 quantile.

    Parameters
    ----------
    distribution : Distribution
        Of X.
    cap : float
        The most that counts, in the unit of X.

    Returns
    -------
    float
        The mean of what counts, in the unit of X.

    References
    ----------
    - docs/model.md, section 3, "`cap` c".
    """
    from scipy.integrate import quad

    low, high = distribution.support
    if cap >= high:
        return float(distribution.mean)
    if math.isinf(low):
        low = float(distribution.tail(np.array([1e-15]), upper=False)[0])
    if cap <= low:
        return cap
    middle = [
        float(x)
        for x in distribution.quantile(np.array([0.01, 0.25, 0.5, 0.75, 0.99]))
        if low < x < cap
    ]
    below, _ = quad(
        lambda x: float(distribution.cdf(np.array([x]))[0]),
        low,
        cap,
        points=middle or None,
        limit=200,
    )
    return cap - float(below)
