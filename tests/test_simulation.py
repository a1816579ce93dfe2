"""Runs: the same to the bit however they are cut, one's own futures, what is kept and refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

import riskmc
from riskmc.engine.blocks import run_block
from riskmc.errors import DriversError, InputError, ResultsError, TooLargeError
from riskmc.runs.simulation import prepare, run
from riskmc.sampling import Sampler, sample
from riskmc.study import Study, load_study, parse_study
from riskmc.study.load import study_mapping
from riskmc.variables import DRIVER_DIMS, OUTCOME_DIMS, PLACE_DIMS, PLACE_NAMES, VARIABLES

EXAMPLE = Path(__file__).parent.parent / "configs" / "example.toml"
#: The fund of the example is paid in five.
YEARS = 6


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(EXAMPLE).replaced(years=YEARS)


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
    """Would catch a regime whose outcome hangs on which others run alongside it."""
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
    twice = study.model_copy(update={"regimes": {"current": current, "two": current}})
    outcomes = run(twice, draws=320, seed=9, keep="all")["outcomes"]
    for name, values in outcomes.data_vars.items():
        one, two = (values.sel(regime=r).values for r in ("current", "two"))
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


def test_drivers_without_an_effect_are_reported(
    study: Study, caplog: pytest.LogCaptureFixture
) -> None:
    """Would catch per cents taken for shares without a word."""
    futures = sample(study, draws=16, seed=1)
    run(study, drivers=futures)
    assert not caplog.text
    at = {"year": "2018/19", "organisation": "ccg", "chain": 0, "draw": 0}
    futures["in_year_cut"].loc[at] = 1.5
    kept = run(study, drivers=futures)
    assert "in_year_cut is a share of grant" in caplog.text
    assert "year 2018/19, organisation ccg, chain 0, draw 0 (1 in all)" in caplog.text
    assert kept["drivers"]["in_year_cut"].sel(at).item() == 1.0
    assert json.loads(kept.attrs["drivers_clipped"]) == {"in_year_cut": {"draws": 1, "of": 16}}
    futures["in_year_cut"].loc[at] = 5.0
    with pytest.raises(DriversError, match=r"far outside 0 to 1.*fractions: 0\.02 is 2 %"):
        run(study, drivers=futures)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d.expand_dims(foo=2), "a dimension foo"),
        (lambda d: d.astype(complex), "complex128, not real numbers"),
        (lambda d: d.assign(recognition=d["recognition"].astype(str)), "not real numbers"),
        (
            lambda d: xr.concat([d, d.isel(organisation=[0])], "organisation"),
            "acute appears twice",
        ),
        (lambda d: d.to_dataarray(), "DataArray is not a Dataset"),
    ],
)
def test_drivers_of_another_type_are_refused(study: Study, spoil: object, said: str) -> None:
    """Would catch text or complex numbers cast, and a duplicate label."""
    assert callable(spoil)
    with pytest.raises(DriversError, match=said):
        run(study, drivers=spoil(sample(study, draws=16, seed=1)))


@pytest.mark.parametrize(
    ("option", "value"),
    [("keep", "foo"), ("seed", 2**64), ("seed", -1), ("seed", 1.5), ("draws", "10"), ("draws", 0),
     ("draws", True), ("workers", 0), ("workers", 1.0), ("memory", "2GB"), ("memory", 0),
     ("scheme", "latin"), ("scheme", 3)],
)  # fmt: skip
def test_options_are_checked_in_python_as_in_files(
    study: Study, option: str, value: object
) -> None:
    """Would catch keep="foo" run as headline, and a seed that no file can hold."""
    with pytest.raises(InputError, match=f"^{option}: .*allowed"):
        run(study, **{option: value})  # type: ignore[arg-type]


def test_drivers_of_sample_say_how_they_were_drawn(study: Study) -> None:
    """Would catch errors of independent draws stated for Latin hypercubes: 1.3 times too wide."""
    study = study.replaced(years=3)
    drawn = sample(study, draws=16_384, seed=7, scheme="lhs")
    ours = run(study, drivers=drawn, keep="all")
    theirs = run(study, draws=16_384, seed=7, scheme="lhs", keep="all")
    for key in ("scheme", "chains", "seed", "draws"):
        assert ours.attrs[key] == theirs.attrs[key]
    xr.testing.assert_allclose(riskmc.summary(ours), riskmc.summary(theirs), rtol=1e-9)
    plain = run(study, drivers=drawn.drop_attrs())
    assert plain.attrs["scheme"] == "mc"


def test_no_measure_goes_below_zero_where_a_driver_leaves_its_meaning(study: Study) -> None:
    """Would catch unmet need below nothing: recognition above 1 in one future of eight."""
    table = {"distribution": "normal", "mean": 0.7, "sd": 0.2}
    mapping = study_mapping(study)
    mapping["drivers"]["recognition"] = table
    beyond = run(parse_study(mapping), draws=4_000, keep="all")
    for name in ("unmet", "in_year_measures", "from_reserves", "service_reduction"):
        assert float(beyond["outcomes"][name].min()) >= 0.0
    assert float(beyond["drivers"]["recognition"].max()) == 1.0
    said = json.loads(beyond.attrs["drivers_clipped"])["recognition"]
    drawn = Sampler(parse_study(mapping)).unclipped(0)["recognition"][..., :4_000]
    assert said == {
        "draws": int(((drawn > 1.0) | (drawn < 0.0)).any(axis=(0, 1)).sum()),
        "of": 4_000,
    }


def test_what_was_not_kept_is_recomputed_to_the_bit(study: Study) -> None:
    """Would catch another draw, year or body given for what was not kept."""
    everything, headline = (run(study, draws=5_000, seed=3, keep=k) for k in ("all", "headline"))
    for name in ("interest", "cost", "deficit"):
        found = riskmc.recompute(headline, name)
        xr.testing.assert_identical(found, everything["outcomes"][name].load())
    place = riskmc.recompute(headline, "net_deficit")
    xr.testing.assert_identical(place, everything["place"]["net_deficit"])
    part = headline.isel(draw=slice(3, 9), year=[2, 1]).sel(organisation=["borough", "acute"])
    found = riskmc.recompute(part, "demand_growth")
    labels = {dim: part["outcomes"][dim].values for dim in found.dims}
    xr.testing.assert_equal(found, everything["drivers"]["demand_growth"].sel(labels))
    with pytest.raises(ResultsError, match="did you mean 'interest'"):
        riskmc.recompute(headline, "interests")
    own = run(study, drivers=sample(study, draws=16), keep="headline")
    with pytest.raises(ResultsError, match="which the seed cannot draw"):
        riskmc.recompute(own, "cost")


def test_a_run_that_does_not_fit_is_refused_before_it_starts(study: Study) -> None:
    """Would catch a machine brought down: nothing may be allocated first."""
    with pytest.raises(TooLargeError, match=r"takes [\d.]+ TB.*at most [\d,]+ draws"):
        run(study, draws=10**9, keep="all")
    own = run(study, drivers=sample(study, draws=160), memory=12_000_000)
    assert own.attrs["kept"] == "all", "no key draws one's own drivers again"
    headline = run(study, draws=1_600, memory=40_000_000)
    assert headline.attrs["kept"] == "headline"
    assert prepare(study, draws=100_000, memory=260_000_000).contents.keep == "summaries"
    assert "drivers" not in headline.children
    assert "cost" not in headline["outcomes"]
    assert set(headline["place"].data_vars) == set(PLACE_NAMES)


def test_round_trip_through_netcdf(study: Study, tmp_path: Path) -> None:
    """Would catch a value, type, unit or attribute lost on file."""
    results = run(study, draws=160, seed=3, keep="all")
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


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": 2}, "of riskmc 0.0.9 in form 2; .* reads form 3: run the study again"),
        (
            {"format": 4},
            "of riskmc 0.0.9 in form 4; .* reads form 3: open them with a later riskmc",
        ),
        ({"group": "streams"}, "in a former form of summaries; .*: run the study again"),
        ({"format": 0}, "not a results file: it does not say its form"),
    ],
)
def test_results_of_another_version_say_what_to_do(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    """Would catch "not a results file" of one that is, or a reader that guesses at its groups."""
    said = {"format": 3, "riskmc_version": "0.0.9", **change}
    with h5py.File(tmp_path / "old.nc", "w") as file:
        if group := said.pop("group", ""):
            file.create_group(group)
        file.attrs.update(said)
    with pytest.raises(ResultsError, match=says):
        riskmc.open_results(tmp_path / "old.nc")


def test_a_stored_study_of_another_version_says_what_to_do(results: xr.DataTree) -> None:
    """Would catch a list of unknown keys of a study that the user never wrote."""
    other = results.copy()
    stored = json.loads(results.attrs["study"])
    other.attrs = {**results.attrs, "study": json.dumps({**stored, "moods": 1})}
    with pytest.raises(ResultsError, match=r"riskmc .* stored .* cannot be read .*: run .* again"):
        riskmc.summary(other)


def test_money_is_conserved_in_every_draw(results: xr.DataTree) -> None:
    """Would catch money made or lost: the note's identities, for the place."""
    p = results["place"].to_dataset()
    met = p.from_reserves + p.in_year_measures + p.capital_to_revenue + p.carry_forward
    xr.testing.assert_allclose(met + p.bailout + p.unresolved, p.shortfall, rtol=1e-9, atol=1e-9)
    xr.testing.assert_allclose(p.own_balance, p.balance, rtol=1e-9, atol=1e-8)
    opening = sum(o.reserves for o in load_study(EXAMPLE).organisations)
    before = p.reserves.shift(year=1, fill_value=opening)
    fund = 10.0 * (xr.DataArray(np.arange(YEARS) < 5, dims="year"))
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
