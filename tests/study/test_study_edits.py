"""Changes of a study by dotted keys: scenarios, `--set`, sweeps, bridges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from riskmc.errors import InputError, StudyError
from riskmc.study import Study, load_study, study_mapping
from riskmc.study.edits import Change, changes_of, edited, kept_scopes, key_path, read_change

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"


@pytest.fixture(scope="module")
def example() -> Study:
    return load_study(EXAMPLE)


@pytest.mark.parametrize(
    ("typed", "key", "value", "how"),
    [
        ("drivers.demand_growth.mean=0.03", "drivers.demand_growth.mean", 0.03, "set"),
        ("draws = 500", "draws", 500, "set"),
        ("organisations.acute.cost*=1.02", "organisations.acute.cost", 1.02, "scale"),
        ("organisations.acute.cost += -5", "organisations.acute.cost", -5, "shift"),
        ("regimes.current.label=Old rules", "regimes.current.label", "Old rules", "set"),
        ('risks."A = b".probability=0.1', 'risks."A = b".probability', 0.1, "set"),
        ("planning.grant_growth=[0.01, 0.02]", "planning.grant_growth", [0.01, 0.02], "set"),
    ],
)
def test_a_typed_change_is_read(typed: str, key: str, value: Any, how: str) -> None:
    """Would catch `+=` read as a set, or a number read as text."""
    assert read_change(typed) == Change(key, value, how)  # type: ignore[arg-type]


def test_a_key_may_hold_quoted_parts() -> None:
    """Would catch a risk whose name holds a dot cut in two."""
    assert key_path('risks."Ward 3.2 closes".probability') == (
        "risks",
        "Ward 3.2 closes",
        "probability",
    )
    with pytest.raises(InputError, match="in quotes"):
        key_path("risks.Ward block.probability")


def test_rows_are_found_by_id_name_instrument_or_place(example: Study) -> None:
    """Would catch a change that reaches another body, contract, risk or instrument."""
    changed = example.with_(
        "organisations.ccg.reserves=9",
        "contracts.1.value*=2",
        'risks."Care provider fails".probability=0.2',
        "regimes.current.rulebooks.council.plan.savings.max_rate+=0.01",
    )
    assert changed.organisation("ccg").reserves == 9.0
    assert changed.organisation("acute").reserves == 20.0
    assert changed.contracts[0].value == 1900.0
    assert [risk.probability for risk in changed.risks] == [0.05, 0.2]
    books = changed.regimes["current"].rulebooks
    assert books["council"].plan[0].parameters["max_rate"] == pytest.approx(0.05)
    assert books["commissioner"].plan[0].parameters["max_rate"] == 0.03


def test_every_row_and_lists_by_year(example: Study) -> None:
    """Would catch a shift that takes the first year of a list only, or one row of all."""
    changed = example.with_(
        "organisations.*.cost*=1.1", "planning.grant_growth+=0.01", "regimes.*.settlement.period=2"
    )
    assert [body.cost for body in changed.organisations] == pytest.approx([1100.0, 330.0, 440.0])
    assert changed.planning.grant_growth == pytest.approx((0.04, 0.035, 0.03))
    assert {regime.settlement.period for regime in changed.regimes.values()} == {2}


def test_nothing_else_moves(example: Study) -> None:
    """Would catch a copy that shares tables with the study, or a figure lost on the way."""
    example = example.replaced(scenarios=())  # a changed study has none
    before = study_mapping(example)
    assert example.with_() == example
    changed = study_mapping(example.with_("drivers.demand_growth.mean=0.03"))
    changed["drivers"]["demand_growth"]["mean"] = 0.02
    assert changed == before == study_mapping(example)


def test_every_fault_is_named_at_once(example: Study) -> None:
    """Would catch a change of a misspelt key that goes in silence."""
    with pytest.raises(StudyError) as caught:
        example.with_(
            "organisations.acut.cost=1", "drivers.demand_growth.mena+=1", "years.x=1", "title+=1"
        )
    text = str(caught.value)
    assert "did you mean 'acute'" in text
    assert "did you mean 'mean'" in text
    assert len(caught.value.problems) == 4
    with pytest.raises(StudyError, match=r"drivers\.demand_growth\.sd"):
        example.with_("drivers.demand_growth.sd=-1")


def test_growth_that_is_not_given_is_0_and_can_be_added_to(example: Study) -> None:
    """Would catch `solve --for planning.grant_growth+` refused where a study plans no growth."""
    tables = study_mapping(example) | {"planning": {}}
    made = edited(tables, [Change("planning.grant_growth", 0.01, "shift")])
    assert made["planning"] == {"grant_growth": 0.01}
    with pytest.raises(StudyError, match="no such figure to change by an amount; there are none"):
        edited(tables, [Change("planning.grant_grwth", 0.01, "shift")])


def test_scopes_that_keep_their_own_value_are_named(example: Study) -> None:
    """Would catch "demand growth at 3 %" that leaves the council where it was, unseen."""
    tables = study_mapping(example)
    mean = Change("drivers.demand_growth.mean", 0.03)
    assert kept_scopes(tables, mean) == ("drivers.demand_growth.by.council.mean",)
    assert kept_scopes(tables, Change("drivers.cost_inflation.mean", 0.03)) == ()
    assert kept_scopes(tables, Change("draws", 3)) == ()


def test_tables_of_changes(example: Study) -> None:
    """Would catch a scenario written with tables in tables that changes something else."""
    nested = {"drivers": {"demand_growth": {"mean": 0.03}}, "organisations.acute.cost": 5.0}
    assert changes_of(nested) == (
        Change("drivers.demand_growth.mean", 0.03),
        Change("organisations.acute.cost", 5.0),
    )
    risk = {"risks.1.impact": {"distribution": "constant", "value": 2.0}}
    (change,) = changes_of(risk)
    assert edited(study_mapping(example), [change])["risks"][0]["impact"]["value"] == 2.0


def test_a_saved_study_reads_back(example: Study, tmp_path: Path) -> None:
    """Would catch a study that cannot be saved and opened again."""
    changed = example.with_("seed=7", "organisations.acute.name='An \"old\" trust'")
    changed.save(tmp_path / "changed.toml")
    assert load_study(tmp_path / "changed.toml") == changed
