"""Places: how many fail at once, and who pays for whom through the centre's cut."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Unpack

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.arguments import AtLeast, YearOrHorizon
from riskmc.measures.events import happened
from riskmc.measures.measure import OfThePlace, measure
from riskmc.measures.reading import Reader
from riskmc.measures.tabulate import (
    PROBABILITY,
    Spec,
    Task,
    exceedance,
    over_time,
    worst_over_time,
    year_dims,
)
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Estimate
from riskmc.variables import MONEY

#: What a place may suffer: that one of its bodies does.
Failure = Annotated[
    Literal["rescue_needed", "bailout", "unresolved", "deficit"], "What happens to a body"
]
#: The dimension of places.
WHERE = "where"


@measure('docs/model.md, section 5, "several at once"', estimators.probability)
def places_at_once(
    *,
    event: Failure = "rescue_needed",
    at_least: AtLeast = (1, 2),
    over: YearOrHorizon = "year",
    **_: Unpack[OfThePlace],
) -> Spec:
    """Return P(at least so many places fail at once) over ("place", regime[, year], places).

    A place fails where any body in it does: "rescue_needed", "bailout" (granted), "unresolved" or
    "deficit". At once means in the same year; `over` "horizon": in any year. Error: that of a
    probability under the run's scheme.
    """

    def count(task: Task) -> NDArray[Any]:
        counted = np.zeros(task.paths["income"].shape, dtype=np.int16)
        for bodies in _places(task.reader).values():
            failed = np.zeros(counted.shape, dtype=bool)
            for body in bodies:
                paths = task.reader.paths((event, "income"), regime=task.regime, organisation=body)
                failed |= happened(paths[event], paths["income"])
            counted += failed
        return counted

    return Spec(
        long_name=f"chance of {event.replace('_', ' ')} in so many places or more at once",
        unit=PROBABILITY,
        needs=("income",),
        values=count,
        statistic=exceedance([number - 0.5 for number in at_least]),
        over=over,
        taken=worst_over_time,
        extra={"places": tuple(int(number) for number in at_least)},
        every_organisation="how many places at once",
    )


@measure('docs/model.md, section 5, "who pays for whom"', estimators.mean)
def paid_for_others(*, over: YearOrHorizon = "horizon", **_: Unpack[OfThePlace]) -> Spec:
    """Return what each place pays for bailouts less what it is granted [£m].

    The mean, over the futures, of the cuts that pay for bailouts less bailouts granted, summed over
    the bodies of a place: ("place", regime, where[, year]). Positive: it pays for others. Takes
    cuts by organisation (`keep="all"`).
    """

    def net(task: Task) -> NDArray[Any]:
        rows = []
        for bodies in _places(task.reader).values():
            total = np.zeros(task.paths["income"].shape)
            for body in bodies:
                paths = task.reader.paths(
                    ("centre_cut", "bailout"), regime=task.regime, organisation=body
                )
                total += paths["centre_cut"] - paths["bailout"]
            rows.append(over_time(total, over))
        return np.stack(rows)

    return Spec(
        long_name="cuts that pay for bailouts, less bailouts granted",
        unit=MONEY,
        needs=("income",),
        values=net,
        statistic=estimators.mean,
        inner=lambda reader: {WHERE: tuple(_places(reader)), **year_dims(reader, over)},
        every_organisation="who pays for whom",
    )


@measure('docs/model.md, section 5, "who pays for whom"', estimators.ratio)
def bailout_concentration(**_: Unpack[OfThePlace]) -> Spec:
    """Return what part of all bailouts goes to the place that gets most, ("place", regime).

    Of every £1 of bailouts over the horizon, what the place that is granted most in that future
    gets: E[most] / E[all]. 1 with one place; 1 / n where n places are granted alike; NaN where no
    bailout is granted in any future.
    """

    def most_and_all(task: Task) -> NDArray[Any]:
        rows = []
        for bodies in _places(task.reader).values():
            total = np.zeros(task.paths["income"].shape[1:])
            for body in bodies:
                own = task.reader.path("bailout", regime=task.regime, organisation=body)
                total += own.sum(axis=0)
            rows.append(total)
        granted = np.stack(rows)
        return np.stack([granted.max(axis=0), granted.sum(axis=0)])

    return Spec(
        long_name="part of all bailouts that goes to the place that gets most",
        unit="£ of every £1",
        needs=("income",),
        values=most_and_all,
        statistic=_first_of_second,
        output="bailout",
        every_organisation="how concentrated bailouts are",
    )


def _first_of_second(
    parts: NDArray[Any],
    /,
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    """Return E[first] / E[second] of the first axis."""

    def terms(given: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        kept = given if valid is None else np.where(valid, given, np.nan)
        return kept[0], kept[1]

    other = None if against is None else terms(against)
    return estimators.ratio(*terms(parts), scheme=scheme, against=other, share=True)


def _places(reader: Reader) -> dict[str, list[str]]:
    """Return the organisations of each place."""
    found: dict[str, list[str]] = {place: [] for place in reader.study().places}
    for body in reader.study().organisations:
        found[reader.study().place_of(body)].append(body.id)
    return found
