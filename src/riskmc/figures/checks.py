"""Does any text of a figure overlap another, or leave the sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from riskmc.figures.style import style

_DPI = 144.0
#: Boxes may share this many points: ascenders and descenders do not touch there.
_SLACK = 1.0


def overlaps(drawn: Axes | Figure | Iterable[Axes]) -> list[str]:
    """Return what is wrong with the text of a figure: pairs that overlap, text that is cut off.

    Takes Axes, several Axes, or a Figure; looks at the whole figure, by bounding boxes.
    """
    figure = _figure(drawn)
    with style():
        canvas = figure.canvas
        # matplotlib does not type its canvas
        agg: Any = FigureCanvasAgg(figure)
        old = figure.dpi
        figure.set_dpi(_DPI)
        try:
            agg.draw()
            boxes = list(_boxes(figure, agg))
            sheet = figure.bbox.frozen()
        finally:
            figure.set_dpi(old)
            figure.set_canvas(canvas)
    return [*_outside(boxes, sheet), *_pairs(boxes)]


def _figure(drawn: Axes | Figure | Iterable[Axes]) -> Figure:
    if isinstance(drawn, Figure):
        return drawn
    first = drawn if isinstance(drawn, Axes) else next(iter(drawn))
    return cast(Figure, first.get_figure(root=True))


def _texts(figure: Figure) -> Iterator[Text]:
    """Yield every text that is seen: not the tick labels outside the scale's limits."""
    hidden: set[int] = set()
    for axis in figure.findobj(Axis):
        assert isinstance(axis, Axis)
        low, high = sorted(axis.get_view_interval())
        room = 1e-6 * (high - low)
        seen = axis.axes.axison and axis.axes.get_visible()
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            inside = low - room <= tick.get_loc() <= high + room
            for label in (tick.label1, tick.label2):
                if not (inside and seen):
                    hidden.add(id(label))
        if not seen:
            hidden.update((id(axis.label), id(axis.get_offset_text())))
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in hidden:
            yield text


def _boxes(figure: Figure, agg: Any) -> Iterator[tuple[str, Bbox]]:
    for text in _texts(figure):
        yield text.get_text(), text.get_window_extent(agg.get_renderer())


def _outside(boxes: list[tuple[str, Bbox]], sheet: Bbox) -> list[str]:
    slack = _SLACK * _DPI / 72.0
    return [
        f"'{text}' leaves the sheet"
        for text, box in boxes
        if box.x0 < sheet.x0 - slack
        or box.y0 < sheet.y0 - slack
        or box.x1 > sheet.x1 + slack
        or box.y1 > sheet.y1 + slack
    ]


def _pairs(boxes: list[tuple[str, Bbox]]) -> list[str]:
    slack = _SLACK * _DPI / 72.0
    found = []
    for i, (text, box) in enumerate(boxes):
        for other_text, other in boxes[i + 1 :]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            down = min(box.y1, other.y1) - max(box.y0, other.y0)
            if across > slack and down > slack:
                found.append(f"'{text}' overlaps '{other_text}'")
    return found
