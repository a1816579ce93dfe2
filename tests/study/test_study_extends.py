"""Regimes that build on others: of the study, and of those that ship."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from riskmc.errors import StudyError
from riskmc.study import parse_study, regime_figures, shipped_regime, shipped_regimes
from riskmc.study.extends import merged, shipped
from riskmc.study.problems import Problems

WHOLE = (Path(__file__).parent / "whole.toml").read_text(encoding="utf-8")


@pytest.fixture
def tables() -> dict[str, Any]:
    return tomllib.loads(WHOLE)


def test_tables_merge_and_lists_are_replaced() -> None:
    """Would catch lists joined, a table replaced whole, or a base that is changed."""
    base = {"a": {"x": 1, "y": [1, 2]}, "b": 1}
    over = {"a": {"y": [3]}, "c": {"z": 1}}
    assert merged(base, over) == {"a": {"x": 1, "y": [3]}, "b": 1, "c": {"z": 1}}
    assert base == {"a": {"x": 1, "y": [1, 2]}, "b": 1}


def test_a_variant_differs_only_in_what_it_sets(tables: dict[str, Any]) -> None:
    """Would catch a variant that loses its base's settlement, pools or rulebooks."""
    regimes = parse_study(tables).regimes
    annual, devolved = regimes["devolved_annual"], regimes["devolved"]
    assert (annual.settlement.period, annual.settlement.in_year_cuts) == (1, "exposed")
    assert annual.settlement.new_burdens_funded == devolved.settlement.new_burdens_funded == 1.0
    assert annual.pools == devolved.pools
    assert annual.rulebooks == devolved.rulebooks
    assert annual.payment == devolved.payment
    assert annual.label == "Devolved, but settled every year"


def test_a_chain_of_variants(tables: dict[str, Any]) -> None:
    """Would catch a variant of a variant that reaches only its nearest base."""
    tables["regimes"]["third"] = {
        "extends": "devolved_annual",
        "rulebooks": {"place": {"plan": [{"instrument": "local_revenue", "max_rise": 0.5}]}},
    }
    regimes = parse_study(tables).regimes
    third, devolved = regimes["third"].rulebooks["place"], regimes["devolved"].rulebooks["place"]
    assert regimes["third"].settlement.period == 1
    assert regimes["third"].label == "Devolved, but settled every year"
    assert [setting.instrument for setting in third.plan] == ["local_revenue"]
    assert third.shortfall == devolved.shortfall
    assert third.interest == devolved.interest
    assert list(regimes) == ["current", "devolved", "devolved_annual", "third"]


def test_regimes_that_ship() -> None:
    """Would catch a shipped file that does not load, or says less than its sources."""
    assert shipped_regimes() == ("current", "devolved")
    for name in shipped_regimes():
        regime = shipped_regime(name)
        assert regime.name == name
        assert regime.label
        figures = {figure.path: figure.value for figure in regime_figures(regime)}
        sources = shipped(name).sources
        assert set(sources) <= set(figures), set(sources) - set(figures)
        silent = [path for path, value in figures.items() if value is not None]
        assert set(silent) <= set(sources), set(silent) - set(sources)
        for path, source in sources.items():
            assert all((source.unit, source.source, source.why)), path
    with pytest.raises(KeyError):
        shipped_regime("none")


def test_a_study_builds_on_shipped_regimes(tables: dict[str, Any]) -> None:
    """Would catch a regime that extends its own name taken for a circle."""
    tables["regimes"] = {
        "current": {"extends": "current", "settlement": {"open_book": 0.5}},
        "mine": {"extends": "devolved", "label": "Mine"},
        "variant": {"extends": "current", "settlement": {"period": 2}},
    }
    tables["behaviour"] = {}
    regimes = parse_study(tables).regimes
    assert regimes["current"].rulebooks == shipped_regime("current").rulebooks
    assert regimes["current"].settlement.open_book == 0.5
    assert regimes["mine"].pools == shipped_regime("devolved").pools
    assert regimes["mine"].label == "Mine"
    # the study's own `current` comes before the shipped one
    assert regimes["variant"].settlement.open_book == 0.5
    assert regimes["variant"].settlement.period == 2


def test_a_fault_inside_a_shipped_rulebook_is_told_where_the_user_made_it(
    tables: dict[str, Any],
) -> None:
    """Would catch a fault sent to a file that the user has not written."""
    tables["regimes"] = {
        "devolved": {
            "extends": "devolved",
            "rulebooks": {"place": {"plan": [{"instrument": "savings", "max_rate": 5}]}},
        }
    }
    with pytest.raises(StudyError) as caught:
        parse_study(tables)
    (problem,) = caught.value.problems
    assert problem.file == "study"
    assert problem.key == "regimes.devolved.rulebooks.place.plan[0].max_rate"


def test_circles_are_refused(tables: dict[str, Any]) -> None:
    """Would catch a loop without end."""
    tables["regimes"]["current"]["extends"] = "devolved_annual"
    tables["regimes"]["devolved"]["extends"] = "current"
    with pytest.raises(StudyError, match="goes round in a circle"):
        parse_study(tables)
    tables["regimes"] = {"a": {"extends": "a"}}
    with pytest.raises(StudyError, match="extends itself"):
        parse_study(tables)
    tables["regimes"] = {"a": {"extends": 3}}
    with pytest.raises(StudyError, match="is not text"):
        parse_study(tables)


def test_problems_raise_only_when_there_are_any() -> None:
    """Would catch a study refused without a reason, or one fault shown twice."""
    problems = Problems(lambda path: ("f", 1, path))
    problems.raise_any()
    problems.add(("a",), "is wrong", value=1)
    problems.add(("a",), "is wrong", value=1)
    assert problems.under(("a",))
    assert not problems.under(("b",))
    with pytest.raises(StudyError) as caught:
        problems.raise_any()
    assert str(caught.value) == "f:1: a = 1: is wrong"
