"""Places: causes that a place shares, and pools that stay within one: devices, section 5."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from device_worlds import study_of

import riskmc
from riskmc.errors import StudyError
from riskmc.study import parse_study, study_from_json, study_json

BODIES = [
    {"id": "a", "kind": "council", "cost": 1.0, "place": "Moor"},
    {"id": "b", "kind": "council", "cost": 1.0, "place": "Moor"},
    {"id": "c", "kind": "council", "cost": 1.0, "place": "Harbour"},
    {"id": "d", "kind": "council", "cost": 1.0},
]
NORMAL = {"distribution": "normal", "mean": 0.0, "sd": 0.01}


def drawn(**driver: Any) -> dict[str, np.ndarray]:
    """Draw demand growth of the four bodies: by id, all years and draws in one row."""
    raw = study_of(BODIES, {"r": {}}, years=3, drivers={"demand_growth": {**NORMAL, **driver}})
    values = riskmc.sample(parse_study(raw), draws=4096)["demand_growth"]
    return {body: values.sel(organisation=body).values.ravel() for body in "abcd"}


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def test_a_place_shares_its_causes_and_no_other_place_does() -> None:
    """Would catch one factor for all places: with all shared, a and b are one, c is another."""
    values = drawn(shared_place=1.0)
    np.testing.assert_array_equal(values["a"], values["b"])
    assert abs(correlation(values["a"], values["c"])) < 0.04
    assert abs(correlation(values["a"], values["d"])) < 0.04


def test_national_and_local_causes_add_up() -> None:
    """Would catch a variance that is not 1: λ 0.25, μ 0.4 leave 0.25 + 0.75 · 0.4 = 0.55 in common.

    Twelve thousand draws know a correlation to 0.01.
    """
    values = drawn(shared=0.25, shared_place=0.4, persistence=0.5)
    assert np.std(values["a"]) == pytest.approx(0.01, rel=0.04)
    assert correlation(values["a"], values["b"]) == pytest.approx(0.55, abs=0.04)
    assert correlation(values["a"], values["c"]) == pytest.approx(0.25, abs=0.04)


def test_draws_of_all_others_stay() -> None:
    """Would catch a body whose draws shift because another place shares causes."""
    plain, with_place = drawn(), drawn(by={"a": {"shared_place": 0.5}})
    assert not np.array_equal(plain["a"], with_place["a"])
    for body in "bcd":
        np.testing.assert_array_equal(plain[body], with_place[body])
    np.testing.assert_array_equal(drawn(shared_place=0.0)["a"], plain["a"])


def test_a_pool_stays_in_one_place_unless_it_says_otherwise() -> None:
    """Would catch a pool that spans places unseen."""
    pool = {"name": "all", "members": ["*"], "rulebook": "council"}
    with pytest.raises(StudyError, match="are in several places: a in Moor"):
        parse_study(study_of(BODIES, {"r": {"pools": [pool]}}, years=1))
    study = parse_study(study_of(BODIES, {"r": {"pools": [{**pool, "across": True}]}}, years=1))
    assert study_from_json(study_json(study)) == study
    assert study.places == ("Moor", "Harbour", "place")
