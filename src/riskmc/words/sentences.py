"""Sentences whose parts are numbers: of chances, of ranges, of nothing at all."""

from __future__ import annotations

from riskmc.words.board import count

#: Draws from which an event that was never seen may be called rare.
ENOUGH = 3000


def never_seen(draws: int) -> str:
    """Return what may be said of an event that no future has.

    Three in `draws` is the 95 % bound; below it may be stated as one round number in so many.

    >>> never_seen(20_000)
    'None seen in 20,000 futures: fewer than 1 in 1,000'
    >>> never_seen(16)
    'Too few futures to say: none seen in 16'
    """
    if draws < ENOUGH:
        return f"Too few futures to say: none seen in {draws:,}"
    return f"None seen in {draws:,} futures: fewer than 1 in 1,000"


def against(first: float, second: float) -> str:
    """Return two chances of 100 side by side.

    >>> against(0.34, 0.52), against(0.001, 0.16), against(1.0, 0.0)
    ('34 against 52 of 100', 'fewer than 1 against 16 of 100', 'all against none')
    """
    said = f"{count(first)} against {count(second)}"
    counted = any(letter.isdigit() for letter in count(second))
    return f"{said} of 100" if counted else said
