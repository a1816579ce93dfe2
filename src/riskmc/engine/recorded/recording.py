"""A regime recorded for the outcomes that are kept, ready to be played over blocks of draws."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.blocks import BlockRecord, run_years
from riskmc.engine.programme import Programme
from riskmc.engine.recorded.player import Play
from riskmc.engine.recorded.symbols import Graph, symbols
from riskmc.engine.recorded.tape import Row, Tape, driver_symbols, record_tape

Arrays = Mapping[str, NDArray[Any]]
_BODY, _PLACE = "outcome", "place"


class Recording:
    """The tape of a regime, for outcomes of given names and types.

    Parameters
    ----------
    programme : Programme
        The regime, compiled.
    drivers : mapping of str to array
        A block of drivers: which are the same in every draw, and what they are, is recorded.
    outcomes, place : mapping of str to array
        What is kept of a block, by variable: (organisation, year, draw) and (year, draw).

    Raises
    ------
    TypeError
        The rules do something with arrays that cannot be recorded.
    """

    def __init__(
        self, programme: Programme, drivers: Arrays, outcomes: Arrays, place: Arrays
    ) -> None:
        with _uncollected():
            self.tape = _tape(programme, drivers, outcomes, place)

    def play(
        self, player: Play, drivers: Arrays, outcomes: Arrays, place: Arrays, draws: int
    ) -> None:
        """Fill outcomes (zeros) from drivers, as `run_block` does."""
        rows = [_row(key, drivers, outcomes, place) for key in self.tape.rows]
        player(self.tape, rows, draws)


def _tape(programme: Programme, drivers: Arrays, outcomes: Arrays, place: Arrays) -> Tape:
    graph = Graph()
    kept = {name: _blank(values) for name, values in outcomes.items()}
    of_place = {name: _blank(values) for name, values in place.items()}
    with np.errstate(all="ignore"):
        run_years(
            programme,
            lambda year: driver_symbols(graph, drivers, year),
            BlockRecord(kept, of_place),
        )
    cells: list[tuple[Any, Row, np.dtype[Any]]] = []
    for year in range(programme.years):
        for name, values in kept.items():
            for body in range(values.shape[0]):
                key = (_BODY, name, body, year)
                cells.append((values[body, year, 0], key, outcomes[name].dtype))
        for name, values in of_place.items():
            cells.append((values[year, 0], (_PLACE, name, year), place[name].dtype))
    return record_tape(graph, cells)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the search for cycles of garbage off, which would go through every operation again.

    A hundred thousand small tuples are made, none of them in a cycle.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _blank(values: NDArray[Any]) -> NDArray[Any]:
    """Return cells of 0 in the shape of an outcome of one draw."""
    return symbols(np.zeros((*values.shape[:-1], 1), dtype=object) + 0.0)


def _row(key: Row, drivers: Arrays, outcomes: Arrays, place: Arrays) -> NDArray[Any]:
    """Return a row of drivers or outcomes, whose draws lie side by side."""
    if key[0] == "driver":
        _, name, year, body = key
        return np.ascontiguousarray(drivers[name][year, body])
    if key[0] == _BODY:
        _, name, body, year = key
        row: NDArray[Any] = outcomes[name][body, year]
    else:
        _, name, year = key
        row = place[name][year]
    assert row.flags.c_contiguous, f"{name} is kept with its draws apart"
    return row
