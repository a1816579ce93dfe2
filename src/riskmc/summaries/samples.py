"""Per-draw values of a case, and what they add to counts and sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.summaries.compiled import counts_by_unit, nonzero_of_rows
from riskmc.summaries.grid import Grid
from riskmc.summaries.moments import Moments, moments_of, spread_of, weights_of
from riskmc.summaries.rows import TAILS, Bools, Floats, Paths, Plan, Recipe, Rows
from riskmc.summaries.tally import Tally
from riskmc.variables import PLACE

#: What is counted by unit at a level, as `counts_by_unit` gives it.
_BY_UNIT = ("below", "below_squared", "tied", "tied_squared", "below_tied")
Masks = list[Bools | None]


@dataclass
class Sample:
    """Per-draw values of one body under one regime.

    moving  money rows, then excess rows, by draw; 0 where a draw failed
    events  event rows by draw, false there
    valid   by recipe, which draws are finite; None where all are
    """

    moving: Floats
    events: Bools
    valid: Masks


@dataclass
class Difference(Sample):
    """Per-draw difference from another regime; `events` then are those of the regime alone.

    other  event rows that are true under the other regime alone
    sides  which draws are lower, the same, higher: compared rows by draw
    """

    other: Bools
    sides: Mapping[str, Bools]


def make_sample(
    paths: Mapping[str, NDArray[Any]], plan: Plan, rows: Rows, tails: Floats | None
) -> Sample:
    """Make the per-draw values of a body from its paths (year, 1, draw)."""
    draws = next(iter(paths.values())).shape[-1]
    moving, events = empty_sample(rows, draws)
    valid: Masks = []
    for recipe in plan.recipes:
        needed = {name: paths[name] for name in recipe.needs}
        finite = plan.finite(*needed.values())
        mask = None if finite is None else finite.reshape(-1)
        valid.append(mask)
        for target in lay_series(recipe, needed, rows, moving, events):
            if mask is not None:
                target[:, ~mask] = 0
    if tails is not None:
        _fill_excess(moving, rows, tails, valid)
    return Sample(moving, events, valid)


def empty_sample(rows: Rows, draws: int) -> tuple[Floats, Bools]:
    """Return zeros for the moving rows and the event rows of a sample."""
    return np.zeros((rows.moving, draws)), np.zeros((rows.event_rows, draws), dtype=bool)


def lay_series(
    recipe: Recipe, paths: Paths, rows: Rows, money: NDArray[Any], events: NDArray[Any]
) -> Iterator[NDArray[Any]]:
    """Make the series of a recipe, and give the rows in which each is laid."""
    made = recipe.make(paths)
    for series in recipe.series:
        values = (made.yearly if series.yearly else made.horizon)[series.name]
        at = (rows.events if series.event else rows.money)[series.name, series.yearly]
        target = (events if series.event else money)[at]
        target[...] = values.reshape(target.shape)
        yield target


def _fill_excess(moving: Floats, rows: Rows, tails: Floats, valid: Masks) -> None:
    for i, tail in enumerate(tails):
        money = rows.horizon[i // len(TAILS)]
        row = moving[rows.money_rows + i]
        np.subtract(moving[money], tail, out=row)
        np.maximum(row, 0.0, out=row)
        mask = valid[rows.recipe_of[money]]
        if mask is not None:
            row[~mask] = 0.0


def difference(own: Sample, base: Sample, plan: Plan, rows: Rows) -> Difference:
    """Return the per-draw difference of two samples of the same draws."""
    valid = [_both(one, other) for one, other in zip(own.valid, base.valid, strict=True)]
    moving = own.moving - base.moving
    only, other = own.events & ~base.events, base.events & ~own.events
    ours, theirs = own.moving[rows.horizon], base.moving[rows.horizon]
    happened, before = own.events[rows.horizon_events], base.events[rows.horizon_events]
    money, chances = plan.sides(ours, theirs), plan.sides(happened, before)
    sides = {name: np.concatenate([money[name], chances[name]]) for name in money}
    found = Difference(moving, only, valid, other, sides)
    if any(mask is not None for mask in valid):
        recipes = rows.recipes
        compared = recipes[rows.moving + rows.event_rows :][: rows.compared]
        moving[~_good(valid, recipes[: rows.moving], moving.shape[1])] = 0.0
        for flags in (only, other):
            flags &= _good(valid, rows.recipe_of_event, moving.shape[1])
        for flags in sides.values():
            flags &= _good(valid, compared, moving.shape[1])
    return found


def _both(one: Bools | None, other: Bools | None) -> Bools | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def good_draws(valid: Masks, recipes: NDArray[np.intp], draws: int) -> Bools | None:
    """Return which draws count, by row, or None where all do."""
    return None if all(mask is None for mask in valid) else _good(valid, recipes, draws)


def _good(valid: Masks, recipes: NDArray[np.intp], draws: int) -> Bools:
    everyone = np.ones(draws, dtype=bool)
    masks = [everyone if mask is None else mask for mask in valid]
    return np.array([masks[recipe] for recipe in recipes])


@dataclass(frozen=True)
class CaseFolder:
    """Adds samples to the counts and sums of their case."""

    rows: Rows
    unit: int
    grid: Grid

    def add(
        self, case: int, organisation: str, sample: Sample, tally: Tally, moments: Moments
    ) -> None:
        """Add the sample of a case to its counts, and set down its sums."""
        self._count(case, organisation, sample, tally)
        if self.unit > 1:
            self._design(case, organisation, sample, tally)
        self._sum(case, sample, moments)

    def _count(self, case: int, organisation: str, sample: Sample, tally: Tally) -> None:
        rows, draws = self.rows, sample.moving.shape[1]
        for recipe, mask in enumerate(sample.valid):
            tally.good[case, recipe] += draws if mask is None else np.count_nonzero(mask)
            used = draws // self.unit
            if mask is not None:
                used = int(mask.reshape(-1, self.unit).any(axis=1).sum())
            tally.used[case, recipe] += used
        money = sample.moving[: rows.money_rows]
        good = good_draws(sample.valid, rows.recipe_of, draws)
        tally.nonzero[case] += _row_counts(money)
        if good is None:
            least, most = money.min(axis=1), money.max(axis=1)
        else:
            least = money.min(axis=1, initial=np.inf, where=good)
            most = money.max(axis=1, initial=-np.inf, where=good)
        np.minimum(tally.least[case], least, out=tally.least[case])
        np.maximum(tally.most[case], most, out=tally.most[case])
        tally.hits[case] += _row_counts(sample.events)
        if isinstance(sample, Difference):
            tally.other[case] += _row_counts(sample.other)
            tally.lower[case] += _row_counts(sample.sides["lower"])
            tally.higher[case] += _row_counts(sample.sides["higher"])
        own = slice(0 if organisation == PLACE else rows.shared, rows.sketched)
        counted = None if good is None else good[own]
        self.grid.count_into(tally.bins[case, own], case, own.start, money[own], counted)

    def _design(self, case: int, organisation: str, sample: Sample, tally: Tally) -> None:
        """Count by unit the draws below each design level, and those on it."""
        rows, draws = self.rows, sample.moving.shape[1]
        good = good_draws(sample.valid, rows.recipe_of, draws)
        design = rows.design_rows
        first = 0 if organisation == PLACE else int(np.searchsorted(design, rows.shared))
        own = (case, slice(first, None))
        levels, tied_levels = self.grid.levels[own], self.grid.tied[own]
        if good is None:
            found = counts_by_unit(sample.moving, self.unit, design[first:], levels)
            if found is not None:
                found[2:] *= tied_levels
                for name, counts in zip(_BY_UNIT, found, strict=True):
                    getattr(tally, name)[own] += counts
                return
        for i, row in enumerate(design[first:].tolist(), start=first):
            level = self.grid.levels[case, i]
            below = sample.moving[row] < level
            if good is not None:
                below &= good[row]
            counts = _by_unit(below, self.unit)
            tally.below[case, i] += counts.sum()
            tally.below_squared[case, i] += (counts * counts).sum()
            if not self.grid.tied[case, i]:
                continue
            level_draws = sample.moving[row] == level
            if good is not None:
                level_draws &= good[row]
            tied = _by_unit(level_draws, self.unit)
            tally.tied[case, i] += tied.sum()
            tally.tied_squared[case, i] += (tied * tied).sum()
            tally.below_tied[case, i] += (counts * tied).sum()

    def _sum(self, case: int, sample: Sample, moments: Moments) -> None:
        rows, draws = self.rows, sample.moving.shape[1]
        good = good_draws(sample.valid, rows.recipes, draws)
        if good is not None and not moments.weighted:
            moments.sums = moments.with_weights()
        first = 0
        for part in self._parts(sample):
            means = _unit_means(part, self.unit)
            moments_of(means, moments.sums, case, first)
            if good is not None:
                shares = _unit_means(good[first : first + len(part)].astype(float), self.unit)
                weights_of(means, shares, moments.sums, case, first)
            first += len(part)
        values = sample.moving[rows.horizon]
        squares = values - self.grid.centres[case][:, None]
        squares *= squares
        if good is not None:
            squares[~good[rows.horizon]] = 0.0
        spread_of(
            _unit_means(values, self.unit), _unit_means(squares, self.unit), moments.spread, case
        )

    def _parts(self, sample: Sample) -> Iterator[Floats]:
        """Give the rows that have moments over units, in order."""
        yield sample.moving
        if self.unit == 1:
            return
        if not isinstance(sample, Difference):
            yield sample.events.astype(float)
            return
        yield sample.events.astype(float) - sample.other
        for side in ("lower", "tie", "higher"):
            yield sample.sides[side].astype(float)


def _row_counts(values: Floats | Bools) -> NDArray[np.int64]:
    """Return how many values of each row are not 0, or true."""
    compiled = nonzero_of_rows(values)
    if compiled is not None:
        return compiled
    counts = [np.count_nonzero(row) for row in values]  # far quicker than along an axis
    return np.array(counts, dtype=np.int64)


def _by_unit(flags: Bools, unit: int) -> NDArray[np.int64]:
    return np.asarray(np.count_nonzero(flags.reshape(-1, unit), axis=1), dtype=np.int64)


def _unit_means(values: Floats, unit: int) -> Floats:
    """Return means over units of neighbouring draws, (row, draw) to (row, unit)."""
    if unit == 1:
        return values
    if unit == 2:
        pairs: Floats = values[:, 0::2] + values[:, 1::2]
        pairs *= 0.5
        return pairs
    means: Floats = values.reshape(len(values), -1, unit).mean(axis=2)
    return means
