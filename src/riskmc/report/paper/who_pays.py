"""The answers of page 1 that are about money from elsewhere: bailouts, and who pays."""

from __future__ import annotations

import math

from riskmc.report.facts.verdicts import Side
from riskmc.report.model import Bar, Cell, Judgement, StripRow
from riskmc.report.paper.answers import label
from riskmc.report.paper.writer import Writer
from riskmc.variables import BEARERS
from riskmc.words.board import capital, hundred, lower_first, money, pence, span
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
            below = "nothing needed in the middle future"
            if high > 0.0:
                below += f" ({span(0.0, high)})"
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
    parts: list[tuple[str, float]] = []
    for name in w.main[:3]:
        chance = w.value("large_rescue", "", name)
        if not w.get("granted", "most", name).known:
            continue
        if chance <= 0.0:
            return (
                f"{never_seen(w.names.draws)} {w.under(name) if not w.alone else ''}".rstrip() + "."
            )
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
    name, tone = label(found, capital(w.brief(other)), "rescue")
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
        borrow = f" and own borrowing {pence(own)}" if own >= 0.005 else ""
        more = (
            f"The centre meets {pence(met[w.base])} of each £1 needed{borrow}; "
            f"{w.brief(other)}, {pence(met[other])}."
        )
    return Judgement(name, tone, f"{strong}{said}", more)


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
    return StripRow("Who pays?", _who_sentence(w, said), tuple(cells), _who_judged(w))


def _who_sentence(w: Writer, said: list[tuple[str, list[tuple[str, float]]]]) -> str:
    parts: list[str] = []
    for name, ranked in said[:3]:
        top = [bearer_words(b) for b, _ in ranked[:2] if b != "nobody_yet"]
        unpaid = any(b == "nobody_yet" for b, _ in ranked[:2])
        most = "most of the bill" if not parts else "most of it"
        where = " and ".join(top)
        leave, send = w.verb(name, "leave"), w.verb(name, "send")
        if ranked[0][0] == "nobody_yet":
            rest = f"; the rest falls to {where}" if where else ""
            said_of = f"{leave} {most} unpaid{rest}"
        else:
            said_of = f"{send} {most} to {where}" + (f", or {leave} it unpaid" if unpaid else "")
        parts.append(f"{capital(w.regime(name).under)} {said_of}.")
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
        words = "The same for services" if found.side is Side.SAME else "No clear difference"
        return Judgement(words, "tie", "As much need left unmet", more)
    worse = found.side is Side.HIGHER
    words = f"{name} {'worse' if worse else 'better'} for services"
    way = "more" if worse else "less"
    return Judgement(words, "worse" if worse else "better", f"{amount} {way} need left unmet", more)
