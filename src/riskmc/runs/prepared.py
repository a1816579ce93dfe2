"""A run made ready: programmes compiled, futures at hand, contents known; block by block."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from threading import Event, local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.programme import compile_regime
from riskmc.engine.recorded.playing import Regimes
from riskmc.measures.summary_reader import summary_plan
from riskmc.results.contents import DRIVERS_GROUP, OUTCOMES, PLACE_GROUP, Contents
from riskmc.sampling import KEY_BLOCK
from riskmc.sampling.futures import Drivers, Futures
from riskmc.study import Study
from riskmc.summaries import BlockFolder, Grid, Moments, Room, Tally

#: Called after each block: draws done, draws in all.
Progress = Callable[[int, int], None]
Values = dict[str, dict[str, NDArray[Any]]]


def regimes_of(study: Study, draws: int) -> Regimes:
    """Return the rules of a study, ready to run on so many draws in all."""
    return Regimes([compile_regime(study, name) for name in study.regimes], draws)


class Simulation:
    """A run made ready; threads may share it. `stop` set, blocks are left undone.

    `regimes` are those of the study where other runs of the same rules share them.
    """

    def __init__(
        self, contents: Contents, futures: Futures, regimes: Regimes | None = None
    ) -> None:
        self.contents = contents
        self.futures = futures
        self.regimes = regimes or regimes_of(contents.study, contents.layout.total)
        self.programmes = self.regimes.programmes
        self.stop = Event()
        self._mine = local()

    @property
    def blocks(self) -> int:
        """How many key blocks the draws fill, the last perhaps in part."""
        return -(-self.contents.layout.total // KEY_BLOCK)

    def part(self, block: int) -> slice:
        """Return the draws of a block, numbered through."""
        total = self.contents.layout.total
        return slice(block * KEY_BLOCK, min((block + 1) * KEY_BLOCK, total))

    def drivers(self, block: int) -> tuple[Drivers, int]:
        """Return the drivers of a block and how many draws it has.

        They are written over when the same thread asks for its next block.
        """
        part = self.part(block)
        draws = part.stop - part.start
        mine = self._mine
        mine.drivers = self.futures.key_block(block, getattr(mine, "drivers", None))
        drivers = {
            name: values if values.shape[2] == 1 else values[..., :draws]
            for name, values in mine.drivers.items()
        }
        return drivers, draws

    def run_block(self, block: int, into: Values) -> None:
        """Fill `into` (zeros, shaped as the contents but for a block's draws) with a block.

        The place's variables are summed up in double precision, whatever they are kept in.
        """
        drivers, draws = self.drivers(block)
        if DRIVERS_GROUP in into:
            for name, kept in into[DRIVERS_GROUP].items():
                kept[...] = drivers[name]
        place = into[PLACE_GROUP]
        if self.contents.packed:
            place = self._buffer("place", draws, self._place_of)
        regimes = range(len(self.programmes))
        self.regimes.run(
            drivers,
            [{name: x[r] for name, x in into[OUTCOMES].items()} for r in regimes],
            [{name: x[r] for name, x in place.items()} for r in regimes],
            draws=draws,
            stopped=self.stop.is_set,
        )
        if self.contents.packed:
            with np.errstate(over="ignore"):  # draws beyond single precision are counted as failed
                for name, kept in into[PLACE_GROUP].items():
                    kept[...] = place[name]

    def block(self, block: int) -> Values:
        """Return a block's values, in arrays that the same thread's next block is given again."""
        part = self.part(block)
        values: Values = self._buffer("values", part.stop - part.start, self.zeros)
        self.run_block(block, values)
        return values

    def zeros(self, draws: int) -> Values:
        """Return arrays of zeros for so many draws.

        The place's many small variables lie in one piece, which the system hands out in larger
        pages.
        """
        contents = self.contents
        values: Values = {}
        for group, names in contents.names.items():
            shape = (*contents.shape(group)[:-1], draws)
            values[group] = {name: np.zeros(shape, contents.dtype(name)) for name in names}
            if group == PLACE_GROUP:
                amounts = [name for name in names if contents.dtype(name) != np.bool_]
                piece = np.zeros((len(amounts), *shape), contents.dtype(amounts[0]))
                values[group].update(zip(amounts, piece, strict=True))
        return values

    def _place_of(self, draws: int) -> dict[str, NDArray[Any]]:
        """Return zeros for the place's variables in double precision."""
        contents = self.contents
        shape = (*contents.shape(PLACE_GROUP)[:-1], draws)
        return {
            name: np.zeros(shape, bool if contents.dtype(name) == np.bool_ else np.float64)
            for name in contents.names[PLACE_GROUP]
        }

    def _buffer(self, what: str, draws: int, make: Callable[[int], Any]) -> Any:
        """Return zeros that the same thread is given again for its next block."""
        mine = self._mine
        kept = getattr(mine, what, None)
        if kept is None or kept[0] != draws:
            setattr(mine, what, kept := (draws, make(draws)))
            return kept[1]
        for values in kept[1].values():
            for array in values.values() if isinstance(values, dict) else (values,):
                array.fill(0)
        return kept[1]

    @cached_property
    def folder(self) -> BlockFolder:
        """What sums blocks up where draws are not kept."""
        contents = self.contents
        return BlockFolder(
            contents.study, self.regimes, contents.layout, contents.scheme, summary_plan()
        )

    def room(self) -> Room:
        """Return the bytes that summaries of this run take."""
        return self.folder.room(self.futures.room(), self.blocks)

    def survey(self) -> Grid:
        """Lay out the bins of summaries from the first block.

        What it took is given up: other threads run the blocks, in buffers of their own.
        """
        drivers, draws = self.drivers(0)
        grid = self.folder.survey(drivers, draws)
        self._mine.__dict__.clear()
        return grid

    def fold_block(self, block: int, grid: Grid) -> tuple[Tally, Moments]:
        """Run a block and return its counts and sums.

        Raises riskmc.summaries.Interrupted when asked to stop.
        """
        drivers, draws = self.drivers(block)
        return self.folder.fold(
            grid, drivers, draws=draws, first=self.part(block).start, stopped=self.stop.is_set
        )
