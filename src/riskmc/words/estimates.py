"""Estimates of a dataset in words: levels and changes, each printed in one way everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from riskmc.words.rounding import format_estimate, units_word

#: What is known of one number: the columns of a dataset, each behind the same prefix.
FIELDS = ("value", "mcse", "low", "high", "bound", "units", "impossible")
#: Types of these columns.
TYPES: Mapping[str, type] = {
    **dict.fromkeys(FIELDS, float),
    "bound": bool,
    "units": int,
    "impossible": bool,
}


class Columns(Protocol):
    """Something that has columns by name: a dataset, a mapping."""

    def __getitem__(self, name: str, /) -> Any:
        """Return a column."""
        ...


def estimate_text(one: Columns, prefix: str = "", *, unit: str, scheme: str = "mc") -> str:
    """Return a level (no prefix) or a change as printed, with its simulation error.

    Parameters
    ----------
    one : mapping of str to number
        `value`, `mcse`, `bound`, `units` and `impossible`, each behind the prefix.
    prefix : str
        Such as "change_"; with one it is a difference.
    unit : str
        "probability", or that of money.
    scheme : str
        How futures were sampled, which says what the units of a bound are.

    Examples
    --------
    >>> never = {"value": 0.0, "mcse": 0.0, "bound": False, "units": 99, "impossible": True}
    >>> estimate_text(never, unit="probability")
    'cannot happen'
    """
    return format_estimate(
        float(one[f"{prefix}value"]),
        float(one[f"{prefix}mcse"]),
        style="percent" if unit == "probability" else "money",
        bound=bool(one[f"{prefix}bound"]),
        units=int(one[f"{prefix}units"]),
        what=units_word(scheme),
        difference=bool(prefix),
        impossible=bool(one[f"{prefix}impossible"]),
    )
