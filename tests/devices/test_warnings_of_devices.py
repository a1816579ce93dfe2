"""What `validate` remarks on in contract terms and the centre: devices, section 2 and 5."""

from __future__ import annotations

from typing import Any

import pytest
from device_worlds import study_of

from riskmc.errors import StudyError
from riskmc.study import parse_study, validate

BODIES = [
    {"id": "trust", "kind": "provider", "cost": 90.0, "charges": 10.0, "reserves": 9.0},
    {"id": "icb", "kind": "commissioner", "cost": 20.0, "grant": 100.0, "reserves": 9.0},
]
CONTRACT = {"name": "Acute", "payer": "icb", "payee": "trust", "value": 80.0, "activity_share": 1.0}
CUTS = {"rulebooks": {"provider": {"plan": [{"instrument": "service_reduction", "max_rate": 0.1}]}}}


def warnings_of(regime: dict[str, Any], **contract: Any) -> list[str]:
    raw = study_of(BODIES, {"r": regime}, years=2, contracts=[{**CONTRACT, **contract}])
    return [text for text in validate(parse_study(raw)).warnings if "surplus list" not in text]


def test_a_cut_that_loses_what_it_saves_is_remarked_on() -> None:
    """Would catch a warning at a price that leaves something, or none where nothing is left."""
    (free,) = [w for w in warnings_of(CUTS) if "activity" in w]
    assert "at an `activity_price` of 0, so `service_reduction` loses it no income" in free
    assert not [w for w in warnings_of(CUTS, activity_price=0.9) if "activity" in w]
    (vain,) = [w for w in warnings_of(CUTS, activity_price=1.25) if "activity" in w]
    assert "trust would lose £1.25 of activity income for each £1 of services cut" in vain
    capitation = {**CUTS, "payment": {"by": {"Acute": {"activity_share": 0.0}}}}
    assert not [w for w in warnings_of(capitation, activity_price=1.25) if "activity" in w]


def test_lists_longer_than_the_study_are_remarked_on() -> None:
    """Would catch a third year's figure that nobody reads, in a term, a pot or a list."""
    regime = {
        "payment": {"activity_share": [0.6, 0.3, 0.0]},
        "centre": {
            "pot": [1.0, 2.0, 3.0],
            "excess": [{"instrument": "new_money", "limit": [1.0] * 4}],
        },
    }
    said = [w for w in warnings_of(regime, risk_share=[0.1, 0.2, 0.3]) if "values for 2 years" in w]
    assert [w.partition(" has ")[0] for w in said] == [
        "contracts[0].risk_share",
        "regimes.r.payment.activity_share",
        "regimes.r.centre.pot",
        "regimes.r.centre.excess.new_money.limit",
    ]


@pytest.mark.parametrize(
    ("contract", "regime", "key", "message"),
    [
        ({"activity_pric": 1.0}, {}, "contracts[0].activity_pric", "is not a known key"),
        ({"value": [80.0, 90.0]}, {}, "contracts[0].value", "may not be a list"),
        (
            {},
            {"payment": {"by": {"Acut": {"risk_share": 0.1}}}},
            "regimes.r.payment.by.Acut",
            "is not the name of a contract",
        ),
        ({}, {"payment": {"risk_shar": 0.1}}, "regimes.r.payment.risk_shar", "is not a known key"),
        ({"outcome_share": 1.5}, {}, "contracts[0].outcome_share", "is too large"),
    ],
)
def test_faults_of_terms_are_named(
    contract: dict[str, Any], regime: dict[str, Any], key: str, message: str
) -> None:
    """Would catch a term that nobody knows, or one set for a contract that is not there."""
    with pytest.raises(StudyError) as error:
        warnings_of(regime, **contract)
    (problem,) = error.value.problems
    assert problem.key == key
    assert message in problem.message


@pytest.mark.parametrize(
    "wrong",
    [
        {"contracts": [{**CONTRACT, "name": []}]},
        {"contracts": [{**CONTRACT, "risk_share": {}}]},
        {"organisations": [{"id": [], "kind": "council"}]},
        {"organisations": [{**BODIES[0], "place": []}, {**BODIES[1], "committed": "x"}]},
        {"regimes": {"r": {"pools": [{"name": "p", "members": [[]], "rulebook": "council"}]}}},
        {"regimes": {"r": {"settlement": {"by": []}, "planning": 3, "payment": {"by": 1}}}},
        {"regimes": {"r": {"projects": {"take": [[]]}, "funding": {"to": [{}]}, "centre": []}}},
        {"regimes": {"r": {"centre": {"excess": 1, "windfall": [], "write_off": {"year": []}}}}},
        {"projects": [{"name": [], "organisation": [], "start": [], "cost": {}, "to": []}]},
        {"projects": 5, "mandates": [{}, 3]},
    ],
)
def test_what_is_no_table_is_refused_without_a_traceback(wrong: dict[str, Any]) -> None:
    """Would catch a check that trips over a list or a table where text should stand."""
    rest = {key: value for key, value in wrong.items() if key != "regimes"}
    raw = study_of(BODIES, wrong.get("regimes", {"r": {}}), years=1)
    with pytest.raises(StudyError):
        parse_study({**raw, **rest})


def test_no_overspend_is_shared_out_twice() -> None:
    """Would catch two payers that each bear 60 % of one body's overspend."""
    contracts = [{**CONTRACT, "risk_share": 0.6}, {**CONTRACT, "name": "More", "risk_share": 0.6}]
    with pytest.raises(StudyError, match=r"120 % of what trust spends above plan would be paid"):
        parse_study(study_of(BODIES, {"r": {}}, years=1, contracts=contracts))
    names = [{**CONTRACT}, {**CONTRACT}]
    with pytest.raises(StudyError, match=r"contracts\[1\].name.*is used twice"):
        parse_study(study_of(BODIES, {"r": {}}, years=1, contracts=names))
