"""The explorer's curves, and what the risk register costs as simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from riskmc.errors import ResultsError
from riskmc.measures import deficit_exceedance
from riskmc.measures.curves import ordered_curves
from riskmc.measures.risk_register import register_cost
from riskmc.report.explorer import explorer_data
from riskmc.report.model import Report
from riskmc.sampling import sample
from riskmc.study import Study

if TYPE_CHECKING:
    import xarray as xr


def read_off(packed: list[float], amount: float) -> float:
    """The chance of more than an amount, read as the explorer's script reads it."""
    draws, nothing, step = packed[:3]
    values = np.cumsum(packed[3:]) * step
    happened = draws - nothing
    low = int(np.searchsorted(values, amount, side="right"))
    if len(values) == 0 or low == len(values):
        return 0.0
    if low == 0:
        return happened / draws
    ranks = np.round(np.linspace(0, happened - 1, len(values)))
    gone, after = ranks[low - 1] + 1, ranks[low]
    below, above = values[low - 1], values[low]
    if after > gone and above > below:
        gone += (after - gone) * (amount - below) / (above - below)
    return float((happened - gone) / draws)


@pytest.mark.parametrize("body", ["place", "borough"])
@pytest.mark.parametrize("year", ["horizon", "peak", "2019/20"])
def test_the_explorer_reads_the_measures_own_chances(
    report: Report, results: xr.DataTree, body: str, year: str
) -> None:
    """Would catch a curve of another body, year or regime, or one packed wrongly."""
    assert report.explorer is not None
    packed = explorer_data(report.explorer)["curves"]
    over = year if year in ("horizon", "peak") else "year"
    levels = (0.0, 5.0, 40.0, 200.0)
    found = deficit_exceedance(results, levels=levels, over=over, organisation=body)
    for regime in ("current", "devolved"):
        chosen = found["value"].sel(organisation=body, regime=regime)
        if over == "year":
            chosen = chosen.sel(year=year)
        for level in levels:
            told = read_off(packed[f"{body}|{year}|{regime}"], level)
            within = 1 / 500 if body != "place" else 1 / 2000
            assert told == pytest.approx(float(chosen.sel(level=level)), abs=within + 1e-9)


def test_curves_are_packed_within_half_a_step(report: Report) -> None:
    """Would catch values shifted or lost on their way into the page."""
    assert report.explorer is not None
    packed = explorer_data(report.explorer)["curves"]
    for curve in report.explorer.curves:
        draws, nothing, step, *steps = packed[f"{curve.body}|{curve.year}|{curve.regime}"]
        assert (draws, nothing) == (curve.draws, curve.nothing)
        assert np.allclose(np.cumsum(steps) * step, curve.values, rtol=0.0, atol=0.51 * step)


def test_curves_hold_exact_order_statistics(results: xr.DataTree) -> None:
    """Would catch values that were never simulated."""
    paths = results["place"]["net_deficit"].sel(regime="current", year="2016/17").values.ravel()
    curve = next(
        c
        for c in ordered_curves(
            results, variable="net_deficit", organisation="place", regime="current", points=101
        )
        if c.over == "2016/17"
    )
    assert set(curve.values) <= set(paths)
    assert curve.values[-1] == paths.max()
    assert curve.draws == paths.size
    assert curve.nothing == pytest.approx((paths <= 1e-6).sum(), abs=1)
    assert len(curve.values) <= 101


def test_register_cost_is_the_sum_of_its_risks(example: Study) -> None:
    """Would catch another body's risks, or years outside a risk's window."""
    drivers = sample(example, draws=20_000)
    found = register_cost(drivers, scheme="mc", year="2016/17")
    expected = sum(risk.probability * float(risk.impact.mean) for risk in example.risks)
    value, error = float(found["value"][0]), float(found["mcse"][0])
    assert abs(value - expected) < 4.0 * error
    later = register_cost(drivers, scheme="mc", year="2020/21", organisation="borough")
    assert float(later["value"].sel(statistic="mean")) == 0.0
    everything = register_cost(drivers, scheme="mc", organisation="acute")
    acute = next(r for r in example.risks if r.organisation == "acute")
    error = float(everything["mcse"][0])
    total = 10 * acute.probability * float(acute.impact.mean)
    assert abs(float(everything["value"][0]) - total) < 4.0 * error


def test_register_cost_names_what_is_not_there(example: Study) -> None:
    """Would catch a typing error answered with zero."""
    drivers = sample(example, draws=64)
    with pytest.raises(ResultsError, match="no organisation 'acut'"):
        register_cost(drivers, scheme="mc", organisation="acut")
    with pytest.raises(ResultsError, match="no year '2030/31'"):
        register_cost(drivers, scheme="mc", year="2030/31")
