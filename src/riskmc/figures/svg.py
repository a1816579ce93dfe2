"""From a matplotlib figure to SVG that can stand in a page or a PDF.

The SVG is self-contained and the same, byte for byte, for the same input: no date, no version,
no random ids. Ids carry a prefix, so that several figures may stand in one page; width and
height are left out, so that it takes the width of its place.
"""

from __future__ import annotations

import re
from html import escape
from io import StringIO
from typing import Any, Literal

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from riskmc.figures.style import FONT, style

Text = Literal["none", "path"]
#: Fonts a browser may use: narrower than or as wide as the one the layout was measured with.
FONT_STACK = "Arial, 'Helvetica Neue', 'Liberation Sans', 'DejaVu Sans', sans-serif"
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def to_svg(figure: Figure, *, prefix: str, title: str, alt: str, text: Text = "none") -> str:
    """Return a figure as SVG text.

    prefix  starts every id; letters, digits, "-" and "_", unique in the page
    title   accessible name
    alt     accessible description
    text    "none": text stays text, for HTML; "path": outlines of glyphs, for PDF
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", prefix):
        raise ValueError(f"prefix '{prefix}' is not a letter followed by letters, digits, - or _")
    buffer = StringIO()
    with style(**{"svg.fonttype": text}):
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(buffer, metadata=_NO_METADATA)
    return _clean(buffer.getvalue(), prefix=prefix, title=title, alt=alt)


def _clean(svg: str, *, prefix: str, title: str, alt: str) -> str:
    body = svg[svg.index("<svg") :]
    head, body = body.split(">", 1)
    box = re.search(r'viewBox="([^"]*)"', head)
    assert box is not None
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r"<style[^>]*>.*?</style>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL)
    body = body.replace("<defs>\n </defs>", "").replace("<defs>\n </defs>\n", "")
    body = body.replace("xlink:href", "href")
    body = body.replace(f"'{FONT}'", FONT_STACK)
    body = _prefixed_ids(body, prefix)
    body = re.sub(r"\n\s*", "\n", body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box.group(1)}" role="img" '
        f'aria-labelledby="{prefix}-title" aria-describedby="{prefix}-desc" '
        'stroke-linejoin="round" stroke-linecap="butt">\n'
        f'<title id="{prefix}-title">{escape(title)}</title>\n'
        f'<desc id="{prefix}-desc">{escape(alt)}</desc>\n{body.strip()}\n'
    )


def _prefixed_ids(body: str, prefix: str) -> str:
    """Drop ids that nothing refers to; put the prefix before the others."""
    used = set(re.findall(r'href="#([^"]+)"', body)) | set(re.findall(r"url\(#([^)]+)\)", body))

    def renamed(match: re.Match[str]) -> str:
        return f' id="{prefix}-{match.group(1)}"' if match.group(1) in used else ""

    body = re.sub(r' id="([^"]+)"', renamed, body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', body)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", body)
