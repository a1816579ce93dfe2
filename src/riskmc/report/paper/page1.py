"""Page 1: what is asked of the board, and the answers."""

from __future__ import annotations

import math

from riskmc.report.facts.store import Fact
from riskmc.report.facts.verdicts import Side
from riskmc.report.model import Ask, Block, Fields, Page, Para, Span, Strip, Text, plain, text
from riskmc.report.paper.answers import deficit
from riskmc.report.paper.asked import since_last
from riskmc.report.paper.figures import drawn_regimes
from riskmc.report.paper.matrix import matrix
from riskmc.report.paper.reserves import reserves
from riskmc.report.paper.signs import shown_signs
from riskmc.report.paper.trust import confidence_row
from riskmc.report.paper.who_pays import bailout, who_pays
from riskmc.report.paper.writer import Writer
from riskmc.words.board import and_list, capital, exact, money, number_word

#: Sets of rules from which on rows are rules and columns are questions.
_MATRIX = 4
#: A field of the cover of more letters takes a line of its own.
_WIDE = 80


def page_1(w: Writer) -> Page:
    """Return the cover and the answers."""
    blocks: list[Block] = [Para(text(_subtitle(w)), "sub"), fields(w), ask(w)]
    if len(w.main) >= _MATRIX:
        sure = confidence_row(w)
        said = (
            f"**{sure.question}** {sure.cells[0].big} {sure.cells[0].unit}. {sure.cells[0].below}"
        )
        blocks += [matrix(w), Para(text(said))]
    else:
        blocks.append(_strip(w))
    blocks.append(Para(_how_to_read(w), "note", drop=9, what="how to read the numbers"))
    if w.facts.texts.get("given by planning"):
        given = text(Span(w.facts.texts["given by planning"]))
        blocks.append(Para(given, "note", drop=3, what="what each set of rules is given"))
    if w.names.variants:
        blocks.append(Para(_variants(w), "note", drop=1, what="variants of the rules"))
    return Page("p1", "", headline(w), tuple(blocks))


def headline(w: Writer) -> str:
    """Return the finding of the paper as its title."""
    if w.alone:
        return _alone(w)
    if len(w.main) > 2:
        return _several(w)
    other = w.regime(str(w.other)).under
    side = w.verdict("deficit", str(w.other)).side
    found = w.difference("deficit", str(w.other))
    by = money(abs(found.value), mcse=found.mcse)
    does = {
        Side.LOWER: f"would shrink the average deficit by {by}",
        Side.HIGHER: f"would enlarge the average deficit by {by}",
        Side.SAME: "would leave the deficit as it is",
    }.get(side, "would make no clear difference to the deficit")
    up = [
        name
        for measure, name in (("unmet", "services"), ("local_tax", "local taxpayers"))
        if w.verdict(measure, str(w.other)).side is Side.HIGHER
    ]
    down = w.verdict("unmet", str(w.other)).side is Side.LOWER
    if up and down:
        # The tax is all that is up: of the three, what is for the better and for the worse.
        better, worse = "leave less need unmet", "bill local taxpayers more"
        if side is Side.HIGHER:
            return f"{capital(other)} {does} and {worse}, but {better}"
        return f"{capital(other)} {does} and {better}, but {worse}"
    if up:
        link = ", but" if side is Side.LOWER else " and"
        return f"{capital(other)} {does}{link} pass more of the risk to {and_list(up)}"
    if down:
        link = ", but" if side is Side.HIGHER else " and"
        return f"{capital(other)} {does}{link} leave less need unmet"
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
    over = w.names.horizon
    return f"{name} runs up deficits of about {middle} over {over} in the middle future"


def _several(w: Writer) -> str:
    """Return which of several rules have the smallest deficit, and which leave most unmet."""
    least, need = _extreme(w, "deficit", 1.0), _extreme(w, "unmet", -1.0)
    if len(least) == len(w.main):
        many = number_word(len(w.main))
        return f"The {many} sets of rules make no clear difference to the deficit"
    amount = w.money("deficit", "mean", least[0])
    said = capital(and_list([w.regime(name).under for name in least]))
    plural = len(least) > 1
    give = "give" if plural else w.verb(least[0], "give")
    first = f"{said} {give} the smallest average deficit{'s' if plural else ''}, {amount}"
    if len(need) == len(w.main) or w.value("unmet", "mean", need[0]) <= 0.0:
        return first
    if need == least:
        return f"{first}, and {'leave' if plural else w.verb(least[0], 'leave')} most need unmet"
    most = and_list([w.regime(name).under for name in need])
    leave = "leave" if len(need) > 1 else w.verb(need[0], "leave")
    return f"{first}; {most} {leave} most need unmet"


def _extreme(w: Writer, measure: str, sign: float) -> list[str]:
    """Return the rules under which an average is smallest (or largest), ties with them.

    Compared by their differences from the base, future by future, as the verdicts are.
    """
    differences = {name: w.difference(measure, name) for name in w.main}
    differences[w.base] = Fact(0.0, 0.0)
    order = sorted(w.main, key=lambda name: sign * w.value(measure, "mean", name))
    first = differences[order[0]]

    def tied(name: str) -> bool:
        found = differences[name]
        if order[0] == w.base and name != w.base:
            return not found.clear
        if name == w.base and order[0] != w.base:
            return not first.clear
        errors = [one.mcse if math.isfinite(one.mcse) else 0.0 for one in (first, found)]
        return abs(found.value - first.value) <= 2.0 * math.hypot(*errors)

    return [name for name in order if tied(name)]


def _subtitle(w: Writer) -> str:
    many = len(w.main)
    rules = "one set of rules" if many == 1 else f"{number_word(many)} sets of rules"
    on = "in" if many == 1 else "on the same"
    return (
        f"Financial risk under {rules}, tested {on} {w.names.draws:,} simulated futures. "
        "Not a forecast of any one year."
    )


def fields(w: Writer) -> Fields:
    """Return the eight fields of the cover; what officers have not given shows as a gap."""
    income = money(w.value("income"))
    whom = f"{w.bodies} with" if w.names.is_place else f"{capital(w.names.subject)}, with"
    purpose = w.names.paper.get("purpose") or "For decision"
    compared = "; ".join(w.names.in_full(name) for name in w.main)
    if len(w.main) == 1:
        compared += " alone"
    elif len(w.main) >= _MATRIX:
        compared = f"{capital(number_word(len(w.main)))} sets of rules, named below"
    rows = [
        ("Purpose", text(Span(str(purpose), "bold"))),
        ("Covers", text(f"{whom} {income} of income in {w.names.years[0]}")),
        ("Report of", w.words("author", "Chief finance officer")),
        ("Seen before by", w.words("earlier_committees", "committee and date")),
        ("Risk register", w.words("risk_register", "reference of the risk")),
        ("Appendices", text("Technical annex; tables.xlsx; report.html")),
        ("Compared", text(Span(compared))),
        ("Since last paper", text(Span(since_last(w)))),
    ]
    wide = tuple(row for row in rows if len(plain(row[1])) > _WIDE)
    return Fields(tuple(row for row in rows if row not in wide), wide)


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
    lasting = [(name, w.value("lasts", "", name)) for name in drawn_regimes(w)]
    if all(chance == chance for _, chance in lasting) and held > 0.0:
        words = w.chances(lasting).replace("in none of", "in none of the")
        items.append(
            text(
                "**Decide** how long reserves must last, and with what confidence (page 4). "
                f"Without outside help, reserves of {exact(held)} (April {w.names.years[0][:4]}) "
                f"last {w.names.horizon} {words}."
            )
        )
    elif held <= 0.0:
        items.append(
            text(
                "**Decide** how reserves are to be rebuilt: there were none in April "
                f"{w.names.years[0][:4]}."
            )
        )
    if any(w.value("unmet", "mean", name) > 0.0 for name in w.main):
        items.append(text(f"**Set** {_trade(w)} (page 2)."))
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


def _trade(w: Writer) -> str:
    """Return the choice between deficit and need, as it falls in this run."""
    sides = [(w.verdict("unmet", n).side, w.verdict("deficit", n).side) for n in w.names.compared]
    if (Side.LOWER, Side.HIGHER) in sides and (Side.HIGHER, Side.LOWER) not in sides:
        return "the largest deficit that it would accept for less need left unmet"
    trade = " for a smaller deficit" if (Side.HIGHER, Side.LOWER) in sides else ""
    return f"the most need left unmet that it would accept{trade}"


def _strip(w: Writer) -> Strip:
    rows = [
        row
        for row in (
            deficit(w),
            reserves(w),
            bailout(w),
            who_pays(w),
            confidence_row(w),
        )
        if row is not None
    ]
    columns = tuple((w.regime(name).short, w.look(name)) for name in w.main)
    last = "What to compare it with" if w.alone else "On the same futures"
    many = capital(number_word(len(rows)))
    return Strip(f"{many} questions, answered to {w.names.end}", columns, last, tuple(rows))


def _how_to_read(w: Writer) -> Text:
    parts = [
        "**How to read it.** Amounts are in cash and not discounted: the middle future, unless "
        "called an average. Half of the futures exceed the middle one; in an average the worst "
        "count in full. Bar and range hold 80 of 100 futures, with 10 below and 10 above, on one "
        "scale a row."
    ]
    asked = w.facts.asked
    if asked is not None and asked.real is not None:
        parts.append("Annex A14 has them in real terms.")
    if w.names.is_place and not w.alone:
        parts.append(
            "Separate budgets and pools are compared on equal terms, as one place. One pot is all "
            "reserves together."
        )
    return text(" ".join(parts))


def _variants(w: Writer) -> Text:
    said = []
    for name in w.names.variants[:2]:
        like = w.facts.texts[f"variant of:{name}"]
        said.append(
            f"{w.regime(name).label.rstrip('.')}: results barely differ from "
            f"{w.regime(like).under} (deficit {w.money('deficit', 'p50', name)}, large rescue in "
            f"{w.futures(w.value('large_rescue', '', name))})."
        )
    if len(w.names.variants) > 2:
        said.append(f"{capital(number_word(len(w.names.variants) - 2))} more are in the annex.")
    word = "Variant" if len(w.names.variants) == 1 else "Variants"
    return text(Span(f"{word}. ", "bold"), Span(" ".join(said)))
