"""How fast a run is, against its own random numbers and against whole-array NumPy; how it grows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.baseline import Baseline
from benchmarks.cases import BlockRunner, copied, draw_blocks, greater_manchester, with_regimes
from benchmarks.pages import table
from benchmarks.timing import (
    Ratio,
    Work,
    exponent,
    processor,
    ratio,
    repeated,
    summed_up,
    take_turns,
    wall,
)
from benchmarks.whole_array import draw_futures, simulate
from riskmc.runs.simulation import run
from riskmc.sampling import KEY_BLOCK
from riskmc.study import Study

RUN_BLOCKS = 8
WHOLE_BLOCKS = 4
#: Enough for a run to use processes.
WORKERS_BLOCKS, WORKERS_FILE_BLOCKS = 96, 40
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
#: A size below this is run so often that so many draws are timed.
ENOUGH = 250_000
FULL_SIZES = (*SIZES, 3_000_000, 10_000_000)
COPIES = (1, 2, 4)
HORIZONS = (5, 10, 20, 40)


def in_memory(study: Study, *, draws: int, workers: int = 1) -> None:
    """Run as a user does, headline variables kept by organisation, all variables for the place."""
    run(study, draws=draws, seed=1, scheme="mc", keep="headline", workers=workers)


def check_agreement(study: Study) -> float:
    """Return by how much engine and whole-array version differ at most, in £m, on one block."""
    runner = BlockRunner(study)
    drivers = runner.sampler.key_block(0)
    runner.run(drivers)
    futures = {name: np.moveaxis(x, 2, 0).copy() for name, x in drivers.items()}
    worst = 0.0
    for i, name in enumerate(study.regimes):
        whole = simulate(study, name, futures)
        for variable, values in whole.bodies.items():
            ours = runner.outcomes[i][variable].astype(float).transpose(2, 1, 0)
            worst = max(worst, float(np.abs(ours - values).max()))
        for variable, values in whole.place.items():
            ours = runner.place[i][variable].astype(float).T
            worst = max(worst, float(np.abs(ours - values).max()))
    if worst > 1e-6:
        raise AssertionError(f"engine and whole-array version differ by £{worst:g}m")
    return worst


def targets(repeats: int) -> str:
    """Return the table of what was promised: costs as ratios on Greater Manchester."""
    three = greater_manchester(3)
    two, one = with_regimes(three, 2), with_regimes(three, 1)
    baseline, runner = Baseline(two), BlockRunner(two)
    single, triple = BlockRunner(one), BlockRunner(three)
    kept = sum(x.nbytes for named in (*runner.outcomes, *runner.place) for x in named.values())
    kept //= KEY_BLOCK
    draws = RUN_BLOCKS * KEY_BLOCK
    drivers = runner.sampler.key_block(0)
    seconds = take_turns(
        {
            "baseline": repeated(baseline.block, RUN_BLOCKS),
            "normals": repeated(baseline.normals, RUN_BLOCKS),
            "sampling": lambda: draw_blocks(runner.sampler, RUN_BLOCKS),
            "engine": repeated(lambda: runner.run(drivers), RUN_BLOCKS),
            "one": lambda: single.blocks(RUN_BLOCKS),
            "two": lambda: runner.blocks(RUN_BLOCKS),
            "three": lambda: triple.blocks(RUN_BLOCKS),
            "kept": lambda: in_memory(two, draws=draws),
        },
        repeats=repeats,
    )
    whole = _against_whole_arrays(two, max(2, repeats // 3))
    turns = zip(seconds["one"], seconds["two"], strict=True)
    second = summed_up((b - a) / a for a, b in turns)
    rows: list[tuple[str, str, Ratio]] = [
        ("its random numbers alone / the yardstick", "", ratio(seconds, "normals", "baseline")),
        ("drawing the futures / the yardstick", "", ratio(seconds, "sampling", "baseline")),
        ("two regimes on given futures / the yardstick", "", ratio(seconds, "engine", "baseline")),
        (
            "**two regimes, futures included, block by block / the yardstick**",
            "at most 2.5",
            ratio(seconds, "two", "baseline"),
        ),
        ("one regime, likewise / the yardstick", "", ratio(seconds, "one", "baseline")),
        ("three regimes, likewise / the yardstick", "", ratio(seconds, "three", "baseline")),
        ("**what the second regime adds / one regime**", "at most 0.60", second),
        (
            f"two regimes, every draw kept in memory ({kept / 1e3:.0f} kB a draw) / the yardstick",
            "",
            ratio(seconds, "kept", "baseline"),
        ),
        *whole,
        *_two_workers(two, max(3, repeats // 3)),
    ]
    per_draw = summed_up(1e6 * s / draws for s in seconds["baseline"])
    note = (
        f"Greater Manchester ({len(two.organisations)} bodies, {two.years} years, "
        f"{baseline.numbers:,} random numbers a draw), {draws:,} draws, median of {repeats} "
        "rounds and quartiles. One thread, processor time; two workers by the clock, start-up "
        f"included. The yardstick took {per_draw} µs a draw here. Engine and whole-array version "
        f"differed by at most £{check_agreement(two):.0e}m in any outcome of {KEY_BLOCK:,} futures."
    )
    return f"{note}\n\n" + table(("cost of", "target", "ratio"), rows)


def _against_whole_arrays(study: Study, repeats: int) -> list[tuple[str, str, Ratio]]:
    draws = WHOLE_BLOCKS * KEY_BLOCK

    def whole_arrays(tables: bool) -> None:
        futures = draw_futures(study, draws, np.random.default_rng(1), tables=tables)
        for name in study.regimes:
            simulate(study, name, futures)

    runner = BlockRunner(study)
    drivers = runner.sampler.key_block(0)
    futures = draw_futures(study, draws, np.random.default_rng(1), tables=True)
    seconds = take_turns(
        {
            "kept": lambda: in_memory(study, draws=draws),
            "engine": repeated(lambda: runner.run(drivers), WHOLE_BLOCKS),
            "rules": lambda: [simulate(study, name, futures) for name in study.regimes],
            "lent": lambda: whole_arrays(True),
            "whole": lambda: whole_arrays(False),
        },
        repeats=repeats,
    )
    return [
        (
            "**whole-array NumPy and SciPy, as an analyst would write it / every draw kept**",
            "at least 5",
            ratio(seconds, "whole", "kept"),
        ),
        (
            "the same with riskmc's transforms lent to it / every draw kept",
            "",
            ratio(seconds, "lent", "kept"),
        ),
        ("its rules alone, futures given / the engine's", "", ratio(seconds, "rules", "engine")),
    ]


def _two_workers(study: Study, repeats: int) -> list[tuple[str, str, Ratio]]:
    """Time one worker and two, as a run uses them; by the clock."""
    runners = [BlockRunner(study) for _ in range(2)]
    few, many = WORKERS_FILE_BLOCKS * KEY_BLOCK, WORKERS_BLOCKS * KEY_BLOCK
    with TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        target = Path(folder) / "results.nc"

        def summarised(workers: int) -> None:
            run(study, draws=many, seed=1, scheme="mc", keep="summaries", workers=workers)

        def on_file(workers: int) -> None:
            how: dict[str, Any] = {"keep": "headline", "workers": workers, "out": target}
            run(study, draws=few, seed=1, scheme="mc", **how).close()

        seconds = take_turns(
            {
                "one": partial(summarised, 1),
                "two": partial(summarised, 2),
                "one, file": partial(on_file, 1),
                "two, file": partial(on_file, 2),
                "one, kept": lambda: in_memory(study, draws=RUN_BLOCKS * KEY_BLOCK, workers=1),
                "two, kept": lambda: in_memory(study, draws=RUN_BLOCKS * KEY_BLOCK, workers=2),
                "one, bare": lambda: runners[0].blocks(RUN_BLOCKS),
                "two, bare": lambda: list(pool.map(lambda r: r.blocks(RUN_BLOCKS // 2), runners)),
            },
            repeats=repeats,
            clock=wall,
        )
    return [
        (
            f"**one worker / two (processes), {many:,} draws summarised**",
            "at least 1.5",
            ratio(seconds, "one", "two"),
        ),
        (
            f"one worker / two (processes), {few:,} draws written to a file",
            "",
            ratio(seconds, "one, file", "two, file"),
        ),
        (
            "one worker / two (threads), every draw kept in memory",
            "",
            ratio(seconds, "one, kept", "two, kept"),
        ),
        (
            "one worker / two (threads), block by block, nothing kept",
            "",
            ratio(seconds, "one, bare", "two, bare"),
        ),
    ]


def growth(repeats: int, *, full: bool) -> str:
    """Return the tables of how cost grows with draws, bodies and years."""
    study = greater_manchester(2)
    wider = [copied(study, times) for times in COPIES]
    parts = [
        _draws(study, FULL_SIZES if full else SIZES),
        _scaled("bodies", {len(s.organisations): s for s in wider}, repeats),
        _scaled("years", {n: study.replaced(years=n) for n in HORIZONS}, repeats),
    ]
    return "\n\n".join(parts)


def _draws(study: Study, sizes: tuple[int, ...]) -> str:
    """Time runs that do not keep their draws, the small ones again and again."""
    runner = BlockRunner(study)
    runner.blocks(2)
    drawn, cost = [], []
    for size in sizes:
        blocks = -(-size // KEY_BLOCK)
        times = max(1, ENOUGH // size)
        began = processor()
        for _ in range(times):
            runner.blocks(blocks)
        cost.append((processor() - began) / times)
        drawn.append(blocks * KEY_BLOCK)
    return _growth_table("draws", drawn, cost)


def _scaled(what: str, studies: dict[int, Study], repeats: int) -> str:
    runners = [BlockRunner(study, outcomes=()) for study in studies.values()]
    cases: dict[str, Work] = {str(i): partial(runner.blocks, 1) for i, runner in enumerate(runners)}
    seconds = take_turns(cases, repeats=repeats)
    return _growth_table(what, list(studies), [float(np.median(s)) for s in seconds.values()])


def _growth_table(what: str, sizes: list[int], cost: list[float]) -> str:
    first = cost[0] / sizes[0]
    rows = [(f"{n:,}", f"{c / n / first:.2f}") for n, c in zip(sizes, cost, strict=True)]
    power = exponent(sizes, cost)
    return f"Cost grows as the {what} to the power {power:.3f} (target: at most 1.05).\n\n" + table(
        (what, f"cost over the number of {what}, over that of {sizes[0]:,}"), rows
    )
