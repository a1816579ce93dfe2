"""The folder of an unfinished run: which run it is, and which blocks are done.

One kind for every run: `run.json` says which run it is; next to it are finished blocks of draws
or, where draws are not kept, the summaries so far. When all is done the results file is made
there, whole and sealed, and moved to its name; then the folder goes.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from riskmc.errors import RunError
from riskmc.results.assembly import assemble
from riskmc.results.blocks import Block, Blocks, Piece
from riskmc.results.contents import Contents
from riskmc.results.packing import step_of
from riskmc.results.publishing import refuse_planted

_LOG = logging.getLogger(__name__)
SUFFIX = ".unfinished"
#: What must agree before an unfinished run is resumed, in words.
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


def unfinished_of(target: Path) -> Path:
    """Return the folder of a results file that is not finished."""
    if target.is_dir():
        raise RunError(f"{target}: is a folder: name a file in it, such as results.nc")
    return target.with_name(target.name + SUFFIX)


class Unfinished:
    """An unfinished run's folder, new or resumed.

    Raises RunError where it cannot be written, holds links, or is another run. With
    user-supplied drivers none is resumed: nothing says that they are the same.
    """

    def __init__(self, target: Path, contents: Contents, *, block_draws: int) -> None:
        self.target = target
        self.folder = unfinished_of(target)
        self.contents = contents
        attributes = {**contents.attributes(), "block": block_draws}
        self._head = {key: attributes[key] for key in SAME_RUN}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            refuse_planted(self.folder)
            key = self._taken_up() or self._begun()
        except OSError as error:
            raise self.explained(error) from error
        pieces = tuple(
            Piece(group, name, contents.shape(group)[:-1], contents.dtype(name).str)
            for group, names in contents.names.items()
            for name in names
        )
        total = contents.layout.total
        step = step_of(contents.study) if contents.packed else None
        self.blocks = Blocks(str(self.folder.absolute()), key, pieces, total, block_draws, step)

    def explained(self, error: OSError) -> RunError:
        """Return what stopped the run, in words."""
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        return RunError(
            f"{self.folder}: cannot be written: {reason}; the results take up to "
            f"{self.contents.bytes() / 1e6:,.0f} MB. Completed blocks are saved: fix this and run "
            "the same command to resume"
        )

    def _taken_up(self) -> str:
        """Return the key of the run found, if it is this very one; "" where there is none."""
        try:
            found = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
            head, key = dict(found["head"]), str(found["key"])
        except FileNotFoundError:
            return ""
        except (ValueError, KeyError, TypeError, RecursionError):
            _LOG.warning("%s was damaged: all blocks are run again", self.folder)
            return ""
        if self.contents.own_drivers and head.get("drivers_from") == self._head["drivers_from"]:
            return ""
        if head != self._head:
            differing = [key for key in SAME_RUN if head.get(key) != self._head[key]]
            raise RunError(
                f"{self.target.parent}: this folder holds an unfinished run that differs in "
                f"{in_words(differing)}; run its original command to finish it, choose another "
                f"--out, or delete {self.folder.name}"
            )
        return key

    def _begun(self) -> str:
        """Clear the folder and write which run it is of; return its key."""
        for path in self.folder.iterdir():
            path.unlink()
        nonce = uuid.uuid4().hex if self.contents.own_drivers else ""
        text = json.dumps(self._head)
        key = hashlib.sha256(f"{text}{nonce}".encode()).hexdigest()
        written = self.folder / ".run"
        written.write_text(json.dumps({"head": self._head, "key": key}), encoding="utf-8")
        written.replace(self.folder / "run.json")
        return key

    def done(self) -> set[int]:
        """Return the blocks that are whole; those that are damaged are named and go."""
        there = [b for b in range(self.blocks.count) if self.blocks.path(b).exists()]
        whole = {block for block in there if self.blocks.whole(block)}
        damaged = [block for block in there if block not in whole]
        for block in damaged:
            self.blocks.path(block).unlink()
        if damaged:
            were = "blocks %s were" if len(damaged) > 1 else "block %s was"
            names = ", ".join(map(str, damaged))
            _LOG.warning(f"%s: {were} damaged and run again", self.folder, names)
        return whole

    def write(self, block: int, arrays: Block, stopped: Callable[[], bool] = lambda: False) -> None:
        """Write a finished block; or leave it, if asked to stop. RunError where that fails."""
        try:
            self.blocks.write(block, arrays, stopped=stopped)
        except OSError as error:
            raise self.explained(error) from error

    def finish(self, workers: int = 1) -> Path:
        """Put the results file together, in its place, and let the folder go."""
        made = self.folder / "results"
        try:
            made.unlink(missing_ok=True)
            assemble(made, self.contents, self.blocks, workers=workers)
        except OSError as error:
            raise self.explained(error) from error
        return self.move(made)

    def move(self, made: Path) -> Path:
        """Move a finished results file to its name, and remove the folder."""
        try:
            with made.open("rb") as file:
                os.fsync(file.fileno())
            made.replace(self.target)
            self.remove()
        except OSError as error:
            raise self.explained(error) from error
        return self.target

    def remove(self) -> None:
        """Remove the folder; what says which run it is goes first, so that no part is used."""
        (self.folder / "run.json").unlink(missing_ok=True)
        shutil.rmtree(self.folder)


def forget_if_nothing_done(target: Path) -> None:
    """Remove the folder of an unfinished run in which nothing is done."""
    folder = unfinished_of(target)
    if folder.is_symlink() or not folder.is_dir():
        return
    if {path.name for path in folder.iterdir()} <= {"run.json"}:
        shutil.rmtree(folder, ignore_errors=True)


def unfinished_size(target: Path) -> int:
    """Return the bytes that an unfinished run's blocks take already."""
    folder = unfinished_of(target)
    if folder.is_symlink() or not folder.is_dir():
        return 0
    return sum(path.lstat().st_size for path in folder.iterdir())


def attributes_differ(found: Mapping[Any, Any], wanted: dict[str, Any]) -> list[str]:
    """Return the keys in which finished results differ from a run, of those that must agree."""
    return [k for k in SAME_RUN if k in wanted and str(found.get(k)) != str(wanted[k])]
