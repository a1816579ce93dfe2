"""Slices of every width: the same to the bit, for as many bodies as add up in another order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison import engine_answers
from devices_at_random import device_studies
from riskmc.engine import blocks
from riskmc.engine.blocks import run_block
from riskmc.engine.holders import add_rows
from riskmc.runs.simulation import prepare
from riskmc.study import load_study
from riskmc.variables import DRIVER_NAMES
from strategies import driver_values, examples

#: Thirteen bodies, alone in one regime and pooled in the next.
STUDY = Path(__file__).parent.parent / "configs" / "greater-manchester.toml"
DRAWS = 8


def outcomes(keep: Any, width: int | None) -> dict[str, dict[str, np.ndarray]]:
    """Run the first draws in slices of a width, keeping all variables or the headline ones."""
    simulation = prepare(load_study(STUDY), draws=DRAWS, keep=keep, seed=5)
    values = {
        group: {n: np.zeros(x.shape, bool if x.dtype == bool else float) for n, x in named.items()}
        for group, named in simulation.zeros(DRAWS).items()
    }
    drivers = {
        name: x if x.shape[2] == 1 else x[..., :DRAWS]
        for name, x in simulation.futures.key_block(0).items()
    }
    regimes = range(len(simulation.programmes))
    run_block(
        simulation.programmes,
        drivers,
        [{n: x[r] for n, x in values["outcomes"].items()} for r in regimes],
        [{n: x[r] for n, x in values["place"].items()} for r in regimes],
        draws=DRAWS,
        width=width,
    )
    return values


@pytest.fixture(scope="module")
def whole() -> dict[str, dict[str, np.ndarray]]:
    return outcomes("all", None)


@pytest.mark.parametrize(("keep", "width"), [("all", 3), ("headline", 1)])
def test_neither_width_nor_what_is_kept_changes_a_bit(
    whole: dict[str, dict[str, np.ndarray]], keep: str, width: int
) -> None:
    """Would catch rows added pair by pair in a slice of one draw, or a place that is worked out
    another way where organisations are not kept."""
    cut = outcomes(keep, width)
    for group in ("outcomes", "place"):
        for name, values in cut[group].items():
            np.testing.assert_array_equal(values, whole[group][name], err_msg=name)


@examples(6)
@given(data=st.data())
def test_no_device_looks_beyond_its_draw(data: st.DataObject) -> None:
    """Would catch a device that sums over draws, or in an order that hangs on their number."""
    raw = data.draw(device_studies())
    futures = [data.draw(driver_values(raw, DRIVER_NAMES)) for _ in range(5)]
    together = engine_answers(raw, futures)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blocks, "SLICE_VALUES", 1)
        one_by_one = engine_answers(raw, futures)
    for regime, answers in together.items():
        for name, values in answers.items():
            np.testing.assert_array_equal(one_by_one[regime][name], values, err_msg=name)


@pytest.mark.parametrize("width", [1, 2, 3, 8, 17, 64, 1000])
@pytest.mark.parametrize("rows", [1, 2, 7, 8, 9, 13, 130])
def test_rows_are_added_one_by_one(rows: int, width: int, rng: np.random.Generator) -> None:
    """Would catch a sum in another order than the rows', whatever NumPy makes of the shape."""
    values = rng.standard_normal((rows, width)) * 10.0 ** rng.integers(-8, 8, (rows, width))
    expected = values[0].copy()
    for row in values[1:]:
        expected += row
    np.testing.assert_array_equal(add_rows(values), expected)
    strided = np.zeros((rows, 3, width))
    strided[:, 1] = values
    np.testing.assert_array_equal(add_rows(strided[:, 1]), expected)
    np.testing.assert_array_equal(add_rows(np.asfortranarray(values)), expected)
