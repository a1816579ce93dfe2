"""Sums and counts of rows of draws by the compiled library, where there is one.

The same to the bit as NumPy makes them (`moments`, `grid`), which stays the reference.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.compiled import compiled_function

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: What functions of `fold.c` take, in order, and give back.
_FUNCTIONS = {
    "riskmc_moments": ("pnnppp", None),
    "riskmc_nonzero": ("pnnp", None),
    "riskmc_set": ("pnnp", None),
    "riskmc_by_unit": ("pnnnppp", None),
    "riskmc_bins": ("pnnpppppppp", ctypes.c_int64),
    "riskmc_fold": ("ppnnppnppp", ctypes.c_int64),
}
#: Most values of a row that are added up.
_MOST = 2**15


class Bins(ctypes.Structure):
    """How histograms lie: slots in all, bins of a wing, of the middle, and where the atom is."""

    _fields_ = tuple((name, ctypes.c_int64) for name in ("slots", "wing", "core", "on"))


class Fold(ctypes.Structure):
    """What `riskmc_fold` of `fold.c` takes: how many rows there are, and arrays case by case."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in ("rows", "sketched", "horizon", "tails")),
        ("bins_lie", Bins),
        *(
            (name, ctypes.c_void_p)
            for name in (
                *("horizon_rows", "atom_bin", "per_width", "start", "atom", "threshold"),
                *("centre", "nonzero", "least", "most", "a", "aa", "aaa", "spread_a"),
                *("q", "qq", "aq", "qqq", "bins"),
            )
        ),
    )


#: One case for `riskmc_fold`.
CASE = np.dtype([(n, "i8") for n in ("x", "y", "number", "own", "other", "first")])


def fold_function() -> Any:
    """Return `riskmc_fold`; None without the library."""
    return _function("riskmc_fold")


def moments_of_rows(x: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Return mean and centred sums of squares and cubes by row; None without the library.

    Parameters
    ----------
    x : array
        Finite numbers, (row, draw), draws side by side.
    """
    function = _function("riskmc_moments")
    if function is None or not x.flags.c_contiguous or x.shape[1] > _MOST:
        return None
    rows, draws = x.shape
    found = np.empty((3, rows))
    function(at(x), rows, draws, *(at(row) for row in found))
    return found[0], found[1], found[2]


def nonzero_of_rows(x: Floats | NDArray[np.bool_]) -> Ints | None:
    """Return how many values of each row are not 0, or true; None without the library."""
    function = _function("riskmc_set" if x.dtype == np.bool_ else "riskmc_nonzero")
    if function is None or not x.flags.c_contiguous:
        return None
    counts = np.empty(len(x), np.int64)
    function(at(x), *x.shape, at(counts))
    return counts


def counts_by_unit(x: Floats, unit: int, rows: Ints, levels: Floats) -> Ints | None:
    """Return by unit how many draws lie below a level and how many on it; None without the library.

    Parameters
    ----------
    x : array
        Finite numbers, (row, draw), whole units.
    unit : int
        Neighbouring draws of a unit.
    rows, levels : array
        Which rows, and the level of each.

    Returns
    -------
    array of int
        Sums over units of below, below², on, on², below × on: (5, row).
    """
    function = _function("riskmc_by_unit")
    if function is None or not x.flags.c_contiguous:
        return None
    found, levels = np.empty((len(rows), 5), np.int64), np.ascontiguousarray(levels)
    function(at(x), x.shape[1], unit, len(rows), at(rows), at(levels), at(found))
    return found.T


def count_middle(
    x: Floats,
    into: NDArray[Any],
    *,
    width: Floats,
    start: Floats,
    atoms: Floats,
    atom_bins: Ints,
    bins: Bins,
) -> Ints | None:
    """Count values into the middle bins of their rows and return the flat places of all others.

    None, and nothing counted, without the library.

    Parameters
    ----------
    x : array
        Finite numbers, (row, draw).
    into : array of uint16
        Histograms, (row, slot).
    width, start, atoms : array
        By row, as in `Grid`.
    atom_bins : array of int
        By row, the bin in which the atom lies.
    bins : Bins
        How histograms lie.
    """
    function = _function("riskmc_bins")
    counted = into.dtype == np.uint16 and into.flags.c_contiguous and x.flags.c_contiguous
    if function is None or not counted:
        return None
    per_width = 1.0 / width
    first, alone = np.ascontiguousarray(start), np.ascontiguousarray(atoms)
    far, spare = np.empty(x.size, np.int64), np.empty((2, x.shape[1]), np.int32)
    by_row = (at(per_width), at(first), at(alone), at(atom_bins))
    lie = ctypes.addressof(bins)
    beyond = function(at(x), *x.shape, *by_row, at(into), lie, at(far), at(spare))
    return far[:beyond]


def at(array: NDArray[Any]) -> int:
    """Return where an array begins in memory."""
    return int(array.ctypes.data)


@cache
def _function(name: str) -> Any:
    """Return a function of the library: p stands for a pointer, n for a whole number."""
    kinds, result = _FUNCTIONS[name]
    arguments = [ctypes.c_void_p if kind == "p" else ctypes.c_int64 for kind in kinds]
    return compiled_function(name, arguments, result)
