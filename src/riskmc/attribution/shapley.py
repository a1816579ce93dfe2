"""Exact Shapley values and interactions from all mixtures of k groups.

The Shapley value of a group is what it adds, averaged over every order in which groups can be
introduced: the values add up to the whole difference. Source: Shapley (1953); interactions:
Grabisch and Roubens (1999); see `attribute`.
"""

from __future__ import annotations

from math import factorial

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]


def shapley_weights(groups: int) -> Weights:
    """Return weights (group, mixture): their sum with the mixtures' values is the Shapley value.

    A mixture is a number whose bit g says whether group g is taken.
    """
    weights = np.zeros((groups, 2**groups))
    for mixture in range(2**groups):
        size = mixture.bit_count()
        for group in range(groups):
            if not mixture >> group & 1:
                weight = factorial(size) * factorial(groups - size - 1) / factorial(groups)
                weights[group, mixture] -= weight
                weights[group, mixture | 1 << group] += weight
    return weights


def interaction_weights(groups: int) -> dict[tuple[int, int], Weights]:
    """Return weights (mixture,) of the Shapley interaction index, by pair of groups."""
    found = {}
    for one in range(groups):
        for other in range(one + 1, groups):
            weights = np.zeros(2**groups)
            for mixture in range(2**groups):
                if mixture >> one & 1 or mixture >> other & 1:
                    continue
                size = mixture.bit_count()
                weight = factorial(size) * factorial(groups - size - 2) / factorial(groups - 1)
                both = mixture | 1 << one | 1 << other
                weights[[both, mixture]] += weight
                weights[[mixture | 1 << one, mixture | 1 << other]] -= weight
            found[one, other] = weights
    return found


def ladder_weights(groups: int) -> Weights:
    """Return weights (group, mixture): what each group adds where they come one by one."""
    weights = np.zeros((groups, 2**groups))
    for group in range(groups):
        before = (1 << group) - 1
        weights[group, before] -= 1.0
        weights[group, before | 1 << group] += 1.0
    return weights
