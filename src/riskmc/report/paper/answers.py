"""The answer of page 1 on the deficit, and how a comparison is judged in words."""

from __future__ import annotations

from riskmc.report.facts.verdicts import Side, Verdict
from riskmc.report.model import Bar, Cell, Judgement, StripRow, Tone
from riskmc.report.paper.writer import Writer
from riskmc.variables import PLACE
from riskmc.words.board import (
    alike,
    and_list,
    capital,
    count,
    exact,
    money,
    per_cent,
    span,
    unit_of,
)

#: The end of a range over the middle from which the answer could be several times larger, and
#: from which the range itself is the answer.
LARGER, HUGE = 3.0, 10.0


def deficit(w: Writer) -> StripRow:
    """Return how big the deficit may get."""
    found = [w.get("deficit", "p50", name) for name in w.main]
    middles = [one.value for one in found]
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
    texts = alike(middles, mcses=[one.mcse for one in found], unit=unit)
    said = list(zip(w.main, texts, strict=True))
    sentence = f"{time} {w.briefly(said)} in the middle future."
    if all(m <= 0.0 for m in middles):
        sentence = _nil_first(w, "deficit", "a deficit")
    sentence += _bad_case(w, middles, ends)
    cells = tuple(_range_cell(w, name, text, ends) for name, text in said)
    judged = _compare_plan(w) if w.alone else _paired(w, "deficit", "deficit")
    return StripRow("How big may the deficit get?", sentence, cells, judged)


def _bad_case(w: Writer, middles: list[float], ends: list[float]) -> str:
    """Return what 1 in 10 futures exceeds, and where that is several times the middle."""
    if not any(end > 0.0 for end in ends):  # NaN where there are too few futures
        return ""
    # Rounded as the ends of the ranges alongside. Nobody's 1 in 10 futures exceeds nil: fewer do.
    texts = [money(end, unit=unit_of(ends)) for end in ends]
    said = list(zip(w.main, texts, strict=True))
    amounts = w.briefly([one for one, end in zip(said, ends, strict=True) if end > 0.0])
    larger = [m > 0.0 and e > LARGER * m for m, e in zip(middles, ends, strict=True)]
    if all(larger):
        which = "It" if w.alone else "Either" if len(w.main) == 2 else "Each"
        return f" {which} could be several times larger: 1 in 10 futures exceeds {amounts}."
    if any(larger):
        wide = [w.regime(n).under for n, far in zip(w.main, larger, strict=True) if far]
        lead = f" Under {and_list(wide)} it could be several times larger."
        return f"{lead} 1 in 10 futures exceeds {amounts}."
    return f" 1 in 10 futures exceeds {amounts}."


def _nil_first(w: Writer, measure: str, what: str) -> str:
    """Return a sentence on an amount that is nil in the middle future: its chance comes first."""
    said = []
    if all(w.value(f"{measure}_some", "", name) <= 0.0 for name in w.main):
        return f"None of the {w.names.draws:,} futures has {what}."
    for name in w.main:
        some = w.value(f"{measure}_some", "", name)
        where = "" if w.alone else f" {w.under(name)}"
        if some <= 0.0:
            said.append(f"in {w.futures(some)}{where}")
            continue
        amount = w.get(f"{measure}_some", "p50", name)
        then = f", then {money(amount.value, mcse=amount.mcse)} in the middle one"
        then = then if amount.known else ""
        said.append(f"in {w.futures(some)}{where}{then}")
    return f"Nil in most futures: {what} arises {'; '.join(said)}."


def _range_cell(w: Writer, name: str, text: str, ends: list[float]) -> Cell:
    """Return the deficit: its middle large, or the range where that is over ten times as far."""
    top, unit = max(ends), unit_of(ends)
    low, middle, high = (w.value("deficit", at, name) for at in ("p10", "p50", "p90"))
    axis = max(top, 1e-9) * 1.02
    bar = Bar(max(low, 0.0) / axis, max(middle, 0.0) / axis, max(high, 0.0) / axis, True)
    reach = span(low, high, unit=unit)
    big, below = text, f"middle future; {reach}"
    if middle > 0.0 and high > HUGE * middle:
        big, below = reach, f"{text} in the middle future"
    elif middle <= 0.0:
        nothing = high <= 0.0 and w.value("deficit_some", "", name) <= 0.0
        big = "Nil"
        below = "in every future" if nothing else f"in most futures; {reach}"
    return Cell(big, "", w.look(name), bar, below, w.regime(name).short)


def _paired(w: Writer, measure: str, noun: str) -> tuple[Judgement, ...]:
    return tuple(_pair(w, measure, noun, name) for name in w.names.compared)


def _pair(w: Writer, measure: str, noun: str, other: str) -> Judgement:
    found = w.verdict(measure, other)
    said, tone = label(found, capital(w.brief(other)), noun)
    low, high, equal = (count(x) for x in (found.lower, found.higher, found.equal))
    if found.side is Side.SAME:
        return Judgement(said, tone, "The same in every future", "")
    if found.side is Side.TIE:
        more = f"Lower in {low} of 100 futures, higher in {high}."
        return Judgement(said, tone, "More futures might separate them", more)
    first, second = ("Lower", "Higher") if found.side is Side.LOWER else ("Higher", "Lower")
    counts = (low, high) if found.side is Side.LOWER else (high, low)
    shares = (found.lower, found.higher)
    most, fewest = shares if found.side is Side.LOWER else shares[::-1]
    tail = f", equal in {equal}" if equal != "none" else ""
    if most < fewest:  # a few futures that are far apart outweigh the many
        said_of = f"{second} in {counts[1]} of 100 futures, {first.lower()} in {counts[0]}{tail}."
        return Judgement(said, tone, f"{first} on average, but not in most futures", said_of)
    strong = f"{first} in {counts[0]} of 100 futures"
    if counts[0] == "all":
        return Judgement(said, tone, f"{first} in all futures", "")
    return Judgement(said, tone, strong, f"{second} in {counts[1]}{tail}.")


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


def _compare_plan(w: Writer) -> tuple[Judgement, ...]:
    cost = w.value("cost")
    middle = w.value("deficit", "p50", w.base)
    if not cost > 0.0:
        return ()
    before = f"{int(w.names.years[0][:4]) - 1}/{w.names.years[0][2:4]}"
    if middle <= 0.0:
        return (Judgement("", "plain", "", f"Cost in {before}: {exact(cost)}."),)
    share = per_cent(middle / cost)
    about = share if share.startswith(("under", "over")) else f"about {share}"
    strong = f"{capital(about)} of a year’s cost"
    return (Judgement("", "plain", strong, f"Cost in {before}: {exact(cost)}."),)
