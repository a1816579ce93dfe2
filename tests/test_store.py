"""Results written block by block: interrupted, spoilt, taken up again, and never wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from riskmc.errors import RunError
from riskmc.results import open_results
from riskmc.simulation import run
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
    assert [p.name for p in tmp_path.iterdir()] == ["results.nc"]
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


def test_a_spoilt_block_is_noticed_and_done_again(
    study: Study, uninterrupted: xr.DataTree, tmp_path: Path
) -> None:
    """Would catch a flipped byte, or a truncated file, passed on to a board."""
    target = tmp_path / "results.nc"
    for spoil in ("flip", "truncate", "flip the file's own map"):
        with pytest.raises(Stop):
            run(study, draws=DRAWS, keep="headline", out=target, progress=stop_after(5), workers=1)
        partial = target.with_name("results.nc.partial")
        size = partial.stat().st_size
        with partial.open("r+b") as file:
            if spoil == "truncate":
                file.truncate(size - size // 3)
            else:
                at = size // 2 if spoil == "flip" else 700
                file.seek(at)
                byte = file.read(1)
                file.seek(at)
                file.write(bytes([byte[0] ^ 1]))
        assert_same_values(run(study, draws=DRAWS, keep="headline", out=target), uninterrupted)
        target.unlink()


def test_an_unfinished_run_of_another_kind_is_refused(study: Study, tmp_path: Path) -> None:
    """Would catch blocks of two seeds mixed in one file."""
    target = tmp_path / "results.nc"
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep="headline", out=target, progress=stop_after(1))
    with pytest.raises(RunError, match=r"unfinished run of another kind.*differs in seed"):
        run(study, draws=DRAWS, seed=5, keep="headline", out=target)
    other = study.model_copy(update={"title": "Another place"})
    with pytest.raises(RunError, match="differs in study_sha256"):
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
from riskmc.simulation import run
from riskmc.study import load_study
study = load_study(sys.argv[1]).model_copy(update={"years": 3})
run(study, draws=int(sys.argv[3]), keep="headline", out=Path(sys.argv[2]), workers=2,
    progress=lambda done, total: print(done, flush=True))
"""


def test_killed_at_any_moment_a_run_is_taken_up_to_the_bit(
    study: Study, uninterrupted: xr.DataTree, tmp_path: Path, rng: np.random.Generator
) -> None:
    """Would catch a journal that speaks before the data are there, or a half-made file used."""
    target = tmp_path / "results.nc"
    command = [sys.executable, "-c", RUNNER, str(EXAMPLE), str(target), str(DRAWS)]
    kills = 0
    for _ in range(8):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        if process.stdout.readline():  # the first block is done: from here on, any moment
            time.sleep(float(rng.uniform(0.0, 0.15)))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
        if target.exists():
            assert_same_values(open_results(target), uninterrupted)
            target.unlink()
    assert kills > 0
    assert_same_values(run(study, draws=DRAWS, keep="headline", out=target), uninterrupted)
