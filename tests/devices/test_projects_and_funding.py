"""Projects, dated mandates, committed cost, and the local share of funding: devices 3 and 6."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from device_worlds import assert_money, futures, outcomes, place, study_of

import riskmc
from riskmc import measures
from riskmc.errors import StudyError
from riskmc.rules import funding, projects
from riskmc.study import parse_study, rules_in_words, study_from_json, study_json, validate

TOWN = {"id": "town", "kind": "council", "cost": 100.0, "grant": 100.0, "reserves": 20.0}
TRUST = {"id": "trust", "kind": "provider", "cost": 100.0, "charges": 100.0, "reserves": 20.0}
EXTRA_CARE = {
    "name": "Extra care",
    "organisation": "town",
    "start": "2016/17",
    "cost": [6.0],
    "benefit": [0.0, 4.0],
    "to": {"town": 0.25, "trust": 0.75},
}


def world(*regimes: tuple[str, Any], years: int = 3, **more: Any) -> dict[str, Any]:
    return study_of([TOWN, TRUST], dict(regimes), years=years, **more)


def test_the_wrong_pocket_keeps_a_project_from_being_taken_and_a_pool_takes_it() -> None:
    """Would catch benefits of others counted by a lone body.

    Over three years: the council alone counts on 0 + 1 + 1 = 2 < 6; the pool on 0 + 4 + 4 = 8.
    """
    pooled = {
        "settlement": {"period": 3},
        "projects": {"take": "payback"},
        "pools": [{"name": "both", "members": ["*"], "rulebook": "council"}],
    }
    alone = {"settlement": {"period": 3}, "projects": {"take": "payback"}}
    raw = world(("alone", alone), ("pooled", pooled), projects=[EXTRA_CARE])
    assert_money(outcomes(raw, "alone")["project_outlay"], np.zeros((3, 2)))
    found = outcomes(raw, "pooled")
    assert_money(found["project_outlay"], [[6.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    assert_money(found["project_benefit"], [[0.0, 0.0], [1.0, 3.0], [1.0, 3.0]])
    assert_money(found["own_balance"], [[-6.0, 0.0], [1.0, 3.0], [1.0, 3.0]])
    notes = validate(parse_study(raw)).notes
    assert "regime alone takes no project (0 of 1)" in notes
    assert "regime pooled takes Extra care (1 of 1)" in notes


def test_a_later_start_leaves_fewer_years_to_pay_back() -> None:
    """Would catch the whole period counted from wherever a project starts.

    Cost 4, benefit 2 a year at once: from year 1 of 3 it saves 6, from year 3 only 2.
    """
    early = {"name": "a", "organisation": "town", "start": "2016/17", "cost": [4.0], "benefit": 2.0}
    late = {**early, "name": "b", "start": "2018/19"}
    regime = {"settlement": {"period": 3}, "projects": {"take": "payback"}}
    raw = world(("r", regime), projects=[early, late])
    assert_money(outcomes(raw, "r")["project_outlay"][:, 0], [4.0, 0.0, 0.0])
    within = {"projects": {"take": "payback", "within": 2}}
    raw = world(("r", within), projects=[early, late])
    assert_money(outcomes(raw, "r")["project_outlay"][:, 0], [4.0, 0.0, 4.0])


def test_receipts_are_kept_in_part_and_the_centre_has_the_rest() -> None:
    """Would catch a receipt that both the body and the centre have: 8 is sold, 2 kept, 6 swept."""
    sale = {"name": "Sale", "organisation": "town", "start": "2017/18", "cost": [-8.0]}
    raw = world(("r", {"projects": {"take": ["Sale"], "receipts_kept": 0.25}}), projects=[sale])
    found = outcomes(raw, "r")
    assert_money(found["receipts"][:, 0], [0.0, 2.0, 0.0])
    assert_money(found["income"][:, 0], [100.0, 102.0, 100.0])
    assert_money(found["central_cost"][:, 0], [100.0, 94.0, 100.0])
    assert_money(found["plan_gap"][:, 0], [0.0, -2.0, 0.0])


def test_what_is_counted_and_what_is_delivered_differ() -> None:
    """Would catch the plan that knows the delivery: half is counted, a quarter comes."""
    half = {
        **EXTRA_CARE,
        "cost": [0.0],
        "benefit": 4.0,
        "to": {"town": 1.0},
        "counted": 0.5,
        "delivery": {"distribution": "constant", "value": 0.25},
    }
    raw = world(("r", {"projects": {"take": "all"}}), projects=[half])
    found = outcomes(raw, "r")
    assert_money(found["plan_gap"][0, 0], -2.0)
    assert_money(found["balance"][0, 0], 1.0)


def test_a_loan_is_owed_until_it_is_repaid() -> None:
    """Would catch borrowing past the horizon that nobody sees.

    6 at 5 % over two years repays 3.226829 a year; 6 and then 3.073171 are owed.
    """
    loan = {**EXTRA_CARE, "benefit": 0.0, "borrow_years": 2, "borrow_rate": 0.05}
    raw = world(("r", {"projects": {"take": "all", "borrow": True}}), projects=[loan])
    found = outcomes(raw, "r")
    assert_money(found["project_outlay"][:, 0], [0.0, 3.226829, 3.226829])
    assert_money(found["project_loans"][:, 0], [6.0, 3.073171, 0.0])
    assert_money(place(raw, "r")["project_loans"], [6.0, 3.073171, 0.0])


def test_repayments_are_worth_the_loan() -> None:
    """Would catch an annuity paid a year early; without interest it is a plain division."""
    level = projects.level_repayment(principal=7.0, rate=0.03, years=5)
    assert sum(level / 1.03**year for year in range(1, 6)) == pytest.approx(7.0, abs=1e-12)
    assert projects.level_repayment(principal=7.0, rate=0.0, years=5) == 1.4
    assert projects.principal_owed(principal=7.0, rate=0.0, years=2) == (7.0, 3.5, 0.0)


def test_committed_cost_is_out_of_reach_until_freed() -> None:
    """Would catch a rate of the whole cost, or freeing that waits for delivery.

    Of 100, 40 is committed and grows by 5 %: 42, then 44.1, of which a project ends 12 from year
    2 on (counted by nobody, delivered never). 10 % may be saved of 58.0, then of 67.9.
    """
    body = {"id": "town", "kind": "council", "cost": 100.0, "committed": 40.0, "reserves": 90.0}
    buyout = {
        "name": "Buy-out",
        "organisation": "town",
        "start": "2016/17",
        "cost": [0.0],
        "benefit": [0.0, 12.0],
        "counted": 0.0,
        "delivery": {"distribution": "constant", "value": 0.0},
        "frees": True,
    }
    savings = {"plan": [{"instrument": "savings", "max_rate": 0.1}]}
    raw = study_of(
        [body],
        {"r": {"projects": {"take": "all"}, "rulebooks": {"council": savings}}},
        years=2,
        projects=[buyout],
        planning={"committed_growth": 0.05},
    )
    found = outcomes(raw, "r", recurrent_share=[[0.0], [0.0]])
    assert_money(found["savings_planned"][:, 0], [5.8, 6.79])


def test_deliveries_are_drawn_by_name_and_move_no_driver() -> None:
    """Would catch deliveries drawn again by year, or a project that shifts another's draws."""
    uncertain = {
        **EXTRA_CARE,
        "cost": [0.0],
        "benefit": 4.0,
        "to": {"town": 1.0},
        "delivery": {"distribution": "uniform", "low": 0.0, "high": 1.0},
    }
    regime = ("r", {"projects": {"take": "all"}})
    one = parse_study(world(regime, projects=[uncertain]))
    other = {**uncertain, "name": "Another", "to": {"trust": 1.0}}
    two = parse_study(world(regime, projects=[other, uncertain]))
    delivered = [
        riskmc.run(study, draws=64, keep="all")["outcomes"]["project_benefit"]
        .sel(regime="r", organisation="town")
        .transpose("year", "chain", "draw")
        .values
        for study in (one, two)
    ]
    np.testing.assert_array_equal(delivered[0], delivered[1])
    np.testing.assert_array_equal(delivered[0][0], delivered[0][2])
    assert 0.0 < delivered[0].min() < 1.0 < 3.0 < delivered[0].max() < 4.0
    own = riskmc.run(one, drivers=riskmc.sample(one, draws=64), keep="all")
    np.testing.assert_array_equal(
        own["outcomes"]["project_benefit"]
        .sel(regime="r", organisation="town")
        .transpose("year", "chain", "draw")
        .values,
        delivered[0],
    )
    assert riskmc.replay(own, draw=3).attrs["agrees"] == "to the bit"


def test_the_funding_of_all_is_kept_but_for_the_levy() -> None:
    """Would catch money made by swapping grant for tax; at full levelling each body keeps its own.

    Grants 20, 70, 60 and taxes 80, 30, 0; a levy of 3 is raised 80 : 30 : 0.
    """
    grant, tax = np.array([[20.0], [70.0], [60.0]]), np.array([[80.0], [30.0], [0.0]])
    share = tax / tax.sum()
    for levelling in (0.0, 0.9, 1.0):
        moved = funding.moved_to_local_tax(grant=grant, local_tax=tax, local_share=0.7)
        assert_money(moved, [[0.0], [40.0], [42.0]])
        found = funding.locally_funded(
            grant=grant,
            local_tax=tax,
            moved=moved,
            moved_in_all=82.0,
            base_share=share,
            levelling=levelling,
            levy=3.0,
        )
        both = found.grant + found.local_tax
        assert_money(both.sum(), 263.0)
    assert_money(both, grant + tax + 3.0 * share)


def test_extra_local_tax_is_a_share_of_what_the_regime_raises() -> None:
    """Would catch a levy set alongside the tax that the body had before grant was moved to it.

    60 of grant and 40 of tax become 30 and 70; a levy of 2 grows with the tax: 2 in 70, for good.
    """
    town = {"id": "town", "kind": "council", "cost": 100.0, "grant": 60.0, "local_tax": 40.0}
    regimes = {"r": {"funding": {"local_share": 0.7, "levy": 2.0}}}
    raw = study_of([town], regimes, years=2, planning={"tax_growth": 0.03})
    results = riskmc.run(parse_study(raw), drivers=futures(raw), keep="all")
    found = measures.local_tax_rise(results, organisation="town", regime="r")["value"]
    assert_money(found.squeeze(), [2.0 / 70.0, 2.0 / 70.0])


def test_a_body_that_pays_in_has_nothing_cut() -> None:
    """Would catch a cut that hands money to a body whose grant is below nothing."""
    rich = {"id": "rich", "kind": "council", "cost": 100.0, "grant": 20.0, "local_tax": 80.0}
    poor = {"id": "poor", "kind": "council", "cost": 100.0, "grant": 70.0, "local_tax": 30.0}
    regime = {"funding": {"local_share": 0.7, "levelling": 0.9}}
    raw = study_of([rich, poor], {"r": regime}, years=1)
    found = outcomes(raw, "r", in_year_cut=[[0.1, 0.1]])
    assert_money(found["central_cost"], [[-6.181818, 56.181818 * 0.9]])


def test_keys_travel_and_read_in_words() -> None:
    """Would catch a key that JSON, and so a worker, loses, or a rule that words leave out."""
    mixture = {"distribution": "uniform", "low": 0.0, "high": 1.0}
    raw = world(
        (
            "r",
            {
                "projects": {"take": ["Extra care"]},
                "funding": {"local_share": 0.6, "to": ["council"]},
            },
        ),
        projects=[{**EXTRA_CARE, "delivery": mixture}],
        mandates=[{"name": "Duty", "organisation": "town", "start": "2016/17", "cost": [1.0, 2.0]}],
    )
    study = parse_study(raw)
    assert study_from_json(study_json(study)) == study
    words = " ".join(rules_in_words(study.regimes["r"]).split())
    assert "projects taken: Extra care" in words
    assert "60 % of what funds council is local tax" in words


@pytest.mark.parametrize(
    ("more", "key", "message"),
    [
        ({"projects": [{**EXTRA_CARE, "start": "2015/16"}]}, "projects[0].start", "not a year"),
        ({"projects": [{**EXTRA_CARE, "to": {"twon": 1.0}}]}, "projects[0].to.twon", "not an"),
        ({"projects": [EXTRA_CARE, EXTRA_CARE]}, "projects[1].name", "is used twice"),
        ({"projects": [{**EXTRA_CARE, "cost": 6.0}]}, "projects[0].cost", "is not a list"),
        (
            {"projects": [{**EXTRA_CARE, "delivery": {"distribution": "unifrm"}}]},
            "projects[0].delivery.distribution",
            "is not a known distribution",
        ),
        (
            {"mandates": [{"name": "d", "organisation": "x", "start": "2016/17", "cost": 1.0}]},
            "mandates[0].organisation",
            "is not an organisation",
        ),
        (
            {"organisations": [{**TOWN, "committed": 101.0}]},
            "organisations[0].committed",
            "more than the whole cost",
        ),
        (
            {"regimes": {"r": {"projects": {"take": ["Other"]}}}},
            "regimes.r.projects.take[0]",
            "is not a project",
        ),
        (
            {"regimes": {"r": {"projects": {"take": "pay_back"}}}},
            "regimes.r.projects.take",
            "is not one of the choices",
        ),
        (
            {"regimes": {"r": {"funding": {"levelling": [0.5, 1.0]}}}},
            "regimes.r.funding.levelling",
            "may not be a list",
        ),
        (
            {"regimes": {"r": {"funding": {"to": ["councils"]}}}},
            "regimes.r.funding.to[0]",
            "is neither a kind",
        ),
    ],
)
def test_faults_are_named(more: dict[str, Any], key: str, message: str) -> None:
    """Would catch a slip of the pen in a project, a mandate or a regime that is read past."""
    regimes = more.get("regimes", {"r": {}})
    bodies = more.get("organisations", [TOWN, TRUST])
    rest = {k: v for k, v in more.items() if k not in ("regimes", "organisations")}
    with pytest.raises(StudyError) as error:
        parse_study(study_of(bodies, regimes, years=3, **rest))
    (problem,) = error.value.problems
    assert problem.key == key
    assert message in problem.message


def test_futures_may_be_handed_in_without_deliveries() -> None:
    """Would catch a Dataset of drivers refused because it holds no deliveries."""
    raw = world(("r", {"projects": {"take": "all"}}), projects=[EXTRA_CARE])
    assert "project_delivery" not in futures(raw)
    assert_money(outcomes(raw, "r")["project_benefit"][1], [1.0, 3.0])
