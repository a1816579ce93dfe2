"""Paper and annex as tagged PDF (PDF/UA-1), typeset by typst with the face of the package.

Everything goes in as one JSON text; no clock, no path and no font of the machine has a say, so
that the same facts give the same bytes.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from riskmc.figures.canvas import printable
from riskmc.report.model import Document, as_data


def render_pdf(document: Document) -> bytes:
    """Return a document as PDF: same document, same bytes."""
    compiled = _compiled(document, format="pdf", pdf_standards=["ua-1"])
    assert isinstance(compiled, bytes)
    return compiled


def render_pages(document: Document, *, ppi: float = 110.0) -> list[bytes]:
    """Return the pages of a document as PNG pictures."""
    compiled = _compiled(document, format="png", ppi=ppi)
    return compiled if isinstance(compiled, list) else [compiled]


def _compiled(document: Document, **how: Any) -> Any:
    import typst

    data = json.dumps(_printable(as_data(document)), ensure_ascii=False)
    with resources.as_file(resources.files("riskmc.figures") / "fonts") as folder:
        return typst.compile(
            template_text("paper.typ").encode("utf-8"),
            font_paths=typst.Fonts(include_system_fonts=False, font_paths=[folder]),
            sys_inputs={"document": data},
            **how,
        )


def _printable(data: Any) -> Any:
    """Return data whose text the face can print; drawings have been made so already."""
    if isinstance(data, dict):
        return {key: value if key == "svg" else _printable(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_printable(part) for part in data]
    return printable(data) if isinstance(data, str) else data


def template_text(name: str) -> str:
    """Return a file of the package's templates."""
    return (resources.files("riskmc.report") / "templates" / name).read_text(encoding="utf-8")
