"""Numbers of the annex: with one Monte Carlo standard error behind each."""

from __future__ import annotations

import math
from collections.abc import Sequence

from riskmc.report.facts.names import Names
from riskmc.report.facts.store import CHANCE, SHARE, Fact
from riskmc.report.model import Block, Column, Para, Row, Table, Text, text
from riskmc.statistics.estimates import RULE_OF_THREE
from riskmc.variables import HAPPENED, MONEY
from riskmc.words.rounding import Style, format_error, format_estimate

#: Sets of rules alongside each other.
_ACROSS = 4


def style_of(unit: str) -> Style:
    """Return how a unit is printed."""
    if unit in (CHANCE, SHARE):
        return "percent"
    return "money" if unit == MONEY else "number"


def estimate(found: Fact | None, *, difference: bool = False) -> str:
    """Return an estimate with its error: £m bare, chances and shares in per cent.

    What the rules rule out "cannot happen"; what no future has is bounded.
    """
    if found is None or not found.known:
        return "–"
    style = style_of(found.unit)
    if found.bound and style == "percent" and not difference and not found.impossible:
        return _bound(found)
    value, mcse = found.value, found.mcse
    if math.isfinite(mcse) and mcse <= 0.0:
        mcse = math.nan
    exact = not (found.bound or found.impossible or mcse > HAPPENED)
    if exact and style == "money" and abs(value) < HAPPENED:
        return "nil"  # or what rounding leaves of sums that cancel
    return format_estimate(
        value,
        mcse,
        style=style,
        bound=found.bound,
        units=found.units,
        what=found.what,
        difference=difference,
        impossible=found.impossible,
    )


def _bound(found: Fact) -> str:
    """Return the 95 % bound of what no future has, or all have: three in so many units."""
    if found.units <= RULE_OF_THREE:
        return "all" if found.value > 0.5 else "none"
    up = format_error(RULE_OF_THREE / found.units, style="percent")
    return f">{100.0 - float(up):.10g} %" if found.value > 0.5 else f"<{up} %"


def abreast(regimes: Sequence[str]) -> list[list[str]]:
    """Return sets of rules in groups that fit a page, the first at the head of each."""
    base, *others = regimes
    step = _ACROSS - 1
    return [[base, *others[i : i + step]] for i in range(0, max(len(others), 1), step)]


def not_shown(names: Names, shown: Sequence[str]) -> list[Block]:
    """Name the sets of rules that tables leave out, and where they are."""
    left = names.not_shown(shown)
    return [Para(text(f"Not shown: {left}; tables.xlsx has them."), "note")] if left else []


def plain_table(
    columns: Sequence[Column], rows: Sequence[Sequence[str | Text]], caption: str = ""
) -> Table:
    """Return a table of text."""
    made = tuple(
        Row(tuple(cell if isinstance(cell, tuple) else text_cell(cell) for cell in row))
        for row in rows
    )
    return Table(tuple(columns), made, caption=caption, cards=False, small=True)


def text_cell(words: str) -> Text:
    """Return a cell of plain text, marks left as they are."""
    from riskmc.report.model import Span

    return (Span(words),)
