"""Where the time of a run goes: by part of the program, and the most expensive functions."""

from __future__ import annotations

import cProfile
import pstats
from pathlib import PurePath
from typing import Any

from benchmarks.cases import BlockRunner, greater_manchester
from benchmarks.pages import table

BLOCKS = 6
COSTLIEST = 15
Calls = dict[tuple[str, int, str], tuple[Any, ...]]
#: Parts of the program, by the end of a file's path and perhaps a function's name.
_RULES = ("settlement", "spending", "income")
PARTS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("random normals", (("sampling/streams.py", "fill"),)),
    ("opening keyed streams", (("sampling/streams.py", "generator"), ("", "openssl"))),
    ("transforms to the drivers' distributions", (("distributions/", ""), ("", "'take'"))),
    ("shared causes, correlation, persistence; laying drivers down", (("sampling/", ""),)),
    (
        "laying outcomes down, and adding them up for the place",
        (("engine/blocks.py", ""), ("", "'reduce'")),
    ),
    ("sharing out and adding up inside pools", (("engine/holders.py", ""),)),
    ("rules: settlement, costs, income", tuple((f"rules/{name}.py", "") for name in _RULES)),
    ("rules: budgets and instruments", (("rules/", ""),)),
    ("year loop, waterfalls and books", (("engine/", ""),)),
)
_OTHER = "the rest (NumPy called by name, clearing buffers)"


def where() -> str:
    """Return the tables."""
    runner = BlockRunner(greater_manchester(2))
    runner.blocks(1)
    profile = cProfile.Profile()
    profile.runcall(runner.blocks, BLOCKS)
    raw: Calls = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    own = {key: (value[1], value[2]) for key, value in raw.items()}
    total = sum(seconds for _, seconds in own.values())
    shares: dict[str, float] = {name: 0.0 for name, _ in PARTS} | {_OTHER: 0.0}
    for (path, _, function), (_, seconds) in own.items():
        shares[_part(path, function)] += seconds / total
    costliest = sorted(own.items(), key=lambda item: -item[1][1])[:COSTLIEST]
    note = (
        f"Greater Manchester, two regimes, {BLOCKS} key blocks, one thread, under Python's own "
        "profiler, which makes what is called often look more expensive than it is. The time of an "
        "arithmetic expression is that of the function that it is in."
    )
    by_part = table(("part", "share of time"), ((n, f"{s:.1%}") for n, s in shares.items()))
    by_function = table(
        ("function", "calls a block", "share of time"),
        (
            (_name(path, function), f"{calls / BLOCKS:,.0f}", f"{seconds / total:.1%}")
            for (path, _, function), (calls, seconds) in costliest
        ),
    )
    return f"{note}\n\n{by_part}\n\n{by_function}"


def _part(path: str, function: str) -> str:
    place = PurePath(path).as_posix()
    for name, marks in PARTS:
        if any(mark in place and called in function for mark, called in marks):
            return name
    return _OTHER


def _name(path: str, function: str) -> str:
    if path.startswith("~"):
        return f"`{function.strip('<>').removeprefix('method ')}`"
    return f"`{PurePath(path).parent.name}/{PurePath(path).stem}.{function}`"
