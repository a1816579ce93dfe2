"""The answer of page 1 on reserves: when they run out, however many holders there are."""

from __future__ import annotations

import math
from collections.abc import Sequence

from riskmc.report.facts.headline import first_year, reserve_verdicts
from riskmc.report.facts.verdicts import Side, cross_checked
from riskmc.report.model import Bar, Cell, Judgement, StripRow
from riskmc.report.paper.writer import Writer
from riskmc.words.board import (
    capital,
    count,
    exact,
    hundred,
    number_word,
    per_cent,
    year_end,
)
from riskmc.words.sentences import against, never_seen

#: Shares of futures of which the paper says by when reserves have run out.
TENTH, HALF = 0.1, 0.5


def reserves(w: Writer) -> StripRow:
    """Return when reserves run out."""
    cells = tuple(_cell(w, name) for name in w.main)
    judged = _held(w) if w.alone else tuple(_judged(w, name) for name in w.names.compared)
    return StripRow("When do reserves run out?", _sentence(w), cells, judged)


def _cell(w: Writer, name: str) -> Cell:
    end, short, look = w.names.end, w.regime(name).short, w.look(name)
    if not w.names.is_place:
        if _already(w, name):
            return Cell("Already", "", look, None, "at its minimum reserve", short)
        chance = w.by_year("pot_helped", "", name)[-1]
        bar = Bar(0.0, chance, chance, False)
        if chance <= 0.0:
            return Cell("None", "", look, bar, f"of {w.names.draws:,} futures, by {end}", short)
        return Cell(hundred(chance), "in 100", look, bar, f"by {end}", short)
    share = w.by_year("spending_share", "mean", name)[-1]
    bar = Bar(0.0, share, share, False)
    if share <= 0.0:
        return Cell("None", "", look, bar, f"of spending without reserves by {end}", short)
    return Cell(per_cent(share), "", look, bar, f"of spending without reserves by {end}", short)


def _already(w: Writer, name: str) -> list[str]:
    found = w.facts.texts.get(f"exhausted already:{name}", "")
    return [w.names.bodies.get(body, body) for body in found.split("|") if body]


def _sentence(w: Writer) -> str:
    if not w.names.is_place and _already(w, w.base):
        return (
            f"{capital(w.names.subject)} opens at or below its minimum reserve: its reserves are "
            "exhausted already."
        )
    parts = [_opening(w)] if w.names.is_place else []
    if w.value("held") > w.value("floor") or not w.names.is_place:
        parts += _by_when(w)
    return " ".join(part for part in parts if part)


def _opening(w: Writer) -> str:
    """Say which bodies open without usable reserves; "" for none."""
    shut, bodies = _already(w, w.base), len(w.names.bodies)
    if not shut:
        return ""
    if len(shut) == 1:
        return f"{capital(shut[0])} opens without usable reserves: exhausted already."
    some = f"{capital(number_word(len(shut)))} of {w.bodies}"
    who = f"All {w.bodies}" if len(shut) == bodies else some
    return f"{who} open without usable reserves: exhausted already."


def _by_when(w: Writer) -> list[str]:
    """Say by when reserves run out in 1 of 10 futures, and in half, under every set of rules.

    Those of a place as one pot without help: what is held, and no number of holders, counts.
    """
    measure, lead = when_measure(w)
    said = {name: by_when(w.by_year(measure, "", name), w.names.years, w.names.draws)
            for name in w.main[:3]}  # fmt: skip
    kinds = list(dict.fromkeys(said.values()))
    if len(kinds) == 1:
        where = "" if w.alone else f" under {w.every(len(said))}"
        return [f"{lead} {kinds[0]}{where}."]
    return [
        f"{lead} {words} {w.under(name)}." if i == 0 else f"{capital(w.under(name))}, {words}."
        for i, (name, words) in enumerate(said.items())
    ]


def when_measure(w: Writer) -> tuple[str, str]:
    """Return the chance by year that says when reserves run out, and how a sentence begins."""
    if not w.names.is_place:
        return "pot_helped", "They run out"
    if math.isfinite(w.by_year("pot_alone", "", w.base)[-1]):
        return "pot_alone", "As one pot without help, reserves run out"
    return "pot_helped", "As one pot, reserves run out"


def by_when(chances: Sequence[float], years: Sequence[str], draws: int) -> str:
    """Return by when something has happened in 1 of 10 futures, and in half of them.

    >>> years = ("2026/27", "2027/28", "2028/29", "2029/30")
    >>> by_when([0.04, 0.12, 0.4, 0.63], years, 20_000)
    'in 1 of 10 futures by March 2028 and in half by March 2030'
    >>> by_when([0.0, 0.04, 0.12, 0.27], years, 20_000)
    'in 1 of 10 futures by March 2029, and in 27 of 100 by March 2030'
    >>> by_when([0.7, 0.8, 0.9, 0.95], years, 20_000)
    'in more than half of the futures by March 2027'
    >>> by_when([0.0, 0.0, 0.0, 0.03], years, 20_000)
    'in 3 of 100 futures by March 2030'
    >>> by_when([1.0, 1.0, 1.0, 1.0], years, 20_000)
    'in all 20,000 futures by March 2027'
    >>> by_when([0.0, 0.0, 0.0, 0.0], years, 20_000)
    'in none of the 20,000 futures by March 2030'
    """
    end, last = year_end(years[-1]), chances[-1]
    if last <= 0.0:
        return f"in none of the {draws:,} futures by {end}"
    tenth, half = (first_year(chances, level, years) for level in (TENTH, HALF))
    if half is not None and tenth == half:
        sure = first_year(chances, 1.0, years)
        if sure == half:
            return f"in all {draws:,} futures by {year_end(half)}"
        return f"in more than half of the futures by {year_end(half)}"
    if half is not None and tenth is not None:
        return f"in 1 of 10 futures by {year_end(tenth)} and in half by {year_end(half)}"
    if tenth is None or tenth == years[-1]:
        said = count(last)
        futures = f"{said} of 100 futures" if last < 1.0 else f"all {draws:,} futures"
        return f"in {futures} by {end}"
    return f"in 1 of 10 futures by {year_end(tenth)}, and in {count(last)} of 100 by {end}"


def half_by(chances: Sequence[float], years: Sequence[str]) -> str:
    """Return by when half the futures have it, in a few words for a narrow column.

    >>> years = ("2026/27", "2027/28")
    >>> half_by([0.2, 0.6], years), half_by([0.2, 0.4], years), half_by([0.0, 0.0], years)
    ('half by March 2028', 'fewer than half by March 2028', 'none by March 2028')
    """
    half = first_year(chances, HALF, years)
    if half is not None:
        return f"half by {year_end(half)}"
    return f"{'fewer than half' if chances[-1] > 0.0 else 'none'} by {year_end(years[-1])}"


def _held(w: Writer) -> tuple[Judgement, ...]:
    held, floor = w.value("held"), w.value("floor")
    if held <= floor:
        return (Judgement("", "plain", f"Held: {exact(held)}", f"Minimum: {exact(floor)}."),)
    left = w.money("reserves_end", "p50", w.base)
    of = f"of which {exact(floor)} must be kept. " if floor > 0.0 else ""
    more = f"{of}{left} left in the middle future."
    return (Judgement("", "plain", f"Held: {exact(held)}", more),)


def _judged(w: Writer, other: str) -> Judgement:
    side = cross_checked(reserve_verdicts(w.facts, other))
    ways = ""
    helped = [w.by_year("pot_helped", "", name)[-1] for name in (w.base, other)]
    alone = [w.by_year("pot_alone", "", name)[-1] for name in (w.base, other)]
    if all(math.isfinite(x) for x in (*helped, *alone)):
        pot = "As one pot" if w.names.is_place else "With help"
        ways = (
            f"{pot}, reserves run out in {against(*helped)}; without help, in {count(alone[0])} "
            f"against {count(alone[1])}."
        )
        if max(*helped, *alone) <= 0.0:
            ways = f"{never_seen(w.names.draws)}."
    name = capital(w.brief(other))
    if side is Side.UNCLEAR:
        return Judgement("No clear winner", "tie", "It depends how you count", ways)
    if side in (Side.TIE, Side.SAME):
        said = "The same" if side is Side.SAME else "No clear difference"
        return Judgement(said, "tie", "However it is counted", ways)
    better = side is Side.LOWER
    words = f"{name} {'better' if better else 'worse'} on reserves"
    return Judgement(words, "better" if better else "worse", "However it is counted", ways)
