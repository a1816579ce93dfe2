"""The report as one HTML file that needs nothing else: no server, no network, no other file."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from riskmc.report.explorer import explorer_data
from riskmc.report.model import Explorer, Report, heading, numbers, section_titles

_FOLDER = "templates"


def render_html(report: Report) -> str:
    """Return the report as HTML: same report, same text."""
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
    environment.filters["longest_word"] = lambda text: max(map(len, text.split()), default=0)
    environment.filters["heading"] = heading
    environment.filters["number"] = lambda value: f"{value:.10g}"
    environment.filters["svg"] = Markup  # drawn by riskmc.figures, which escapes its text
    explorer = report.explorer
    return environment.get_template("report.html.j2").render(
        report=report,
        numbers=numbers(report),
        titles=section_titles(report),
        style=Markup(template_text("report.css")),
        script=Markup(template_text("report.js") + _explorer_script(explorer)),
        explorer_data=Markup("" if explorer is None else _safe_json(explorer_data(explorer))),
    )


def template_text(name: str) -> str:
    """Return a file of the package's templates."""
    return (resources.files("riskmc.report") / _FOLDER / name).read_text(encoding="utf-8")


def _explorer_script(explorer: Explorer | None) -> str:
    return "" if explorer is None else template_text("explorer.js")


def _safe_json(data: dict[str, Any]) -> str:
    """Return JSON that cannot end the script element it stands in."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
