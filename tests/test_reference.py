"""Tests of the reference itself: two paths worked by hand, and the note's identities."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices_at_random import device_studies
from reference import VARIABLES, resolved_regime, simulate
from reference.closing import INSTRUMENTS as SHORTFALL
from strategies import DRIVER_RANGES, driver_values, examples, expected_values, studies

Table = dict[str, Any]


def check(result: Table, level: str, expected: dict[str, list[Any]]) -> None:
    """Compare by name with figures worked by hand, to £0.01 and better (1e-9 of £1m)."""
    for name, figures in expected.items():
        for t, (worked, found) in enumerate(zip(figures, result[level][name], strict=True), 1):
            assert found == pytest.approx(worked, abs=1e-9, rel=0), f"{name}, year {t}"


# ------------------------------------------------------------- a council settled every year

COUNCIL: Table = {
    "years": 3,
    "organisations": [
        {
            "id": "borough",
            "kind": "council",
            "cost": 100.0,
            "grant": 40.0,
            "local_tax": 50.0,
            "charges": 10.0,
            "reserves": 5.0,
            "reserve_floor": 2.0,
        }
    ],
    "planning": {
        "grant_growth": 0.5,
        "tax_growth": 0.02,
        "by": {"council": {"grant_growth": 0.01}},
    },
    "regimes": {
        "annual": {
            "settlement": {
                "cut_recurrent_share": 0.5,
                "new_burdens_funded": 0.25,
                "equalisation": 0.4,
            },
            "rulebooks": {
                "council": {
                    "interest": 0.05,
                    "plan": [
                        {
                            "instrument": "savings",
                            "max_rate": 0.03,
                            "min_rate": 0.01,
                            "assumed_delivery": 0.8,
                        }
                    ],
                    "shortfall": [
                        {"instrument": "reserves"},
                        {
                            "instrument": "bailout",
                            "probability": 0.5,
                            "loan_share": 0.6,
                            "centre_share": 0.5,
                        },
                    ],
                    "surplus": [
                        {"instrument": "repay_debt", "share": 0.6},
                        {"instrument": "clawback", "share": 0.5},
                        {"instrument": "reserves"},
                    ],
                }
            },
        }
    },
}


# Planners expect demand +4 % and inflation +5 %, so Cp = B x 1.04 x 1.05 = B x 1.092.
#
# Year 1: demand +5 %, inflation +10 %, burden 1 % of B, one-off 2, shock -2 %, cut 4 %,
# tax shock -3 %, savings delivered 50 %, of which 40 % recurs; rescue 0.3.
#  1. A = 40 (1 + 0.01 - 0.02) = 39.6            2. bB = 1; G' = 39.6 + 0.25 = 39.85
#  3. B' = 100 x 1.05 x 1.10 + 1 = 116.5; C = 116.5 + 2 = 118.5
#  4. Xp = 51; X' = 51 + 50 x 0.6 x -0.03 = 50.1; e' = 0 + 0.4 x 50 x 0.03 = 0.6
#  6. cut = 0.04 x 39.85 = 1.594
#  7. Cp = 109.2; P = 109.2 - (39.6 + 51 + 10) = 8.6; wanted 8.6 / 0.8 = 10.75, but at most
#     3 % of Cp: S = 3.276, counted on for 2.6208; planned deficit 5.9792
#  8. income = 39.85 - 1.594 + 50.1 + 10 = 98.356; delivered 0.5 x 3.276 = 1.638;
#     balance = 98.356 - 118.5 + 1.638 = -18.506
#  9. D = 18.506: reserves 5 - 2 = 3; bailout 15.506 as 0.3 < 0.5; loan 0.6 x 15.506 = 9.3036
#     central cost = 39.85 - 1.594 + 0.5 x 15.506 + 0.6 = 46.609
# 11. B = 116.5 - 0.4 x 1.638 = 115.8448; G = 39.85 - 0.5 x 1.594 = 39.053; X = 50.1
#
# Year 2: shock +10 %; savings delivered in full, none recurs; rescue 0.5, which is refused.
#  1. A = 39.053 x 1.11 = 43.34883               3. C = B' = 115.8448      4. Xp = X' = 51.102
#  7. i = 0.05 x 9.3036 = 0.46518; Cp = 115.8448 x 1.092 = 126.5025216;
#     P = 126.5025216 + 0.46518 - (43.34883 + 51.102 + 10) = 22.5168716;
#     S = 0.03 Cp = 3.795075648, counted 3.0360605184; planned deficit 19.4808110816
#  8. balance = 104.45083 - 115.8448 - 0.46518 + 3.795075648 = -8.064074352
#  9. reserves are at the floor: nothing; refused; unresolved: R = 2 - 8.064074352
#     central cost = 43.34883 - 0.5 x 0.46518 + 0.6 x 1.02 = 43.72824
#
# Year 3: shock +50 %, demand -10 %; savings delivered 50 %.
#  1. A = 43.34883 x 1.51 = 65.4567333          3. C = B' = 104.26032
#  4. X' = 51.102 x 1.02 = 52.12404
#  7. i = 0.05 (9.3036 + 6.064074352) = 0.7683837176; Cp = 126.5025216 again; the level is 0, as
#     reserves are not restored to the floor, so 6.064074352 is to be made good at once;
#     P = 126.5025216 + 0.7683837176 + 6.064074352 - (65.4567333 + 52.12404 + 10)
#       = 5.7542063696; S = 3.795075648; planned deficit 5.7542063696 - 3.0360605184
#  8. balance = 127.5807733 - 104.26032 - 0.7683837176 + 1.897537824 = 24.4496074064
# 10. 6.064074352 brings R to 0; of 18.3855330544 left 60 % would be 11.03..., but the debt is
#     9.3036; half of 9.0819330544 to the centre, 4.5409665272; the other half is kept
#     central cost = 65.4567333 - 4.5409665272 - 0.5 (9.3036 + 0.46518) + 0.612 x 1.02
def test_an_annual_council_by_hand() -> None:
    """Would catch a step out of order, or a stock rolled forward wrongly, in a lone annual body."""
    drivers = {
        "demand_growth": [[0.05], [0.0], [-0.1]],
        "cost_inflation": [[0.10], [0.0], [0.0]],
        "funding_shock": [[-0.02], [0.1], [0.5]],
        "tax_shock": [[-0.03], [0.0], [0.0]],
        "in_year_cut": [[0.04], [0.0], [0.0]],
        "savings_delivery": [[0.5], [1.0], [0.5]],
        "recurrent_share": [[0.4], [0.0], [1.0]],
        "new_burden": [[0.01], [0.0], [0.0]],
        "one_off_cost": [[2.0], [0.0], [0.0]],
        "rescue": [[0.3], [0.5], [0.5]],
    }

    expected = {"demand_growth": [0.04], "cost_inflation": [0.05]}
    result = simulate(COUNCIL, "annual", drivers, expected=expected)
    worked: dict[str, list[Any]] = {
        "income": [98.356, 104.45083, 127.5807733],
        "cost": [118.5, 116.30998, 105.0287037176],
        "plan_gap": [8.6, 22.5168716, 5.7542063696],
        "savings_planned": [3.276, 3.795075648, 3.795075648],
        "savings_delivered": [1.638, 3.795075648, 1.897537824],
        "planned_deficit": [5.9792, 19.4808110816, 2.7181458512],
        "balance": [-18.506, -8.064074352, 24.4496074064],
        "own_balance": [-18.506, -8.064074352, 24.4496074064],
        "deficit": [18.506, 8.064074352, 0.0],
        "shortfall": [18.506, 8.064074352, 0.0],
        "from_reserves": [3.0, 0.0, 0.0],
        "rescue_needed": [15.506, 8.064074352, 0.0],
        "bailout": [15.506, 0.0, 0.0],
        "unresolved": [0.0, 8.064074352, 0.0],
        "interest": [0.0, 0.46518, 0.7683837176],
        "repaid": [0.0, 0.0, 9.3036],
        "clawback": [0.0, 0.0, 4.5409665272],
        "reserves": [2.0, -6.064074352, 4.5409665272],
        "debt": [9.3036, 9.3036, 0.0],
        "pending": [0.0, 0.0, 0.0],
        "central_cost": [46.609, 43.72824, 56.6556167728],
        "exhausted": [True, True, False],
    }
    check(result, "organisations", {name: [[x] for x in row] for name, row in worked.items()})
    check(result, "holders", {name: [[x] for x in row] for name, row in worked.items()})
    check(result, "place", worked)


# -------------------------------------------------------- a pool settled for two years at a time

POOL: Table = {
    "years": 3,
    "organisations": [
        {
            "id": "zed",
            "kind": "council",
            "cost": 100.0,
            "grant": 40.0,
            "local_tax": 60.0,
            "reserves": 4.0,
            "reserve_floor": 1.0,
        },
        {
            "id": "abe",
            "kind": "commissioner",
            "cost": 300.0,
            "grant": 300.0,
            "reserves": 2.0,
            "reserve_floor": 1.0,
        },
    ],
    "contracts": [{"payer": "abe", "payee": "zed", "value": 10.0, "activity_share": 0.5}],
    "planning": {"tax_growth": [0.0, 0.05]},
    "dynamics": {"unmet_return": 0.5, "prevention_decay": 0.2},
    "regimes": {
        "pooled": {
            "settlement": {
                "period": 2,
                "in_year_cuts": "deferred",
                "cut_recurrent_share": 0.5,
                "open_book": 0.5,
                "transformation_fund": [4.0],
            },
            "pools": [{"name": "whole", "members": ["*"], "rulebook": "one"}],
            "rulebooks": {
                "one": {
                    "interest": 0.1,
                    "plan": [
                        {"instrument": "savings", "max_rate": 0.02},
                        {"instrument": "local_revenue", "max_rise": 0.01},
                    ],
                    "shortfall": [
                        {"instrument": "reserves"},
                        {"instrument": "in_year_measures", "max_rate": 0.01, "service_share": 0.5},
                        {"instrument": "carry_forward", "limit": 0.05},
                        {"instrument": "bailout", "probability": 0.5},
                    ],
                    "surplus": [
                        {"instrument": "prevention", "share": 0.5},
                        {"instrument": "reserves"},
                    ],
                }
            },
        }
    },
}


def pooled_result() -> Table:
    """The pool's three years."""
    drivers = {
        "demand_growth": [[0.1, 0.1], [0.0, 0.0], [-0.1, -0.1]],
        "funding_shock": [[-0.05, 0.01], [0.02, 0.03], [0.03, 0.21]],
        "tax_shock": [[0.05, 0.0], [0.0, 0.0], [0.0, 0.0]],
        "in_year_cut": [[0.1, 0.1], [0.0, 0.0], [0.04, 0.04]],
        "recognition": [[1.0, 0.6], [0.0, 0.0], [0.0, 0.0]],
        "savings_delivery": [[1.0, 0.5], [1.0, 1.0], [1.0, 1.0]],
        "recurrent_share": [[0.5, 1.0], [1.0, 1.0], [1.0, 1.0]],
        "prevention_yield": [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]],
        "rescue": [[0.9, 0.2], [0.1, 0.7], [0.9, 0.9]],
    }

    expected = {"demand_growth": [0.05, 0.05], "cost_inflation": [0.0, 0.0]}
    return simulate(POOL, "pooled", drivers, expected=expected)


# Planners expect demand +5 %. All weights below come out at 1 : 3, that is 0.25 and 0.75.
#
# Year 1 (years left 2; no review): demand +10 %, shocks -5 % and +1 %, cut 10 %, tax +5 %.
#  1. A = 40 and 300; pending -0.05 and 0.01    6. deferred: each falls by 0.5 x 0.1, to -0.10
#     and -0.04; the fund of 4 goes 1 and 3     3. C = B' = 110 and 330     4. Xp 60, X' 63
#  5. planned 10 x 1.05 = 10.5; paid 10 (1 + 0.5 x 0.05 + 0.5 x 0.1) = 10.75
#  7. Cp = 105 and 315, together 420; P = 420 - 400 = 20; savings 2 % of Cp = 8.4 (2.1 and 6.3);
#     local revenue 1 % of Xp = 0.6 (all zed's); planned deficit 11
#  8. delivered 2.1 and 3.15; income 340 + 63.6 = 403.6; balance = 403.6 - 440 + 5.25 = -31.15
#     own: zed 40 + 63.6 + 10.75 - 110 + 2.1 = 6.45; abe 300 - 330 - 10.75 + 3.15 = -37.6
#  9. D = 31.15; reserves 6 - 2 = 4, left 27.15; recognition 0.25 x 1 + 0.75 x 0.6 = 0.7, so
#     measures 0.01 x 440 (1 - 0.7 x 0.5) = 2.86, left 24.29; carry 5 % of 403.6 = 20.18, left
#     4.11; the rescue is abe's 0.2 (its id sorts first): granted
# 11. B = 110 - 0.5 x 2.1 = 108.95 and 330 - 3.15 = 326.85; X = 63.6; unmet 0.5 x 2.86 = 1.43;
#     gain 0.5 x weight x 4 = 0.5 and 1.5; contract 10.75
#
# Year 2 (years left 1; no review): no growth, shocks +2 % and +3 %, planned tax growth 5 %.
#  1. A = 40 and 300; pending -0.08 and -0.01
#  3. V' = 0.5 and 1.5; W = 0.5 x 1.43 = 0.715; C = 108.95 + 0.17875 - 0.5 = 108.62875 and
#     three times that, 434.515 in all       4. X' = 63.6 x 1.05 = 66.78
#  5. paid 10.75 (1 + 0.5 x 0.05) = 11.01875
#  7. Cp = 108.95 x 1.05 + 0.17875 - 0.5 = 114.07625, x 4 = 456.305; i = 0.1 x 20.18 = 2.018;
#     P = 456.305 + 2.018 + 20.18 / 1 - (340 + 66.78) = 71.723; savings 9.1261; local revenue
#     0.6678; planned deficit 61.9291
#  8. balance = 407.4478 - 434.515 - 2.018 + 9.1261 = -19.9591
#     own: zed 118.46655 - 109.13325 + 2.281525 = 11.614825; abe the rest, -31.573925
#  9. due 20.18: D = 40.1391; reserves none; measures, seen in April, 4.34515; no carrying in a
#     last year; abe's 0.7 refuses 35.79395: R = 2 - 35.79395 = -33.79395
# 11. B = 108.95 - 2.281525 = 106.668475 (x 3 for abe); unmet 2.172575; gain 0, none invested;
#     premium 0.6 x 1.05 + 0.6678 = 1.2978
#
# Year 3 (years left 2; review): demand -10 %, shocks +3 % and +21 %, cut 4 %.
#  1. A = 40 (1 + 0.03 - 0.08) = 38; 300 (1 + 0.21 - 0.01) = 360; pending 0, less 0.5 x 0.04
#  3. V' = 0.5 x 0.8 = 0.4; W = 0.271571875; C = 96.0016275 + 0.271571875 - 0.4 = 95.873199375,
#     x 4 = 383.4927975     4. X' = 67.4478 x 1.05 = 70.82019; premium 1.2978 x 1.05 = 1.36269
#  7. Cp = (112.00189875 + 0.271571875 - 0.4) x 4 = 447.4938825; i = 0.1 x 33.79395 = 3.379395;
#     P = 447.4938825 + 3.379395 + 33.79395 / 2 - (398 + 70.82019) = -1.0499375: no savings
#  8. balance = 468.82019 - 383.4927975 - 3.379395 = 81.9479975
# 10. 33.79395 brings R to 0; half of 48.1540475 is invested, 24.07702375, and half is kept
def test_a_pool_over_two_settlements_by_hand() -> None:
    """Would catch faults of review years, pending shocks, due deficits and sharing in a pool."""
    result = pooled_result()
    both = {
        "balance": [-31.15, -19.9591, 81.9479975],
        "deficit": [31.15, 19.9591, 0.0],
        "plan_gap": [20.0, 71.723, -1.0499375],
        "planned_deficit": [11.0, 61.9291, 0.0],
        "savings_planned": [8.4, 9.1261, 0.0],
        "shortfall": [31.15, 40.1391, 0.0],
        "from_reserves": [4.0, 0.0, 0.0],
        "in_year_measures": [2.86, 4.34515, 0.0],
        "carry_forward": [20.18, 0.0, 0.0],
        "rescue_needed": [4.11, 35.79395, 0.0],
        "bailout": [4.11, 0.0, 0.0],
        "unresolved": [0.0, 35.79395, 0.0],
        "unmet": [1.43, 2.172575, 0.0],
        "repaid": [0.0, 20.18, 0.0],
        "interest": [0.0, 2.018, 3.379395],
        "prevention": [4.0, 0.0, 24.07702375],
        "reserves": [2.0, -33.79395, 24.07702375],
        "carried": [20.18, 0.0, 0.0],
    }
    check(result, "place", both)
    check(result, "holders", {name: [[x] for x in row] for name, row in both.items()})
    quarters = {name: [[x / 4, 3 * x / 4] for x in row] for name, row in both.items()}
    check(result, "organisations", quarters)
    check(result, "place", {"income": [403.6, 407.4478, 468.82019]})
    check(result, "place", {"cost": [440.0, 436.533, 386.8721925]})
    check(result, "holders", {"exhausted": [[True], [True], [False]]})
    assert result["holders"]["names"] == ["whole"]
    assert result["holders"]["members"] == [["zed", "abe"]]


def test_what_stays_a_members_own_by_hand() -> None:
    """Would catch a pool that shares out what stays its members': see the path above."""
    worked = {
        "income": [[114.35, 300.0], [118.46655, 300.0], [119.56347125, 360.0]],
        "cost": [[110.0, 340.75], [109.13325, 338.4185], [96.718048125, 300.89742562500]],
        "own_balance": [[6.45, -37.6], [11.614825, -31.573925], [22.845423125, 59.102574375]],
        "savings_delivered": [[2.1, 3.15], [2.281525, 6.844575], [0.0, 0.0]],
        "local_revenue": [[0.6, 0.0], [0.6678, 0.0], [0.0, 0.0]],
        "local_premium": [[0.6, 0.0], [1.2978, 0.0], [1.36269, 0.0]],
        "pending": [[-4.0, -12.0], [-3.2, -3.0], [-0.76, -7.2]],
        "central_cost": [[42.0275, 306.0825], [40.0, 300.0], [38.0, 360.0]],
    }
    check(pooled_result(), "organisations", worked)


# --------------------------------------------------------------------------- one rule at a time


def lone(settlement: Table, book: Table, years: int = 2, **opening: float) -> Table:
    """A study of one body that costs 100 and gets a grant of 100."""
    body = {"id": "trust", "kind": "provider", "cost": 100.0, "grant": 100.0} | opening
    regime = {"settlement": settlement, "rulebooks": {"provider": book}}
    return {"years": years, "organisations": [body], "regimes": {"rules": regime}}


def run(study: Table, **values: list[list[float]]) -> Table:
    """What a study of one body comes to, with nothing expected."""
    nothing = {"demand_growth": [0.0], "cost_inflation": [0.0]}
    return simulate(study, "rules", values, expected=nothing, behaviour=True)


def test_a_surplus_repays_the_carried_deficit_before_its_waterfall() -> None:
    """Would catch instruments that are served before the carried deficit is."""
    # Year 1 carries 10 of a one-off 10. Year 2 of 3 has 25 more tax: 10 repays, 15 is kept.
    carry = [{"instrument": "carry_forward", "limit": 0.5}]
    book = {"shortfall": carry, "surplus": [{"instrument": "reserves"}]}
    study = lone({"period": 3}, book, local_tax=50.0, cost=150.0)
    shocks = [[0.0], [0.5]]
    result = run(study, one_off_cost=[[10.0], [0.0]], tax_shock=shocks)
    worked = {"carried": [10.0, 0.0], "repaid": [0.0, 10.0], "reserves": [0.0, 15.0]}
    check(result, "place", worked)


@pytest.mark.parametrize(("fund", "paid"), [(3.0, [3.0, 3.0, 3.0]), ([3.0, 1.0], [3.0, 1.0, 0.0])])
def test_a_fund_by_year_ends_with_its_list(fund: Any, paid: list[float]) -> None:
    """Would catch a transformation fund whose last value holds on as other lists do."""
    result = run(lone({"transformation_fund": fund}, {}, years=3))
    check(result, "place", {"prevention": paid})


def test_a_surplus_that_nothing_keeps_goes_back_to_the_centre() -> None:
    """Would catch money lost at the end of the surplus waterfall."""
    result = run(lone({}, {"surplus": []}, years=1, local_tax=7.0))
    check(result, "place", {"clawback": [7.0], "central_cost": [93.0], "reserves": [0.0]})


def test_a_body_that_opens_at_its_floor_is_left_out_of_the_places_exhaustion() -> None:
    """Would catch a place that counts as exhausted because one body never had reserves."""
    result = run(lone({}, {}, years=1))
    assert result["organisations"]["exhausted"] == [[True]]
    assert result["place"]["exhausted"] == [False]


def test_equal_shares_where_weights_sum_to_0() -> None:
    """Would catch a division by the cost of bodies that cost nothing."""
    bodies = [{"id": id_, "kind": "council", "grant": 2.0} for id_ in "ab"]
    pools = [{"name": "both", "members": ["b", "a"], "rulebook": "one"}]
    rules = {"pools": pools, "rulebooks": {"one": {}}, "settlement": {"transformation_fund": 1.0}}
    study = {"years": 1, "organisations": bodies, "regimes": {"rules": rules}}
    nothing = {"demand_growth": [0.0, 0.0], "cost_inflation": [0.0, 0.0]}
    result = simulate(study, "rules", {}, expected=nothing)
    check(result, "organisations", {"balance": [[2.0, 2.0]], "prevention": [[0.5, 0.5]]})


def test_extends_merges_tables_and_replaces_lists() -> None:
    """Would catch an override that drops its neighbours, or lists that are joined."""
    first = {"settlement": {"period": 5, "open_book": 0.3}, "pools": [{"name": "p"}]}
    second = {"extends": "first", "settlement": {"period": 1}, "pools": []}
    third = {"extends": "second", "label": "Third"}
    study = {"regimes": {"third": third, "first": first, "second": second}}
    settlement = {"period": 1, "open_book": 0.3}
    assert resolved_regime(study, "third") == {
        "label": "Third",
        "settlement": settlement,
        "pools": [],
    }
    assert first["settlement"] == {"period": 5, "open_book": 0.3}


def test_behaviour_replaces_effort_and_the_prevention_share() -> None:
    """Would catch assumed behaviour that multiplies what is there, or is not applied."""
    savings = {"instrument": "savings", "max_rate": 0.1, "min_rate": 0.1, "effort": 0.5}
    book = {"plan": [savings], "surplus": [{"instrument": "prevention", "share": 0.9}]}
    study = lone({}, book, years=1)
    study["behaviour"] = {"rules": {"effort": 0.8, "prevention_share": 0.25}}
    check(run(study), "place", {"savings_delivered": [8.0], "prevention": [2.0]})


def test_capital_switched_costs_something_for_good() -> None:
    """Would catch a running cost that is forgotten, or paid in the year of the switch."""
    switch = {"instrument": "capital_to_revenue", "max_share": 0.5, "running_cost": 0.1}
    study = lone({}, {"shortfall": [switch]}, capital=40.0)
    result = run(study, one_off_cost=[[12.0], [0.0]])
    check(result, "place", {"capital_to_revenue": [12.0, 1.2], "cost": [112.0, 101.2]})


def test_prevention_pays_from_next_year_and_up_to_its_cap() -> None:
    """Would catch a gain that comes in the year of the investment, or without end."""
    # £1m invested every year avoids £8m a year for good: 0, 8, then 10 % of 100 and not 16.
    result = run(lone({"transformation_fund": 1.0}, {}, years=3), prevention_yield=[[8.0]] * 3)
    check(result, "place", {"cost": [100.0, 92.0, 90.0]})


def test_what_is_carried_already_counts_against_the_limit() -> None:
    """Would catch a limit that starts afresh every year."""
    book = {"shortfall": [{"instrument": "carry_forward", "limit": 0.1}]}
    result = run(lone({"period": 3}, book), one_off_cost=[[6.0], [6.0]])
    worked = {"carry_forward": [6.0, 4.0], "carried": [6.0, 10.0], "unresolved": [0.0, 2.0]}
    check(result, "place", worked)


@pytest.mark.parametrize(("min_rate", "target"), [(0.0, 4.0), (0.1, 10.0)])
def test_savings_ask_for_more_than_they_count_on(min_rate: float, target: float) -> None:
    """Would catch savings that pass on a negative gap, or ignore their assumed delivery."""
    # A gap of 2 at an assumed delivery of 50 % asks for 4; a least of 10 % of cost for 10.
    savings = {"instrument": "savings", "max_rate": 0.2, "min_rate": min_rate}
    cuts = {"instrument": "service_reduction", "max_rate": 0.1}
    study = lone({}, {"plan": [savings | {"assumed_delivery": 0.5}, cuts]}, years=1, grant=98.0)
    worked = {"savings_planned": [target], "service_reduction": [0.0], "planned_deficit": [0.0]}
    check(run(study), "place", worked)


def test_a_planning_figure_is_scoped_key_by_key() -> None:
    """Would catch a kind that beats its member, or a scope that hides its neighbours' keys."""
    study = lone({}, {}, years=1, local_tax=10.0, charges=10.0)
    study["planning"] = {"grant_growth": 0.1, "tax_growth": 0.1, "charges_growth": 0.1}
    kind, body = {"grant_growth": 0.2, "tax_growth": 0.2}, {"grant_growth": 0.3}
    study["planning"]["by"] = {"trust": body, "provider": kind}
    check(run(study), "place", {"income": [130.0 + 12.0 + 11.0]})


@pytest.mark.parametrize(("payment", "paid"), [({}, 16.2), ({"activity_share": 1.0}, 18.0)])
def test_a_contract_between_holders(payment: Table, paid: float) -> None:
    """Would catch a block that follows activity, the payer's growth, or a plan that knows it."""
    # Planned 10 x 1.5 x 1.04 = 15.6; paid 15 (1 + 0.75 x 0.04 + 0.25 x 0.2) = 16.2, or 15 x 1.2.
    contract = {"payer": "a", "payee": "b", "value": 10.0, "activity_share": 0.25, "uplift": 0.5}
    bodies = [{"id": id_, "kind": "provider"} for id_ in "ab"]
    rules = {"payment": payment, "rulebooks": {"provider": {}}}
    study = {"years": 1, "organisations": bodies, "contracts": [contract]}
    study["regimes"] = {"rules": rules}
    drivers = {"demand_growth": [[0.5, 0.2]]}
    expected = {"demand_growth": [0.3, 0.04], "cost_inflation": [0.0, 0.0]}
    result = simulate(study, "rules", drivers, expected=expected)
    worked = {"plan_gap": [[15.6, -15.6]], "balance": [[-paid, paid]], "cost": [[paid, 0.0]]}
    check(result, "holders", worked)
    check(result, "organisations", worked)
    check(result, "place", {"income": [0.0], "cost": [0.0], "deficit": [paid], "net_deficit": [0]})


def test_expectations_are_scoped_key_by_key() -> None:
    """Would catch a scope's new family that keeps the expectation of the old one."""
    bodies = [{"id": "a", "kind": "council"}, {"id": "b", "kind": "council"}]
    bodies += [{"id": "c", "kind": "provider"}]
    council = {"distribution": "constant", "value": 0.04}
    everyone = {"distribution": "normal", "mean": 0.02, "sd": 0.01, "expected": 0.5}
    driver = everyone | {"probability": 0.25, "by": {"council": council, "b": {"expected": 0.3}}}
    study = {"organisations": bodies, "drivers": {"demand_growth": driver}}
    quiet = {name: [0.0, 0.0, 0.0] for name in ("cost_inflation", "temporary_cost")}
    assert expected_values(study) == {"demand_growth": [0.01, 0.3, 0.5]} | quiet


# -------------------------------------------------------------------- identities (section 5)

ANY_STUDY = examples(10)
MET_BY = {"bailout", *(output for output, _ in SHORTFALL.values())}
BROUGHT_IN = {"balance", *MET_BY} - {"from_reserves"}
TAKEN_OUT = ("clawback", "prevention", "year_end_spending", "repaid")


def any_result(data: st.DataObject) -> tuple[Table, str, Table]:
    """A random study, one of its regimes, and what one random future comes to."""
    study = data.draw(st.one_of(studies(), device_studies(), device_studies()))
    drivers = data.draw(driver_values(study, tuple(DRIVER_RANGES)))
    regime = data.draw(st.sampled_from(sorted(study["regimes"])))
    expected = expected_values(study)
    behaviour = data.draw(st.booleans())
    return study, regime, simulate(study, regime, drivers, expected=expected, behaviour=behaviour)


def near(*terms: float) -> Any:
    """A sum, to within rounding of its largest terms."""
    return pytest.approx(sum(terms), abs=1e-9 * max(1.0, *(abs(term) for term in terms)))


@given(st.data())
@ANY_STUDY
def test_reserves_close_where_the_flows_leave_them(data: st.DataObject) -> None:
    """Would catch money created or lost between the balance and the stocks of any holder."""
    study, _, result = any_result(data)
    holders, workings = result["holders"], result["workings"]
    for h, opening in enumerate(workings["opening_reserves"]):
        before = opening
        for t in range(study["years"]):
            terms = [before, workings["fund"][t][h]]
            terms += [holders[name][t][h] for name in BROUGHT_IN]
            terms += [-holders[name][t][h] for name in TAKEN_OUT]
            before = holders["reserves"][t][h]
            assert before == near(*terms)


@given(st.data())
@ANY_STUDY
def test_every_pound_of_shortfall_is_met_or_unresolved(data: st.DataObject) -> None:
    """Would catch an instrument that takes more, or reports less, than the gap gives up."""
    study, _, result = any_result(data)
    holders = result["holders"]
    for t in range(study["years"]):
        for h, gap in enumerate(holders["shortfall"][t]):
            terms = [holders[name][t][h] for name in (*MET_BY, "unresolved")]
            assert gap == near(*terms)
            assert min(terms) >= 0


@given(st.data())
@ANY_STUDY
def test_members_add_up_to_their_holder_and_the_place(data: st.DataObject) -> None:
    """Would catch sharing that loses money, and contracts that do not net to zero."""
    study, _, result = any_result(data)
    ids = [body["id"] for body in study["organisations"]]
    bodies, holders, place = (result[key] for key in ("organisations", "holders", "place"))
    members = [[ids.index(id_) for id_ in group] for group in holders["members"]]
    assert sorted(k for group in members for k in group) == list(range(len(ids)))
    apart = {"income", "cost", "exhausted"}  # contracts; and a truth is no sum
    for t in range(study["years"]):
        for name in set(VARIABLES) - apart:
            parts = bodies[name][t]
            assert place[name][t] == near(*parts), name
            for h, group in enumerate(members):
                assert holders[name][t][h] == near(*(parts[k] for k in group)), name
        assert place["balance"][t] == near(*bodies["own_balance"][t])
        found = ("pot_paid", "new_money", "capital_switched", "next_year_cut", "refused")
        assert place["asked"][t] == near(*(place[name][t] for name in found))
        own = bodies["income"][t] + [-cost for cost in bodies["cost"][t]]
        assert place["income"][t] - place["cost"][t] == near(*own)


@given(st.data())
@ANY_STUDY
def test_stocks_and_flows_stay_on_their_side_of_0(data: st.DataObject) -> None:
    """Would catch a negative repayment, a deficit carried past its settlement or lost debt."""
    study, regime, result = any_result(data)
    holders = result["holders"]
    settlement = resolved_regime(study, regime).get("settlement", {})
    period = 0 if "by" in settlement else settlement.get("period", 1)
    signed = {"income", "cost", "balance", "own_balance", "plan_gap", "reserves", "pending"}
    signed |= {"central_cost", "local_premium", "exhausted", "local_revenue"}
    signed |= {"reserve_contribution"}
    for t in range(study["years"]):
        for name in set(VARIABLES) - signed:
            assert min(holders[name][t]) >= -1e-9, name
        if period and (t + 1) % period == 0:
            assert set(holders["carried"][t]) == {0.0}
        over = zip(holders["rescue_needed"][t], holders["unresolved"][t], strict=True)
        assert all(needed >= left for needed, left in over)
