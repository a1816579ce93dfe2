"""Results kept as summaries: what is folded, and the reader that answers from it.

The headline table, its tidy rows and the paired comparison ask a reader. Where draws are kept it
hands out their paths; where summaries were kept, `SummaryReader` answers from these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.catalogue import FAMILIES, Family, Measure
from riskmc.measures.events import sides
from riskmc.measures.reading import Reader, needs_draws
from riskmc.measures.view import Source, view_of
from riskmc.statistics.amounts import mean_of, quantile_of
from riskmc.statistics.estimates import Estimate, Single
from riskmc.statistics.estimators import finite_draws
from riskmc.statistics.summarised import SummarisedCase, SummarisedValues
from riskmc.summaries import Plan, Recipe, Series
from riskmc.summaries.tree import GROUP, StoredSummary

if TYPE_CHECKING:
    pass

#: An organisation has nothing to set off: its gross deficit is its net one.
SAME_FOR_A_BODY = {"gross_deficit": "net_deficit"}


def summary_plan() -> Plan:
    """Return what is folded of a run that keeps summaries: every headline measure.

    Money over the horizon has a histogram, and by year where a quantile of it is reported.
    """
    return Plan(tuple(_recipe(f) for f in FAMILIES), SAME_FOR_A_BODY, finite_draws, sides)


def _recipe(family: Family) -> Recipe:
    found: dict[tuple[str, bool], Series] = {}
    for yearly, measures in ((False, family.horizon), (True, family.yearly)):
        quantiles = {m.source for m in measures if m.quantile is not None}
        for measure in measures:
            event = measure.kind == "probability"
            sketched = not event and (not yearly or measure.source in quantiles)
            name = measure.source
            found.setdefault((name, yearly), Series(name, event, yearly, sketched))
    return Recipe(family.needs, family.make, tuple(found.values()))


def is_summarised(results: Source) -> bool:
    """Say whether results hold summaries instead of draws."""
    return view_of(results).summarised


def read(results: Source) -> Reader:
    """Return a reader of results, whether draws were kept or stored."""
    view = view_of(results)
    return SummaryReader(view) if view.summarised else Reader(view)


class Paired(NamedTuple):
    """The comparison of two regimes in one measure and body, as `compare` returns it."""

    mean: Single
    quantiles: list[Single]
    sides: dict[str, Single]
    variance_reduction: float


class SummaryReader(Reader):
    """Reads results kept as summaries: labels as `Reader`, estimates instead of paths."""

    def __init__(self, results: Source) -> None:
        view = view_of(results)
        self._take_labels(view)
        study, layout = view.study, view.layout
        plan = summary_plan()
        group = view.tree[GROUP].to_dataset()
        self.stored = StoredSummary.read(group, study, self.scheme, layout, plan)
        self._cases: dict[tuple[str, str, str], SummarisedCase] = {}

    def has(self, name: str, organisation: str) -> bool:  # noqa: ARG002
        """Say whether a variable was kept for a body: none was."""
        return False

    def path(self, name: str, **_: Any) -> NoReturn:
        """Raise ResultsError: there are no draws."""
        raise ResultsError(needs_draws(f"'{name}'"))

    def statistics(self, organisation: str, regime: str, against: str) -> SummarisedCase:
        """Return the statistics of a body under a regime, or less another ("": none)."""
        key = (organisation, regime, against)
        if key not in self._cases:
            case = self.stored.case(*key)
            self._cases[key] = SummarisedCase(self.stored, case)
        return self._cases[key]

    def values(
        self, measure: Measure, organisation: str, regime: str, against: str | None = None
    ) -> SummarisedValues:
        """Return the values of a measure of money over the horizon, or of their difference."""
        case = self.statistics(organisation, regime, against or "")
        return case.values(self.money_row(measure))

    def money_row(self, measure: Measure) -> int:
        """Return the row of a measure of money over the horizon."""
        row: int = self.stored.rows.money[measure.source, False].start
        return row

    def happened(self, event: str, organisation: str, regime: str) -> tuple[NDArray[Any], int]:
        """Return in how many draws a yearly event is true, by year, and how many draws count."""
        case = self.stored.case(organisation, regime)
        rows = self.stored.rows.events[event, True]
        recipe = int(self.stored.rows.recipe_of_event[rows.start])
        good = int(self.stored.arrays["good"][case, recipe])
        return self.stored.arrays["hits"][case, rows], good

    def estimate(
        self, measure: Measure, *, organisation: str, regime: str, against: str, yearly: bool
    ) -> Estimate:
        """Return a headline measure under one regime, or (with `against`) the paired difference."""
        turned = bool(against) and regime == self.regimes[0]
        if turned:
            regime, against = against, regime
        case = self.statistics(organisation, regime, against)
        rows = self.stored.rows
        if measure.kind == "probability":
            at = rows.events[measure.source, yearly]
            take = case.chance_difference if against else case.chance
            singles = [take(row) for row in range(at.start, at.stop)]
        else:
            at = rows.money[measure.source, yearly]
            p = measure.quantile
            if p is None:
                singles = [mean_of(case.values(row)) for row in range(at.start, at.stop)]
            else:
                level = 1.0 - p if turned else p
                rows_of = [case.values(row) for row in range(at.start, at.stop)]
                singles = [quantile_of(values, level) for values in rows_of]
        if turned:
            singles = [_turned(single) for single in singles]
        return _gathered(singles, scalar=not yearly)

    def paired(
        self, measure: Measure, a: str, b: str, organisation: str, quantiles: Sequence[float]
    ) -> Paired:
        """Compare two regimes in a horizon measure, a less b."""
        turned = a == self.regimes[0]
        first, second = (b, a) if turned else (a, b)
        case = self.statistics(organisation, first, second)
        rows = self.stored.rows
        event = measure.kind == "probability"
        at = (rows.events if event else rows.money)[measure.source, False].start
        compared = _position(rows.horizon_events if event else rows.horizon, at)
        if event:
            compared += len(rows.horizon)
        mean = case.chance_difference(at) if event else mean_of(case.values(at))
        found = [
            quantile_of(case.values(at), 1.0 - p if turned else p)
            for p in (() if event else quantiles)
        ]
        counts = case.side_counts(compared)
        names = ("higher", "tie", "lower") if turned else ("lower", "tie", "higher")
        sides = {
            name: case.side(compared, which, count)
            for which, (name, count) in enumerate(zip(names, counts, strict=True))
        }
        if turned:
            mean, found = _turned(mean), [_turned(single) for single in found]
        return Paired(mean, found, sides, self._reduction(organisation, first, second, at, event))

    def _reduction(self, body: str, first: str, second: str, row: int, event: bool) -> float:
        def variance(regime: str, against: str = "") -> float:
            case = self.statistics(body, regime, against)
            if event:
                return case.chance_variance(row, paired=bool(against))
            return case.unit_variance(row)

        if self.stored.moments.units < 2:
            return float("nan")
        apart, together = variance(first) + variance(second), variance(first, second)
        if apart == 0.0:
            return float("nan")
        return float("inf") if together <= 1e-24 * apart else apart / together


def _position(rows: NDArray[np.intp], row: int) -> int:
    return int(np.flatnonzero(rows == row)[0])


def _turned(single: Single) -> Single:
    """Return the estimate of the difference the other way round."""
    return single._replace(value=-single.value, low=-single.high, high=-single.low)


def _gathered(singles: Sequence[Single], *, scalar: bool) -> Estimate:
    fields = [np.array(column) for column in zip(*singles, strict=True)]
    value, mcse, low, high = (column.astype(float) for column in fields[:4])
    found = Estimate(value, mcse, low, high, fields[4].astype(bool), fields[5].astype(np.int64))
    return Estimate(*(column[0] for column in found)) if scalar else found
