"""Figures by year, by body and by regime: devices, section 1."""

from __future__ import annotations

from typing import Any

import pytest
from device_worlds import assert_money, outcomes, study_of

from riskmc.errors import StudyError
from riskmc.study import parse_study, regime_figures, study_from_json, study_json, validate

PAIR = [
    {"id": "ccg", "kind": "commissioner", "cost": 200.0, "grant": 200.0, "reserves": 10.0},
    {"id": "town", "kind": "council", "cost": 50.0, "grant": 50.0, "reserves": 10.0},
]


def pair(**regime: Any) -> dict[str, Any]:
    return study_of(PAIR, {"mixed": regime}, years=2)


def test_one_body_is_settled_for_five_years_and_another_every_year() -> None:
    """Would catch a period that reaches the wrong body; devices 1, its sum, by hand."""
    raw = pair(settlement={"by": {"commissioner": {"period": 5}}})
    found = outcomes(raw, "mixed", funding_shock=[[-0.02, -0.02], [0.0, 0.0]])
    assert_money(found["income"][0], [200.0, 49.0])
    assert_money(found["pending"][0], [-4.0, 0.0])


def test_cuts_by_body_and_lasting_share_by_year() -> None:
    """Would catch a cut taken from a protected body, or a list read a year late.

    10 % is cut in both years; a quarter of it lasts in the first, all in the second.
    Town, exposed: 45.00 and, from 48.75, 43.875. The commissioner, protected: 200.00 twice.
    """
    raw = pair(
        settlement={
            "cut_recurrent_share": [0.25, 1.0],
            "by": {"ccg": {"in_year_cuts": "protected"}},
        }
    )
    found = outcomes(raw, "mixed", in_year_cut=[[0.1, 0.1], [0.1, 0.1]])
    assert_money(found["income"], [[200.0, 45.0], [200.0, 43.875]])


def test_a_deferred_cut_waits_while_another_is_exposed() -> None:
    """Would catch a deferred cut that never falls: its lasting half comes off the second grant."""
    raw = pair(settlement={"cut_recurrent_share": 0.5, "by": {"ccg": {"in_year_cuts": "deferred"}}})
    found = outcomes(raw, "mixed", in_year_cut=[[0.1, 0.1], [0.0, 0.0]])
    assert_money(found["income"], [[200.0, 45.0], [190.0, 47.5]])


def test_burdens_and_equalisation_by_body_and_year() -> None:
    """Would catch a scope that beats a nearer one: the body's own beats its kind's.

    Burdens of 1 % each year; the council's are funded in full, the commissioner's by half from
    the second year. Year 1: 200 and 50.50; year 2: 200 + 1.01 and 50.50 + 0.505.
    """
    raw = pair(
        settlement={
            "new_burdens_funded": [0.0, 0.5],
            "by": {"council": {"new_burdens_funded": 0.0}, "town": {"new_burdens_funded": 1.0}},
        }
    )
    found = outcomes(raw, "mixed", new_burden=[[0.01, 0.01], [0.01, 0.01]])
    assert_money(found["income"], [[200.0, 50.5], [201.01, 51.005]])


def test_equalisation_by_year() -> None:
    """Would catch equalisation that starts late being lost: year 2 makes up all of 2.00."""
    body = {"id": "town", "kind": "council", "cost": 50.0, "local_tax": 50.0, "reserves": 10.0}
    raw = study_of([body], {"r": {"settlement": {"equalisation": [0.0, 1.0]}}}, years=2)
    found = outcomes(raw, "r", tax_shock=[[-0.04], [-0.04]])
    assert_money(found["income"][:, 0], [48.0, 48.0])
    assert_money(found["central_cost"][:, 0], [0.0, 48.0 * 0.04])


def test_cuts_by_year() -> None:
    """Would catch a list of what is done with cuts read for its first value alone, or a year late.

    10 % is cut in both years and lasts. Exposed, then protected: 45.00 twice; the other way
    round: 50.00 and 45.00.
    """
    cut = [[0.1, 0.1], [0.1, 0.1]]
    for choices, incomes in (
        (["exposed", "protected"], [[180.0, 45.0], [180.0, 45.0]]),
        (["protected", "exposed"], [[200.0, 50.0], [180.0, 45.0]]),
    ):
        raw = pair(settlement={"in_year_cuts": choices})
        assert_money(outcomes(raw, "mixed", in_year_cut=cut)["income"], incomes)
    raw = pair(settlement={"by": {"town": {"in_year_cuts": ["protected", "exposed"]}}})
    found = outcomes(raw, "mixed", in_year_cut=cut)
    assert_money(found["income"], [[180.0, 50.0], [162.0, 45.0]])
    words = "\n".join(figure.words for figure in regime_figures(parse_study(raw).regimes["mixed"]))
    assert "nor made up for later, then a cut during the year is taken at once (by year)" in words


def test_a_windfall_above_a_share_by_year() -> None:
    """Would catch a threshold that stands still: 0.5 of what is above 1 %, then above 4 %.

    Deficit 4 on 100: 1.50 in the second year; then 2.50 on 101.50 is below 4 %: nothing.
    """
    body = {"id": "town", "kind": "council", "cost": 104.0, "grant": 100.0, "reserves": 50.0}
    centre = {"windfall": {"share": 0.5, "above": [0.01, 0.04]}}
    raw = study_of([body], {"r": {"centre": centre}}, years=3)
    assert_money(outcomes(raw, "r")["windfall"][:, 0], [0.0, 1.5, 0.0])


def test_a_regimes_planning_yields_to_the_studys_own_scopes() -> None:
    """Would catch a regime's planning for everyone that beats what the study gives a kind."""
    raw = study_of(
        PAIR,
        {"more": {"planning": {"grant_growth": 0.1, "by": {"ccg": {"charges_growth": 0.0}}}}},
        years=2,
        planning={"grant_growth": 0.0, "by": {"council": {"grant_growth": -0.02}}},
    )
    assert_money(outcomes(raw, "more")["income"], [[220.0, 49.0], [242.0, 48.02]])
    notes = validate(parse_study(raw)).notes
    assert (
        "regime more: its own planning brings £62.0m more grant over 2 years than the study's "
        "planning would, before any shock"
    ) in notes


def test_it_travels_as_json_and_a_plain_study_names_none_of_it() -> None:
    """Would catch a scope or a list that is lost on the way to a worker."""
    raw = pair(
        settlement={"equalisation": [0.5, 1.0], "by": {"ccg": {"period": 3}}},
        planning={"by": {"council": {"tax_growth": [0.01, 0.02]}}},
    )
    study = parse_study(raw)
    assert study_from_json(study_json(study)) == study
    assert '"by": {"ccg": {"period": 3}}' in study_json(study)
    assert "planning" not in study_json(parse_study(pair())).partition('"regimes"')[2]


@pytest.mark.parametrize(
    ("regime", "key", "message"),
    [
        ({"settlement": {"period": [1, 5]}}, "settlement.period", "may not be a list"),
        ({"settlement": {"in_year_cuts": ["never"]}}, "settlement.in_year_cuts[0]", ""),
        (
            {"settlement": {"by": {"counci": {"period": 2}}}},
            "settlement.by.counci",
            "is neither a kind nor the id",
        ),
        (
            {"settlement": {"by": {"council": {"open_book": 0.5}}}},
            "settlement.by.council.open_book",
            "is not a known key",
        ),
        ({"planning": {"grant_grwth": 0.1}}, "planning.grant_grwth", "is not a known key"),
        (
            {
                "settlement": {"by": {"council": {"period": 3}}},
                "pools": [{"name": "all", "members": ["*"], "rulebook": "council"}],
            },
            "pools[0].members",
            "different numbers of years: ccg 1 and town 3",
        ),
    ],
)
def test_faults_are_named(regime: dict[str, Any], key: str, message: str) -> None:
    """Would catch a list, a scope or a mixed pool that is read as something else."""
    with pytest.raises(StudyError) as error:
        parse_study(pair(**regime))
    (problem,) = error.value.problems
    assert problem.key == f"regimes.mixed.{key}"
    assert message in problem.message
