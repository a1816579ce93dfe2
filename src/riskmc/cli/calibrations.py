"""Parameters from accounts, and forecasts held against what came: `calibrate`, `backtest`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

#: The priors of `riskmc.calibration.priors`, which takes long to import.
_PRIORS = ("wide", "england")


@click.command("calibrate")
@click.argument("table")
@click.option("--study", type=click.Path(path_type=Path), help="Report this study's councils.")
@click.option("--out", type=click.Path(path_type=Path), help="NetCDF file for the posterior.")
@click.option(
    "--tier",
    type=click.Choice(["upper", "district", "all"]),
    default="upper",
    show_default=True,
    help="Councils to estimate from.",
)
@click.option("--until", help="Last year to use, such as 2013/14 [default: the table's last].")
@click.option(
    "--prior",
    type=click.Choice(_PRIORS),
    help="Prior [default: wide for ten councils or more, else england].",
)
@click.option("--draws", type=click.IntRange(min=200), default=2000, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def calibrate_command(
    table: str,
    study: Path | None,
    out: Path | None,
    tier: str,
    until: str | None,
    prior: str | None,
    draws: int,
    seed: int,
    as_json: bool,
) -> None:
    """Estimate from the accounts in TABLE how councils' reserves move.

    TABLE is a CSV file with one row per council and year, in the columns of the table that ships
    with riskmc; the word `shipped` stands for that table. Prints every figure with its error,
    prior alongside posterior, and what the accounts changed.

    \b
    Example:
      riskmc calibrate shipped --study trafford.toml
    """  # noqa: D301
    import json

    from riskmc.calibration import calibrate
    from riskmc.calibration.in_words import facts, lines
    from riskmc.study import load_study

    tree = calibrate(
        table,
        None if study is None else load_study(study),
        out=out,
        tier=tier,
        until=until,
        prior=prior,
        draws=-(-draws // 4) * 4,
        seed=seed,
    )
    if as_json:
        click.echo(json.dumps(facts(tree), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(lines(tree)))
    if out is not None:
        click.echo(f"{out} written", err=True)


@click.command("backtest")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("reports/backtests"),
    show_default=True,
    help="Folder for the table, the figures and JSON.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
def backtest_command(plan: Path, out: Path, as_json: bool) -> None:
    """Forecast from the past origins of PLAN, and score the forecasts against what came.

    PLAN is a TOML file: a table of accounts, a template study, origins, rivals. Prints scores
    with their errors and sample sizes, against simpler forecasts of the same accounts.

    \b
    Example:
      riskmc backtest configs/backtests/councils.toml
    """  # noqa: D301
    import json

    from riskmc.backtests.output import lines, write
    from riskmc.backtests.running import backtest

    def say_case(case: str) -> None:
        click.echo(f"scored {case}", err=True)

    found = backtest(plan, progress=say_case if sys.stderr.isatty() else None)
    if as_json:
        click.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(lines(found)))
    for path in write(found, out):
        click.echo(f"{path} written", err=True)
