"""`riskmc run`: from study files to folders of results and reports."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from riskmc.errors import RiskmcError, StudyError

if TYPE_CHECKING:
    from riskmc.simulation import Progress
    from riskmc.study import Study

SCHEMES = ("mc", "antithetic", "lhs", "sobol")
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


class Bytes(click.ParamType[int]):
    """An amount of memory, such as 2GB or 500MB."""

    name = "memory"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read an amount of memory."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", str(value).strip().upper())
        if match is None:
            self.fail(f"{value!r} is not an amount of memory, such as 2GB or 500MB", param, ctx)
        return int(float(match[1]) * _UNITS[match[2]])


@click.command("run")
@click.argument("studies", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--draws", type=click.IntRange(1), help="How many futures [default: the study's].")
@click.option("--seed", type=click.IntRange(0), help="Seed of the draws [default: the study's].")
@click.option("--scheme", type=click.Choice(SCHEMES), help="How futures are drawn.")
@click.option("--workers", type=click.IntRange(1), help="Threads [default: one a processor].")
@click.option(
    "--keep",
    type=click.Choice(["all", "headline"]),
    help="What to keep by organisation [default: all where it fits the memory].",
)
@click.option("--memory", type=Bytes(), help="Memory to use [default: a quarter of the machine's].")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder [default: reports/NAME-OF-STUDY]."
)
@click.option("--json", "as_json", is_flag=True, help="Print the headline table as JSON.")
def run_command(studies: tuple[Path, ...], out: Path | None, as_json: bool, **options: Any) -> None:
    """Simulate every regime of each STUDY on the same futures; print and write the results.

    Writes report.html, summary.csv, results.nc and run.json. An interrupted run is taken up
    where it stopped when the same command is given again.

    \b
    Examples:
      riskmc run configs/greater-manchester.toml
      riskmc run my-place.toml --draws 100000 --seed 7 --out reports/try
    """  # noqa: D301
    from riskmc.study import load_study

    loaded: list[tuple[Path, Study]] = []
    problems = []
    for path in studies:
        try:
            loaded.append((path, load_study(path)))
        except StudyError as error:
            problems.extend(error.problems)
    if problems:
        raise StudyError(problems)
    for path, study in loaded:
        folder = Path("reports") / path.stem if out is None else out
        if out is not None and len(loaded) > 1:
            folder = out / path.stem
        run_study(path, study, folder, as_json=as_json, options=options)


def run_study(
    path: Path, study: Study, folder: Path, *, as_json: bool, options: dict[str, Any]
) -> None:
    """Run one study into a folder and print its headline table."""
    from datetime import UTC, datetime
    from time import perf_counter

    from riskmc.cli.folder import RESULTS_FILE, Folder, run_record, write_outputs
    from riskmc.cli.output import headline_json, headline_text
    from riskmc.measures import failed_draws
    from riskmc.results import open_results
    from riskmc.simulation import run

    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), perf_counter()
    workshop = Folder(folder)
    workshop.open()
    try:
        with progress_bar(study.title) as progress:
            results = run(study, out=workshop.results, progress=progress, **options)
    except KeyboardInterrupt:
        raise RiskmcError(
            f"stopped; what is done is kept in {workshop.workshop}: the same command goes on"
        ) from None
    record = run_record(
        results,
        path,
        started=started,
        seconds=perf_counter() - clock,
        failed=failed_draws(results),
    )
    write_outputs(results, workshop.workshop, run=record)
    results.close()
    workshop.publish()
    results = open_results(folder / RESULTS_FILE)
    if as_json:
        click.echo(json.dumps({"run": record, **headline_json(results)}, ensure_ascii=False))
    else:
        click.echo(headline_text(results))
        click.echo(f"\nWritten to {folder}/")
    results.close()


@contextmanager
def progress_bar(title: str) -> Iterator[Progress | None]:
    """Give a progress bar on standard error, to a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} of {task.total:,} futures"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
