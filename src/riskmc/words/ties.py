"""What may be said of a percentile or a range: from counts of futures, not from its own p."""

from __future__ import annotations

from riskmc.statistics.ties import Standing


def share_in_words(count: int, total: int) -> str:
    """Return "none", "fewer than 1 of 100", "23 of 100", "more than 99 of 100" or "all".

    "none" and "all" are said only where the count is 0 or everything: of the futures drawn, so
    it is for the caller to add that unseen is not impossible.
    """
    if count == 0:
        return "none"
    if count == total:
        return "all"
    whole = round(100.0 * count / total)
    if whole < 1:
        return "fewer than 1 of 100"
    return "more than 99 of 100" if whole > 99 else f"{whole} of 100"


def percentile_sentence(where: Standing) -> str:
    """Return what a percentile's value is: how many futures lie above it, and how many are at it.

    Without ties only what lies above is said: "exceeded in 10 of 100 futures". With ties (more
    than 1 of 100 futures share the value): "exceeded in 23 of 100 futures; 77 of 100 are exactly
    this; none is less".
    """
    more = f"exceeded in {share_in_words(where.above, where.total)} of the futures"
    if where.above not in (0, where.total):
        more = f"exceeded in {share_in_words(where.above, where.total)} futures"
    if 100 * where.at <= where.total:
        return more
    at, less = (share_in_words(count, where.total) for count in (where.at, where.below))
    are = "is" if at == "none" else "are"
    return f"{more}; {at} {are} exactly this; {less} {'is' if less == 'none' else 'are'} less"


def range_sentence(where: Standing, *, what: str) -> str:
    """Return "WHAT in 80 of 100 futures; less in 10 of 100; more in 10 of 100", counted."""
    within, less, more = (
        share_in_words(count, where.total) for count in (where.at, where.below, where.above)
    )
    return f"{what} in {within} futures; less in {less}; more in {more}"
