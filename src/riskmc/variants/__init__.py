"""Variants of a study on the same futures: scenarios, sweeps, solved values, bridges, behaviour."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riskmc.variants.behaviour import behaviour_map
from riskmc.variants.bridging import bridge
from riskmc.variants.named import scenarios
from riskmc.variants.neutral import Neutral, cost_neutral
from riskmc.variants.paired import BASE, MEASURES, variants
from riskmc.variants.solving import Solved, solve
from riskmc.variants.sweeping import sweep

if TYPE_CHECKING:
    from riskmc.variants.charts import (
        attribution_chart,
        behaviour_chart,
        bridge_chart,
        fits_chart,
        sweep_chart,
    )

__all__ = [
    "BASE",
    "MEASURES",
    "Neutral",
    "Solved",
    "attribution_chart",
    "behaviour_chart",
    "behaviour_map",
    "bridge",
    "bridge_chart",
    "cost_neutral",
    "fits_chart",
    "scenarios",
    "solve",
    "sweep",
    "sweep_chart",
    "variants",
]


def __getattr__(name: str) -> Any:
    """Import a chart where it is first drawn: charts need Matplotlib."""
    if name not in __all__:
        raise AttributeError(f"module 'riskmc.variants' has no attribute '{name}'")
    return getattr(import_module("riskmc.variants.charts"), name)
