"""What all tests share."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    """One seeded generator, made anew for each test."""
    return np.random.default_rng(20161104)
