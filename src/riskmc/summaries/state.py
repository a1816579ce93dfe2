"""What is folded so far: counts of the blocks that are done, and sums up to the first that is not.

Blocks may come in any order. Counts are added at once; sums wait until it is their turn. The
whole can be written as arrays and read again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.summaries.grid import SLOTS
from riskmc.summaries.moments import ARITY, Ladder, Moments
from riskmc.summaries.tally import Tally

Arrays = dict[str, NDArray[Any]]
#: Counts the bins of a histogram through.
_NUMBER = np.dtype(np.uint16)


@dataclass
class Summary:
    """Counts and sums of a stretch of 4^level blocks from `first` on: what travels."""

    first: int
    level: int
    tally: Tally
    moments: Moments

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return int(ARITY**self.level)

    @classmethod
    def join(cls, parts: Iterable[Summary]) -> Summary:
        """Join four neighbouring stretches of one length, as they come; they stay as they are."""
        whole: Summary | None = None
        count, blocks = 0, 1
        for count, part in enumerate(parts, start=1):
            if whole is None:
                blocks = part.blocks
                whole = cls(part.first, part.level + 1, part.tally.copy(), part.moments)
                continue
            if part.first != whole.first + (count - 1) * blocks or part.level + 1 != whole.level:
                raise ValueError("stretches are joined in order")
            whole.tally.add(part.tally)
            whole.moments = whole.moments.join(part.moments)
        if whole is None or count != ARITY or whole.first % (ARITY * blocks) != 0:
            raise ValueError("stretches are joined by whole fours")
        return whole

    def __getstate__(self) -> dict[str, Any]:
        """Return it for another process: of the histograms only what is occupied."""
        return {**self.__dict__, "tally": tally_arrays(self.tally)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take it from another process."""
        self.__dict__.update(state, tally=tally_from(state["tally"]))


@dataclass
class Folded:
    """All that is folded of a run; threads may add to it at once."""

    tally: Tally
    ladder: Ladder = field(default_factory=Ladder)
    done: set[int] = field(default_factory=set)
    whole: bool = True
    _next: int = 0
    _waiting: dict[int, tuple[int, Moments]] = field(default_factory=dict)
    _lock: Any = field(default_factory=Lock)

    def add(self, summary: Summary) -> None:
        """Add a stretch of blocks; where that is interrupted, it is `whole` no longer."""
        with self._lock:
            self.whole = False
            self.tally.add(summary.tally)
            self.done.update(range(summary.first, summary.first + summary.blocks))
            self._waiting[summary.first] = (summary.level, summary.moments)
            while self._next in self._waiting:
                level, moments = self._waiting.pop(self._next)
                self.ladder.push(moments, level)
                self._next += ARITY**level
            self.whole = True

    def arrays(self) -> Arrays:
        """Return everything as arrays by name, at one moment."""
        with self._lock:
            rungs = list(self.ladder.rungs())
            waiting = [(first, *held) for first, held in sorted(self._waiting.items())]
            found = {f"tally_{name}": x for name, x in tally_arrays(self.tally).items()}
            parts = [moments for _, _, moments in (*rungs, *waiting)]
            head = {
                "next": self._next,
                "rungs": [(level, count) for level, count, _ in rungs],
                "waiting": [(first, level) for first, level, _ in waiting],
                "units": [moments.units for moments in parts],
            }
            for i, moments in enumerate(parts):
                found |= {f"moments{i}_{name}": x for name, x in moments.arrays().items()}
            found["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
            return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Folded:
        """Read what `arrays` gave."""
        head = json.loads(arrays["head"].tobytes())
        parts = [
            Moments.from_arrays(units, _with_prefix(arrays, f"moments{i}_"))
            for i, units in enumerate(head["units"])
        ]
        joined, held = parts[: len(head["rungs"])], parts[len(head["rungs"]) :]
        rungs = [(*rung, moments) for rung, moments in zip(head["rungs"], joined, strict=True)]
        waiting = {
            first: (level, moments)
            for (first, level), moments in zip(head["waiting"], held, strict=True)
        }
        done = set(range(head["next"]))
        for first, level in head["waiting"]:
            done.update(range(first, first + ARITY**level))
        tally = tally_from(_with_prefix(arrays, "tally_"))
        return cls(tally, Ladder.from_rungs(rungs), done, True, head["next"], waiting)


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
    bins = np.zeros((cases, rows, SLOTS), dtype=np.uint32)
    ends, numbers, counts = (rest.pop(name) for name in ("bin_ends", "bin", "bin_draws"))
    lengths = np.diff(np.concatenate([[0], ends.reshape(-1)]))
    at = np.repeat(np.arange(cases * rows) * SLOTS, lengths)
    bins.reshape(-1)[at + numbers] = counts
    draws, failed = (int(n) for n in rest.pop("draws"))
    own = {name: np.array(x) for name, x in rest.items()}
    return Tally(draws=draws, failed=failed, bins=bins, **own)


def packed_bytes(bins: NDArray[np.unsignedinteger[Any]]) -> int:
    """Return the most bytes that `pack` returns of such histograms: every bin occupied."""
    return bins.size * (_NUMBER.itemsize + bins.itemsize)


def pack(bins: NDArray[np.unsignedinteger[Any]]) -> Arrays:
    """Return what is occupied of histograms (case, row, bin).

    bin, bin_draws  numbers of the occupied bins, and how many draws each holds
    bin_ends        where each histogram ends in these, (case, row)
    """
    lengths = [[np.count_nonzero(row) for row in case] for case in bins]
    ends = np.cumsum(lengths, dtype=np.int64).reshape(bins.shape[:2])
    count = int(ends[-1, -1])
    numbers, draws = np.empty(count, _NUMBER), np.empty(count, bins.dtype)
    for case, last, of_case in zip(bins, ends[:, -1], lengths, strict=True):
        part = slice(int(last) - sum(of_case), int(last))
        row, number = np.nonzero(case)  # of one case: indices take much
        numbers[part], draws[part] = number, case[row, number]
    return {"bin": numbers, "bin_draws": draws, "bin_ends": ends}
