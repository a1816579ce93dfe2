"""What drives the risk: against closed forms of linear and multiplicative outcomes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from measures_trees import make_study, make_tree, within
from scipy import stats

from riskmc import measures
from riskmc.errors import ResultsError
from riskmc.measures.driver_features import ranks
from riskmc.measures.pick_freeze import Block, independent_blocks, swapped
from riskmc.measures.scenario_discovery import round_cuts
from riskmc.study import Study
from riskmc.variables import DRIVER_NAMES

CHAINS, PER = 16, 1000
NORMAL = {"distribution": "normal", "mean": 0.0, "sd": 1.0}


def linear_tree(rng: np.random.Generator, *, spoil: bool = False) -> xr.DataTree:
    """One body: Y = 2 demand + inflation + 20, shares 0.8 and 0.2; a third driver idles."""
    x = rng.standard_normal((3, CHAINS, PER))
    drivers = {
        name: x[i][None, None]
        for i, name in enumerate(("demand_growth", "cost_inflation", "tax_shock"))
    }
    y = 20.0 + 2.0 * x[0] + x[1]
    if spoil:
        y[5, 7] = np.nan
    study = make_study(bodies=1, years=1)
    values = np.stack([y, y - x[0]])[:, None, None]
    return make_tree(study, {"deficit": values}, drivers=drivers)


WHAT = {"measure": "net_deficit", "regime": "current"}


def test_ranks_are_scipys(rng: np.random.Generator) -> None:
    """Would catch ties ranked by their order."""
    x = rng.integers(0, 50, size=1000).astype(float)
    assert (ranks(x) == stats.rankdata(x)).all()


def test_rank_correlation_of_gaussians(rng: np.random.Generator) -> None:
    """Would catch Pearson's for Spearman's: 6 / pi * asin(rho / 2)."""
    tree = linear_tree(rng)
    found = measures.rank_correlations(tree, **WHAT)
    assert found["feature"].values.tolist() == ["demand_growth", "cost_inflation", "tax_shock"]
    for name, rho in (
        ("demand_growth", 2 / math.sqrt(5)),
        ("cost_inflation", 1 / math.sqrt(5)),
        ("tax_shock", 0.0),
    ):
        chosen = found.sel(feature=name)
        truth = 6.0 / math.pi * math.asin(rho / 2.0)
        assert within(chosen["value"], truth, chosen["mcse"], errors=5.0)
        flat = tree["drivers"][name].values.reshape(-1)
        y = tree["place"]["deficit"].sel(regime="current").values.reshape(-1)
        assert float(chosen["value"]) == pytest.approx(stats.spearmanr(flat, y)[0])
        assert chosen["low"] < chosen["value"] < chosen["high"]
    assert "independently" in found.attrs["dependence"]


def test_first_order_shares_of_a_linear_outcome(rng: np.random.Generator) -> None:
    """Would catch the bias of many bins: an idle driver must come out at 0, not at bins / n."""
    found = measures.first_order_shares(linear_tree(rng), **WHAT)
    for name, truth in (("demand_growth", 0.8), ("cost_inflation", 0.2), ("tax_shock", 0.0)):
        chosen = found.sel(feature=name)
        # 5 errors, and 1 % of the share for the width of the bins
        assert abs(float(chosen["value"]) - truth) < 5.0 * float(chosen["mcse"]) + 0.01 * truth
    between = measures.first_order_shares(linear_tree(rng), **WHAT, against="devolved")
    assert float(between["value"].sel(feature="demand_growth")) == pytest.approx(1.0, abs=0.01)


def test_an_idle_driver_explains_nothing() -> None:
    """Would catch the bias of many bins, (bins - 1) / n = 0.016 here; over 40 small runs."""
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x, y = rng.standard_normal((2, CHAINS, 50))
        tree = make_tree(
            make_study(bodies=1, years=1),
            {"deficit": (20.0 + y)[None, None, None]},
            drivers={"demand_growth": x[None, None]},
        )
        found.append(float(measures.first_order_shares(tree, **WHAT)["value"][0]))
    assert abs(np.mean(found)) < 4.0 * np.std(found) / math.sqrt(40)


def test_an_event_is_binned_whole(rng: np.random.Generator) -> None:
    """Would catch draws at an atom spread over many bins: p = 0.2, Y = 10 e + noise."""
    event = (rng.random((CHAINS, PER)) < 0.2).astype(float)
    y = 30.0 + 10.0 * event + 3.0 * rng.standard_normal((CHAINS, PER))
    tree = make_tree(
        make_study(bodies=1, years=1),
        {"deficit": y[None, None, None]},
        drivers={"new_burden": event[None, None]},
    )
    chosen = measures.first_order_shares(tree, **WHAT).isel(feature=0)
    truth = 100.0 * 0.16 / (100.0 * 0.16 + 9.0)
    assert within(chosen["value"], truth, chosen["mcse"], errors=5.0)


def test_failed_draws_are_left_out(rng: np.random.Generator) -> None:
    """Would catch a single NaN that blanks every share."""
    found = measures.first_order_shares(linear_tree(rng, spoil=True), **WHAT)
    assert float(found["value"].sel(feature="demand_growth")) == pytest.approx(0.8, abs=0.03)


def test_tornado_at_the_10th_and_90th(rng: np.random.Generator) -> None:
    """Would catch swings sorted wrongly, or means beyond instead of at the percentile."""
    found = measures.tornado(linear_tree(rng), **WHAT)
    assert found["feature"].values.tolist()[:2] == ["demand_growth", "cost_inflation"]
    edges = stats.norm.ppf([0.85, 0.95])
    middle = (stats.norm.pdf(edges[0]) - stats.norm.pdf(edges[1])) / 0.1
    high = found.sel(feature="demand_growth", end="high")
    assert within(high["value"], 20.0 + 2.0 * middle, high["mcse"])
    low = found.sel(feature="demand_growth", end="low")
    assert within(low["value"], 20.0 - 2.0 * middle, low["mcse"])
    assert float(high["at"]) == pytest.approx(stats.norm.ppf(0.9), abs=0.06)
    assert float(found["mean"]) == pytest.approx(20.0, abs=0.08)


def test_year_blocks(rng: np.random.Generator) -> None:
    """Would catch blocks that take the wrong years: only the second year matters here."""
    x = rng.standard_normal((2, 1, CHAINS, PER))
    y = 20.0 + x[1, 0]
    tree = make_tree(
        make_study(bodies=1, years=2),
        {"deficit": 0.5 * y[None, None, None]},
        drivers={"demand_growth": x},
    )
    blocks = {"early": ("2016/17",), "late": ("2017/18",)}
    found = measures.first_order_shares(tree, **WHAT, blocks=blocks)
    early, late = found["value"].values
    assert found["feature"].values.tolist() == ["demand_growth, early", "demand_growth, late"]
    assert late > 0.98
    assert abs(early) < 0.01
    with pytest.raises(ResultsError, match="2030"):
        measures.first_order_shares(tree, **WHAT, blocks={"x": ("2030/31",)})


def test_dependence_between_drivers_is_reported(rng: np.random.Generator) -> None:
    """Would catch shares of dependent drivers offered as if they added up."""
    x = rng.standard_normal((CHAINS, PER))
    z = -0.6 * x + 0.8 * rng.standard_normal((CHAINS, PER))
    tree = make_tree(
        make_study(bodies=1, years=1),
        {"deficit": (20.0 + x)[None, None, None]},
        drivers={"demand_growth": x[None, None], "savings_delivery": z[None, None]},
    )
    words = measures.rank_correlations(tree, **WHAT).attrs["dependence"]
    assert words.startswith("demand growth and savings delivery move against each other")
    assert "do not add up" in words


def test_drivers_are_asked_for_where_they_were_not_kept(rng: np.random.Generator) -> None:
    """Would catch a KeyError; and drivers of another run taken."""
    tree = make_tree(make_study(bodies=1, years=1), {"deficit": rng.random((CHAINS, PER))})
    tree.attrs["drivers_from"] = "the user"  # or they would be drawn again
    with pytest.raises(ResultsError, match='keep="all"'):
        measures.rank_correlations(tree, **WHAT)
    drivers = linear_tree(rng)["drivers"].to_dataset()
    found = measures.rank_correlations(tree, **WHAT, drivers=drivers)
    assert found.sizes["feature"] == 3
    with pytest.raises(ResultsError, match="not of this run"):
        measures.rank_correlations(tree, **WHAT, drivers=drivers.isel(draw=slice(10)))


@pytest.mark.parametrize("bodies", [1, 4])
def test_national_share_of_a_shared_driver(bodies: int, rng: np.random.Generator) -> None:
    """Would catch national and local mixed up.

    x_k = sqrt(0.3) M + sqrt(0.7) E_k, Y the sum over k: national K 0.3 / (K 0.3 + 0.7) of what
    drivers explain; noise of variance 1/4 of the whole is the rest.
    """
    national = rng.standard_normal((1, 1, CHAINS, PER))
    local = rng.standard_normal((1, bodies, CHAINS, PER))
    x = math.sqrt(0.3) * national + math.sqrt(0.7) * local
    explained = bodies**2 * 0.3 + bodies * 0.7
    y = x.sum(axis=(0, 1)) + math.sqrt(explained / 3.0) * rng.standard_normal((CHAINS, PER))
    drawn = {"demand_growth": {**NORMAL, "shared": 0.3}}
    study = make_study(bodies=bodies, years=1, drivers=drawn)
    tree = make_tree(
        study, {"deficit": (100.0 + y)[None, None, None] / bodies}, drivers={"demand_growth": x}
    )
    found = measures.national_share(tree, **WHAT)
    truth = 0.75 * bodies * 0.3 / (bodies * 0.3 + 0.7)
    for source, value in (("national", truth), ("local", 0.75 - truth), ("rest", 0.25)):
        chosen = found.sel(source=source)
        assert within(chosen["value"], value, chosen["mcse"], errors=5.0)
    assert float(found["value"].sum()) == pytest.approx(1.0)


def planted(rng: np.random.Generator) -> xr.DataTree:
    """Bailouts in 80 of 100 futures where delivery < 0.8 and funding < -0.01, else in 10."""
    delivery = rng.uniform(0.6, 1.0, (CHAINS, PER))
    funding = rng.uniform(-0.03, 0.03, (CHAINS, PER))
    idle = rng.random((CHAINS, PER))
    box = (delivery < 0.8) & (funding < -0.01)
    happens = rng.random((CHAINS, PER)) < np.where(box, 0.8, 0.1)
    return make_tree(
        make_study(bodies=1, years=1),
        {"bailout": 5.0 * happens[None, None, None]},
        drivers={
            "savings_delivery": delivery[None, None],
            "funding_shock": funding[None, None],
            "recognition": idle[None, None],
        },
    )


def test_the_futures_that_fail_in_words(rng: np.random.Generator) -> None:
    """Would catch the wrong box, the wrong side, or a chance measured where it was sought."""
    found = measures.failing_futures(planted(rng), regime="current")
    assert {(x.driver, x.side) for x in found.limits} == {
        ("savings_delivery", "below"),
        ("funding_shock", "below"),
    }
    limits = {x.driver: x.value for x in found.limits}
    assert limits["savings_delivery"] == pytest.approx(0.8, abs=0.021)
    assert limits["funding_shock"] == pytest.approx(-0.01, abs=0.0031)
    assert 0.7 < found.inside.value < 0.85
    assert within(found.outside.value, 0.1, found.outside.mcse, errors=8.0)
    assert found.words.startswith("Bailout granted in ")
    assert "savings delivery is under 8" in found.words
    assert "of 100 futures." in found.words
    amount = measures.failing_futures(planted(rng), regime="current", measure="bailout", above=1.0)
    assert amount.words.startswith("Bailout granted above £1m in")


def test_no_box_without_events(rng: np.random.Generator) -> None:
    """Would catch a story told of three events, or of pure chance."""
    tree = linear_tree(rng)
    with pytest.raises(ResultsError, match="too few"):
        measures.failing_futures(tree, regime="current")
    with pytest.raises(ResultsError, match="above how many"):
        measures.failing_futures(tree, regime="current", measure="bailout")
    assert round_cuts(np.linspace(0.0, 1.0, 1001)).tolist() == [
        0.1,
        0.2,
        0.3,
        0.4,
        0.5,
        0.6,
        0.7,
        0.8,
        0.9,
    ]


def product_run(study: Study, /, *, drivers: xr.Dataset) -> xr.DataTree:
    """Y = 20 + x1 + x2 + x1 x2 over one body and year."""
    x1, x2 = (
        drivers[n].transpose("year", "organisation", "chain", "draw").values[0, 0]
        for n in ("demand_growth", "cost_inflation")
    )
    y = 20.0 + x1 + x2 + x1 * x2
    return make_tree(study, {"deficit": y[None, None, None]})


def futures(seed: int) -> xr.Dataset:
    rng = np.random.default_rng(seed)
    dims = ("chain", "draw", "year", "organisation")
    data = {n: (dims, rng.standard_normal((CHAINS, PER, 1, 1))) for n in DRIVER_NAMES}
    coords = {
        "year": ["2016/17"],
        "organisation": ["body0"],
        "chain": range(CHAINS),
        "draw": range(PER),
    }
    return xr.Dataset(data, coords)


def test_pick_freeze_of_a_product() -> None:
    """Would catch first order for total: 1/3 and 2/3 each, and nothing for an idle driver."""
    drawn = dict.fromkeys(("demand_growth", "cost_inflation", "tax_shock"), NORMAL)
    study = make_study(bodies=1, years=1, drivers=drawn)
    found = measures.pick_freeze(
        study,
        product_run,
        measure="net_deficit",
        regime="current",
        futures=(futures(1), futures(2)),
    )
    assert found["block"].values.tolist() == [
        "demand_growth",
        "cost_inflation",
        "tax_shock",
        "rescue",
    ]
    for block in ("demand_growth", "cost_inflation"):
        chosen = found.sel(block=block)
        assert within(chosen["value"], 2 / 3, chosen["mcse"])
        assert within(chosen["first_value"], 1 / 3, chosen["first_mcse"])
    assert found["value"].sel(block="tax_shock") == 0.0


def test_blocks_keep_what_hangs_together() -> None:
    """Would catch a swap that tears correlated drivers, or persistent years, apart."""
    drawn = {
        **dict.fromkeys(("demand_growth", "cost_inflation", "tax_shock"), NORMAL),
        "savings_delivery": {**NORMAL, "persistence": 0.3},
    }
    study = make_study(drivers=drawn, correlation={"demand_growth, tax_shock": 0.3})
    blocks = independent_blocks(study)
    assert list(blocks) == [
        "demand_growth + tax_shock",
        "cost_inflation",
        "savings_delivery",
        "rescue",
    ]
    common = {"measure": "net_deficit", "regime": "current"}
    for block, words in (
        (Block(("demand_growth",)), "put both in it"),
        (Block(("savings_delivery",), ("2016/17",)), "persistence"),
        (Block(("cost_inflation",), ("1999/00",)), "no year"),
        (Block(("weather",)), "no driver"),
    ):
        with pytest.raises(ResultsError, match=words):
            measures.pick_freeze(study, product_run, **common, blocks={"mine": block})
    one, other = futures(1), futures(2)
    mixed = swapped(one, other, Block(("tax_shock",), ("2016/17",)))
    assert (mixed["tax_shock"] == other["tax_shock"]).all()
    assert (mixed["rescue"] == one["rescue"]).all()
    assert (
        swapped(one, other, Block(("tax_shock",), ("x",)))["tax_shock"] == one["tax_shock"]
    ).all()
