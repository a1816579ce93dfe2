"""Inputs as people have them: each gives its right value, or a refusal that says what to do.

Worked out by hand or by an independent program. Most extend one small study: a council, cost 100,
income 100, reserves 30, five years. Names are invented.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from riskmc import run
from riskmc.cli import main
from riskmc.distributions import Constant, Uniform
from riskmc.errors import StudyError
from riskmc.measures.risk_register import customary_by_year, register_cost
from riskmc.sampling import sample
from riskmc.study import Study, load_study, validate

HERE = Path(__file__).parent
CSV = {
    "csvcp1252": (0.01, 0.02, 0.02),
    "csvminus": (0.01, 0.02, -0.02),
    "csvmissing": (0.012, 0.005),
    "csvparen": (-0.012, 0.02),
    "csvpct": (0.012, -0.003),
    "csvtitle": (0.01, 0.02),
    "csvtrailing": (0.012, 0.003),
}
REFUSED = {
    "csvdec": ("row 2", "row 3", "row 4", "decimal comma"),
    "csvsemi": ("row 2", "row 3", "row 4", "decimal comma"),
    "csvgov": ("row 3 ([x])", "row 4 (n/a)", "row 5 (..)", "at least 2 are needed"),
    "csvthou": ("can be 2e+03",),
}


def study(name: str) -> Study:
    return load_study(HERE / f"{name}.toml")


def warnings(name: str) -> str:
    return "\n".join(validate(study(name)).warnings)


def mean_cost(name: str) -> float:
    drawn = sample(study(name), draws=16_384, seed=1)
    found = register_cost(drawn, scheme="mc")
    return float(found["value"].sel(statistic="mean"))


@pytest.mark.parametrize("name", ["register-only", "nothing-random"])
def test_a_study_without_an_uncertain_driver_is_reported(name: str, tmp_path: Path) -> None:
    """Would catch `drivers: no draws` after the simulation, and no report."""
    out = tmp_path / "out"
    arguments = ["run", str(HERE / f"{name}.toml"), "--draws", "256", "--outputs", "html"]
    arguments += ["--out", str(out)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert any(out.glob("*.html"))


def test_a_register_only_costs_five_times_its_mean() -> None:
    """5 x 0.3 x 2.5 = 3.75; with nothing random every percentile is the one value."""
    assert mean_cost("register-only") == pytest.approx(3.75, abs=0.06)
    balance = run(study("nothing-random"), draws=64)["place"]["balance"]
    assert np.ptp(balance.values) == 0.0


def test_ties_are_counted() -> None:
    """Nothing in 77 of 100 over five years, something in 23: 1 - 0.95^5 = 0.226; none below."""
    drawn = sample(study("ties"), draws=16_384, seed=1)["one_off_cost"]
    total = drawn.sum(["year", "organisation"]).values
    assert total.min() == 0.0
    assert (total > 0.0).mean() == pytest.approx(1 - 0.95**5, abs=0.01)
    assert (drawn.isel(year=0).values > 0.0).mean() == pytest.approx(0.05, abs=0.006)


def test_a_risk_of_one_year_counts_in_that_year() -> None:
    """0 in 2026/27, 92 in 2028/29, 18.5 (with 0.1 x 5 in the last year: 92.5 / 5) on average."""
    found = customary_by_year(study("one-year-risk"))
    assert list(found.values()) == pytest.approx([0.0, 0.0, 92.0, 0.0, 0.5])
    assert sum(found.values()) / 5 == pytest.approx(18.5)


def test_a_certain_cost_is_pointed_to_the_plan() -> None:
    """Would catch a known cost that no plan knows of, without a word."""
    assert "[[mandates]]" in warnings("certain-cost")
    assert 'start = "2027/28", cost = 4' in warnings("certain-cost")


def test_a_mean_by_year() -> None:
    """Inflation 3.5, 2.5, 2 %: the last holds on."""
    expected = study("mean-by-year").expected("cost_inflation")[:, 0]
    assert expected.tolist() == [0.035, 0.025, 0.02, 0.02, 0.02]


def test_units_are_questioned() -> None:
    """Would catch a register in £000 alongside £m, or a budget of 414,000, run without a word."""
    assert "more than borough costs in a year" in warnings("mixed-units")
    assert "more than any English council" in warnings("thousands")


def test_namesakes_have_their_ids() -> None:
    """Would catch two tables of one title."""
    assert "smh1 and smh2 have one name" in warnings("namesakes")
    assert study("namesakes").name_of("smh2") == "St Mary's Hospital (smh2)"


def test_percentiles_are_percentiles() -> None:
    """P10 and P90 accepted; a triangle from -0.48 to 8.38, mean 3.30; a median of sqrt 10."""
    impact = study("p10-p90").risks[0].impact
    assert impact.quantile(np.array([0.1, 0.5, 0.9])) == pytest.approx([1.0, 2.0, 5.0])
    impact = study("triangle-of-p10-p90").risks[0].impact
    assert [round(x, 2) for x in (*impact.support, impact.mean)] == [-0.48, 8.38, 3.30]
    impact = study("lognormal-p5-p95").risks[0].impact
    assert float(impact.quantile(np.array(0.5))) == pytest.approx(10**0.5)


def test_few_figures_are_what_they_say() -> None:
    """A single figure and a likely one alone are constants; low and high alone a uniform."""
    assert study("single-figure").risks[0].impact == Constant(value=1.2)
    assert study("likely-only").risks[0].impact == Constant(value=1.2)
    assert study("min-max").risks[0].impact == Uniform(low=0.5, high=5.0)


@pytest.mark.parametrize(("name", "values"), CSV.items(), ids=CSV)
def test_columns_are_read_as_they_are_kept(name: str, values: tuple[float, ...]) -> None:
    """Would catch a bracket, dash, per cent or title row misread."""
    driver = study(name).driver("tax_shock", "borough")
    assert driver is not None
    assert driver.distribution.model_dump()["values"] == pytest.approx(values)


@pytest.mark.parametrize(("name", "words"), REFUSED.items(), ids=REFUSED)
def test_columns_that_are_not_understood(name: str, words: tuple[str, ...]) -> None:
    """Would catch one bad cell at a time, or a cell without advice."""
    with pytest.raises(StudyError) as caught:
        study(name)
    for part in words:
        assert part in str(caught.value)


def test_what_is_left_out_of_a_column_is_said() -> None:
    """Would catch a gap in the data that nobody hears of."""
    assert any("row 3 (empty) left out" in line for line in validate(study("csvmissing")).lines())


def test_a_messy_register(tmp_path: Path) -> None:
    """Would catch a register that is read without its faults, or whose faults come one by one."""
    shutil.copy(HERE / "register.csv", tmp_path)
    base = (HERE / "register-only.toml").read_text(encoding="utf-8").split("[[risks]]")[0]
    path = tmp_path / "s.toml"
    path.write_text(f'register = "register.csv"\n{base}', encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        load_study(path)
    assert [(p.line, p.value) for p in caught.value.problems] == [
        (2, '"4 - Likely"'),
        (3, '"5 - Likely"'),
        (5, '"Unlikely"'),
        (5, '"50%"'),
    ]
    register = (HERE / "register.csv").read_text(encoding="utf-8").replace("50%", "250")
    (tmp_path / "register.csv").write_text(register, encoding="utf-8")
    bands = "\n[bands.likelihood]\nLikely = [0.5, 0.7]\nUnlikely = 0.2\n"
    path.write_text(f'register = "register.csv"\n{base}{bands}', encoding="utf-8")
    risks = load_study(path).risks
    assert [risk.likely for risk in risks] == [4.1, 8.4, 0.25]
    assert risks[0].probability == Uniform(low=0.5, high=0.7)


def test_a_plan_whose_rows_disagree_is_refused_row_by_row(tmp_path: Path) -> None:
    """Would catch changes read as levels: business rates of 80 falling to 1.5."""
    shutil.copy(HERE / "mtfp.xlsx", tmp_path)
    done = CliRunner().invoke(main, ["read", str(tmp_path / "mtfp.xlsx")])
    assert done.exit_code == 2
    for row in (2, 3, 4, 5):
        assert f"row {row}" in done.output
    assert 'rows = "levels" or "changes"' in done.output


def test_labels_that_begin_as_formulas_load_as_text() -> None:
    """The outputs' own tests see that they are text in every cell."""
    assert study("label-as-formula").regimes["current"].label == "=1+1"


def test_the_county_is_its_three_tables() -> None:
    """By hand from mtfs.csv: income and cost 1,160; planned cost of 2026/27 1,223.3.

    Would catch a config whose tables and page have drifted apart.
    """
    found = load_study(HERE.parent.parent / "configs" / "county.toml")
    (body,) = found.organisations
    assert (body.cost, body.local_tax, body.grant, body.charges) == (1160.0, 690.0, 310.0, 160.0)
    assert len(found.risks) == len(found.schemes) == 8
    assert validate(found).warnings == ()
    (mandate,) = found.mandates
    grown = 1160.0 * 1.022 * 1.032
    assert mandate.cost[0] == pytest.approx(1223.3 - grown)
    assert mandate.funded == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["emoji-in-name", "label-as-formula", "namesakes"])
def test_names_of_any_kind_are_delivered(name: str, tmp_path: Path) -> None:
    """Would catch a traceback for a character without a glyph, and live formulas in tables."""
    import openpyxl

    out = tmp_path / "out"
    arguments = ["run", str(HERE / f"{name}.toml"), "--draws", "64", "--out", str(out)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert {"paper.pdf", "annex.pdf", "report.html", "tables.xlsx"} <= {
        p.name for p in out.iterdir()
    }
    book = openpyxl.load_workbook(out / "tables.xlsx")
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
