"""What cells say, however they are written, and what is refused of them."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmc.inputs import amount, chance, is_missing, plain_number
from riskmc.inputs.cells import unit_of
from riskmc.inputs.faults import letters


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1.2", 1.2),
        (" 1,234.5 ", 1234.5),
        ("1,250,000", 1_250_000.0),
        ("(0.012)", -0.012),
        ("300-", -300.0),
        ("\u2212 0.02", -0.02),
        ("\u00a00.02", 0.02),
        ("-£1.2m", -1_200_000.0),
        ("£(1.2)m", None),
        ("1.2%", 0.012),
        ("-0.3 %", -0.003),
        ("1e-3", 0.001),
        ("+4", 4.0),
        (7, 7.0),
        (0.5, 0.5),
        ("0,012", None),
        ("1,5", None),
        ("1.234,5", None),
        ("12,34,567", None),
        ("0,123", None),
        ("inf", None),
        (float("nan"), None),
        (True, None),
        (datetime.date(2026, 4, 1), None),
        ("50% x", None),
        ("about 3", None),
    ],
)
def test_numbers_as_they_are_written(cell: Any, value: float | None) -> None:
    """Would catch a comma, bracket, dash or per cent misread: each is another number."""
    found = plain_number(cell)
    assert found.value == (None if value is None else pytest.approx(value, rel=1e-12))
    assert bool(found.fault) is (value is None)


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [
        ("4,100", "£000", 4.1),
        ("£8.4m", "£000", 8.4),
        ("300k", None, 0.3),
        ("1250000", "£", 1.25),
        ("2.5", None, 2.5),
        ("£2bn", "£m", 2000.0),
        ("50%", "£000", None),
    ],
)
def test_amounts_by_their_unit(cell: str, unit: str | None, value: float | None) -> None:
    """Would catch thousands read as millions, or a share read as an amount."""
    found = amount(cell, unit)
    assert found.value == (None if value is None else pytest.approx(value, rel=1e-12))


@pytest.mark.parametrize(
    ("cell", "value"),
    [("20%", 0.2), (0.2, 0.2), ("1 in 20", 0.05), ("1:100", 0.01), ("100%", 1.0)]
    + [(cell, None) for cell in (20, "20", "0", "-5%", "£2", "150%", "1 in 0.5")],
)
def test_chances(cell: Any, value: float | None) -> None:
    """Would catch 20 taken for a certainty, or a score of 4 for a chance."""
    found = chance(cell)
    assert found.value == (None if value is None else pytest.approx(value, rel=1e-12))


def test_units_of_headings_and_marks_of_what_is_missing() -> None:
    """Would catch "£000" found in no heading, or [x] read as a fault."""
    assert [unit_of(t) for t in ("Impact £000", "Cost (£m)", "Impact (£)", "Impact", "£'000")] == [
        "£000",
        "£m",
        "£",
        None,
        "£000",
    ]
    assert all(map(is_missing, ("", None, " [x] ", "n/a", "..", "–", "[c]")))
    assert not any(map(is_missing, (0, "0", "x", "nil")))
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@given(st.floats(-1e9, 1e9).map(lambda x: round(x, 4)))
def test_every_way_of_writing_a_number_is_the_number(x: float) -> None:
    """Would catch a sign lost in brackets, or digits lost between commas."""
    for text in (f"{x:.4f}", f"{x:,.4f}", f"{x:,.4f}".replace("-", "\u2212"), f" {x!r} "):
        assert plain_number(text).value == pytest.approx(x, rel=1e-12)
    assert plain_number(f"({abs(x):,.4f})").value == pytest.approx(-abs(x), rel=1e-12)


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Would catch a traceback for a cell that nobody thought of."""
    for read in (plain_number, chance, lambda cell: amount(cell, "£000")):
        found = read(text)
        assert (found.value is None) is bool(found.fault)
        assert found.value is None or math.isfinite(found.value)
