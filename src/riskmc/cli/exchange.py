"""Results taken elsewhere, and distributions from data: `export` and `fit`."""

from __future__ import annotations

from pathlib import Path

import click

from riskmc.errors import InputError


@click.command("export")
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--to", required=True, type=click.Choice(["parquet", "csv", "xlsx", "sip"]), help="The format."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option("--organisation", default="place", help="For one body [default: the whole place].")
@click.option("--by-year", metavar="VARIABLE", help="An output in each year, such as net_deficit.")
def export_command(
    results: Path, to: str, out: Path, organisation: str, by_year: str | None
) -> None:
    """Write the draws of RESULTS for another program: a row per future, a column per measure.

    sip is a SIPmath 3 library, which spreadsheets read as distributions.

    \b
    Examples:
      riskmc export reports/my-place --to parquet --out draws.parquet
      riskmc export reports/my-place --to csv --by-year net_deficit --out deficits.csv
    """  # noqa: D301
    from riskmc.exports import export
    from riskmc.results import open_results

    remarks = export(open_results(results), to, out, organisation=organisation, by_year=by_year)
    for remark in remarks:
        click.echo(f"riskmc: {remark}", err=True)
    click.echo(f"{out} written")


@click.command("fit")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--column", required=True, help="Heading of the column.")
@click.option("--out", type=click.Path(path_type=Path), help="An SVG to draw the fits into.")
def fit_command(file: Path, column: str, out: Path | None) -> None:
    """Propose distributions for a column of FILE, with the lines to paste into a study.

    \b
    Example:
      riskmc fit outturns.csv --column surprise --out fits.svg
    """  # noqa: D301
    from riskmc.cli.printing import text_table
    from riskmc.distributions.empirical import read_column
    from riskmc.fitting import fit
    from riskmc.fitting.families import FEW

    try:
        values, left_out = read_column(file, column, headings=True)
    except (OSError, ValueError) as error:
        raise InputError(str(error)) from None
    found = fit(values)
    rows = [[one.family, f"{one.aic:.1f}", one.p_text()] for one in found]
    click.echo(f"{len(values)} figures{f'; left out: {left_out}' if left_out else ''}\n")
    click.echo(text_table(["", "AIC (lower is better)", "p-value of the fit"], rows))
    if len(values) < FEW:
        click.echo(f"\nWith {len(values)} figures the order is mostly chance.")
    click.echo("\nTo paste, the best first:")
    for one in found:
        click.echo(f"  {one.line()}")
    if out is not None:
        from riskmc.variants.charts import fits_chart

        out.write_bytes(fits_chart(values, found))
        click.echo(f"\n{out} written")
