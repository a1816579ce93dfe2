"""Results elsewhere: what other programs read is what was drawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner
from scipy import stats

import riskmc
from riskmc.cli import main
from riskmc.errors import InputError, ResultsError
from riskmc.exports import draws_frame, export, sip
from riskmc.exports.sip import metalog_coefficients, sip_json, sip_library
from riskmc.study import load_study

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"


@pytest.fixture(scope="module")
def results() -> xr.DataTree:
    return riskmc.run(load_study(EXAMPLE), draws=64, seed=3, keep="all")


def test_a_row_is_a_future(results: xr.DataTree) -> None:
    """Would catch draws numbered by another order than replay's, or columns of another regime."""
    frame = draws_frame(results)
    place = results["place"].to_dataset()
    chains, per_chain = place.sizes["chain"], place.sizes["draw"]
    number = 37
    one = place.isel(chain=number // per_chain, draw=number % per_chain).sel(regime="devolved")
    assert len(frame) == chains * per_chain
    assert frame["devolved: unmet"][number] == pytest.approx(float(one["unmet"].sum()))
    yearly = draws_frame(results, by_year="net_deficit")
    year = str(place["year"].values[2])
    assert yearly[f"devolved: net_deficit {year}"][number] == float(one["net_deficit"][2])
    own = draws_frame(results, organisation="acute", by_year="deficit")
    body = results["outcomes"]["deficit"].sel(regime="current", organisation="acute", year=year)
    np.testing.assert_array_equal(own[f"current: deficit {year}"], body.values.reshape(-1))


def test_every_format_reads_back(results: xr.DataTree, tmp_path: Path) -> None:
    """Would catch a file that another program reads as other numbers."""
    frame = draws_frame(results)
    export(results, "csv", tmp_path / "x.csv")
    export(results, "xlsx", tmp_path / "x.xlsx")
    for read in (pd.read_csv(tmp_path / "x.csv"), pd.read_excel(tmp_path / "x.xlsx")):
        assert read["draw"].tolist() == list(range(64))
        np.testing.assert_allclose(read["current: unmet"], frame["current: unmet"], rtol=1e-12)
    pytest.importorskip("pyarrow")
    export(results, "parquet", tmp_path / "x.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "x.parquet"), frame)


def test_a_metalog_is_close_to_what_it_was_fitted_to() -> None:
    """Would catch coefficients in another order; five terms come within 0.03 sd of a normal."""
    p = (np.arange(4000) + 0.5) / 4000
    draws = stats.norm.ppf(p, 100.0, 10.0)
    coefficients = metalog_coefficients(draws)
    assert coefficients is not None
    levels = np.array([0.05, 0.5, 0.95])
    middle, logit = levels - 0.5, np.log(levels / (1.0 - levels))
    terms = np.array([1.0 + 0.0 * middle, logit, middle * logit, middle, middle**2])
    found = coefficients @ terms
    np.testing.assert_allclose(found, stats.norm.ppf(levels, 100.0, 10.0), atol=0.3)
    assert metalog_coefficients(np.maximum(draws - 100.0, 0.0)) is None
    assert metalog_coefficients(np.ones(50)) is None


def test_a_sip_library_holds_the_correlation_of_the_draws() -> None:
    """Would catch quantities exported as if they were independent."""
    rng = np.random.default_rng(1)
    one = rng.normal(size=4000)
    frame = pd.DataFrame({"a": one, "b": 0.6 * one + 0.8 * rng.normal(size=4000)})
    library, remarks = sip_library(frame, name="x", provenance="a test")
    assert remarks == []
    assert [sip["name"] for sip in library["sips"]] == ["a", "b"]
    entries = library["globalVariables"][0]["value"]["matrix"]
    (between,) = [e["value"] for e in entries if (e["row"], e["col"]) == ("b", "a")]
    assert between == pytest.approx(0.6, abs=4 * 0.64 / np.sqrt(4000))
    layers = library["U01"]["copula"][0]["copulaLayer"]
    assert [sip["ref"]["copulaLayer"] for sip in library["sips"]] == layers
    assert json.loads(sip_json(library)) == library


def _trials(library: dict[str, Any], name: str) -> np.ndarray[Any, Any]:
    """Read a quantity of a stored library as the standard says: trial by trial."""
    (one,) = [one for one in library["sips"] if one["name"] == name]
    (index,) = [r for r in library["U01"]["rng"] if r["name"] == one["ref"]["name"]]
    assert (index["function"], one["function"]) == ("Index", "SIP_Array")
    assert one["arguments"]["type"] == "array"
    return np.array(one["arguments"]["value"])


def test_what_is_mostly_nil_is_stored_future_by_future() -> None:
    """Would catch bailouts left out, their chance of nil lost, or trials of other futures.

    A deficit N(0, 10) and a bailout of what is above 10, which is nil in 84 of 100 futures.
    """
    deficit = np.random.default_rng(2).normal(scale=10.0, size=4000)
    frame = pd.DataFrame({"deficit": deficit, "bailout": np.maximum(deficit - 10.0, 0.0)})
    frame["never"], frame["failed"] = 0.0, np.where(deficit > 30.0, np.nan, deficit)
    library, remarks = sip_library(frame, name="x", provenance="a test")
    assert remarks == ["left out, since not finite in every future: failed"]
    text = sip_json(library)
    assert max(map(len, text.splitlines())) < 200
    read = json.loads(text)
    assert read == library
    for name in ("bailout", "deficit"):
        np.testing.assert_allclose(_trials(read, name), frame[name], rtol=1e-6)
    assert not _trials(read, "never").any()
    assert "globalVariables" not in library


def test_the_futures_that_are_stored_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a library of fewer futures than it says."""
    monkeypatch.setattr(sip, "MOST_STORED", 100)
    values = np.arange(200.0)
    frame = pd.DataFrame({"level": values, "above": np.maximum(values - 150.0, 0.0)})
    library, remarks = sip_library(frame, name="x", provenance="a test")
    assert remarks == ["the first 100 of 200 futures are stored"]
    assert len(_trials(library, "above")) == len(_trials(library, "level")) == 100


def test_what_cannot_be_exported_is_said(results: xr.DataTree, tmp_path: Path) -> None:
    """Would catch a bare KeyError for a misspelt body, variable or format."""
    with pytest.raises(ResultsError, match="no organisation 'acut'"):
        draws_frame(results, organisation="acut")
    with pytest.raises(ResultsError, match="'defict'"):
        draws_frame(results, by_year="defict")
    with pytest.raises(InputError, match="parquet, csv"):
        export(results, "spss", tmp_path / "x")


def test_the_command(results: xr.DataTree, tmp_path: Path) -> None:
    """Would catch a command that does not read what `riskmc run` wrote."""
    riskmc.save(results, tmp_path / "results.nc")
    out = tmp_path / "draws.csv"
    command = ["export", str(tmp_path / "results.nc"), "--to", "csv", "--out", str(out)]
    found = CliRunner().invoke(main, command)
    assert found.exit_code == 0, found.output
    assert len(pd.read_csv(out)) == 64
