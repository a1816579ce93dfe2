"""Tables as they are kept: what must not be read as another number, and what is read as it stands.

Each row says which wrong number it would catch.
"""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from riskmc.inputs import Sheet, amount, chance, read_sheet
from riskmc.inputs.cells import span, unit_of, unit_of_title
from riskmc.inputs.headings import year_of
from riskmc.inputs.plan import Plan, read_plan
from riskmc.inputs.register import Rows, read_register
from riskmc.inputs.savings import read_savings
from riskmc.study import load_study, validate


def page(text: str) -> Sheet:
    return Sheet("f.csv", tuple(tuple(row) for row in csv.reader(io.StringIO(text))))


def register(text: str, **options: Any) -> Rows:
    return read_register(page(text), organisation="a", **options)


def savings(text: str) -> Rows:
    return read_savings(page(text), organisation="a")


def plan(text: str) -> Plan:
    return read_plan(page(text), start_year="2026/27", years=2)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("£1,250,000", 1.25),  # 1,250,000 £m
        ("1,250,000", None),
        ("414000", None),
        ("£300", None),  # £300m, or £300?
        ("4,100", 4100.0),
        ("nil", 0.0),
        ("#N/A", None),
    ],
)
def test_amounts_without_a_unit(cell: str, value: float | None) -> None:
    """Would catch pounds read as £m: a trillion in a council's register."""
    assert amount(cell, None).value == value


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("Impact (GBP 000)", "£000"),
        ("Impact in thousands", "£000"),
        ("Impact k£", "£000"),
        ("Impact (k)", "£000"),
        ("Impact (£’000s)", "£000"),
        ("Impact £0.0m", "£m"),
        ("Impact (£mn)", "£m"),
        ("Cost in pounds", "£"),
        ("Impact", None),
    ],
)
def test_units_of_headings(heading: str, unit: str | None) -> None:
    """Would catch thousands read as millions, and millions as pounds."""
    assert unit_of(heading) == unit


def test_a_sum_of_money_in_a_title_is_no_unit() -> None:
    """Would catch "risks above £500 thousand" making every figure thousands."""
    assert unit_of_title("Risks above £500 thousand") is None
    assert unit_of_title("Risks above £1m (£000)") == "£000"


@pytest.mark.parametrize(
    ("cell", "value"),
    [("2 in 5", 0.4), ("once in 10 years", 0.1), ("20 per cent", 0.2)]
    + [(cell, None) for cell in ("2/5", "1/5", "7 in 5")],
)
def test_chances_in_words(cell: str, value: float | None) -> None:
    """Would catch a score of 1/5 read as a chance of a fifth."""
    assert chance(cell).value == value


@pytest.mark.parametrize(
    ("cell", "ends"),
    [
        ("£0.5m - £1m", (0.5, 1.0)),
        ("£1-2m", (1.0, 2.0)),
        ("£200k to £400k", (0.2, 0.4)),
        ("1.5–2.5", (1.5, 2.5)),
        ("2026-27", None),
        ("300-", None),
        ("5-1", None),
    ],
)
def test_ranges_of_money(cell: str, ends: tuple[float, float] | None) -> None:
    """Would catch "£1-2m" with a low end of £1, and a year for a range."""
    assert span(cell, lambda text: amount(text, None)) == ends


def test_scores_are_not_amounts() -> None:
    """Would catch a score of 4 read as £4m, and a score of 1 as a certainty."""
    found = register("Risk,Likelihood,Impact\nFlood,1,4\nPay,4,5\n")
    assert [(t["probability"], t["impact"]) for t in found.tables] == [("1", "4"), ("4", "5")]
    heads = "Ref,Risk,Likelihood (1-5),Impact (1-5),Score,Financial impact £000\n"
    (table,) = register(f'{heads}1,Flood,1,4,4,"1,200"\n').tables
    assert (table["probability"], table["impact"]) == ("1", 1.2)
    (table,) = register("Risk,Likelihood,Impact £m\nFlood,0.5,4\n").tables
    assert (table["probability"], table["impact"]) == (0.5, 4.0)


def test_a_column_in_per_cent() -> None:
    """Would catch 1 in a column headed % read as certain, beside 40."""
    found = register("Risk,Likelihood %,Impact £m\nA,1,4\nB,40,5\nC,0.5,2\n")
    assert [t["probability"] for t in found.tables] == pytest.approx([0.01, 0.4, 0.005])
    found = register("Risk,Likelihood %,Impact £m\nA,0.1,4\nB,1,5\n")
    assert [t["probability"] for t in found.tables] == [0.1, 1.0]
    found = savings("Scheme,2026/27 £m,Confidence %\nA,1,80\nB,1,0.9\n")
    assert [t["delivery"] for t in found.tables] == pytest.approx([0.8, 0.009])


def test_units_above_and_below_the_headings() -> None:
    """Would catch a title's £000 overlooked, and a row of units or a note taken for a risk."""
    above = "Register (£000)\n\nRisk,Likelihood,Impact\nFlood,20%,400\nTotal,,400\n\nNotes: x\n"
    found = register(above)
    assert not found.faults
    assert [t["impact"] for t in found.tables] == [0.4]
    below = register("Risk,Likelihood,Low,High\n,,£000,£000\nFlood,20%,100,400\n")
    assert [(t["low"], t["high"]) for t in below.tables] == [(0.1, 0.4)]
    twice = register("Risk,Likelihood,Impact £000,\n,,Low,Low\nFlood,20%,100,400\n")
    assert "headings in two rows" in str(twice.faults[0])


@pytest.mark.parametrize(
    ("above", "below", "line", "read"),
    [
        (
            "Risk,Likelihood,Impact (£k),,,Mitigation cost",
            ",,Low,Most likely,High,",
            "Flood,20%,100,200,400,£0.5m",
            {
                "probability": 0.2,
                "low": 0.1,
                "likely": 0.2,
                "high": 0.4,
                "mitigation": {"cost": 0.5},
            },
        ),
        ("Risk,Chance,Cost £m,", ",,P10,P90", "Flood,1 in 5,1,4", {"p10": 1.0, "p90": 4.0}),
        (
            "Risk details,,Inherent,,Residual,,Owner",
            "Ref,Risk,Likelihood,Impact £m,Likelihood,Impact £m,Name",
            "1,Flood,20%,4,10%,2,Ann",
            {"impact": 4.0, "mitigation": {"probability": 0.1, "impact": 2.0}},
        ),
        ("The register,,", "Risk,Likelihood,Impact £m", "Flood,20%,4", {"impact": 4.0}),
        ("Risk,Likelihood,Impact £m", "Flood,20%,4", "", {"impact": 4.0}),
        ("Risk,Likelihood,Rating,Impact £m", "Flood,20%,High,4", "", {"impact": 4.0}),
        ("Risk,Likelihood,Low £m,High £m", "Low,20%,1,4", "", {"low": 1.0, "high": 4.0}),
    ],
)
def test_headings_in_two_rows(above: str, below: str, line: str, read: dict[str, Any]) -> None:
    """Would catch the first of three amounts read as the impact, and a line taken for headings."""
    found = register(f"{above}\n{below}\n{line}\n")
    assert not found.faults, found.faults
    (table,) = found.tables
    assert table["name"] in ("Flood", "Low")
    assert {key: table[key] for key in read} == read
    for figure in ("impact", "low", "likely", "high"):
        assert (figure in table) <= (figure in read)


def test_headings_merged_over_two_rows_and_hidden_sheets(tmp_path: Path) -> None:
    """Would catch a heading merged downwards read as a risk, and a sheet that nobody sees."""
    book = openpyxl.Workbook()
    old, sheet = book.active, book.create_sheet("Register")
    old.sheet_state = "hidden"
    old.append(["Risk", "Likelihood", "Impact £m"])
    old.append(["Old", 0.9, 99.0])
    for row in (
        ["Corporate register", None, None, None],
        ["Risk", "Likelihood", "Impact £000", None],
        [None, None, "Low", "High"],
        ["Flood", 0.2, 100, 400],
    ):
        sheet.append(row)
    for cells in ("A1:D1", "A2:A3", "B2:B3", "C2:D2"):
        sheet.merge_cells(cells)
    book.save(tmp_path / "r.xlsx")
    found = read_register(read_sheet(tmp_path / "r.xlsx"), organisation="a")
    assert not found.faults
    (table,) = found.tables
    assert (table["name"], table["low"], table["high"]) == ("Flood", 0.1, 0.4)
    assert "sheet 'Register' read, not 'Sheet'" in found.remarks


def test_savings_by_year_under_one_heading() -> None:
    """Would catch the first year alone read, and a heading's £k lost on the others."""
    found = savings("Scheme,Savings £k,,RAG\n,2026/27,2027/28,\nFleet,250,100,Green\n")
    assert not found.faults
    assert found.tables[0]["amount"] == [0.25, 0.1]


def test_only_sums_are_totals() -> None:
    """Would catch a risk lost because its name begins with "Total"."""
    found = register("Risk,Likelihood,Impact £m\nTotal loss of depot,10%,3\nTotals,,3\n")
    assert [t["name"] for t in found.tables] == ["Total loss of depot"]


def test_years_of_a_risk() -> None:
    """Would catch three years read as the first, and an open end as one year."""
    head = "Risk,Likelihood,Impact £m,Years\n"
    found = register(f"{head}A,10%,1,2026/27 to 2028/29\nB,10%,1,2026–27\n")
    years = [t["years"] for t in found.tables]
    assert years == [["2026/27", "2027/28", "2028/29"], ["2026/27"]]
    for text in ("2026/27 onwards", "2026/27+", "2026"):
        assert register(f"{head}A,10%,1,{text}\n").faults
    assert year_of("2027-03-31 00:00:00") == "2026/27"
    assert year_of("2026/27 and 2027/28") is None


def test_a_mean_is_no_most_likely_cost() -> None:
    """Would catch a column of means passed over: low and high alone make another distribution."""
    found = register("Risk,Likelihood,Low £m,Expected £m,High £m\nA,20%,1,2,5\n")
    assert "no most likely cost" in str(found.faults[0])
    (table,) = register("Risk,Likelihood,Low (P10) £m,High (P90) £m\nA,20%,1,5\n").tables
    assert (table["p10"], table["p90"]) == (1.0, 5.0)


def test_what_is_still_to_be_filled_in_is_named() -> None:
    """Would catch "TBC" or NaN taken for a word of the bands."""
    found = register("Risk,Likelihood,Impact £m\nA,TBC,1\nB,20%,nan\nC,NaN,1\nD,#N/A,2\n")
    assert not found.tables
    assert [fault.row for fault in found.faults] == [2, 3, 4, 5]


def test_savings_shown_below_0() -> None:
    """Would catch savings that cost: brackets are how a budget shows them."""
    found = savings("Scheme,2026/27 £m,RAG\nA,(1.2),Green\nB,-0.5,Red\n")
    assert [t["amount"] for t in found.tables] == [[1.2], [0.5]]
    mixed = savings("Scheme,2026/27 £m,RAG\nA,1.2,Green\nB,-0.5,Red\n")
    assert [t["amount"] for t in mixed.tables] == [[1.2], [-0.5]]  # the study refuses it
    risk = savings("Scheme,2026/27 £m,Delivery risk\nA,1,20%\n")
    assert "chance of failing" in str(risk.faults[0])
    twice = savings("Scheme,2026/27 Plan,2026/27 Forecast,RAG\nA,1,2,Red\n")
    assert "two columns of one year" in str(twice.faults[0])


HEAD = "Line,2025/26,2026/27,2027/28\n"


def test_plans_whose_signs_or_names_would_mislead() -> None:
    """Would catch cost below 0, the cost of a grant as income, and a pressure as a level."""
    turned = plan(f"{HEAD}Council tax,60,62,64\nServices,(60),(63),(66)\n")
    assert turned.openings == {"local_tax": 60.0, "cost": 60.0}
    assert turned.cost == (63.0, 66.0)
    paid = plan(
        f"{HEAD}Council tax,60,62,64\nGrants to voluntary bodies,2,2,2\nServices,58,61,64\n"
    )
    assert paid.openings == {"local_tax": 60.0, "cost": 60.0}
    for line in ("Council tax support,5,5,5", "Business rates tariff,3,3,3", "Pay award,0,2,2"):
        found = plan(f"{HEAD}Council tax,60,62,64\n{line}\nServices,60,63,66\n")
        assert [fault.row for fault in found.faults] == [3]
    added = plan(f"{HEAD}Council tax,60,2,2\nServices,60,0,0\nPay award,0,2,2\n")
    assert added.cost == (62.0, 64.0)


def test_years_of_a_plan() -> None:
    """Would catch a calendar year taken for a financial one, and two columns of one year."""
    body = "Council tax,60,62,64\nServices,60,63,66\n"
    assert "calendar years" in str(plan(f"Line,2025,2026,2027\n{body}").faults[0])
    twice = plan(f"Line,2025/26,2026/27 Budget,2026/27 Forecast\n{body}")
    assert "two columns of one year" in str(twice.faults[0])
    dates = [datetime.datetime(year, 4, 1) for year in (2025, 2026, 2027)]
    rows = (("Line", *dates), ("Council tax", 60, 62, 64), ("Services", 60, 63, 66))
    assert read_plan(Sheet("f.xlsx", rows), start_year="2026/27", years=2).cost == (63.0, 66.0)


def test_a_workbook_with_merged_cells_and_formats(tmp_path: Path) -> None:
    """Would catch a merged body lost, a banner taken for a risk, and 100 % read as £1m."""
    book = openpyxl.Workbook()
    cells: Any = book.active
    for row in (
        ["County register, £000", None, None, None],
        ["Risk", "Probability", "Impact", "Organisation"],
        ["Adult services", None, None, None],
        ["Provider fails", 0.2, 1200, "The County"],
        ["Fee dispute", 1, 800, None],
        ["Merged amount", 0.5, 300, "The County"],
        ["Its second half", 0.5, None, "The County"],
    ):
        cells.append(row)
    for merged in ("A1:D1", "A3:D3", "D4:D5", "C6:C7"):
        cells.merge_cells(merged)
    cells["B5"].number_format = "0%"
    book.save(tmp_path / "r.xlsx")
    found = read_register(read_sheet(tmp_path / "r.xlsx"), bodies={"The County": "county"})
    rows = [(t["name"], t["organisation"], t["probability"], t["impact"]) for t in found.tables]
    assert rows == [
        ("Provider fails", "county", 0.2, 1.2),
        ("Fee dispute", "county", 1.0, 0.8),
        ("Merged amount", "county", 0.5, 0.3),
    ]
    assert [(fault.row, fault.column) for fault in found.faults] == [(7, 2)]
    cells["C4"].number_format = "0%"
    book.save(tmp_path / "r.xlsx")
    again = read_register(read_sheet(tmp_path / "r.xlsx"), organisation="county")
    assert "is a share" in str(again.faults[0])


def test_what_was_not_read_is_said_by_validate(tmp_path: Path) -> None:
    """Would catch rows and columns passed over in silence once a study names the table."""
    text = "Risk,Likelihood,Impact £m,Owner\nFlood,20%,1,X\nTotal,,1,\n"
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    (tmp_path / "s.toml").write_text(
        """schema = 1
title = "T"
start_year = "2026/27"
years = 1
draws = 16
seed = 1
register = "r.csv"
[[organisations]]
id = "county"
kind = "council"
cost = 100.0
charges = 100.0
[regimes.r]
label = "R"
[regimes.r.rulebooks.council]
shortfall = [{ instrument = "reserves" }]
""",
        encoding="utf-8",
    )
    notes = validate(load_study(tmp_path / "s.toml")).notes
    assert "r.csv: columns not read: Owner" in notes
    assert "r.csv: row 3 not read: Total" in notes
