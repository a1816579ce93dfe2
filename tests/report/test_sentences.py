"""Sentences of the paper from facts set by hand: each template once, and what none may say.

The facts are those of a run, of which a test sets the ones that its sentence is about.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from report_cases import report_of

from riskmc.measures.early_warning import Sign
from riskmc.report.facts import Facts
from riskmc.report.facts.robustness import case_side
from riskmc.report.facts.store import Fact, Key
from riskmc.report.facts.verdicts import Side, verdict
from riskmc.report.model import Heading, Strip, Table, blocks_of, plain
from riskmc.report.paper import page1, page2, page3, page4
from riskmc.report.paper.answers import deficit
from riskmc.report.paper.figures import by_year, changes
from riskmc.report.paper.reserves import reserves
from riskmc.report.paper.signs import WarningShown
from riskmc.report.paper.who_pays import bailout, who_pays
from riskmc.report.paper.writer import Writer
from riskmc.statistics.estimates import Single

BASE, OTHER = "rules0", "rules1"
LAST = "2029/30"


def writer(given: dict[tuple[str, str, str], Any], regimes: int = 2, bodies: int = 3) -> Writer:
    """A writer whose facts are set by measure, statistic and regime; "less" is the difference."""
    facts: Facts = report_of(regimes, bodies).facts
    body = facts.names.body
    numbers = dict(facts.numbers)
    for (measure, at, regime), value in given.items():
        name, _, year = measure.partition("@")
        against = BASE if regime == "less" else ""
        key = Key(name, at, OTHER if against else regime, against, year, body)
        found = value if isinstance(value, Fact) else Fact(value, 0.0)
        numbers[key] = found
    return Writer(replace(facts, numbers=numbers))


def both(measure: str, at: str, first: float, second: float) -> dict[tuple[str, str, str], Any]:
    return {(measure, at, BASE): first, (measure, at, OTHER): second}


def less(value: float, error: float = 0.01) -> Fact:
    return Fact(value, error, value - 1.96 * error, value + 1.96 * error)


MIDDLES = both("deficit", "p50", 2000.0, 600.0) | both("deficit", "p10", 1000.0, 100.0)
DEFICIT = MIDDLES | both("deficit", "p90", 3000.0, 1500.0)
PAIRED = {
    ("deficit", "mean", "less"): less(-1300.0),
    ("deficit", "lower", "less"): 0.95,
    ("deficit", "higher", "less"): 0.04,
    ("deficit", "equal", "less"): 0.01,
}


# ---- the twelve templates, each once


def test_range() -> None:
    """Would catch an amount without its range, or ends in another unit than the middle."""
    row = deficit(writer(DEFICIT | PAIRED))
    assert row.sentence == (
        "Deficits over four years add up to about £2.0bn under current rules and £0.6bn under "
        "“Rules 1” in the middle future. 1 in 10 futures exceeds £3.0bn under current rules and "
        "£1.5bn under “Rules 1”."
    )
    assert [cell.below for cell in row.cells] == [
        "middle future; £1.0bn to £3.0bn",
        "middle future; £0.1bn to £1.5bn",
    ]


def test_paired() -> None:
    """Would catch a verdict without the share of futures that it holds in."""
    (said,) = deficit(writer(DEFICIT | PAIRED)).judgements
    assert said.label == "Rules 1 better on deficit"
    assert (said.strong, said.more) == ("Lower in 95 of 100 futures", "Higher in 4, equal in 1.")


def test_tie() -> None:
    """Would catch a leader named where the interval of the difference holds nil."""
    unsure = PAIRED | {("deficit", "mean", "less"): less(-1.0, 5.0)}
    (said,) = deficit(writer(DEFICIT | unsure)).judgements
    assert said.label == "No clear difference"
    assert said.more == "Lower in 95 of 100 futures, higher in 4."


def test_difference() -> None:
    """Would catch a difference without its direction, or "lower" called worse."""
    figure = changes(writer(DEFICIT | PAIRED))
    assert figure is not None
    (row,) = [row for row in figure.rows if row.label == "Deficit"]
    assert (row.said, row.tone) == ("£1.3bn lower", "better")
    assert figure.title().startswith("The deficit falls by £1.3bn on average")


def test_probability() -> None:
    """Would catch a chance that is not said to be of futures, or whose rules are not named."""
    chances = both("large_rescue", "", 0.88, 0.41) | both("large_bailout", "", 0.87, 0.08)
    assert bailout(writer(chances)).sentence.startswith(
        "A large rescue, over 1% of a year’s income, is needed in 88 of 100 futures under current "
        "rules and 41 under “Rules 1”. A large bailout is granted in 87 and 8 of 100 respectively."
    )


def test_zero() -> None:
    """Would catch what was not seen told as what cannot be, or without its bound."""
    w = writer(both("large_rescue", "", 0.0, 0.0))
    many = Writer(replace(w.facts, names=replace(w.names, draws=20_000)))
    assert bailout(many).sentence == (
        "A large rescue is over 1% of a year’s income. None seen in 20,000 futures: fewer than 1 "
        "in 1,000."
    )
    assert "fewer than" not in bailout(w).sentence, "400 futures are too few for a bound"


def test_timing() -> None:
    """Would catch "when" without a year, or half of the futures said of fewer."""
    years = ("2026/27", "2027/28", "2028/29", LAST)
    by = {
        (f"pot_alone@{year}", "", name): chance
        for name, chances in ((BASE, (0.04, 0.12, 0.4, 0.63)), (OTHER, (0.0, 0.04, 0.12, 0.27)))
        for year, chance in zip(years, chances, strict=True)
    }
    assert reserves(writer(by)).sentence == (
        "As one pot without help, reserves run out in 1 of 10 futures by March 2028 and in half by "
        "March 2030 under current rules. Under “Rules 1”, in 1 of 10 futures by March 2029, and in "
        "27 of 100 by March 2030."
    )


def test_holders() -> None:
    """Would catch a count of holders in the place of one pot and of spending."""
    last = {
        (f"{measure}@{LAST}", at, name): value
        for measure, at, values in (
            ("pot_helped", "", (0.34, 0.52)),
            ("pot_alone", "", (0.85, 0.51)),
            ("spending_share", "mean", (0.63, 0.45)),
        )
        for name, value in zip((BASE, OTHER), values, strict=True)
    }
    row = reserves(writer(last))
    assert [(cell.big, cell.below) for cell in row.cells] == [
        ("63%", "of spending without reserves by March 2030"),
        ("45%", "of spending without reserves by March 2030"),
    ]
    assert row.judgements[0].more == (
        "As one pot, reserves run out in 34 against 52 of 100; without help, in 85 against 51."
    )


def test_who_pays() -> None:
    """Would catch pence that are not of each £1, or the second bearer lost."""
    bearers = report_of(2, 3).facts.names and writer({}).facts
    shares = {
        (key.measure, key.at, key.regime): 0.0
        for key in bearers.numbers
        if key.measure == "borne_share"
    }
    shares |= {
        ("borne_share", "centre", BASE): 0.46,
        ("borne_share", "service_users", BASE): 0.3,
        ("borne_share", "past_savers", OTHER): 0.9,
    }
    row = who_pays(writer(shares))
    assert row is not None
    assert (row.cells[0].big, row.cells[0].below) == ("46p", "the centre; then service users, 30p")
    assert row.sentence == (
        "Current rules send most of the bill to the centre and service users. “Rules 1” sends most "
        "of it to reserves."
    )


def test_trade_off() -> None:
    """Would catch a smaller deficit praised without the need that it leaves unmet."""
    moved = {("unmet", "mean", "less"): less(570.0), **both("unmet", "mean", 100.0, 670.0)}
    w = writer(DEFICIT | PAIRED | moved)
    assert page1.page_1(w).title == (
        "“Rules 1” would shrink the average deficit by £1.3bn, but pass more of the risk to "
        "services"
    )
    row = who_pays(w)
    assert row is not None
    assert row.judgements[0].strong == "£570m more need left unmet"


def test_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a sign without what follows where it does not fire."""
    sign = WarningShown("reserves", "below", 20.0, 0.19, 0.6, 0.15, True)
    paper = report_of(2, 3).paper
    monkeypatch.setattr(page4, "shown_signs", lambda w, name: [sign])
    page = page4.page_4(writer({}), 4)
    blocks = list(blocks_of(replace(paper, pages=(page,))))
    (table,) = [b for b in blocks if isinstance(b, Table) and b.columns[0].heading == "Sign"]
    cells = [plain(cell) for cell in table.rows[0].cells]
    assert cells[:4] == ["Reserves of the place below £20m", "19", "60", "15"]
    heads = [block.text for block in blocks if isinstance(block, Heading)]
    best = "The best sign at March 2028 makes a large rescue about four times as likely"
    assert any(head.startswith(best) for head in heads)


def test_confidence() -> None:
    """Would catch a rating without the share of assumptions and the back-test behind it."""
    page = page1.page_1(writer({}))
    (strip,) = [block for block in page.blocks if isinstance(block, Strip)]
    cell = strip.rows[-1].cells[0]
    assert cell.big == "Low"
    assert cell.below.startswith("35 of the 39 figures in the rules and drivers are assumptions")
    assert "a range that should hold 90 of 100 outcomes held 88" in cell.below


# ---- what no sentence may say


def test_nobody_exceeds_nil_in_1_of_10_futures() -> None:
    """Would catch "1 in 10 futures exceeds nil", where the 90th percentile is nil: fewer do."""
    some = both("deficit", "p50", 0.0, 40.0) | both("deficit", "p90", 0.0, 100.0)
    row = deficit(writer(some))
    assert row.sentence.endswith("1 in 10 futures exceeds £100m under “Rules 1”.")
    alone = {("held", "", ""): 0.0, (f"deficit_year@{LAST}", "p90", BASE): 0.0}
    bad = page2._bad_year(writer(alone, 1, 1))
    assert plain(bad.text).endswith("In the last year at least 9 in 10 futures show no deficit.")


def test_counts_of_unlike_numbers_of_futures_are_given_in_full() -> None:
    """Would catch "in 1 of 1,000 futures under current rules and 3 under …", which were 3 of 100,
    and "none of 400 futures … and 2", which were 2 of 100."""
    w = writer({})
    tail = "under “Rules 1”"
    assert w.chances([(BASE, 0.001), (OTHER, 0.03)]) == (
        f"in 1 of 1,000 futures under current rules and in 3 of 100 futures {tail}"
    )
    assert w.chances([(BASE, 0.0), (OTHER, 0.02)]) == (
        f"in none of 400 futures under current rules and in 2 of 100 futures {tail}"
    )
    assert w.chances([(BASE, 0.88), (OTHER, 0.41)]) == (
        f"in 88 of 100 futures under current rules and 41 {tail}"
    )
    assert w.chances([(BASE, 0.001), (OTHER, 0.003)]) == (
        f"in 1 of 1,000 futures under current rules and in 3 of 1,000 futures {tail}"
    )


def test_every_future_apart_is_no_tie() -> None:
    """Would catch "tie, 100 v 0": a difference that is the same in all futures and not nil."""
    all_of_them = Fact(-1.0, math.nan, -1.0, -0.99, True)
    assert verdict(all_of_them).side is Side.LOWER
    assert verdict(Fact(0.0, math.nan, 0.0, 0.01, True)).side is Side.SAME
    w = writer({("large_rescue", "", "less"): all_of_them})
    assert case_side(w.facts, "", "large_rescue", "", OTHER) is Side.LOWER


def test_a_mean_that_most_futures_contradict_says_so() -> None:
    """Would catch "worse: higher in 33 of 100 futures, lower in 45" without a word."""
    odd = {
        ("deficit", "mean", "less"): less(5.0),
        ("deficit", "lower", "less"): 0.45,
        ("deficit", "higher", "less"): 0.33,
        ("deficit", "equal", "less"): 0.22,
    }
    (said,) = deficit(writer(DEFICIT | odd)).judgements
    assert said.strong == "Higher on average, but not in most futures"
    assert said.more == "Lower in 45 of 100 futures, higher in 33, equal in 22."


def test_chances_printed_alike_have_no_winner() -> None:
    """Would catch "fewer needed" of 78 in 100 against 78 in 100."""
    near = both("large_rescue", "", 0.782, 0.778)
    (said,) = bailout(writer(near | {("large_rescue", "", "less"): less(-0.004, 0.001)})).judgements
    assert (said.label, said.tone) == ("Almost the same", "tie")


def test_a_sign_that_may_be_chance_is_weak() -> None:
    """Would catch a sign of two events in 560 futures, four times as likely, told as a warning."""
    fires = Single(0.2, 0.01, 0.18, 0.22, False, 4000)
    few = Single(0.004, 0.003, 0.0005, 0.013, False, 560)
    rare = Single(0.0003, 0.0003, 0.0, 0.0016, False, 3440)
    sign = Sign("reserves", "below", 100.0, "£m", fires, few, rare)
    assert sign.ratio > 10.0
    assert sign.weak
    assert not replace(sign, given=few._replace(low=0.002)).weak


def test_nothing_left_unmet_is_no_event() -> None:
    """Would catch "is nil in most futures and arises in none of 400 futures"."""
    nil = {("unmet", at, BASE): 0.0 for at in ("mean", "p10", "p50", "p90")}
    w = writer(nil | {("unmet_some", "", BASE): 0.0})
    (said,) = page2._services(w)
    assert "Under current rules, it is nil in all 400 futures." in plain(said.text)  # type: ignore[union-attr]


def test_rules_of_no_cuts_are_named_together() -> None:
    """Would catch the same clause once for every set of rules."""
    w = writer({})
    none = {f"no cuts:{name}": "|".join(w.names.bodies) for name in w.main}
    same = Writer(replace(w.facts, texts=w.facts.texts | none))
    assert page3.nil_by_rule(same) == (
        "Under both no rule cuts services, so need left unmet there is nil by rule."
    )


@pytest.mark.parametrize(
    ("years", "said"),
    [
        (1, "If in the year …"),
        (2, "If in year 2 …"),
        (3, "If in years 2 and 3 …"),
    ],
)
def test_shocks_strike_in_years_that_there_are(years: int, said: str) -> None:
    """Would catch "if in years 2 and 3" of a study of one year."""
    w = writer({})
    names = replace(w.names, years=w.names.years[:years])
    assert page3._struck(Writer(replace(w.facts, names=names))) == said


def test_a_body_without_reserves_runs_out_of_none() -> None:
    """Would catch a chart of "0 of 100 by then" under a body exhausted already."""
    w = writer({}, 1, 1)
    assert len(by_year(w).lines) == 2
    shut = {f"exhausted already:{BASE}": "body0"}
    (line,) = by_year(Writer(replace(w.facts, texts=w.facts.texts | shut))).lines
    assert line[0].startswith("Futures of 100 that have needed a large rescue")
