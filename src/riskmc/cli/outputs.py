"""What a run can write, one row per output: each stands alone, and a failure stops no other.

An output is a name for `--outputs`, the files that it makes, and a function that makes them from
results in a folder. What several need (the report as data, the runs alongside the main one) is made
once, in `OutputRequest`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from riskmc.errors import InputError, RiskmcError

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.measures.view import Results
    from riskmc.report import Report

#: Results of at most so many bytes, in double precision, are read at once.
_READ_WHOLE = 300_000_000


@dataclass
class OutputRequest:
    """What outputs are made from.

    results           as `riskmc.run` gives them
    folder            where files go
    organisation      whose report it is; None: the place's
    progress          given a line of what is being made
    study_folder      what the study's `previous` is relative to: where its file is
    attribute         say which rule does the work even where the study does not ask
    """

    results: xr.DataTree
    folder: Path
    organisation: str | None = None
    progress: Callable[[str], None] | None = None
    study_folder: Path | None = None
    attribute: bool = False
    _made: dict[str, Any] = field(default_factory=dict)

    @property
    def view(self) -> Results:
        """The results as every output reads them: what one worked out the next finds."""
        from riskmc.measures.view import Results

        view: Results = self.once("view", lambda: Results(self.results))
        return view

    @property
    def report(self) -> Report:
        """The report: every part of it is made when it is first asked for."""
        from riskmc.report import Report

        def make() -> Report:
            return Report(
                self.view,
                organisation=self.organisation,
                progress=self.progress,
                folder=self.study_folder,
                attribute=self.attribute,
            )

        report: Report = self.once("report", make)
        return report

    @property
    def has_report(self) -> bool:
        """Whether the report was made."""
        return not isinstance(self._made.get("report", ValueError()), Exception)

    def once(self, what: str, make: Callable[[], Any]) -> Any:
        """Return what `make` makes, made once; what stops it stops all that need it."""
        if what not in self._made:
            try:
                self._made[what] = make()
            except Exception as error:
                self._made[what] = error
        if isinstance(self._made[what], Exception):
            raise self._made[what]
        return self._made[what]


@dataclass(frozen=True)
class Output:
    """One output: what it is called, its files, whether it needs draws, and what makes it."""

    name: str
    files: tuple[str, ...]
    write: Callable[[OutputRequest], None]
    needs_draws: bool = True
    needs_summaries: bool = False

    def suits(self, kept: str) -> bool:
        """Say whether results that kept this can give it."""
        return not (self.needs_draws if kept == "summaries" else self.needs_summaries)


def _write_paper(making: OutputRequest) -> None:
    making.report.write_paper(making.folder)


def _write_annex(making: OutputRequest) -> None:
    making.report.write_annex(making.folder)


def _write_html(making: OutputRequest) -> None:
    making.report.write_html(making.folder)


def _write_xlsx(making: OutputRequest) -> None:
    making.report.write_tables(making.folder)


def _write_csv(making: OutputRequest) -> None:
    from riskmc.measures import write_summary_csv

    write_summary_csv(making.view, making.folder / "summary.csv")


def _write_distribution(making: OutputRequest) -> None:
    from riskmc.measures.distribution_tables import write_distribution_csv, write_exhaustion_csv

    write_distribution_csv(making.view, making.folder / "distribution.csv")
    write_exhaustion_csv(making.view, making.folder / "exhaustion.csv")


#: Every output, in the order in which they are made.
OUTPUTS: tuple[Output, ...] = (
    Output("csv", ("summary.csv",), _write_csv, needs_draws=False),
    Output(
        "distributions",
        ("distribution.csv", "exhaustion.csv"),
        _write_distribution,
        needs_draws=False,
        needs_summaries=True,
    ),
    Output("paper", ("paper.pdf",), _write_paper),
    Output("annex", ("annex.pdf",), _write_annex),
    Output("html", ("report.html",), _write_html),
    Output("xlsx", ("tables.xlsx",), _write_xlsx),
)
#: Outputs that are not the report.
FIGURES_ONLY = ("csv", "distributions")


def chosen(asked: str | None, *, no_report: bool = False) -> tuple[Output, ...]:
    """Return the outputs of `--outputs LIST` and `--no-report`; InputError for an unknown one."""
    names = [output.name for output in OUTPUTS]
    if asked is None:
        wanted = set(FIGURES_ONLY if no_report else names)
    elif no_report:
        raise InputError("--outputs and --no-report: give one or the other")
    else:
        wanted = {name.strip() for name in asked.split(",")} - {""}
    unknown = sorted(wanted - set(names))
    if unknown:
        raise InputError(
            f"--outputs: no output '{unknown[0]}'; allowed: {', '.join(names)}, in a list such as "
            "paper,csv"
        )
    return tuple(output for output in OUTPUTS if output.name in wanted)


def write_outputs(making: OutputRequest, outputs: Iterable[Output]) -> list[str]:
    """Write outputs, each for itself; return in sentences what failed.

    Files of an output that failed are removed: nothing half made is published.
    """
    faults = dict[str, list[str]]()
    for output in outputs:
        if not output.suits(str(making.results.attrs["kept"])):
            continue
        try:
            with _saying_nothing():
                output.write(making)
        except Exception as error:
            faults.setdefault(_in_words(error), []).extend(output.files)
            for name in output.files:
                (making.folder / name).unlink(missing_ok=True)
    if making.progress is not None:
        click.echo("\r\033[K", nl=False, err=True)
    return [f"{_joined(files)} not written: {reason}" for reason, files in faults.items()]


def read_small(results: xr.DataTree) -> bool:
    """Read small results at once, and say whether they are: pieces take longer than the whole."""
    if small := results.nbytes <= _most():
        results.load()
    return small


def read_from_file(results: xr.DataTree) -> None:
    """Read small results at once, of larger ones the place's, which most of a report is about.

    On file they are compressed: piece by piece they would be unpacked again and again.
    """
    from riskmc.results.contents import PLACE_GROUP

    whole = read_small(results) or PLACE_GROUP not in results.children
    if not whole and results[PLACE_GROUP].nbytes <= _most():
        results[PLACE_GROUP].load()


def _most() -> int:
    """Return the bytes of results that are read at once, at most."""
    from riskmc.runs.memory import memory_budget

    return min(_READ_WHOLE, memory_budget() // 4)


@contextmanager
def _saying_nothing() -> Iterator[None]:
    """Keep the runs alongside the main one from repeating its remarks."""
    log = logging.getLogger("riskmc")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def progress_line() -> Callable[[str], None] | None:
    """Return what says on standard error, in one line, what is being made; a terminal only."""
    if not sys.stderr.isatty():
        return None

    def say(words: str) -> None:
        click.echo(f"\r\033[KReports: {words}", nl=False, err=True)

    return say


def _in_words(error: Exception) -> str:
    """Say what went wrong: our own words, the system's, or the name of the fault."""
    if isinstance(error, RiskmcError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    first: Sequence[Any] = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {first[0]}".rstrip(": ")[:300]


def _joined(names: Sequence[str]) -> str:
    """Join names as a sentence does."""
    *rest, last = names
    return f"{', '.join(rest)} and {last} were" if rest else f"{last} was"
