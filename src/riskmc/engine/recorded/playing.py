"""Regimes over blocks of draws: played where that pays, in NumPy otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any

from numpy.typing import NDArray

from riskmc.engine.blocks import run_block
from riskmc.engine.programme import Programme
from riskmc.engine.recorded.player import BoundTape, compiled_player
from riskmc.engine.recorded.recording import Recording, Then

Arrays = Mapping[str, NDArray[Any]]
#: Recording a regime takes as long as playing saves on some ten thousand draws, half as many where
#: only a few outcomes are kept.
PLAYED_FROM = 8_192


class Regimes:
    """Runs regimes on blocks of drivers; threads may share it.

    Parameters
    ----------
    programmes : sequence of Programme
        The regimes.
    draws : int
        How many draws there will be in all, over all runs that share this. From `PLAYED_FROM` on
        each regime is recorded once and played by the compiled player, where there is one; the
        outcomes are the same.
    """

    def __init__(self, programmes: Sequence[Programme], draws: int) -> None:
        self.programmes = tuple(programmes)
        self.player = compiled_player() if draws >= PLAYED_FROM else None
        self._recordings: dict[tuple[Any, ...], Recording | None] = {}
        self._lock = Lock()

    def run(
        self,
        drivers: Arrays,
        outcomes: Sequence[Arrays],
        places: Sequence[Arrays],
        *,
        draws: int,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Fill outcomes of every regime from a block of drivers; see `run_block`."""
        numbers = range(len(self.programmes))
        self._run(numbers, drivers, outcomes, places, draws=draws, stopped=stopped)

    def run_one(
        self,
        number: int,
        drivers: Arrays,
        outcomes: Arrays,
        place: Arrays,
        *,
        draws: int,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Fill outcomes of one regime."""
        self._run((number,), drivers, [outcomes], [place], draws=draws, stopped=stopped)

    def _run(
        self,
        numbers: Sequence[int],
        drivers: Arrays,
        outcomes: Sequence[Arrays],
        places: Sequence[Arrays],
        *,
        draws: int,
        stopped: Callable[[], bool],
    ) -> None:
        tapes: list[BoundTape] = []
        for number, kept, place in zip(numbers, outcomes, places, strict=True):
            recording = self._recording(number, drivers, kept, place)
            if recording is not None:
                tapes.append(recording.bound(drivers, kept, place))
                continue
            programme = self.programmes[number]
            run_block((programme,), drivers, [kept], [place], draws=draws, stopped=stopped)
        if tapes and self.player is not None and not stopped():
            self.player(tapes, draws)

    def _recording(
        self, number: int, drivers: Arrays, outcomes: Arrays, place: Arrays
    ) -> Recording | None:
        """Return the regime recorded for what is kept; None where it cannot or need not be."""
        if self.player is None:
            return None
        given = tuple(
            (name, None if values.shape[2] > 1 else values.tobytes())
            for name, values in drivers.items()
        )
        kept = tuple((name, values.dtype.str) for name, values in outcomes.items())
        of_place = tuple((name, values.dtype.str) for name, values in place.items())
        key = (number, given, kept, of_place)
        with self._lock:
            if key not in self._recordings:
                self._recordings[key] = self.record(number, drivers, outcomes, place)
            return self._recordings[key]

    def record(
        self,
        number: int,
        drivers: Arrays,
        outcomes: Arrays,
        place: Arrays,
        then: Then | None = None,
    ) -> Recording | None:
        """Record a regime for what is kept, or `then` made of it; None where that cannot be."""
        try:
            return Recording(self.programmes[number], drivers, outcomes, place, then)
        except TypeError:  # a rule that cannot be recorded is run by NumPy
            return None
