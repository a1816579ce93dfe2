"""Arrays of symbols: NumPy operations on them are noted, not worked out.

A `Symbols` array holds numbers and `Node`s. Any ufunc that the rules use makes new nodes of a
`Graph`, element by element; operations on numbers alone are worked out at once, by NumPy. What is
not supported raises, so that nothing is recorded wrongly. The sign of a zero is not kept. A symbol
has no type: true is any number but 0, so that events added up are whether there was any.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
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


#: The number that changes nothing as the first operand, and as the second.
_NEUTRAL: dict[str, tuple[float | None, float | None]] = {
    "add": (0.0, 0.0),
    "subtract": (None, 0.0),
    "multiply": (1.0, 1.0),
    "divide": (None, 1.0),
}
_OBJECT = np.dtype(object)
_spread = cache(np.broadcast_shapes)


class Node:
    """One operation of a graph, as an element of an array.

    number    its place in the graph
    kind      what the player is to do; or what is given: a row that lies outside
    operands  the nodes that it is worked out from
    value     the operand that is a number; of a row that is given or loaded, which it is
    """

    __slots__ = ("graph", "kind", "number", "operands", "value")

    def __init__(
        self, graph: Graph, kind: str, operands: tuple[Node, ...] = (), value: Any = 0.0
    ) -> None:
        self.graph = graph
        self.kind = kind
        self.number = len(graph.nodes)
        self.operands = operands
        self.value = value
        graph.nodes.append(self)

    def __add__(self, other: Cell) -> Cell:
        """Note a sum."""
        return _noted(np.add)(self, other)

    def __radd__(self, other: Cell) -> Cell:
        """Note a sum."""
        return _noted(np.add)(other, self)

    def __bool__(self) -> bool:
        """Refuse: a symbol is neither true nor false."""
        raise TypeError("a rule asks whether a symbol is true: it cannot be recorded")


class Graph:
    """Elementary operations in the order in which they were met, each once.

    nodes  all of them
    known  those that were met, by what they are
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.known: dict[tuple[Any, ...], Node] = {}

    def node(self, kind: str, *where: Any) -> Node:
        """Return a row that lies outside: ("driver", name, year, organisation), or of another kind.

        A row that is loaded is ("load_bool", group, name, indices...).
        """
        key = (kind, *where)
        node = self.known.get(key)
        if node is None:
            value = where if kind == "load_bool" else key
            node = self.known[key] = Node(self, kind, value=value)
        return node

    def choose(self, condition: Node, yes: Cell, no: Cell) -> Node:
        """Return `yes` where a condition holds, else `no`."""
        operands = (condition, self._as_node(yes), self._as_node(no))
        key = ("choose", *operands)
        node = self.known.get(key)
        if node is None:
            node = self.known[key] = Node(self, "choose", operands)
        return node

    def _as_node(self, cell: Cell) -> Node:
        if type(cell) is Node:
            return cell
        number = float(cell)
        key = ("number", number)
        node = self.known.get(key)
        if node is None:
            node = self.known[key] = Node(self, "number", value=number)
        return node


def _noter(name: str) -> Callable[[Cell, Cell], Cell]:
    """Return what notes an elementary operation on two cells: a number where both are, else a node.

    An operation that was met before is not noted again, nor one that changes nothing.
    """
    both, number_last, number_first = f"{name}_vv", f"{name}_vn", f"{name}_nv"
    turns, work_out = name in COMMUTATIVE, OPERATIONS[name]
    number_first = number_last if turns else number_first
    idle_first, idle_last = _NEUTRAL.get(name, (None, None))

    def note(first: Cell, second: Cell) -> Cell:
        if type(first) is Node:
            graph = first.graph
            if type(second) is Node:
                if turns and first.number > second.number:
                    first, second = second, first
                key = (both, first, second)
                node = graph.known.get(key)
                if node is None:
                    node = graph.known[key] = Node(graph, both, (first, second))
                return node
            kind, operand, number, idle = number_last, first, float(second), idle_last
        elif type(second) is Node:
            graph = second.graph
            kind, operand, number, idle = number_first, second, float(first), idle_first
        else:
            return float(work_out(np.float64(first), np.float64(second)))
        if number == idle:
            return operand
        key = (kind, operand, number)
        node = graph.known.get(key)
        if node is None:
            node = graph.known[key] = Node(graph, kind, (operand,), number)
        return node

    return note


class Symbols(np.ndarray[Any, Any]):
    """An array of numbers and nodes, of dtype object."""

    def __array_ufunc__(
        self,
        ufunc: np.ufunc,
        method: str,
        *inputs: Any,
        out: tuple[Any] | None = None,
        where: Any = True,
        **options: Any,
    ) -> Any:
        """Note a ufunc, element by element."""
        if method == "reduce":
            return _reduced(ufunc, inputs[0], options.pop("axis", 0))
        if method == "accumulate":
            return _accumulated(ufunc, inputs[0], options.pop("axis", 0))
        if method != "__call__" or options.keys() - {"dtype", "casting", "subok"}:
            raise TypeError(f"{ufunc.__name__}.{method} with {sorted(options)} is not recorded")
        found = _each(_noted(ufunc), *inputs)
        if out is None:
            return found
        (target,) = out
        plain = target.view(np.ndarray)
        if plain.dtype != object:
            raise TypeError("symbols cannot be written into an array of numbers")
        where = where if where is True else np.asarray(where, dtype=bool)
        np.copyto(plain, found.view(np.ndarray), where=where)
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
            return _each(_chosen, *args)
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


def _each(function: Callable[..., Cell], *inputs: Any) -> Symbols:
    """Return a function of cells, element by element."""
    arrays = [np.asarray(x) for x in inputs]
    shape = _spread(*[x.shape for x in arrays])
    size = math.prod(shape)
    columns: list[Iterable[Cell]] = []
    for x in arrays:
        array = x if x.dtype.hasobject else x.astype(np.float64)
        if x.size == 1:
            columns.append(repeat(array.item(), size))
        else:
            like = array if x.size == size else np.broadcast_to(array, shape)
            columns.append(like.ravel().tolist())
    return np.fromiter(map(function, *columns), _OBJECT, size).reshape(shape).view(Symbols)


@cache
def _noted(ufunc: np.ufunc) -> Callable[..., Cell]:
    """Return what notes a ufunc on cells."""
    if ufunc is np.negative:
        multiply = _noter("multiply")
        return lambda x: multiply(-1.0, x)
    if ufunc in (np.invert, np.logical_not):
        equal = _noter("equal")
        return lambda x: equal(x, 0.0)
    if ufunc is np.absolute:
        maximum, negative = _noter("maximum"), _noted(np.negative)
        return lambda x: maximum(x, negative(x))
    name, turned = _SAME_AS.get(ufunc, (ufunc.__name__, False))
    if name not in OPERATIONS:
        raise TypeError(f"{ufunc.__name__} is not recorded")
    note = _noter(name)
    return (lambda x, y: note(y, x)) if turned else note


def _chosen(condition: Cell, yes: Cell, no: Cell) -> Cell:
    if type(condition) is Node:
        return condition.graph.choose(condition, yes, no)
    return yes if condition else no


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
