"""The compiled player, where there is one."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.compiled import aligned, compiled_function
from riskmc.engine.recorded.tape import Tape

#: Doubles of a register, as `player.c` has it.
TILE = 256


class BoundTape(NamedTuple):
    """A tape with where its outside rows are in memory.

    starts  where each begins in memory, draws side by side
    sizes   bytes of one value of each; 0 for a count
    held    the arrays that hold them, which must outlive the playing
    """

    tape: Tape
    starts: NDArray[np.uintp]
    sizes: NDArray[np.int32]
    held: Sequence[NDArray[Any]]


Play = Callable[[Sequence[BoundTape], int], None]
#: A tape with its outside rows, as `player.c` has it.
_PART = np.dtype(
    [
        *((name, np.uintp) for name in ("tape", "starts", "sizes", "rows")),
        *((name, np.int32) for name in ("count", "registers", "outside", "unused")),
    ]
)


@cache
def compiled_player() -> Play | None:
    """Return what plays tapes, or None where the package was installed without a compiler.

    It takes tapes with their rows and how many draws to play, and plays them all on a tile of
    draws before the next: drivers that they share stay in the cache. It holds no lock of Python's
    meanwhile.
    """
    pointer, whole, long = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
    function = compiled_function("riskmc_play", (pointer, whole, pointer, long))
    if function is None:
        return None

    def play(tapes: Sequence[BoundTape], draws: int) -> None:
        spare = aligned(max(1, *(one.tape.registers for one in tapes)), TILE)
        rows = [np.empty(one.tape.registers + len(one.starts), np.uintp) for one in tapes]
        parts = np.zeros(len(tapes), _PART)
        for part, one, own in zip(parts, tapes, rows, strict=True):
            part["tape"] = one.tape.operations.ctypes.data
            part["starts"], part["sizes"] = one.starts.ctypes.data, one.sizes.ctypes.data
            part["rows"] = own.ctypes.data
            part["count"], part["registers"] = len(one.tape.operations), one.tape.registers
            part["outside"] = len(one.starts)
        function(parts.ctypes.data, len(parts), spare.ctypes.data, draws)

    return play
