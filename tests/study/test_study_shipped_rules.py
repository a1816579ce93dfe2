"""Remarks are about what the user typed, not about rules that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskmc.study import load_study, validate

CONFIGS = Path(__file__).parent.parent.parent / "configs"
COUNCIL = "regimes.current.rulebooks.council"


@pytest.mark.parametrize("name", ["greater-manchester", "footprints", "council", "county"])
def test_shipped_rules_draw_no_remark(name: str) -> None:
    """Would catch a remark about a rule that the user never typed."""
    assert validate(load_study(CONFIGS / f"{name}.toml")).warnings == ()


@pytest.mark.parametrize(
    ("edit", "remark"),
    [
        (f"{COUNCIL}.restore_reserves.to=0.2", "rebuilds reserves"),
        (f"{COUNCIL}.surplus.repay_debt.share=0.25", "`repay_debt` first among its surpluses"),
        ("regimes.current.settlement.by.council.new_burdens_funded=0.4", ""),
    ],
)
def test_a_typed_rule_draws_its_remark(edit: str, remark: str) -> None:
    """Would catch a criterion so wide that it silences what was typed."""
    study = load_study(CONFIGS / "greater-manchester.toml").with_(edit)
    found = [text for text in validate(study).warnings if "regime current" in text]
    assert len(found) == bool(remark)
    assert all(remark in text for text in found)
