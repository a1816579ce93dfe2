"""Plain tables for the terminal, and files that are not there yet."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path

from riskmc.errors import InputError


def text_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text: the first column to the left, the others to the right."""
    cells = [list(headings), *map(list, rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def check_folder(out: Path) -> None:
    """Raise InputError where a folder cannot be made or written: before the work, not after it."""
    there = next(path for path in (out, *out.absolute().parents) if path.exists())
    if not there.is_dir():
        raise InputError(f"{out}: cannot be written: {there} is not a folder")
    if not os.access(there, os.W_OK):
        raise InputError(f"{out}: cannot be written: {os.strerror(errno.EACCES)}")


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet; InputError where it is, or cannot be written."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise InputError(f"{path}: exists already; nothing was written") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
