"""How far to trust the numbers: the last answer of page 1 and the card of page 3."""

from __future__ import annotations

from riskmc.report.facts.evidence import HIGH, LOW, BackTest
from riskmc.report.facts.robustness import BEHAVIOUR, EQUAL, case_side
from riskmc.report.facts.verdicts import Side
from riskmc.report.model import Bands, Block, Card, Cell, Judgement, Para, Span, StripRow, text
from riskmc.report.paper.writer import ENOUGH, Writer
from riskmc.words.board import and_list, capital, half_up, lower_first, number_word

#: Forecasts below which a back-test cannot show whether a range is right.
FEWEST = 20
_KINDS = {"council": "councils", "provider": "NHS providers", "commissioner": "NHS commissioners"}


def case_names(w: Writer) -> list[str]:
    """Return the cases of the robustness table, stresses first."""
    return [key[5:] for key in w.facts.texts if key.startswith("case:")]


def stresses(w: Writer) -> list[str]:
    """Return the stress tests alone."""
    return [name for name in case_names(w) if name not in (EQUAL, BEHAVIOUR)]


def holds(w: Writer, measure: str, at: str, cases: list[str]) -> bool:
    """Say whether a conclusion turns in no case; a tie is no turn."""
    base = case_side(w.facts, "", measure, at, str(w.other))
    sides = [case_side(w.facts, name, measure, at, str(w.other)) for name in cases]
    return all(side is base or not side.moves for side in sides)


def confidence_row(w: Writer) -> StripRow:
    """Return the answer to "How sure are we?"."""
    found = w.facts.evidence
    sentence = {
        LOW: "Not very. Trust the order of the rules on the deficit more than any amount here.",
        HIGH: "Fairly. Most figures rest on sources, and forecasts like these came true.",
    }.get(found.rating, "Moderately. Trust the direction of the answers more than any amount.")
    if w.alone and found.rating == LOW:
        sentence = "Not very. Trust the direction of the answers more than any amount here."
    cell = Cell(found.rating, "confidence in the evidence", -1, None, _because(w))
    return StripRow("How sure are we?", sentence, (cell,), _ranking(w), spanning=True)


def _because(w: Writer) -> str:
    found = w.facts.evidence
    said = (
        f"{found.assumed} of the {found.total} figures in the rules and drivers are assumptions or "
        "the study’s own."
    )
    enough = [test for test in found.records if test.number >= FEWEST]
    worst = min(enough, key=lambda test: test.got / test.asked, default=None)
    if worst is None:
        return f"{said} No back-test on record (page 3)."
    return (
        f"{said} In a back-test of the figures that ship, a range that should hold "
        f"{half_up(worst.asked)} of 100 outcomes held {half_up(worst.got)} (page 3)."
    )


def _ranking(w: Writer) -> tuple[Judgement, ...]:
    cases = stresses(w)
    if w.alone or not cases:
        return ()
    deficit = holds(w, "deficit", "mean", cases)
    reserves = holds(w, "reserves_end", "p50", cases)
    strong = (
        "The ranking on the deficit held in every stress test"
        if deficit
        else "The ranking on the deficit turns in some stress tests"
    )
    more = (
        "The ranking on reserves held too."
        if deficit and reserves
        else "The ranking on reserves did not."
        if deficit
        else "See page 3."
    )
    return (Judgement("", "plain", strong, more),)


def card(w: Writer) -> Card:
    """Return the trust card."""
    found = w.facts.evidence
    rating = Span(found.rating, "low" if found.rating == LOW else "tie")
    blocks: list[Block] = [
        Para(text(rating, " confidence, because:")),
        Para(
            text(
                f"**{found.assumed} of {found.total}** figures in the rules and drivers are "
                f"assumptions or the study’s own; {found.total - found.assumed} rest on law or "
                "published sources."
            )
        ),
    ]
    for test in found.records[:2]:
        blocks += _back_test(test)
    if found.records:
        blocks.append(Para(text("It tests the figures that ship, not those typed in this study.")))
    if found.missing:
        kinds = and_list([_KINDS.get(kind, kind) for kind in found.missing])
        lead = "No record yet" if found.records else "Back-test: no record yet"
        blocks.append(Para(text(f"[[{lead} for {kinds}.]]")))
    blocks.append(Para(text(_simulation(w))))
    return Card("How far to trust the numbers", tuple(blocks))


def _back_test(test: BackTest) -> list[Block]:
    when = f" from {test.origins}" if test.origins else ""
    asked = half_up(test.asked)
    verdict = {
        -1: "too seldom: ranges here may be too narrow",
        1: "too often: ranges here may be too wide",
    }.get(test.off, "about as often as it should")
    said = f"The range held outcomes {verdict} ({test.number:,} forecasts)."
    if test.number < FEWEST:
        many = number_word(test.number)
        said = f"{capital(many)} forecasts are too few to show whether the range is right."
    return [
        Para(
            text(
                f"**Back-test{when}: {lower_first(test.title.rstrip('.'))}.** Outcomes inside a "
                f"range that should hold {asked} of 100 (black line):"
            )
        ),
        Bands((("overall", test.got, test.asked), ("lowest year", test.lowest, test.asked))),
        Para(text(said)),
    ]


def _simulation(w: Writer) -> str:
    draws = w.names.draws
    if draws < ENOUGH:
        points = half_up(196.0 * (0.25 / draws) ** 0.5)
        return (
            f"Only {draws:,} futures were simulated, so a chance may be out by {points} of 100. "
            "Run at least 3,000 before a board sees this."
        )
    return (
        "More simulated futures would not help: simulating adds no more than 1 or 2 of 100 to any "
        "chance on pages 1 and 2 of the paper."
    )


def turned(w: Writer, measure: str, at: str) -> Side:
    """Return the verdict of the run itself on a conclusion."""
    return case_side(w.facts, "", measure, at, str(w.other))
