"""Whether a disk has room for a file, before a library that cannot bear a full one writes it."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

#: Bytes that a NetCDF file takes as well as its values: headers, and names of every variable.
_HEADERS, _EACH = 100_000, 10_000


def need_room(path: Path, needed: int) -> None:
    """Raise OSError where the disk of `path` has no room for so many bytes.

    HDF5 leaves a file that it could not finish open, and ends Python with it.
    """
    if needed > shutil.disk_usage(path.parent).free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def tree_bytes(tree: xr.DataTree) -> int:
    """Return the most bytes that a tree takes as a file."""
    nodes = list(tree.subtree)
    variables = sum(len(node.variables) for node in nodes)
    attributes = sum(len(str(value)) for node in nodes for value in node.attrs.values())
    return int(tree.nbytes) + 2 * attributes + _EACH * variables + _HEADERS
