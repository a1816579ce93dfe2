"""Published in one step: a crash between any two file calls leaves old or new results, whole."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crash import CALLS, OPTIONS, STUDY, run, stopped_at_every_call
from riskmc import open_results
from riskmc.cli import main, outputs
from riskmc.cli.folder import Folder
from riskmc.results import publishing


class Crash(BaseException):
    """Stands for a machine that stops: nothing may catch it."""


def crash_at(call: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stop at the n-th call that changes files; the list returned counts them."""
    count = [0]

    def stopping(real: Callable[..., Any]) -> Callable[..., Any]:
        def stand_in(*arguments: Any, **named: Any) -> Any:
            count[0] += 1
            if count[0] == call:
                raise Crash
            return real(*arguments, **named)

        return stand_in

    for name in CALLS:
        monkeypatch.setattr(os, name, stopping(getattr(os, name)))
    return count


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def publish(folder: Path, mark: str, *names: str) -> None:
    """Publish files that hold a mark, as a run does."""
    with Folder(folder) as made:
        for name in names:
            (made.workshop / name).write_text(mark, encoding="utf-8")
        made.publish({"draws": 1})


def marks(folder: Path) -> dict[str, str]:
    """What files hold, once whoever opens the folder has finished what was committed."""
    publishing.finish_interrupted(folder)
    files = {p.name: p for p in folder.iterdir() if not p.name.startswith(".unfinished")}
    listed = json.loads(files.pop("run.json").read_text(encoding="utf-8"))["files"]
    for name, path in files.items():
        assert listed[name]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    return {name: path.read_text(encoding="utf-8") for name, path in files.items()}


def test_a_crash_at_any_call_leaves_the_old_or_the_new_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch good results refused, mixed, or litter published, after a crash."""
    old, new = ("results.nc", "summary.csv", "report.pdf"), ("results.nc", "summary.csv")
    with monkeypatch.context() as patched:
        publish(tmp_path / "count", "old", *old)
        count = crash_at(0, patched)
        publish(tmp_path / "count", "new", *new)
    assert count[0] > 10
    for call in range(1, count[0] + 1):
        folder = tmp_path / str(call)
        publish(folder, "old", *old)
        with monkeypatch.context() as patched:
            crash_at(call, patched)
            with pytest.raises(Crash):
                publish(folder, "new", *new)
        whole = dict.fromkeys(old, "old"), dict.fromkeys(new, "new")
        assert marks(folder) in whole, f"call {call}: neither the old nor the new"
        publish(folder, "new", *new)
        assert marks(folder) == whole[1], f"call {call}"
        assert {p.name for p in folder.iterdir()} == {*new, "run.json"}


@pytest.mark.slow
def test_a_run_that_crashes_at_any_call_is_whole(tmp_path: Path) -> None:
    """Would catch the same in a whole run: results, checksums and tables of two runs mixed."""
    tally = stopped_at_every_call(tmp_path, OPTIONS[0])
    assert tally.broken == []
    assert min(tally.old, tally.new) > 0


def test_run_json_names_and_hashes_every_file(study: Path, tmp_path: Path) -> None:
    """Would catch a file that nobody can tell to be of this run."""
    run(study, "--outputs", "csv,xlsx")
    out = tmp_path / "out"
    listed = json.loads((out / "run.json").read_text(encoding="utf-8"))["files"]
    assert set(listed) == {path.name for path in out.iterdir()} - {"run.json"}
    for name, said in listed.items():
        content = (out / name).read_bytes()
        assert said == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_outputs_of_an_earlier_run_go_and_other_files_stay(study: Path, tmp_path: Path) -> None:
    """Would catch tables of old futures alongside new ones, or a user's file deleted."""
    run(study, "--outputs", "csv,xlsx")
    out = tmp_path / "out"
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    said = run(study, "--outputs", "csv")
    assert not (out / "tables.xlsx").exists()
    assert (out / "notes.txt").exists()
    assert "(32 futures, seed 5) is replaced" in said


def test_an_output_that_fails_takes_no_other(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch simulated futures lost because a workbook could not be written."""

    def fail(making: outputs.OutputRequest) -> None:
        (making.folder / "tables.xlsx").write_text("half", encoding="utf-8")
        raise ValueError("no such glyph")

    rows = [
        outputs.Output("xlsx", ("tables.xlsx",), fail) if row.name == "xlsx" else row
        for row in outputs.OUTPUTS
    ]
    monkeypatch.setattr(outputs, "OUTPUTS", tuple(rows))
    said = run(study, "--outputs", "csv,xlsx", code=1)
    out = tmp_path / "out"
    assert "tables.xlsx was not written: ValueError: no such glyph" in said
    assert "Traceback" not in said
    assert {p.name for p in out.iterdir()} >= {"results.nc", "summary.csv", "run.json"}
    assert not (out / "tables.xlsx").exists()


def test_editing_the_study_during_the_run_changes_no_record(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a record that names a study which was never run."""
    before = hashlib.sha256(study.read_bytes()).hexdigest()

    def edit(making: outputs.OutputRequest) -> None:
        study.unlink()

    rows = (outputs.Output("csv", (), edit, needs_draws=False),)
    monkeypatch.setattr(outputs, "OUTPUTS", rows)
    run(study)
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["study"] == {"title": "Two bodies", "file": "study.toml", "sha256": before}
    with open_results(tmp_path / "out") as results:
        assert results.attrs["study_sha256"] == before


@pytest.mark.parametrize("name", [".unfinished", ".unfinished/results.nc.journal"])
def test_links_planted_in_an_unfinished_folder_are_not_followed(
    study: Path, tmp_path: Path, name: str
) -> None:
    """Would catch a file of the user's overwritten through a link that somebody planted."""
    target = tmp_path / "precious"
    target.mkdir()
    link = tmp_path / "out" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    said = run(study, "--no-report", code=1)
    assert "symbolic link" in said
    assert list(target.iterdir()) == []


def test_a_committed_folder_is_finished_by_the_next_reader(tmp_path: Path) -> None:
    """Would catch a crash in the middle of moving that leaves a mixture for good."""
    folder = Folder(tmp_path)
    folder.open()
    (folder.workshop / "summary.csv").write_text("new", encoding="utf-8")
    (folder.workshop / "results.nc").write_text("new", encoding="utf-8")
    (tmp_path / "report.pdf").write_text("old", encoding="utf-8")
    folder.workshop.rename(tmp_path / publishing.COMMITTED)
    folder.release()
    publishing.finish_interrupted(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"summary.csv", "results.nc"}


def test_several_studies_go_on_after_a_bad_one(study: Path, tmp_path: Path) -> None:
    """Would catch a batch of forty that stops at its first bad file."""
    bad = tmp_path / "bad.toml"
    bad.write_text("schema = 1\ntitle = 3\n", encoding="utf-8")
    words = ["run", str(bad), str(study), "--no-report", "--out", str(tmp_path / "all")]
    assert CliRunner().invoke(main, words).exit_code == 2
    assert not (tmp_path / "all").exists()
    answer = CliRunner().invoke(main, [*words, "--keep-going"])
    assert answer.exit_code == 2
    assert "bad.toml" in answer.stderr
    assert "1 of 2 studies did not run" in answer.stderr
    assert (tmp_path / "all" / "study" / "results.nc").exists()
