"""Timing that can be trusted on a machine that does other things: interleaved, paired, medians.

Every figure is a ratio of two things timed in the same run. Cases take turns, so that whatever
else the machine does meets all of them alike, and a ratio is taken within each round before
rounds are summed up. Work of one thread is timed by the processor time that it used, which
other programs disturb least; work of several by the clock on the wall.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np

Work = Callable[[], object]
Clock = Callable[[], float]
Seconds = dict[str, list[float]]

processor: Clock = time.process_time
wall: Clock = time.perf_counter


class Ratio(NamedTuple):
    """A ratio: median over rounds, and the quartiles."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{_digits(self.median)} ({_digits(self.low)}–{_digits(self.high)})"


def _digits(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 10 else f"{value:,.0f}"


def repeated(work: Work, times: int) -> Work:
    """Return work that does the given work so many times."""

    def several() -> None:
        for _ in range(times):
            work()

    return several


def take_turns(cases: Mapping[str, Work], *, repeats: int, clock: Clock = processor) -> Seconds:
    """Time each case once a round, after a round that does not count."""
    seconds: Seconds = {name: [] for name in cases}
    for turn in range(repeats + 1):
        for name, work in cases.items():
            gc.collect()
            began = clock()
            work()
            took = clock() - began
            if turn > 0:
                seconds[name].append(took)
    return seconds


def summed_up(values: Iterable[float]) -> Ratio:
    """Return median and quartiles."""
    low, median, high = np.percentile(list(values), [25, 50, 75])
    return Ratio(float(median), float(low), float(high))


def ratio(seconds: Seconds, case: str, over: str, *, scale: float = 1.0) -> Ratio:
    """Return the cost of a case over that of another, by round; `scale` evens out unequal work."""
    pairs = zip(seconds[case], seconds[over], strict=True)
    return summed_up(scale * a / b for a, b in pairs)


def exponent(sizes: Iterable[float], seconds: Iterable[float]) -> float:
    """Return b of cost = a × size^b, by least squares in the logarithms."""
    slope = np.polyfit(np.log(list(sizes)), np.log(list(seconds)), 1)[0]
    return float(slope)
