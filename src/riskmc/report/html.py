"""The page: paper, explorer and annex in one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import json
from importlib import resources
from typing import Any

from riskmc.report.explorer import Explorer
from riskmc.report.model import Document
from riskmc.report.pdf import template_text

_FACES = (
    ("Regular", 400, "normal"),
    ("Semibold", 600, "normal"),
    ("Bold", 700, "normal"),
    ("Italic", 400, "italic"),
)


def render_html(
    paper: Document, annex: Document | None = None, explorer: Explorer | None = None
) -> str:
    """Return the page: same documents, same text."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FunctionLoader(template_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.filters["svg"] = Markup  # drawn by riskmc.figures, which escapes its text
    environment.globals["pc"] = lambda share: f"{100.0 * min(max(share, 0.0), 1.0):.2f}%"
    return environment.get_template("page.html.j2").render(
        paper=paper,
        annex=annex,
        explorer=explorer,
        style=Markup(_faces() + template_text("page.css")),
        script=Markup(template_text("page.js")),
        explorer_data=Markup("" if explorer is None else _safe_json(explorer.data())),
    )


def _faces() -> str:
    """Return the text face as rules of the style sheet, the files inside."""
    folder = resources.files("riskmc.figures") / "fonts"
    rules = []
    for name, weight, style in _FACES:
        data = base64.b64encode((folder / f"BoardSans-{name}.woff2").read_bytes()).decode("ascii")
        rules.append(
            f'@font-face{{font-family:"Board Sans";font-weight:{weight};font-style:{style};'
            f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
        )
    return "\n".join(rules) + "\n"


def _safe_json(data: dict[str, Any]) -> str:
    """Return JSON that cannot end the script element that holds it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
