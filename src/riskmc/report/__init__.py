"""The board risk report: one report model, rendered as HTML, PDF and spreadsheet tables.

A report computes nothing: it is filled from measures of the results, and of the few runs beside
them that `extra_runs` makes (stress tests, assumed behaviour, rescue more or less likely).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.report.extra import Extra
    from riskmc.report.model import Report

__all__ = [
    "build_report",
    "extra_runs",
    "extra_runs_of",
    "write_html",
    "write_pdf",
    "write_report",
    "write_tables",
]

HTML, PDF, TABLES = "report.html", "report.pdf", "tables.xlsx"


def write_report(
    results: xr.DataTree,
    folder: str | os.PathLike[str],
    *,
    organisation: str | None = None,
    likelihood_words: bool = True,
    behaviour_results: xr.DataTree | None = None,
    extra: Extra | None = None,
    tables: bool = False,
) -> list[Path]:
    """Write `report.html` and `report.pdf`, and `tables.xlsx` where asked; return where.

    Parameters
    ----------
    results : xarray.DataTree
        As `riskmc.run` gives them or `riskmc.open_results` reads them.
    folder : path
        Where the files go; it must exist.
    organisation : str, optional
        Whose report it is; default: the place's, with every body in it.
    likelihood_words : bool
        Whether words of the PHIA yardstick stand behind the numbers.
    behaviour_results : xarray.DataTree, optional
        Results of `study.with_behaviour()` on the same futures, where they were made already.
    extra : Extra, optional
        The runs beside the main one, from `extra_runs`. They are made here where left out.
    tables : bool
        Also write the tables as a workbook.

    Raises ResultsError for an organisation that is not in the results.
    """
    if extra is None:
        extra = extra_runs_of(results, organisation=organisation, behaviour=behaviour_results)
    report = build_report(
        results, organisation=organisation, likelihood_words=likelihood_words, extra=extra
    )
    target = Path(folder)
    written = [_write_html(report, target / HTML), _write_pdf(report, target / PDF)]
    if tables:
        written.append(_write_tables(report, target / TABLES))
    return written


def build_report(
    results: xr.DataTree,
    *,
    organisation: str | None = None,
    likelihood_words: bool = True,
    extra: Extra | None = None,
) -> Report:
    """Return the report as data; without `extra` the sections that need it are left out."""
    from riskmc.report.build import build
    from riskmc.report.context import Options

    return build(results, Options(organisation, likelihood_words), extra)


def write_html(results: xr.DataTree, path: str | os.PathLike[str], **options: Any) -> Path:
    """Write the report as one HTML file that needs nothing else; options of `build_report`."""
    return _write_html(build_report(results, **options), Path(path))


def write_pdf(results: xr.DataTree, path: str | os.PathLike[str], **options: Any) -> Path:
    """Write the report as a tagged PDF (PDF/UA-1); options of `build_report`."""
    return _write_pdf(build_report(results, **options), Path(path))


def write_tables(results: xr.DataTree, path: str | os.PathLike[str], **options: Any) -> Path:
    """Write every table of the report as a workbook; options of `build_report`."""
    return _write_tables(build_report(results, **options), Path(path))


def extra_runs_of(
    results: xr.DataTree,
    *,
    draws: int | None = None,
    organisation: str | None = None,
    behaviour: xr.DataTree | None = None,
    progress: Any = None,
) -> Extra:
    """Return the runs beside given results: `extra_runs` with their study, seed and scheme."""
    from riskmc.measures.reading import Reader
    from riskmc.report.extra import DRAWS, extra_runs

    reader = Reader(results)
    if organisation is not None:
        reader.choose_bodies(organisation)
    return extra_runs(
        reader.study(),
        draws=min(DRAWS, reader.draws) if draws is None else draws,
        seed=int(results.attrs["seed"]),
        scheme=reader.scheme,
        organisation=organisation,
        behaviour=behaviour,
        progress=progress,
    )


def _write_html(report: Report, path: Path) -> Path:
    from riskmc.report.html import render_html

    path.write_text(render_html(report), encoding="utf-8")
    return path


def _write_pdf(report: Report, path: Path) -> Path:
    from riskmc.report.pdf import render_pdf

    path.write_bytes(render_pdf(report))
    return path


def _write_tables(report: Report, path: Path) -> Path:
    from riskmc.report.spreadsheet import write_workbook

    return write_workbook(report, path)


def __getattr__(name: str) -> Any:
    """Import what makes runs where it is first used."""
    if name == "extra_runs":
        from riskmc.report.extra import extra_runs

        return extra_runs
    raise AttributeError(f"module 'riskmc.report' has no attribute '{name}'")
