"""A run that is interrupted after some blocks."""

from __future__ import annotations

from collections.abc import Callable


class Stop(Exception):
    """Stands for an interruption."""


def stop_after(blocks: int) -> Callable[[int, int], None]:
    """Return a `progress` that interrupts after so many blocks."""
    seen: list[int] = []

    def progress(done: int, total: int) -> None:
        seen.append(done)
        if len(seen) == blocks:
            raise Stop

    return progress
