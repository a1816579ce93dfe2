"""How figures look: palette, marks for black and white, and a style that is the same everywhere.

matplotlib keeps its settings in one global table. `styled` puts ours there while a figure is
drawn, under a lock, and puts back what was there: what a user has set does not reach our
figures, nor ours the user's, and threads may draw at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

import matplotlib as mpl

P = ParamSpec("P")
R = TypeVar("R")

#: Sizes in points, in a figure 6.4 inches wide.
BASE, SMALL, LARGE = 12.0, 11.0, 14.0
WIDTH = 6.4
FONT = "DejaVu Sans"

INK = "#0B0C0C"
GREY = "#505A5F"
GRID = "#DDE1E3"
PAPER = "#FFFFFF"


@dataclass(frozen=True)
class Palette:
    """How one regime is drawn, distinguished without colour too.

    main   lines, markers, bars; 3:1 on white
    deep   edges, and text in its colour; 4.5:1 on white, 3:1 on `soft`
    soft   inner band
    pale   outer band
    """

    main: str
    deep: str
    soft: str
    pale: str
    marker: str
    line: str | tuple[float, tuple[float, ...]]
    hatch: str


#: Dark and light take turns, so that neighbours differ by 3:1 in black and white.
LOOKS: tuple[Palette, ...] = (
    Palette("#12436D", "#12436D", "#6BACE6", "#CFE3F6", "o", "-", ""),
    Palette("#F46A25", "#6B2605", "#F9A67B", "#FDE3D6", "s", (0, (5.0, 2.0)), "////"),
    Palette("#801650", "#801650", "#D9A5C0", "#F2DFE9", "^", (0, (1.5, 1.5)), "...."),
    Palette("#28A197", "#084640", "#7CCBC4", "#D6EFEC", "D", (0, (6.0, 2.0, 1.5, 2.0)), "xx"),
)

_LOCK = threading.RLock()
_RC: dict[str, object] = {
    "font.family": [FONT],
    "font.size": BASE,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "lines.markersize": 6.0,
    "hatch.linewidth": 0.9,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "savefig.edgecolor": PAPER,
    "svg.hashsalt": "riskmc",
    "svg.image_inline": True,
    "path.simplify": True,
}


@contextmanager
def style(**settings: object) -> Iterator[None]:
    """Draw with our settings, whatever the user's are; put theirs back afterwards."""
    with _LOCK, mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({**_RC, **settings})
        yield


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Make a drawing function draw in our style."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with style():
            return function(*args, **kwargs)

    return inside
