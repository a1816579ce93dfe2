"""What the report says: its sections, and that its numbers are the measures'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from riskmc.errors import ResultsError
from riskmc.measures import compare, summary, trade_off
from riskmc.report import build_report, extra_runs_of
from riskmc.report.extra import Extra
from riskmc.report.model import (
    Callout,
    Foldout,
    Items,
    Paragraph,
    Report,
    Statement,
    Subheading,
    Table,
    Terms,
    pictures,
    tables,
    walk,
)
from riskmc.runs.simulation import run
from riskmc.study import Study

if TYPE_CHECKING:
    import xarray as xr

SECTIONS = [
    "summary",
    "decision",
    "headline-section",
    "rules",
    "baseline",
    "deficit",
    "reserves",
    "bailout",
    "drivers",
    "stress",
    "regimes",
    "rescue",
    "question",
    "register",
    "section25",
    "quality",
    "bodies",
    "glossary",
    "parameters",
    "provenance",
]


def texts(report: Report) -> Iterator[str]:
    """Every text of the report, as printed."""
    yield from report.cover.points
    for block in walk(report):
        if isinstance(block, Paragraph | Subheading):
            yield block.text
        elif isinstance(block, Items):
            yield from block.items
        elif isinstance(block, Statement):
            yield from (block.lead, *block.sentences, *block.items)
        elif isinstance(block, Callout):
            yield from (block.title, *block.paragraphs)
        elif isinstance(block, Terms):
            yield from (text for pair in block.terms for text in pair)
        elif isinstance(block, Table):
            yield from (block.caption, *block.notes)
            yield from (cell.text for row in block.rows for cell in row)
        elif isinstance(block, Foldout):
            yield block.heading


def table(report: Report, name: str) -> Table:
    return next(found for found in tables(report) if found.id == name)


def section_ids(report: Report) -> list[str]:
    return [section.id for section in report.sections]


def test_sections_in_order(report: Report) -> None:
    """Would catch a section lost, or in another place than the outline's."""
    assert section_ids(report) == SECTIONS


def test_sections_without_content_are_left_out(results: xr.DataTree) -> None:
    """Would catch an empty section where the runs beside the main one were not made."""
    found = section_ids(build_report(results))
    assert found == [s for s in SECTIONS if s not in ("drivers", "stress", "rescue")]


def test_no_text_holds_what_is_not_a_number(report: Report) -> None:
    """Would catch "nan", "inf", "None" or a placeholder reaching a reader."""
    for text in texts(report):
        assert not re.search(r"\bnan\b|\binf\b|(?<!“)\bNone\b(?! of)", text), text


def test_no_forbidden_words(report: Report) -> None:
    """Would catch words that promise: "worst case", "risk-free"."""
    for text in texts(report):
        assert not re.search(r"worst case|risk-free", text, re.IGNORECASE), text


def test_headline_numbers_are_the_measures(report: Report, results: xr.DataTree) -> None:
    """Would catch a table that reads the wrong regime, row or difference."""
    found = summary(results, organisation="place")
    headline = table(report, "headline")
    regimes = list(found["regime"].values)
    for row, name in zip(headline.rows, ("net_deficit", "gross_deficit"), strict=False):
        numbers = [cell.number for cell in row[2:]]
        chosen = found.sel(measure=name, organisation="place")
        expected = [float(chosen["value"].sel(regime=r)) for r in regimes]
        expected += [float(chosen["difference_value"].sel(regime=r)) for r in regimes[1:]]
        assert numbers == pytest.approx(expected, rel=1e-12)


def test_every_body_has_its_headline(report: Report, results: xr.DataTree) -> None:
    """Would catch a body left out, or shown with another's numbers."""
    for body in ("acute", "ccg", "borough"):
        found = summary(results, organisation=body)
        row = table(report, f"headline-{body}").rows[0]
        expected = float(
            found["value"].sel(measure="net_deficit", organisation=body, regime="current")
        )
        assert row[2].number == pytest.approx(expected, rel=1e-12)
        assert row[0].text.startswith("Deficit")


def test_summary_gives_both_framings(report: Report) -> None:
    """Would catch a summary that says only how often it happens."""
    summary_section = report.sections[0]
    statements = [b for b in summary_section.blocks if isinstance(b, Statement)]
    assert [s.lead[:2] for s in statements[:3]] == ["1.", "2.", "3."]
    counts = [item for s in statements[1:3] for item in s.items if "yes in" in item]
    assert len(counts) == 6
    assert all("no in" in item for item in counts)
    assert all("in 10 less, in 10 more" in item for item in statements[0].items[:3])


def test_service_harm_stands_beside_a_deficit_gain(report: Report) -> None:
    """Would catch a gain in the deficit told without what it does to services."""
    regimes = next(s for s in report.sections if s.id == "regimes")
    gains = [b for b in regimes.blocks if isinstance(b, Statement)]
    assert len(gains) == 2
    for statement in gains:
        text = " ".join(statement.sentences)
        assert "deficit" in text
        assert "need left unmet" in text


def test_the_price_of_a_deficit_gain_is_the_measures(report: Report, results: xr.DataTree) -> None:
    """Would catch a price left out, or taken the wrong way round."""
    rate = trade_off(results, "devolved", "current", gain="net_deficit", price="unmet")
    assert float(rate["gain"]) > 0.0
    pence = f"about {100 * float(rate['value']):.0f}p more of need is left unmet"
    assert sum(pence in text for text in texts(report)) >= 2


def test_likelihood_words_can_be_switched_off(results: xr.DataTree) -> None:
    """Would catch a word that stays when the officer wants none."""
    quiet = build_report(results, likelihood_words=False)
    assert not any("PHIA" in text or "“likely”" in text for text in texts(quiet))
    assert any("PHIA" in text for text in texts(build_report(results)))


def test_the_draft_statement_is_marked(report: Report) -> None:
    """Would catch a section 25 wording that could pass for the officer's own."""
    section = next(s for s in report.sections if s.id == "section25")
    drafts = [b for b in section.blocks if isinstance(b, Callout) and b.kind == "draft"]
    assert len(drafts) == 1
    assert "DRAFT" in drafts[0].title
    assert "to sign" in drafts[0].title
    assert "DRAFT" in drafts[0].paragraphs[0]
    assert "[The officer to complete" in " ".join(drafts[0].paragraphs)


def test_limits_of_the_model_are_said(report: Report) -> None:
    """Would catch what the model leaves out going unsaid."""
    quality = next(s for s in report.sections if s.id == "quality")
    said = " ".join(i for b in quality.blocks if isinstance(b, Items) for i in b.items)
    for word in ("harm services", "Activity payments", "commissioner", "economy", "Politics"):
        assert word in said


def test_the_report_of_one_body(results: xr.DataTree) -> None:
    """Would catch a body's report that shows the place's numbers, or other bodies' tables."""
    extra = extra_runs_of(results, organisation="acute", draws=512)
    report = build_report(results, organisation="acute", extra=extra)
    assert report.cover.title == "Acute hospital trust"
    assert "bodies" not in section_ids(report)
    found = summary(results, organisation="acute")
    expected = float(
        found["value"].sel(measure="net_deficit", organisation="acute", regime="devolved")
    )
    assert table(report, "headline").rows[0][3].number == pytest.approx(expected, rel=1e-12)
    assert not any(t.id.startswith("headline-") for t in tables(report))


def test_runs_for_another_body_are_refused(results: xr.DataTree, extra: Extra) -> None:
    """Would catch the place's stress tests in a body's report."""
    with pytest.raises(ResultsError, match="made for place, not for acute"):
        build_report(results, organisation="acute", extra=extra)


def test_an_unknown_body_is_refused(results: xr.DataTree) -> None:
    """Would catch a report about nobody."""
    with pytest.raises(ResultsError, match="did you mean 'acute'"):
        build_report(results, organisation="acut")


def test_one_regime_is_not_compared(example: Study) -> None:
    """Would catch a comparison with nothing to compare."""
    alone = example.replaced(regimes={"current": example.regimes["current"]}, behaviour={})
    report = build_report(run(alone, draws=512, keep="all"))
    assert not any("less Current rules" in c.heading for t in tables(report) for c in t.columns)
    assert not any(p.id == "paired" for p in pictures(report))


def test_equal_regimes_cannot_be_told_apart(example: Study) -> None:
    """Would catch a winner among regimes that are the same."""
    current = example.regimes["current"]
    twin = current.model_copy(update={"label": "Current rules again", "name": "twin"})
    same = example.replaced(regimes={"current": current, "twin": twin}, behaviour={})
    report = build_report(run(same, draws=512, keep="all"))
    verdicts = [text for text in texts(report) if "Current rules again and Current rules" in text]
    assert verdicts
    assert all("cannot be told apart" in text for text in verdicts)
    assert not any(" less often under " in text for text in texts(report))


def test_more_regimes_than_figures_can_show(example: Study) -> None:
    """Would catch a report that fails, or silently drops regimes from its tables."""
    current = example.regimes["current"]
    many = {
        f"r{i}": current.model_copy(update={"label": f"Rules {i}", "name": f"r{i}"})
        for i in range(5)
    }
    report = build_report(run(example.replaced(regimes=many, behaviour={}), draws=512, keep="all"))
    headings = [c.heading for c in table(report, "headline").columns]
    assert "Rules 4" in headings


def test_headline_results_still_make_a_report(example: Study) -> None:
    """Would catch a report that needs variables which large runs do not keep."""
    results = run(example, draws=512, keep="headline")
    assert section_ids(build_report(results))[0] == "summary"
    one = build_report(results, organisation="borough")
    assert any("keep the headline only" in text for text in texts(one))


def test_gains_go_by_own_balance_only(example: Study, extra: Extra) -> None:
    """Would catch a winner named by its part of the pool's deficit."""
    results = run(example, draws=512, keep="headline")
    alone = table(build_report(results), "gains-1")
    assert "On balance" not in [c.heading for c in alone.columns]
    assert any("--keep all" in note for note in alone.notes)
    beside = table(build_report(results, extra=extra), "gains-1")
    assert [c.heading for c in beside.columns[1:3]] == ["On balance", "Own balance"]
    for row in beside.rows:
        number = row[2].number
        assert number is not None
        if row[1].text in ("gains", "loses"):
            assert (row[1].text == "gains") == (number > 0)


def test_few_futures_are_owned_up_to(example: Study) -> None:
    """Would catch a range made up from too few futures."""
    report = build_report(run(example, draws=32, keep="all"))
    assert "too few to decide on" in report.cover.warning
    assert any("too few futures" in text for text in texts(report))


def test_bodies_without_reserves_are_named(example: Study) -> None:
    """Would catch exhaustion told of a body that opens at its floor."""
    bodies = tuple(
        b.model_copy(update={"reserves": 0.0}) if b.id == "ccg" else b
        for b in example.organisations
    )
    results = run(example.replaced(organisations=bodies), draws=512, keep="all")
    place = " ".join(texts(build_report(results)))
    assert "Opening at or below the reserve floor: Clinical commissioning group" in place
    alone = build_report(results, organisation="ccg")
    statement = next(b for b in alone.sections[0].blocks if isinstance(b, Statement))
    assert statement.lead.startswith("1.")
    assert "Current rules" not in " ".join(
        item
        for b in alone.sections[0].blocks
        if isinstance(b, Statement) and b.lead.startswith("2.")
        for item in b.items
    )


def test_failed_futures_are_owned_up_to(results: xr.DataTree) -> None:
    """Would catch failed futures left out without a word."""
    broken = results.copy(deep=True)
    broken["place"]["net_deficit"][0, 0, 0, 0] = float("nan")
    report = build_report(broken)
    assert report.cover.warning.startswith("1 of 2,048 futures failed")
    assert any("left out of every statistic" in text for text in texts(report))


def test_behaviour_is_shown_beside_the_rules(report: Report, extra: Extra) -> None:
    """Would catch behaviour shown instead of the rules alone, or from the wrong run."""
    assert extra.behaviour is not None
    found = table(report, "behaviour")
    assert [c.heading for c in found.columns[2:]] == ["Rules alone", "With behaviour"]
    behaving = compare(extra.behaviour, "devolved", "current", organisation="place")
    chosen = behaving.sel(measure="net_deficit", organisation="place")
    rows = {row[1].text: row for row in found.rows if row[0].text.startswith("Net deficit")}
    devolved = rows["Devolved, balanced budget"][3].number
    current = rows["Current rules"][3].number
    assert devolved is not None
    assert current is not None
    assert devolved - current == pytest.approx(float(chosen["value"]), rel=1e-9)


def test_a_study_without_behaviour_or_risks(example: Study) -> None:
    """Would catch sections about what the study does not hold."""
    plain = replace_none(example)
    report = build_report(run(plain, draws=512, keep="all"))
    assert "register" not in section_ids(report)
    assert not any(t.id == "behaviour" for t in tables(report))


def replace_none(study: Study) -> Study:
    return study.replaced(behaviour={}, risks=())


def test_the_extra_runs_can_be_without_behaviour(results: xr.DataTree, extra: Extra) -> None:
    """Would catch a comparison that needs behaviour to be drawn."""
    report = build_report(results, extra=replace(extra, behaviour=None))
    assert not any(t.id == "behaviour" for t in tables(report))
    assert any(p.id == "paired" for p in pictures(report))
