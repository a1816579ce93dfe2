"""HDF5 files that may come from somebody else: nothing in them may point outside them.

They can hold links to other files, data that lie in other files, and claims of sizes that no
memory holds. Files of this program have none of these: one that has is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: HDF5's own numbers of the filters that are used: deflate, shuffle, fletcher32.
_FILTERS = {1, 2, 3}
#: Deflate shrinks nothing more than this.
_MOST_SHRUNK = 1_100
#: How NetCDF marks a dimension that has no labels.
_DIMENSION = b"This is a netCDF dimension but not a netCDF variable"
_MOST_OBJECTS, _DEEPEST = 5_000, 3


def check_inside(file: Any) -> None:
    """Look an open HDF5 file over; ValueError where it points outside itself, or lies."""
    for name, dataset in _datasets(file):
        _check_dataset(name, dataset)


def _datasets(file: Any) -> Iterator[tuple[str, Any]]:
    """Give every dataset; ValueError for a link, which may lead elsewhere."""
    import h5py

    waiting, seen = [(file, "", 0)], 0
    while waiting:
        group, prefix, depth = waiting.pop()
        for raw in group.id:
            seen += 1
            name = raw.decode(errors="replace")
            if group.id.links.get_info(raw).type != h5py.h5l.TYPE_HARD:
                raise ValueError(f"{prefix}{name} is a link, which is not followed")
            if seen > _MOST_OBJECTS or depth > _DEEPEST:
                raise ValueError("it holds too much")
            found = group[name]
            if isinstance(found, h5py.Group):
                waiting.append((found, f"{prefix}{name}/", depth + 1))
            elif isinstance(found, h5py.Dataset):
                yield f"{prefix}{name}", found


def _check_dataset(name: str, dataset: Any) -> None:
    """Raise ValueError where a dataset lies elsewhere, or claims more than there is."""
    made = dataset.id.get_create_plist()
    if made.get_external_count() or dataset.is_virtual:
        raise ValueError(f"{name} lies in another file, which is not read")
    filters = {made.get_filter(i)[0] for i in range(made.get_nfilters())}
    if filters - _FILTERS:
        raise ValueError(f"{name} uses an unknown compression")
    if _only_a_dimension(dataset):
        return
    if dataset.dtype.kind == "O" or dataset.shape is None or dataset.id.get_space_status() == 0:
        most = 1_000_000
        if dataset.size and dataset.size > most:
            raise ValueError(f"{name} claims more than the file holds")
        return
    if dataset.nbytes > _MOST_SHRUNK * dataset.id.get_storage_size() + 64:
        raise ValueError(f"{name} claims more than the file holds")


def _only_a_dimension(dataset: Any) -> bool:
    """Whether a dataset is a NetCDF dimension without labels: it holds nothing and is not read."""
    said = dataset.attrs.get("NAME", b"")
    name = said if isinstance(said, bytes) else str(said).encode()
    return name.startswith(_DIMENSION) and dataset.id.get_storage_size() == 0
