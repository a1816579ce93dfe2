"""Distributions as models: what is refused, what is kept, what is said."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from distribution_cases import ADAPTER, ALL, MIXTURES, make
from pydantic import ValidationError
from scipy import special

from riskmc.distributions import amount, families

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"distribution": "normal", "mean": 0.0, "sd": -1.0}, "greater than or equal to 0"),
    ({"distribution": "normal", "mean": math.nan, "sd": 1.0}, "finite"),
    ({"distribution": "normal", "mean": "0", "sd": 1.0}, "valid number"),
    ({"distribution": "normal", "mean": 0.0, "sd": 1.0, "median": 2.0}, "Extra inputs"),
    (
        {"distribution": "lognormal", "median": 1.0},
        "needs two percentiles",
    ),
    ({"distribution": "lognormal", "median": 1.0, "sd": 1.0}, "needs two percentiles"),
    ({"distribution": "lognormal", "median": 1.0, "p95": 2.0, "sd": 1.0}, "needs two percentiles"),
    ({"distribution": "lognormal", "median": 2.0, "p95": 1.0}, "at least the median"),
    ({"distribution": "beta", "mean": 0.5, "sd": 0.5}, r"must be below 0\.5"),
    ({"distribution": "beta", "mean": 1.5, "sd": 0.1}, "must lie between low"),
    ({"distribution": "beta", "mean": 0.5, "sd": 0.1, "low": 1.0}, "must be below high"),
    ({"distribution": "uniform", "low": 1.0, "high": 1.0}, "must be below high"),
    ({"distribution": "triangular", "low": 0.0, "likely": 3.0, "high": 2.0}, "must lie between"),
    ({"distribution": "pert", "low": 0.0, "likely": -1.0, "high": 2.0}, "must lie between"),
    ({"distribution": "student_t", "mean": 0.0, "sd": 1.0, "df": 2.0}, "greater than 2"),
    ({"distribution": "gamma", "mean": 0.0, "sd": 1.0}, "greater than 0"),
    ({"distribution": "quantiles", "p5": 1.0, "p50": 1.0, "p95": 2.0}, "must increase"),
    ({"distribution": "quantiles", "p5": 1.0, "p50": 2.0, "p95": 3.0, "low": 1.0}, "below p5"),
    ({"distribution": "quantiles", "p5": 1.0, "p50": 2.0, "p95": 3.0, "high": 3.0}, "above p95"),
    ({"distribution": "mixture", "parts": []}, "at least 1 item"),
    (
        {
            "distribution": "mixture",
            "parts": [{"weight": 0.5, "distribution": "constant", "value": 0.0}],
        },
        "must sum to 1, these sum to 0.5",
    ),
    ({"distribution": "nromal", "mean": 0.0, "sd": 1.0}, "does not match any"),
]


@pytest.mark.parametrize(("keys", "message"), REFUSED)
def test_impossible_parameters_are_refused_in_words(keys: dict[str, Any], message: str) -> None:
    """Each would otherwise draw nonsense in silence."""
    with pytest.raises(ValidationError, match=message):
        ADAPTER.validate_python(keys)


@pytest.mark.parametrize("name", ALL)
def test_json_and_pickle_give_back_the_same_model(name: str) -> None:
    """A results file must hold the distribution that was drawn, key by key."""
    d = ALL[name]
    d.from_normal(np.zeros(2))
    back = ADAPTER.validate_json(ADAPTER.dump_json(d))
    assert back == d
    assert hash(back) == hash(d)
    copy = pickle.loads(pickle.dumps(d))
    assert copy == d
    z = np.linspace(-3, 3, 50)
    np.testing.assert_array_equal(copy.from_normal(z), d.from_normal(z))
    assert type(d) is families()[d.distribution]


@pytest.mark.parametrize(
    "keys",
    [
        {"distribution": "normal", "mean": 2.0, "sd": 0},
        {"distribution": "lognormal", "mean": 2.0, "sd": 0.0},
        {"distribution": "lognormal", "median": 2.0, "p95": 2.0},
        {"distribution": "beta", "mean": 2.0, "sd": 0.0, "low": 1, "high": 2},
        {"distribution": "student_t", "mean": 2.0, "sd": 0.0, "df": 3},
        {"distribution": "gamma", "mean": 2.0, "sd": 0.0},
    ],
)
def test_no_spread_is_a_constant(keys: dict[str, Any]) -> None:
    """A division by the sd would make NaN of it."""
    d = ADAPTER.validate_python(keys)
    z = np.array([-3.0, 0.0, 4.0])
    assert d.fixed == d.mean == 2.0
    assert d.sd == 0.0
    assert d.from_normal(z).tolist() == d.quantile(special.ndtr(z)).tolist() == [2.0, 2.0, 2.0]
    assert d.cdf(np.array([1.9, 2.0])).tolist() == [0.0, 1.0]
    assert d.describe() == "always 2"


def test_empirical_reads_its_column_from_the_folder_of_the_study(tmp_path: Any) -> None:
    """The path is relative to the study, not to where the user stands."""
    (tmp_path / "data.csv").write_text("year,rate\n2011,0.5\n2012,0.7\n2013,0.4\n")
    keys = {"distribution": "empirical", "file": "data.csv", "column": "rate"}
    d = ADAPTER.validate_python(keys, context={"base": tmp_path})
    assert d.values == (0.5, 0.7, 0.4)
    kept = ADAPTER.validate_json(ADAPTER.dump_json(d))
    assert kept == d


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("year,rate\n2011,x\n", "rate", r"data.csv: row 2, column B .rate. is not a number"),
        ("year,rate\n2011,1\n2012,\n", "rate", "row 3 .empty. left out.: at least 2 are needed"),
        ("year,rate\n2011,inf\n", "rate", "not a finite number"),
        ("year,rate\n2011,1\n", "rates", "no column 'rates' among 2; did you mean 'rate'"),
        ("year,rate\n2011,1\n", "rate", "at least 2 are needed"),
        (None, "rate", "cannot read"),
    ],
)
def test_a_bad_data_file_is_refused_with_its_place(
    tmp_path: Any, text: str | None, column: str, message: str
) -> None:
    """No traceback and no silent zero for a gap in the data."""
    if text is not None:
        (tmp_path / "data.csv").write_text(text)
    keys = {"distribution": "empirical", "file": "data.csv", "column": column}
    with pytest.raises(ValidationError, match=message):
        ADAPTER.validate_python(keys, context={"base": tmp_path})


def test_describe_says_it_in_words() -> None:
    """A finance director can object only to what is said plainly."""
    d = make("quantiles", p5=0.70, p50=0.88, p95=1.01)
    words = "1 in 20 below 0.70, as likely as not above 0.88, 1 in 20 above 1.01"
    assert d.describe() == words
    assert d.describe("ratio") == words
    assert make("normal", mean=0.02, sd=0.01).describe("fraction a year") == (
        "1 in 20 below 0.4 % a year, as likely as not above 2.0 % a year, "
        "1 in 20 above 3.6 % a year"
    )
    assert MIXTURES["mass at zero"].describe().startswith("with probability 0.2: always 0; ")
    assert amount(-2.04, "£m", 1.0) == "-£2.0m"
    assert amount(-0.001, "£m", 1.0) == "£0.0m"
    assert amount(3.0, "years", 10.0) == "3 years"


def test_the_schema_lists_every_key() -> None:
    """An editor's completion depends on it; `given_mean` is not a key that users type."""
    schema = ADAPTER.json_schema()
    lognormal = schema["$defs"]["Lognormal"]["properties"]
    assert set(lognormal) == {"distribution", "median", "p95", "mean", "sd"}
    assert all("description" in row for key, row in lognormal.items() if key != "distribution")
    assert set(schema["discriminator"]["mapping"]) == set(families())


def test_the_schema_describes_a_family_without_its_sources() -> None:
    """Would catch an editor that shows a list of literature above the keys of a driver."""
    for family in families().values():
        description = family.model_json_schema()["description"]
        assert description
        assert "References" not in description
