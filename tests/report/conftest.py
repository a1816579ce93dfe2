"""One small run of the example study, with everything beside it, for all tests of the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskmc.report import build_report, extra_runs_of
from riskmc.report.extra import Extra
from riskmc.report.model import Report
from riskmc.runs.simulation import run
from riskmc.study import Study, load_study

if TYPE_CHECKING:
    import xarray as xr

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"
DRAWS = 2048


@pytest.fixture(scope="session")
def example() -> Study:
    return load_study(EXAMPLE)


@pytest.fixture(scope="session")
def results(example: Study) -> xr.DataTree:
    return run(example, draws=DRAWS, keep="all")


@pytest.fixture(scope="session")
def extra(results: xr.DataTree) -> Extra:
    return extra_runs_of(results, draws=512)


@pytest.fixture(scope="session")
def report(results: xr.DataTree, extra: Extra) -> Report:
    return build_report(results, extra=extra)
