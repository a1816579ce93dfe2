"""Many machines: the same blocks on a Dask cluster, equal to the bit.

A task is sent the study (once to each worker), the seed and the numbers of its blocks, never an
array. Where draws are kept, workers write blocks into the folder of the unfinished run, which all
machines share. Where summaries are kept, workers sum
blocks up and join the sums in the one order of `riskmc.summaries`, and summaries travel for at
most 64 blocks each. A worker that dies loses what it was at: Dask gives it to another, and since
a block comes out the same wherever it is run, nothing changes.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from riskmc.errors import InputError, RiskmcError, RunError
from riskmc.results.tree import build_tree, open_results
from riskmc.results.unfinished import Unfinished
from riskmc.runs.prepared import Progress, Simulation
from riskmc.runs.summarised import SummarisedRun
from riskmc.runs.tasks import (
    Job,
    fold_stretch,
    job_fields,
    lay_grid,
    run_blocks,
    stretches_of,
    tasks_of,
    write_blocks,
)
from riskmc.sampling import KEY_BLOCK
from riskmc.summaries import Grid, Summary
from riskmc.summaries.moments import ARITY

if TYPE_CHECKING:
    import xarray as xr

#: Dask's client and its tasks carry no types.
Client = Any
Future = Any
#: A summary travels to the client for every ARITY^3 = 64 blocks at most, and so many in a run at
#: least, so that what is done outlasts an interruption.
_HIGHEST, _SUMMARIES = 3, 8
#: Tasks under way, by thread of the cluster: enough that none waits.
_AHEAD = 3
#: Draws kept in memory travel only where they are few.
MOST_SENT = 256_000_000
_SECONDS_TO_CONNECT = 10
#: Seconds without a worker after which a warning is printed, and after which the run stops.
SAY_AFTER, GIVE_UP_AFTER = 10.0, 300.0
#: Seconds between looks at the workers, and at the tasks.
_LOOK_EVERY, _PAUSE = 1.0, 0.05
_LOG = logging.getLogger(__name__)


def connect(address: str) -> Client:
    """Return a client of a Dask scheduler; InputError or RunError where there is none."""
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise InputError(
            "a run on a cluster needs Dask, which is not installed: pip install 'riskmc[dask]'"
        ) from error
    if not re.fullmatch(r"(\w+://)?[^/\s]+:\d+", address):
        raise InputError(
            f"'{address}' is not the address of a Dask scheduler, such as tcp://127.0.0.1:8786"
        )
    try:
        return distributed.Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise RunError(
            f"no Dask scheduler answers at {address}: {error}; start one with 'dask scheduler' "
            "and workers with 'dask worker ADDRESS'"
        ) from error


def run_on_cluster(
    simulation: Simulation, client: Client, target: Path | None, progress: Progress | None
) -> xr.DataTree:
    """Run a simulation on a cluster.

    Raises InputError for user-supplied drivers and for draws to be kept that are too many to be
    sent, RunError where workers cannot see the folder, are of other versions, or keep dying.
    """
    contents = simulation.contents
    if contents.own_drivers:
        raise InputError(
            "user-supplied drivers cannot run on a cluster (workers receive only seeds and block "
            "numbers): run them on this machine"
        )
    cluster = _Cluster(simulation, client, progress)
    if contents.keep == "summaries":
        return _summarise(simulation, cluster, target)
    if target is not None:
        return _write(simulation, cluster, target)
    if contents.bytes() > MOST_SENT:
        raise InputError(
            f"draws kept in memory would travel from the cluster, and {contents.bytes() / 1e6:,.0f}"
            f" MB are more than the {MOST_SENT / 1e6:,.0f} that may: name a file in a folder that "
            'all machines share (out=, --out), or keep summaries (keep="summaries")'
        )
    return _gather(simulation, cluster)


@dataclass(frozen=True)
class _Work:
    """Something to be done on the cluster.

    root    the task whose result is wanted
    leaves  the tasks that simulate, and how many draws each does
    """

    root: Future
    leaves: Mapping[Future, int]
    first: int


@dataclass
class WorkerWatch:
    """Watches for how long a cluster has had no worker: warns, and at last stops the run."""

    since: float | None = None
    said: bool = False

    def look(self, workers: int, now: float) -> None:
        """Take how many workers there are now [s]; RunError where none came for too long."""
        if workers:
            self.since, self.said = None, False
            return
        self.since = now if self.since is None else self.since
        waited = now - self.since
        if waited >= GIVE_UP_AFTER:
            raise RunError(
                f"the cluster has had no worker for {GIVE_UP_AFTER:.0f} seconds: start workers with"
                " 'dask worker ADDRESS' and give the same command again, or the same without "
                "--dask; completed blocks are saved if the run writes to a file"
            )
        if waited >= SAY_AFTER and not self.said:
            self.said = True
            _LOG.warning(
                "the cluster has no worker: waiting for one, %.0f seconds at most",
                GIVE_UP_AFTER - waited,
            )


class _Cluster:
    """Hands out work, a little ahead of the workers, and gives back what comes of it."""

    def __init__(self, simulation: Simulation, client: Client, progress: Progress | None) -> None:
        self._simulation = simulation
        self._client = client
        self._progress = progress
        self._done = 0
        self.job = self.submit(Job, *job_fields(simulation.contents))

    def submit(self, function: Any, *arguments: Any) -> Future:
        """Submit a task; if its worker dies another does it."""
        return self._client.submit(function, *arguments, pure=False)

    def leaf(self, function: Any, *arguments: Any, blocks: Sequence[int]) -> _Work:
        """Submit a task that simulates blocks."""
        root = self.submit(function, self.job, *arguments)
        return _Work(root, {root: self._draws(blocks)}, blocks[0])

    def already(self, blocks: Sequence[int]) -> None:
        """Count the blocks that an earlier run did."""
        self._done = self._draws(blocks)

    def _draws(self, blocks: Sequence[int]) -> int:
        parts = [self._simulation.part(block) for block in blocks]
        return sum(part.stop - part.start for part in parts)

    def results(self, works: Iterator[_Work]) -> Iterator[tuple[int, Any]]:
        """Give each work's first block and result, as they come; `works` submit when asked for.

        What is still under way is cancelled where the caller stops.
        """
        distributed: Any = import_module("distributed")
        watched = distributed.as_completed(loop=self._client.loop)
        under_way: dict[Future, tuple[int, int | None]] = {}
        leaves = 0
        try:
            while True:
                while leaves < self._most() and (work := next(works, None)) is not None:
                    under_way[work.root] = (0, work.first)
                    for leaf, draws in work.leaves.items():
                        under_way[leaf] = (draws, under_way.get(leaf, (0, None))[1])
                    watched.update({work.root, *work.leaves})
                    leaves += len(work.leaves)
                if not under_way:
                    return
                future = self._next(watched)
                draws, first = under_way.pop(future)
                _check(future)
                if first is not None:
                    yield first, future.result()
                if draws:
                    leaves -= 1
                    self._report(draws)
        finally:
            self._client.cancel(list(under_way))

    def result(self, future: Future) -> Any:
        """Wait for a task and return what it gave."""
        distributed: Any = import_module("distributed")
        self._next(distributed.as_completed([future], loop=self._client.loop))
        _check(future)
        return future.result()

    def _next(self, watched: Any) -> Future:
        """Return the next task that is done; RunError where no worker is left to do any."""
        alone = WorkerWatch()
        looked = 0.0
        while not watched.has_ready():
            now = monotonic()
            if now - looked >= _LOOK_EVERY:
                looked = now
                with suppress(OSError, RuntimeError):  # the scheduler may be away for a moment
                    alone.look(len(self._client.nthreads()), now)
            sleep(_PAUSE)
        return next(watched)

    def _most(self) -> int:
        threads = int(sum(self._client.nthreads().values()))
        return _AHEAD * max(threads, 1)

    def _report(self, draws: int) -> None:
        self._done += draws
        if self._progress is not None:
            self._progress(self._done, self._simulation.contents.layout.total)


def _check(future: Future) -> None:
    """Raise what went wrong with a task, in our own words."""
    if future.status == "finished":
        return
    if future.status == "cancelled":
        raise RunError(
            "the Dask scheduler no longer answers, or cancelled the run: see that it is there, and "
            "give the same command again, or the same without --dask"
        )
    error = future.exception()
    if isinstance(error, RiskmcError):
        raise error
    if isinstance(error, ModuleNotFoundError):
        raise RunError(f"the workers lack a module: {error}; install riskmc on them") from error
    raise RunError(f"a cluster task failed: {error!r}; run the same command to resume") from error


def _summarise(simulation: Simulation, cluster: _Cluster, target: Path | None) -> xr.DataTree:
    summarised = SummarisedRun(
        simulation, target, survey=lambda: cluster.result(cluster.submit(lay_grid, cluster.job))
    )
    grid = cluster.submit(itself, summarised.grid)
    todo = summarised.todo()
    cluster.already(sorted(summarised.folded.done))
    highest = min(_HIGHEST, max(1, int(math.log(max(len(todo) / _SUMMARIES, 1), ARITY))))
    stretches = stretches_of(todo, highest=highest)
    works = (_fold(cluster, first, level, grid) for first, level in stretches)
    with summarised.unfinished():
        for _, summary in cluster.results(works):
            summarised.take(summary)
        return summarised.finish()


def _fold(cluster: _Cluster, first: int, level: int, grid: Future) -> _Work:
    """Submit the folding of 4^level blocks: tasks of four, joined by fours on the workers."""
    if level <= 1:
        blocks = range(first, first + ARITY**level)
        return cluster.leaf(fold_stretch, tuple(blocks), grid, blocks=blocks)
    length = ARITY ** (level - 1)
    parts = [_fold(cluster, first + i * length, level - 1, grid) for i in range(ARITY)]
    root = cluster.submit(join_stretches, *(part.root for part in parts))
    leaves = {leaf: draws for part in parts for leaf, draws in part.leaves.items()}
    return _Work(root, leaves, first)


def _write(simulation: Simulation, cluster: _Cluster, target: Path) -> xr.DataTree:
    place = Unfinished(target, simulation.contents, block_draws=KEY_BLOCK)
    done = place.done()
    cluster.already(sorted(done))
    todo = [block for block in range(simulation.blocks) if block not in done]
    works = (
        cluster.leaf(write_blocks, place.blocks, blocks, blocks=blocks) for blocks in tasks_of(todo)
    )
    for _ in cluster.results(works):
        pass
    if missing := [block for block in todo if not place.blocks.path(block).exists()]:
        raise RunError(
            f"{place.folder}: block {missing[0]} is not there, though a worker wrote it: all "
            "machines must share the folder"
        )
    return open_results(place.finish())


def _gather(simulation: Simulation, cluster: _Cluster) -> xr.DataTree:
    values = simulation.zeros(simulation.contents.layout.total)
    tasks = tasks_of(list(range(simulation.blocks)))
    works = (cluster.leaf(run_blocks, blocks, blocks=blocks) for blocks in tasks)
    for _, found in cluster.results(works):
        for block, arrays in found.items():
            for group, named in arrays.items():
                for name, array in named.items():
                    values[group][name][..., simulation.part(block)] = array
    return build_tree(simulation.contents, values)


def itself(grid: Grid) -> Grid:
    """Return the bins, on a worker, which then hands them to others."""
    return grid


def join_stretches(*parts: Summary) -> Summary:
    """Join summaries of four neighbouring stretches, on a worker."""
    return Summary.join(parts)
