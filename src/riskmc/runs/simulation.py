"""A run: every regime of a study on the same futures, block by block over threads."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmc.deprecation import warn_deprecated
from riskmc.engine.recorded.playing import Regimes
from riskmc.errors import InputError
from riskmc.results.contents import Contents, Keep
from riskmc.results.tree import build_tree, open_results, tree_in_blocks
from riskmc.results.unfinished import Unfinished
from riskmc.runs.memory import (
    check_summaries_fit,
    fewer_workers,
    first_that_fits,
    memory_budget,
)
from riskmc.runs.prepared import Progress, Simulation, Values
from riskmc.runs.processes import Processes
from riskmc.runs.summarised import SummarisedRun
from riskmc.runs.tasks import Job, fold_stretch, job_fields, stretches_of, write_blocks
from riskmc.sampling import KEY_BLOCK, Layout, Sampler, draws_for
from riskmc.sampling.clipping import clip_counts, in_words
from riskmc.sampling.futures import Futures, GivenFutures, checked_dataset, given_futures
from riskmc.sampling.layout import check_scheme, checked_seed, whole_number
from riskmc.study import Study
from riskmc.summaries.moments import ARITY

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Progress", "Simulation", "Values", "memory_budget", "prepare", "run"]

#: Blocks times bodies, years and regimes from which on processes are worth their start: some ten
#: seconds of one thread's work. Two bodies and a regime more stand for what is done but once.
WORTH_PROCESSES = 15_000
_LOG = logging.getLogger(__name__)
#: Tasks handed out at once, by worker: enough that none waits.
_AHEAD = 4


def run(
    study: Study,
    *,
    draws: int | None = None,
    seed: int | None = None,
    scheme: str | None = None,
    drivers: xr.Dataset | None = None,
    workers: int | None = None,
    keep: Keep | None = None,
    memory: int | None = None,
    out: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    client: Any = None,
) -> xr.DataTree:
    """Simulate every regime of a study on the same futures.

    Parameters
    ----------
    study : Study
        As `load_study` gives it.
    draws, seed, scheme : int, int, str, optional
        Override the study's; draws are rounded up to fill the chains.
    drivers : xarray.Dataset, optional
        Your own futures instead of sampled ones: dims draw, year, organisation (and perhaps
        chain), every driver of the register, aligned by label.
    workers : int, optional
        Threads, or processes where there is much to do and draws do not stay in memory;
        default: one per processor.
    keep : "all", "headline" or "summaries", optional
        "headline" keeps the headline variables by organisation and every variable of the place,
        in single precision (on file rounded too: `riskmc.results.packing`); "all" every
        variable and the drivers, in double precision; "summaries" no draws, but sums, counts
        and histograms of the headline measures. Default: "headline", or "summaries" where that
        does not fit `memory`; with user-supplied drivers "all" first. What was not kept,
        `riskmc.recompute` draws again.
    memory : int, optional
        Bytes that results may take in memory; default: a quarter of the machine's.
    out : path, optional
        A NetCDF file to which blocks are written as they finish; an interrupted run is taken
        up where it stopped. The tree returned then reads from it.
    progress : callable, optional
        Called with (draws done, draws in all) after each block.
    client : distributed.Client, optional
        Run the blocks on a Dask cluster instead of threads; equal to the bit.

    Returns
    -------
    xarray.DataTree
        `/outcomes`, `/place` and, where everything is kept, `/drivers`; `/summaries` alone where
        no draws are kept.

    Raises
    ------
    DriversError
        The drivers do not fit the study.
    TooLargeError
        What is to be kept does not fit; says what would.
    RunError
        `out` cannot be written, or holds an unfinished run of another study, seed or setting.
    InputError
        `client` with user-supplied drivers: only seeds and numbers of blocks are sent.

    References
    ----------
    - docs/model.md, section 4.
    - docs/sampling.md, "What is promised".
    """
    workers = whole_number(
        (os.cpu_count() or 1) if workers is None else workers, "workers", low=1, high=10_000
    )
    simulation = prepare(
        study,
        draws=draws,
        seed=seed,
        scheme=scheme,
        drivers=drivers,
        keep=keep,
        memory=memory,
        out=out,
    )
    target = None if out is None else Path(out)
    if client is not None:
        from riskmc.runs.cluster import run_on_cluster

        return run_on_cluster(simulation, client, target, progress)
    if simulation.contents.keep == "summaries":
        memory_limit = memory_budget() if memory is None else memory
        return _run_summarised(simulation, target, workers, memory_limit, progress)
    if target is None:
        return _run_in_memory(simulation, workers, progress)
    return _run_to_file(simulation, target, workers, progress)


def prepare(
    study: Study,
    *,
    draws: int | None = None,
    seed: int | None = None,
    scheme: str | None = None,
    drivers: xr.Dataset | None = None,
    keep: Keep | None = None,
    memory: int | None = None,
    out: str | os.PathLike[str] | None = None,
) -> Simulation:
    """Make a run ready without running it; arguments and errors as in `run`."""
    if not isinstance(study, Study):
        raise InputError(
            f"study: {type(study).__name__} is not a Study; allowed: what riskmc.load_study returns"
        )
    given = {} if drivers is None else checked_dataset(drivers).attrs
    scheme = scheme or (study.scheme if drivers is None else given.get("scheme", "mc"))
    seed = checked_seed(given.get("seed", study.seed) if seed is None else seed)
    futures: Futures
    drawn = None
    if drivers is None:
        layout = draws_for(study.draws if draws is None else draws, scheme)
        futures = Sampler(study, seed=seed, scheme=scheme)
        clipped = clip_counts(futures, layout)
        for sentence in in_words(clipped):
            _LOG.warning("%s: %s", study.title, sentence)
    else:
        check_scheme(scheme)
        futures, layout = given_futures(study, drivers, KEY_BLOCK, scheme=scheme, seed=seed)
        drawn, clipped = futures.fingerprint, futures.clipped
    choices = keep_choices(keep, own_drivers=drivers is not None)
    contents = [
        Contents(study, seed, scheme, layout, choice, drivers is not None, drawn, clipped)
        for choice in choices
    ]
    memory_limit = memory_budget() if memory is None else memory
    whole_number(memory_limit, "memory", low=1, high=2**63 - 1)
    kept = first_that_fits(contents, memory_limit, None if out is None else Path(out))
    simulation = Simulation(kept, futures)
    if kept.keep == "summaries":
        check_summaries_fit(simulation, memory_limit)
    return simulation


def run_given(
    study: Study,
    futures: GivenFutures,
    layout: Layout,
    *,
    seed: int,
    scheme: str,
    only: Mapping[str, Collection[str]] | None = None,
    regimes: Regimes | None = None,
) -> xr.DataTree:
    """Simulate a variant of a study on futures that were checked before, in memory.

    Parameters
    ----------
    study : Study
        Of the same years, organisations and projects as the futures.
    futures, layout
        As `riskmc.sampling.futures.given_futures` returns them, perhaps with some drivers changed.
    seed, scheme
        Those of the futures.
    only : mapping of str to collection of str, optional
        By group, the variables to keep; default: all that `keep="headline"` keeps.
    regimes : Regimes, optional
        The study's, where several runs share them.

    Returns
    -------
    xarray.DataTree
        As `run` returns it with `keep="headline"`.
    """
    drawn, clipped = futures.fingerprint, futures.clipped
    contents = Contents(study, seed, scheme, layout, "headline", True, drawn, clipped, only)
    kept = first_that_fits([contents], memory_budget(), None)
    return _run_in_memory(Simulation(kept, futures, regimes), os.cpu_count() or 1, None)


def keep_choices(keep: str | None, *, own_drivers: bool) -> tuple[Keep, ...]:
    """Return what may be kept, best first; InputError for what is not known.

    With user-supplied drivers everything is kept where it fits: no key draws it again.
    """
    if keep is None:
        return ("all", "headline", "summaries") if own_drivers else ("headline", "summaries")
    if keep == "streams":
        warn_deprecated('keep="streams"', since="0.2.0", use='keep="summaries"')
        return ("summaries",)
    known: dict[str, Keep] = {"all": "all", "headline": "headline", "summaries": "summaries"}
    if not isinstance(keep, str) or keep not in known:
        raise InputError(f"keep: no '{keep}'; allowed: {', '.join(known)}")
    return (known[keep],)


def _worth_processes(simulation: Simulation, workers: int) -> bool:
    """Say whether there is enough to do for processes to make up for their start."""
    contents = simulation.contents
    study = contents.study
    size = (len(study.organisations) + 2) * study.years * (len(study.regimes) + 1)
    much = size * simulation.blocks >= WORTH_PROCESSES
    return workers > 1 and much and not contents.own_drivers and bool(sys.executable)


def _run_summarised(
    simulation: Simulation,
    target: Path | None,
    workers: int,
    memory: int,
    progress: Progress | None,
) -> xr.DataTree:
    apart = _worth_processes(simulation, workers)
    if apart and fewer_workers(simulation, workers, memory, apart=True) == 1:
        apart = False  # threads share what one process has room for
    workers = fewer_workers(simulation, workers, memory, apart=apart)
    summarised = SummarisedRun(simulation, target)
    todo = summarised.todo()
    with summarised.unfinished(), Processes() as processes:
        if not apart:
            single = [(block,) for block in todo]
            work = partial(_each, summarised.work)
            _over_threads(simulation, single, work, workers, progress)
            return summarised.finish()
        job = Job(*job_fields(simulation.contents))

        def fold(blocks: tuple[int, ...]) -> None:
            summarised.take(processes.call(fold_stretch, job, blocks, summarised.grid))

        stretches = stretches_of(todo, highest=1)
        tasks = [tuple(range(first, first + ARITY**level)) for first, level in stretches]
        _over_threads(simulation, tasks, fold, workers, progress, processes.stop)
        return summarised.finish()


def _each(work: Callable[[int], None], blocks: tuple[int, ...]) -> None:
    for block in blocks:
        work(block)


def _run_in_memory(simulation: Simulation, workers: int, progress: Progress | None) -> xr.DataTree:
    values = simulation.zeros(simulation.contents.layout.total)

    def work(block: int) -> None:
        part = simulation.part(block)
        simulation.run_block(
            block,
            {g: {n: x[..., part] for n, x in named.items()} for g, named in values.items()},
        )

    single = [(block,) for block in range(simulation.blocks)]
    _over_threads(simulation, single, partial(_each, work), workers, progress)
    return build_tree(simulation.contents, values)


def _run_to_file(
    simulation: Simulation, target: Path, workers: int, progress: Progress | None
) -> xr.DataTree:
    place = Unfinished(target, simulation.contents, block_draws=KEY_BLOCK)
    done = place.done()
    todo = [block for block in range(simulation.blocks) if block not in done]
    single = [(block,) for block in todo]
    stopped = simulation.stop.is_set

    def work(block: int) -> None:
        values = simulation.block(block)
        if not stopped():
            place.write(block, values, stopped)

    def have_written(blocks: tuple[int, ...]) -> None:
        processes.call(write_blocks, job, place.blocks, blocks, False)

    with Processes() as processes:
        if _worth_processes(simulation, workers):
            job = Job(*job_fields(simulation.contents))
            _over_threads(simulation, single, have_written, workers, progress, processes.stop)
        else:
            _over_threads(simulation, single, partial(_each, work), workers, progress)
    held = place.blocks.held() if simulation.contents.packed else None
    finished = place.finish(workers)
    if held is None:
        return open_results(finished)
    return tree_in_blocks(simulation.contents, held)


@contextmanager
def _pool(
    simulation: Simulation, workers: int, stop: Callable[[], None]
) -> Iterator[ThreadPoolExecutor]:
    """Give a pool of threads that stops within a slice when the run is interrupted."""
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    except BaseException:
        simulation.stop.set()
        stop()
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown(wait=True)


def _over_threads(
    simulation: Simulation,
    tasks: Sequence[tuple[int, ...]],
    work: Callable[[tuple[int, ...]], None],
    workers: int,
    progress: Progress | None,
    stop: Callable[[], None] = lambda: None,
) -> None:
    """Do tasks, each some blocks, over threads; `stop` is called too when interrupted."""
    total = simulation.contents.layout.total

    def draws(blocks: tuple[int, ...]) -> int:
        parts = [simulation.part(block) for block in blocks]
        return sum(part.stop - part.start for part in parts)

    done = total - sum(draws(task) for task in tasks)
    waiting = iter(tasks)
    with _pool(simulation, workers, stop) as pool:
        pending: dict[Future[None], tuple[int, ...]] = {}
        while True:
            for task in islice(waiting, _AHEAD * workers - len(pending)):
                pending[pool.submit(work, task)] = task
            if not pending:
                return
            finished, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                task = pending.pop(future)
                future.result()
                done += draws(task)
                if progress is not None:
                    progress(done, total)
