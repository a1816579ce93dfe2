"""The keys `p1` to `p99`, by which a table states percentiles."""

from __future__ import annotations

import re

MEANING = "value that so many in 100 lie below: p10, p50, p90, or any from p1 to p99"
#: How messages list these keys among others.
LISTED = "p1 to p99"
PATTERN = "^p[1-9][0-9]?$"
_KEY = re.compile(PATTERN)


def is_percentile(key: str) -> bool:
    """Say whether a key is a percentile: p1 to p99.

    Parameters
    ----------
    key : str
        A key of a distribution's table.

    Returns
    -------
    bool
        True for p1 to p99.
    """
    return _KEY.fullmatch(key) is not None
