"""What is outside a command: standard streams, closed or of few characters, and signals to end."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what it has no character for is shown as "?"
            stream.reconfigure(errors="replace")


def stop_on_signals() -> None:
    """Let a scheduler's SIGTERM and a terminal that closes stop a command as Ctrl-C does.

    What is ignored, as `nohup` has it, stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


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
