"""Deficits, reserves, bailouts, services, the centre and incidence against closed forms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import xarray as xr
from measures_trees import make_study, make_tree, within
from scipy import stats

from riskmc import measures
from riskmc.errors import ResultsError
from riskmc.measures import first_passage
from riskmc.measures.deficits import longest_run, spells
from riskmc.variables import VARIABLE_NAMES

CHAINS, PER = 16, 1000


def gaussian(rng: np.random.Generator, years: int = 4, bodies: int = 2) -> xr.DataTree:
    """Independent standard normal balances times 10; the place nets them."""
    balance = 10.0 * rng.standard_normal((1, bodies, years, CHAINS, PER))
    balance = np.concatenate([balance, balance + 5.0])
    net = np.maximum(-balance.sum(axis=1), 0.0)
    return make_tree(
        make_study(bodies=bodies, years=years),
        {"deficit": np.maximum(-balance, 0.0), "balance": balance},
        place={"net_deficit": net},
    )


def one(dataset: xr.Dataset, **where: object) -> tuple[float, float]:
    chosen = dataset.sel(**where)
    return float(chosen["value"]), float(chosen["mcse"])


def test_deficit_of_a_gaussian_balance(rng: np.random.Generator) -> None:
    """Would catch net for gross, a quantile of the balance, or sd of the wrong thing."""
    tree = gaussian(rng)
    where = {"regime": "current", "organisation": "body0", "year": "2018/19"}
    half = 10.0 / math.sqrt(2.0 * math.pi)  # E max(10 Z, 0)
    sd = math.sqrt(50.0 - half**2)
    value, error = one(measures.deficit_mean(tree), **where)
    assert within(value, half, error)
    value, error = one(measures.deficit_sd(tree), **where)
    assert within(value, sd, error)
    value, error = one(measures.deficit_quantiles(tree), **where, quantile=0.95)
    assert within(value, 10.0 * stats.norm.ppf(0.95), error)
    levels = measures.deficit_exceedance(tree, levels=(0.0, 5.0))
    value, error = one(levels, **where, level=5.0)
    assert within(value, stats.norm.sf(0.5), error)
    tail = measures.expected_shortfall(tree, over="year")
    value, error = one(tail, **where, quantile=0.95)
    assert within(value, 10.0 * stats.norm.pdf(stats.norm.ppf(0.95)) / 0.05, error)
    value, error = one(measures.value_at_risk(tree, over="year"), **where, quantile=0.99)
    assert within(value, 10.0 * stats.norm.ppf(0.99), error)
    place = {**where, "organisation": "place"}
    value, error = one(measures.deficit_mean(tree), **place)
    assert within(value, math.sqrt(2.0) * half, error)
    value, error = one(measures.deficit_mean(tree, gross=True), **place)
    assert within(value, 2.0 * half, error)
    both = measures.deficit_mean(tree, against="current").sel(regime="devolved")
    shifted = 10.0 * (stats.norm.pdf(0.5) - 0.5 * stats.norm.sf(0.5))
    assert within(
        both["value"].sel(organisation="body0", year="2016/17"),
        shifted - half,
        both["mcse"].sel(organisation="body0", year="2016/17"),
    )


def test_any_output_that_is_normal(rng: np.random.Generator) -> None:
    """Would catch a statistic of another output, or a total of reserves, which do not add up."""
    reserves = 20.0 + 10.0 * rng.standard_normal((1, 2, 3, CHAINS, PER))
    tree = make_tree(make_study(), {"reserves": reserves, "interest": reserves})
    where = {"regime": "current", "organisation": "body1", "year": "2017/18"}
    asked = {"variable": "interest"}
    tail = stats.norm.pdf(stats.norm.ppf(0.95)) / 0.05
    normal = {
        measures.amount_mean: ({}, {}, 20.0),
        measures.amount_sd: ({}, {}, 10.0),
        measures.amount_quantiles: ({"p": (0.9,)}, {"quantile": 0.9}, 20.0 + 12.8155),
        measures.amount_exceedance: ({"levels": (25.0,)}, {"level": 25.0}, stats.norm.sf(0.5)),
        measures.amount_shortfall: ({"p": (0.95,)}, {"quantile": 0.95}, 20.0 + 10.0 * tail),
    }
    for measure, (more, at, truth) in normal.items():
        value, error = one(measure(tree, **asked, **more), **where, **at)
        assert within(value, truth, error), measure.__name__
    value, error = one(measures.reserves_quantiles(tree, p=(0.9,)), **where, quantile=0.9)
    assert within(value, 20.0 + 12.8155, error)
    end = {"regime": "current", "organisation": "body1"}
    assert one(measures.reserves_mean(tree, over="end"), **end)[0] == pytest.approx(
        float(reserves[0, 1, -1].mean()), rel=1e-12
    )


def test_cumulative_and_peak_deficit(rng: np.random.Generator) -> None:
    """Would catch a sum for a maximum; P(max of T > x) = 1 - F(x)^T."""
    tree = gaussian(rng)
    where = {"regime": "current", "organisation": "body0"}
    half = 10.0 / math.sqrt(2.0 * math.pi)
    value, error = one(measures.deficit_mean(tree, over="cumulative"), **where, year="2018/19")
    assert within(value, 3.0 * half, error)
    value, error = one(measures.deficit_mean(tree, over="horizon"), **where)
    assert within(value, 4.0 * half, error)
    peak = measures.deficit_exceedance(tree, levels=(10.0,), over="peak")
    value, error = one(peak, **where, level=10.0)
    assert within(value, 1.0 - stats.norm.cdf(1.0) ** 4, error)
    with pytest.raises(ResultsError, match="over='decade'"):
        measures.deficit_mean(tree, over="decade")


def test_netting_is_gross_less_net(rng: np.random.Generator) -> None:
    """Would catch netting inside a pool shown as better finances."""
    found = measures.deficit_parts(gaussian(rng), over="horizon").sel(regime="current")
    gross, net, netting = (
        float(found["value"].sel(part=p)[0]) for p in ("gross", "net", "netting")
    )
    assert gross == pytest.approx(net + netting)
    half = 40.0 / math.sqrt(2.0 * math.pi)
    assert within(netting, (2.0 - math.sqrt(2.0)) * half, found["mcse"].sel(part="netting")[0])


def test_years_and_spells_of_independent_coins(rng: np.random.Generator) -> None:
    """Would catch runs counted as years: T q years, q + (T - 1) p q spells."""
    tree = gaussian(rng, years=6)
    where = {"regime": "current", "organisation": "body1"}
    value, error = one(measures.deficit_probability(tree, over="horizon"), **where)
    assert within(value, 1.0 - 0.5**6, error)
    value, error = one(measures.years_in_deficit(tree), **where)
    assert within(value, 3.0, error)
    value, error = one(measures.deficit_spells(tree), **where)
    assert within(value, 0.5 + 5 * 0.25, error)
    runs = [
        max((len(list(g)) for k, g in itertools.groupby(c) if k), default=0)
        for c in itertools.product([False, True], repeat=6)
    ]
    value, error = one(measures.longest_spell(tree), **where)
    assert within(value, float(np.mean(runs)), error)
    every = np.array(list(itertools.product([False, True], repeat=6))).T
    assert longest_run(every).tolist() == runs
    assert spells(every).tolist() == [
        sum(k for k, _ in itertools.groupby(c)) for c in every.T.tolist()
    ]


def test_several_bodies_at_once(rng: np.random.Generator) -> None:
    """Would catch bodies counted over the horizon instead of in the same year."""
    tree = gaussian(rng, years=2, bodies=3)
    found = measures.bodies_at_once(tree, at_least=(1, 2, 3), regime="current")
    for number, truth in ((1, 7 / 8), (2, 4 / 8), (3, 1 / 8)):
        value, error = one(found.isel(organisation=0, regime=0), bodies=number, year="2017/18")
        assert within(value, truth, error)
    horizon = measures.bodies_at_once(tree, at_least=(2,), over="horizon", regime="current")
    value, error = one(horizon.isel(organisation=0, regime=0), bodies=2)
    assert within(value, 1.0 - 0.25, error)


def random_walk(rng: np.random.Generator, start: int = 3) -> xr.DataTree:
    """Reserves that go up or down by 1 with equal chance, ten years, floor 0."""
    steps = rng.choice([-1.0, 1.0], size=(1, 1, 10, CHAINS, PER))
    walk = start + np.cumsum(steps, axis=2)
    study = make_study(
        bodies=[{"id": "one", "reserves": float(start)}], years=10, regimes=("current",)
    )
    return make_tree(study, {"reserves": walk, "exhausted": walk <= 0.0})


def hits(start: int, years: int) -> float:
    """P(a simple walk from `start` meets 0 within so many steps), by counting every path."""
    ways = {start: 1.0}
    hit = 0.0
    for _ in range(years):
        moved: dict[int, float] = {}
        for place, chance in ways.items():
            for step in (-1, 1):
                if place + step == 0:
                    hit += chance / 2
                else:
                    moved[place + step] = moved.get(place + step, 0.0) + chance / 2
        ways = moved
    return hit


def test_exhaustion_by_the_reflection_principle(rng: np.random.Generator) -> None:
    """Would catch survival that comes back to life; from 3 in 10 years: 0.34375 exactly."""
    assert hits(3, 10) == pytest.approx(0.34375)
    tree = random_walk(rng)
    where = {"organisation": "one", "regime": "current"}
    value, error = one(measures.exhausted_probability(tree, over="horizon"), **where)
    assert within(value, 0.34375, error)
    assert not within(value, hits(4, 10), error)  # negative control: from 4 it is 0.205
    by_year = measures.exhausted_probability(tree)
    alive = measures.survival(tree)
    first = measures.exhaustion_year(tree)
    risk = measures.hazard(tree)
    for year, label in enumerate(by_year["year"].values, start=1):
        so_far, before = hits(3, year), hits(3, year - 1)
        value, error = one(by_year, **where, year=label)
        if so_far == 0.0:
            assert (value, math.isnan(error)) == (0.0, True)
            continue
        assert within(value, so_far, error)
        assert float(alive["value"].sel(**where, year=label)) == pytest.approx(1.0 - value)
        if so_far == before:  # a walk from 3 meets 0 in odd years only
            assert float(first["value"].sel(**where, first_year=label)) == 0.0
            continue
        value, error = one(first, **where, first_year=label)
        assert within(value, so_far - before, error)
        value, error = one(risk, **where, year=label)
        assert within(value, (so_far - before) / (1.0 - before), error)
    assert float(first["value"].sel(**where).sum()) == pytest.approx(1.0)
    value, error = one(first, **where, first_year=first_passage.NEVER)
    assert within(value, 1.0 - 0.34375, error)


def test_year_by_which_a_share_is_exhausted(rng: np.random.Generator) -> None:
    """Would catch a mean of a censored time: 5 % by year 3 (1/8), 50 % beyond the horizon."""
    found = measures.exhaustion_year_quantiles(random_walk(rng), p=(0.05, 0.3, 0.5))
    years = found["value"].sel(organisation="one", regime="current").values
    assert years[0] == 3.0
    assert years[1] == next(t for t in range(1, 11) if hits(3, t) >= 0.3)
    assert math.isnan(years[2])


def test_running_maximum_of_the_draw(rng: np.random.Generator) -> None:
    """Would catch the draw at the end for the deepest: P(max draw >= 3) is P(exhausted)."""
    tree = random_walk(rng)
    found = measures.draw_on_reserves(tree, over="horizon", statistic="quantiles", p=(0.5, 0.7))
    share = np.array([hits(k, 10) for k in range(1, 11)])  # P(max draw >= k)
    truth = [float((share >= 1.0 - p).sum()) for p in (0.5, 0.7)]
    assert found["value"].sel(organisation="one", regime="current").values.tolist() == truth
    mean = measures.draw_on_reserves(tree, over="horizon")
    value, error = one(mean, organisation="one", regime="current")
    assert within(value, float(share.sum()), error)
    by_year = measures.draw_on_reserves(tree)["value"].sel(organisation="one", regime="current")
    assert (np.diff(by_year) >= 0.0).all()


def test_a_pools_opening_is_parted_by_cost() -> None:
    """Would catch a member's own opening set against its part of the pool's reserves."""
    pooled = {
        "pools": [{"name": "place", "members": ["*"], "rulebook": "place"}],
        "rulebooks": {
            "place": {
                "plan": [],
                "shortfall": [{"instrument": "reserves"}],
                "surplus": [{"instrument": "reserves"}],
            }
        },
    }
    study = make_study(
        bodies=[{"id": "a", "cost": 300.0, "reserves": 0.0}, {"id": "b", "reserves": 40.0}],
        regimes={"devolved": pooled},
    )
    tree = make_tree(study, {"reserves": np.full((1, 2, 3, 4, 5), 25.0)})
    found = measures.draw_on_reserves(tree, over="horizon")["value"].sel(regime="devolved")
    assert found.sel(organisation="a") == 5.0
    assert found.sel(organisation="b") == 0.0
    assert measures.not_applicable(study) == {"devolved": ()}


def test_insolvency() -> None:
    """Would catch a plain overdraft taken for insolvency: it takes -5 % of income."""
    levels = np.array([-4.9, -5.1]).reshape(1, 1, 1, 1, 2)
    tree = make_tree(make_study(bodies=1, years=2), {"reserves": levels})
    found = measures.insolvency_probability(tree)["value"]
    assert (found.sel(organisation="body0") == 0.5).all()


def test_bailout_chances_and_amounts(rng: np.random.Generator) -> None:
    """Would catch thresholds of the wrong income, or a mean over futures without one."""
    years, p = 5, 0.1
    happens = rng.random((1, 1, years, CHAINS, PER)) < p
    amount = np.where(happens, rng.exponential(2.0, size=happens.shape), 0.0)
    amount[~happens] = 5e-8  # below 1e-9 of 100: has not happened
    tree = make_tree(
        make_study(bodies=1, years=years), {"rescue_needed": amount, "bailout": amount}
    )
    where = {"organisation": "body0", "regime": "current"}
    value, error = one(measures.rescue_needed_probability(tree), **where)
    assert within(value, 1.0 - (1.0 - p) ** years, error)
    value, error = one(measures.bailout_probability(tree, over="year"), **where, year="2018/19")
    assert within(value, p, error)
    value, error = one(
        measures.bailout_probability(tree, above=0.01, over="year"), **where, year="2018/19"
    )
    assert within(value, p * math.exp(-0.5), error)
    value, error = one(measures.bailout_mean(tree), **where)
    assert within(value, years * p * 2.0, error)
    value, error = one(measures.bailout_given_one(tree, over="year"), **where, year="2016/17")
    assert within(value, 2.0, error)
    value, error = one(measures.bailout_given_one(tree), **where)
    assert within(value, years * p * 2.0 / (1.0 - (1.0 - p) ** years), error)
    first = measures.first_bailout_year(tree)
    for k, label in enumerate(first["first_year"].values[:-1]):
        value, error = one(first, **where, first_year=label)
        assert within(value, p * (1.0 - p) ** k, error)
    tail = measures.bailout_expected_shortfall(tree, over="year", p=(0.8,))
    value, error = one(tail, **where, quantile=0.8, year="2016/17")
    assert within(value, p * 2.0 / 0.2, error)  # the atom at 0 fills half of the tail
    assert float(measures.bailout_value_at_risk(tree, over="year", p=(0.8,))["value"].max()) < 1e-6


def test_section_114_is_for_councils(rng: np.random.Generator) -> None:
    """Would catch a trust's deficit counted, or one of the two conditions forgotten."""
    study = make_study(bodies=[{"id": "borough"}, {"id": "trust", "kind": "provider"}], years=1)
    planned = np.zeros((1, 2, 1, 1, 8))
    unresolved = np.zeros((1, 2, 1, 1, 8))
    planned[0, 0, 0, 0, :2] = 1.0
    unresolved[0, 0, 0, 0, 1:4] = 1.0
    planned[0, 1, 0, 0, :] = 1.0
    tree = make_tree(study, {"planned_deficit": planned, "unresolved": unresolved})
    found = measures.section_114_probability(tree)
    assert found["organisation"].values.tolist() == ["place", "borough"]
    assert (found["value"] == 0.5).all()
    with pytest.raises(ResultsError, match="councils, not trust"):
        measures.section_114_probability(tree, organisation="trust")
    trusts = make_study(bodies=[{"id": "trust", "kind": "provider"}])
    with pytest.raises(ResultsError, match="has none"):
        measures.section_114_probability(make_tree(trusts, {"deficit": np.zeros((1, 1))}))


def test_unmet_need_as_a_share(rng: np.random.Generator) -> None:
    """Would catch a share of income, or a threshold met on average instead of in any year."""
    cost = 200.0
    share = rng.random((1, 1, 2, CHAINS, PER)) * 0.04
    tree = make_tree(make_study(bodies=1, years=2), {"unmet": share * cost, "cost": cost})
    where = {"organisation": "body0", "regime": "current"}
    value, error = one(measures.unmet_mean(tree, over="horizon"), **where)
    assert within(value, 2 * 0.02 * cost, error)
    value, error = one(measures.unmet_share(tree), **where, year="2017/18")
    assert within(value, 0.02, error)
    value, error = one(measures.service_cut_probability(tree, shares=(0.03,)), **where, share=0.03)
    assert within(value, 1.0 - 0.75**2, error)
    value, error = one(
        measures.service_cut_probability(tree, shares=(0.03,), over="year"),
        **where,
        share=0.03,
        year="2016/17",
    )
    assert within(value, 0.25, error)
    few = make_tree(make_study(bodies=1, years=2), {"unmet": share, "cost": cost}, keep="headline")
    assert measures.unmet_share(few, organisation="place")["value"].shape == (1, 2, 2)


def test_local_tax_in_pounds_and_per_cent() -> None:
    """Would catch a rise measured against the opening, or against tax with the rises in it."""
    study = make_study(
        bodies=[{"id": "borough"}, {"id": "trust", "local_tax": 0.0}],
        years=3,
        planning={"tax_growth": 0.1},
    )
    premium = np.zeros((1, 2, 3, 1, 4))
    premium[0, 0, :, 0, :] = np.array([0.0, 50.0 * 1.21 * 0.02, 50.0 * 1.331 * 0.04])[:, None]
    tree = make_tree(study, {"local_premium": premium})
    found = measures.local_tax_rise(tree)["value"].sel(regime="current")
    assert found.sel(organisation="borough").values == pytest.approx([0.0, 0.02, 0.04])
    assert found.sel(organisation="place").values == pytest.approx([0.0, 0.02, 0.04])
    assert np.isnan(found.sel(organisation="trust")).all()
    pounds = measures.extra_local_tax(tree, over="end")["value"].sel(organisation="borough")
    assert pounds.values == pytest.approx(50.0 * 1.331 * 0.04)


def test_fiscal_neutrality_sets_cost_and_pending_side_by_side() -> None:
    """Would catch pending of the first year, or cost of the last alone."""
    cost = np.array([10.0, 20.0, 30.0]).reshape(1, 1, 3, 1, 1) * np.ones((1, 1, 1, 2, 3))
    tree = make_tree(make_study(bodies=1), {"central_cost": cost, "pending": -0.1 * cost})
    found = measures.fiscal_neutrality(tree)["value"].sel(organisation="place", regime="current")
    assert found.values.tolist() == [60.0, -3.0]
    assert float(measures.central_cost(tree)["value"][0, 0]) == 60.0


def incidence_tree(rng: np.random.Generator) -> xr.DataTree:
    """Two bodies on different terms: a trust (0.8 a loan), a council (no money of the centre)."""
    study = make_study(
        bodies=[{"id": "trust", "kind": "provider"}, {"id": "borough"}],
        regimes={
            "current": {
                "rulebooks": {
                    "provider": {
                        "plan": [],
                        "surplus": [],
                        "shortfall": [
                            {"instrument": "reserves"},
                            {"instrument": "bailout", "loan_share": 0.8},
                        ],
                    },
                    "council": {
                        "plan": [],
                        "surplus": [],
                        "shortfall": [
                            {"instrument": "reserves"},
                            {"instrument": "bailout", "loan_share": 1.0, "centre_share": 0.0},
                        ],
                    },
                }
            }
        },
    )
    size = (1, 2, 3, 4, 50)
    names = (
        "local_premium",
        "service_reduction",
        "from_reserves",
        "bailout",
        "carry_forward",
        "capital_to_revenue",
        "unresolved",
        "in_year_measures",
    )
    paths = {name: rng.random(size) for name in names}
    paths["shortfall"] = sum(
        paths[n] for n in names if n not in ("local_premium", "service_reduction")
    )
    paths["unmet"] = paths["service_reduction"] + 0.7 * paths["in_year_measures"]
    if "standing" in VARIABLE_NAMES:
        paths["standing"] = rng.random(size)
        paths["unmet"] = paths["unmet"] + paths["standing"]
    return make_tree(study, paths)


def test_incidence_adds_up_in_every_draw(rng: np.random.Generator) -> None:
    """Would catch a pound that nobody bears, or two bear: place and bodies, year and horizon."""
    tree = incidence_tree(rng)
    for body in ("place", "trust", "borough"):
        for over in ("year", "horizon"):
            parts = measures.incidence_draws(tree, regime="current", organisation=body, over=over)
            data = tree["place" if body == "place" else "outcomes"].to_dataset()
            data = data.sel(regime="current")
            if body != "place":
                data = data.sel(organisation=body)
            whole = data["local_premium"] + data["service_reduction"] + data["shortfall"]
            if "standing" in data:  # what was cut for good is borne every year that it stands
                whole = whole + data["standing"]
            if over == "horizon":
                whole = whole.sum("year")
            difference = np.abs(parts.sum("bearer") - whole)
            assert float(difference.max()) < 1e-12


def test_who_bears_a_bailout_hangs_on_the_holders_terms(rng: np.random.Generator) -> None:
    """Would catch a council's own borrowing shown as the centre's money."""
    tree = incidence_tree(rng)
    found = measures.incidence(tree)["value"].sel(regime="current")
    bailout = tree["outcomes"]["bailout"].sel(regime="current").sum("year").mean(("chain", "draw"))
    centre = found.sel(bearer="centre")
    assert float(centre.sel(organisation="trust")) == pytest.approx(
        0.2 * float(bailout.sel(organisation="trust"))
    )
    assert float(centre.sel(organisation="borough")) == 0.0
    assert float(centre.sel(organisation="place")) == pytest.approx(
        float(centre.sel(organisation="trust"))
    )
    managers = found.sel(bearer="managers", organisation="borough")
    measured = tree["outcomes"]["in_year_measures"].sel(organisation="borough", regime="current")
    assert float(managers) == pytest.approx(0.3 * float(measured.sum("year").mean()))
    shares = measures.incidence_shares(tree)["value"]
    np.testing.assert_allclose(shares.sum("bearer"), 1.0)
    expected = found / found.sum("bearer")
    np.testing.assert_allclose(shares.sel(regime="current"), expected)
    words = measures.holder_parameters(make_study())["current"]
    assert [own.loan_share for own in words.values()] == [0.5, 0.5]


def test_amounts_refuse_flags_and_unknown_names() -> None:
    """Would catch the mean of a flag, or a KeyError for a misspelt variable."""
    tree = make_tree(make_study(), {"deficit": np.zeros((2, 3))})
    with pytest.raises(ResultsError, match="true or false"):
        measures.amount_mean(tree, variable="exhausted")
    with pytest.raises(ResultsError, match="did you mean 'reserves'"):
        measures.amount_mean(tree, variable="reserve")
    found = measures.amount_mean(tree, variable="interest", over="average")
    assert found["value"].attrs["units"] == "£m"
