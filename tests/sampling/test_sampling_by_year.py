"""Figures of a driver that are lists by year: as drawn, as planned, as refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sampling_studies import base

from riskmc.engine.programme import compile_regime
from riskmc.errors import StudyError
from riskmc.sampling import Sampler, describe_driver
from riskmc.study import json_schema, parse_study, study_from_json, study_json, validate


def with_driver(**table: Any) -> dict[str, Any]:
    tables = base()
    tables["correlation"] = {}
    tables["drivers"] = {"cost_inflation": table}
    return tables


def test_the_mean_of_each_year_is_its_own_and_the_last_holds_on() -> None:
    """Would catch the first year's figure used for all, or a list shifted by a year.

    Deviations from the list are those of the same study with a mean of 0: the draws are the same.
    """
    means = (0.035, 0.025, 0.02)
    study = parse_study(with_driver(distribution="normal", mean=list(means), sd=0.01))
    plain = parse_study(with_driver(distribution="normal", mean=0.0, sd=0.01))
    drawn = Sampler(study).key_block(0)["cost_inflation"]
    around = Sampler(plain).key_block(0)["cost_inflation"]
    for year, mean in enumerate((*means, means[-1])):
        np.testing.assert_allclose(drawn[year] - around[year], mean, atol=1e-15)
    np.testing.assert_array_equal(study.expected("cost_inflation")[:, 0], (*means, means[-1]))


def test_constants_by_year_and_a_spread_that_starts_at_nothing() -> None:
    """Would catch a constant by year that is drawn as its first year's, or a 0 that never ends."""
    study = parse_study(with_driver(distribution="constant", value=[0.01, 0.03]))
    assert Sampler(study).key_block(0)["cost_inflation"][:, 0, 0].tolist() == [0.01] + [0.03] * 3
    study = parse_study(with_driver(distribution="normal", mean=0.02, sd=[0.0, 0.01]))
    drawn = Sampler(study).key_block(0)["cost_inflation"]
    assert np.ptp(drawn[0]) == 0.0
    assert drawn[1].std() == pytest.approx(0.01, rel=0.05)


def test_an_event_whose_probability_goes_by_year() -> None:
    """Would catch a probability held at the first year's; p = 1 in year two is certain."""
    study = parse_study(
        with_driver(
            distribution="constant", value=0.05, probability=[0.1, 1.0], expected=[0.0, 0.05]
        )
    )
    drawn = Sampler(study).key_block(0)["cost_inflation"]
    error = math.sqrt(0.1 * 0.9 / drawn[0].size)
    assert abs((drawn[0] > 0).mean() - 0.1) < 4 * error
    assert (drawn[1:] == 0.05).all()
    assert study.expected("cost_inflation")[:, 0].tolist() == [0.0, 0.05, 0.05, 0.05]


def test_the_plan_goes_by_the_years_own_expectation() -> None:
    """Would catch an engine that plans every year with the first year's inflation."""
    tables = with_driver(distribution="constant", value=0.0, expected=[0.01, 0.02])
    study = parse_study(tables)
    programme = compile_regime(study, next(iter(study.regimes)))
    assert programme.expected["cost_inflation"][:, 0, 0].tolist() == [0.01, 0.02, 0.02, 0.02]


def test_scopes_may_replace_a_list_and_studies_read_back() -> None:
    """Would catch a list that a body's own figure is added to, or lost in stored results."""
    table = {"distribution": "normal", "mean": [0.03, 0.02], "sd": 0.0}
    study = parse_study(with_driver(**table, by={"council": {"mean": 0.05}}))
    assert study.expected("cost_inflation").tolist()[1] == [0.02, 0.02, 0.05]
    assert study_from_json(study_json(study)) == study
    said = describe_driver(study, "cost_inflation", "acute")
    assert "in 2016/17: always 3 %" in said
    assert "from 2017/18 on: always 2 %" in said


def test_faults_in_a_list_name_their_place() -> None:
    """Would catch a fault of year two told of year one, or a list allowed for `shared`."""
    with pytest.raises(StudyError) as caught:
        parse_study(
            with_driver(distribution="normal", mean=[0.03, "2 %"], sd=[0.01, -0.01], shared=[0.1])
        )
    keys = {problem.key for problem in caught.value.problems}
    assert keys == {
        "drivers.cost_inflation.mean[1]",
        "drivers.cost_inflation.sd[1]",
        "drivers.cost_inflation.shared",
    }
    with pytest.raises(StudyError, match="mean"):
        parse_study(with_driver(distribution="normal", mean=[], sd=0.01))


def test_a_list_longer_than_the_study_is_remarked() -> None:
    """Would catch figures that are silently dropped."""
    study = parse_study(with_driver(distribution="normal", mean=[0.02] * 5, sd=0.01))
    assert any("drivers.cost_inflation.mean has 5" in text for text in validate(study).warnings)


def test_the_schema_knows_lists_by_year() -> None:
    """Would catch an editor that underlines what the tool accepts."""
    keys = json_schema()["$defs"]["PlannedDriver"]["properties"]
    assert any(form.get("type") == "array" for form in keys["mean"]["anyOf"])
    assert all(form.get("type") != "array" for form in keys["column"].get("anyOf", [{}]))
