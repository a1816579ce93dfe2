"""Arguments of measures, checked: what is asked for, in the package's own errors."""

from __future__ import annotations

import math
from collections.abc import Sequence

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
