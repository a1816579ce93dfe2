"""What `riskmc run` prints: the headline table, as text or JSON."""

from __future__ import annotations

import math
import shutil
import textwrap
from typing import TYPE_CHECKING, Any

from riskmc.measures import headline_table
from riskmc.measures.tables import HeadlineTable
from riskmc.variables import PLACE

if TYPE_CHECKING:
    from riskmc.measures.view import Results

_WIDEST = 120
#: Width of labels that columns leave, and of those next to one column that leaves less.
_NARROWEST, _SHORTEST = 24, 12
_CHANCES = {
    "p_rescue_needed_above_1_percent": "Large rescue needed",
    "p_granted_above_1_percent": "Large bailout granted",
}
_LEGEND = ("Money in £m. A difference for the worse is shown in brackets, without its sign.",)


def headline_text(view: Results) -> str:
    """Return the place's headline table as text, no wider than the terminal."""
    table = headline_table(view, adverse_in_brackets=True)
    width = min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST)
    attributes = view.tree.attrs
    title = (
        f"{attributes['title']}: {int(attributes['draws']):,} futures, seed {attributes['seed']}"
    )
    notes = (*_LEGEND, *table.notes, *savings_notes(view), *failure_bounds(view))
    return "\n".join([title, "", *_lines(table, width), "", *_wrapped(notes, width)])


def savings_notes(view: Results) -> list[str]:
    """Say what savings each set of rules delivers, where some cost the centre the same.

    Rules at the same cost need not be alike in what bodies save: part of a smaller deficit is
    more savings. Empty where no set of rules was made neutral, or no draws are kept.
    """
    from riskmc.measures import amount_mean
    from riskmc.study.regime_notes import is_neutral
    from riskmc.words.rounding import format_value

    study = view.study
    if view.summarised or not any(is_neutral(study, name) for name in view.regimes):
        return []
    found = amount_mean(view, variable="savings_delivered", over="horizon", organisation=PLACE)
    said = []
    for name in view.regimes:
        one = found.sel(regime=name)
        value, error = float(one["value"].squeeze()), float(one["mcse"].squeeze())
        said.append(f"{study.regimes[name].label} {format_value(value, error)} ±{error:.1g}")
    return [f"Planned savings delivered, total over the years, £m: {'; '.join(said)}."]


def failure_bounds(view: Results) -> list[str]:
    """Return chances of the place without the failed draws and with them, as sentences.

    Empty where no draw failed, or where no draws are kept.
    """
    from riskmc.measures import per_draw
    from riskmc.measures.failures import failed_mask, probability_bounds

    if view.summarised:
        return []
    failed = failed_mask(view)
    if not failed.any():
        return []
    sentences = []
    for name, words in _CHANCES.items():
        for regime in view.regimes:
            event = per_draw(view, measure=name, regime=regime, organisation=PLACE)
            bounds = probability_bounds(event.values, failed=failed)
            sentences.append(
                f"{words}, {regime}: {bounds.without:.2%} without the {bounds.failed} draws that "
                f"failed, between {bounds.low:.2%} and {bounds.high:.2%} with them."
            )
    return sentences


def _lines(table: HeadlineTable, width: int) -> list[str]:
    """Lay the table out: labels on the left, a column each on the right, headings wrapped."""
    columns = list(zip(*([cell.text for cell in line.cells] for line in table.lines), strict=True))
    least = [max(len(text) for text in column) for column in columns]
    words = [max(len(word) for word in name.split()) for name in table.columns]
    widths = [max(pair) for pair in zip(least, words, strict=True)]
    lines: list[str] = []
    for part in _side_by_side(widths, width):
        headings = list(table.columns[part])
        cells = [[cell.text for cell in line.cells[part]] for line in table.lines]
        labels = [line.label for line in table.lines]
        lines += ["", *_laid_out(headings, labels, cells, widths[part], width)]
    return lines[1:]


def _side_by_side(widths: list[int], width: int) -> list[slice]:
    """Return the columns of each part: as many as the terminal has room for."""
    parts, start, used = [], 0, _NARROWEST
    for column, each in enumerate(widths):
        if column > start and used + 2 + each > width:
            parts.append(slice(start, column))
            start, used = column, _NARROWEST
        used += 2 + each
    return [*parts, slice(start, len(widths))]


def _laid_out(
    names: list[str], labels: list[str], cells: list[list[str]], widths: list[int], width: int
) -> list[str]:
    room = width - sum(widths) - 2 * len(widths)
    label_width = max(_SHORTEST, min(max(map(len, labels)), room))
    headings = [textwrap.wrap(name, w) for name, w in zip(names, widths, strict=True)]
    height = max(len(heading) for heading in headings)
    padded = [[""] * (height - len(heading)) + heading for heading in headings]
    lines = [
        _row("", [heading[i] for heading in padded], label_width, widths) for i in range(height)
    ]
    lines.append("-" * len(lines[0]))
    for text, row in zip(labels, cells, strict=True):
        label = textwrap.wrap(text, label_width)
        lines.append(_row(label[0], row, label_width, widths))
        lines.extend(f"  {rest}" for rest in label[1:])
    return lines


def _row(label: str, cells: list[str], label_width: int, widths: list[int]) -> str:
    return label.ljust(label_width) + "".join(
        f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True)
    )


def _wrapped(notes: tuple[str, ...], width: int) -> list[str]:
    return [line for note in notes for line in textwrap.wrap(note, width)]


def headline_json(view: Results) -> dict[str, Any]:
    """Return the headline tables of the place and every organisation, for scripts."""
    return {"headline": {body: _table_json(headline_table(view, body)) for body in view.bodies}}


def _table_json(table: HeadlineTable) -> list[dict[str, Any]]:
    return [
        {
            "measure": line.measure,
            "label": line.label,
            "unit": line.unit,
            "regime": cell.regime,
            "against": cell.against,
            "value": _number(cell.value),
            "mcse": _number(cell.mcse),
            "low": _number(cell.low),
            "high": _number(cell.high),
            "text": cell.text,
        }
        for line in table.lines
        for cell in line.cells
    ]


def _number(value: float) -> float | None:
    """JSON knows no NaN."""
    return value if math.isfinite(value) else None
