"""The technical annex: the evidence, the errors, the rules, and how to repeat the run."""

from riskmc.report.annex.build import build_annex

__all__ = ["build_annex"]
