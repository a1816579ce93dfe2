"""The report as data: sections of paragraphs, tables, figures and callouts.

One report is filled once and rendered twice, as HTML and as PDF; neither adds or drops anything.
Text is plain; numbers in tables come with the text that is printed and the bare number that a
spreadsheet gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

CalloutKind = Literal["note", "caution", "decision", "draft"]


@dataclass(frozen=True)
class Cell:
    """A cell: as printed, and its bare number (£m, fractions) where it is one."""

    text: str
    number: float | None = None


@dataclass(frozen=True)
class Column:
    """A column: its heading, whether it holds numbers, and their unit in a spreadsheet."""

    heading: str
    numeric: bool = True
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """A table; the first cell of each row is the row's heading.

    `id` is unique in the report and names the sheet, `units` are by row where rows differ.
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"table {self.id}: {len(row)} cells, {len(self.columns)} columns")
        if self.units and len(self.units) != len(self.rows):
            raise ValueError(f"table {self.id}: {len(self.units)} units for {len(self.rows)} rows")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True)
class Subheading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list; `ordered` where the order counts."""

    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Statement:
    """A finding: what it is about, sentences with numbers, and a list that belongs to them."""

    lead: str
    sentences: tuple[str, ...]
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Callout:
    """A box: a note, a caution, the decision asked, or a draft to be signed."""

    kind: CalloutKind
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """Terms and what they mean."""

    terms: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Code:
    """Text to be typed or compared letter by letter; `label` says what it is."""

    text: str
    label: str


@dataclass(frozen=True)
class Picture:
    """A figure with everything that goes with it.

    `svg` has its text as text, for HTML; `outlines` has glyphs drawn, for PDF.
    """

    id: str
    title: str
    alt: str
    caption: str
    svg: str
    outlines: str
    table: Table


@dataclass(frozen=True)
class Foldout:
    """Blocks behind a heading: closed at first on a screen, printed in full."""

    heading: str
    blocks: tuple[Block, ...]


Block = (
    Paragraph | Subheading | Items | Statement | Callout | Terms | Code | Table | Picture | Foldout
)


@dataclass(frozen=True)
class Section:
    """A section; one without blocks is left out of the report."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    annex: bool = False


@dataclass(frozen=True)
class Fact:
    """A line of the cover: what it is, and its value."""

    label: str
    value: str


@dataclass(frozen=True)
class Cover:
    """The cover: whose report, for what, and at most five points."""

    title: str
    subtitle: str
    purpose: str
    facts: tuple[Fact, ...]
    points: tuple[str, ...]
    warning: str = ""

    def __post_init__(self) -> None:
        if len(self.points) > MOST_POINTS:
            raise ValueError(f"{len(self.points)} points on the cover; {MOST_POINTS} at most")


MOST_POINTS = 5


@dataclass(frozen=True)
class Curve:
    """One exceedance curve for the explorer: of one body, year and regime.

    `nothing` of the `draws` futures show no such amount; `values` are exact order statistics of
    the others, evenly spread over their ranks, the least and the greatest among them.
    """

    body: str
    year: str
    regime: str
    draws: int
    nothing: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class Explorer:
    """What the explorer of the HTML report lets one choose, and the curves behind it.

    The PDF leaves it out: the same curves stand there as tables and figures.
    """

    bodies: tuple[tuple[str, str], ...]
    years: tuple[tuple[str, str], ...]
    regimes: tuple[tuple[str, str], ...]
    draws: int
    measure: str
    note: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class Report:
    """The whole report."""

    cover: Cover
    sections: tuple[Section, ...]
    footer: str
    explorer: Explorer | None = None
    language: str = "en-GB"
    keywords: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        seen: set[str] = set()
        names = [section.id for section in self.sections]
        names += [block.id for block in walk(self) if isinstance(block, Table | Picture)]
        for name in names:
            if name in seen:
                raise ValueError(f"two parts of the report are called '{name}'")
            seen.add(name)


def walk(report: Report) -> Iterator[Block]:
    """Yield every block in order, those in foldouts and the tables of figures included."""
    for section in report.sections:
        yield from _within(section.blocks)


def _within(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Foldout):
            yield from _within(block.blocks)
        elif isinstance(block, Picture):
            yield block.table


def tables(report: Report) -> tuple[Table, ...]:
    """Return every table in order, those under figures included."""
    return tuple(block for block in walk(report) if isinstance(block, Table))


def pictures(report: Report) -> tuple[Picture, ...]:
    """Return every figure in order."""
    return tuple(block for block in walk(report) if isinstance(block, Picture))


def numbers(report: Report) -> dict[str, str]:
    """Return "Figure 3" or "Table 2" by id, in order; tables under figures go with these."""
    found: dict[str, str] = {}
    under = {picture.table.id for picture in pictures(report)}
    counts = {"Figure": 0, "Table": 0}
    for block in walk(report):
        if isinstance(block, Picture | Table) and block.id not in under:
            kind = "Figure" if isinstance(block, Picture) else "Table"
            counts[kind] += 1
            found[block.id] = f"{kind} {counts[kind]}"
    return found


def section_titles(report: Report) -> dict[str, str]:
    """Return the sections' titles with their numbers, annexes with letters, by id."""
    found: dict[str, str] = {}
    number = letter = 0
    for section in report.sections:
        if section.annex:
            found[section.id] = f"Annex {chr(ord('A') + letter)}. {section.title}"
            letter += 1
        else:
            number += 1
            found[section.id] = f"{number}. {section.title}"
    return found


def heading(column: Column) -> str:
    """Return a column's heading with its unit."""
    return f"{column.heading} ({column.unit})" if column.unit else column.heading
