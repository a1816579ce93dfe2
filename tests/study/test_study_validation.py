"""What `validate` says of a study that loads."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskmc.distributions import Uniform
from riskmc.study import Validation, load_study, parse_study, validate
from riskmc.study.correlation import realised
from riskmc.study.drivers import ResolvedDriver
from strategies import JOINED_LATER

HERE = Path(__file__).parent
WHOLE = (HERE / "whole.toml").read_text(encoding="utf-8")


@pytest.fixture
def tables() -> dict[str, Any]:
    return tomllib.loads(WHOLE)


def said(tables: dict[str, Any]) -> Validation:
    return validate(parse_study(tables))


def only(tables: dict[str, Any], part: str) -> str:
    """The one warning that holds `part`."""
    (warning,) = [text for text in said(tables).warnings if part in text]
    return warning


def book(tables: dict[str, Any], regime: str, name: str) -> dict[str, Any]:
    rules: dict[str, Any] = tables["regimes"][regime]["rulebooks"][name]
    return rules


def test_the_whole_study_says_what_is_odd_and_no_more() -> None:
    """Would catch warnings that cry wolf: this study has exactly two oddities."""
    found = validate(load_study(HERE / "whole.toml"))
    assert [row.driver for row in found.neutral] == list(JOINED_LATER)
    assert len(found.warnings) == 2
    assert "funding_shock and tax_shock" in found.warnings[0]
    assert "carry_forward" in found.warnings[1]
    assert "devolved_annual" in found.warnings[1]


def test_all_there_is_to_say_as_lines_and_as_json(tables: dict[str, Any]) -> None:
    """Would catch a finding that one of the two ways of printing leaves out."""
    del tables["drivers"]["recognition"]
    found = said(tables)
    lines, later = found.lines(), len(JOINED_LATER)
    assert len(lines) == 1 + later + 3 + 3 + 2, "neutral, correlations, opening positions, warnings"
    assert lines[0] == "recognition is left at its neutral value 0.5"
    assert lines[1 + later] == (
        "correlation of demand_growth and cost_inflation: typed 0.2, realised 0.18 "
        "for acute, ccg and borough"
    )
    assert [line.startswith("warning: ") for line in lines] == (7 + later) * [False] + 2 * [True]
    plain = json.loads(json.dumps(found.as_dict()))
    assert plain["neutral"][0] == {"driver": "recognition", "value": 0.5, "organisations": []}
    assert plain["correlations"][0]["typed"] == 0.2
    assert plain["warnings"] == list(found.warnings)


def test_neutral_drivers_are_named_with_their_value(tables: dict[str, Any]) -> None:
    """Would catch a driver that is silently nothing, for all or for some."""
    del tables["drivers"]["recognition"]
    del tables["risks"]
    shock = tables["drivers"]["tax_shock"]
    tables["drivers"]["tax_shock"] = {"by": {"council": shock}}
    found = {row.driver: row for row in said(tables).neutral}
    assert list(found) == ["tax_shock", "recognition", "one_off_cost", *JOINED_LATER]
    assert found["tax_shock"].organisations == ("acute", "ccg")
    assert found["recognition"].organisations == ()
    assert found["recognition"].value == 0.5
    assert str(found["recognition"]) == "recognition is left at its neutral value 0.5"
    assert str(found["tax_shock"]).endswith("0 for acute and ccg")


def test_realised_correlation_by_hand() -> None:
    """Would catch the formula of the note mistyped."""
    uniform = Uniform(low=0.0, high=1.0)

    def driver(shared: float, persistence: float) -> ResolvedDriver:
        return ResolvedDriver("d", uniform, shared=shared, persistence=persistence)

    # equal parts and persistence: as typed
    assert realised(0.4, driver(0.3, 0.6), driver(0.3, 0.6)) == pytest.approx(0.4, rel=1e-12)
    # 0.4 (sqrt(0.9 x 0) + sqrt(0.1 x 1)) = 0.4 x 0.316228
    assert realised(0.4, driver(0.9, 0.0), driver(0.0, 0.0)) == pytest.approx(0.126491, abs=1e-6)
    # persistence 0.8 against 0: times sqrt(1 - 0.64) = 0.6
    assert realised(0.5, driver(1.0, 0.8), driver(1.0, 0.0)) == pytest.approx(0.3, rel=1e-12)
    assert realised(0.5, driver(0.0, 0.0), driver(1.0, 0.0)) == 0.0


def test_realised_correlation_is_that_of_the_latent_normals(rng: np.random.Generator) -> None:
    """Would catch a formula that the process does not follow: the long-run correlation."""
    first = ResolvedDriver("a", Uniform(low=0, high=1), shared=0.8, persistence=0.7)
    second = ResolvedDriver("b", Uniform(low=0, high=1), shared=0.3, persistence=-0.2)
    draws, typed = 200_000, 0.6
    latent = np.zeros((2, draws))
    for year in range(12):
        noise = []
        for _ in range(2):  # national, then local
            one = rng.standard_normal(draws)
            other = typed * one + math.sqrt(1 - typed**2) * rng.standard_normal(draws)
            noise.append((one, other))
        for row, driver in enumerate((first, second)):
            shock = math.sqrt(driver.shared) * noise[0][row]
            shock = shock + math.sqrt(1 - driver.shared) * noise[1][row]
            a = driver.persistence
            keep = math.sqrt(1 - a * a) if year else 1.0
            latent[row] = a * latent[row] + keep * shock
    found = np.asarray(np.corrcoef(latent))[0, 1]
    # the standard error of a correlation is at most 1 / sqrt(n) = 0.0022; four of them
    assert abs(found - realised(typed, first, second)) < 4 / math.sqrt(draws)
    # negative control: without the factor of persistence the formula must fail
    assert abs(found - realised(typed, first, first)) > 4 / math.sqrt(draws)


def test_typed_and_realised_correlations_are_shown_together(tables: dict[str, Any]) -> None:
    """Would catch a row for a body that has not both drivers, or bodies thrown together."""
    tables["drivers"]["tax_shock"]["by"] = {"borough": {"shared": 0.9}}
    rows = [row for row in said(tables).correlations if row.first == "funding_shock"]
    assert [row.organisations for row in rows] == [("acute", "ccg"), ("borough",)]
    assert rows[1].realised == pytest.approx(0.4, rel=1e-9)
    assert rows[1].share == pytest.approx(1.0, rel=1e-9)
    assert rows[0].typed == 0.4
    warning = only(tables, "correlation of")
    assert "typed 0.4 but realised 0.13 (32 % of it) for acute and ccg" in warning


def test_a_shortfall_list_without_reserves(tables: dict[str, Any]) -> None:
    """Would catch reserves that are never drawn on, unsaid."""
    rules = book(tables, "current", "council")
    rules["shortfall"] = rules["shortfall"][1:]
    assert "regime current: rulebook council" in only(tables, "no `reserves` in its shortfall")
    rules["shortfall"] = []
    assert "stays unresolved" in only(tables, "no shortfall list")


def test_loans_that_nothing_repays(tables: dict[str, Any]) -> None:
    """Would catch a debt that grows for ever, unsaid; a grant is not a loan."""
    rules = book(tables, "current", "provider")
    rules["surplus"] = [{"instrument": "reserves"}]
    assert "rulebook provider" in only(tables, "makes bailout a loan")
    rules["surplus"] = [{"instrument": "repay_debt", "share": 0.0}]
    assert only(tables, "makes bailout a loan")
    rules["shortfall"][2] = {"instrument": "bailout", "loan_share": 0.0}
    assert not [text for text in said(tables).warnings if "loan" in text]
    tables["organisations"][0]["debt"] = 5.0
    assert "acute stays in debt" in only(tables, "stays in debt")


def test_bodies_paid_by_activity_that_cut_services(tables: dict[str, Any]) -> None:
    """Would catch income lost that the model leaves out, unsaid."""
    book(tables, "current", "provider")["plan"].append(
        {"instrument": "service_reduction", "max_rate": 0.01}
    )
    assert "regime current: acute is paid by activity by ccg" in only(tables, "paid by activity")
    tables["regimes"]["current"]["payment"] = {"activity_share": 0.0}
    assert not [text for text in said(tables).warnings if "paid by activity" in text]
    tables["regimes"]["devolved"]["payment"]["activity_share"] = 1.0
    assert len([text for text in said(tables).warnings if "paid by activity" in text]) == 2


def test_drivers_that_often_have_no_meaning(tables: dict[str, Any]) -> None:
    """Would catch shares above 1, unsaid; and a warning of what hardly ever happens, or of a 0."""
    drivers = tables["drivers"]
    drivers["in_year_cut"] = {"probability": 0.5, "distribution": "uniform", "low": 0, "high": 4}
    assert only(tables, "in_year_cut").startswith(
        "in_year_cut is above 1 in up to 38 % of draws for"
    )
    ends = [{"weight": 0.5, "distribution": "constant", "value": x} for x in (0.0, 1.0)]
    drivers["in_year_cut"] = {"distribution": "mixture", "parts": ends}
    drivers["recurrent_share"] = {"distribution": "normal", "mean": 0.7, "sd": 0.09}
    assert not [text for text in said(tables).warnings if "outside its range" in text]
    drivers["recurrent_share"]["sd"] = 0.3
    assert len([text for text in said(tables).warnings if "outside its range" in text]) == 2


def test_lists_longer_than_the_study(tables: dict[str, Any]) -> None:
    """Would catch figures for years that are never simulated, unsaid."""
    tables["years"] = 3
    tables["contracts"][0]["uplift"] = [0.1, 0.1, 0.1, 0.1]
    book(tables, "devolved", "place")["plan"][0]["max_rate"] = [0.05, 0.04, 0.03, 0.02]
    tables["regimes"]["shipped"] = {"extends": "devolved_5"}
    one_figure = {"rulebooks": {"place": {"interest": 0.02}}}
    tables["regimes"]["shipped_in_part"] = {"extends": "devolved_5", **one_figure}
    found = [text for text in said(tables).warnings if "the rest is not used" in text]
    assert any(text.startswith("contracts[0].uplift has 4 values for 3 years") for text in found)
    typed = "regimes.devolved.rulebooks.place.plan.savings.max_rate has 4 values for 3 years"
    assert any(text.startswith(typed) for text in found)
    assert not any("shipped" in text for text in found), "nobody typed it"
    assert any("current.settlement.transformation_fund has 5 values" in text for text in found)
    assert not any("planning" in text for text in found)


def test_scopes_that_touch_nothing(tables: dict[str, Any]) -> None:
    """Would catch a table that its author believes to matter."""
    del tables["organisations"][2]
    tables["risks"] = tables["risks"][:1]
    warnings = said(tables).warnings
    assert "planning.by.council has no effect: the study has no council" in warnings
    assert "drivers.demand_growth.by.council has no effect: the study has no council" in warnings
    assert any(text.startswith("tax_shock is named, but no organisation") for text in warnings)
    tables = tomllib.loads(WHOLE)
    tables["drivers"]["tax_shock"]["by"] = {"acute": {"sd": 0.02}}
    tables["planning"]["by"]["acute"] = {"tax_growth": 0.1}
    warnings = said(tables).warnings
    assert "drivers.tax_shock.by.acute has no effect: no local_tax there" in warnings
    assert "planning.by.acute.tax_growth has no effect: no local_tax there" in warnings


def test_drivers_that_no_rule_uses(tables: dict[str, Any]) -> None:
    """Would catch prevention that saves nothing, or savings drivers without savings."""
    del tables["drivers"]["prevention_yield"]
    assert only(tables, "prevention_yield is neutral")
    rules = {"reserves": [{"instrument": "reserves"}]}
    empty = {"shortfall": rules["reserves"], "surplus": rules["reserves"]}
    tables["regimes"] = {
        "r": {"rulebooks": {"provider": empty, "commissioner": empty, "council": empty}}
    }
    tables["behaviour"] = {}
    found = said(tables).warnings
    for name in ("savings_delivery", "recurrent_share", "recognition"):
        assert any(text.startswith(f"{name} is named, but no regime") for text in found), name


def test_holders_without_reserves_and_rulebooks_without_holders(tables: dict[str, Any]) -> None:
    """Would catch a probability of exhaustion that means nothing, or rules for nobody."""
    tables["organisations"][0]["reserves"] = 0.0
    assert "regime current: acute opens" in only(tables, "not applicable")
    tables["regimes"]["current"]["rulebooks"]["plaice"] = {}
    assert "rulebook plaice" in only(tables, "no budget holder uses rulebook plaice")
    book(tables, "current", "council")["surplus"] = []
    assert "rulebook council" in only(tables, "no surplus list")


def test_behaviour_that_changes_nothing(tables: dict[str, Any]) -> None:
    """Would catch an assumption that is printed but does nothing."""
    tables["behaviour"] = {"current": {"prevention_share": 0.5}, "devolved": {}}
    assert "behaviour.current.prevention_share" in only(tables, "invests no surplus")
    assert "behaviour.devolved is empty" in only(tables, "is empty")
    for rules in tables["regimes"]["current"]["rulebooks"].values():
        rules["plan"] = []
    tables["behaviour"] = {"current": {"effort": 1.1}}
    assert "behaviour.current: effort" in only(tables, "plans no savings")


def test_a_growth_typed_in_per_cent_is_questioned(tables: dict[str, Any]) -> None:
    """Would catch the likeliest slip of all, 2 for 0.02, run without a word."""
    tables["planning"]["tax_growth"] = 2.0
    body = tables["organisations"][0]["id"]
    text = only(tables, f"tax_growth of {body} is 200 % a year")
    assert "0.02 is 2 %" in text
