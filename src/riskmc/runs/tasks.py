"""Tasks: work units sent to worker processes.

A task is a function of this module, the job, and numbers of blocks. What it returns does not hang
on where or when it is run.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from riskmc.errors import RunError
from riskmc.results.blocks import Blocks
from riskmc.results.contents import Contents, Keep, library_versions, package_version
from riskmc.runs.prepared import Simulation, Values
from riskmc.sampling import Layout, Sampler
from riskmc.study import study_from_json, study_json
from riskmc.summaries import Grid, Summary
from riskmc.summaries.moments import ARITY

#: Blocks in a task: a few tenths of a second to a second or two of work.
BLOCKS_IN_TASK = ARITY


@dataclass(frozen=True)
class Job:
    """What a worker needs to know of a run, once."""

    study: str
    seed: int
    scheme: str
    chains: int
    per_chain: int
    keep: Keep
    versions: tuple[tuple[str, str], ...]


def stretches_of(todo: Sequence[int], *, highest: int) -> list[tuple[int, int]]:
    """Cut what is to be done into stretches of 4^level blocks, as large as may be.

    A stretch starts at a multiple of its length, and nothing in it is done already.
    """
    undone = set(todo)
    found: list[tuple[int, int]] = []
    for block in todo:
        if found and block < found[-1][0] + ARITY ** found[-1][1]:
            continue
        level = 0
        while level < highest and block % ARITY ** (level + 1) == 0:
            if not undone.issuperset(range(block, block + ARITY ** (level + 1))):
                break
            level += 1
        found.append((block, level))
    return found


def tasks_of(blocks: Sequence[int]) -> list[tuple[int, ...]]:
    """Cut blocks, each of which may be done by itself, into tasks."""
    starts = range(0, len(blocks), BLOCKS_IN_TASK)
    return [tuple(blocks[start : start + BLOCKS_IN_TASK]) for start in starts]


def job_fields(contents: Contents) -> tuple[Any, ...]:
    """Return what a Job is made of."""
    layout = contents.layout
    study = study_json(contents.study)
    place = (study, contents.seed, contents.scheme, layout.chains, layout.per_chain)
    return (*place, contents.keep, tuple(_versions().items()))


def _versions() -> dict[str, str]:
    return {"riskmc": package_version("riskmc"), **library_versions()}


@lru_cache(maxsize=2)
def _simulation(job: Job) -> Simulation:
    """Return the run made ready, on a worker, once."""
    ours = _versions()
    differing = [
        f"{name} {ours.get(name)} instead of {wanted}"
        for name, wanted in job.versions
        if ours.get(name) != wanted
    ]
    if differing:
        raise RunError(f"a worker has {', '.join(differing)}: results would not be the same")
    study = study_from_json(job.study)
    layout = Layout(job.chains, job.per_chain)
    contents = Contents(study, job.seed, job.scheme, layout, job.keep)
    return Simulation(contents, Sampler(study, seed=job.seed, scheme=job.scheme))


def lay_grid(job: Job) -> Grid:
    """Lay out the bins of summaries from the first block, on a worker."""
    return _simulation(job).survey()


def fold_stretch(job: Job, blocks: tuple[int, ...], grid: Grid) -> Summary:
    """Run one block, or four neighbouring ones, and sum them up, on a worker."""
    simulation = _simulation(job)
    parts = (Summary(block, 0, *simulation.fold_block(block, grid)) for block in blocks)
    return next(parts) if len(blocks) == 1 else Summary.join(parts)


def write_blocks(
    job: Job, place: Blocks, blocks: tuple[int, ...], far: bool = True
) -> tuple[int, ...]:
    """Run blocks and write them into the run's folder, on a worker; return which.

    `far`: the worker may be another machine's, and sees what it wrote to the disk that they share.
    """
    simulation = _simulation(job)
    try:
        for block in blocks:
            place.write(block, simulation.block(block), to_disk=far)
    except OSError as error:
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        raise RunError(
            f"{place.folder}: a worker cannot write there: {reason}; all machines must share "
            "the folder. Completed blocks are saved: fix this and run the same command to resume"
        ) from error
    return blocks


def run_blocks(job: Job, blocks: tuple[int, ...]) -> dict[int, Values]:
    """Run blocks and return their draws, on a worker."""
    simulation = _simulation(job)
    found = {}
    for block in blocks:
        found[block] = {
            group: {name: values.copy() for name, values in named.items()}
            for group, named in simulation.block(block).items()
        }
    return found
