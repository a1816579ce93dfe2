"""Where the values of a results file lie, block by block, and what they were when written.

Every variable lies in one unbroken stretch of the file, draws inmost. A block of draws is then a
piece of each of its rows. What is not values (labels, attributes, the file's own map) is the frame.
"""

from __future__ import annotations

import errno
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Block = Mapping[str, Mapping[str, np.ndarray[Any, Any]]]


class Stretch(NamedTuple):
    """Where a variable lies: rows of all draws, from `offset` on; bytes a value."""

    group: str
    name: str
    offset: int
    rows: int
    itemsize: int


@dataclass(frozen=True)
class Region:
    """A results file's map; may be sent to another process.

    stretches    its variables, in the order in which blocks are written
    draws        draws in all
    block_draws  draws in a block
    size         bytes of the whole file
    """

    path: str
    stretches: tuple[Stretch, ...]
    draws: int
    block_draws: int
    size: int

    @property
    def blocks(self) -> int:
        """How many blocks there are, the last perhaps in part."""
        return -(-self.draws // self.block_draws)

    def part(self, block: int) -> tuple[int, int]:
        """Return a block's first draw and the one after its last."""
        start = block * self.block_draws
        return start, min(start + self.block_draws, self.draws)

    def pieces(self, block: int) -> Iterator[tuple[Stretch, int, int, int]]:
        """Give where a block's values lie: variable, row, offset, bytes."""
        start, stop = self.part(block)
        for stretch in self.stretches:
            size = stretch.itemsize
            for row in range(stretch.rows):
                at = stretch.offset + (row * self.draws + start) * size
                yield stretch, row, at, (stop - start) * size

    def put(
        self, file: int, block: int, arrays: Block, stopped: Callable[[], bool] = lambda: False
    ) -> int | None:
        """Write a block into the open file and return its checksum, or None if told to stop."""
        rows = {
            (group, name): np.ascontiguousarray(values).reshape(-1, values.shape[-1])
            for group, variables in arrays.items()
            for name, values in variables.items()
        }
        checksum = 0
        for stretch, row, at, _ in self.pieces(block):
            if stopped():
                return None
            values = rows[stretch.group, stretch.name][row]
            checksum = zlib.crc32(values, checksum)
            if os.pwrite(file, memoryview(values).cast("B"), at) != values.nbytes:
                raise OSError(errno.ENOSPC, "the disk is full")
        return checksum

    def checksum(self, file: int, block: int) -> int:
        """Return the checksum of a block as it lies in the open file."""
        checksum = 0
        for _, _, at, length in self.pieces(block):
            checksum = zlib.crc32(os.pread(file, length, at), checksum)
        return checksum

    def frame_checksum(self, file: int) -> int:
        """Return a checksum of all that is not values."""
        checksum = position = 0
        for stretch in sorted(self.stretches, key=lambda stretch: stretch.offset):
            checksum = zlib.crc32(os.pread(file, stretch.offset - position, position), checksum)
            position = stretch.offset + stretch.rows * self.draws * stretch.itemsize
        return zlib.crc32(os.pread(file, self.size - position, position), checksum)


@dataclass(frozen=True)
class Journal:
    """What is written beside a results file.

    head    which run it is
    region  where its values lie
    frame   checksum of all that is not values
    done    checksums of the blocks that are written
    """

    head: dict[str, Any]
    region: Region
    frame: int
    done: dict[int, int]

    def write(self, path: Path) -> None:
        """Write what is known so far, whole or not at all, and see it to the disk."""
        frame = {**self.region.__dict__, "path": "", "checksum": self.frame}
        lines = f"{json.dumps(self.head)}\n{json.dumps(frame)}\n"
        blocks = "".join(f"{block} {checksum}\n" for block, checksum in self.done.items())
        partial = partial_of(path)
        with partial.open("w", encoding="utf-8") as file:
            file.write(f"{lines}{zlib.crc32(lines.encode())}\n{blocks}")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    @staticmethod
    def add(path: Path, block: int, checksum: int) -> None:
        """Say that a block is written."""
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{block} {checksum}\n")

    @classmethod
    def read(cls, path: Path, results: Path) -> Journal | None:
        """Read the journal of a results file; None where it is no longer to be trusted."""
        lines = path.read_bytes().decode(errors="replace").splitlines(keepends=True)
        if len(lines) < 3 or lines[2].strip() != str(zlib.crc32("".join(lines[:2]).encode())):
            return None
        head, frame = (json.loads(line) for line in lines[:2])
        checksum = frame.pop("checksum")
        stretches = tuple(Stretch(*stretch) for stretch in frame.pop("stretches"))
        region = Region(**{**frame, "path": str(results.absolute())}, stretches=stretches)
        done = {}
        for line in lines[3:]:
            block, _, value = line.partition(" ")
            whole = value.endswith("\n")  # or an interruption cut it short
            if whole and block.isdecimal() and value[:-1].isdecimal():
                done[int(block)] = int(value)
        return cls(head, region, checksum, {b: c for b, c in done.items() if b < region.blocks})


def partial_of(target: Path) -> Path:
    """Return what a results file is called until it is finished."""
    return target.with_name(target.name + ".partial")


def journal_of(target: Path) -> Path:
    """Return the journal of an unfinished results file."""
    return target.with_name(target.name + ".journal")


def checksums_of(target: Path) -> Path:
    """Return what the journal of a finished results file is called."""
    return target.with_name(target.name + ".checksums")
