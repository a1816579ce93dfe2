"""The page for finance directors prints what the back-tests found."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from riskmc.backtests import shipped_record
from update_backtests import REPORTS

PAGE = (Path(__file__).parents[2] / "docs" / "how-right-is-it.md").read_text(encoding="utf-8")
RECORD = shipped_record()


def fan(plan: str, origin: str, target: str) -> dict[str, float]:
    detail = json.loads((REPORTS / f"{plan}.json").read_text(encoding="utf-8"))
    (row,) = (r for r in detail["fan"] if (r["origin"], r["target"]) == (origin, target))
    return row


def test_scores_of_councils_are_printed() -> None:
    """Would catch a page left behind when the scores changed."""
    record = RECORD["councils"]
    assert f"(CRPS) is {record['crps']:.2f} ± {record['crps_error']:.2f} % of NRE" in PAGE
    for band in ("50", "80", "90"):
        assert f"| inside the {band} % band | {band} | {record['cover'][band]:.1f} " in PAGE
    assert f"({record['cover_lowest']:.1f} in the worst of the ten)" in PAGE
    for name, rival in record["rivals"].items():
        row = f"| {rival['crps']:.2f} | {rival['behind_by']:.2f} ± {rival['error']:.2f} |"
        assert row in PAGE, name


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ("2011/12", "2013/14"),
        ("2011/12", "2015/16"),
        ("2013/14", "2014/15"),
        ("2013/14", "2015/16"),
    ],
)
def test_forecasts_of_the_mean_are_printed(origin: str, target: str) -> None:
    """Would catch a middle, a band or an outcome that the model did not say."""
    row = fan("councils", origin, target)
    cells = f"| {row['p50']:.0f} % | {row['p5']:.0f} and {row['p95']:.0f} | {row['came']:.0f} % |"
    assert f"| {int(target[:4]) + 1} {cells}" in PAGE


def test_the_forecast_of_2016_is_printed() -> None:
    """Mean of the councils' middles for 31 March 2018."""
    with (REPORTS / "councils-2016-2018.csv").open(encoding="utf-8", newline="") as file:
        middles = [float(r["p50"]) for r in csv.DictReader(file) if r["year"] == "2017/18"]
    assert f"| 31 March 2016 | 2018 | {sum(middles) / len(middles):.0f} % |" in PAGE


@pytest.mark.parametrize("year", ["2015/16", "2016/17", "2017/18", "2018/19"])
def test_forecasts_of_the_sector_are_printed(year: str) -> None:
    """Would catch £m for £bn, or a sign turned."""
    row = fan("provider-sector", "2014/15", year)

    def billions(value: float, sign: str = "") -> str:
        return f"{value / 1000:{sign}.1f}".replace("-", "−")

    middle, came = (f"−£{-row[key] / 1000:.1f}bn" for key in ("p50", "came"))
    band = f"{billions(row['p5'])} and {billions(row['p95'], '+')}"
    assert f"| {year} | {middle} | {band} | {came} |" in PAGE


def test_trusts_and_districts_are_printed() -> None:
    """Would catch events of another run."""
    for event in RECORD["trusts-support"]["events"]:
        assert f"| {event['forecast']:.3f} | {event['happened']:.3f}" in PAGE, event["name"]
    districts = RECORD["districts"]
    assert f"holds {districts['cover']['90']:.0f} % in the" in PAGE
    assert f"has a CRPS of {districts['crps']:.1f} % of NRE" in PAGE
    assert f"CRPS £{RECORD['provider-sector']['crps']:.0f}m" in PAGE


def test_falls_are_printed() -> None:
    """Would catch chances of another run."""
    any_fall, by_five = RECORD["councils"]["events"]
    best = min(by_five["brier_of_rivals"].values())
    assert f"was put at {by_five['forecast']:.3f} on average" in PAGE
    assert f"it happened in {by_five['happened']:.3f} of 1,500 cases" in PAGE
    assert f"(Brier score {by_five['brier']:.3f}, the best series {best:.3f})" in PAGE
    assert f"{any_fall['forecast']:.3f} forecast, {any_fall['happened']:.3f} came" in PAGE
