"""Forecasts from past origins, scored against what came and against rivals."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riskmc.backtests.record import shipped_record

if TYPE_CHECKING:
    from riskmc.backtests.plan import Plan
    from riskmc.backtests.running import Backtest, backtest

__all__ = ["Backtest", "Plan", "backtest", "shipped_record"]

_HOMES = {"Backtest": "running", "Plan": "plan", "backtest": "running"}


def __getattr__(name: str) -> Any:
    """Import a public name where it is first used: a report needs the record alone."""
    if name not in _HOMES:
        raise AttributeError(f"module 'riskmc.backtests' has no attribute '{name}'")
    return getattr(import_module(f"riskmc.backtests.{_HOMES[name]}"), name)
