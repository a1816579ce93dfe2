"""The report as data."""

from __future__ import annotations

import pytest

from riskmc.report.model import (
    Cell,
    Column,
    Cover,
    Foldout,
    Paragraph,
    Picture,
    Report,
    Section,
    Table,
    numbers,
    pictures,
    section_titles,
    tables,
)


def a_table(name: str) -> Table:
    return Table(name, "Caption", (Column("What", numeric=False),), ((Cell("x"),),))


def a_picture(name: str) -> Picture:
    return Picture(name, "Title", "Alt", "Caption", "<svg/>", "<svg/>", a_table(f"{name}-data"))


def a_report(*sections: Section) -> Report:
    return Report(Cover("T", "S", "P", (), ()), sections, "footer")


def test_names_are_unique() -> None:
    """Would catch two tables that share a sheet, or an id twice in a page."""
    with pytest.raises(ValueError, match="called 'one'"):
        a_report(Section("s", "S", (a_table("one"), Foldout("F", (a_table("one"),)))))
    with pytest.raises(ValueError, match="called 's'"):
        a_report(Section("s", "S", (a_table("s"),)))


def test_rows_fit_their_columns() -> None:
    """Would catch a cell that slips into the next column."""
    with pytest.raises(ValueError, match="2 cells, 1 columns"):
        Table("t", "C", (Column("What"),), ((Cell("x"), Cell("y")),))
    with pytest.raises(ValueError, match="2 units for 1 rows"):
        Table("t", "C", (Column("What"),), ((Cell("x"),),), units=("a", "b"))


def test_a_cover_has_five_points_at_most() -> None:
    """Would catch a cover that grows."""
    with pytest.raises(ValueError, match="5 at most"):
        Cover("T", "S", "P", (), tuple("abcdef"))


def test_numbering() -> None:
    """Would catch a table under a figure counted as a table of its own."""
    report = a_report(
        Section("a", "A", (a_table("one"), a_picture("fig"), Foldout("F", (a_table("two"),)))),
        Section("b", "B", (Paragraph("text"),)),
        Section("c", "C", (Paragraph("text"),), annex=True),
    )
    assert numbers(report) == {"one": "Table 1", "fig": "Figure 1", "two": "Table 2"}
    assert section_titles(report) == {"a": "1. A", "b": "2. B", "c": "Annex A. C"}
    assert [table.id for table in tables(report)] == ["one", "fig-data", "two"]
    assert [picture.id for picture in pictures(report)] == ["fig"]
