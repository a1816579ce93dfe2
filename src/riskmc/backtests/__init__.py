"""Forecasts from past origins, scored against what came and against rivals."""

from __future__ import annotations

from riskmc.backtests.record import shipped_record

__all__ = ["shipped_record"]
