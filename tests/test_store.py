"""Results written block by block: interrupted, spoilt, taken up again, and never wrong."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

from riskmc import sample
from riskmc.errors import ResultsError, RunError
from riskmc.results import check_file, open_results
from riskmc.results.contents import Keep
from riskmc.runs import summarised
from riskmc.runs.simulation import run
from riskmc.study import Study, load_study

EXAMPLE = Path(__file__).parent.parent / "configs" / "example.toml"
DRAWS = 24_000


@pytest.fixture(scope="module")
def study() -> Study:
    whole = load_study(EXAMPLE)
    return whole.model_copy(update={"years": 3})


@pytest.fixture(scope="module")
def uninterrupted(study: Study) -> xr.DataTree:
    return run(study, draws=DRAWS, keep="headline")


def assert_same_values(ours: xr.DataTree, theirs: xr.DataTree) -> None:
    for group in ("outcomes", "place"):
        for name in theirs[group].data_vars:
            np.testing.assert_array_equal(
                ours[group][name].values, theirs[group][name].values, err_msg=str(name)
            )


class Stop(Exception):
    """Stands for an interruption."""


def stop_after(blocks: int):
    seen = []

    def progress(done: int, total: int) -> None:
        seen.append(done)
        if len(seen) == blocks:
            raise Stop

    return progress


def test_a_run_on_file_equals_one_in_memory(
    study: Study, uninterrupted: xr.DataTree, tmp_path: Path
) -> None:
    """Would catch a block written to the wrong place, or a type changed on file."""
    written = run(study, draws=DRAWS, keep="headline", out=tmp_path / "results.nc")
    assert_same_values(written, uninterrupted)
    assert written.attrs == uninterrupted.attrs
    assert sorted(p.name for p in tmp_path.iterdir()) == ["results.nc", "results.nc.checksums"]
    everything = run(study, draws=100, keep="all", out=tmp_path / "all.nc")
    assert_same_values(everything, run(study, draws=100, keep="all"))


def test_an_interrupted_run_is_taken_up_to_the_bit(
    study: Study, uninterrupted: xr.DataTree, tmp_path: Path
) -> None:
    """Would catch a block lost or done from other draws after an interruption."""
    target = tmp_path / "results.nc"
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep="headline", out=target, progress=stop_after(3), workers=1)
    assert not target.exists()
    done: list[int] = []
    again = run(
        study, draws=DRAWS, keep="headline", out=target, progress=lambda d, _: done.append(d)
    )
    assert done[0] > 4096, "blocks already done were done again"
    assert_same_values(again, uninterrupted)


def flip(path: Path, at: int) -> None:
    """Flip a bit of a byte."""
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        ("flip", r"block \d+ was spoilt and done again"),
        ("truncate", "was spoilt: all blocks are done again"),
        ("flip the file's own map", "was spoilt: all blocks are done again"),
    ],
)
def test_a_spoilt_block_is_noticed_named_and_done_again(
    study: Study, uninterrupted: xr.DataTree, tmp_path: Path, spoil: str, named: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Would catch a flipped byte, or a truncated file, passed on to a board."""
    target = tmp_path / "results.nc"
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep="headline", out=target, progress=stop_after(5), workers=1)
    partial = target.with_name("results.nc.partial")
    size = partial.stat().st_size
    if spoil == "truncate":
        os.truncate(partial, size - size // 3)
    else:
        flip(partial, size // 2 if spoil == "flip" else 700)
    assert_same_values(run(study, draws=DRAWS, keep="headline", out=target), uninterrupted)
    assert re.search(named, caplog.text)


def test_a_spoilt_journal_is_never_believed(
    study: Study, tmp_path: Path, rng: np.random.Generator
) -> None:
    """Would catch a traceback, or a block taken as done, by a journal with a flipped byte."""
    small, draws = study.replaced(years=1), 3 * 4096
    whole = run(small, draws=draws, keep="headline")
    target = tmp_path / "results.nc"
    with pytest.raises(Stop):
        run(small, draws=draws, keep="headline", out=target, progress=stop_after(2), workers=1)
    kept = {p: p.read_bytes() for p in tmp_path.iterdir()}
    journal = target.with_name("results.nc.journal")
    size = journal.stat().st_size
    for at in (*rng.integers(0, size - 30, 4), *rng.integers(size - 30, size, 6)):
        for path, content in kept.items():
            path.write_bytes(content)
        flip(journal, int(at))
        again = run(small, draws=draws, keep="headline", out=target)
        assert_same_values(again, whole)
        again.close()


def test_a_finished_file_that_is_spoilt_is_refused(study: Study, tmp_path: Path) -> None:
    """Would catch a report written from draws that are not those of the run."""
    target = tmp_path / "results.nc"
    run(study, draws=DRAWS, keep="headline", out=target).close()
    check_file(tmp_path)
    size = target.stat().st_size
    for at, said in (
        (700, "not as it was written"),
        (size // 2, r"draws [\d,]+ to [\d,]+ are not as they were written"),
    ):
        flip(target, at)
        with pytest.raises(ResultsError, match=said):
            check_file(target)
        done = subprocess.run(
            [sys.executable, "-m", "riskmc", "report", str(tmp_path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert re.search(said, done.stderr)
        assert not (tmp_path / "report.html").exists()
        flip(target, at)
    check_file(target)
    checksums = tmp_path / "results.nc.checksums"
    flip(checksums, 5)
    with pytest.raises(ResultsError, match="cannot be checked"):
        check_file(target)
    os.truncate(target, size - 1)
    checksums.unlink()
    check_file(target)  # nothing to check it by


def test_saved_streams_that_are_spoilt_are_refused(study: Study, tmp_path: Path) -> None:
    """Would catch counts and sums changed on the disk."""
    target = tmp_path / "x.nc"
    run(study, draws=4096, keep="summaries", out=target).close()
    with h5py.File(target) as file:
        stored = max(file["streams"].values(), key=lambda x: x.id.get_storage_size())
        at = stored.id.get_chunk_info(0).byte_offset
    flip(target, at + 100)
    with pytest.raises(OSError, match="filter returned failure"):
        open_results(target)["streams"].to_dataset().load()


def test_drivers_of_ones_own_are_not_mixed(study: Study, tmp_path: Path) -> None:
    """Would catch half a run on some futures and half on others."""
    target = tmp_path / "x.nc"
    some, others = (sample(study, draws=3 * 4096, seed=seed) for seed in (1, 2))
    with pytest.raises(Stop):
        run(study, drivers=some, keep="headline", out=target, progress=stop_after(1), workers=1)
    again = run(study, drivers=others, keep="headline", out=target)
    assert_same_values(again, run(study, drivers=others, keep="headline"))
    again.close()


@pytest.mark.parametrize("keep", ["headline", "summaries"])
def test_drivers_of_ones_own_leave_an_unfinished_run_alone(
    study: Study, tmp_path: Path, keep: Keep
) -> None:
    """Would catch somebody's hours of work deleted without a word."""
    target = tmp_path / "x.nc"
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep=keep, out=target, progress=stop_after(3), workers=1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for other in ("headline", "summaries"):
        with pytest.raises(RunError, match="unfinished run of another kind"):
            run(study, drivers=sample(study, draws=160), keep=other, out=target)
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


@pytest.mark.parametrize("blocks", [1, 3])
def test_a_journal_cut_short_is_mended(
    study: Study, uninterrupted: xr.DataTree, tmp_path: Path, blocks: int
) -> None:
    """Would catch a last line run together with the next, which makes a good file look spoilt."""
    target = tmp_path / "results.nc"
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep="headline", out=target, progress=stop_after(blocks), workers=1)
    journal = target.with_name("results.nc.journal")
    os.truncate(journal, journal.stat().st_size - 4)
    again = run(study, draws=DRAWS, keep="headline", out=target)
    assert_same_values(again, uninterrupted)
    check_file(target)
    again.close()


@pytest.mark.parametrize("keep", ["headline", "summaries"])
def test_a_full_disk_is_named_and_the_same_run_goes_on(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: Keep
) -> None:
    """Would catch a traceback, half a block taken for a whole one, and work thrown away."""
    target, draws = tmp_path / "x.nc", 6 * 4096
    written = 0

    def full(file: int, data: Any, at: int) -> int:
        nonlocal written
        written += 1
        if written > 1200:
            return really_written(file, data[: len(data) // 2], at)
        return really_written(file, data, at)

    really_written = os.pwrite
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        patched.setattr(np, "savez", no_space)
        patched.setattr(summarised, "EVERY", 2)
        with pytest.raises(RunError, match=r"x\.nc.*the disk is full"):
            run(study, draws=draws, keep=keep, out=target, workers=1)
    assert not target.exists()
    done: list[int] = []
    again = run(study, draws=draws, keep=keep, out=target, progress=lambda d, _: done.append(d))
    if keep == "headline":
        assert done[0] > 4096, "what was whole was done again"
    group = "streams" if keep == "summaries" else "place"
    xr.testing.assert_equal(
        again[group].to_dataset(), run(study, draws=draws, keep=keep)[group].to_dataset()
    )
    again.close()


def no_space(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_an_unfinished_run_of_another_kind_is_refused(study: Study, tmp_path: Path) -> None:
    """Would catch blocks of two seeds mixed in one file."""
    target = tmp_path / "results.nc"
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep="headline", out=target, progress=stop_after(1))
    with pytest.raises(RunError, match=r"unfinished run of another kind.*differs in seed"):
        run(study, draws=DRAWS, seed=5, keep="headline", out=target)
    other = study.model_copy(update={"title": "Another place"})
    with pytest.raises(RunError, match="differs in the study"):
        run(other, draws=DRAWS, keep="headline", out=target)


def test_a_finished_run_is_replaced_as_a_whole(study: Study, tmp_path: Path) -> None:
    """Would catch an old result left in place, or half of it."""
    target = tmp_path / "results.nc"
    run(study, draws=160, out=target, keep="headline").close()
    run(study, draws=320, seed=5, out=target, keep="headline").close()
    replaced = open_results(target)
    assert replaced.attrs["seed"] == 5
    assert replaced.attrs["draws"] == 320


def test_a_folder_that_cannot_be_written_is_named(study: Study, tmp_path: Path) -> None:
    """Would catch a traceback, or a run that computes for an hour and then fails."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match="cannot be written"):
        run(study, draws=160, keep="headline", out=tmp_path / "file" / "results.nc")


RUNNER = """
import sys
from pathlib import Path
from riskmc.runs import simulation
from riskmc.runs import summarised
from riskmc.study import load_study
study = load_study(sys.argv[1]).model_copy(update={"years": 3})
simulation.WORTH_PROCESSES = float(sys.argv[5])
summarised.EVERY = 2
simulation.run(study, draws=int(sys.argv[3]), keep=sys.argv[4], out=Path(sys.argv[2]), workers=2,
               progress=lambda done, total: print(done, flush=True))
"""


@pytest.mark.parametrize(
    ("worth_processes", "keep"),
    [
        pytest.param("inf", "headline", id="threads-headline"),
        pytest.param("0", "summaries", id="processes-streams"),
        pytest.param("inf", "summaries", id="threads-streams", marks=pytest.mark.slow),
        pytest.param("0", "headline", id="processes-headline", marks=pytest.mark.slow),
    ],
)
def test_killed_at_any_moment_a_run_is_taken_up_to_the_bit(
    study: Study, tmp_path: Path, rng: np.random.Generator, keep: Keep, worth_processes: str
) -> None:
    """Would catch a journal that speaks before the data are there, or a half-made file used."""
    target = tmp_path / "results.nc"
    arguments = [str(EXAMPLE), str(target), str(DRAWS), keep, worth_processes]
    group = "streams" if keep == "summaries" else "place"
    whole = run(study, draws=DRAWS, keep=keep)[group].to_dataset()
    kills = 0
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, *arguments], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        if rng.uniform() < 0.75:
            process.stdout.readline()  # a block is done: from here on, any moment
        time.sleep(float(rng.uniform(0.0, 0.15)))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
        if target.exists():
            xr.testing.assert_equal(open_results(target)[group].to_dataset(), whole)
            target.unlink()
    assert kills > 0
    again = run(study, draws=DRAWS, keep=keep, out=target)
    xr.testing.assert_equal(again[group].to_dataset(), whole)
    check_file(target)
    again.close()
