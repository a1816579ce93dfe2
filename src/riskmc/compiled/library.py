"""Opens the compiled library."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: What the build leaves alongside this file where there was a compiler.
LIBRARY = Path(__file__).with_name("_compiled.so")


@cache
def _library() -> ctypes.CDLL | None:
    if not LIBRARY.exists():
        return None
    try:
        library = ctypes.CDLL(str(LIBRARY))
    except OSError:
        return None
    return library if of_these_sources(library) else None


def of_these_sources(library: ctypes.CDLL) -> bool:
    """Say whether a library was compiled from the C files alongside this one.

    One that is left of another version would write where it must not, or return wrong numbers.

    Parameters
    ----------
    library : ctypes.CDLL
        Any library.
    """
    try:
        says = library.riskmc_sources
    except AttributeError:
        return False
    says.restype = ctypes.c_char_p
    text = b"\0".join(path.read_bytes() for path in sorted(LIBRARY.parent.glob("*.c")))
    return bool(says().decode() == hashlib.sha256(text).hexdigest())


def compiled_function(
    name: str, arguments: Sequence[Any], result: Any = None
) -> Callable[..., Any] | None:
    """Return a function of the compiled library; None where it is not to be had.

    It holds no lock of Python's while it works.

    Parameters
    ----------
    name : str
        Its name in C.
    arguments, result : ctypes types
        What it takes and gives.
    """
    library = _library()
    if library is None:
        return None
    try:
        function = getattr(library, name)
    except AttributeError:
        return None
    function.argtypes = list(arguments)
    function.restype = result
    found: Callable[..., Any] = function
    return found


def aligned(rows: int, columns: int) -> NDArray[np.float64]:
    """Return room for doubles that begins with a line of the cache.

    Where it does not, the widest vectors straddle two lines at every step.
    """
    line = 64
    room = np.empty(8 * rows * columns + line, dtype=np.uint8)
    begin = -room.ctypes.data % line
    return room[begin : begin + 8 * rows * columns].view(np.float64).reshape(rows, columns)
