"""A map over behaviour: how two sets of rules compare as a soft budget constraint weakens effort.

An assumption throughout, and marked so: no English estimate of how effort responds exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import InputError
from riskmc.measures.catalogue import horizon_measure
from riskmc.runs.prepared import Progress
from riskmc.runs.watch import watch
from riskmc.statistics.estimates import Single
from riskmc.study.behaviour import (
    Behaviour,
    SoftBudget,
    behaving,
    rescued_share,
    soft_budget_effort,
    taken_share,
)
from riskmc.study.problems import listed
from riskmc.variables import PLACE

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study
    from riskmc.study.regimes import Regime

#: Parts of a shortfall that are borne by the centre, and of a surplus that are taken.
GRID = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
#: More points than anybody reads.
MOST = 400
_FIELDS = ("value", "mcse", "low", "high")


def behaviour_map(
    study: Study,
    a: str,
    b: str,
    *,
    measure: str = "net_deficit",
    rescued: Sequence[float] = GRID,
    taken: Sequence[float] = GRID,
    organisation: str = PLACE,
    draws: int | None = None,
    seed: int | None = None,
    scheme: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Map the difference between two sets of rules over how soft the budgets of the first are.

    Parameters
    ----------
    study : Study
        A study with both sets of rules.
    a, b : str
        The regime whose bodies are rescued, and the one it is compared with. Effort under `a`
        follows the soft budget constraint at each point; under `b` it is that of its rules.
    measure : str
        A headline measure over the horizon.
    rescued, taken : sequence of float
        β, parts of a shortfall that the centre finally bears, and τ, parts of a surplus that are
        taken; from 0 to 1, rising. One pair holds for every rulebook of `a`.
    organisation : str
        "place", or an organisation's id.
    draws, seed, scheme, workers : optional
        As in `riskmc.run`.
    progress : callable, optional
        Called with (futures done, futures in all).

    Returns
    -------
    xarray.Dataset
        Over (rescued, taken): the paired difference a less b, as `value`, `mcse`, `low`, `high`,
        and `effort`, the ratio to that of a body wholly its own. Over taken: `turns_at_value`
        and its errors, the β at which the difference is nil; NaN where it keeps its sign. Without
        dimensions: `off_` (the rules alone) and `on_` (effort under both follows the soft budget
        constraint, β and τ by their own rulebooks unless the study states them), each with its
        errors. Over rulebook of `a`: `own_rescued`, `own_taken`.

    Raises
    ------
    InputError
        Unknown regimes or measure; a grid that is empty, not rising or beyond 0 to 1; more than
        400 points; a regime `a` that plans no savings.

    Notes
    -----
    Effort solves k e = (1 - β) Φ((L - e) / s) + (1 - τ) Φ((e - L) / s), with k, L and s of the
    study's `[behaviour.<a>.soft_budget]`, or as they ship. All points meet the same futures.
    The figures are assumptions.

    References
    ----------
    - Kornai, J., Maskin, E. and Roland, G., Understanding the soft budget constraint, Journal of
      Economic Literature 41 (2003) 1095-1136: the idea.
    - docs/behaviour.md, "The assumption", "The map".
    """
    unknown = [name for name in (a, b) if name not in study.regimes]
    if unknown:
        known = listed(study.regimes, last="and")
        raise InputError(f"the study has no regime '{unknown[0]}'; there are {known}")
    first, second = study.regimes[a], study.regimes[b]
    row = horizon_measure(measure)
    betas, taus = _grid(rescued, "rescued"), _grid(taken, "taken")
    if len(betas) * len(taus) > MOST:
        raise InputError(f"the map has {len(betas) * len(taus)} points; at most {MOST} can be run")
    if not any(book.find("plan", "savings") for book in first.rulebooks.values()):
        raise InputError(f"effort changes nothing: the regime '{a}' plans no savings")
    soft = _soft_budget(study, a)
    regimes = {"a off": first, "b off": second}
    regimes |= {"a on": _soft(first, soft), "b on": _soft(second, _soft_budget(study, b))}
    for i, beta in enumerate(betas):
        for j, tau in enumerate(taus):
            point = soft.model_copy(update={"rescued": beta, "taken": tau})
            regimes[f"{i} {j}"] = _soft(first, point)
    head = {"draws": draws, "seed": seed, "scheme": scheme}
    base = study.replaced(**{key: x for key, x in head.items() if x is not None})
    named = {name: regime.model_copy(update={"name": name}) for name, regime in regimes.items()}
    mapped = base.replaced(regimes=named, behaviour={})
    found = watch(mapped, [measure], organisation=organisation, workers=workers, progress=progress)

    def apart(one: str, other: str = "b off") -> Single:
        return found.estimate(measure, one, (found, other)).single()

    grid = [[apart(f"{i} {j}") for j in range(len(taus))] for i in range(len(betas))]
    return _dataset(
        _fields(grid),
        (betas, taus),
        soft,
        first,
        {"off": apart("a off"), "on": apart("a on", "b on")},
    ).assign_attrs(
        a=a,
        b=b,
        a_label=first.label,
        b_label=second.label,
        measure=measure,
        label=row.label,
        unit=row.unit,
        organisation=organisation,
        title=study.title,
        draws=mapped.draws,
        seed=found.seed,
        scheme=found.scheme,
        assumption="effort by a soft budget constraint: no English estimate exists",
    )


def _grid(values: Sequence[float], name: str) -> tuple[float, ...]:
    found = tuple(float(value) for value in values)
    rising = all(x < y for x, y in pairwise(found))
    if not found or not rising or not all(0.0 <= x <= 1.0 for x in found):
        raise InputError(f"{name} must be rising shares from 0 to 1, such as [0.0, 0.5, 1.0]")
    return found


def _soft_budget(study: Study, regime: str) -> SoftBudget:
    """Return the soft budget constraint that a study states for a regime, or as it ships."""
    assumed = study.behaviour.get(regime)
    return SoftBudget() if assumed is None or assumed.soft_budget is None else assumed.soft_budget


def _soft(regime: Regime, soft: SoftBudget) -> Regime:
    return behaving(regime, Behaviour(soft_budget=soft))


def _fields(grid: Sequence[Sequence[Single]]) -> dict[str, NDArray[np.float64]]:
    return {
        field: np.array([[getattr(cell, field) for cell in row] for row in grid], dtype=float)
        for field in _FIELDS
    }


def turning(
    betas: Sequence[float], values: NDArray[np.float64], mcse: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the β at which a difference first changes sign, and its error; NaN where it does not.

    Linear between neighbouring points of the grid, `values` and `mcse` (β,); the error by the
    delta method: that of the difference over its slope.
    """
    for i in range(len(betas) - 1):
        before, after = values[i], values[i + 1]
        if before == 0.0 == after or before * after > 0.0:
            continue
        part = before / (before - after)
        slope = (after - before) / (betas[i + 1] - betas[i])
        error = (1.0 - part) * mcse[i] + part * mcse[i + 1]
        return betas[i] + part * (betas[i + 1] - betas[i]), abs(error / slope)
    return np.nan, np.nan


def _dataset(
    fields: dict[str, NDArray[np.float64]],
    grid: tuple[tuple[float, ...], tuple[float, ...]],
    soft: SoftBudget,
    regime: Regime,
    ends: dict[str, Single],
) -> xr.Dataset:
    import xarray as xr

    betas, taus = grid
    dims = ("rescued", "taken")
    given = {"cost_of_effort": soft.cost_of_effort, "loss": soft.loss, "spread": soft.spread}
    own = soft_budget_effort(rescued=0.0, taken=0.0, **given)
    effort = [
        [soft_budget_effort(rescued=beta, taken=tau, **given) / own for tau in taus]
        for beta in betas
    ]
    crossed = np.array(
        [turning(betas, fields["value"][:, j], fields["mcse"][:, j]) for j in range(len(taus))]
    )
    at, error = crossed[:, 0], crossed[:, 1]
    data: dict[str, Any] = {name: (dims, values) for name, values in fields.items()}
    data["effort"] = (dims, np.array(effort))
    turns = {"value": at, "mcse": error, "low": at - 1.96 * error, "high": at + 1.96 * error}
    data |= {f"turns_at_{name}": (("taken",), values) for name, values in turns.items()}
    for name, single in ends.items():
        data |= {f"{name}_{field}": ((), getattr(single, field)) for field in _FIELDS}
    books = regime.rulebooks
    data["own_rescued"] = (("rulebook",), np.array([rescued_share(x) for x in books.values()]))
    data["own_taken"] = (("rulebook",), np.array([taken_share(x) for x in books.values()]))
    coords = {"rescued": list(betas), "taken": list(taus), "rulebook": list(books)}
    return xr.Dataset(data, coords=coords)
