"""Results as an xarray tree: built from arrays, saved to NetCDF, opened again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmc.errors import ResultsError
from riskmc.results.contents import (
    DRIVERS_GROUP,
    FORMAT,
    OUTCOMES,
    PLACE_GROUP,
    STORED_DIMS,
    Contents,
)
from riskmc.variables import DRIVER_DIMS, OUTCOME_DIMS, PLACE_DIMS

if TYPE_CHECKING:
    import xarray as xr

#: Axis order in which results show themselves, by group.
SHOWN_DIMS = {OUTCOMES: OUTCOME_DIMS, PLACE_GROUP: PLACE_DIMS, DRIVERS_GROUP: DRIVER_DIMS}
FILE_NAME = "results.nc"


def build_tree(contents: Contents, arrays: Mapping[str, Mapping[str, Any]]) -> xr.DataTree:
    """Build a results tree from arrays by group and variable, shaped as `Contents.shape`."""
    import xarray as xr

    layout = contents.layout
    groups = {}
    for group, names in contents.names.items():
        dims = STORED_DIMS[group]
        labels = contents.coordinates
        variables = {}
        for name in names:
            values = arrays[group][name]
            by_chain = values.reshape(*values.shape[:-1], layout.chains, layout.per_chain)
            attributes = contents.variable_attributes(group, name)
            variables[name] = xr.Variable(dims, by_chain, attributes).transpose(*SHOWN_DIMS[group])
        groups[f"/{group}"] = xr.Dataset(variables, {dim: labels[dim] for dim in dims})
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = contents.attributes()
    return tree


def save(results: xr.DataTree, path: str | os.PathLike[str]) -> Path:
    """Write a results tree to a NetCDF file, whole or not at all.

    Written under a temporary name beside it and moved into place. Raises ResultsError where
    the place cannot be written.
    """
    import xarray as xr

    target = Path(path)
    stored = {}
    for name, node in results.children.items():
        dims = STORED_DIMS.get(name)
        dataset = node.to_dataset()
        if dims is None:
            stored[f"/{name}"] = dataset
            continue
        extra = [dim for dim in dataset.dims if dim not in dims]
        stored[f"/{name}"] = dataset.transpose(*extra, *dims)
    tree = xr.DataTree.from_dict(stored)
    tree.attrs = dict(results.attrs)
    partial = target.with_name(target.name + ".partial")
    try:
        tree.to_netcdf(partial, engine="h5netcdf")
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ResultsError(f"{target}: cannot be written: {error.strerror or error}") from error
    return target


def open_results(path: str | os.PathLike[str]) -> xr.DataTree:
    """Open results from a NetCDF file or the folder that holds it; values are read when used.

    Raises ResultsError where there is no such file, or it is not a results file of this form.
    """
    import xarray as xr

    from riskmc.results.lazy import shown

    source = Path(path)
    if source.is_dir():
        source = source / FILE_NAME
    if not source.is_file():
        raise ResultsError(f"{source}: no such results file")
    try:
        stored = xr.open_datatree(source, engine="h5netcdf", cache=False)
    except (OSError, ValueError, KeyError) as error:
        raise ResultsError(f"{source}: not a results file: {error}") from error
    if int(stored.attrs.get("format", 0)) != FORMAT:
        stored.close()
        raise ResultsError(f"{source}: not a results file of this version of riskmc")
    groups = {}
    for name, node in stored.children.items():
        dataset = node.to_dataset()
        dims = SHOWN_DIMS.get(name)
        groups[f"/{name}"] = dataset if dims is None else shown(dataset, dims)
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = dict(stored.attrs)
    tree.set_close(stored.close)
    return tree
