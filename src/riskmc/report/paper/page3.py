"""Page 3: what decides the answer, how far to trust it, and whether it holds."""

from __future__ import annotations

import math
from statistics import NormalDist

from riskmc.report.facts.drivers import driver_noun, swings
from riskmc.report.facts.robustness import BEHAVIOUR, EQUAL, case_side
from riskmc.report.facts.verdicts import Side
from riskmc.report.model import (
    Block,
    Column,
    Columns,
    Heading,
    Page,
    Para,
    Row,
    Span,
    Table,
    Text,
    text,
)
from riskmc.report.paper.asked import which_rule
from riskmc.report.paper.figures import drivers, figure_block
from riskmc.report.paper.tipping import reserves_turn, tipping
from riskmc.report.paper.trust import card, case_names, holds, stresses
from riskmc.report.paper.writer import Writer
from riskmc.words.board import alike, and_list, capital, half_up, hundred, money, number_word

#: The four conclusions: measure, statistic, heading when lower and when higher.
_CONCLUSIONS = (
    ("deficit", "mean", "deficit is smaller", "deficit is larger"),
    ("large_rescue", "", "Large rescue is rarer", "Large rescue is commoner"),
    ("unmet", "mean", "Less need goes unmet", "More need goes unmet"),
)


def page_3(w: Writer, number: int) -> Page:
    """Return what decides the answer; `number` is the next figure's."""
    figure = drivers(w)
    blocks: list[Block] = []
    if figure is not None:
        blocks.append(Columns((figure_block(figure, str(number)),), (card(w),), 0.59))
    else:
        blocks.append(card(w))
    blocks += _robustness(w)
    mind = [*which_rule(w), *tipping(w), *_breaks(w)]
    if mind:
        blocks += [Heading("What would change our mind"), *mind]
    blocks.append(_left_out(w))
    return Page("p3", "What decides the answer", _title(w), tuple(blocks))


def _title(w: Writer) -> str:
    ranked = swings(w.facts, w.main[:3])
    if not ranked:
        return "No driver of this study moves the deficit enough to be ranked"
    names = [driver_noun(name) for name, _ in ranked[:2]]
    verb = "move" if len(names) > 1 else "moves"
    first = f"{capital(and_list(names))} {verb} the average deficit by up to {money(ranked[0][1])}"
    if w.alone:
        return first
    if reserves_turn(w):
        return f"{first}; the chance of rescue decides which rules keep reserves"
    cases = case_names(w)
    if cases and all(holds(w, m, at, cases) for m, at, _, _ in _CONCLUSIONS):
        if holds(w, "reserves_end", "p50", cases):
            return f"{first}; no case tried changes which rules lead"
        return f"{first}; which rules keep more reserves depends on what happens"
    if cases and holds(w, "deficit", "mean", cases):
        return f"{first}; the rules keep their order on it"
    return f"{first}; which rules lead turns with them" if cases else first


def _robustness(w: Writer) -> list[Block]:
    names = case_names(w)
    if not names:
        return []
    if w.alone:
        return _alone_table(w, names)
    other = str(w.other)
    base_sides = [case_side(w.facts, "", m, at, other) for m, at, _, _ in _CONCLUSIONS]
    brief, both = w.regime(other).brief, f"{w.brief(w.base)} | {w.brief(other)}"
    headings = []
    for (measure, _, lower, higher), side in zip(_CONCLUSIONS, base_sides, strict=True):
        words = higher if side is Side.HIGHER else lower
        headings.append(f"{brief} {words}" if measure == "deficit" else words)
    columns = (
        Column(_struck(w), width=2.6),
        Column(f"Deficit, {both}", numeric=True, width=1.5),
        Column(f"Need left unmet, {both}", numeric=True, width=1.5),
        *(
            Column(heading, width=1.5 if heading.startswith("Large") else 1.1)
            for heading in headings
        ),
        Column("Who has more reserves left", width=1.2),
    )
    rows = [_case_row(w, "", "As simulated", base_sides)]
    rows += [_case_row(w, n, w.facts.texts[f"case:{n}"], base_sides) for n in stresses(w)]
    assumed = [n for n in names if n in (EQUAL, BEHAVIOUR)]
    if assumed:
        rows.append(Row((text("… or if we have assumed wrongly"),), group=True))
        rows += [_case_row(w, n, _assumption(w, n), base_sides) for n in assumed]
    note = (
        "Averages for deficits and need; futures of 100 for rescues; middle future for reserves "
        f"at {w.names.end}. Each shock is at its 1-in-20 level.{_first_futures(w)}{_others(w)}"
    )
    return [
        Heading(_robust_title(w, names)),
        Table(columns, tuple(rows)),
        Para(text(note), "note", drop=5, what="how to read the table of stresses"),
    ]


def _struck(w: Writer) -> str:
    """Return in which years the shocks strike: those of `stressed_years`."""
    years = len(w.names.years)
    return {1: "If in the year …", 2: "If in year 2 …"}.get(years, "If in years 2 and 3 …")


def _side_draws(w: Writer) -> int:
    from riskmc.report.sides import DRAWS

    return min(DRAWS, w.names.draws)


def _first_futures(w: Writer) -> str:
    """Return which futures the stresses use; nothing where they use all."""
    draws = _side_draws(w)
    some = draws < w.names.draws
    return f" The rows below the first use the first {draws:,} futures." if some else ""


def _others(w: Writer) -> str:
    """Return which comparisons the table leaves to the annex."""
    left = w.names.compared[1:]
    if not left:
        return ""
    return f" {capital(and_list([w.regime(name).under for name in left]))}: annex A5."


def _assumption(w: Writer, name: str) -> str:
    if name == EQUAL:
        return "Rescue is granted half the time under all rules"
    who = [n for n in w.main if n in w.names.regimes and n != w.base]
    return (
        f"Bodies {w.under(who[0])} also try harder to save"
        if len(who) == 1
        else ("Bodies also try harder to save")
    )


def _case_row(w: Writer, name: str, title: str, base: list[Side]) -> Row:
    prefix = f"{name}: " if name else ""
    other = str(w.other)
    cells: list[Text] = [text(Span(title))]
    for measure in ("deficit", "unmet"):
        found = [w.get(f"{prefix}{measure}", "mean", regime) for regime in (w.base, other)]
        said = alike([one.value for one in found], mcses=[one.mcse for one in found])
        cells.append(text(" | ".join(said)))
    for (measure, at, _, _), was in zip(_CONCLUSIONS, base, strict=True):
        side = case_side(w.facts, name, measure, at, other)
        cell = [_pill(side, was, first=not name)]
        if measure == "large_rescue":
            chances = [w.value(f"{prefix}large_rescue", "", regime) for regime in (w.base, other)]
            cell.append(Span(f" {_counts(chances)}"))
        cells.append(tuple(cell))
    cells.append((_leader(w, case_side(w.facts, name, "reserves_end", "p50", other)),))
    return Row(tuple(cells))


def _counts(chances: list[float]) -> str:
    if all(chance >= 1.0 for chance in chances):
        return "all v all"
    return " v ".join(hundred(chance) for chance in chances)


def _pill(side: Side, was: Side, *, first: bool) -> Span:
    """Return whether a conclusion holds: the sign it had, a tie, or the regime that leads now."""
    if not side.moves:
        return Span("tie", "tie")
    if first:
        return Span("yes", "better")
    if side is was:
        return Span("holds", "better")
    if not was.moves:
        return Span(side.value, "tie")
    return Span("turns", "worse")


def _leader(w: Writer, side: Side) -> Span:
    if not side.moves:
        return Span("equal", "tie")
    name = str(w.other) if side is Side.HIGHER else w.base
    return Span(w.brief(name), f"regime{w.look(name)}")


def _robust_title(w: Writer, names: list[str]) -> str:
    held = sum(holds(w, m, at, stresses(w)) for m, at, _, _ in _CONCLUSIONS)
    reserves = holds(w, "reserves_end", "p50", names)
    total = len(_CONCLUSIONS) + 1
    if held == len(_CONCLUSIONS) and not reserves:
        return (
            "Three of four conclusions hold up; which rules leave more in reserve depends on what "
            "happens"
        )
    count = held + reserves
    if count == total:
        return "All four conclusions hold in every case tried"
    words = capital(number_word(count)) if count else "None"
    return f"{words} of four conclusions hold{'s' if count == 1 else ''} in every stress test"


def _alone_table(w: Writer, names: list[str]) -> list[Block]:
    columns = (
        Column(_struck(w), width=3.0),
        Column("Deficit", numeric=True),
        Column("Large rescue, of 100", numeric=True),
        Column("Need left unmet", numeric=True),
        Column("Reserves left", numeric=True),
    )
    rows = []
    for name in ("", *names):
        prefix = f"{name}: " if name else ""
        title = w.facts.texts[f"case:{name}"] if name else "As simulated"
        rows.append(
            Row(
                (
                    text(Span(title)),
                    text(w.money(f"{prefix}deficit", "mean", w.base)),
                    text(hundred(w.value(f"{prefix}large_rescue", "", w.base))),
                    text(w.money(f"{prefix}unmet", "mean", w.base)),
                    text(w.money(f"{prefix}reserves_end", "p50", w.base)),
                )
            )
        )
    worst = max(names, key=lambda n: w.value(f"{n}: deficit", "mean", w.base))
    amount = w.money(f"{worst}: deficit", "mean", w.base)
    return [
        Heading(f"The worst stress tried would take the average deficit to {amount}"),
        Table(columns, tuple(rows)),
        Para(
            text(
                "Averages for deficits and need; middle future for reserves. Each shock is at its "
                f"1-in-20 level.{_first_futures(w)}"
            ),
            "note",
            drop=5,
            what="how to read the table of stresses",
        ),
    ]


def _breaks(w: Writer) -> list[Block]:
    said = []
    for name in w.main[:2]:
        z = w.value("breaks at", "everything", name)
        where = "" if w.alone else f"{capital(w.under(name))} "
        if not math.isfinite(z):
            continue
        share = worse_years(z)
        sentence = f"{where}a large rescue is needed {_level(share)}."
        said.append(capital(sentence))
    if not said:
        return []
    alone = [
        (w.value("breaks at", name, w.main[-1]), name) for name, _ in swings(w.facts, w.main[:3])
    ]
    alone = sorted(pair for pair in alone if math.isfinite(pair[0]) and pair[0] > 0.0)
    if alone:
        z, name = alone[0]
        share = half_up(100.0 * worse_years(z))
        if share >= 1:
            said.append(
                f"{capital(driver_noun(name))} alone would do it at the level of the worst "
                f"{share} of 100 "
                "years."
            )
    return [
        Para(
            text(f"**The mildest shock that needs a large rescue.** {' '.join(said)}"),
            "lede",
            drop=2,
            what="the mildest shock that needs a large rescue",
        )
    ]


def nil_by_rule(w: Writer) -> str:
    """Say under which rules need left unmet is nil because no rule cuts services; "" for none."""
    where: dict[str, list[str]] = {}
    for name in w.main:
        cannot = [body for body in w.facts.texts[f"no cuts:{name}"].split("|") if body]
        if not cannot:
            continue
        everyone = len(cannot) == len(w.names.bodies) or not w.names.is_place
        whose = "" if everyone else f" of {and_list(w.names.kinds_of(cannot))}"
        where.setdefault(whose, []).append(name)
    said = [f"{_under(w, names)} no rule{whose} cuts services" for whose, names in where.items()]
    words = capital("; ".join(said))
    return f"{words}, so need left unmet there is nil by rule." if said else ""


def _under(w: Writer, names: list[str]) -> str:
    if w.alone:
        return "here"
    if len(names) == len(w.main) > 1:
        return f"under {w.every(len(names))}"
    return f"under {and_list([w.regime(name).under for name in names])}"


def worse_years(z: float) -> float:
    """Return the share of years that are worse than a place on the adverse side."""
    return 1.0 - NormalDist().cdf(z)


def _level(share: float) -> str:
    """Return how bad every year has to be, as a share of years that are worse."""
    of = half_up(100.0 * share)
    if of > 52:
        return "even if every driver is slightly better than its middle value every year"
    if of >= 48:
        return "if every driver is at its middle value every year"
    if of < 1:
        return "only if every driver is worse, every year, than in 99 of 100 years"
    return f"once every driver is as bad, year after year, as in the worst {of} of 100 years"


def _left_out(w: Writer) -> Para:
    return Para(
        text(
            "**What the model leaves out.** It counts a saving as money only, even where it "
            "harms a service. It also leaves out payments lost when a hospital does less, effects "
            f"on the wider economy, and politics. {nil_by_rule(w)}".rstrip()
        ),
        "lede",
        drop=9,
        what="what the model leaves out",
    )
