"""Correlation between drivers: read, checked for being possible, repaired, and as realised."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.study.build import Draft, section
from riskmc.study.drivers import ResolvedDriver
from riskmc.study.problems import listed, nearest
from riskmc.study.study import matrix
from riskmc.study.tables import pair_of
from riskmc.study.types import number_fault
from riskmc.variables import DRIVER_NAMES, FROM_RISKS, UNIFORM

Array = NDArray[np.float64]
Pair = tuple[str, str]

#: Below this least eigenvalue a matrix counts as not positive definite.
_LEAST_EIGENVALUE = 1e-8
#: Least eigenvalue of a proposed matrix; rounding to four decimals cannot take it to zero.
_FLOOR = 1e-3
_DECIMALS = 4
_MOVED = 0.5 * 10**-_DECIMALS
_ROUNDS = 2000
_CLOSE = 1e-10


def read_correlation(draft: Draft) -> None:
    """Read `[correlation]`, and refuse correlations that cannot hold together."""
    named = _named(draft.raw.get("drivers"))
    pairs: dict[Pair, float] = {}
    for key, value in section(draft, "correlation").items():
        pair = _pair(draft, key, value, named, pairs)
        if pair is not None:
            pairs[pair] = float(value)
            draft.correlation[key] = float(value)
    if not draft.problems.under(("correlation",)):
        _check_possible(draft, pairs)


def _named(raw: Any) -> list[str]:
    """Return the drivers a study names; a misspelt one counts as the one it was meant to be."""
    given = list(raw) if isinstance(raw, Mapping) else []
    meant = {name if name in DRIVER_NAMES else nearest(name, DRIVER_NAMES) for name in given}
    return [name for name in DRIVER_NAMES if name in meant]


def _pair(
    draft: Draft, key: str, value: Any, named: list[str], pairs: Mapping[Pair, float]
) -> Pair | None:
    path = ("correlation", key)
    problems = draft.problems
    fault = number_fault(value, low=-1.0, high=1.0)
    if fault:
        problems.add(path, fault, value=value, allowed="a number from -1 to 1")
    if key.count(",") != 1:
        problems.add(path, "is not a pair of drivers", allowed='a key such as "one, other"')
        return None
    pair = pair_of(key)
    known = [name for name in dict.fromkeys([*named, *UNIFORM]) if name not in FROM_RISKS]
    faults = [_name_fault(name, known) for name in pair]
    for name, wrong in zip(pair, faults, strict=True):
        if wrong:
            near = "" if name in DRIVER_NAMES else nearest(name, known)
            problems.add(path, wrong, allowed=listed(known, last="and"), near=near)
    if any(faults) or fault:
        return None
    if pair[0] == pair[1]:
        problems.add(path, "is a driver's correlation with itself", allowed="two drivers")
        return None
    if pair in pairs or pair[::-1] in pairs:
        problems.add(path, "is listed twice", value=value, allowed="each pair once")
        return None
    return pair


def _name_fault(name: str, known: list[str]) -> str:
    if name in known:
        return ""
    if name in FROM_RISKS:
        return f"`{name}` is made by the risk register and cannot be correlated"
    if name in DRIVER_NAMES:
        return f"`{name}` is not named under [drivers], so it does not vary"
    return f"`{name}` is not a known driver"


def _check_possible(draft: Draft, pairs: Mapping[Pair, float]) -> None:
    names = [name for name in DRIVER_NAMES if any(name in pair for pair in pairs)]
    typed = matrix(dict(pairs), names)
    if not names or is_possible(typed):
        return
    possible = nearest_possible(typed)
    moves = []
    for i, j in zip(*np.triu_indices(len(names), 1), strict=True):
        if abs(possible[i, j] - typed[i, j]) > _MOVED:
            moves.append(f'"{names[i]}, {names[j]}" = {possible[i, j]:g} (now {typed[i, j]:g})')
    draft.problems.add(
        ("correlation",),
        "these correlations cannot hold together (the matrix is not positive definite)",
        allowed=f"the nearest that can moves {listed(moves, last='and')}",
    )


def is_possible(typed: Array) -> bool:
    """Say whether a correlation matrix is positive definite."""
    return bool(np.linalg.eigvalsh(typed)[0] > _LEAST_EIGENVALUE)


def nearest_possible(typed: Array) -> Array:
    """Return the nearest correlation matrix that is positive definite, to four decimals.

    Alternating projections with Dykstra's correction, eigenvalues kept above a small floor:
    N. J. Higham, "Computing the nearest correlation matrix", IMA J. Numer. Anal. 22 (2002).
    """
    current = typed.copy()
    correction = np.zeros_like(typed)
    for _ in range(_ROUNDS):
        before = current
        target = current - correction
        values, vectors = np.linalg.eigh(target)
        raised = (vectors * np.maximum(values, _FLOOR)) @ vectors.T
        correction = raised - target
        current = (raised + raised.T) / 2
        np.fill_diagonal(current, 1.0)
        if np.max(np.abs(current - before)) < _CLOSE:
            break
    rounded = np.round(current, _DECIMALS) + 0.0
    while not is_possible(rounded):
        rounded = np.round(0.999 * rounded, _DECIMALS) + 0.0
        np.fill_diagonal(rounded, 1.0)
    return rounded


def realised(typed: float, first: ResolvedDriver, second: ResolvedDriver) -> float:
    """Return the latent correlation of two drivers within one body and year, in the long run.

    ρ (sqrt(λλ') + sqrt((1 − λ)(1 − λ')) m) for their shared parts λ, where m is
    sqrt(μμ') + sqrt((1 − μ)(1 − μ')) for the parts μ shared by a place; and where persistence
    differs, times sqrt((1 − a²)(1 − a'²)) / (1 − a a').
    """
    common = math.sqrt(first.shared * second.shared)
    local = math.sqrt((1.0 - first.shared) * (1.0 - second.shared))
    here = math.sqrt(first.shared_place * second.shared_place)
    alone = math.sqrt((1.0 - first.shared_place) * (1.0 - second.shared_place))
    local *= here + alone
    a, b = first.persistence, second.persistence
    persistence = math.sqrt((1.0 - a * a) * (1.0 - b * b)) / (1.0 - a * b)
    return typed * (common + local) * persistence
