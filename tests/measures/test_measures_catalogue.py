"""The catalogue of measures: nothing that is half entered goes unseen."""

from __future__ import annotations

import ast
import inspect
from functools import cache, wraps
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pytest
from measures_trees import make_study, make_tree

from riskmc import measures
from riskmc.errors import ResultsError
from riskmc.measures.catalogue import FAMILIES, HEADLINE_ROWS, HORIZON, YEARLY
from riskmc.measures.measure import MEASURES, Chosen, measure, spec_of
from riskmc.measures.tabulate import Spec
from riskmc.statistics import estimators
from riskmc.statistics.bases import BASES

#: What is asked where an argument has no default.
ASKED: dict[str, dict[str, Any]] = {
    "amount_mean": {"variable": "pending"},
    "amount_sd": {"variable": "pending"},
    "amount_quantiles": {"variable": "pending"},
    "amount_exceedance": {"variable": "pending", "levels": (1.0,)},
    "amount_shortfall": {"variable": "pending"},
    "deficit_exceedance": {"levels": (1.0,)},
}


@cache
def called() -> frozenset[str]:
    """The names that tests call, or take from `riskmc.measures`."""
    found = set()
    for path in Path(__file__).parent.parent.rglob("test_*.py"):
        if path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "measures":
                found.add(node.attr)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found.add(node.func.id)
    return frozenset(found)


@pytest.mark.parametrize("name", MEASURES)
def test_a_named_measure_is_whole(name: str) -> None:
    """Would catch a row that users cannot import, that says nothing of itself, or has no test."""
    row = MEASURES[name]
    assert name in measures.__all__, f"{name}: export it from riskmc.measures"
    assert getattr(measures, name) is row.function
    assert row.summary, f"{name}: its docstring does not begin with what it returns"
    spec = spec_of(row.function, **ASKED.get(name, {}))
    assert spec.long_name, f"{name}: no long_name"
    assert spec.unit, f"{name}: no unit"
    assert name in called(), f"{name}: no test calls it: one with a closed form is due"
    for heading in ("Parameters", "Returns", "Raises", "Notes", "References"):
        assert f"\n{heading}\n{'-' * len(heading)}\n" in (row.function.__doc__ or "")


@pytest.fixture(scope="module")
def taken() -> dict[str, set[str]]:
    """Which estimators each measure takes, by a look at what it calls."""
    study = make_study(shortfall=[{"instrument": "reserves"}, {"instrument": "bailout"}])
    tree = make_tree(study, {"deficit": np.ones((16, 10))})
    found: dict[str, set[str]] = {}
    with pytest.MonkeyPatch.context() as patched:
        calls: set[str] = set()
        for statistic in BASES:
            patched.setattr(estimators, statistic.__name__, _noted(statistic, calls))
        for name, row in MEASURES.items():
            calls.clear()
            for against in (None, "devolved") if "against" in row.common else (None,):
                for extra in ({}, {"statistic": "quantiles"}, {"p": (0.5,)}):
                    if set(extra) <= set(row.own):
                        more = {} if against is None else {"against": against}
                        row.function(tree, **ASKED.get(name, {}), **extra, **more)
            found[name] = set(calls)
    return found


def _noted(statistic: Any, calls: set[str]) -> Any:
    @wraps(statistic)
    def noted(*args: Any, **given: Any) -> Any:
        calls.add(statistic.__name__)
        return statistic(*args, **given)

    return noted


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_cites_the_estimators_that_it_takes(
    name: str, taken: dict[str, set[str]]
) -> None:
    """Would catch a measure that cites what it does not do, or is silent on what it does."""
    doc = MEASURES[name].function.__doc__ or ""
    for statistic, basis in BASES.items():
        assert (f"\n{basis.note}\n" in doc) == (statistic.__name__ in taken[name])
    due = [BASES[getattr(estimators, statistic)].works for statistic in taken[name]]
    cited = doc.partition("\nReferences\n----------\n- docs/")[2].splitlines()[1:]
    assert {line.removeprefix("- ") for line in cited} == set().union(*due)


def test_the_rows_of_the_headline_are_whole() -> None:
    """Would catch two rows of one name, a row without words, or one of another row's values."""
    for rows in (HORIZON, YEARLY):
        for field in ("name", "label"):
            said = [getattr(row, field) for row in rows]
            assert all(said)
            assert len(set(said)) == len(said)
        assert all(row.unit and row.spec.long_name for row in rows)
        assert {row.source for row in rows} == {r.source for r in rows if r.quantile is None}
    assert set(HEADLINE_ROWS) <= {row.name for row in HORIZON}


def test_a_family_holds_what_its_rows_need() -> None:
    """Would catch a row that asks for a variable that its family does not read, and the reverse."""
    for family in FAMILIES:
        needed = {name for row in (*family.horizon, *family.yearly) for name in row.spec.needs}
        assert needed == set(family.needs)
        assert all(row.spec.over in ("year", "cumulative") for row in family.yearly)
        assert all(row.spec.over not in ("year", "cumulative") for row in family.horizon)


def test_the_statistic_of_a_headline_row_is_that_of_its_measure() -> None:
    """Would catch a row of the headline that takes a mean where its measure takes a chance."""
    takes = {"mean": estimators.mean, "probability": estimators.probability}
    for row in (*HORIZON, *YEARLY):
        if row.quantile is None:
            assert row.spec.statistic is takes[row.kind], row.name


def test_a_name_is_given_once() -> None:
    """Would catch a measure that takes another's place in silence."""

    def deficit_mean(**_: Unpack[Chosen]) -> Spec:
        """Return something else."""
        return MEASURES["deficit_mean"].spec()

    with pytest.raises(ValueError, match="two measures named 'deficit_mean'"):
        measure("docs/model.md")(deficit_mean)


def test_arguments_are_checked_by_their_types() -> None:
    """Would catch a misspelt argument passed over in silence, or a choice that there is not."""
    tree = make_tree(make_study(), {"deficit": np.ones((16, 10))})
    with pytest.raises(TypeError, match="ovr"):
        measures.deficit_mean(tree, ovr="year")
    with pytest.raises(TypeError, match="variable"):
        measures.amount_mean(tree)
    with pytest.raises(ResultsError, match="over='horizon' is not one of year, end"):
        measures.reserves_mean(tree, over="horizon")
    with pytest.raises(ResultsError, match="amount='deficit' is not one of rescue_needed, bailout"):
        measures.bailout_mean(tree, amount="deficit")
    shown = inspect.signature(measures.large_rescue_probability).parameters
    assert list(shown) == ["results", "above", "over", "organisation", "regime", "against"]
    assert shown["organisation"].default == "place"
