"""The folder a run writes: made in a hidden folder inside it, then put in its place in one step."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmc.errors import RunError
from riskmc.results.publishing import (
    RECORD_FILE,
    RESULTS_FILE,
    commit,
    finish_interrupted,
    listing,
    lock,
    open_folder,
    record_of,
    refuse_planted,
)
from riskmc.results.unfinished import forget_if_nothing_done

if TYPE_CHECKING:
    import xarray as xr

UNFINISHED, REPORT_UNFINISHED = ".unfinished", ".unfinished-report"


class Folder:
    """A run's folder, and the hidden one in which its next contents are made."""

    def __init__(self, path: Path, workshop: str = UNFINISHED) -> None:
        self.path = path
        self.workshop = path / workshop
        self._lock: int | None = None

    def __enter__(self) -> Folder:
        """Open the folder, for this process alone."""
        self.open()
        return self

    def __exit__(self, *error: object) -> None:
        """Let another process have it."""
        self.release()

    def open(self) -> None:
        """Make the folders, for this process alone, and clear what an earlier run wrote last.

        Results and unfinished ones stay. Raises RunError where the folder cannot be written, is
        another run's at the moment, or holds links where none belong.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            finish_interrupted(self.path)
            self._claim()
            refuse_planted(self.workshop)
            for path in self.workshop.iterdir():
                if not path.name.startswith(RESULTS_FILE) and not path.is_dir():
                    path.unlink()
        except OSError as error:
            raise RunError(f"{self.path}: cannot be written: {error.strerror}") from error

    def _claim(self) -> None:
        """Lock the hidden folder; RunError where another process has."""
        while True:
            with contextlib.suppress(FileExistsError):
                self.workshop.mkdir()
            try:
                self._lock = open_folder(self.workshop)
            except NotADirectoryError as error:
                raise RunError(
                    f"{self.workshop}: is not a folder (a symbolic link, perhaps): delete it, or "
                    "choose another --out"
                ) from error
            if not lock(self._lock):
                self.release()
                raise RunError(
                    f"{self.path}: another run is using this folder: wait for it, or choose "
                    "another --out"
                )
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(self._lock), self.workshop.lstat()):
                    return
            self.release()  # it was published meanwhile: there is a new one to claim

    def release(self) -> None:
        """Let another process have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def leave_if_empty(self) -> bool:
        """Remove the folders where nothing was made in them; return whether they are gone."""
        forget_if_nothing_done(self.results)
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

    def publish(self, record: dict[str, Any] | None = None) -> list[Path]:
        """Put every file made into its place, in one step, and return where they are.

        `record` becomes `run.json`, with the name, size and hash of every file; without one the
        record of the run in this folder is brought up to date.
        """
        try:
            for path in self.workshop.iterdir():
                if path.is_dir():  # what a crash left of an unfinished run
                    shutil.rmtree(path)
            made = sorted(path.name for path in self.workshop.iterdir())
            old = record_of(self.path) if record is None else {}
            if record is not None or old:
                files = {**old.get("files", {}), **listing(self.workshop)}
                text = json.dumps({**(record or old), "files": files}, indent=2, ensure_ascii=False)
                (self.workshop / RECORD_FILE).write_text(text + "\n", encoding="utf-8")
            commit(self.workshop, self.path)
            self.release()
        except OSError as error:
            raise RunError(f"{self.path}: cannot be written: {error.strerror}") from error
        return [self.path / name for name in made]


def earlier_run(folder: Path) -> str:
    """Say which finished run lies in a folder and is replaced; "" where none does."""
    record = record_of(folder)
    if not record or not (folder / RESULTS_FILE).exists():
        return ""
    started, draws, seed = (record.get(key, "unknown") for key in ("started", "draws", "seed"))
    counted = f"{draws:,}" if isinstance(draws, int) else draws
    return f"the run of {started} ({counted} futures, seed {seed}) is replaced"


def run_record(
    results: xr.DataTree, *, started: str, seconds: float, failed: int
) -> dict[str, Any]:
    """Return what `run.json` holds: all that is needed to repeat and to trust the run."""
    import platform

    attributes = results.attrs
    versions = json.loads(attributes["versions"])
    return {
        "study": {
            "title": attributes["title"],
            "file": attributes["study_file"],
            "sha256": attributes["study_sha256"],
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
        "drivers_clipped": json.loads(attributes.get("drivers_clipped", "{}")),
    }
