"""Arrays of symbols: NumPy operations on them are noted, not worked out.

A `Symbols` array holds numbers and `Node`s. Any ufunc that the rules use makes new nodes of a
`Graph`, element by element; operations on numbers alone are worked out at once, by NumPy. What is
not supported raises, so that nothing is recorded wrongly. The sign of a zero is not kept. A symbol
has no type: true is any number but 0, so that events added up are whether there was any.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce
from itertools import accumulate, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

Cell = Any  # a float, or a Node

#: Elementary operations by name, and the NumPy ufunc that each is on numbers.
OPERATIONS: dict[str, np.ufunc] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "less": np.less,
    "less_equal": np.less_equal,
    "equal": np.equal,
    "not_equal": np.not_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
}
#: Operations that give the same whichever operand comes first.
COMMUTATIVE = {
    "add",
    "multiply",
    "maximum",
    "minimum",
    "equal",
    "not_equal",
    "logical_and",
    "logical_or",
}
#: Ufuncs that are another operation, perhaps turned round.
_SAME_AS: dict[Any, tuple[str, bool]] = {
    np.true_divide: ("divide", False),
    np.greater: ("less", True),
    np.greater_equal: ("less_equal", True),
    np.bitwise_and: ("logical_and", False),
    np.bitwise_or: ("logical_or", False),
}


class Graph:
    """Elementary operations in the order in which they were met, each once.

    `nodes` holds (operation, operands...); an operand is a float or the number of a node. A
    driver is ("driver", name, year, organisation).
    """

    def __init__(self) -> None:
        self.nodes: list[tuple[Any, ...]] = []
        self._known: dict[tuple[Any, ...], int] = {}

    def node(self, *key: Any) -> Node:
        """Return the node of an operation, a new one where it was not met before."""
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self.nodes)
            self.nodes.append(key)
        return Node(self, number)

    def apply(self, name: str, first: Cell, second: Cell) -> Cell:
        """Return an operation on two cells: a number where both are, else a node."""
        ours, theirs = type(first) is Node, type(second) is Node
        if not ours and not theirs:
            return float(OPERATIONS[name](np.float64(first), np.float64(second)))
        if not ours and _changes_nothing(name, first, left=True):
            return second
        if not theirs and _changes_nothing(name, second, left=False):
            return first
        one = first.number if ours else float(first)
        other = second.number if theirs else float(second)
        if name in COMMUTATIVE and (not ours or (theirs and one > other)):
            one, other = other, one
            ours, theirs = theirs, ours
        return self.node(name, _operand(one, ours), _operand(other, theirs))

    def choose(self, condition: Cell, yes: Cell, no: Cell) -> Cell:
        """Return `yes` where a condition holds, else `no`."""
        if not isinstance(condition, Node):
            return yes if condition else no
        cells = [self._as_node(x) for x in (yes, no)]
        return self.node("choose", condition.number, *(cell.number for cell in cells))

    def _as_node(self, cell: Cell) -> Node:
        return cell if isinstance(cell, Node) else self.node("number", float(cell))


def _operand(value: Any, is_node: bool) -> Any:
    """Keep a node's number apart from a float of the same value."""
    return ("n", value) if is_node else value


def _changes_nothing(name: str, number: float, *, left: bool) -> bool:
    if name == "add":
        return bool(number == 0.0)
    if name == "multiply":
        return bool(number == 1.0)
    return not left and (
        (name == "subtract" and number == 0.0) or (name == "divide" and number == 1.0)
    )


class Node:
    """One operation of a graph, as an element of an array."""

    __slots__ = ("graph", "number")

    def __init__(self, graph: Graph, number: int) -> None:
        self.graph = graph
        self.number = number

    def __add__(self, other: Cell) -> Cell:
        """Note a sum."""
        return self.graph.apply("add", self, other)

    def __radd__(self, other: Cell) -> Cell:
        """Note a sum."""
        return self.graph.apply("add", other, self)

    def __bool__(self) -> bool:
        """Refuse: a symbol is neither true nor false."""
        raise TypeError("a rule asks whether a symbol is true: it cannot be recorded")


class Symbols(np.ndarray[Any, Any]):
    """An array of numbers and nodes, of dtype object."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Note a ufunc, element by element."""
        out = options.pop("out", None)
        where = options.pop("where", True)
        if method == "reduce":
            return _reduced(ufunc, inputs[0], options.pop("axis", 0))
        if method == "accumulate":
            return _accumulated(ufunc, inputs[0], options.pop("axis", 0))
        if method != "__call__" or options.keys() - {"dtype", "casting", "subok"}:
            raise TypeError(f"{ufunc.__name__}.{method} with {sorted(options)} is not recorded")
        cells = [_cells(x) for x in inputs]
        found = _each(_noted(ufunc), *cells)
        if out is None:
            return found
        (target,) = out
        plain = np.asarray(target) if not isinstance(target, Symbols) else target.view(np.ndarray)
        if plain.dtype != object:
            raise TypeError("symbols cannot be written into an array of numbers")
        values = found.view(np.ndarray)
        chosen = np.broadcast_to(np.asarray(where, dtype=bool), plain.shape)
        np.copyto(plain, np.broadcast_to(values, plain.shape), where=chosen)
        return target

    def __array_function__(
        self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        """Do what the engine asks of arrays as a whole."""
        if func is np.all:
            (values,) = args
            return not any(isinstance(x, Node) or not x for x in _cells(values).ravel())
        if func is np.any:
            (values,) = args
            return any(isinstance(x, Node) or x for x in _cells(values).ravel())
        if func is np.where:
            return _each(_chosen, *(_cells(x) for x in args))
        return super().__array_function__(func, types, args, kwargs)

    def astype(self, *_: Any, **__: Any) -> Symbols:
        """Return the array itself: symbols have no other type."""
        return self


def symbols(cells: NDArray[Any]) -> Symbols:
    """Return cells as an array of symbols."""
    return np.asarray(cells, dtype=object).view(Symbols)


def _cells(values: Any) -> NDArray[Any]:
    """Return a plain array of cells, numbers as Python floats."""
    array = np.asarray(values).view(np.ndarray)
    return array if array.dtype == object else array.astype(np.float64).astype(object)


def _each(function: Callable[..., Cell], *arrays: NDArray[Any]) -> Symbols:
    """Return a function of cells, element by element."""
    shapes = {x.shape for x in arrays}
    shape = shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)
    found = np.empty(shape, dtype=object)
    if found.size == 1:
        found[...] = function(*(x.item() for x in arrays))
        return found.view(Symbols)
    spread = [
        repeat(x.item(), found.size)
        if x.size == 1
        else (x if x.shape == shape else np.broadcast_to(x, shape)).ravel().tolist()
        for x in arrays
    ]
    found.reshape(-1)[:] = [function(*cells) for cells in zip(*spread, strict=True)]
    return found.view(Symbols)


def _graph_of(*cells: Cell) -> Graph | None:
    for cell in cells:
        if type(cell) is Node:
            return cell.graph
    return None


@cache
def _noted(ufunc: np.ufunc) -> Callable[..., Cell]:
    """Return what notes a ufunc on cells."""
    if ufunc is np.negative:
        return lambda x: _applied("multiply", -1.0, x)
    if ufunc in (np.invert, np.logical_not):
        return lambda x: _applied("equal", x, 0.0)
    if ufunc is np.absolute:
        return lambda x: _applied("maximum", x, _applied("multiply", -1.0, x))
    name, turned = _SAME_AS.get(ufunc, (ufunc.__name__, False))
    if name not in OPERATIONS:
        raise TypeError(f"{ufunc.__name__} is not recorded")
    if turned:
        return lambda x, y: _applied(name, y, x)
    return lambda x, y: _applied(name, x, y)


def _applied(name: str, first: Cell, second: Cell) -> Cell:
    graph = _graph_of(first, second)
    if graph is None:
        return float(OPERATIONS[name](np.float64(first), np.float64(second)))
    return graph.apply(name, first, second)


def _chosen(condition: Cell, yes: Cell, no: Cell) -> Cell:
    graph = _graph_of(condition, yes, no)
    return (yes if condition else no) if graph is None else graph.choose(condition, yes, no)


def _reduced(ufunc: np.ufunc, values: Any, axis: int) -> Symbols:
    """Note a reduction over the first axis, in order."""
    if axis != 0:
        raise TypeError("only the first axis is reduced over")
    cells, noted = _cells(values), _noted(ufunc)
    total = np.empty(cells.shape[1:], dtype=object)
    columns = cells.reshape(len(cells), -1).T.tolist()
    total.reshape(-1)[:] = [reduce(noted, column) for column in columns]
    return symbols(total)


def _accumulated(ufunc: np.ufunc, values: Any, axis: int) -> Symbols:
    """Note every step of a reduction over the first axis."""
    if axis != 0:
        raise TypeError("only the first axis is accumulated over")
    cells, noted = _cells(values), _noted(ufunc)
    found = np.empty(cells.shape, dtype=object)
    for column in np.ndindex(cells.shape[1:]):
        found[:, *column] = list(accumulate(cells[:, *column], noted))
    return symbols(found)
