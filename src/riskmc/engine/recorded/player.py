"""The compiled player, where there is one."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riskmc.compiled import aligned, compiled_function
from riskmc.engine.recorded.tape import Tape

#: Doubles of a register, as `player.c` has it.
TILE = 256

Play = Callable[[Tape, NDArray[np.uintp], NDArray[np.int32], int], None]


@cache
def compiled_player() -> Play | None:
    """Return what plays a tape, or None where the package was installed without a compiler.

    It takes a tape, where each of its outside rows begins in memory (draws side by side), the
    bytes of one value of each, and how many draws to play; it holds no lock of Python's meanwhile.
    """
    pointer, whole, long = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
    arguments = (pointer, whole, whole, whole, pointer, pointer, pointer, long, pointer)
    function = compiled_function("riskmc_play", arguments)
    if function is None:
        return None

    def play(tape: Tape, starts: NDArray[np.uintp], sizes: NDArray[np.int32], draws: int) -> None:
        spare = aligned(max(tape.registers, 1), TILE)
        pointers = np.empty(tape.registers + len(starts) + 1, dtype=np.uintp)
        function(
            tape.operations.ctypes.data,
            len(tape.operations),
            tape.registers,
            len(starts),
            starts.ctypes.data,
            sizes.ctypes.data,
            spare.ctypes.data,
            draws,
            pointers.ctypes.data,
        )

    return play
