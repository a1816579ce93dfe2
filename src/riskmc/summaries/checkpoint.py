"""An unfinished summary on file: written whole or not at all, and resumed where it stopped."""

from __future__ import annotations

import errno
import io
import logging
import os
import uuid
import zlib
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from riskmc.errors import RunError
from riskmc.summaries.grid import Grid
from riskmc.summaries.state import Folded

_LOG = logging.getLogger(__name__)
FILE_NAME = "folded"
_GRID = "grid_"
_GRID_ARRAYS = tuple(field.name for field in fields(Grid))


class _Summed(io.RawIOBase):
    """Writes on to a file and keeps the checksum of all that was written: nothing is held."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.checksum = 0

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:
        """Write on, and sum up."""
        self.checksum = zlib.crc32(data, self.checksum)
        return self._file.write(data)


class Checkpoint:
    """What is folded so far, in the folder of the unfinished run.

    A file that is cut short or damaged (its first line, a checksum, says so) is not used.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE_NAME

    def read(self) -> tuple[Folded, Grid] | None:
        """Return what the interrupted run folded, and into which bins; None where nothing."""
        try:
            handle = os.open(self.file, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RunError(f"{self.file}: cannot be read: {error.strerror or error}") from error
        with open(handle, "rb") as file:
            checksum, _, stored = file.read().partition(b"\n")
        if checksum != b"%010d" % zlib.crc32(stored):
            _LOG.warning("%s was damaged: all blocks are run again", self.file)
            return None
        with np.load(io.BytesIO(stored), allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        grid = Grid(**{name: arrays.pop(f"{_GRID}{name}") for name in _GRID_ARRAYS})
        return Folded.from_arrays(arrays), grid

    def write(self, folded: Folded, grid: Grid) -> None:
        """Write what is folded; RunError where the folder cannot be written."""
        temporary = self.file.with_name(f".{uuid.uuid4().hex}")
        try:
            write: Any = np.savez  # its stub takes every name for a flag
            bins = {f"{_GRID}{name}": getattr(grid, name) for name in _GRID_ARRAYS}
            try:
                with temporary.open("xb") as file:
                    file.write(b"%010d\n" % 0)
                    write(summed := _Summed(file), **bins, **folded.arrays())
                    file.seek(0)
                    file.write(b"%010d" % summed.checksum)
                temporary.replace(self.file)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
            raise RunError(
                f"{self.file}: cannot be written: {reason or error}; fix this and run the "
                "same command to resume"
            ) from error
