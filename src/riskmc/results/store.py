"""A results file written block by block while the run goes on, and taken up where it stopped.

The NetCDF file is laid out whole before the first draw, each variable in one unbroken stretch;
finished blocks of draws are then written straight into their places. A journal beside the file
says which run it is and which blocks are done, with a checksum each. When all are done the file
is moved to its name, and the journal beside it: a results file under its own name is complete, and
`check_file` can tell whether it is still what was written.
"""

from __future__ import annotations

import errno
import logging
import math
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from riskmc.errors import RunError
from riskmc.results.contents import STORED_DIMS, Contents
from riskmc.results.region import (
    Block,
    Journal,
    Region,
    Stretch,
    checksums_of,
    journal_of,
    partial_of,
)

_LOG = logging.getLogger(__name__)

#: Keys of a journal's head that must agree before an unfinished run is taken up, in words.
SAME_RUN = {
    "study_resolved_sha256": "the study",
    "seed": "seed",
    "scheme": "scheme",
    "draws": "draws",
    "kept": "what is kept",
    "drivers_from": "where drivers come from",
    "riskmc_version": "the version of riskmc",
    "versions": "the versions of Python and libraries",
    "block": "the size of blocks",
}


def in_words(keys: Iterable[str]) -> str:
    """Say in words in what two runs differ."""
    return ", ".join(SAME_RUN[key] for key in keys)


class Store:
    """An unfinished results file and its journal.

    Threads may write different blocks at once. Raises RunError where the folder cannot be
    written, the disk is full, or an unfinished run of another study or seed lies there.
    """

    def __init__(self, target: Path, contents: Contents, *, block_draws: int) -> None:
        self.target = target
        self.partial = partial_of(target)
        self.journal = journal_of(target)
        self._contents = contents
        self._lock = Lock()
        attributes = {**contents.attributes(), "block": block_draws}
        self._head = {key: attributes[key] for key in SAME_RUN}
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            found = self._unfinished() or self._lay_out(block_draws)
            self.region = found.region
            self._file = os.open(self.partial, os.O_RDWR)
            checksum = self.region.checksum
            checked = {b: said for b, said in found.done.items() if checksum(self._file, b) == said}
            self.done = set(checked)
            # anew: an interruption may have cut the last line short
            replace(found, done=checked).write(self.journal)
        except OSError as error:
            raise self._explained(error) from error
        if spoilt := sorted(set(found.done) - self.done):
            names = ", ".join(map(str, spoilt))
            were = "blocks %s were" if len(spoilt) > 1 else "block %s was"
            _LOG.warning(f"%s: {were} spoilt and done again", self.partial, names)

    def _explained(self, error: OSError) -> RunError:
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        needed = self._contents.bytes() / 1e6
        return RunError(
            f"{self.partial}: cannot be written: {reason}; the results take {needed:,.0f} MB. "
            "What is done is kept: mend it and run the same command again"
        )

    def _unfinished(self) -> Journal | None:
        """Return the journal of an earlier, interrupted run of this very kind.

        With drivers of one's own none is taken up: nothing says that they are the same.
        """
        if not self.journal.exists() or not self.partial.exists():
            return None
        found = Journal.read(self.journal, self.partial)
        own = self._head["drivers_from"]
        if self._contents.own_drivers and found is not None and found.head["drivers_from"] == own:
            return None
        if found is not None and found.head != self._head:
            differing = [key for key in SAME_RUN if found.head.get(key) != self._head.get(key)]
            raise RunError(
                f"{self.target.parent}: an unfinished run of another kind lies here (it differs "
                f"in {in_words(differing)}); finish it with its own command, choose another "
                f"--out, or delete {self.partial.name} and {self.journal.name}"
            )
        if found is not None:
            with self.partial.open("r+b") as file:
                file.truncate(found.region.size)  # what was cut off comes back as zeros: noticed
                if found.region.frame_checksum(file.fileno()) == found.frame:
                    return found
        _LOG.warning("%s was spoilt: all blocks are done again", self.partial)
        return None

    def _lay_out(self, block_draws: int) -> Journal:
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
        stretches = self._find_stretches()
        with self.partial.open("r+b") as claimed:
            size = os.fstat(claimed.fileno()).st_size
            os.posix_fallocate(claimed.fileno(), 0, size)
            os.fsync(claimed.fileno())
            path, draws = str(self.partial.absolute()), contents.layout.total
            region = Region(path, stretches, draws, block_draws, size)
            found = Journal(self._head, region, region.frame_checksum(claimed.fileno()), {})
        return found

    def _find_stretches(self) -> tuple[Stretch, ...]:
        import h5py

        contents = self._contents
        with h5py.File(self.partial, "r") as file:
            return tuple(
                Stretch(
                    group,
                    name,
                    file[f"{group}/{name}"].id.get_offset(),
                    math.prod(contents.shape(group)[:-1]),
                    contents.dtype(name).itemsize,
                )
                for group, names in contents.names.items()
                for name in names
            )

    def write(self, block: int, arrays: Block, stopped: Callable[[], bool] = lambda: False) -> None:
        """Write a finished block, then say so in the journal; or leave it, if told to stop."""
        try:
            checksum = self.region.put(self._file, block, arrays, stopped)
        except OSError as error:
            raise self._explained(error) from error
        if checksum is not None:
            self.mark(block, checksum)

    def mark(self, block: int, checksum: int) -> None:
        """Say in the journal that a block is written."""
        try:
            with self._lock:
                Journal.add(self.journal, block, checksum)
        except OSError as error:
            raise self._explained(error) from error

    def finish(self) -> Path:
        """Move the complete file to its name, and the journal to that of its checksums."""
        try:
            os.fsync(self._file)
            os.close(self._file)
            checksums_of(self.target).unlink(missing_ok=True)  # of a file that lay here before
            self.partial.replace(self.target)
            self.journal.replace(checksums_of(self.target))
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
