"""What all tests share."""

from __future__ import annotations

import signal

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings

#: Nothing depends on wall time: a busy machine is no fault of an example.
settings.register_profile(
    "quick",
    settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=40,
    # The same studies at every run, so that a change is judged by what it changed; the search for
    # studies nobody has tried is the profile `nightly`'s, and `python -m tests.fuzz`.
    derandomize=True,
    # A study that fails is shown as it was found: to make it smaller takes minutes.
    phases=[phase for phase in Phase if phase not in (Phase.shrink, Phase.explain)],
    print_blob=True,
)
settings.load_profile("quick")
#: `pytest --hypothesis-profile=ci` tries more, the same at every run; `nightly` ten times as many,
#: others each night.
settings.register_profile("ci", settings.get_profile("quick"), max_examples=100)
settings.register_profile(
    "nightly", settings.get_profile("quick"), derandomize=False, max_examples=1000
)


def pytest_configure() -> None:
    """Let what tests start hear Ctrl-C, though they run in the background, where shells mute it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def rng() -> np.random.Generator:
    """One seeded generator, made again for each test."""
    return np.random.default_rng(20161104)
