"""Bailouts: how often one is needed and granted, how large, and the council's last resort.

Whether the centre grants a bailout is its choice, so the need is reported first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures import first_passage
from riskmc.measures.arguments import Above, Amount, SoFar, YearOrHorizon
from riskmc.measures.events import happened
from riskmc.measures.measure import Chosen, Unpaired, measure
from riskmc.measures.reading import Names, Reader
from riskmc.measures.tabulate import PROBABILITY, Spec, Task, over_words
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Estimate
from riskmc.variables import MONEY, PLACE

_WORDS = {"rescue_needed": "a rescue needed", "bailout": "a bailout granted"}


@measure('docs/model.md, section 5, "rescue needed, bailout granted"', estimators.probability)
def rescue_needed_probability(
    *, above: Above = 0.0, over: SoFar = "horizon", **_: Unpack[Chosen]
) -> Spec:
    """Return P(rescue needed) above a share of income, over (organisation, regime[, year]).

    `above`: share of the year's income, 0 for any at all; `over`: "horizon" (any year), "year",
    "cumulative" (any year so far).

    Notes
    -----
    What is left when the centre is asked for a bailout is needed, granted or not; where the rules
    have no bailout, what is left at the end. The place needs what its bodies do, in sum, against
    its own income. Any at all is more than 1e-9 of income, or of £1m where income is less.
    """
    return _chance("rescue_needed", above, over)


@measure('docs/model.md, section 5, "rescue needed, bailout granted"', estimators.probability)
def bailout_probability(
    *, above: Above = 0.0, over: SoFar = "horizon", **_: Unpack[Chosen]
) -> Spec:
    """Return P(bailout granted); arguments as `rescue_needed_probability`.

    Notes
    -----
    Granted is what the instrument `bailout` pays, whoever bears it in the end: the centre, or the
    body itself by a loan or exceptional support. Sizes are those of `rescue_needed_probability`.
    """
    return _chance("bailout", above, over)


def _chance(amount: str, above: float, over: str) -> Spec:
    return Spec(
        long_name=f"chance of {_WORDS[amount]} above {100 * above:g} % of income "
        f"{over_words(over)}",
        unit=PROBABILITY,
        needs=(amount, "income"),
        values=lambda task: task.happened(amount, above=above),
        statistic=estimators.probability,
        over=over,
        output=amount,
    )


@measure('docs/model.md, section 5, "rescue needed, bailout granted"', estimators.probability)
def first_bailout_year(*, amount: Amount = "bailout", **_: Unpack[Chosen]) -> Spec:
    """Return P(the first bailout falls in the year) over (..., first_year), "never" last."""
    return Spec(
        long_name=f"chance that the year is the first with {_WORDS[amount]}",
        unit=PROBABILITY,
        needs=(amount, "income"),
        values=lambda task: first_passage.first_years(task.happened(amount)),
        statistic=estimators.probability,
        inner=first_passage.first_year_dims,
        output=amount,
        since_opening="the first year",
    )


@measure('docs/model.md, section 5, "rescue needed, bailout granted"', estimators.conditional_mean)
def bailout_given_one(
    *, amount: Amount = "bailout", over: YearOrHorizon = "horizon", **_: Unpack[Unpaired]
) -> Spec:
    """Return the mean bailout of the futures that have one [£m].

    `over`: "horizon" (the total of futures with any) or "year" (in years with one). Not paired:
    the futures that have one differ between regimes.
    """
    return Spec(
        long_name=f"mean of {_WORDS[amount]}, given one, {over_words(over)}",
        unit=MONEY,
        needs=(amount, "income"),
        values=lambda task: task.paths[amount] * task.happened(amount),
        statistic=_given_positive,
        over=over,
    )


def _given_positive(
    x: NDArray[Any],
    /,
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    if against is not None:
        raise ResultsError("an amount given one has no paired difference")
    event = x > 0.0
    if valid is not None:
        event = event & valid
    return estimators.conditional_mean(x, event, scheme=scheme)


_SECTION_114 = ("planned_deficit", "unresolved", "income")


@measure('docs/model.md, section 5, "section 114 conditions"', estimators.probability)
def section_114_probability(*, over: SoFar = "horizon", **_: Unpack[Chosen]) -> Spec:
    """Return P(section 114 conditions) of councils: a planned deficit, or something unresolved.

    The place: any of its councils. Bodies that are not councils are left out; asking for one is
    an error. `over`: "horizon" (any year), "year", "cumulative".
    """

    def conditions(task: Task) -> NDArray[Any]:
        asked = _councils(task.reader) if task.body == PLACE else [task.body]
        event = _conditions(task.reader, asked[0], task.regime)
        for council in asked[1:]:
            event = event | _conditions(task.reader, council, task.regime)
        return event

    return Spec(
        long_name=f"chance of section 114 conditions {over_words(over)}",
        unit=PROBABILITY,
        needs=_SECTION_114,
        values=conditions,
        statistic=estimators.probability,
        over=over,
        bodies=_with_councils,
    )


def _councils(reader: Reader) -> list[str]:
    return [body.id for body in reader.study().organisations if body.kind == "council"]


def _with_councils(reader: Reader, organisation: Names) -> Sequence[str]:
    """Return the councils asked for, and the place; ResultsError for what is no council."""
    councils = _councils(reader)
    if not councils:
        raise ResultsError("section 114 is for councils, and the study has none")
    held = [body for body in councils if body in reader.organisations]
    bodies = [PLACE, *held] if organisation is None else reader.choose_bodies(organisation)
    if PLACE in bodies and held != councils:
        reader.need_every_organisation("the chance for the place")
    others = [body for body in bodies if body != PLACE and body not in councils]
    if others:
        raise ResultsError(f"section 114 is for councils, not {', '.join(others)}")
    return bodies


def _conditions(reader: Reader, council: str, regime: str) -> Bools:
    paths = reader.paths(_SECTION_114, regime=regime, organisation=council)
    planned = happened(paths["planned_deficit"], paths["income"])
    unresolved = happened(paths["unresolved"], paths["income"])
    return np.logical_or(planned, unresolved)
