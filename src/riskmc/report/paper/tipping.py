"""The tipping point: whether the centre's willingness to pay decides which rules keep reserves."""

from __future__ import annotations

from collections.abc import Sequence

from riskmc.report.facts.robustness import EQUAL, EQUAL_CHANCE, case_side
from riskmc.report.facts.store import Fact
from riskmc.report.facts.verdicts import Side
from riskmc.report.model import Block, Para, text
from riskmc.report.paper.writer import Writer
from riskmc.report.sides import CHANCES
from riskmc.words.board import and_list, half_up


def reserves_turn(w: Writer) -> bool:
    """Say whether which rules leave more in reserve turns with the chance of rescue."""
    sides = {
        case_side(w.facts, _sweep_name(p), "reserves_end", "p50", str(w.other)) for p in CHANCES
    }
    base = case_side(w.facts, "", "reserves_end", "p50", str(w.other))
    return len({side for side in (*sides, base) if side.moves}) > 1 or (
        not base.moves and any(side.moves for side in sides)
    )


def _sweep_name(chance: float) -> str:
    return EQUAL if chance == EQUAL_CHANCE else f"rescue at {chance:g}"


def tipping(w: Writer) -> list[Block]:
    """Return what is assumed of the centre, and who leads were it alike under both rules."""
    if w.alone:
        return []
    other = str(w.other)
    granted = [w.get("granted", at, name) for name in (w.base, other) for at in ("least", "most")]
    if not all(found.known for found in granted):
        return []
    tried = [
        (p, case_side(w.facts, _sweep_name(p), "reserves_end", "p50", other))
        for p in CHANCES
        if w.facts.find(f"{_sweep_name(p)}: reserves_end", "p50", other, body=w.names.body)
    ]
    if not tried:
        return []
    first, second = _granted_words(granted[:2]), _granted_words(granted[2:])
    words = (
        f"The rules assume that the centre grants a needed rescue {first} times in 100 "
        f"{w.under(w.base)}, and {second} times in 100 {w.under(other)}. {_if_equal(w, tried)}"
    )
    lead = (
        "The tipping point is the centre’s willingness to pay."
        if reserves_turn(w)
        else "The centre’s willingness to pay does not tip the answer."
    )
    return [
        Para(text(f"**{lead}** {words}"), "lede", drop=8, what="the centre’s willingness to pay")
    ]


def _granted_words(pair: Sequence[Fact]) -> str:
    low, high = (half_up(100.0 * fact.value) for fact in pair)
    return f"{low}" if low == high else f"{low} to {high}"


def _if_equal(w: Writer, tried: list[tuple[float, Side]]) -> str:
    ahead = {Side.HIGHER: w.regime(str(w.other)).under, Side.LOWER: w.regime(w.base).under}
    led = {side for _, side in tried if side.moves}
    if not led:
        return "If that were the same under both, neither would leave clearly more in reserve."
    if len(led) == 1:
        side = led.pop()
        where = [p for p, s in tried if s is side]
        return (
            f"If that were the same under both, {ahead[side]} would leave more in reserve "
            f"{at_chances(where, [p for p, _ in tried])}."
        )
    higher = [p for p, s in tried if s is Side.HIGHER]
    words = (
        f"If that were the same under both, {ahead[Side.HIGHER]} would leave more in reserve "
        f"{at_chances(higher, [p for p, _ in tried])}."
    )
    if tried[0][1] is Side.HIGHER and tried[-1][1] is not Side.HIGHER:
        words += (
            f" A board that expects today’s rescues to become rarer has a reason to prefer "
            f"{ahead[Side.HIGHER]} on reserves; one that expects them to go on has none."
        )
    return words


def at_chances(chances: list[float], tried: list[float]) -> str:
    """Return at which chances of a rescue, of those tried, something holds.

    >>> tried = [0.0, 0.25, 0.5, 0.75, 1.0]
    >>> at_chances([0.0], tried), at_chances([0.25, 0.5], tried), at_chances(tried, tried)
    ('only where no rescue is granted', 'at chances of 25 to 50 in 100', 'at every chance tried')
    >>> at_chances(tried[:-1], tried), at_chances([0.0, 1.0], tried)
    ('at every chance tried below certainty', 'at chances of 0 and 100 in 100')
    """
    counts = [f"{half_up(100.0 * p)}" for p in chances]
    first = tried.index(chances[0])
    if chances == tried:
        return "at every chance tried"
    if chances == [p for p in tried if p < 1.0]:
        return "at every chance tried below certainty"
    if chances == [0.0]:
        return "only where no rescue is granted"
    if chances == [1.0]:
        return "only where every rescue is granted"
    if len(chances) == 1:
        return f"at a chance of {counts[0]} in 100"
    if chances == tried[first : first + len(chances)]:
        return f"at chances of {counts[0]} to {counts[-1]} in 100"
    return f"at chances of {and_list(counts)} in 100"
