"""Runs stopped at every call that changes a file: old results or new ones are left, whole.

    python -m tests.crash

looks at the disk before each such call of a run that replaces another: that is what a machine that
loses its power leaves, with every kind of results and with tables. Then the same command is given
again. It prints how much was tried, here and into docs/how-it-is-tested.md. Exit code 1 where what
is left is neither the old nor the new, or where the same command does not end with the new.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import pytest
from click.testing import CliRunner

from how_it_is_tested import record
from riskmc import open_results
from riskmc.cli import main as riskmc_command
from riskmc.results import check_file

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


def run(study: Path, *options: str, code: int = 0) -> str:
    """Run a study into `out` alongside it; return what was said on standard error."""
    words = ["run", str(study), "--out", str(study.parent / "out"), *options]
    answer = CliRunner().invoke(riskmc_command, words, catch_exceptions=False)
    assert answer.exit_code == code, answer.output
    return answer.stderr


@contextmanager
def copied_at_every_call(out: Path, album: Path) -> Iterator[list[Path]]:
    """Copy a folder before each call that changes files; the list returned grows by each copy."""
    copies: list[Path] = []
    copying = False

    def before(real: Callable[..., Any]) -> Callable[..., Any]:
        def stand_in(*arguments: Any, **named: Any) -> Any:
            nonlocal copying
            if not copying:
                copying = True
                copies.append(shutil.copytree(out, album / str(len(copies) + 1), symlinks=True))
                copying = False
            return real(*arguments, **named)

        return stand_in

    with pytest.MonkeyPatch.context() as patched:
        for name in CALLS:
            patched.setattr(os, name, before(getattr(os, name)))
        yield copies


def state(out: Path, readable: set[str]) -> dict[str, str]:
    """The folder as a reader finds it: every file's hash, run.json apart; the results open.

    Results that were opened once, `readable` by their hash, are only held against their checksums.
    """
    check_file(out)
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.iterdir()
        if path.name != "run.json" and path.is_file()
    }
    if found["results.nc"] not in readable:
        open_results(out).close()
        readable.add(found["results.nc"])
    return found


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
    readable: set[str] = set()
    study.write_text(STUDY, encoding="utf-8")
    run(study, *options, "--seed", "7")
    old = state(out, readable)
    with copied_at_every_call(out, folder / "album") as copies:
        run(study, *options)
    new = state(out, readable)
    assert set(old) == set(new)
    assert old != new
    tally.calls = len(copies)
    for call, copy in enumerate(copies, start=1):
        shutil.rmtree(out)
        copy.rename(out)
        left = state(out, readable)
        tally.old += left == old
        tally.new += left == new
        if left not in (old, new):
            tally.broken.append(f"{options}, call {call}: neither the old nor the new")
        run(study, *options)
        if state(out, readable) != new:
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
