"""Wrong arguments of measures: the package's own error, that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from measures_trees import make_study, make_tree

import riskmc
from riskmc import measures
from riskmc.errors import ResultsError

WRONG: dict[str, Callable[[xr.DataTree], Any]] = {
    "no p": lambda tree: measures.deficit_quantiles(tree, p=[]),
    "p of 0": lambda tree: measures.deficit_quantiles(tree, p=[0.0]),
    "p of 1": lambda tree: measures.expected_shortfall(tree, p=[1.0]),
    "p as text": lambda tree: measures.deficit_quantiles(tree, p="0.5"),
    "no levels": lambda tree: measures.deficit_exceedance(tree, levels=[]),
    "level NaN": lambda tree: measures.deficit_exceedance(tree, levels=[float("nan")]),
    "confidence": lambda tree: measures.reserves_curve(tree, confidence=[1.5]),
    "year quantile": lambda tree: measures.exhaustion_year_quantiles(tree, p=[1.5]),
    "compared quantile": lambda tree: riskmc.compare(tree, "devolved", "current", quantiles=[2]),
    "at least": lambda tree: measures.bodies_at_once(tree, at_least=[]),
    "share above": lambda tree: measures.bailout_probability(tree, above=-0.1),
    "shares": lambda tree: measures.service_cut_probability(tree, shares=[]),
    "no organisation": lambda tree: measures.deficit_mean(tree, organisation=[]),
    "number for a name": lambda tree: measures.deficit_mean(tree, organisation=3),
    "text for results": lambda _: measures.deficit_mean("results.nc"),
    "a group for results": lambda tree: riskmc.summary(tree["place"].to_dataset()),
    "nothing selected": lambda tree: measures.deficit_mean(tree.isel(draw=[])),
}


@pytest.fixture(scope="module")
def tree() -> xr.DataTree:
    return make_tree(make_study(), {"deficit": np.ones((16, 10))})


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_are_named(tree: xr.DataTree, name: str) -> None:
    """Would catch a TypeError about `Estimate.__new__`, or a 0th percentile that is answered."""
    with pytest.raises(ResultsError):
        WRONG[name](tree)


def test_one_number_will_do(tree: xr.DataTree) -> None:
    """Would catch p=0.9 refused, or taken for the digits of a text."""
    found = measures.deficit_quantiles(tree, p=0.9)
    assert found["quantile"].values.tolist() == [0.9]


def test_draws_that_all_fail_are_an_answer_in_words() -> None:
    """Would catch an IndexError where no draw is left to explain anything by."""
    study = make_study(drivers={"demand_growth": {"distribution": "normal", "mean": 0, "sd": 1}})
    not_finite = make_tree(
        study,
        {"deficit": np.full((16, 10), np.inf)},
        drivers={"demand_growth": np.random.default_rng(1).random((3, 2, 16, 10))},
    )
    for name in ("tornado", "rank_correlations", "first_order_shares"):
        with pytest.raises(ResultsError, match="not finite"):
            getattr(measures, name)(not_finite, measure="net_deficit", regime="current")
    riskmc.summary(not_finite)
