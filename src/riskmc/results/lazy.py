"""Stored variables shown with their dimensions in another order, in double precision.

Nothing is read, or turned to double precision, before it is used: sums of what is kept in single
precision are taken in double. xarray's own lazy transposition turns every later selection into a
pointwise one, which is a hundred times slower; here a selection is passed on axis by axis.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from riskmc.errors import ResultsError
from riskmc.results.blocks import HeldBlocks
from riskmc.results.contents import Contents


class InBlocks(BackendArray):
    """A variable's values as they lie in blocks held open: (..., chain, draw)."""

    def __init__(self, held: HeldBlocks, contents: Contents, group: str, name: str) -> None:
        self._held, self._piece = held, (group, name)
        self._layout = contents.layout
        chains = (contents.layout.chains, contents.layout.per_chain)
        self.shape = (*contents.shape(group)[:-1], *chains)
        self.dtype = contents.dtype(name)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        """Read the part selected."""
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER, self._read
        )

    def _read(self, key: tuple[Any, ...]) -> Any:
        *lead, chain, draw = key
        layout = self._layout
        numbers = np.arange(layout.total).reshape(layout.chains, layout.per_chain)
        wanted = numbers[chain][..., draw]
        whole = wanted.shape == numbers.shape and bool((wanted == numbers).all())
        values = self._held.read(self._piece, tuple(lead), None if whole else wanted.reshape(-1))
        return values.reshape(*values.shape[:-1], *wanted.shape)


class Reordered(BackendArray):
    """A stored variable's values with axes in the order asked for."""

    def __init__(self, variable: xr.Variable, dims: tuple[str, ...]) -> None:
        self._stored = variable
        self._dims = dims
        self.shape = tuple(variable.sizes[dim] for dim in dims)
        single = variable.dtype == np.float32
        self.dtype = np.dtype(np.float64) if single else variable.dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        """Read the part selected."""
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER, self._read
        )

    def _read(self, key: tuple[Any, ...]) -> Any:
        """Read with one selector an axis: an integer, a slice, or an array of integers."""
        part = self._stored.isel(dict(zip(self._dims, key, strict=True)))
        axes = [part.dims.index(dim) for dim in self._dims if dim in part.dims]
        try:
            values = part.values
        except (OSError, RuntimeError, ValueError) as error:
            raise ResultsError(f"a value of the results cannot be read: {error}") from error
        return values.astype(self.dtype, copy=False).transpose(axes)


def shown(dataset: xr.Dataset, dims: tuple[str, ...]) -> xr.Dataset:
    """Return a dataset whose variables have their dimensions in the order of `dims`."""
    variables = {}
    for name, values in dataset.data_vars.items():
        lazy = indexing.LazilyIndexedArray(Reordered(values.variable, dims))
        variables[name] = xr.Variable(dims, lazy, values.attrs, values.encoding)
    return xr.Dataset(variables, dataset.coords, dataset.attrs)
