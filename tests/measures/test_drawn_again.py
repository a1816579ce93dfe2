"""Drivers drawn again block by block are those of the whole sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import riskmc
from riskmc.measures.drawn_again import drawn_again
from riskmc.measures.driver_features import features
from riskmc.sampling import sample
from riskmc.study import load_study

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"


def test_features_are_those_of_the_whole_sample() -> None:
    """Would catch a block left out or put elsewhere, a year or a body counted twice."""
    study = load_study(EXAMPLE).replaced(years=2, scenarios=(), behaviour={}, risks=())
    study = study.replaced(regimes={"current": study.regimes["current"]})
    results = riskmc.run(study, draws=4200, scheme="sobol")
    drivers = sample(study, draws=4200, scheme="sobol")
    found = drawn_again(results, early=("demand_growth", "temporary_cost"), years=1)
    whole = features(results, drivers=drivers)
    assert found.features.names == whole.names
    assert np.array_equal(found.features.values, whole.values)
    for name in ("demand_growth", "temporary_cost"):
        first = drivers[name].isel(year=slice(0, 1))
        assert found.early[name].transpose(*first.dims).equals(first.drop_attrs())
