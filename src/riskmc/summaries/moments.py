"""Sums of floating-point numbers: centred moments over independent units, and their one order.

A unit (a draw, a pair, a chain) has a mean A of its values, and the share B of its draws that
count (1 unless draws failed). Every error of a mean comes of the centred sums of products of the
two: the mean is r = mean A / mean B, and the sum of (A - r B)^2 follows from those of A², AB, B².
Sums of two stretches are joined by the formulas of Chan, Golub and LeVeque and their third-order
kin (P. Pébay, Formulas for robust, one-pass parallel computation of covariances and
arbitrary-order statistical moments, Sandia report SAND2008-6212).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from riskmc.summaries.compiled import moments_of_rows
from riskmc.summaries.rows import Floats

#: Stretches that are joined at once; see `Ladder`.
ARITY = 4
#: Rows worked on at once, so that they stay in cache.
_ROWS = 8
_SECOND = ("aa", "ab", "bb")
_THIRD = ("aaa", "aab", "abb", "bbb")


@dataclass
class Moments:
    """Centred sums over units, (case, row).

    units  how many units
    sums   "a", "b" means over units; "aa", "ab", ... centred sums of products. Those with b are
           there only if a draw failed: without them B is 1 in every unit
    spread "q" mean over units of the unit's mean of (x - centre)^2, "qq", "aq" and "qqq" its
           centred sums; for the rows over the horizon only
    """

    units: int
    sums: dict[str, Floats]
    spread: dict[str, Floats] = field(default_factory=dict)

    @property
    def weighted(self) -> bool:
        """Whether any draw failed."""
        return "b" in self.sums

    def with_weights(self) -> dict[str, Floats]:
        """Return the sums with those of B, whether any draw failed or not."""
        if self.weighted:
            return self.sums
        shape = self.sums["a"].shape
        none = {name: np.zeros(shape) for name in (*_SECOND, *_THIRD) if "b" in name}
        return {**self.sums, "b": np.ones(shape), **none}

    def join(self, later: Moments) -> Moments:
        """Return the moments of this stretch and the one behind it."""
        n, m = self.units, later.units
        weighted = self.weighted or later.weighted
        ours = self.with_weights() if weighted else self.sums
        theirs = later.with_weights() if weighted else later.sums
        sums = _join(ours, theirs, n, m)
        spread: dict[str, Floats] = {}
        if self.spread:
            q, p = self.spread, later.spread
            apart = p["q"] - q["q"]
            apart_a = p["a"] - q["a"]
            both = n * m / (n + m)
            spread = {
                "q": q["q"] + apart * (m / (n + m)),
                "a": q["a"] + apart_a * (m / (n + m)),
                "qq": q["qq"] + p["qq"] + apart * apart * both,
                "aq": q["aq"] + p["aq"] + apart * apart_a * both,
                "qqq": q["qqq"]
                + p["qqq"]
                + apart**3 * (both * (n - m) / (n + m))
                + 3.0 * apart * ((n * p["qq"] - m * q["qq"]) / (n + m)),
            }
        return Moments(n + m, sums, spread)

    def arrays(self) -> dict[str, Floats]:
        """Return everything but the number of units, by name."""
        return {**self.sums, **{f"spread_{name}": x for name, x in self.spread.items()}}

    @classmethod
    def from_arrays(cls, units: int, arrays: dict[str, Floats]) -> Moments:
        """Make moments of what `arrays` gave."""
        prefix = "spread_"
        spread = {n.removeprefix(prefix): x for n, x in arrays.items() if n.startswith(prefix)}
        return cls(units, {n: x for n, x in arrays.items() if not n.startswith(prefix)}, spread)


def _join(ours: dict[str, Floats], theirs: dict[str, Floats], n: int, m: int) -> dict[str, Floats]:
    """Join centred sums of two stretches of n and m units."""
    total = n + m
    means: list[str] = [name for name in ("a", "b") if name in ours]
    apart = {name: theirs[name] - ours[name] for name in means}
    joined: dict[str, Floats] = {name: ours[name] + apart[name] * (m / total) for name in means}
    for name in ours:
        if len(name) == 2:
            x, y = tuple(name)
            joined[name] = ours[name] + theirs[name] + apart[x] * apart[y] * (n * m / total)
        elif len(name) == 3:
            x, y, z = tuple(name)
            cubes = apart[x] * apart[y] * apart[z] * (n * m * (n - m) / total**2)
            found = ours[name] + theirs[name] + cubes
            for one, rest in ((x, y + z), (y, x + z), (z, x + y)):
                found += apart[one] * ((n * theirs[rest] - m * ours[rest]) / total)
            joined[name] = found
    return joined


def moments_of(a: Floats, out: dict[str, Floats], case: int, first: int) -> None:
    """Write the moments of unit means (row, unit) into rows of a case, from the first on."""
    compiled = moments_of_rows(a)
    if compiled is not None:
        at = (case, slice(first, first + len(a)))
        out["a"][at], out["aa"][at], out["aaa"][at] = compiled
        return
    for start in range(0, len(a), _ROWS):
        rows = a[start : start + _ROWS]
        at = (case, slice(first + start, first + start + len(rows)))
        mean = rows.sum(axis=1) / rows.shape[1]
        out["a"][at] = mean
        moved = rows - mean[:, None]
        powers = moved * moved
        out["aa"][at] = powers.sum(axis=1)
        powers *= moved
        out["aaa"][at] = powers.sum(axis=1)


def weights_of(a: Floats, b: Floats, out: dict[str, Floats], case: int, first: int) -> None:
    """Write the moments with weights b (row, unit) into rows of a case, from the first on."""
    mean = b.mean(axis=1)
    at = (case, slice(first, first + len(a)))
    out["b"][at] = mean
    moved = {"a": a - a.mean(axis=1)[:, None], "b": b - mean[:, None]}
    for name in (*_SECOND, *_THIRD):
        if "b" in name:
            powers = moved[name[0]].copy()
            for factor in name[1:]:
                powers *= moved[factor]
            out[name][at] = powers.sum(axis=1)


def spread_of(a: Floats, q: Floats, out: dict[str, Floats], case: int) -> None:
    """Write the moments of unit means a and of q, means of squares, (row, unit), of a case."""
    mean_a, mean_q = a.mean(axis=1), q.mean(axis=1)
    moved_a, moved_q = a - mean_a[:, None], q - mean_q[:, None]
    out["a"][case], out["q"][case] = mean_a, mean_q
    moved_a *= moved_q
    powers = moved_q * moved_q
    out["aq"][case], out["qq"][case] = moved_a.sum(axis=1), powers.sum(axis=1)
    powers *= moved_q
    out["qqq"][case] = powers.sum(axis=1)


def empty_moments(units: int, cases: int, rows: int, spread_rows: int) -> Moments:
    """Return moments to be filled case by case."""
    sums = {name: np.zeros((cases, rows)) for name in ("a", "aa", "aaa")}
    spread = {name: np.zeros((cases, spread_rows)) for name in ("a", "q", "qq", "aq", "qqq")}
    return Moments(units, sums, spread)


class Ladder:
    """Joins the moments of blocks in one fixed order, whoever made them.

    Four neighbouring blocks are joined one after the other, then four such fours, and so on: a
    tree whose shape hangs on the number of blocks alone. So a worker may join whole fours, or
    fours of fours, and return the outcome, and the last bit stays where it was.
    """

    def __init__(self) -> None:
        self._rungs: list[tuple[int, Moments] | None] = []

    def push(self, moments: Moments, level: int = 0) -> None:
        """Take the moments of the next 4^level blocks."""
        self._rungs.extend([None] * (level + 1 - len(self._rungs)))
        if any(rung is not None for rung in self._rungs[:level]):
            raise ValueError("blocks are joined in order, whole fours at a time")
        rung = self._rungs[level]
        count, joined = (1, moments) if rung is None else (rung[0] + 1, rung[1].join(moments))
        if count < ARITY:
            self._rungs[level] = (count, joined)
            return
        self._rungs[level] = None
        self.push(joined, level + 1)

    def rungs(self) -> Iterator[tuple[int, int, Moments]]:
        """Give what is joined so far, earliest blocks first: level, how many of it, moments."""
        for level in range(len(self._rungs) - 1, -1, -1):
            rung = self._rungs[level]
            if rung is not None:
                yield level, *rung

    def total(self) -> Moments:
        """Join whatever is left over and return the whole."""
        whole: Moments | None = None
        for _, _, moments in reversed(list(self.rungs())):
            whole = moments if whole is None else moments.join(whole)
        if whole is None:
            raise ValueError("no blocks")
        return whole

    @classmethod
    def from_rungs(cls, rungs: list[tuple[int, int, Moments]]) -> Ladder:
        """Make a ladder of what `rungs` gave."""
        ladder = cls()
        for level, count, moments in rungs:
            ladder._rungs.extend([None] * (level + 1 - len(ladder._rungs)))
            ladder._rungs[level] = (count, moments)
        return ladder
