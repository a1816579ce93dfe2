"""A results file's checksums, at its own end: they travel with it and cannot be lost.

Behind what HDF5 wrote, which it does not look at, are the CRC-32 of every part of the file as
JSON, the length of that, and a mark. The file's attribute `sealed` says that they must be there.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from riskmc.errors import ResultsError

SEALED = "sealed"
_MARK = b"riskmc checksums"
_PART = 1 << 22
_ADVICE = "run the study again, or copy the file again from an intact original"
#: Files that were found whole, as they are: checking them again would find the same.
_CHECKED: set[tuple[int, int, int, int]] = set()


def seal(path: Path) -> None:
    """Write a file's checksums at its end, and see them to the disk."""
    with path.open("r+b") as file:
        sums = _checksums(file, os.fstat(file.fileno()).st_size)
        text = json.dumps(sums).encode()
        file.seek(0, os.SEEK_END)
        file.write(text + len(text).to_bytes(8, "little") + _MARK)
        file.flush()
        os.fsync(file.fileno())


def _checksums(file: BinaryIO, size: int) -> dict[str, Any]:
    file.seek(0)
    parts = []
    for start in range(0, size, _PART):
        parts.append(zlib.crc32(file.read(min(_PART, size - start))))
    return {"size": size, "part": _PART, "crc32": parts}


def check_seal(path: Path, *, sealed: bool) -> None:
    """Raise ResultsError where a file is not as it was written.

    `sealed`: the file says that it carries checksums; one that does not is taken as it is.
    """
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        known = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        if known in _CHECKED:
            return
        said = _said(file, status.st_size)
        if said is None:
            if sealed:
                raise ResultsError(
                    f"{path}: its checksums are missing, so it cannot be checked: {_ADVICE}"
                )
            return
        found = _checksums(file, int(said["size"]))
    if found != said:
        wrong = [i for i, pair in enumerate(zip(found["crc32"], said["crc32"], strict=False))
                 if pair[0] != pair[1]]  # fmt: skip
        where = f" from byte {wrong[0] * _PART:,} on" if wrong else ""
        raise ResultsError(f"{path}: not as it was written{where}: {_ADVICE}")
    _CHECKED.add(known)


def _said(file: BinaryIO, size: int) -> dict[str, Any] | None:
    """Return the checksums at a file's end; None where none do."""
    tail = len(_MARK) + 8
    if size < tail:
        return None
    file.seek(size - tail)
    length, mark = int.from_bytes(file.read(8), "little"), file.read()
    if mark != _MARK or length > size - tail:
        return None
    file.seek(size - tail - length)
    try:
        said = json.loads(file.read(length))
    except (ValueError, RecursionError):
        return None
    whole = isinstance(said, dict) and said.get("size") == size - tail - length
    return said if whole else None
