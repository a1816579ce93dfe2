"""The headline measures: what each is called, its unit, and how it comes out of one future.

A measure is taken draw by draw: from the paths (year, chain, draw) of a body it makes one
value (chain, draw) over the horizon, or one a year. Measures that need the same variables
are made together, so that each variable is read once.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.statistics.estimates import Bools
from riskmc.variables import HAPPENED, MONEY
from riskmc.words.rounding import Style

Kind = Literal["mean", "probability", "quantile"]
Better = Literal["lower", "higher", "neither"]
Paths = Mapping[str, NDArray[Any]]
Series = dict[str, NDArray[Any]]

#: Shares of income above which a bailout is counted separately.
LARGE = 0.01
ABOVE = {"above_0_1_percent": 0.001, "above_1_percent": 0.01}


class Made(NamedTuple):
    """Per-draw values by name: over the horizon (chain, draw), by year (year, chain, draw)."""

    horizon: Series
    yearly: Series


@dataclass(frozen=True)
class Measure:
    """One row of the headline table.

    `series` names the per-draw values it is a statistic of (by default those of its own
    name), `quantile` is set for quantiles, `better` says which direction is good. `output` names
    the output without which it is 0: where the rules make that impossible, it is.
    """

    name: str
    label: str
    unit: str = MONEY
    kind: Kind = "mean"
    better: Better = "lower"
    quantile: float | None = None
    series: str = ""
    output: str = ""

    @property
    def source(self) -> str:
        """Name of the per-draw series."""
        return self.series or self.name

    @property
    def style(self) -> Style:
        """How it is printed."""
        return "percent" if self.kind == "probability" else "money"


@dataclass(frozen=True)
class Family:
    """Measures made together from the same variables of one body under one regime."""

    needs: tuple[str, ...]
    horizon: tuple[Measure, ...]
    yearly: tuple[Measure, ...]
    make: Callable[[Paths], Made]


def least_that_counts(income: NDArray[Any], *, above: float = 0.0) -> NDArray[Any]:
    """Return the amount above which something has happened: 1e-9 * max(1, income).

    With `above`, no less than that share of income.
    """
    least: NDArray[Any] = np.maximum(income, 1.0)
    least *= HAPPENED
    if above > 0.0:
        np.maximum(least, above * income, out=least)
    return least


def happened(amount: NDArray[Any], income: NDArray[Any], *, above: float = 0.0) -> Bools:
    """Say where an amount counts as having happened; see `least_that_counts`."""
    found: Bools = amount > least_that_counts(income, above=above)
    return found


def sides(first: NDArray[Any], second: NDArray[Any]) -> dict[str, Bools]:
    """Say in which draws the first is lower, the same or higher.

    The same: within 1e-9 of the second, or of £1m where that is less.
    """
    one, other = first.astype(float), second.astype(float)
    slack = HAPPENED * np.maximum(np.abs(other), 1.0)
    return {
        "lower": one < other - slack,
        "tie": np.abs(one - other) <= slack,
        "higher": one > other + slack,
    }


def running_any(event: Bools) -> Bools:
    """Return, year by year, whether it has happened so far: (year, ...) to the same shape."""
    return np.logical_or.accumulate(event, axis=0)


def _deficits(paths: Paths) -> Made:
    yearly = {"net_deficit": paths["net_deficit"], "gross_deficit": paths["deficit"]}
    return Made({name: path.sum(axis=0) for name, path in yearly.items()}, yearly)


def _bailouts(paths: Paths) -> Made:
    income = paths["income"]
    amounts = {"rescue_needed": paths["rescue_needed"], "granted": paths["bailout"]}
    horizon: Series = {}
    yearly: Series = {"bailout": paths["bailout"]}
    least = least_that_counts(income)
    for name, amount in amounts.items():
        event = np.greater(amount, least)
        yearly[f"p_{name}"] = event
        horizon[f"p_{name}"] = event.any(axis=0)
    for words, share in ABOVE.items():
        least = least_that_counts(income, above=share)
        for name, amount in amounts.items():
            horizon[f"p_{name}_{words}"] = np.greater(amount, least).any(axis=0)
    horizon["rescue_needed"] = paths["rescue_needed"].sum(axis=0)
    horizon["bailout"] = paths["bailout"].sum(axis=0)
    return Made(horizon, yearly)


def _total(name: str) -> Callable[[Paths], Made]:
    return lambda paths: Made({name: paths[name].sum(axis=0)}, {})


def _extra_local_tax(paths: Paths) -> Made:
    return Made({"extra_local_tax": paths["local_premium"].mean(axis=0)}, {})


def _reserves(paths: Paths) -> Made:
    so_far = running_any(paths["exhausted"])
    return Made(
        {"reserves_end": paths["reserves"][-1], "p_exhausted": so_far[-1]},
        {"reserves": paths["reserves"], "p_exhausted": so_far},
    )


def _pending(paths: Paths) -> Made:
    return Made({"pending_end": paths["pending"][-1]}, {})


def _chance(name: str, label: str, output: str = "") -> Measure:
    return Measure(name, label, "probability", "probability", output=output)


def _chances(name: str, words: str, output: str = "") -> tuple[Measure, ...]:
    beyond = (
        _chance(f"p_{name}_{key}", _beyond_label(words, share), output)
        for key, share in ABOVE.items()
    )
    return (_chance(f"p_{name}", f"P({words}), in any year", output), *beyond)


def _beyond_label(words: str, share: float) -> str:
    if share == LARGE:
        return f"Large {words}: over 1% of a year's income, in any year"
    return f"P({words} above {100 * share:g} % of income), in any year"


def _p95(name: str, label: str) -> Measure:
    return Measure(f"{name}_p95", label, kind="quantile", quantile=0.95, series=name)


FAMILIES: tuple[Family, ...] = (
    Family(
        ("net_deficit", "deficit"),
        (
            Measure("net_deficit", "Net deficit, total over the years"),
            Measure("gross_deficit", "Gross deficit, total over the years"),
        ),
        (
            Measure("net_deficit", "Net deficit in the year"),
            _p95("net_deficit", "Net deficit in the year, exceeded in 5 of 100 futures"),
            Measure("gross_deficit", "Gross deficit in the year"),
            _p95("gross_deficit", "Gross deficit in the year, exceeded in 5 of 100 futures"),
        ),
        _deficits,
    ),
    Family(
        ("rescue_needed", "bailout", "income"),
        (
            *_chances("rescue_needed", "rescue needed"),
            *_chances("granted", "bailout granted", "bailout"),
            Measure("rescue_needed", "Rescue needed, total over the years"),
            Measure("bailout", "Bailout granted, total over the years", output="bailout"),
        ),
        (
            _chance("p_rescue_needed", "P(rescue needed in the year)"),
            _chance("p_granted", "P(bailout granted in the year)", "bailout"),
            Measure("bailout", "Bailout granted in the year", output="bailout"),
        ),
        _bailouts,
    ),
    Family(
        ("unresolved",),
        (Measure("unresolved", "Unresolved, total over the years", output="unresolved"),),
        (),
        _total("unresolved"),
    ),
    Family(
        ("unmet",),
        (Measure("unmet", "Unmet need, total over the years", output="unmet"),),
        (),
        _total("unmet"),
    ),
    Family(
        ("local_premium",),
        (
            Measure(
                "extra_local_tax",
                "Extra local tax a year, average over the years",
                output="local_premium",
            ),
        ),
        (),
        _extra_local_tax,
    ),
    Family(
        ("reserves", "exhausted"),
        (
            Measure("reserves_end", "Reserves at the end", better="higher"),
            _chance("p_exhausted", "P(reserves exhausted), in any year"),
        ),
        (
            Measure("reserves", "Reserves at the end of the year", better="higher"),
            _chance("p_exhausted", "P(reserves exhausted by the end of the year)"),
        ),
        _reserves,
    ),
    Family(
        ("pending",),
        (Measure("pending_end", "Pending settlement adjustment at the end", better="neither"),),
        (),
        _pending,
    ),
    Family(
        ("central_cost",),
        (Measure("central_cost", "Net central cost, total over the years"),),
        (),
        _total("central_cost"),
    ),
)

HORIZON: tuple[Measure, ...] = tuple(m for family in FAMILIES for m in family.horizon)
YEARLY: tuple[Measure, ...] = tuple(m for family in FAMILIES for m in family.yearly)
#: Measures that do not apply to a body whose holder opens at or below its floor.
NEEDS_RESERVES = ("p_exhausted",)

#: Rows of the table that a finance director wants first, in order. None depends on how many budget
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
