"""Which draw of unknown parameters each future has: one per future, the same in all its years."""

from __future__ import annotations

import numpy as np

from riskmc.distributions import Posterior
from riskmc.sampling.layout import KEY_BLOCK, check_scheme
from riskmc.sampling.plan import Group, compile_plan
from riskmc.sampling.streams import NATIONAL, Array, Streams, streams
from riskmc.study import Study

#: Prefix of the key of parameters, so that they share no driver's stream.
PARAMETERS = "posterior"


def variables(group: Group) -> dict[str, Posterior]:
    """Return the unknown parameters that a group's drivers depend on, by variable."""
    marginals = (
        marginal
        for cells in group.bodies
        for cell in cells
        for marginal in (cell.marginal, *cell.later)
    )
    found = (marginal.distribution for marginal in marginals)
    return {one.variable: one for one in found if isinstance(one, Posterior)}


def draw_worlds(group: Group, keyed: Streams) -> dict[str, Array]:
    """Return a key block's standard normals that say which parameters each future has."""
    worlds = {}
    for variable in variables(group):
        worlds[variable] = np.empty(KEY_BLOCK)
        keyed.open(f"{PARAMETERS}\0{variable}", NATIONAL).fill(worlds[variable])
    return worlds


def parameter_draws(
    study: Study, variable: str, *, draws: int, seed: int | None = None, scheme: str | None = None
) -> np.ndarray:
    """Return the number of the parameter draw of each future, shape (draws,).

    Parameters
    ----------
    study : Study
        A study with a driver whose distribution is `posterior`.
    variable : str
        The variable that the driver names.
    draws, seed, scheme : int, int, str, optional
        As the run had them; default: the study's seed and scheme.

    Raises
    ------
    KeyError
        No driver of the study has a posterior of that variable.
    """
    drawn = {
        name: found
        for group in compile_plan(study).groups
        for name, found in variables(group).items()
    }
    scheme = study.scheme if scheme is None else scheme
    check_scheme(scheme)
    seed = study.seed if seed is None else seed
    blocks = []
    for block in range(-(-draws // KEY_BLOCK)):
        row = np.empty(KEY_BLOCK)
        stream = streams(scheme, seed, block).open(f"{PARAMETERS}\0{variable}", NATIONAL)
        stream.fill(row)
        blocks.append(drawn[variable].which(row))
    return np.concatenate(blocks)[:draws]
