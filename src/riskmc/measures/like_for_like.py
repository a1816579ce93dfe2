"""Measures that do not depend on how many budget holders a set of rules has.

"Any of 13 bodies" against "one pool" compares unlike things: split one holder into several that
fare alike and "any of them" stays, merge several that fare differently and it moves. Everything
here is a sum of £, the place's own position, or a share of spending, so that separate budgets
and one pool are on equal terms. Splitting a holder into equal parts that share everything
changes none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Unpack

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.arguments import Above, SoFar
from riskmc.measures.events import LARGE
from riskmc.measures.holders import holder_parameters
from riskmc.measures.measure import Chosen, measure
from riskmc.measures.reading import Reader
from riskmc.measures.tabulate import PROBABILITY, Spec
from riskmc.rules.register import INSTRUMENTS
from riskmc.statistics import estimators
from riskmc.variables import PLACE

if TYPE_CHECKING:
    from riskmc.study import Study

#: Results may be stored in single precision: no difference below this share is one.
_SINGLE = 1e-5
#: Help that reserves would have had to stand in for: all that meets a shortfall but reserves
#: themselves and what the centre bears by agreement.
HELP = tuple(
    dict.fromkeys(
        row.records
        for row in INSTRUMENTS
        if row.waterfall == "shortfall" and not {"reserves", "agreed"} & {*row.returns()}
    )
)
HelpCounts = Annotated[bool, "Whether the help that was given counts"]


@dataclass(frozen=True)
class Opening:
    """What the place or one body opens with under one regime [£m].

    reserves  held on the eve of the first year; a pool member's part of the pool's, by cost
    floor     the part of them that may not be used
    """

    reserves: float
    floor: float


def opening(study: Study, *, regime: str, body: str = PLACE) -> Opening:
    """Return what the place or one body opens with."""
    terms = holder_parameters(study)[regime]
    chosen = [own for name, own in terms.items() if body in (PLACE, name)]
    return Opening(
        reserves=sum(own.share * own.reserves for own in chosen),
        floor=sum(own.share * own.floor for own in chosen),
    )


def spending_weights(study: Study, body: str = PLACE) -> dict[str, float]:
    """Return each organisation's share of spending: own costs at the opening.

    What one body pays another inside the place is the other's spending. Equal shares where
    nobody spends anything; one body alone has the whole.
    """
    chosen = [row for row in study.organisations if body in (PLACE, row.id)]
    total = sum(row.cost for row in chosen)
    return {row.id: row.cost / total if total > 0.0 else 1 / len(chosen) for row in chosen}


def spending_share(reader: Reader, *, regime: str, body: str = PLACE) -> NDArray[np.float64]:
    """Return the share of spending run by holders without usable reserves, (year, chain, draw).

    Holders at or below their floor at the year end, weighted by `spending_weights`. For one body
    it is 0 or 1: whether its holder is.
    """
    if body == PLACE:
        reader.need_every_organisation("the share of spending without usable reserves")
    total: NDArray[np.float64] = np.zeros(())
    for name, weight in spending_weights(reader.study(), body).items():
        total = total + weight * reader.path("exhausted", regime=regime, organisation=name)
    return total


def below_floor(
    reader: Reader, *, regime: str, body: str = PLACE, help_counts: bool = True
) -> NDArray[np.bool_]:
    """Return whether all reserves, counted as one pot, are at or below the floor by year end.

    (year, chain, draw), at any year end so far. Without `help_counts`, bailouts, in-year
    measures, capital switched and deficits carried are taken back out of the pot.
    """
    reader.need_years_from_opening("whether reserves ran out")
    if help_counts:
        held = reader.path("reserves", regime=regime, organisation=body)
    else:
        held = _without_help(_paths(reader, regime, body))
    floor = opening(reader.study(), regime=regime, body=body).floor
    slack = _SINGLE * max(1.0, abs(floor))
    found: NDArray[np.bool_] = np.logical_or.accumulate(held <= floor + slack, axis=0)
    return found


def reserves_alone(reader: Reader, *, regime: str, body: str = PLACE) -> NDArray[np.float64]:
    """Return the opening reserves that would have lasted in each future, (chain, draw) [£m].

    Counted as one pot, without any help, all else as it was; see `reserves_curve`.
    """
    reader.need_years_from_opening("the reserves that would have lasted")
    start = opening(reader.study(), regime=regime, body=body)
    return lasting_reserves(
        _paths(reader, regime, body), floor=start.floor, reserves=start.reserves
    )


def lasting_reserves(
    paths: Mapping[str, NDArray[Any]], *, floor: float, reserves: float
) -> NDArray[Any]:
    """Return the opening reserves with which `paths` would have stayed at the floor or above.

    The opening plus the most by which reserves without help would ever fall below the floor,
    (chain, draw) [£m]; `paths` hold "reserves", "repaid" and each of `HELP`, years first.
    """
    short = floor - _without_help(paths).min(axis=0)
    return np.asarray(np.maximum(reserves + short, 0.0))


def _without_help(paths: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    helped = -paths["repaid"]
    for name in HELP:
        helped = helped + paths[name]
    return np.asarray(paths["reserves"] - np.cumsum(helped, axis=0))


def _paths(reader: Reader, regime: str, body: str) -> dict[str, NDArray[Any]]:
    names = ("reserves", "repaid", *HELP)
    return {name: reader.path(name, regime=regime, organisation=body) for name in names}


def large_rescue(
    reader: Reader, *, regime: str, body: str = PLACE, above: float = LARGE
) -> NDArray[np.bool_]:
    """Return whether the rescue needed in a year, summed, is large, (year, chain, draw).

    Above a share of the income of the place in that year, whoever needs it.
    """
    needed = reader.path("rescue_needed", regime=regime, organisation=body)
    income = reader.path("income", regime=regime, organisation=body)
    found: NDArray[np.bool_] = needed > above * np.maximum(income, 1.0)
    return found


def own_borrowing(reader: Reader, *, regime: str, body: str = PLACE) -> NDArray[np.float64]:
    """Return the part of bailouts that is the body's own borrowing, (year, chain, draw) [£m].

    Under exceptional support a council may borrow for, or sell assets towards, day-to-day
    spending: bailout * (1 - centre_share). The rest is the centre's money.
    """
    terms = holder_parameters(reader.study())[regime]
    shape = reader.path("bailout", regime=regime, organisation=body).shape
    total: NDArray[np.float64] = np.zeros(shape)
    for name, own in terms.items():
        borrowed = 1.0 - own.centre_share
        if borrowed > 0.0 and body in (PLACE, name):
            total = total + borrowed * reader.path("bailout", regime=regime, organisation=name)
    return total


@measure('docs/report.md, "Like for like"', estimators.mean, organisation=PLACE)
def spending_without_reserves(**_: Unpack[Chosen]) -> Spec:
    """Return the mean share of spending run by holders without usable reserves, by year."""
    return Spec(
        long_name="share of spending run by holders without usable reserves at the year end",
        unit="share of spending",
        needs=("exhausted",),
        values=lambda task: spending_share(task.reader, regime=task.regime, body=task.body),
        statistic=estimators.mean,
        over="year",
    )


@measure('docs/report.md, "Like for like"', estimators.probability, organisation=PLACE)
def large_rescue_probability(
    *, above: Above = LARGE, over: SoFar = "horizon", **_: Unpack[Chosen]
) -> Spec:
    """Return P(the rescue needed in a year, summed, exceeds a share of income).

    `over`: "horizon" (in any year), "cumulative" (in any year so far) or "year".
    """
    return Spec(
        long_name=f"chance of a rescue above {100.0 * above:g}% of income",
        unit=PROBABILITY,
        needs=("rescue_needed", "income"),
        values=lambda task: large_rescue(
            task.reader, regime=task.regime, body=task.body, above=above
        ),
        statistic=estimators.probability,
        over=over,
    )


@measure('docs/report.md, "Like for like"', estimators.probability, organisation=PLACE)
def one_pot_probability(*, help_counts: HelpCounts = True, **_: Unpack[Chosen]) -> Spec:
    """Return P(all reserves, counted as one pot, fall to the floor by the year end), by year.

    With the help that was given, or without it (`help_counts=False`).
    """
    return Spec(
        long_name="chance that all reserves, as one pot, are down to the floor by the year end",
        unit=PROBABILITY,
        needs=("reserves", "repaid", *HELP),
        values=lambda task: below_floor(
            task.reader, regime=task.regime, body=task.body, help_counts=help_counts
        ),
        statistic=estimators.probability,
        over="year",
    )
