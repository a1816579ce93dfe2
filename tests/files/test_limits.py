"""Memory of a container, a cluster without workers, streams that are closed, wrong arguments."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import riskmc
from riskmc.errors import RiskmcError, RunError
from riskmc.runs.cluster import GIVE_UP_AFTER, SAY_AFTER, WorkerWatch
from riskmc.runs.memory import container_limits
from riskmc.study import Study, load_study

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"


def place(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "limits"),
    [
        ({}, []),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}, []),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "500\n"}, [500]),
        (
            {
                "proc/self/cgroup": "0::/user/job\n",
                "sys/fs/cgroup/user/memory.max": "700\n",
                "sys/fs/cgroup/user/job/memory.max": "900\n",
            },
            [900, 700],
        ),
        (
            {
                "proc/self/cgroup": "5:cpu:/x\n3:memory,x:/box\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "800\n",
                "sys/fs/cgroup/memory/box/memory.limit_in_bytes": "300\n",
            },
            [300, 800],
        ),
        ({"proc/self/cgroup": "nonsense\n"}, []),
    ],
)
def test_the_limit_is_that_of_the_container(
    tmp_path: Path, files: dict[str, str], limits: list[int]
) -> None:
    """Would catch a run killed in a container of 2 GB on a machine of 64."""
    for path, text in files.items():
        place(tmp_path, path, text)
    assert container_limits(tmp_path) == limits


def test_a_cluster_whose_last_worker_is_dead_is_said_and_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Would catch a run that waits in silence for ever."""
    alone = WorkerWatch()
    alone.look(2, 100.0)
    alone.look(0, 101.0)
    alone.look(0, 101.0 + SAY_AFTER - 1.0)
    assert not caplog.text
    for _ in range(3):
        alone.look(0, 101.0 + SAY_AFTER)
    assert caplog.text.count("the cluster has no worker") == 1
    alone.look(1, 150.0)  # one is back
    alone.look(0, 200.0)
    alone.look(0, 200.0 + GIVE_UP_AFTER - 1.0)
    with pytest.raises(RunError, match=r"no worker for 300 seconds.*dask worker"):
        alone.look(0, 200.0 + GIVE_UP_AFTER)


@pytest.mark.parametrize(
    ("words", "closed"),
    [
        ("rules", ">&-"),
        ("rules", ">/dev/full"),
        ("validate nowhere.toml", ">&- 2>&-"),
        ("validate nowhere.toml", "2>/dev/full"),
        pytest.param("rules", "2>&-", marks=pytest.mark.slow),
        pytest.param("rules", ">&- 2>&-", marks=pytest.mark.slow),
        pytest.param("rules", "2>/dev/full", marks=pytest.mark.slow),
        pytest.param("validate nowhere.toml", ">&-", marks=pytest.mark.slow),
        pytest.param("validate nowhere.toml", "2>&-", marks=pytest.mark.slow),
        pytest.param("validate nowhere.toml", ">/dev/full", marks=pytest.mark.slow),
    ],
)
def test_closed_and_full_streams_end_quietly(tmp_path: Path, closed: str, words: str) -> None:
    """Would catch a traceback, or a message written into a results file, where nobody reads."""
    command = f"{sys.executable} -m riskmc {words} {closed}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == (2 if "nowhere" in words else int(closed == ">/dev/full"))


def test_a_reader_that_leaves_ends_the_command_quietly(tmp_path: Path) -> None:
    """Would catch `riskmc schema | head` that ends in a traceback."""
    command = f"{sys.executable} -m riskmc schema | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(EXAMPLE)


def overflowing(study: Study, **new: float) -> xr.Dataset:
    drivers = riskmc.sample(study, draws=16)
    return drivers.assign({name: drivers[name] * 0.0 + value for name, value in new.items()})


WRONG: dict[str, Callable[[Study], Any]] = {
    "run a path": lambda s: riskmc.run("x.toml"),  # type: ignore[arg-type]
    "keep a list": lambda s: riskmc.run(s, keep=["all"]),  # type: ignore[arg-type]
    "out a folder": lambda s: riskmc.run(s, draws=16, out="/"),
    "draws beyond counting": lambda s: riskmc.run(s, draws=10**15),
    "sample beyond memory": lambda s: riskmc.sample(s, draws=10**12),
    "open a number": lambda s: riskmc.open_results(3),  # type: ignore[arg-type]
    "save a number": lambda s: riskmc.save(3, "x.nc"),  # type: ignore[arg-type]
    "load nothing": lambda s: riskmc.load_study(None),  # type: ignore[arg-type]
    "no draw left": lambda s: riskmc.summary(riskmc.run(s, draws=16).isel(draw=slice(0))),
    "a body twice": lambda s: riskmc.summary(riskmc.run(s, draws=16).isel(organisation=[0, 0])),
    "recompute a number": lambda s: riskmc.recompute(riskmc.run(s, draws=16), 3),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_python_is_our_error(study: Study, name: str) -> None:
    """Would catch a KeyError, a MemoryError or an AttributeError shown to a user."""
    with pytest.raises(RiskmcError):
        WRONG[name](study)


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("amount", [1e167, 1e308])
def test_money_beyond_all_sense_is_no_traceback(study: Study, amount: float) -> None:
    """Would catch an OverflowError or a ZeroDivisionError where every draw fails."""
    results = riskmc.run(study, drivers=overflowing(study, one_off_cost=amount))
    found = riskmc.summary(results)
    assert not np.isfinite(found["mcse"].sel(measure="gross_deficit", organisation="place")).any()


def test_draws_beyond_single_precision_are_failed_draws_and_no_warning(
    study: Study, tmp_path: Path
) -> None:
    """Would catch NumPy's "overflow encountered in cast" on the user's screen."""
    lost = overflowing(study, one_off_cost=1e60)
    results = riskmc.run(study, drivers=lost, keep="headline", out=tmp_path / "results.nc")
    assert not np.isfinite(results["place"]["net_deficit"].values).any()
