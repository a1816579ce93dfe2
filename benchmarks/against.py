"""Today's version against an earlier one: the same work, in turns, in one run.

The earlier version is a checkout of its source; it needs no installation. Each version works in a
process of its own, on one thread.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.pages import table
from benchmarks.timing import Ratio, summed_up

ROOT = Path(__file__).parent.parent
#: Where the earlier version may be said to be.
VARIABLE = "RISKMC_OLD"
DRAWS = 4096
Seconds = dict[str, list[float | None]]


class Row(NamedTuple):
    """A row of the table: the case of `one_version.py`, its blocks, what a figure is of."""

    what: str
    case: str
    blocks: int
    regimes: int
    target: str


ROWS = (
    Row("drawing the futures [µs a draw]", "futures", 6, 1, "0.30"),
    Row("rules for two outcomes [µs a draw and regime]", "two outcomes", 4, 3, "0.20"),
    Row("rules, headline by body [µs a draw and regime]", "headline", 4, 3, ""),
    Row("two regimes, futures included, nothing folded [µs a draw]", "not folded", 4, 1, ""),
    Row("a summarised block, two regimes [µs a draw]", "summarised", 4, 1, "0.25"),
    Row("twenty regimes, two outcomes [µs a draw]", "twenty regimes", 2, 1, "0.20"),
    Row("the peers' place, two sets of rules [µs a draw]", "peers' place", 8, 1, ""),
    Row("the same, whole-array NumPy [µs a draw]", "peers' place, whole arrays", 8, 1, ""),
    Row("footprints, two outcomes [µs a draw and regime]", "footprints", 1, 2, "20 µs"),
    Row("footprints, headline [µs a draw and regime]", "footprints, headline", 1, 2, ""),
)


class Version:
    """A version at work in a process of its own."""

    def __init__(self, root: Path) -> None:
        one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
        path = os.pathsep.join([str(root / "src"), str(root)])
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "benchmarks" / "one_version.py")],
            env={**os.environ, **one_thread, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, case: str, blocks: int) -> float | None:
        """Return the processor time of a case; None where the version cannot do it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{case} {blocks}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if not answer:
            raise RuntimeError(f"{case}: the version stopped")
        return None if answer == "none" else float(answer)

    def close(self) -> None:
        """Have done."""
        self._process.communicate()


def old_version(given: str | None) -> Path | None:
    """Return where the earlier version is, if that is said."""
    place = given or os.environ.get(VARIABLE)
    return None if place is None else Path(place).resolve()


def table_against(old: Path | None, repeats: int) -> str:
    """Return the table; the columns of the earlier version are empty where there is none."""
    versions = {"now": Version(ROOT)}
    if old is not None:
        versions = {"old": Version(old), **versions}
    found: dict[str, Seconds] = {row.case: {name: [] for name in versions} for row in ROWS}
    for row in ROWS:
        for turn in range(repeats + 1):
            for name, version in versions.items():
                took = version.seconds(row.case, row.blocks)
                if turn > 0:  # the first round compiles, records and touches memory
                    found[row.case][name].append(took)
    for version in versions.values():
        version.close()
    note = (
        "Greater Manchester as 0.1.0 had it (13 bodies, 10 years), one thread, processor time of "
        f"each version in turn, median of {repeats} rounds and quartiles; both versions in one run."
    )
    if old is None:
        note += " No earlier version was at hand: `--old PATH` names a checkout of one."
    head = ("cost of", "0.1.0", "now", "ratio", "target")
    return f"{note}\n\n" + table(head, [*map(_of(found), ROWS), *_of_two(found)])


def _of(found: dict[str, Seconds]) -> Callable[[Row], list[object]]:
    def cells(row: Row) -> list[object]:
        old, now = (_known(found[row.case].get(name, [])) for name in ("old", "now"))
        scale = 1e6 / (row.blocks * DRAWS * row.regimes)
        ratio: Ratio | str = summed_up(b / a for a, b in zip(old, now, strict=True)) if old else ""
        return [row.what, _figure(old, scale), _figure(now, scale), ratio, row.target]

    return cells


def _of_two(found: dict[str, Seconds]) -> list[list[object]]:
    """Return the rows that are one case over another of the same version."""
    pairs = (
        ("folding / simulating", "summarised", "not folded", 1.0, "0.30"),
        ("the peers' place / whole-array NumPy", *[row.case for row in ROWS[6:8]], 0.0, "0.45"),
    )
    rows: list[list[object]] = []
    for what, case, over, less, target in pairs:
        cells = []
        for name in ("old", "now"):
            a, b = (_known(found[x].get(name, [])) for x in (case, over))
            own = summed_up(x / y - less for x, y in zip(a, b, strict=True)) if a and b else ""
            cells.append(own)
        rows.append([what, *cells, "", target])
    return rows


def _known(seconds: list[float | None]) -> list[float]:
    return [x for x in seconds if x is not None]


def _figure(seconds: list[float], scale: float) -> str:
    return f"{scale * float(np.median(seconds)):.3g}" if seconds else "–"
