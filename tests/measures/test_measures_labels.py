"""Results that were selected from or turned: every public measure goes by label."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

import riskmc
from riskmc import measures
from riskmc.errors import ResultsError
from riskmc.measures.measure import MEASURES
from riskmc.study import Study, parse_study

BODIES = ("trust", "borough", "shire")


def _study() -> Study:
    """Three unlike bodies, two of them in one pool under "pooled"; four years."""
    book = {
        "plan": [{"instrument": "local_revenue", "max_rise": 0.02}],
        "shortfall": [
            {"instrument": "reserves"},
            {"instrument": "in_year_measures", "max_rate": 0.01},
            {"instrument": "bailout", "loan_share": 0.25, "probability": 0.7},
        ],
        "surplus": [{"instrument": "reserves"}],
    }
    full = {**book, "shortfall": [*book["shortfall"][:2], {"instrument": "bailout"}]}
    amounts = {"trust": (400.0, 30.0, 0.0), "borough": (150.0, 9.0, 60.0), "shire": (80, 4, 50)}
    return parse_study(
        {
            "schema": 1,
            "title": "Three unlike bodies",
            "start_year": "2016/17",
            "years": 4,
            "draws": 320,
            "seed": 1,
            "organisations": [
                {
                    "id": name,
                    "name": name.title(),
                    "kind": "provider" if name == "trust" else "council",
                    "cost": cost,
                    "grant": cost - tax,
                    "local_tax": tax,
                    "reserves": reserves,
                    "reserve_floor": 1.0,
                }
                for name, (cost, reserves, tax) in amounts.items()
            ],
            "planning": {"tax_growth": [0.01, 0.02, 0.03, 0.04], "grant_growth": 0.005},
            "drivers": {
                "demand_growth": {"distribution": "normal", "mean": 0.01, "sd": 0.03},
                "funding_shock": {"distribution": "normal", "mean": 0.0, "sd": 0.02},
            },
            "regimes": {
                "current": {
                    "label": "Current",
                    "rulebooks": {"council": book, "provider": full},
                },
                "pooled": {
                    "label": "Pooled",
                    "pools": [{"name": "both", "members": ["trust", "shire"], "rulebook": "pool"}],
                    "rulebooks": {"council": book, "pool": book},
                },
            },
        }
    )


@pytest.fixture(scope="module")
def tree() -> xr.DataTree:
    return riskmc.run(_study(), draws=640, seed=3, keep="all")


@pytest.fixture(scope="module")
def whole(tree: xr.DataTree) -> Callable[[str, int], Any]:
    """What the results answer as they stand, asked once."""
    return cache(lambda name, way: _about(name, **ASKED[name][way])(tree))


Ask = Callable[[Any], Any]


def _about(name: str, **more: Any) -> Ask:
    return lambda results: getattr(measures, name)(results, **more)


DRIVEN = {"measure": "net_deficit", "regime": "current"}
BODY = {**DRIVEN, "organisation": "borough", "of": "borough"}
#: Every public measure, asked in every way that may go by position.
ASKED: dict[str, list[dict[str, Any]]] = {
    **{name: [{}] for name in MEASURES},
    "amount_exceedance": [{"variable": "cost", "levels": [100.0]}],
    "amount_mean": [{"variable": "cost"}, {"variable": "cost", "over": "cumulative"}],
    "amount_quantiles": [{"variable": "cost"}],
    "amount_sd": [{"variable": "cost"}],
    "amount_shortfall": [{"variable": "cost", "p": (0.9,)}],
    "bailout_concentration": [{}],
    "bailout_expected_shortfall": [{"p": (0.9,)}],
    "bailout_given_one": [{}, {"over": "year"}],
    "bailout_mean": [{}],
    "bailout_probability": [{"over": "year"}],
    "bailout_value_at_risk": [{"p": (0.9,)}],
    "bodies_at_once": [{}, {"event": "exhausted"}],
    "central_cost": [{}],
    "compare": [{"a": "pooled", "b": "current"}],
    "deficit_exceedance": [{"levels": [1.0]}],
    "deficit_mean": [{"gross": True}, {"against": "current"}],
    "deficit_parts": [{}],
    "deficit_probability": [{}],
    "deficit_quantiles": [{}],
    "deficit_sd": [{}],
    "deficit_spells": [{}],
    "dominance": [{"a": "pooled", "b": "current", "organisation": "borough"}],
    "draw_on_reserves": [{}, {"over": "horizon", "statistic": "quantiles"}],
    "exhausted_probability": [{}, {"over": "year"}],
    "exhaustion_year": [{}],
    "exhaustion_year_quantiles": [{}],
    "expected_shortfall": [{"p": (0.9,)}],
    "extra_local_tax": [{}],
    "failed_draws": [{}],
    "failed_numbers": [{}],
    "failing_futures": [
        {
            "regime": "current",
            "measure": "p_rescue_needed",
            "organisation": "borough",
            "of": "shire",
        }
    ],
    "first_bailout_year": [{}],
    "first_order_shares": [DRIVEN, BODY],
    "fiscal_neutrality": [{}],
    "hazard": [{}],
    "headline_table": [{"organisation": "borough"}],
    "incidence": [{}, {"over": "year"}],
    "incidence_draws": [{"regime": "current", "organisation": "borough"}],
    "incidence_shares": [{}, {"over": "year"}],
    "insolvency_probability": [{}],
    "large_rescue_probability": [{}, {"organisation": "borough", "over": "year"}],
    "local_tax_rise": [{}, {"over": "end"}],
    "longest_spell": [{}],
    "national_share": [DRIVEN],
    "one_pot_probability": [
        {"organisation": ["place", "borough", "shire"]},
        {"help_counts": False, "organisation": ["borough", "shire"]},
    ],
    "paid_for_others": [{}, {"over": "year"}],
    "places_at_once": [{}, {"event": "deficit", "over": "horizon"}],
    "per_draw": [{"measure": "bailout", "regime": "current", "organisation": "borough"}],
    "rank_correlations": [DRIVEN, BODY],
    "ranking": [{"organisation": "borough"}],
    "real_terms": [{"deflator": 0.02}, {}],
    "rescue_needed_probability": [{}],
    "reserves_curve": [{"organisation": ["place", "borough", "shire"], "confidence": (0.5, 0.8)}],
    "reserves_mean": [{}, {"over": "end"}],
    "reserves_quantiles": [{}],
    "section_114_probability": [{}],
    "service_cut_probability": [{}],
    "service_harm": [{}, {"organisation": ["borough", "shire"]}],
    "spending_without_reserves": [{}, {"organisation": ["borough", "shire"]}],
    "summary": [{}],
    "survival": [{}],
    "tidy": [{}],
    "tornado": [DRIVEN, BODY],
    "trade_off": [{"a": "pooled", "b": "current", "organisation": "borough"}],
    "unmet_mean": [{}],
    "unmet_share": [{}],
    "warning_signs": [
        {"regime": "current", "after": 1},
        {"regime": "current", "after": 1, "organisation": "borough"},
    ],
    "value_at_risk": [{"p": (0.9,)}],
    "years_in_deficit": [{}],
}
#: Public names that ask no single results tree.
NOT_ASKED = {
    "BEARERS",
    "Results",
    "Sign",
    "check_same_futures",
    "harm_readings",
    "customary_rules",
    "holder_parameters",
    "not_applicable",
    "pick_freeze",
    "reserves_by_kind",  # of a study that gives them
    "reserves_needed",
    "write_summary_csv",
}
EVERY = [(name, i) for name, asked in ASKED.items() for i in range(len(asked))]


def test_every_public_measure_is_asked() -> None:
    """Would catch a new measure that goes by position and that this file never walks."""
    assert set(ASKED) | NOT_ASKED == set(measures.__all__)
    assert not set(ASKED) & NOT_ASKED


def _same(found: Any, expected: Any) -> None:
    """The same numbers at the same labels: of the smaller of two answers, all of them."""
    if isinstance(expected, xr.Dataset | xr.DataArray):
        shared = {
            dim: [x for x in expected[dim].values.tolist() if x in found[dim].values.tolist()]
            for dim in expected.dims
            if dim in found.coords
        }
        assert all(found.sizes[dim] == len(labels) for dim, labels in shared.items())
        xr.testing.assert_allclose(
            found.sel(shared), expected.sel(shared), rtol=1e-9, check_dim_order=False
        )
    elif isinstance(expected, list) and expected and hasattr(expected[0], "_fields"):
        assert sorted(map(str, found)) == sorted(map(str, expected))
    elif hasattr(expected, "words"):
        assert (found.words, found.inside, found.limits) == (
            expected.words,
            expected.inside,
            expected.limits,
        )
    else:
        assert str(found) == str(expected)  # as text, so that NaN is NaN


TURNED = {
    "organisations": {"organisation": [2, 1, 0]},
    "years": {"year": [2, 0, 3, 1]},
    "draws": {"draw": slice(None, None, -1), "chain": slice(None, None, -1)},
}
TURNED["all at once"] = {dim: way for ways in TURNED.values() for dim, way in ways.items()}


@pytest.mark.parametrize(("name", "way"), EVERY)
@pytest.mark.parametrize(
    "turn",
    [pytest.param(t, marks=pytest.mark.slow if t != "all at once" else ()) for t in TURNED],
)
def test_turned_results_answer_the_same(
    tree: xr.DataTree, whole: Callable[[str, int], Any], name: str, way: int, turn: str
) -> None:
    """Would catch tree and study joined by position: other bodies' or years' numbers."""
    ask = _about(name, **ASKED[name][way])
    _same(ask(tree.isel(TURNED[turn])), whole(name, way))


#: Measures of the place that need every body.
NEEDS_ALL = (
    "bailout_concentration",
    "bodies_at_once",
    "incidence",
    "incidence_shares",
    "national_share",
    "paid_for_others",
    "places_at_once",
)
#: Measures that go back to the opening, or count spells.
NEEDS_OPENING = (
    "draw_on_reserves",
    "exhausted_probability",
    "exhaustion_year",
    "exhaustion_year_quantiles",
    "first_bailout_year",
    "hazard",
    "one_pot_probability",
    "reserves_curve",
    "survival",
    "warning_signs",
)


@pytest.mark.parametrize(("name", "way"), EVERY)
def test_selected_bodies_keep_their_numbers(
    tree: xr.DataTree, whole: Callable[[str, int], Any], name: str, way: int
) -> None:
    """Would catch the numbers of the first bodies given to those that are left."""
    options = ASKED[name][way]
    part = tree.sel(organisation=["shire", "borough"])
    ask = _about(name, **options)
    place_of_all = name in ("rank_correlations", "first_order_shares", "tornado")
    of_place = name in ("spending_without_reserves", "warning_signs")
    needs_all = (place_of_all and options == DRIVEN) or (of_place and "organisation" not in options)
    needs_all |= name == "real_terms" and not options  # the place's own prices
    if name in NEEDS_ALL or needs_all:
        with pytest.raises(ResultsError, match="organisation"):
            ask(part)
        if name not in ("incidence", "incidence_shares"):
            return
        ask = _about(name, **options | {"organisation": ["shire", "borough"]})
        _same(ask(part), ask(tree))
        return
    if name == "tidy":
        kept = [row for row in whole(name, way) if row.organisation != "trust"]
        _same(ask(part), kept)
        return
    _same(ask(part), whole(name, way))


@pytest.mark.parametrize(("name", "way"), EVERY)
def test_selected_years_keep_their_numbers(
    tree: xr.DataTree, whole: Callable[[str, int], Any], name: str, way: int
) -> None:
    """Would catch year t's plan held against year t + 2's outcome, or a past left out."""
    options = ASKED[name][way]
    late = tree.sel(year=["2018/19", "2019/20"])
    ask = _about(name, **options)
    by_year = name == "exhausted_probability" and options.get("over") == "year"
    if not by_year and (name in NEEDS_OPENING or options.get("over") == "cumulative"):
        with pytest.raises(ResultsError, match="first year"):
            ask(late)
        return
    found = ask(late)
    if isinstance(found, xr.Dataset) and "year" in found.dims and name != "summary":
        _same(found, whole(name, way))


@pytest.mark.parametrize("turn", [*TURNED, "selected", "one"])
def test_what_is_simulated_again_goes_by_label(turn: str) -> None:
    """Would catch a variable that was not kept, given back in the study's order."""
    few = riskmc.run(_study(), draws=320, seed=3, keep="headline")
    ask = _about("incidence", organisation="borough", over="year")
    part = {
        "selected": lambda: few.sel(organisation=["shire", "borough"]),
        "one": lambda: few.sel(organisation="borough"),
    }.get(turn, lambda: few.isel(TURNED[turn]))()
    _same(ask(part), ask(few))


def test_one_label_chosen_is_read_too(tree: xr.DataTree) -> None:
    """Would catch `sel(organisation="borough")`, which drops the dimension, ending in a crash."""
    part = tree.sel(organisation="borough", regime="current")
    found = measures.local_tax_rise(part, organisation="borough")
    _same(found, measures.local_tax_rise(tree, organisation="borough"))


def test_summary_of_late_years_shows_no_exhaustion(tree: xr.DataTree) -> None:
    """Would catch P(exhausted by the year) that forgets the years left out."""
    late = tree.sel(year=["2018/19", "2019/20"])
    found = riskmc.summary(late)
    assert found["value"].sel(measure="p_exhausted").isnull().all()
    assert (
        "years since the opening" in measures.headline_table(late, rows=["p_exhausted"]).notes[-1]
    )


@pytest.mark.parametrize("scheme", ["antithetic", "lhs", "sobol"])
def test_draws_that_belong_together_stay_so(scheme: str) -> None:
    """Would catch pairs shifted by one draw, whose errors are those of independent draws."""
    whole = riskmc.run(_study(), draws=320, seed=3, scheme=scheme, keep="all")
    with pytest.raises(ResultsError, match=r"partner|whole chains"):
        measures.deficit_mean(whole.isel(draw=slice(1, None)))
    chains = whole.isel(chain=slice(0, 8))
    assert measures.deficit_mean(chains).attrs["draws"] == 8 * whole["place"].sizes["draw"]
    if scheme == "antithetic":
        pairs = measures.deficit_mean(whole.isel(draw=slice(2, 6)))
        assert int(pairs["units"].max()) == 16 * 2
        apart = measures.deficit_mean(whole.isel(draw=[0, 2, 1, 3]))
        _same(apart, measures.deficit_mean(whole.isel(draw=slice(0, 4))))


def test_labels_that_stand_twice_are_refused(tree: xr.DataTree) -> None:
    """Would catch a body counted twice, or draws repeated to shrink the error."""
    for twice in ({"organisation": [0, 0]}, {"draw": [0, 0]}, {"year": [1, 1]}):
        with pytest.raises(ResultsError, match="more than once"):
            measures.deficit_mean(tree.isel(twice))


def test_drivers_given_are_joined_by_label(tree: xr.DataTree) -> None:
    """Would catch given drivers in another order taken for those of other draws."""
    drivers = riskmc.sample(_study(), draws=640, seed=3)
    turned = drivers.isel(
        draw=slice(None, None, -1), organisation=[1, 2, 0], year=[3, 2, 1, 0], chain=[3, *range(3)]
    )
    expected = measures.rank_correlations(tree, **DRIVEN)
    with pytest.raises(ResultsError, match="not of this run"):
        measures.rank_correlations(tree, **DRIVEN, drivers=turned)
    turned = drivers.isel(draw=slice(None, None, -1), organisation=[1, 2, 0], year=[3, 2, 1, 0])
    _same(measures.rank_correlations(tree, **DRIVEN, drivers=turned), expected)
    half = tree.isel(draw=slice(0, 20))
    _same(
        measures.rank_correlations(half, **DRIVEN, drivers=drivers),
        measures.rank_correlations(half, **DRIVEN),
    )


def test_a_view_answers_as_the_tree_does(tree: xr.DataTree) -> None:
    """Would catch a view that reads a study of its own, or parses it at every question."""
    view = measures.Results(tree)
    assert view.study is measures.Results(tree).study
    assert (view.scheme, view.layout.total) == ("mc", 640)
    assert view.bodies == ("place", *BODIES)
    xr.testing.assert_identical(riskmc.summary(view), riskmc.summary(tree))
    assert view.reader is view.reader
    held = len(view.headline)
    riskmc.summary(view)
    assert len(view.headline) == held > 0
    np.testing.assert_array_equal(
        view.reader.path("reserves", regime="current", organisation="shire"),
        tree["outcomes"]["reserves"]
        .sel(regime="current", organisation="shire")
        .transpose("year", "chain", "draw"),
    )


def test_summaries_are_not_selected_from() -> None:
    """Would catch cases in another order given the numbers of the study's order."""
    kept = riskmc.run(_study(), draws=320, seed=3, keep="summaries")
    with pytest.raises(ResultsError, match="put in another order"):
        riskmc.summary(kept.isel(case=slice(None, None, -1)))
