"""How concentrated bailouts are over places."""

from __future__ import annotations

from typing import Any

import pytest

import riskmc
from riskmc.measures import bailout_concentration
from riskmc.study import parse_study


def places(*deficits: float) -> Any:
    """One council a place, short by so much a year, bailed out whole."""
    return parse_study(
        {
            "schema": 1,
            "title": "Places",
            "start_year": "2016/17",
            "years": 2,
            "draws": 16,
            "seed": 1,
            "organisations": [
                {
                    "id": f"town{i}",
                    "kind": "council",
                    "place": f"Place {i}",
                    "cost": 100.0 + deficit,
                    "grant": 100.0,
                }
                for i, deficit in enumerate(deficits)
            ],
            "regimes": {
                "rules": {
                    "label": "Rules",
                    "rulebooks": {"council": {"shortfall": [{"instrument": "bailout"}]}},
                }
            },
        }
    )


@pytest.mark.parametrize(
    ("deficits", "expected"),
    [((6.0, 2.0, 2.0), 0.6), ((1.0, 1.0, 1.0, 1.0), 0.25), ((3.0,), 1.0)],
)
def test_the_largest_part_by_hand(deficits: tuple[float, ...], expected: float) -> None:
    """Would catch parts of bodies instead of places, or of one year only."""
    found = bailout_concentration(riskmc.run(places(*deficits)))
    assert float(found["value"].squeeze()) == pytest.approx(expected)


def test_where_nothing_is_granted_there_is_no_part() -> None:
    """Would catch a part of nothing said to be 0."""
    found = bailout_concentration(riskmc.run(places(-1.0, -1.0)))
    assert not float(found["value"].squeeze()) > 0.0
