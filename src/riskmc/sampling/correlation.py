"""The correlation between drivers, factorised so that what is not correlated changes nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import InputError


@dataclass(frozen=True)
class Component:
    """Drivers linked by correlation, in register order, with the rows of their factor.

    `rows[i]` holds the (place, coefficient) of each factor that driver i is made of.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[tuple[int, float], ...], ...]


def components(names: Sequence[str], matrix: NDArray[np.float64]) -> tuple[Component, ...]:
    """Part the drivers into those linked by correlation, and factorise each part by itself.

    Parameters
    ----------
    names : sequence of str
        Drivers in register order.
    matrix : ndarray, shape (D, D)
        Their correlation.

    Raises
    ------
    InputError
        The matrix is not positive definite.
    """
    found: list[Component] = []
    left = list(range(len(names)))
    while left:
        linked = _linked(left[0], matrix)
        left = [place for place in left if place not in linked]
        members = sorted(linked)
        part = [[float(matrix[i, j]) for j in members] for i in members]
        own = tuple(names[place] for place in members)
        found.append(Component(own, _sparse(cholesky(part, own))))
    return tuple(found)


def _linked(start: int, matrix: NDArray[np.float64]) -> set[int]:
    """Return every driver that a chain of correlations joins to `start`, itself included."""
    linked = {start}
    fresh = [start]
    while fresh:
        here = fresh.pop()
        neighbours = {int(other) for other in np.flatnonzero(matrix[here])} - linked
        linked |= neighbours
        fresh.extend(neighbours)
    return linked


def cholesky(matrix: list[list[float]], names: Sequence[str]) -> list[list[float]]:
    """Return the lower triangular factor of a small matrix.

    In plain Python, whose order of operations is the same everywhere: a BLAS may differ in the
    last bit.
    """
    size = len(matrix)
    factor = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(factor[i][m] * factor[j][m] for m in range(j))
            if i > j:
                factor[i][j] = rest / factor[j][j]
            elif rest > 0.0:
                factor[i][i] = math.sqrt(rest)
            else:
                raise InputError(
                    f"correlation: the matrix of {', '.join(names)} is not positive definite"
                )
    return factor


def _sparse(factor: list[list[float]]) -> tuple[tuple[tuple[int, float], ...], ...]:
    """Return the rows of a factor without their zeros."""
    return tuple(tuple((j, x) for j, x in enumerate(row) if x != 0.0) for row in factor)
