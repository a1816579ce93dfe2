"""Statements from numbers: rounding, error, zero events, ties, both framings."""

from __future__ import annotations

import doctest
import math

import pytest

from riskmc.statistics.estimates import Single
from riskmc.words import report_text
from riskmc.words.report_text import (
    PHIA,
    Event,
    better_or_worse,
    chance_difference_text,
    chance_item,
    chance_sentence,
    chance_text,
    chance_verdict,
    likelihood_text,
    money_verdict,
    overspend,
    overspend_span,
    points_apart,
    short_count,
    year_end,
    year_start,
    years_words,
)

RESCUE = Event("the place", "needs a rescue", "need a rescue")
NEVER = Single(0.0, math.nan, 0.0, 3 / 5000, True, 5000)
ALWAYS = Single(1.0, math.nan, 1 - 3 / 5000, 1.0, True, 5000)
UNKNOWN = Single(math.nan, math.nan, math.nan, math.nan, False, 0)


def chance(value: float, half: float) -> Single:
    """A chance whose 95 % interval is `half` to either side."""
    return Single(value, half / 1.96, value - half, value + half, False, 5000)


def sentence(estimate: Single, *, likelihood: bool = False) -> str:
    return chance_sentence(estimate, RESCUE, draws=5000, likelihood=likelihood)


def test_docstrings_hold() -> None:
    """Would catch an example in a docstring that is not what the function says."""
    assert doctest.testmod(report_text).failed == 0


def test_both_framings_with_error() -> None:
    """Would catch a one-sided statement, or one without its error."""
    assert sentence(chance(0.174, 0.006)) == (
        "In 17 of 100 simulated futures the place needs a rescue; in 83 it does not "
        "(simulation error less than ±1)."
    )
    assert "simulation error ±1)" in sentence(chance(0.17, 0.0099))


def test_a_wide_error_is_said() -> None:
    """Would catch "17 of 100" where the error spans 10 to 24."""
    text = sentence(chance(0.17, 0.07))
    assert text.startswith("In 10 to 24 of 100 (best estimate 17) simulated futures")
    assert "in 76 to 90 it does not" in text
    assert "the range is simulation error, 95 %" in text
    assert short_count(chance(0.17, 0.07)) == "10 to 24 of 100"
    assert chance_text(chance(0.17, 0.07)).startswith("10 to 24 of 100 ±")


def test_zero_events_are_a_bound() -> None:
    """Would catch "0 of 100" for what merely was not seen."""
    assert sentence(NEVER) == (
        "In none of the 5,000 simulated futures does the place need a rescue; in all of them it "
        "does not (as a chance: fewer than 3 in 5,000 (95 %))."
    )
    assert sentence(ALWAYS) == (
        "In every one of the 5,000 simulated futures the place needs a rescue; there is none in "
        "which it does not (as a chance: all but fewer than 3 in 5,000 (95 %))."
    )
    assert chance_item(NEVER, draws=5000) == (
        "yes in none, no in all 5,000 (fewer than 3 in 5,000 (95 %))"
    )
    assert (short_count(NEVER), short_count(ALWAYS)) == ("none", "every one")


def test_chains_are_named_where_they_are_the_units() -> None:
    """Would catch "fewer than 3 in 16" read as futures where the units are chains."""
    few = NEVER._replace(units=64)
    assert "fewer than 3 in 64 chains (95 %)" in chance_sentence(
        few, RESCUE, draws=65536, what="chains"
    )


def test_rare_events_are_fewer_than_one() -> None:
    """Would catch 0.3 % shown as 0 of 100, or 99.8 % as 100 of 100."""
    rare = sentence(chance(0.003, 0.0002))
    assert rare.startswith("In fewer than 1 of 100 (about 3 of 1,000) simulated futures")
    assert "in more than 99 it does not" in rare
    sure = sentence(chance(0.998, 0.0015))
    assert sure.startswith("In more than 99 of 100 simulated futures")
    assert "in fewer than 1 it does not" in sure


def test_what_cannot_be_told_is_said() -> None:
    """Would catch "nan of 100"."""
    assert sentence(UNKNOWN) == "Whether the place needs a rescue cannot be said."
    assert chance_item(UNKNOWN, draws=5000) == "not applicable"
    assert chance_text(UNKNOWN) == "not applicable"


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (0.0, "remote chance"),
        (0.05, "remote chance"),
        (0.07, "remote chance"),
        (0.08, "highly unlikely"),
        (0.17, "highly unlikely"),
        (0.30, "unlikely"),
        (0.45, "realistic possibility"),
        (0.50, "realistic possibility"),
        (0.54, "likely"),
        (0.65, "likely"),
        (0.85, "highly likely"),
        (0.96, "almost certain"),
        (1.0, "almost certain"),
    ],
)
def test_likelihood_words(value: float, word: str) -> None:
    """Would catch a word of another band, or of a gap taken from the farther side."""
    assert likelihood_text(chance(value, 0.001)) == f"“{word}” on the PHIA yardstick"


def test_likelihood_words_stand_behind_numbers_and_go_away() -> None:
    """Would catch a word without its number, or one that cannot be switched off."""
    text = sentence(chance(0.174, 0.006), likelihood=True)
    assert text.index("17 of 100") < text.index("“highly unlikely”")
    plain = sentence(chance(0.174, 0.006))
    assert not any(f"“{word}”" in plain for word, _, _ in PHIA)


def test_a_range_may_span_words() -> None:
    """Would catch a single word where the error spans several."""
    assert likelihood_text(chance(0.5, 0.1)) == (
        "“realistic possibility” to “likely” on the PHIA yardstick"
    )


def test_adverse_is_in_brackets_and_in_words() -> None:
    """Would catch a deficit shown without its sign convention."""
    assert overspend(12.0) == "(£12m) overspend"
    assert overspend(-12.0) == "£12m underspend"
    assert overspend(0.0) == "no overspend"
    low, high = (Single(v, 0.1, v, v, False, 9) for v in (0.0, 2400.0))
    assert overspend_span(low, high) == "no overspend to (£2.40bn) overspend"
    assert overspend_span(low, low) == "no overspend"
    assert overspend_span(high, high) == "about (£2.40bn) overspend"


def difference(value: float, half: float) -> Single:
    return Single(value, half / 1.96, value - half, value + half, False, 5000)


def test_regimes_that_cannot_be_told_apart() -> None:
    """Would catch a winner called inside the error."""
    same = difference(-0.004, 0.006)
    text = chance_verdict(same, this="A", that="B", event="A rescue")
    assert text == "A rescue: A and B cannot be told apart by these futures."
    text = money_verdict(difference(3.0, 4.0), this="A", that="B", noun="need", better="lower")
    assert text == "A and B cannot be told apart by need."
    assert better_or_worse(same, "lower") == "cannot be told apart"
    assert better_or_worse(difference(0.0, 0.0), "lower") == "the same"


def test_verdicts_name_the_better_side() -> None:
    """Would catch better and worse changed round."""
    assert better_or_worse(difference(-3.0, 1.0), "lower") == "better"
    assert better_or_worse(difference(-3.0, 1.0), "higher") == "worse"
    assert better_or_worse(difference(-3.0, 1.0), "neither") == "lower"
    text = chance_verdict(difference(-0.5, 0.004), this="A", that="B", event="A rescue")
    assert text == "A rescue comes less often under A than under B, by 50 of 100 futures."
    text = chance_verdict(difference(0.5, 0.004), this="A", that="B", event="A rescue")
    assert "more often under A" in text
    worse = money_verdict(difference(12.0, 0.2), this="A", that="B", noun="need", better="lower")
    assert worse.endswith("£12m higher than under B: (£12m) worse.")


def test_differences_of_chances_keep_their_error() -> None:
    """Would catch a difference printed closer than its interval, or "-0"."""
    assert points_apart(difference(-0.40, 0.05)) == "35 to 45 of 100 futures"
    assert chance_difference_text(difference(-0.40, 0.004)) == "40 fewer ±0.3"
    assert chance_difference_text(difference(0.40, 0.004)) == "40 more ±0.3"
    assert chance_difference_text(NEVER) == "no difference"
    assert points_apart(difference(0.01, 0.05)) == "0 to 6 of 100 futures"


def test_years_in_words() -> None:
    """Would catch a century lost at its turn."""
    assert year_end("1999/00") == "March 2000"
    assert year_start("2016/17") == "April 2016"
    assert years_words(("2016/17",)) == "the year 2016/17"
