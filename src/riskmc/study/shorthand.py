"""Amounts as people state them: low-likely-high, a range, a single figure, percentiles, a band.

Each becomes the table of a distribution:

| stated | distribution |
| --- | --- |
| low, likely, high | PERT; a constant where the three are equal |
| low, high | uniform |
| likely, or a single figure | constant |
| two percentiles | lognormal; normal where one is not above 0 |
| two percentiles and likely | triangular |
| three percentiles, or bounds alongside two | quantiles, above 0 where all percentiles are |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from riskmc.distributions import is_percentile

POINTS = ("low", "likely", "high")
#: What may be stated, for messages.
STATED = "low, likely and high; low and high; likely alone; or percentiles such as p10 and p90"


def is_stated(key: str) -> bool:
    """Say whether a key states an amount: low, likely, high or a percentile."""
    return key in POINTS or is_percentile(key)


def is_number(value: Any) -> bool:
    """Say whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def stated(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the distribution that stated figures mean; None where they do not go together."""
    points = {key for key in given if is_percentile(key)}
    three = {key for key in given if key in POINTS}
    if not points:
        return _of_points(given, three)
    figures = [given[key] for key in points]
    positive = all(is_number(x) and x > 0 for x in figures)
    if "likely" in three:
        return {"distribution": "triangular", **given} if three == {"likely"} else None
    if len(points) == 2 and not three:
        return {"distribution": "lognormal" if positive else "normal", **given}
    floor = {"low": 0.0} if positive and "low" not in three else {}
    return {"distribution": "quantiles", **floor, **given}


def _of_points(given: Mapping[str, Any], three: set[str]) -> dict[str, Any] | None:
    figures = [given[key] for key in three]
    if three == {"likely"} or (
        len(three) > 1 and "high" in three and "low" in three and _all_equal(figures)
    ):
        return {"distribution": "constant", "value": figures[0]}
    if three == set(POINTS):
        return {"distribution": "pert", **given}
    return {"distribution": "uniform", **given} if three == {"low", "high"} else None


def _all_equal(figures: list[Any]) -> bool:
    return all(is_number(x) and x == figures[0] for x in figures)


def as_table(value: Any) -> Any:
    """Return a figure, a range or stated figures as a distribution's table; others unchanged.

    A range is a list of two: [low, high].
    """
    if is_number(value):
        return {"distribution": "constant", "value": value}
    if isinstance(value, list | tuple) and len(value) == 2 and all(map(is_number, value)):
        return stated({"low": value[0], "high": value[1]})
    if isinstance(value, Mapping) and value and all(is_stated(str(key)) for key in value):
        return stated(value) or value
    return value


_LEADING = re.compile(r"^\s*(?:\(?\d+\)?)\s*[-–—:.)/]+\s*")
_TRAILING = re.compile(r"\s*[-–—:(/]+\s*\d+\)?\s*$")


def band(word: str, bands: Mapping[str, Any]) -> Any:
    """Return what a word of a table of bands stands for; None where the table has no such word.

    Letter case, spaces and a number before or after the word are overlooked: "4 - Likely",
    "likely" and "Likely (4)" are one. A table that lists the whole text, or the number itself
    ("4" = 0.6), comes first.
    """
    plain = {_folded(key): value for key, value in bands.items()}
    for text in (word, _LEADING.sub("", word), _TRAILING.sub("", word)):
        if _folded(text) in plain:
            return plain[_folded(text)]
    number = re.match(r"\s*\(?(\d+)", word)
    return plain.get(number.group(1)) if number else None


def _folded(text: str) -> str:
    return " ".join(str(text).split()).casefold()
