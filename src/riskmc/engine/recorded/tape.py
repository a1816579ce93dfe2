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

from riskmc.engine.recorded.symbols import Graph, Node, symbols

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
    order = _needed(graph, [cell for cell, _, _ in outcomes])
    if along:
        order = _early(graph, order, _needed(graph, along))
    writer = _Writer(graph, order)
    for cell, key, kind in outcomes:
        if type(cell) is Node:
            writer.want(cell, key, _STORES.get(kind, "store_bool"))
    writer.work_out(order)
    for cell, key, kind in outcomes:
        starts_as_zero = not along or kind == np.int64
        if type(cell) is not Node and not (starts_as_zero and float(cell) == 0.0):
            writer.number(float(cell), key, _STORES.get(kind, "store_bool"))
    return _tape(writer.written, writer.registers.count, tuple(writer.outside))


class _Writer:
    """Writes operations down: where each is laid, and which register is free again.

    An outside row is counted down from -1 until the number of registers is known.
    """

    def __init__(self, graph: Graph, order: Sequence[Node]) -> None:
        self.written: list[tuple[str, int, int, int, float]] = []
        self.outside: dict[Row, int] = {}
        self.registers = _Registers()
        self._held: list[int | None] = [None] * len(graph.nodes)
        self._last = [-1] * len(graph.nodes)
        self._wanted: dict[int, list[tuple[Row, str]]] = {}
        for place, node in enumerate(order):
            for operand in node.operands:
                self._last[operand.number] = place

    def want(self, node: Node, key: Row, store: str) -> None:
        """Have a node laid into an outside row; one that is given is laid there at once."""
        if node.kind in _GIVEN:
            self.written.append((store, self._row(key), self._where(node), 0, 0.0))
        else:
            self._wanted.setdefault(node.number, []).append((key, store))

    def work_out(self, order: Sequence[Node]) -> None:
        """Write the operations down in order, and what is wanted of them."""
        held, last, registers, write = self._held, self._last, self.registers, self.written.append
        for place, node in enumerate(order):
            number = node.number
            a, b, value = self._operands(node)
            for operand in node.operands:
                if last[operand.number] == place:
                    last[operand.number] = -1
                    register = held[operand.number]
                    if register is not None and register >= 0:
                        registers.give_back(register)
            keys = self._wanted.get(number)
            if keys is None:
                held[number] = to = registers.take()
                write((node.kind, to, a, b, value))
                continue
            direct = next((key for key, store in keys if store == "copy"), None)
            held[number] = to = registers.take() if direct is None else self._row(direct)
            write((node.kind, to, a, b, value))
            for key, store in keys:
                if key != direct:
                    write((store, self._row(key), to, 0, 0.0))
            if direct is None and last[number] < 0:
                registers.give_back(to)

    def number(self, number: float, key: Row, store: str) -> None:
        """Lay a number into an outside row."""
        register = self.registers.take()
        self.written.append(("number", register, 0, 0, number))
        self.written.append((store, self._row(key), register, 0, 0.0))
        self.registers.give_back(register)

    def _operands(self, node: Node) -> tuple[int, int, float]:
        """Return an operation's rows and its number."""
        operands, where = node.operands, self._where
        if len(operands) == 2:
            return where(operands[0]), where(operands[1]), 0.0
        if len(operands) == 1:
            return where(operands[0]), 0, node.value
        if node.kind == "choose":
            condition, yes, no = operands
            return where(condition), where(yes), float(where(no))
        return (0, 0, node.value) if node.kind == "number" else (self._row(node.value), 0, 0.0)

    def _where(self, node: Node) -> int:
        place = self._held[node.number]
        if place is None:
            place = self._held[node.number] = self._row(node.value)
        return place

    def _row(self, key: Row) -> int:
        return -1 - self.outside.setdefault(key, len(self.outside))


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


def _needed(graph: Graph, cells: Sequence[Any]) -> list[Node]:
    """Return the operations that cells need, each after its operands, one outcome at a time."""
    unseen, opened, done = range(3)
    seen = bytearray(len(graph.nodes))
    order: list[Node] = []
    for cell in cells:
        stack = [cell] if type(cell) is Node else []
        while stack:
            node = stack.pop()
            state = seen[node.number]
            if state == opened:  # its operands are there
                seen[node.number] = done
                order.append(node)
            elif state == unseen and node.kind not in _GIVEN:
                seen[node.number] = opened
                stack.append(node)
                stack += [x for x in reversed(node.operands) if not seen[x.number]]
    return order


def _early(graph: Graph, order: Sequence[Node], first: Sequence[Node]) -> list[Node]:
    """Return an order in which what is not among the first follows the last of its operands.

    What takes none of the first comes with the first that takes it.
    """
    place = [-1] * len(graph.nodes)
    for i, node in enumerate(first):
        place[node.number] = i
    further = [node for node in order if place[node.number] < 0]
    for node in further:
        place[node.number] = max((place[x.number] for x in node.operands), default=-1)
    waiting = [place[number] < 0 for number in range(len(place))]
    for node in reversed(order):
        for x in node.operands:
            if waiting[x.number]:
                known, here = place[x.number], place[node.number]
                place[x.number] = here if known < 0 else min(known, here)
    return sorted(order, key=lambda node: (place[node.number], node.number))


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
