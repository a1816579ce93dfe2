"""A regime recorded for the outcomes that are kept, ready to be played over blocks of draws."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.blocks import BlockRecord, run_years
from riskmc.engine.programme import Programme
from riskmc.engine.recorded.player import BoundTape
from riskmc.engine.recorded.symbols import Graph, symbols
from riskmc.engine.recorded.tape import Row, Tape, driver_symbols, record_tape

Arrays = Mapping[str, NDArray[Any]]
_BODY, _PLACE, _MADE = "outcome", "place", "made"
#: What is made further: by name cells (row, row), None for one that is not kept, and their type.
Made = Mapping[str, tuple[NDArray[Any], Any]]
#: Makes it from symbols: the graph, and outcomes by body and of the place.
Then = Callable[[Graph, Arrays, Arrays], Made]


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
    then : callable, optional
        What is made of these in every draw, by the same tape; then this is kept in their stead.

    Raises
    ------
    TypeError
        The rules do something with arrays that cannot be recorded.
    """

    def __init__(
        self,
        programme: Programme,
        drivers: Arrays,
        outcomes: Arrays,
        place: Arrays,
        then: Then | None = None,
    ) -> None:
        with _new_graph() as graph:
            self.tape = _tape(graph, programme, drivers, outcomes, place, then)
        self._lying = _lying(self.tape.rows)

    def bound(self, drivers: Arrays, outcomes: Arrays, place: Arrays) -> BoundTape:
        """Return the tape to be played: it fills outcomes (zeros) from drivers, as `run_block`."""
        return self._bound({"driver": drivers, _BODY: outcomes, _PLACE: place})

    def bound_to_make(self, drivers: Arrays, made: Arrays, base: Arrays) -> BoundTape:
        """Return the tape to be played: it fills what is made of the outcomes.

        Rows, and counts (row, row, 1), which start as 0. `base` holds what another regime made.
        """
        return self._bound({"driver": drivers, _MADE: made, "base": base})

    def _bound(self, groups: Mapping[str, Arrays]) -> BoundTape:
        starts = np.empty(len(self.tape.rows), np.uintp)
        sizes = np.empty(len(self.tape.rows), np.int32)
        held = []
        for (group, name), (at, first, second) in self._lying.items():
            values = groups[group][name]
            if values.strides[-1] != values.itemsize:
                assert group == "driver", f"{name} is kept with its draws apart"
                values = np.ascontiguousarray(values)
            held.append(values)
            steps = (*values.strides[:-1], 0)
            starts[at] = values.ctypes.data + first * steps[0] + second * steps[1]
            sizes[at] = 0 if values.dtype == np.int64 else values.itemsize
        return BoundTape(self.tape, starts, sizes, held)


def _tape(
    graph: Graph,
    programme: Programme,
    drivers: Arrays,
    outcomes: Arrays,
    place: Arrays,
    then: Then | None,
) -> Tape:
    kept = {name: _blank(values) for name, values in outcomes.items()}
    of_place = {name: _blank(values) for name, values in place.items()}
    with np.errstate(all="ignore"):
        run_years(
            programme,
            lambda year: driver_symbols(graph, drivers, year),
            BlockRecord(kept, of_place),
        )
        made = None if then is None else then(graph, kept, of_place)
    cells: list[tuple[Any, Row, np.dtype[Any]]] = []
    for year in range(programme.years):
        for name, values in kept.items():
            for body in range(values.shape[0]):
                key = (_BODY, name, body, year)
                cells.append((values[body, year, 0], key, outcomes[name].dtype))
        for name, values in of_place.items():
            cells.append((values[year, 0], (_PLACE, name, year), place[name].dtype))
    if made is None:
        return record_tape(graph, cells)
    further = [
        (cell, (_MADE, name, *index), np.dtype(kind))
        for name, (values, kind) in made.items()
        for index, cell in np.ndenumerate(np.asarray(values).view(np.ndarray))
        if cell is not None
    ]
    return record_tape(graph, further, along=[cell for cell, _, _ in cells])


@contextmanager
def _new_graph() -> Iterator[Graph]:
    """Give a graph, and keep the search for garbage off, which would go through it again and again.

    A hundred thousand operations hold one another and the graph: they are let go of here.
    """
    running, graph = gc.isenabled(), Graph()
    gc.disable()
    try:
        yield graph
    finally:
        graph.known.clear()
        graph.nodes.clear()
        if running:
            gc.enable()


def _lying(rows: Sequence[Row]) -> dict[tuple[str, str], tuple[NDArray[np.intp], ...]]:
    """Return by array which outside rows lie in it, and where: their first and second index."""
    found: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    for at, (group, name, *index) in enumerate(rows):
        first, second = (*index, 0)[:2]
        found.setdefault((group, name), []).append((at, first, second))
    return {key: tuple(np.array(places, np.intp).T) for key, places in found.items()}


def _blank(values: NDArray[Any]) -> NDArray[Any]:
    """Return cells of 0 in the shape of an outcome of one draw."""
    return symbols(np.zeros((*values.shape[:-1], 1), dtype=object) + 0.0)
