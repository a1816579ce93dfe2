"""Results as an xarray tree: built from arrays, saved to NetCDF, opened again."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmc.errors import ResultsError, RunError
from riskmc.results.blocks import HeldBlocks
from riskmc.results.contents import (
    DRIVERS_GROUP,
    OUTCOMES,
    PLACE_GROUP,
    STORED_DIMS,
    Contents,
)
from riskmc.results.inspection import inspect
from riskmc.results.publishing import COMMITTED, RESULTS_FILE, finish_interrupted
from riskmc.results.room import need_room, tree_bytes
from riskmc.results.seal import SEALED, check_seal, seal
from riskmc.variables import DRIVER_DIMS, OUTCOME_DIMS, PLACE_DIMS

if TYPE_CHECKING:
    import xarray as xr

#: Axis order in which results show themselves, by group.
SHOWN_DIMS = {OUTCOMES: OUTCOME_DIMS, PLACE_GROUP: PLACE_DIMS, DRIVERS_GROUP: DRIVER_DIMS}


def build_tree(contents: Contents, arrays: Mapping[str, Mapping[str, Any]]) -> xr.DataTree:
    """Build a results tree from arrays.

    Parameters
    ----------
    contents : Contents
        What is in them.
    arrays : mapping of str to mapping of str to array
        By group and variable, shaped as `Contents.shape` says; money in £m.

    Returns
    -------
    xarray.DataTree
        Chains and draws as two dimensions, with labels and units.
    """
    layout = contents.layout

    def by_chain(group: str, name: str) -> Any:
        values = arrays[group][name]
        return values.reshape(*values.shape[:-1], layout.chains, layout.per_chain)

    return _tree(contents, by_chain)


def tree_in_blocks(contents: Contents, held: HeldBlocks) -> xr.DataTree:
    """Build the results tree of a run that is on file from its blocks, read when used."""
    from xarray.core import indexing

    from riskmc.results.lazy import InBlocks

    def lazily(group: str, name: str) -> Any:
        return indexing.LazilyIndexedArray(InBlocks(held, contents, group, name))

    tree = _tree(contents, lazily)
    tree.set_close(held.close)
    return tree


def _tree(contents: Contents, stored: Callable[[str, str], Any]) -> xr.DataTree:
    """Build a results tree of what is stored: of a group and variable, in the stored order."""
    import xarray as xr

    from riskmc.results.lazy import shown

    groups = {}
    for group, names in contents.names.items():
        dims = STORED_DIMS[group]
        labels = contents.coordinates
        variables = {
            name: xr.Variable(dims, stored(group, name), contents.variable_attributes(group, name))
            for name in names
        }
        dataset = xr.Dataset(variables, {dim: labels[dim] for dim in dims})
        order = SHOWN_DIMS[group]
        groups[f"/{group}"] = (
            shown(dataset, order) if contents.packed else dataset.transpose(*order)
        )
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = contents.attributes()
    return tree


def save(results: xr.DataTree, path: str | os.PathLike[str]) -> Path:
    """Write a results tree to a NetCDF file, whole or not at all.

    Written under a temporary name alongside it and moved into place.

    Parameters
    ----------
    results : xarray.DataTree
        Results of a run.
    path : str or path
        File to write; one that exists is replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ResultsError
        Where the place cannot be written.
    """
    import xarray as xr

    target = path_of(path)
    if not hasattr(results, "children"):
        raise ResultsError(f"{type(results).__name__} is not a results tree, such as run returns")
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
    tree.attrs = {**results.attrs, SEALED: 1}
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        need_room(temporary, tree_bytes(tree))
        tree.to_netcdf(temporary, engine="h5netcdf")
        seal(temporary)
        temporary.replace(target)
    except (OSError, OverflowError, RuntimeError, TypeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ResultsError(f"{target}: cannot be written: {reason}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return target


def open_results(path: str | os.PathLike[str], *, check: bool = True) -> xr.DataTree:
    """Open results from a NetCDF file or the folder that holds it; values are read when used.

    Parameters
    ----------
    path : str or path
        A `results.nc`, or the folder that holds it.
    check : bool
        Whether to compare the file with the checksums that it carries. A file that was found
        whole is not read for it again.

    Returns
    -------
    xarray.DataTree
        The results, amounts in double precision.

    Raises
    ------
    ResultsError
        No such file; one that is not as it was written; one that is not of this form, or that
        points outside itself.
    """
    import xarray as xr

    from riskmc.results.lazy import shown

    source = _file(path)
    try:
        sealed = inspect(source)
        if check:
            check_seal(source, sealed=sealed)
        stored = xr.open_datatree(source, engine="h5netcdf", cache=False)
    except ResultsError:
        raise
    except Exception as error:  # a file that is none of ours may fail in any way
        first = (str(error).splitlines() or [""])[0][:200]
        raise ResultsError(f"{source}: not a results file: {first}") from error
    groups = {}
    for name, node in stored.children.items():
        dataset = node.to_dataset()
        dims = SHOWN_DIMS.get(name)
        groups[f"/{name}"] = dataset if dims is None else shown(dataset, dims)
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {key: value for key, value in stored.attrs.items() if key != SEALED}
    tree.set_close(stored.close)
    return tree


def check_file(path: str | os.PathLike[str]) -> None:
    """Check that a results file, or the one in a folder, is as its run wrote it.

    A file that carries no checksums is taken as it is.

    Parameters
    ----------
    path : path
        The file, or the folder that holds `results.nc`.

    Raises
    ------
    ResultsError
        Where it does not exist, is not a results file, or has changed since.
    """
    source = _file(path)
    check_seal(source, sealed=inspect(source))


def path_of(path: object) -> Path:
    """Return a path as such; ResultsError where it is none."""
    if not isinstance(path, str | os.PathLike):
        raise ResultsError(f"{path!r} is not the path of a file or folder")
    return Path(path)


def _file(path: str | os.PathLike[str]) -> Path:
    source = path_of(path)
    if source.is_dir():
        with contextlib.suppress(RunError):  # where it cannot be finished it is read as it lies
            finish_interrupted(source)
        committed = source / COMMITTED / RESULTS_FILE
        source = committed if committed.is_file() else source / RESULTS_FILE
    if not source.is_file():  # nor a pipe or a device
        raise ResultsError(f"{source}: no such results file")
    return source
