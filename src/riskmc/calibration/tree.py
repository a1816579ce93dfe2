"""The tree of a calibration: prior, posterior, posterior predictive and what was observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmc.accounts import Accounts
from riskmc.calibration.estimates import LEVEL, SMALLEST_LEVEL, Array
from riskmc.calibration.planning import FOUR_YEARS
from riskmc.calibration.posterior import Posterior

if TYPE_CHECKING:
    import xarray as xr

CHAINS = 4
_UNITS = {
    "level_power": ("b", "power"),
    "scale": ("c, own scale at reserves of 30 % of NRE", "% of NRE"),
    "prior_df": ("ν0, how alike councils' scales are", "years of data"),
    "persistence": ("a, correlation from one year to the next", "ratio"),
    "national_step": ("τ, step of the national change", "% of NRE"),
    "own_scale": ("s, own scale at reserves of 30 % of NRE", "% of NRE"),
    "outturn_variance_sd": ("sd of outturn_variance given its scale", "share of planned income"),
    "outturn_variance_shared": ("national part of its variation", "share"),
    "outturn_variance": ("outturn against budget in a year to come", "share of planned income"),
    "reserves_change": ("change of usable reserves in the year", "% of NRE"),
    "reserves_level": ("reserves at the opening of the year over NRE", "share"),
}


@dataclass(frozen=True, eq=False)
class TreeInputs:
    """Everything the tree is built from; `places` are the councils it reports."""

    accounts: Accounts
    places: tuple[int, ...]
    organisations: tuple[str, ...]
    income_to_nre: Array
    national: Array
    posterior: Posterior
    steps: Array
    prior: dict[str, Array]
    prior_steps: Array


def build(drawn: TreeInputs, rng: np.random.Generator) -> xr.DataTree:
    """Build the tree; councils are labelled by name, or by the study's ids."""
    import xarray as xr

    places, accounts = list(drawn.places), drawn.accounts
    own = drawn.posterior.own_scale[:, places]
    figures = drawn.posterior.figures
    sd, shared = _outturn(drawn, own, figures)
    noise = rng.standard_normal(sd.shape)
    coordinates = {"council": list(drawn.organisations), "year": list(accounts.years)}
    common = {**figures, "national_step": drawn.steps}
    groups = {
        "prior": {**drawn.prior, "national_step": drawn.prior_steps},
        "posterior": {
            **common,
            "own_scale": own,
            "outturn_variance_sd": sd,
            "outturn_variance_shared": shared,
        },
        "posterior_predictive": {
            "reserves_change": _replicates(drawn, own, figures, rng),
            "outturn_variance": sd * noise,
        },
    }
    datasets = {
        name: xr.Dataset({key: _variable(key, values) for key, values in group.items()})
        for name, group in groups.items()
    }
    observed = 100.0 * accounts.change_share[places]
    fixed = {
        "observed_data": ("reserves_change", observed),
        "constant_data": ("reserves_level", accounts.opening_share[places]),
    }
    for name, (key, values) in fixed.items():
        datasets[name] = xr.Dataset({key: (("council", "year"), values, _attributes(key))})
    for name, dataset in datasets.items():
        known = {dim: label for dim, label in coordinates.items() if dim in dataset.dims}
        datasets[name] = dataset.assign_coords(known)
    return xr.DataTree.from_dict(dict(datasets))


def _outturn(drawn: TreeInputs, own: Array, figures: dict[str, Array]) -> tuple[Array, Array]:
    """Return the sd of `outturn_variance` and its national part, (draw, council).

    Given a council's scale the outturn is normal; not knowing the scale is what makes its tails
    heavy, and one future has one scale for all its years.
    """
    accounts, places = drawn.accounts, list(drawn.places)
    level = np.maximum(accounts.closing[places, -1] / accounts.expenditure[places, -1], 0.01)
    own_sd = own * (level / LEVEL) ** figures["level_power"][:, None]
    a = figures["persistence"]
    four_years = 4.0 + 6.0 * a + 4.0 * a**2 + 2.0 * a**3
    national = (drawn.steps**2 * FOUR_YEARS / four_years)[:, None]
    variance = own_sd**2 + national
    return np.sqrt(variance) / 100.0 / drawn.income_to_nre, national / variance


def _replicates(
    drawn: TreeInputs, own: Array, figures: dict[str, Array], rng: np.random.Generator
) -> Array:
    """Return changes of reserves as the model would have them, (draw, council, year)."""
    places = list(drawn.places)
    level = np.maximum(drawn.accounts.opening_share[places], SMALLEST_LEVEL)
    stretch = (level / LEVEL) ** figures["level_power"][:, None, None]
    noise = rng.standard_normal((len(own), *level.shape))
    a = figures["persistence"][:, None]
    for year in range(1, level.shape[1]):
        noise[..., year] = a * noise[..., year - 1] + np.sqrt(1.0 - a**2) * noise[..., year]
    return drawn.national + own[:, :, None] * stretch * noise


def _variable(key: str, values: Array) -> tuple[tuple[str, ...], Array, dict[str, str]]:
    """Return a variable with its draws split into chains."""
    dims = ("chain", "draw", "council", "year")[: values.ndim + 1]
    shaped = values.reshape(CHAINS, -1, *values.shape[1:])
    return dims, shaped, _attributes(key)


def _attributes(key: str) -> dict[str, str]:
    name, unit = _UNITS[key]
    return {"long_name": name, "units": unit}
