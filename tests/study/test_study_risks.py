"""Risks as people state them, and what is refused of them."""

from __future__ import annotations

from typing import Any

import pytest

from riskmc.distributions import Constant, Lognormal, Pert, Uniform
from riskmc.errors import Problem, StudyError
from riskmc.study import Study, parse_study
from riskmc.study.shorthand import band

BOOK = {"shortfall": [{"instrument": "reserves"}]}


def study(*risks: dict[str, Any], **more: Any) -> Study:
    rows = [{"name": f"R{n}", "organisation": "trust", **risk} for n, risk in enumerate(risks)]
    for row in rows:
        if "impacts" in row:
            del row["organisation"]
    return parse_study(
        {
            "schema": 1,
            "title": "Two",
            "start_year": "2026/27",
            "years": 3,
            "draws": 16,
            "seed": 1,
            "organisations": [
                {"id": "trust", "kind": "provider", "cost": 100.0, "charges": 100.0},
                {"id": "borough", "kind": "council", "cost": 100.0, "charges": 100.0},
            ],
            "risks": rows,
            "regimes": {"r": {"label": "R", "rulebooks": {"provider": BOOK, "council": BOOK}}},
            **more,
        }
    )


def refused(*risks: dict[str, Any], **more: Any) -> list[Problem]:
    with pytest.raises(StudyError) as caught:
        study(*risks, **more)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("stated", "impact"),
    [
        ({"low": 1.0, "likely": 2.0, "high": 4.0}, Pert(low=1.0, likely=2.0, high=4.0)),
        ({"low": 1.2, "likely": 1.2, "high": 1.2}, Constant(value=1.2)),
        ({"low": 0.5, "high": 5.0}, Uniform(low=0.5, high=5.0)),
        ({"likely": 1.2}, Constant(value=1.2)),
        ({"impact": 1.2}, Constant(value=1.2)),
        ({"impact": {"low": 0.5, "high": 5.0}}, Uniform(low=0.5, high=5.0)),
        ({"impact": "Major"}, Uniform(low=1.0, high=5.0)),
        ({"impact": "3 - minor"}, Constant(value=0.5)),
    ],
)
def test_amounts_as_stated(stated: dict[str, Any], impact: Any) -> None:
    """Would catch a figure taken for another shape than the documented one."""
    bands = {"impact": {"Major": [1.0, 5.0], "Minor": 0.5}}
    assert study({"probability": 0.2, **stated}, bands=bands).risks[0].impact == impact


def test_two_positive_percentiles_are_a_lognormal() -> None:
    """Would catch a symmetric cost below 0: P10 1 and P90 4 have the median 2."""
    impact = study({"probability": 0.2, "p10": 1.0, "p90": 4.0}).risks[0].impact
    assert isinstance(impact, Lognormal)
    assert impact.median == pytest.approx(2.0)


def test_words_of_bands() -> None:
    """Would catch a word matched to its neighbour: "Unlikely" is not "Likely"."""
    words = {"Unlikely": 0.1, "Likely": 0.5, "Almost certain": [0.8, 1.0], "5": 0.9}
    assert band("4 - Likely", words) == 0.5
    assert band("likely (4)", words) == 0.5
    assert band(" UNLIKELY", words) == 0.1
    assert band("5 - whatever", words) == 0.9
    assert band("Fairly likely", words) is None
    found = study({"probability": "Almost certain", "impact": 1}, bands={"likelihood": words})
    assert found.risks[0].probability == Uniform(low=0.8, high=1.0)


def test_one_event_of_several_bodies_is_a_row_for_each() -> None:
    """Would catch an impact given to the other body."""
    rows = study({"probability": 0.2, "impacts": {"trust": 1.0, "borough": 2.0}}).risks
    assert [(r.organisation, r.event, r.mean) for r in rows] == [
        ("trust", "R0", 1.0),
        ("borough", "R0", 2.0),
    ]


@pytest.mark.parametrize(
    ("risk", "key", "words"),
    [
        ({"impact": 1.0}, "risks[0].probability", "is missing"),
        ({"impact": 1.0, "probability": 0.1, "rate": 1.0}, "risks[0].rate", "is given alongside"),
        ({"impact": 1.0, "rate": 0.0}, "risks[0].rate", "too small"),
        ({"probability": 0.1, "low": 1.0, "likely": 2.0}, "risks[0].high", "is missing alongside"),
        ({"probability": 0.1, "likely": 2.0, "high": 3.0}, "risks[0].low", "is missing alongside"),
        ({"probability": "Likely", "impact": 1.0}, "risks[0].probability", "is not a word"),
        ({"probability": "0.2", "impact": 1.0}, "risks[0].probability", "leave out the quotes"),
        ({"probability": {"low": 0.5, "high": 1.5}, "impact": 1.0}, "risks[0].probability", ""),
        ({"probability": [0.1, 2.0], "impact": 1.0}, "risks[0].probability[1]", "too large"),
        ({"rate": 1.0, "impact": 1.0, "once": True}, "risks[0].once", "rate"),
        ({"rate": 1.0, "impact": 1.0, "group": "g"}, "risks[0].group", "rate"),
        ({"probability": 0.1, "impact": 1.0, "cause": "c"}, "risks[0].shared", "is missing"),
        ({"probability": 0.1, "impact": 1.0, "lasts": 0}, "risks[0].lasts", "too small"),
        ({"probability": 0.1, "impact": 1.0, "prices": "real"}, "risks[0].prices", "choices"),
        ({"probability": 0.1, "impacts": {"nobody": 1.0}}, "risks[0].impacts.nobody", ""),
        ({"probability": 0.1, "impacts": {}}, "risks[0].impacts", "table"),
        (
            {"probability": 0.1, "impact": 1.0, "mitigation": {"cost": -1.0}},
            "risks[0].mitigation.cost",
            "",
        ),
        (
            {"probability": 0.1, "impact": 1.0, "probabilty": 0.1},
            "risks[0].probabilty",
            "known key",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_key(risk: dict[str, Any], key: str, words: str) -> None:
    """Each would otherwise be dropped or drawn otherwise than meant."""
    found = [problem for problem in refused(risk) if problem.key == key]
    assert found, [str(p) for p in refused(risk)]
    assert words in str(found[0])


def test_rows_that_cannot_hold_together_are_refused() -> None:
    """Would catch a group above certainty, or one event with two chances."""
    many = refused(*[{"probability": 0.6, "impact": 1.0, "group": "g"}] * 2)
    assert "add up to 1.2 in 2026/27" in str(many[0])
    apart = refused(
        {"probability": 0.6, "impact": 1.0, "event": "e"},
        {"probability": 0.5, "impact": 1.0, "event": "e", "organisation": "borough"},
    )
    assert apart[0].key == "risks[1].probability"
    bands = refused(bands={"likelihood": {"Likely": 2.0, "Rare": "x"}, "colour": {}})
    assert {p.key for p in bands} == {
        "bands.likelihood.Likely",
        "bands.likelihood.Rare",
        "bands.colour",
    }
