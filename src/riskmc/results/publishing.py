"""Results published in one step: made in a hidden folder, committed by one rename, then moved.

What a run makes lies in a hidden folder inside the folder it is for. Once everything is there the
hidden folder is renamed, which is the one step: before it the old files are whole, after it the
new ones are. Whoever opens the folder next finishes the moving where a crash cut it short.
`run.json` names every file with its hash and is moved last.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from riskmc.errors import RunError

RESULTS_FILE, RECORD_FILE = "results.nc", "run.json"
#: The hidden folder of files that are complete and being moved to their places.
COMMITTED = ".publishing"
#: Files of the versions that kept no list of theirs.
_BEFORE_LISTS = (
    "report.html",
    "report.pdf",
    "tables.xlsx",
    "summary.csv",
    "distribution.csv",
    "exhaustion.csv",
    "results.nc.checksums",
)
_PART = 1 << 22


def open_folder(path: Path) -> int:
    """Open a folder for locking, following no symbolic link; OSError where it is none."""
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def refuse_planted(folder: Path) -> None:
    """Raise RunError where a hidden folder holds what no run makes: links, pipes, devices."""
    for path in (folder, *sorted(folder.rglob("*"))):
        kind = path.lstat().st_mode
        if not (stat.S_ISDIR(kind) or stat.S_ISREG(kind)):
            raise RunError(
                f"{path}: neither a file nor a folder (a symbolic link, perhaps): nothing of "
                f"{folder} is used; delete it, or choose another --out"
            )


def commit(workshop: Path, folder: Path) -> None:
    """Publish the files of a hidden folder in one step; OSError where that cannot be.

    They and their names are seen to the disk first: no crash can commit what is not there.
    """
    for path in workshop.iterdir():
        _to_disk(path)
    _to_disk(workshop)
    workshop.rename(folder / COMMITTED)
    _to_disk(folder)
    finish(folder)


def finish(folder: Path) -> list[Path]:
    """Move committed files to their places and return where they are; again where cut short."""
    committed = folder / COMMITTED
    names = sorted(path.name for path in committed.iterdir())
    names.sort(key=lambda name: (name != RESULTS_FILE, name == RECORD_FILE))
    if RESULTS_FILE in names:  # a whole run: the other files of an earlier one go
        listed = {*_BEFORE_LISTS, *_listed(folder / RECORD_FILE)}
        for name in sorted(listed - set(names) - {RECORD_FILE}):
            (folder / name).unlink(missing_ok=True)
    published = [(committed / name).replace(folder / name) for name in names]
    _to_disk(folder)
    committed.rmdir()
    return published


def finish_interrupted(folder: Path) -> None:
    """Finish what a crash left committed in a folder; wait where a run is at it just now.

    Raises RunError where the folder cannot be written.
    """
    committed = folder / COMMITTED
    try:
        with _locked(committed):
            if committed.exists():
                refuse_planted(committed)
                finish(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunError(
            f"{folder}: a run was stopped while its files were moved to their places, and they "
            f"cannot be moved now: {error.strerror}; check that the folder can be written to"
        ) from error


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = open_folder(path)
    try:
        lock(handle, wait=True)
        yield
    finally:
        os.close(handle)


def lock(handle: int, *, wait: bool = False) -> bool:
    """Lock an open folder for this process; say whether it is ours.

    True where the disk knows no locks.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS):
            raise
    return True


def listing(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the size and the SHA-256 of every file of a folder but `run.json`, by name."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.name == RECORD_FILE or not path.is_file():
            continue
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while part := file.read(_PART):
                digest.update(part)
        found[path.name] = {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}
    return found


def record_of(folder: Path) -> dict[str, Any]:
    """Return the `run.json` of a folder; empty where there is none that can be read."""
    try:
        found = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _listed(record: Path) -> set[str]:
    """Return the names that an earlier run listed as its own, plain ones only."""
    files = record_of(record.parent).get("files")
    names = files if isinstance(files, dict) else {}
    return {name for name in names if name and Path(name).name == name and name[0] != "."}


def _to_disk(path: Path) -> None:
    """See a file or folder to the disk, where the disk can be asked."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
