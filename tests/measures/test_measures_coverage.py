"""The errors are right: reported over true, and cover of 95 % intervals, by scheme."""

from __future__ import annotations

import math

import pytest
from measures_coverage import coverage_study

from riskmc.statistics.estimates import SCHEMES

REPEATS = 400
#: Schemes whose points are put in random order: minutes for so many repeats.
SLOW = ("lhs", "sobol")


@pytest.mark.slow
@pytest.mark.parametrize(
    "scheme",
    [
        pytest.param(scheme, marks=[pytest.mark.nightly] if scheme in SLOW else [])
        for scheme in SCHEMES
    ],
)
def test_errors_and_cover(scheme: str) -> None:
    """Would catch the error of independent draws on Sobol points, or a wrong t.

    The claim is a ratio of 0.9 to 1.1 and a cover of 93 to 97 %; 400 repeats blur them by
    1 / sqrt(800) and sqrt(0.05 * 0.95 / 400), of which 3 are allowed for. The bias is known to
    1 / sqrt(400) of an error.
    """
    blur, slack = 3.0 / math.sqrt(2.0 * REPEATS), 3.0 * math.sqrt(0.05 * 0.95 / REPEATS)
    rows = coverage_study(schemes=(scheme,), repeats=REPEATS)
    assert len(rows) == 20
    for row in rows:
        assert 0.9 * (1.0 - blur) < row.ratio < 1.1 * (1.0 + blur), row
        assert 0.93 - slack < row.cover < min(0.97 + slack, 1.0), row
        assert abs(row.bias) < 4.0 / math.sqrt(REPEATS) + 0.1, row
