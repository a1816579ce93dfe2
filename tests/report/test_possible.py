"""The annex tells what the rules rule out from what no future has, and bounds by its units."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import riskmc
from riskmc.report import Report
from riskmc.report.annex.cells import estimate
from riskmc.report.facts.possible import BORNE_BY, DECIDED_BY
from riskmc.report.facts.store import CHANCE, Fact
from riskmc.report.model import Table, blocks_of, plain
from riskmc.study import Study, parse_study
from riskmc.variables import BEARERS, VARIABLES

#: Words for nothing at all; each cell that holds one says nothing else.
CANNOT, UNSEEN = "cannot happen", "none in 64"


def study(**more: Any) -> Study:
    """One council that never runs short, under rules without help, and with help at need."""
    without: dict[str, Any] = {"shortfall": [{"instrument": "reserves"}]}
    helped = {"shortfall": [{"instrument": "reserves"}, {"instrument": "bailout"}]}
    return parse_study(
        {
            "schema": 1,
            "title": "Quiet town",
            "start_year": "2026/27",
            "years": 2,
            "draws": 64,
            "seed": 3,
            "organisations": [
                {"id": "town", "kind": "council", "cost": 90.0, "grant": 100.0, "reserves": 50.0}
            ],
            "drivers": {"demand_growth": {"distribution": "uniform", "low": 0.0, "high": 0.01}},
            "regimes": {
                "alone": {"label": "Alone", "rulebooks": {"council": without}},
                "helped": {"label": "Helped", "rulebooks": {"council": helped}},
            },
            **more,
        }
    )


@cache
def annex() -> list[Table]:
    more = {"scenarios": [{"name": "Dearer", "scale": {"organisations.town.cost": 1.001}}]}
    run = riskmc.run(study(**more, report={"attribute": True, "prices": "2026/27"}), keep="all")
    return [b for b in blocks_of(Report(run).annex) if isinstance(b, Table)]


def rows(heading: str, start: str) -> list[list[str]]:
    """The rows that so begin, of all tables whose first column is so headed."""
    found = [
        [plain(cell) for cell in row.cells]
        for table in annex()
        if table.columns[0].heading == heading
        for row in table.rows
        if plain(row.cells[0]).startswith(start)
    ]
    assert found, (heading, start)
    return found


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        ("Bailout granted", [CANNOT, UNSEEN]),
        ("… the centre’s money", [CANNOT, UNSEEN]),
        ("… own borrowing", [CANNOT, CANNOT]),
        ("Large bailout granted", [CANNOT, "<5 %"]),
        ("Need left unmet", [CANNOT, CANNOT]),
        ("Local tax raised", [CANNOT, CANNOT]),
        ("Shortfall left unpaid", [UNSEEN, CANNOT]),
        ("Rescue needed", [UNSEEN, UNSEEN]),
        ("Large rescue needed", ["<5 %", "<5 %"]),
    ],
)
def test_every_measure_says_which_nothing_it_is(label: str, cells: list[str]) -> None:
    """Would catch "none in 64" of a bailout that no rule grants, and the reverse."""
    assert rows("Measure", label)[0][1:3] == cells


def test_so_do_bearers_years_stresses_and_equal_rescue() -> None:
    """Would catch "nil" for both, and "none in 0" where futures were not counted."""
    assert rows("Who", "Local taxpayers")[0][1:4:2] == [CANNOT, CANNOT]
    assert rows("Who", "The centre")[0][1:4:2] == [CANNOT, UNSEEN]
    assert rows("Who", "Managers")[0][1] == CANNOT
    assert rows("Who", "Past savers")[0][1] == UNSEEN
    for cells in rows("Year", "2026/27"):
        assert CANNOT in cells
    words = [plain(cell) for table in annex() for row in table.rows for cell in row.cells]
    assert "none in 0" not in words
    assert "nil" not in words
    (case, *_) = rows("Case", "As simulated")
    assert case[2:4] == [CANNOT, UNSEEN]
    (rescue, *_) = rows("Rescue granted, times in 100", "0")
    assert rescue[5:] == [CANNOT, CANNOT]
    assert UNSEEN in rescue[3:5]


def test_so_do_scenarios_attribution_and_real_terms() -> None:
    """Would catch "nil" for a change of what cannot happen, and "0.00" in real terms."""
    for cells in rows("Scenario", "… change"):
        assert cells[3:5] == ["no difference", "no difference"]
        assert cells[1] == "no difference in 64"
    for cells in rows("Group of rules", "In all"):
        assert cells[1:4] == ["no difference in 64", "no difference in 64", "no difference"]
    assert rows("Average", "Unmet need")[0][1:] == [CANNOT] * 4
    assert rows("Average", "Bailout granted")[0][1:] == [CANNOT, CANNOT, UNSEEN, UNSEEN]


@pytest.mark.parametrize(
    ("units", "value", "text"),
    [
        (1024, 0.0, "<0.3 %"),
        (1024, 1.0, ">99.7 %"),
        (1250, 0.0, "<0.3 %"),
        (16, 0.0, "<20 %"),
        (3, 0.0, "none"),
    ],
)
def test_a_bound_counts_units_and_is_rounded_outwards(units: int, value: float, text: str) -> None:
    """Would catch 3 in 1,250 printed "<0.2 %", and draws counted where chains are the units."""
    assert estimate(Fact(value, bound=True, unit=CHANCE, units=units)) == text


def test_every_bearer_and_output_of_the_marks_is_known() -> None:
    """Would catch an output renamed, and a bearer without the outputs that decide it."""
    assert set(BORNE_BY) == set(BEARERS)
    assert all(BORNE_BY.values())
    known = {row.name for row in VARIABLES}
    named = {output for outputs in (*DECIDED_BY.values(), *BORNE_BY.values()) for output in outputs}
    assert {name for name in named if ":" not in name} <= known


def test_bounds_name_chains_where_chains_are_the_units() -> None:
    """Would catch a bound of 64 futures where 16 chains are what is independent."""
    quiet = study(scheme="lhs").replaced(draws=64)
    report = Report(riskmc.run(quiet, keep="all"), with_sides=False)
    tables = [b for b in blocks_of(report.annex) if isinstance(b, Table)]
    cells = [plain(cell) for table in tables for row in table.rows for cell in row.cells]
    assert any(cell.startswith("none in") and cell.endswith("chains") for cell in cells)
    assert not any(cell.startswith("none in") and not cell.endswith("chains") for cell in cells)
