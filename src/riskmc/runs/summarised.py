"""A run that keeps no draws: blocks are summarised as they finish, and a stopped run resumes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from riskmc.errors import ResultsError, RunError
from riskmc.results.tree import open_results, save
from riskmc.results.unfinished import Unfinished
from riskmc.runs.prepared import Simulation
from riskmc.sampling import KEY_BLOCK
from riskmc.summaries import Folded, Grid, Interrupted, Summary
from riskmc.summaries.checkpoint import Checkpoint
from riskmc.summaries.tree import GROUP, summary_dataset

if TYPE_CHECKING:
    import xarray as xr

#: What is folded is written to the disk every so many blocks.
EVERY = 64


class SummarisedRun:
    """Folds a run's blocks; with a target file, what is done outlasts an interruption."""

    def __init__(
        self,
        simulation: Simulation,
        target: Path | None,
        *,
        survey: Callable[[], Grid] | None = None,
    ) -> None:
        self.simulation = simulation
        self._place: Unfinished | None = None
        self._checkpoint: Checkpoint | None = None
        earlier: tuple[Folded, Grid] | None = None
        if target is not None:
            self._place = Unfinished(target, simulation.contents, block_draws=KEY_BLOCK)
            self._checkpoint = Checkpoint(self._place.folder)
            earlier = self._checkpoint.read()
        if earlier is None:
            earlier = Folded(simulation.folder.empty()), (survey or simulation.survey)()
        self.folded, self.grid = earlier
        self._written = len(self.folded.done)
        self._writing = Lock()

    def todo(self) -> list[int]:
        """Return the blocks that are not folded yet."""
        return [b for b in range(self.simulation.blocks) if b not in self.folded.done]

    def work(self, block: int) -> None:
        """Run a block and fold it; threads may do so at once."""
        try:
            tally, moments = self.simulation.fold_block(block, self.grid)
        except Interrupted:
            return
        self.take(Summary(block, 0, tally, moments))

    def take(self, summary: Summary) -> None:
        """Fold a stretch of blocks; threads may do so at once, in any order."""
        self.folded.add(summary)
        self._write_now_and_then()

    def _write_now_and_then(self) -> None:
        if self._checkpoint is None:
            return
        with self._writing:
            done = len(self.folded.done)
            if done >= self._written + EVERY:
                self._written = done
                self._checkpoint.write(self.folded, self.grid)

    @contextmanager
    def unfinished(self) -> Iterator[None]:
        """Write what is folded where the work inside is interrupted."""
        try:
            yield
        except BaseException:
            kept = self._checkpoint is not None and self._checkpoint.file.parent.exists()
            if kept and self._checkpoint is not None and self.folded.done and self.folded.whole:
                self._checkpoint.write(self.folded, self.grid)
            raise

    def finish(self) -> xr.DataTree:
        """Return the results, from their file where one was asked for."""
        import xarray as xr

        total = self.simulation.contents.layout.total
        if self.folded.tally.draws != total:
            raise RunError(
                f"{self.folded.tally.draws:,} draws were summarised instead of {total:,}: delete "
                "the unfinished run and start it again"
            )

        dataset = summary_dataset(self.simulation.folder, self.grid, self.folded)
        tree = xr.DataTree.from_dict({f"/{GROUP}": dataset})
        tree.attrs = self.simulation.contents.attributes()
        if self._place is None:
            return tree
        try:
            save(tree, made := self._place.folder / "results")
        except ResultsError as error:
            raise RunError(f"{error}; fix this and run the same command to resume") from error
        return open_results(self._place.move(made))
