"""Registers, savings and plans: what is read, what is refused, and what a study makes of them."""

from __future__ import annotations

import contextlib
import csv
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmc.cli import main
from riskmc.distributions import Constant, Pert, Uniform
from riskmc.engine.programme import compile_regime
from riskmc.errors import StudyError
from riskmc.inputs import Sheet, TableError, read_sheet
from riskmc.inputs.headings import plain, year_of
from riskmc.inputs.plan import read_plan
from riskmc.inputs.register import read_register
from riskmc.inputs.savings import read_savings
from riskmc.sampling import Sampler, describe_driver
from riskmc.study import Study, load_study, study_from_json, study_json, validate
from riskmc.study.edits import read_change

HEAD = """schema = 1
title = "T"
start_year = "2026/27"
years = 3
draws = 16
seed = 1
"""
BODY = """
[[organisations]]
id = "county"
name = "The County"
kind = "council"
reserves = 10.0
"""
REGIME = """
[regimes.r]
label = "R"
[regimes.r.settlement]
new_burdens_funded = 1.0
[regimes.r.rulebooks.council]
shortfall = [{ instrument = "reserves" }]
"""
BANDS = """
[bands.likelihood]
Likely = 0.6
Unlikely = [0.1, 0.3]
[bands.delivery]
Green = 0.9
Red = { low = 0.0, high = 0.5 }
"""
MONEY = "cost = 100.0\ncharges = 100.0\n"


def sheet(*rows: list[Any]) -> Sheet:
    return Sheet("t.csv", tuple(tuple(row) for row in rows))


def write(folder: Path, *, key: str, body: str = MONEY, rest: str = BANDS, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    path = folder / "study.toml"
    path.write_text(HEAD + key + BODY + body + rest + REGIME, encoding="utf-8")
    return path


def loaded(folder: Path, **options: Any) -> Study:
    return load_study(write(folder, **options))


REGISTER = """Corporate risks,,,,,
Ref,Risk title,Likelihood,"Impact, £000",When,Status
1,Fire,4 - Likely,"1,500",,Open
,,,,,
2,Flood,1 in 10,£2m,"2027/28, 2028-29",Open
3,Old,Likely,1,,Closed
4,Fire,20%,(250),2026/27,Open
"""


def test_a_register_is_read_as_it_is_kept(tmp_path: Path) -> None:
    """Would catch thousands read as millions, a closed risk drawn, a duplicate lost."""
    risks = loaded(tmp_path, key='register = "r.csv"', r=REGISTER).risks
    assert [(r.name, r.probability, r.impact, r.years) for r in risks] == [
        ("Fire", 0.6, Constant(value=1.5), None),
        ("Flood", 0.1, Constant(value=2.0), ("2027/28", "2028/29")),
        ("Fire (4)", 0.2, Constant(value=-0.25), ("2026/27",)),
    ]
    assert {r.organisation for r in risks} == {"county"}


def test_a_register_is_added_to_risks_of_the_study(tmp_path: Path) -> None:
    """Would catch a file that replaces what is typed, or faults told of the wrong row."""
    typed = '\n[[risks]]\nname = "Own"\norganisation = "county"\nprobability = 0.1\nimpact = 1\n'
    found = loaded(tmp_path, key='register = "r.csv"', r=REGISTER, rest=BANDS + typed)
    assert [risk.name for risk in found.risks][:2] == ["Own", "Fire"]
    wrong = REGISTER.replace("2027/28, 2028-29", "2035/36")
    with pytest.raises(StudyError) as caught:
        loaded(tmp_path, key='register = "r.csv"', r=wrong, rest=BANDS + typed)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.key) == ("r.csv", 5, "column E (When)")


def test_all_faults_of_a_register_at_once(tmp_path: Path) -> None:
    """Would catch one bad cell told at a time."""
    text = (
        "Risk,Likelihood,Low,Likely,High,Organisation\n"
        'A,Often,1,2,3,county\nB,30,1,2,"0,5",county\nC,0.1,x,2,3,nobody\n,0.1,1,2,3,county\n'
        "E,0.1,3,2,1,county\n"
    )
    with pytest.raises(StudyError) as caught:
        loaded(tmp_path, key='register = "r.csv"', r=text)
    assert [(p.line, p.key) for p in caught.value.problems] == [
        (2, "column B (Likelihood)"),
        (3, "column B (Likelihood)"),
        (3, "column E (High)"),
        (4, "column C (Low)"),
        (5, "column A (Risk)"),
        (6, "row"),
    ]


def test_inherent_and_residual_become_a_risk_and_its_mitigation(tmp_path: Path) -> None:
    """Would catch the residual score simulated as if nothing were spent on it, or the reverse."""
    text = (
        "Risk,Inherent likelihood,Inherent impact £m,Residual likelihood,Residual impact £m,"
        "Mitigation cost £000\nA,Likely,4,Unlikely,2,300\n"
    )
    found = loaded(tmp_path, key='register = "r.csv"', r=text)
    (risk,) = found.risks
    assert (risk.probability, risk.mean) == (0.6, 4.0)
    assert risk.mitigation is not None
    assert risk.mitigation.probability == Uniform(low=0.1, high=0.3)
    assert risk.simulated.mean == 2.0
    (mandate,) = found.mandates
    assert (mandate.cost, mandate.funded) == (0.3, 0.0)
    assert study_from_json(study_json(found)).mandates == found.mandates
    given_up = found.with_(read_change("risks.A.mitigation.taken=false"))
    assert given_up.mandates == (), "what is not done costs nothing"


def test_a_named_sheet_of_a_workbook(tmp_path: Path) -> None:
    """Would catch the first sheet read for the named one, or a formula without its value as 0."""
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    page = book.create_sheet("Risks")
    page.append(["Risk", "Probability", "Min £m", "Most likely £m", "Max £m"])
    page.append(["Fire", 0.25, 1, 2, 4.5])
    book.save(tmp_path / "r.xlsx")
    key = 'register = { file = "r.xlsx", sheet = "Risks" }'
    assert loaded(tmp_path, key=key).risks[0].impact == Pert(low=1.0, likely=2.0, high=4.5)
    with pytest.raises(StudyError, match="no sheet 'Risk'; it has Notes, Risks"):
        loaded(tmp_path, key=key.replace('"Risks"', '"Risk"'))
    page["B2"] = "=1/4"
    book.save(tmp_path / "r.xlsx")
    with pytest.raises(StudyError, match="has no value saved"):
        loaded(tmp_path, key=key)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ('register = "none.csv"', "cannot read"),
        ('register = "../outside.csv"', "outside the folder"),
        ("register = 3", "names no file"),
        ('register = { file = "r.csv", shete = "x" }', "is not a known key"),
        ('register = { file = "r.csv", unit = "€" }', "is not a unit"),
        ('register = { file = "r.csv", sheet = "x" }', "is not a workbook"),
        ('register = { file = "r.csv", organisation = "x" }', "is not an organisation"),
        ('register = "e.csv"', "no row of headings"),
        ('register = "b.txt"', "cannot read"),
    ],
)
def test_settings_of_a_file_are_checked(tmp_path: Path, key: str, words: str) -> None:
    """Each would otherwise be passed over."""
    (tmp_path.parent / "outside.csv").write_text(REGISTER, encoding="utf-8")
    with pytest.raises(StudyError, match=words):
        loaded(tmp_path, key=key, r=REGISTER, e="a,b\n1,2\n")


def test_unusual_headings_are_named_in_the_study(tmp_path: Path) -> None:
    """Would catch a setting that is read and not used."""
    text = "Ereignis,Wie oft,Wert\nBrand,20%,3\n"
    key = (
        'register = { file = "r.csv", unit = "£000", '
        'columns = { name = "Ereignis", probability = "Wie oft", impact = "Wert" } }'
    )
    (risk,) = loaded(tmp_path, key=key, r=text).risks
    assert (risk.name, risk.probability, risk.mean) == ("Brand", 0.2, 0.003)


SAVINGS = """Scheme,2026/27,2027/28,RAG,Recurrent
A,3.0,1.0,Green,Yes
B,1.0,,Red,No
Total,4,1,,
"""


def test_schemes_replace_the_delivery_ratio_of_their_body(tmp_path: Path) -> None:
    """By hand: year 1 (0.9 x 3 + d x 1) / 4; year 2 only A: 0.9; year 3 all: (0.9 x 4 + d) / 5.

    Would catch equal weights, a scheme drawn again each year, or the ratio typed for the body.
    """
    driver = '\n[drivers.savings_delivery]\ndistribution = "constant"\nvalue = 0.1\n'
    found = loaded(tmp_path, key='savings = "s.csv"', s=SAVINGS, rest=BANDS + driver)
    values = Sampler(found).key_block(0)
    delivery = values["savings_delivery"][:, 0]
    d = 4 * delivery[0] - 2.7
    assert 0.0 <= d.min() < 0.01
    assert 0.49 < d.max() <= 0.5
    np.testing.assert_allclose(delivery[1], 0.9)
    np.testing.assert_allclose(delivery[2], (3.6 + d) / 5)
    recurs = values["recurrent_share"][:, 0]
    np.testing.assert_allclose(recurs[0], 2.7 / (2.7 + d))
    np.testing.assert_allclose(recurs[1], 1.0)
    assert "made by 2 schemes" in describe_driver(found, "savings_delivery", "county")
    assert study_from_json(study_json(found)).schemes == found.schemes
    assert not any("recurrent_share is left" in line for line in validate(found).lines())


def test_schemes_leave_the_draws_of_all_others(tmp_path: Path) -> None:
    """Would catch a stream shared with a driver."""
    driver = '\n[drivers.demand_growth]\ndistribution = "normal"\nmean = 0.0\nsd = 0.1\n'
    plain_ = Sampler(loaded(tmp_path, key="", rest=BANDS + driver)).key_block(0)
    together = loaded(tmp_path, key='savings = "s.csv"', s=SAVINGS, rest=BANDS + driver)
    np.testing.assert_array_equal(
        plain_["demand_growth"], Sampler(together).key_block(0)["demand_growth"]
    )


def test_faults_of_savings(tmp_path: Path) -> None:
    """Would catch an unknown RAG taken for a full delivery."""
    text = SAVINGS.replace("Red", "Blue").replace("3.0", "three").replace(",Yes", ",perhaps")
    with pytest.raises(StudyError) as caught:
        loaded(tmp_path, key='savings = "s.csv"', s=text)
    assert [(p.line, p.key) for p in caught.value.problems] == [
        (2, "column B (2026/27)"),
        (2, "column E (Recurrent)"),
        (3, "column D (RAG)"),
    ]


PLAN = """£000,2025/26,2026/27,2027/28,2028/29
Council tax,"(60,000)","(66,000)","(66,000)","(66,000)"
Government grants,"(30,000)","(33,000)","(33,000)","(33,000)"
Fees and charges,"(10,000)","(10,000)","(11,000)","(11,000)"
Service expenditure,"100,000","104,000","110,000","112,000"
Funding gap,0,"5,000",0,"(2,000)"
"""


def test_a_plan_becomes_openings_growths_and_a_mandate(tmp_path: Path) -> None:
    """By hand: cost 104, 110, 112 beyond 100 grown by 2 % a year: 2, 5.96, 5.8792.

    Would catch growth of the wrong year, a sign kept, or cost growth paid for by the centre.
    """
    driver = '\n[drivers.cost_inflation]\ndistribution = "constant"\nvalue = 0.02\n'
    found = loaded(tmp_path, key='plan = "p.csv"', body="", p=PLAN, rest=driver)
    (body,) = found.organisations
    assert (body.cost, body.grant, body.local_tax, body.charges) == (100.0, 30.0, 60.0, 10.0)
    np.testing.assert_allclose(found.growth("tax_growth")[:, 0], [0.1, 0.0, 0.0])
    np.testing.assert_allclose(found.growth("charges_growth")[:, 0], [0.0, 0.1, 0.0])
    (mandate,) = found.mandates
    assert mandate.cost == pytest.approx((2.0, 5.96, 5.8792))
    projects = compile_regime(found, "r").projects
    assert projects is not None
    assert (np.asarray(projects.mandates_funded) == 0.0).all()
    np.testing.assert_allclose(np.asarray(projects.mandates)[:, 0].ravel(), [2.0, 5.96, 5.8792])


def test_a_plan_as_changes_on_a_base() -> None:
    """Would catch changes taken for levels: 80, 81.5, 83.1."""
    rows = [["£m", "2025/26", "2026/27", "2027/28"], ["Business rates", -80, -1.5, -1.6]]
    rows += [["Service expenditure", 80, 2, 3]]
    found = read_plan(sheet(*rows), start_year="2026/27", years=2)
    assert not found.faults
    assert found.cost == (82.0, 85.0)
    assert found.growths["tax_growth"] == pytest.approx([1.5 / 80, 1.6 / 81.5])


def test_a_plan_that_is_unclear_is_refused_row_by_row() -> None:
    """Would catch a table of levels and changes mixed, read as one of them."""
    head = ["£m", "2025/26", "2026/27"]
    mixed = sheet(head, ["Council tax", -80, -1.5], ["Service expenditure", 80, 82])
    found = read_plan(mixed, start_year="2026/27", years=1)
    assert [fault.row for fault in found.faults] == [2, 3]
    each = read_plan(mixed, start_year="2026/27", years=1, rows="each")
    assert not each.faults
    assert each.cost == (82.0,)
    unknown = sheet(head, ["Council tax", 80, 82], ["Mystery", 1, 1], ["Services", 80, "0,5"])
    found = read_plan(unknown, start_year="2026/27", years=1, rows="levels")
    assert [(fault.row, fault.column) for fault in found.faults] == [(3, 0), (4, 2)]
    late = read_plan(mixed, start_year="2030/31", years=1)
    assert "no column 2029/30" in str(late.faults[0])


def test_a_plan_and_the_study_may_not_both_say(tmp_path: Path) -> None:
    """Would catch a typed cost that the plan silently replaces."""
    growth = "\n[planning.by.county]\ntax_growth = 0.1\n"
    with pytest.raises(StudyError) as caught:
        loaded(tmp_path, key='plan = "p.csv"', p=PLAN, rest=growth)
    assert {p.key for p in caught.value.problems} == {
        "organisations[0].cost",
        "organisations[0].charges",
        "planning.by.county.tax_growth",
    }


def test_read_prints_what_is_understood_and_what_is_not(tmp_path: Path) -> None:
    """Would catch a reading that cannot be seen before it is run."""
    (tmp_path / "r.csv").write_text(REGISTER + "5,Bad,often,50%,,\n", encoding="utf-8")
    shown = CliRunner().invoke(main, ["read", str(tmp_path / "r.csv")])
    assert shown.exit_code == 2
    assert 'name = "Flood"' in shown.output
    assert 'years = ["2027/28", "2028/29"]' in shown.output
    assert "row 6 not read: Old" in shown.output
    for name, text in (("s", SAVINGS), ("p", PLAN)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        assert CliRunner().invoke(main, ["read", str(tmp_path / f"{name}.csv")]).exit_code == 0
    (tmp_path / "one.csv").write_text("Risk,Chance,Low,High\nA,10%,1,2\n", encoding="utf-8")
    assert "1 row of" in CliRunner().invoke(main, ["read", str(tmp_path / "one.csv")]).output


def test_headings_and_years_as_people_write_them() -> None:
    """Would catch a heading that is missed for its unit, case or plural."""
    assert plain("Impact (£000)") == "impact"
    assert plain("Probability p.a.") == "probability a year"
    assert plain("RISK  Title:") == "risk title"
    assert [
        year_of(t) for t in ("2026/27", "FY 2026-27", "2026/2027", "26/27", "2026/28", "x")
    ] == [
        "2026/27",
        "2026/27",
        "2026/27",
        "2026/27",
        None,
        None,
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=8) | st.integers() | st.none(), max_size=6), max_size=6))
def test_no_table_breaks_a_reader(rows: list[list[Any]]) -> None:
    """Would catch a traceback for a table that nobody thought of."""
    for head in ([], ["Risk", "Likelihood", "Impact"], ["Scheme", "2026/27", "RAG"]):
        page = sheet(*([head] if head else []), *rows)
        read_register(page, organisation="a")
        read_savings(page, organisation="a")
        read_plan(page, start_year="2026/27", years=2)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_no_file_breaks_the_reader(tmp_path: Path, data: bytes) -> None:
    """Would catch a traceback for bytes that are no table."""
    for name in ("x.csv", "x.xlsx"):
        (tmp_path / name).write_bytes(data)
        with contextlib.suppress(TableError):
            read_sheet(tmp_path / name)


def test_the_same_table_in_every_dialect(tmp_path: Path) -> None:
    """Would catch a delimiter, a mark or an encoding that changes what is read."""
    rows = [["Risk", "Likelihood", "Impact £m"], ["Caf\u00e9 fire", "0.2", "1.5"]]
    for delimiter in ",;\t|":
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
            path = tmp_path / "r.csv"
            with path.open("w", newline="", encoding=encoding) as file:
                csv.writer(file, delimiter=delimiter).writerows(rows)
            (table,) = read_register(read_sheet(path), organisation="a").tables
            assert (table["name"], table["probability"], table["impact"]) == ("Café fire", 0.2, 1.5)


def test_what_is_wrong_with_a_file_is_said_once_and_where(tmp_path: Path) -> None:
    """Would catch "nope.xlsx: cannot read nope.xlsx", and a formula's remedy away from its cell."""
    runner = CliRunner()
    gone = runner.invoke(main, ["read", "nope.xlsx"])
    assert (gone.exit_code, gone.output) == (2, "riskmc: nope.xlsx does not exist\n")
    book = openpyxl.Workbook()
    page: Any = book.active
    page.append(["Risk", "Likelihood", "Impact £m"])
    page.append(["Fire", 0.1, "=1+1"])
    book.save(tmp_path / "f.xlsx")
    (line,) = runner.invoke(main, ["read", str(tmp_path / "f.xlsx")]).output.splitlines()
    assert line.endswith(
        'row 2, column C: "=1+1" has no value saved; allowed: a value; open the file in Excel and '
        "save it there"
    )


def test_what_is_read_is_written_to_a_new_file_only(tmp_path: Path) -> None:
    """Would catch a study overwritten by what a register is understood to say."""
    (tmp_path / "r.csv").write_text("Risk,Likelihood,Impact £m\nFire,0.1,2\n", encoding="utf-8")
    out = tmp_path / "c.toml"
    command = ["read", str(tmp_path / "r.csv"), "--out", str(out)]
    assert CliRunner().invoke(main, command).exit_code == 0
    written = out.read_text(encoding="utf-8")
    assert 'name = "Fire"' in written
    again = CliRunner().invoke(main, command)
    assert again.exit_code == 2
    assert "exists already; nothing was written" in again.output
    assert out.read_text(encoding="utf-8") == written
