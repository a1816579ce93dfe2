"""The five figures of the paper, made of facts."""

from __future__ import annotations

import math

from riskmc.figures.base import LOOKS, Figure
from riskmc.figures.bearers import Bearers
from riskmc.figures.by_year import ByYear, Fan, Line
from riskmc.figures.changes import Change, Changes
from riskmc.figures.drivers import Drivers
from riskmc.figures.reserves import ReservesNeeded
from riskmc.report.facts.drivers import driver_label, driver_noun, swings
from riskmc.report.facts.headline import CONFIDENCES, FAN
from riskmc.report.model import FigureBlock
from riskmc.report.paper.who_pays import bearer_words, meets, ranked_bearers
from riskmc.report.paper.writer import Writer
from riskmc.variables import BEARERS
from riskmc.words.board import (
    NIL,
    alike,
    and_list,
    capital,
    exact,
    half_up,
    lower_first,
    money,
    number_word,
    per_cent,
    times_as,
)

#: Drivers shown, the largest first.
MOST_DRIVERS = 5
_BEARER_ROWS = {
    "service_users": "People who use services",
    "nobody_yet": "Nobody yet: left unpaid",
    "past_savers": "Reserves",
    "future_budgets": "Future budgets",
    "centre": "The centre",
    "local_taxpayers": "Local taxpayers",
    "managers": "In-year savings",
}


def figure_block(figure: Figure, number: str) -> FigureBlock:
    """Return a figure as a block of the paper."""
    return FigureBlock(figure.key, number, figure.title(), figure.panels(), figure.note())


def drawn_regimes(w: Writer) -> tuple[str, ...]:
    """Return the rules that figures show: all of them, or base, lowest and highest deficit."""
    if len(w.main) <= 3:
        return w.main
    others = sorted(w.main[1:], key=lambda name: w.value("deficit", "mean", name))
    chosen = dict.fromkeys((w.base, others[0], others[-1]))
    return tuple(name for name in w.main if name in chosen)


def _look_of(w: Writer, name: str) -> int:
    return drawn_regimes(w).index(name)


def by_year(w: Writer) -> ByYear:
    """Return figure 1."""
    shown = drawn_regimes(w)
    last = w.names.years[-1]
    fans = tuple(
        Fan(
            w.brief(name),
            "Deficit in the year" + ("" if w.alone else f", {w.regime(name).under}"),
            LOOKS[_look_of(w, name)],
            {q: w.by_year("deficit_year", q, name) for q in FAN},
            w.get("deficit_year", "p50", name, year=last).mcse,
        )
        for name in shown
    )
    place = w.names.is_place
    gone = ("spending_share", "mean") if place else ("pot_helped", "")
    share, rescue = (
        tuple(
            Line(w.regime(name).brief, LOOKS[_look_of(w, name)], w.by_year(m, at, name))
            for name in shown
        )
        for m, at in (gone, ("large_rescue", ""))
    )
    heading = (
        "Spending run by bodies with no usable reserves"
        if place
        else "Futures of 100 in which reserves have run out by then"
    )
    lines = [
        (heading, share, not place),
        ("Futures of 100 that have needed a large rescue by then", rescue, True),
    ]
    if not place and w.facts.texts.get(f"exhausted already:{w.base}"):
        lines = lines[1:]  # they had run out before the first year
    return ByYear(_by_year_title(w, shown), w.names.years, fans, tuple(lines), _by_year_note(w))


def _by_year_title(w: Writer, shown: tuple[str, ...]) -> str:
    many = number_word(len(w.names.years))
    when = f"By year {many}" if len(w.names.years) > 1 else "In the year"
    last = w.names.years[-1]
    found = [w.get("deficit_year", "p50", name, year=last) for name in shown]
    if all(one.value <= 0.0 for one in found):
        high = w.get("deficit_year", "p90", shown[0], year=last)
        if all(w.value("deficit_year", "mean", name, year=last) <= 0.0 for name in shown):
            return f"{when} no future shows a deficit under any rules"
        if high.value <= 0.0:
            return f"{when} at least 9 in 10 futures show no deficit"
        where = "" if w.alone else f" {w.under(shown[0])}"
        amount = money(high.value, mcse=high.mcse)
        return f"{when} most futures show no deficit{where}, but 1 in 10 exceeds {amount}"
    said = alike([one.value for one in found], mcses=[one.mcse for one in found])
    if w.alone:
        return f"{when} the deficit of the middle future is {said[0]}"
    if len(set(said)) == 1:
        return f"{when} the middle deficit is {said[0]} under every set of rules"
    words = f"{when} the middle deficit is {said[0]} {w.under(shown[0])}"
    return words + "".join(f", {s} {w.tail(n)}" for n, s in zip(shown[1:2], said[1:2], strict=True))


def _by_year_note(w: Writer) -> str:
    income = w.value("income")
    whose = (
        f"surpluses and deficits of the {number_word(len(w.names.bodies))} bodies set off"
        if w.names.is_place
        else "of its own balance"
    )
    parts = [
        "Shaded bands hold 50 and 80 of 100 futures. Deficit: overspend after planned "
        f"measures and before any help, {whose}. Large rescue: over 1% of a year’s income "
        f"({money(0.01 * income)} in {w.names.years[0]})."
    ]
    if w.names.is_place:
        parts.append("Reserves: average over futures; a pool runs out all at once.")
    return " ".join(parts)


def who_bears(w: Writer) -> Bearers | None:
    """Return figure 2; None where the run did not keep what it takes."""
    shown = drawn_regimes(w)
    if not w.get("borne", "whole", w.base).known:
        return None
    if max(w.value("borne", "whole", name) for name in shown) <= 0.0:
        return None
    rows = [*_BEARER_ROWS, *(b for b in BEARERS if b not in _BEARER_ROWS)]
    bearers = [b for b in rows if any(w.money("borne", b, name) != NIL for name in shown)]
    series = tuple(
        (
            w.regime(name).brief,
            LOOKS[_look_of(w, name)],
            [w.value("borne", bearer, name) for bearer in bearers],
        )
        for name in shown
    )
    errors = tuple([w.get("borne", bearer, name).mcse for bearer in bearers] for name in shown)
    wholes = [f"{w.money('borne', 'whole', n)} {w.under(n)}" for n in shown]
    note = (
        f"Average over futures, {w.names.horizon}, each year’s cost for as long as it lasts. To "
        f"meet: {and_list(wholes)}."
    )
    if "future_budgets" in bearers:
        note += f" {_FUTURE}"
    labels = tuple(_BEARER_ROWS.get(b) or BEARERS[b] for b in bearers)
    return Bearers(_bearers_title(w, shown), labels, series, note, errors)


#: What the budgets of later years bear.
_FUTURE = "Future budgets: repayments, own borrowing, deficits carried forward, capital given up."


def _bearers_title(w: Writer, shown: tuple[str, ...]) -> str:
    tops = [(name, *ranked[0]) for name in shown if (ranked := ranked_bearers(w, name))]
    whole = [half_up(100.0 * share) for _, _, share in tops]
    if len(tops) < 2:
        words = capital(meets(tops[0][1], f"{whole[0]}p"))
        return words if tops[0][1] == "nobody_yet" else f"{words} to be found"
    one, two = (bearer_words(bearer) for _, bearer, _ in tops[:2])
    if one == two:
        # As far as the rules agree: the third, where it is another, is in the drawing.
        alike_ones = [name for name, bearer, _ in tops if bearer == tops[0][1]]
        verb = "bears" if tops[0][1] == "centre" else "bear"
        where = w.every(len(tops))
        if len(alike_ones) < len(tops):
            where = and_list([w.regime(name).under for name in alike_ones])
        said = and_list([f"{p}p" for (name, *_), p in zip(tops, whole, strict=True)
                         if name in alike_ones])  # fmt: skip
        if tops[0][1] == "nobody_yet":
            return f"The largest part is left unpaid under {where}, {said} of each £1"
        return f"{capital(one)} {verb} most under {where}, {said} of each £1"
    first, second = (w.regime(name) for name, *_ in tops[:2])
    bill = w.verb(tops[0][0], "bill")
    return (
        f"{capital(first.under)} {bill} {one} most ({whole[0]}p); {second.under}, {two} "
        f"({whole[1]}p)"
    )


#: Rows of figure 3: measure, statistic, label, which way is better.
_CHANGES = (
    ("centre_money", "Bailouts by the centre", ""),
    ("deficit", "Deficit", "lower"),
    ("unmet", "Need left unmet", "lower"),
    ("local_tax", "Local tax raised", "lower"),
    ("unresolved", "Shortfall left unpaid", "lower"),
    ("own_borrowing", "Own borrowing", "lower"),
    ("reserves_end", "Reserves at the end", "higher"),
)


def changes(w: Writer) -> Changes | None:
    """Return figure 3: the other rules less the base; None where nothing changes clearly."""
    other = str(w.other)
    rows = []
    for measure, label, better in _CHANGES:
        found = w.verdict(measure, other)
        if not found.side.moves:
            continue
        amount = found.difference.value
        way = "lower" if amount < 0.0 else "higher"
        said = f"{money(abs(amount), mcse=found.difference.mcse)} {way}"
        if not better:
            rows.append(
                Change(label, amount, "neutral", "less help" if amount < 0 else "more help", said)
            )
            continue
        good = found.is_better(better)
        rows.append(
            Change(
                label, amount, "better" if good else "worse", "better" if good else "worse", said
            )
        )
    if not rows:
        return None
    rows.sort(key=lambda row: -abs(row.amount))
    return Changes(_changes_title(w, rows), tuple(rows), _changes_note(w, other))


def _changes_title(w: Writer, rows: list[Change]) -> str:
    by_label = {row.label: row for row in rows}
    deficit = by_label.get("Deficit")
    worse = [
        {"Need left unmet": "unmet need", "Local tax raised": "local tax",
         "Shortfall left unpaid": "unpaid shortfalls", "Own borrowing": "borrowing"}[row.label]
        for row in rows
        if row.tone == "worse" and row.label not in ("Deficit", "Reserves at the end")
    ]  # fmt: skip
    if deficit is None:
        first = rows[0]
        verb = "are" if first.label.split()[0] in ("Bailouts", "Reserves") else "is"
        return f"{first.label} {verb} {first.said} {w.under(str(w.other))} on average"
    falls = deficit.amount < 0.0
    by = deficit.said.rsplit(" ", 1)[0]
    head = f"The deficit {'falls' if falls else 'rises'} by {by} on average"
    if not worse:
        return head
    several = len(worse) > 1 or worse[0].endswith("s")
    return f"{head}; {and_list(worse[:3])} {'rise' if several else 'rises'}"


def _changes_note(w: Writer, other: str) -> str:
    words = (
        f"{capital(w.regime(other).under)} less {w.regime(w.base).under}, average over the same "
        f"futures, {w.names.horizon}. The rows overlap: do not add them up."
    )
    middle = w.verdict("reserves_end", other, "p50")
    if not middle.side.moves:
        words += " Reserves in the middle future do not differ clearly."
    left = [w.regime(name).under for name in w.names.compared if name != other]
    if left:
        words += f" {capital(and_list(left))}: annex A4."
    return words


def plan_to_p80(w: Writer) -> Changes | None:
    """Return figure 3 of a single set of rules: from the middle deficit to bad futures."""
    steps = (("p50", "Middle future"), ("mean", "Average"), ("p90", "1 in 10 exceeds"))
    rows = []
    for at, label in steps:
        found = w.get("deficit", at, w.base)
        if not found.known or found.value <= 0.0:
            continue
        # The end of the range as page 1 prints it.
        said = money(found.value) if at == "p90" else money(found.value, mcse=found.mcse)
        rows.append(Change(label, found.value, "neutral", w.names.horizon, said))
    held = w.value("held")
    if held > 0.0:
        rows.append(Change("Reserves held", held, "better", "at the start", exact(held)))
    if len(rows) < 2:
        return None
    high = money(w.value("deficit", "p90", w.base))
    if held > 0.0:
        title = f"In 1 of 10 futures deficits exceed {high}; reserves are {exact(held)}"
    else:
        title = f"In 1 of 10 futures deficits exceed {high} over {w.names.horizon}"
    note = f"Deficits of {w.names.horizon} added up, alongside the reserves held at the start."
    return Changes(title, tuple(rows), note)


def drivers(w: Writer) -> Drivers | None:
    """Return figure 4; None where nothing is uncertain or too few futures were drawn."""
    shown = w.main[:3] if len(w.main) <= 3 else drawn_regimes(w)[:2]
    ranked = swings(w.facts, shown)[:MOST_DRIVERS]
    if not ranked:
        return None
    series = tuple(
        (
            w.regime(name).brief,
            LOOKS[_look_of(w, name)],
            tuple(
                (
                    w.value("deficit where", f"{driver} low", name),
                    w.value("deficit where", f"{driver} high", name),
                )
                for driver, _ in ranked
            ),
        )
        for name in shown
    )
    labels = tuple(driver_label(driver) for driver, _ in ranked)
    return Drivers(_drivers_title(ranked), labels, series, _drivers_note(w, shown))


def _drivers_title(ranked: list[tuple[str, float]]) -> str:
    names = [capital(driver_noun(name)) for name, _ in ranked]
    widths = [width for _, width in ranked]
    if len(ranked) == 1:
        return f"Of all drivers only {driver_noun(ranked[0][0])} moves the deficit"
    two = f"{names[0]} and {lower_first(names[1])}"
    if len(ranked) > 2 and widths[1] >= 1.5 * widths[2]:
        return f"{two} matter {times_as(widths[1] / widths[2])} as much as anything else"
    if widths[0] >= 1.5 * widths[1]:
        return f"{names[0]} matters {times_as(widths[0] / widths[1])} as much as anything else"
    return f"{two} move the average deficit most, by up to {money(widths[0])}"


def _drivers_note(w: Writer, shown: tuple[str, ...]) -> str:
    words = (
        f"Average deficit over {w.names.horizon} where the driver is about as low, and as high, as "
        "in 1 of 10 futures."
    )
    shares = [(name, w.facts.value("national", "", name)) for name in shown[:2]]
    if all(math.isfinite(share) for _, share in shares) and w.names.is_place:
        said = [f"{per_cent(share)}{'' if w.alone else ' ' + w.under(n)}" for n, share in shares]
        words += f" Of its variance, shocks common to all bodies make up {' and '.join(said)}."
    return words


def reserves_needed(w: Writer) -> ReservesNeeded | None:
    """Return figure 5; None where the run did not keep what it takes."""
    shown = drawn_regimes(w)
    series = tuple(
        (
            w.regime(name).brief,
            LOOKS[_look_of(w, name)],
            [w.value("reserves_for", f"{c:g}", name) for c in CONFIDENCES],
        )
        for name in shown
    )
    if not all(math.isfinite(x) for _, _, amounts in series for x in amounts):
        return None
    held = w.value("held")
    rule = w.value("customary", "5 % of net revenue")
    counted = "counted as one pot, " if w.names.is_place else ""
    note = (
        f"Opening reserves that would last on their own, {counted}without bailouts or carried "
        "deficits."
    )
    if rule > 0.0:
        note += f" Customary 5% of net revenue: {exact(rule)}."
    across = f"futures of 100 in which reserves last to {w.names.end}"
    return ReservesNeeded(_reserves_title(w, shown, held), CONFIDENCES, series, held, across, note)


def _reserves_title(w: Writer, shown: tuple[str, ...], held: float) -> str:
    found = [w.get("reserves_for", "0.9", name) for name in shown]
    needed = [one.value for one in found]
    low, high = min(needed), max(needed)
    if held > 0.0 and high > 1.5 * held:
        times = [half_up(x / held) for x in (low, high)]
        most = f"about {'twice' if times[1] == 2 else f'{number_word(times[1])} times'}"
        if times[0] == times[1] or len(needed) == 1:
            return f"Lasting in 9 of 10 futures would take {most} what is held"
        if low <= held:
            return f"Lasting in 9 of 10 futures would take up to {most} what is held"
        if times[0] <= 1:
            said = alike(needed, mcses=[one.mcse for one in found])
            ends = [said[needed.index(end)] for end in (low, high)]
            return f"Lasting in 9 of 10 futures takes {ends[0]} to {ends[1]}; {exact(held)} is held"
        return f"Lasting in 9 of 10 futures would take {times[0]} to {times[1]} times what is held"
    if high <= held:
        return f"What is held, {exact(held)}, would last in 9 of 10 futures"
    return f"Lasting in 9 of 10 futures would take {money(high)}; {exact(held)} is held"
