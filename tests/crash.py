"""Runs stopped at every call that changes a file: old results or new ones are left, whole.

    python -m tests.crash

stops a run that replaces another at each such call in turn, as a machine that loses its power
would, with every kind of results and with tables; then gives the same command again. It prints how
much was tried, here and into docs/how-it-is-tested.md. Exit code 1 where what is left is neither
the old nor the new, or where the same command does not end with the new.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import pytest
from click.testing import CliRunner

from how_it_is_tested import record
from riskmc import open_results
from riskmc.cli import main as riskmc_command

STUDY = """
schema = 1
title = "Two bodies"
start_year = "2016/17"
years = 2
draws = 32
seed = 5
[[organisations]]
id = "a"
kind = "council"
cost = 100.0
grant = 60.0
local_tax = 40.0
reserves = 4.0
[drivers.demand_growth]
distribution = "normal"
mean = 0.01
sd = 0.02
[regimes.one]
extends = "current"
"""
#: Calls that change files.
CALLS = ("rename", "replace", "unlink", "rmdir", "fsync", "mkdir")
#: What is run, in turn.
OPTIONS = (
    ("--no-report",),
    ("--no-report", "--keep", "summaries"),
    ("--no-report", "--keep", "all"),
    ("--outputs", "csv,xlsx"),
)


class Crash(BaseException):
    """Stands for a machine that stops: nothing may catch it."""


def crash_at(call: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stop at the n-th call that changes files; the list returned counts them."""
    count = [0]

    def stopping(real: Callable[..., Any]) -> Callable[..., Any]:
        def stand_in(*arguments: Any, **named: Any) -> Any:
            count[0] += 1
            if count[0] == call:
                raise Crash
            return real(*arguments, **named)

        return stand_in

    for name in CALLS:
        monkeypatch.setattr(os, name, stopping(getattr(os, name)))
    return count


def run(study: Path, *options: str, code: int = 0) -> str:
    """Run a study into `out` alongside it; return what was said on standard error."""
    words = ["run", str(study), "--out", str(study.parent / "out"), *options]
    answer = CliRunner().invoke(riskmc_command, words, catch_exceptions=False)
    assert answer.exit_code == code, answer.output
    return answer.stderr


def state(out: Path) -> dict[str, str]:
    """The folder as a reader finds it: every file's hash, run.json apart; the results open."""
    open_results(out).close()
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.iterdir()
        if path.name != "run.json" and path.is_file()
    }


@dataclass
class Tally:
    """Of one command: at how many calls it was stopped, and what was left."""

    options: tuple[str, ...]
    calls: int = 0
    old: int = 0
    new: int = 0
    broken: list[str] = field(default_factory=list)

    def line(self) -> str:
        """The tally in words."""
        return (
            f"`riskmc run {' '.join(self.options)}` stopped at each of its {self.calls} calls: "
            f"{self.old} left the old results, {self.new} the new, {len(self.broken)} anything else"
        )


def stopped_at_every_call(folder: Path, options: tuple[str, ...]) -> Tally:
    """Stop a run at every call in turn, look at what is left, and give the command again."""
    tally, out, study = Tally(options), folder / "out", folder / "study.toml"
    study.write_text(STUDY, encoding="utf-8")
    run(study, *options, "--seed", "7")
    old = state(out)
    shutil.copytree(out, folder / "old")
    with pytest.MonkeyPatch.context() as patched:
        count = crash_at(0, patched)
        run(study, *options)
    new = state(out)
    assert set(old) == set(new)
    assert old != new
    tally.calls = count[0]
    for call in range(1, tally.calls + 1):
        shutil.rmtree(out)
        shutil.copytree(folder / "old", out)
        with pytest.MonkeyPatch.context() as patched:
            crash_at(call, patched)
            with pytest.raises(Crash):
                run(study, *options)
        left = state(out)
        tally.old += left == old
        tally.new += left == new
        if left not in (old, new):
            tally.broken.append(f"{options}, call {call}: neither the old nor the new")
        run(study, *options)
        if state(out) != new:
            tally.broken.append(f"{options}, call {call}: the same command does not end it")
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--no-record", action="store_true", help="leave the document as it is")
    asked = parser.parse_args()
    tallies = []
    for options in OPTIONS:
        with tempfile.TemporaryDirectory() as folder:
            tallies.append(stopped_at_every_call(Path(folder), options))
    lines = [tally.line() for tally in tallies]
    broken = [words for tally in tallies for words in tally.broken]
    print("\n".join(lines))
    print("\n".join(broken), file=sys.stderr)
    if not asked.no_record:
        record("crash", lines)
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
