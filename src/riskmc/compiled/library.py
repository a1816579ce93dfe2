"""Opens the compiled library."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

#: What the build leaves alongside this file where there was a compiler.
LIBRARY = Path(__file__).with_name("_compiled.so")


@cache
def _library() -> ctypes.CDLL | None:
    if not LIBRARY.exists():
        return None
    try:
        return ctypes.CDLL(str(LIBRARY))
    except OSError:
        return None


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
