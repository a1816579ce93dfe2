"""Blocks of draws: drivers made once, every regime run on them, outcomes stored as they come.

The rules know nothing of blocks. A block is cut into slices that fit the processor's cache;
since every operation is element by element, a draw's outcome is the same to the bit whatever the
block's or slice's width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.holders import Membership, Rows, add_rows
from riskmc.engine.programme import Programme
from riskmc.engine.state import YearDrivers, opening_state
from riskmc.engine.year import run_year
from riskmc.rules.budget import deficit
from riskmc.rules.money import Money
from riskmc.variables import NET_DEFICIT

#: Most values in an array by organisation and draw, so that a year's arrays stay in the cache
#: however many bodies there are; half a megabyte.
SLICE_VALUES = 65_536

Arrays = Mapping[str, NDArray[Any]]


def slice_width(draws: int, organisations: int) -> int:
    """Return how many draws to run at a time: as many as fit, all slices about as wide."""
    slices = -(-draws * organisations // SLICE_VALUES)
    return -(-draws // slices)


class BlockRecord:
    """Lays one regime's outcomes of a slice of draws into arrays that start as zeros.

    outcomes  by variable: (organisation, year, draw)
    place     by variable: (year, draw)
    """

    def __init__(self, outcomes: Arrays, place: Arrays) -> None:
        self._outcomes = outcomes
        self._place = place
        self.year = 0

    def keeps(self, name: str) -> bool:
        """Say whether a variable is kept by organisation."""
        return name in self._outcomes

    def bodies(self, name: str, rows: Rows, values: Any) -> None:
        """Take a variable by organisation, for the given rows."""
        kept = self._outcomes.get(name)
        if kept is not None:
            kept[rows, self.year] = values

    def holders(self, name: str, members: Membership, values: Any, shares: Money | None) -> None:
        """Take a variable by holder: shared out to members, and added up for the place."""
        kept = self._outcomes.get(name)
        if kept is not None:
            if not isinstance(values, np.ndarray):
                kept[members.rows, self.year] = values
            elif isinstance(members.rows, slice):
                members.share_out(values, shares, out=kept[members.rows, self.year])
            else:
                kept[members.rows, self.year] = members.share_out(values, shares)
        self.place(name, values)

    def place(self, name: str, values: Any) -> None:
        """Add rows up into a variable of the place."""
        total = self._place.get(name)
        if total is not None and isinstance(values, np.ndarray):
            this_year = total[self.year]
            this_year += add_rows(values)

    def exhausted(self, members: Membership, flags: Any, applicable: Any) -> None:
        """Take which holders' reserves are exhausted, and which can be said to be."""
        kept = self._outcomes.get("exhausted")
        if kept is not None:
            kept[members.rows, self.year] = flags[members.holder_of]
        anyone = self._place.get("exhausted")
        if anyone is not None:
            this_year = anyone[self.year]
            this_year |= np.logical_or.reduce(flags & applicable, axis=0)

    def close_year(self) -> None:
        """Work out what the place's year comes to: its deficit once surpluses are set off."""
        net = self._place.get(NET_DEFICIT.name)
        if net is not None:
            net[self.year] = deficit(balance=self._place["balance"][self.year])


def run_block(
    programmes: Sequence[Programme],
    drivers: Arrays,
    outcomes: Sequence[Arrays],
    places: Sequence[Arrays],
    *,
    draws: int,
    width: int | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Run regimes on a block of drivers.

    drivers   by name: (year, organisation, draw); a dimension of 1 stands for all
    outcomes  for each regime, by variable: zeros (organisation, year, draw) to be filled
    places    for each regime, by variable: zeros (year, draw) to be filled
    width     draws in a slice; by default what suits the cache
    stopped   asked before each slice: whether to leave the rest undone
    """
    width = width or slice_width(draws, programmes[0].organisations)
    with np.errstate(all="ignore"):  # draws that are not finite are kept and counted
        for start in range(0, draws, width):
            if stopped():
                return
            part = slice(start, min(start + width, draws))
            sliced = {n: x if x.shape[2] == 1 else x[..., part] for n, x in drivers.items()}
            for programme, kept, place in zip(programmes, outcomes, places, strict=True):
                record = BlockRecord(
                    {name: x[..., part] for name, x in kept.items()},
                    {name: x[..., part] for name, x in place.items()},
                )
                run_years(programme, partial(_in_year, sliced), record)


def _in_year(drivers: Arrays, year: int) -> dict[str, NDArray[Any]]:
    return {n: x[0] if x.shape[0] == 1 else x[year] for n, x in drivers.items()}


def run_years(
    programme: Programme, drivers_of: Callable[[int], YearDrivers], record: BlockRecord
) -> None:
    """Run a regime over its years, and record what becomes of them.

    drivers_of  gives the drivers of a year (0 is the first)
    """
    state = opening_state(programme)
    for year in range(programme.years):
        record.year = year
        state = run_year(programme, year, state, drivers_of(year), record)
        record.close_year()
