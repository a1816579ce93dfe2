"""Files from somebody else: nothing outside them is read, followed, repeated or written over."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import riskmc
from crash import STUDY
from riskmc.errors import ResultsError, StudyError
from riskmc.study import study_from_json

SECRET = "root:x:0:0:secret"
#: The study of `crash`, whose driver comes from a file.
FROM_A_FILE = re.sub(
    r"distribution.*?sd = 0.02",
    'distribution = "empirical"\nfile = "FILE"\ncolumn = "x"',
    STUDY,
    flags=re.S,
)


def study(folder: Path, file: str) -> Path:
    path = folder / "study.toml"
    path.write_text(FROM_A_FILE.replace("FILE", file), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study's folder; alongside it lies what is none of its business."""
    (tmp_path / "secret.csv").write_text(f"x\n{SECRET}\n1\n2\n", encoding="utf-8")
    made = tmp_path / "mine"
    made.mkdir()
    (made / "data.csv").write_text("x\n0.01\n0.02\n", encoding="utf-8")
    (made / "words.csv").write_text(f"x\n{SECRET}\n", encoding="utf-8")
    (made / "link.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(made / "pipe.csv")
    with (made / "huge.csv").open("wb") as file:
        file.truncate(10**9)
    return made


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("../secret.csv", "outside the folder"),
        ("/dev/zero", "outside the folder"),
        ("/etc/passwd", "outside the folder"),
        ("link.csv", "outside the folder"),
        ("pipe.csv", "not an ordinary file"),
        (".", "not an ordinary file"),
        ("huge.csv", "1,000,000,000 bytes"),
        ("none.csv", "cannot read"),
        ("words.csv", "row 2, column A (x) is not a number"),
        ("x\\u0000.csv", "cannot read"),
    ],
)
def test_a_study_reads_its_own_folder_only(folder: Path, file: str, said: str) -> None:
    """Would catch /dev/zero read for ever, or the first line of /etc/passwd in an error."""
    with pytest.raises(StudyError) as caught:
        riskmc.load_study(study(folder, file))
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "daemon" not in str(caught.value)


def test_files_elsewhere_are_read_where_allowed(folder: Path) -> None:
    """Would catch a rule that cannot be lifted, and one lifted for devices too."""
    (folder.parent / "data.csv").write_text("x\n0.01\n0.02\n", encoding="utf-8")
    riskmc.load_study(study(folder, "../data.csv"), allow_outside=True)
    for file in ("/dev/zero", "pipe.csv"):
        with pytest.raises(StudyError, match="not an ordinary file"):
            riskmc.load_study(study(folder, file), allow_outside=True)


@pytest.mark.parametrize("digits", ["1_0", "\uff11", "\u0661", "1e999", "nan"])
def test_numbers_are_plain_digits(folder: Path, digits: str) -> None:
    """Would catch 1_0 read as 10, and full-width digits."""
    (folder / "data.csv").write_text(f"x\n1\n{digits}\n", encoding="utf-8")
    with pytest.raises(StudyError, match="row 3, column A"):
        riskmc.load_study(study(folder, "data.csv"))


def test_a_study_that_never_ends_is_refused(tmp_path: Path) -> None:
    """Would catch a machine brought down by `riskmc run /dev/zero`."""
    with pytest.raises(StudyError, match="larger than"):
        riskmc.load_study("/dev/zero")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    (folder / "data.csv").write_text("x\n0.01\n0.02\n", encoding="utf-8")
    loaded = riskmc.load_study(study(folder, "data.csv"))
    riskmc.run(loaded, draws=16, keep="all", out=folder / "results.nc").close()
    return folder / "results.nc"


def external_link(file: h5py.File, secret: Path) -> None:
    del file["place/deficit"]
    file["place/deficit"] = h5py.ExternalLink(secret, "place/deficit")


def soft_link(file: h5py.File, secret: Path) -> None:
    del file["place/deficit"]
    file["place/deficit"] = h5py.SoftLink("/place/unmet")


def external_storage(file: h5py.File, secret: Path) -> None:
    shape = file["place/deficit"].shape
    del file["place/deficit"]
    file.create_dataset("place/deficit", shape, "f8", external=[(str(secret), 0, 8 * 16 * 2)])


def virtual(file: h5py.File, secret: Path) -> None:
    layout = h5py.VirtualLayout(file["place/deficit"].shape, "f8")
    layout[...] = h5py.VirtualSource(str(secret), "place/deficit", layout.shape)
    del file["place/deficit"]
    file.create_virtual_dataset("place/deficit", layout)


def bomb(file: h5py.File, secret: Path) -> None:
    del file["place/deficit"]
    file.create_dataset("place/deficit", (10**6, 10**6), "f8", chunks=(10, 10))


def no_study(file: h5py.File, secret: Path) -> None:
    del file.attrs["study"]


def other_draws(file: h5py.File, secret: Path) -> None:
    file.attrs["draws"] = 10**9 + 1


def negative_chains(file: h5py.File, secret: Path) -> None:
    file.attrs["chains"] = 0


def label_twice(file: h5py.File, secret: Path) -> None:
    file["place/year"][0] = file["place/year"][1]


def many_groups(file: h5py.File, secret: Path) -> None:
    for number in range(6_000):
        file.create_group(f"g{number}")


@pytest.mark.parametrize(
    "spoil",
    [external_link, soft_link, external_storage, virtual, bomb, no_study, other_draws,
     negative_chains, label_twice, many_groups],
)  # fmt: skip
def test_a_results_file_with_outside_links_or_false_sizes_is_refused(
    good: Path, tmp_path: Path, spoil: Any
) -> None:
    """Would catch another file's content read through a results file, or memory that is not."""
    secret, bad = tmp_path / "secret.nc", tmp_path / "bad.nc"
    shutil.copy(good, secret)
    shutil.copy(good, bad)
    with h5py.File(bad, "r+") as file:
        spoil(file, secret)
    with pytest.raises(ResultsError) as caught:
        riskmc.open_results(bad, check=False)
    assert "bad.nc" in str(caught.value)


def test_a_stored_study_reads_no_file(good: Path, tmp_path: Path) -> None:
    """Would catch /etc/passwd read by `summary(open_results())` of somebody else's results."""
    with riskmc.open_results(good) as results:
        text = results.attrs["study"]
        riskmc.summary(results)
    hostile = text.replace('"values"', '"other"')
    assert hostile != text
    with pytest.raises(StudyError, match="a stored study holds its values itself"):
        study_from_json(hostile)


def test_a_value_that_cannot_be_read_is_our_error(good: Path, tmp_path: Path) -> None:
    """Would catch a traceback of HDF5's in the middle of a report."""
    bad = tmp_path / "bad.nc"
    loaded = riskmc.load_study(study_of(tmp_path))
    riskmc.run(loaded, draws=16, out=bad).close()
    with h5py.File(bad) as file:
        at = file["place/deficit"].id.get_chunk_info(0).byte_offset
    content = bytearray(bad.read_bytes())
    content[at : at + 40] = np.full(40, 255, np.uint8).tobytes()
    bad.write_bytes(content)
    results = riskmc.open_results(bad, check=False)
    with pytest.raises(ResultsError, match="cannot be read"):
        results["place"]["deficit"].load()
    results.close()


def study_of(folder: Path) -> Path:
    (folder / "data.csv").write_text("x\n0.01\n0.02\n", encoding="utf-8")
    return study(folder, "data.csv")


def test_a_dimension_without_labels_is_no_claim(tmp_path: Path) -> None:
    """Would catch large runs kept as summaries refused: their bins have no labels."""
    import xarray as xr

    from riskmc.distributions.hdf5_files import check_inside

    path = tmp_path / "bins.nc"
    bins = xr.Dataset({"bin": ("occupied", np.zeros(2_000_000, dtype=np.uint16))})
    bins.to_netcdf(path, engine="h5netcdf")
    with h5py.File(path) as file:
        check_inside(file)


@pytest.mark.parametrize("command", [["validate"], ["backtest"]])
def test_a_pipe_without_a_writer_is_refused(tmp_path: Path, command: list[str]) -> None:
    """Would catch a command that waits for ever on a study or a plan that is a pipe."""
    pipe = tmp_path / "study.toml"
    os.mkfifo(pipe)
    said = subprocess.run(
        [sys.executable, "-m", "riskmc", *command, str(pipe)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert "pipe" in said.stderr or "ordinary file" in said.stderr
