"""Runs alongside the main one, few and small: stresses, behaviour, rescue more or less likely."""

from riskmc.report.sides.runs import CHANCES, DRAWS, Breaking, Sides, side_runs

__all__ = ["CHANCES", "DRAWS", "Breaking", "Sides", "side_runs"]
