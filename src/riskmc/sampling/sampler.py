"""Draws a study's drivers, key block by key block."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from riskmc.sampling.cost_lines import compile_lines
from riskmc.sampling.deliveries import deliveries
from riskmc.sampling.layout import KEY_BLOCK, check_scheme, checked_seed
from riskmc.sampling.plan import DrawingPlan, compile_plan, narrowed
from riskmc.sampling.recorded import Drawing
from riskmc.sampling.risks import RiskRow, risk_costs
from riskmc.sampling.schemes import MADE, deliver
from riskmc.sampling.streams import Array, Streams, streams
from riskmc.study import Study
from riskmc.study.cost_lines import OF_LINES, of_the_whole
from riskmc.variables import DRIVER_NAMES, PROJECT_DELIVERY, driver

#: Latent normals by which a distribution builds its table.
_EVERYWHERE = np.linspace(-8.0, 8.0, 33)
#: No latent normal is drawn further out.
_FURTHEST = 10.0
#: Beyond this there is one in a billion: too few to be counted.
_SELDOM = 6.0


class Sampler:
    """Draws the drivers of a study; compiled once, may be shared by threads and pickled.

    Parameters
    ----------
    study : Study
        What to draw.
    seed : int, optional
        Default: the study's.
    scheme : str, optional
        mc, antithetic, lhs or sobol; default: the study's.

    Attributes
    ----------
    limits : tuple of str
        Drivers whose distributions reach beyond their meaning: what lies beyond takes the
        nearest limit. `counted` are those of which it is worth saying how often.

    Raises
    ------
    InputError
        A seed that is none, or a scheme that does not exist.

    References
    ----------
    - docs/model.md, section 3, "How a value is drawn".
    - docs/sampling.md, "How: keyed streams", "Schemes".
    """

    def __init__(self, study: Study, *, seed: int | None = None, scheme: str | None = None) -> None:
        self.seed = study.seed if seed is None else seed
        self.scheme = study.scheme if scheme is None else scheme
        check_scheme(self.scheme)
        self.seed = checked_seed(self.seed)
        self.plan = compile_plan(study)
        self.deliveries = deliveries(study)
        self.lines = compile_lines(study)
        _build_tables(self.plan)
        if self.lines is not None:
            _build_tables(self.lines.plan)
        for found in self.deliveries.distributions:
            if found is not None:
                found.from_normal(_EVERYWHERE)
        self._drawing = Drawing(self.plan)
        self._lines_drawing = None if self.lines is None else Drawing(self.lines.plan)
        self.limits = _reaching_beyond(self.plan, _FURTHEST)
        self.counted = _reaching_beyond(self.plan, _SELDOM)
        self._counting = narrowed(self.plan, self.counted)
        self._counted_drawing = Drawing(self._counting)

    def key_block(self, block: int, into: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """Return every driver for draws block × 4096 onwards.

        Parameters
        ----------
        block : int
            Which block.
        into : mapping of str to ndarray, optional
            Arrays of the same shapes, from an earlier block that is no longer needed: they are
            written over, which spares the system finding fresh memory.

        Returns
        -------
        dict of str to ndarray
            By name, in register order; shape (T, K, 4096), or (1, K, 1) for a driver that does
            not vary. Where a project's delivery is drawn, `project_delivery` too, shape
            (1, project, 4096).
        """
        values = self.unclipped(block, into)
        for name in self.limits:
            row = driver(name)
            np.clip(values[name], row.low, row.high, out=values[name])
        return values

    def room(self) -> dict[str, Array]:
        """Return arrays for a key block, with what does not vary written in.

        Returns
        -------
        dict of str to ndarray
            By driver, as `key_block` fills them.
        """
        return _room(self.plan, DRIVER_NAMES, OF_LINES if self.lines is not None else ())

    def unclipped(self, block: int, into: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """Return every driver as its distribution gives it, outside its range too.

        Parameters
        ----------
        block : int
            Number of the key block of 4,096 draws.
        into : mapping of str to ndarray, optional
            Arrays to fill, by driver, shape (T, K, 4096); default: new ones.

        Returns
        -------
        dict of str to ndarray
            By driver, shape (T, K, 4096), in the driver's unit.
        """
        keyed = streams(self.scheme, self.seed, block)
        plan = self.plan
        values = dict(into or self.room())
        values["one_off_cost"].fill(0.0)  # to which risks are added
        with np.errstate(all="ignore"):  # a draw that fails is data: kept, and counted later
            self._drawing.fill(keyed, values)
            self._fill_lines(keyed, values)
            deliver(plan.schemes, keyed, values)
            for row, year, cost in self._costs(keyed, values):
                values["one_off_cost"][year, row.body] += cost
            if self.deliveries:
                values[PROJECT_DELIVERY] = self.deliveries.draw(keyed)
        return values

    def of_counted(self, block: int, into: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """Return the drivers of `counted`, and what they are drawn with, as `unclipped` does.

        Streams are keyed, so nothing else needs be drawn. Cost lines and schemes make one driver
        of several: a study that has them is drawn whole.

        Parameters
        ----------
        block : int
            Number of the key block of 4,096 draws.
        into : mapping of str to ndarray, optional
            Arrays to fill, by driver, shape (T, K, 4096); default: new ones.

        Returns
        -------
        dict of str to ndarray
            By driver, shape (T, K, 4096) or (1, K, 1), in the driver's unit.
        """
        if self.lines is not None or self.plan.schemes:
            return self.unclipped(block, into)
        plan = self._counting
        names = {*self.counted, *(name for group in plan.groups for name in group.component.names)}
        values = dict(into or _room(plan, names))
        with np.errstate(all="ignore"):
            self._counted_drawing.fill(streams(self.scheme, self.seed, block), values)
        return values

    def _fill_lines(self, keyed: Streams, values: dict[str, Array]) -> None:
        """Draw the cost lines of bodies and write what they add up to over the drivers."""
        if self.lines is None:
            return
        drawn = _room(self.lines.plan, OF_LINES)
        assert self._lines_drawing is not None
        self._lines_drawing.fill(keyed, drawn)
        years = range(self.plan.years)
        for body, rows in self.lines.rows.items():
            of_lines = []
            for name in OF_LINES:
                by_year = [drawn[name][min(year, len(drawn[name]) - 1)] for year in years]
                of_lines.append([np.stack([x[row] for x in by_year]) for row in rows])
            costs = [self.lines.costs[row] for row in rows]
            made = of_the_whole(costs, *of_lines)
            for name, whole in zip(OF_LINES, made, strict=True):
                values[name][:, body] = whole

    def risk_costs(self, block: int) -> Array:
        """Return what each risk of the study costs, in its order.

        Parameters
        ----------
        block : int
            Number of the key block of 4,096 draws.

        Returns
        -------
        ndarray
            Shape (risk, T, 4096) [£m].
        """
        values = self.unclipped(block)
        found = np.zeros((len(self.plan.risks), self.plan.years, KEY_BLOCK))
        keyed = streams(self.scheme, self.seed, block)
        with np.errstate(all="ignore"):
            for row, year, cost in self._costs(keyed, values):
                found[row.place, year] = cost
        return found

    def _costs(
        self, keyed: Streams, values: Mapping[str, Array]
    ) -> Iterator[tuple[RiskRow, int, Array]]:
        plan = self.plan
        return risk_costs(plan.risks, keyed, plan.years, values["cost_inflation"])


def _reaching_beyond(plan: DrawingPlan, furthest: float) -> tuple[str, ...]:
    """Return the drivers that lie beyond their meaning at a latent normal that far out."""
    ends = np.array([-furthest, furthest])
    found = set()
    for name, fixed in plan.fixed.items():
        row = driver(name)
        if ((fixed < row.low) | (fixed > row.high)).any():  # not drawn: NaN
            found.add(name)
    for group in plan.groups:
        for cell in (cell for cells in group.bodies for cell in cells):
            name = group.component.names[cell.place]
            row = driver(name)
            for marginal in (cell.marginal, *cell.later):
                with np.errstate(all="ignore"):
                    reach = marginal.distribution.from_normal(ends)
                if not ((reach >= row.low) & (reach <= row.high)).all():
                    found.add(name)
    return tuple(name for name in DRIVER_NAMES if name in found)


def _build_tables(plan: DrawingPlan) -> None:
    """Have every distribution build its table now, before threads share it."""
    cells = (cell for group in plan.groups for cells in group.bodies for cell in cells)
    drawn = {marginal for cell in cells for marginal in (cell.marginal, *cell.later)}
    impacts = {row.risk.impact for row in plan.risks}
    for distribution in {*(marginal.distribution for marginal in drawn), *impacts}:
        distribution.from_normal(_EVERYWHERE)


def _room(
    plan: DrawingPlan, names: Collection[str], whole: Collection[str] = ()
) -> dict[str, Array]:
    """Return arrays of drivers, with what does not vary written in; some perhaps at full size.

    What varies lies in one piece, which the system takes back as soon as it is given up.
    """
    bodies, fixed = len(plan.organisations), {**plan.fixed}
    fixed["one_off_cost"] = np.full((plan.years, bodies), np.nan if plan.risks else 0.0)
    made = (*whole, *(MADE if plan.schemes else ()))
    varying = [name for name in names if name in made or np.isnan(fixed[name]).any()]
    piece = iter(np.empty((len(varying), plan.years, bodies, KEY_BLOCK)))
    found = {}
    for name in names:
        known = fixed[name][..., np.newaxis]
        if name not in varying:
            years = 1 if (known == known[0]).all() else plan.years
            found[name] = known[:years].copy()
            continue
        found[name] = next(piece)
        for body in np.flatnonzero(~np.isnan(fixed[name]).any(axis=0)):
            found[name][:, body] = known[:, body]
    return found
