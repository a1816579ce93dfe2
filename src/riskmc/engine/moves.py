"""What instruments moved in a year: gathered field by field, without knowing any instrument.

A rule returns a few named amounts; `riskmc.rules.effects` says of each what it moves, what
members of a pool share it by, and which output it is recorded as. Arrays are (holder, draw),
money in £m.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from riskmc.engine.compiling import Step
from riskmc.engine.holders import Membership
from riskmc.engine.state import Stocks, YearRecord
from riskmc.rules.effects import EFFECTS, RESULTS, STOCKS, TAKEN, Waterfall, moved
from riskmc.rules.money import Money

#: Amounts by name, and within it by what members share them by.
_Pieces = dict[str, dict[str, Money]]


def working(waterfall: str, instrument: str) -> str:
    """Return the name under which a replay asks for what an instrument took."""
    return f"{waterfall}.{instrument}"


class _Field(NamedTuple):
    """A field of what a rule returns, its row read: moves as (sign, what, whether a stock)."""

    records: str
    shared_by: str
    moves: tuple[tuple[str, str, bool], ...]


def _fields(waterfall: Waterfall) -> tuple[_Field | None, ...]:
    """Return the rows of a list's results in the order of their fields; None for what is taken."""
    rows = {row.name: row for row in EFFECTS[waterfall]}
    found: list[_Field | None] = []
    for name in RESULTS[waterfall]:
        row = rows.get(name)
        if row is None:
            found.append(None)
            continue
        moves = tuple(
            (move[0] if move[0] in "-=" else "", moved(move), moved(move) in STOCKS)
            for move in row.moves
        )
        found.append(_Field(row.records, row.shared_by, moves))
    return tuple(found)


_FIELDS: dict[Waterfall, tuple[_Field | None, ...]] = {name: _fields(name) for name in EFFECTS}


class Sharing:
    """What members of a group's holders share amounts by, worked out once it is asked for.

    weights   by name of `riskmc.rules.effects.WEIGHTS`: (organisation, draw)
    """

    def __init__(self, members: Membership, weights: Mapping[str, Money]) -> None:
        self.members = members
        self._weights = weights
        self._wholes: dict[str, Money] = {}
        self._shares: dict[str, Money | None] = {}

    def by_organisation(self, name: str) -> Money:
        """Return a weight by organisation."""
        return self._weights[name]

    def whole(self, name: str) -> Money:
        """Return a weight added up by holder, (holder, draw)."""
        if name not in self._wholes:
            self._wholes[name] = self.members.total(self.members.take(self._weights[name]))
        return self._wholes[name]

    def shares(self, name: str) -> Money | None:
        """Return members' shares by a weight; None where every holder has one member."""
        if not self.members.pooled:
            return None
        if name not in self._shares:
            weights = self.members.take(self._weights[name])
            self._shares[name] = self.members.shares(weights, self.whole(name))
        return self._shares[name]

    def share_out(self, values: Money, name: str) -> Money:
        """Share holders' values out to members: (holder, draw) -> (member, draw)."""
        return self.members.share_out(values, self.shares(name))


class Moves:
    """What a group's instruments moved, and the state of its stocks."""

    def __init__(self, sharing: Sharing, held: Stocks) -> None:
        self.sharing = sharing
        self.stocks: dict[str, Money] = held._asdict()
        self._moved: _Pieces = {}
        self._recorded: _Pieces = {}
        self._workings: dict[str, tuple[Money, str]] = {}

    def take(self, waterfall: Waterfall, step: Step, result: Any) -> None:
        """Take what an instrument's rule returned."""
        row = step.row
        amount = getattr(result, TAKEN[waterfall])
        self._workings[working(waterfall, row.name)] = amount, row.shared_by
        if row.records:
            self.record(row.records, amount, row.shared_by)
        for value, field in zip(result, _FIELDS[waterfall], strict=True):
            if value is None or field is None:
                continue
            if field.records:
                self.record(field.records, value, field.shared_by)
            for sign, target, stock in field.moves:
                if not stock:
                    _add(self._moved, target, -value if sign == "-" else value, field.shared_by)
                elif sign == "=":
                    self.stocks[target] = value
                elif sign == "-":
                    self.stocks[target] = self.stocks[target] - value
                else:
                    self.stocks[target] = self.stocks[target] + value

    def record(self, name: str, amount: Money, shared_by: str) -> None:
        """Note an amount for an output ("-x": taken off it), alongside what was noted for it."""
        signed = -amount if name[0] == "-" else amount
        _add(self._recorded, moved(name), signed, shared_by)

    def whole(self, name: str) -> Money | None:
        """Return what was moved of something, by holder; None where nothing was."""
        return _total(self._moved.get(name, {}))

    def recorded(self, name: str) -> Money | None:
        """Return what was noted for an output, by holder; None where nothing was."""
        return _total(self._recorded.get(name, {}))

    def by_member(self, name: str) -> Money | None:
        """Return what was moved of something, by member; None where nothing was."""
        return self._by_member(self._moved.get(name, {}))

    def _by_member(self, pieces: Mapping[str, Money]) -> Money | None:
        total = None
        for shared_by, values in pieces.items():
            part = self.sharing.share_out(values, shared_by)
            total = part if total is None else total + part
        return total

    def write(self, record: YearRecord) -> None:
        """Hand every output that was noted to the record, and the workings that it asks for."""
        members = self.sharing.members
        for name, pieces in self._recorded.items():
            if len(pieces) == 1:
                shared_by, values = next(iter(pieces.items()))
                record.holders(name, members, values, self.sharing.shares(shared_by))
                continue
            record.bodies(name, members.rows, self._by_member(pieces))
            for values in pieces.values():
                record.place(name, values)
        for name, (values, shared_by) in self._workings.items():
            if record.keeps(name):
                record.holders(name, members, values, self.sharing.shares(shared_by))


def _total(pieces: Mapping[str, Money]) -> Money | None:
    total = None
    for values in pieces.values():
        total = values if total is None else total + values
    return total


def _add(pieces: _Pieces, name: str, value: Money, shared_by: str) -> None:
    by_weight = pieces.setdefault(name, {})
    by_weight[shared_by] = by_weight[shared_by] + value if shared_by in by_weight else value
