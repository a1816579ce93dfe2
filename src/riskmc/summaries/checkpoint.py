"""An unfinished stream on file: written whole or not at all, and taken up where it stopped."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import logging
import zlib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from riskmc.errors import RunError
from riskmc.results.store import in_words
from riskmc.summaries.grid import Grid
from riskmc.summaries.state import Folded

_LOG = logging.getLogger(__name__)
SUFFIX = ".streams"
_HEAD, _GRID = "checkpoint_head", "grid_"
_GRID_ARRAYS = tuple(field.name for field in fields(Grid))


class Checkpoint:
    """What is folded so far, beside the results file it will become.

    `same_run` is what must agree before an unfinished run is taken up; a file that is cut short
    or spoilt (its first line, a checksum, says so) is not.
    """

    def __init__(self, target: Path, same_run: Mapping[str, Any]) -> None:
        self.file = target.with_name(target.name + SUFFIX)
        self._same_run = json.loads(json.dumps(dict(same_run)))

    def read(self) -> tuple[Folded, Grid] | None:
        """Return what an earlier, interrupted run of this very kind folded, and into which bins.

        RunError where an unfinished run of another kind lies here.
        """
        try:
            content = self.file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RunError(f"{self.file}: cannot be read: {error.strerror or error}") from error
        checksum, _, stored = content.partition(b"\n")
        if checksum != b"%d" % zlib.crc32(stored):
            _LOG.warning("%s was spoilt: all blocks are done again", self.file)
            return None
        with np.load(io.BytesIO(stored), allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        head = json.loads(arrays.pop(_HEAD).tobytes())
        if head != self._same_run:
            differing = sorted(k for k in self._same_run if head.get(k) != self._same_run[k])
            raise RunError(
                f"{self.file.parent}: an unfinished run of another kind lies here (it differs in "
                f"{in_words(differing)}); finish it with its own command, choose another --out, "
                f"or delete {self.file.name}"
            )
        grid = Grid(**{name: arrays.pop(f"{_GRID}{name}") for name in _GRID_ARRAYS})
        return Folded.from_arrays(arrays), grid

    def write(self, folded: Folded, grid: Grid) -> None:
        """Write what is folded; RunError where the folder cannot be written."""
        head = np.frombuffer(json.dumps(self._same_run).encode(), dtype=np.uint8)
        partial = self.file.with_name(self.file.name + ".partial")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            write: Any = np.savez  # its stub takes every name for a flag
            bins = {f"{_GRID}{name}": getattr(grid, name) for name in _GRID_ARRAYS}
            write(stored := io.BytesIO(), **{_HEAD: head}, **bins, **folded.arrays())
            content = stored.getbuffer()
            with partial.open("wb") as file:
                file.write(b"%d\n" % zlib.crc32(content))
                file.write(content)
            partial.replace(self.file)
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink()
            reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
            raise RunError(
                f"{self.file}: cannot be written: {reason or error}; mend it and run the same "
                "command again"
            ) from error

    def remove(self) -> None:
        """Remove it: the run is finished."""
        self.file.unlink(missing_ok=True)


def refuse_unfinished(target: Path, kind: str = "it keeps streams") -> None:
    """Raise RunError where an unfinished stream lies in the way of a run of another kind."""
    file = target.with_name(target.name + SUFFIX)
    if file.exists():
        raise RunError(
            f"{file.parent}: an unfinished run of another kind lies here ({kind}); "
            f"finish it with its own command, choose another --out, or delete {file.name}"
        )
