"""What projects deliver: one number per project and future, each from a stream of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskmc.distributions import Distribution
from riskmc.sampling.layout import KEY_BLOCK
from riskmc.sampling.streams import NATIONAL, Array, Streams, streams
from riskmc.study import Study

#: Prefix of a project's key, so that no project can share a driver's stream.
PROJECT = "project"


@dataclass(frozen=True)
class Deliveries:
    """The deliveries of a study's projects, in the order of the file; None delivers in full.

    A project's draws depend on its name, the seed and the draw's number alone. Futures
    that the user supplies as a Dataset hold no deliveries: they are drawn here all the same.
    """

    names: tuple[str, ...]
    distributions: tuple[Distribution | None, ...]

    def __bool__(self) -> bool:
        return any(found is not None and found.fixed is None for found in self.distributions)

    def draw(self, keyed: Streams) -> Array:
        """Return a key block's deliveries, shape (1, project, 4096) [ratio]."""
        values = np.ones((1, len(self.names), KEY_BLOCK))
        for row, (name, found) in enumerate(zip(self.names, self.distributions, strict=True)):
            if found is not None:
                keyed.open(f"{PROJECT}\0{name}", NATIONAL).fill(values[0, row])
                found.from_normal(values[0, row], values[0, row])
        return values

    def key_block(self, scheme: str, seed: int, block: int) -> Array:
        """Return the deliveries of a key block under a scheme and seed."""
        return self.draw(streams(scheme, seed, block))


def deliveries(study: Study) -> Deliveries:
    """Return what a study's projects deliver."""
    return Deliveries(
        tuple(project.name for project in study.projects),
        tuple(project.delivery for project in study.projects),
    )
