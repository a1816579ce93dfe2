"""`riskmc read`: what a register, savings or a plan is understood to say, before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from riskmc.cli.printing import write_new
from riskmc.errors import InputError


@click.command("read")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "what",
    type=click.Choice(["register", "savings", "plan"]),
    help="Kind of file [default: judged by its headings].",
)
@click.option("--sheet", help="Sheet of a workbook [default: the first].")
@click.option("--organisation", help="Id of the body for rows that name none.")
@click.option(
    "--unit",
    type=click.Choice(["£m", "£000", "£"]),
    help="Unit of amounts whose heading names none [default: £m].",
)
@click.option(
    "--rows",
    type=click.Choice(["levels", "changes", "each"]),
    help="How a plan's rows read: each year's amount, changes on the base, or row by row.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write it to; an existing file is not replaced.",
)
def read_command(
    file: Path,
    what: Literal["register", "savings", "plan"] | None,
    sheet: str | None,
    organisation: str | None,
    unit: str | None,
    rows: str | None,
    out: Path | None,
) -> None:
    """Print what FILE, a risk register, savings by scheme or a plan, is understood to say, as TOML.

    FILE is a .csv or .xlsx. Every cell that is not understood is named by row and column; what a
    study makes of words such as "Likely" is set in its [bands].

    \b
    Examples:
      riskmc read risks.xlsx --sheet Register
      riskmc read mtfs.xlsx --as plan --unit £000 --out plan.toml
    """  # noqa: D301
    from riskmc.inputs.faults import TableError
    from riskmc.inputs.understood import understood

    try:
        text, faults = understood(
            file, what=what, sheet=sheet, organisation=organisation, unit=unit, rows=rows
        )
    except TableError as error:
        raise InputError(error.of(file)) from None
    if out is None:
        click.echo(text, nl=False)
    if faults:
        raise InputError("\n".join(fault.of(file) for fault in faults))
    if out is not None:
        write_new(out, text)
        click.echo(f"{out} written")
