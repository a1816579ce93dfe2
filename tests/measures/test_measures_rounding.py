"""Digits: the last one printed exceeds two standard errors, and never a bare "0 ± 0"."""

from __future__ import annotations

import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from riskmc.words import rounding
from riskmc.words.rounding import digits, format_error, format_estimate, format_value

SIZES = some.floats(min_value=1e-9, max_value=1e6)


@given(value=some.floats(-1e6, 1e6), mcse=SIZES)
def test_last_digit_exceeds_two_errors(value: float, mcse: float) -> None:
    """Would catch a digit too many (10^-d <= 2 mcse) or one too few."""
    d = digits(value, mcse)
    assert abs(round(value, d) - value) <= 2.0 * mcse * (1.0 + 1e-9) + 1e-9 * abs(value)
    assert 10.0 ** -(d + 1) <= 2.0 * mcse
    if 10.0**-d <= 2.0 * mcse:  # one digit more, since without it the number would be another
        assert abs(round(value, d - 1) - value) > 2.0 * mcse


@given(mcse=SIZES)
def test_errors_are_never_made_to_look_smaller(mcse: float) -> None:
    """Would catch rounding an error down; it stays below twice itself."""
    shown = float(format_error(mcse).replace(",", ""))
    assert mcse * (1.0 - 1e-6) <= shown <= 2.0 * mcse * (1.0 + 1e-6)


@pytest.mark.parametrize(
    ("value", "mcse", "options", "text"),
    [
        (1234.5, 7.0, {}, "1,230 ±7"),
        (2.68, 0.51, {}, "3 ±0.6"),
        (17.318, 0.04, {}, "17.3 ±0.04"),
        (17.0, 0.0, {}, "17.00"),
        (-3.21, 0.04, {"difference": True}, "-3.2 ±0.04"),
        (3.21, 0.04, {"difference": True}, "+3.2 ±0.04"),
        (3.21, 0.04, {"difference": True, "adverse": True}, "(3.2) ±0.04"),
        (0.001, 0.4, {}, "0 ±0.4"),
        (-0.001, 0.4, {"difference": True, "adverse": True}, "0 ±0.4"),
        (0.17, 0.004, {"style": "percent"}, "17 % ±0.4"),
        (0.17, 0.004, {"style": "percent", "difference": True}, "+17 points ±0.4"),
        (math.nan, math.nan, {}, "not applicable"),
        (0.0, math.nan, {"bound": True, "units": 500}, "none in 500"),
        (
            0.0,
            math.nan,
            {"bound": True, "units": 500, "style": "percent"},
            "fewer than 3 in 500 (95 %)",
        ),
        (
            1.0,
            math.nan,
            {"bound": True, "units": 98, "style": "percent", "what": "chains"},
            "all but fewer than 3 in 98 chains (95 %)",
        ),
        (
            0.0,
            math.nan,
            {"bound": True, "units": 500, "style": "percent", "difference": True},
            "no difference in 500",
        ),
        (
            0.0,
            math.nan,
            {"bound": True, "units": 2, "style": "percent"},
            "too few draws to say (2)",
        ),
    ],
)
def test_texts(value: float, mcse: float, options: dict[str, object], text: str) -> None:
    """Would catch a change of wording, a lost sign, or "0 ± 0"."""
    assert format_estimate(value, mcse, **options) == text  # type: ignore[arg-type]


def test_small_errors_do_not_print_endless_decimals() -> None:
    """Would catch pounds and pence of a pence: money in £m stops at two decimals."""
    assert format_value(12.3456789, 1e-9) == "12.35"


def test_doctests() -> None:
    """Would catch an example in a docstring that is no longer true."""
    assert doctest.testmod(rounding).failed == 0


def test_nearly_certain_is_not_certain() -> None:
    """Would catch 99.85 % printed "100 % ±0.09", or 0.04 % as "0 %"."""
    assert format_estimate(0.9985, 0.0009, style="percent") == "99.9 % ±0.09"
    assert format_estimate(0.0004, 0.0003, style="percent") == "0.04 % ±0.03"
    assert format_value(0.99996, 0.00004, style="percent") == "over 99.99 %"
    assert format_value(0.00004, 0.00004, style="percent") == "under 0.01 %"
    assert format_value(1.0, 0.0, style="percent") == "100.0 %"
