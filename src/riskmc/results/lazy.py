"""Stored variables shown with their dimensions in another order, without reading them.

xarray's own lazy transposition turns every later selection into a pointwise one, which is a
hundred times slower; here a selection is passed on to the file axis by axis.
"""

from __future__ import annotations

from typing import Any

import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing


class Reordered(BackendArray):
    """A stored variable's values with axes in the order asked for."""

    def __init__(self, variable: xr.Variable, dims: tuple[str, ...]) -> None:
        self._stored = variable
        self._dims = dims
        self.shape = tuple(variable.sizes[dim] for dim in dims)
        self.dtype = variable.dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        """Read the part selected."""
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER, self._read
        )

    def _read(self, key: tuple[Any, ...]) -> Any:
        """Read with one selector an axis: an integer, a slice, or an array of integers."""
        part = self._stored.isel(dict(zip(self._dims, key, strict=True)))
        axes = [part.dims.index(dim) for dim in self._dims if dim in part.dims]
        return part.values.transpose(axes)


def shown(dataset: xr.Dataset, dims: tuple[str, ...]) -> xr.Dataset:
    """Return a dataset whose variables have their dimensions in the order of `dims`."""
    variables = {}
    for name, values in dataset.data_vars.items():
        lazy = indexing.LazilyIndexedArray(Reordered(values.variable, dims))
        variables[name] = xr.Variable(dims, lazy, values.attrs, values.encoding)
    return xr.Dataset(variables, dataset.coords, dataset.attrs)
