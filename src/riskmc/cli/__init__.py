"""The command line: `riskmc run`, `validate`, `report`, `replay`, `new`, `schema`, `rules`.

Results go to standard output, errors and progress to standard error. Exit codes: 0 done, 2 the
input is wrong, 1 anything else. Slow libraries are imported by the commands that need them.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

import click

from riskmc.cli.calibrations import backtest_command, calibrate_command
from riskmc.cli.exchange import export_command, fit_command
from riskmc.cli.reading import read_command
from riskmc.cli.replays import replay_command
from riskmc.cli.reports import report_command
from riskmc.cli.runs import run_command
from riskmc.cli.studies import new_command, rules_command, schema_command, validate_command
from riskmc.cli.variants import attribute_command, bridge_command, solve_command, sweep_command
from riskmc.errors import RiskmcError

EXAMPLES = """\b
Examples:
  riskmc new my-place                 write my-place.toml, a commented starter study
  riskmc validate my-place.toml       check it
  riskmc run my-place.toml            simulate, and write reports/my-place/
  riskmc rules devolved               what the shipped rules say, in words
"""


#: Commands by what they are for, in the order of work, with their line of `riskmc --help`.
SECTIONS = {
    "Make a study": {
        "new": "write a commented starter study",
        "read": "show how a register, savings or a plan is read",
        "validate": "check a study, and say what it leaves out",
        "rules": "list the rulebooks that ship, or print one in words",
        "schema": "print the JSON Schema of a study, for editors",
    },
    "Run it": {
        "run": "simulate every set of rules, and write the reports",
        "report": "write the reports again",
        "replay": "show one future, year by year",
        "export": "write the draws for another program",
    },
    "Ask what if": {
        "sweep": "run at several values of a figure",
        "solve": "find the value at which a condition just holds",
        "bridge": "explain the change from one run to another",
        "attribute": "say which rule does the work",
    },
    "Use data": {
        "fit": "propose distributions for a column of figures",
        "calibrate": "estimate how councils' reserves move from accounts",
        "backtest": "forecast from past origins, and score the forecasts",
    },
}

OUT_OF_MEMORY = (
    "out of memory: ask for fewer draws or workers, allow less with --memory, or "
    "keep summaries (--keep summaries)"
)
#: A command makes many small objects that live until it ends: they are searched for circles of
#: references less often than Python would, which takes a tenth of its time.
_SELDOM = (50_000, 20, 20)
#: Work is shared out by threads and processes of our own. Those of the linear algebra library, on
#: matrices of some hundred rows, wait for each other for ten times as long as the work takes.
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "1")


class Group(click.Group):
    """A group of commands that turns our errors into a message and an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; wrong input never shows a traceback."""
        from riskmc.cli.streams import closed, sound_streams, stop_on_signals

        sound_streams()
        stop_on_signals()
        gc.set_threshold(*_SELDOM)
        os.environ.setdefault(*_ONE_THREAD)
        try:
            return super().main(*args, **kwargs)
        except RiskmcError as error:
            with closed():
                click.echo(f"riskmc: {error}", err=True)
            sys.exit(error.exit_code)
        except MemoryError:
            with closed():
                click.echo(f"riskmc: {OUT_OF_MEMORY}", err=True)
            sys.exit(1)
        except OSError as error:
            with closed():
                if not isinstance(error, BrokenPipeError):
                    what = error.filename or "standard output"
                    click.echo(f"riskmc: {what}: {error.strerror}", err=True)
            sys.exit(1)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands by what they are for."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; for a misspelt one, name the nearest."""
        from difflib import get_close_matches

        near = get_close_matches(args[0], self.list_commands(ctx), n=1)
        if args[0] not in self.commands and near:
            ctx.fail(f"no such command '{args[0]}'; did you mean '{near[0]}'?")
        return super().resolve_command(ctx, args)


@click.group(cls=Group, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="riskmc")
def main() -> None:
    """Monte Carlo risk analysis of local public money.

    How big may the deficit get, when do the reserves run out, how likely is a bailout, and who
    pays: under each set of rules, on the same simulated futures.
    """


for command in (
    run_command,
    validate_command,
    read_command,
    report_command,
    replay_command,
    new_command,
    calibrate_command,
    backtest_command,
    schema_command,
    rules_command,
    sweep_command,
    solve_command,
    bridge_command,
    attribute_command,
    export_command,
    fit_command,
):
    main.add_command(command)
