"""How many bodies are in trouble at once: in the same year, of the same future."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Unpack

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.arguments import AtLeast, YearOrHorizon
from riskmc.measures.events import happened
from riskmc.measures.holders import exhaustion_not_applicable
from riskmc.measures.measure import OfThePlace, measure
from riskmc.measures.reading import Reader
from riskmc.measures.tabulate import PROBABILITY, Spec, Task, exceedance, worst_over_time
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools

#: What may happen to several bodies at once: an amount, or a flag.
Together = Annotated[
    Literal["deficit", "rescue_needed", "bailout", "exhausted"], "What happens to a body"
]


@measure('docs/model.md, section 5, "several at once"', estimators.probability)
def bodies_at_once(
    *,
    event: Together = "deficit",
    at_least: AtLeast = (1, 2),
    over: YearOrHorizon = "year",
    **_: Unpack[OfThePlace],
) -> Spec:
    """Return P(at least so many bodies at once) over ("place", regime[, year], bodies).

    `event`: "deficit", "rescue_needed", "bailout" or "exhausted" (by holders that opened above
    their floor). At once means in the same year; `over` "horizon": in any year. Members of a pool
    share its fate, so a pool in deficit is all of its members in deficit.
    """

    def count(task: Task) -> NDArray[Any]:
        reader = task.reader
        idle = exhaustion_not_applicable(reader)[task.regime] if event == "exhausted" else ()
        counted = np.zeros(task.paths["income"].shape, dtype=np.int16)
        for body in reader.organisations:
            if body not in idle:
                counted += _event(reader, event, body, task.regime)
        return counted

    return Spec(
        long_name=f"chance of {event.replace('_', ' ')} in so many bodies or more at once",
        unit=PROBABILITY,
        needs=("income",),
        values=count,
        statistic=exceedance([number - 0.5 for number in at_least]),
        over=over,
        taken=worst_over_time,
        extra={"bodies": tuple(int(number) for number in at_least)},
        every_organisation="how many bodies at once",
    )


def _event(reader: Reader, event: str, body: str, regime: str) -> Bools:
    amount = reader.path(event, regime=regime, organisation=body)
    if event == "exhausted":
        return amount
    return happened(amount, reader.path("income", regime=regime, organisation=body))
