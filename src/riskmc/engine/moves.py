"""What instruments moved in a year: gathered field by field, without knowing any instrument.

A rule returns a few named amounts; `riskmc.rules.effects` says of each what it moves, what
members of a pool share it by, and which output it is recorded as. Arrays are (holder, draw),
money in £m.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskmc.engine.compiling import Step
from riskmc.engine.holders import Membership
from riskmc.engine.state import Held, YearRecord
from riskmc.rules.effects import EFFECTS, STOCKS, TAKEN, Waterfall, moved
from riskmc.rules.money import Money

#: Amounts by name, and within it by what members share them by.
_Pieces = dict[str, dict[str, Money]]


def working(waterfall: str, instrument: str) -> str:
    """Return the name under which a replay asks for what an instrument took."""
    return f"{waterfall}.{instrument}"


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
    """What a group's instruments moved, and how its stocks stand."""

    def __init__(self, sharing: Sharing, held: Held) -> None:
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
        for effect in EFFECTS[waterfall]:
            value = getattr(result, effect.name)
            if value is None:
                continue
            if effect.records:
                self.record(effect.records, value, effect.shared_by)
            for move in effect.moves:
                self._move(move, value, effect.shared_by)

    def _move(self, move: str, value: Money, shared_by: str) -> None:
        """Move a stock now; note what moves anything else."""
        target = moved(move)
        if target not in STOCKS:
            _add(self._moved, target, -value if move[0] == "-" else value, shared_by)
        elif move[0] == "=":
            self.stocks[target] = value
        elif move[0] == "-":
            self.stocks[target] = self.stocks[target] - value
        else:
            self.stocks[target] = self.stocks[target] + value

    def record(self, name: str, amount: Money, shared_by: str) -> None:
        """Note an amount for an output ("-x": taken off it), beside what was noted for it."""
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
