"""What cannot happen is said to be impossible; what was not seen is bounded."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from measures_trees import make_study, make_tree

import riskmc
from riskmc import measures
from riskmc.measures.possible import SIZES, decided, impossible, made_by
from riskmc.rules.effects import TAKEN
from riskmc.rules.register import INSTRUMENTS, Instrument, instrument
from riskmc.study import Study
from riskmc.variables import VARIABLE_NAMES

BAILOUT = {"instrument": "bailout"}


def _study(shortfall: list[dict[str, Any]], **more: Any) -> Study:
    """Under "current" `shortfall` applies, under "devolved" a bailout that is always granted."""
    plain: dict[str, Any] = {"plan": [], "surplus": []}
    return make_study(
        regimes={
            "current": {"rulebooks": {"council": {**plain, "shortfall": shortfall}}, **more},
            "devolved": {"rulebooks": {"council": {**plain, "shortfall": [BAILOUT]}}},
        },
    )


def _nothing(study: Study) -> Any:
    return make_tree(study, {"deficit": np.zeros((16, 100))})


@pytest.mark.parametrize("shortfall", [[], [{**BAILOUT, "probability": 0.0}]])
def test_a_bailout_that_nobody_grants_cannot_happen(shortfall: list[dict[str, Any]]) -> None:
    """Would catch "fewer than 3 in 1,600" of what the rules make impossible, and the reverse."""
    found = measures.bailout_probability(_nothing(_study(shortfall)))
    never, unseen = (found.sel(regime=r, organisation="place") for r in ("current", "devolved"))
    assert (float(never["value"]), float(never["high"]), bool(never["bound"])) == (0.0, 0.0, False)
    assert bool(unseen["bound"])
    assert float(unseen["high"]) == pytest.approx(3.0 / 1600)
    named = json.loads(found.attrs["impossible"])
    assert named == {"current": ["body0", "body1", "place"], "devolved": []}


def test_the_headline_says_which_is_which() -> None:
    """Would catch a table that gives both the same words."""
    tree = _nothing(_study([]))
    table = measures.headline_table(tree, rows=["p_granted", "p_rescue_needed"])
    granted, needed = table.lines
    assert [cell.text for cell in granted.cells] == [
        "cannot happen",
        "fewer than 3 in 1,600 (95 %)",
        "no difference in 1,600",
    ]
    assert needed.cells[0].text == "fewer than 3 in 1,600 (95 %)"
    assert "no instrument" in table.notes[-1]
    found = riskmc.summary(tree).sel(organisation="place", measure="p_granted")
    assert found["impossible"].values.tolist() == [True, False]


def test_one_body_that_can_is_enough_for_the_place() -> None:
    """Would catch the place called safe because one of its bodies is."""
    book: dict[str, Any] = {"plan": [], "surplus": [], "shortfall": []}
    with_help = {**book, "shortfall": [BAILOUT]}
    study = make_study(
        bodies=[{"id": "north"}, {"id": "south"}],
        regimes={"current": {"rulebooks": {"north": with_help, "south": book}}},
    )
    assert impossible(study, "bailout") == {"current": frozenset({"south"})}


def test_carrying_forward_needs_a_year_to_carry_into() -> None:
    """Would catch a deficit said to be carried under annual settlements, or not over several."""
    carry = [{"instrument": "carry_forward", "limit": 0.1}]
    annual, longer = _study(carry), _study(carry, settlement={"period": 3})
    assert "place" in impossible(annual, "carry_forward")["current"]
    assert not impossible(longer, "carry_forward")["current"]
    assert "place" in impossible(_study([]), "unmet")["current"]


def test_a_certain_bailout_without_limit_leaves_nothing_unresolved() -> None:
    """Would catch "none in 1,600" of what cannot be left over, or a limit forgotten."""
    study = _study([{**BAILOUT, "limit": 0.1}])
    assert impossible(study, "unresolved") == {
        "current": frozenset(),
        "devolved": frozenset({"body0", "body1", "place"}),
    }


def test_what_was_seen_is_not_called_impossible() -> None:
    """Would catch a claim about the rules that overrules the results."""
    seen = np.zeros((16, 100))
    seen[0, 0] = 5.0
    found = measures.bailout_mean(make_tree(_study([]), {"bailout": seen}))
    assert (found["value"].sel(regime="current") > 0.0).all()
    assert (found["mcse"].sel(regime="current") > 0.0).all()


def test_what_an_instrument_makes_is_what_its_rule_returns() -> None:
    """Would catch an output still called impossible where an instrument makes it."""
    cut, early = (
        instrument("plan", "service_reduction"),
        instrument("shortfall", "in_year_measures"),
    )
    assert made_by(cut) == {"service_reduction", "standing", "unmet"}
    assert made_by(early) == {"in_year_measures", "unmet"}
    assert made_by(instrument("plan", "savings")) == {"savings_planned", "savings_delivered"}
    assert made_by(instrument("plan", "local_revenue")) == {"local_revenue", "local_premium"}
    assert decided() <= set(VARIABLE_NAMES) - {"clawback", "prevention", "income", "reserves"}


@pytest.mark.parametrize("row", INSTRUMENTS, ids=lambda row: f"{row.waterfall}-{row.name}")
def test_a_figure_of_nothing_takes_nothing(row: Instrument) -> None:
    """Would catch a new instrument that works with a figure at 0 which is said to stop it."""
    ones = {name: np.ones((1, 1)) for name in ("left", *row.asks)}
    figures = {p.name: min(1.0, p.high) for p in row.parameters}
    for size in figures.keys() & {*SIZES}:
        found = row.function(**ones, **{**figures, size: 0.0})
        assert getattr(found, TAKEN[row.waterfall]) <= 0.0, size
