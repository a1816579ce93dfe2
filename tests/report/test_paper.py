"""The board paper: its shape, its words, its numbers."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable

import numpy as np
import pypdf
import pytest
from report_cases import QUICK_SHAPES, report_of, study_of

import riskmc
from riskmc.report import Report
from riskmc.report.facts import Fact
from riskmc.report.facts.store import CHANCE, SHARE, Key
from riskmc.report.facts.verdicts import Side, cross_checked, verdict
from riskmc.report.model import FigureBlock, Strip, Table, blocks_of, words_of
from riskmc.report.paper import build_paper
from riskmc.report.paper.who_pays import meets
from riskmc.report.pdf import render_pdf
from riskmc.study import parse_study
from riskmc.study.load import study_mapping
from riskmc.variables import MONEY
from riskmc.words import board
from riskmc.words.sentences import never_seen

SHAPES = [
    *QUICK_SHAPES,
    pytest.param(3, 1, "plain", marks=pytest.mark.slow),
    pytest.param(2, 3, "one year", marks=pytest.mark.slow),
    pytest.param(2, 3, "register only", marks=pytest.mark.slow),
    pytest.param(2, 3, "failing", marks=pytest.mark.slow),
    pytest.param(1, 13, "long", marks=pytest.mark.slow),
    pytest.param(2, 1, "plain", marks=pytest.mark.slow),
    pytest.param(3, 13, "long", marks=pytest.mark.slow),
    pytest.param(6, 1, "long", marks=pytest.mark.slow),
    pytest.param(2, 3, "rich", marks=pytest.mark.slow),
    pytest.param(6, 13, "long", marks=pytest.mark.slow),
    pytest.param(3, 1, "unlike", marks=pytest.mark.slow),
    pytest.param(3, 13, "unlike and long", marks=pytest.mark.slow),
    pytest.param(6, 1, "unlike", marks=pytest.mark.slow),
    pytest.param(6, 13, "unlike", marks=pytest.mark.slow),
]
#: Words that a native finance officer would not write, or that a board should not have to read.
BANNED = (
    "±", "MCSE", "PHIA", "need of a rescue", "comes less often", "told apart", "cannot be told",
    "breaks us already", "worst case", "futures are so", "none in 20,000", "nil in 50 of 100",
    "  ", "add up over", "in turn, then nothing", "likeliest",
    "To what do", "almost certain", "breaks already", "kind side", "about equally",
    "£nan", "not known",
)  # fmt: skip
VERBS = {
    "is", "are", "bill", "falls", "rises", "rise", "matter", "matters", "move", "moves", "would",
    "take", "last", "lasts", "exceed", "exceeds", "show", "shows", "bear", "meet", "say", "doubles",
    "makes", "needs", "could", "runs", "has", "have",
}  # fmt: skip
LONGEST = 28


def printed(report: Report) -> list[str]:
    return list(words_of(report.paper))


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!])\s+", text) if part]


@pytest.mark.parametrize(("regimes", "bodies", "kind"), SHAPES)
def test_every_shape_gives_four_pages(regimes: int, bodies: int, kind: str) -> None:
    """Would catch a paper that overflows, or one that a rare shape of study breaks."""
    report = report_of(regimes, bodies, kind=kind)
    pdf = pypdf.PdfReader(io.BytesIO(render_pdf(report.paper)))
    assert len(pdf.pages) == 4
    for number, page in enumerate(pdf.pages, start=1):
        assert f"Page {number} of 4" in page.extract_text()


@pytest.mark.parametrize(("regimes", "bodies", "kind"), SHAPES)
def test_words_are_plain_and_sentences_short(regimes: int, bodies: int, kind: str) -> None:
    """Would catch jargon, a number that is not known, a sentence that loses its reader."""
    for text in printed(report_of(regimes, bodies, kind=kind)):
        for phrase in BANNED:
            assert phrase not in text, text
        assert not re.search(r"\bnan\b", text), text
        assert not re.search(r"\d %", text), text
        if "long" not in kind:
            for sentence in sentences(text):
                assert len(sentence.split()) <= LONGEST, sentence


@pytest.mark.parametrize(("regimes", "bodies", "kind"), SHAPES)
def test_at_most_five_figures_with_findings_as_titles(regimes: int, bodies: int, kind: str) -> None:
    """Would catch a title without its verb, too long to read, or a sixth figure."""
    paper = report_of(regimes, bodies, kind=kind).paper
    figures = [block for block in blocks_of(paper) if isinstance(block, FigureBlock)]
    assert len(figures) <= 5
    assert [figure.number for figure in figures] == [str(i + 1) for i in range(len(figures))]
    for figure in figures:
        words = figure.title.split()
        assert len(words) >= 6, figure.title
        if "long" not in kind:
            assert len(words) <= 16, figure.title
        assert VERBS & {word.strip(";,.").lower() for word in words}, figure.title


def known_texts(facts: Iterable[tuple[Key, Fact]]) -> set[str]:
    """Every way in which a fact may be printed."""
    found: set[str] = set()

    def amount(value: float, mcse: float = math.nan) -> None:
        for x in (value, abs(value)):
            for unit in (None, "bn", "m"):
                found.add(board.money(x, mcse=mcse, unit=unit))
            found.add(board.money(x))
            found.add(board.exact(x))

    for _, fact in facts:
        if not fact.known:
            continue
        if fact.unit == MONEY:
            amount(fact.value, fact.mcse)
        elif fact.unit in (CHANCE, SHARE):
            found |= {
                board.hundred(fact.value),
                str(100 - board.half_up(100 * fact.value)),
                board.per_cent(fact.value),
                board.pence(fact.value),
                board.chance(fact.value),
            }
    return found


@pytest.mark.parametrize(("regimes", "bodies"), [(2, 13), (1, 1)])
def test_every_amount_and_share_of_page_one_is_a_fact(regimes: int, bodies: int) -> None:
    """Would catch a number that was worked out on the way to the page."""
    report = report_of(regimes, bodies)
    known = known_texts(report.facts)
    strip = next(block for block in report.paper.pages[0].blocks if isinstance(block, Strip))
    texts = [part for row in strip.rows[:4] for part in (row.sentence, *(c.big for c in row.cells))]
    texts += [c.below for row in strip.rows[:4] for c in row.cells]
    amounts = [x for text in texts for x in re.findall(r"−?£[\d.,]+(?:bn|m)?|\d+%|\d+p\b", text)]
    assert amounts
    for shown in amounts:
        text = shown.rstrip(".,")
        ratio = bodies == 1 and text.endswith("%")  # of a year's cost
        assert text in known or text == "1%" or ratio, text


def test_a_verdict_is_the_sign_of_the_paired_interval() -> None:
    """Would catch a winner where the interval holds nil, or the wrong one."""
    cases = {
        (-5.0, -8.0, -2.0): Side.LOWER,
        (5.0, 2.0, 8.0): Side.HIGHER,
        (1.0, -1.0, 3.0): Side.TIE,
        (-1.0, -2.0, 0.0): Side.TIE,
    }
    for (value, low, high), side in cases.items():
        assert verdict(Fact(value, 1.0, low, high)).side is side
    assert verdict(Fact(-5.0, 1.0, -8.0, -2.0), equal=0.996).side is Side.SAME
    assert verdict(Fact(0.0, math.nan, math.nan, math.nan, True)).side is Side.SAME
    lower, higher, tie = (
        verdict(Fact(*x)) for x in ((-1, 0.1, -2, -0.5), (1, 0.1, 0.5, 2), (0, 1, -1, 1))
    )
    assert cross_checked([lower, higher]) is Side.UNCLEAR
    assert cross_checked([lower, tie]) is Side.LOWER
    assert cross_checked([tie, tie]) is Side.TIE


def test_the_papers_verdicts_are_those_of_the_run() -> None:
    """Would catch a label that was not built from the comparison."""
    report = report_of(2, 13)
    strip = next(block for block in report.paper.pages[0].blocks if isinstance(block, Strip))
    found = report.facts.get("deficit", "mean", "rules1", against="rules0")
    (judged,) = strip.rows[0].judgements
    if found.high < 0.0:
        assert judged.tone == "better"
    elif found.low > 0.0:
        assert judged.tone == "worse"
    else:
        assert judged.tone == "tie"


def test_dividing_a_holder_changes_no_headline() -> None:
    """Would catch an answer on page one that grows with the number of budget holders."""
    shared = {
        "demand_growth": {"distribution": "normal", "mean": 0.03, "sd": 0.03, "shared": 1.0},
        "rescue": {"shared": 1.0},
    }
    strips = []
    for parts in (2, 4):
        study = study_of(1, parts, drivers=shared, risks=[])
        rows = [
            row.model_copy(
                update={
                    name: getattr(row, name) * 2 / parts
                    for name in ("cost", "grant", "local_tax", "reserves", "reserve_floor")
                }
            )
            for row in study.organisations
        ]
        run = riskmc.run(study.replaced(organisations=tuple(rows)), draws=DRAWS_SPLIT, keep="all")
        paper = Report(run, with_sides=False).paper
        strip = next(block for block in paper.pages[0].blocks if isinstance(block, Strip))
        strips.append([(c.big, c.unit, c.below) for row in strip.rows[:4] for c in row.cells])
    assert strips[0] == strips[1]


DRAWS_SPLIT = 400


def test_what_never_happens_is_said_as_a_bound_and_few_draws_say_so() -> None:
    """Would catch "0 of 100", and a chance claimed from sixteen futures."""
    assert never_seen(20_000) == "None seen in 20,000 futures: fewer than 1 in 1,000"
    assert never_seen(16) == "Too few futures to say: none seen in 16"
    few = report_of(2, 3, 16)
    assert few.paper.draft == "DRAFT: only 16 futures"
    text = " ".join(printed(report_of(1, 3, kind="rich")))
    assert "Too few futures to say: none seen in 400" in text or "None seen" in text
    assert not re.search(r"(?<!\d)0 of 100", text)


def test_an_amount_that_is_nil_in_most_futures_says_its_chance_first() -> None:
    """Would catch "nil (nil to nil)" and a median that hides a cost in one future of four."""
    text = " ".join(printed(report_of(2, 3, kind="rich")))
    assert "nil (nil" not in text
    assert "£0" not in text


def test_gaps_show_and_officers_words_stand_as_given() -> None:
    """Would catch a paper that makes up an author, or loses what officers said."""
    report = report_of(2, 3)
    assert any("[Chief finance officer]" in text for text in printed(report))
    words = {
        "author": "Jo Smith",
        "recommendation": "Note the paper",
        "decision": ["Agree a floor of £20m"],
        "short": {"rules0": "Today", "rules1": "Pooled"},
        "actions": {"reserves": "Call the review"},
    }
    study = study_of(2, 3, paper=words)
    paper = Report(riskmc.run(study, draws=400, keep="all"), with_sides=False).paper
    text = " ".join(words_of(paper))
    for said in ("Jo Smith", "Note the paper", "Agree a floor of £20m", "pooled rules"):
        assert said in text


def test_a_members_own_report_is_about_its_own_balance() -> None:
    """Would catch what a pool allots to a member shown as the member's deficit."""
    study = study_of(2, 3)
    results = riskmc.run(study, draws=400, keep="all")
    report = Report(results, organisation="body1", with_sides=False)
    own = results["outcomes"]["own_balance"].sel(regime="rules1", organisation="body1")
    expected = float(np.maximum(-own, 0.0).sum("year").mean())
    found = report.facts.get("deficit", "mean", "rules1", body="body1")
    assert found.value == pytest.approx(expected)
    assert render_pdf(report.paper)


def test_a_body_at_its_floor_is_exhausted_already() -> None:
    """Would catch a body without reserves of which the paper says when they run out."""
    strip = next(
        block
        for block in report_of(1, 3, kind="empty").paper.pages[0].blocks
        if isinstance(block, Strip)
    )
    row = next(row for row in strip.rows if row.question == "When do reserves run out?")
    assert "exhausted already" in row.sentence.split(".")[0]


def test_unmet_need_is_shown_with_reserves_and_rescue() -> None:
    """Would catch a table of reserves that hides what services bear."""
    paper = report_of(2, 13).paper
    tables = [block for block in blocks_of(paper) if isinstance(block, Table)]
    needed = [t for t in tables if t.columns[0].heading.startswith("To last to")]
    assert needed
    for table in needed:
        labels = ["".join(span.text for span in row.cells[0]) for row in table.rows]
        assert any("unmet" in label for label in labels)


def test_same_results_same_bytes() -> None:
    """Would catch a clock, a path or an order that leaks into a file."""
    report = report_of(2, 3)
    assert render_pdf(report.paper) == render_pdf(build_paper(report.facts))


@pytest.mark.parametrize(("regimes", "bodies", "kind"), SHAPES)
def test_titles_of_pages_are_sentences_without_gaps(regimes: int, bodies: int, kind: str) -> None:
    """Would catch a title that a shape of study leaves without its noun."""
    for page in report_of(regimes, bodies, kind=kind).paper.pages:
        assert len(page.title.split()) >= 5
        assert "nan" not in page.title.split()


@pytest.mark.parametrize(
    ("bearer", "said"),
    [
        ("centre", "the centre meets 63p of each £1"),
        ("local_taxpayers", "local taxpayers meet 63p of each £1"),
        ("nobody_yet", "63p of each £1 is left unpaid"),
    ],
)
def test_who_meets_a_bill_is_said_in_english(bearer: str, said: str) -> None:
    """Would catch "the centre meet" and "nobody yet meet" in the heads of page 2."""
    assert meets(bearer, "63p") == said


def test_reserves_that_last_in_no_future_are_said_so() -> None:
    """Would catch "lasts one year in none futures" where every future fails."""
    tables = study_mapping(study_of(1, 1, years=1, cost=150.0, drivers={}, risks=[]))
    only = {"plan": [], "shortfall": [{"instrument": "reserves"}], "surplus": []}
    tables["regimes"]["rules0"]["rulebooks"] = {"council": only}
    study = parse_study(tables)
    words = " ".join(printed(Report(riskmc.run(study, draws=64, keep="all"), with_sides=False)))
    assert "none futures" not in words
    assert "in no future" in words
