"""Measures on which separate budgets and one pool stand on equal terms, and early-warning signs."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from measures_trees import make_study, make_tree

import riskmc
from riskmc import measures
from riskmc.measures.early_warning import round_threshold
from riskmc.study import Study

DRIVERS = {
    "demand_growth": {"distribution": "normal", "mean": 0.03, "sd": 0.03, "shared": 1.0},
    "rescue": {"shared": 1.0},
}
BAILOUT = (
    {"instrument": "reserves"},
    {"instrument": "bailout", "probability": 0.5, "loan_share": 0.5},
)


def divided(parts: int) -> Study:
    """One council, or several equal parts of it that share everything."""
    money = {
        "cost": 120.0,
        "grant": 60.0,
        "local_tax": 60.0,
        "reserves": 12.0,
        "reserve_floor": 3.0,
    }
    bodies = [
        {"id": f"part{k}", **{name: value / parts for name, value in money.items()}}
        for k in range(parts)
    ]
    return make_study(bodies=bodies, regimes=("current",), shortfall=BAILOUT, drivers=DRIVERS)


@pytest.mark.parametrize("parts", [2, 5])
def test_dividing_a_holder_into_equal_parts_that_share_all_changes_nothing(parts: int) -> None:
    """Would catch a headline that grows with the number of budget holders."""
    whole, pieces = (riskmc.run(divided(n), draws=512, seed=3, keep="all") for n in (1, parts))
    for found in (
        measures.spending_without_reserves,
        measures.large_rescue_probability,
        measures.one_pot_probability,
        lambda tree: measures.one_pot_probability(tree, help_counts=False),
        lambda tree: measures.incidence_shares(tree, organisation="place"),
    ):
        one, other = (found(tree)["value"].values for tree in (whole, pieces))
        assert one.size
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def tree_of_two() -> xr.DataTree:
    """A large and a small body, four futures, worked by hand."""
    study = make_study(
        bodies=[
            {"id": "large", "cost": 300.0, "reserves": 10.0, "reserve_floor": 2.0},
            {"id": "small", "cost": 100.0, "reserves": 5.0, "reserve_floor": 1.0},
        ],
        years=2,
        regimes=("current",),
    )
    shape = (1, 2, 2, 1, 4)  # regime, organisation, year, chain, draw
    exhausted = np.zeros(shape, dtype=bool)
    exhausted[0, 0, 1, 0, :2] = True  # the large one in half of the futures, in year two
    exhausted[0, 1, :, 0, 3] = True  # the small one in a quarter, in both
    needed = np.zeros(shape)
    needed[0, :, 0, 0, 0] = 0.9  # 1.8 on an income of 200: not large
    needed[0, :, 1, 0, 1] = 1.1  # 2.2: large, though neither body's is above 1 % of the place
    reserves = np.full(shape, 4.0)
    reserves[0, :, 1, 0, 2] = 1.5  # 3.0 in all: at the floor
    bailout = np.zeros(shape)
    bailout[0, 0, 0, 0, 3] = 6.0  # without it 8 - 6 = 2: below the floor of 3
    return make_tree(
        study,
        {
            "exhausted": exhausted,
            "rescue_needed": needed,
            "reserves": reserves,
            "bailout": bailout,
        },
    )


def test_worked_by_hand() -> None:
    """Would catch weights by head, any-of-the-bodies, or help counted the wrong way round."""
    tree = tree_of_two()

    def values(found: xr.Dataset) -> list[float]:
        return [float(x) for x in found["value"].values.ravel()]

    assert values(measures.spending_without_reserves(tree)) == pytest.approx([0.0625, 0.4375])
    assert values(measures.large_rescue_probability(tree)) == [0.25]
    assert values(measures.large_rescue_probability(tree, over="cumulative")) == [0.0, 0.25]
    assert values(measures.one_pot_probability(tree)) == [0.0, 0.25]
    assert values(measures.one_pot_probability(tree, help_counts=False)) == [0.25, 0.5]


def test_signs_are_chances_given_what_is_seen() -> None:
    """Would catch a sign that looks at later years, or chances that are not of what they say."""
    rng = np.random.default_rng(1)
    draws = 4000
    study = make_study(bodies=1, regimes=("current",), years=4)
    reserves = np.full((1, 1, 4, 1, draws), 20.0)
    reserves[0, 0, 1, 0] = rng.uniform(0.0, 100.0, draws)
    needed = np.zeros((1, 1, 4, 1, draws))
    low = reserves[0, 0, 1, 0] < 20.0
    needed[0, 0, 3, 0] = np.where(low, rng.random(draws) < 0.9, rng.random(draws) < 0.3) * 50.0
    needed[0, 0, 0, 0] = 50.0  # before the sign is read: no part of it
    tree = make_tree(study, {"reserves": reserves, "rescue_needed": needed})
    signs = {s.name: s for s in measures.warning_signs(tree, regime="current")}
    assert set(signs) == {"reserves"}  # nothing else varies
    sign = signs["reserves"]
    assert (sign.side, sign.threshold) == ("below", 20.0)
    assert sign.fires.value == pytest.approx(low.mean())
    assert sign.given.value == pytest.approx((needed[0, 0, 3, 0][low] > 0.0).mean())
    assert sign.otherwise.value == pytest.approx((needed[0, 0, 3, 0][~low] > 0.0).mean())
    assert not sign.weak
    assert measures.warning_signs(tree, regime="current", after=4) == ()


def test_thresholds_are_round_and_fire_in_five_to_thirty_of_a_hundred() -> None:
    """Would catch a threshold that no board would adopt, or one that never fires."""
    values = np.linspace(0.0, 1234.0, 1001)
    assert round_threshold(values, side="above") == 1000.0
    assert round_threshold(values, side="below") == 250.0
    assert round_threshold(np.zeros(100), side="above") is None
    assert round_threshold(np.array([]), side="below") is None
