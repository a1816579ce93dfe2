"""Variants on the same futures: scenarios, sweeps, solved values, bridges."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import riskmc
from riskmc.errors import InputError, StudyError
from riskmc.measures import per_draw, summary
from riskmc.runs.watch import watch
from riskmc.study import Study, load_study, parse_study, study_mapping
from riskmc.variants import BASE, MEASURES, bridge, bridging, scenarios, solve, sweep
from riskmc.variants.conditions import Condition, read_condition

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"
DRAWS = 512


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(EXAMPLE).with_(f"draws={DRAWS}", "years=3", "risks.2.years=['2016/17']")


@pytest.fixture(scope="module")
def plain() -> Study:
    """One council whose deficit is 10 less its extra grant, whatever is drawn."""
    return parse_study(
        {
            "schema": 1,
            "title": "Plain",
            "start_year": "2016/17",
            "years": 1,
            "draws": 64,
            "seed": 1,
            "organisations": [
                {"id": "town", "kind": "council", "cost": 110.0, "grant": 100.0, "reserves": 50.0}
            ],
            "regimes": {
                "rules": {
                    "label": "Rules",
                    "rulebooks": {"council": {"shortfall": [{"instrument": "reserves"}]}},
                }
            },
        }
    )


@pytest.mark.parametrize("organisation", ["place", "acute"])
@pytest.mark.parametrize("scheme", ["mc", "antithetic"])
def test_a_watch_gives_the_measures_of_a_run(study: Study, organisation: str, scheme: str) -> None:
    """Would catch a watch that takes another body, regime or order of draws than `run`."""
    results = riskmc.run(study, scheme=scheme, keep="all")
    watched = watch(study, MEASURES, organisation=organisation, scheme=scheme)
    for measure in MEASURES:
        for regime in study.regimes:
            whole = per_draw(results, measure=measure, regime=regime, organisation=organisation)
            np.testing.assert_array_equal(watched.values[measure, regime], whole.values)
    table = summary(results).sel(organisation=organisation, regime="current")
    found = watched.estimate("net_deficit", "current").single()
    assert found.mcse == float(table["mcse"].sel(measure="net_deficit"))


def test_a_sweep_is_two_runs_and_their_paired_difference(study: Study) -> None:
    """Would catch a sweep whose change is not taken future by future."""
    found = sweep(study, {"drivers.demand_growth.mean": [0.03]}, measures=["net_deficit"])
    one = riskmc.run(study.with_("drivers.demand_growth.mean=0.03"), keep="all")
    base = riskmc.run(study, keep="all")
    take: dict[str, Any] = {"measure": "net_deficit", "regime": "current", "organisation": "place"}
    apart = per_draw(one, **take).values - per_draw(base, **take).values
    row = found.sel(setting="0.03", regime="current", measure="net_deficit")
    assert float(row["change_value"]) == pytest.approx(apart.mean(), rel=1e-12)
    assert float(row["change_mcse"]) == pytest.approx(
        apart.std(ddof=1) / np.sqrt(apart.size), rel=1e-6
    )
    assert float(row["change_mcse"]) < 0.5 * float(row["mcse"])


def test_a_variant_that_changes_nothing_differs_by_exactly_0(study: Study) -> None:
    """Would catch futures that move with the position of a variant."""
    found = sweep(study, {"drivers.demand_growth.mean": [0.02]})
    assert (found["change_value"] == 0.0).all()
    assert found["setting"].values.tolist() == [BASE, "0.02"]


def test_a_grid_shifts_and_scales(plain: Study) -> None:
    """Would catch a grid that changes one of its two figures only: 110 x 1.1 - 100 - 5 = 16."""
    over = {"organisations.town.cost": [1.0, 1.1], "organisations.*.grant": [1.0, 1.05]}
    found = sweep(plain, over, how="scale", measures=["net_deficit"])
    deficits = found["value"].sel(measure="net_deficit", regime="rules")
    assert deficits.values == pytest.approx([10.0, 10.0, 5.0, 21.0, 16.0])


@pytest.mark.parametrize("change", ["seed=3", "years=2", "draws=100", "scheme='lhs'"])
def test_a_variant_on_other_futures_is_refused(study: Study, change: str) -> None:
    """Would catch "paired" differences between futures that have nothing to do with each other."""
    key, _, value = change.partition("=")
    with pytest.raises(InputError, match="not the same"):
        sweep(study, {key: [value.strip("'") if key == "scheme" else int(value)]})


def test_conditions_are_read() -> None:
    """Would catch P(x) read as an amount, and per cents read as numbers."""
    assert read_condition("P(rescue_needed) <= 0.1") == Condition("p_rescue_needed", True, 0.1)
    assert read_condition("P(granted)<10%") == Condition("p_granted", True, 0.1)
    assert read_condition("E(reserves_end) >= -5") == Condition("reserves_end", False, -5.0)
    assert read_condition("unmet <= 2e2") == Condition("unmet", True, 200.0)
    with pytest.raises(InputError, match="did you mean 'rescue_needed'"):
        read_condition("P(rescue_neded) <= 0.1")
    with pytest.raises(InputError, match="from 0 to 1"):
        read_condition("P(rescue_needed) <= 10")
    with pytest.raises(InputError, match="is not a condition"):
        read_condition("make it small")


def test_a_solved_value_is_that_of_the_equation(plain: Study) -> None:
    """Would catch a search that ends on the wrong side: cost - 100 <= 4 holds up to 104."""
    found = solve(plain, "organisations.town.cost", "net_deficit <= 4", between=(100.0, 120.0))
    assert found.value == pytest.approx(104.0, abs=0.003)
    assert found.value <= 104.0
    assert found.reached.value <= 4.0
    assert found.mcse == 0.0


def test_a_solved_value_has_the_error_of_the_measure_over_its_slope(plain: Study) -> None:
    """Would catch an error in the unit of the measure: deficit max(10 + N(0, 4) - g, 0)."""
    noisy = parse_study(
        {
            **study_mapping(plain),
            "drivers": {"new_burden": {"distribution": "uniform", "low": 0.0, "high": 0.2}},
        }
    )
    found = solve(
        noisy, "organisations.town.grant", "net_deficit <= 11", between=(90.0, 130.0), draws=4096
    )
    # cost is uniform on 110 to 132, so its mean is 121 and the grant 110; sd 22 / sqrt(12)
    assert found.mcse == pytest.approx(22.0 / np.sqrt(12.0 * 4096.0), rel=0.1)
    assert abs(found.value - 110.0) < 4.0 * found.mcse


def test_a_condition_that_no_value_meets_is_said(plain: Study) -> None:
    """Would catch an end of the range passed off as a solution."""
    with pytest.raises(InputError, match="holds at neither end"):
        solve(plain, "organisations.town.cost", "net_deficit <= 4", between=(110.0, 120.0))
    with pytest.raises(InputError, match="holds at both ends"):
        solve(plain, "organisations.town.cost", "net_deficit <= 4", between=(90.0, 100.0))


def test_scenarios_of_the_study(plain: Study, tmp_path: Path) -> None:
    """Would catch a scenario lost when a study is stored, or one that is not the change typed."""
    tables = study_mapping(plain) | {
        "scenarios": [
            {"name": "Dearer", "scale": {"organisations.town.cost": 1.1}, "note": "why not"},
            {
                "name": "Both",
                "set": {"organisations.town.grant": 90.0},
                "shift": {"organisations.town.cost": -5.0},
            },
        ]
    }
    study = parse_study(tables)
    found = scenarios(study, measures=["net_deficit"])
    assert found["setting"].values.tolist() == [BASE, "Dearer", "Both"]
    assert found["value"].values.reshape(-1) == pytest.approx([10.0, 21.0, 15.0])
    study.save(tmp_path / "study.toml")
    assert load_study(tmp_path / "study.toml").scenarios == study.scenarios
    with pytest.raises(InputError, match="no \\[\\[scenarios\\]\\]"):
        scenarios(plain)


def test_a_scenario_is_checked_when_the_study_is_read(plain: Study) -> None:
    """Would catch a scenario whose misspelt key is found only after simulating."""
    wrong = [{"name": "A", "set": {"organisations.tow.cost": 1.0, "organisations.town.cost": -1.0}}]
    with pytest.raises(StudyError) as caught:
        parse_study(study_mapping(plain) | {"scenarios": wrong})
    assert "did you mean 'town'" in str(caught.value)
    twice = [{"name": "A", "set": {"seed": 1}}, {"name": "A", "set": {"seed": 1}}]
    with pytest.raises(StudyError, match="defined twice"):
        parse_study(study_mapping(plain) | {"scenarios": twice})


def test_a_bridge_adds_up(study: Study) -> None:
    """Would catch a cause left out, or one counted twice."""
    new = study.with_(
        "organisations.acute.reserves+=10",
        "drivers.demand_growth.mean=0.025",
        "drivers.tax_shock.sd=0.02",
        "risks.1.probability=0.1",
        "regimes.current.settlement.new_burdens_funded=1",
    )
    found = bridge(riskmc.run(study, keep="all"), new, regime="current")
    assert found["step"].values.tolist() == [
        "as reported",
        "opening positions and contracts",
        *_drivers(),
        "risk register",
        "rules",
    ]
    total = found["value"].isel(step=0) + found["change_value"].sum("step")
    np.testing.assert_allclose(total, found["value"].isel(step=-1), atol=1e-9)
    now = summary(riskmc.run(new, keep="all")).sel(organisation="place", regime="current")
    np.testing.assert_allclose(
        found["value"].isel(step=-1), now["value"].sel(measure=list(MEASURES)), rtol=1e-12
    )
    assert found["paired"].values.tolist() == [False, True, True, True, True, True]
    np.testing.assert_allclose(found["whole_value"], total - found["value"][0], atol=1e-9)


def test_what_all_steps_of_a_bridge_do_has_an_error_of_its_own(study: Study) -> None:
    """Would catch errors added in quadrature of steps that share their futures.

    Opening need up by 1 %, then growth of need by 1 point: both in proportion to what is drawn,
    so that their errors add up, and the error of both together is their sum.
    """
    new = study.with_("organisations.*.cost*=1.01", "drivers.demand_growth.mean+=0.01")
    measures = ("net_deficit", "reserves_end")
    found = bridge(study, new, regime="current", measures=measures)
    assert found.sizes["step"] == 3
    one, other = (riskmc.run(s, keep="all") for s in (study, new))
    for name in measures:
        at = {"measure": name, "regime": "current", "organisation": "place"}
        apart = per_draw(other, **at).values - per_draw(one, **at).values
        whole = found.sel(measure=name)
        assert float(whole["whole_value"]) == pytest.approx(apart.mean(), rel=1e-9)
        error = apart.std(ddof=1) / apart.size**0.5
        assert float(whole["whole_mcse"]) == pytest.approx(error, rel=1e-6)


def _drivers() -> list[str]:
    from riskmc.variables import driver

    return [driver(name).label for name in ("demand_growth", "tax_shock")]


def test_a_bridge_from_a_study_to_itself_is_one_bar(study: Study) -> None:
    """Would catch a cause where there is none."""
    found = bridge(study, study)
    assert found["step"].values.tolist() == ["as it stood"]


def test_a_bridge_that_leads_nowhere_is_refused_before_anything_is_run(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch minutes of runs whose result is a refusal."""

    def refused(*_: Any, **__: Any) -> Study:
        raise StudyError([])

    def run(*_: Any, **__: Any) -> Any:
        raise AssertionError("a study was run")

    monkeypatch.setattr(bridging, "parse_study", refused)
    monkeypatch.setattr(bridging, "watch", run)
    with pytest.raises(InputError, match="cannot be reached"):
        bridge(study, study.with_("years=2"))


def test_a_bridge_over_other_futures_says_so(study: Study) -> None:
    """Would catch a change of seed shown as a cause of change, without its error."""
    found = bridge(study, study.replaced(seed=5))
    assert found["step"].values.tolist() == ["as it stood", "seed"]
    assert not found["paired"].values[-1]
    last = found.isel(step=-1).sel(measure="net_deficit")
    assert float(last["change_mcse"]) > float(last["mcse"])


def test_a_bridge_between_numbers_of_futures_names_nothing_else(study: Study) -> None:
    """Would catch a model version blamed for what more futures do, and draws rounded up."""
    results = riskmc.run(study, draws=500)  # 512 are run, and kept in single precision
    found = bridge(results, study.replaced(draws=1024))
    assert found["step"].values.tolist() == ["as reported", "number of futures"]
    again = bridge(results, study.replaced(draws=505))
    assert again["step"].values.tolist() == ["as reported"]
    level = found.sel(measure="net_deficit")
    assert float(level["change_mcse"][1]) > float(level["mcse"][1])


def test_a_bridge_from_an_older_version_names_it(study: Study) -> None:
    """Would catch a change of the model hidden among the changes of the study."""
    results = riskmc.run(study, keep="all")
    results.attrs["riskmc_version"] = "0.0.1"
    found = bridge(results, study)
    assert found["step"].values.tolist() == ["as reported", "model version"]
    assert (found["change_value"] == 0.0).all()


def test_what_cannot_happen_is_said_of_variants_too(plain: Study) -> None:
    """Would catch "0.00" or "0 % ±0" for what the rules rule out, and for what was not seen."""
    from riskmc.cli.variants import bridge_table, variants_table

    names = ["extra_local_tax", "p_rescue_needed_above_1_percent"]
    costlier = plain.with_("organisations.town.cost=140")
    table = sweep(plain, {"organisations.town.cost": [120.0]}, measures=names)
    text = variants_table(table.sel(regime="rules"))
    assert "0.00" not in text
    assert "cannot happen" in text
    assert "fewer than 3 in 64 (95 %)" in text
    text = bridge_table(bridge(plain, costlier, measures=names))
    assert "0.00" not in text
    assert "cannot happen" in text


def test_parts_that_cannot_stand_alone_are_taken_together(study: Study) -> None:
    """Would catch a crash where a new body comes with rules and drivers of its own."""
    tables = study_mapping(study)
    ward = {"id": "clinic", "kind": "provider", "cost": 20.0, "grant": 20.0}
    tables["organisations"] = [*tables["organisations"], ward]
    tables["planning"] = {**tables["planning"], "by": {"clinic": {"grant_growth": 0.01}}}
    new = parse_study(tables)
    assert bridge(study, new)["step"].values[-1] in ("plans", "opening positions and contracts")
    back = bridge(new, study)["step"].values.tolist()
    assert back == ["as it stood", "opening positions and contracts and plans"]


def test_changes_of_chances_are_in_points() -> None:
    """Would catch 80 % and 99 % with a change of "+20 %", which reads as a fifth of the first."""
    from riskmc.words.estimates import estimate_text

    row = {"bound": False, "units": 1600, "impossible": False}
    level = row | {"value": 0.8, "mcse": 0.01}
    change = {f"change_{key}": x for key, x in (row | {"value": 0.2, "mcse": 0.01}).items()}
    assert estimate_text(change, "change_", unit="probability") == "+20 points ±1"
    assert estimate_text(level, unit="probability") == "80 % ±1"
    assert "points" not in estimate_text(change, "change_", unit="£m")


def test_the_example_of_the_second_run_is_short_and_can_be_run() -> None:
    """Would catch an example whose study is refused, or that has grown to twenty lines."""
    page = (EXAMPLE.parents[1] / "docs" / "second-run.md").read_text(encoding="utf-8")
    shell, python = re.findall(r"```(?:sh|python)\n(.*?)```", page, re.DOTALL)[:2]
    lines = [line for line in (*shell.splitlines(), *python.splitlines()) if line]
    assert len(lines) < 20
    text = (EXAMPLE.parent / "greater-manchester.toml").read_text(encoding="utf-8")
    changes = re.findall(r"s/(\^.*?)/(.*?)/'", lines[0])
    for old, new in changes:
        text, found = re.subn(old, new, text, count=1, flags=re.MULTILINE)
        assert found == 1
    june = text + "\n" + shell.partition("<<END\n")[2].partition("END\n")[0]
    study = parse_study(tomllib.loads(june))
    assert (study.draws, len(study.scenarios)) == (4096, 3)
    assert study.drivers["demand_growth"].everyone.parameters["mean"] == 0.03
    key = re.search(r"--for (\S+)\+ ", shell)
    assert key is not None
    assert study.with_(f"{key.group(1)}+=0.01") != study
