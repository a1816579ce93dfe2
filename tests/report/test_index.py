"""The page over several studies, and the headline table in pandas."""

from __future__ import annotations

from pathlib import Path

import riskmc
from riskmc.measures import headline_table
from riskmc.report.index import Place, write_index
from riskmc.study import load_study

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"


def test_places_are_rows_of_one_table(tmp_path: Path) -> None:
    """Would catch a stack of tables that nobody can read down, or a difference among levels."""
    study = load_study(EXAMPLE)
    table = headline_table(riskmc.run(study, draws=64))
    places = [Place("One <place>", tmp_path / "one", table), Place("Two", tmp_path / "two", table)]
    page = next(path for path in write_index(places, tmp_path) if path.suffix == ".html")
    text = page.read_text(encoding="utf-8")
    assert text.count("<table>") == 1
    assert text.count("<tr>") == 1 + 2 * len(study.regimes)
    assert "One &lt;place&gt;" in text
    assert 'href="two/report.html"' in text
    assert table.lines[0].cells[0].text in text


def test_the_headline_table_in_pandas() -> None:
    """Would catch a frame whose columns are another regime's, or text that is no text."""
    results = riskmc.run(load_study(EXAMPLE), draws=64)
    table = headline_table(results)
    frame = table.to_frame()
    assert frame.columns.tolist() == list(table.columns)
    mean = float(results["place"]["unmet"].sel(regime="current").sum("year").mean())
    (row,) = (i for i, line in enumerate(table.lines) if line.measure == "unmet")
    assert abs(frame.iloc[row, 0] - mean) < 1e-4
    assert table.to_frame(text=True).iloc[row, 0] == table.lines[row].cells[0].text
    assert "<table" in table._repr_html_()
