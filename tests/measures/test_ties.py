"""What is said of percentiles where futures tie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmc.statistics.ties import Standing, standing
from riskmc.words.ties import percentile_sentence, range_sentence, share_in_words


def test_a_register_of_one_rare_risk_is_nothing_in_77_of_100() -> None:
    """Would catch "P50: exceeded in 50 of 100" of a value that most futures share."""
    costs = np.array([0.0] * 774 + [5.0] * 226)
    where = standing(costs, low=float(np.median(costs)))
    assert where == Standing(0, 774, 226)
    assert percentile_sentence(where) == (
        "exceeded in 23 of 100 futures; 77 of 100 are exactly this; none is less"
    )


def test_without_ties_a_percentile_is_only_exceeded() -> None:
    """Would catch talk of ties where there are none."""
    costs = np.arange(1000.0)
    assert percentile_sentence(standing(costs, low=899.0)) == "exceeded in 10 of 100 futures"


def test_a_range_counts_its_own_futures() -> None:
    """Would catch "in 10 less, in 10 more" taken from the percentiles that bound the range."""
    costs = np.array([0.0] * 95 + [6.0] * 5)
    words = range_sentence(standing(costs, low=0.0, high=5.0), what="nothing to £5m")
    assert words == "nothing to £5m in 95 of 100 futures; less in none; more in 5 of 100"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "none"),
        (1, "fewer than 1 of 100"),
        (49, "fewer than 1 of 100"),
        (9_951, "more than 99 of 100"),
        (9_999, "more than 99 of 100"),
        (10_000, "all"),
        (2_300, "23 of 100"),
    ],
)
def test_never_none_for_a_few_nor_all_for_nearly_all(count: int, words: str) -> None:
    """Would catch 99.85 % printed as 100 %, and 3 of 10,000 printed as 0."""
    assert share_in_words(count, 10_000) == words


def test_amounts_apart_by_rounding_are_tied_and_nan_is_left_out() -> None:
    """Would catch a tie missed for the last bit of a sum."""
    x = np.array([0.1 + 0.2, 0.3, np.nan, 1.0])
    assert standing(x, low=0.3) == Standing(0, 2, 1)
    assert standing(x, low=0.3, valid=np.array([True, False, True, True])) == Standing(0, 1, 1)
    with pytest.raises(ValueError, match="no future"):
        standing(np.array([np.nan]), low=0.0)


@given(st.tuples(*[st.integers(0, 10_000)] * 3).filter(any))
def test_counts_of_100_add_up(counts: tuple[int, int, int]) -> None:
    """Would catch three shares that add up to 99 or 101."""
    where = Standing(*counts)
    of_100 = where.of_100()
    assert sum(of_100) == 100
    for count, whole in zip(counts, of_100, strict=True):
        assert abs(whole - 100 * count / where.total) < 1.0
