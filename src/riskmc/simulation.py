"""A run: every regime of a study on the same futures, block by block over threads."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.blocks import run_block
from riskmc.engine.programme import Programme, compile_regime
from riskmc.errors import TooLargeError
from riskmc.futures import Futures, given_futures
from riskmc.results.contents import (
    DRIVERS_GROUP,
    OUTCOMES,
    PLACE_GROUP,
    Contents,
    Keep,
)
from riskmc.results.store import Store
from riskmc.results.tree import build_tree, open_results
from riskmc.sampling import KEY_BLOCK, Sampler, draws_for
from riskmc.study import Study

if TYPE_CHECKING:
    import xarray as xr

#: Told after each block: draws done, draws in all.
Progress = Callable[[int, int], None]
Values = dict[str, dict[str, NDArray[Any]]]


class Simulation:
    """A run made ready: programmes compiled, futures at hand, contents known."""

    def __init__(self, contents: Contents, futures: Futures) -> None:
        self.contents = contents
        self.futures = futures
        self.programmes: tuple[Programme, ...] = tuple(
            compile_regime(contents.study, name) for name in contents.study.regimes
        )
        self.stop = Event()

    @property
    def blocks(self) -> int:
        """How many key blocks the draws fill, the last perhaps in part."""
        return -(-self.contents.layout.total // KEY_BLOCK)

    def part(self, block: int) -> slice:
        """Return the draws of a block, numbered through."""
        total = self.contents.layout.total
        return slice(block * KEY_BLOCK, min((block + 1) * KEY_BLOCK, total))

    def run_block(self, block: int, into: Values) -> None:
        """Fill `into` (zeros, shaped as the contents but for a block's draws) with a block."""
        part = self.part(block)
        draws = part.stop - part.start
        drivers = {
            name: values if values.shape[2] == 1 else values[..., :draws]
            for name, values in self.futures.key_block(block).items()
        }
        if DRIVERS_GROUP in into:
            for name, kept in into[DRIVERS_GROUP].items():
                kept[...] = drivers[name]
        regimes = range(len(self.programmes))
        run_block(
            self.programmes,
            drivers,
            [{name: x[r] for name, x in into[OUTCOMES].items()} for r in regimes],
            [{name: x[r] for name, x in into[PLACE_GROUP].items()} for r in regimes],
            draws=draws,
            stopped=self.stop.is_set,
        )

    def zeros(self, draws: int) -> Values:
        """Return arrays of zeros for so many draws."""
        contents = self.contents
        return {
            group: {
                name: np.zeros((*contents.shape(group)[:-1], draws), contents.dtype(name))
                for name in names
            }
            for group, names in contents.names.items()
        }


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
) -> xr.DataTree:
    """Simulate every regime of a study on the same futures.

    Parameters
    ----------
    study : Study
        As `load_study` gives it.
    draws, seed, scheme
        Override the study's; draws are rounded up to fill the chains.
    drivers : xarray.Dataset, optional
        One's own futures instead of sampled ones: dims draw, year, organisation (and perhaps
        chain), the twelve drivers, aligned by label.
    workers : int, optional
        Threads; default: one a processor.
    keep : "all" or "headline", optional
        "all" keeps every variable, "headline" the headline variables by organisation and every
        variable of the place. Default: all where it fits `memory`.
    memory : int, optional
        Bytes that results may take in memory; default: a quarter of the machine's.
    out : path, optional
        A NetCDF file to which blocks are written as they finish; an interrupted run is taken
        up where it stopped. The tree returned then reads from it.
    progress : callable, optional
        Told (draws done, draws in all) after each block.

    Returns
    -------
    xarray.DataTree
        `/outcomes`, `/place` and, where everything is kept, `/drivers`.

    Raises
    ------
    DriversError
        The drivers do not fit the study.
    TooLargeError
        What is to be kept does not fit; says what would.
    RunError
        `out` cannot be written, or holds an unfinished run of another kind.
    """
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
    if out is None:
        return _run_in_memory(simulation, workers, progress)
    return _run_to_file(simulation, Path(out), workers, progress)


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
    seed = study.seed if seed is None else seed
    scheme = study.scheme if scheme is None else scheme
    futures: Futures
    if drivers is None:
        layout = draws_for(study.draws if draws is None else draws, scheme)
        futures = Sampler(study, seed=seed, scheme=scheme)
    else:
        futures, layout = given_futures(study, drivers, KEY_BLOCK)
    choices: tuple[Keep, ...] = ("all", "headline") if keep is None else (keep,)
    contents = [
        Contents(study, seed, scheme, layout, choice, drivers is not None) for choice in choices
    ]
    memory_limit = memory_budget() if memory is None else memory
    kept = _fitting(contents, memory_limit, None if out is None else _free_disk(Path(out)))
    return Simulation(kept, futures)


def _fitting(contents: list[Contents], memory: int, disk: int | None) -> Contents:
    """Return the first contents that fit; a file need fit the disk only, if asked for outright."""
    for choice in contents[:-1]:
        if choice.bytes() <= memory:
            return choice
    last = contents[-1]
    limit = memory if disk is None else disk
    needed = last.bytes()
    if needed <= limit:
        return last
    where = "memory" if disk is None else "on this disk"
    fits = int(last.layout.total * limit / needed)
    raise TooLargeError(
        f"keeping {last.keep} of {last.layout.total:,} draws takes {needed / 1e9:.1f} GB, and "
        f"{limit / 1e9:.1f} GB of {where} may be used: ask for at most {fits:,} draws or fewer "
        "regimes"
        + (", keep the headline variables only" if last.keep == "all" else "")
        + (", or allow more memory" if disk is None else ", or free some disk")
    )


def _free_disk(target: Path) -> int:
    """Return the free bytes of the disk that a file will lie on."""
    folder = target.absolute().parent
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def memory_budget() -> int:
    """Return a quarter of the machine's memory, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4


def _run_in_memory(
    simulation: Simulation, workers: int | None, progress: Progress | None
) -> xr.DataTree:
    values = simulation.zeros(simulation.contents.layout.total)

    def work(block: int) -> None:
        part = simulation.part(block)
        simulation.run_block(
            block,
            {g: {n: x[..., part] for n, x in named.items()} for g, named in values.items()},
        )

    _over_threads(simulation, list(range(simulation.blocks)), work, workers, progress)
    return build_tree(simulation.contents, values)


def _run_to_file(
    simulation: Simulation, target: Path, workers: int | None, progress: Progress | None
) -> xr.DataTree:
    store = Store(target, simulation.contents, block_draws=KEY_BLOCK)

    def work(block: int) -> None:
        part = simulation.part(block)
        values = simulation.zeros(part.stop - part.start)
        simulation.run_block(block, values)
        if not simulation.stop.is_set():
            store.write(block, values)

    todo = [block for block in range(simulation.blocks) if block not in store.done]
    try:
        _over_threads(simulation, todo, work, workers, progress)
    except BaseException:
        store.close()
        raise
    return open_results(store.finish())


@contextmanager
def _pool(simulation: Simulation, workers: int | None) -> Iterator[ThreadPoolExecutor]:
    """Give a pool of threads that stops within a slice when the run is interrupted."""
    pool = ThreadPoolExecutor(workers or os.cpu_count() or 1)
    try:
        yield pool
    except BaseException:
        simulation.stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown(wait=True)


def _over_threads(
    simulation: Simulation,
    blocks: list[int],
    work: Callable[[int], None],
    workers: int | None,
    progress: Progress | None,
) -> None:
    total = simulation.contents.layout.total
    left = sum(simulation.part(b).stop - simulation.part(b).start for b in blocks)
    done = total - left
    with _pool(simulation, workers) as pool:
        pending: dict[Future[None], int] = {pool.submit(work, b): b for b in blocks}
        while pending:
            finished, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                part = simulation.part(pending.pop(future))
                future.result()
                done += part.stop - part.start
                if progress is not None:
                    progress(done, total)
