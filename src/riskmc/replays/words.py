"""Figures as a story prints them."""

from __future__ import annotations

import math

# fmt: off
_MONTHS = (
    "April", "May", "June", "July", "August", "September",
    "October", "November", "December", "January", "February", "March",
)
# fmt: on
def pounds(amount: float) -> str:
    """Return money in £m as text: two decimals below £10m, one above; no sign.

    >>> pounds(-12.34), pounds(0.5), pounds(0.0001), pounds(0.0)
    ('£12.3m', '£0.50m', 'under £0.01m', '£0.00m')
    """
    if not math.isfinite(amount):
        return "not finite"
    size = abs(amount)
    if 0.0 < size < 0.005:
        return "under £0.01m"
    return f"£{size:,.2f}m" if size < 9.995 else f"£{size:,.1f}m"


def percent(share: float) -> str:
    """Return a fraction as per cent: one decimal, two below 1 %; its sign left out.

    >>> percent(0.031), percent(-0.0042)
    ('3.1 %', '0.42 %')
    """
    if not math.isfinite(share):
        return "not finite"
    size = abs(100.0 * share)
    return f"{size:.2f} %" if 0.0 < size < 0.995 else f"{size:.1f} %"


def against(value: float, expected: float) -> str:
    """Return how far a rate lies from what was expected, in points.

    >>> against(0.031, 0.02), against(0.02, 0.02)
    ('1.1 points more than the 2.0 % planners expected', 'the 2.0 % planners expected')
    """
    points = 100.0 * (value - expected)
    stated = f"the {signed(expected)} planners expected"
    if not math.isfinite(points) or abs(points) < 0.05:
        return stated
    return f"{abs(points):.1f} points {'more' if points > 0.0 else 'less'} than {stated}"


def signed(share: float) -> str:
    """Return a fraction as per cent, a negative one with the word minus."""
    return f"{'minus ' if share < 0.0 else ''}{percent(share)}"


def month(recognition: float) -> str:
    """Return the month in which a share of the year has gone, 0 being April.

    >>> month(0.0), month(0.5), month(1.0)
    ('April', 'October', 'March')
    """
    if not math.isfinite(recognition):
        return "a month that is not finite"
    return _MONTHS[min(max(int(12.0 * recognition), 0), 11)]


def listed(names: list[str]) -> str:
    """Return names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
