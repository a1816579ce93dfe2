"""Text that a study names: printable, or refused; and never a formula in another program."""

from __future__ import annotations

import csv
import io
import math
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from riskmc.cli import main
from riskmc.errors import StudyError
from riskmc.study import parse_study, validate
from riskmc.words.cells import Book, csv_cell

#: As a hostile study has it: a name, a label and a regime that a spreadsheet takes for formulas.
STUDY = """
schema = 1
title = "=HYPERLINK(\\"http://evil\\",\\"x\\")"
start_year = "2016/17"
years = 2
draws = 64
seed = 1
[[organisations]]
id = "a"
name = "=cmd|' /C calc'!A0"
kind = "council"
cost = 100.0
grant = 60.0
local_tax = 40.0
reserves = 2.0
[drivers.demand_growth]
distribution = "normal"
mean = 0.03
sd = 0.02
[[risks]]
name = "@SUM(1+1)"
organisation = "a"
probability = 0.5
low = 1.0
likely = 2.0
high = 4.0
[regimes."=1+1"]
label = "=1+2"
extends = "current"
[regimes."-2+3|cmd"]
label = "+1+1"
extends = "devolved"
"""


def with_text(path: str, text: str) -> dict[str, Any]:
    """The study with a text put at a dotted path."""
    tree = tomllib.loads(STUDY)
    *way, last = path.split(".")
    table: Any = tree
    for key in way:
        table = table[int(key)] if key.isdigit() else table[key]
    table[last] = text
    return tree


@pytest.mark.parametrize("path", ["title", "organisations.0.name", "risks.0.name"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\x00b", "U+0000"),
        ("a\x07b", "U+0007"),
        ("a\nb", "U+000A"),
        ("a\x7f", "U+007F"),
        ("\ud800", "U+D800"),
        ("\ufffe", "U+FFFE"),
        ("   ", "is blank"),
        ("", "is empty"),
    ],
)
def test_what_cannot_be_printed_is_refused_at_load(path: str, text: str, said: str) -> None:
    """Would catch a traceback of the PDF's or the workbook's, after simulating."""
    with pytest.raises(StudyError) as caught:
        parse_study(with_text(path, text))
    message = str(caught.value)
    assert said in message
    assert path.replace(".0.", "[0].") in message
    assert message.isprintable(), "the message shows it raw"


@pytest.mark.parametrize("key", ["", " ", "a\x00"])
def test_keys_of_tables_are_printable_too(key: str) -> None:
    """Would catch a regime without a name, which no column can head."""
    tree = tomllib.loads(STUDY)
    tree["regimes"][key] = tree["regimes"].pop("=1+1")
    with pytest.raises(StudyError, match=r"regimes\."):
        parse_study(tree)


@pytest.mark.parametrize("text", ["Plan ✅", "Ysbyty Gwynedd – Bangor", "Żabka", "中文", "e\u0301"])
def test_other_scripts_and_signs_are_allowed(text: str) -> None:
    """Would catch a rule that lets only English through."""
    assert parse_study(with_text("organisations.0.name", text)).organisations[0].name == text


def test_no_table_holds_a_formula(tmp_path: Path) -> None:
    """Would catch a cell that runs a program when somebody opens the tables."""
    (tmp_path / "evil.toml").write_text(STUDY, encoding="utf-8")
    words = ["run", str(tmp_path / "evil.toml"), "--out", str(tmp_path / "out")]
    answer = CliRunner().invoke(main, [*words, "--outputs", "csv,xlsx"])
    assert answer.exit_code == 0, answer.output
    book = openpyxl.load_workbook(tmp_path / "out" / "tables.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=") for cell in cells), "the names are there"
    assert not [cell for cell in cells if cell.data_type == "f"]
    with (tmp_path / "out" / "summary.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for name in ("regime", "against", "organisation"):
                assert row[name][:1] not in ("=", "+", "-", "@")


def test_shipped_rules_are_not_remarked_on() -> None:
    """Would catch warnings of figures that the user never typed, at every short study."""
    assert not [
        w for w in validate(parse_study(tomllib.loads(STUDY))).warnings if "values for" in w
    ]
    tree = tomllib.loads(STUDY)
    typed = {"plan": [{"instrument": "savings", "max_rate": [0.04, 0.03, 0.02], "min_rate": 0.0}]}
    tree["regimes"]["-2+3|cmd"]["rulebooks"] = {"place": typed}
    said = [w for w in validate(parse_study(tree)).warnings if "values for" in w]
    assert said == [
        "regimes.-2+3|cmd.rulebooks.place.plan.savings.max_rate has 3 values for 2 years: the rest "
        "is not used"
    ]


def test_a_workbook_keeps_text_as_text_and_numbers_as_numbers() -> None:
    """Would catch text run as a formula, a link, a number; and numbers as text."""
    texts = [
        "=1+1",
        "+1",
        "-2+3|cmd",
        "@SUM(1)",
        "\t=1",
        "http://a.example",
        "{=1}",
        "007",
        "Trust",
    ]
    numbers = [1.5, -2, 0.1 + 0.2, True, None, math.nan, math.inf]
    book = Book("Place")
    sheet = book.sheet("Sheet")
    book.row(sheet, 0, texts, bold=True)
    book.row(sheet, 1, numbers)
    read = openpyxl.load_workbook(io.BytesIO(book.bytes()))["Sheet"]
    cells, others = read.iter_rows()
    assert [(cell.value, cell.data_type, cell.font.b) for cell in cells if cell.value] == [
        (text, "s", True) for text in texts
    ]
    assert [cell.quotePrefix for cell in cells if cell.value] == [True] * 5 + [False] * 4
    assert not any(cell.hyperlink for cell in cells)
    found = [cell.value for cell in others]
    assert found == [1.5, -2, pytest.approx(0.3), True, None, None, "inf", None, None]


@given(st.text())
def test_a_cell_stays_what_it_was(text: str) -> None:
    """Would catch text changed that no spreadsheet takes for a formula, or a number marked."""
    cell = csv_cell(text)
    assert cell in (text, f"'{text}")
    if cell == text and text[:1] in ("=", "+", "-", "@"):
        float(text)


@given(st.floats(allow_nan=False))
def test_numbers_are_never_marked(number: float) -> None:
    """Would catch minus signs taken for formulas."""
    assert csv_cell(number) == number
    assert csv_cell(f"{number:.10g}") == f"{number:.10g}"
