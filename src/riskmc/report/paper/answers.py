"""The answers of page 1: one row for each question."""

from __future__ import annotations

import math

from riskmc.report.facts.headline import first_year, reserve_verdicts
from riskmc.report.facts.verdicts import Side, Verdict, cross_checked
from riskmc.report.model import Bar, Cell, Judgement, StripRow, Tone
from riskmc.report.paper.writer import Writer
from riskmc.variables import PLACE
from riskmc.words.board import (
    BILLIONS,
    capital,
    exact,
    hundred,
    money,
    per_cent,
    span,
    unit_of,
    year_end,
)
from riskmc.words.sentences import against, never_seen

#: The end of a range over the middle from which the answer could be several times larger, and
#: from which the range itself is the answer.
LARGER, HUGE = 3.0, 10.0


def deficit(w: Writer) -> StripRow:
    """Return how big the deficit may get."""
    middles = [w.value("deficit", "p50", name) for name in w.main]
    ends = [w.value("deficit", "p90", name) for name in w.main]
    unit = unit_of(middles)
    own = "Deficits"
    if w.names.body != PLACE:
        kept = w.facts.texts.get("own balance")
        own = "Its own deficits" if kept else "Deficits allotted to it"
    time = (
        f"{own} over {w.names.horizon} add up to about"
        if len(w.names.years) > 1
        else (f"The deficit of {w.names.period} comes to about")
    )
    said = [(name, money(m, unit=unit)) for name, m in zip(w.main, middles, strict=True)]
    sentence = f"{time} {w.each(said) if not w.alone else said[0][1]}."
    if all(m <= 0.0 for m in middles):
        sentence = _nil_first(w, "deficit", "a deficit")
    larger = [m > 0.0 and e > LARGER * m for m, e in zip(middles, ends, strict=True)]
    if all(larger):
        which = "It" if w.alone else "Either" if len(w.main) == 2 else "Each"
        sentence += f" {which} could be several times larger."
    elif any(larger):
        name = next(n for n, wide in zip(w.main, larger, strict=True) if wide)
        sentence += f" {capital(w.under(name))} it could be several times larger."
    cells = tuple(_range_cell(w, "deficit", name, unit, max(ends)) for name in w.main)
    judged = _compare_plan(w) if w.alone else _paired(w, "deficit", "deficit")
    return StripRow("How big may the deficit get?", sentence, cells, judged)


def _nil_first(w: Writer, measure: str, what: str) -> str:
    """Return a sentence on an amount that is nil in the middle future: its chance comes first."""
    said = []
    if all(w.value(f"{measure}_some", "", name) <= 0.0 for name in w.main):
        return f"None of the {w.names.draws:,} futures has {what}."
    for name in w.main:
        some = w.value(f"{measure}_some", "", name)
        if some <= 0.0:
            said.append(f"in {w.futures(some)} {w.under(name)}")
            continue
        amount = w.get(f"{measure}_some", "p50", name)
        then = f", then {money(amount.value)} in the middle one" if amount.known else ""
        said.append(f"in {w.futures(some)} {w.under(name)}{then}")
    return f"Nil in most futures: {what} arises {'; '.join(said)}."


def _range_cell(w: Writer, measure: str, name: str, unit: str, top: float) -> Cell:
    low, middle, high = (w.value(measure, at, name) for at in ("p10", "p50", "p90"))
    axis = max(top, 1e-9) * 1.02
    bar = Bar(max(low, 0.0) / axis, max(middle, 0.0) / axis, max(high, 0.0) / axis, True)
    big = money(middle, unit="bn" if unit == "bn" and middle >= 0.05 * BILLIONS else None)
    below = span(low, high)
    small = ""
    if middle > 0.0 and high > HUGE * middle:
        big, below = span(low, high), f"{money(middle)} in the middle future"
    elif middle <= 0.0:
        some = w.value(f"{measure}_some", "", name)
        big, small = "Nil", "in most futures"
        below = "in every future" if high <= 0.0 and some <= 0.0 else span(low, high)
    return Cell(big, small, w.look(name), bar, below, w.regime(name).short)


def _paired(w: Writer, measure: str, noun: str) -> Judgement:
    found = w.verdict(measure, str(w.other))
    name = capital(w.brief(str(w.other)))
    said, tone = label(found, name, noun)
    low, high, equal = (hundred(x) for x in (found.lower, found.higher, found.equal))
    if found.side is Side.SAME:
        return Judgement(said, tone, "The same in every future", "")
    if found.side is Side.TIE:
        return Judgement(
            said,
            tone,
            "More futures might separate them",
            f"Lower in {low} of 100, higher in {high}.",
        )
    first, second = ("Lower", "Higher") if found.side is Side.LOWER else ("Higher", "Lower")
    counts = (low, high) if found.side is Side.LOWER else (high, low)
    tail = f", the same in {equal}" if equal != "0" else ""
    return Judgement(
        said, tone, f"{first} in {counts[0]} of 100 futures", f"{second} in {counts[1]}{tail}."
    )


def label(found: Verdict, name: str, noun: str) -> tuple[str, Tone]:
    """Return the label of a verdict, which names its measure, and its tone."""
    if found.side is Side.SAME:
        return "The same", "tie"
    if found.side is Side.UNCLEAR:
        return "No clear winner", "tie"
    if found.side is Side.TIE:
        return "No clear difference", "tie"
    better = found.side is Side.LOWER
    return f"{name} {'better' if better else 'worse'} on {noun}", "better" if better else "worse"


def _compare_plan(w: Writer) -> Judgement:
    cost = w.value("cost")
    middle = w.value("deficit", "p50", w.base)
    if not cost > 0.0:
        return Judgement("", "plain", "", "")
    share = per_cent(middle / cost)
    before = f"{int(w.names.years[0][:4]) - 1}/{w.names.years[0][2:4]}"
    return Judgement(
        "", "plain", f"About {share} of a year’s cost", f"Cost in {before}: {exact(cost)}."
    )


def reserves(w: Writer) -> StripRow:
    """Return when reserves run out, counted so that any number of holders compare."""
    end = w.names.end
    place = w.names.is_place
    cells = []
    for name in w.main:
        share = w.by_year("spending_share", "mean", name)
        bar = Bar(0.0, share[-1], share[-1], False)
        chance = w.by_year("pot_helped", "", name)[-1]
        if place:
            big, small, below = per_cent(share[-1]), "", f"of spending, by {end}"
        elif _already(w, name):
            big, small, below = "Already", "", "at its minimum reserve"
        else:
            big, small, below = hundred(chance), "in 100", f"by {end}"
            bar = Bar(0.0, chance, chance, False)
        cells.append(Cell(big, small, w.look(name), bar, below, w.regime(name).short))
    sentence = _reserves_of_place(w) if place else _reserves_of_body(w)
    judged = _held(w) if w.alone else _reserves_judged(w)
    return StripRow("When do reserves run out?", sentence, tuple(cells), judged)


def _already(w: Writer, name: str) -> list[str]:
    found = w.facts.texts.get(f"exhausted already:{name}", "")
    return [w.names.bodies.get(body, body) for body in found.split("|") if body]


def _reserves_of_place(w: Writer) -> str:
    parts = []
    shut = _already(w, w.base)
    if shut:
        who = shut[0] if len(shut) == 1 else f"{len(shut)} of {w.bodies}"
        verb = "opens" if len(shut) == 1 else "open"
        parts.append(f"{capital(who)} {verb} without usable reserves: exhausted already.")
    counted = False
    for i, name in enumerate(w.main[:3]):
        share = w.by_year("spending_share", "mean", name)
        half = first_year(share, 0.5, w.names.years)
        start = capital(w.under(name)) if i == 0 else capital(w.brief(name))
        if half is not None:
            parts.append(
                f"{start}, bodies that run half of all spending have no usable reserves by "
                f"{year_end(half)}, on average."
            )
        elif share[-1] <= 0.0:
            parts.append(f"{start}, no body runs out by {w.names.end}.")
        elif i == 0:
            parts.append(
                f"{start}, bodies that run {per_cent(share[-1])} of all spending have no usable "
                f"reserves by {w.names.end}, on average."
            )
            counted = True
        elif counted:
            parts.append(f"{start}, the share is {per_cent(share[-1])}.")
        else:
            parts.append(f"{start}, the share is still below half in {w.names.end}.")
    return " ".join(parts)


def _reserves_of_body(w: Writer) -> str:
    name = w.base
    if _already(w, name):
        return (
            f"{capital(w.names.subject)} opens at or below its minimum reserve: its reserves are "
            "exhausted already."
        )
    parts = []
    for i, regime in enumerate(w.main[:3]):
        chance = w.by_year("pot_helped", "", regime)
        start = "" if w.alone else f"{capital(w.under(regime) if i == 0 else w.brief(regime))}, "
        if chance[-1] <= 0.0:
            parts.append(f"{start}{_none(w)}.")
            continue
        if chance[-1] >= 1.0:
            sentence = f"{start}they run out in all {w.names.draws:,} futures"
        else:
            sentence = (
                f"{start}they run out in {hundred(chance[-1])} of 100 futures and last in "
                f"{_rest(chance[-1])}"
            )
        parts.append(f"{capital(sentence)}.")
        tenth = first_year(chance, 0.1, w.names.years)
        if tenth is not None and tenth != w.names.years[-1] and w.alone:
            parts.append(f"One in ten has run out by {year_end(tenth)}.")
    return " ".join(parts)


def _none(w: Writer) -> str:
    return never_seen(w.names.draws)


def _rest(chance: float) -> str:
    """Return the other side of a chance, so that both add up as printed."""
    shown = hundred(chance)
    return {"<1": ">99", ">99": "<1"}.get(shown) or str(100 - int(shown))


def _held(w: Writer) -> Judgement:
    held, floor = w.value("held"), w.value("floor")
    if held <= floor:
        return Judgement("", "plain", f"Held: {exact(held)}", f"Minimum: {exact(floor)}.")
    left = w.money("reserves_end", "p50", w.base)
    of = f"of which {exact(floor)} must be kept. " if floor > 0.0 else ""
    return Judgement("", "plain", f"Held: {exact(held)}", f"{of}{left} left in the middle future.")


def _reserves_judged(w: Writer) -> Judgement:
    other = str(w.other)
    side = cross_checked(reserve_verdicts(w.facts, other))
    ways = ""
    helped = [w.by_year("pot_helped", "", name)[-1] for name in (w.base, other)]
    alone = [w.by_year("pot_alone", "", name)[-1] for name in (w.base, other)]
    if all(math.isfinite(x) for x in (*helped, *alone)):
        ways = (
            f"As one pot, reserves run out in {against(*helped)}; without help, in "
            f"{hundred(alone[0])} against {hundred(alone[1])}."
        )
    name = capital(w.brief(other))
    if side is Side.UNCLEAR:
        return Judgement("No clear winner", "tie", "It depends how you count", ways)
    if side in (Side.TIE, Side.SAME):
        said = "The same" if side is Side.SAME else "No clear difference"
        return Judgement(said, "tie", "However it is counted", ways)
    word, tone = ("better", "better") if side is Side.LOWER else ("worse", "worse")
    return Judgement(
        f"{name} {word} on reserves",
        "better" if tone == "better" else "worse",
        "However it is counted",
        ways,
    )
