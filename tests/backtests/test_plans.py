"""Plans of back-tests: read, and refused with all their faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskmc.backtests.plan import read_plan
from riskmc.errors import InputError

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(
    path for path in (ROOT / "configs" / "backtests").glob("*.toml") if "template" not in path.name
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_plans_are_read(path: Path) -> None:
    """Would catch a plan that names a rival or a template there is not."""
    assert read_plan(path).name == path.stem


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Would catch a plan mended one fault at a time."""
    plan = tmp_path / "p.toml"
    plan.write_text(
        'what = "council_reserve"\ntitel = "t"\norigins = [2012]\nrivals = ["random wlk"]\n'
        'draws = "many"\n'
    )
    with pytest.raises(InputError) as caught:
        read_plan(plan)
    text = str(caught.value)
    for part in (
        "title: missing",
        "template: missing",
        "until: missing",
        "titel: no such key; did you mean 'title'?",
        "did you mean 'council_reserves'?",
        "origins = [2012]: must be a list of texts",
        "did you mean 'random walk'?",
        "draws = 'many': must be a whole number",
    ):
        assert part in text, part


def test_a_template_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Would catch a traceback."""
    plan = tmp_path / "p.toml"
    plan.write_text(
        'what = "council_reserves"\ntitle = "t"\norigins = ["2012/13"]\nuntil = "2013/14"\n'
        'template = "none.toml"\n'
    )
    with pytest.raises(InputError, match=r"none\.toml: cannot be read"):
        read_plan(plan)
