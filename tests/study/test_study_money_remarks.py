"""Money and rates by their size: what is printed of every body, and what is questioned."""

from __future__ import annotations

from typing import Any

import pytest
from test_study_risks import study

from riskmc.study import validate


def remarks(*risks: dict[str, Any], **more: Any) -> list[str]:
    return [
        text for text in validate(study(*risks, **more)).warnings if not text.startswith("regime")
    ]


def bodies(**figures: Any) -> list[dict[str, Any]]:
    return [
        {"id": "trust", "kind": "provider", "cost": 100.0, "charges": 100.0},
        {"id": "borough", "kind": "council", **figures},
    ]


def test_every_body_opens_with_its_income_less_cost() -> None:
    """Hand-worked: 70 + 20 + 5 received less 90 + 10 paid. Would catch contracts left out."""
    organisations = bodies(cost=90.0, grant=70.0, local_tax=20.0)
    contracts = [
        {"payer": "borough", "payee": "trust", "value": 10.0},
        {"payer": "trust", "payee": "borough", "value": 5.0},
    ]
    lines = validate(study(organisations=organisations, contracts=contracts)).notes
    assert "borough: opening income £95.0m less cost £100.0m is -£5.0m (-5.0 % of cost)" in lines


@pytest.mark.parametrize(
    ("organisation", "words"),
    [
        ({"cost": 414_000.0, "charges": 414_000.0}, "money is in £m"),
        ({"cost": 100.0, "charges": 79.0}, "gap of 21 %"),
        ({"cost": 100.0, "charges": 121.0}, "surplus of 21 %"),
    ],
)
def test_what_no_english_body_could_be_is_questioned(
    organisation: dict[str, float], words: str
) -> None:
    """Would catch a budget in thousands, or an income left out, run without a word."""
    assert any(words in text for text in remarks(organisations=bodies(**organisation)))


def test_what_a_body_could_be_is_not_questioned() -> None:
    """Would catch noise: a deficit of 19 % and a large council are possible."""
    found = remarks(organisations=bodies(cost=3_300.0, charges=2_700.0))
    assert found == []


def test_an_impact_above_a_yearly_cost_and_a_certain_one() -> None:
    """Would catch a register in £000 in a budget in £m, and a known cost kept from the plan."""
    found = remarks(
        {"probability": 0.4, "low": 100.0, "likely": 250.0, "high": 600.0},
        {"probability": 1.0, "impact": 4.0, "years": ["2027/28", "2028/29"]},
    )
    assert len(found) == 2
    assert "is it in £000?" in found[0]
    assert 'start = "2027/28", cost = 4' in found[1]


def test_a_gain_is_questioned() -> None:
    """Would catch a register that shows costs in brackets run as gains without a word."""
    found = remarks({"name": "Strike", "probability": 0.1, "impact": -4.0})
    assert len(found) == 1
    assert found[0].startswith('an impact below 0 is a gain, as in brackets: risk "Strike"')
    assert remarks({"probability": 0.1, "low": -1.0, "likely": 2.0, "high": 4.0}) == []


def test_a_rate_in_per_cent_is_questioned() -> None:
    """Would catch an sd of 1.5 that was meant as 1.5 %."""
    drivers = {"funding_shock": {"distribution": "normal", "mean": 0.0, "sd": 1.5}}
    found = remarks(drivers=drivers)
    assert any("funding_shock is above 1 in size" in text for text in found)


def test_namesakes_are_shown_with_their_id() -> None:
    """Would catch two tables of one title."""
    two = bodies(cost=1.0, charges=1.0)
    for body in two:
        body["name"] = "St Mary's"
    found = study(organisations=two)
    assert [found.name_of(i) for i in ("trust", "borough")] == [
        "St Mary's (trust)",
        "St Mary's (borough)",
    ]
    assert any("have one name, St Mary's" in text for text in validate(found).warnings)


def test_rules_that_ask_for_more_than_the_schemes_are_questioned() -> None:
    """At least 3 % of 100 asked, schemes of 2. Would catch a plan filled up in silence."""
    savings = [{"instrument": "savings", "max_rate": 0.05, "min_rate": 0.03}]
    book = {"plan": savings, "shortfall": [{"instrument": "reserves"}]}
    regimes = {"r": {"label": "R", "rulebooks": {"provider": book, "council": book}}}
    scheme = {"name": "A", "organisation": "trust", "amount": 2.0, "delivery": 0.9}
    found = remarks(schemes=[scheme], regimes=regimes)
    assert not found, "remarks of regimes begin with the regime"
    said = validate(study(schemes=[scheme], regimes=regimes)).warnings
    assert any("savings of at least £3.0m a year; its schemes are to save £2.0m" in x for x in said)
    enough = validate(study(schemes=[{**scheme, "amount": 3.0}], regimes=regimes)).warnings
    assert not any("its schemes" in text for text in enough)
