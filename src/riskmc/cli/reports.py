"""`riskmc report`: the board report again, from stored results."""

from __future__ import annotations

import json
from pathlib import Path

import click

from riskmc.errors import ResultsError, RiskmcError


@click.command("report")
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder [default: that of RESULTS].")
@click.option("--for", "organisation", help="Write it for one body [default: the place].")
@click.option("--outputs", metavar="LIST", help="What to write: paper,html ... [default: all].")
@click.option(
    "--study-folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="What the study's `previous` is relative to [default: where you are].",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def report_command(
    results: Path,
    out: Path | None,
    organisation: str | None,
    outputs: str | None,
    study_folder: Path | None,
    as_json: bool,
) -> None:
    """Write the reports again from RESULTS, a results.nc or the folder that holds it.

    \b
    Examples:
      riskmc report reports/greater-manchester
      riskmc report reports/greater-manchester --for acute --out reports/acute
    """  # noqa: D301
    from riskmc.cli.folder import REPORT_UNFINISHED, Folder
    from riskmc.cli.outputs import (
        OutputRequest,
        chosen,
        progress_line,
        read_from_file,
        write_outputs,
    )
    from riskmc.measures.reading import Reader, needs_draws
    from riskmc.results import open_results

    wanted = chosen(outputs)
    tree = open_results(results)
    if tree.attrs["kept"] == "summaries":
        raise ResultsError(needs_draws("the report"))
    Reader(tree).choose_bodies(organisation)
    target = out or (results if results.is_dir() else results.parent)
    with Folder(target, REPORT_UNFINISHED) as folder:
        making = OutputRequest(
            tree, folder.workshop, organisation, progress_line(), study_folder=study_folder
        )
        read_from_file(tree)
        faults = write_outputs(making, wanted)
        tree.close()
        written = folder.publish()
    if as_json:
        click.echo(json.dumps({"written": [str(path) for path in written]}))
    else:
        for path in written:
            click.echo(f"{path} written")
    if faults:
        raise RiskmcError("; ".join(faults))
