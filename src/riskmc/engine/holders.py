"""Budget holders that share a rulebook, and how members' figures add up and are shared out.

Arrays of a group's members have their rows holder by holder; arrays of its holders have a row a
holder. Sums run over members one by one, in order, so that a draw's result is the same to the
bit however many draws are given alongside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskmc.rules.money import Money, share_of

Rows = slice | NDArray[np.intp]


def as_rows(indices: list[int]) -> Rows:
    """Return a slice where the indices run on without a gap (a view then, not a copy)."""
    first = indices[0]
    if indices == list(range(first, first + len(indices))):
        return slice(first, first + len(indices))
    return np.array(indices, dtype=np.intp)


def add_rows(values: Money) -> Money:
    """Add an array's rows up one by one, in order: (row, draw) -> (draw,).

    Of an array of one row that row itself.
    """
    total: Money
    if len(values) == 1:
        total = values[0]
        return total
    in_memory = values.shape[1] > 1 and values.strides[0] > values.strides[1]
    if in_memory or values.dtype == object:
        # rows that follow one another in memory NumPy adds in order, and symbols are; a single
        # column of numbers it would add up pair by pair
        total = np.add.reduce(values, axis=0)
        return total
    total = values[0].copy()
    for row in values[1:]:
        total += row
    return total


def zeros_for(values: Sequence[Money], shape: tuple[int, int]) -> Money:
    """Return zeros that any of the values can be laid into, symbols too."""
    like = next((x for x in values if x.dtype == object), values[0])
    zeros: Money = np.zeros_like(like, shape=shape)
    return zeros


def add_up(first: Money | None, second: Money | None) -> Money | None:
    """Add where there is something to add; None is nothing."""
    if first is None or second is None:
        return second if first is None else first
    return first + second


def contract_sum(flows: tuple[tuple[int, int], ...], values: Money, rows: int) -> Money | None:
    """Add up contracts by holder or member, one by one; None where there are none."""
    if not flows:
        return None
    total = zeros_for([values], (rows, values.shape[1]))
    for row, contract in flows:
        total[row] += values[contract]
    return total


def or_zero(values: Money | None) -> Money | float:
    """Return 0 for nothing."""
    return 0.0 if values is None else values


@dataclass(frozen=True)
class Membership:
    """Who belongs to which holder of a group.

    rows        the members' rows in the study's organisations
    holder_of   for each member, the row of its holder in the group
    positions   for j = 0, 1, ...: (rows of holders with more than j members, their j-th member)
    sizes       members per holder, shape (holder, 1)
    pooled      whether any holder has more than one member
    """

    rows: Rows
    members: int
    holder_of: NDArray[np.intp]
    positions: tuple[tuple[Rows, Rows], ...]
    sizes: Money
    pooled: bool

    @property
    def holders(self) -> int:
        """How many holders the group has."""
        return len(self.sizes)

    def everyone(self, organisations: int) -> bool:
        """Whether the members are all the organisations, in the study's order."""
        return isinstance(self.rows, slice) and self.members == organisations

    def take(self, values: Money) -> Money:
        """Return the members' rows of an array by organisation (one row stands for all)."""
        return values if values.shape[0] == 1 else values[self.rows]

    def total(self, values: Money) -> Money:
        """Add members' values up by holder: (member, draw) -> (holder, draw)."""
        if not self.pooled:
            return values
        if self.holders == 1:
            return add_rows(values)[np.newaxis]
        first_rows = self.positions[0][1]
        total = values[first_rows].copy()
        for holders, members in self.positions[1:]:
            total[holders] += values[members]
        return total

    def shares(self, weights: Money, total: Money) -> Money | None:
        """Return each member's share of its holder's total weight; equal shares where that is 0.

        None where every holder has one member, whose share is the whole.
        """
        if not self.pooled:
            return None
        whole = total if self.holders == 1 else total[self.holder_of]
        if np.all(total):
            return weights / whole
        return share_of(weight=weights, whole=whole, equal=1.0 / self.sizes[self.holder_of])

    def share_out(self, values: Money, shares: Money | None, out: Money | None = None) -> Money:
        """Share holders' values out to members: (holder, draw) -> (member, draw).

        Written to `out` where it is given.
        """
        if shares is None:
            if out is None:
                return values
            np.copyto(out, values)
            return out
        by_member = values if self.holders == 1 else values[self.holder_of]
        return np.multiply(by_member, shares, out=out)


def membership(holders: list[tuple[int, ...]]) -> Membership:
    """Return the membership of holders given as tuples of organisations' rows."""
    organisations = [member for members in holders for member in members]
    starts = np.cumsum([0, *(len(members) for members in holders)])
    holder_of = [h for h, members in enumerate(holders) for _ in members]
    positions = []
    for j in range(max(len(members) for members in holders)):
        having = [h for h, members in enumerate(holders) if len(members) > j]
        positions.append((as_rows(having), as_rows([int(starts[h]) + j for h in having])))
    return Membership(
        rows=as_rows(organisations),
        members=len(organisations),
        holder_of=np.array(holder_of, dtype=np.intp),
        positions=tuple(positions),
        sizes=np.array([[float(len(members))] for members in holders]),
        pooled=len(organisations) > len(holders),
    )
