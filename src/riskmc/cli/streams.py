"""Standard output and error that are closed, or whose reader is gone: a command ends quietly."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def sound_streams() -> None:
    """Stand in for standard streams that the caller closed: what is written there is nobody's.

    A file opened later would be given the free number otherwise, and messages written into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        with suppress(OSError):
            os.fstat(number)
            if getattr(sys, name) is not None:
                continue
        nowhere = os.open(os.devnull, os.O_RDWR)
        if nowhere != number:
            os.dup2(nowhere, number)
            os.close(nowhere)
        mode = "w" if number else "r"
        stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)


@contextmanager
def closed() -> Iterator[None]:
    """Write a last message if anyone reads; then let nothing more be written at the end."""
    try:
        yield
        sys.stderr.flush()
        sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for stream in (sys.stdout, sys.stderr):
                os.dup2(nowhere, stream.fileno())
