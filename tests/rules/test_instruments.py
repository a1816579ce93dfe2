"""Each instrument by hand, at its edges, and its identity for any input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmc.rules import budget, centre, plan, shortfall, surplus
from riskmc.rules.effects import TAKEN
from riskmc.rules.register import INSTRUMENTS, REQUIRED, Instrument, instrument

money = st.floats(0.0, 1e4, allow_nan=False)
share = st.floats(0.0, 1.0, allow_nan=False)


#: What is not money; nothing is to spare where anything is left.
SITUATION = dict.fromkeys(("recognition", "open_book", "rescue", "vote", "activity_loss"), share)
SITUATION |= {"years_left": st.integers(1, 4).map(float), "spare": st.just(0.0)}
HERE = Path(__file__).parent


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


def test_charges_and_capital_stop_at_their_caps_and_capital_costs_for_good() -> None:
    """Would catch a cap that is ignored, or capital switched that costs nothing afterwards."""
    raised = plan.charges(left=arr(1.0, 9.0), planned_charges=arr(40.0, 40.0), max_rise=0.05)
    np.testing.assert_allclose(raised.charges_raised, arr(1.0, 2.0))
    switched = shortfall.capital_to_revenue(
        left=arr(1.0, 9.0), capital=arr(20.0, 20.0), max_share=0.2, running_cost=0.1
    )
    np.testing.assert_allclose(switched.taken, arr(1.0, 4.0))
    np.testing.assert_allclose(switched.running_cost, arr(0.1, 0.4))


def test_a_surplus_goes_where_its_share_says() -> None:
    """Would catch a share that is ignored, or money that arrives nowhere."""
    returned = surplus.clawback(left=arr(10.0), share=0.3)
    np.testing.assert_allclose([returned.taken, returned.returned], [arr(3.0), arr(3.0)])
    invested = surplus.prevention(left=arr(10.0), share=0.2)
    np.testing.assert_allclose([invested.taken, invested.invested], [arr(2.0), arr(2.0)])
    spent = surplus.year_end_spending(left=arr(10.0), share=0.5)
    np.testing.assert_allclose(spent.taken, arr(5.0))


def test_the_centre_pays_up_to_its_limits() -> None:
    """Would catch a limit on the wrong base, or a cut of next year's grants that nobody loses."""
    np.testing.assert_allclose(centre.new_money(left=arr(3.0, 9.0), limit=4.0).taken, arr(3.0, 4.0))
    switched = centre.capital_switch(
        left=arr(9.0), all_capital=arr(50.0), max_share=0.1, running_cost=0.2
    )
    np.testing.assert_allclose([switched.taken, switched.running_cost], [arr(5.0), arr(1.0)])
    cut = centre.next_year_cut(left=arr(9.0), exposed_grants=arr(300.0), max_share=0.01)
    np.testing.assert_allclose([cut.taken, cut.next_year_cut], [arr(3.0), arr(3.0)])


@pytest.mark.parametrize(
    "row",
    [row for row in INSTRUMENTS if row.name not in ("savings", "restore_services")],
    ids=lambda row: f"{row.waterfall}-{row.name}",
)
@given(data=st.data())
@settings(max_examples=20)
def test_no_instrument_takes_more_than_is_left_or_less_than_nothing(
    row: Instrument, data: st.DataObject
) -> None:
    """Would catch a capacity that goes negative or a taking that exceeds the need.

    Two may: savings asked every year count for more than is left, and services are restored out of
    what is to spare.
    """
    left = data.draw(money)
    given = {name: arr(data.draw(SITUATION.get(name, money))) for name in row.asks}
    figures = {p.name: data.draw(st.floats(p.low, min(p.high, 1.0))) for p in row.parameters}
    found = row.function(left=arr(left), **given, **figures)
    taken = getattr(found, TAKEN[row.waterfall])
    assert (taken >= 0.0).all()
    assert (taken <= left * (1.0 + 1e-12)).all()


@pytest.mark.parametrize("row", INSTRUMENTS, ids=lambda row: f"{row.waterfall}-{row.name}")
def test_an_instrument_is_worked_by_hand(row: Instrument) -> None:
    """Would catch an instrument that is added without a test of its own in this folder."""
    call = f"{row.function.__module__.rpartition('.')[2]}.{row.function.__name__}("
    assert any(call in path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))


@pytest.mark.parametrize("row", INSTRUMENTS, ids=lambda row: f"{row.waterfall}-{row.name}")
def test_a_row_names_every_figure_in_its_words(row: Instrument) -> None:
    """Would catch a figure that `riskmc rules` leaves out of the sentence."""
    slots = {p.name for p in row.parameters if f"{{{p.name}}}" in row.words}
    assert {p.name for p in row.parameters} - slots <= {"effort"}


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
