"""Headline measures of many sets of rules on the same futures, shared out over processes.

Recording a set of rules is Python's work, which threads of one process hinder each other at. A
worker draws the futures once for all the regimes of its task.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.runs.prepared import Progress
from riskmc.runs.processes import Processes
from riskmc.runs.watch import Watched, watch
from riskmc.sampling import draws_for
from riskmc.study import Study, study_from_json, study_mapping
from riskmc.variables import PLACE

#: Regimes times draws from which on processes are worth their start: ten seconds of one thread.
WORTH_PROCESSES = 500_000
#: Regimes of one task: drawing the futures is a twentieth of its work.
REGIMES_IN_TASK = 64


class Part(NamedTuple):
    """What a worker found under some of the regimes; see `Watched`."""

    values: Mapping[tuple[str, str], NDArray[Any]]
    valid: Mapping[str, NDArray[np.bool_] | None]
    seed: int


def watch_part(study: str, measures: tuple[str, ...], organisation: str) -> Part:
    """Watch a study, given as JSON, in one thread, on a worker."""
    found = watch(study_from_json(study), measures, organisation=organisation, workers=1)
    return Part(found.values, found.valid, found.seed)


def watch_many(
    study: Study,
    measures: Sequence[str],
    *,
    organisation: str = PLACE,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Watched:
    """Return what `watch` does of a study with many regimes, by processes where that pays."""
    count = workers or os.cpu_count() or 1
    total = draws_for(study.draws, study.scheme).total
    names = list(study.regimes)
    if count == 1 or len(names) * total < WORTH_PROCESSES or not sys.executable:
        how: dict[str, Any] = {"organisation": organisation, "workers": workers}
        return watch(study, measures, progress=progress, **how)
    mapping = study_mapping(study)
    parts: list[Part] = []
    with Processes() as processes, ThreadPoolExecutor(count) as pool:

        def part(chosen: Sequence[str]) -> Part:
            regimes = {name: mapping["regimes"][name] for name in chosen}
            text = json.dumps({**mapping, "regimes": regimes}, ensure_ascii=False, allow_nan=False)
            found: Part = processes.call(watch_part, text, tuple(measures), organisation)
            return found

        size = min(REGIMES_IN_TASK, -(-len(names) // count))
        try:
            tasks = [pool.submit(part, names[i : i + size]) for i in range(0, len(names), size)]
            for task in as_completed(tasks):
                parts.append(task.result())
                if progress is not None:
                    progress(len(parts) * total // len(tasks), total)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            processes.stop()
            raise
    values = {key: series for found in parts for key, series in found.values.items()}
    valid = {regime: good for found in parts for regime, good in found.valid.items()}
    return Watched(study, study.scheme, parts[0].seed, values, valid)
