"""Which rule does the work: mixtures, Shapley values, sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import riskmc
from riskmc.attribution import attribute, differing
from riskmc.attribution.groups import mixture
from riskmc.attribution.shapley import interaction_weights, ladder_weights, shapley_weights
from riskmc.attribution.words import attribution_sentences
from riskmc.errors import InputError
from riskmc.measures import per_draw
from riskmc.study import Study, load_study, parse_study, study_mapping

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(EXAMPLE).with_("draws=256", "years=4")


@pytest.fixture(scope="module")
def found(study: Study) -> xr.Dataset:
    """What does the work between the example's two sets of rules, for every measure."""
    return attribute(study, "current", "devolved")


def test_shapley_values_of_a_game_worked_by_hand() -> None:
    """Would catch wrong weights: 1 and 2 make 6 together, 3 adds 1 whatever comes before.

    v(1) = 1, v(2) = 2, v(12) = 6: group 1 is worth (1 + 4) / 2 = 2.5, group 2 (2 + 5) / 2 = 3.5,
    group 3 is worth 1; groups 1 and 2 interact by 6 - 1 - 2 = 3.
    """
    values = np.array([0.0, 1.0, 2.0, 6.0, 1.0, 2.0, 3.0, 7.0])
    assert shapley_weights(3) @ values == pytest.approx([2.5, 3.5, 1.0])
    found = {pair: weights @ values for pair, weights in interaction_weights(3).items()}
    assert found == pytest.approx({(0, 1): 3.0, (0, 2): 0.0, (1, 2): 0.0})
    assert ladder_weights(3) @ values == pytest.approx([1.0, 5.0, 1.0])


def test_the_ends_of_the_ladder_are_the_regimes_themselves(study: Study, found: xr.Dataset) -> None:
    """Would catch a mixture of no groups, or of all, that is another set of rules."""
    results = riskmc.run(study, keep="all")
    for measure in found["measure"].values.tolist():
        for end, regime in (("start", "current"), ("end", "devolved")):
            draws = per_draw(results, measure=measure, regime=regime, organisation="place")
            own = float(found[f"{end}_value"].sel(measure=measure))
            assert own == pytest.approx(float(draws.mean()), rel=1e-12)
    assert "pools" in found["group"].values


def test_words_about_regimes_do_not_stand_in_the_way(study: Study, found: xr.Dataset) -> None:
    """Would catch mixtures refused because the paper or the report names the study's own rules."""
    words = {
        "paper": {"short": {"current": "As now"}},
        "report": {"attribute": {"from": "current", "to": "devolved"}},
    }
    named = parse_study(study_mapping(study) | words)
    again = attribute(named, "current", "devolved", measures=["unmet"], groups=["pools"])
    whole = found["difference_value"].sel(measure="unmet").item()
    assert again["difference_value"].item() == pytest.approx(whole, rel=1e-12)


def test_values_add_up_to_the_whole_difference(found: xr.Dataset) -> None:
    """Would catch a group left out, or rules that are in no group."""
    for name in ("shapley", "ladder"):
        total = found[f"{name}_value"].sum("group")
        np.testing.assert_allclose(total, found["difference_value"], atol=1e-9)


def test_one_rule_that_differs_does_all_the_work(study: Study) -> None:
    """Would catch work laid at the door of rules that are the same."""
    tables = study_mapping(study)
    other = {**tables["regimes"]["current"], "settlement": {"new_burdens_funded": 1.0}}
    other["settlement"] = tables["regimes"]["current"]["settlement"] | other["settlement"]
    tables["behaviour"] = {}
    new = parse_study({**tables, "regimes": {"a": tables["regimes"]["current"], "b": other}})
    found = attribute(new, "a", "b")
    assert found["group"].values.tolist() == ["burdens"]
    for name in ("shapley", "ladder", "alone", "last"):
        np.testing.assert_array_equal(
            found[f"{name}_value"].isel(group=0), found["difference_value"]
        )
    with pytest.raises(InputError, match="do not differ"):
        attribute(new, "a", "a")


def test_groups_by_name(study: Study) -> None:
    """Would catch groups of the user's own that leave the rest out."""
    found = attribute(study, "current", "devolved", groups=["pools+plan", "payment"])
    names = found["group"].values.tolist()
    assert names[:2] == ["pools+plan", "payment"]
    assert set(names[2].split("+")) >= {"settlement", "shortfall", "surplus"}
    total = found["shapley_value"].sum("group")
    np.testing.assert_allclose(total, found["difference_value"], atol=1e-9)
    with pytest.raises(InputError, match="did you mean 'payment'"):
        attribute(study, "current", "devolved", groups=["paymnet"])


def test_every_group_of_a_regime_is_known(study: Study) -> None:
    """Would catch a new table of a regime that no group holds: its work would vanish."""
    tables = study_mapping(study)["regimes"]
    from riskmc.attribution import GROUPS

    known = {group.section for group in GROUPS}
    assert {key for table in tables.values() for key in table} - {"label"} <= known
    settlement = {key for group in GROUPS if group.section == "settlement" for key in group.keys}
    assert set(tables["current"]["settlement"]) <= settlement
    books = {key for group in GROUPS if group.section == "rulebooks" for key in group.keys}
    assert set(tables["devolved"]["rulebooks"]["place"]) <= books
    assert differing(tables["current"], tables["current"], study) == ()


def test_the_attribution_in_words_has_the_numbers_of_the_table(found: xr.Dataset) -> None:
    """Would catch a sentence that names another group, or a sign turned round."""
    (text,) = (s for s in attribution_sentences(found) if s.startswith("Net deficit"))
    one = found.sel(measure="net_deficit")
    assert float(one["difference_high"]) < 0.0, "the example's devolved rules lower the deficit"
    assert "lower under 'devolved' than under 'current'" in text
    largest = one["group_label"].values[int(abs(one["shapley_value"]).argmax("group"))]
    assert str(largest) in text


@pytest.mark.parametrize(
    ("name", "unit", "change", "error", "says"),
    [
        ("net_deficit", "£m", 1984.21, 0.4, "£2.0bn higher under 'b' than under 'a'"),
        ("net_deficit", "£m", -270.123, 0.0, "£270m lower under 'b' than under 'a'"),
        ("p", "probability", 0.004, 0.001, "<1 more of 100 futures under 'b'"),
        ("p", "probability", -0.4987, 0.0001, "50 fewer of 100 futures under 'b'"),
    ],
)
def test_sentences_round_as_the_paper_does(
    found: xr.Dataset, name: str, unit: str, change: float, error: float, says: str
) -> None:
    """Would catch "£1,984.21m" beside a paper's £2.0bn, and parts of a future."""
    one = found.sel(measure=["net_deficit"]).assign_attrs(start="a", end="b", joined="").copy()
    one["unit"] = ("measure", [unit])
    ends = {"value": change, "mcse": error, "low": change - error, "high": change + error}
    for field, number in ends.items():
        one[f"difference_{field}"] = ("measure", [number])
    assert says in attribution_sentences(one)[0]


def test_nothing_is_not_called_lower(found: xr.Dataset) -> None:
    """Would catch "nil lower" of what is the same in every future, and has no error."""
    one = found.sel(measure=["net_deficit"]).copy()
    for field, number in {"value": 0.0, "mcse": np.nan, "low": np.nan, "high": np.nan}.items():
        one[f"difference_{field}"] = ("measure", [number])
    one["difference_bound"] = ("measure", [True])
    assert "there is no difference between 'current' and 'devolved'." in str(
        attribution_sentences(one)[0]
    )


def test_bodies_of_a_kind_with_the_same_rules_share_a_rulebook(study: Study) -> None:
    """Would catch a rulebook for each body, which the engine works through one by one."""
    tables = study_mapping(study)["regimes"]
    mixed = mixture(tables["current"], tables["devolved"], [], study)
    assert set(mixed["rulebooks"]) == {body.kind for body in study.organisations}


@pytest.mark.slow
def test_processes_find_what_threads_do(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a worker with other futures, or mixtures joined in the wrong order."""
    from riskmc.runs import watch_apart

    def found() -> xr.Dataset:
        return attribute(study, "current", "devolved", groups=["pools", "plan"], workers=2)

    here = found()
    monkeypatch.setattr(watch_apart, "WORTH_PROCESSES", 1)
    monkeypatch.setattr(watch_apart, "REGIMES_IN_TASK", 3)
    xr.testing.assert_identical(found(), here)
