"""The notebooks, run from top to bottom as scripts, with warnings as errors."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import jupytext
import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
#: Those that run many studies.
LONG = ("arguments", "second_run")


@pytest.fixture
def agg() -> Any:
    """Figures without a screen, closed afterwards."""
    import matplotlib.pyplot as plt

    with plt.rc_context():
        plt.switch_backend("agg")
        yield plt
    plt.close("all")


def test_they_are_these() -> None:
    """Would catch a notebook that was moved and is no longer run."""
    assert [path.stem for path in NOTEBOOKS] == [
        "arguments",
        "board_questions",
        "first_comparison",
        "registers_and_plans",
        "second_run",
        "which_rule_does_the_work",
    ]


def run_notebook(path: Path, plots: Any) -> None:
    """Run a notebook and look at its figures."""
    names = runpy.run_path(str(path))
    assert int(names["results"].attrs["draws"]) == 2_000
    draws_figures = "matplotlib" in path.read_text(encoding="utf-8")
    assert bool(plots.get_fignums()) == draws_figures
    for number in plots.get_fignums():
        figure = plots.figure(number)
        figure.canvas.draw()
        assert all(axes.get_title() for axes in figure.axes)


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=pytest.mark.slow if path.stem in LONG else ()) for path in NOTEBOOKS],
    ids=lambda path: path.stem,
)
def test_a_notebook_runs(path: Path, agg: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a notebook left behind by a change of the package."""
    monkeypatch.chdir(ROOT)
    run_notebook(path, agg)


def test_a_notebook_runs_from_its_own_folder(agg: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch studies that are found from the root only: Jupyter starts in its folder."""
    monkeypatch.chdir(ROOT / "notebooks")
    run_notebook(ROOT / "notebooks" / "first_comparison.py", agg)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_opens_as_one(path: Path) -> None:
    """Would catch a broken percent form: cells lost, or text taken for code."""
    cells = jupytext.read(path)["cells"]
    assert cells[0]["cell_type"] == "markdown"
    assert cells[0]["source"].startswith("# ")
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) >= 5
    for cell in code:
        compile(cell["source"], path.name, "exec")
