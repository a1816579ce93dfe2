"""Page 2: what happens, and who bears it."""

from __future__ import annotations

import math

from riskmc.report.facts.verdicts import Side
from riskmc.report.model import Block, Columns, Page, Para, text
from riskmc.report.paper.figures import (
    by_year,
    changes,
    drawn_regimes,
    figure_block,
    plan_to_p80,
    who_bears,
)
from riskmc.report.paper.who_pays import meets, ranked_bearers
from riskmc.report.paper.writer import Writer
from riskmc.words.board import (
    alike,
    and_list,
    capital,
    count,
    exact,
    half_up,
    money,
    number_word,
    pence,
    span,
    unit_of,
)

#: A ratio of two years' deficits from which on one is called larger.
_MOVES = 1.1
_BAD_YEAR = "how bad one year can be"


def page_2(w: Writer) -> Page:
    """Return what happens year by year, who bears it, and where it falls."""
    blocks: list[Block] = [figure_block(by_year(w), "1")]
    right = plan_to_p80(w) if w.alone else changes(w)
    left = who_bears(w)
    if left is not None and right is not None:
        blocks.append(Columns((figure_block(left, "2"),), (figure_block(right, "3"),)))
    elif left is not None or right is not None:
        only = left if left is not None else right
        assert only is not None
        blocks.append(figure_block(only, "2"))
    blocks += [_bad_year(w), *_services(w), *_where(w), *_not_own(w)]
    return Page("p2", "What happens, and who bears it", _title(w), tuple(blocks))


def _title(w: Writer) -> str:
    first = _course(w)
    if w.alone:
        ranked = ranked_bearers(w, w.base)
        if not ranked:
            return first
        bearer, share = ranked[0]
        return f"{first}; {meets(bearer, pence(share))}"
    other = str(w.other)
    where = w.under(other) if not w.regime(other).plain else w.brief(other)
    side = w.verdict("unmet", other).side
    if side.moves:
        return f"{first}; {where}, services bear {'more' if side is Side.HIGHER else 'less'}"
    if w.value("unmet", "mean", other) <= 0.0:
        return first
    return f"{first}; {where}, services bear as much"


def _course(w: Writer) -> str:
    """Return how the average deficit of a year moves under the base, as a finding."""
    years = w.names.years
    found = [w.get("deficit_year", "mean", w.base, year=year) for year in years]
    means = [one.value for one in found]
    where = _where_words(w, w.base)
    if max(means) <= 0.0:
        return f"No future shows a deficit in any year{where}"
    said = [money(one.value, mcse=one.mcse) for one in found]
    if len(years) == 1:
        return f"The year’s deficit averages {said[0]}{where}"
    top, first, last = max(means), means[0], means[-1]
    if top > _MOVES * max(first, last):
        at = means.index(top)
        return f"The average deficit peaks at {said[at]} in {years[at]}{where}"
    if said[0] == said[-1] or max(first, last) <= _MOVES * min(first, last):
        return f"The average deficit stays near {said[-1]} a year{where}"
    grows = "grows" if last > first else "falls"
    return f"The average deficit {grows} from {said[0]} to {said[-1]} a year{where}"


def _bad_year(w: Writer) -> Para:
    held = w.value("held")
    said = [(name, w.value("peak_above_reserves", "", name)) for name in drawn_regimes(w)]
    if not held > 0.0:
        worst = w.get("deficit_year", "p90", w.base, year=w.names.years[-1])
        words = f"The deficit of the last year exceeds {money(worst.value)} in 1 of 10 futures"
        if worst.value <= 0.0:
            words = "In the last year at least 9 in 10 futures show no deficit"
        words = f"**How bad one year can be.** {words}{_where_words(w, w.base)}."
        return Para(text(words), "lede")
    if all(chance <= 0.0 for _, chance in said):
        words = "In no future does a single year’s deficit exceed all the reserves held"
        return Para(text(f"**How bad one year can be.** {words} ({exact(held)})."), "lede")
    return Para(
        text(
            "**How bad one year can be.** A single year’s deficit exceeds all the reserves held "
            f"({exact(held)}) {w.chances(said)}."
        ),
        "lede",
        drop=6,
        what=_BAD_YEAR,
    )


def _where_words(w: Writer, name: str) -> str:
    return "" if w.alone else f" {w.under(name)}"


def _services(w: Writer) -> list[Block]:
    names = (w.base,) if w.alone else (str(w.other), w.base)
    if all(w.value("unmet", "mean", name) <= 0.0 for name in names):
        words = "No need is left unmet in any future."
        return [_for_services(words)]
    unit = unit_of(w.value("unmet", "p90", name) for name in names)
    each = [w.get("unmet", "p50", name) for name in names]
    texts = alike([one.value for one in each], mcses=[one.mcse for one in each])
    middles = dict(zip(names, texts, strict=True))
    said = []
    for name in names:
        low, middle, high = (w.value("unmet", at, name) for at in ("p10", "p50", "p90"))
        if middle <= 0.0:
            some = w.value("unmet_some", "", name)
            arises = f"is nil in most futures and arises in {w.futures(some)}"
            said.append(arises if some > 0.0 else f"is nil in {w.futures(1.0)}")
        else:
            amount, between = middles[name], span(low, high, unit=unit)
            ends = f" ({between})" if " to " in between else ""
            said.append(f"comes to {amount} in the middle future{ends}")
    if w.alone:
        return [_for_services(f"Need left unmet {said[0]}.")]
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
        leave = f"{capital(w.regime(first).under)} {w.verb(first, 'leave')}"
        lower = found.lower
        if lower >= 0.01 and half_up(100 * found.higher) + half_up(100 * lower) > 100:
            # Both ended in a half, and both were rounded up.
            lower -= 0.005
        more, less = f"{count(found.higher)} of 100 futures", count(lower)
        more = w.futures(1.0) if found.higher >= 1.0 else more
        tail = f" and less in {less}" if less != "none" else ""
        words += f" {leave} more unmet in {more}{tail}."
    return [_for_services(words)]


def _for_services(words: str) -> Para:
    said = text(f"**What it means for services.** {words}")
    return Para(said, "lede", drop=7, what="what it means for services")


def _where(w: Writer) -> list[Block]:
    """Return which bodies leave more need unmet: three by name, the rest in a clause."""
    if w.alone or not w.names.is_place:
        return []
    other = str(w.other)
    moved, same, free = [], [], True
    for body, name in w.names.bodies.items():
        found = w.facts.find("unmet", "mean", other, against=w.base, body=body)
        if found is None:
            return []
        if found.clear and abs(found.value) >= 0.5:
            moved.append((found.value, name))
            before = w.facts.find("unmet", "mean", w.base, body=body)
            free = free and (found.value < 0.0 or (before is not None and before.value == 0.0))
        else:
            same.append(name)
    up = sorted((pair for pair in moved if pair[0] > 0.0), reverse=True)
    down = [pair for pair in moved if pair[0] < 0.0]
    if not up:
        words = "No body leaves more need unmet." if down else "No body sees a clear change."
        return [_falls(w, words)]
    rest = [sum(value for value, _ in up[3:])] if len(up) > 3 else []
    said = alike([*(value for value, _ in up[:3]), *rest])
    named = [f"{_short(w, name)} ({by})" for by, (_, name) in zip(said, up[:3], strict=False)]
    most, many = " most" if rest else "", len(named)
    which = f"{number_word(many)} bod{'y' if many == 1 else 'ies'}"
    lead = f"{w.under(other)}, need" if len(w.names.compared) > 1 else "need"
    words = f"{capital(lead)} left unmet rises{most} at {which}: "
    words += f"{and_list(named)}."
    if rest:
        many = len(up) - 3
        words += f" {capital(number_word(many))} more add{'s' if many == 1 else ''} {said[-1]}."
    if free and len(up) > 1:
        which = "neither" if len(up) == 2 else "none"
        words += f" {capital(w.under(w.base))} {which} of these bodies leaves any need unmet."
    if down or same:
        count = len(down) + len(same)
        fall = f": {money(-sum(v for v, _ in down))} less in all" if down else ""
        words += f" {capital(_count(count, len(w.names.bodies)))} the same or less{fall}."
    return [_falls(w, words)]


def _falls(w: Writer, words: str) -> Para:
    said = text(f"**Where it falls.** {words}{_tax(w)}")
    return Para(said, "lede", drop=3, what="where it falls")


def _count(count: int, of: int) -> str:
    if count == 1:
        return "one body sees"
    return f"{'the other ' if count < of else ''}{number_word(count)} bodies see"


def _tax(w: Writer) -> str:
    found = w.difference("local_tax", str(w.other))
    if not found.clear:
        return ""
    a_year = abs(found.value) / len(w.names.years)
    way = "more" if found.value > 0.0 else "less"
    return f" Local taxpayers pay {money(a_year)} a year {way} on average."


def _short(w: Writer, name: str) -> str:
    """Return a body's name without what follows a comma, where no other is called so."""
    first = name.split(",")[0]
    alike = [other for other in w.names.bodies.values() if other.split(",")[0] == first]
    return first if len(alike) == 1 else name


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
            what="what the pool allots to it",
        )
    ]
