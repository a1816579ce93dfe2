"""Finished blocks of draws as files of a folder, until the results file is put together from them.

A block's file says which run it is of and carries a checksum, is written under another name and
moved into place: it is there whole or not at all, whoever wrote it.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import uuid
import weakref
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.results.packing import packed

Block = Mapping[str, Mapping[str, NDArray[Any]]]
_PART = 1 << 22
#: Blocks that are read from at once, at most: each holds a file open.
MOST_HELD = 64


@dataclass(frozen=True)
class Piece:
    """A variable of a block: its group and name, its shape but for the draws, its type."""

    group: str
    name: str
    lead: tuple[int, ...]
    dtype: str

    def bytes(self, draws: int) -> int:
        """Return the bytes that it takes for so many draws."""
        return math.prod(self.lead) * draws * np.dtype(self.dtype).itemsize


@dataclass(frozen=True)
class Blocks:
    """The folder of a run's finished blocks; may be sent to another process.

    key          which run it is: files of another are not taken for its own
    pieces       the variables of a block, in the order in which they lie in its file
    draws        draws in all
    block_draws  draws in a block; the last may have fewer
    step         to what amounts are rounded when a block is written; None: kept as they are
    """

    folder: str
    key: str
    pieces: tuple[Piece, ...]
    draws: int
    block_draws: int
    step: float | None = None

    @property
    def count(self) -> int:
        """How many blocks there are, the last perhaps in part."""
        return -(-self.draws // self.block_draws)

    def part(self, block: int) -> slice:
        """Return the draws of a block, numbered through."""
        start = block * self.block_draws
        return slice(start, min(start + self.block_draws, self.draws))

    def path(self, block: int) -> Path:
        """Return where a block lies."""
        return Path(self.folder) / f"block-{block:07d}-{self.key[:8]}"

    def write(
        self,
        block: int,
        arrays: Block,
        *,
        stopped: Callable[[], bool] = lambda: False,
        to_disk: bool = False,
    ) -> bool:
        """Write a block, and say whether it is there: not where asked to stop; OSError else."""
        values = [np.ascontiguousarray(arrays[p.group][p.name], dtype=p.dtype) for p in self.pieces]
        if self.step is not None:
            values = [packed(array, self.step) for array in values]
        checksum = 0
        for array in values:
            checksum = zlib.crc32(_bytes(array), checksum)
        temporary = Path(self.folder) / f".{uuid.uuid4().hex}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            with open(os.open(temporary, flags, 0o666), "wb") as file:
                file.write(self._head(block, checksum))
                for array in values:
                    file.write(_bytes(array))
                file.flush()
                if to_disk:
                    os.fsync(file.fileno())
            if not stopped():
                temporary.replace(self.path(block))
                return True
        finally:
            temporary.unlink(missing_ok=True)
        return False

    def _head(self, block: int, checksum: int) -> bytes:
        return json.dumps({"run": self.key, "block": block, "crc32": checksum}).encode() + b"\n"

    def whole(self, block: int) -> bool:
        """Say whether a block is still as it was written."""
        part = self.part(block)
        size = sum(piece.bytes(part.stop - part.start) for piece in self.pieces)
        try:
            with _opened(self.path(block)) as file:
                head, checksum, seen = file.readline(1000), 0, 0
                while content := file.read(_PART):
                    checksum, seen = zlib.crc32(content, checksum), seen + len(content)
        except OSError:
            return False
        return seen == size and head == self._head(block, checksum)

    def values(self, block: int) -> dict[tuple[str, str], NDArray[Any]]:
        """Return a block's variables, read when used."""
        with _opened(self.path(block)) as file:
            return self.laid(file, block, [(piece.group, piece.name) for piece in self.pieces])

    def laid(
        self, file: Any, block: int, wanted: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], NDArray[Any]]:
        """Return variables of a block whose file is open, read when used."""
        part = self.part(block)
        draws = part.stop - part.start
        first = os.pread(file.fileno(), 1000, 0).index(b"\n") + 1
        laid = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)
        found = {}
        for key in wanted:
            piece, start = self._places[key]
            at, size = first + start * draws, piece.bytes(draws)
            content = laid[at : at + size].view(piece.dtype) if size else np.empty(0, piece.dtype)
            found[key] = content.reshape(*piece.lead, draws)
        return found

    @cached_property
    def _places(self) -> dict[tuple[str, str], tuple[Piece, int]]:
        """Variables by group and name, each with the bytes a draw that lie before it."""
        before = accumulate((piece.bytes(1) for piece in self.pieces), initial=0)
        return {
            (piece.group, piece.name): (piece, start)
            for piece, start in zip(self.pieces, before, strict=False)
        }

    def held(self) -> HeldBlocks | None:
        """Return the blocks held open, to be read though their folder goes; None if too many."""
        return HeldBlocks(self) if self.count <= MOST_HELD else None


class HeldBlocks:
    """Finished blocks held open: what was simulated is read without being unpacked again.

    Nothing of them stays in memory between reads.
    """

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._files = [_opened(blocks.path(block)) for block in range(blocks.count)]
        self._close = weakref.finalize(self, _close_all, self._files)

    def close(self) -> None:
        """Let go of the files."""
        self._close()

    def read(self, piece: tuple[str, str], lead: tuple[Any, ...], wanted: Any) -> NDArray[Any]:
        """Return a variable, (..., draws wanted).

        lead    a selector for each of its dimensions but the draws: an integer, a slice, or an
                array of integers
        wanted  numbers of draws; None: all
        """
        found: NDArray[Any] | None = None
        for block, file in enumerate(self._files):
            part = self._blocks.part(block)
            into: Any = part if wanted is None else (wanted >= part.start) & (wanted < part.stop)
            if wanted is not None and not into.any():
                continue
            values = _selected(self._blocks.laid(file, block, [piece])[piece], lead)
            if wanted is not None:
                values = values[..., wanted[into] - part.start]
            if found is None:
                draws = self._blocks.draws if wanted is None else len(wanted)
                found = np.empty((*values.shape[:-1], draws), values.dtype)
            found[..., into] = values
        if found is None:
            some = _selected(self._blocks.laid(self._files[0], 0, [piece])[piece], lead)
            return np.empty((*some.shape[:-1], 0), some.dtype)
        return found


def _selected(values: NDArray[Any], lead: tuple[Any, ...]) -> NDArray[Any]:
    """Select along each dimension but the last; a view where nothing is picked one by one."""
    axis = 0
    for key in lead:
        values = values[(*(slice(None),) * axis, key)]
        axis += not isinstance(key, int | np.integer)
    return values


def _close_all(files: list[Any]) -> None:
    for file in files:
        file.close()


def _bytes(array: NDArray[Any]) -> memoryview:
    """Return an array's bytes without copying them."""
    return array.reshape(-1).view(np.uint8).data


def _opened(path: Path) -> Any:
    return open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
