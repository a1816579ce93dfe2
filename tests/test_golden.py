"""Whole runs against stored ones: the last rung, and only two of them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from update_golden import GOLDEN, STUDIES, figures


@pytest.mark.parametrize("name", STUDIES)
def test_a_small_run_is_what_it_was(name: str) -> None:
    """Would catch a change of any output that no other test expected: refresh it knowingly."""
    stored = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert stored.pop("why")
    fresh = figures(name)
    assert fresh.keys() == stored.keys()
    for part, variables in stored.items():
        assert fresh[part].keys() == variables.keys()
        for variable, values in variables.items():
            np.testing.assert_allclose(
                fresh[part][variable], values, rtol=1e-9, atol=1e-9, err_msg=variable
            )
