"""Headings of registers, plans and savings as people write them, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskmc.inputs.cells import text_of, unit_of

#: Of each key, the headings it is known by; compared without case, units, dashes and plurals.
REGISTER: dict[str, tuple[str, ...]] = {
    "ref": ("ref", "reference", "risk ref", "risk id", "id", "no", "number", "risk no"),
    "name": (
        *("risk", "name", "risk name", "title", "risk title", "description"),
        *("risk description", "risk event", "what may happen"),
    ),
    "organisation": ("organisation", "body", "organisation id", "entity", "council", "trust"),
    "probability": (
        *("likelihood", "probability", "chance", "prob", "likelihood score"),
        *("probability a year", "annual probability", "chance a year", "likelihood a year"),
    ),
    "rate": ("rate", "frequency", "times a year", "rate a year", "events a year"),
    "impact": (
        *("impact", "cost", "financial impact", "value", "exposure", "impact score"),
        *("cost if it happens", "amount", "financial exposure", "estimated cost"),
    ),
    "low": ("low", "min", "minimum", "best case", "lowest", "low impact", "optimistic"),
    "likely": ("likely", "most likely", "mode", "likely impact", "likely cost", "ml"),
    "high": ("high", "max", "maximum", "worst case", "highest", "high impact", "pessimistic"),
    "cap": ("cap", "most it can cost", "limit"),
    "years": ("year", "when", "financial year"),
    "lasts": ("lasts", "duration", "years it lasts", "duration years"),
    "once": ("once", "once only", "one off"),
    "mitigation_cost": ("mitigation cost", "cost of mitigation", "cost of control"),
    "status": ("status", "open closed"),
}
SAVINGS: dict[str, tuple[str, ...]] = {
    "name": ("scheme", "name", "saving", "proposal", "title", "description", "savings scheme"),
    "ref": ("ref", "reference", "id", "no"),
    "organisation": ("organisation", "body", "council", "trust", "entity"),
    "amount": ("amount", "saving a year", "value", "full year"),
    "delivery": ("delivery", "rag", "rag rating", "confidence", "delivery rag", "status", "risk"),
    "start": ("start", "start year", "from", "first year"),
    "recurrent": ("recurrent", "recurring", "ongoing", "recurrent share", "one off or recurrent"),
}
PLAN: dict[str, tuple[str, ...]] = {
    "name": ("line", "item", "heading", "service", "description", "budget line"),
    "type": ("type", "kind", "category", "income or cost"),
    "reads": ("reads", "as", "columns"),
}
_BEFORE = ("inherent", "gross", "raw", "unmitigated", "before mitigation", "initial")
_AFTER = ("residual", "net", "mitigated", "after mitigation", "target", "current")
_PERCENTILE = re.compile(r"p ?([1-9][0-9]?)|([1-9][0-9]?)(?:th|st|nd|rd) percentile")
_YEAR = re.compile(r"\b((?:19|20)\d\d) ?[/-] ?((?:20)?\d\d)\b|\b(\d\d)/(\d\d)\b")
_UNITS = re.compile(r"£ ?(000s?|'000s?|m|million|k|bn|thousand)?|\((?:m|000)\)|\bgbp\b|\b000s\b|%")
#: In how many rows from the top headings are looked for.
HEAD_ROWS = 20


@dataclass(frozen=True)
class Column:
    """A column of a table: its place from 0, its heading, its key, and its unit if it names one.

    `side` is "before" or "after" for the columns of a register that have a mitigation in view.
    """

    place: int
    heading: str
    key: str
    unit: str | None = None
    side: str = ""


@dataclass(frozen=True)
class Layout:
    """Where a table's headings are (row from 0), which columns are understood, which are not."""

    row: int
    columns: tuple[Column, ...]
    ignored: tuple[str, ...]

    def find(self, key: str, side: str = "") -> Column | None:
        """Return the first column of a key."""
        found = (c for c in self.columns if c.key == key and c.side == side)
        return next(found, None)


def plain(heading: str) -> str:
    """Return a heading without case, unit, punctuation and plural."""
    text = _UNITS.sub(" ", heading.casefold().replace("’", "'"))
    text = re.sub(r"\bper (annum|year)\b|\bp\.?a\.?\b|\bin year\b", "a year", text)
    text = re.sub(r"[^a-z0-9]+", " ", text).strip()
    return re.sub(r"\b(risk|year|saving|scheme|organisation)s\b", r"\1", text)


def year_of(text: str) -> str | None:
    """Return the financial year that a text names, as "2026/27"; None where it names none."""
    match = _YEAR.search(text)
    if match is None:
        return None
    first = match.group(1) or f"20{match.group(3)}"
    second = (match.group(2) or match.group(4))[-2:]
    return f"{first}/{second}" if int(second) == (int(first) + 1) % 100 else None


def find_layout(
    rows: Sequence[Sequence[Any]],
    known: Mapping[str, tuple[str, ...]],
    *,
    needs: tuple[str, ...],
    given: Mapping[str, str],
    years: bool = False,
) -> Layout | None:
    """Return the layout of the first row that has headings for all of `needs`; None without.

    given  headings that the user named: key to heading
    years  whether columns headed by a financial year are columns too (key "year:2026/27")
    """
    for place, cells in enumerate(rows[:HEAD_ROWS]):
        layout = _layout(place, [text_of(cell) for cell in cells], known, given, years=years)
        keys = {column.key for column in layout.columns}
        if set(needs) <= keys or (years and sum(k.startswith("year:") for k in keys) > 1):
            return layout
    return None


def _layout(
    row: int,
    headings: list[str],
    known: Mapping[str, tuple[str, ...]],
    given: Mapping[str, str],
    *,
    years: bool,
) -> Layout:
    columns: list[Column] = []
    ignored = []
    named = {heading.casefold(): key for key, heading in given.items()}
    for place, heading in enumerate(headings):
        found = _column(place, heading, known, named, years=years)
        taken = found is not None and any(
            (c.key, c.side) == (found.key, found.side) for c in columns
        )
        if found is not None and not taken:
            columns.append(found)
        elif heading:
            ignored.append(heading)
    return Layout(row, tuple(columns), tuple(ignored))


def _column(
    place: int,
    heading: str,
    known: Mapping[str, tuple[str, ...]],
    named: Mapping[str, str],
    *,
    years: bool,
) -> Column | None:
    unit = unit_of(heading)
    if heading.casefold() in named:
        return Column(place, heading, named[heading.casefold()], unit)
    label = year_of(heading) if years else None
    if label is not None:
        return Column(place, heading, f"year:{label}", unit)
    text, side = plain(heading), ""
    for name, words in (("before", _BEFORE), ("after", _AFTER)):
        word = next((word for word in words if re.search(rf"\b{word}\b", text)), None)
        if word is not None and text != word:
            text, side = re.sub(rf"\b{word}\b", " ", text), name
    text = " ".join(text.split())
    percentile = _PERCENTILE.fullmatch(text.removesuffix(" impact").removesuffix(" cost"))
    if percentile is not None and "impact" in known:
        return Column(place, heading, f"p{percentile.group(1) or percentile.group(2)}", unit, side)
    key = next((key for key, texts in known.items() if text in texts), None)
    return None if key is None else Column(place, heading, key, unit, side)
