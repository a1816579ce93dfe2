"""Measures by place, and the nation's account in random futures: devices, sections 5 and 8."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from device_worlds import assert_money, futures, outcomes, place, study_of

import riskmc
from riskmc import measures
from riskmc.errors import ResultsError, StudyError
from riskmc.rules import centre
from riskmc.study import parse_study, rules_in_words, study_from_json, study_json

CASE = Path(__file__).parents[1] / "cases" / "04-national-pot.toml"
LIST = ("pot_paid", "new_money", "capital_switched", "next_year_cut", "refused")


def two_places() -> Any:
    raw = tomllib.loads(CASE.read_text(encoding="utf-8"))
    return riskmc.run(parse_study(raw), drivers=futures(raw), keep="all")


def test_who_pays_for_whom_by_hand() -> None:
    """Would catch a place's own bailout left out, or the sign turned round.

    Moor pays 1.333333 + 2.222222 and is granted nothing; Harbour pays 2.666667 + 4.444444 and is
    granted 10, 12.666667 and 13.5.
    """
    found = measures.paid_for_others(two_places(), regime="pot")["value"].squeeze()
    assert_money(found.sel(where="Moor"), 3.555556)
    assert_money(found.sel(where="Harbour"), 7.111111 - 36.166667)
    by_year = measures.paid_for_others(two_places(), regime="pot", over="year")["value"].squeeze()
    assert_money(by_year.sel(where="Moor"), [0.0, 1.333333, 2.222222])
    nobody = measures.paid_for_others(two_places(), regime="no_limit")["value"].squeeze()
    assert_money(nobody.sel(where="Moor"), 0.0)


def test_places_that_fail_at_once() -> None:
    """Would catch bodies counted for places: Harbour needs a rescue every year, Moor never."""
    found = measures.places_at_once(two_places(), regime="pot")["value"].squeeze()
    np.testing.assert_array_equal(found.sel(places=1), [1.0, 1.0, 1.0])
    np.testing.assert_array_equal(found.sel(places=2), [0.0, 0.0, 0.0])
    with pytest.raises(ResultsError, match="event='ruin'"):
        measures.places_at_once(two_places(), event="ruin")


def nation(**centre_rules: Any) -> dict[str, Any]:
    """Three places of uncertain cost, with thin reserves and bailouts half of which are loans."""
    bodies = [
        {
            "id": name,
            "kind": "commissioner",
            "cost": 101.0,
            "grant": 100.0,
            "capital": 4.0,
            "reserves": 1.0,
            "place": name.upper(),
        }
        for name in ("a", "b", "c")
    ]
    book = {
        "shortfall": [
            {"instrument": "reserves"},
            {"instrument": "bailout", "loan_share": 0.5},
        ],
        "surplus": [{"instrument": "repay_debt"}, {"instrument": "reserves"}],
        "interest": 0.02,
    }
    return study_of(
        bodies,
        {"r": {"centre": centre_rules, "rulebooks": {"commissioner": book}}},
        years=4,
        drivers={"cost_inflation": {"distribution": "normal", "mean": 0.01, "sd": 0.03}},
        planning={"grant_growth": 0.01},
    )


WHOLE_LIST = {
    "pot": [1.0, 0.5],
    "excess": [
        {"instrument": "new_money", "limit": 0.4},
        {"instrument": "capital_switch", "max_share": 0.1, "running_cost": 0.1},
        {"instrument": "next_year_cut", "max_share": 0.005},
    ],
    "windfall": {"share": 0.3, "above": 0.002, "lasting": 0.5},
    "write_off": {"year": "2018/19", "share": 0.6},
}


def test_the_nations_account_balances_in_every_future() -> None:
    """Would catch money that the centre's list makes or loses.

    asked is what the list pays and refuses; bailouts are what was asked less what was refused;
    next year's cut is what bodies lose in the next year; own balances sum to balances.
    """
    raw = nation(**WHOLE_LIST)
    results = riskmc.run(parse_study(raw), draws=400, keep="all")
    whole = {name: x.sel(regime="r") for name, x in results["place"].data_vars.items()}
    np.testing.assert_allclose(whole["asked"], sum(whole[name] for name in LIST), atol=1e-9)
    np.testing.assert_allclose(whole["bailout"], whole["asked"] - whole["refused"], atol=1e-9)
    assert float(whole["refused"].max()) > 0.1
    np.testing.assert_allclose(
        whole["centre_cut"].isel(year=slice(1, None)),
        whole["next_year_cut"].isel(year=slice(None, -1)),
        atol=1e-9,
    )
    bodies = results["outcomes"].sel(regime="r").sum("organisation")
    np.testing.assert_allclose(bodies["own_balance"], bodies["balance"], atol=1e-9)
    written = bodies["written_off"].transpose("year", "chain", "draw").values
    assert written[2].max() > 0.1
    assert written[[0, 1, 3]].max() == 0.0


def test_a_pot_without_end_changes_nothing() -> None:
    """Would catch a joint that rounds: with room for everything, every body keeps its numbers."""
    plain, roomy = nation(), nation(pot=1e6, excess=WHOLE_LIST["excess"])
    del plain["regimes"]["r"]["centre"]
    one, other = (riskmc.run(parse_study(raw), draws=64, keep="all") for raw in (plain, roomy))
    for name, values in one["outcomes"].data_vars.items():
        np.testing.assert_array_equal(values, other["outcomes"][name], err_msg=str(name))


def test_who_is_protected_is_insured_by_who_is_not() -> None:
    """Would catch a cut that reaches a protected body: c pays nothing, a and b by their grants.

    Each asks 1 beyond its reserve of 1 in year 1 (cost 102 on income 100); the pot is 0 and the
    cut may take 3 % of 200: all 3.00 is found, and 1.50 each is taken off a and b.
    """
    raw = nation(excess=[{"instrument": "next_year_cut", "max_share": 0.03}], pot=0.0)
    raw["regimes"]["r"]["settlement"] = {"by": {"c": {"in_year_cuts": "protected"}}}
    del raw["planning"]
    body = dict.fromkeys(("cost",), 102.0)
    raw["organisations"] = [{**row, **body} for row in raw["organisations"]]
    found = outcomes(raw, "r")
    assert_money(found["bailout"][0], [1.0, 1.0, 1.0])
    assert_money(found["centre_cut"][1], [1.5, 1.5, 0.0])
    assert_money(place(raw, "r")["next_year_cut"][0], 3.0)


def test_refusal_is_the_same_part_to_all() -> None:
    """Would catch a first come, first served: asked 8, refused 4, half of 6 and of 2."""
    part = centre.part_granted(centre_share=1.0, refused=np.array([4.0]), asked=np.array([8.0]))
    assert_money(part * np.array([6.0, 2.0]), [3.0, 1.0])
    nothing = centre.part_granted(centre_share=0.5, refused=np.zeros(1), asked=np.zeros(1))
    assert_money(nothing, [1.0])


def test_the_centre_travels_and_reads_in_words() -> None:
    """Would catch a key that a worker loses, or a rule that words leave out."""
    study = parse_study(nation(**WHOLE_LIST))
    assert study_from_json(study_json(study)) == study
    words = " ".join(rules_in_words(study.regimes["r"]).split())
    for said in (
        "a pot for bailouts up to £1m, then £0.5m (by year)",
        "find new money of up to £0.4m a year",
        "take up to 0.5 % of grants off next year's",
        "30 % of the own deficits of all bodies is given back in the next year",
        "60 % of debts from bailouts is written off at the end of 2018/19",
        "What is left is refused, in equal proportion.",
    ):
        assert said in words


@pytest.mark.parametrize(
    ("rules", "key", "message"),
    [
        ({"pott": 1.0}, "pott", "is not a known key"),
        ({"pot": -1.0}, "pot", "is too small"),
        ({"excess": [{"instrument": "reserves"}]}, "excess[0].instrument", "not an instrument of"),
        (
            {"excess": [{"instrument": "capital_switch", "max_share": 0.1, "running_cost": [0.1]}]},
            "excess[0].running_cost",
            "may not be a list",
        ),
        ({"windfall": {"above": 0.1}}, "windfall.share", "is missing"),
        ({"windfall": {"share": 0.5, "to": ["trusts"]}}, "windfall.to[0]", "is neither a kind"),
        ({"write_off": {"year": "2030/31"}}, "write_off.year", "is not a year of this study"),
    ],
)
def test_faults_of_the_centre_are_named(rules: dict[str, Any], key: str, message: str) -> None:
    """Would catch a slip of the pen in the centre's rules that is read past."""
    with pytest.raises(StudyError) as error:
        parse_study(nation(**rules))
    (problem,) = error.value.problems
    assert problem.key == f"regimes.r.centre.{key}"
    assert message in problem.message
