"""Runs: a study simulated under every regime, here, in other processes or on other machines."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskmc.runs.failed_draws import Failures, check_failures, find_failures
    from riskmc.runs.precision import Reached, Stopped, draws_to_precision, run_to_precision
    from riskmc.runs.simulation import run

__all__ = [
    "Failures",
    "Reached",
    "Stopped",
    "check_failures",
    "draws_to_precision",
    "find_failures",
    "run",
    "run_to_precision",
]

_HOMES = {
    "Failures": "failed_draws",
    "Reached": "precision",
    "Stopped": "precision",
    "check_failures": "failed_draws",
    "draws_to_precision": "precision",
    "find_failures": "failed_draws",
    "run": "simulation",
    "run_to_precision": "precision",
}


def __getattr__(name: str) -> Any:
    """Import a public name where it is first used: worker processes need few of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'riskmc.runs' has no attribute '{name}'")
    return getattr(import_module(f"riskmc.runs.{_HOMES[name]}"), name)
