"""`riskmc run`: from study files to folders of results and reports."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from riskmc.errors import InputError, RiskmcError

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.cli.folder import Folder
    from riskmc.cli.outputs import Output
    from riskmc.measures.view import Results
    from riskmc.report.index import Place
    from riskmc.runs.precision import Stopped
    from riskmc.runs.simulation import Progress
    from riskmc.study import Study

SCHEMES = ("mc", "antithetic", "lhs", "sobol")
KEPT = ("all", "headline", "summaries")
_UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


class MemoryOption(click.ParamType[int]):
    """An amount of memory, such as 2GB or 500MB."""

    name = "memory"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read an amount of memory."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT])B?", str(value).strip().upper())
        if match is None:
            self.fail(f"{value!r} is not an amount of memory, such as 2GB or 500MB", param, ctx)
        return int(float(match[1]) * _UNITS[match[2]])


class KeepOption(click.ParamType[str]):
    """What is kept: all, headline or summaries; `streams` is the word of 0.1.0."""

    name = "all|headline|summaries"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read what is kept."""
        if value == "streams":
            click.echo("riskmc: --keep streams is now called --keep summaries", err=True)
            return "summaries"
        if value not in KEPT:
            self.fail(f"{value!r} is not one of {', '.join(KEPT)}", param, ctx)
        return str(value)


@click.command("run")
@click.argument("studies", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--draws", type=click.IntRange(1), help="How many futures [default: the study's].")
@click.option(
    "--precision",
    type=click.FloatRange(0.0, min_open=True),
    help="Add futures until the chance of a bailout is known to within this, such as 0.005, "
    "under every regime and as a difference; --draws is then the least number "
    "[default: the study's].",
)
@click.option("--seed", type=click.IntRange(0), help="Seed of the draws [default: the study's].")
@click.option("--scheme", type=click.Choice(SCHEMES), help="How futures are drawn.")
@click.option(
    "--workers", type=click.IntRange(1), help="Threads or processes [default: one per processor]."
)
@click.option(
    "--keep",
    type=KeepOption(),
    help="Every variable of every draw (all); the headline ones by body and every one of the "
    "place (headline); or no draws, but sums, counts and histograms (summaries) [default: "
    "headline, or summaries where that does not fit the memory].",
)
@click.option(
    "--memory", type=MemoryOption(), help="Memory to use [default: a quarter of what there is]."
)
@click.option("--dask", metavar="ADDRESS", help="Run on the Dask cluster with this scheduler.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a figure of the study; KEY+=VALUE adds to it, KEY*=VALUE multiplies it. Can be "
    "given several times.",
)
@click.option(
    "--neutral",
    is_flag=True,
    help="Also run every other set of rules adjusted to cost the centre the same as the first.",
)
@click.option(
    "--attribute",
    is_flag=True,
    help="Say in the report which rule does the work, as [report] attribute does.",
)
@click.option(
    "--outputs", metavar="LIST", help="What to write as well as the results: paper,html ..."
)
@click.option("--no-report", is_flag=True, help="Write the results and figures only.")
@click.option(
    "--allow-outside", is_flag=True, help="Let studies name data files outside their folders."
)
@click.option("--keep-going", is_flag=True, help="Of several studies, run those that can be run.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder [default: reports/NAME-OF-STUDY]."
)
@click.option("--json", "as_json", is_flag=True, help="Print the headline table as JSON.")
def run_command(
    studies: tuple[Path, ...],
    out: Path | None,
    as_json: bool,
    keep_going: bool,
    allow_outside: bool,
    outputs: str | None,
    no_report: bool,
    changes: tuple[str, ...],
    neutral: bool,
    attribute: bool,
    **options: Any,
) -> None:
    """Simulate every regime of each STUDY on the same futures; print and write the results.

    Writes the report, its tables, summary.csv, results.nc and run.json; over several studies
    also an index page with the places side by side. An interrupted run resumes where it
    stopped when the same command is given again.

    \b
    Examples:
      riskmc run configs/greater-manchester.toml
      riskmc run my-place.toml --draws 100000 --seed 7 --out reports/try
      riskmc run my-place.toml --precision 0.005
      riskmc run my-place.toml --set drivers.demand_growth.mean=0.03 --out reports/growth-3
      riskmc run configs/*.toml --keep-going
      riskmc run my-place.toml --draws 10000000 --keep summaries
    """  # noqa: D301
    from riskmc.cli.batch import Batch
    from riskmc.cli.outputs import chosen

    wanted = chosen(outputs, no_report=no_report)
    batch = Batch(studies, out, keep_going=keep_going, allow_outside=allow_outside, changes=changes)
    for path, study, folder in batch.loaded:
        with batch.going_on():
            for option, given in (("--neutral", neutral), ("--attribute", attribute)):
                if given and len(study.regimes) == 1:
                    raise InputError(f"{option}: {path} has one set of rules; two are needed")
            if neutral:
                study = neutral_study(study, options)
            place = run_study(
                study,
                folder,
                study_folder=path.parent,
                attribute=attribute,
                as_json=as_json,
                outputs=wanted,
                options=options,
            )
            batch.done(path, place)
    batch.finish(as_json=as_json)


def neutral_study(study: Study, options: dict[str, Any]) -> Study:
    """Return the study with every other regime added at the same cost as the first."""
    from riskmc.variants.neutral import cost_neutral

    how = {key: options[key] for key in ("draws", "seed", "workers")}
    base, *others = study.regimes
    for regime in others:
        study, found = cost_neutral(study, regime, base=base, **how)
        click.echo(f"riskmc: {found.sentence()}", err=True)
    return study


def run_study(
    study: Study,
    folder: Path,
    *,
    study_folder: Path,
    attribute: bool,
    as_json: bool,
    outputs: Sequence[Output],
    options: dict[str, Any],
) -> FinishedRun:
    """Run one study into a folder, print its headline table and return what came of it."""
    from datetime import UTC, datetime
    from time import perf_counter

    from riskmc.cli.asked import check_previous, scenarios_of
    from riskmc.cli.folder import Folder, earlier_run, run_record
    from riskmc.cli.outputs import OutputRequest, progress_line, write_outputs
    from riskmc.measures import headline_table
    from riskmc.report.index import Place
    from riskmc.runs.failed_draws import check_failures

    check_previous(study, study_folder)
    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), perf_counter()
    with Folder(folder) as workshop:
        if words := earlier_run(folder):
            click.echo(f"riskmc: {folder}: {words}", err=True)
        with leaving_nothing(workshop):
            results, stopped = simulated(study, workshop.results, options)
            making = OutputRequest(
                results,
                workshop.workshop,
                progress=progress_line(),
                study_folder=study_folder,
                attribute=attribute,
            )
            failures = check_failures(making.view, stored=workshop.results)
            record = run_record(
                results, started=started, seconds=perf_counter() - clock, failed=failures.count
            )
            if stopped is not None:
                record["precision"] = stopped.as_dict()
            faults = write_outputs(making, outputs)
            said = _headline(making.view, record, scenarios_of(making), as_json=as_json)
            place = Place(str(results.attrs["title"]), folder, headline_table(making.view))
            results.close()
        workshop.publish(record)
    click.echo(said)
    if not as_json:
        _say_where(folder, record, stopped)
    return FinishedRun(place, tuple(faults))


@contextmanager
def leaving_nothing(workshop: Folder) -> Iterator[None]:
    """Leave no empty folders behind where what is inside is stopped or refused."""
    try:
        yield
    except KeyboardInterrupt:
        if workshop.leave_if_empty():
            raise RiskmcError("stopped before there was anything to save") from None
        raise RiskmcError(
            f"stopped; progress is saved in {workshop.workshop}: run the same command to resume"
        ) from None
    except RiskmcError:
        workshop.leave_if_empty()
        raise


class FinishedRun(NamedTuple):
    """What came of one study: its place in an index, and the outputs that could not be made."""

    place: Place
    faults: tuple[str, ...]


def simulated(
    study: Study, target: Path, options: dict[str, Any]
) -> tuple[xr.DataTree, Stopped | None]:
    """Return the results of a study, simulated now or found where a run stopped after it."""
    from riskmc.cli.large import cluster_client, simulated_already
    from riskmc.cli.outputs import read_from_file, read_small
    from riskmc.runs.simulation import run

    options = dict(options)
    address = options.pop("dask")
    with progress_bar(study.title) as progress, cluster_client(address) as client:
        options, stopped = precise_options(study, options, progress)
        say_what_is_drawn(study, options)
        results = simulated_already(study, target, options)
        if results is None:
            results = run(study, out=target, progress=progress, client=client, **options)
            read_small(results)
        else:
            read_from_file(results)
    return results, stopped


def _headline(
    view: Results, record: dict[str, Any], scenarios: xr.Dataset | None, *, as_json: bool
) -> str:
    """Return the headline table of a run and its scenarios as they are printed."""
    from riskmc.cli.asked import scenario_rows, scenario_text
    from riskmc.cli.output import headline_json, headline_text

    if as_json:
        more = {} if scenarios is None else {"scenarios": scenario_rows(scenarios)}
        whole = {"run": record, **headline_json(view), **more}
        return json.dumps(whole, ensure_ascii=False)
    more_text = "" if scenarios is None else f"\n\n{scenario_text(scenarios)}"
    return headline_text(view) + more_text


def _say_where(folder: Path, record: dict[str, Any], stopped: Stopped | None) -> None:
    """Say where a finished run lies, and what a reader should know of it."""
    from riskmc.cli.large import NO_REPORT

    click.echo(f"\nWritten to {folder}/")
    if record["kept"] == "summaries":
        click.echo(NO_REPORT)
    if stopped is not None:
        click.echo(stopped.sentence())


def say_what_is_drawn(study: Study, options: dict[str, Any]) -> None:
    """Report draws rounded up: a scheme's chains are filled."""
    from riskmc.sampling import draws_for

    asked = options["draws"] or study.draws
    scheme = options["scheme"] or study.scheme
    layout = draws_for(asked, scheme)
    if layout.total > asked:
        chains = f"{layout.chains} chains of {layout.per_chain:,}"
        click.echo(
            f"riskmc: {asked:,} futures asked for, {layout.total:,} run: {scheme} fills {chains}",
            err=True,
        )


def precise_options(
    study: Study, options: dict[str, Any], progress: Progress | None
) -> tuple[dict[str, Any], Stopped | None]:
    """Find the draws that a requested precision takes, and put them in its place.

    `--precision` goes before the study's own; the study's is not used with `--draws` alone.
    """
    options = dict(options)
    target, least = options.pop("precision"), options["draws"]
    if target is None and (study.precision is None or least is not None):
        return options, None
    from riskmc.runs.precision import draws_to_precision

    how = {key: options[key] for key in ("seed", "scheme", "workers")}
    stopped = draws_to_precision(study, target=target, minimum=least, progress=progress, **how)
    return {**options, "draws": stopped.draws}, stopped


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
        TextColumn("{task.fields[done]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None, done="")

        def advance(done: int, total: int) -> None:
            words = f"{done:,} of {total:,} futures"
            bar.update(task, completed=done, total=total, done=words)

        yield advance
