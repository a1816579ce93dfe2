"""A sheet to draw on: SVG in points, its text measured with the face that it is set in.

Text stays text, in the page and in the PDF. Everything carries its colour and the name of it, so
that a page may show it on a dark ground. The same calls give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from importlib import resources
from typing import Literal

FAMILY = "Board Sans"
Weight = Literal["regular", "semibold", "bold"]
Anchor = Literal["start", "middle", "end"]
#: Name of each weight's file, and its number.
_WEIGHTS: dict[Weight, tuple[str, int]] = {
    "regular": ("Regular", 400),
    "semibold": ("Semibold", 600),
    "bold": ("Bold", 700),
}
#: Colours by name; text in a colour has 4.5:1 on white, marks 3:1.
COLOURS = {
    "ink": "#1D252C",
    "grey": "#55606A",
    "line": "#CFD6DC",
    "paper": "#FFFFFF",
    "navy": "#12436D",
    "navy-mid": "#95A8BB",
    "navy-pale": "#D4DCE4",
    "orange": "#F46A25",
    "orange-text": "#B8430B",
    "orange-mid": "#FABC9D",
    "orange-pale": "#FDE3D6",
    "slate": "#5B6670",
    "slate-mid": "#B4BBC1",
    "slate-pale": "#E1E5E8",
    "teal": "#28A197",
    "teal-text": "#0F5A53",
    "plum": "#801650",
    "neutral": "#8A939C",
}
#: A character of the face that stands for one that it lacks.
STAND_IN = "□"


@cache
def _metrics(weight: Weight) -> tuple[dict[int, int], int]:
    """Return the advance of every character that the face has, and the units of an em."""
    from fontTools.ttLib import TTFont

    name = f"BoardSans-{_WEIGHTS[weight][0]}.ttf"
    file = resources.files("riskmc.figures") / "fonts" / name
    with resources.as_file(file) as path, TTFont(path, lazy=True) as font:
        advances = {code: font["hmtx"][glyph][0] for code, glyph in font.getBestCmap().items()}
        return advances, int(font["head"].unitsPerEm)


def printable(text: str) -> str:
    """Return text in characters that the face has: what it lacks without its marks, or a box.

    >>> printable("Ysbyty Gŵyr 🏥 – café")
    'Ysbyty Gŵyr □ – café'
    """
    import unicodedata

    known = _metrics("regular")[0]
    if all(ord(letter) in known for letter in text):
        return text
    out = []
    for letter in unicodedata.normalize("NFC", text):
        if ord(letter) in known:
            out.append(letter)
        elif letter.isspace():
            out.append(" ")
        elif unicodedata.category(letter) in ("Mn", "Cf", "Cc", "Me"):
            continue
        else:
            base = unicodedata.normalize("NFKD", letter)
            plain = "".join(part for part in base if ord(part) in known)
            out.append(plain or STAND_IN)
    return "".join(out)


def text_width(text: str, size: float, weight: Weight = "regular") -> float:
    """Return how wide text is, in points."""
    advances, em = _metrics(weight)
    wide = em // 2
    return sum(advances.get(ord(letter), wide) for letter in text) * size / em


def wrapped(text: str, width: float, size: float, weight: Weight = "regular") -> list[str]:
    """Return text in lines that fit a width, every letter of it kept.

    A word wider than a line is broken; nothing is cut.
    """
    out: list[str] = []
    for word in printable(text).split():
        if out and text_width(f"{out[-1]} {word}", size, weight) <= width:
            out[-1] = f"{out[-1]} {word}"
        else:
            out += _broken(word, width, size, weight)
    return out or [""]


def _broken(word: str, width: float, size: float, weight: Weight) -> list[str]:
    """Return a word in parts that fit a width, a hyphen at the end of all but the last."""
    parts: list[str] = []
    while text_width(word, size, weight) > width and len(word) > 1:
        fits = (k for k in range(len(word) - 1, 1, -1)
                if text_width(f"{word[:k]}-", size, weight) <= width)  # fmt: skip
        at = next(fits, 1)
        parts.append(f"{word[:at]}-")
        word = word[at:]
    return [*parts, word]


class Canvas:
    """SVG elements, in the order drawn; the origin is the upper left corner, units are points."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Draw a filled rectangle."""
        if width < 0.0:
            x, width = x + width, -width
        self._parts.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" '
            f"{_fill(colour)}/>"
        )

    def line(
        self,
        points: Sequence[tuple[float, float]],
        colour: str,
        width: float = 0.6,
        dash: str = "",
    ) -> None:
        """Draw a line through points."""
        where = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        broken = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<polyline points="{where}" fill="none" class="s-{colour}" '
            f'stroke="{COLOURS[colour]}" stroke-width="{width:g}"{broken}/>'
        )

    def area(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """Fill the polygon through points."""
        where = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        self._parts.append(f'<polygon points="{where}" {_fill(colour)}/>')

    def mark(self, x: float, y: float, kind: str, colour: str, size: float = 2.4) -> None:
        """Draw a circle, a square or a triangle at a point."""
        if kind == "circle":
            self._parts.append(
                f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{size:.2f}" {_fill(colour)}/>'
            )
        elif kind == "square":
            self.rect(x - size, y - size, 2 * size, 2 * size, colour)
        else:
            up = 1.2 * size
            self.area([(x, y - up), (x + up, y + up), (x - up, y + up)], colour)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 8.5,
        colour: str = "grey",
        weight: Weight = "regular",
        anchor: Anchor = "start",
    ) -> None:
        """Set a line of text on a baseline."""
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._parts.append(
            f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:g}" '
            f'font-weight="{_WEIGHTS[weight][1]}"{where} {_fill(colour)}>'
            f"{escape(printable(text))}</text>"
        )

    def svg(self, alt: str) -> str:
        """Return the drawing as SVG with its alternative text."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} '
            f'{self.height:g}" role="img" aria-label="{escape(printable(alt))}" '
            f'font-family="{FAMILY}">{"".join(self._parts)}</svg>'
        )


def _fill(colour: str) -> str:
    return f'class="f-{colour}" fill="{COLOURS[colour]}"'
