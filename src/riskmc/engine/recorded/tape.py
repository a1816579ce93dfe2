"""A regime as a tape: the operations that its outcomes need, in order, with registers.

Rows outside the registers are what is given and what is made: drivers, each a row of doubles;
what another regime made, doubles or booleans; outcomes, doubles, floats or booleans. A count is a
whole number for all draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.recorded.symbols import COMMUTATIVE, Graph, Node, symbols

#: One operation, as the player reads it.
OPERATION = np.dtype([("code", "i4"), ("to", "i4"), ("a", "i4"), ("b", "i4"), ("number", "f8")])
#: What the player can do, by its code: V a row, N a number. In the order of `player.c`.
_NAMES = (
    "add_vv",
    "add_vn",
    "subtract_vv",
    "subtract_vn",
    "subtract_nv",
    "multiply_vv",
    "multiply_vn",
    "divide_vv",
    "divide_vn",
    "divide_nv",
    "maximum_vv",
    "maximum_vn",
    "minimum_vv",
    "minimum_vn",
    "less_vv",
    "less_vn",
    "less_nv",
    "less_equal_vv",
    "less_equal_vn",
    "less_equal_nv",
    "equal_vv",
    "equal_vn",
    "not_equal_vv",
    "not_equal_vn",
    "logical_and_vv",
    "logical_and_vn",
    "logical_or_vv",
    "logical_or_vn",
    "choose",
    "copy",
    "number",
    "store_float",
    "store_bool",
    "count",
    "load_bool",
)
CODES = {name: code for code, name in enumerate(_NAMES)}
#: How an outcome of a type is written from a register.
_STORES = {
    np.dtype(np.float64): "copy",
    np.dtype(np.float32): "store_float",
    np.dtype(np.int64): "count",
}
#: What is given as rows of doubles, read where they lie.
_GIVEN = ("driver", "base")
Row = tuple[Any, ...]
Cells = Sequence[tuple[Any, Row, np.dtype[Any]]]


@dataclass(frozen=True)
class Tape:
    """Operations over registers and outside rows.

    operations  in order; rows 0 ... registers - 1 are registers, then come the outside rows
    registers   how many there are
    rows        outside rows in order: (group, name, first index, second index where there is one)
    """

    operations: NDArray[Any]
    registers: int
    rows: tuple[Row, ...]


class _Registers:
    """Registers handed out and given back."""

    def __init__(self) -> None:
        self.count = 0
        self._free: list[int] = []

    def take(self) -> int:
        if self._free:
            return self._free.pop()
        self.count += 1
        return self.count - 1

    def give_back(self, register: int) -> None:
        self._free.append(register)


def record_tape(graph: Graph, outcomes: Cells, along: Sequence[Any] = ()) -> Tape:
    """Return the tape that works outcomes out: (cell, key of the row, type of the row) each.

    With `along` (cells), these are worked out in order, and what is made of them as soon as can be:
    few registers are held for sums over all of them. Rows then need not be zeros, counts must.
    """
    operands = [_operands(node) for node in graph.nodes]
    order = _needed(graph, operands, [cell for cell, _, _ in outcomes])
    if along:
        order = _early(order, operands, _needed(graph, operands, along))
    last = {}
    for place, number in enumerate(order):
        for operand in operands[number]:
            last[operand] = place
    wanted: dict[int, list[tuple[Row, np.dtype[Any]]]] = {}
    outside: dict[Row, int] = {}
    written: list[tuple[str, int, int, int, float]] = []

    def row(key: Row) -> int:
        return -1 - outside.setdefault(key, len(outside))

    for cell, key, kind in outcomes:
        if isinstance(cell, Node):
            wanted.setdefault(cell.number, []).append((key, kind))
    registers = _Registers()
    held: dict[int, int] = {}

    def where(number: int) -> int:
        node = graph.nodes[number]
        return row(node) if node[0] in _GIVEN else held[number]

    def store(source: int, key: Row, kind: np.dtype[Any]) -> None:
        written.append((_STORES.get(kind, "store_bool"), row(key), source, 0, 0.0))

    for number, keys in wanted.items():
        if graph.nodes[number][0] in _GIVEN:
            for key, kind in keys:
                store(where(number), key, kind)
    for place, number in enumerate(order):
        name, a, b, value = _coded(graph, number, where, row)
        for operand in set(operands[number]):
            if last[operand] == place and held.get(operand, -1) >= 0:
                registers.give_back(held[operand])
        keys = wanted.get(number, [])
        direct = next((key for key, kind in keys if kind == np.float64), None)
        to = registers.take() if direct is None else row(direct)
        held[number] = to
        written.append((name, to, a, b, value))
        for key, kind in keys:
            if key != direct:
                store(to, key, kind)
        if direct is None and number not in last:
            registers.give_back(to)
    for cell, key, kind in outcomes:
        starts_as_zero = not along or kind == np.int64
        if not isinstance(cell, Node) and not (starts_as_zero and float(cell) == 0.0):
            register = registers.take()
            written.append(("number", register, 0, 0, float(cell)))
            store(register, key, kind)
            registers.give_back(register)
    return _tape(written, registers.count, tuple(outside))


def _tape(
    written: Sequence[tuple[str, int, int, int, float]], registers: int, rows: tuple[Row, ...]
) -> Tape:
    names, to, a, b, numbers = zip(*written, strict=True) if written else ((),) * 5
    operations = np.empty(len(written), OPERATION)
    operations["code"] = [CODES[name] for name in names]
    operations["number"] = numbers
    for field, places in (("to", to), ("a", a), ("b", b)):
        operations[field] = _fixed(np.array(places, dtype=np.int64), registers)
    chooses = operations["code"] == CODES["choose"]  # its third operand travels as a number
    third = operations["number"][chooses].astype(np.int64)
    operations["number"][chooses] = _fixed(third, registers)
    return Tape(operations, registers, rows)


def _fixed(places: NDArray[np.int64], registers: int) -> NDArray[np.int64]:
    """Return where rows are: outside rows, counted down from -1, follow the registers."""
    return np.where(places >= 0, places, registers - 1 - places)


def _operands(node: tuple[Any, ...]) -> list[int]:
    """Return the nodes that a node is worked out from."""
    name, *given = node
    if name in (*_GIVEN, "number", "load_bool"):
        return []
    if name == "choose":
        return list(given)
    return [x[1] for x in given if type(x) is tuple]


def _needed(graph: Graph, operands: Sequence[list[int]], cells: Sequence[Any]) -> list[int]:
    """Return the operations that cells need, each after its operands, one outcome at a time."""
    seen: set[int] = set()
    order: list[int] = []
    for cell in cells:
        if not isinstance(cell, Node):
            continue
        stack = [(cell.number, False)]
        while stack:
            number, done = stack.pop()
            if done:
                order.append(number)
            elif number not in seen:
                seen.add(number)
                if graph.nodes[number][0] not in _GIVEN:
                    stack.append((number, True))
                stack += [(x, False) for x in reversed(operands[number]) if x not in seen]
    return order


def _early(order: Sequence[int], operands: Sequence[list[int]], first: list[int]) -> list[int]:
    """Return an order in which what is not among the first follows the last of its operands.

    What takes none of the first comes with the first that takes it.
    """
    place = {number: i for i, number in enumerate(first)}
    for number in order:
        known = [place[x] for x in operands[number] if x in place]
        place.setdefault(number, max(known, default=-1))
    waiting = {number for number in order if place[number] < 0}
    for number in reversed(order):
        for x in waiting.intersection(operands[number]):
            place[x] = place[number] if place[x] < 0 else min(place[x], place[number])
    return sorted(order, key=lambda number: (place[number], number))


def _coded(graph: Graph, number: int, where: Any, row: Any) -> tuple[str, int, int, float]:
    """Return an operation as name, two rows and a number."""
    name, *given = graph.nodes[number]
    if name == "number":
        return "number", 0, 0, float(given[0])
    if name == "load_bool":
        return name, row(tuple(given)), 0, 0.0
    if name == "choose":
        condition, yes, no = (where(x) for x in given)
        return "choose", condition, yes, float(no)
    first, second = given
    rows = [where(x[1]) if isinstance(x, tuple) else None for x in given]
    if rows[0] is not None and rows[1] is not None:
        return f"{name}_vv", rows[0], rows[1], 0.0
    if rows[0] is not None:
        return f"{name}_vn", rows[0], 0, float(second)
    assert rows[1] is not None
    code = f"{name}_vn" if name in COMMUTATIVE else f"{name}_nv"
    return code, rows[1], 0, float(first)


def driver_symbols(
    graph: Graph, drivers: Mapping[str, NDArray[Any]], year: int
) -> dict[str, NDArray[Any]]:
    """Return the drivers of a year as symbols; what is the same in every draw as numbers.

    drivers  by name: (year, organisation, draw); a dimension of 1 stands for all
    """
    found: dict[str, NDArray[Any]] = {}
    for name, values in drivers.items():
        row = 0 if values.shape[0] == 1 else year
        if values.shape[2] == 1:
            found[name] = np.asarray(values[row], dtype=np.float64)
            continue
        cells = np.empty((values.shape[1], 1), dtype=object)
        for i in range(values.shape[1]):
            cells[i, 0] = graph.node("driver", name, row, i)
        found[name] = symbols(cells)
    return found
