"""What all tests share."""

from __future__ import annotations

import signal

import numpy as np
import pytest
from hypothesis import settings

#: `pytest --hypothesis-profile=nightly`: ten times as many random studies.
settings.register_profile("nightly", max_examples=1000)


def pytest_configure() -> None:
    """Let what tests start hear Ctrl-C, though they run in the background, where shells mute it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def rng() -> np.random.Generator:
    """One seeded generator, made again for each test."""
    return np.random.default_rng(20161104)
