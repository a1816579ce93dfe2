"""Labels of results: what a tree still holds after a selection, and in which order to read it.

A tree may have been cut or turned with `sel` and `isel`. Years, chains and draws are read in
their own order again; organisations and regimes keep the tree's. What a selection makes
meaningless (a draw without its antithetic partner, a duplicate label) is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.sampling import Layout
from riskmc.variables import CHAIN, DRAW

if TYPE_CHECKING:
    import xarray as xr

Order = NDArray[np.intp] | None


def with_dims(dataset: xr.Dataset, dims: Sequence[str]) -> xr.Dataset:
    """Return a dataset with a dimension again wherever one label of it was chosen."""
    lost = [dim for dim in dims if dim not in dataset.dims and dim in dataset.coords]
    for dim in lost:
        dataset = dataset.expand_dims(dim)
    return dataset


def text_labels(dataset: xr.Dataset, dim: str) -> tuple[str, ...]:
    """Return the labels of a dimension as text; ResultsError where there are none or twins."""
    if dim not in dataset.coords:
        raise ResultsError(f"the results have no '{dim}' labels")
    labels = tuple(str(label) for label in dataset[dim].values)
    return _distinct(labels, dim)


def number_labels(dataset: xr.Dataset, dim: str) -> tuple[int, ...]:
    """Return the labels of chains or draws, their positions where they have none."""
    if dim not in dataset.coords:
        return tuple(range(dataset.sizes.get(dim, 1)))
    labels = dataset[dim].values
    if labels.dtype.kind not in "iu":
        raise ResultsError(f"the '{dim}' labels of the results are not whole numbers")
    return _distinct(tuple(labels.tolist()), dim)


def _distinct(labels: tuple[Any, ...], dim: str) -> tuple[Any, ...]:
    if not labels:
        raise ResultsError(f"the results hold no {dim}: the selection left none")
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise ResultsError(f"the results hold {dim} '{twice}' more than once")
    return labels


def order_by(labels: Sequence[Any], wanted: Sequence[Any]) -> Order:
    """Return the positions of `wanted` labels; None where they are in that order already."""
    if tuple(labels) == tuple(wanted):
        return None
    place = {label: i for i, label in enumerate(labels)}
    return np.array([place[label] for label in wanted], dtype=np.intp)


def taken(array: xr.DataArray, orders: dict[str, Order]) -> xr.DataArray:
    """Return an array with its labels in the order asked for, dimension by dimension."""
    chosen = {dim: order for dim, order in orders.items() if order is not None}
    return array.isel(chosen) if chosen else array


def check_draws(chains: Sequence[int], draws: Sequence[int], *, scheme: str, whole: Layout) -> None:
    """Refuse a selection of draws that parts what belongs together.

    Under `antithetic` draws 2i and 2i + 1 are partners; under `lhs` and `sobol` the draws of a
    chain fill it together. `whole` is the layout of the run.
    """
    same = list(draws) == list(range(whole.per_chain)) and max(chains) < whole.chains
    if scheme == "mc" or same:
        return
    if scheme == "antithetic":
        numbers = np.add.outer(np.array(chains) * whole.per_chain, np.array(draws)).reshape(-1)
        partners = numbers + 1 - 2 * (numbers % 2)
        alone = numbers[~np.isin(partners, numbers)]
        if alone.size:
            raise ResultsError(
                f"the selection parts antithetic pairs: draw {int(alone[0])} is held without its "
                f"partner, draw {int(alone[0]) + 1 - 2 * (int(alone[0]) % 2)}. Errors are taken "
                "over pairs: select draws 2i and 2i + 1 together"
            )
        return
    raise ResultsError(
        f"the selection holds {len(draws):,} of the {whole.per_chain:,} draws of a chain: under "
        f"'{scheme}' a chain is one design and cannot be cut. Select whole chains"
    )


def same_draws(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Say whether two datasets hold the same chains and draws, in any order."""
    return all(
        sorted(number_labels(one, dim)) == sorted(number_labels(other, dim))
        for dim in (CHAIN, DRAW)
    )
