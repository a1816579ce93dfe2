"""Rules at the same cost to the centre."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import riskmc
from riskmc.errors import InputError
from riskmc.study import Study, load_study, parse_study, study_mapping
from riskmc.variants.neutral import Neutral, cost_neutral, with_grants

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(EXAMPLE).with_("draws=512", "years=3", "risks.2.years=['2016/17']")


def test_neutral_rules_cost_the_centre_the_same(study: Study) -> None:
    """Would catch a regime that still wins by money, or one that changes the others."""
    made, found = cost_neutral(study, "devolved")
    results = riskmc.run(made)
    cost = results["place"]["central_cost"].sum("year").mean(("chain", "draw"))
    by = {str(name): float(cost.sel(regime=name)) for name in cost["regime"].values}
    assert by["devolved_neutral"] == pytest.approx(by["current"], abs=abs(found.left) + 0.05)
    assert abs(by["devolved"] - by["current"]) > 1.0
    plain = riskmc.run(study)
    for name in study.regimes:
        np.testing.assert_array_equal(
            results["place"]["net_deficit"].sel(regime=name),
            plain["place"]["net_deficit"].sel(regime=name),
        )


def test_the_grant_that_is_missing_is_found_by_hand() -> None:
    """Would catch a change applied every year: 50 more once is 10 % of 100 in five years' sums.

    Both sets of rules pay 100 a year for 5 years; the second pays 50 a year more from a fund. At
    the same cost its grant is 50 a year, so that the first year's growth is -0.5.
    """
    rules = {"label": "A", "rulebooks": {"council": {"shortfall": [{"instrument": "reserves"}]}}}
    study = parse_study(
        {
            "schema": 1,
            "title": "Neutral",
            "start_year": "2016/17",
            "years": 5,
            "draws": 16,
            "seed": 1,
            "organisations": [{"id": "town", "kind": "council", "cost": 100.0, "grant": 100.0}],
            "regimes": {
                "a": rules,
                "b": {**rules, "label": "B", "settlement": {"transformation_fund": 50.0}},
            },
        }
    )
    made, found = cost_neutral(study, "b")
    assert found.growth == pytest.approx(-0.5)
    assert made.growth("grant_growth", regime="b_neutral")[:, 0] == pytest.approx(
        [-0.5] + [0.0] * 4
    )
    assert "50.00 points less" in found.sentence()


def test_growth_of_its_own_by_body_is_kept(study: Study) -> None:
    """Would catch a scope of the study that beats the change, so that nothing happens."""
    changed = with_grants(study, "devolved", "new", 0.01)
    before, after = study.growth("grant_growth"), changed.growth("grant_growth", regime="new")
    np.testing.assert_allclose(after[0] - before[0], 0.01)
    np.testing.assert_array_equal(after[1:], before[1:])
    assert changed.regimes["devolved"] == study.regimes["devolved"]


def test_what_cannot_be_made_neutral_is_said(study: Study) -> None:
    """Would catch a search without an end."""
    with pytest.raises(InputError, match="no regime 'x'"):
        cost_neutral(study, "x")
    with pytest.raises(InputError, match="as itself"):
        cost_neutral(study, "current")
    tables = study_mapping(study)
    poor = parse_study(
        {**tables, "organisations": [{**b, "grant": 0.0} for b in tables["organisations"]]}
    )
    with pytest.raises(InputError, match="no body has a grant"):
        cost_neutral(poor, "devolved")


def test_what_is_solved_has_its_error() -> None:
    """Would catch a growth without its uncertainty, or an error of nothing where chance is off."""
    found = Neutral("b_neutral", "b", "a", 0.0215, 0.0012, 0.0)
    assert "by 2.15 points more (±0.12) in the first year" in found.sentence()
    assert "by 2.15 points more in" in replace(found, mcse=0.0).sentence()
