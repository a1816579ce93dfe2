"""What a study that loads says of each body and year, against figures worked out by hand."""

from __future__ import annotations

import copy
import json
import math
import pickle
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from riskmc.distributions import Beta, Empirical, Mixture, Pert, Uniform
from riskmc.errors import StudyError
from riskmc.study import (
    Contract,
    Study,
    load_study,
    parse_study,
    study_from_json,
    study_json,
    study_mapping,
)

HERE = Path(__file__).parent
WHOLE = (HERE / "whole.toml").read_text(encoding="utf-8")
CONFIGS = sorted((HERE.parent.parent / "configs").glob("*.toml"))


@pytest.fixture
def study() -> Study:
    return load_study(HERE / "whole.toml")


@pytest.fixture
def tables() -> dict[str, Any]:
    return tomllib.loads(WHOLE)


def small(**sections: Any) -> dict[str, Any]:
    """A study of one council under one regime, with the sections given."""
    return {
        "schema": 1,
        "title": "Small",
        "start_year": "2098/99",
        "years": 3,
        "draws": 10,
        "seed": 0,
        "organisations": [{"id": "a", "kind": "council"}],
        "regimes": {"r": {"rulebooks": {"council": {}}}},
        **sections,
    }


def test_the_top_of_the_file(study: Study) -> None:
    """Would catch a value lost or renamed on the way."""
    assert study.schema_version == 1
    assert study.title == "Example place"
    assert (study.years, study.draws, study.seed, study.scheme) == (10, 20_000, 2016, "mc")
    assert study.year_labels[:2] == ("2016/17", "2017/18")
    assert study.year_labels[-1] == "2025/26"
    assert study.organisation_ids == ("acute", "ccg", "borough")
    assert study.precision is None


def test_labels_pass_the_century() -> None:
    """Would catch "2099/100"."""
    assert parse_study(small()).year_labels == ("2098/99", "2099/00", "2100/01")


def test_defaults_are_those_of_the_model() -> None:
    """Would catch a default that the model does not give."""
    study = parse_study(small())
    body = study.organisations[0]
    assert (body.cost, body.grant, body.local_tax, body.charges) == (0, 0, 0, 0)
    assert (body.reserves, body.reserve_floor, body.debt, body.capital) == (0, 0, 0, 0)
    assert body.prevention_benefit is None
    assert body.name == "a"
    assert study.dynamics.prevention_cap == 0.1
    assert study.dynamics.unmet_return == 0.0
    regime = study.regimes["r"]
    assert regime.label == "r"
    assert regime.settlement.period == 1
    assert regime.settlement.in_year_cuts == "exposed"
    assert regime.settlement.cut_recurrent_share == 1.0
    assert regime.payment.activity_share is None
    book = regime.rulebooks["council"]
    assert (book.interest, book.contingency, book.restore_reserves) == (0.0, 0.0, False)


def test_planned_growth_by_year_and_scope(study: Study, tables: dict[str, Any]) -> None:
    """Would catch a list that ends early, or a scope that beats a nearer one."""
    grant = study.growth("grant_growth")
    assert grant.shape == (10, 3)
    np.testing.assert_array_equal(grant[:4, 0], [0.030, 0.025, 0.020, 0.020])
    np.testing.assert_array_equal(grant[:, 2], np.full(10, -0.05))
    np.testing.assert_array_equal(study.growth("tax_growth"), np.full((10, 3), 0.03))
    tables["planning"]["by"]["borough"] = {"grant_growth": [0.1, 0.2]}
    del tables["planning"]["charges_growth"]
    nearer = parse_study(tables)
    np.testing.assert_array_equal(nearer.growth("grant_growth")[:3, 2], [0.1, 0.2, 0.2])
    np.testing.assert_array_equal(nearer.growth("tax_growth")[:, 2], np.full(10, 0.03))
    np.testing.assert_array_equal(nearer.growth("charges_growth"), np.zeros((10, 3)))


def test_uplift_by_year(study: Study) -> None:
    """Would catch an uplift that stops where its list does."""
    contract = Contract(payer="ccg", payee="acute", value=1.0, uplift=(0.1, 0.2))
    np.testing.assert_array_equal(study.uplift(contract), [0.1] + 9 * [0.2])
    np.testing.assert_array_equal(study.uplift(study.contracts[0]), np.zeros(10))


def test_drivers_by_scope(study: Study, tables: dict[str, Any]) -> None:
    """Would catch a scope that drops `shared`, or keeps parameters of another family."""
    driver = study.driver("demand_growth", "borough")
    assert driver is not None
    assert (driver.mean, driver.distribution.sd) == (0.03, 0.010)
    assert (driver.shared, driver.persistence) == (0.5, 0.3)
    demand = tables["drivers"]["demand_growth"]
    demand["expected"] = 0.05
    demand["probability"] = 0.4
    demand["by"]["borough"] = {"distribution": "uniform", "low": 0.1, "high": 0.3, "shared": 0.9}
    demand["by"]["acute"] = {"sd": 0.02}
    other = parse_study(tables)
    borough = other.driver("demand_growth", "borough")
    assert borough is not None
    assert borough.distribution == Uniform(low=0.1, high=0.3)
    assert (borough.expected, borough.probability) == (None, 0.4)
    assert (borough.shared, borough.persistence) == (0.9, 0.3)
    acute = other.driver("demand_growth", "acute")
    assert acute is not None
    assert (acute.distribution.mean, acute.distribution.sd, acute.expected) == (0.02, 0.02, 0.05)
    # the event's zeros count: 0.4 x 0.2; elsewhere `expected` as given
    np.testing.assert_allclose(other.expected("demand_growth")[0], [0.05, 0.05, 0.08], rtol=1e-14)


def test_expected_of_drivers_is_their_mean(study: Study) -> None:
    """Would catch planners who expect the wrong figure, or anything of a neutral driver."""
    np.testing.assert_array_equal(study.expected("demand_growth")[-1], [0.02, 0.02, 0.03])
    np.testing.assert_array_equal(parse_study(small()).expected("demand_growth")[0], [0.0])


def test_a_driver_may_hold_for_some_bodies_only() -> None:
    """Would catch a driver forced on bodies that it does not name."""
    tables = small(
        organisations=[{"id": "a", "kind": "council"}, {"id": "b", "kind": "provider"}],
        drivers={
            "tax_shock": {
                "shared": 0.5,
                "by": {"council": {"distribution": "normal", "mean": 0.0, "sd": 0.1}},
            }
        },
        regimes={"r": {"rulebooks": {"council": {}, "provider": {}}}},
    )
    study = parse_study(tables)
    assert study.driver("tax_shock", "b") is None
    council = study.driver("tax_shock", "a")
    assert council is not None
    assert council.shared == 0.5
    assert study.named_drivers == ("tax_shock",)


def test_a_base_may_be_completed_by_every_scope() -> None:
    """Would catch a refusal of tables that are whole for every body that uses them."""
    tables = small(
        drivers={
            "demand_growth": {
                "distribution": "normal", "sd": 0.01, "by": {"council": {"mean": 0.02}},
            }
        }
    )  # fmt: skip
    assert parse_study(tables).expected("demand_growth")[0].tolist() == [0.02]
    tables["organisations"].append({"id": "b", "kind": "provider"})
    tables["regimes"]["r"]["rulebooks"]["provider"] = {}
    with pytest.raises(StudyError, match=r"drivers\.demand_growth\.mean: is missing"):
        parse_study(tables)


def test_rescue_is_always_uniform(study: Study, tables: dict[str, Any]) -> None:
    """Would catch a rescue that is neutral where the study is silent."""
    silent = study.driver("rescue", "ccg")
    assert silent is not None
    assert silent.distribution == Uniform(low=0.0, high=1.0)
    assert "rescue" not in study.named_drivers
    tables["drivers"]["rescue"] = {"shared": 0.6}
    listed = parse_study(tables)
    assert listed.named_drivers[-1] == "rescue"
    said = listed.driver("rescue", "ccg")
    assert said is not None
    assert said.shared == 0.6
    del tables["drivers"]["rescue"]
    tables["correlation"]["funding_shock, rescue"] = 0.2
    assert parse_study(tables).named_drivers[-1] == "rescue"


def test_one_off_cost_comes_from_the_risks(study: Study) -> None:
    """Would catch one_off_cost among the sampled drivers, or a PERT lost."""
    assert study.driver("one_off_cost", "acute") is None
    assert "one_off_cost" not in study.named_drivers
    assert study.risks[0].impact == Pert(low=2.0, likely=6.0, high=20.0)
    assert study.risks[0].years is None
    assert study.risks[1].years == ("2016/17", "2017/18", "2018/19")


def test_correlation_matrix(study: Study) -> None:
    """Would catch a matrix that is not symmetric, or in another order than asked."""
    matrix = study.correlation_matrix(("savings_delivery", "recognition", "demand_growth"))
    np.testing.assert_array_equal(matrix, [[1, 0, -0.3], [0, 1, 0], [-0.3, 0, 1]])
    assert study.correlations[("funding_shock", "tax_shock")] == 0.4
    assert np.linalg.cholesky(study.correlation_matrix(study.named_drivers)).shape == (10, 10)


def test_prevention_weights(study: Study, tables: dict[str, Any]) -> None:
    """Would catch weights that do not sum to 1, or 0 / 0."""
    np.testing.assert_allclose(
        study.prevention_weights(), [1000 / 1700, 300 / 1700, 400 / 1700], rtol=1e-15
    )
    for body, weight in zip(tables["organisations"], (0, 1, 3), strict=True):
        body["prevention_benefit"] = weight
    np.testing.assert_array_equal(parse_study(tables).prevention_weights(), [0, 0.25, 0.75])
    assert parse_study(small()).prevention_weights().tolist() == [1.0]


def test_holders(study: Study, tables: dict[str, Any]) -> None:
    """Would catch a body in two holders, in none, or under another's rulebook."""
    alone = study.regimes["current"].holders(study.organisations)
    assert [(h.name, h.members, h.rulebook_name) for h in alone] == [
        ("acute", (0,), "provider"),
        ("ccg", (1,), "commissioner"),
        ("borough", (2,), "council"),
    ]
    (place,) = study.regimes["devolved"].holders(study.organisations)
    assert (place.name, place.members, place.rulebook_name) == ("place", (0, 1, 2), "place")
    assert place.rulebook.find("plan", "local_revenue") is not None
    current = tables["regimes"]["current"]
    current["pools"] = [{"name": "nhs", "members": ["ccg", "acute"], "rulebook": "provider"}]
    current["rulebooks"]["borough"] = {"interest": 0.5}
    mixed = parse_study(tables)
    holders = mixed.regimes["current"].holders(mixed.organisations)
    assert [(h.name, h.members, h.rulebook_name) for h in holders] == [
        ("nhs", (0, 1), "provider"),
        ("borough", (2,), "borough"),
    ]
    assert holders[1].rulebook.interest == 0.5


def test_instruments_have_their_defaults(study: Study) -> None:
    """Would catch a figure missing from what the engine hands to a rule."""
    book = study.regimes["current"].rulebooks["provider"]
    savings = book.plan[0]
    assert savings.instrument == "savings"
    assert savings.parameters == {
        "max_rate": (0.04, 0.04, 0.035, 0.03),
        "min_rate": 0.01,
        "assumed_delivery": 1.0,
        "effort": 1.0,
        "scale_loss": 0.0,
    }
    assert [savings.at(year)["max_rate"] for year in (0, 2, 3, 9)] == [0.04, 0.035, 0.03, 0.03]
    assert book.shortfall[2].parameters == {
        "probability": 1.0,
        "limit": None,
        "requires": None,
        "loan_share": 0.8,
        "centre_share": 1.0,
    }
    for regime in study.regimes.values():
        for rules in regime.rulebooks.values():
            for setting in (*rules.plan, *rules.shortfall, *rules.surplus):
                assert [p.name for p in setting.row.parameters] == list(setting.parameters)


def test_transformation_fund_by_year(tables: dict[str, Any]) -> None:
    """Would catch a list that goes on paying, or a number that stops."""
    settlement = tables["regimes"]["current"]["settlement"]
    settlement["transformation_fund"] = [3.0, 2.0]
    tables["regimes"]["devolved"]["settlement"]["transformation_fund"] = 4
    study = parse_study(tables)
    listed = study.regimes["current"].settlement
    assert listed.transformation_fund_by_year(4).tolist() == [3.0, 2.0, 0.0, 0.0]
    assert listed.transformation_fund_by_year(1).tolist() == [3.0]
    assert [listed.fund(year) for year in (0, 1, 2)] == [3.0, 2.0, 0.0]
    always = study.regimes["devolved"].settlement
    assert always.transformation_fund_by_year(3).tolist() == [4.0, 4.0, 4.0]


def test_behaviour_goes_into_the_rules_of_its_regime_only(study: Study) -> None:
    """Would catch behaviour applied to another regime, or to the study itself."""
    behaving = study.with_behaviour()
    place = behaving.regimes["devolved"].rulebooks["place"]
    assert place.plan[0].parameters["effort"] == 1.05
    assert place.surplus[1].parameters["share"] == 0.4
    assert place.surplus[0].parameters["share"] == 0.5
    assert behaving.regimes["current"] == study.regimes["current"]
    assert behaving.regimes["devolved_annual"] == study.regimes["devolved_annual"]
    assert study.regimes["devolved"].rulebooks["place"].plan[0].parameters["effort"] == 1.0
    assert behaving.with_behaviour() == behaving
    assert study_from_json(study_json(behaving)) == behaving


@pytest.mark.parametrize("path", [HERE / "whole.toml", *CONFIGS], ids=lambda path: path.name)
def test_json_round_trip(path: Path) -> None:
    """Would catch a stored study that is not the study that ran."""
    study = load_study(path)
    text = study_json(study)
    again = study_from_json(text)
    assert again == study
    assert study_json(again) == text
    assert pickle.loads(pickle.dumps(study)) == study
    for name in study.organisation_ids:
        for driver in study.named_drivers:
            assert again.driver(driver, name) == study.driver(driver, name)


def test_json_holds_the_values_of_files(tmp_path: Path) -> None:
    """Would catch a stored study that still needs its files, or mixes up their columns."""
    (tmp_path / "data.csv").write_text("x,y\n0.01,0.5\n0.02,0.7\n0.03,0.9\n", encoding="utf-8")
    column = {"distribution": "empirical", "file": "data.csv", "column": "x"}
    parts = [
        {"weight": 0.25, "distribution": "constant", "value": 0.0},
        {"weight": 0.75, **column},
    ]
    tables = small(
        organisations=[{"id": "a", "kind": "council"}, {"id": "b", "kind": "council"}],
        drivers={
            "demand_growth": {**column, "by": {"b": {"column": "y"}}},
            "tax_shock": {"distribution": "mixture", "parts": parts},
        },
        risks=[{"name": "r", "organisation": "a", "probability": 0.5, "impact": column}],
    )
    study = parse_study(tables, base=tmp_path)
    (tmp_path / "data.csv").unlink()
    again = study_from_json(study_json(study))
    assert again == study
    for body, values in (("a", (0.01, 0.02, 0.03)), ("b", (0.5, 0.7, 0.9))):
        driver = again.driver("demand_growth", body)
        assert driver is not None
        assert isinstance(driver.distribution, Empirical)
        assert driver.distribution.values == values
    mixed = again.driver("tax_shock", "b")
    assert mixed is not None
    assert isinstance(mixed.distribution, Mixture)
    assert isinstance(again.risks[0].impact, Empirical)
    assert again.risks[0].impact.values == (0.01, 0.02, 0.03)


def test_files_are_looked_for_in_the_folder_of_the_study(tmp_path: Path) -> None:
    """Would catch a path taken from where the user happens to be."""
    text = WHOLE.replace(
        'distribution = "uniform"\nlow = 0.0\nhigh = 1.0',
        'distribution = "empirical"\nfile = "seen.csv"\ncolumn = "x"',
    )
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    (tmp_path / "seen.csv").write_text("x\n0.2\n0.4\n", encoding="utf-8")
    driver = load_study(tmp_path / "study.toml").driver("recognition", "acute")
    assert driver is not None
    assert driver.mean == pytest.approx(0.3)


def test_stored_text_that_is_no_study_is_refused() -> None:
    """Would catch a traceback for a results file whose study was damaged."""
    for text in ("", "{", "[1]", "null", '{"schema": 1}', "[" * 100_000):
        with pytest.raises(StudyError):
            study_from_json(text)


def test_a_mapping_is_read_as_its_file(study: Study, tables: dict[str, Any]) -> None:
    """Would catch a check or default that only files have, or tables changed in passing."""
    before = copy.deepcopy(tables)
    assert parse_study(tables) == study
    assert tables == before
    assert parse_study(study_mapping(study)) == study


def test_figures_of_numpy_are_figures(study: Study, tables: dict[str, Any]) -> None:
    """Would catch a notebook whose arrays are refused, or stored as something else."""
    tables["years"] = np.int64(10)
    tables["organisations"][0]["cost"] = np.float64(1000.0)
    tables["planning"]["grant_growth"] = np.array([0.030, 0.025, 0.020])
    assert parse_study(tables) == study
    assert study_json(parse_study(tables)) == study_json(study)


def test_every_distribution_may_be_a_driver_and_a_risk() -> None:
    """Would catch a family whose keys are lost between file, study and stored text."""
    families: list[dict[str, Any]] = [
        {"distribution": "constant", "value": 0.1},
        {"distribution": "normal", "mean": 0.1, "sd": 0.01},
        {"distribution": "lognormal", "median": 0.1, "p95": 0.2},
        {"distribution": "lognormal", "mean": 0.1, "sd": 0.05},
        {"distribution": "beta", "mean": 0.5, "sd": 0.1},
        {"distribution": "beta", "mean": 5, "sd": 1, "low": 2, "high": 9},
        {"distribution": "uniform", "low": 0, "high": 1},
        {"distribution": "triangular", "low": 0, "likely": 0.2, "high": 1},
        {"distribution": "pert", "low": 0, "likely": 0.2, "high": 1},
        {"distribution": "student_t", "mean": 0.1, "sd": 0.1, "df": 4},
        {"distribution": "gamma", "mean": 0.1, "sd": 0.1},
        {"distribution": "quantiles", "p5": 0.0, "p50": 0.1, "p95": 0.3},
        {"distribution": "quantiles", "p5": 0.01, "p50": 0.1, "p95": 0.3, "low": 0.0},
    ]
    for family in families:
        risk = {"name": "r", "organisation": "a", "probability": 0.1, "impact": family}
        study = parse_study(small(drivers={"tax_shock": family}, risks=[risk]))
        driver = study.driver("tax_shock", "a")
        assert driver is not None
        assert driver.distribution == study.risks[0].impact
        assert math.isfinite(driver.mean)
        assert study_from_json(study_json(study)) == study


def test_a_study_cannot_be_changed(study: Study) -> None:
    """Would catch a study altered between the run and its report."""
    with pytest.raises(ValidationError):
        study.seed = 2  # type: ignore[misc]
    with pytest.raises(ValidationError):
        study.organisations[0].cost = 2.0  # type: ignore[misc]
    with pytest.raises(ValidationError):
        study.regimes["current"].settlement.period = 2  # type: ignore[misc]


def test_replaced_keeps_what_was_resolved_apart(study: Study) -> None:
    """Would catch a copy that answers with the drivers of the study it was made from."""
    study.driver("tax_shock", "ccg")
    other = study.replaced(drivers={}, correlation={})
    assert other.driver("tax_shock", "ccg") is None
    assert other.named_drivers == ()
    assert study.driver("tax_shock", "ccg") is not None
    assert isinstance(study.driver("savings_delivery", "ccg").distribution, Beta)  # type: ignore[union-attr]


def test_loading_is_light() -> None:
    """Would catch slow libraries at import."""
    code = "import sys, riskmc.study; print(*sys.modules)"
    listed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"scipy", "xarray", "matplotlib", "rich", "jinja2"}.isdisjoint(listed)


def test_json_is_plain_json(study: Study) -> None:
    """Would catch NaN or a Python form in stored results."""
    tables = json.loads(study_json(study), parse_constant=pytest.fail)
    assert tables["regimes"]["devolved_annual"]["settlement"]["period"] == 1
    assert "extends" not in tables["regimes"]["devolved_annual"]


def test_officers_words_travel_with_the_study_and_their_faults_are_named() -> None:
    """Would catch words lost on the way to the report, or a misspelt key taken in silence."""
    words = (
        '\n[paper]\nmeeting = "Board, 3 May"\ndecision = ["Agree a reserves policy"]\n'
        '[paper.short]\ncurrent = "Now"\n[report]\nauthor = "The finance director"\n'
    )
    study = parse_study(tomllib.loads(WHOLE + words))
    assert study.paper is not None
    assert study.report is not None
    assert study.paper.decision == ("Agree a reserves policy",)
    assert study.report.author == "The finance director"
    assert study_from_json(study_json(study)) == study
    with pytest.raises(StudyError, match=r"paper\.meting.*did you mean 'meeting'"):
        parse_study(tomllib.loads(WHOLE + words.replace("meeting", "meting")))
    with pytest.raises(StudyError, match=r"paper\.short\.curent.*did you mean 'current'"):
        parse_study(tomllib.loads(WHOLE + words.replace("current =", "curent =")))
