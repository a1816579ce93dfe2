"""The map over behaviour: a soft budget constraint and the line where a ranking turns."""

from __future__ import annotations

from math import erf, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import riskmc
from riskmc.errors import InputError
from riskmc.measures import compare
from riskmc.study import Study, load_study
from riskmc.variants import behaviour_map
from riskmc.variants.behaviour import turning
from riskmc.variants.charts import behaviour_chart

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(EXAMPLE).with_("draws=256", "years=4")


def test_without_softness_the_map_is_the_rules_alone(study: Study) -> None:
    """Would catch effort that changes although a body bears and keeps everything."""
    found = behaviour_map(study, "current", "devolved", rescued=[0.0, 1.0], taken=[0.0])
    alone = compare(riskmc.run(study, keep="all"), "current", "devolved", organisation="place")
    expected = alone.sel(measure="net_deficit", organisation="place")
    assert float(found["effort"].sel(rescued=0.0, taken=0.0)) == 1.0
    for field in ("value", "mcse"):
        hard = float(found[field].sel(rescued=0.0, taken=0.0))
        assert hard == float(found[f"off_{field}"])
        assert hard == pytest.approx(float(expected[field]), rel=1e-9)


def test_softer_budgets_save_less_and_owe_more(study: Study) -> None:
    """Would catch β and τ changed over, effort with the wrong sign, and points in a wrong order."""
    grid = [0.0, 0.4, 0.8]
    found = behaviour_map(study, "current", "devolved", rescued=grid, taken=grid[:2])
    assert (np.diff(found["effort"].values, axis=0) < 0.0).all()
    assert (np.diff(found["effort"].values, axis=1) < 0.0).all()
    assert (np.diff(found["value"].values, axis=0) > 0.0).all()
    assert (np.diff(found["value"].values, axis=1) > 0.0).all()
    # At effort 0.04 R the condition holds: k e = (1 - β) Φ((L - e) / s) + (1 - τ) Φ((e - L) / s).
    effort = 0.04 * float(found["effort"].sel(rescued=0.8, taken=0.4))
    short = 0.5 * (1.0 + erf((0.03 - effort) / (0.03 * sqrt(2.0))))
    assert 25.0 * effort == pytest.approx(0.2 * short + 0.6 * (1.0 - short), rel=1e-9)


def test_a_point_is_a_run_with_that_behaviour_stated(study: Study) -> None:
    """Would catch a map whose effort never reaches the plan, or reaches the other regime."""
    found = behaviour_map(study, "current", "devolved", rescued=[0.6], taken=[0.3])
    stated = study.with_(
        "behaviour={ current = { soft_budget = { rescued = 0.6, taken = 0.3 } } }"
    ).with_behaviour()
    by_hand = compare(riskmc.run(stated, keep="all"), "current", "devolved", organisation="place")
    expected = by_hand["value"].sel(measure="net_deficit", organisation="place").item()
    assert found["value"].item() == pytest.approx(expected, rel=1e-9)


def test_the_line_where_the_ranking_turns() -> None:
    """Would catch an interpolation from the wrong end, and an error that is not over the slope.

    -1, 3 at β 0.2, 0.6: nil a quarter of the way, at 0.3; slope 10, error there 0.5: 0.05.
    """
    values, mcse = np.array([-2.0, -1.0, 3.0]), np.array([0.5, 0.5, 0.5])
    at, error = turning([0.0, 0.2, 0.6], values, mcse)
    assert at == pytest.approx(0.3, rel=1e-12)
    assert error == pytest.approx(0.05, rel=1e-12)
    assert np.isnan(turning([0.0, 1.0], np.array([1.0, 2.0]), mcse[:2])).all()


def test_the_map_turns_where_its_values_do(study: Study) -> None:
    """Would catch a line that does not belong to the column above which it is drawn."""
    found = behaviour_map(study, "current", "devolved", rescued=[0.0, 0.5, 1.0], taken=[0.0, 1.0])
    for tau in (0.0, 1.0):
        column = found.sel(taken=tau)
        at = float(column["turns_at_value"])
        if np.isnan(at):
            assert (np.sign(column["value"]) == np.sign(column["value"][0])).all()
        else:
            assert column["value"].interp(rescued=at).item() == pytest.approx(0.0, abs=1e-9)


def test_the_code_of_the_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a page whose example has left the package, or whose map no longer turns.

    The page says that to the centre the ranking turns with behaviour.
    """
    root = EXAMPLE.parents[1]
    monkeypatch.chdir(root)
    text = (root / "docs" / "behaviour.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(text.partition("```python\n")[2].partition("```")[0], names)
    found = names["found"]
    assert float(found["off_high"]) < 0.0 < float(found["on_low"])
    assert found["turns_at_value"].notnull().any()


def test_the_chart_says_what_is_taken_from_what(study: Study) -> None:
    """Would catch a chart that cannot be drawn for a map of one row, or without its labels."""
    for betas in ([0.0, 1.0], [0.5]):
        found = behaviour_map(study, "current", "devolved", rescued=betas, taken=[0.0, 1.0])
        drawn = behaviour_chart(found).decode()
        assert "Current rules less devolved, balanced budget, £m" in drawn
        assert drawn.rstrip().endswith("</svg>")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rescued": []}, "rescued must be rising"),
        ({"taken": [0.5, 0.2]}, "taken must be rising"),
        ({"rescued": [0.0, 1.5]}, "rescued must be rising"),
        ({"rescued": np.linspace(0, 1, 30), "taken": np.linspace(0, 1, 30)}, "at most 400"),
        ({"a": "curent"}, "no regime 'curent'"),
        ({"measure": "unmett"}, "unmett"),
    ],
)
def test_a_wrong_map_is_refused(study: Study, options: dict[str, object], said: str) -> None:
    """Would catch a grid beyond its meaning, run for minutes before it fails."""
    given: dict[str, object] = {"a": "current", "b": "devolved", **options}
    with pytest.raises((InputError, riskmc.errors.ResultsError), match=said):
        behaviour_map(study, **given)  # type: ignore[arg-type]
