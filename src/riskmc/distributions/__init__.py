"""Marginal distributions of drivers and risks, one frozen model per family.

A family's fields are the keys of a study file. `AnyDistribution` is the union that a study
holds, distinguished by the key `distribution`; `families` lists them by that name.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from riskmc.distributions.base import Distribution, amount
from riskmc.distributions.empirical import Empirical
from riskmc.distributions.events import (
    capped_mean,
    event_at_chances,
    event_form,
    event_from_normal,
    event_threshold,
)
from riskmc.distributions.metalog import Quantiles
from riskmc.distributions.mixture import Mixture
from riskmc.distributions.percentile_keys import LISTED, MEANING, PATTERN, is_percentile
from riskmc.distributions.posterior import Posterior
from riskmc.distributions.shaped import Beta, Gamma, Pert, StudentT
from riskmc.distributions.simple import Constant, Lognormal, Normal, Triangular, Uniform

AnyDistribution = Annotated[
    Constant
    | Normal
    | Lognormal
    | Beta
    | Uniform
    | Triangular
    | Pert
    | StudentT
    | Gamma
    | Quantiles
    | Empirical
    | Mixture
    | Posterior,
    Field(discriminator="distribution"),
]

PERCENTILE_KEYS, PERCENTILE_MEANING, PERCENTILE_PATTERN = LISTED, MEANING, PATTERN


def families() -> dict[str, type[Distribution]]:
    """Return every family by the name it has in a study file.

    Returns
    -------
    dict of str to type
        Classes by name, in the order of the documentation.

    References
    ----------
    - docs/sampling.md, "Distributions".
    """
    return {
        "constant": Constant,
        "normal": Normal,
        "lognormal": Lognormal,
        "beta": Beta,
        "uniform": Uniform,
        "triangular": Triangular,
        "pert": Pert,
        "student_t": StudentT,
        "gamma": Gamma,
        "quantiles": Quantiles,
        "empirical": Empirical,
        "mixture": Mixture,
        "posterior": Posterior,
    }


__all__ = [
    "PERCENTILE_KEYS",
    "PERCENTILE_MEANING",
    "PERCENTILE_PATTERN",
    "AnyDistribution",
    "Beta",
    "Constant",
    "Distribution",
    "Empirical",
    "Gamma",
    "Lognormal",
    "Mixture",
    "Normal",
    "Pert",
    "Posterior",
    "Quantiles",
    "StudentT",
    "Triangular",
    "Uniform",
    "amount",
    "capped_mean",
    "event_at_chances",
    "event_form",
    "event_from_normal",
    "event_threshold",
    "families",
    "is_percentile",
]
