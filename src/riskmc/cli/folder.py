"""The folder a run writes: made beside what is there, then put in its place, file by file.

Unfinished work lies in a hidden folder inside; a file under its own name is always whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmc.errors import RunError

if TYPE_CHECKING:
    import xarray as xr

UNFINISHED, REPORT_UNFINISHED = ".unfinished", ".unfinished-report"
RESULTS_FILE = "results.nc"
#: Results that take less than this part of the memory are read at once.
_READ_WHOLE = 0.25


class Folder:
    """A run's folder, and the hidden one in which its next contents are made."""

    def __init__(self, path: Path, workshop: str = UNFINISHED) -> None:
        self.path = path
        self.workshop = path / workshop

    def open(self) -> None:
        """Make the folders, for this process alone; RunError where that cannot be."""
        try:
            self.workshop.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.workshop, os.O_RDONLY)
        except OSError as error:
            raise RunError(f"{self.path}: cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(
                f"{self.path}: another run is at work in this folder: wait for it, or choose "
                "another --out"
            ) from error
        except OSError:
            pass  # a disk that knows no locks

    def leave_if_empty(self) -> bool:
        """Remove the folders where nothing was made in them; say whether that is so."""
        try:
            self.workshop.rmdir()
        except OSError:
            return False
        with contextlib.suppress(OSError):
            self.path.rmdir()
        return True

    @property
    def results(self) -> Path:
        """Where the results are made."""
        return self.workshop / RESULTS_FILE

    def publish(self) -> list[Path]:
        """Put every file made into its place and return where they are.

        The results go last: stopped before that, the same command finds them and goes on.
        """
        try:
            made = sorted(self.workshop.iterdir(), key=lambda f: (f.name == RESULTS_FILE, f.name))
            published = [file.replace(self.path / file.name) for file in made]
            self.workshop.rmdir()
            os.close(self._lock)
        except OSError as error:
            raise RunError(f"{self.path}: cannot be written: {error.strerror}") from error
        return published


def write_outputs(
    results: xr.DataTree,
    folder: Path,
    *,
    run: dict[str, Any] | None = None,
    organisation: str | None = None,
    likelihood_words: bool = True,
) -> None:
    """Write everything but the results themselves: summary, reports, and how the run was made."""
    from riskmc.cli.large import write_stream_tables
    from riskmc.measures import write_summary_csv
    from riskmc.report import write_report
    from riskmc.runs.memory import memory_budget

    if results.nbytes <= memory_budget() * _READ_WHOLE:
        results.load()  # reading piece by piece, again and again, is what small runs wait for
    try:
        write_summary_csv(results, folder / "summary.csv")
        if results.attrs["kept"] == "streams":
            write_stream_tables(results, folder)
        else:
            write_report(
                results,
                folder,
                organisation=organisation,
                likelihood_words=likelihood_words,
                tables=True,
            )
        if run is not None:
            text = json.dumps(run, indent=2, ensure_ascii=False)
            (folder / "run.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise RunError(f"{folder}: cannot be written: {error.strerror}") from error


def run_record(
    results: xr.DataTree, study: Path, *, started: str, seconds: float, failed: int
) -> dict[str, Any]:
    """Return what `run.json` holds: all that is needed to repeat and to trust the run."""
    import platform

    attributes = results.attrs
    versions = json.loads(attributes["versions"])
    return {
        "study": {
            "title": attributes["title"],
            "file": study.name,
            "sha256": hashlib.sha256(study.read_bytes()).hexdigest(),
        },
        "seed": int(attributes["seed"]),
        "scheme": attributes["scheme"],
        "draws": int(attributes["draws"]),
        "chains": int(attributes["chains"]),
        "kept": attributes["kept"],
        "regimes": list(json.loads(attributes["study"])["regimes"]),
        "version": attributes["riskmc_version"],
        "python": versions.pop("python"),
        "libraries": versions,
        "platform": platform.platform(),
        "started": started,
        "seconds": round(seconds, 1),
        "draws_failed": failed,
    }
