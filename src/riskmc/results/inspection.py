"""A results file looked over before anything is made of it: nothing in it may point outside it.

HDF5 files can hold links to other files, data that lie in other files, and claims of sizes that
no memory holds. A results file has none of these: one that has is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from riskmc.errors import ResultsError
from riskmc.results.contents import DRIVERS_GROUP, FORMAT, OUTCOMES, PLACE_GROUP
from riskmc.results.seal import SEALED

#: HDF5's own numbers of the filters that are used: deflate, shuffle, fletcher32.
_FILTERS = {1, 2, 3}
#: Deflate shrinks nothing more than this.
_MOST_SHRUNK = 1_100
_MOST_OBJECTS, _DEEPEST = 5_000, 3
#: What every results file says of itself in words.
_TEXTS = ("study", "scheme", "kept", "title")
_LABELS = ("regime", "organisation", "year")


def inspect(path: Path) -> bool:
    """Look a results file over; return whether it says that it carries checksums.

    Raises ResultsError where it is not a results file of this version, is of another shape than
    it says, or points outside itself.
    """
    import h5py

    if not h5py.is_hdf5(path):
        raise ResultsError(f"{path}: not a results file")
    try:
        with h5py.File(path, "r") as file:
            for name, dataset in _datasets(path, file):
                _check_dataset(path, name, dataset)
            _check_attributes(path, file)
            return bool(_number(file, SEALED, 0))
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, OverflowError) as error:
        first = (str(error).splitlines() or [""])[0][:200]
        raise ResultsError(f"{path}: not a results file: {first}") from error


def _datasets(path: Path, file: Any) -> Iterator[tuple[str, Any]]:
    """Give every dataset; ResultsError for a link that leads elsewhere."""
    import h5py

    waiting, seen = [(file, "", 0)], 0
    while waiting:
        group, prefix, depth = waiting.pop()
        for raw in group.id:
            seen += 1
            name = raw.decode(errors="replace")
            if group.id.links.get_info(raw).type != h5py.h5l.TYPE_HARD:
                raise ResultsError(f"{path}: {prefix}{name} is a link: a results file has none")
            if seen > _MOST_OBJECTS or depth > _DEEPEST:
                raise ResultsError(f"{path}: not a results file: it holds too much")
            found = group[name]
            if isinstance(found, h5py.Group):
                waiting.append((found, f"{prefix}{name}/", depth + 1))
            elif isinstance(found, h5py.Dataset):
                yield f"{prefix}{name}", found


def _check_dataset(path: Path, name: str, dataset: Any) -> None:
    """Raise ResultsError where a dataset lies elsewhere, or claims more than there is."""
    made = dataset.id.get_create_plist()
    if made.get_external_count() or dataset.is_virtual:
        raise ResultsError(f"{path}: {name} lies in another file: a results file has all in it")
    filters = {made.get_filter(i)[0] for i in range(made.get_nfilters())}
    if filters - _FILTERS:
        raise ResultsError(f"{path}: {name} is packed in a way that results files are not")
    if dataset.dtype.kind == "O" or dataset.shape is None or dataset.id.get_space_status() == 0:
        most = 1_000_000
        if dataset.size and dataset.size > most:
            raise ResultsError(f"{path}: {name} claims more than the file holds")
        return
    if dataset.nbytes > _MOST_SHRUNK * dataset.id.get_storage_size() + 64:
        raise ResultsError(f"{path}: {name} claims more than the file holds")


def _check_attributes(path: Path, file: Any) -> None:
    """Raise ResultsError where what a file says of itself is missing or does not fit it."""
    if _number(file, "format", 0) != FORMAT:
        raise ResultsError(f"{path}: not a results file of this version of riskmc")
    for key in _TEXTS:
        if not isinstance(file.attrs.get(key), str):
            raise ResultsError(f"{path}: not a results file: it does not say its {key}")
    chains, draws = (_number(file, key, 0) for key in ("chains", "draws"))
    if chains < 1 or draws < 1 or draws % chains:
        raise ResultsError(f"{path}: {draws} draws in {chains} chains: not a results file")
    for group in (OUTCOMES, PLACE_GROUP, DRIVERS_GROUP):
        if group in file:
            _check_group(path, file, group, (chains, draws // chains))


def _number(file: Any, key: str, missing: int) -> int:
    """Return a whole number that a file says, which NetCDF keeps as an array of one."""
    said = file.attrs.get(key, missing)
    return int(getattr(said, "item", lambda: said)())


def _check_group(path: Path, file: Any, group: str, draws: tuple[int, int]) -> None:
    node = file[group]
    for dim, size in zip(("chain", "draw"), draws, strict=True):
        labels = node[dim][...].tolist() if dim in node else 0  # a selection may hold fewer
        numbers = labels if isinstance(labels, list) else [labels]
        if not set(numbers) <= set(range(size)):
            raise ResultsError(f"{path}: /{group} holds a '{dim}' that is not one of {size:,}")
    for dim in _LABELS:
        if dim in node and node[dim].ndim and len({*node[dim][...].tolist()}) != len(node[dim]):
            raise ResultsError(f"{path}: /{group} has a label of '{dim}' twice")
