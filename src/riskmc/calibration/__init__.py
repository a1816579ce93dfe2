"""Parameters from councils' accounts: estimates with errors, posterior, and a council's study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskmc.calibration.calibrating import calibrate

__all__ = ["calibrate"]


def __getattr__(name: str) -> Any:
    """Import `calibrate` where it is first used."""
    if name != "calibrate":
        raise AttributeError(f"module 'riskmc.calibration' has no attribute '{name}'")
    from riskmc.calibration.calibrating import calibrate

    return calibrate
