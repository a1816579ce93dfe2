"""What a paper and an annex are made of: pages of blocks, as plain data.

One model is filled once and rendered twice, as a page and as a PDF; neither adds or drops a word
of what fits. Text is a row of spans, so that a number may be bold and a gap may be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from riskmc.figures.base import Panel

Tone = Literal["better", "worse", "tie", "plain"]


@dataclass(frozen=True)
class Span:
    """Some text: plain, bold, a gap that officers fill ("todo"), a pill, or in a regime's colour.

    style  "", "bold", "todo", "better", "worse", "tie", "low", or "regime0", "regime1", "regime2"
    """

    text: str
    style: str = ""


Text = tuple[Span, ...]


def text(*parts: str | Span) -> Text:
    """Return text from strings and spans; **bold** and [[a gap]] are marked so."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, Span):
            spans.append(part)
            continue
        for piece in re.split(r"(\*\*.+?\*\*|\[\[.+?\]\])", part):
            if piece.startswith("**"):
                spans.append(Span(piece[2:-2], "bold"))
            elif piece.startswith("[["):
                spans.append(Span(f"[{piece[2:-2]}]", "todo"))
            elif piece:
                spans.append(Span(piece))
    return tuple(spans)


def plain(parts: Text) -> str:
    """Return text without its styles."""
    return "".join(span.text for span in parts)


@dataclass(frozen=True)
class Block:
    """A part of a page. Where a page overflows, the lowest `drop` above 0 goes first.

    `what` is what the page then says has gone; "" where it goes with another that says so.
    """

    drop: int = field(default=0, kw_only=True)
    what: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Para(Block):
    """A paragraph; `role`: "body", "lede", "note" or "sub"."""

    text: Text
    role: str = "body"


@dataclass(frozen=True)
class Heading(Block):
    """A heading of level 2 or 3."""

    text: str
    level: int = 3


@dataclass(frozen=True)
class Fields(Block):
    """The fields at the head of a paper, label and value; `wide` ones follow, a line each."""

    rows: tuple[tuple[str, Text], ...]
    wide: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True)
class Ask(Block):
    """A box with numbered lines, and one more below them."""

    title: str
    items: tuple[Text, ...]
    tail: Text = ()


@dataclass(frozen=True)
class Bar:
    """A bar on the axis of its row, in shares of it: a range with its middle, or from nil."""

    low: float
    middle: float
    high: float
    is_range: bool


@dataclass(frozen=True)
class Cell:
    """A number of the strip: big, with what follows it small, a bar, and a line below.

    `look` is the place of the regime among the looks.
    """

    big: str
    unit: str
    look: int
    bar: Bar | None
    below: str
    head: str = ""


@dataclass(frozen=True)
class Judgement:
    """A verdict in words: a label with its tone, a line that stands out, and one more."""

    label: str
    tone: Tone
    strong: str
    more: str


@dataclass(frozen=True)
class StripRow:
    """A question, one sentence that answers it, the numbers, and a verdict on each comparison."""

    question: str
    sentence: str
    cells: tuple[Cell, ...]
    judgements: tuple[Judgement, ...] = ()
    spanning: bool = False


@dataclass(frozen=True)
class Strip(Block):
    """The answers: questions down, sets of rules across, the verdict last or under the numbers."""

    head: str
    columns: tuple[tuple[str, int], ...]
    last: str
    rows: tuple[StripRow, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table: heading, whether it holds numbers, width as a share, its regime."""

    heading: str
    numeric: bool = False
    width: float = 1.0
    look: int = -1


@dataclass(frozen=True)
class Row:
    """A row of a table; `group` rows head those below them."""

    cells: tuple[Text, ...]
    group: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Table(Block):
    """A table; the first cell of a row is its heading.

    spare   so many rows at the end may go where the page overflows
    cards   each row becomes a card on a phone
    caption of a table that needs one
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    spare: int = 0
    cards: bool = True
    caption: str = ""
    small: bool = False


@dataclass(frozen=True)
class FigureBlock(Block):
    """A figure: its number and title, panels, and the note below."""

    id: str
    number: str
    title: str
    panels: tuple[Panel, ...]
    note: str


@dataclass(frozen=True)
class Columns(Block):
    """Two stacks of blocks alongside each other; `share` of the width is the left one's."""

    left: tuple[Block, ...]
    right: tuple[Block, ...]
    share: float = 0.5


@dataclass(frozen=True)
class Card(Block):
    """A shaded box."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Bands(Block):
    """What a band should hold and what it held, of 100."""

    rows: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Code(Block):
    """Text to be typed or compared letter by letter."""

    text: str


@dataclass(frozen=True)
class Page:
    """A page of the paper, or a section of the annex."""

    id: str
    head: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A whole paper or annex.

    kind   "Board paper" or "Technical annex"
    title  of the file
    head   alongside the kind, on every page
    right  at the right of the first page's head
    foot   on every page
    draft  why it is only a draft; "" where it is none
    """

    kind: str
    title: str
    head: str
    right: Text
    pages: tuple[Page, ...]
    foot: str
    draft: str = ""


def as_data(thing: Any) -> Any:
    """Return a part of the model as lists and dictionaries, each dataclass with its `kind`."""
    if is_dataclass(thing) and not isinstance(thing, type):
        data = {row.name: as_data(getattr(thing, row.name)) for row in fields(thing)}
        return {"is": type(thing).__name__, **data}
    if isinstance(thing, tuple | list):
        return [as_data(part) for part in thing]
    if isinstance(thing, dict):
        return {key: as_data(value) for key, value in thing.items()}
    return thing


def blocks_of(document: Document) -> Iterator[Block]:
    """Yield every block of a document, those within others too."""
    for page in document.pages:
        yield from _within(page.blocks)


def _within(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Columns):
            yield from _within(block.left)
            yield from _within(block.right)
        elif isinstance(block, Card):
            yield from _within(block.blocks)


def words_of(document: Document) -> Iterator[str]:
    """Yield every piece of text that is printed, drawings apart."""
    for page in document.pages:
        yield page.title
    for block in blocks_of(document):
        yield from _words(block)


def _words(block: Block) -> Iterator[str]:
    if isinstance(block, Para):
        yield plain(block.text)
    elif isinstance(block, Heading):
        yield block.text
    elif isinstance(block, Fields):
        yield from (
            part for label, value in (*block.rows, *block.wide) for part in (label, plain(value))
        )
    elif isinstance(block, Ask):
        yield from (plain(item) for item in (*block.items, block.tail) if item)
    elif isinstance(block, Strip):
        for row in block.rows:
            yield from (row.question, row.sentence)
            yield from (part for c in row.cells for part in (f"{c.big} {c.unit}", c.below))
            for given in row.judgements:
                yield from (given.label, given.strong, given.more)
    elif isinstance(block, Table):
        yield from (plain(cell) for row in block.rows for cell in row.cells)
    elif isinstance(block, FigureBlock):
        yield from (block.title, block.note)
    elif isinstance(block, Card):
        yield block.title
