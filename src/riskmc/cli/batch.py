"""Several studies in one command: checked first, run one after the other, an index over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from riskmc.errors import InputError, Problem, RiskmcError, StudyError

if TYPE_CHECKING:
    from riskmc.cli.runs import FinishedRun
    from riskmc.study import Study


class Batch:
    """The studies of a command, and what came of them.

    Raises StudyError with the faults of all files, or InputError where two would share a folder.
    With `keep_going` a file that is wrong, or a run that fails, is said and left out.
    """

    def __init__(
        self,
        studies: Sequence[Path],
        out: Path | None,
        *,
        keep_going: bool,
        allow_outside: bool = False,
        changes: Sequence[str] = (),
    ) -> None:
        self._keep_going = keep_going
        self._allow_outside = allow_outside
        self._changes = changes
        self._count = len(studies)
        self._top = Path("reports") if out is None else out
        self._alone = out is not None and len(studies) == 1
        self._failed: list[RiskmcError] = []
        self._ran: list[tuple[Path, FinishedRun]] = []
        self.loaded = list(self._load(studies))

    def _load(self, studies: Sequence[Path]) -> Iterator[tuple[Path, Study, Path]]:
        from riskmc.study import load_study, validate
        from riskmc.study.validation import beyond_meaning

        loaded: list[tuple[Path, Study, Path]] = []
        problems: list[Problem] = []
        for path in studies:
            try:
                folder = self._top if self._alone else self._top / path.stem
                study = load_study(path, allow_outside=self._allow_outside)
                loaded.append((path, self._changed(study), folder))
            except StudyError as error:
                problems.extend(error.problems)
        if problems and not (self._keep_going and loaded):
            raise StudyError(problems)
        if problems:
            self._fail(StudyError(problems))
        folders = [folder for _, _, folder in loaded]
        if len(set(folders)) < len(folders):
            raise InputError("two studies have the same file name: run them with --out, one by one")
        for path, study, _ in loaded:
            counted = beyond_meaning(study)  # said with its count when it has happened
            for warning in validate(study).warnings:
                if warning in counted:
                    continue
                click.echo(f"riskmc: {path}: warning: {warning}", err=True)
        yield from loaded

    def _changed(self, study: Study) -> Study:
        """Make the changes of `--set`; say where a body keeps a figure of its own."""
        if not self._changes:
            return study
        from riskmc.study import study_mapping
        from riskmc.study.edits import kept_scopes, read_change

        tables = study_mapping(study)
        for kept in (
            key for text in self._changes for key in kept_scopes(tables, read_change(text))
        ):
            click.echo(f"riskmc: {kept} keeps its own value", err=True)
        return study.with_(*self._changes).replaced(scenarios=study.scenarios)

    def _fail(self, error: RiskmcError) -> None:
        self._failed.append(error)
        click.echo(f"riskmc: {error}", err=True)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Say what fails inside and go on, where that was asked for."""
        try:
            yield
        except RiskmcError as error:
            if not self._keep_going:
                raise
            self._fail(error)

    def done(self, path: Path, ran: FinishedRun) -> None:
        """Take what came of a study."""
        self._ran.append((path, ran))
        for fault in ran.faults:
            click.echo(f"riskmc: {path}: {fault}", err=True)

    def finish(self, *, as_json: bool) -> None:
        """Write the index over several places; fail where anything did.

        Exit code 2 where a study was wrong, 1 where an output could not be made.
        """
        if self._count > 1 and self._ran:
            from riskmc.report.index import write_index

            index, _ = write_index([ran.place for _, ran in self._ran], self._top)
            click.echo(f"All places side by side: {index}", err=as_json)
        if self._failed:
            left = self._count - len(self._ran)
            kind = max(self._failed, key=lambda error: error.exit_code)
            error = InputError if isinstance(kind, InputError) else RiskmcError
            raise error(f"{left} of {self._count} studies did not run: see above")
        failed = sum(bool(ran.faults) for _, ran in self._ran)
        if failed:
            raise RiskmcError("not everything could be written (see above); the rest is in place")
