"""Files that a study names: inside its folder, ordinary, and of a size that can be read.

A study may come from somebody else. What it names is read only where it lies in the study's own
folder (or where the user allows files outside it), is an ordinary file, and is not too large; and
nothing of a file's content is repeated in an error.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Largest file that is read, in bytes.
MOST_BYTES = 200_000_000


def data_file(name: str, context: Mapping[str, Any] | None) -> Path:
    """Return the path of a file that a study names; ValueError where it may not be read.

    `context` holds `base`, the study's folder (where you are, by default), `outside`, whether
    files elsewhere are allowed, and `stored`, for a study kept in results, whose values are kept
    with it: it reads nothing.
    """
    given = context or {}
    if given.get("stored"):
        raise ValueError(f"file '{name}' is not read: a stored study holds its values itself")
    base = Path(given.get("base") or Path())
    try:
        path = (base / name).resolve(strict=True)
        home = base.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "no such file"
        raise ValueError(f"cannot read {base / name}: {reason}") from error
    if not given.get("outside") and not path.is_relative_to(home):
        raise ValueError(
            f"file '{name}' lies outside the folder of the study; allowed: files in that folder, "
            "or any with --allow-outside"
        )
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ValueError(f"'{name}' is not an ordinary file")
    if found.st_size > MOST_BYTES:
        raise ValueError(
            f"file '{name}' has {found.st_size:,} bytes; allowed: at most {MOST_BYTES:,}"
        )
    return path
