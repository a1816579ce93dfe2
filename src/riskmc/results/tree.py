"""Results as an xarray tree: built from arrays, saved to NetCDF, opened again."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmc.errors import ResultsError, RunError
from riskmc.results.contents import (
    DRIVERS_GROUP,
    FORMAT,
    OUTCOMES,
    PLACE_GROUP,
    STORED_DIMS,
    Contents,
)
from riskmc.results.publishing import COMMITTED, RESULTS_FILE, finish_interrupted
from riskmc.results.region import Journal, Region, checksums_of
from riskmc.variables import DRIVER_DIMS, OUTCOME_DIMS, PLACE_DIMS

if TYPE_CHECKING:
    import xarray as xr

#: Axis order in which results show themselves, by group.
SHOWN_DIMS = {OUTCOMES: OUTCOME_DIMS, PLACE_GROUP: PLACE_DIMS, DRIVERS_GROUP: DRIVER_DIMS}


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
    stored, checked = {}, {}
    for name, node in results.children.items():
        dims = STORED_DIMS.get(name)
        dataset = node.to_dataset()
        if dims is None:
            stored[f"/{name}"] = dataset
            checked[f"/{name}"] = {n: {"fletcher32": True} for n, x in dataset.items() if x.ndim}
            continue
        extra = [dim for dim in dataset.dims if dim not in dims]
        stored[f"/{name}"] = dataset.transpose(*extra, *dims)
    tree = xr.DataTree.from_dict(stored)
    tree.attrs = dict(results.attrs)
    partial = target.with_name(target.name + ".saving")
    try:
        tree.to_netcdf(partial, engine="h5netcdf", encoding=checked)
        checksums_of(target).unlink(missing_ok=True)  # of another file that lay here
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

    source = _file(path)
    try:
        stored = xr.open_datatree(source, engine="h5netcdf", cache=False)
    except (OSError, ValueError, KeyError, RuntimeError, AttributeError) as error:
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


def seal(path: Path) -> None:
    """Write the checksum of a saved file beside it, for `check_file`."""
    size = path.stat().st_size
    frame = Region(str(path), (), 0, 1, size)  # all of it is frame: no values by draw
    with path.open("rb") as file:
        checksum = frame.frame_checksum(file.fileno())
    Journal({}, frame, checksum, {}).write(checksums_of(path))


def check_file(path: str | os.PathLike[str]) -> None:
    """See whether a results file, or the one in a folder, is as its run wrote it.

    A file that was written by `save` has no checksums beside it, and is taken as it is. Raises
    ResultsError, naming the draws that are spoilt.
    """
    source = _file(path)
    checksums = checksums_of(source)
    if not checksums.exists():
        return
    advice = "run the study again, or copy the folder again from where it is whole"
    found = Journal.read(checksums, source)
    if found is None or len(found.done) != found.region.blocks:
        raise ResultsError(f"{checksums}: spoilt, so {source.name} cannot be checked: {advice}")
    region = found.region
    with source.open("rb") as file:
        whole = os.fstat(file.fileno()).st_size == region.size
        if not whole or region.frame_checksum(file.fileno()) != found.frame:
            raise ResultsError(f"{source}: not as it was written, or of another run: {advice}")
        for block, checksum in found.done.items():
            if region.checksum(file.fileno(), block) != checksum:
                first, after = region.part(block)
                raise ResultsError(
                    f"{source}: draws {first:,} to {after - 1:,} are not as they were written: "
                    f"{advice}"
                )


def _file(path: str | os.PathLike[str]) -> Path:
    source = Path(path)
    if source.is_dir():
        with contextlib.suppress(RunError):  # where it cannot be finished it is read as it lies
            finish_interrupted(source)
        committed = source / COMMITTED / RESULTS_FILE
        source = committed if committed.is_file() else source / RESULTS_FILE
    if not source.is_file():
        raise ResultsError(f"{source}: no such results file")
    return source
