"""A study that names no device of later versions keeps the numbers of 0.1.0, to the bit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import bits

DIGESTS = json.loads(bits.DIGESTS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", bits.STUDIES, ids=lambda path: path.stem)
def test_a_study_that_names_no_device_keeps_its_numbers_to_the_bit(path: Path) -> None:
    """Would catch a device that costs a study which does not name it so much as a rounding: a sum
    in another order, a factor 1 worked out as 1.0000000000000002."""
    kept, found = DIGESTS[path.stem], bits.outcomes(bits.read_study(path))
    gone = [name for name in kept if name not in found]
    moved = [name for name in kept if name in found and bits.digest(found[name]) != kept[name]]
    assert (gone, moved) == ([], [])


def test_one_last_place_of_one_number_is_seen() -> None:
    """Would catch a digest that rounds, or that leaves out part of an array."""
    values = np.linspace(0.1, 7.3, 60).reshape(3, 4, 5)
    whole = bits.digest(values)
    for at in ((0, 0, 0), (1, 2, 3), (2, 3, 4)):
        other = values.copy()
        other[at] = np.nextafter(other[at], np.inf)
        assert bits.digest(other) != whole
    assert bits.digest(np.array([-0.0])) == bits.digest(np.array([0.0]))


def test_an_opening_cost_one_last_place_higher_is_seen() -> None:
    """Would catch digests of something that the engine's arithmetic does not reach."""
    path = bits.STUDIES[0]
    raw = bits.read_study(path)
    raw["organisations"][0]["cost"] = float(np.nextafter(raw["organisations"][0]["cost"], np.inf))
    found = bits.outcomes(raw)
    moved = {name for name, kept in DIGESTS[path.stem].items() if bits.digest(found[name]) != kept}
    assert {"current/outcomes/cost", "devolved/place/balance"} <= moved


def test_the_frozen_studies_use_every_instrument_of_0_1_0() -> None:
    """Would catch a frozen study thrown out that alone used a part of the model."""
    text = "".join(path.read_text(encoding="utf-8") for path in bits.STUDIES)
    plan = ("savings", "local_revenue", "service_reduction", "use_of_reserves")
    shortfall = ("reserves", "in_year_measures", "capital_to_revenue", "carry_forward", "bailout")
    surplus = ("repay_debt", "clawback", "prevention", "year_end_spending")
    settings = ("equalisation", "open_book", "transformation_fund", "deferred", "protected")
    settings += ("contingency", "restore_reserves", "pools", "extends", "behaviour", "uplift")
    missing = [n for n in (*plan, *shortfall, *surplus, *settings) if f'"{n}"' not in text]
    assert missing == []
