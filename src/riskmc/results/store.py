"""A results file written block by block while the run goes on, and taken up where it stopped.

The NetCDF file is laid out whole before the first draw, each variable in one unbroken stretch;
finished blocks of draws are then written straight into their places. A journal beside the file
says which run it is and which blocks are done, with a checksum each. When all are done the file
is moved to its name and the journal removed: a results file under its own name is complete.
"""

from __future__ import annotations

import errno
import json
import math
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from riskmc.errors import RunError
from riskmc.results.contents import STORED_DIMS, Contents

Block = Mapping[str, Mapping[str, np.ndarray[Any, Any]]]
#: Keys of a journal's head that must agree before an unfinished run is taken up.
SAME_RUN = (
    "study_sha256",
    "seed",
    "scheme",
    "draws",
    "kept",
    "drivers_from",
    "riskmc_version",
    "versions",
    "block",
)


@dataclass(frozen=True)
class Region:
    """Where the blocks of an unfinished results file lie; may be sent to another process."""

    path: str
    offsets: Mapping[tuple[str, str], int]
    block_draws: int

    def stretches(self, contents: Contents, block: int) -> list[tuple[str, str, int, int, int]]:
        """Where a block's values lie: (group, variable, row, offset, bytes)."""
        total = contents.layout.total
        start = block * self.block_draws
        stop = min(start + self.block_draws, total)
        found = []
        for group, names in contents.names.items():
            rows = math.prod(contents.shape(group)[:-1])
            for name in names:
                size = contents.dtype(name).itemsize
                first = self.offsets[group, name] + start * size
                for row in range(rows):
                    at = first + row * total * size
                    found.append((group, name, row, at, (stop - start) * size))
        return found

    def put(
        self,
        contents: Contents,
        file: int,
        block: int,
        arrays: Block,
        stopped: Callable[[], bool] = lambda: False,
    ) -> int | None:
        """Write a block into the open file and return its checksum, or None if told to stop."""
        rows = {
            (group, name): np.ascontiguousarray(values).reshape(-1, values.shape[-1])
            for group, variables in arrays.items()
            for name, values in variables.items()
        }
        checksum = 0
        for group, name, row, at, _ in self.stretches(contents, block):
            if stopped():
                return None
            values = rows[group, name][row]
            checksum = zlib.crc32(values, checksum)
            if os.pwrite(file, memoryview(values).cast("B"), at) != values.nbytes:
                raise OSError(errno.ENOSPC, "the disk is full")
        return checksum

    def send(self, contents: Contents, block: int, arrays: Block, *, far: bool) -> int:
        """Open the file, write a block and return its checksum.

        From `far`, another machine, it is seen to the disk that they share.
        """
        file = os.open(self.path, os.O_RDWR)
        try:
            checksum = self.put(contents, file, block, arrays) or 0
            if far:
                os.fsync(file)
        finally:
            os.close(file)
        return checksum


class Store:
    """An unfinished results file and its journal.

    Threads may write different blocks at once. Raises RunError where the folder cannot be
    written, the disk is full, or an unfinished run of another study or seed lies there.
    """

    def __init__(self, target: Path, contents: Contents, *, block_draws: int) -> None:
        self.target = target
        self.partial = target.with_name(target.name + ".partial")
        self.journal = target.with_name(target.name + ".journal")
        self._contents = contents
        self._block_draws = block_draws
        self._lock = Lock()
        attributes = {**contents.attributes(), "block": block_draws}
        self._head = {key: attributes[key] for key in SAME_RUN}
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            done = self._unfinished()
            if done is None:
                self._lay_out()
                done = {}
            self._file = os.open(self.partial, os.O_RDWR)
            self.done = {b for b, checksum in done.items() if self._checksum(b) == checksum}
            self.spoilt = sorted(set(done) - self.done)
        except OSError as error:
            raise self._explained(error) from error

    def _explained(self, error: OSError) -> RunError:
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        needed = self._contents.bytes() / 1e6
        return RunError(
            f"{self.partial}: cannot be written: {reason}; the results take {needed:,.0f} MB. "
            "What is done is kept: mend it and run the same command again"
        )

    def _unfinished(self) -> dict[int, int] | None:
        """Return what an earlier, interrupted run of this very kind says it did, by block."""
        if not self.journal.exists() or not self.partial.exists():
            return None
        lines = self.journal.read_text(encoding="utf-8").split("\n")
        try:
            head, frame = (json.loads(line) for line in lines[:2])
        except ValueError:
            return None
        if head != self._head:
            differing = [key for key in SAME_RUN if head.get(key) != self._head.get(key)]
            raise RunError(
                f"{self.target.parent}: an unfinished run of another kind lies here (it differs "
                f"in {', '.join(differing)}); finish it with its own command, choose another "
                f"--out, or delete {self.partial.name} and {self.journal.name}"
            )
        self._offsets = {(g, name): at for g, name, at in frame["offsets"]}
        with self.partial.open("r+b") as file:
            file.truncate(frame["bytes"])  # what was cut off comes back as zeros, and is noticed
            if self._frame_checksum(file.fileno(), frame["bytes"]) != frame["checksum"]:
                return None
        done = {}
        for line in lines[2:-1]:  # a line cut short by the interruption has no newline
            block, checksum = line.split()
            done[int(block)] = int(checksum)
        return done

    def _lay_out(self) -> None:
        """Make the file with every variable in its place, and claim the disk for it."""
        import h5netcdf
        import h5py

        self.journal.unlink(missing_ok=True)
        self.partial.unlink(missing_ok=True)  # a straggler of a killed run may still write to it
        contents = self._contents
        with h5netcdf.File(self.partial, "w") as file:
            file.attrs.update(contents.attributes())
            for group, names in contents.names.items():
                node = file.create_group(group)
                dims = STORED_DIMS[group]
                labels = contents.coordinates
                node.dimensions = {dim: len(labels[dim]) for dim in dims}
                for dim in dims:
                    texts = isinstance(labels[dim][0], str)
                    kind = h5py.string_dtype() if texts else np.dtype(np.int64)
                    data = np.array(labels[dim], dtype=object if texts else np.int64)
                    node.create_variable(dim, (dim,), kind, data=data)
                for name in names:
                    flag = contents.dtype(name).kind == "b"  # NetCDF has no such type
                    stored = np.dtype(np.int8 if flag else np.float64)
                    variable = node.create_variable(name, dims, stored, dcpl=_in_one_stretch())
                    variable.attrs.update(contents.variable_attributes(group, name))
                    if flag:
                        variable.attrs["dtype"] = "bool"
        self._offsets = self._find_offsets()
        with self.partial.open("r+b") as claimed:
            size = os.fstat(claimed.fileno()).st_size
            os.posix_fallocate(claimed.fileno(), 0, size)
            os.fsync(claimed.fileno())
            frame = {
                "bytes": size,
                "checksum": self._frame_checksum(claimed.fileno(), size),
                "offsets": [[*key, at] for key, at in self._offsets.items()],
            }
        with self.journal.open("w", encoding="utf-8") as journal:
            journal.write(f"{json.dumps(self._head)}\n{json.dumps(frame)}\n")
            journal.flush()
            os.fsync(journal.fileno())

    def _find_offsets(self) -> dict[tuple[str, str], int]:
        import h5py

        with h5py.File(self.partial, "r") as file:
            return {
                (group, name): file[f"{group}/{name}"].id.get_offset()
                for group, names in self._contents.names.items()
                for name in names
            }

    def _frame_checksum(self, file: int, size: int) -> int:
        """Return a checksum of all that is not values: labels, attributes, the file's own map."""
        contents = self._contents
        checksum = position = 0
        for (group, name), at in sorted(self._offsets.items(), key=lambda item: item[1]):
            checksum = zlib.crc32(os.pread(file, at - position, position), checksum)
            cells = math.prod(contents.shape(group))
            position = at + cells * contents.dtype(name).itemsize
        return zlib.crc32(os.pread(file, size - position, position), checksum)

    @property
    def region(self) -> Region:
        """What another process needs to write blocks of this file itself."""
        return Region(str(self.partial.absolute()), self._offsets, self._block_draws)

    def write(self, block: int, arrays: Block, stopped: Callable[[], bool] = lambda: False) -> None:
        """Write a finished block, then say so in the journal; or leave it, if told to stop."""
        try:
            checksum = self.region.put(self._contents, self._file, block, arrays, stopped)
        except OSError as error:
            raise self._explained(error) from error
        if checksum is not None:
            self.mark(block, checksum)

    def mark(self, block: int, checksum: int) -> None:
        """Say in the journal that a block is written."""
        try:
            with self._lock, open(self.journal, "a", encoding="utf-8") as journal:
                journal.write(f"{block} {checksum}\n")
        except OSError as error:
            raise self._explained(error) from error

    def _checksum(self, block: int) -> int:
        checksum = 0
        for _, _, _, at, length in self.region.stretches(self._contents, block):
            checksum = zlib.crc32(os.pread(self._file, length, at), checksum)
        return checksum

    def finish(self) -> Path:
        """Move the complete file to its name and remove the journal."""
        try:
            os.fsync(self._file)
            os.close(self._file)
            self.partial.replace(self.target)
            self.journal.unlink()
        except OSError as error:
            raise self._explained(error) from error
        return self.target

    def close(self) -> None:
        """Let go of the file, leaving what is done for the next run."""
        os.close(self._file)


def _in_one_stretch() -> Any:
    """Return HDF5's wishes for a dataset laid down at once, unbroken and without filling."""
    import h5py

    wishes = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    wishes.set_layout(h5py.h5d.CONTIGUOUS)
    wishes.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    wishes.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    return wishes
