"""Worker processes on one machine: the same results, whoever dies or is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from interruption import Stop
from riskmc.errors import InputError, RunError
from riskmc.runs import processes, simulation
from riskmc.runs.processes import Processes
from riskmc.runs.simulation import run
from riskmc.study import Study, load_study

EXAMPLE = Path(__file__).parent.parent / "configs" / "example.toml"
DRAWS = 9 * 4096 - 500
Alone = Callable[[Any], xr.DataTree]


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(EXAMPLE).model_copy(update={"years": 3})


@pytest.fixture(scope="module")
def alone(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """The same run by one worker, which is no reason for a process."""

    @cache
    def made(keep: Any) -> xr.DataTree:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(processes, "_Child", None)
            patched.setattr(simulation, "WORTH_PROCESSES", 0)
            out = tmp_path_factory.mktemp("alone") / "1.nc"
            return run(study, draws=DRAWS, keep=keep, workers=1, out=out).load()

    return made


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have any run use processes; the numbers of those that start."""
    pids: list[int] = []

    class Child(processes._Child):
        def __init__(self) -> None:
            super().__init__()
            pids.append(self._process.pid)

    monkeypatch.setattr(processes, "_Child", Child)
    monkeypatch.setattr(simulation, "WORTH_PROCESSES", 0)
    return pids


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def assert_same_values(ours: xr.DataTree, theirs: xr.DataTree) -> None:
    assert ours.attrs == theirs.attrs
    for group in theirs.children:
        for name in theirs[group].data_vars:
            one, other = ours[group][name], theirs[group][name]
            np.testing.assert_array_equal(
                one.transpose(*other.dims).values, other.values, err_msg=str(name)
            )


@pytest.mark.parametrize("keep", [pytest.param("summaries", marks=pytest.mark.slow), "headline"])
def test_processes_change_no_bit_and_are_gone_at_the_end(
    study: Study, alone: Alone, started: list[int], tmp_path: Path, keep: Any
) -> None:
    """Would catch a block folded out of turn or written to the wrong place; a process left over."""
    reported: list[int] = []
    there = run(study, draws=DRAWS, keep=keep, workers=2, out=tmp_path / "x.nc",
                progress=lambda done, _: reported.append(done))  # fmt: skip
    assert len(started) == 2
    assert all(gone(pid) for pid in started)
    assert reported[-1] == there.attrs["draws"]
    assert_same_values(there, alone(keep))
    there.close()


@pytest.mark.slow
@pytest.mark.parametrize("keep", ["summaries", "headline"])
def test_a_worker_that_dies_is_replaced(
    study: Study, alone: Alone, started: list[int], tmp_path: Path, keep: Any
) -> None:
    """Would catch blocks lost, or done twice, when the machine kills a worker."""
    killed = []

    def kill_one(done: int, total: int) -> None:
        if not killed:
            killed.append(started[0])
            os.kill(started[0], signal.SIGKILL)

    there = run(study, draws=DRAWS, keep=keep, workers=2, out=tmp_path / "x.nc",
                progress=kill_one)  # fmt: skip
    assert_same_values(there, alone(keep))
    there.close()


@pytest.mark.slow
@pytest.mark.parametrize("keep", ["summaries", "headline"])
def test_what_processes_did_is_taken_up(
    study: Study, alone: Alone, started: list[int], tmp_path: Path, keep: Any
) -> None:
    """Would catch processes that go on after a stop, and their work thrown away."""

    def stop(done: int, total: int) -> None:
        raise Stop

    target = tmp_path / "x.nc"
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep=keep, workers=2, out=target, progress=stop)
    assert all(gone(pid) for pid in started)
    reported: list[int] = []
    again = run(study, draws=DRAWS, keep=keep, workers=1, out=target,
                progress=lambda done, _: reported.append(done))  # fmt: skip
    assert reported[0] > 4096, "nothing was kept"
    assert_same_values(again, alone(keep))
    again.close()


SCRIPT = """
import sys
from pathlib import Path
import riskmc.runs.simulation
riskmc.runs.simulation.WORTH_PROCESSES = 0
study = riskmc.load_study(sys.argv[1])
try:
    riskmc.run(study, draws=400_000, keep="summaries", workers=2, out=Path(sys.argv[2]),
               progress=lambda done, total: print(done, flush=True))
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.slow
def test_a_script_without_a_main_guard_runs_and_can_be_stopped(tmp_path: Path) -> None:
    """Would catch workers that run the user's script again, and Ctrl-C shown by each of them."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script), str(EXAMPLE), str(tmp_path / "x.nc")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to everyone
    rest, errors = process.communicate(timeout=60)
    assert int(first) == 4 * 4096
    assert rest.endswith("stopped\n")
    assert errors == ""
    assert (tmp_path / "x.nc.unfinished" / "folded").exists()


def fails(kind: str) -> None:
    if kind == "ours":
        raise InputError("wrong")
    if kind == "odd":
        raise type("Odd", (Exception,), {})("cannot be sent")
    sys.stdout.write("this must not get in between")
    sys.stdout.flush()
    os._exit(1)


def test_what_goes_wrong_in_a_worker_comes_back() -> None:
    """Would catch an error swallowed, a hang, or a worker that dies again and again."""
    with Processes() as workers:
        with pytest.raises(InputError, match="wrong"):
            workers.call(fails, "ours")
        with pytest.raises(RunError, match=r"a worker process failed.*cannot be sent"):
            workers.call(fails, "odd")
        with pytest.raises(OSError, match="No such file"):
            workers.call(os.stat, "/no/such/file")
        with pytest.raises(RunError, match=r"died 3 times.*fewer workers"):
            workers.call(fails, "dies")
        assert workers.call(max, 1, 2) == 2
