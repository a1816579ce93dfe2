"""Headings of registers, plans and savings as people write them, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from riskmc.inputs.cells import text_of, unit_of, unit_of_title, without_unit
from riskmc.inputs.faults import CellFault

#: Of each key, the headings it is known by, the surest first; compared without case, units,
#: dashes, plurals, brackets and such words as "estimated".
REGISTER: dict[str, tuple[str, ...]] = {
    "ref": ("ref", "reference", "risk ref", "risk id", "id", "no", "number", "risk no"),
    "name": (
        *("risk title", "risk name", "title", "name", "risk", "risk event", "what may happen"),
        *("hazard", "event", "threat", "risk description", "description of risk", "description"),
        *("details", "risk detail", "risk issue", "uncertainty"),
    ),
    "organisation": ("organisation", "body", "organisation id", "entity", "council", "trust"),
    "probability": (
        *("probability", "likelihood", "chance", "prob", "probability a year", "chance a year"),
        *("annual probability", "annual likelihood", "annual chance", "likelihood a year"),
        *("risk probability", "risk likelihood", "likelihood score", "likelihood rating"),
    ),
    "rate": (
        "rate",
        "frequency",
        "frequency a year",
        "times a year",
        "rate a year",
        "events a year",
    ),
    "impact": (
        *("financial impact", "financial exposure", "cost if it happens", "cost", "cost impact"),
        *("amount", "exposure", "value", "financial value", "impact", "risk value"),
        *("impact score", "impact rating"),
    ),
    "low": (
        *("low", "min", "minimum", "best case", "best", "lowest", "lower", "optimistic"),
        *("lower bound", "lower estimate", "low estimate"),
    ),
    "likely": (
        *("likely", "most likely", "mode", "ml", "best estimate", "central", "central estimate"),
        *("mid", "middle", "likely case", "central case", "most likely case"),
    ),
    "high": (
        *("high", "max", "maximum", "worst case", "worst", "highest", "upper", "pessimistic"),
        *("upper bound", "upper estimate", "high estimate", "reasonable worst case"),
    ),
    "cap": ("cap", "most it can cost", "limit"),
    "years": ("year", "when", "financial year", "years affected", "year affected"),
    "lasts": ("lasts", "duration", "years it lasts", "duration years", "duration in years"),
    "once": ("once", "once only", "one off"),
    "mitigation_cost": ("mitigation cost", "cost of mitigation", "cost of control"),
    "status": ("status", "open closed", "risk status"),
}
SAVINGS: dict[str, tuple[str, ...]] = {
    "name": (
        *("scheme", "name", "saving", "proposal", "title", "description", "savings scheme"),
        *("scheme name", "scheme title", "saving proposal", "project", "programme", "option"),
    ),
    "ref": ("ref", "reference", "id", "no"),
    "organisation": ("organisation", "body", "council", "trust", "entity"),
    "amount": (
        *("amount", "saving a year", "value", "full year", "full year effect", "target"),
        *("saving target", "saving value", "saving amount", "saving"),
    ),
    "delivery": (
        *("delivery", "rag", "rag rating", "rag status", "confidence", "delivery rag"),
        *("delivery confidence", "likelihood of delivery", "delivery risk", "status", "risk"),
    ),
    "start": ("start", "start year", "from", "first year", "start date", "starts"),
    "recurrent": (
        "recurrent",
        "recurring",
        "ongoing",
        "recurrent share",
        "one off or recurrent",
        "recurrent non recurrent",
        "r nr",
    ),
}
PLAN: dict[str, tuple[str, ...]] = {
    "name": ("line", "item", "heading", "service", "description", "budget line"),
    "type": ("type", "kind", "category", "income or cost"),
    "reads": ("reads", "as", "columns"),
}
#: Keys of money: of several columns, the one with a unit in its heading is meant.
_MONEY = ("impact", "amount", "low", "likely", "high", "cap", "mitigation_cost")
#: Words that say nothing of what a column holds.
_FILLERS = (
    *("estimated", "estimate of", "potential", "possible", "total", "the", "of occurrence"),
    *("of happening", "of occurring", "of risk", "of event", "overall", "in"),
)
_BEFORE = (
    *("inherent", "gross", "raw", "unmitigated", "before mitigation", "pre mitigation", "initial"),
)
_AFTER = (
    *("residual", "net", "mitigated", "after mitigation", "post mitigation", "target", "current"),
)
_PERCENTILE = re.compile(
    r"(?:(?:low|high|min|max) )?p ?([1-9][0-9]?)|([1-9][0-9]?)(?:th|st|nd|rd) percentile"
    r"|percentile ([1-9][0-9]?)"
)
_DASH = r"[/\-_\u2010-\u2015\u2212]"
_YEAR = re.compile(
    rf"(?<!\d)((?:19|20)\d\d) ?(?:{_DASH}|to) ?((?:20)?\d\d)(?![\d/])"
    r"|(?<![\d/])(\d\d)/(\d\d)(?![\d/])"
)
_DATE = re.compile(r"((?:19|20)\d\d)-(\d\d)-\d\d(?: 00:00:00)?")
_APRIL = 4
#: Marks of a column of scores: "Likelihood (1-5)", "Impact score".
_SCORES = re.compile(r"\(?\b1 ?(?:-|to) ?(?:[3-9]|10|25)\b\)?|\bscore\b|\brating\b")
#: Keys of figures.
_FIGURE = re.compile(rf"({'|'.join(_MONEY)}|probability|rate|p\d+|year:.*)$")
#: In how many rows from the top headings are looked for.
HEAD_ROWS = 20


@dataclass(frozen=True)
class Column:
    """A column of a table: its place from 0, its heading, its key, and its unit if it names one.

    `side` is "before" or "after" for the columns of a register that have a mitigation in view;
    `percent` and `scores` say that the heading has a per cent sign, or speaks of scores.
    """

    place: int
    heading: str
    key: str
    unit: str | None = None
    side: str = ""
    percent: bool = False
    scores: bool = False


@dataclass(frozen=True)
class Layout:
    """Where a table's headings are (row from 0), which columns are understood, which are not.

    `unit` is that of a title above the table; `first` the row of the first of its lines, below a
    second row of headings and a row of units; `twice` the headings of columns of one financial
    year; `continued` says that the row below is one of headings that cannot be joined to them.
    """

    row: int
    columns: tuple[Column, ...]
    ignored: tuple[str, ...]
    unit: str | None = None
    first: int = 0
    twice: tuple[str, ...] = ()
    continued: bool = False

    def find(self, key: str, side: str = "") -> Column | None:
        """Return the first column of a key."""
        found = (c for c in self.columns if c.key == key and c.side == side)
        return next(found, None)


def plain(heading: str) -> str:
    """Return a heading without case, unit, punctuation and plural."""
    text = without_unit(heading).replace("%", " ")
    text = re.sub(r"\bper (annum|year)\b|\bp\.?a\.?\b|\bin year\b", "a year", text)
    text = re.sub(r"[^a-z0-9]+", " ", text).strip()
    return re.sub(r"\b(risk|year|saving|scheme|organisation)s\b", r"\1", text)


def year_of(text: str) -> str | None:
    """Return the one financial year that a text names, as "2026/27"; None where it names none.

    A date, as a workbook keeps it, is of the financial year it lies in.
    """
    date = _DATE.fullmatch(text.strip())
    if date is not None:
        year = int(date.group(1)) - (int(date.group(2)) < _APRIL)
        return f"{year}/{(year + 1) % 100:02d}"
    found = list(_YEAR.finditer(text))
    if len(found) != 1:
        return None
    match = found[0]
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
    headings = [[text_of(cell) for cell in cells] for cells in rows[: HEAD_ROWS + 1]]
    for place, texts in enumerate(headings[:HEAD_ROWS]):
        layout = _layout(place, texts, known, given, years=years)
        alone = _has(layout, needs, years=years)
        if place + 1 < len(headings):
            below = _layout(place + 1, headings[place + 1], known, given, years=years)
            joined = _joined(texts, headings[place + 1], known, given, years=years)
            both = _layout(place, joined, known, given, years=years)
            if len(both.columns) > len((layout if alone else below).columns):
                layout = replace(both, first=place + 2)
        if alone or _has(layout, needs, years=years):
            return _with_units(layout, rows, known)
    return None


def _has(layout: Layout, needs: tuple[str, ...], *, years: bool) -> bool:
    """Say whether a row of headings has what a table needs."""
    keys = {column.key for column in layout.columns}
    by_year = sum(key.startswith("year:") for key in keys) if years else 0
    return set(needs) <= keys or by_year > 1 or bool(by_year and needs[0] in keys)


def _joined(
    above: list[str],
    below: list[str],
    known: Mapping[str, tuple[str, ...]],
    given: Mapping[str, str],
    *,
    years: bool,
) -> list[str]:
    """Return two rows as one row of headings: "Impact £000" over "Low" is "Impact £000 Low".

    A heading goes on to the right over empty cells, for figures. Nothing is joined where a cell
    under a heading that is known is no heading: that is a line of the table.
    """
    named = {heading.casefold(): key for key, heading in given.items()}
    width = max(len(above), len(below))
    above, below = ([*row, *[""] * (width - len(row))] for row in (above, below))

    def key_of(text: str) -> str:
        found = _column(0, text, known, named, years=years) if text else None
        return "" if found is None else found[1].key

    joined, over = [], ""
    for upper, lower, after in zip(above, below, [*above, "end"][1:], strict=True):
        over = upper or over
        both, alone = f"{over} {lower}".strip(), key_of(lower)
        if upper and lower and key_of(upper) and upper != lower and not (key_of(both) or alone):
            return []
        figure = _FIGURE.match(alone) is not None
        if lower and lower != upper and key_of(both) and (upper or not alone or figure):
            joined.append(both)
        elif lower and lower != upper and upper and after and not figure:
            joined.append(both)  # one heading in two rows: "Owner" over "Name"
        else:
            joined.append(lower if alone or not upper else upper)
    return joined


def _layout(
    row: int,
    headings: list[str],
    known: Mapping[str, tuple[str, ...]],
    given: Mapping[str, str],
    *,
    years: bool,
) -> Layout:
    named = {heading.casefold(): key for key, heading in given.items()}
    best: dict[tuple[str, str], tuple[int, Column]] = {}
    twice = []
    for place, heading in enumerate(headings):
        found = _column(place, heading, known, named, years=years)
        if found is None:
            continue
        rank, column = found
        one = column.key, column.side
        if one in best and column.key.startswith("year:"):
            twice += [best[one][1].heading, heading]
        if one not in best or rank < best[one][0]:
            best[one] = rank, column
    columns = sorted((column for _, column in best.values()), key=lambda column: column.place)
    places = {column.place for column in columns}
    ignored = [text for place, text in enumerate(headings) if text and place not in places]
    return Layout(row, tuple(columns), tuple(ignored), None, row + 1, tuple(dict.fromkeys(twice)))


def _with_units(
    layout: Layout, rows: Sequence[Sequence[Any]], known: Mapping[str, tuple[str, ...]]
) -> Layout:
    """Add the unit of a title above the headings, and those of a row of units below them."""
    titles = [text_of(cell) for row in rows[: layout.row] for cell in row]
    units = {unit for unit in map(unit_of_title, titles) if unit is not None}
    layout = replace(layout, unit=units.pop() if len(units) == 1 else None)
    below = rows[layout.first] if len(rows) > layout.first else ()
    cells = [text_of(cell) for cell in below]
    said = [cell for cell in cells if cell]
    if not said or not all(unit_of(cell) and not without_unit(cell).strip(" '()") for cell in said):
        name = layout.find("name")
        unnamed = name is not None and not (name.place < len(cells) and cells[name.place])
        headings = [_column(0, cell, known, {}, years=False) for cell in said]
        return replace(layout, continued=bool(said) and unnamed and all(headings))
    columns = tuple(
        replace(column, unit=column.unit or unit_of(cells[column.place]))
        if column.place < len(cells)
        else column
        for column in layout.columns
    )
    return replace(layout, columns=columns, first=layout.first + 1)


def _column(
    place: int,
    heading: str,
    known: Mapping[str, tuple[str, ...]],
    named: Mapping[str, str],
    *,
    years: bool,
) -> tuple[int, Column] | None:
    """Return what a heading means, and how surely: the lower the rank, the surer."""
    unit = unit_of(heading)
    marks: dict[str, Any] = {
        "percent": "%" in heading or "per cent" in heading.casefold(),
        "scores": unit is None and _SCORES.search(heading.casefold()) is not None,
    }
    if heading.casefold() in named:
        return -1, Column(place, heading, named[heading.casefold()], unit, **marks)
    label = year_of(heading) if years else None
    if label is not None:
        return 0, Column(place, heading, f"year:{label}", unit)
    for text in dict.fromkeys((plain(heading), plain(re.sub(r"\(.*?\)|\[.*?\]", " ", heading)))):
        found = _known(text, known, money=unit is not None)
        if found is not None:
            rank, key, side = found
            return rank, Column(place, heading, key, unit, side, **marks)
    return None


def _known(
    text: str, known: Mapping[str, tuple[str, ...]], *, money: bool
) -> tuple[int, str, str] | None:
    """Return rank, key and side of a plain heading; None where it is not known.

    `money` says that the heading had a unit: such a column is money before it is a name.
    """
    side = ""
    for name, words in (("before", _BEFORE), ("after", _AFTER)):
        word = next((word for word in words if re.search(rf"\b{word}\b", text)), None)
        if word is not None and text != word and not side and "impact" in known:
            text, side = re.sub(rf"\b{word}\b", " ", text), name
    text = " ".join(text.split())
    fewer = re.sub(rf"\b({'|'.join(_FILLERS)})\b", " ", text)
    for one in dict.fromkeys((text, " ".join(fewer.split()))):
        bare = re.sub(r" (impact|cost|value|exposure)$|^(impact|cost) ", "", one)
        percentile = _PERCENTILE.fullmatch(bare)
        if percentile is not None and "impact" in known:
            return 0, f"p{next(filter(None, percentile.groups()))}", side
        found = [
            (texts.index(word) + (0 if key not in _MONEY or money else 100), key)
            for key, texts in known.items()
            for word in dict.fromkeys((one, bare))
            if word in texts and (key in _MONEY) >= money
        ]
        if found:
            return (*min(found), side)
    return None


def two_of_a_year(layout: Layout) -> CellFault:
    """Return the fault of a table with two columns of one financial year."""
    return CellFault(
        0,
        -1,
        "",
        "",
        f"has two columns of one year: {', '.join(repr(text) for text in layout.twice)}",
        "one column for each financial year",
    )
