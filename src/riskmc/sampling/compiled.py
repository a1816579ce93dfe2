"""The compiled functions that draw futures, where there are any and they draw what NumPy draws."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riskmc.compiled import compiled_function
from riskmc.sampling.layout import KEY_BLOCK
from riskmc.sampling.streams import Array, generator

#: Words that a seed is padded to where a key follows, as in NumPy.
_POOL = 4
_WORD = 2**32
#: What Cython calls the functions of SciPy that are handed to C.
_SPECIAL = b"double (double, int __pyx_skip_dispatch)"
_CDF, _QUANTILE = "__pyx_fuse_1ndtr", "ndtri"

Words = NDArray[np.uint32]
States = NDArray[np.uint64]


class Plan(ctypes.Structure):
    """What is to be drawn, as `futures.c` has it."""

    _fields_ = (
        ("steps", ctypes.c_void_p),
        ("ends", ctypes.c_void_p),
        ("parts", ctypes.c_int64),
        ("terms", ctypes.c_void_p),
        ("forms", ctypes.c_void_p),
        ("streams", ctypes.c_void_p),
        ("spare", ctypes.c_void_p),
        ("rows", ctypes.c_void_p),
        ("draws", ctypes.c_int64),
    )


@dataclass(frozen=True)
class Compiled:
    """The compiled functions: open streams, fill a row with normals, draw a plan."""

    open: Callable[..., None]
    normals: Callable[..., None]
    draw: Callable[..., None]

    def streams(self, seed: int, keys: Sequence[tuple[int, ...]], block: int) -> States:
        """Return the states of the streams of a block, as `generator` opens them."""
        before, after = _in_words(seed), _in_words(block)
        before += [0] * (_POOL - len(before))
        words = np.array([(*before, *key, *after) for key in keys], dtype=np.uint32)
        states = np.empty((len(keys), 4), dtype=np.uint64)
        self.open(words.ctypes.data, words.shape[-1], len(keys), states.ctypes.data)
        return states

    def fill(self, state: States, row: Array) -> None:
        """Fill a contiguous row with the next normals of a stream."""
        self.normals(state.ctypes.data, row.ctypes.data, row.size)


@cache
def compiled_futures() -> Compiled | None:
    """Return the compiled functions; None where NumPy is to draw.

    That is where the package was installed without a compiler, and where NumPy or SciPy are of a
    version that computes anything else, to the bit, than the library does.
    """
    pointer, whole, long = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
    special = _special_functions()
    prepare = compiled_function("riskmc_prepare", (pointer, pointer, whole))
    worked_out = compiled_function("riskmc_special", (*[pointer] * 4, long))
    opens = compiled_function("riskmc_open", (pointer, whole, long, pointer))
    normals = compiled_function("riskmc_normals", (pointer, pointer, long))
    draw = compiled_function("riskmc_draw", (pointer,))
    if special is None or prepare is None or worked_out is None:
        return None
    if opens is None or normals is None or draw is None:
        return None
    prepare(*special, 1)
    if not _are_special(worked_out):
        prepare(*special, 0)
    found = Compiled(opens, normals, draw)
    return found if _draws_the_same(found) else None


def _in_words(number: int) -> list[int]:
    """Return a whole number in words of 32 bits, the lowest first."""
    words = [number % _WORD]
    while number := number // _WORD:
        words.append(number % _WORD)
    return words


def _special_functions() -> tuple[int, int] | None:
    """Return where SciPy has Φ and its inverse for C; None where they are not what they were."""
    from scipy.special import cython_special, ndtr, ndtri

    places = []
    points = np.concatenate([np.linspace(-9.0, 9.0, 61), np.linspace(-1.1, 1.1, 41)])
    for name, known, at in ((_CDF, ndtr, points), (_QUANTILE, ndtri, ndtr(points))):
        capsule = cython_special.__pyx_capi__.get(name)
        place = _pointer(capsule)
        if place is None:
            return None
        function = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_int)(place)
        if [function(x, 0) for x in at.tolist()] != known(at).tolist():
            return None
        places.append(place)
    return places[0], places[1]


def _pointer(capsule: object) -> int | None:
    """Return the address that a capsule of Cython's holds, if it is of the kind looked for."""
    if capsule is None:
        return None
    named = ctypes.pythonapi.PyCapsule_GetName
    named.restype, named.argtypes = ctypes.c_char_p, [ctypes.py_object]
    held = ctypes.pythonapi.PyCapsule_GetPointer
    held.restype, held.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    if named(capsule) != _SPECIAL:
        return None
    place: int | None = held(capsule, _SPECIAL)
    return place


def _are_special(worked_out: Callable[..., None]) -> bool:
    """Whether what the library works out of SciPy's functions itself is SciPy's to the bit."""
    from scipy.special import ndtr, ndtri

    z = np.linspace(-3.0, 3.0, 20_011)
    found = np.empty((3, z.size))
    worked_out(z.ctypes.data, *(row.ctypes.data for row in found), z.size)
    return np.array_equal(found, [ndtr(z), ndtr(-z), ndtri(ndtr(z))])


def _draws_the_same(found: Compiled) -> bool:
    """Whether some thousand normals, from every layer of the ziggurat, are NumPy's to the bit."""
    for seed, key, block in ((1, (1, 2, 3, 4), 0), (2**40 + 3, (5, 6, 7, 2**32 - 1), 2**33)):
        row = np.empty(2 * KEY_BLOCK)
        found.fill(found.streams(seed, [key], block), row)
        if not np.array_equal(row, generator(seed, key, block).standard_normal(row.size)):
            return False
    return True
