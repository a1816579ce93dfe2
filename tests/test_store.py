"""Results written block by block: interrupted, damaged, taken up again, and never wrong."""

from __future__ import annotations

import errno
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from interruption import Stop, stop_after
from riskmc import sample
from riskmc.cli import main
from riskmc.errors import ResultsError, RunError
from riskmc.results import check_file, open_results, room, save
from riskmc.results.assembly import CHUNK_DRAWS, chunk_of, deflated
from riskmc.results.blocks import Blocks
from riskmc.results.contents import Keep
from riskmc.results.packing import packed, step_of
from riskmc.results.unfinished import unfinished_of
from riskmc.runs import summarised
from riskmc.runs.simulation import run
from riskmc.study import Study, load_study

EXAMPLE = Path(__file__).parent.parent / "configs" / "example.toml"
DRAWS = 16_000


@pytest.fixture(scope="module")
def study() -> Study:
    whole = load_study(EXAMPLE)
    return whole.model_copy(update={"years": 3})


@pytest.fixture(scope="module")
def uninterrupted(study: Study, tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    target = tmp_path_factory.mktemp("whole") / "whole.nc"
    return run(study, draws=DRAWS, keep="headline", out=target).load()


def assert_same_values(ours: xr.DataTree, theirs: xr.DataTree) -> None:
    for group in ("outcomes", "place"):
        for name in theirs[group].data_vars:
            np.testing.assert_array_equal(
                ours[group][name].values, theirs[group][name].values, err_msg=str(name)
            )


def test_a_run_on_file_equals_one_in_memory(
    study: Study, uninterrupted: xr.DataTree, tmp_path: Path
) -> None:
    """Would catch a block written to the wrong place, or a type changed on file."""
    memory, step = run(study, draws=DRAWS, keep="headline"), step_of(study)
    for group in ("outcomes", "place"):
        for name, kept in uninterrupted[group].data_vars.items():
            ours = memory[group][name].values
            assert kept.dtype == ours.dtype
            np.testing.assert_array_equal(packed(ours, step), kept.values, err_msg=str(name))
    assert uninterrupted.attrs == memory.attrs
    everything = run(study, draws=100, keep="all", out=tmp_path / "all.nc")
    assert_same_values(everything, run(study, draws=100, keep="all"))
    assert [p.name for p in tmp_path.iterdir()] == ["all.nc"]


def test_what_was_simulated_just_now_reads_as_its_file_does(study: Study, tmp_path: Path) -> None:
    """Would catch draws of one block read as another's, or a selection put in another order."""
    target = tmp_path / "results.nc"
    now = run(study, draws=DRAWS, keep="headline", out=target, scheme="lhs")
    stored = open_results(target)
    assert_same_values(now, stored)
    chains, draws = now["place"].sizes["chain"], now["place"].sizes["draw"]
    rng = np.random.default_rng(1)
    picks: list[dict[str, Any]] = [
        {"chain": chains - 1, "draw": draws - 1},
        {"draw": rng.permutation(draws)[:50], "year": [2, 0]},
        {"chain": slice(1, None, 2), "regime": 1},
        {"draw": []},
    ]
    for pick in picks:
        for group in ("outcomes", "place"):
            ours, theirs = (tree[group].to_dataset().isel(pick) for tree in (now, stored))
            xr.testing.assert_equal(ours, theirs)
    now.close()
    with pytest.raises(ResultsError, match="cannot be read"):
        now["place"]["deficit"].values.sum()


def test_packed_values_are_as_accurate_as_stated(study: Study, uninterrupted: xr.DataTree) -> None:
    """Would catch an amount further off than stated, or one that no longer happened."""
    exact, step = run(study, draws=DRAWS, keep="all"), step_of(study)
    assert step <= 1e-6 * sum(body.cost for body in study.organisations) < 2 * step
    for group in ("outcomes", "place"):
        for name, kept in uninterrupted[group].data_vars.items():
            true, ours = exact[group][name].values, kept.values
            if true.dtype == bool:
                np.testing.assert_array_equal(true, ours)
                continue
            assert (np.abs(true - ours) <= step / 2 + 2.0**-24 * np.abs(true)).all(), name
            np.testing.assert_array_equal(true > 0.0, ours > 0.0, err_msg=str(name))


@pytest.mark.parametrize(
    ("layout", "chunk"),
    [((1, 100), (1, 100)), ((1, 40_000), (1, 20_000)), ((16, 2_500), (8, 2_500)),
     ((64, 512), (64, 512)), ((65, 512), (33, 512)), ((3, 80_000), (1, 26_667))],
)  # fmt: skip
def test_chunks_are_alike(layout: tuple[int, int], chunk: tuple[int, int]) -> None:
    """Would catch a chunk that is mostly filled up, and one that holds more than is said."""
    assert chunk_of(*layout) == chunk
    assert math.prod(chunk) <= CHUNK_DRAWS


@given(
    arrays(np.float32, st.integers(1, 300), elements=st.floats(-100, 100, width=32)),
    st.integers(0, 2000),
)
def test_what_is_deflated_is_what_was_shuffled(values: NDArray[Any], zeros: int) -> None:
    """Would catch a chunk that HDF5 reads as other numbers, or not at all."""
    flat = np.concatenate([np.zeros(zeros, np.float32), values, values])
    planes = flat.view(np.uint8).reshape(-1, 4).T
    assert zlib.decompress(deflated(flat)) == planes.tobytes()


def test_an_interrupted_run_is_taken_up_to_the_bit(
    study: Study, uninterrupted: xr.DataTree, tmp_path: Path
) -> None:
    """Would catch a block lost or done from other draws after an interruption."""
    target = tmp_path / "results.nc"
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep="headline", out=target, progress=stop_after(3), workers=1)
    assert [p.name for p in tmp_path.iterdir()] == ["results.nc.unfinished"]
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


@pytest.mark.parametrize("spoil", ["flip", "truncate", "flip its head"])
def test_a_damaged_block_is_named_and_run_again(
    study: Study, uninterrupted: xr.DataTree, tmp_path: Path, spoil: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Would catch a flipped byte, or a truncated file, passed on to a board."""
    target = tmp_path / "results.nc"
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep="headline", out=target, progress=stop_after(3), workers=1)
    block = sorted(unfinished_of(target).glob("block-*"))[1]
    size = block.stat().st_size
    if spoil == "truncate":
        os.truncate(block, size - size // 3)
    else:
        flip(block, size // 2 if spoil == "flip" else 12)
    again = run(study, draws=DRAWS, keep="headline", out=target)
    assert_same_values(again, uninterrupted)
    assert re.search("block 1 was damaged and run again", caplog.text)
    assert [p.name for p in tmp_path.iterdir()] == ["results.nc"]


def test_a_damaged_record_is_never_used(
    study: Study, tmp_path: Path, rng: np.random.Generator
) -> None:
    """Would catch a traceback, or another run's block taken as done, by a flipped byte."""
    small, draws = study.replaced(years=1), 3 * 4096
    whole = run(small, draws=draws, keep="all")
    target = tmp_path / "results.nc"
    with pytest.raises(Stop):
        run(small, draws=draws, keep="all", out=target, progress=stop_after(2), workers=1)
    folder = unfinished_of(target)
    kept = {p: p.read_bytes() for p in folder.iterdir()}
    for at in rng.integers(0, (folder / "run.json").stat().st_size, 5):
        folder.mkdir(exist_ok=True)
        for path, content in kept.items():
            path.write_bytes(content)
        flip(folder / "run.json", int(at))
        with suppress(RunError):  # it may look like a run of another kind
            again = run(small, draws=draws, keep="all", out=target)
            assert_same_values(again, whole)
            again.close()


def test_a_block_of_another_run_is_not_taken(study: Study, tmp_path: Path) -> None:
    """Would catch futures of a run that was given up, written by a worker that lives on."""
    small, draws = study.replaced(years=1), 3 * 4096
    mine, theirs = tmp_path / "mine.nc", tmp_path / "theirs.nc"
    for target, seed in ((mine, 1), (theirs, 2)):
        with pytest.raises(Stop):
            run(small, draws=draws, seed=seed, keep="all", out=target, progress=stop_after(2),
                workers=1)  # fmt: skip
    for path in unfinished_of(theirs).glob("block-*"):
        path.rename(next(unfinished_of(mine).glob(f"{path.name[:13]}*"), mine.parent / "none"))
    again = run(small, draws=draws, seed=1, keep="all", out=mine)
    assert_same_values(again, run(small, draws=draws, seed=1, keep="all"))


def test_a_damaged_results_file_is_refused(study: Study, tmp_path: Path) -> None:
    """Would catch a report, or a mean, worked out from draws that are not those of the run."""
    target = tmp_path / "results.nc"
    run(study, draws=DRAWS, keep="headline", out=target).close()
    check_file(tmp_path)
    size = target.stat().st_size
    for at in (3_000, size // 2, size - 30, size - 5):
        flip(target, at)
        with pytest.raises(ResultsError, match=r"not as it was written|its checksums are missing"):
            open_results(target)
        flip(target, at)
    open_results(target).close()
    flip(target, size // 2)
    answer = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert answer.exit_code == 2
    assert "not as it was written from byte" in answer.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["results.nc"]
    open_results(target, check=False).close()
    flip(target, size // 2)
    os.truncate(target, size - 1)
    with pytest.raises(ResultsError, match="checksums are missing"):
        open_results(target)


def test_saved_results_are_sealed_too(study: Study, tmp_path: Path) -> None:
    """Would catch counts and sums changed on the disk."""
    target = tmp_path / "x.nc"
    run(study, draws=4096, keep="summaries", out=target).close()
    flip(target, target.stat().st_size // 2)
    with pytest.raises(ResultsError, match="not as it was written"):
        open_results(target)


def test_drivers_of_ones_own_are_not_mixed(study: Study, tmp_path: Path) -> None:
    """Would catch half a run on some futures and half on others."""
    target = tmp_path / "x.nc"
    some, others = (sample(study, draws=3 * 4096, seed=seed) for seed in (1, 2))
    with pytest.raises(Stop):
        run(study, drivers=some, keep="all", out=target, progress=stop_after(1), workers=1)
    again = run(study, drivers=others, keep="all", out=target)
    assert_same_values(again, run(study, drivers=others, keep="all"))
    again.close()


@pytest.mark.parametrize("keep", ["headline", "summaries"])
def test_drivers_of_ones_own_leave_an_unfinished_run_alone(
    study: Study, tmp_path: Path, keep: Keep
) -> None:
    """Would catch somebody's hours of work deleted without a word."""
    target = tmp_path / "x.nc"
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep=keep, out=target, progress=stop_after(3), workers=1)
    folder = unfinished_of(target)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for other in ("headline", "summaries"):
        with pytest.raises(RunError, match="unfinished run that differs"):
            run(study, drivers=sample(study, draws=160), keep=other, out=target)
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("keep", ["summaries", "headline"])
def test_no_file_is_begun_on_a_disk_without_room(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: Keep
) -> None:
    """Would catch HDF5 started on a full disk, where it ends in a traceback and a crash of Python.

    The disk is full from when the results file is to be written.
    """
    usage = shutil.disk_usage(tmp_path)
    full = usage._replace(free=1000)
    monkeypatch.setattr("riskmc.runs.memory._free_disk", lambda _: 10**12)
    target = tmp_path / "x.nc"
    with monkeypatch.context() as patched:
        patched.setattr(room.shutil, "disk_usage", lambda _: full)
        with pytest.raises(RunError, match=r"disk is full|No space left.*to resume"):
            run(study, draws=64, keep=keep, out=target)
    assert not target.exists()
    assert not list(tmp_path.rglob(".results*"))
    results = run(study, draws=64, keep=keep, out=target)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: full)
    with pytest.raises(ResultsError, match="No space left"):
        save(results, tmp_path / "y.nc")


@pytest.mark.parametrize("keep", ["headline", "summaries"])
def test_a_full_disk_is_named_and_the_same_run_goes_on(
    study: Study,
    uninterrupted: xr.DataTree,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keep: Keep,
) -> None:
    """Would catch a traceback, half a block taken for a whole one, and work thrown away."""
    target, draws = tmp_path / "x.nc", DRAWS
    written = 0

    def full(place: Blocks, block: int, *more: Any, **how: Any) -> bool:
        nonlocal written
        written += 1
        if written > 2:
            no_space()
        return really_write(place, block, *more, **how)

    really_write = Blocks.write
    with monkeypatch.context() as patched:
        patched.setattr(Blocks, "write", full)
        patched.setattr(np, "savez", no_space)
        patched.setattr(summarised, "EVERY", 2)
        with pytest.raises(RunError, match=r"x\.nc.*the disk is full"):
            run(study, draws=draws, keep=keep, out=target, workers=1)
    assert not target.exists()
    done: list[int] = []
    again = run(study, draws=draws, keep=keep, out=target, progress=lambda d, _: done.append(d))
    if keep == "headline":
        assert done[0] > 4096, "what was whole was done again"
        assert_same_values(again, uninterrupted)
    else:
        whole = run(study, draws=draws, keep=keep)
        xr.testing.assert_equal(again["summaries"].to_dataset(), whole["summaries"].to_dataset())
    again.close()


def no_space(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_an_unfinished_run_of_another_kind_is_refused(study: Study, tmp_path: Path) -> None:
    """Would catch blocks of two seeds mixed in one file."""
    target = tmp_path / "results.nc"
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep="headline", out=target, progress=stop_after(1))
    with pytest.raises(RunError, match=r"unfinished run that differs in seed"):
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
import os
import signal
import sys
from pathlib import Path
from riskmc.runs import simulation
from riskmc.runs import summarised
from riskmc.study import load_study

def report(done, total):
    print(done, flush=True)
    if done >= float(sys.argv[6]):
        os.kill(os.getpid(), signal.SIGKILL)

study = load_study(sys.argv[1]).model_copy(update={"years": 3})
simulation.WORTH_PROCESSES = float(sys.argv[5])
summarised.EVERY = 2
simulation.run(study, draws=int(sys.argv[3]), keep=sys.argv[4], out=Path(sys.argv[2]), workers=2,
               progress=report)
"""


def runner(*arguments: object) -> subprocess.Popen[str]:
    """Start a run; the last argument is the draw at which it kills itself."""
    words = [sys.executable, "-c", RUNNER, str(EXAMPLE), *map(str, arguments)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def test_killed_in_the_middle_a_run_is_taken_up_to_the_bit(
    study: Study, uninterrupted: xr.DataTree, tmp_path: Path
) -> None:
    """Would catch a block taken for done that another thread was still writing."""
    target = tmp_path / "results.nc"
    process = runner(target, DRAWS, "headline", "inf", 2 * 4096)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    again = run(study, draws=DRAWS, keep="headline", out=target)
    assert_same_values(again, uninterrupted)
    check_file(target)
    again.close()


@pytest.mark.slow
@pytest.mark.parametrize("worth_processes", ["inf", "0"], ids=["threads", "processes"])
@pytest.mark.parametrize("keep", ["headline", "summaries"])
def test_killed_at_any_moment_a_run_is_taken_up_to_the_bit(
    study: Study, tmp_path: Path, rng: np.random.Generator, keep: Keep, worth_processes: str
) -> None:
    """Would catch a journal that speaks before the data are there, or a half-made file used."""
    target = tmp_path / "results.nc"
    group = "summaries" if keep == "summaries" else "place"
    whole = run(study, draws=DRAWS, keep=keep, out=tmp_path / "whole.nc")[group].to_dataset()
    kills = 0
    for _ in range(6):
        process = runner(target, DRAWS, keep, worth_processes, "inf")
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
