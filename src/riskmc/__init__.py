"""Monte Carlo risk analysis of local public money.

How big may the deficit get, when do the reserves run out, how likely is a bailout, and who pays,
under one set of rules or another, on the same simulated futures.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskmc.attribution import attribute
    from riskmc.backtests.running import backtest
    from riskmc.calibration.calibrating import calibrate
    from riskmc.exports import draws_frame, export
    from riskmc.fitting import fit
    from riskmc.measures import Results, compare, real_terms, summary
    from riskmc.replays import replay
    from riskmc.results.recompute import recompute
    from riskmc.results.tree import open_results, save
    from riskmc.runs.simulation import run
    from riskmc.sampling import sample
    from riskmc.study import load_study
    from riskmc.variants import bridge, scenarios, solve, sweep

__all__ = [
    "Results",
    "attribute",
    "backtest",
    "bridge",
    "calibrate",
    "compare",
    "draws_frame",
    "export",
    "fit",
    "load_study",
    "open_results",
    "real_terms",
    "recompute",
    "replay",
    "run",
    "sample",
    "save",
    "scenarios",
    "solve",
    "summary",
    "sweep",
]

_HOMES = {
    "Results": "riskmc.measures",
    "backtest": "riskmc.backtests.running",
    "calibrate": "riskmc.calibration.calibrating",
    "attribute": "riskmc.attribution",
    "bridge": "riskmc.variants",
    "compare": "riskmc.measures",
    "draws_frame": "riskmc.exports",
    "export": "riskmc.exports",
    "fit": "riskmc.fitting",
    "load_study": "riskmc.study",
    "open_results": "riskmc.results.tree",
    "recompute": "riskmc.results.recompute",
    "real_terms": "riskmc.measures",
    "replay": "riskmc.replays",
    "run": "riskmc.runs.simulation",
    "sample": "riskmc.sampling",
    "save": "riskmc.results.tree",
    "scenarios": "riskmc.variants",
    "solve": "riskmc.variants",
    "summary": "riskmc.measures",
    "sweep": "riskmc.variants",
}


def __getattr__(name: str) -> Any:
    """Import a public name where it is first used, so that `import riskmc` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'riskmc' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
