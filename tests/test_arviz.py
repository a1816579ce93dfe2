"""Results open in ArviZ as they stand: its statistics are ours, its plots draw."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

import riskmc

mpl.use("Agg")

EXAMPLE = Path(__file__).parent.parent / "configs" / "example.toml"
LAST = {"year": ["2025/26"]}


@pytest.fixture(scope="module", params=["mc", "lhs"])
def results(request: pytest.FixtureRequest) -> xr.DataTree:
    study = riskmc.load_study(EXAMPLE).replaced(years=10)
    return riskmc.run(study, draws=3_200, seed=1, scheme=request.param, keep="all")


def test_summary_reads_the_tree_and_agrees(results: xr.DataTree) -> None:
    """Would catch dimensions or labels that ArviZ reads as something else."""
    stats = pytest.importorskip("arviz_stats")
    table = stats.summary(
        results,
        var_names=["deficit", "reserves"],
        group="place",
        kind="all",
        ci_prob=0.9,
        ci_kind="eti",
        round_to="none",
    )
    place = results["place"].to_dataset()
    for name in ("deficit", "reserves"):
        values = place[name].sel(regime="devolved", year="2025/26")
        row = table.loc[f"{name}[devolved, 2025/26]"]
        assert row["mean"] == pytest.approx(float(values.mean()), rel=1e-12)
        assert row["sd"] == pytest.approx(float(values.std()), rel=1e-3)
        low, high = np.quantile(values.values, [0.05, 0.95])
        assert row["eti90_lb"] == pytest.approx(low, rel=1e-2, abs=0.5)
        assert row["eti90_ub"] == pytest.approx(high, rel=1e-2, abs=0.5)


def test_chains_are_replicates_to_its_diagnostics(results: xr.DataTree) -> None:
    """Would catch chains that differ in law: r_hat near 1, and as many effective draws as drawn."""
    stats = pytest.importorskip("arviz_stats")
    reserves = results["place"].to_dataset()[["reserves"]].sel(regime="devolved", year="2025/26")
    rhat = float(stats.rhat(reserves)["reserves"])
    size = float(stats.ess(reserves)["reserves"])
    draws = reserves["reserves"].size
    assert abs(rhat - 1.0) < 0.02
    assert size > 0.8 * draws


@pytest.mark.parametrize("plot", ["plot_dist", "plot_forest", "plot_ridge"])
def test_plots_draw_the_outcomes(results: xr.DataTree, plot: str) -> None:
    """Would catch a tree whose groups or dims its plots refuse."""
    plots = pytest.importorskip("arviz_plots")
    from matplotlib import pyplot

    drawn = getattr(plots, plot)(
        results, var_names=["reserves"], group="place", coords=LAST, backend="matplotlib"
    )
    figure = drawn.viz["figure"].item()
    assert len(figure.axes) > 0
    assert any(axes.lines or axes.collections for axes in figure.axes)
    pyplot.close(figure)
