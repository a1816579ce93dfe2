"""Replay: one future retold to the bit, told as a story, and picked by what it shows.

`riskmc.replay` names this package and the function of that name alike: once the package is
imported Python puts it over the function, so the package can be called as the function is.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from riskmc.replay.choosing import median, worst
from riskmc.replay.retelling import replay
from riskmc.replay.story import tell

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["median", "replay", "tell", "worst"]


class _Callable(ModuleType):
    """A module that is called as its function `replay` is."""

    def __call__(self, results: xr.DataTree, *, draw: int) -> xr.DataTree:
        """Retell one future; see `replay`."""
        return replay(results, draw=draw)


sys.modules[__name__].__class__ = _Callable
