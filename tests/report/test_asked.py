"""What a study asks of its reports: scenarios, the last paper, which rule, real terms, spread."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pytest
import xarray as xr
from click.testing import CliRunner
from report_cases import study_of
from test_paper import BANNED, LONGEST, known_texts, sentences

import riskmc
from riskmc.cli import main
from riskmc.errors import StudyError
from riskmc.measures import headline_table
from riskmc.report import Report
from riskmc.report.model import Table, blocks_of, plain, words_of
from riskmc.report.pdf import render_pdf
from riskmc.sampling.fingerprint import differing, fingerprint
from riskmc.study import Study, load_study, parse_study, study_mapping
from riskmc.study.regime_notes import is_neutral, planned_change
from riskmc.study.schema import json_schema
from riskmc.study.sourcing import sources_and_notes
from riskmc.variants import cost_neutral

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"
DRAWS = 256
SCENARIOS = [
    {"name": "Need grows faster", "shift": {"drivers.demand_growth.mean": 0.01}, "source": "ONS"},
    {"name": "Dearer", "scale": {"organisations.*.cost": 1.02}, "note": "asked by a member"},
]


@cache
def asked_report(regimes: int = 2, bodies: int = 3, scenarios: int = 2) -> Report:
    """A report with scenarios, attribution and real terms."""
    given = [{**SCENARIOS[i % 2], "name": f"Scenario {i}"} for i in range(scenarios)]
    more: dict[str, Any] = {"attribute": True} if regimes > 1 else {}
    study = study_of(
        regimes,
        bodies,
        scenarios=given,
        report={"prices": "2027/28", "deflator": 0.02, "discount_rate": 0.035, **more},
    )
    return Report(riskmc.run(study, draws=DRAWS, keep="all"))


def town(*, grant: float = 100.0, years: int = 1, **more: Any) -> Study:
    """One council whose deficit is 110 less its grant a year, whatever is drawn."""
    return parse_study(
        {
            "schema": 1,
            "title": "Plain",
            "start_year": "2016/17",
            "years": years,
            "draws": 64,
            "seed": 1,
            "organisations": [
                {"id": "town", "kind": "council", "cost": 110.0, "grant": grant, "reserves": 50.0}
            ],
            "regimes": {
                "rules": {
                    "label": "Rules",
                    "rulebooks": {"council": {"shortfall": [{"instrument": "reserves"}]}},
                }
            },
            **more,
        }
    )


def table(report: Report, heading: str) -> Table:
    """The first table of the annex whose first column is so headed."""
    tables = [b for b in blocks_of(report.annex) if isinstance(b, Table)]
    return next(t for t in tables if t.columns[0].heading == heading)


@pytest.mark.parametrize(
    ("regimes", "bodies", "scenarios"),
    [(2, 3, 2), (1, 1, 1), pytest.param(3, 13, 9, marks=pytest.mark.slow)],
)
def test_with_scenarios_the_paper_keeps_four_pages_and_plain_words(
    regimes: int, bodies: int, scenarios: int
) -> None:
    """Would catch a table of scenarios that pushes the paper over, and jargon in it."""
    report = asked_report(regimes, bodies, scenarios)
    assert len(pypdf.PdfReader(io.BytesIO(render_pdf(report.paper))).pages) == 4
    for words in words_of(report.paper):
        assert not any(phrase in words for phrase in BANNED), words
        assert all(len(one.split()) <= LONGEST for one in sentences(words)), words


def test_every_number_of_the_scenarios_is_a_fact() -> None:
    """Would catch a change that was worked out on the way to the page."""
    report = asked_report()
    known = known_texts(report.facts)
    tables = [b for b in blocks_of(report.paper) if isinstance(b, Table)]
    shown = next(t for t in tables if t.columns[0].heading.startswith("If this were so"))
    cells = [plain(cell) for row in shown.rows for cell in row.cells[1:]]
    found = [x for cell in cells for x in re.findall(r"£[\d.,]+(?:bn|m)?|(?<=[+−])\d+", cell)]
    assert found
    assert all(x in known for x in found), (found, known)


def test_the_base_of_the_scenarios_is_the_run_itself() -> None:
    """Would catch scenarios on other futures, and a measure that is not the paper's own."""
    facts = asked_report().facts
    pairs = {
        "net_deficit": ("deficit", "mean"),
        "p_rescue_needed_above_1_percent": ("large_rescue", ""),
        "unmet": ("unmet", "mean"),
        "reserves_end": ("reserves_end", "mean"),
        "central_cost": ("central_cost", "mean"),
    }
    for regime in facts.names.regimes:
        for measure, (name, at) in pairs.items():
            ours = facts.value(f"scenario: {measure}", "as it stands", regime)
            assert ours == pytest.approx(facts.value(name, at, regime), rel=1e-5, abs=1e-6)


def test_a_scenario_by_hand() -> None:
    """Would catch a change with the wrong sign: £5m more of grant is £5m less of deficit."""
    given = [{"name": "More", "shift": {"organisations.town.grant": 5.0}}]
    report = Report(riskmc.run(town(scenarios=given), keep="all"))
    facts = report.facts
    assert facts.value("scenario, change: net_deficit", "More", "rules") == pytest.approx(-5.0)
    assert facts.value("scenario, change: reserves_end", "More", "rules") == pytest.approx(5.0)
    rows = [plain(row.cells[0]) for row in table(report, "Scenario").rows]
    assert rows == ["More"]
    assert "−£5m" in " ".join(words_of(report.paper))


def test_the_last_paper_by_hand(tmp_path: Path) -> None:
    """Would catch a bridge from another study, with the wrong sign, or a cover that hides it."""
    riskmc.run(town(), keep="all", out=tmp_path / "march" / "results.nc")
    now = riskmc.run(town(grant=95.0, report={"previous": "march"}), keep="all")
    report = Report(now, folder=tmp_path)
    found = report.facts.get("since last: net_deficit", "in all", "rules")
    assert found.value == pytest.approx(5.0)
    cause = report.facts.get("since last: net_deficit", "opening positions and contracts", "rules")
    assert cause.value == pytest.approx(5.0)
    cover = " ".join(words_of(report.paper))
    assert "The average deficit is £5m higher than in the last paper" in cover
    assert "opening positions and contracts (£5m more)" in cover
    assert any(page.id == "a12" for page in report.annex.pages)


def test_a_last_paper_that_cannot_be_read_is_refused_in_words(tmp_path: Path) -> None:
    """Would catch a lost report, a traceback, or "first run" where there was a last paper."""
    study = town(report={"previous": "lost"})
    report = Report(riskmc.run(study, keep="all"), folder=tmp_path)
    assert "could not be compared" in " ".join(words_of(report.paper))
    assert "lost" in " ".join(words_of(report.annex))
    study.save(tmp_path / "study.toml")
    out = tmp_path / "out"
    ran = CliRunner().invoke(main, ["run", str(tmp_path / "study.toml"), "--out", str(out)])
    assert ran.exit_code == 2
    assert "[report] previous" in ran.stderr
    assert not out.exists()


def test_attribution_adds_up_and_is_off_unless_asked() -> None:
    """Would catch groups that lose part of the difference, and a slow run that nobody asked for."""
    report = asked_report()
    asked = report.facts.asked
    assert asked is not None
    assert asked.attribution is not None
    where = {"against": "rules0"}
    parts = [
        report.facts.value("attributed: net_deficit", group, "rules1", **where)
        for group in asked.attribution["group"].values.tolist()
    ]
    whole = report.facts.value("attributed: net_deficit", "in all", "rules1", **where)
    assert sum(parts) == pytest.approx(whole, rel=1e-6)
    ours = report.facts.value("deficit", "mean", "rules1", against="rules0")
    assert whole == pytest.approx(ours, rel=1e-4)
    assert any("Which rule does the work" in words for words in words_of(report.paper))
    plain_report = Report(riskmc.run(study_of(2, 1), draws=32, keep="all"))
    assert plain_report.facts.asked is not None
    assert plain_report.facts.asked.attribution is None
    assert not any("does the work" in words for words in words_of(plain_report.paper))


def test_real_terms_by_hand() -> None:
    """Would catch prices that count backwards: £10m a year twice, 10 % inflation, first prices."""
    study = town(years=2, report={"prices": "2016/17", "deflator": 0.1})
    report = Report(riskmc.run(study, keep="all"))
    assert report.facts.value("cash: net_deficit", "mean", "rules") == pytest.approx(20.0)
    real = report.facts.value("real terms: net_deficit", "mean", "rules")
    assert real == pytest.approx(10.0 + 10.0 / 1.1)
    text = " ".join(words_of(report.annex))
    assert "£m at the prices of 2016/17 (by a deflator by year)" in text
    assert "in cash and not discounted" in " ".join(words_of(report.paper))
    assert "real terms" in " ".join(words_of(report.paper))


def test_the_spread_is_divided_where_parameters_are_drawn(tmp_path: Path) -> None:
    """Would catch a share of the wrong part: with parameters known there is chance alone."""
    shares = {}
    for name, means in (("known", 0.0), ("unknown", np.linspace(-0.05, 0.05, 50))):
        shape = (2, 50)
        data = {
            "growth_mean": (("chain", "draw"), np.broadcast_to(means, shape)),
            "growth_sd": (("chain", "draw"), np.broadcast_to(0.001, shape)),
        }
        tree = xr.DataTree.from_dict({"posterior": xr.Dataset(data)})
        tree.to_netcdf(tmp_path / "posterior.nc", engine="h5netcdf")
        driver = {"distribution": "posterior", "file": "posterior.nc", "variable": "growth"}
        tables = study_mapping(town(years=2)) | {
            "drivers": {"demand_growth": {**driver, "expected": 0.0}}
        }
        study = parse_study(tables, base=tmp_path)
        report = Report(riskmc.run(study, draws=1024, keep="all"))
        shares[name] = report.facts.value("not knowing: reserves_end", "", "rules")
        assert any(page.id == "a15" for page in report.annex.pages)
    assert shares["known"] < 0.1
    assert shares["unknown"] > 0.9
    assert not any(page.id == "a15" for page in asked_report().annex.pages)


def test_settings_come_back_and_faults_are_named() -> None:
    """Would catch a setting lost in the results, and a regime or year that is not there."""
    report = {"previous": "last", "attribute": {"from": "rules1", "to": "rules0"}}
    study = study_of(2, 1, report={**report, "prices": "2027/28", "deflator": [0.02, 0.03]})
    assert parse_study(study_mapping(study)) == study
    for wrong, words in (
        ({"attribute": {"from": "rules9", "to": "rules0"}}, "is not a regime"),
        ({"prices": "1999/00"}, "is not a year"),
        ({"attribute": "yes"}, "neither true nor false"),
    ):
        with pytest.raises(StudyError, match=words):
            study_of(2, 1, report=wrong)
    with pytest.raises(StudyError, match="two sets of rules"):
        study_of(1, 1, report={"attribute": True})


def test_sources_and_notes_are_kept_and_printed_and_move_no_number() -> None:
    """Would catch a source that is lost in the results, or that draws other futures."""
    tables = study_mapping(load_study(EXAMPLE))
    tables["scenarios"] = []
    tables["drivers"]["rescue"] = {"shared": 0.5}
    base = parse_study(tables)
    tables["drivers"]["demand_growth"]["source"] = "Office for National Statistics"
    tables["drivers"]["demand_growth"]["by"]["council"]["note"] = "by the directors"
    tables["drivers"]["rescue"]["note"] = "see the letter"
    tables["organisations"][0]["source"] = "Accounts, page 3"
    tables["contracts"][0]["note"] = "renewed in May"
    tables["planning"].setdefault("by", {}).setdefault("council", {})["source"] = "The plan"
    tables["risks"][0]["source"] = "The register"
    tables["mandates"] = [
        {"name": "New duty", "organisation": "acute", "start": "2017/18", "cost": 0.0,
         "source": "An Act"}
    ]  # fmt: skip
    sourced = parse_study(tables)
    assert parse_study(study_mapping(sourced)) == sourced
    where = {one.table: (one.source, one.note) for one in sources_and_notes(sourced)}
    assert where["Driver, demand_growth"] == ("Office for National Statistics", "")
    assert where["Driver, demand_growth, council"] == ("", "by the directors")
    assert where["Mandate: New duty"] == ("An Act", "")
    assert len(where) == 8
    one, other = (fingerprint(s, seed=1, scheme="mc") for s in (base, sourced))
    assert not differing(one, other)
    runs = [riskmc.run(study, draws=32, keep="headline") for study in (base, sourced)]
    for name in ("reserves", "unmet"):
        np.testing.assert_array_equal(*(run["place"][name].values for run in runs))
    text = " ".join(words_of(Report(runs[1], with_sides=False).annex))
    for words in ("Office for National Statistics", "by the directors", "An Act", "The register"):
        assert words in text
    keys = json_schema()["properties"]
    assert "source" in keys["mandates"]["items"]["properties"]
    assert "note" in json_schema()["$defs"]["UniformDriver"]["properties"]


def test_cost_to_the_centre_with_local_tax_and_money_given_by_planning() -> None:
    """Would catch rules that win by money that nobody mentions, or that pass cost to taxpayers."""
    study, _ = cost_neutral(study_of(2, 3), "rules1", draws=DRAWS)
    assert is_neutral(study, "rules1_neutral")
    assert not is_neutral(study, "rules1")
    results = riskmc.run(study, draws=DRAWS, keep="all")
    report = Report(results, with_sides=False)
    facts = report.facts
    for name in study.regimes:
        whole = facts.value("centre_and_tax", "mean", name)
        parts = [facts.value(part, "mean", name) for part in ("central_cost", "local_tax")]
        assert whole == pytest.approx(sum(parts))
    apart = facts.value("central_cost", "mean", "rules1_neutral", against="rules0")
    assert apart == pytest.approx(0.0, abs=0.5)
    labels = [plain(row.cells[0]) for row in table(report, "Measure").rows]
    assert "… with local tax raised: cost to centre and taxpayers" in labels
    change = planned_change(study, "rules1_neutral", "grant_growth")
    said = f"£{abs(change):,.1f}m {'more' if change > 0 else 'less'} grant"
    assert abs(change) > 0.05
    for words in (" ".join(words_of(report.annex)), " ".join(headline_table(results).notes)):
        assert said in words
        assert "so that its cost to the centre is the same" in words
    assert facts.names.regimes["rules1_neutral"].short.endswith("same cost")


def test_run_prints_its_scenarios_and_gives_them_as_json(tmp_path: Path) -> None:
    """Would catch scenarios that only the report has."""
    given = [{"name": "More", "shift": {"organisations.town.grant": 5.0}}]
    town(scenarios=given).save(tmp_path / "s.toml")
    command = ["run", str(tmp_path / "s.toml"), "--no-report", "--out", str(tmp_path / "out")]
    ran = CliRunner().invoke(main, command)
    assert ran.exit_code == 0, ran.output
    assert re.search(r"More +rules +-5", ran.stdout)
    ran = CliRunner().invoke(main, [*command, "--json"])
    rows = riskmc_json(ran.stdout)["scenarios"]
    deficit = next(row for row in rows if row["measure"] == "net_deficit")
    assert deficit["change_value"] == pytest.approx(-5.0)
    assert load_study(tmp_path / "s.toml").scenarios[0].name == "More"


def riskmc_json(text: str) -> Any:
    import json

    return json.loads(text)
