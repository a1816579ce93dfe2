"""The runs beside the main one: what a stress changes, and what breaks us."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import norm

from riskmc.measures import summary
from riskmc.measures.futures import check_same_futures
from riskmc.report import extra_runs_of, shocks
from riskmc.report.extra import CHANCES, RUNGS, Extra, extra_runs, with_rescue
from riskmc.runs.simulation import run
from riskmc.sampling import sample
from riskmc.study import DriverTable, Study
from riskmc.variables import DRIVER_NAMES

if TYPE_CHECKING:
    import xarray as xr


def test_adverse_values_are_the_drivers_own_quantiles(example: Study) -> None:
    """Would catch a shock on the kind side, or of a size that is not one in twenty."""
    z = np.array([shocks.ONE_IN_TWENTY])
    demand = shocks.adverse_values(example, "demand_growth", z)[0, :, 0]
    ids = example.organisation_ids
    assert demand[ids.index("acute")] == pytest.approx(norm.ppf(0.95, 0.02, 0.010), rel=1e-9)
    assert demand[ids.index("borough")] == pytest.approx(norm.ppf(0.95, 0.03, 0.010), rel=1e-9)
    funding = shocks.adverse_values(example, "funding_shock", z)[0, 0, 0]
    assert funding == pytest.approx(norm.ppf(0.05, 0.0, 0.008), rel=1e-9)


def test_a_rare_event_happens_in_its_scenario(example: Study) -> None:
    """Would catch a scenario of a cut in which there is no cut."""
    table = example.drivers["in_year_cut"]
    everyone = table.everyone.model_copy(update={"probability": 0.01})
    rare = DriverTable(name=table.name, everyone=everyone, by=table.by)
    study = example.replaced(drivers={**example.drivers, "in_year_cut": rare})
    z = np.array([0.0, shocks.ONE_IN_TWENTY])
    values = shocks.adverse_values(study, "in_year_cut", z)[0, 0]
    assert values[0] == 0.0
    assert values[1] == pytest.approx(0.008, rel=1e-6)


def test_a_scenario_changes_its_drivers_and_years_only(example: Study) -> None:
    """Would catch a stress that leaks into other drivers, years or futures."""
    drawn = sample(example, draws=64)
    scenario = next(s for s in shocks.scenarios(example) if s.name == "funding")
    changed = shocks.stressed(drawn, example, scenario)
    struck = list(shocks.stressed_years(example))
    assert struck == ["2017/18", "2018/19"]
    for name in DRIVER_NAMES:
        same = drawn[name].drop_sel(year=struck)
        assert changed[name].dims == drawn[name].dims
        assert np.array_equal(changed[name].drop_sel(year=struck).values, same.values)
        equal = np.array_equal(changed[name].values, drawn[name].values)
        assert equal == (name not in scenario.drivers)


def test_scenarios_name_only_drivers_of_the_study(example: Study) -> None:
    """Would catch a stress test of something that the study keeps neutral."""
    few = {k: v for k, v in example.drivers.items() if k in ("demand_growth", "rescue")}
    study = example.replaced(drivers=few, correlation={})
    assert [s.name for s in shocks.scenarios(study)] == ["demand"]
    assert shocks.scenarios(example)[-1].name == "together"


def test_the_mildest_shock_breaks_and_a_milder_one_does_not(example: Study, extra: Extra) -> None:
    """Would catch a rung too high or too low, or a break read from another regime."""
    found = next(b for b in extra.breaking if (b.climber, b.regime) == ("everything", "devolved"))
    assert found.z is not None
    rungs = np.array([found.z - 0.05, found.z])
    drivers, climbers = shocks.ladder(example, rungs)
    assert climbers[0] == "everything"
    results = run(example, drivers=drivers, scheme="mc", keep="headline")
    needed = results["place"]["rescue_needed"].sel(regime="devolved").sum("year").values.ravel()
    milder, mildest = needed[0], needed[1]
    assert milder <= 1e-6 < mildest


def test_every_driver_is_tried_under_every_regime(example: Study, extra: Extra) -> None:
    """Would catch a driver or a regime left out of the reverse stress test."""
    tried = {(b.climber, b.regime) for b in extra.breaking}
    named = {name for name in example.named_drivers if name in shocks.ADVERSE}
    assert tried == {(c, r) for c in ("everything", *named) for r in example.regimes}
    assert all(b.z is None or RUNGS[0] <= b.z <= RUNGS[-1] for b in extra.breaking)


def test_the_chance_of_a_rescue_is_set_everywhere(example: Study) -> None:
    """Would catch a holder whose own chance stays."""
    study = with_rescue(example, 0.25)
    chances = {
        setting.parameters["probability"]
        for regime in study.regimes.values()
        for book in regime.rulebooks.values()
        for setting in book.shortfall
        if setting.instrument == "bailout"
    }
    assert chances == {0.25}


def test_the_sweep_grants_none_and_all(extra: Extra) -> None:
    """Would catch a sweep that is not on the chances it is labelled with."""
    assert tuple(p for p, _ in extra.sweep) == CHANCES
    granted, needed = [], []
    for _, results in extra.sweep:
        found = summary(results, organisation="place").sel(organisation="place", regime="current")
        granted.append(float(found["value"].sel(measure="p_granted")))
        needed.append(float(found["value"].sel(measure="p_rescue_needed")))
    assert granted[0] == 0.0
    assert granted == sorted(granted)
    assert granted[-1] == needed[-1] > 0.5


def test_variants_share_their_futures(extra: Extra) -> None:
    """Would catch a comparison of regimes on different futures."""
    assert extra.behaviour is not None
    for _, results in extra.sweep:
        check_same_futures(extra.sweep[0][1], results)
    check_same_futures(extra.behaviour, extra.sweep[0][1])


def test_extra_runs_take_the_results_seed_and_scheme(example: Study) -> None:
    """Would catch stress tests on other futures than the report's."""
    results = run(example, draws=256, seed=7, scheme="antithetic", keep="headline")
    extra = extra_runs_of(results, draws=256)
    assert extra.base.attrs["seed"] == 7
    assert extra.base.attrs["scheme"] == "antithetic"
    one = summary(results, organisation="place")["value"]
    other = summary(extra.base, organisation="place")["value"]
    assert np.allclose(one.values, other.values, rtol=1e-12, equal_nan=True)


def test_progress_ends_where_it_said(example: Study) -> None:
    """Would catch a count of runs that stops short or overshoots."""
    told: list[tuple[int, int]] = []
    extra_runs(example, draws=64, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] == len(told)


def test_without_bailouts_there_is_no_sweep(example: Study) -> None:
    """Would catch a sweep over what no rule allows."""
    books = {}
    for name, book in example.regimes["devolved"].rulebooks.items():
        shortfall = tuple(s for s in book.shortfall if s.instrument != "bailout")
        books[name] = book.model_copy(update={"shortfall": shortfall})
    regime = example.regimes["devolved"].model_copy(update={"rulebooks": books})
    study = example.replaced(regimes={"devolved": regime}, behaviour={})
    assert extra_runs(study, draws=64).sweep == ()


@pytest.mark.parametrize("name", sorted(shocks.ADVERSE))
def test_each_driver_is_stressed_to_its_adverse_side(example: Study, name: str) -> None:
    """Would catch a driver whose kind side is taken for its adverse one."""
    drawn = sample(example, draws=512)
    scenario = shocks.Scenario("one", "One", (name,))
    changed = shocks.stressed(drawn, example, scenario)
    found = []
    for drivers in (drawn, changed):
        results = run(example, drivers=drivers, scheme="mc", keep="headline")
        place = results["place"].to_dataset().sel(regime="current").sum("year")
        found.append(float((place["net_deficit"] + place["unresolved"]).mean()))
    if name == "recognition":  # seen late, less can be held back: the deficit stands before that
        assert found[1] >= found[0]
    else:
        assert found[1] > found[0]


def test_stress_makes_it_worse(extra: Extra, results: xr.DataTree) -> None:
    """Would catch a stress applied on the kind side."""
    base = _deficit(extra.base)
    for scenario, stressed in extra.stressed:
        assert (_deficit(stressed) > base).all(), scenario.name
    assert len(extra.stressed) == 6


def _deficit(results: xr.DataTree) -> np.ndarray:
    found = summary(results, organisation="place")
    return np.asarray(found["value"].sel(organisation="place", measure="net_deficit").values)
