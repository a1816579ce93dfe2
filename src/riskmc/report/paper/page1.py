"""Page 1: what is asked of the board, and the answers."""

from __future__ import annotations

from riskmc.report.facts.verdicts import Side
from riskmc.report.model import Ask, Block, Fields, Page, Para, Span, Strip, Text, text
from riskmc.report.paper import answers
from riskmc.report.paper.asked import since_last
from riskmc.report.paper.matrix import matrix
from riskmc.report.paper.signs import shown_signs
from riskmc.report.paper.trust import confidence_row
from riskmc.report.paper.who_pays import bailout, who_pays
from riskmc.report.paper.writer import Writer
from riskmc.words.board import and_list, capital, exact, hundred, money, number_word

#: Sets of rules from which on rows are rules and columns are questions.
_MATRIX = 4


def page_1(w: Writer) -> Page:
    """Return the cover and the answers."""
    blocks: list[Block] = [Para(text(_subtitle(w)), "sub"), fields(w), ask(w)]
    blocks.append(matrix(w) if len(w.main) >= _MATRIX else _strip(w))
    blocks.append(Para(_how_to_read(w), "note", drop=2))
    if w.facts.texts.get("given by planning"):
        blocks.append(Para(text(Span(w.facts.texts["given by planning"])), "note", drop=3))
    if w.names.variants:
        blocks.append(Para(_variants(w), "note", drop=1))
    return Page("p1", "", headline(w), tuple(blocks))


def headline(w: Writer) -> str:
    """Return the finding of the paper as its title."""
    if w.alone:
        return _alone(w)
    if len(w.main) > 2:
        return _several(w)
    other = w.regime(str(w.other)).under
    deficit = w.verdict("deficit", str(w.other)).side
    does = {
        Side.LOWER: "would shrink the deficit",
        Side.HIGHER: "would enlarge the deficit",
        Side.SAME: "would leave the deficit as it is",
    }.get(deficit, "would make no clear difference to the deficit")
    up = [
        name
        for measure, name in (("unmet", "services"), ("local_tax", "local taxpayers"))
        if w.verdict(measure, str(w.other)).side is Side.HIGHER
    ]
    down = w.verdict("unmet", str(w.other)).side is Side.LOWER
    if up:
        link = ", but" if deficit is Side.LOWER else " and"
        return f"{capital(other)} {does}{link} pass more of the risk to {and_list(up)}"
    if down:
        return f"{capital(other)} {does} and leave less need unmet"
    return f"{capital(other)} {does}"


def _alone(w: Writer) -> str:
    name = capital(w.names.subject)
    if w.names.is_place:
        name = capital(w.names.title.split(",")[0])
    middle = w.money("deficit", "p50", w.base)
    if w.value("deficit", "p50", w.base) <= 0.0:
        some = w.value("deficit_some", "", w.base)
        if some <= 0.0:
            return f"{name} runs no deficit in any of {w.names.draws:,} futures"
        return f"{name} runs a deficit in {w.futures(some)} over {w.names.horizon}"
    return f"{name} could run up deficits of about {middle} over {w.names.horizon}"


def _several(w: Writer) -> str:
    order = sorted(w.main, key=lambda name: w.value("deficit", "mean", name))
    least, most = order[0], order[-1]
    spread = w.value("deficit", "mean", most) - w.value("deficit", "mean", least)
    moved = any(w.verdict("deficit", name).side.moves for name in w.names.compared)
    if not moved or spread <= 0.0:
        return (
            f"The {number_word(len(order))} sets of rules make no clear difference to the deficit"
        )
    need = max(w.main, key=lambda name: w.value("unmet", "mean", name))
    least_words, need_words = w.regime(least).under, w.regime(need).under
    if need == least:
        both = w.verb(least, "give"), w.verb(least, "leave")
        return (
            f"{capital(least_words)} {both[0]} the smallest deficit and {both[1]} most need unmet"
        )
    give, leave = w.verb(least, "give"), w.verb(need, "leave")
    return (
        f"{capital(least_words)} {give} the smallest deficit; {need_words} {leave} most need unmet"
    )


def _subtitle(w: Writer) -> str:
    count = len(w.main)
    rules = "one set of rules" if count == 1 else f"{number_word(count)} sets of rules"
    on = "in" if count == 1 else "on the same"
    return (
        f"Financial risk under {rules}, tested {on} {w.names.draws:,} simulated futures. "
        "Not a forecast of any one year."
    )


def fields(w: Writer) -> Fields:
    """Return the eight fields of the cover; what officers have not given shows as a gap."""
    income = money(w.value("income"))
    whom = f"{w.bodies} with" if w.names.is_place else f"{capital(w.names.subject)}, with"
    purpose = w.names.paper.get("purpose") or "For decision"
    compared = (
        and_list([w.regime(name).under for name in w.main][:3])
        if len(w.main) > 1
        else f"{w.regime(w.base).short} alone"
    )
    if len(w.main) > 3:
        compared = f"{number_word(len(w.main))} sets of rules"
    return Fields(
        (
            ("Purpose", text(Span(str(purpose), "bold"))),
            ("Covers", text(f"{whom} {income} of income in {w.names.years[0]}")),
            ("Report of", w.words("author", "Chief finance officer")),
            ("Seen before by", w.words("earlier_committees", "committee and date")),
            ("Risk register", w.words("risk_register", "reference of the risk")),
            ("Appendices", text("Technical annex; tables.xlsx; report.html")),
            ("Compared", text(capital(compared))),
            ("Since last paper", text(Span(since_last(w)))),
        )
    )


def ask(w: Writer) -> Ask:
    """Return what the board is asked: officers' words, or what the run suggests."""
    given = w.names.paper.get("decision")
    items: list[Text] = []
    if isinstance(given, tuple | list) and given:
        items = [text(Span(str(item))) for item in given]
    else:
        items = _suggested(w)
    tail = text(
        Span("Recommendation. ", "bold"),
        *w.words(
            "recommendation", "The chief finance officer’s own: the model does not recommend."
        ),
    )
    return Ask("The board is asked to", tuple(items), tail)


def _suggested(w: Writer) -> list[Text]:
    items: list[Text] = []
    held = w.value("held")
    lasting = [(name, w.value("lasts", "", name)) for name in w.main[:3]]
    if all(chance == chance for _, chance in lasting) and held > 0.0:
        first, *rest = [(name, _count(chance)) for name, chance in lasting]
        how_many = "no future" if first[1] == "none" else f"{first[1]} futures"
        words = f"in {how_many}{_where(w, first[0])}"
        words += "".join(
            f" and in {count.removesuffix(' of 100')} {w.under(name)}" for name, count in rest
        )
        items.append(
            text(
                "**Decide** how long reserves must last, and with what confidence. Without outside "
                f"help, today’s {exact(held)} lasts {w.names.horizon} {words} (page 4)."
            )
        )
    elif held <= 0.0:
        items.append(text("**Decide** how reserves are to be rebuilt: there are none today."))
    if any(w.value("unmet", "mean", name) > 0.0 for name in w.main):
        trade = " for a smaller deficit" if not w.alone else ""
        items.append(
            text(f"**Set** the most need left unmet that it would accept{trade} (page 2).")
        )
    rescued = any(w.get("granted", "most", name).known for name in w.main)
    signs = any(not sign.weak for name in w.main for sign in shown_signs(w, name))
    terms = "ask the centre for written terms of rescue" if rescued else ""
    if signs:
        items.append(
            text(f"**Adopt** the warning signs on page 4{', and ' + terms if terms else ''}.")
        )
    elif terms:
        items.append(text("**Ask** the centre for written terms of rescue."))
    return items


def _count(chance: float) -> str:
    return "all" if chance >= 1.0 else "none" if chance <= 0.0 else f"{hundred(chance)} of 100"


def _where(w: Writer, name: str) -> str:
    return "" if w.alone else f" {w.under(name)}"


def _strip(w: Writer) -> Strip:
    rows = [
        row
        for row in (
            answers.deficit(w),
            answers.reserves(w),
            bailout(w),
            who_pays(w),
            confidence_row(w),
        )
        if row is not None
    ]
    columns = tuple((w.regime(name).short, w.look(name)) for name in w.main)
    last = "What to compare it with" if w.alone else "On the same futures"
    count = capital(number_word(len(rows)))
    return Strip(
        f"{count} questions, answered to {w.names.end}", columns, last, tuple(rows), drop=3
    )


def _how_to_read(w: Writer) -> Text:
    parts = [
        "**How to read it.** Amounts are the middle future, in cash and not discounted; bar and "
        "range hold 80 of 100 futures, with 10 below and 10 above. Bars in a row share one scale."
    ]
    asked = w.facts.asked
    if asked is not None and asked.real is not None:
        parts.append("Annex A14 has them in real terms.")
    if w.names.is_place and not w.alone:
        parts.append(
            "Everything is counted for the whole place, in £ or share of spending, so that "
            "separate budgets and pools are compared on equal terms."
        )
    return text(" ".join(parts))


def _variants(w: Writer) -> Text:
    said = []
    for name in w.names.variants[:2]:
        like = w.facts.texts[f"variant of:{name}"]
        said.append(
            f"{w.regime(name).label.rstrip('.')}: results barely differ from "
            f"{w.regime(like).under} (deficit {w.money('deficit', 'p50', name)}, large rescue in "
            f"{hundred(w.value('large_rescue', '', name))} of 100)."
        )
    if len(w.names.variants) > 2:
        said.append(f"{capital(number_word(len(w.names.variants) - 2))} more are in the annex.")
    word = "Variant" if len(w.names.variants) == 1 else "Variants"
    return text(Span(f"{word}. ", "bold"), Span(" ".join(said)))
