"""The engine against a second implementation of the model, written apart from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import test_reference
from reference import simulate
from riskmc.engine.blocks import run_block
from riskmc.engine.programme import compile_regime
from riskmc.study import parse_study
from riskmc.variables import PLACE_NAMES, VARIABLES, variable
from strategies import driver_values, expected_values, studies

#: Two implementations of one note agree to rounding: relative, with a floor in £m.
RELATIVE, FLOOR = 1e-9, 1e-9


def engine_outcomes(study: Any, regime: str, drivers: dict[str, Any], draws: int) -> Any:
    """Run the engine on drivers (year, organisation, draw)."""
    programme = compile_regime(study, regime)
    shape = (programme.organisations, programme.years, draws)
    outcomes = {v.name: np.zeros(shape, bool if v.kind == "flag" else float) for v in VARIABLES}
    place = {
        name: np.zeros(shape[1:], bool if variable(name).kind == "flag" else float)
        for name in PLACE_NAMES
    }
    run_block([programme], drivers, [outcomes], [place], draws=draws)
    return outcomes, place


def assert_agree(name: str, ours: Any, theirs: Any) -> None:
    if variable(name).kind == "flag":
        np.testing.assert_array_equal(ours, theirs, err_msg=name)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=RELATIVE, atol=FLOOR, err_msg=name)


def check_one_world(data: st.DataObject) -> None:
    """Draw a study and two futures, and compare every output of every regime."""
    raw = data.draw(studies())
    futures = [data.draw(driver_values(raw)) for _ in range(2)]
    study = parse_study(raw)
    drivers = {
        name: np.stack([np.array(future[name], dtype=float) for future in futures], axis=-1)
        for name in futures[0]
    }
    expected = expected_values(raw)
    for regime in raw["regimes"]:
        outcomes, place = engine_outcomes(study, regime, drivers, len(futures))
        for draw, future in enumerate(futures):
            theirs = simulate(raw, regime, future, expected=expected)
            for name, values in outcomes.items():
                by_year = np.array(theirs["organisations"][name])
                assert_agree(name, values[..., draw].T, by_year)
            for name, values in place.items():
                assert_agree(name, values[..., draw], np.array(theirs["place"][name]))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_engine_agrees_with_the_reference(data: st.DataObject) -> None:
    """Would catch any equation, order of steps, weight or flag that the engine has wrong."""
    check_one_world(data)


def engine_as_reference(
    raw: dict[str, Any], regime: str, drivers: dict[str, Any], *, expected: dict[str, Any]
) -> dict[str, Any]:
    """Answer as the reference does, from the engine; expectations become the study's own."""
    bodies = [body["id"] for body in raw["organisations"]]
    assumed = {
        name: {
            "by": {
                body: {"distribution": "constant", "value": 0.0, "expected": value}
                for body, value in zip(bodies, values, strict=True)
            }
        }
        for name, values in expected.items()
    }
    head = {"schema": 1, "title": "By hand", "start_year": "2016/17", "draws": 1, "seed": 1}
    study = parse_study({**head, **raw, "drivers": assumed})
    arrays = {name: np.array(values, dtype=float)[..., None] for name, values in drivers.items()}
    outcomes, place = engine_outcomes(study, regime, arrays, 1)
    holders = study.regimes[regime].holders(study.organisations)
    return {
        "organisations": {name: values[..., 0].T.tolist() for name, values in outcomes.items()},
        "place": {name: values[..., 0].tolist() for name, values in place.items()},
        "holders": {
            "names": [holder.name for holder in holders],
            "members": [[bodies[k] for k in holder.members] for holder in holders],
        },
    }


def check_shown(result: dict[str, Any], level: str, figures: dict[str, Any]) -> None:
    """Check what the engine shows: holders' figures are seen through members and place."""
    if level != "holders":
        compare_by_hand(result, level, figures)


compare_by_hand = test_reference.check


@pytest.mark.parametrize(
    "path",
    [
        test_reference.test_an_annual_council_by_hand,
        test_reference.test_a_pool_over_two_settlements_by_hand,
        test_reference.test_what_stays_a_members_own_by_hand,
    ],
)
def test_the_engine_walks_the_paths_worked_by_hand(
    monkeypatch: pytest.MonkeyPatch, path: Any
) -> None:
    """Would catch what both implementations could have wrong alike: figures come from paper."""
    monkeypatch.setattr(test_reference, "simulate", engine_as_reference)
    monkeypatch.setattr(test_reference, "check", check_shown)
    path()
