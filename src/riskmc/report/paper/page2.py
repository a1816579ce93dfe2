"""Page 2: what happens, and who bears it."""

from __future__ import annotations

import math
from itertools import pairwise

from riskmc.report.facts.verdicts import Side
from riskmc.report.model import Block, Page, Para, text
from riskmc.report.model import Side as Beside
from riskmc.report.paper.figures import by_year, changes, figure_block, plan_to_p80, who_bears
from riskmc.report.paper.who_pays import meets, ranked_bearers
from riskmc.report.paper.writer import Writer
from riskmc.words.board import (
    and_list,
    capital,
    exact,
    half_up,
    hundred,
    money,
    number_word,
    pence,
    span,
)


def page_2(w: Writer) -> Page:
    """Return what happens year by year, who bears it, and where it falls."""
    blocks: list[Block] = [figure_block(by_year(w), "1")]
    right = plan_to_p80(w) if w.alone else changes(w)
    left = who_bears(w)
    if left is not None and right is not None:
        blocks.append(Beside((figure_block(left, "2"),), (figure_block(right, "3"),)))
    elif left is not None or right is not None:
        only = left if left is not None else right
        assert only is not None
        blocks.append(figure_block(only, "2"))
    blocks += [_bad_year(w), *_services(w), *_where(w), *_not_own(w)]
    return Page("p2", "What happens, and who bears it", _title(w), tuple(blocks))


def _title(w: Writer) -> str:
    middles = w.by_year("deficit_year", "mean", w.base)
    grows = len(middles) > 1 and middles[-1] > middles[0]
    first = (
        "Risk grows every year"
        if grows and _rises(middles)
        else ("Risk grows over the years" if grows else "Risk does not grow over the years")
    )
    if len(middles) == 1:
        first = "What the one year may cost"
    if w.alone:
        ranked = ranked_bearers(w, w.base)
        if not ranked:
            return first
        bearer, share = ranked[0]
        return f"{first}; {meets(bearer, pence(share))}"
    unmet = w.verdict("unmet", str(w.other)).side
    deficit = w.verdict("deficit", str(w.other)).side
    if deficit is Side.LOWER and unmet is Side.HIGHER:
        return f"{first}; services pay for part of the smaller deficit"
    if unmet is Side.HIGHER:
        return f"{first}; services bear more {w.under(str(w.other))}"
    if unmet is Side.LOWER:
        return f"{first}; services bear less {w.under(str(w.other))}"
    return f"{first}; the rules move little of it"


def _rises(values: list[float]) -> bool:
    return all(later >= earlier * 0.97 for earlier, later in pairwise(values))


def _bad_year(w: Writer) -> Para:
    held = w.value("held")
    said = [(name, w.value("peak_above_reserves", "", name)) for name in w.main[:3]]
    if not held > 0.0:
        worst = w.get("deficit_year", "p90", w.base, year=w.names.years[-1])
        return Para(
            text(
                "**How bad one year can be.** The deficit of the last year exceeds "
                f"{money(worst.value)} in 1 of 10 futures{_where_words(w, w.base)}."
            ),
            "lede",
        )
    if all(chance <= 0.0 for _, chance in said):
        words = "In no future does a single year’s deficit exceed all the reserves held"
        return Para(text(f"**How bad one year can be.** {words} ({exact(held)})."), "lede")
    (first, chance), *rest = said
    tail = "".join(f" and in {hundred(c)} {w.brief(n)}" for n, c in rest)
    return Para(
        text(
            "**How bad one year can be.** A single year’s deficit exceeds all the reserves held "
            f"({exact(held)}) in {hundred(chance)} of 100 futures{_where_words(w, first)}{tail}."
        ),
        "lede",
        drop=6,
    )


def _where_words(w: Writer, name: str) -> str:
    return "" if w.alone else f" {w.under(name)}"


def _services(w: Writer) -> list[Block]:
    names = (w.base,) if w.alone else (str(w.other), w.base)
    if all(w.value("unmet", "mean", name) <= 0.0 for name in names):
        words = "No need is left unmet in any future."
        return [Para(text(f"**What it means for services.** {words}"), "lede", drop=7)]
    said = []
    for name in names:
        low, middle, high = (w.value("unmet", at, name) for at in ("p10", "p50", "p90"))
        if middle <= 0.0:
            some = w.value("unmet_some", "", name)
            said.append(f"is nil in most futures and arises in {w.futures(some)}")
        else:
            said.append(f"comes to {money(middle)} in the middle future ({span(low, high)})")
    if w.alone:
        return [
            Para(
                text(f"**What it means for services.** Need left unmet {said[0]}."), "lede", drop=7
            )
        ]
    first, second = names[0], names[-1]
    words = (
        f"{capital(w.under(first))}, need left unmet {said[0]}. {capital(w.under(second))}, it "
        f"{said[1]}."
    )
    found = w.verdict("unmet", first)
    deficit = w.verdict("deficit", first)
    if found.side is Side.HIGHER and deficit.side is Side.LOWER:
        price = found.difference.value / -deficit.difference.value
        words += (
            f" On average about {pence(price)} more need goes unmet for every £1 off the deficit."
        )
    if found.side.moves:
        more, less = hundred(found.higher), hundred(found.lower)
        words += (
            f" {capital(w.regime(first).under)} {w.verb(first, 'leave')} more unmet in {more} of "
            "100 futures and less "
            f"in {less}."
        )
    return [Para(text(f"**What it means for services.** {words}"), "lede", drop=7)]


def _where(w: Writer) -> list[Block]:
    """Return which bodies leave more need unmet: three by name, the rest in a clause."""
    if w.alone or not w.names.is_place:
        return []
    other = str(w.other)
    moved, same = [], []
    for body, name in w.names.bodies.items():
        found = w.facts.find("unmet", "mean", other, against=w.base, body=body)
        if found is None:
            return []
        if found.clear and abs(found.value) >= 0.5:
            moved.append((found.value, name))
        else:
            same.append(name)
    up = sorted((pair for pair in moved if pair[0] > 0.0), reverse=True)
    down = [pair for pair in moved if pair[0] < 0.0]
    if not up:
        words = "No body leaves more need unmet." if down else "No body sees a clear change."
        return [Para(text(f"**Where it falls.** {words}"), "lede", drop=3), *_tax(w)]
    named = [f"{money(value)} at {_short(name)}" for value, name in up[:3]]
    words = f"The increase in unmet need is {and_list(named)}"
    if len(up) > 3:
        rest = sum(value for value, _ in up[3:])
        words += f", and {money(rest)} at {number_word(len(up) - 3)} more"
    words += "."
    if down or same:
        count = len(down) + len(same)
        words += f" {capital(_count(count, len(w.names.bodies)))} the same or less."
    return [Para(text(f"**Where it falls.** {words}"), "lede", drop=3), *_tax(w)]


def _count(count: int, of: int) -> str:
    if count == 1:
        return "one body sees"
    return f"{'the other ' if count < of else ''}{number_word(count)} bodies see"


def _tax(w: Writer) -> list[Block]:
    found = w.difference("local_tax", str(w.other))
    if not found.clear:
        return []
    a_year = abs(found.value) / len(w.names.years)
    way = "more" if found.value > 0.0 else "less"
    words = f"Local taxpayers pay {money(a_year)} a year {way} on average."
    return [Para(text(words), "lede", drop=2)]


def _short(name: str) -> str:
    """Return a body's name for the middle of a sentence, without what follows a comma."""
    from riskmc.report.facts.names import shortened

    return shortened(name.split(",")[0], 48)


def _not_own(w: Writer) -> list[Block]:
    """Return, for a body's own report, what a pool allots to it: not its own balance."""
    if w.names.body == "place":
        return []
    pooled = [
        name
        for name in w.main
        if w.get("allotted", "mean", name).known
        and not math.isclose(
            w.value("allotted", "mean", name), w.value("deficit", "mean", name), abs_tol=0.05
        )
    ]
    if not pooled:
        return []
    said = [
        f"{w.money('allotted', 'mean', name)} {w.under(name)}, of its own "
        f"{w.money('deficit', 'mean', name)}"
        for name in pooled
    ]
    return [
        Para(
            text(
                "**What the pool allots to it.** Its part of the pool’s deficit averages "
                f"{and_list(said)}. Reserves, rescue and need unmet are the part allotted to it."
            ),
            "lede",
            drop=4,
        )
    ]


def large_pounds(w: Writer) -> str:
    """Return 1 % of income in pounds."""
    return money(half_up(w.value("income") * 0.01 * 10.0) / 10.0)
