"""A results file checked before it is read.

It must be of this form and of the shape that it says, and nothing in it may point outside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from riskmc.distributions.hdf5_files import check_inside
from riskmc.errors import ResultsError
from riskmc.results.contents import (
    DRIVERS_GROUP,
    FORMAT,
    FORMER_SUMMARIES,
    OUTCOMES,
    PLACE_GROUP,
    package_version,
)
from riskmc.results.seal import SEALED

#: What every results file says of itself in words.
_TEXTS = ("study", "scheme", "kept", "title")
_LABELS = ("regime", "organisation", "year")


def inspect(path: Path) -> bool:
    """Check a results file; return whether it says that it carries checksums.

    Raises ResultsError where it is not a results file of this version, is of another shape than
    it says, or points outside itself.
    """
    import h5py

    try:
        with path.open("rb"):
            pass
    except OSError as error:  # HDF5 says it in words of its own
        raise ResultsError(f"{path}: cannot be read: {error.strerror}") from error
    if not h5py.is_hdf5(path):
        raise ResultsError(f"{path}: not a results file")
    try:
        with h5py.File(path, "r") as file:
            check_inside(file)
            _check_attributes(path, file)
            return bool(_number(file, SEALED, 0))
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, OverflowError) as error:
        first = (str(error).splitlines() or [""])[0][:200]
        raise ResultsError(f"{path}: not a results file: {first}") from error


def _check_attributes(path: Path, file: Any) -> None:
    """Raise ResultsError where what a file says of itself is missing or does not fit it."""
    _check_form(path, file)
    for key in _TEXTS:
        if not isinstance(file.attrs.get(key), str):
            raise ResultsError(f"{path}: not a results file: it does not say its {key}")
    chains, draws = (_number(file, key, 0) for key in ("chains", "draws"))
    if chains < 1 or draws < 1 or draws % chains:
        raise ResultsError(f"{path}: {draws} draws in {chains} chains: not a results file")
    for group in (OUTCOMES, PLACE_GROUP, DRIVERS_GROUP):
        if group in file:
            _check_group(path, file, group, (chains, draws // chains))


def _check_form(path: Path, file: Any) -> None:
    """Raise ResultsError for a file in the form of another version, which says what to do."""
    form = _number(file, "format", 0)
    if form < 1:
        raise ResultsError(f"{path}: not a results file: it does not say its form")
    if form == FORMAT and FORMER_SUMMARIES not in file:
        return
    of = f"{path}: results of riskmc {_text(file, 'riskmc_version')} in "
    ours = f"riskmc {package_version('riskmc')} reads form {FORMAT}"
    if form > FORMAT:
        raise ResultsError(f"{of}form {form}; {ours}: open them with a later riskmc")
    which = f"form {form}" if form < FORMAT else "a former form of summaries"
    raise ResultsError(f"{of}{which}; {ours}: run the study again")


def _text(file: Any, key: str) -> str:
    said = file.attrs.get(key)
    return said if isinstance(said, str) and said.isprintable() else "of an unknown version"


def _number(file: Any, key: str, missing: int) -> int:
    """Return a whole number that a file says, which NetCDF keeps as an array of one."""
    said = file.attrs.get(key, missing)
    return int(getattr(said, "item", lambda: said)())


def _check_group(path: Path, file: Any, group: str, draws: tuple[int, int]) -> None:
    node = file[group]
    for dim, size in zip(("chain", "draw"), draws, strict=True):
        labels = node[dim][...].tolist() if dim in node else 0  # a selection may hold fewer
        numbers = labels if isinstance(labels, list) else [labels]
        if not all(isinstance(n, int) and 0 <= n < size for n in numbers):
            raise ResultsError(f"{path}: /{group} holds a '{dim}' that is not one of {size:,}")
    for dim in _LABELS:
        if dim in node and node[dim].ndim and len({*node[dim][...].tolist()}) != len(node[dim]):
            raise ResultsError(f"{path}: /{group} has a label of '{dim}' twice")
