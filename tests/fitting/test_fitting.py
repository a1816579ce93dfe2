"""Distributions from data."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

import riskmc.fitting
from riskmc.cli import main
from riskmc.distributions import families
from riskmc.errors import InputError
from riskmc.fitting import Fit, fit


def ideal(distribution: object, n: int) -> np.ndarray:
    """Quantiles at even levels: data without any luck."""
    return distribution.ppf((np.arange(n) + 0.5) / n)  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("family", "drawn"),
    [
        ("normal", stats.norm(0.02, 0.01)),
        ("lognormal", stats.lognorm(0.7, 0, 3.0)),
        ("gamma", stats.gamma(2.0, 0, 1.5)),
        ("student_t", stats.t(3.0, 0.01, 0.02)),
    ],
)
def test_the_family_that_made_the_data_comes_first(family: str, drawn: object) -> None:
    """Would catch parameters in another order, or criteria compared the wrong way round."""
    best = fit(ideal(drawn, 2000), replicates=1)[0]
    assert best.family == family
    read = families()[family].model_validate({"distribution": family, **best.parameters})
    levels = np.array([0.1, 0.5, 0.9])
    np.testing.assert_allclose(
        read.quantile(levels),
        drawn.ppf(levels),
        rtol=0.05,
        atol=1e-3,  # type: ignore[attr-defined]
    )


def test_a_family_that_does_not_fit_has_a_small_p_value() -> None:
    """Would catch a bootstrap that compares with the wrong distances."""
    data = ideal(stats.lognorm(1.0, 0, 3.0), 200)
    found = {one.family: one.p_value for one in fit(data, replicates=60, most=4)}
    assert found["lognormal"] > 0.5
    assert found["normal"] < 0.05


def test_data_below_0_have_no_lognormal() -> None:
    """Would catch a crash on surprises, which are as often below 0 as above."""
    names = [one.family for one in fit(ideal(stats.norm(0.0, 1.0), 50), replicates=1)]
    assert set(names) == {"normal", "student_t"}


@pytest.mark.parametrize(
    ("data", "words"),
    [([1.0, 2.0], "too few"), ([1.0, np.nan] * 5, "not finite"), ([2.0] * 9, "constant")],
)
def test_what_cannot_be_fitted_is_said(data: list[float], words: str) -> None:
    """Would catch a traceback, or a distribution of two figures."""
    with pytest.raises(InputError, match=words):
        fit(data)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a line that a study does not read, or a chart that is not drawn."""
    monkeypatch.setattr(riskmc.fitting, "fit", partial(fit, replicates=5))
    file = tmp_path / "data.csv"
    rows = "\n".join(f"{x:.6f}" for x in ideal(stats.norm(5.0, 1.0), 12))
    file.write_text(f"surprise\n{rows}\n", encoding="utf-8")
    command = ["fit", str(file), "--column", "surprise", "--out", str(tmp_path / "x.svg")]
    found = CliRunner().invoke(main, command)
    assert found.exit_code == 0, found.output
    assert 'distribution = "normal", mean = 5' in found.output
    assert "mostly chance" in found.output
    assert (tmp_path / "x.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_a_p_value_says_how_well_it_is_known() -> None:
    """Would catch a chance of 0.00, which no bootstrap gives, or one without its error.

    Of 200 drawn sets a share of 0.5 has an error of sqrt(0.25 / 200) = 0.035.
    """
    one = Fit("normal", {"mean": 0.0, "sd": 1.0}, 1.0, 0.1, 0.5, 40, 200)
    assert one.p_text() == "0.50 ±0.04"
    assert replace(one, p_value=1 / 201).p_text() == "below 0.01"
    assert replace(one, p_value=1.0).p_text() == "1.00 ±0.01"


def test_the_command_says_what_it_took(tmp_path: Path) -> None:
    """Would catch the first of two columns of one name taken, or rows left out in silence."""
    data = "x,y,y\n" + "".join(f"{n},{n},7\n" for n in (1, 2, 4, 3, 5)) + "n/a,1,1\n"
    (tmp_path / "d.csv").write_text(data, encoding="utf-8")
    for column, code, words in (
        ("x", 0, "5 figures; left out: row 7 (n/a)"),
        ("y", 2, "d.csv: row 1 has 2 columns 'y'"),
        ("z", 2, "d.csv has no column 'z' among x, y, y"),
    ):
        done = CliRunner().invoke(main, ["fit", str(tmp_path / "d.csv"), "--column", column])
        assert done.exit_code == code
        assert words in done.output


def test_the_command_names_row_and_column_of_what_is_no_number(tmp_path: Path) -> None:
    """Would catch a reader of its own, with other rules than every other file of data."""
    file = tmp_path / "outturns.csv"
    file.write_text("Outturns\nyear;surprise\n2019;1.5 %\n2020;(2.5)\n2021;abc\n", encoding="utf-8")
    found = CliRunner().invoke(main, ["fit", str(file), "--column", "surprise"])
    assert found.exit_code != 0
    assert "row 5, column B (surprise) is not a number" in str(found.output) + str(found.exception)
    assert "row 4" not in str(found.output) + str(found.exception)
    missing = CliRunner().invoke(main, ["fit", str(tmp_path / "no.csv"), "--column", "x"])
    assert missing.output == "riskmc: no.csv does not exist\n"


def test_a_column_of_words_is_one_mistake_and_not_a_thousand(tmp_path: Path) -> None:
    """Would catch a message as long as the column."""
    table = tmp_path / "words.csv"
    table.write_text("\n".join(["said", *["Often"] * 500]), encoding="utf-8")
    found = CliRunner().invoke(main, ["fit", str(table), "--column", "said"])
    assert found.exit_code == 2
    assert found.output.count("is not a number") == 10
    assert "and 490 more cells of this column" in found.output


def test_figures_that_hardly_differ_are_fitted_or_refused() -> None:
    """Would catch a traceback of SciPy's search where all figures but one are the same, and a t
    that is a spike on them, of which the likelihood has no bound."""
    for data in ([1.0] * 6 + [1.0000001], [0.0] * 30 + [1.0, 2.0, 5.0]):
        found = {one.family for one in fit(data, replicates=20)}
        assert "normal" in found
        assert "student_t" not in found
