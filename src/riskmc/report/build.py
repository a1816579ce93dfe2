"""Filling the report: sections in order, those without content left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmc.errors import ResultsError
from riskmc.report.context import Context, Options
from riskmc.report.explorer import build_explorer
from riskmc.report.model import Report
from riskmc.report.sections.annexes import parameters_section, provenance_section
from riskmc.report.sections.bailout import bailout_section
from riskmc.report.sections.baseline import baseline_section
from riskmc.report.sections.cover import cover
from riskmc.report.sections.deficit import deficit_section
from riskmc.report.sections.drivers import drivers_section
from riskmc.report.sections.glossary import glossary_section
from riskmc.report.sections.quality import quality_section
from riskmc.report.sections.question import question_section
from riskmc.report.sections.regimes import regimes_section
from riskmc.report.sections.register import register_section
from riskmc.report.sections.rescue import rescue_section
from riskmc.report.sections.reserves import reserves_section
from riskmc.report.sections.rules import rules_section
from riskmc.report.sections.section25 import section25_section
from riskmc.report.sections.stress import stress_section
from riskmc.report.sections.summary import (
    bodies_section,
    decision_section,
    headline_section,
    summary_section,
)

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.report.extra import Extra

SECTIONS = (
    summary_section,
    decision_section,
    headline_section,
    rules_section,
    baseline_section,
    deficit_section,
    reserves_section,
    bailout_section,
    drivers_section,
    stress_section,
    regimes_section,
    rescue_section,
    question_section,
    register_section,
    section25_section,
    quality_section,
    bodies_section,
    glossary_section,
    parameters_section,
    provenance_section,
)


def build(
    results: xr.DataTree, options: Options | None = None, extra: Extra | None = None
) -> Report:
    """Return the report of a run, filled from measures.

    `extra` holds the runs beside the main one; without it the sections that need them are left
    out. Raises ResultsError for an organisation that is not there.
    """
    ctx = Context(results, options or Options(), extra)
    if extra is not None and extra.body != ctx.body:
        raise ResultsError(
            f"the runs beside the main one were made for {extra.body}, not for {ctx.body}"
        )
    found = (section(ctx) for section in SECTIONS)
    attrs = results.attrs
    return Report(
        cover=cover(ctx),
        sections=tuple(section for section in found if section is not None and section.blocks),
        footer=(
            f"Made by riskmc {attrs['riskmc_version']} from {ctx.draws:,} simulated futures, "
            f"seed {attrs['seed']}, study {str(attrs['study_sha256'])[:12]}."
        ),
        explorer=build_explorer(ctx),
    )
