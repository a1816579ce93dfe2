"""What is folded: per-draw series, and the rows they have in the arrays of a summary.

A series is one number a draw (over the horizon) or one a draw and year; money or an event. The
money rows of a case are in one order: first those of the place only, then those
with a histogram, then the rest, so that each of these is one stretch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import InputError
from riskmc.sampling import KEY_BLOCK, Layout
from riskmc.study import Study
from riskmc.variables import PLACE

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Paths = Mapping[str, NDArray[Any]]

#: Levels whose expected shortfall is folded, of money over the horizon.
TAILS = (0.95, 0.99)
#: Quantiles at which dependence between draws is measured: over the horizon, and by year.
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
YEARLY_LEVELS = (0.95,)


class PerDraw(Protocol):
    """Per-draw values by name: `horizon` (..., draw), `yearly` (year, ..., draw)."""

    @property
    def horizon(self) -> Mapping[str, NDArray[Any]]:
        """One value a draw."""

    @property
    def yearly(self) -> Mapping[str, NDArray[Any]]:
        """One value a draw and year."""


@dataclass(frozen=True)
class Series:
    """A per-draw series: its name, whether an event, by year, and whether with a histogram."""

    name: str
    event: bool
    yearly: bool
    sketched: bool


@dataclass(frozen=True)
class Recipe:
    """Series that are made together, from the same variables of one body."""

    needs: tuple[str, ...]
    make: Callable[[Paths], PerDraw]
    series: tuple[Series, ...]


@dataclass(frozen=True)
class Plan:
    """All that is folded, and the rules it shares with results whose draws are kept.

    same    series that are equal for an organisation (there is nothing to set off)
    finite  says which draws are finite in every array, None for all of them
    sides   says in which draws the first of two is lower, the same, higher
    """

    recipes: tuple[Recipe, ...]
    same: Mapping[str, str]
    finite: Callable[..., Bools | None]
    sides: Callable[[NDArray[Any], NDArray[Any]], Mapping[str, Bools]]


@dataclass(frozen=True)
class Case:
    """One body under one regime, or (with `against`) its difference from another regime."""

    organisation: str
    regime: str
    against: str = ""


@dataclass(frozen=True)
class Rows:
    """Where each series is.

    money, events   rows by (name, yearly): a start and how many
    recipe_of       by money row and by event row, the number of its recipe
    sketched        how many money rows, from the first, have a histogram
    shared          how many of those an organisation does not have of its own
    horizon         money rows over the horizon; horizon_events likewise
    design          (row, level) pairs: money row, and level of the quantile
    """

    money: Mapping[tuple[str, bool], slice]
    events: Mapping[tuple[str, bool], slice]
    recipe_of: NDArray[np.intp]
    recipe_of_event: NDArray[np.intp]
    sketched: int
    shared: int
    horizon: NDArray[np.intp]
    horizon_events: NDArray[np.intp]
    design: tuple[tuple[int, float], ...]
    same: Mapping[str, str]

    @property
    def money_rows(self) -> int:
        """How many money rows there are."""
        return len(self.recipe_of)

    @property
    def event_rows(self) -> int:
        """How many event rows there are."""
        return len(self.recipe_of_event)

    @property
    def excess_rows(self) -> int:
        """How many rows hold an excess over a threshold: horizon rows by tails."""
        return len(self.horizon) * len(TAILS)

    @property
    def compared(self) -> int:
        """How many rows are compared: money, then events, over the horizon."""
        return len(self.horizon) + len(self.horizon_events)

    @property
    def moving(self) -> int:
        """How many rows there are of money and of excess."""
        return self.money_rows + self.excess_rows

    @cached_property
    def same_rows(self) -> NDArray[np.intp]:
        """By shared row, the row that an organisation has of its own instead."""
        found = np.zeros(self.shared, dtype=np.intp)
        for (name, yearly), at in self.money.items():
            if name in self.same:
                own = self.money[self.same[name], yearly]
                found[at] = np.arange(own.start, own.stop)
        return found

    @cached_property
    def design_rows(self) -> NDArray[np.int64]:
        """The money rows of `design`, in its order: those of the place only come first."""
        return np.array([row for row, _ in self.design], dtype=np.int64)

    @cached_property
    def recipes(self) -> NDArray[np.intp]:
        """By row that has moments over units: money, excess, events, then each side compared."""
        compared = np.concatenate(
            [self.recipe_of[self.horizon], self.recipe_of_event[self.horizon_events]]
        )
        excess = np.repeat(self.recipe_of[self.horizon], len(TAILS))
        return np.concatenate(
            [self.recipe_of, excess, self.recipe_of_event, compared, compared, compared]
        )

    def unit_rows(self, unit: int) -> int:
        """How many rows have moments over independent units.

        Where the draw is the unit counts say all there is to say of events.
        """
        return self.moving if unit == 1 else len(self.recipes)


def row_table(plan: Plan, years: int, unit: int) -> Rows:
    """Give every series its rows; `unit` as `unit_length` has it.

    Quantiles of independent draws need no design levels.
    """
    listed = [(i, s) for i, recipe in enumerate(plan.recipes) for s in recipe.series]

    def rank(item: tuple[int, Series]) -> tuple[bool, bool, bool]:
        series = item[1]
        return (series.name not in plan.same, not series.sketched, series.yearly)

    money = sorted((item for item in listed if not item[1].event), key=rank)
    events = sorted((item for item in listed if item[1].event), key=lambda item: item[1].yearly)
    money_at, recipe_of = _deal(money, years)
    events_at, recipe_of_event = _deal(events, years)
    return Rows(
        money_at,
        events_at,
        recipe_of,
        recipe_of_event,
        sketched=sum(_length(s, years) for _, s in money if s.sketched),
        shared=sum(_length(s, years) for _, s in money if s.name in plan.same),
        horizon=_horizon(money_at),
        horizon_events=_horizon(events_at),
        design=() if unit == 1 else _design([s for _, s in money if s.sketched], money_at),
        same=plan.same,
    )


def _length(series: Series, years: int) -> int:
    return years if series.yearly else 1


def _deal(
    listed: Sequence[tuple[int, Series]], years: int
) -> tuple[dict[tuple[str, bool], slice], NDArray[np.intp]]:
    found: dict[tuple[str, bool], slice] = {}
    recipes: list[int] = []
    for number, series in listed:
        start = len(recipes)
        recipes.extend([number] * _length(series, years))
        found[series.name, series.yearly] = slice(start, len(recipes))
    return found, np.array(recipes, dtype=np.intp)


def _horizon(at: Mapping[tuple[str, bool], slice]) -> NDArray[np.intp]:
    return np.array([rows.start for (_, yearly), rows in at.items() if not yearly], dtype=np.intp)


def _design(
    sketched: Sequence[Series], at: Mapping[tuple[str, bool], slice]
) -> tuple[tuple[int, float], ...]:
    found: list[tuple[int, float]] = []
    for series in sketched:
        rows = at[series.name, series.yearly]
        for row in range(rows.start, rows.stop):
            levels = YEARLY_LEVELS if series.yearly else LEVELS
            found.extend((row, level) for level in levels)
    return tuple(found)


def cases(study: Study) -> tuple[Case, ...]:
    """Return every case in order: regime by regime, the place first, differences behind each."""
    bodies = (PLACE, *study.organisation_ids)
    regimes = tuple(study.regimes)
    found = [Case(body, regimes[0]) for body in bodies]
    for regime in regimes[1:]:
        for body in bodies:
            found.append(Case(body, regime))
            found.append(Case(body, regime, regimes[0]))
    return tuple(found)


def unit_length(scheme: str, layout: Layout) -> int:
    """Return how many neighbouring draws make one independent unit.

    One under `mc`, a pair under `antithetic`, else a chain. InputError where a unit does not
    fit into key blocks a whole number of times.
    """
    if scheme == "mc":
        return 1
    if scheme == "antithetic" and layout.total % 2 == 0:
        return 2
    if KEY_BLOCK % layout.per_chain != 0:
        raise InputError(
            f"chains of {layout.per_chain:,} draws cannot be summarised: a chain's length must "
            f'divide {KEY_BLOCK:,}; keep the headline variables instead (keep="headline")'
        )
    return layout.per_chain
