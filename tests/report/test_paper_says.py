"""What a fresh reader missed in the paper: both sides of a stress, bad cases, names of amounts."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pypdf
import pytest
from report_cases import QUICK_SHAPES, report_of, study_of
from test_asked import town
from test_paper import known_texts

import riskmc
from riskmc.figures import Bearers, Drivers, ReservesNeeded
from riskmc.figures.base import LOOKS
from riskmc.report import Report
from riskmc.report.annex.kinds import opening_kinds, risks_together
from riskmc.report.facts import Facts
from riskmc.report.facts.drivers import swings
from riskmc.report.facts.names import Names
from riskmc.report.facts.robustness import BEHAVIOUR, FIRST
from riskmc.report.facts.store import Fact
from riskmc.report.facts.verdicts import Side
from riskmc.report.model import (
    FigureBlock,
    Para,
    Strip,
    Table,
    blocks_of,
    plain,
    words_of,
)
from riskmc.report.paper.asked import _said
from riskmc.report.paper.build import build_paper
from riskmc.report.paper.page1 import headline
from riskmc.report.paper.page3 import worse_years
from riskmc.report.paper.signs import WarningShown
from riskmc.report.paper.who_pays import _who_sentence
from riskmc.report.pdf import render_pdf
from riskmc.study import parse_study
from riskmc.study.load import study_mapping
from riskmc.variables import PLACE
from riskmc.words import board

#: Numbers of the method, not of a run: levels of confidence, what "large" is, the customary rule.
METHOD = {"£1", "1%", "5%", "50", "80", "90", "95"}


def text_of(report: Report, page: int) -> str:
    return " ".join(words_of(SimpleNamespace(pages=(report.paper.pages[page - 1],))))  # type: ignore[arg-type]


def table(report: Report, heading: str, *, annex: bool = False) -> Table:
    document = report.annex if annex else report.paper
    tables = (b for b in blocks_of(document) if isinstance(b, Table))
    return next(t for t in tables if t.columns[0].heading == heading)


def steps_from(facts: Facts) -> Iterator[float]:
    """Amounts that pages take from two facts in one step: differences, widths, sums [£m]."""
    names, body = facts.names, facts.names.body

    def value(measure: str, at: str, name: str) -> float:
        return facts.value(measure, at, name, body=body)

    yield 0.01 * facts.value("income", body=body)
    yield from (width for _, width in swings(facts, names.main[:3]))
    for name in names.main:
        ends = (value("deficit where", f"savings_delivery {end}", name) for end in ("low", "high"))
        yield next(ends) - next(ends)
        for case in (BEHAVIOUR, "rescue at 1"):
            for m in ("deficit", "unmet", "unresolved", "centre_money"):
                yield value(f"{case}: {m}", "mean", name) - value(f"{FIRST}: {m}", "mean", name)
    for name in names.compared:
        tax = facts.value("local_tax", "mean", name, against=names.base, body=body)
        yield tax / len(names.years)
        moved = [
            found.value
            for b in names.bodies
            if (found := facts.find("unmet", "mean", name, against=names.base, body=b))
            and found.clear
        ]
        yield sum(sorted((x for x in moved if x > 0.0), reverse=True)[3:])
        yield sum(x for x in moved if x < 0.0)


def known(facts: Facts) -> set[str]:
    """Every way in which a number of a run may be printed on a page."""
    own = facts.names.body
    found = known_texts([x for x in facts if x[0].body == own or x[0].measure == "unmet"]) | METHOD
    for amount in steps_from(facts):
        if math.isfinite(amount):
            found |= {board.money(abs(amount), unit=unit) for unit in (None, "bn", "m")}
    for key, one in facts:
        if one.known and one.unit != "£m":
            found |= {board.fine(one.value), board.chance(one.value).split(" ")[0]}
        if key.measure == "breaks at":
            found.add(str(board.half_up(100.0 * worse_years(one.value))))
    tested = [x for test in facts.evidence.records for x in (test.asked, test.got, test.lowest)]
    found |= {str(board.half_up(x)) for x in tested}
    if facts.names.draws < 3000:
        found.add(str(board.half_up(196.0 * (0.25 / facts.names.draws) ** 0.5)))
    cost = facts.value("cost", body=facts.names.body)
    middle = facts.value("deficit", "p50", facts.names.base, body=facts.names.body)
    found.add(board.per_cent(max(middle, 0.0) / cost))
    for name in facts.names.compared:
        body, base = facts.names.body, facts.names.base
        need, less = (
            facts.value(m, "mean", name, against=base, body=body) for m in ("unmet", "deficit")
        )
        found.add(board.pence(max(need / -less, 0.0)) if less < 0.0 else "")
    return found


@pytest.mark.parametrize(("regimes", "bodies", "kind"), QUICK_SHAPES)
def test_every_number_of_every_page_is_a_fact(regimes: int, bodies: int, kind: str) -> None:
    """Would catch an amount, share or chance that was worked out on the way to any page."""
    report = report_of(regimes, bodies, kind=kind)
    facts = known(report.facts)
    for page in report.paper.pages:
        whole = SimpleNamespace(pages=(page,))
        seen = 0
        for words in words_of(whole):  # type: ignore[arg-type]
            amounts = re.findall(r"−?£[\d.,]*\d(?:bn|m)?|\d+%|\d+p\b", words)
            chances = re.findall(r"(\d+) (?:of|in) 1,?0{2,3}\b", words)
            for shown in (*amounts, *chances):
                assert shown in facts, words
            seen += len(amounts) + len(chances)
        assert seen, page.id


def test_a_number_that_is_no_fact_is_found() -> None:
    """Would catch a test that takes any number for a fact."""
    facts = known(report_of(2, 13).facts)
    amounts = {f"£{n}m" for n in range(100, 1000, 10)}
    assert len(amounts - facts) > 0.3 * len(amounts)


def test_every_stress_shows_need_left_unmet_with_the_deficit() -> None:
    """Would catch a deficit avoided shown without the service cut that it took."""
    report = report_of(2, 13)
    found = table(report, "If in years 2 and 3 …")
    heads = [column.heading for column in found.columns]
    assert heads[1].startswith("Deficit, current | ")
    assert heads[2].startswith("Need left unmet, current | ")
    facts, (base, other) = report.facts, report.facts.names.main
    rows = [row for row in found.rows if not row.group]
    assert len(rows) > 5
    for row, case in zip(
        rows, ["", *(k[5:] for k in facts.texts if k.startswith("case:"))], strict=True
    ):
        prefix = f"{case}: " if case else ""
        need = [facts.get(f"{prefix}unmet", "mean", name) for name in (base, other)]
        said = board.alike([n.value for n in need], mcses=[n.mcse for n in need])
        assert plain(row.cells[2]) == " | ".join(said)


def no_cuts(**settings: Any) -> Report:
    """A council whose rules cut no service, and whose bailout may be leave to borrow."""
    tables = study_mapping(study_of(1, 1, cost=140.0, drivers={}, risks=[]))
    bailout = {"instrument": "bailout", **settings}
    book = {"plan": [{"instrument": "savings", "max_rate": 0.01}], "surplus": [],
            "shortfall": [{"instrument": "reserves"}, bailout]}  # fmt: skip
    tables["regimes"]["rules0"]["rulebooks"] = {"council": book}
    return Report(riskmc.run(parse_study(tables), draws=64, keep="all"), with_sides=False)


def test_need_that_no_rule_can_leave_unmet_is_said_to_be_nil_by_rule() -> None:
    """Would catch nil unmet need passed off as good fortune, and the sentence where it is false."""
    said = "no rule cuts services, so need left unmet there is nil by rule"
    assert said in text_of(no_cuts(), 3)
    assert "nil by rule" not in text_of(report_of(1, 1), 3)
    kinds = {"a": "provider", "b": "provider", "c": "commissioner", "d": "council", "e": "council"}
    names = Names("", PLACE, (), 0, 0, "", "", "mc", {k: k.upper() for k in kinds}, kinds, {})
    assert names.kinds_of(["a", "b", "c"]) == ["NHS bodies"]
    assert names.kinds_of(["a", "b", "d"]) == ["NHS providers", "D"]
    assert names.kinds_of(["a", "d"]) == ["A", "D"]


def test_a_bailout_that_brings_no_money_is_said_to_be_leave_to_borrow() -> None:
    """Would catch "granted" read as a grant where a council may only borrow."""
    said = "that is leave to borrow (exceptional financial support)"
    assert said in text_of(no_cuts(centre_share=0.0), 1)
    assert said not in text_of(no_cuts(centre_share=1.0), 1)


def test_how_big_the_deficit_may_get_says_what_one_in_ten_exceeds() -> None:
    """Would catch an answer to "how big" that gives the middle alone, or does not name it."""
    for regimes, bodies, kind in ((1, 1, "plain"), (2, 13, "plain"), (3, 3, "unlike")):
        report = report_of(regimes, bodies, kind=kind)
        facts = report.facts
        strip = next(b for b in report.paper.pages[0].blocks if isinstance(b, Strip))
        row = strip.rows[0]
        ends = [facts.get("deficit", "p90", name).value for name in facts.names.main]
        for end in ends:
            assert board.money(end, unit=board.unit_of(ends)) in row.sentence
        assert "1 in 10 futures exceeds" in row.sentence
        assert "middle future" in row.sentence
        assert all("middle future" in cell.below for cell in row.cells)


def test_titles_name_which_deficit_they_give() -> None:
    """Would catch an average, a middle and a bad case that read as one and the same amount."""
    for regimes, bodies, kind in ((1, 1, "plain"), (2, 13, "plain"), (3, 3, "unlike")):
        for page in report_of(regimes, bodies, kind=kind).paper.pages[:3]:
            if "deficit" in page.title and "£" in page.title:
                assert re.search(r"average|middle", page.title), page.title


def test_amounts_of_one_figure_are_in_one_unit() -> None:
    """Would catch "£0.9bn" and "£900m" in one figure."""
    two = (("Current", LOOKS[0]), ("Devolved", LOOKS[1]))
    rows = ((900.0, 910.0), (1740.0, 620.0))
    bars = tuple((name, look, row) for (name, look), row in zip(two, rows, strict=True))
    found = Bearers("It is so", ("Services", "Centre"), bars, "").panels()[0].svg
    ranges = tuple((name, look, tuple((0.5 * x, x) for x in row)) for name, look, row in bars)
    found += Drivers("It is so", ("Demand", "Prices"), ranges, "").panels()[0].svg
    levels = (0.5, 0.8, 0.9)
    curves = ((*two[0], (100.0, 900.0, 1740.0)), (*two[1], (90.0, 620.0, 700.0)))
    found += ReservesNeeded("It is so", levels, curves, 426.0, "", "").panels()[0].svg
    said = re.findall(r"£[\d.]+(?:bn|m)", found)
    assert {x for x in said if x.endswith("m")} <= {"£426m"}
    assert "£0.9bn" in said


def test_small_chances_of_a_sign_are_not_rounded_to_one_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would catch "2 against 1" of 1.6 and 1.4, which the ratio above it denies."""
    signs = [WarningShown("reserves", "below", 20.0, 0.2, 0.016, 0.007, True)]
    monkeypatch.setattr("riskmc.report.paper.page4.shown_signs", lambda w, name: signs)
    paper = build_paper(report_of(2, 3).facts)
    tables = [b for b in blocks_of(paper) if isinstance(b, Table)]
    row = next(t for t in tables if t.columns[0].heading == "Sign").rows[0]
    assert [plain(cell) for cell in row.cells[1:4]] == ["20", "1.6", "0.7"]


def test_changes_of_a_chance_are_in_words_where_too_small_to_print() -> None:
    """Would catch "+<1 | +1" in the table of scenarios."""
    small, tiny, fall = (Fact(x, 1e-5, x, x, unit="chance") for x in (0.004, 0.0002, -0.031))
    assert [_said(x, []) for x in (small, tiny, fall)] == ["+0.4", "under +0.1", "−3.1"]


def test_a_third_set_of_rules_is_named_where_it_is_not_shown() -> None:
    """Would catch a comparison that pages 2 and 3 pass over in silence."""
    report = report_of(3, 3, kind="unlike")
    figures = [b for b in blocks_of(report.paper) if isinstance(b, FigureBlock)]
    note = next(f.note for f in figures if f.id == "changes")
    assert "“Rules 2”: annex A4" in note
    notes = [plain(b.text) for b in report.paper.pages[2].blocks if isinstance(b, Para)]
    assert any("“Rules 2”: annex A5" in words for words in notes)
    annex = " ".join(words_of(report.annex))
    assert "Not shown: “Rules 2”; tables.xlsx has them" in annex


def test_the_annex_shows_every_set_of_rules_or_names_what_it_leaves_out() -> None:
    """Would catch a fourth set of rules of which a table of the annex says nothing."""
    report = report_of(6, 3, kind="unlike and long")
    names = report.facts.names
    captions = [b.caption for b in blocks_of(report.annex) if isinstance(b, Table)]
    for name in names.main:
        assert f"{names.regimes[name].short} [£m]" in captions, "stress tests"
    annex = " ".join(words_of(report.annex))
    assert f"Not shown: figures of {names.not_shown(names.main[:3])}" in annex
    assert f"not of {names.not_shown(names.main[:3])}" in annex


def test_reserves_by_kind_are_those_of_the_futures() -> None:
    """Would catch kinds that do not add up, or a place that leaves a body out."""
    tables = study_mapping(study_of(2, 2))
    for body in tables["organisations"]:
        body.pop("reserves")
        body |= {"general_reserves": 5.0, "earmarked_reserves": 6.0, "earmarked_usable": 0.5}
    results = riskmc.run(parse_study(tables), draws=64, keep="all")
    report = Report(results, with_sides=False)
    facts, last = report.facts, report.facts.names.years[-1]
    kinds = {
        kind: facts.get("reserves of a kind", kind, "rules0", year=last).value
        for kind in ("general", "earmarked, usable", "earmarked, held")
    }
    own = results["outcomes"]["reserves"].sel(regime="rules0", year=last)
    assert kinds["general"] == pytest.approx(
        float(np.minimum(own, 5.0).mean(("chain", "draw")).sum())
    )
    assert kinds["earmarked, held"] == pytest.approx(6.0)
    place = facts.get("reserves_end", "mean", "rules0").value
    assert kinds["general"] + kinds["earmarked, usable"] == pytest.approx(place)
    found = [b for b in blocks_of(report.annex) if isinstance(b, Table)]
    heads = {b.caption for b in found}
    assert {"Opening reserves by kind", "Reserves by kind at each year end [£m, averages]"} <= heads
    assert not opening_kinds(study_of(1, 1), PLACE)


def test_risks_that_move_together_are_in_the_annex() -> None:
    """Would catch a correlation of two risks that no reader is told of."""
    risks = [
        {"name": name, "organisation": "town", "probability": 0.2, "low": 1, "likely": 2, "high": 4}
        for name in ("Flood", "Strike")
    ]
    together = [{"risks": ["Flood", "Strike"], "correlation": 0.4}]
    study = town(risks=risks, risk_correlations=together)
    facts: Any = SimpleNamespace(names=SimpleNamespace(bodies={"town": "Town"}))
    tables = [b for b in risks_together(facts, study) if isinstance(b, Table)]
    assert [[plain(cell) for cell in row.cells] for row in tables[0].rows] == [
        ["Flood", "Strike", "0.4"]
    ]
    assert risks_together(facts, town(risks=risks)) == []
    report = Report(riskmc.run(study, keep="all"), with_sides=False)
    assert "Risks that move together" in {
        b.caption for b in blocks_of(report.annex) if isinstance(b, Table)
    }


def test_three_sets_of_rules_leave_room_for_how_to_read_it_and_where_it_falls() -> None:
    """Would catch a page so full that a reader is not told what an amount is, or who loses."""
    pages = pypdf.PdfReader(io.BytesIO(render_pdf(report_of(3, 3, kind="unlike").paper))).pages
    assert "How to read it." in pages[0].extract_text()
    falls = " ".join(pages[1].extract_text().split())
    assert "Where it falls. Under “Rules 1”, need left unmet rises at" in falls


@pytest.mark.parametrize(
    ("third", "title"),
    [
        ("centre", "The centre bears most under all three, 60p, 60p and 60p of each £1"),
        ("nobody_yet", "The centre bears most under current rules and “Rules 1”, 60p and 60p"),
    ],
)
def test_who_bears_most_is_said_of_every_set_of_rules_that_is_drawn(
    third: str, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch "under both" over a figure of three sets of rules."""
    who = {"rules0": "centre", "rules1": "centre", "rules2": third}
    found = "riskmc.report.paper.figures.ranked_bearers"
    monkeypatch.setattr(found, lambda w, name: [(who[name], 0.6)])
    words = words_of(build_paper(report_of(3, 3, kind="unlike").facts))
    assert any(title in said for said in words)


@pytest.mark.parametrize(
    ("sides", "title"),
    [
        ("higher higher lower", "enlarge the average deficit by £2m and bill local taxpayers more,"
         " but leave less need unmet"),
        ("lower higher lower", "shrink the average deficit by £2m and leave less need unmet, but "
         "bill local taxpayers more"),
        ("lower same higher", "shrink the average deficit by £2m, but pass more of the risk to "
         "services"),
        ("higher same lower", "enlarge the average deficit by £2m, but leave less need unmet"),
    ],
)  # fmt: skip
def test_the_title_gives_what_is_better_and_what_is_worse(sides: str, title: str) -> None:
    """Would catch a title of a larger deficit that is silent on the services it pays for."""
    found = dict(zip(("deficit", "local_tax", "unmet"), map(Side, sides.split()), strict=True))
    writer: Any = SimpleNamespace(
        alone=False, main=("a", "b"), other="b",
        regime=lambda name: SimpleNamespace(under="devolved rules"),
        verdict=lambda measure, name: SimpleNamespace(side=found[measure]),
        difference=lambda measure, name: Fact(2.0),
    )  # fmt: skip
    assert headline(writer) == f"Devolved rules would {title}"


@pytest.mark.parametrize(
    ("ranked", "said"),
    [
        (
            {"centre": 0.33, "service_users": 0.32},
            "send most of the bill to the centre and service",
        ),
        (
            {"centre": 0.24, "service_users": 0.21},
            "send the largest parts of the bill to the centre",
        ),
        (
            {"nobody_yet": 0.6, "centre": 0.4},
            "leave most of the bill unpaid; the next largest part ",
        ),
        ({"nobody_yet": 0.4, "centre": 0.2}, "leave the largest part of the bill unpaid"),
    ],
)
def test_most_of_the_bill_is_half_of_it_or_more(ranked: dict[str, float], said: str) -> None:
    """Would catch "most of the bill" of two who meet 45p, and "the rest" that others bear."""
    writer: Any = SimpleNamespace(
        verb=lambda name, word: word, regime=lambda name: SimpleNamespace(under="current rules")
    )
    assert f"Current rules {said}" in _who_sentence(writer, [("now", list(ranked.items()))])
