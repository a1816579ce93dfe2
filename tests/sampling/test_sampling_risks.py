"""Risks of every form as drawn: hand-worked chances, closed forms, and nobody else's draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sampling_studies import base
from scipy import stats

from riskmc.distributions import capped_mean
from riskmc.measures.risk_register import before_and_after, customary_by_year
from riskmc.sampling import Sampler, describe_driver, sample
from riskmc.study import Study, json_schema, parse_study, study_from_json, study_json
from riskmc.study.drivers import read_distribution

FIXED = {"distribution": "constant", "value": 1.0}
BLOCKS = 2


def with_risks(*risks: dict[str, Any], **changes: Any) -> Study:
    tables = base()
    tables["risks"] = [
        {"name": f"Risk {n}", "organisation": "acute", **r} for n, r in enumerate(risks)
    ]
    for row in tables["risks"]:
        if "impacts" in row:
            del row["organisation"]
    return parse_study({**tables, **changes})


def costs(study: Study) -> np.ndarray:
    """(risk, year, draw)."""
    sampler = Sampler(study)
    return np.concatenate([sampler.risk_costs(block) for block in range(BLOCKS)], axis=-1)


def near(x: np.ndarray, mean: float) -> None:
    error = x.std() / math.sqrt(x.size)
    assert abs(x.mean() - mean) <= 4.5 * error + 1e-12, (x.mean(), mean, error)


def test_a_plain_risk_keeps_its_draws_with_every_new_form() -> None:
    """Would catch a stream opened for a new form that moves another risk or driver."""
    plain = {"probability": 0.2, "low": 1.0, "likely": 2.0, "high": 4.0}
    others = (
        {"rate": 3.1, "impact": 1.0},
        {"probability": 0.2, "impact": 1.0, "group": "g"},
        {"probability": 0.2, "impact": 1.0, "cause": "c", "shared": 0.5},
        {"probability": {"distribution": "beta", "mean": 0.2, "sd": 0.1}, "impact": 1.0},
        {"probability": 0.1, "impacts": {"acute": 1.0, "ccg": {"low": 1.0, "high": 2.0}}},
    )
    alone, together = with_risks(plain), with_risks(plain, *others)
    np.testing.assert_array_equal(costs(alone)[0], costs(together)[0])
    one, two = (Sampler(s).key_block(0) for s in (alone, together))
    for name in one.keys() - {"one_off_cost"}:
        np.testing.assert_array_equal(one[name], two[name])


def test_the_sum_of_risks_is_the_driver() -> None:
    """Would catch a risk counted twice, for the wrong body, or left out."""
    study = with_risks(
        {"probability": 0.5, "impacts": {"acute": 1.0, "borough": 2.0}},
        {"rate": 1.5, "low": 1.0, "high": 2.0, "lasts": 2},
        {"probability": 0.3, "impact": 1.0, "prices": "opening"},
    )
    sampler = Sampler(study)
    rows, total = sampler.risk_costs(0), sampler.key_block(0)["one_off_cost"]
    for k, body in enumerate(study.organisation_ids):
        mine = [n for n, risk in enumerate(study.risks) if risk.organisation == body]
        np.testing.assert_allclose(total[:, k], rows[mine].sum(axis=0), atol=1e-12)


def test_a_rate_is_poisson_and_its_costs_compound() -> None:
    """Closed form: mean r m, variance r (m^2 + s^2). Would catch one size for all occurrences."""
    study = with_risks({"rate": 3.1, "impact": {"distribution": "gamma", "mean": 2.0, "sd": 1.0}})
    drawn = costs(study)[0]
    near(drawn, 3.1 * 2.0)
    assert drawn.var() == pytest.approx(3.1 * (4.0 + 1.0), rel=0.05)
    counted = costs(with_risks({"rate": 3.1, "impact": FIXED}))[0]
    for k in range(6):
        near(counted == k, float(stats.poisson.pmf(k, 3.1)))
    first, second = counted[0], counted[1]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.04


def test_once_only_is_geometric() -> None:
    """P(in year t) = p (1 - p)^(t - 1). Would catch a risk that happens again."""
    drawn = costs(with_risks({"probability": 0.3, "impact": FIXED, "once": True}))[0]
    assert drawn.sum(axis=0).max() == 1.0
    for year in range(4):
        near(drawn[year], 0.3 * 0.7**year)


def test_a_group_excludes_and_keeps_each_chance() -> None:
    """Would catch two of a group in one year, or a chance thinned by the exclusion."""
    wide = {"low": 1.0, "high": 3.0}
    study = with_risks(
        *({"probability": p, **wide, "group": "inspection"} for p in (0.2, 0.5, 0.3))
    )
    drawn = costs(study)
    happened = drawn > 0
    assert (happened.sum(axis=0) == 1).all(), "chances add up to 1: exactly one each year"
    for row, p in zip(drawn, (0.2, 0.5, 0.3), strict=True):
        near(row > 0, p)
        near(row, 2.0 * p)
        assert stats.kstest(row[row > 0], stats.uniform(1, 2).cdf).pvalue > 1e-4


def test_one_event_hits_its_bodies_together_and_equally_badly() -> None:
    """Would catch bodies hit apart, or each with a severity of its own."""
    size = {"low": 1.0, "high": 3.0}
    drawn = costs(with_risks({"probability": 0.1, "impacts": {"acute": size, "borough": size}}))
    np.testing.assert_array_equal(drawn[0], drawn[1])
    near(drawn[0] > 0, 0.1)


def test_an_uncertain_chance_is_drawn_once_in_each_future() -> None:
    """P(year 1 and year 2) = E[p^2] = m^2 + s^2. Would catch a chance drawn again each year."""
    chance = {"distribution": "beta", "mean": 0.3, "sd": 0.2}
    drawn = costs(with_risks({"probability": chance, "low": 1.0, "high": 3.0}))[0]
    near(drawn > 0, 0.3)
    near(drawn, 0.6)
    near((drawn[0] > 0) & (drawn[1] > 0), 0.09 + 0.04)


def test_a_common_cause_links_by_its_share() -> None:
    """Latent correlation = the share, and 1 makes equal risks one. Would catch its root."""
    pair = [{"probability": 0.3, "impact": FIXED, "cause": "storm", "shared": 0.6}] * 2
    drawn = costs(with_risks(*pair))
    both = float(stats.multivariate_normal(cov=[[1, 0.6], [0.6, 1]]).cdf([stats.norm.ppf(0.3)] * 2))
    near((drawn[0] > 0) & (drawn[1] > 0), both)
    near(drawn[0], 0.3)
    whole = costs(with_risks(*[{**row, "shared": 1.0} for row in pair]))
    np.testing.assert_array_equal(whole[0], whole[1])


def test_a_cap_and_its_mean() -> None:
    """Uniform on 0 to 4 capped at 3: mean 3 - 9/8 = 1.875. Would catch a cap on the sum."""
    uniform = read_distribution({"distribution": "uniform", "low": 0.0, "high": 4.0}, context=None)
    assert capped_mean(uniform, 3.0) == pytest.approx(1.875, rel=1e-10)
    assert capped_mean(uniform, 9.0) == 2.0
    normal = read_distribution({"distribution": "normal", "mean": 0.0, "sd": 1.0}, context=None)
    assert capped_mean(normal, 0.0) == pytest.approx(-1 / math.sqrt(2 * math.pi), rel=1e-8)
    study = with_risks({"probability": 1.0, "low": 0.0, "high": 4.0, "cap": 3.0})
    drawn = costs(study)[0]
    assert drawn.max() == 3.0
    near(drawn, 1.875)
    assert study.risks[0].mean == pytest.approx(1.875, rel=1e-10)


def test_what_lasts_is_paid_in_each_of_its_years() -> None:
    """Would catch a cost that stops, or that runs on: happens in 2017/18, paid for three years."""
    drawn = costs(
        with_risks({"probability": 1.0, "low": 1.0, "high": 2.0, "lasts": 3, "years": ["2017/18"]})
    )[0]
    assert (drawn[0] == 0).all()
    np.testing.assert_array_equal(drawn[1], drawn[2])
    np.testing.assert_array_equal(drawn[1], drawn[3])
    again = costs(with_risks({"probability": 1.0, "impact": FIXED, "lasts": 2}))[0]
    assert again[:, 0].tolist() == [1.0, 2.0, 2.0, 2.0]


def test_opening_prices_grow_with_the_bodys_own_inflation() -> None:
    """Would catch another body's prices, or the expected in place of the drawn."""
    study = with_risks({"probability": 1.0, "impact": FIXED, "prices": "opening"})
    values = Sampler(study).key_block(0)
    grown = np.cumprod(1.0 + values["cost_inflation"][:, 0], axis=0)
    np.testing.assert_allclose(values["one_off_cost"][:, 0], grown, rtol=1e-14)


def test_chances_by_year_and_the_customary_sum_of_each_year() -> None:
    """A certain 92 in one year is 92 in that year, 23 a year on average, 0 in the others.

    Would catch a risk of one year counted in every year.
    """
    study = with_risks(
        {"probability": 1.0, "impact": 92.0, "years": ["2018/19"]},
        {"probability": [0.1, 0.2], "impact": 10.0},
    )
    found = customary_by_year(study)
    assert list(found.values()) == pytest.approx([1.0, 2.0, 94.0, 2.0])
    near(costs(study)[1][0] > 0, 0.1)
    near(costs(study)[1][3] > 0, 0.2)


def expected_costs(study: Study) -> dict[tuple[str, str], tuple[float, ...]]:
    """Return each risk's mean cost by year over futures, by name and organisation [£m].

    What lasts counts in each of its years; costs in opening prices grow with expected inflation.
    """
    grown = np.cumprod(1.0 + study.expected("cost_inflation"), axis=0)
    found = {}
    for risk in (row.simulated for row in study.risks):
        times = risk.times(study.year_labels)
        body = study.organisation_ids.index(risk.organisation)
        by_year = []
        for year in range(study.years):
            often = sum(times[max(0, year + 1 - risk.lasts) : year + 1])
            index = float(grown[year, body]) if risk.prices == "opening" else 1.0
            by_year.append(often * risk.mean * index)
        found[risk.key] = tuple(by_year)
    return found


def test_expected_costs_are_those_drawn() -> None:
    """The second way to the mean: expectation against draws, risk by risk and year by year."""
    study = with_risks(
        {"rate": [0.5, 2.0], "low": 1.0, "likely": 2.0, "high": 6.0},
        {"probability": 0.3, "impact": 2.0, "once": True, "lasts": 2},
        {"probability": 0.4, "low": 1.0, "high": 3.0, "cap": 2.0},
        {"probability": {"low": 0.1, "high": 0.3}, "impact": 1.0},
    )
    drawn = costs(study)
    means = expected_costs(study)
    for n, risk in enumerate(study.risks):
        for year in range(study.years):
            near(drawn[n, year], means[risk.key][year])


def test_before_and_after_mitigation_on_the_same_draws() -> None:
    """Would catch a mitigation simulated where it is not taken, or its cost left out."""
    mitigation = {"cost": [0.1, 0.2], "probability": 0.1}
    study = with_risks({"probability": 0.5, "impact": 4.0, "mitigation": mitigation})
    sides = before_and_after(study, draws=4096, seed=1)
    mean = sides["value"].sel(statistic="mean")
    assert float(mean.sel(mitigation="before")) == pytest.approx(8.0, abs=0.2)
    assert float(mean.sel(mitigation="after")) == pytest.approx(1.6, abs=0.12)
    paid = sides["mitigation_cost"].values
    assert paid.tolist() == pytest.approx([0.0, 0.7])
    near(costs(study)[0] > 0, 0.1)
    idle = with_risks(
        {"probability": 0.5, "impact": 4.0, "mitigation": {**mitigation, "taken": False}}
    )
    near(costs(idle)[0] > 0, 0.5)
    assert sum(customary_by_year(study, mitigated=False).values()) == pytest.approx(8.0)


def test_every_form_reads_back_and_is_described() -> None:
    """Would catch a key that stored results lose, or that a description leaves out."""
    study = with_risks(
        {"rate": 3.1, "p10": 1.0, "p90": 4.0, "cap": 9.0, "prices": "opening", "lasts": 2},
        {"probability": 0.2, "likely": 1.2, "once": True, "group": "g", "years": ["2016/17"]},
        {
            "probability": {"low": 0.1, "likely": 0.2, "high": 0.5},
            "p10": 1.0,
            "p50": 2.0,
            "p90": 6.0,
        },
        {"probability": 0.2, "impacts": {"acute": 1.0, "ccg": {"low": 1.0, "high": 2.0}}},
        {
            "probability": 0.2,
            "impact": 1.0,
            "cause": "c",
            "shared": 0.5,
            "mitigation": {"cost": 1.0},
        },
    )
    assert study_from_json(study_json(study)).risks == study.risks
    description = describe_driver(study, "one_off_cost", "acute")
    for words in ("3.1 times a year", "at most £9m", "for 2 years", "once only", "50 % of it"):
        assert words in description
    assert json_schema()["properties"]["risks"]["items"]["patternProperties"]
    assert sample(study, draws=16).one_off_cost.shape[0] == 16
