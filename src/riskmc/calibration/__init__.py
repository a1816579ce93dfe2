"""Parameters from councils' accounts: estimates with errors, posterior, and a council's study."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskmc.calibration.calibrating import calibrate
    from riskmc.calibration.spread import Spread, split_spread, spread_of

__all__ = ["Spread", "calibrate", "split_spread", "spread_of"]


def __getattr__(name: str) -> Any:
    """Import a public name where it is first used: estimating needs SciPy."""
    if name not in __all__:
        raise AttributeError(f"module 'riskmc.calibration' has no attribute '{name}'")
    home = "calibrating" if name == "calibrate" else "spread"
    return getattr(import_module(f"riskmc.calibration.{home}"), name)
