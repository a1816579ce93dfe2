"""The answers of page 1: one row for each question."""

from __future__ import annotations

import math

from riskmc.measures.incidence import BEARERS
from riskmc.report.facts.headline import first_year, reserve_verdicts
from riskmc.report.facts.verdicts import Side, Verdict, cross_checked
from riskmc.report.model import Bar, Cell, Judgement, StripRow, Tone
from riskmc.report.paper.writer import Writer
from riskmc.words.board import (
    BILLIONS,
    capital,
    exact,
    hundred,
    money,
    pence,
    per_cent,
    span,
    unit_of,
    year_end,
)
from riskmc.words.sentences import against, never_seen

#: Bearers as the paper calls them, in the middle of a sentence.
BEARER_WORDS = {
    "local_taxpayers": "local taxpayers",
    "service_users": "service users",
    "past_savers": "reserves",
    "centre": "the centre",
    "future_budgets": "future budgets",
    "nobody_yet": "nobody yet",
    "managers": "savings in the year",
}
#: The end of a range over the middle from which the answer could be several times larger, and
#: from which the range itself is the answer.
LARGER, HUGE = 3.0, 10.0


def deficit(w: Writer) -> StripRow:
    """Return how big the deficit may get."""
    middles = [w.value("deficit", "p50", name) for name in w.main]
    ends = [w.value("deficit", "p90", name) for name in w.main]
    unit = unit_of(middles)
    own = "Its own deficits" if not w.names.is_place and w.names.body != "place" else "Deficits"
    time = f"{own} over {w.names.horizon} add up to about" if len(w.names.years) > 1 else (
        f"The deficit of {w.names.period} comes to about"
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
    label, tone = _label(found, name, noun)
    low, high, equal = (hundred(x) for x in (found.lower, found.higher, found.equal))
    if found.side is Side.SAME:
        return Judgement(label, tone, "The same in every future", "")
    if found.side is Side.TIE:
        return Judgement(
            label, tone, "More futures might separate them", f"Lower in {low} of 100, higher in {high}."
        )
    first, second = ("Lower", "Higher") if found.side is Side.LOWER else ("Higher", "Lower")
    counts = (low, high) if found.side is Side.LOWER else (high, low)
    tail = f", the same in {equal}" if equal != "0" else ""
    return Judgement(
        label, tone, f"{first} in {counts[0]} of 100 futures", f"{second} in {counts[1]}{tail}."
    )


def _label(found: Verdict, name: str, noun: str) -> tuple[str, Tone]:
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
        else:
            still = "still " if i else ""
            parts.append(f"{start}, the share is {still}below half in {w.names.end}.")
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
    return Judgement(
        "", "plain", f"Held: {exact(held)}", f"{of}{left} left in the middle future."
    )


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
        label = "The same" if side is Side.SAME else "No clear difference"
        return Judgement(label, "tie", "However it is counted", ways)
    word, tone = ("better", "better") if side is Side.LOWER else ("worse", "worse")
    return Judgement(
        f"{name} {word} on reserves",
        "better" if tone == "better" else "worse",
        "However it is counted",
        ways,
    )


def bailout(w: Writer) -> StripRow:
    """Return how likely a large rescue is."""
    cells = []
    for name in w.main:
        chance = w.value("large_rescue", "", name)
        can = w.get("granted", "most", name).known
        low, middle, high = (w.value("rescue_needed", at, name) for at in ("p10", "p50", "p90"))
        if not can:
            cells.append(Cell("None", "", w.look(name), None, "cannot happen under these rules",
                              w.regime(name).short))  # fmt: skip
            continue
        if middle > 0.0:
            below = f"{money(middle)} needed ({span(low, high)})"
        else:
            below = f"nothing needed ({span(0.0, high)})" if high > 0.0 else "nothing needed"
        big, small = hundred(chance), "in 100"
        if chance <= 0.0:
            big, small = "None", f"seen in {w.names.draws:,}"
        elif chance >= 1.0:
            big, small = "All", f"of {w.names.draws:,} futures"
        bar = Bar(0.0, chance, chance, False)
        cells.append(Cell(big, small, w.look(name), bar, below, w.regime(name).short))
    return StripRow(
        "How likely is a bailout?", _bailout_sentence(w), tuple(cells), _bailout_judged(w)
    )


def _bailout_sentence(w: Writer) -> str:
    parts = []
    for name in w.main[:3]:
        chance = w.value("large_rescue", "", name)
        if not w.get("granted", "most", name).known:
            continue
        if chance <= 0.0:
            return f"{never_seen(w.names.draws)} {w.under(name) if not w.alone else ''}".rstrip() + "."
        parts.append((name, chance))
    if not parts:
        return "These rules know no bailout."
    (first, chance), *rest = parts
    where = "" if w.alone else f" {w.under(first)}"
    tail = "".join(f", {hundred(c)} {w.brief(n)}" for n, c in rest)
    count = "all" if chance >= 1.0 else f"{hundred(chance)} of 100"
    return (
        f"A large rescue, over 1% of a year’s income, is needed at least once in {count} "
        f"futures{where}{tail}."
    )


def _bailout_judged(w: Writer) -> Judgement | None:
    if w.alone:
        share = w.get("met", "centre_money", w.base)
        if not share.known:
            return None
        own = w.value("met", "own_borrowing", w.base)
        more = f"Own borrowing meets {pence(own)}." if own > 0.0 else ""
        return Judgement("", "plain", f"The centre meets {pence(share.value)} of each £1", more)
    other = str(w.other)
    found = w.verdict("large_rescue", other, "")
    label, tone = _label(found, capital(w.brief(other)), "rescue")
    met = {n: w.value("met", "centre_money", n) for n in (w.base, other)}
    own = w.value("met", "own_borrowing", w.base)
    granted = w.verdict("bailout", other).side
    strong = {Side.LOWER: "Fewer needed", Side.HIGHER: "More needed"}.get(
        found.side, "As many needed"
    )
    link = "but" if found.side is Side.LOWER and granted is Side.LOWER else "and"
    said = {Side.LOWER: f", {link} less granted", Side.HIGHER: ", and more granted"}.get(granted, "")
    more = ""
    if all(math.isfinite(x) for x in met.values()):
        borrow = f" and own borrowing {pence(own)}" if own >= 0.005 else ""
        more = (
            f"The centre meets {pence(met[w.base])} of each £1 needed{borrow}; "
            f"{w.brief(other)}, {pence(met[other])}."
        )
    return Judgement(label, tone, f"{strong}{said}", more)


def ranked_bearers(w: Writer, name: str) -> list[tuple[str, float]]:
    """Return bearers and their shares of each £1, largest first; those of nothing left out."""
    shares = [(bearer, w.value("borne_share", bearer, name)) for bearer in BEARERS]
    return sorted((pair for pair in shares if pair[1] > 0.0), key=lambda pair: -pair[1])


def who_pays(w: Writer) -> StripRow | None:
    """Return who bears each £1; None where the run did not keep what that takes."""
    if not w.get("borne", "whole", w.base).known:
        return None
    cells, said = [], []
    for name in w.main:
        ranked = ranked_bearers(w, name)
        if not ranked:
            cells.append(
                Cell("Nothing", "", w.look(name), None, "has to be found", w.regime(name).short)
            )
            continue
        (first, share), *rest = ranked
        below = BEARER_WORDS[first]
        if rest:
            below += f"; then {BEARER_WORDS[rest[0][0]]}, {pence(rest[0][1])}"
        bar = Bar(0.0, share, share, False)
        cells.append(
            Cell(pence(share), "of each £1", w.look(name), bar, below, w.regime(name).short)
        )
        said.append((name, ranked))
    return StripRow("Who pays?", _who_sentence(w, said), tuple(cells), _who_judged(w))


def _who_sentence(w: Writer, said: list[tuple[str, list[tuple[str, float]]]]) -> str:
    parts = []
    for name, ranked in said[:3]:
        top = [BEARER_WORDS[b] for b, _ in ranked[:2] if b != "nobody_yet"]
        unpaid = any(b == "nobody_yet" for b, _ in ranked[:2])
        most = "most of the bill" if not parts else "most of it"
        where = " and ".join(top)
        tail = ", or leave it unpaid" if unpaid else ""
        parts.append(f"{capital(w.regime(name).under)} send {most} to {where}{tail}.")
    return " ".join(parts) or "Nothing has to be found in any future."


def _who_judged(w: Writer) -> Judgement | None:
    if w.alone:
        unmet = w.get("unmet", "mean", w.base)
        if not unmet.value > 0.0:
            return None
        return Judgement(
            "", "plain", f"{money(unmet.value)} of need left unmet", "on average over futures."
        )
    other = str(w.other)
    found = w.verdict("unmet", other)
    name = capital(w.brief(other))
    tax = w.verdict("local_tax", other)
    amount = money(abs(found.difference.value), mcse=found.difference.mcse)
    more = "on average over futures."
    if tax.side.moves:
        way = "more" if tax.side is Side.HIGHER else "less"
        more = f"and {money(abs(tax.difference.value))} {way} local tax, on average over futures."
    if not found.side.moves:
        label = "The same for services" if found.side is Side.SAME else "No clear difference"
        return Judgement(label, "tie", "As much need left unmet", more)
    worse = found.side is Side.HIGHER
    label = f"{name} {'worse' if worse else 'better'} for services"
    way = "more" if worse else "less"
    return Judgement(
        label, "worse" if worse else "better", f"{amount} {way} need left unmet", more
    )


def confidence(w: Writer) -> StripRow:
    """Return how sure one may be."""
    from riskmc.report.paper.trust import confidence_row

    return confidence_row(w)
