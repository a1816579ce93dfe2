"""Statistics against closed forms, brute force and SciPy; errors by scheme."""

from __future__ import annotations

import math

import numpy as np
import pytest
from measures_trees import within
from scipy import stats

from riskmc.statistics import estimators as st
from riskmc.statistics.estimates import SCHEMES

CHAINS, PER = 16, 1024


def normals(rng: np.random.Generator, *leading: int) -> np.ndarray:
    return rng.standard_normal((*leading, CHAINS, PER))


def test_gaussian_statistics_meet_closed_forms(rng: np.random.Generator) -> None:
    """Would catch a wrong formula of any statistic; 4 of its own standard errors (1 in 16,000)."""
    x = 3.0 + 2.0 * normals(rng)
    q = stats.norm.ppf(0.95)
    cases = [
        (st.mean(x, scheme="mc"), 3.0),
        (st.standard_deviation(x, scheme="mc"), 2.0),
        (st.quantile(x, p=0.95, scheme="mc"), 3.0 + 2.0 * q),
        (st.expected_shortfall(x, p=0.95, scheme="mc"), 3.0 + 2.0 * stats.norm.pdf(q) / 0.05),
        (st.probability(x > 4.0, scheme="mc"), stats.norm.sf(0.5)),
    ]
    for estimate, truth in cases:
        assert within(estimate.value, truth, estimate.mcse)
        assert not within(estimate.value, truth + 20.0 * float(estimate.mcse), estimate.mcse)
        assert estimate.low < estimate.value < estimate.high


def test_exponential_tail(rng: np.random.Generator) -> None:
    """Would catch a tail mean that forgets the part above the quantile: ES = q + 1."""
    x = rng.exponential(size=(CHAINS, PER))
    for p in (0.5, 0.95, 0.99):
        quantile = st.quantile(x, p=p, scheme="mc")
        assert within(quantile.value, -math.log(1.0 - p), quantile.mcse)
        tail = st.expected_shortfall(x, p=p, scheme="mc")
        assert within(tail.value, 1.0 - math.log(1.0 - p), tail.mcse)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_expected_shortfall_is_right_at_an_atom(scheme: str) -> None:
    """Would catch a mean over x >= q where most futures are 0: 2 % at 10 has ES95 = 4."""
    x = np.zeros(10_000)
    x[:200] = 10.0
    found = st.expected_shortfall(x[::-1].reshape(16, 625), p=0.95, scheme=scheme)
    assert found.value == pytest.approx(10.0 * 0.02 / 0.05, abs=1e-12)
    half = np.where(np.arange(1000) < 100, 7.0, 1.0).reshape(10, 100)
    found = st.expected_shortfall(half, p=0.85, scheme=scheme)
    assert found.value == pytest.approx((0.10 * 7.0 + 0.05 * 1.0) / 0.15, abs=1e-12)


def test_the_draw_that_counts_in_part() -> None:
    """Would catch a rounded tail: of 10 draws at p = 0.75, 2.5 count. n is too small for it,
    so the tiling keeps the shares."""
    x = np.tile(np.arange(10.0), 10).reshape(4, 25)
    found = st.expected_shortfall(x, p=0.75, scheme="mc")
    assert found.value == pytest.approx((9.0 + 8.0 + 0.5 * 7.0) / 2.5, abs=1e-12)


def test_errors_of_independent_draws(rng: np.random.Generator) -> None:
    """Would catch an error taken between chains where draws are independent."""
    x = normals(rng)
    found = st.mean(x, scheme="mc")
    assert found.mcse == pytest.approx(x.std(ddof=1) / math.sqrt(x.size), rel=1e-12)
    assert found.units == x.size
    event = x > 1.0
    p = event.mean()
    chance = st.probability(event, scheme="mc")
    assert chance.mcse == pytest.approx(math.sqrt(p * (1 - p) / x.size), rel=1e-12)
    wilson = stats.binomtest(int(event.sum()), event.size).proportion_ci(method="wilson")
    assert (float(chance.low), float(chance.high)) == pytest.approx(tuple(wilson), rel=1e-9)


def test_antithetic_errors_come_from_pairs(rng: np.random.Generator) -> None:
    """Would catch the error of independent draws, several times too large here."""
    z = rng.standard_normal(CHAINS * PER // 2)
    x = np.stack([z, -z], axis=1).reshape(CHAINS, PER)
    y = x + 0.1 * x**2
    found = st.mean(y, scheme="antithetic")
    pairs = y.reshape(-1, 2).mean(axis=1)
    assert found.mcse == pytest.approx(pairs.std(ddof=1) / math.sqrt(pairs.size), rel=1e-12)
    assert found.mcse < 0.2 * st.mean(y, scheme="mc").mcse
    assert found.units == pairs.size
    assert within(found.value, 0.1, found.mcse)


@pytest.mark.parametrize("scheme", ["lhs", "sobol"])
def test_chain_errors_use_students_t(scheme: str, rng: np.random.Generator) -> None:
    """Would catch draws taken as independent, or a normal quantile for 16 chains."""
    x = normals(rng) + rng.standard_normal((CHAINS, 1))
    means = x.mean(axis=1)
    error = means.std(ddof=1) / 4.0
    found = st.mean(x, scheme=scheme)
    assert found.mcse == pytest.approx(error, rel=1e-12)
    reach = stats.t.ppf(0.975, 15) * error
    assert found.high - found.low == pytest.approx(2.0 * reach, rel=0.1)  # but for skewness
    assert found.units == CHAINS


@pytest.mark.parametrize(
    ("scheme", "units"), [("mc", 1600), ("antithetic", 800), ("lhs", 16), ("sobol", 16)]
)
def test_nothing_happened_is_a_bound(scheme: str, units: int) -> None:
    """Would catch "0 +- 0": no standard error, and an upper end of 3 in n units."""
    never = st.probability(np.zeros((16, 100), dtype=bool), scheme=scheme)
    assert never.bound
    assert math.isnan(never.mcse)
    assert (never.value, never.low) == (0.0, 0.0)
    assert never.high == pytest.approx(3.0 / units)
    always = st.probability(np.ones((16, 100), dtype=bool), scheme=scheme)
    assert always.bound
    assert (always.value, always.high) == (1.0, 1.0)
    assert always.low == pytest.approx(1.0 - 3.0 / units)
    money = st.mean(np.zeros((16, 100)), scheme=scheme)
    assert money.bound
    assert math.isnan(money.mcse)


def test_a_constant_amount_is_exact() -> None:
    """Would catch rounding noise printed as simulation error: every draw is the same."""
    found = st.mean(np.full((16, 999), 0.1), scheme="mc")
    assert found.value == pytest.approx(0.1)
    assert (found.mcse, found.bound) == (0.0, False)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_paired_differences(scheme: str, rng: np.random.Generator) -> None:
    """Would catch the error of unpaired samples, and differences that are not a less b."""
    common = normals(rng)
    a, b = common + 0.1 * normals(rng), common - 1.0
    found = st.mean(a, scheme=scheme, against=b)
    assert found.value == pytest.approx((a - b).mean())
    assert found.mcse < 0.25 * st.mean(a, scheme=scheme).mcse
    assert st.mean(a, scheme=scheme, against=a).value == 0.0
    chance = st.probability(a > 0.0, scheme=scheme, against=b > 0.0)
    assert chance.value == pytest.approx((a > 0.0).mean() - (b > 0.0).mean())
    same = st.probability(a > 0.0, scheme=scheme, against=a > 0.0)
    assert same.value == 0.0
    assert same.bound
    assert -same.low == same.high > 0.0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_quantile_differences_allow_for_the_pairing(scheme: str, rng: np.random.Generator) -> None:
    """Would catch errors added as if the two quantiles were of different futures."""
    a = normals(rng)
    shifted = st.quantile(a + 1.0, p=0.95, scheme=scheme, against=a)
    assert shifted.value == pytest.approx(1.0)
    assert shifted.mcse == pytest.approx(0.0, abs=1e-9)
    other = normals(rng)
    apart = st.quantile(a, p=0.9, scheme=scheme, against=other)
    alone = st.quantile(a, p=0.9, scheme=scheme)
    assert 1.0 < apart.mcse / alone.mcse < 2.2
    tails = st.expected_shortfall(a + 1.0, p=0.95, scheme=scheme, against=a)
    assert tails.value == pytest.approx(1.0)
    assert tails.mcse == pytest.approx(0.0, abs=1e-9)


def test_quantiles_are_numpys(rng: np.random.Generator) -> None:
    """Would catch an off-by-one of ranks, at any probability and for several at once."""
    x = normals(rng, 3)
    ps = (0.01, 0.25, 0.5, 0.95, 0.99)
    found = st.quantile(x, p=ps, scheme="mc")
    expected = np.quantile(x.reshape(3, -1), ps, axis=1).T
    np.testing.assert_allclose(found.value, expected, rtol=1e-12)
    assert found.value.shape == (3, 5)
    for scheme in ("antithetic", "lhs"):
        other = st.quantile(x, p=ps, scheme=scheme)
        np.testing.assert_allclose(other.value, expected, rtol=1e-12)


def test_a_quantile_of_zeros_of_either_sign_has_none() -> None:
    """Zeros of either sign tie, so where sorting puts them is the machine's: no -0 may be seen."""
    x = np.concatenate([np.full(400, -1.0), np.full(400, -0.0), np.zeros(400)])
    found = st.quantile(x.reshape(1, -1), p=0.5, scheme="mc")
    assert not any(np.signbit((found.value, found.low, found.high)))


def test_quantile_intervals_are_order_statistics() -> None:
    """Would catch an interval with the wrong cover: checked against the binomial exactly."""
    n, p = 1000, 0.95
    found = st.quantile(np.arange(1.0, n + 1).reshape(10, 100), p=p, scheme="mc")
    low, high = int(found.low), int(found.high)
    cover = stats.binom.cdf(high - 1, n, p) - stats.binom.cdf(low - 1, n, p)
    assert 0.95 <= cover < 0.97
    assert stats.binom.cdf(low, n, p) > 0.025
    assert stats.binom.sf(high - 2, n, p) > 0.025


def test_maritz_jarrett_error_of_a_uniform() -> None:
    """Would catch a wrong density: the p-quantile of n uniforms has sd sqrt(p (1-p) / n)."""
    n, p = 10_000, 0.9
    grid = ((np.arange(n) + 0.5) / n).reshape(10, -1)
    found = st.quantile(grid, p=p, scheme="mc")
    assert found.mcse == pytest.approx(math.sqrt(p * (1 - p) / n), rel=0.01)


def test_too_few_draws_for_a_percentile() -> None:
    """Would catch a 99th percentile out of 100 draws; the interval must be able to hold it."""
    for p in (0.5, 0.05, 0.95, 0.99, 0.999):
        n = st.draws_for_quantile(p)
        assert max(p, 1 - p) ** n <= 0.025 < max(p, 1 - p) ** (n - 1)
    assert (st.draws_for_quantile(0.95), st.draws_for_quantile(0.99)) == (72, 368)
    assert st.enough_for_quantile(72, 0.95)
    assert not st.enough_for_quantile(71, 0.95)
    few = np.arange(320.0).reshape(16, 20)
    for scheme in SCHEMES:
        for function in (st.quantile, st.expected_shortfall):
            found = function(few, p=0.99, scheme=scheme)
            assert math.isnan(found.value)
            assert math.isnan(found.mcse)
    assert st.too_few_text(320, 0.99) == (
        "320 draws are too few for the 99th percentile: it takes 368"
    )
    assert st.too_few_text(400, 0.99) == ""
    with pytest.raises(ValueError, match="between 0 and 1"):
        st.quantile(few, p=1.0, scheme="mc")


def test_tail_error_over_chains_is_nearly_the_jackknife(rng: np.random.Generator) -> None:
    """Would catch the error of independent draws where chains are the units."""
    x = rng.exponential(size=(16, 1024)) + 0.5 * rng.standard_normal((16, 1))
    left_out = []
    for chain in range(16):
        rest = np.sort(np.delete(x, chain, axis=0).reshape(-1))[::-1]
        left_out.append(rest[: round(rest.size * 0.1)].mean())
    error = math.sqrt(15 / 16 * ((np.array(left_out) - np.mean(left_out)) ** 2).sum())
    found = st.expected_shortfall(x, p=0.9, scheme="sobol")
    assert found.mcse == pytest.approx(error, rel=0.1)
    assert found.mcse > 2.0 * st.expected_shortfall(x, p=0.9, scheme="mc").mcse


@pytest.mark.parametrize("scheme", SCHEMES)
def test_draws_that_are_not_finite_are_left_out(scheme: str, rng: np.random.Generator) -> None:
    """Would catch a NaN that spoils, or an infinity that counts: the rest is as if alone."""
    x = normals(rng)
    not_finite = x.copy()
    not_finite[3, 10], not_finite[7, 500], not_finite[7, 501] = np.nan, np.inf, -np.inf
    good = np.isfinite(not_finite)
    rest = x[good]
    assert st.mean(not_finite, scheme=scheme).value == pytest.approx(rest.mean())
    assert st.standard_deviation(not_finite, scheme=scheme).value == pytest.approx(rest.std(ddof=1))
    quantile = st.quantile(not_finite, p=0.9, scheme=scheme)
    assert quantile.value == pytest.approx(np.quantile(rest, 0.9))
    tail = st.expected_shortfall(not_finite, p=0.9, scheme=scheme)
    assert math.isfinite(tail.value)
    chance = st.probability(x > 1.0, scheme=scheme, valid=good)
    assert chance.value == pytest.approx((rest > 1.0).mean())
    ratio = st.ratio(not_finite + 5.0, np.full(x.shape, 2.0), scheme=scheme)
    assert ratio.value == pytest.approx((rest + 5.0).mean() / 2.0)
    if scheme == "mc":
        assert st.mean(not_finite, scheme=scheme).units == x.size - 3
        assert chance.units == x.size - 3
    whole = st.mean(x, scheme=scheme)
    assert st.mean(not_finite, scheme=scheme).mcse == pytest.approx(float(whole.mcse), rel=0.05)
    paired = st.probability(x > 1.0, scheme=scheme, against=x > 0.0, valid=good)
    assert paired.value == pytest.approx((rest > 1.0).mean() - (rest > 0.0).mean())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_amount_given_one(scheme: str, rng: np.random.Generator) -> None:
    """Would catch a mean over all futures: an exponential above 1 is 2 on average."""
    x = rng.exponential(size=(CHAINS, PER))
    found = st.conditional_mean(x, x > 1.0, scheme=scheme)
    assert within(found.value, 2.0, found.mcse)
    none = st.conditional_mean(x, x > 1e9, scheme=scheme)
    assert math.isnan(none.value)
    one = np.zeros(x.shape, dtype=bool)
    one[2, 2] = True
    single = st.conditional_mean(x, one, scheme=scheme)
    assert single.value == x[2, 2]
    assert math.isnan(single.mcse)


def test_ratio_and_its_difference(rng: np.random.Generator) -> None:
    """Would catch a mean of ratios: E[a] / E[b] with a = b u is E[u] only where independent."""
    b = rng.exponential(size=(CHAINS, PER)) + 0.5
    a = b**2
    found = st.ratio(a, b, scheme="mc")
    truth = (2.0 + 1.0 + 0.25) / 1.5
    assert within(found.value, truth, found.mcse)
    apart = st.ratio(a, b, scheme="mc", against=(a + 0.5 * b, b))
    assert apart.value == pytest.approx(-0.5)
    assert apart.mcse == pytest.approx(0.0, abs=1e-12)
    assert math.isnan(st.ratio(a, 0.0 * b, scheme="mc").value)


def test_rare_amounts_have_a_long_upper_side() -> None:
    """Would catch an interval that calls a single large bailout in 10,000 futures symmetrical."""
    x = np.zeros((16, 625))
    x[3, 3] = 100.0
    found = st.mean(x, scheme="mc")
    assert found.low == 0.0
    assert found.high > 5.0 * found.value
    plain = np.tile([-1.0, 1.0], 5000).reshape(16, 625)
    even = st.mean(plain, scheme="mc")
    assert even.high == pytest.approx(-even.low)


def test_threads_change_nothing(rng: np.random.Generator) -> None:
    """Would catch rows that come back in another order from the threads."""
    x = rng.standard_normal((300, 16, 500))
    together = st.mean(x, scheme="mc").value
    alone = np.array([float(st.mean(row, scheme="mc").value) for row in x])
    assert (together == alone).all()


def test_unknown_scheme_is_refused() -> None:
    """Would catch a misspelt scheme taken for independent draws."""
    with pytest.raises(ValueError, match="halton"):
        st.mean(np.zeros((2, 2)), scheme="halton")
