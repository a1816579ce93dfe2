"""How correlated drivers are drawn, step by step, by whoever draws them.

The steps are written once, here. A `DrawingBackend` takes them: `NumpyDrawing` does them at once,
and is the reference; `recorded.Recorder` writes them down for the compiled library to do many times
over.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

import numpy as np

from riskmc.sampling.layout import KEY_BLOCK
from riskmc.sampling.plan import Cell, DrawingPlan, Group, Marginal
from riskmc.sampling.streams import NATIONAL, Array, Stream, Streams, combine
from riskmc.sampling.worlds import draw_worlds

#: Prefix of a place's key, which no organisation's id can have.
PLACE_KEY = "@"

Row = TypeVar("Row")
Source = TypeVar("Source")


class DrawingBackend(ABC, Generic[Row, Source]):
    """Takes the steps of a drawing; a row holds one number for each draw of a key block."""

    @abstractmethod
    def begin(self, group: Group) -> None:
        """Begin with a group of drivers."""

    @abstractmethod
    def open(self, driver: str, organisation: str) -> Source:
        """Return the stream of a driver and organisation."""

    @abstractmethod
    def rows(self, count: int) -> Sequence[Row]:
        """Return rows to work in, which are needed for a year only."""

    @abstractmethod
    def kept(self) -> Row:
        """Return a row that is kept from one year to the next."""

    @abstractmethod
    def target(self, name: str, year: int, body: int) -> Row:
        """Return the row of a driver in a year at an organisation."""

    @abstractmethod
    def fill(self, source: Source, row: Row) -> None:
        """Fill a row with a stream's next normals."""

    @abstractmethod
    def combine(self, terms: Sequence[tuple[float, Row]], row: Row) -> None:
        """Write the sum of factor × row to a row, which may be that of the first term."""

    @abstractmethod
    def value(self, marginal: Marginal, latent: Row, row: Row) -> None:
        """Write what becomes of latent normals to a row, which may be theirs."""

    @abstractmethod
    def copy(self, source: Row, row: Row) -> None:
        """Write a driver's row over another."""

    @abstractmethod
    def end_of_year(self) -> None:
        """Have done with a year of a group."""


class NumpyDrawing(DrawingBackend[Array, Stream]):
    """Takes each step at once, in NumPy."""

    def __init__(self, keyed: Streams, values: Mapping[str, Array]) -> None:
        self._keyed = keyed
        self._values = values
        self._scratch = np.empty(KEY_BLOCK)
        self._worlds: dict[str, Array] = {}

    def begin(self, group: Group) -> None:
        """Draw which parameters each future has."""
        self._worlds = draw_worlds(group, self._keyed)

    def open(self, driver: str, organisation: str) -> Stream:
        """Open the stream."""
        return self._keyed.open(driver, organisation)

    def rows(self, count: int) -> Sequence[Array]:
        """Return fresh rows that lie side by side."""
        return list(np.empty((count, KEY_BLOCK)))

    def kept(self) -> Array:
        """Return a fresh row."""
        return np.empty(KEY_BLOCK)

    def target(self, name: str, year: int, body: int) -> Array:
        """Return the part of the driver's array."""
        row: Array = self._values[name][year, body]
        return row

    def fill(self, source: Stream, row: Array) -> None:
        """Draw."""
        source.fill(row)

    def combine(self, terms: Sequence[tuple[float, Array]], row: Array) -> None:
        """Add up."""
        combine(terms, row, self._scratch)

    def value(self, marginal: Marginal, latent: Array, row: Array) -> None:
        """Transform."""
        marginal.value(latent, row, self._worlds)

    def copy(self, source: Array, row: Array) -> None:
        """Copy."""
        np.copyto(row, source)

    def end_of_year(self) -> None:
        """Nothing is left to do."""


def draw_groups(plan: DrawingPlan, hand: DrawingBackend[Row, Source]) -> None:
    """Draw every group of a plan."""
    for group in plan.groups:
        if any(group.bodies):
            hand.begin(group)
            _GroupDrawing(plan, group, hand).years()


class _GroupDrawing(Generic[Row, Source]):
    """Draws correlated drivers, one year and organisation at a time so that rows stay in cache."""

    def __init__(self, plan: DrawingPlan, group: Group, hand: DrawingBackend[Row, Source]) -> None:
        self.plan, self.group, self.hand = plan, group, hand
        names = group.component.names
        self._national = {j: hand.open(names[j], NATIONAL) for j in group.national}
        self._local = [
            {j: hand.open(names[j], organisation) for j in group.locals[body]}
            for body, organisation in enumerate(plan.organisations)
        ]
        self._homes = {
            place: {j: hand.open(names[j], f"{PLACE_KEY}{place}") for j in wanted}
            for place, wanted in group.homes.items()
        }
        self._factors = hand.rows(len(names))
        self._common = hand.rows(len(names))
        self._at_home = {place: hand.rows(len(names)) for place in self._homes}
        self._before = {
            (cell.place, cell.body): hand.kept()
            for cells in group.bodies
            for cell in cells
            if cell.persistence != 0.0 and cell.copies is None
        }

    def years(self) -> None:
        """Draw every year."""
        for year in range(self.plan.years):
            self._shared_causes()
            for body in range(len(self.group.bodies)):
                self._body(year, body)
            self.hand.end_of_year()

    def _shared_causes(self) -> None:
        """Draw what organisations share."""
        for j, stream in self._national.items():
            self.hand.fill(stream, self._factors[j])
        for home, wanted in self._homes.items():
            for j, stream in wanted.items():
                self.hand.fill(stream, self._at_home[home][j])
        for place in self.group.common:
            row = self.group.component.rows[place]
            self.hand.combine([(x, self._factors[j]) for j, x in row], self._common[place])

    def _body(self, year: int, body: int) -> None:
        """Draw an organisation's drivers."""
        names = self.group.component.names
        for j, stream in self._local[body].items():
            self.hand.fill(stream, self._factors[j])
        for cell in self.group.bodies[body]:
            name = names[cell.place]
            target = self.hand.target(name, year, body)
            if cell.copies is not None:
                self.hand.copy(self.hand.target(name, year, cell.copies), target)
                continue
            self.hand.value(cell.marginal_in(year), self._latent(cell, year, target), target)

    def _latent(self, cell: Cell, year: int, target: Row) -> Row:
        """Return the latent normals of a cell: a Z' + sqrt(1 − a²) (sqrt(λ) M + sqrt(1 − λ) E).

        Where a place shares causes, E is sqrt(μ) P + sqrt(1 − μ) E' with P the place's. Z' is the
        row kept from the year before, which takes Z; without persistence `target` is room for Z.
        """
        fresh = math.sqrt(1.0 - cell.persistence**2) if year > 0 else 1.0
        at_home = self._at_home.get(self.plan.places[cell.body], self._factors)
        terms = [(fresh * x, self._factors[j]) for j, x in cell.local]
        terms += [(fresh * x, at_home[j]) for j, x in cell.home]
        if cell.shared > 0.0:
            terms.append((fresh * math.sqrt(cell.shared), self._common[cell.place]))
        before = self._before.get((cell.place, cell.body))
        if before is None:
            if len(terms) == 1 and terms[0][0] == 1.0:
                return terms[0][1]
            self.hand.combine(terms, target)
            return target
        if year > 0:
            terms.insert(0, (cell.persistence, before))
        self.hand.combine(terms, before)
        return before
