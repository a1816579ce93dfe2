"""Run the benchmarks, print their tables and write them to docs/speed.md."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable

import numpy as np

from benchmarks import against, engine, peers, profile, sampling, schemes, threads
from benchmarks.pages import SPEED, write_section

Section = Callable[[argparse.Namespace], str]
SECTIONS: dict[str, Section] = {
    "against": lambda options: against.table_against(
        against.old_version(options.old), options.repeats
    ),
    "engine": lambda options: engine.targets(options.repeats),
    "growth": lambda options: engine.growth(options.repeats, full=options.full),
    "sampling": lambda options: sampling.costs(options.repeats),
    "threads": lambda options: threads.two_against_one(options.repeats),
    "profile": lambda _: profile.where(),
    "schemes": lambda options: schemes.errors(options.runs),
    "peers": lambda options: peers.side_by_side(max(2, options.repeats // 3)),
}


def machine() -> str:
    """Return what the figures were measured on."""
    return (
        f"Measured on one machine ({platform.machine()}, {platform.system()}), Python "
        f"{platform.python_version()}, NumPy {np.__version__}, by `python -m benchmarks`."
    )


def main() -> None:
    """Run the sections asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", help=f"default: all of {', '.join(SECTIONS)}")
    parser.add_argument("--repeats", type=int, default=9, help="rounds of every timing")
    parser.add_argument("--runs", type=int, default=24, help="runs of every scheme")
    parser.add_argument("--full", action="store_true", help="grow to ten million draws")
    parser.add_argument("--old", help=f"checkout of version 0.1.0; default: ${against.VARIABLE}")
    parser.add_argument("--print-only", action="store_true", help="leave docs/speed.md alone")
    options = parser.parse_args()
    unknown = [name for name in options.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"no {', '.join(unknown)}; sections: {', '.join(SECTIONS)}")
    if not options.print_only:
        write_section(SPEED, "machine", machine())
    for name in options.sections or SECTIONS:
        text = SECTIONS[name](options)
        print(f"\n## {name}\n\n{text}", flush=True)
        if not options.print_only:
            write_section(SPEED, name, text)


if __name__ == "__main__":
    main()
