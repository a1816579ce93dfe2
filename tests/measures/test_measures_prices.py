"""Money at the prices of one year, and discounted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

import riskmc
from riskmc.errors import ResultsError
from riskmc.measures import real_terms, summary
from riskmc.study import parse_study


def study(**inflation: Any) -> Any:
    """A council short of 10 a year in cash, whatever its costs do to it: grant falls behind."""
    return parse_study(
        {
            "schema": 1,
            "title": "Prices",
            "start_year": "2016/17",
            "years": 3,
            "draws": 32,
            "seed": 1,
            "organisations": [
                {"id": "town", "kind": "council", "cost": 110.0, "grant": 100.0, "reserves": 90.0}
            ],
            "drivers": {"cost_inflation": inflation} if inflation else {},
            "regimes": {
                "rules": {
                    "label": "Rules",
                    "rulebooks": {"council": {"shortfall": [{"instrument": "reserves"}]}},
                }
            },
        }
    )


def value(found: xr.Dataset, measure: str) -> float:
    return float(found["value"].sel(measure=measure, organisation="place", regime="rules"))


def test_a_deflator_by_year_worked_by_hand() -> None:
    """Would catch prices of the wrong year: 10 + 10 / 1.1 + 10 / (1.1 x 1.2) at 2016/17's."""
    results = riskmc.run(study())
    found = real_terms(results, deflator=[0.05, 0.10, 0.20])
    assert value(found, "net_deficit") == pytest.approx(10 + 10 / 1.1 + 10 / 1.32)
    assert value(found, "reserves_end") == pytest.approx(60 / 1.32)
    later = real_terms(results, prices="2018/19", deflator=[0.05, 0.10, 0.20])
    assert value(later, "net_deficit") == pytest.approx(10 * 1.32 + 10 * 1.2 + 10)
    assert "prices of 2018/19" in later.attrs["basis"]


def test_discounting_worked_by_hand() -> None:
    """Would catch a first year that is discounted, or a rate applied the wrong way round."""
    found = real_terms(riskmc.run(study()), deflator=0.0, discount_rate=0.25)
    assert value(found, "net_deficit") == pytest.approx(10 + 8 + 6.4)
    assert "25 % a year" in found.attrs["basis"]


def test_no_deflator_and_no_rate_is_the_summary() -> None:
    """Would catch a measure that is taken another way than the headline."""
    results = riskmc.run(study(distribution="normal", mean=0.02, sd=0.02))
    found, plain = real_terms(results, deflator=0.0), summary(results)
    for name in found["measure"].values.tolist():
        for field in ("value", "mcse"):
            np.testing.assert_array_equal(
                found[field].sel(measure=name, regime="rules"),
                plain[field].sel(measure=name, regime="rules"),
            )


def test_the_studys_own_prices_are_taken_future_by_future() -> None:
    """Would catch a mean deflator on uncertain prices: real cost is 110 in every future."""
    results = riskmc.run(study(distribution="normal", mean=0.05, sd=0.05))
    kept = riskmc.run(study(distribution="normal", mean=0.05, sd=0.05), keep="all")
    one, other = (real_terms(r, prices="2016/17") for r in (results, kept))
    xr.testing.assert_allclose(one, other, rtol=1e-6)  # kept in single precision by default
    growth = 1.0 + kept["drivers"]["cost_inflation"].sel(organisation="town")
    level = growth.cumprod("year")
    by_hand = (kept["place"]["net_deficit"].sel(regime="rules") / level * level.isel(year=0)).sum(
        "year"
    )
    assert value(other, "net_deficit") == pytest.approx(float(by_hand.mean()), rel=1e-12)


def test_a_price_that_cannot_exist_is_reported() -> None:
    """Would catch a misspelt year read as the first."""
    results = riskmc.run(study())
    with pytest.raises(ResultsError, match="no year '2020/21'"):
        real_terms(results, prices="2020/21")
    with pytest.raises(ResultsError, match="cost_inflation"):
        real_terms(results, deflator="gdp")
    with pytest.raises(ResultsError, match="above -1"):
        real_terms(results, discount_rate=-1.0)
