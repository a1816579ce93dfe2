"""What is folded so far: counts of the blocks that are done, and sums up to the first that is not.

Blocks may come in any order. Counts are added at once; sums wait until it is their turn. The
whole can be written down as arrays and taken up again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.streams.grid import BINS
from riskmc.streams.moments import Ladder, Moments
from riskmc.streams.tally import Tally

Arrays = dict[str, NDArray[Any]]


@dataclass
class Summary:
    """Counts and sums of a stretch of blocks: what travels from a worker.

    first, blocks  which blocks
    ladder         their sums, joined as far as whole fours go
    """

    first: int
    blocks: int
    tally: Tally
    ladder: Ladder

    def extend(self, later: Summary) -> None:
        """Take in the blocks that follow."""
        if later.first != self.first + self.blocks:
            raise ValueError("stretches are joined in order")
        self.blocks += later.blocks
        self.tally.add(later.tally)
        self.ladder.extend(later.ladder)

    def __getstate__(self) -> dict[str, Any]:
        """Return it for another process: of the histograms only what is occupied."""
        arrays = tally_arrays(self.tally)
        return {
            "first": self.first,
            "blocks": self.blocks,
            "tally": arrays,
            "ladder": list(self.ladder.rungs()),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take it from another process."""
        self.first, self.blocks = state["first"], state["blocks"]
        self.tally = tally_from(state["tally"])
        self.ladder = Ladder.from_rungs(state["ladder"])


@dataclass
class Folded:
    """All that is folded of a run; threads may add blocks at once."""

    tally: Tally
    ladder: Ladder = field(default_factory=Ladder)
    done: set[int] = field(default_factory=set)
    _next: int = 0
    _waiting: dict[int, Moments] = field(default_factory=dict)
    _lock: Any = field(default_factory=Lock)

    def add(self, block: int, tally: Tally, moments: Moments) -> None:
        """Add a block; it is added whole or not at all."""
        with self._lock:
            self.tally.add(tally)
            self.done.add(block)
            self._waiting[block] = moments
            while self._next in self._waiting:
                self.ladder.push(self._waiting.pop(self._next))
                self._next += 1

    def extend(self, summary: Summary) -> None:
        """Add a single block, or the stretch of blocks whose turn it is."""
        if summary.blocks == 1:
            self.add(summary.first, summary.tally, summary.ladder.total())
            return
        if summary.first != self._next or self._waiting:
            raise ValueError("stretches are joined in order")
        with self._lock:
            self.tally.add(summary.tally)
            self.ladder.extend(summary.ladder)
            self._next += summary.blocks
            self.done.update(range(summary.first, self._next))

    def arrays(self) -> Arrays:
        """Return everything as arrays by name, at one moment."""
        with self._lock:
            rungs = list(self.ladder.rungs())
            waiting = sorted(self._waiting.items())
            found = {f"tally_{name}": x for name, x in tally_arrays(self.tally).items()}
            head = {
                "next": self._next,
                "rungs": [(level, count, moments.units) for level, count, moments in rungs],
                "waiting": [(block, moments.units) for block, moments in waiting],
            }
            parts = [moments for _, _, moments in rungs] + [moments for _, moments in waiting]
            for i, moments in enumerate(parts):
                found |= {f"moments{i}_{name}": x for name, x in moments.arrays().items()}
            found["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
            return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Folded:
        """Take up what `arrays` wrote down."""
        head = json.loads(arrays["head"].tobytes())
        parts = [
            Moments.from_arrays(units, _with_prefix(arrays, f"moments{i}_"))
            for i, (*_, units) in enumerate([*head["rungs"], *head["waiting"]])
        ]
        rungs = [
            (level, count, moments)
            for (level, count, _), moments in zip(head["rungs"], parts, strict=False)
        ]
        waiting = {
            block: moments
            for (block, _), moments in zip(head["waiting"], parts[len(rungs) :], strict=True)
        }
        return cls(
            tally_from(_with_prefix(arrays, "tally_")),
            Ladder.from_rungs(rungs),
            {*range(head["next"]), *waiting},
            head["next"],
            waiting,
        )


def _with_prefix(arrays: Mapping[str, NDArray[Any]], prefix: str) -> Arrays:
    return {n.removeprefix(prefix): x for n, x in arrays.items() if n.startswith(prefix)}


def tally_arrays(tally: Tally) -> Arrays:
    """Return a tally as arrays; of the histograms only what is occupied."""
    found: Arrays = {name: x.copy() for name, x in tally.arrays().items() if name != "bins"}
    found |= pack(tally.bins)
    found["shape"] = np.array(tally.bins.shape)
    found["draws"] = np.array([tally.draws, tally.failed])
    found["first"] = tally.first
    return found


def tally_from(arrays: Mapping[str, NDArray[Any]]) -> Tally:
    """Make a tally of what `tally_arrays` gave."""
    rest = dict(arrays)
    cases, rows, _ = (int(n) for n in rest.pop("shape"))
    bins = np.zeros((cases, rows, BINS), dtype=np.uint32)
    ends, numbers, counts = (rest.pop(name) for name in ("bin_ends", "bin", "bin_draws"))
    lengths = np.diff(np.concatenate([[0], ends.reshape(-1)]))
    at = np.repeat(np.arange(cases * rows) * BINS, lengths)
    bins.reshape(-1)[at + numbers] = counts
    draws, failed = (int(n) for n in rest.pop("draws"))
    own = {name: np.array(x) for name, x in rest.items()}
    return Tally(draws=draws, failed=failed, bins=bins, **own)


def pack(bins: NDArray[np.unsignedinteger[Any]]) -> Arrays:
    """Return what is occupied of histograms (case, row, bin).

    bin, bin_draws  numbers of the occupied bins, and how many draws each holds
    bin_ends        where each histogram ends in these, (case, row)
    """
    occupied = np.flatnonzero(bins)
    lengths = np.count_nonzero(bins, axis=2).reshape(-1)
    return {
        "bin": (occupied % BINS).astype(np.uint16),
        "bin_draws": bins.reshape(-1)[occupied],
        "bin_ends": np.cumsum(lengths, dtype=np.int64).reshape(bins.shape[:2]),
    }
