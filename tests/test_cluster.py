"""Runs on a Dask cluster: equal to the bit to one thread, whatever dies on the way."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from interruption import Stop
from riskmc.cli import main
from riskmc.errors import InputError, RunError
from riskmc.results.contents import Contents
from riskmc.results.unfinished import Unfinished
from riskmc.runs import cluster, tasks
from riskmc.runs.simulation import prepare, run
from riskmc.runs.summarised import SummarisedRun
from riskmc.sampling import sample
from riskmc.study import Study, load_study

COUNCIL = Path(__file__).parent.parent / "configs" / "council.toml"
EXAMPLE = Path(__file__).parent.parent / "configs" / "example.toml"
#: Nine blocks: two tasks of four and one left over; with 80 more, summaries of 64.
DRAWS = 9 * 4096 - 500


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(EXAMPLE).model_copy(update={"years": 3})


@contextmanager
def started(workers: int, threads: int) -> Iterator[Any]:
    """A cluster of so many worker processes."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=workers, threads_per_worker=threads, processes=True, dashboard_address=":0",
        silence_logs=True,
    ) as made:  # fmt: skip
        made.wait_for_workers(workers)
        yield made


@contextmanager
def connected(cluster: Any) -> Iterator[Any]:
    with pytest.importorskip("distributed").Client(cluster, set_as_default=False) as made:
        yield made


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    """One worker process that does two tasks at a time."""
    with started(1, 2) as made:
        yield made


@pytest.fixture
def client(local: Any) -> Iterator[Any]:
    with connected(local) as made:
        yield made


def assert_same_values(ours: xr.DataTree, theirs: xr.DataTree) -> None:
    assert ours.attrs == theirs.attrs
    assert set(ours.children) == set(theirs.children)
    for group in theirs.children:
        for name in theirs[group].data_vars:
            one, other = ours[group][name], theirs[group][name]
            np.testing.assert_array_equal(
                one.transpose(*other.dims).values, other.values, err_msg=str(name)
            )


def kill_one(local: Any, after: int) -> Callable[[int, int], None]:
    """A progress that kills a worker process without warning, once, after so many tasks."""
    reported = []

    def progress(done: int, total: int) -> None:
        reported.append(done)
        if len(reported) == after:
            os.kill(next(iter(local.workers.values())).pid, signal.SIGKILL)

    return progress


@pytest.mark.slow
def test_draws_kept_on_a_cluster_are_those_of_one_thread(
    study: Study, client: Any, tmp_path: Path
) -> None:
    """Would catch a block written to the wrong place by a worker, or sampled from another key."""
    here = run(study, draws=DRAWS, keep="headline", workers=1, out=tmp_path / "here.nc")
    reported: list[tuple[int, int]] = []
    there = run(
        study, draws=DRAWS, keep="headline", out=tmp_path / "x.nc", client=client,
        progress=lambda done, total: reported.append((done, total)),
    )  # fmt: skip
    assert_same_values(there, here)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here.nc", "x.nc"]
    assert reported[-1] == (here.attrs["draws"], here.attrs["draws"])
    assert len(reported) == 3
    there.close()


@pytest.mark.slow
def test_few_draws_may_come_back(study: Study, client: Any) -> None:
    """Would catch blocks put together out of order."""
    how: dict[str, Any] = {"draws": 6000, "scheme": "sobol"}
    assert_same_values(run(study, client=client, **how), run(study, workers=1, **how))


def test_many_draws_may_not_come_back(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch gigabytes sent through the scheduler."""
    monkeypatch.setattr(cluster, "MOST_SENT", 1000)
    monkeypatch.setattr(cluster, "_Cluster", lambda *_: None)
    with pytest.raises(InputError, match=r"would travel.*folder that all .*keep summaries"):
        run(study, draws=6000, client=object())


@pytest.mark.parametrize("scheme", ["mc", pytest.param("lhs", marks=pytest.mark.slow)])
def test_summaries_on_a_cluster_are_those_of_one_thread(
    study: Study, client: Any, scheme: str
) -> None:
    """Would catch sums folded in the order in which workers finish, or a stretch left out."""
    how: dict[str, Any] = {"draws": DRAWS, "scheme": scheme, "keep": "summaries"}
    here = run(study, workers=1, **how)
    there = run(study, client=client, **how)
    xr.testing.assert_identical(there["summaries"].to_dataset(), here["summaries"].to_dataset())
    assert there.attrs == here.attrs


@pytest.mark.slow
def test_a_worker_that_dies_loses_nothing(study: Study, tmp_path: Path) -> None:
    """Would catch blocks lost, or counted twice, when a worker is killed in mid-run."""
    draws = 24 * 4096
    here = run(study, draws=draws, keep="summaries", workers=1)
    kept = run(study, draws=DRAWS, keep="headline", workers=1, out=tmp_path / "kept.nc")
    with started(2, 1) as pair, connected(pair) as client:
        there = run(study, draws=draws, keep="summaries", client=client, progress=kill_one(pair, 2))
        xr.testing.assert_identical(there["summaries"].to_dataset(), here["summaries"].to_dataset())
        pair.wait_for_workers(2)
        written = run(
            study, draws=DRAWS, keep="headline", out=tmp_path / "x.nc", client=client,
            progress=kill_one(pair, 1),
        )  # fmt: skip
        assert_same_values(written, kept)
        written.close()


def stop_at_once(done: int, total: int) -> None:
    raise Stop


@pytest.mark.slow
@pytest.mark.parametrize("keep", ["headline", "summaries"])
def test_a_run_begun_on_a_cluster_goes_on_here_and_the_other_way_round(
    study: Study, client: Any, tmp_path: Path, keep: Any
) -> None:
    """Would catch what is done thrown away, or taken for something else."""
    whole = run(study, draws=DRAWS, keep=keep, workers=1, out=tmp_path / "whole.nc")
    for first, then in ((client, None), (None, client)):
        target = tmp_path / f"{keep}-{first is None}.nc"
        with pytest.raises(Stop):
            run(study, draws=DRAWS, keep=keep, out=target, client=first, workers=1,
                progress=stop_at_once)  # fmt: skip
        done: list[int] = []
        finished = run(study, draws=DRAWS, keep=keep, out=target, client=then,
                       progress=lambda d, _, done=done: done.append(d))  # fmt: skip
        assert_same_values(finished, whole)
        finished.close()
        if not done:
            continue  # a busy machine: all was done before the first run heard that it should stop
        assert done[-1] == whole.attrs["draws"]
        if keep == "headline" or first is None:
            assert done[0] > 4 * 4096 or len(done) < 9, "nothing was kept"


def test_only_seeds_and_numbers_of_blocks_are_sent(study: Study) -> None:
    """Would catch an array sent to the workers, or a task that carries the study each time."""
    simulation = prepare(study, draws=DRAWS, keep="summaries")
    job = tasks.Job(*tasks.job_fields(simulation.contents))
    assert len(pickle.dumps(job)) < 100_000
    with pytest.raises(InputError, match="only seeds and block numbers"):
        run(study, drivers=sample(study, draws=16), client=object())


def test_stretches_are_as_long_as_order_allows() -> None:
    """Would catch a block done twice or left out, or a stretch that joins other fours."""
    cases: tuple[tuple[set[int], int], ...] = (
        (set(), 9), (set(), 64), (set(), 150), ({0, 1, 5}, 30), ({3}, 20), (set(range(20)), 70),
    )  # fmt: skip
    for done, blocks in cases:
        todo = [block for block in range(blocks) if block not in done]
        stretches = tasks.stretches_of(todo, highest=3)
        covered = [b for first, level in stretches for b in range(first, first + 4**level)]
        assert covered == todo
        for first, level in stretches:
            assert first % 4**level == 0
    assert tasks.stretches_of(range(150), highest=3)[:3] == [(0, 3), (64, 3), (128, 2)]


def test_long_stretches_are_joined_to_the_bit(study: Study) -> None:
    """Would catch fours of fours joined otherwise than block by block."""
    simulation = prepare(study, draws=17 * 4096, keep="summaries")
    job = tasks.Job(*tasks.job_fields(simulation.contents))
    grid = tasks.lay_grid(job)
    fours = [
        tasks.fold_stretch(job, tuple(range(first, first + 4)), grid)
        for first in range(0, 16, 4)
    ]  # fmt: skip
    cluster.join_stretches(*fours)
    assert fours[0].tally.draws == 4 * 4096, "what Dask handed in was changed"
    summarised = SummarisedRun(simulation, None, survey=lambda: grid)
    summarised.take(cluster.join_stretches(*fours))
    summarised.take(tasks.fold_stretch(job, (16,), grid))
    here = run(study, draws=17 * 4096, keep="summaries", workers=1)
    xr.testing.assert_identical(
        summarised.finish()["summaries"].to_dataset(), here["summaries"].to_dataset()
    )


def test_what_goes_wrong_on_a_worker_is_said_plainly(study: Study, tmp_path: Path) -> None:
    """Would catch a traceback from another machine, or workers of another version."""
    contents: Contents = prepare(study, draws=160, keep="headline").contents
    job = tasks.Job(*tasks.job_fields(contents))
    place = Unfinished(tmp_path / "x.nc", contents, block_draws=4096)
    place.remove()
    with pytest.raises(RunError, match=r"a worker cannot write there.*share the folder"):
        tasks.write_blocks(job, place.blocks, (0,))
    old = tasks.Job(*tasks.job_fields(contents)[:-1], versions=(("numpy", "1.0"),))
    with pytest.raises(RunError, match=r"a worker has numpy .* instead of 1\.0"):
        tasks.run_blocks(old, (0,))


def test_without_dask_or_a_scheduler_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Would catch an ImportError, or a wait without end, shown to a user."""
    pytest.importorskip("distributed")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'riskmc\[dask\]'"):
        cluster.connect("tcp://127.0.0.1:1")
    monkeypatch.undo()
    with pytest.raises(InputError, match=r"'nonsense' is not the address.*tcp://127"):
        cluster.connect("nonsense")
    monkeypatch.setattr(cluster, "_SECONDS_TO_CONNECT", 0.5)
    with pytest.raises(RunError, match=r"no Dask scheduler answers.*dask scheduler"):
        cluster.connect("tcp://127.0.0.1:1")


def test_the_command_line_asks_the_cluster_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch --dask ignored, or a client that is never let go."""
    seen: list[Any] = []

    class Client:
        def close(self) -> None:
            seen.append("closed")

    def refuse(simulation: Any, client: Any, *_: Any) -> None:
        seen.append(client)
        raise RunError("as far as the cluster")

    monkeypatch.setattr(cluster, "connect", lambda address: seen.append(address) or Client())
    monkeypatch.setattr(cluster, "run_on_cluster", refuse)
    words = ["run", str(COUNCIL), "--draws", "160", "--dask", "tcp://one:2", "--out", str(tmp_path)]
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 1
    assert "as far as the cluster" in answer.stderr
    assert (seen[0], type(seen[1]), seen[2:]) == ("tcp://one:2", Client, ["closed"])


@pytest.mark.slow
def test_the_command_line_runs_on_a_cluster(local: Any, tmp_path: Path) -> None:
    """Would catch --dask ignored, or a client that is never let go."""
    done = subprocess.run(
        [sys.executable, "-m", "riskmc", "run", str(COUNCIL), "--draws", "4992",
         "--keep", "summaries", "--no-report", "--dask", local.scheduler_address,
         "--out", str(tmp_path / "out")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Large rescue needed" in done.stdout
    assert "Traceback" not in done.stderr
