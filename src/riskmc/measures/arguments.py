"""Arguments of measures: what may be asked, in what words they are documented, how checked.

A type here carries the sentence that documents it and, where its values need one, the function
that checks them. `riskmc.measures.measure` reads both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal

from riskmc.errors import ResultsError

Numbers = float | Sequence[float]


def numbers(values: Numbers, what: str) -> tuple[float, ...]:
    """Return one number or several as a tuple; ResultsError where there is none, or it is none."""
    given = [values] if isinstance(values, int | float) else values
    try:
        found = tuple(float(value) for value in given if not isinstance(value, str | bool))
    except (TypeError, ValueError):
        found = ()
    if not found or len(found) < len(given) or not all(math.isfinite(x) for x in found):
        raise ResultsError(f"{what}: {values!r} is not a number, or a list of numbers")
    return found


def shares(values: Numbers, what: str = "p") -> tuple[float, ...]:
    """Return one probability or several; ResultsError for what does not lie between 0 and 1."""
    found = numbers(values, what)
    for value in found:
        if not 0.0 < value < 1.0:
            raise ResultsError(f"{what}: {value:g} does not lie between 0 and 1")
    return found


def share_of_income(value: float, what: str) -> float:
    """Return a share of income; ResultsError for what is none."""
    if not 0.0 <= value < float("inf"):
        raise ResultsError(f"{what}: {value!r} is not a share of income, 0 or more")
    return value


_OVER = "How it is taken over time"
#: Ways to take a yearly amount over time; see `riskmc.measures.tabulate.over_time`.
OverTime = Annotated[Literal["year", "cumulative", "horizon", "peak", "end", "average"], _OVER]
#: Ways to take what adds up over the years, or an event: in the year, so far, in any year.
SoFar = Annotated[Literal["year", "cumulative", "horizon"], _OVER]
#: Year by year, or all years together.
YearOrHorizon = Annotated[Literal["year", "horizon"], _OVER]
#: Year by year, or at the end of the last: a level does not add up over the years.
YearOrEnd = Annotated[Literal["year", "end"], _OVER]
#: All years so far, or all years.
SoFarOrHorizon = Annotated[Literal["cumulative", "horizon"], _OVER]
#: What may be asked of a bailout: the need, or the grant.
Amount = Annotated[Literal["rescue_needed", "bailout"], "Whether the need counts, or the grant"]
VariableName = Annotated[str, "Name of an output of the model"]
Gross = Annotated[
    bool, "The sum of its holders' deficits for the place, not the net one of its summed balance"
]
Above = Annotated[float, "Size above which it counts [share of income]", share_of_income]
AtLeast = Annotated[Sequence[int], "Least numbers of them at once", numbers]
Levels = Annotated[
    Sequence[float], "Amounts that may be exceeded, in the unit of the amount", numbers
]
Confidence = Annotated[Sequence[float], "Probabilities that reserves last", shares]
SharesOfCost = Annotated[Sequence[float], "Shares of cost whose loss counts as a cut", numbers]
Quantiles = Annotated[
    Sequence[float],
    "Probabilities p of the quantiles: a share 1 - p of futures exceeds them",
    shares,
]
Tails = Annotated[Sequence[float], "Share p of futures that are not among the worst", shares]
