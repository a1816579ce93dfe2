"""Regimes that build on others: of the study, and of those that ship."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskmc.errors import StudyError
from riskmc.runs.simulation import run
from riskmc.study import (
    parse_study,
    regime_figures,
    rules_against,
    shipped_regime,
    shipped_regimes,
    shipped_sources,
)
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


LIBRARY = {
    "alzira",
    "commissioners_5",
    "conditional_support",
    "council_2016",
    "council_2026",
    "current",
    "delegated",
    "denmark_2007",
    "devolved",
    "devolved_1",
    "devolved_10",
    "devolved_3",
    "devolved_5",
    "devolved_build_up",
    "netherlands_2015",
    "nhs_2013",
    "nhs_2016",
    "nhs_2020",
    "nhs_2026",
    "nordic",
    "place_fund",
    "place_pool",
    "place_share",
}


def test_the_whole_library_ships() -> None:
    """Would catch a rulebook that was left out of the package."""
    assert set(shipped_regimes()) == LIBRARY
    with pytest.raises(KeyError):
        shipped_regime("none")


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_regimes_that_ship(name: str) -> None:
    """Would catch a shipped file that does not load, or says less than its sources."""
    regime = shipped_regime(name)
    assert regime.name == name
    assert regime.label
    about = shipped(name).about
    assert about.country
    assert about.since[:4].isdecimal()
    assert "Left out" in about.text or name == "devolved_5" or "alone is compared" in about.text
    figures = {figure.path: figure.value for figure in regime_figures(regime)}
    own = shipped(name).sources
    assert set(own) <= set(figures), set(own) - set(figures)
    sources = shipped_sources(name)
    # what is nil and typed nowhere is a device that these rules do not use
    silent = {path for path, value in figures.items() if value}
    assert silent <= set(sources), silent - set(sources)
    for path, source in sources.items():
        assert all((source.unit, source.source, source.why)), path


@pytest.mark.parametrize("name", sorted(LIBRARY - {"current", "devolved"}))
def test_a_figure_that_differs_has_a_source_of_its_own(name: str) -> None:
    """Would catch a new figure that passes under the source of the one it replaced."""
    base = str(shipped(name).table["extends"])
    before = {figure.path: figure.value for figure in regime_figures(shipped_regime(base))}
    for figure in regime_figures(shipped_regime(name)):
        if figure.value and figure.value != before.get(figure.path):
            assert figure.path in shipped(name).sources, figure.path


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_every_rulebook_runs_on_the_example(name: str, tables: dict[str, Any]) -> None:
    """Would catch a shipped rulebook that no study can follow."""
    tables["regimes"] = {name: {"extends": name}}
    tables["behaviour"] = {}
    tables["draws"] = 16
    results = run(parse_study(tables))
    assert bool(np.isfinite(results["place"]["central_cost"]).all())


def test_rules_against_each_other() -> None:
    """Would catch a difference that is not said, or one that is none."""
    same = rules_against("devolved_5", "devolved").splitlines()
    assert same[3:] == ["No rule differs."]
    text = rules_against("devolved_3", "devolved")
    assert text.count("\n- ") == 1
    assert "every 3 years (instead of: the grant is settled every 5 years)" in " ".join(
        text.split()
    )


def test_what_differs_keeps_its_nouns() -> None:
    """Would catch figures of instruments strung together, of which nobody can say whose they are,
    and a rule of no effect told as one."""
    text = " ".join(rules_against("nhs_2026", "nhs_2020").split())
    assert "Rulebook: provider At the end of the year, a shortfall is met by" in text
    assert "ask the centre for a bailout, granted with probability 70 %" in text
    assert "- not: return 30 % of what is left to the centre" in text
    assert "Rulebook: system (only in NHS systems of 2020)" in text
    assert "planned support: provider gets 1.05 % of its cost" in text
    assert "provider and commissioner each get 1.4 % of their cost" in text
    assert "interest of 0 %" not in " ".join(rules_against("current", "devolved").split())


@pytest.mark.parametrize("name", shipped_regimes())
def test_rules_do_not_differ_from_themselves(name: str) -> None:
    """Would catch a difference made of how rules are read."""
    assert rules_against(name, name).endswith("No rule differs.")


def test_a_figure_that_no_sentence_shows_differs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch rules called the same whose effort, say, is another."""
    plain = shipped_regime("devolved")
    book = plain.rulebooks["place"]
    saving = book.find("plan", "savings")
    assert saving is not None
    lazy = saving.replaced(effort=0.5)
    steps = tuple(lazy if step is saving else step for step in reversed(book.plan))
    books = {"place": book.model_copy(update={"plan": steps})}
    other = plain.model_copy(update={"rulebooks": books})
    found = {"plain": plain, "other": other}
    monkeypatch.setattr("riskmc.study.words_compared.shipped_regime", found.__getitem__)
    text = " ".join(rules_against("other", "plain").split())
    assert "50 % (instead of: " in text
    assert "in the order" in text


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


def test_a_fault_inside_a_shipped_rulebook_is_reported_where_the_user_made_it(
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
    with pytest.raises(StudyError, match="is circular"):
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


def test_a_year_of_rules_that_ship_says_where_to_set_another(tables: dict[str, Any]) -> None:
    """Would catch a message that names a file of the package only, which nobody can change."""
    tables |= {"start_year": "2026/27", "risks": []}
    tables["regimes"] = {"ours": {"extends": "nhs_2016"}}
    tables["behaviour"] = {}
    with pytest.raises(StudyError, match=r"as regimes\.ours\.centre\.write_off\.year"):
        parse_study(tables)
    tables["regimes"]["ours"]["centre"] = {"write_off": {"year": "2027/28"}}
    assert parse_study(tables).regimes["ours"].centre.write_off.year == "2027/28"  # type: ignore[union-attr]


def test_money_on_conditions_has_a_name_of_its_own(tables: dict[str, Any]) -> None:
    """Would catch two rows of one name, of which figures and sources show one."""
    row = {"name": "support", "rate": 0.01, "test": "none"}
    tables["regimes"]["current"] = {"extends": "current", "conditional": [row, row]}
    with pytest.raises(StudyError, match=r'conditional\[1\]\.name = "support": is defined twice'):
        parse_study(tables)
