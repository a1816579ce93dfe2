"""The reports of a run: a board paper, its technical annex, one page of both, and a workbook.

All are made of the same facts: a report computes nothing of its own, and no number is worked out
twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskmc.figures.base import Figure
    from riskmc.measures.view import Results, Source
    from riskmc.report.facts import Facts
    from riskmc.report.model import Document
    from riskmc.report.sides import Sides

__all__ = ["ANNEX", "HTML", "PAPER", "TABLES", "Report", "write_report"]

PAPER, ANNEX, HTML, TABLES = "paper.pdf", "annex.pdf", "report.html", "tables.xlsx"


class Report:
    """Everything that is printed of a run, each part made when it is first asked for.

    Parameters
    ----------
    results : xarray.DataTree or Results
        As `riskmc.run` gives them or `riskmc.open_results` reads them.
    organisation : str, optional
        Whose report it is; default: the place's, with every body in it.
    progress : callable, optional
        Given a line of what is being made.
    with_sides : bool
        Also make the few runs alongside the main one: stress tests, behaviour, rescue more or less
        likely; and what the study itself asks for. Without them what needs them is left out.
    folder : path, optional
        What the study's `previous` is relative to: where its file is; default: where you are.
    attribute : bool
        Say which rule does the work even where the study does not ask for it.

    Raises
    ------
    ResultsError
        When first used: for an organisation that is not in the results, or results without draws.
    """

    def __init__(
        self,
        results: Source,
        *,
        organisation: str | None = None,
        progress: Callable[[str], None] | None = None,
        with_sides: bool = True,
        folder: str | os.PathLike[str] | None = None,
        attribute: bool = False,
    ) -> None:
        self._results = results
        self.organisation = organisation
        self._say = progress or _nothing
        self._with_sides = with_sides
        self._folder = None if folder is None else Path(folder)
        self._attribute = attribute
        self._sides: Sides | None = None

    @cached_property
    def view(self) -> Results:
        """The results, read once."""
        from riskmc.measures.view import view_of

        return view_of(self._results)

    @cached_property
    def facts(self) -> Facts:
        """Every number."""
        from riskmc.report.facts import build_facts

        facts, self._sides = build_facts(
            self.view,
            organisation=self.organisation,
            with_sides=self._with_sides,
            folder=self._folder,
            attribute=self._attribute,
            progress=self._say,
        )
        return facts

    @cached_property
    def paper(self) -> Document:
        """The board paper."""
        from riskmc.report.paper import build_paper

        return build_paper(self.facts)

    @cached_property
    def annex(self) -> Document:
        """The technical annex."""
        from riskmc.report.annex import build_annex

        facts = self.facts
        return build_annex(facts, self.view, self._sides, paper=self.paper)

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of the paper, in order."""
        from riskmc.report.paper.build import figures_of

        return figures_of(self.facts)

    def write_paper(self, folder: str | os.PathLike[str]) -> Path:
        """Write the board paper, four pages of tagged PDF.

        Parameters
        ----------
        folder : path
            Where to; it must exist.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        OSError
            Where the file cannot be written.
        """
        from riskmc.report.pdf import render_pdf

        document = self.paper
        self._say("the board paper")
        return _written(Path(folder) / PAPER, render_pdf(document))

    def write_annex(self, folder: str | os.PathLike[str]) -> Path:
        """Write the technical annex as tagged PDF.

        Parameters
        ----------
        folder : path
            Where to; it must exist.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        OSError
            Where the file cannot be written.
        """
        from riskmc.report.pdf import render_pdf

        document = self.annex
        self._say("the annex")
        return _written(Path(folder) / ANNEX, render_pdf(document))

    def write_html(self, folder: str | os.PathLike[str]) -> Path:
        """Write the page: paper, explorer and annex in one file.

        Parameters
        ----------
        folder : path
            Where to; it must exist.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        OSError
            Where the file cannot be written.
        """
        return _written(Path(folder) / HTML, self.html().encode("utf-8"))

    def html(self) -> str:
        """Return the page as text.

        Returns
        -------
        str
            HTML that needs no other file.
        """
        from riskmc.report.explorer import build_explorer
        from riskmc.report.html import render_html

        paper, annex = self.paper, self.annex
        self._say("the page")
        return render_html(paper, annex, build_explorer(self.view, self.facts.names))

    def write_tables(self, folder: str | os.PathLike[str]) -> Path:
        """Write every number as a workbook.

        Parameters
        ----------
        folder : path
            Where to; it must exist.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        OSError
            Where the file cannot be written.
        """
        from riskmc.report.spreadsheet import write_workbook

        documents = (self.paper, self.annex)
        self._say("the tables")
        target = Path(folder) / TABLES
        return write_workbook(self.facts, self.view.study, documents, self.figures, target)

    def _repr_html_(self) -> str:
        """Show the paper in a notebook."""
        from html import escape

        return f'<iframe srcdoc="{escape(self.html())}" width="100%" height="800"></iframe>'


def write_report(results: Source, folder: str | os.PathLike[str], **options: Any) -> list[Path]:
    """Write paper, annex, page and tables into a folder.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run.
    folder : str or path
        Where to write; files of the same names are replaced.
    **options
        As in `Report`.

    Returns
    -------
    list of Path
        The files written.
    """
    report = Report(results, **options)
    return [
        report.write_paper(folder),
        report.write_annex(folder),
        report.write_html(folder),
        report.write_tables(folder),
    ]


def _nothing(words: str) -> None:
    """Say nothing."""


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
