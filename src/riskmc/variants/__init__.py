"""Variants of a study on the same futures: scenarios, sweeps, solved values, bridges."""

from riskmc.variants.bridging import bridge
from riskmc.variants.paired import MEASURES, variants
from riskmc.variants.scenarios import scenarios
from riskmc.variants.solving import Solved, solve
from riskmc.variants.sweeping import sweep

__all__ = ["MEASURES", "Solved", "bridge", "scenarios", "solve", "sweep", "variants"]
