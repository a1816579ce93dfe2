"""How much must be held: against a walk's closed form and a Gaussian year run for real."""

from __future__ import annotations

import math

import numpy as np
import pytest
from measures_trees import make_study, make_tree, within
from scipy import stats

import riskmc
from riskmc import measures
from riskmc.errors import ResultsError
from riskmc.measures.reserves_question import with_reserves
from riskmc.study import Contract, Study, parse_study


def test_curve_of_a_gaussian_year(rng: np.random.Generator) -> None:
    """Would catch help not added back: a draw met by a bailout of d needs d more.

    Deficit d = 10 |Z| against reserves of 4 and a floor of 1: needed d + 1, its quantile.
    """
    deficit = 10.0 * np.abs(rng.standard_normal((1, 1, 1, 16, 1000)))
    drawn = np.minimum(deficit, 3.0)
    study = make_study(
        bodies=[{"id": "one", "reserves": 4.0, "reserve_floor": 1.0}], years=1, regimes=("current",)
    )
    tree = make_tree(study, {"reserves": 4.0 - drawn, "bailout": deficit - drawn})
    found = measures.reserves_curve(tree, confidence=(0.5, 0.95), organisation=None)
    for p in (0.5, 0.95):
        chosen = found.sel(confidence=p, organisation="one", regime="current")
        truth = 1.0 + 10.0 * stats.norm.ppf(0.5 + p / 2.0)
        assert within(chosen["value"], truth, chosen["mcse"])


def test_curve_of_a_walk_is_its_deepest_draw(rng: np.random.Generator) -> None:
    """Would catch the end of the path for its lowest point, or repayments counted twice."""
    steps = rng.choice([-1.0, 1.0], size=(1, 1, 10, 16, 1000))
    walk = np.cumsum(steps, axis=2)
    deepest = -np.minimum(walk.min(axis=2), 0.0).reshape(-1)
    study = make_study(bodies=[{"id": "one", "reserves": 3.0}], years=10, regimes=("current",))
    helped = np.zeros(walk.shape)
    helped[:, :, 2] = 2.0  # carried in the third year and repaid in the fifth
    repaid = np.zeros(walk.shape)
    repaid[:, :, 4] = 2.0
    reserves = 3.0 + walk + np.cumsum(helped - repaid, axis=2)
    tree = make_tree(study, {"reserves": reserves, "carry_forward": helped, "repaid": repaid})
    found = measures.reserves_curve(tree, confidence=(0.6, 0.8, 0.9))["value"]
    assert found.values.reshape(-1) == pytest.approx(np.quantile(deepest, (0.6, 0.8, 0.9)))


def gaussian_study() -> Study:
    """One body, one year, cost 100 growing by N(0, 5 %), funded at 100: balance N(0, 5)."""
    book = {
        "plan": [],
        "shortfall": [{"instrument": "reserves"}, {"instrument": "bailout"}],
        "surplus": [{"instrument": "reserves"}],
    }
    return parse_study(
        {
            "schema": 1,
            "title": "One year",
            "start_year": "2016/17",
            "years": 1,
            "draws": 4096,
            "seed": 3,
            "organisations": [
                {
                    "id": "one",
                    "name": "One",
                    "kind": "council",
                    "cost": 100.0,
                    "grant": 60.0,
                    "local_tax": 40.0,
                    "reserves": 2.0,
                }
            ],
            "drivers": {"demand_growth": {"distribution": "normal", "mean": 0.0, "sd": 0.05}},
            "risks": [
                {
                    "name": "Roof",
                    "organisation": "one",
                    "probability": 0.1,
                    "low": 1.0,
                    "likely": 2.0,
                    "high": 6.0,
                    "years": ["2016/17"],
                }
            ],
            "regimes": {"current": {"label": "Current", "rulebooks": {"council": book}}},
        }
    )


def test_reserves_needed_on_the_same_futures() -> None:
    """Would catch a root of the wrong side, or an interval that misses: 5 z_0.9 for 10 %.

    Without the one-off risk P(exhausted) is P(deficit >= R) = P(Z >= R / 5).
    """
    study = gaussian_study().replaced(risks=())
    drivers = riskmc.sample(study, draws=16_384, seed=5)
    found = measures.reserves_needed(
        study, riskmc.run, drivers=drivers, regime="current", organisation="one", alpha=0.1
    )
    truth = 5.0 * stats.norm.ppf(0.9)
    assert found.low <= truth <= found.high
    assert found.low < found.reserves < found.high
    assert found.reserves == pytest.approx(truth, abs=0.25)  # 4 errors of 0.06
    assert found.probability <= 0.1
    assert found.now == 2.0
    assert found.probability_now == pytest.approx(stats.norm.sf(0.4), abs=0.015)
    curve = found.curve["probability"].values
    assert (np.diff(curve) <= 0.0).all()
    place = measures.reserves_needed(
        study, riskmc.run, drivers=drivers, regime="current", alpha=0.1
    )
    assert place.reserves == pytest.approx(found.reserves)


def test_customary_rules() -> None:
    """Would catch the mean for the likely impact: 5 % of 100, and 0.1 x 2."""
    rules = measures.customary_rules(gaussian_study(), organisation="one")
    assert rules == {"5 % of net revenue": pytest.approx(5.0), "risk register": pytest.approx(0.2)}
    assert measures.customary_rules(gaussian_study()) == rules
    with pytest.raises(ResultsError, match="no organisation"):
        measures.customary_rules(gaussian_study(), organisation="two")


def test_a_contract_within_the_place_counts_once_in_its_revenue() -> None:
    """Would catch a grant counted again as income of the body it is paid to: 5 % of 140."""
    study = gaussian_study()
    payer = study.organisations[0]
    payee = payer.model_copy(update={"id": "hospital", "grant": 0.0, "local_tax": 0.0})
    contract = Contract(name="care", payer=payer.id, payee="hospital", value=40.0)
    both = study.replaced(organisations=(payer, payee), contracts=(contract,))
    found = {
        name: measures.customary_rules(both, organisation=name)["5 % of net revenue"]
        for name in ("place", "hospital")
    }
    assert found == {"place": pytest.approx(5.0), "hospital": pytest.approx(2.0)}


def test_other_reserves_are_parted_as_they_are() -> None:
    """Would catch a place whose bodies are all given the whole."""
    study = make_study(bodies=[{"id": "a", "reserves": 30.0}, {"id": "b", "reserves": 10.0}])
    changed = with_reserves(study, organisation="place", reserves=80.0)
    assert [body.reserves for body in changed.organisations] == [60.0, 20.0]
    alone = with_reserves(study, organisation="b", reserves=80.0)
    assert [body.reserves for body in alone.organisations] == [30.0, 80.0]
    bare = make_study(
        bodies=[{"id": "a", "reserves": 0.0, "cost": 300.0}, {"id": "b", "reserves": 0.0}]
    )
    changed = with_reserves(bare, organisation="place", reserves=8.0)
    assert [body.reserves for body in changed.organisations] == [6.0, 2.0]


def test_targets_that_cannot_be_met_are_reported() -> None:
    """Would catch an endless search: reserves that no amount makes last."""
    study = gaussian_study().replaced(risks=())
    drivers = riskmc.sample(study, draws=160, seed=5)
    with pytest.raises(ResultsError, match="more draws, or another target"):
        measures.reserves_needed(study, riskmc.run, drivers=drivers, regime="current", alpha=0.001)
    with pytest.raises(ResultsError, match="alpha lies"):
        measures.reserves_needed(
            study, riskmc.run, drivers=drivers, regime="current", alpha=math.nan
        )
