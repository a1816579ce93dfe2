"""Options: only effects that were simulated on the same futures, or read off the same run."""

from __future__ import annotations

import math
from collections.abc import Iterator

from riskmc.report.facts.robustness import BEHAVIOUR, FIRST
from riskmc.report.model import Row, Text, text
from riskmc.report.paper.writer import Writer
from riskmc.words.board import count, half_up, money, number_word


def options(w: Writer) -> list[Row]:
    """Return the options as rows: what it is, its effect, its cost, and what the model says."""
    return [*_terms(w), *_savings(w), *_harder(w), *_fund(w), *_reserves(w)]


def _focus(w: Writer) -> str:
    """Return the rules that options are tried under: those compared, else the base."""
    return str(w.other) if w.other is not None else w.base


def _cost(w: Writer, option: str, default: Text) -> Text:
    given = w.names.paper.get("costs")
    words = given.get(option) if isinstance(given, dict) else None
    return text(str(words)) if words else default


def _terms(w: Writer) -> Iterator[Row]:
    """Yield what it would be if the centre always helped, on the same futures."""
    name = _focus(w)
    most = w.get("granted", "most", name)
    if not w.get("rescue at 1: deficit", "mean", name).known or not most.known:
        return

    def moved(measure: str) -> float:
        now = w.value(f"{FIRST}: {measure}", "mean", name)
        return w.value(f"rescue at 1: {measure}", "mean", name) - now

    unpaid, deficit, centre = (moved(m) for m in ("unresolved", "deficit", "centre_money"))
    if abs(unpaid) < 1.0:
        return
    way = "fall" if deficit < 0.0 else "rise"
    change = f"{way} by {money(abs(deficit))}"
    if abs(deficit) < 0.05 * abs(w.value(f"{FIRST}: deficit", "mean", name)):
        change = "hardly change"
    where = "" if w.alone else f" {w.under(name)}"
    effect = (
        f"If the centre always helped{where}, {money(abs(unpaid))} less would be left unpaid. The "
        f"deficit would {change}."
    )
    cost = f"{money(abs(centre))} {'more' if centre > 0.0 else 'less'} from the centre"
    says = (
        "Moves the cost, does not cut it" if deficit > -0.1 * abs(unpaid) else "Cuts the cost too"
    )
    yield Row(
        (
            text("**Agree terms of rescue**"),
            text(effect),
            _cost(w, "terms", text(cost)),
            text(f"**{says}**"),
        )
    )


def _savings(w: Writer) -> Iterator[Row]:
    said, widths = [], []
    for name in reversed(w.main[:2]):
        ends = [
            w.value("deficit where", f"savings_delivery {end}", name) for end in ("low", "high")
        ]
        if not all(math.isfinite(x) for x in ends):
            return
        widths.append(ends[0] - ends[1])
        said.append(f"{money(abs(widths[-1]))} lower{'' if w.alone else ' ' + w.under(name)}")
    if not widths or widths[0] <= 0.0:
        return
    largest = 0.0 < _effort(w) < widths[0]
    yield Row(
        (
            text("**Deliver planned savings**"),
            text(f"Best rather than worst 1 in 10: deficit {', '.join(said)}."),
            _cost(w, "savings", text("[[officers to add]]")),
            text("**Largest local lever tried**" if largest else "**A local lever**"),
        )
    )


def _effort(w: Writer) -> float:
    """Return what saving harder takes off the deficit [£m]; 0 where it was not tried."""
    name = _focus(w)
    after = w.value(f"{BEHAVIOUR}: deficit", "mean", name)
    before = w.value(f"{FIRST}: deficit", "mean", name)
    return before - after if math.isfinite(after) else 0.0


def _harder(w: Writer) -> Iterator[Row]:
    name = _focus(w)
    deficit = w.value(f"{BEHAVIOUR}: deficit", "mean", name)
    if not math.isfinite(deficit):
        return
    before = [
        w.value(f"{FIRST}: {m}", at, name)
        for m, at in (("deficit", "mean"), ("unmet", "mean"), ("large_rescue", ""))
    ]
    after = [
        w.value(f"{BEHAVIOUR}: {m}", at, name)
        for m, at in (("deficit", "mean"), ("unmet", "mean"), ("large_rescue", ""))
    ]
    moved = before[0] - after[0]
    if abs(moved) < 1.0:
        return
    where = "" if w.alone else f" {w.under(name)}"
    rescues = f"large rescues in {count(after[2])} instead of {count(before[2])} of 100"
    if count(after[2]) == count(before[2]):
        rescues = "about as many large rescues"
    effect = (
        f"Deficit {money(abs(moved))} {'lower' if moved > 0 else 'higher'}{where}, "
        f"{money(abs(before[1] - after[1]))} {'less' if before[1] > after[1] else 'more'} need "
        f"unmet; {rescues}."
    )
    helps = moved > 0 and before[1] >= after[1] and before[2] >= after[2]
    yield Row(
        (
            text("**Save harder, invest surpluses**"),
            text(effect),
            _cost(w, "behaviour", text("[[officers to add]]")),
            text("**Helps on every measure**" if helps else "**Helps on some measures**"),
        )
    )


def _fund(w: Writer) -> Iterator[Row]:
    """Yield what the transformation fund buys, from a variant that leaves it out."""
    for variant in w.names.variants:
        like = w.facts.texts[f"variant of:{variant}"]
        fund = w.facts.find("fund", "", like)
        less = w.facts.find("fund", "", variant)
        if fund is None or less is None or fund.value <= less.value:
            continue
        amount = fund.value - less.value
        deficit = w.value("deficit", "mean", variant) - w.value("deficit", "mean", like)
        unmet = w.value("unmet", "mean", variant) - w.value("unmet", "mean", like)
        small = abs(deficit) + abs(unmet) < amount
        yield Row(
            (
                text(f"**Keep the {money(amount)} fund**"),
                text(
                    f"Deficit {_moved(w, deficit, like)} {w.under(like)}, "
                    f"{money(abs(unmet))} {'less' if unmet > 0 else 'more'} need unmet."
                ),
                _cost(w, "fund", text(f"{money(amount)} from the centre")),
                text("**Small effect for its cost**" if small else "**Earns its cost**"),
            )
        )
        return


def _moved(w: Writer, difference: float, name: str) -> str:
    """Return how far a deficit would be lower, or that it hardly moves."""
    if abs(difference) < 0.02 * abs(w.value("deficit", "mean", name)):
        return "hardly changed"
    return f"{money(abs(difference))} {'lower' if difference > 0.0 else 'higher'}"


def _reserves(w: Writer) -> Iterator[Row]:
    name = _focus(w)
    more = w.facts.find("lasts with more", "", name, body=w.names.body)
    step = w.facts.find("more in reserve", body=w.names.body)
    if more is None or step is None:
        return
    gain = half_up(100.0 * (more.value - w.value("lasts", "", name)))
    more_of = f"about {number_word(gain)}" if gain else "fewer than one"
    futures = f"{more_of} more future{'s' if gain > 1 else ''} of 100"
    if w.value("lasts", "", name) >= 1.0:
        return  # what is held lasts in every future
    yield Row(
        (
            text("**Build reserves**"),
            text(
                f"With {money(step.value)} more, reserves last in {futures}"
                + (f" {w.under(name)}." if not w.alone else ".")
            ),
            _cost(w, "reserves", text(f"{money(step.value)} not spent on services")),
            text("**Buys time only**"),
        )
    )
