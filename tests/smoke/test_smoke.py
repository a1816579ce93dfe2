"""The main job in a second: what must hold whatever is being built."""

from __future__ import annotations

from pathlib import Path

import numpy as np

CONFIGS = Path(__file__).parents[2] / "configs"


def test_the_example_runs() -> None:
    """Would catch a main job that no longer runs: every outcome finite, reserves conserved."""
    import riskmc

    results = riskmc.run(riskmc.load_study(CONFIGS / "example.toml"), draws=16, seed=1, keep="all")
    outcomes = results["outcomes"].to_dataset()
    for name in outcomes.data_vars:
        assert bool(np.isfinite(outcomes[name]).all()), name
    found = (
        outcomes["from_reserves"]
        + outcomes["in_year_measures"]
        + outcomes["capital_to_revenue"]
        + outcomes["carry_forward"]
        + outcomes["bailout"]
        + outcomes["unresolved"]
    )
    np.testing.assert_allclose(found, outcomes["shortfall"], atol=1e-6)
