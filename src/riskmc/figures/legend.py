"""Keys: what fills, lines and marks mean, in rows of samples with words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from riskmc.figures.labels import mark
from riskmc.figures.layout import EDGE, Sheet, line_height, text_width, wrap
from riskmc.figures.style import BASE, GREY, INK, LOOKS, SMALL, WIDTH, Look

KeyKind = Literal["pale", "dark", "core", "median", "dashed", "floor"]
#: Fills of band samples: grey, for bands of any regime's colour.
_GREYS = {"pale": "#E3E6E8", "dark": "#A9B0B5", "core": GREY}
_DASHES = {"pale": (0, (3.0, 2.0))}
_SAMPLE = 0.36
_ROW = 0.24


@dataclass(frozen=True)
class KeyEntry:
    """One sample and its words; a `fill` of its own makes it a filled sample with a hatch."""

    kind: KeyKind
    text: str
    fill: str = ""
    hatch: str = ""


def _rows(entries: Sequence[KeyEntry]) -> list[list[KeyEntry]]:
    rows: list[list[KeyEntry]] = [[]]
    used = EDGE
    for entry in entries:
        needed = 0.45 + text_width(entry.text, SMALL) + 0.2
        if rows[-1] and used + needed > WIDTH - EDGE:
            rows.append([])
            used = EDGE
        rows[-1].append(entry)
        used += needed
    return rows


def key_height(entries: Sequence[KeyEntry]) -> float:
    """Return the height of a key, inches."""
    return _ROW * len(_rows(entries)) + 0.08


def draw_key(sheet: Sheet, entries: Sequence[KeyEntry], top: float) -> None:
    """Draw a key downwards from `top`, inches."""
    for r, row in enumerate(_rows(entries)):
        x = EDGE
        y = top - _ROW * (r + 1)
        for entry in row:
            _sample(sheet, entry, x, y)
            sheet.write(x + 0.45, y + 0.01, entry.text, size=SMALL)
            x += 0.45 + text_width(entry.text, SMALL) + 0.2


def _sample(sheet: Sheet, entry: KeyEntry, x: float, y: float) -> None:
    if entry.fill or entry.kind in _GREYS:
        sheet.figure.add_artist(
            Rectangle(
                (x / sheet.width, y / sheet.full),
                _SAMPLE / sheet.width,
                0.14 / sheet.full,
                facecolor=entry.fill or _GREYS[entry.kind],
                edgecolor=INK,
                hatch=entry.hatch or None,
                linewidth=0.8,
                linestyle="-" if entry.fill else _DASHES.get(entry.kind, "-"),
                transform=sheet.figure.transFigure,
            )
        )
        return
    pieces = {
        "median": [(0.0, _SAMPLE)],
        "dashed": [(0.0, 0.14), (0.22, _SAMPLE)],
        "floor": [(0.0, 0.08), (0.14, 0.22), (0.28, _SAMPLE)],
    }[entry.kind]
    thick = 2.6 if entry.kind == "median" else 1.5
    for a, b in pieces:
        sheet.line([x + a, x + b], [y + 0.07] * 2, colour=INK, width=thick)


def regime_key_lines(labels: Sequence[str]) -> list[list[str]]:
    """Return the lines of a key of regimes, one regime below another."""
    return [wrap(label, WIDTH - 2 * EDGE - 0.6, BASE, "bold") for label in labels]


def regime_key_height(labels: Sequence[str]) -> float:
    """Return the height of a key of regimes, inches; none is needed for one."""
    if len(labels) < 2:
        return 0.0
    return sum(map(len, regime_key_lines(labels))) * line_height(BASE) + 0.06


def regime_key(sheet: Sheet, labels: Sequence[str], top: float) -> None:
    """Draw the line and marker of each regime beside its name, downwards from `top`."""
    if len(labels) < 2:
        return
    for look, lines in zip(LOOKS, regime_key_lines(labels), strict=False):
        y = top - 0.5 * line_height(BASE)
        sample_line(sheet, EDGE, EDGE + 0.45, y, look)
        mark(sheet, EDGE + 0.225, y, look)
        top = sheet.write_lines(EDGE + 0.55, top, lines, weight="bold", colour=look.deep)


def sample_line(sheet: Sheet, left: float, right: float, y: float, look: Look) -> None:
    """Draw a sample of a regime's line."""
    sheet.figure.add_artist(
        Line2D(
            [left / sheet.width, right / sheet.width],
            [y / sheet.full] * 2,
            color=look.main,
            linestyle=look.line,
            linewidth=2.0,
            transform=sheet.figure.transFigure,
        )
    )
