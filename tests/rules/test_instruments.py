"""Each instrument by hand, at its edges, and its identity for any input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmc.rules import budget, plan, shortfall, surplus
from riskmc.rules.register import INSTRUMENTS, REQUIRED, instrument, names

money = st.floats(0.0, 1e4, allow_nan=False)
share = st.floats(0.0, 1.0, allow_nan=False)


def arr(*values: float) -> np.ndarray:
    return np.array([values], dtype=float)


def test_savings_target_is_clipped_between_least_and_most() -> None:
    """Would catch a target that ignores min_rate, max_rate or the delivery assumed."""
    planned = plan.savings(
        left=arr(0.0, 9.0, 36.0, 90.0),
        reachable_cost=arr(1000.0, 1000.0, 1000.0, 1000.0),
        max_rate=0.04,
        min_rate=0.01,
        assumed_delivery=0.9,
        effort=1.1,
        scale_loss=0.0,
    )
    # 0 -> asked for 1 % all the same; 9 / 0.9 = 10 = 1 %; 36 / 0.9 = 40 = 4 %; 90 -> capped at 4 %
    np.testing.assert_allclose(planned.savings_target, arr(10.0, 10.0, 40.0, 40.0))
    np.testing.assert_allclose(planned.counted, arr(9.0, 9.0, 36.0, 36.0))
    assert planned.savings_asked is not None
    np.testing.assert_allclose(planned.savings_asked, 1.1 * planned.savings_target)


def test_local_revenue_and_reductions_stop_at_their_caps() -> None:
    """Would catch a cap taken on the wrong base or ignored."""
    raised = plan.local_revenue(
        left=arr(3.0, 8.0),
        planned_tax=arr(250.0, 250.0),
        max_rise=0.02,
        vote_above=None,
        vote_passes=0.0,
        reversible=False,
    )
    np.testing.assert_array_equal(raised.local_revenue, arr(3.0, 5.0))
    cut = plan.service_reduction(
        left=arr(3.0, 20.0), reachable_cost=arr(400.0, 400.0), max_rate=0.03, lasting=0.0
    )
    np.testing.assert_array_equal(cut.service_reduction, arr(3.0, 12.0))
    np.testing.assert_array_equal(cut.counted, cut.service_reduction)


def test_planned_use_of_reserves_takes_nothing_yet() -> None:
    """Would catch a plan that draws reserves twice, or draws below the floor."""
    planned = plan.use_of_reserves(
        left=arr(4.0, 20.0, 5.0),
        reserves=arr(60.0, 60.0, 8.0),
        reserve_floor=arr(10.0, 10.0, 10.0),
        max_share=0.2,
    )
    np.testing.assert_array_equal(planned.counted, arr(4.0, 10.0, 0.0))
    assert planned.savings_target is None
    assert planned.service_reduction is None


def test_reserves_taken_whole_leave_the_floor_exactly() -> None:
    """Would catch a floor missed by rounding, or reserves below the floor drawn further."""
    reserves = arr(0.3, 60.0, 8.0, -5.0)
    floor = arr(0.1, 10.0, 10.0, 0.0)
    absorbed = shortfall.reserves(
        left=arr(9.9, 20.0, 5.0, 1.0), reserves=reserves, reserve_floor=floor
    )
    assert absorbed.reserves is not None
    assert absorbed.reserves[0, 0] == 0.1
    np.testing.assert_array_equal(absorbed.reserves[0, 1:], [40.0, 8.0, -5.0])
    np.testing.assert_allclose(absorbed.taken, arr(0.2, 20.0, 0.0, 0.0), rtol=1e-15)


def test_in_year_measures_shrink_the_later_the_shortfall_is_seen() -> None:
    """Would catch recognition or open books working the wrong way round."""
    absorbed = shortfall.in_year_measures(
        left=arr(99.0, 99.0, 99.0, 1.0),
        own_cost=arr(1000.0, 1000.0, 1000.0, 1000.0),
        recognition=arr(0.0, 0.5, 1.0, 0.0),
        open_book=0.2,
        max_rate=0.03,
        service_share=0.7,
    )
    # 30 from April; 30 (1 - 0.5 * 0.8) = 18; 30 (1 - 0.8) = 6; no more than is needed
    np.testing.assert_allclose(absorbed.taken, arr(30.0, 18.0, 6.0, 1.0))
    np.testing.assert_allclose(absorbed.unmet, 0.7 * absorbed.taken)


def test_carry_forward_has_a_limit_and_ends_with_the_period() -> None:
    """Would catch carrying past the limit, or past the end of the control period."""
    figures = {"left": arr(50.0, 5.0), "income": arr(1000.0, 1000.0), "carried": arr(12.0, 30.0)}
    carried = shortfall.carry_forward(**figures, years_left=2, limit=0.02)
    np.testing.assert_allclose(carried.taken, arr(8.0, 0.0))
    closing = shortfall.carry_forward(**figures, years_left=1, limit=0.02)
    np.testing.assert_array_equal(closing.taken, arr(0.0, 0.0))


def test_bailout_is_granted_under_the_probability_only() -> None:
    """Would catch `<=` for `<`, a limit ignored, or a need not recorded when refused."""
    absorbed = shortfall.bailout(
        left=arr(30.0, 30.0, 30.0),
        income=arr(1000.0, 1000.0, 1000.0),
        rescue=arr(0.19, 0.2, 0.9),
        probability=0.2,
        limit=0.02,
        loan_share=0.5,
        requires=None,
        centre_share=1.0,
    )
    np.testing.assert_allclose(absorbed.taken, arr(20.0, 0.0, 0.0))
    np.testing.assert_allclose(absorbed.debt, arr(10.0, 0.0, 0.0))
    np.testing.assert_array_equal(absorbed.rescue_needed, arr(30.0, 30.0, 30.0))


def test_debt_repaid_never_exceeds_the_debt() -> None:
    """Would catch a debt repaid below zero."""
    used = surplus.repay_debt(left=arr(10.0, 10.0), debt=arr(2.0, 50.0), share=0.5)
    np.testing.assert_array_equal(used.debt_repaid, arr(2.0, 5.0))


@given(left=money, capital=money, rate=share, cost=share)
def test_no_instrument_takes_more_than_is_left_or_less_than_nothing(
    left: float, capital: float, rate: float, cost: float
) -> None:
    """Would catch a capacity that goes negative or a taking that exceeds the need."""
    a, c = arr(left), arr(capital)
    takings = [
        plan.charges(left=a, planned_charges=c, max_rise=rate).counted,
        plan.service_reduction(left=a, reachable_cost=c, max_rate=rate, lasting=cost).counted,
        shortfall.reserves(left=a, reserves=c - 50.0, reserve_floor=10.0 * c).taken,
        shortfall.capital_to_revenue(left=a, capital=c, max_share=rate, running_cost=cost).taken,
        shortfall.in_year_measures(
            left=a,
            own_cost=c,
            recognition=arr(rate),
            open_book=cost,
            max_rate=rate,
            service_share=cost,
        ).taken,
        shortfall.carry_forward(left=a, income=c, carried=0.5 * c, years_left=3, limit=rate).taken,
        shortfall.bailout(
            left=a,
            income=c,
            rescue=arr(rate),
            probability=cost,
            limit=rate,
            loan_share=rate,
            requires=None,
            centre_share=1.0,
        ).taken,
        surplus.repay_debt(left=a, debt=c, share=rate).taken,
        surplus.clawback(left=a, share=rate).taken,
        surplus.reserves(left=a, share=rate, limit=None).taken,
    ]
    for taken in takings:
        assert (taken >= 0.0).all()
        assert (taken <= left).all()


def test_the_register_knows_every_instrument_of_the_note_once() -> None:
    """Would catch a row lost, doubled, or with a parameter its function does not take."""
    import inspect

    assert names("plan") == (
        "savings",
        "local_revenue",
        "charges",
        "service_reduction",
        "restore_services",
        "use_of_reserves",
    )
    assert names("shortfall") == (
        "reserves",
        "working_balance",
        "risk_share",
        "in_year_measures",
        "capital_to_revenue",
        "carry_forward",
        "bailout",
    )
    assert names("surplus") == (
        "repay_debt",
        "clawback",
        "prevention",
        "year_end_spending",
        "reserves",
    )
    for row in INSTRUMENTS:
        takes = inspect.signature(row.function).parameters
        assert all(p.kind is p.KEYWORD_ONLY for p in takes.values()), row.name
        for parameter in row.parameters:
            assert parameter.name in takes, f"{row.name}: {parameter.name}"
            assert f"{{{parameter.name}}}" in row.words or parameter.name == "effort"


@pytest.mark.parametrize(
    ("waterfall", "name", "parameter", "default"),
    [
        ("plan", "savings", "min_rate", 0.0),
        ("plan", "savings", "assumed_delivery", 1.0),
        ("plan", "savings", "effort", 1.0),
        ("plan", "savings", "max_rate", REQUIRED),
        ("shortfall", "in_year_measures", "service_share", 1.0),
        ("shortfall", "capital_to_revenue", "running_cost", 0.0),
        ("shortfall", "bailout", "probability", 1.0),
        ("shortfall", "bailout", "limit", None),
        ("shortfall", "bailout", "loan_share", 0.0),
        ("shortfall", "bailout", "centre_share", 1.0),
        ("surplus", "prevention", "share", 1.0),
    ],
)
def test_defaults_are_those_of_the_note(
    waterfall: str, name: str, parameter: str, default: object
) -> None:
    """Would catch a default that differs from the model's table of instruments."""
    row = instrument(waterfall, name)
    found = {p.name: p.default for p in row.parameters}
    assert found[parameter] == default


def test_exhausted_within_a_tolerance_that_grows_with_the_floor() -> None:
    """Would catch a tolerance that shrinks with the floor, or a flag lost to rounding."""
    floor = arr(0.0, 10_000.0, 10_000.0, 5.0)
    reserves = arr(5e-10, 10_000.000005, 10_000.00002, 4.0)
    flags = budget.reserves_exhausted(reserves=reserves, floor=floor, tolerance=1e-9)
    np.testing.assert_array_equal(flags, [[True, True, False, True]])
