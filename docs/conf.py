"""The documentation site: Sphinx, MyST for the Markdown, numpydoc for the API reference.

Sphinx rather than mkdocs, because its API reference reads numpydoc as it stands, checks every
cross-reference, and turns warnings into errors.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version as installed_version
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

#: Modules whose `__all__` is public: `riskmc` itself and the documented second level.
PUBLIC = (
    "riskmc",
    "riskmc.study",
    "riskmc.inputs",
    "riskmc.variables",
    "riskmc.distributions",
    "riskmc.fitting",
    "riskmc.accounts",
    "riskmc.calibration",
    "riskmc.sampling",
    "riskmc.runs",
    "riskmc.results",
    "riskmc.measures",
    "riskmc.replays",
    "riskmc.variants",
    "riskmc.attribution",
    "riskmc.backtests",
    "riskmc.exports",
    "riskmc.figures",
    "riskmc.report",
    "riskmc.errors",
)

project = "riskmc"
author = "The riskmc developers"
release = installed_version("riskmc")
language = "en-GB"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
]
root_doc = "README"
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
# Links from a page to a file outside docs/ are right on a code host and in an editor, and are
# checked by tests/test_docs.py; Sphinx cannot follow them.
suppress_warnings = ["myst.xref_missing", "myst.header"]

autosummary_generate = True
autodoc_typehints = "none"
add_module_names = False
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "pydata_sphinx_theme"
html_title = "riskmc"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
html_show_sourcelink = False

lexers["csv"] = TextLexer()


def write_api_pages() -> None:
    """Write the list of what users import, from each module's `__all__`."""
    folder = Path(__file__).parent / "api"
    folder.mkdir(exist_ok=True)
    parts = ["# API reference\n\nWhat users import. Anything else may change in any release.\n"]
    listed: set[str] = set()
    for name in PUBLIC:
        module = import_module(name)
        own = sorted(set(module.__all__) - listed)  # each name once, where users import it first
        listed |= set(own)
        names = "\n".join(f"   {public}" for public in own)
        first = (module.__doc__ or "").strip().splitlines()[0]
        parts.append(
            f"## {name}\n\n{first}\n\n```{{eval-rst}}\n.. currentmodule:: {name}\n\n"
            f".. autosummary::\n   :toctree: generated\n   :nosignatures:\n\n{names}\n```\n"
        )
    (folder / "index.md").write_text("\n".join(parts), encoding="utf-8")


def write_gallery() -> None:
    """Write a page of every figure of the paper, drawn from a small run of the example."""
    from riskmc import load_study, run
    from riskmc.figures import FIGURES
    from riskmc.figures.base import LOOKS
    from riskmc.report import Report

    folder = Path(__file__).parent / "gallery"
    folder.mkdir(exist_ok=True)
    study = load_study(Path(__file__).parent.parent / "configs" / "example.toml")
    figures = Report(run(study, draws=1024, workers=1)).figures
    rules = list(zip(study.regimes, LOOKS, strict=False))
    shown = {type(figure) for figure in figures}
    invented = [kind.example(rules, 100.0) for kind in FIGURES if kind not in shown]
    parts = [
        f"# Gallery\n\nThe figures of the board paper, drawn from 1,024 futures of "
        f"`configs/example.toml` ({study.title}), then those of the annex, with invented numbers. "
        f"[How to read each](../figures.md).\n"
    ]
    for figure in (*figures, *invented):
        parts.append(f"## {figure.title()}\n")
        for number, panel in enumerate(figure.panels(), start=1):
            name = f"{figure.key}-{number}.svg"
            (folder / name).write_text(panel.svg, encoding="utf-8")
            heading = f"**{panel.heading}**\n\n" if panel.heading else ""
            alt = panel.alt.replace("[", "(").replace("]", ")")
            parts.append(f"{heading}![{alt}]({name})\n")
        parts.append(f"{figure.note()}\n")
    (folder / "index.md").write_text("\n".join(parts), encoding="utf-8")


write_api_pages()
write_gallery()
