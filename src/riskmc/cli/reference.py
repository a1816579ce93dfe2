"""The reference of the command line as Markdown, made from the commands themselves.

`python -m riskmc.cli.reference` prints docs/command-line.md; a test says whether it is up to date.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

_HEAD = """\
# Command line

Made from the commands themselves by `python -m riskmc.cli.reference`. Do not edit it by hand.

Results go to standard output; errors and progress go to standard error, and progress only to a
terminal. Every command prints the same help with `--help`.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 2 | the input is wrong: the study, an option, a results file; the message says what is allowed |
| 1 | anything else, such as a disk that is full or a run that was stopped |

RESULTS stands for a `results.nc` or for the folder that holds it.

## Completion

The shell completes commands and options once it is set up. For bash, put this line into
`~/.bashrc`; write `zsh` or `fish` in place of `bash` for those.

```bash
eval "$(_RISKMC_COMPLETE=bash_source riskmc)"
```
"""
#: Marks a paragraph of a help text that keeps its line breaks.
_KEPT = "\b"


def reference(group: click.Group, *, program: str = "riskmc") -> str:
    """Return the reference of a group of commands, Markdown, commands in order of name."""
    context = click.Context(group, info_name=program, **group.context_settings)
    parts = [_HEAD, *_command(group, context, program)]
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        parts += _command(command, inner, f"{program} {name}")
    return "\n".join(parts).rstrip("\n") + "\n"


def _command(command: click.Command, context: click.Context, title: str) -> Iterator[str]:
    """Yield a command's section: usage, help, options, examples."""
    usage = " ".join([title, *command.collect_usage_pieces(context)])
    yield f"## {title}\n\n```text\n{usage}\n```\n"
    yield from _paragraphs(command.help or "")
    rows = [
        record
        for parameter in command.get_params(context)
        if isinstance(parameter, click.Option)
        and (record := parameter.get_help_record(context)) is not None
    ]
    if rows:
        yield "| option | meaning |\n| --- | --- |"
        yield from (f"| `{_cell(option)}` | {_cell(meaning)} |" for option, meaning in rows)
        yield ""
    yield from _paragraphs(command.epilog or "")


def _paragraphs(text: str) -> Iterator[str]:
    """Yield a help text paragraph by paragraph; one that keeps its lines as code."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        lines = [line.rstrip() for line in paragraph.strip("\n").splitlines()]
        if lines and lines[0].strip() == _KEPT:
            yield from _kept(lines[1:])
        elif any(lines):
            yield " ".join(line.strip() for line in lines) + "\n"


def _kept(lines: list[str]) -> Iterator[str]:
    """Yield lines as they stand: a heading before the colon, the rest as code."""
    if lines and lines[0].endswith(":"):
        yield f"{lines[0]}\n"
        lines = lines[1:]
    yield "```text\n" + inspect.cleandoc("\n".join(lines)) + "\n```\n"


def _cell(text: str) -> str:
    """Return a text fit for a cell, whole numbers and their bounds in words."""
    words = " ".join(text.split()).replace("INTEGER RANGE", "N")
    return re.sub(r"\[x>=(\d+)\]", r"[\1 or more]", words).replace("|", "\\|")


if __name__ == "__main__":
    from riskmc.cli import main

    click.echo(reference(main), nl=False)
