"""Page 4: what the board could do, what to watch, and what happens next."""

from __future__ import annotations

from riskmc.report.model import (
    Ask,
    Block,
    Column,
    Columns,
    Heading,
    Page,
    Para,
    Row,
    Table,
    text,
)
from riskmc.report.paper.asked import scenarios
from riskmc.report.paper.figures import drawn_regimes, figure_block, reserves_needed
from riskmc.report.paper.options import options
from riskmc.report.paper.signs import WarningShown, best_regime, shown_signs, sign_words
from riskmc.report.paper.writer import Writer
from riskmc.words.board import (
    alike,
    exact,
    fine,
    half_up,
    hundred,
    money,
    number_word,
    times_as,
    year_end,
)
from riskmc.words.sentences import never_seen

_LEVELS = (0.5, 0.8, 0.9, 0.95)


def page_4(w: Writer, number: int) -> Page:
    """Return options, signs and next steps; `number` is the next figure's."""
    blocks: list[Block] = []
    figure = reserves_needed(w)
    if figure is not None:
        blocks.append(Columns((figure_block(figure, str(number)),), tuple(_how_long(w)), 0.505))
    rows = options(w)
    if rows:
        blocks += [
            Heading("What the board could do, and what each option buys"),
            Table(
                (
                    Column("Option", width=1.9),
                    Column(f"Effect over {w.names.horizon} (average)", width=4.2),
                    Column("What it costs", width=2.1),
                    Column("What the model says", width=1.9),
                ),
                tuple(rows),
                spare=max(len(rows) - 3, 0),
                drop=3,
                what="further options",
            ),
        ]
    blocks += scenarios(w)
    regime = best_regime(w)
    signs = shown_signs(w, regime)
    blocks += _signs(w, regime, signs)
    blocks.append(_next(w, any(not sign.weak for sign in signs)))
    return Page("p4", "Options, and what to do", _title(w, signs), tuple(blocks))


def _title(w: Writer, signs: list[WarningShown]) -> str:
    held, lasts = w.value("held"), w.get("lasts", "", w.base)
    needed = [w.value("reserves_for", "0.9", name) for name in w.main]
    strong = any(not sign.weak for sign in signs)
    tail = "and early signs of rescue say little"
    if strong:
        warned = [n for n in w.main if any(not sign.weak for sign in shown_signs(w, n))]
        only = "" if len(warned) == len(w.main) else " under some rules only"
        only = f" only {w.under(warned[0])}" if only and len(warned) == 1 else only
        tail = f"{'and' if only else 'but'} early signs warn of a rescue{only}"
    if not held > 0.0:
        return f"There are no reserves to carry this risk, {tail}"
    if all(x <= held for x in needed):
        return f"Reserves of {exact(held)} would last in 9 of 10 futures, if they are kept"
    if not lasts.known:
        return f"Reserves of {exact(held)} cannot carry this risk alone, {tail}"
    where = "" if w.alone else f" {w.under(w.base)}"
    future = "no future" if lasts.value <= 0.0 else w.futures(lasts.value)
    return f"Reserves of {exact(held)} last in {future}{where}, {tail}"


def _how_long(w: Writer) -> list[Block]:
    shown = drawn_regimes(w)
    columns = (
        Column(f"To last to {w.names.end} in", width=2.2 if len(shown) < 3 else 1.7),
        *(Column(w.regime(n).brief, numeric=True, look=shown.index(n)) for n in shown),
    )
    rows = []
    for level in _LEVELS:
        found = [w.get("reserves_for", f"{level:g}", name) for name in shown]
        amounts = alike([one.value for one in found], mcses=[one.mcse for one in found])
        cells = [text(f"{half_up(100 * level)} of 100 futures")]
        cells += [text(_rough(amount)) for amount in amounts]
        rows.append(Row(tuple(cells)))
    before = w.names.years[0][:4]
    held = [text(exact(w.value("held")))] * len(shown)
    rows.append(Row((text(f"Held, April {before}"), *held), strong=True))
    left = [w.get("unmet", "mean", name) for name in shown]
    said = alike([one.value for one in left], mcses=[one.mcse for one in left])
    unmet = [text(amount) for amount in said]
    rows.append(Row((text("Average need left unmet"), *unmet)))
    blocks: list[Block] = [
        Heading("How long must reserves last?"),
        Table(columns, tuple(rows), cards=False),
    ]
    register = w.value("customary", "risk register")
    if register > 0.0:
        blocks.append(
            Para(
                text(
                    "The risk register, added up in the customary way, points to "
                    f"{money(register)} a year. It leaves out demand, prices and funding."
                ),
                drop=4,
                what="what the risk register points to",
            )
        )
    return blocks


def _rough(amount: str) -> str:
    """Say "about" of an amount whose error allows no decimal, next to others that have one.

    >>> _rough("£4bn"), _rough("£3.3bn"), _rough("£530m")
    ('about £4bn', '£3.3bn', '£530m')
    """
    return f"about {amount}" if amount.endswith("bn") and "." not in amount else amount


def _signs(w: Writer, regime: str, signs: list[WarningShown]) -> list[Block]:
    if len(w.names.years) <= 2:
        return []
    when = year_end(w.names.years[1])
    if not signs:
        words = (
            "No sign seen after two years singles out the futures in which a large rescue follows."
        )
        return [Heading(f"No early sign stands out at {when}"), Para(text(words))]
    if all(sign.given <= 0.0 and sign.otherwise <= 0.0 for sign in signs):
        words = f"{never_seen(w.names.draws)}. So no sign can warn of one."
        return [Heading(f"No large rescue follows {when} in any future"), Para(text(words))]
    best = signs[0]
    under = "" if w.alone else f" ({w.brief(regime)})"
    if best.weak:
        title = f"Signs seen at {when} say little about a large rescue{under}"
    else:
        title = f"The best sign at {when} doubles the chance of a large rescue{under}"
        if not 1.75 <= best.ratio < 2.5:
            # Where so few follow otherwise, the columns below would give another ratio.
            few = hundred(best.otherwise) in ("<1", "1") and 2.5 <= best.ratio < 10.5
            likely = "several times" if few else times_as(best.ratio)
            title = f"The best sign at {when} makes a large rescue {likely} as likely{under}"
    columns = (
        Column("Sign", width=3.4),
        Column("Happens in, of 100", numeric=True, width=1.2),
        Column("Large rescue follows, of 100", numeric=True, width=1.4),
        Column("Otherwise, of 100", numeric=True, width=1.2),
        Column("If it fires", width=2.8),
    )
    rows = []
    for sign in signs:
        given = w.names.paper.get("actions")
        action = given.get(sign.name) if isinstance(given, dict) else None
        said = text(str(action)) if action else text("[[officers to add]]")
        if sign.weak:
            said = text("Weak sign: note, do not act alone")
        rows.append(
            Row(
                (
                    text(sign_words(sign, w.names.years[1], w.names.is_place)),
                    text(hundred(sign.fires)),
                    text(f"**{fine(sign.given)}**"),
                    text(fine(sign.otherwise)),
                    said,
                )
            )
        )
    return [
        Heading(title),
        Table(columns, tuple(rows), spare=max(len(rows) - 1, 0), drop=2, what="weaker signs"),
        Para(text(_signs_note(w, regime)), "note", drop=5, what="how to read the signs"),
    ]


def _signs_note(w: Writer, regime: str) -> str:
    years = len(w.names.years) - 2
    words = (
        f"Large rescue: over 1% of income in any of the {number_word(years)} years that follow."
        if years > 1
        else "Large rescue: over 1% of income in the year that follows."
    )
    for name in w.main:
        if name == regime:
            continue
        others = shown_signs(w, name)
        if others and all(sign.weak for sign in others):
            low = min(sign.otherwise for sign in others)
            high = max(sign.given for sign in others)
            return (
                f"{words} {w.under(name).capitalize()} it follows in {hundred(low)} to "
                f"{hundred(high)} of 100 whatever the signs say, so they help the board little."
            )
    return words


def _next(w: Writer, signs: bool) -> Ask:
    items = [
        text(
            "The chief finance officer drafts a reserves policy at the confidence chosen, for ",
            *w.words("next_meeting", "next meeting"),
            ".",
        )
    ]
    if any(w.get("granted", "most", name).known for name in w.main):
        change = " before any change of rules" if not w.alone else ""
        items.append(text(f"Officers ask the centre for written terms of rescue{change}."))
    if signs:
        items.append(
            text(
                "The signs are reported quarterly; this paper is run again when one fires or the "
                "settlement changes."
            )
        )
    else:
        items.append(text("This paper is run again when the settlement changes."))
    return Ask("If the board agrees", tuple(items))
