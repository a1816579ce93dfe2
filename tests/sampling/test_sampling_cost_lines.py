"""Cost lines with growth and inflation of their own, added up to the growth of the body."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sampling_studies import base

from riskmc.engine.programme import compile_regime
from riskmc.errors import StudyError
from riskmc.sampling import Sampler, describe_driver
from riskmc.study import Study, parse_study, study_from_json, study_json, validate


def with_lines(*lines: dict[str, Any], drivers: dict[str, Any], **changes: Any) -> Study:
    tables = base()
    tables["risks"], tables["correlation"] = [], {}
    tables["organisations"][0] = {
        "id": "acute",
        "kind": "provider",
        "reserves": 20.0,
        "lines": list(lines),
        **changes,
    }
    return parse_study({**tables, "drivers": drivers})


def constant(value: float, **by: float) -> dict[str, Any]:
    scopes = {name: {"value": own} for name, own in by.items()}
    return {"distribution": "constant", "value": value, **({"by": scopes} if by else {})}


def test_constant_lines_by_hand() -> None:
    """Pay 60 at 10 %, drugs 40 at 20 % inflation: 114 in year 1, then 66 x 1.1 + 48 x 1.2.

    Would catch weights that stay at the opening's, or growth added to inflation.
    """
    lines = ({"name": "Pay", "cost": 60.0}, {"name": "Drugs", "cost": 40.0})
    drivers = {
        "cost_inflation": constant(0.0, **{"acute.Pay": 0.10, "acute.Drugs": 0.20}),
        "demand_growth": constant(0.0, **{"acute.Drugs": 0.05}),
    }
    found = with_lines(*lines, drivers=drivers)
    assert found.organisation("acute").cost == 100.0
    values = Sampler(found).key_block(0)
    need, price = values["demand_growth"][:, 0, 0], values["cost_inflation"][:, 0, 0]
    assert need[0] == pytest.approx(0.02)
    cost = 100.0 * np.cumprod((1 + need) * (1 + price))
    by_line = 60.0 * 1.1 ** np.arange(1, 5) + 40.0 * (1.05 * 1.2) ** np.arange(1, 5)
    np.testing.assert_allclose(cost, by_line, rtol=1e-12)
    planned = compile_regime(found, "current")
    np.testing.assert_allclose(planned.expected["demand_growth"][:, 0, 0], need, rtol=1e-12)
    np.testing.assert_allclose(planned.expected["cost_inflation"][:, 0, 0], price, rtol=1e-12)


def test_lines_vary_by_themselves_and_others_keep_their_draws() -> None:
    """Would catch lines that move together, or another body's draws moved by them."""
    normal = {"distribution": "normal", "mean": 0.02, "sd": 0.02}
    lines = [{"name": f"L{n}", "cost": 25.0} for n in range(4)]
    found = with_lines(*lines, drivers={"cost_inflation": normal})
    plain = with_lines(drivers={"cost_inflation": normal}, cost=100.0)
    drawn, alone = (Sampler(s).key_block(0)["cost_inflation"] for s in (found, plain))
    np.testing.assert_array_equal(drawn[:, 1:], alone[:, 1:])
    assert drawn[0, 0].std() == pytest.approx(0.01, rel=0.05), "four equal lines: sd over root 4"
    together = {**normal, "shared": 1.0}
    drawn = Sampler(with_lines(*lines, drivers={"cost_inflation": together})).key_block(0)
    common = drawn["cost_inflation"]
    np.testing.assert_allclose(common[0, 0], common[0, 1], atol=1e-14)


def test_a_line_of_its_own_is_the_body() -> None:
    """Would catch a scope of the body that its lines do not have."""
    by = {"acute": {"mean": 0.05}}
    driver = {"distribution": "normal", "mean": 0.0, "sd": 0.0, "by": by}
    found = with_lines({"name": "All", "cost": 7.0}, drivers={"demand_growth": driver})
    assert Sampler(found).key_block(0)["demand_growth"][0, :, 0].tolist() == pytest.approx(
        [0.05, 0.0, 0.0]
    )


def test_lines_read_back_are_described_and_must_add_up() -> None:
    """Would catch lines that stored results lose, or that come to another cost."""
    line = {"name": "Home care", "cost": 30.0}
    drivers = {"cost_inflation": constant(0.0, **{"acute.Home care": 0.1})}
    found = with_lines(line, drivers=drivers)
    assert study_from_json(study_json(found)).organisations == found.organisations
    assert "Home care (£30m: always 10 % a year)" in describe_driver(
        found, "cost_inflation", "acute"
    )
    assert not any("cost_inflation is left" in t and "acute" in t for t in validate(found).lines())
    with pytest.raises(StudyError, match="the lines come to 30, not to the cost of 40"):
        with_lines(line, drivers=drivers, cost=40.0)
    with pytest.raises(StudyError, match="neither a kind nor the id"):
        with_lines(line, drivers={"cost_inflation": constant(0.0, **{"acute.Other": 0.1})})
