"""Distributions from data: two or three proposals with the lines to paste into a study."""

from riskmc.fitting.families import Fit, fit

__all__ = ["Fit", "fit"]
