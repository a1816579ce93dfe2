"""A study's drivers made ready for drawing: who needs which factor, with which weight."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskmc.distributions import Distribution, Posterior, Uniform, event_form, event_from_normal
from riskmc.distributions.forms import Form
from riskmc.sampling.correlation import Component, components
from riskmc.sampling.risks import RiskRow, risk_rows
from riskmc.sampling.schemes import SchemeRow, scheme_rows
from riskmc.sampling.streams import Array
from riskmc.study import Study
from riskmc.variables import DRIVERS, UNIFORM


@dataclass(frozen=True)
class Marginal:
    """What becomes of a latent normal: a distribution, perhaps as an event."""

    distribution: Distribution
    probability: float | None

    def value(self, z: Array, out: Array, worlds: Mapping[str, Array]) -> None:
        """Write the values at the latent normals `z` to `out`, which may be `z`.

        `worlds` holds, by variable, which draw of the parameters each future has.
        """
        if isinstance(self.distribution, Posterior) and self.probability is None:
            self.distribution.given(worlds[self.distribution.variable], z, out)
        elif self.probability is None:
            self.distribution.from_normal(z, out)
        else:
            event_from_normal(
                z, probability=self.probability, distribution=self.distribution, out=out
            )

    def form(self) -> Form | None:
        """Say what `value` does in numbers; None where it is left to NumPy."""
        if self.probability is None:
            return self.distribution.form()
        return event_form(self.probability, self.distribution)

    @property
    def fixed(self) -> float | None:
        """The one value it can take, or None."""
        value = self.distribution.fixed
        if self.probability is None or self.probability >= 1.0 or value == 0.0:
            return value
        return 0.0 if self.probability <= 0.0 else None


@dataclass(frozen=True)
class Cell:
    """A driver at an organisation: its latent normal and what becomes of it.

    Attributes
    ----------
    place, body : int
        Place of the driver in its component, of the organisation in the study.
    shared, persistence : float
        The study's λ and a.
    later : tuple of Marginal
        What holds in the following years where any figure is by year; the last holds on.
    local : tuple of (int, float)
        The organisation's own factors that enter, with their part of the correlation's factor.
    home : tuple of (int, float)
        The factors of its place that enter, likewise; none where a place shares nothing.
    copies : int or None
        An earlier organisation whose values are the same, all causes being national.
    """

    place: int
    body: int
    marginal: Marginal
    shared: float
    persistence: float
    local: tuple[tuple[int, float], ...]
    copies: int | None = None
    later: tuple[Marginal, ...] = ()
    home: tuple[tuple[int, float], ...] = ()

    def marginal_in(self, year: int) -> Marginal:
        """Return the marginal of a year, counted from 0."""
        if year == 0 or not self.later:
            return self.marginal
        return self.later[min(year - 1, len(self.later) - 1)]

    def fixed(self, years: int) -> list[float] | None:
        """Return the one value of each year, or None where it varies in any."""
        values = [self.marginal_in(year).fixed for year in range(years)]
        known = [value for value in values if value is not None]
        return known if len(known) == years else None


@dataclass(frozen=True)
class Group:
    """Correlated drivers with everything that is drawn for them.

    Attributes
    ----------
    component : Component
        The drivers and the rows of their factor.
    national : tuple of int
        Drivers of the component whose national factor enters some value.
    common : tuple of int
        Drivers of the component of which some organisation shares national causes.
    bodies : tuple of tuple of Cell
        What varies, by organisation.
    locals : tuple of tuple of int
        Drivers of the component whose own factor enters some value, by organisation.
    homes : dict of str to tuple of int
        Drivers of the component whose factor of a place enters some value, by place.
    """

    component: Component
    national: tuple[int, ...]
    common: tuple[int, ...]
    bodies: tuple[tuple[Cell, ...], ...]
    locals: tuple[tuple[int, ...], ...]
    homes: dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class DrawingPlan:
    """Everything that a key block needs; `places` are where the organisations are.

    `fixed[name]`, shape (T, K), holds what each organisation's driver is where it does not vary
    (NaN elsewhere).
    """

    years: int
    organisations: tuple[str, ...]
    places: tuple[str, ...]
    groups: tuple[Group, ...]
    fixed: dict[str, Array]
    risks: tuple[RiskRow, ...]
    schemes: tuple[SchemeRow, ...] = ()


def compile_plan(study: Study) -> DrawingPlan:
    """Return a study's drawing plan."""
    named = [
        row.name for row in DRIVERS if row.name in (*study.named_drivers, *study.drawn_uniform)
    ]
    fixed = {
        row.name: np.full((study.years, len(study.organisation_ids)), row.neutral)
        for row in DRIVERS
        if row.source != "risks"
    }
    parts = components(named, study.correlation_matrix(named))
    return DrawingPlan(
        years=len(study.year_labels),
        organisations=study.organisation_ids,
        places=tuple(study.place_of(body) for body in study.organisations),
        groups=tuple(_group(study, part, fixed) for part in parts),
        fixed=fixed,
        risks=risk_rows(study),
        schemes=scheme_rows(study),
    )


def narrowed(plan: DrawingPlan, names: Sequence[str]) -> DrawingPlan:
    """Return a plan of those groups only that hold any of some drivers."""
    held = tuple(group for group in plan.groups if {*names} & {*group.component.names})
    return replace(plan, groups=held)


def _group(study: Study, component: Component, fixed: dict[str, Array]) -> Group:
    """Return what is drawn for a component, noting in `fixed` what does not vary."""
    first_alike: dict[tuple[int, Marginal, tuple[Marginal, ...], float], int] = {}
    bodies = []
    for body in range(len(study.organisation_ids)):
        cells = []
        for place, name in enumerate(component.names):
            cell = _cell(study, component, place, body)
            if cell is None:
                continue
            alone = cell.fixed(study.years)
            if alone is not None:
                fixed[name][:, body] = alone
                continue
            fixed[name][:, body] = math.nan
            if cell.shared == 1.0:
                alike = (place, cell.marginal, cell.later, cell.persistence)
                first = first_alike.setdefault(alike, body)
                if first != body:
                    cell = replace(cell, copies=first)
            cells.append(cell)
        bodies.append(tuple(cells))
    common = {cell.place for cells in bodies for cell in cells if cell.shared > 0.0}
    national = {j for place in common for j, _ in component.rows[place]}
    return Group(
        component,
        tuple(sorted(national)),
        tuple(sorted(common)),
        tuple(bodies),
        tuple(tuple(sorted({j for cell in cells for j, _ in cell.local})) for cells in bodies),
        _homes(study, bodies),
    )


def _homes(study: Study, bodies: Sequence[tuple[Cell, ...]]) -> dict[str, tuple[int, ...]]:
    """Return which factors of each place enter some value."""
    found: dict[str, set[int]] = {}
    for body, cells in zip(study.organisations, bodies, strict=True):
        factors = {j for cell in cells for j, _ in cell.home}
        if factors:
            found.setdefault(study.place_of(body), set()).update(factors)
    return {place: tuple(sorted(factors)) for place, factors in found.items()}


def _cell(study: Study, component: Component, place: int, body: int) -> Cell | None:
    """Return a driver at an organisation; None where it is neutral."""
    name = component.names[place]
    driver = study.driver(name, study.organisation_ids[body])
    if driver is None and name not in UNIFORM:
        return None
    if driver is None:
        return Cell(
            place,
            body,
            Marginal(Uniform(low=0.0, high=1.0), None),
            0.0,
            0.0,
            component.rows[place],
        )
    own = math.sqrt(1.0 - driver.shared)
    alone, at_home = math.sqrt(1.0 - driver.shared_place), own * math.sqrt(driver.shared_place)
    if driver.shared_place > 0.0:
        own *= alone
    local = tuple((j, own * x) for j, x in component.rows[place]) if own > 0.0 else ()
    home = tuple((j, at_home * x) for j, x in component.rows[place]) if at_home > 0.0 else ()
    first, *later = [Marginal(row.distribution, row.probability) for row in (driver, *driver.later)]
    return Cell(
        place,
        body,
        first,
        driver.shared,
        driver.persistence,
        local,
        later=tuple(later),
        home=home,
    )
