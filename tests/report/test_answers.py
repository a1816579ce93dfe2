"""What page 1 must answer and the paper must not lose: when, how often, which rules, in full."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pypdf
import pytest
from report_cases import QUICK_SHAPES, report_of, study_of
from test_asked import town

import riskmc
from riskmc.report import Report
from riskmc.report.facts.evidence import NOT_SET, BackTest, evidence, origins
from riskmc.report.facts.names import regime_names
from riskmc.report.facts.verdicts import Side
from riskmc.report.model import Heading, Page, Strip, StripRow, Table, blocks_of, plain, words_of
from riskmc.report.paper.build import build_paper
from riskmc.report.paper.page1 import _trade
from riskmc.report.paper.reserves import by_when, half_by
from riskmc.report.paper.signs import WarningShown
from riskmc.report.paper.trust import _back_test
from riskmc.report.paper.writer import Writer
from riskmc.report.pdf import render_pdf
from riskmc.study import parse_study
from riskmc.study.load import study_mapping
from riskmc.words.rounding import format_estimate

WHEN, HOW_LIKELY = "When do reserves run out?", "How likely is a bailout?"
YEARS = ("2026/27", "2027/28", "2028/29", "2029/30")
SHAPES = [
    *QUICK_SHAPES,
    pytest.param(1, 1, "one year", marks=pytest.mark.slow),
    pytest.param(2, 3, "one year", marks=pytest.mark.slow),
    pytest.param(2, 3, "failing", marks=pytest.mark.slow),
    pytest.param(2, 3, "rich", marks=pytest.mark.slow),
    pytest.param(3, 13, "unlike and long", marks=pytest.mark.slow),
    pytest.param(3, 1, "unlike", marks=pytest.mark.slow),
    pytest.param(6, 13, "unlike", marks=pytest.mark.slow),
    pytest.param(6, 1, "unlike", marks=pytest.mark.slow),
]


def strip(report: Report) -> Strip:
    return next(block for block in report.paper.pages[0].blocks if isinstance(block, Strip))


def answer(report: Report, question: str) -> StripRow:
    return next(row for row in strip(report).rows if row.question == question)


@pytest.mark.parametrize(("regimes", "bodies", "kind"), SHAPES)
def test_page_one_says_when_under_every_set_of_rules(regimes: int, bodies: int, kind: str) -> None:
    """Would catch an answer to "when" without a year, or for one set of rules only."""
    report = report_of(regimes, bodies, kind=kind)
    main = Writer(report.facts).main
    found = strip(report)
    if len(main) >= 4:  # rules are rows
        said = [cell.below for row in found.rows for cell in row.cells if cell.head != "Deficit"]
        assert sum(bool(re.search(r"by March \d{4}", words)) for words in said) == len(main)
        return
    sentence = answer(report, WHEN).sentence
    assert re.search(r"by March \d{4}|exhausted already", sentence), sentence
    shared = "under both" in sentence or "under all" in sentence or len(main) == 1
    names = report.facts.names.regimes
    assert (
        shared
        or all(names[name].under in sentence.replace("U", "u") for name in main)
        or ("exhausted already" in sentence)
    ), sentence


def test_the_year_by_hand() -> None:
    """£50m held and £10m short a year: gone at the end of the fifth year, in every future."""
    report = Report(riskmc.run(town(years=6), keep="all"), with_sides=False)
    assert answer(report, WHEN).sentence == "They run out in all 64 futures by March 2021."


def test_the_year_is_that_of_the_futures() -> None:
    """Would catch a year read off another measure, or one that counts the help that was given."""
    study = study_of(2, 3)
    results = riskmc.run(study, draws=400, keep="all")
    report = Report(results, with_sides=False)
    place = results["place"].to_dataset().sel(regime="rules0").transpose("year", "chain", "draw")
    names = ("bailout", "in_year_measures", "capital_to_revenue", "carry_forward")
    helped = sum((place[name] for name in names), start=-place["repaid"])
    alone = place["reserves"].to_numpy() - np.cumsum(helped.to_numpy(), axis=0)
    gone = np.logical_or.accumulate(alone <= 6.0 + 1e-4, axis=0).mean(axis=(1, 2))
    assert by_when(gone.tolist(), YEARS, 400) in answer(report, WHEN).sentence


@pytest.mark.parametrize(
    ("chances", "said", "short"),
    [
        ([0.04, 0.12, 0.4, 0.63], "in 1 of 10 futures by March 2028 and in half by March 2030",
         "half by March 2030"),
        ([0.0, 0.0, 0.0, 0.0], "in none of the 9,000 futures by March 2030", "none by March 2030"),
        ([0.0, 0.0, 0.0, 0.0004], "in fewer than 1 of 100 futures by March 2030",
         "fewer than half by March 2030"),
        ([1.0, 1.0, 1.0, 1.0], "in all 9,000 futures by March 2027", "half by March 2027"),
        ([0.0, 0.0, 0.0, 0.5], "in more than half of the futures by March 2030",
         "half by March 2030"),
        ([0.2, 0.3, 0.3, 0.3], "in 1 of 10 futures by March 2027, and in 30 of 100 by March 2030",
         "fewer than half by March 2030"),
    ],
)  # fmt: skip
def test_when_in_words(chances: list[float], said: str, short: str) -> None:
    """Would catch "half" of what fewer reach, or a chance of nothing printed as a year."""
    found = by_when(chances, YEARS, 9000)
    assert found == said or (chances[-1] == 0.5 and found.startswith("in half"))
    assert half_by(chances, YEARS) == short


@pytest.mark.parametrize(("regimes", "bodies", "kind"), SHAPES[:4])
def test_page_one_says_how_often_a_bailout_is_granted(regimes: int, bodies: int, kind: str) -> None:
    """Would catch a headline of what is needed that hides what is given."""
    report = report_of(regimes, bodies, kind=kind)
    main = Writer(report.facts).main
    if len(main) >= 4:
        said = [cell.below for row in strip(report).rows for cell in row.cells]
        assert sum(words.startswith("granted in") for words in said) == len(main)
        return
    row = answer(report, HOW_LIKELY)
    assert "granted" in row.sentence
    assert all(cell.below.startswith("granted in") for cell in row.cells)


def test_what_is_granted_is_counted_in_the_futures() -> None:
    """Would catch the need, the mean, or any bailout counted as a large one that is granted."""
    results = riskmc.run(study_of(2, 3), draws=400, keep="all")
    report = Report(results, with_sides=False)
    place = results["place"].to_dataset()
    large = (place["bailout"] > 0.01 * place["income"]).any("year").mean(("chain", "draw"))
    for name in ("rules0", "rules1"):
        found = report.facts.get("large_bailout", "", name)
        assert found.value == pytest.approx(float(large.sel(regime=name)))
        needed = report.facts.get("large_rescue", "", name)
        assert found.value < needed.value


def drawn(page: Page, printed: str) -> list[str]:
    """What a page of the model has and the printed page neither shows nor says is elsewhere."""
    lost = []
    for block in page.blocks:
        whole = SimpleNamespace(pages=(Page("", "", "", (block,)),))
        named = re.sub(r"\W+", "", block.what)
        for words in words_of(whole):  # type: ignore[arg-type]
            first = re.sub(r"\W+", "", words)[:30]
            if first not in printed and not (named and named in printed):
                lost.append(words)
    return lost


@pytest.mark.parametrize(("regimes", "bodies", "kind"), SHAPES[:6] + SHAPES[10:11])
def test_nothing_is_lost_in_silence(regimes: int, bodies: int, kind: str) -> None:
    """Would catch a block that a full page drops without saying so, the cover's fields first."""
    paper = report_of(regimes, bodies, kind=kind).paper
    pages = pypdf.PdfReader(io.BytesIO(render_pdf(paper))).pages
    assert len(pages) == 4
    for page, printed in zip(paper.pages, pages, strict=True):
        text = re.sub(r"\W+", "", printed.extract_text())
        assert drawn(page, text) == []


def test_a_page_that_overflows_says_what_it_left_out() -> None:
    """Would catch a page so full that its cover goes, or that goes over to a fifth."""
    study = study_of(2, 3, paper={"decision": ["A decision to be taken at some length. " * 9] * 4})
    paper = Report(riskmc.run(study, draws=64, keep="all"), with_sides=False).paper
    pages = pypdf.PdfReader(io.BytesIO(render_pdf(paper))).pages
    text = " ".join(pages[0].extract_text().split())
    assert len(pages) == 4
    assert "There is no room here for" in text
    assert "how to read the numbers" in text
    assert "Seen before by" in text


def test_what_may_go_has_a_name() -> None:
    """Would catch a block that may be dropped and that the page could not name."""
    for shape in ((2, 13, "plain"), (3, 3, "unlike")):
        for block in blocks_of(report_of(*shape[:2], kind=shape[2]).paper):
            assert block.what or not block.drop, block


LABELS = {
    "now": "Current rules",
    "a": "Devolved, balanced budget",
    "b": "Devolved, but settled every year",
    "c": "Rules as they were proposed by the combined authority in its last consultation",
    "d": "NHS rules of 2016",
}


def named(short: dict[str, str] | None = None) -> dict[str, tuple[str, str, bool]]:
    regimes = {name: SimpleNamespace(label=label) for name, label in LABELS.items()}
    found = regime_names(SimpleNamespace(regimes=regimes), short or {})  # type: ignore[arg-type]
    return {name: (row.short, row.under, row.coded) for name, row in found.items()}


def test_short_names_lose_nothing() -> None:
    """Would catch a name cut with an ellipsis, two rules of one name, or a code not explained."""
    assert named() == {
        "now": ("Current rules", "current rules", False),
        "a": ("Devolved rules", "devolved rules", False),
        "b": ("Devolved C", "“Devolved C”", True),
        "c": ("Rules D", "“Rules D”", True),
        "d": ("NHS rules of 2016", "“NHS rules of 2016”", False),
    }
    given = named({"c": "Proposed", "d": "Proposed"})
    assert given["c"] == ("Proposed D", "“Proposed D”", True)
    assert given["d"] == ("Proposed E", "“Proposed E”", True)
    assert named({"b": "Yearly"})["b"] == ("Yearly rules", "yearly rules", True)


@pytest.mark.parametrize(
    ("regimes", "bodies", "kind"), [(3, 3, "unlike"), (6, 3, "unlike and long")]
)
def test_every_set_of_rules_is_given_once_in_full(regimes: int, bodies: int, kind: str) -> None:
    """Would catch a short name on page 1 and in the annex that nothing explains."""
    report = report_of(regimes, bodies, kind=kind)
    names = report.facts.names
    cover = " ".join(words_of(SimpleNamespace(pages=report.paper.pages[:1])))  # type: ignore[arg-type]
    annex = " ".join(words_of(report.annex))
    for name in names.main:
        assert names.regimes[name].label in cover
        assert not names.regimes[name].coded or f"“{names.regimes[name].short}” is" in annex
    everything = " ".join([*words_of(report.paper), annex, report.html()])
    shortened = set(re.findall(r"\w+…", everything)) - {"3 …"}
    assert not shortened


def test_every_comparison_of_three_has_its_verdict() -> None:
    """Would catch a third set of rules of which page 1 does not say how it compares."""
    report = report_of(3, 3, kind="unlike")
    for row in strip(report).rows[:4]:
        assert len(row.judgements) == 2
    sides = [report.facts.get("deficit", "mean", f"rules{i}", against="rules0") for i in (1, 2)]
    tones = [judged.tone for judged in strip(report).rows[0].judgements]
    want = ["better" if s.high < 0 else "worse" if s.low > 0 else "tie" for s in sides]
    assert tones == want


@pytest.mark.parametrize(("regimes", "bodies", "kind"), SHAPES)
def test_titles_state_a_finding_with_a_number(regimes: int, bodies: int, kind: str) -> None:
    """Would catch "Risk grows every year", of nothing, and where it does not."""
    report = report_of(regimes, bodies, kind=kind)
    for page in report.paper.pages[1:]:
        assert re.search(r"\d|\bNo\b|no reserves", page.title), page.title
    title = report.paper.pages[1].title
    facts = report.facts
    means = facts.by_year("deficit_year", "mean", facts.names.base)
    if "grows" in title:
        assert means[-1] > means[0]
    if "falls" in title:
        assert means[-1] < means[0]
    if "No future" in title:
        assert max(means) == 0.0


def test_a_limit_that_nobody_set_is_no_figure() -> None:
    """Would catch a confidence that falls with every rule left open."""
    tables = study_mapping(study_of(1, 1))
    book = tables["regimes"]["rules0"]["rulebooks"]["council"]
    before = evidence(parse_study(tables), ("rules0",))
    open_ones = [f for f, o in origins(parse_study(tables), "rules0") if o.kind == NOT_SET]
    assert open_ones
    assert all(figure.value is None for figure in open_ones)
    assert before.total == sum(before.counts.values())
    assert NOT_SET not in before.counts
    given = [figure for figure, o in origins(parse_study(tables), "rules0") if o.kind != NOT_SET]
    drivers = sum(1 + len(table.by) for table in parse_study(tables).drivers.values())
    assert before.total == len({(f.path, repr(f.value)) for f in given}) + drivers
    book["shortfall"] = [*book["shortfall"][:-1], {**book["shortfall"][-1], "limit": 5.0}]
    after = evidence(parse_study(tables), ("rules0",))
    assert after.total == before.total + 1, "a limit that is set is one figure more"


def test_few_forecasts_show_nothing() -> None:
    """Would catch four forecasts said to come about "as often as they should"."""
    few = BackTest("Net position", 90.0, 100.0, 100.0, 4, 4, "2015")
    many = BackTest("Reserves", 90.0, 88.0, 83.0, 1500, 12, "2012 to 2015")
    texts = [
        " ".join(plain(b.text) for b in _back_test(t) if hasattr(b, "text")) for t in (few, many)
    ]
    assert "Four forecasts are too few" in texts[0]
    assert "as often" not in texts[0]
    assert "about as often as it should (1,500 forecasts)" in texts[1]


def test_a_chance_and_its_difference_are_rounded_alike() -> None:
    """Would catch "80 % less 1 % is 76 points", each rounded to what its own error supports."""
    first = format_estimate(0.774, 0.013, style="percent")
    second = format_estimate(0.012, 0.003, style="percent")
    less = format_estimate(-0.762, 0.0131, style="percent", difference=True)
    assert (first, second, less) == ("77 % ±2", "1 % ±0.3", "-76 points ±2")


def signs_of(*pairs: tuple[float, float]) -> list[WarningShown]:
    """Signs, each as clear of chance as its two chances are far apart."""
    return [
        WarningShown("reserves", "below", 20.0, 0.2, given, otherwise, given > otherwise)
        for given, otherwise in pairs
    ]


@pytest.mark.parametrize(
    ("pairs", "heading", "asked"),
    [
        ([(0.6, 0.3)], "doubles the chance of a large rescue", True),
        ([(0.9, 0.3)], "about three times as likely", True),
        ([(0.4, 0.001)], "more than ten times as likely", True),
        ([(0.31, 0.3)], "say little about a large rescue", False),
        ([(0.0, 0.0)], "No large rescue follows March 2028 in any future", False),
        ([], "No early sign stands out at March 2028", False),
    ],
)
def test_early_warnings_are_reported_with_their_accuracy(
    pairs: list[tuple[float, float]],
    heading: str,
    asked: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would catch a board asked to adopt a sign that warns of nothing, on page 1 or page 4."""
    for module in ("page1", "page4"):
        monkeypatch.setattr(
            f"riskmc.report.paper.{module}.shown_signs", lambda w, name: signs_of(*pairs)
        )
    paper = build_paper(report_of(2, 3).facts)
    heads = [block.text for block in blocks_of(paper) if isinstance(block, Heading)]
    assert any(heading in head for head in heads), heads
    text = " ".join(words_of(paper))
    assert ("Adopt the warning signs on page 4" in text) is asked
    assert ("signs are reported quarterly" in text) is asked
    assert ("early signs warn of a rescue" in paper.pages[3].title) is asked
    tables = [
        b for b in blocks_of(paper) if isinstance(b, Table) and b.columns[0].heading == "Sign"
    ]
    assert bool(tables) is (heading.startswith(("doubles", "about", "more", "say")))


@pytest.mark.parametrize(
    ("first", "second", "title"),
    [
        ("centre", "centre", "The centre bears most under both, 60p and 60p of each £1"),
        ("service_users", "service_users", "Service users bear most under both"),
        ("centre", "service_users", "bill the centre most (60p)"),
    ],
)
def test_the_centre_bears_and_others_bear(
    first: str, second: str, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch "the centre bear most" at the head of figure 2."""
    who = {"rules0": first, "rules1": second}
    monkeypatch.setattr(
        "riskmc.report.paper.figures.ranked_bearers", lambda w, name: [(who[name], 0.6)]
    )
    found = [w for w in words_of(build_paper(report_of(2, 3).facts)) if title in w]
    assert found


def test_signs_are_said_of_the_rules_they_warn_under(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch page 4 headed by signs that, under the rules it names, say little."""
    report = report_of(2, 3)
    base = report.facts.names.base
    monkeypatch.setattr(
        "riskmc.report.paper.page4.shown_signs",
        lambda w, name: signs_of((0.31, 0.3) if name == base else (0.05, 0.007)),
    )
    monkeypatch.setattr(
        "riskmc.report.paper.page4.best_regime",
        lambda w: next(name for name in w.main if name != base),
    )
    paper = build_paper(report.facts)
    assert "early signs warn of a rescue only under" in paper.pages[3].title
    heads = [block.text for block in blocks_of(paper) if isinstance(block, Heading)]
    assert any("several times as likely" in head for head in heads), heads


@pytest.mark.parametrize(
    ("unmet", "deficit", "asked"),
    [
        (Side.HIGHER, Side.LOWER, "most need left unmet that it would accept for a smaller"),
        (Side.LOWER, Side.HIGHER, "largest deficit that it would accept for less need"),
        (Side.LOWER, Side.LOWER, "most need left unmet that it would accept"),
    ],
)
def test_the_board_is_asked_for_the_trade_it_faces(unmet: Side, deficit: Side, asked: str) -> None:
    """Would catch a board asked to accept unmet need for a deficit that is not smaller."""
    sides = {"unmet": unmet, "deficit": deficit}
    writer: Any = SimpleNamespace(
        names=SimpleNamespace(compared=("other",)),
        verdict=lambda measure, name: SimpleNamespace(side=sides[measure]),
    )
    said = _trade(writer)
    assert asked in said
    assert ("for a smaller" in said) is (deficit is Side.LOWER and unmet is Side.HIGHER)
