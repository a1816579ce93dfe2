"""The headline: which named measures are in it, under which labels, and which way is good.

A row takes a named measure (see `measure`) over the horizon or by year. Rows that need the same
variables are a family: each variable of a body is read once, and a draw in which one of them is
not finite counts in none of the family's rows.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.amounts import (
    amount_mean,
    bailout_mean,
    central_cost,
    deficit_mean,
    extra_local_tax,
    reserves_mean,
    unmet_mean,
)
from riskmc.measures.bailouts import bailout_probability, rescue_needed_probability
from riskmc.measures.events import LARGE
from riskmc.measures.measure import spec_of
from riskmc.measures.reserves import exhausted_probability
from riskmc.measures.tabulate import PROBABILITY, Paths, Spec, Task
from riskmc.words.rounding import Style

if TYPE_CHECKING:
    import xarray as xr

Kind = Literal["mean", "probability", "quantile"]
Better = Literal["lower", "higher", "neither"]
Series = dict[str, NDArray[Any]]
Named = Callable[..., "xr.Dataset"]

#: Shares of income above which a bailout is counted separately.
ABOVE = {"above_0_1_percent": 0.001, "above_1_percent": LARGE}


class PerDraw(NamedTuple):
    """Per-draw values by name: over the horizon (chain, draw), by year (year, chain, draw)."""

    horizon: Series
    yearly: Series


@dataclass(frozen=True)
class Measure:
    """One row of the headline table.

    name      how it is asked for
    label     how it is printed
    spec      what it is: a named measure, taken over the horizon or by year
    better    which direction is good
    quantile  the p of a quantile of the values; None for their mean
    series    names the per-draw values that it is a statistic of; default: its own name
    """

    name: str
    label: str
    spec: Spec
    better: Better = "lower"
    quantile: float | None = None
    series: str = ""

    @property
    def source(self) -> str:
        """Name of the per-draw series."""
        return self.series or self.name

    @property
    def unit(self) -> str:
        """Its unit."""
        return self.spec.unit

    @property
    def output(self) -> str:
        """The output without which it is 0: where the rules make that impossible, it is."""
        return self.spec.output

    @property
    def kind(self) -> Kind:
        """The statistic that is taken of its values."""
        if self.quantile is not None:
            return "quantile"
        return "probability" if self.unit == PROBABILITY else "mean"

    @property
    def style(self) -> Style:
        """How it is printed."""
        return "percent" if self.kind == "probability" else "money"

    def at_quantile(self, p: float, label: str) -> Measure:
        """Return the row of a quantile of the same values."""
        name = f"{self.name}_p{100 * p:g}"
        return replace(self, name=name, label=label, quantile=p, series=self.source)


@dataclass(frozen=True)
class Family:
    """Rows made together from the same variables of one body under one regime."""

    needs: tuple[str, ...]
    horizon: tuple[Measure, ...]
    yearly: tuple[Measure, ...] = ()

    def make(self, paths: Paths) -> PerDraw:
        """Return the per-draw values of its rows."""
        task = Task(paths)
        horizon, yearly = (
            {row.source: row for row in rows if row.quantile is None}
            for rows in (self.horizon, self.yearly)
        )
        return PerDraw(
            *(
                {name: row.spec.per_draw(task) for name, row in rows.items()}
                for rows in (horizon, yearly)
            )
        )


def _row(name: str, label: str, of: Named, better: Better = "lower", **asked: Any) -> Measure:
    return Measure(name, label, spec_of(of, **asked), better)


def _p95(row: Measure) -> tuple[Measure, Measure]:
    """Return a row and that of its 95th percentile."""
    return row, row.at_quantile(0.95, f"{row.label}, exceeded in 5 of 100 futures")


def _chances(name: str, words: str, of: Named) -> tuple[Measure, ...]:
    """Return the rows of a chance over the horizon: of any amount, and above shares of income."""
    beyond = (
        _row(f"p_{name}_{key}", _beyond_label(words, share), of, above=share)
        for key, share in ABOVE.items()
    )
    return (_row(f"p_{name}", f"P({words}), in any year", of), *beyond)


def _beyond_label(words: str, share: float) -> str:
    if share == LARGE:
        return f"Large {words}: over 1% of a year's income, in any year"
    return f"P({words} above {100 * share:g} % of income), in any year"


def _alone(output: str, row: Measure) -> Family:
    """Return the family of one row."""
    return Family((output,), (row,))


FAMILIES: tuple[Family, ...] = (
    Family(
        ("net_deficit", "deficit"),
        (
            _row("net_deficit", "Net deficit, total over the years", deficit_mean, over="horizon"),
            _row(
                "gross_deficit",
                "Gross deficit, total over the years",
                deficit_mean,
                gross=True,
                over="horizon",
            ),
        ),
        (
            *_p95(_row("net_deficit", "Net deficit in the year", deficit_mean)),
            *_p95(_row("gross_deficit", "Gross deficit in the year", deficit_mean, gross=True)),
        ),
    ),
    Family(
        ("rescue_needed", "bailout", "income"),
        (
            *_chances("rescue_needed", "rescue needed", rescue_needed_probability),
            *_chances("granted", "bailout granted", bailout_probability),
            _row(
                "rescue_needed",
                "Rescue needed, total over the years",
                bailout_mean,
                amount="rescue_needed",
            ),
            _row("bailout", "Bailout granted, total over the years", bailout_mean),
        ),
        (
            _row(
                "p_rescue_needed",
                "P(rescue needed in the year)",
                rescue_needed_probability,
                over="year",
            ),
            _row("p_granted", "P(bailout granted in the year)", bailout_probability, over="year"),
            _row("bailout", "Bailout granted in the year", bailout_mean, over="year"),
        ),
    ),
    _alone(
        "unresolved",
        _row(
            "unresolved",
            "Unresolved, total over the years",
            amount_mean,
            variable="unresolved",
            over="horizon",
        ),
    ),
    _alone("unmet", _row("unmet", "Unmet need, total over the years", unmet_mean, over="horizon")),
    _alone(
        "local_premium",
        _row(
            "extra_local_tax",
            "Extra local tax a year, average over the years",
            extra_local_tax,
            over="average",
        ),
    ),
    Family(
        ("reserves", "exhausted"),
        (
            _row("reserves_end", "Reserves at the end", reserves_mean, "higher", over="end"),
            _row(
                "p_exhausted",
                "P(reserves exhausted), in any year",
                exhausted_probability,
                over="horizon",
            ),
        ),
        (
            _row("reserves", "Reserves at the end of the year", reserves_mean, "higher"),
            _row(
                "p_exhausted",
                "P(reserves exhausted by the end of the year)",
                exhausted_probability,
            ),
        ),
    ),
    _alone(
        "pending",
        _row(
            "pending_end",
            "Pending settlement adjustment at the end",
            amount_mean,
            "neither",
            variable="pending",
            over="end",
        ),
    ),
    _alone(
        "central_cost", _row("central_cost", "Net central cost, total over the years", central_cost)
    ),
)

HORIZON: tuple[Measure, ...] = tuple(m for family in FAMILIES for m in family.horizon)
YEARLY: tuple[Measure, ...] = tuple(m for family in FAMILIES for m in family.yearly)
#: Measures that do not apply to a body whose holder opens at or below its floor.
NEEDS_RESERVES = tuple(m.name for m in HORIZON if m.spec.not_applicable is not None)

#: Rows of the table of headline results, in order. None depends on how many budget
#: holders there are: sums of £, the place's net position, £ against the place's income.
HEADLINE_ROWS: tuple[str, ...] = (
    "net_deficit",
    "p_rescue_needed_above_1_percent",
    "p_granted_above_1_percent",
    "unmet",
    "unresolved",
    "extra_local_tax",
    "reserves_end",
    "pending_end",
    "central_cost",
)


def horizon_measure(name: str) -> Measure:
    """Return a horizon measure by name; ResultsError where there is none."""
    for measure in HORIZON:
        if measure.name == name:
            return measure
    known = [measure.name for measure in HORIZON]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise ResultsError(f"no headline measure '{name}'; there are {', '.join(known)}{hint}")


def family_of(name: str) -> Family:
    """Return the family that makes a horizon measure."""
    measure = horizon_measure(name)
    return next(family for family in FAMILIES if measure in family.horizon)
