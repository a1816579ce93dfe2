"""Runs: the same to the bit however they are cut, one's own futures, what is kept and refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import riskmc
from riskmc.engine.blocks import run_block
from riskmc.errors import DriversError, ResultsError, TooLargeError
from riskmc.runs.simulation import prepare, run
from riskmc.sampling import sample
from riskmc.study import Study, load_study
from riskmc.variables import DRIVER_DIMS, OUTCOME_DIMS, PLACE_DIMS, PLACE_NAMES, VARIABLES

EXAMPLE = Path(__file__).parent.parent / "configs" / "example.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(EXAMPLE)


@pytest.fixture(scope="module")
def results(study: Study) -> xr.DataTree:
    return run(study, draws=5_000, seed=3, workers=1, keep="all")


def assert_identical(a: xr.DataTree, b: xr.DataTree) -> None:
    for group in a.children:
        assert set(a[group].data_vars) == set(b[group].data_vars)
        for name in a[group].data_vars:
            left, right = a[group][name], b[group][name].transpose(*a[group][name].dims)
            np.testing.assert_array_equal(left.values, right.values, err_msg=f"{group}/{name}")


def test_results_hold_every_variable_with_units_and_labels(
    study: Study, results: xr.DataTree
) -> None:
    """Would catch a variable of the register lost, unlabelled, or with other dims."""
    outcomes, place, drivers = results["outcomes"], results["place"], results["drivers"]
    assert set(outcomes.data_vars) == {v.name for v in VARIABLES}
    assert set(place.data_vars) == set(PLACE_NAMES)
    assert outcomes["deficit"].dims == OUTCOME_DIMS
    assert place["deficit"].dims == PLACE_DIMS
    assert drivers["demand_growth"].dims == DRIVER_DIMS
    assert outcomes["exhausted"].dtype == bool
    for group in (outcomes, place, drivers):
        for name, values in group.data_vars.items():
            assert values.attrs["units"], name
            assert values.attrs["long_name"], name
    assert list(outcomes["year"].values) == list(study.year_labels)
    assert list(outcomes["regime"].values) == ["current", "devolved", "devolved_annual"]
    assert results.attrs["draws"] == 5_008  # rounded up to fill sixteen chains
    assert outcomes.sizes["chain"] == 16


def test_threads_slices_and_more_draws_change_nothing(study: Study, results: xr.DataTree) -> None:
    """Would catch a sum whose order hangs on the block's width, or state shared by threads."""
    assert_identical(results, run(study, draws=5_000, seed=3, workers=3, keep="all"))
    simulation = prepare(study, draws=5_000, seed=3, keep="all")
    values = simulation.zeros(904)
    drivers = {
        name: x if x.shape[2] == 1 else x[..., :904]
        for name, x in simulation.futures.key_block(0).items()
    }
    regimes = range(len(simulation.programmes))
    run_block(
        simulation.programmes,
        drivers,
        [{n: x[r] for n, x in values["outcomes"].items()} for r in regimes],
        [{n: x[r] for n, x in values["place"].items()} for r in regimes],
        draws=904,
        width=37,
    )
    for group in ("outcomes", "place"):
        for name, ours in values[group].items():
            numbered = results[group][name].stack(n=("chain", "draw")).isel(n=slice(904))
            dims = ("regime", "organisation", "year", "n")
            whole = numbered.transpose(*(d for d in dims if d in numbered.dims)).values
            np.testing.assert_array_equal(ours, whole, err_msg=name)


def test_regimes_share_their_futures_and_do_not_touch_each_other(
    study: Study, results: xr.DataTree
) -> None:
    """Would catch a regime whose outcome hangs on which others run beside it."""
    alone = study.model_copy(update={"regimes": {"devolved": study.regimes["devolved"]}})
    other = run(alone, draws=5_000, seed=3, keep="all")
    for name in other["outcomes"].data_vars:
        np.testing.assert_array_equal(
            other["outcomes"][name].sel(regime="devolved").values,
            results["outcomes"][name].sel(regime="devolved").values,
            err_msg=str(name),
        )


def test_the_same_regime_twice_differs_by_exactly_nothing(study: Study) -> None:
    """Would catch chance inside a rule, or state carried from one regime to the next."""
    current = study.regimes["current"]
    twice = study.model_copy(update={"regimes": {"one": current, "two": current}})
    outcomes = run(twice, draws=320, seed=9, keep="all")["outcomes"]
    for name, values in outcomes.data_vars.items():
        one, two = (values.sel(regime=r).values for r in ("one", "two"))
        np.testing.assert_array_equal(one, two, err_msg=str(name))


def test_one_s_own_futures_give_the_same_outcomes(study: Study, results: xr.DataTree) -> None:
    """Would catch drivers misaligned by label: the organisations are handed in reversed."""
    futures = sample(study, draws=5_000, seed=3)
    shuffled = futures.isel(organisation=slice(None, None, -1), year=slice(None, None, -1))
    assert_identical(results, run(study, drivers=shuffled, keep="all"))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d.drop_vars("recognition"), "missing recognition"),
        (lambda d: d.assign(luck=d["rescue"]), "unknown luck"),
        (lambda d: d.drop_sel(organisation="ccg"), "no organisation ccg"),
        (lambda d: d.drop_sel(year="2018/19"), "no year 2018/19"),
        (lambda d: d.where(d["rescue"] > 0.001), "is NaN at year"),
        (lambda d: d.isel(draw=slice(0)), "no draws"),
        (lambda d: d.isel(draw=0), "no dimension 'draw'"),
        (lambda d: d.drop_vars("year"), "no labels for dimension 'year'"),
    ],
)
def test_wrong_drivers_are_refused_by_name(study: Study, spoil: object, said: str) -> None:
    """Would catch a NaN or a missing label read as 0."""
    futures = sample(study, draws=16, seed=1)
    assert callable(spoil)
    with pytest.raises(DriversError, match=said):
        run(study, drivers=spoil(futures))


def test_drivers_that_have_no_meaning_are_told(
    study: Study, caplog: pytest.LogCaptureFixture
) -> None:
    """Would catch per cents taken for shares without a word."""
    futures = sample(study, draws=16, seed=1)
    run(study, drivers=futures)
    assert not caplog.text
    at = {"year": "2018/19", "organisation": "ccg", "chain": 0, "draw": 0}
    futures["in_year_cut"].loc[at] = 5.0
    run(study, drivers=futures)
    assert "in_year_cut is a share of grant" in caplog.text
    assert "year 2018/19, organisation ccg, chain 0, draw 0 (1 in all)" in caplog.text


def test_a_run_that_does_not_fit_is_refused_before_it_starts(study: Study) -> None:
    """Would catch a machine brought down: nothing may be allocated first."""
    with pytest.raises(TooLargeError, match=r"takes 33\.0 TB.*at most [\d,]+ draws"):
        run(study, draws=10**9, keep="all")
    own = run(study, drivers=sample(study, draws=160), memory=6_000_000)
    assert own.attrs["kept"] == "all", "no key draws one's own drivers again"
    headline = run(study, draws=1_600, memory=40_000_000, keep="all")
    assert headline.attrs["kept"] == "headline"
    assert prepare(study, draws=100_000, memory=60_000_000).contents.keep == "summaries"
    assert "drivers" not in headline.children
    assert "cost" not in headline["outcomes"]
    assert set(headline["place"].data_vars) == set(PLACE_NAMES)


def test_round_trip_through_netcdf(results: xr.DataTree, tmp_path: Path) -> None:
    """Would catch a value, type, unit or attribute lost on file."""
    path = riskmc.save(results, tmp_path / "x.nc")
    again = riskmc.open_results(path)
    assert_identical(results, again)
    assert again.attrs == results.attrs
    assert again["outcomes"]["deficit"].dims == OUTCOME_DIMS
    assert again["outcomes"]["exhausted"].dtype == bool
    assert again["outcomes"]["deficit"].attrs == results["outcomes"]["deficit"].attrs
    again.close()
    assert_identical(results, riskmc.open_results(tmp_path / "x.nc"))
    with pytest.raises(ResultsError, match="no such results file"):
        riskmc.open_results(tmp_path / "y.nc")
    (tmp_path / "z.nc").write_text("not a file of ours", encoding="utf-8")
    with pytest.raises(ResultsError, match="not a results file"):
        riskmc.open_results(tmp_path / "z.nc")


def test_money_is_conserved_in_every_draw(results: xr.DataTree) -> None:
    """Would catch money made or lost: the note's identities, for the place."""
    p = results["place"].to_dataset()
    met = p.from_reserves + p.in_year_measures + p.capital_to_revenue + p.carry_forward
    xr.testing.assert_allclose(met + p.bailout + p.unresolved, p.shortfall, rtol=1e-9, atol=1e-9)
    xr.testing.assert_allclose(p.own_balance, p.balance, rtol=1e-9, atol=1e-8)
    opening = sum(o.reserves for o in load_study(EXAMPLE).organisations)
    before = p.reserves.shift(year=1, fill_value=opening)
    fund = 10.0 * (xr.DataArray(np.arange(10) < 5, dims="year"))
    closing = (
        before
        + p.balance
        + p.bailout
        + p.in_year_measures
        + p.capital_to_revenue
        + p.carry_forward
        - p.clawback
        - (p.prevention - fund)
        - p.year_end_spending
        - p.repaid
    )
    xr.testing.assert_allclose(closing, p.reserves, rtol=1e-9, atol=1e-8)
