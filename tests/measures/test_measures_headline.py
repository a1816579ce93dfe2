"""The headline table, its tidy rows, and reading results."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from measures_trees import make_study, make_tree

from riskmc.errors import ResultsError
from riskmc.measures import failures, headline_table, summary, tidy, write_summary_csv
from riskmc.measures.catalogue import HEADLINE_ROWS, HORIZON, YEARLY
from riskmc.measures.reading import Reader
from riskmc.measures.tables import TidyRow
from riskmc.results import open_results, save

CHAINS, PER, YEARS = 16, 50, 3


def some_tree(rng: np.random.Generator, **more: object) -> xr.DataTree:
    size = (2, 2, YEARS, CHAINS, PER)
    amount = np.maximum(rng.standard_normal(size), 0.0)
    outcomes = {
        "deficit": amount,
        "rescue_needed": np.maximum(amount - 1.0, 0.0),
        "bailout": np.maximum(amount - 1.5, 0.0),
        "income": 100.0 + rng.standard_normal(size),
        "unmet": 0.1 * amount,
        "local_premium": np.arange(3.0).reshape(3, 1, 1),
        "reserves": 20.0 - np.cumsum(amount, axis=2),
        "pending": -0.2 * amount,
        "central_cost": 50.0 + amount,
    }
    outcomes["exhausted"] = rng.random(size) < 0.2
    place = {"net_deficit": 0.9 * amount.sum(axis=1)}
    return make_tree(make_study(years=YEARS), outcomes, place=place, **more)


def at(tree: xr.DataTree, name: str, body: str, regime: str) -> np.ndarray:
    group = "place" if body == "place" else "outcomes"
    array = tree[group][name].sel(regime=regime)
    if body != "place":
        array = array.sel(organisation=body)
    return array.transpose("year", "chain", "draw").values


def test_conventions_of_the_rows(rng: np.random.Generator) -> None:
    """Would catch a total for an average, a wrong year for a stock, "every" for "any"."""
    tree = some_tree(rng)
    found = summary(tree)
    for body in ("place", "body1"):
        for regime in ("current", "devolved"):

            def path(name: str, body: str = body, regime: str = regime) -> np.ndarray:
                return at(tree, name, body, regime)

            income = path("income")
            net = path("net_deficit" if body == "place" else "deficit")
            expected = {
                "net_deficit": net.sum(0).mean(),
                "gross_deficit": path("deficit").sum(0).mean(),
                "p_rescue_needed": (path("rescue_needed") > 1e-7).any(0).mean(),
                "p_granted": (path("bailout") > 1e-7).any(0).mean(),
                "p_granted_above_1_percent": (path("bailout") > 0.01 * income).any(0).mean(),
                "p_rescue_needed_above_0_1_percent": (path("rescue_needed") > 0.001 * income)
                .any(0)
                .mean(),
                "bailout": path("bailout").sum(0).mean(),
                "unresolved": 0.0,
                "unmet": path("unmet").sum(0).mean(),
                "extra_local_tax": 2.0 if body == "place" else 1.0,
                "reserves_end": path("reserves")[-1].mean(),
                "p_exhausted": path("exhausted").any(0).mean(),
                "pending_end": path("pending")[-1].mean(),
                "central_cost": path("central_cost").sum(0).mean(),
            }
            for name, truth in expected.items():
                value = found["value"].sel(measure=name, organisation=body, regime=regime)
                assert float(value) == pytest.approx(truth, abs=1e-12), (name, body, regime)


def test_rows_by_year(rng: np.random.Generator) -> None:
    """Would catch P(exhausted) by year that is not cumulative, or P(rescue) that is."""
    tree = some_tree(rng)
    found = summary(tree)["yearly_value"].sel(organisation="body0", regime="devolved")
    exhausted = np.logical_or.accumulate(at(tree, "exhausted", "body0", "devolved"), axis=0)
    np.testing.assert_allclose(found.sel(yearly_measure="p_exhausted"), exhausted.mean(axis=(1, 2)))
    needed = at(tree, "rescue_needed", "body0", "devolved") > 1e-7
    np.testing.assert_allclose(
        found.sel(yearly_measure="p_rescue_needed"), needed.mean(axis=(1, 2))
    )
    deficit = at(tree, "deficit", "body0", "devolved").reshape(YEARS, -1)
    np.testing.assert_allclose(
        found.sel(yearly_measure="net_deficit_p95"), np.quantile(deficit, 0.95, axis=1)
    )


def test_differences_are_paired_and_from_the_first_regime(rng: np.random.Generator) -> None:
    """Would catch a less b turned round, or errors of unpaired samples."""
    tree = some_tree(rng)
    found = summary(tree).sel(measure="bailout", organisation="place")
    per_draw = at(tree, "bailout", "place", "devolved") - at(tree, "bailout", "place", "current")
    difference = per_draw.sum(axis=0)
    assert found.attrs["against"] == "current"
    assert float(found["difference_value"].sel(regime="devolved")) == pytest.approx(
        difference.mean()
    )
    assert float(found["difference_mcse"].sel(regime="devolved")) == pytest.approx(
        difference.std(ddof=1) / math.sqrt(difference.size)
    )
    assert math.isnan(float(found["difference_value"].sel(regime="current")))


def test_an_organisations_net_deficit_is_its_own(rng: np.random.Generator) -> None:
    """Would catch the place's netting shown for a body."""
    found = summary(some_tree(rng))["value"]
    net, gross = (found.sel(measure=m) for m in ("net_deficit", "gross_deficit"))
    bodies = ["body0", "body1"]
    assert (net.sel(organisation=bodies) == gross.sel(organisation=bodies)).all()
    assert (net.sel(organisation="place") < gross.sel(organisation="place")).all()


def test_bodies_that_open_at_their_floor_are_named_and_left_blank() -> None:
    """Would catch exhaustion in year one of a body that had nothing to exhaust."""
    study = make_study(bodies=[{"id": "rich"}, {"id": "poor", "reserves": 0.0}])
    flags = np.ones((2, 2, 3, 4, 5), dtype=bool)
    tree = make_tree(study, {"exhausted": flags})
    found = summary(tree)
    p = found["value"].sel(measure="p_exhausted", regime="current")
    assert np.isnan(p.sel(organisation="poor"))
    assert p.sel(organisation="rich") == 1.0
    assert p.sel(organisation="place") == 1.0
    named = json.loads(found.attrs["not_applicable"])
    assert named == {"current": ["poor"], "devolved": ["poor"]}
    table = headline_table(tree, "poor", rows=["p_exhausted"])
    assert [cell.text for cell in table.lines[0].cells] == ["not applicable"] * 3
    assert any("does not apply" in note for note in table.notes)


def test_where_nobody_has_reserves_the_place_is_blank() -> None:
    """Would catch P(exhausted) = 0 of a place none of whose bodies can run out."""
    study = make_study(bodies=[{"id": "one", "reserves": 0.0}])
    found = summary(make_tree(study, {"deficit": np.zeros((2, 1, 3, 4, 5))}))
    assert np.isnan(found["value"].sel(measure="p_exhausted")).all()


def test_table_for_people(rng: np.random.Generator) -> None:
    """Would catch a column or row out of place, and "0 ± 0" for what never happened."""
    tree = some_tree(rng)
    table = headline_table(tree)
    assert table.name == "Fabricated place"
    assert table.columns == ("Current rules", "Devolved rules", "Devolved rules less Current rules")
    assert [line.measure for line in table.lines] == list(HEADLINE_ROWS)
    cells = {line.measure: line.cells for line in table.lines}
    assert [c.text for c in cells["unresolved"]] == [
        "cannot happen",
        "cannot happen",
        "no difference",
    ]  # a bailout takes all of it
    assert all("±" in c.text for c in cells["net_deficit"])
    body = headline_table(tree, "body1")
    assert body.name == "Body1"
    assert [line.measure for line in body.lines] == list(HEADLINE_ROWS)
    assert body.lines[0].label.startswith("Deficit")
    found = summary(tree).sel(organisation="body1", regime="current")
    assert body.lines[1].cells[0].value == float(
        found["value"].sel(measure="p_rescue_needed_above_1_percent")
    )


def test_never_bailed_out_is_said_as_a_bound() -> None:
    """Would catch a probability of 0 with an error of 0."""
    tree = make_tree(make_study(), {"deficit": np.zeros((1, 1, 1, 16, 100))})
    line = next(x for x in headline_table(tree).lines if x.measure == "p_granted_above_1_percent")
    assert line.cells[0].text == "fewer than 3 in 1,600 (95 %)"
    assert line.cells[0].high == pytest.approx(3 / 1600)


def test_tidy_rows_and_csv(rng: np.random.Generator, tmp_path: Path) -> None:
    """Would catch a changed column, a lost row, or a number that is not the summary's."""
    tree = some_tree(rng)
    rows = tidy(tree)
    found = summary(tree)
    assert all(isinstance(row, TidyRow) for row in rows)
    keys = {(r.measure, r.regime, r.against, r.organisation, r.year, r.quantile) for r in rows}
    assert len(keys) == len(rows)
    for organisation in ("place", "body0", "body1"):
        own = [r for r in rows if r.organisation == organisation]
        horizon = [r for r in own if not r.year and r.quantile is None]
        assert len(horizon) == len(HORIZON) * 3  # two regimes and one difference
        yearly = [r for r in own if r.year]
        assert len(yearly) == len(YEARLY) * 3 * YEARS
    row = next(
        r for r in rows if r[:6] == ("net_deficit", "devolved", "", "body0", "2017/18", 0.95)
    )
    same = found["yearly_value"].sel(
        yearly_measure="net_deficit_p95", regime="devolved", organisation="body0", year="2017/18"
    )
    assert row.value == float(same)
    gap = at(tree, "deficit", "body0", "devolved") - at(tree, "deficit", "body0", "current")
    paired = {
        r.year: r
        for r in rows
        if r[:4] == ("net_deficit", "devolved", "current", "body0") and r.quantile == 0.95
    }
    assert paired["2017/18"].value == pytest.approx(np.quantile(gap[1], 0.95))
    assert paired[""].value == pytest.approx(np.quantile(gap.sum(axis=0), 0.95))
    path = write_summary_csv(tree, tmp_path / "summary.csv")
    with path.open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert list(read[0]) == [
        "measure",
        "regime",
        "against",
        "organisation",
        "year",
        "quantile",
        "value",
        "mcse",
        "low",
        "high",
        "unit",
    ]
    assert len(read) == len(rows)
    never = next(r for r in read if r["measure"] == "unresolved")
    assert (never["value"], never["mcse"]) == ("0", "0"), "impossible: 0 is exact"


def test_results_from_a_file_give_the_same(rng: np.random.Generator, tmp_path: Path) -> None:
    """Would catch a body or regime read from the wrong place of a file."""
    tree = some_tree(rng)
    save(tree, tmp_path / "results.nc")
    stored = open_results(tmp_path / "results.nc")
    xr.testing.assert_identical(summary(stored), summary(tree))
    stored.close()


def test_headline_results_say_what_they_did_not_keep(rng: np.random.Generator) -> None:
    """Would catch a KeyError where results keep the headline only."""
    tree = some_tree(rng, keep="headline")
    xr.testing.assert_identical(summary(tree), summary(some_tree(np.random.default_rng(20161104))))
    tree.attrs["drivers_from"] = "the user"  # or it would be simulated again
    reader = Reader(tree)
    with pytest.raises(ResultsError, match=r"keep=\"all\""):
        reader.path("own_balance", regime="current", organisation="body0")
    assert reader.path("own_balance", regime="current", organisation="place").shape == (3, 16, 50)


def test_unknown_names_are_met_with_the_nearest(rng: np.random.Generator) -> None:
    """Would catch a traceback, or silence, for a misspelt regime or body."""
    tree = some_tree(rng)
    with pytest.raises(ResultsError, match="did you mean 'devolved'"):
        summary(tree, regime="devolvd")
    with pytest.raises(ResultsError, match="did you mean 'body1'"):
        headline_table(tree, "bodyl")
    with pytest.raises(ResultsError, match="did you mean 'net_deficit'"):
        headline_table(tree, rows=["netdeficit"])
    with pytest.raises(ResultsError, match="/outcomes"):
        summary(xr.DataTree())


@pytest.mark.parametrize("scheme", ["antithetic", "lhs", "sobol"])
def test_errors_follow_the_scheme_of_the_results(scheme: str, rng: np.random.Generator) -> None:
    """Would catch independent-draw errors on other schemes."""
    found = summary(some_tree(rng, scheme=scheme)).sel(measure="bailout", organisation="place")
    units = int(found["units"].sel(regime="current"))
    assert units == {"antithetic": 400}.get(scheme, 16)
    assert found.attrs["scheme"] == scheme


def test_failed_draws_are_counted_left_out_and_bounded(rng: np.random.Generator) -> None:
    """Would catch a NaN that spoils every mean, or an event that failed draws hide."""
    study = make_study(years=3)
    amount = rng.random((2, 2, 3, 4, 25))
    amount[1, 0, 2, 1, 3] = np.nan
    amount[0, 1, 0, 3, 20] = np.inf
    tree = make_tree(study, {"deficit": amount, "rescue_needed": amount})
    assert failures.failed_draws(tree) == 2
    assert failures.failed_numbers(tree) == [28, 95]
    found = summary(tree)["value"]
    value = found.sel(measure="net_deficit", regime="devolved", organisation="body0")
    totals = amount[1, 0].sum(axis=0)
    assert float(value) == pytest.approx(totals[np.isfinite(totals)].mean())
    failed = failures.failed_mask(tree)
    event = np.ones((4, 25), dtype=bool)
    event[0] = False
    bounds = failures.probability_bounds(event, failed=failed)
    assert bounds[:4] == pytest.approx((73 / 98, 73 / 100, 75 / 100, 2))
