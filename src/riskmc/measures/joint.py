"""How many bodies are in trouble at once: in the same year, of the same future."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.arguments import numbers
from riskmc.measures.catalogue import happened
from riskmc.measures.headline import exhaustion_not_applicable
from riskmc.measures.reading import Names, Reader
from riskmc.measures.tabulate import PROBABILITY, Spec, Task, exceedance, tabulate, year_dims
from riskmc.measures.view import Source
from riskmc.statistics.estimates import Bools
from riskmc.variables import PLACE

if TYPE_CHECKING:
    import xarray as xr

#: What may happen to several bodies at once: an amount, or a flag.
TOGETHER = ("deficit", "rescue_needed", "bailout", "exhausted")


def bodies_at_once(
    results: Source,
    *,
    event: str = "deficit",
    at_least: Sequence[int] = (1, 2),
    over: str = "year",
    regime: Names = None,
    against: str | None = None,
) -> xr.Dataset:
    """Return P(at least so many bodies at once) over ("place", regime[, year], bodies).

    `event`: "deficit", "rescue_needed", "bailout" or "exhausted" (by holders that opened above
    their floor). At once means in the same year; `over` "horizon": in any year. Members of a pool
    share its fate, so a pool in deficit is all of its members in deficit.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    event : str
        What happens to a body; default "deficit".
    at_least : sequence of int
        Least numbers of them at once.
    over : str
        How it is taken over time, such as "year" or "horizon"; default "year".
    regime : str or sequence of str, optional
        Default: every regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.
    """
    if event not in TOGETHER:
        raise ResultsError(f"event='{event}' is not one of {', '.join(TOGETHER)}")
    least = numbers(at_least, "at_least")
    reader = Reader(results)
    reader.need_every_organisation("how many bodies at once")
    inapplicable = exhaustion_not_applicable(reader) if event == "exhausted" else {}

    def count(task: Task) -> NDArray[Any]:
        counted = np.zeros((len(reader.years), reader.chains, reader.per_chain), dtype=np.int16)
        for body in reader.organisations:
            if body in inapplicable.get(task.regime, ()):
                continue
            paths = reader.paths(_event_needs(event), regime=task.regime, organisation=body)
            counted += _event(paths, event)
        return counted if over == "year" else counted.max(axis=0)

    if over not in ("year", "horizon"):
        raise ResultsError(f"over='{over}' is not one of year, horizon")
    spec = Spec(
        needs=("income",),
        values=count,
        statistic=exceedance([number - 0.5 for number in least]),
        inner=year_dims(reader, over),
        unit=PROBABILITY,
        long_name=f"chance of {event.replace('_', ' ')} in so many bodies or more at once",
        extra={"bodies": tuple(int(number) for number in least)},
    )
    return tabulate(reader, spec, organisation=PLACE, regime=regime, against=against)


def _event_needs(event: str) -> tuple[str, ...]:
    return ("exhausted",) if event == "exhausted" else (event, "income")


def _event(paths: dict[str, NDArray[Any]], event: str) -> Bools:
    if event == "exhausted":
        return paths["exhausted"]
    return happened(paths[event], paths["income"])
