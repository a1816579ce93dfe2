"""Check that what a run keeps fits in memory and on disk."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from riskmc.errors import TooLargeError, counted
from riskmc.results.contents import Contents
from riskmc.results.unfinished import unfinished_size
from riskmc.runs.prepared import Simulation
from riskmc.summaries.tally import MOST_SUMMARISED

_LOG = logging.getLogger(__name__)
#: Draws take the disk twice while the results file is put together from blocks.
_ON_DISK = 2
#: Bytes that Python and its libraries take while a run that keeps summaries is at work, and when
#: results are written and read again, which takes more libraries.
_PROGRAM, _WITH_RESULTS = 100_000_000, 225_000_000


def first_that_fits(contents: Sequence[Contents], memory: int, out: Path | None) -> Contents:
    """Return the first contents that fit the memory, and the disk where one is written to.

    Draws asked for outright and written to a file need fit the disk only. Whether summaries fit
    is for `check_summaries_fit` to say.
    """
    disk = None if out is None else _free_disk(out)
    for choice in contents[:-1]:
        if choice.bytes() <= memory and (disk is None or _ON_DISK * choice.bytes() <= disk):
            return choice
    last = contents[-1]
    if last.keep == "summaries":
        if len(contents) > 1:
            _LOG.warning(
                "%s: %s: summaries are kept, from which no report can be written",
                last.study.title,
                _too_large(contents[-2], memory, disk),
            )
        return last
    limit = memory if disk is None else disk // _ON_DISK
    if last.bytes() <= limit:
        return last
    fits = int(last.layout.total * limit / last.bytes())
    raise TooLargeError(
        f"{_too_large(last, memory, disk)}: ask for at most {fits:,} draws or fewer regimes"
        + (", keep the headline variables only" if last.keep == "all" else "")
        + ", keep summaries, which do not grow with the draws (--keep summaries)"
        + (", or allow more memory" if disk is None else ", or free some disk")
    )


def _too_large(contents: Contents, memory: int, disk: int | None) -> str:
    """Return what draws take, and what there is: of the disk where that is too small, or memory."""
    taken, scarce = _size(contents.bytes()), f"{_size(memory)} of memory may be used"
    if disk is not None and _ON_DISK * contents.bytes() > disk:
        taken = f"{_size(_ON_DISK * contents.bytes())} of disk until the file is put together"
        scarce = f"{_size(disk)} of this disk are free"
    draws = contents.layout.total
    return f"keeping {contents.keep} of {draws:,} draws takes {taken}, and {scarce}"


def _size(size: int) -> str:
    for unit, name in ((1e12, "TB"), (1e9, "GB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size / 1e6:.0f} MB"


def check_summaries_fit(simulation: Simulation, memory: int) -> None:
    """Raise TooLargeError where not even one worker can fold summaries in the memory given."""
    study, total = simulation.contents.study, simulation.contents.layout.total
    if total > MOST_SUMMARISED:
        raise TooLargeError(
            f"{total:,} draws are more than summaries can count: ask for at most "
            f"{MOST_SUMMARISED:,}, or run several seeds"
        )
    needed = summaries_take(simulation)
    if needed > memory:
        raise TooLargeError(
            f"summaries of {counted(len(study.regimes), 'regime')} and {len(study.organisations)} "
            f"organisations take {_size(needed)} however many the draws, and {_size(memory)} of "
            "memory may be used: allow more memory, or ask for fewer regimes at a time (the "
            "futures are the same)"
        )


def summaries_take(simulation: Simulation) -> int:
    """Return the bytes of a run of summaries by one worker, with Python and its libraries."""
    room = simulation.room()
    return room.kept + max(_PROGRAM + room.worker, _WITH_RESULTS + room.packed)


def _free_disk(target: Path) -> int:
    """Return the bytes of its disk that a file may take, what an earlier run claimed included."""
    folder = target.absolute().parent
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free + unfinished_size(target)


def memory_budget() -> int:
    """Return a quarter of the memory that there is, in bytes: the container's, or the machine's."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *container_limits()]) // 4


def container_limits(root: Path = Path("/")) -> list[int]:
    """Return the limits of memory that control groups set for this process, of either version.

    A group's limit holds for the groups in it: all on the way up are read. In a container its
    own group is seen as the root.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
    found = []
    for line in lines:
        _, controllers, group = [*line.split(":", 2), "", ""][:3]
        if controllers == "":
            top, name = root / "sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            top, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        inside = PurePosixPath(group.lstrip("/"))
        for folder in (inside, *inside.parents):
            try:
                said = (top / folder / name).read_text(encoding="utf-8").strip()
            except (OSError, ValueError):
                continue
            if said.isdecimal() and int(said) > 0:  # "max": no limit
                found.append(int(said))
    return found


def fewer_workers(simulation: Simulation, workers: int, memory: int, *, apart: bool) -> int:
    """Return as many workers for summaries as the memory has room for, at least one.

    Workers apart, each a process, have Python and its libraries each to themselves.
    """
    room = simulation.room()
    each = room.worker + (_PROGRAM + room.apart if apart else 0)
    return max(min(workers, (memory - room.kept - _PROGRAM) // each), 1)
