"""Two readings of what cuts in services do to health."""

from __future__ import annotations

import numpy as np
import pytest
from measures_trees import make_study, make_tree

from riskmc.measures import harm_readings, service_harm


def test_two_readings_ship_with_their_studies() -> None:
    """Would catch a reading left out, without its study, or with another study's figure."""
    mild, harsh = harm_readings()
    assert (mild.low, mild.high) == (0.0, 0.0)
    assert (harsh.low, harsh.high) == (0.0, 0.03)
    assert "Bordignon" in mild.source
    assert "Arcà" in harsh.source
    assert all(one.found and one.label for one in (mild, harsh))


def test_a_cut_is_read_twice_and_no_cut_is_not_read() -> None:
    """Would catch harm where nothing is cut, harm scaled by the cut, and a share of another cost.

    Under the first rules 4 of 200 of cost is unmet every year: 2 %. Under the second nothing is.
    """
    study = make_study()
    unmet = np.zeros((2, 2, 3, 4, 8))
    unmet[0] = 2.0
    tree = make_tree(study, {"unmet": unmet, "cost": np.full((2, 2, 3, 4, 8), 100.0)})
    found = service_harm(tree).sel(organisation="place")
    cut, none = found.sel(regime="current"), found.sel(regime="devolved")
    assert float(cut["unmet_share_value"]) == pytest.approx(0.02, rel=1e-12)
    np.testing.assert_array_equal(cut["rise"].values, [[0.0, 0.0], [0.0, 0.03]])
    assert float(none["unmet_share_value"]) == 0.0
    assert (none["rise"] == 0.0).all()


def test_the_reading_says_what_it_is() -> None:
    """Would catch a number that travels without the words that mark it as Italian."""
    found = service_harm(make_tree(make_study(), {"unmet": np.ones((2, 2, 3, 4, 8))}))
    assert "no English estimate" in found.attrs["convention"]
    assert "not scaled" in found.attrs["convention"]
    assert found.sizes == {"organisation": 1, "regime": 2, "reading": 2, "bound": 2}
