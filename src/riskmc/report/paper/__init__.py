"""The board paper: four pages that a board can use in ten minutes."""

from riskmc.report.paper.build import build_paper

__all__ = ["build_paper"]
