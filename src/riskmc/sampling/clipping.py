"""Drivers kept within their meaning: a share is at least 0 and at most 1, whatever is drawn.

A distribution may reach beyond what its driver can mean (a normal for a share). What lies beyond
takes the nearest limit, and how often that happened is counted and said.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping

import numpy as np

from riskmc.sampling.layout import KEY_BLOCK, Layout
from riskmc.sampling.sampler import Sampler
from riskmc.sampling.streams import Array
from riskmc.variables import driver

#: Draws that are looked at to say how often, at most.
_LOOKED_AT = 16 * KEY_BLOCK


def clip_counts(sampler: Sampler, layout: Layout) -> str:
    """Return as JSON text how often drivers lay beyond their meaning; "" where none can.

    By driver: `draws`, in how many futures it did for any body in any year, and `of` how many
    that were looked at, the first 65,536 at most.
    """
    if not sampler.counted:
        return ""
    looked_at = min(layout.total, _LOOKED_AT)
    found = dict.fromkeys(sampler.counted, 0)
    drawn: dict[str, Array] | None = None
    for block in range(-(-looked_at // KEY_BLOCK)):
        width = min(looked_at - block * KEY_BLOCK, KEY_BLOCK)
        drawn = sampler.of_counted(block, drawn)
        for name in found:
            found[name] += _beyond(name, drawn[name], width)
    return in_json(found, looked_at)


def _beyond(name: str, values: Array, width: int) -> int:
    """Return in how many draws a driver is outside its range, anywhere."""
    row = driver(name)
    outside = (values < row.low) | (values > row.high)
    beyond = np.logical_or.reduce(outside.reshape(-1, outside.shape[2]), axis=0)
    return width * int(beyond[0]) if beyond.size == 1 else int(np.count_nonzero(beyond[:width]))


def clipped(name: str, values: Array) -> tuple[Array, int]:
    """Return values within a driver's meaning, (year, body, draw), and in how many draws not."""
    row = driver(name)
    count = _beyond(name, values, values.shape[2])
    return (np.clip(values, row.low, row.high) if count else values), count


def in_json(counts: Mapping[str, int], draws: int) -> str:
    """Return counts as JSON text, those of nothing left out."""
    said = {name: {"draws": n, "of": draws} for name, n in counts.items() if n}
    return json.dumps(said) if said else ""


def in_words(counts: str) -> Iterable[str]:
    """Give what the counts say, a sentence a driver."""
    for name, said in (json.loads(counts) if counts else {}).items():
        row = driver(name)
        meaning = f"{row.low:g} to {row.high:g}"
        if not math.isfinite(row.high):
            meaning = f"{row.low:g} or more"
        share = said["draws"] / said["of"]
        yield (
            f"{name} was outside its range ({meaning}) in {said['draws']:,} of "
            f"{said['of']:,} futures ({share:.2%}), where the nearest limit was used"
        )
