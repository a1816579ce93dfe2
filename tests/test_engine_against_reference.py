"""The engine against a second implementation of the model, written apart from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import test_reference
from comparison import (
    apart,
    apart_on_shipped,
    engine_answers,
    neutral_future,
    on_a_knifes_edge,
    unknown_outputs,
)
from devices_at_random import device_studies
from riskmc.study import load_study, parse_study
from riskmc.variables import DRIVER_NAMES
from strategies import driver_values, examples, studies

CONFIGS = Path(__file__).parent.parent / "configs"
SHIPPED = sorted(path.stem for path in CONFIGS.glob("*.toml"))


def check_one_world(data: st.DataObject, study: st.SearchStrategy[Any]) -> None:
    """Draw a study and two futures, and compare every output of every regime."""
    raw = data.draw(study)
    futures = [data.draw(driver_values(raw, DRIVER_NAMES)) for _ in range(2)]
    differences = apart(raw, futures)
    assert not differences or on_a_knifes_edge(raw, futures), differences[:5]


@examples(12)
@given(data=st.data())
def test_engine_agrees_with_the_reference(data: st.DataObject) -> None:
    """Would catch any equation, order of steps, weight or flag that the engine has wrong."""
    check_one_world(data, device_studies())


@pytest.mark.slow
@examples(100)
@given(data=st.data())
def test_engine_agrees_with_the_reference_on_many_studies(data: st.DataObject) -> None:
    """Would catch what takes two or three devices together, or an extreme, to go wrong."""
    check_one_world(data, st.one_of(studies(), device_studies(), device_studies()))


@pytest.mark.parametrize("name", SHIPPED)
def test_both_agree_on_what_ships(name: str) -> None:
    """Would catch a shipped regime or config that only the engine reads as it does."""
    assert apart_on_shipped(load_study(CONFIGS / f"{name}.toml")) == []


def test_both_have_the_same_outputs() -> None:
    """Would catch an output that the engine gained and nothing compares."""
    assert unknown_outputs() == set()


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
    whole = {**head, **raw, "drivers": assumed}
    found = engine_answers(whole, [neutral_future(whole) | drivers])[regime]
    study = parse_study(whole)
    holders = study.regimes[regime].holders(study.organisations)
    return {
        group: {
            name.removeprefix(f"{group} "): values[0].tolist()
            for name, values in found.items()
            if name.startswith(f"{group} ")
        }
        for group in ("organisations", "place")
    } | {
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
