"""Variants of a study on the same futures: scenarios, sweeps, solved values, bridges, behaviour."""

from riskmc.variants.behaviour import behaviour_map
from riskmc.variants.bridging import bridge
from riskmc.variants.named import scenarios
from riskmc.variants.neutral import Neutral, cost_neutral
from riskmc.variants.paired import BASE, MEASURES, variants
from riskmc.variants.solving import Solved, solve
from riskmc.variants.sweeping import sweep

__all__ = [
    "BASE",
    "MEASURES",
    "Neutral",
    "Solved",
    "behaviour_map",
    "bridge",
    "cost_neutral",
    "scenarios",
    "solve",
    "sweep",
    "variants",
]
