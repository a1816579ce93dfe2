"""Risks that happen together: a Gaussian copula between the streams of named risks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from riskmc.errors import StudyError
from riskmc.sampling import Sampler
from riskmc.study import Study, parse_study, study_from_json, study_json
from riskmc.variants import bridge

DRAWS = 8 * 4096


def study(*correlations: Any, risks: list[dict[str, Any]] | None = None, **more: Any) -> Study:
    body = {"kind": "council", "cost": 100.0, "charges": 100.0, "reserves": 10.0}
    given = [
        {"name": name, "organisation": "a", "probability": p, "impact": 1.0}
        for name, p in (("Fire", 0.2), ("Flood", 0.3), ("Theft", 0.4))
    ]
    tables = {
        "schema": 1,
        "title": "T",
        "start_year": "2026/27",
        "years": 2,
        "draws": 64,
        "seed": 4,
        "organisations": [{"id": "a", **body}, {"id": "b", **body}],
        "risks": risks if risks is not None else given,
        "regimes": {
            "r": {
                "label": "R",
                "rulebooks": {"council": {"shortfall": [{"instrument": "reserves"}]}},
            }
        },
        **more,
    }
    rows = [{"risks": list(names), "correlation": value} for names, value in correlations]
    return parse_study(tables | ({"risk_correlations": rows} if rows else {}))


def costs(of: Study, scheme: str = "mc") -> dict[str, Any]:
    """Cost of each risk by name, (year, draw)."""
    sampler = Sampler(of, seed=4, scheme=scheme)
    blocks = [sampler.risk_costs(block) for block in range(DRAWS // 4096)]
    whole = np.concatenate(blocks, axis=2)
    return {f"{r.name} {r.organisation}": whole[i] for i, r in enumerate(of.risks)}


def test_both_happen_as_often_as_a_gaussian_copula_says() -> None:
    """Would catch a correlation typed and not drawn, drawn in one year only, or across years.

    P(both) is the bivariate normal probability of both normals beyond their thresholds; chances of
    each by itself stay as typed.
    """
    found = costs(study((("Fire", "Flood"), 0.6)))
    fire, flood = found["Fire a"] > 0.0, found["Flood a"] > 0.0
    at = stats.norm.ppf([0.2, 0.3])
    both = stats.multivariate_normal([0.0, 0.0], [[1.0, 0.6], [0.6, 1.0]]).cdf(at)
    error = np.sqrt(both * (1.0 - both) / DRAWS)
    for year in range(2):
        assert abs((fire & flood)[year].mean() - both) < 4.0 * error
        assert abs(flood[year].mean() - 0.3) < 4.0 * np.sqrt(0.21 / DRAWS)
    apart = (fire[0] & flood[1]).mean()
    assert abs(apart - 0.06) < 4.0 * np.sqrt(0.06 / DRAWS)


def test_draws_of_all_others_stay() -> None:
    """Would catch a correlation that moves another risk, or the first of the two that it names."""
    alone, joined = costs(study()), costs(study((("Fire", "Flood"), 0.6)))
    np.testing.assert_array_equal(joined["Theft a"], alone["Theft a"])
    np.testing.assert_array_equal(joined["Fire a"], alone["Fire a"])
    assert (joined["Flood a"] != alone["Flood a"]).any()
    swapped = costs(study((("Flood", "Fire"), 0.6)))
    np.testing.assert_array_equal(swapped["Flood a"], joined["Flood a"])


@pytest.mark.parametrize("scheme", ["antithetic", "lhs", "sobol"])
def test_it_holds_under_every_scheme(scheme: str) -> None:
    """Would catch streams that are not the risks' own: pairs of opposites stay opposite."""
    found = costs(study((("Fire", "Flood", "Theft"), 0.5)), scheme)
    fire, theft = found["Fire a"][0] > 0.0, found["Theft a"][0] > 0.0
    at = stats.norm.ppf([0.2, 0.4])
    both = stats.multivariate_normal([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]]).cdf(at)
    assert abs((fire & theft).mean() - both) < 4.0 * np.sqrt(both * (1.0 - both) / DRAWS)
    if scheme == "antithetic":
        assert not (theft[0::2] & theft[1::2]).any()


def test_every_form_of_occurrence_can_be_correlated() -> None:
    """Would catch a form whose normal is drawn elsewhere: a rate, an uncertain chance, an event."""
    risks: list[dict[str, Any]] = [
        {"name": "Claims", "organisation": "a", "rate": 2.0, "impact": 1.0},
        {
            "name": "Fee",
            "organisation": "a",
            "probability": {"low": 0.2, "high": 0.6},
            "impact": 1.0,
        },
        {"name": "Storm", "probability": 0.3, "impacts": {"a": 1.0, "b": 2.0}},
    ]
    found = costs(study((("Claims", "Fee", "Storm"), 0.7), risks=risks))
    names = ("Claims a", "Fee a", "Storm a")
    for one in names:
        for other in names:
            assert np.corrcoef(found[one][0], found[other][0])[0, 1] > 0.4
    np.testing.assert_array_equal(2.0 * found["Storm a"], found["Storm b"])


def test_it_is_stored_and_differs_from_a_study_without() -> None:
    """Would catch a correlation lost on the way to a worker, or two runs taken for the same."""
    joined = study((("Fire", "Flood"), 0.6))
    assert study_from_json(study_json(joined)) == joined
    assert "risk_correlations" not in study_json(study())
    steps = bridge(study(), joined)["step"].values.tolist()
    assert steps == ["as it stood", "risk register"]
    changed = joined.with_("risk_correlations.1.correlation=0.1")
    assert changed.risk_correlations[0].correlation == 0.1


@pytest.mark.parametrize(
    ("correlations", "message"),
    [
        ([(("Fire", "Floods"), 0.5)], "is not a risk of the register.*did you mean 'Flood"),
        ([(("Fire",), 0.5)], "fewer than two risks"),
        ([(("Fire", "Fire"), 0.5)], "one twice"),
        ([(("Fire", "Flood"), 1.0)], "below 1"),
        ([(("Fire", "Flood"), 0.5), (("Flood", "Fire"), 0.4)], "a second time"),
        (
            [(("Fire", "Flood"), 0.9), (("Flood", "Theft"), 0.9), (("Fire", "Theft"), -0.9)],
            "cannot hold together.*the nearest that can",
        ),
    ],
)
def test_what_cannot_be_is_refused(correlations: list[Any], message: str) -> None:
    """Would catch a misspelt risk left uncorrelated, or a matrix that is none."""
    with pytest.raises(StudyError, match=message):
        study(*correlations)


def test_a_risk_that_is_joined_otherwise_is_refused() -> None:
    """Would catch a group or a cause overruled in silence, and a name that two bodies have."""
    risks = [
        {"name": "One", "organisation": "a", "probability": 0.2, "impact": 1.0, "group": "g"},
        {"name": "Two", "organisation": "a", "probability": 0.2, "impact": 1.0}
        | {"cause": "c", "shared": 0.5},
        {"name": "Three", "organisation": "a", "probability": 0.2, "impact": 1.0},
        {"name": "Three", "organisation": "b", "probability": 0.2, "impact": 1.0},
    ]
    for names, message in (
        (("One", "Three (a)"), "in a group"),
        (("Two", "Three (a)"), "common cause"),
        (("One", "Three"), "several bodies"),
    ):
        with pytest.raises(StudyError, match=message):
            study((names, 0.5), risks=risks)
    assert study((("Three (a)", "Three (b)"), 0.5), risks=risks).risk_correlations
