"""Paired comparison, ranking, dominance, trade-offs, and the refusal of other futures."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import xarray as xr
from measures_trees import make_study, make_tree, within
from scipy import stats

import riskmc
from riskmc import measures
from riskmc.errors import ResultsError
from riskmc.measures.comparison import variance_reduction
from riskmc.study import Study

CHAINS, PER = 16, 1000


def pair_tree(
    first: np.ndarray, second: np.ndarray, *, variable: str = "deficit", **more: object
) -> xr.DataTree:
    """One body, one year, two regimes: `variable` as given, (chain, draw)."""
    values = np.stack([first, second])[:, None, None]
    study = make_study(bodies=1, years=1)
    return make_tree(study, {variable: values}, **more)


def row(found: xr.Dataset, measure: str = "net_deficit", body: str = "place") -> xr.Dataset:
    return found.sel(measure=measure, organisation=body)


def test_a_regime_against_itself_is_exactly_nothing(rng: np.random.Generator) -> None:
    """Would catch any noise in the pairing."""
    x = rng.random((CHAINS, PER))
    found = row(riskmc.compare(pair_tree(x, x), "devolved", "current"))
    assert (found["value"], found["p_tie"], found["p_better"]) == (0.0, 1.0, 0.0)
    assert math.isnan(found["mcse"])
    assert found["bound"]
    assert (found["quantile_value"] == 0.0).all()


def test_paired_gaussian_difference(rng: np.random.Generator) -> None:
    """Would catch b - a, unpaired errors, or a wrong variance reduction.

    a = b - 1 + e / 2, Var b = 4: difference N(-1, 1/4), reduction (4.25 + 4) / 0.25 = 33.
    """
    b = 10.0 + 2.0 * rng.standard_normal((CHAINS, PER))
    a = b - 1.0 + 0.5 * rng.standard_normal((CHAINS, PER))
    found = row(riskmc.compare(pair_tree(b, a), "devolved", "current", quantiles=(0.1, 0.5)))
    assert within(found["value"], -1.0, found["mcse"])
    assert float(found["mcse"]) == pytest.approx(0.5 / math.sqrt(CHAINS * PER), rel=0.03)
    assert within(found["p_better"], stats.norm.cdf(2.0), found["p_better_mcse"])
    assert float(found["p_worse"]) == pytest.approx(1.0 - float(found["p_better"]))
    assert float(found["variance_reduction"]) == pytest.approx(33.0, rel=0.06)
    for p in (0.1, 0.5):
        quantile = found.sel(quantile=p)
        truth = -1.0 + 0.5 * stats.norm.ppf(p)
        assert within(quantile["quantile_value"], truth, quantile["quantile_mcse"])


@pytest.mark.parametrize("scheme", ["mc", "antithetic", "lhs"])
def test_draws_that_failed_do_not_reduce_variance(rng: np.random.Generator, scheme: str) -> None:
    """Would catch failed draws counted as futures in which nothing happens, under both."""
    first, second = (rng.random((2, CHAINS, PER)) < 0.4).astype(float)
    valid = np.ones((CHAINS, PER), dtype=bool)
    whole = variance_reduction(first, second, scheme=scheme)
    assert variance_reduction(first, second, scheme=scheme, valid=valid) == pytest.approx(whole)
    valid &= rng.random((CHAINS, PER)) < rng.uniform(0.5, 1.0, (CHAINS, 1))
    first, second = first * valid, second * valid
    reduction = variance_reduction(first, second, scheme=scheme, valid=valid)
    assert reduction == pytest.approx(1.0, abs=0.8), "independent series: pairing gains nothing"
    assert variance_reduction(first, second, scheme="lhs") > 2.0, "what it was taken for"


def test_better_goes_by_what_is_good(rng: np.random.Generator) -> None:
    """Would catch more reserves called worse; nothing is better about pending."""
    low = rng.random((CHAINS, PER))
    found = riskmc.compare(pair_tree(low, low + 1.0, variable="reserves"), "devolved", "current")
    reserves = row(found, "reserves_end")
    assert (reserves["p_better"], reserves["p_worse"]) == (1.0, 0.0)
    assert math.isinf(reserves["variance_reduction"])
    found = riskmc.compare(pair_tree(low, low + 1.0, variable="pending"), "devolved", "current")
    assert np.isnan(row(found, "pending_end")["p_better"])
    assert row(found, "pending_end")["p_higher"] == 1.0


def test_chances_are_compared_future_by_future(rng: np.random.Generator) -> None:
    """Would catch a difference of chances with the error of two samples (McNemar's is less)."""
    need = rng.exponential(size=(CHAINS, PER))
    first, second = np.maximum(need - 1.0, 0.0), np.maximum(need - 1.2, 0.0)
    tree = pair_tree(first, second, variable="rescue_needed")
    found = row(riskmc.compare(tree, "devolved", "current"), "p_rescue_needed")
    truth = math.exp(-1.2) - math.exp(-1.0)
    assert within(found["value"], truth, found["mcse"])
    assert float(found["mcse"]) == pytest.approx(
        math.sqrt((-truth - truth**2) / (CHAINS * PER)), rel=0.05
    )
    assert found["p_worse"] == 0.0
    assert float(found["p_better"]) == pytest.approx(-float(found["value"]))


def with_drivers(seed: int, **attrs: object) -> xr.DataTree:
    rng = np.random.default_rng(seed)
    drivers = {"demand_growth": rng.random((1, 1, CHAINS, 10))}
    tree = pair_tree(rng.random((CHAINS, 10)), rng.random((CHAINS, 10)), drivers=drivers)
    tree.attrs.update(attrs)
    return tree


def test_results_of_other_futures_are_refused() -> None:
    """Would catch a comparison of different futures; the first difference is named."""
    one, same, other = with_drivers(1), with_drivers(1), with_drivers(2)
    found = riskmc.compare(one, "devolved", "current", other=same)
    xr.testing.assert_identical(found, riskmc.compare(one, "devolved", "current"))
    with pytest.raises(ResultsError, match=r"'demand_growth' of body0 in 2016/17, draw 0, is"):
        riskmc.compare(one, "devolved", "current", other=other)
    drivers = same["drivers"].to_dataset()
    drivers["demand_growth"] = drivers["demand_growth"].copy()
    drivers["demand_growth"][2, 3, 0, 0] = 7.0
    same["drivers"] = xr.DataTree(drivers)
    with pytest.raises(ResultsError, match=r"draw 23, is .* against 7"):
        measures.check_same_futures(one, same)


def test_results_without_drivers_are_compared_by_seed_and_study(
    rng: np.random.Generator,
) -> None:
    """Would catch another seed, scheme, driver or number of draws let through."""
    x = rng.random((CHAINS, 10))
    one = pair_tree(x, x)
    measures.check_same_futures(one, pair_tree(x, x))
    for name, value in (("seed", 2), ("scheme", "antithetic")):
        other = pair_tree(x, x)
        other.attrs[name] = value
        with pytest.raises(ResultsError, match=name):
            measures.check_same_futures(one, other)
    with pytest.raises(ResultsError, match="draw labels"):
        measures.check_same_futures(one, pair_tree(x[:, :9], x[:, :9]))
    drawn = {"demand_growth": {"distribution": "normal", "mean": 0.02, "sd": 0.01}}
    study = make_study(bodies=1, years=1, drivers=drawn)
    other = make_tree(study, {"deficit": x[None, None, None]})
    with pytest.raises(ResultsError, match="'demand_growth' of body0 differs"):
        measures.check_same_futures(one, other)
    own = pair_tree(x, x)
    own.attrs["drivers_from"] = "the user"
    with pytest.raises(ResultsError, match="of the user's own"):
        measures.check_same_futures(one, own)


def _place(**changes: Any) -> Study:
    """Two bodies; growth is drawn for councils alone; `changes` of the second body or of growth."""
    growth = {"mean": 0.02, "sd": 0.02, **changes.pop("growth", {})}
    return make_study(
        bodies=[{"id": "north"}, {"id": "south", "kind": "council", **changes}],
        years=2,
        drivers={
            "demand_growth": {"by": {"council": {"distribution": "normal", **growth}}},
            "cost_inflation": {"distribution": "normal", "mean": 0.01, "sd": 0.01},
        },
    )


def _run(study: Study, **options: Any) -> xr.DataTree:
    return riskmc.run(study, **{"draws": 160, "seed": 1, "keep": "headline", **options})


def test_a_body_of_another_kind_has_other_futures() -> None:
    """Would catch sameness judged by the drivers' tables: `by.council` no longer reaches south."""
    first, second = _run(_place()), _run(_place(kind="provider"))
    with pytest.raises(ResultsError, match="'demand_growth' of south differs"):
        measures.check_same_futures(first, second)
    found = riskmc.compare(first, "devolved", "current", other=second)
    assert "the driver demand_growth of south" in json.loads(found.attrs["differs"])


def test_another_mean_leaves_results_paired() -> None:
    """Would catch a refusal of what rests on the same draws, or silence about what differs."""
    first, second = _run(_place()), _run(_place(growth={"mean": 0.03}))
    found = riskmc.compare(first, "current", "current", other=second)
    assert json.loads(found.attrs["differs"]) == ["the driver demand_growth of north, south"]
    assert "demand_growth of north" in found.attrs["long_name"]
    income = _run(_place(reserves=30.0))
    also = riskmc.compare(first, "current", "current", other=income)
    assert json.loads(also.attrs["differs"]) == ["the study's organisations"]
    same = riskmc.compare(first, "devolved", "current", other=_run(_place()))
    assert same.attrs["differs"] == "[]"
    for other in (_run(_place(), seed=2), _run(_place(), scheme="antithetic")):
        with pytest.raises(ResultsError, match=r"seed 2|antithetic"):
            riskmc.compare(first, "current", "current", other=other)


def test_what_planners_expect_draws_nothing() -> None:
    """Would catch futures called different because planners hope for something else."""
    hopeful = _run(_place(growth={"expected": 0.0}))
    measures.check_same_futures(_run(_place()), hopeful)


def test_what_was_drawn_travels_through_sample_and_run() -> None:
    """Would catch a sample's futures taken for unknown ones, or changed ones for the sample's."""
    study = _place()
    drivers = riskmc.sample(study, draws=160, seed=1)
    sampled = _run(study)
    measures.check_same_futures(sampled, _run(study, drivers=drivers))
    worse = drivers.assign(cost_inflation=drivers["cost_inflation"] + 0.01)
    changed = _run(study, drivers=worse)
    with pytest.raises(ResultsError, match="'cost_inflation' of north"):
        measures.check_same_futures(sampled, changed)
    found = riskmc.compare(changed, "current", "current", other=sampled)
    assert json.loads(found.attrs["differs"]) == ["the driver cost_inflation of north, south"]
    turned = _run(study, drivers=drivers.isel(draw=slice(None, None, -1)))
    with pytest.raises(ResultsError, match="user's own making"):
        measures.check_same_futures(sampled, turned)


def test_what_projects_deliver_is_drawn_too() -> None:
    """Would catch projects of another delivery taken for the same futures."""

    def study(sd: float) -> Study:
        delivery = {"distribution": "normal", "mean": 0.8, "sd": sd}
        return make_study(
            years=2,
            projects=[
                {
                    "name": "Day centre",
                    "organisation": "body0",
                    "start": "2016/17",
                    "cost": [1.0],
                    "benefit": [0.5],
                    "delivery": delivery,
                }
            ],
        )

    first, second = _run(study(0.1)), _run(study(0.2))
    measures.check_same_futures(first, _run(study(0.1)))
    with pytest.raises(ResultsError, match="project delivery of 'Day centre' differs"):
        measures.check_same_futures(first, second)
    found = riskmc.compare(first, "current", "current", other=second)
    assert "the project delivery of Day centre" in json.loads(found.attrs["differs"])


def three_regimes(rng: np.random.Generator) -> xr.DataTree:
    base = rng.standard_normal((CHAINS, PER)) + 10.0
    own = rng.standard_normal((3, CHAINS, PER))
    values = base + own * np.array([0.0, 1.0, 1.0])[:, None, None]
    values[1] = np.where(own[1] > 0.0, base, base - 1.0)  # as good as the first, or better
    values[2] = base + 5.0
    study = make_study(bodies=1, years=1, regimes=("first", "second", "third"))
    return make_tree(study, {"deficit": values[:, None, None]})


def test_ranking_of_three_regimes(rng: np.random.Generator) -> None:
    """Would catch ties that nobody wins, or the worst ranked first."""
    found = measures.ranking(three_regimes(rng))
    assert found["regime"].values.tolist() == ["second", "first", "third"]
    best = found["p_best"].values
    assert within(best[1], 0.5, found["p_best_mcse"].values[1])
    assert (best[0], best[2]) == (1.0, 0.0)
    alone = found["p_best_alone"].values
    assert alone[0] == pytest.approx(1.0 - best[1])
    assert alone[1] == 0.0
    assert found["mean_rank"].values[2] == 3.0
    assert found["mean_rank"].values.sum() == pytest.approx(6.0)
    with pytest.raises(ResultsError, match="no good direction"):
        measures.ranking(three_regimes(rng), objective="pending_end")
    measures.ranking(three_regimes(rng), objective="pending_end", better="lower")


def test_dominance_of_gaussians(rng: np.random.Generator) -> None:
    """Would catch the orders mixed up, or "less" read as "better" for reserves.

    N(0, 1) against N(1, 1): first order. N(0, 1) against N(0, 2^2): second order only.
    """
    z, w = rng.standard_normal((2, CHAINS, PER))
    shifted = measures.dominance(pair_tree(z + 11.0, z + 10.0), "devolved", "current")
    assert shifted.attrs["first_order"] == shifted.attrs["second_order"] == "holds"
    assert (shifted["first"] < 0.0).all()
    wide = measures.dominance(pair_tree(50.0 + 2.0 * w, 50.0 + w - 0.05), "devolved", "current")
    assert (wide.attrs["first_order"], wide.attrs["second_order"]) == ("fails", "holds")
    back = measures.dominance(pair_tree(50.0 + w, 50.0 + 2.0 * w), "devolved", "current")
    assert back.attrs["second_order"] == "fails"
    reserves = pair_tree(z, z + 1.0, variable="reserves")
    more = measures.dominance(reserves, "devolved", "current", measure="reserves_end")
    assert more.attrs["first_order"] == "holds"


def test_price_of_a_bailout_avoided(rng: np.random.Generator) -> None:
    """Would catch a rate turned upside down, or a mean of ratios."""
    saved = rng.exponential(3.0, size=(CHAINS, PER))
    paid = 0.4 * saved + rng.standard_normal((CHAINS, PER))
    study = make_study(bodies=1, years=1)
    tree = make_tree(
        study,
        {
            "bailout": np.stack([saved + 1.0, np.ones_like(saved)])[:, None, None],
            "unmet": np.stack([np.ones_like(paid), 1.0 + paid])[:, None, None],
        },
    )
    found = measures.trade_off(tree, "devolved", "current")
    assert within(found["value"], 0.4, found["mcse"])
    assert found.attrs["words"].startswith("£1 less of bailout granted at a price of £0.4")
    assert float(found["joint"].sum()) == pytest.approx(1.0)
    assert float(found["joint"].sel(gain_side="lower").sum()) == 1.0
    unclear = measures.trade_off(tree, "devolved", "current", gain="unresolved")
    assert math.isnan(unclear["value"])
    assert "no clear difference" in unclear.attrs["words"]


def test_a_measure_in_every_draw(rng: np.random.Generator) -> None:
    """Would catch per-draw values that are not what the mean is of."""
    tree = pair_tree(*rng.random((2, CHAINS, PER)))
    found = measures.per_draw(tree, measure="net_deficit", regime="devolved", organisation="place")
    assert found.dims == ("chain", "draw")
    assert found.attrs["units"] == "£m"
    value = riskmc.summary(tree)["value"].sel(
        measure="net_deficit", regime="devolved", organisation="place"
    )
    assert float(found.mean()) == pytest.approx(float(value))
