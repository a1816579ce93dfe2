"""The answers of page 1 that are about money from elsewhere: bailouts, and who pays."""

from __future__ import annotations

import math

from riskmc.report.facts.verdicts import Side
from riskmc.report.model import Bar, Cell, Judgement, StripRow
from riskmc.report.paper.answers import label
from riskmc.report.paper.writer import Writer
from riskmc.variables import BEARERS
from riskmc.words.board import (
    and_list,
    capital,
    count,
    hundred,
    lower_first,
    money,
    pence,
    span,
    unit_of,
)
from riskmc.words.sentences import never_seen

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


def bearer_words(bearer: str) -> str:
    """Return a bearer in the middle of a sentence; the register's words for a new one."""
    return BEARER_WORDS.get(bearer) or lower_first(BEARERS[bearer])


def meets(bearer: str, share: str) -> str:
    """Return who meets how much: "the centre meets 63p of each £1".

    >>> meets("past_savers", "19p"), meets("nobody_yet", "89p")
    ('reserves meet 19p of each £1', '89p of each £1 is left unpaid')
    """
    if bearer == "nobody_yet":
        return f"{share} of each £1 is left unpaid"
    verb = "meets" if bearer == "centre" else "meet"
    return f"{bearer_words(bearer)} {verb} {share} of each £1"


def bailout(w: Writer) -> StripRow:
    """Return how likely a large rescue is, and how often a large bailout is granted."""
    cells = tuple(_bailout_cell(w, name) for name in w.main)
    judged = _met(w) if w.alone else tuple(_bailout_judged(w, name) for name in w.names.compared)
    return StripRow("How likely is a bailout?", _bailout_sentence(w), cells, judged)


def _can(w: Writer, name: str) -> bool:
    return w.get("granted", "most", name).known


def _bailout_cell(w: Writer, name: str) -> Cell:
    chance = w.value("large_rescue", "", name)
    low, middle, high = (w.value("rescue_needed", at, name) for at in ("p10", "p50", "p90"))
    unit = unit_of(w.value("rescue_needed", "p90", other) for other in w.main)
    amount = w.money("rescue_needed", "p50", name)
    look, short = w.look(name), w.regime(name).short
    if not _can(w, name):
        return Cell("None", "", look, None, "cannot happen under these rules", short)
    needed = "nothing needed in the middle future"
    if middle > 0.0:
        needed = f"{amount} needed in the middle future ({span(low, high, unit=unit)})"
    elif high > 0.0:
        needed += f" ({span(0.0, high, unit=unit)})"
    bar = Bar(0.0, chance, chance, False)
    if chance <= 0.0:
        return Cell("None", "", look, bar, f"of {w.names.draws:,} futures; {needed}", short)
    below = f"granted in {count(w.value('large_bailout', '', name))}; {needed}"
    if chance >= 1.0:
        return Cell("All", "", look, bar, f"{w.names.draws:,} futures; {below}", short)
    return Cell(hundred(chance), "in 100", look, bar, below, short)


def _bailout_sentence(w: Writer) -> str:
    can = [name for name in w.main[:3] if _can(w, name)]
    if not can:
        return "These rules know no bailout."
    needed = [(name, w.value("large_rescue", "", name)) for name in can]
    if all(chance <= 0.0 for _, chance in needed):
        return f"A large rescue is over 1% of a year’s income. {never_seen(w.names.draws)}."
    granted = [(name, w.value("large_bailout", "", name)) for name in can]
    words = f"A large rescue, over 1% of a year’s income, is needed {w.chances(needed)}."
    words = f"{words} A large bailout is granted {_granted(granted, w.names.draws)}."
    return f"{words}{_leave_to_borrow(w)}"


def _leave_to_borrow(w: Writer) -> str:
    """Say what "granted" means where no money comes with it: a council's leave to borrow."""
    if not any(w.facts.texts[f"leave to borrow:{name}"] for name in w.main):
        return ""
    whose = f"For {w.names.subject}" if not w.names.is_place else "For a council"
    return f" {whose} that is leave to borrow (exceptional financial support)."


def _granted(chances: list[tuple[str, float]], draws: int) -> str:
    """Return "in 44 and 8 of them respectively": in the order of the needs, of 100 futures each."""
    said = [count(value) for _, value in chances]
    if len(set(said)) > 1:
        return f"in {and_list(said)} of 100 respectively"
    if said[0] in ("none", "all"):
        return "in no future" if said[0] == "none" else f"in all {draws:,} futures"
    under = f" under {Writer.every(len(said))}" if len(said) > 1 else ""
    return f"in {said[0]} of 100{under}"


def _met(w: Writer) -> tuple[Judgement, ...]:
    share = w.get("met", "centre_money", w.base)
    if not share.known or share.bound or not w.value("rescue_needed", "mean", w.base) > 0.0:
        return ()
    own = w.value("met", "own_borrowing", w.base)
    more = f"Own borrowing meets {pence(own)}." if own > 0.0 else ""
    strong = f"The centre meets {pence(share.value)} of each £1 needed"
    return (Judgement("", "plain", strong, more),)


def _bailout_judged(w: Writer, other: str) -> Judgement:
    found = w.verdict("large_rescue", other, "")
    name, tone = label(found, capital(w.brief(other)), "rescue")
    printed = {hundred(w.value("large_rescue", "", n)) for n in (w.base, other)}
    if found.side.moves and len(printed) == 1:
        name, tone = "Almost the same", "tie"
    met = {n: w.value("met", "centre_money", n) for n in (w.base, other)}
    own = w.value("met", "own_borrowing", w.base)
    granted = w.verdict("bailout", other).side
    strong = {Side.LOWER: "Fewer needed", Side.HIGHER: "More needed"}.get(
        found.side, "As many needed"
    )
    link = "but" if found.side is Side.LOWER and granted is Side.LOWER else "and"
    said = {Side.LOWER: f", {link} less granted", Side.HIGHER: ", and more granted"}.get(
        granted, ""
    )
    more = ""
    if all(math.isfinite(x) for x in met.values()):
        borrow = f", own borrowing {pence(own)}" if own >= 0.005 else ""
        more = (
            f"Of each £1 needed the centre meets {_pence(met[w.base])}{borrow}; "
            f"{w.tail(other)}, {_pence(met[other])}."
        )
    return Judgement(name, tone, f"{strong}{said}", more)


def _pence(share: float) -> str:
    return pence(share) if share >= 0.005 else "nothing"


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
        below = bearer_words(first)
        if rest:
            below += f"; then {bearer_words(rest[0][0])}, {pence(rest[0][1])}"
        bar = Bar(0.0, share, share, False)
        cells.append(
            Cell(pence(share), "of each £1", w.look(name), bar, below, w.regime(name).short)
        )
        said.append((name, ranked))
    judged = _need(w) if w.alone else tuple(_who_judged(w, name) for name in w.names.compared)
    return StripRow("Who pays?", _who_sentence(w, said), tuple(cells), judged)


def _who_sentence(w: Writer, said: list[tuple[str, list[tuple[str, float]]]]) -> str:
    parts: list[str] = []
    for name, ranked in said[:3]:
        top = [bearer_words(b) for b, _ in ranked[:2] if b != "nobody_yet"]
        unpaid = any(b == "nobody_yet" for b, _ in ranked[:2])
        whole = "the bill" if not parts else "it"
        half = sum(share for _, share in ranked[:2]) >= 0.5
        where = " and ".join(top)
        leave, send = w.verb(name, "leave"), w.verb(name, "send")
        if ranked[0][0] == "nobody_yet":
            most = "most" if ranked[0][1] >= 0.5 else "the largest part"
            rest = f"; the next largest part falls to {where}" if where else ""
            said_of = f"{leave} {most} of {whole} unpaid{rest}"
        else:
            most = f"{'most' if half else 'the largest parts'} of {whole}"
            said_of = f"{send} {most} to {where}" + (f", or {leave} it unpaid" if unpaid else "")
        parts.append(f"{capital(w.regime(name).under)} {said_of}.")
    return " ".join(parts) or "Nothing has to be found in any future."


def _need(w: Writer) -> tuple[Judgement, ...]:
    unmet = w.get("unmet", "mean", w.base)
    if not unmet.value > 0.0:
        return ()
    strong = f"{money(unmet.value, mcse=unmet.mcse)} of need left unmet"
    return (Judgement("", "plain", strong, "on average over futures."),)


def _who_judged(w: Writer, other: str) -> Judgement:
    found = w.verdict("unmet", other)
    name = capital(w.brief(other))
    tax = w.verdict("local_tax", other)
    amount = money(abs(found.difference.value), mcse=found.difference.mcse)
    more = "on average."
    if tax.side.moves:
        way = "more" if tax.side is Side.HIGHER else "less"
        paid = money(abs(tax.difference.value), mcse=tax.difference.mcse)
        more = f"and {paid} {way} local tax, on average."
    if not found.side.moves:
        words = "The same for services" if found.side is Side.SAME else "No clear difference"
        return Judgement(words, "tie", "As much need left unmet", more)
    worse = found.side is Side.HIGHER
    words = f"{name} {'worse' if worse else 'better'} for services"
    way = "more" if worse else "less"
    return Judgement(words, "worse" if worse else "better", f"{amount} {way} need left unmet", more)
