"""Sampling: keyed draws of every driver under four schemes.

A driver's value depends only on the seed, the driver, the organisation, the year's place in the
horizon and the draw's number.
"""

from __future__ import annotations

from riskmc.sampling.dataset import sample
from riskmc.sampling.describe import describe_driver
from riskmc.sampling.layout import KEY_BLOCK, POINTS, SCHEMES, Layout, draws_for
from riskmc.sampling.sampler import Sampler

__all__ = [
    "KEY_BLOCK",
    "POINTS",
    "SCHEMES",
    "Layout",
    "Sampler",
    "describe_driver",
    "draws_for",
    "sample",
]
