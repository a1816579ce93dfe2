"""Two threads against one: the compiled library holds no lock of Python's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from benchmarks.cases import BlockRunner, draw_blocks, greater_manchester
from benchmarks.pages import table
from benchmarks.timing import Work, ratio, take_turns, wall
from riskmc.sampling import Sampler

BLOCKS = 16
#: What each part of the work writes for the place.
PLACE = ("deficit", "bailout", "balance")


def two_against_one(repeats: int) -> str:
    """Return the table; by the clock, so it says something on an idle machine only."""
    study = greater_manchester(2)
    sampler = Sampler(study, seed=1, scheme="mc")
    given = [BlockRunner(study, outcomes=(), place=PLACE) for _ in range(2)]
    drivers = sampler.key_block(0)
    whole = [BlockRunner(study, outcomes=(), place=PLACE) for _ in range(2)]

    def rules(place: int, blocks: int) -> None:
        for _ in range(blocks):
            given[place].run(drivers)

    works: dict[str, Callable[[int, int], None]] = {
        "futures": lambda _, blocks: draw_blocks(sampler, blocks),
        "rules of two regimes for two outcomes, futures given": rules,
        "futures and rules": lambda place, blocks: whole[place].blocks(blocks),
    }
    cases: dict[str, Work] = {}
    with ThreadPoolExecutor(2) as pool:

        def on_two(work: Callable[[int, int], None]) -> None:
            list(pool.map(lambda place: work(place, BLOCKS // 2), range(2)))

        for name, work in works.items():
            cases[f"{name}, one"] = partial(work, 0, BLOCKS)
            cases[f"{name}, two"] = partial(on_two, work)
        seconds = take_turns(cases, repeats=repeats, clock=wall)
    note = (
        f"Greater Manchester, two regimes, {BLOCKS} key blocks on one thread or shared by two, by "
        f"the clock, median of {repeats} rounds and quartiles. It means something only on a "
        "machine that does nothing else."
    )
    rows = [
        (name, "at least 1.8", ratio(seconds, f"{name}, one", f"{name}, two")) for name in works
    ]
    return f"{note}\n\n" + table(("one thread / two", "target", "ratio"), rows)
