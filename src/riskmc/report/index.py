"""The page over several studies: where each report lies, and the places side by side."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from riskmc.errors import RunError
from riskmc.variables import MONEY
from riskmc.words.cells import csv_cell

if TYPE_CHECKING:
    from riskmc.measures.tables import HeadlineTable

INDEX_FILE, COMPARISON_FILE = "index.html", "comparison.csv"


class Place(NamedTuple):
    """One study of a batch: its title, the folder of its report, its headline table."""

    title: str
    folder: Path
    table: HeadlineTable

    def rows(self) -> list[tuple[str, dict[str, str]]]:
        """Return what the table says under each set of rules: its label, text by measure."""
        found = []
        for i, label in enumerate(self.table.columns):
            cells = {line.measure: line.cells[i] for line in self.table.lines}
            if not any(cell.against for cell in cells.values()):
                found.append((label, {name: cell.text for name, cell in cells.items()}))
        return found


def write_index(places: Sequence[Place], folder: Path) -> list[Path]:
    """Write index.html and comparison.csv over several runs; returns where they are."""
    files = {INDEX_FILE: _page(places, folder), COMPARISON_FILE: _comparison(places)}
    written = []
    try:
        for name, text in files.items():
            partial = folder / f".{name}.partial"
            partial.write_text(text, encoding="utf-8", newline="")
            written.append(partial.replace(folder / name))
    except OSError as error:
        raise RunError(f"{folder}: cannot be written: {error.strerror}") from error
    return written


def _page(places: Sequence[Place], folder: Path) -> str:
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    from riskmc.report.pdf import template_text

    environment = Environment(
        loader=FunctionLoader(template_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    links = [Path(os.path.relpath(place.folder, folder)).as_posix() for place in places]
    notes = dict.fromkeys(note for place in places for note in place.table.notes)
    return environment.get_template("index.html.j2").render(
        places=list(zip(places, links, strict=True)),
        measures=_measures(places),
        notes=list(notes),
        style=Markup(template_text("index.css")),
    )


def _measures(places: Sequence[Place]) -> list[tuple[str, str]]:
    """Return the measures of all places, each once, with its heading."""
    return list(
        dict.fromkeys(
            (line.measure, f"{line.label} ({line.unit})" if line.unit == MONEY else line.label)
            for place in places
            for line in place.table.lines
        )
    )


def _comparison(places: Sequence[Place]) -> str:
    """Return the places' headline figures as CSV, one line per place, measure and column."""
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    heading = ("place", "measure", "regime", "against", "value", "mcse", "low", "high", "unit")
    writer.writerow(heading)
    for place in places:
        for line in place.table.lines:
            for cell in line.cells:
                numbers = (cell.value, cell.mcse, cell.low, cell.high)
                written = [f"{x:.10g}" if math.isfinite(x) else "" for x in numbers]
                row = (place.title, line.measure, cell.regime, cell.against, *written, line.unit)
                writer.writerow(map(csv_cell, row))
    return text.getvalue()
