"""The compiled player, where there is one."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.recorded.tape import Tape

#: Doubles of a register, as `player.c` has it.
TILE = 512
#: What the build leaves alongside this file where there was a compiler.
LIBRARY = Path(__file__).with_name("_player.so")

Play = Callable[[Tape, Sequence[NDArray[Any]], int], None]


@cache
def compiled_player() -> Play | None:
    """Return what plays a tape, or None where the package was installed without a compiler.

    It takes a tape, its outside rows (each contiguous along draws), and how many draws to play;
    it holds no lock of Python's while it plays.
    """
    if not LIBRARY.exists():
        return None
    try:
        function = ctypes.CDLL(str(LIBRARY)).riskmc_play
    except OSError:
        return None
    function.restype = None
    function.argtypes = [
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_int64,
        ctypes.c_void_p,
    ]

    def play(tape: Tape, rows: Sequence[NDArray[Any]], draws: int) -> None:
        starts = np.array([row.ctypes.data for row in rows], dtype=np.uintp)
        sizes = np.array([row.itemsize for row in rows], dtype=np.int32)
        spare = np.empty(max(tape.registers, 1) * TILE)
        pointers = np.empty(tape.registers + len(rows) + 1, dtype=np.uintp)
        function(
            tape.operations.ctypes.data,
            len(tape.operations),
            tape.registers,
            len(rows),
            starts.ctypes.data,
            sizes.ctypes.data,
            spare.ctypes.data,
            draws,
            pointers.ctypes.data,
        )

    return play
