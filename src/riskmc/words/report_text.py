"""Words from numbers: statements that know rounding, error, zero events and both framings.

A count is of 100 simulated futures. Where its 95 % interval spans more than two futures the
range is said, not the middle alone; an event that never happened is a bound, never "0 of 100";
both framings are always given. What is worse stands in brackets and is named in words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from riskmc.statistics.estimates import Single
from riskmc.words.figure_text import count_text, listed, money, of_hundred, rest_text
from riskmc.words.rounding import bound_text, format_error

Better = Literal["lower", "higher", "neither"]

#: The yardstick of the Professional Head of Intelligence Assessment: word, lowest and highest
#: chance. The gaps between bands are its own; a number in a gap takes the nearest word.
PHIA: tuple[tuple[str, float, float], ...] = (
    ("remote chance", 0.0, 0.05),
    ("highly unlikely", 0.10, 0.20),
    ("unlikely", 0.25, 0.35),
    ("realistic possibility", 0.40, 0.4999),
    ("likely", 0.55, 0.75),
    ("highly likely", 0.80, 0.90),
    ("almost certain", 0.95, 1.0),
)


@dataclass(frozen=True)
class Event:
    """An event in words: "the place" "needs a rescue" / "need a rescue"; "it does not".

    `does` follows the subject in a plain sentence, `do` follows "does the place".
    """

    subject: str
    does: str
    do: str
    otherwise: str = "it does not"


def chance_sentence(
    chance: Single, event: Event, *, draws: int, what: str = "", likelihood: bool = False
) -> str:
    """Return how often an event happens and how often not, with its simulation error.

    `draws` futures were simulated, `what` names the independent units where they are not
    single futures, `likelihood` adds the word of the PHIA yardstick behind the number.

    >>> event = Event("the place", "needs a rescue", "need a rescue")
    >>> chance_sentence(Single(0.174, 0.003, 0.168, 0.180, False, 9000), event, draws=9000)
    'In 17 of 100 simulated futures the place needs a rescue; in 83 it does not \
(simulation error less than ±1).'
    >>> chance_sentence(Single(0.0, math.nan, 0.0, 3e-4, True, 9000), event, draws=9000)
    'In none of the 9,000 simulated futures does the place need a rescue; in all of them it does \
not (as a chance: fewer than 3 in 9,000 (95 %)).'
    """
    if not math.isfinite(chance.value):
        return f"Whether {event.subject} {event.does} cannot be said."
    word = f", {likelihood_text(chance)}" if likelihood else ""
    if chance.bound or chance.value in (0.0, 1.0):
        return _certain(chance, event, draws, what, word)
    count = _count(chance)
    rest = rest_text(chance.value, chance.low, chance.high)
    aside = f"{_error_text(chance)}{word}"
    return (
        f"In {count} simulated futures {event.subject} {event.does}; "
        f"in {rest} {event.otherwise} ({aside})."
    )


def chance_item(chance: Single, *, draws: int, what: str = "", likelihood: bool = False) -> str:
    """Return both framings in short, after a question: "in 17 of 100 yes, in 83 no (...)".

    >>> chance_item(Single(0.174, 0.003, 0.168, 0.180, False, 9000), draws=9000)
    'yes in 17 of 100, no in 83 (simulation error less than ±1)'
    >>> chance_item(Single(1.0, math.nan, 0.999, 1.0, True, 9000), draws=9000)
    'yes in every one of the 9,000, no in none (all but fewer than 3 in 9,000 (95 %))'
    """
    if not math.isfinite(chance.value):
        return "not applicable"
    word = f", {likelihood_text(chance)}" if likelihood else ""
    if chance.bound or chance.value in (0.0, 1.0):
        always = chance.value > 0.5
        counts = (f"every one of the {draws:,}", "none") if always else ("none", f"all {draws:,}")
        bound = bound_text(chance.units, everything=always, what=what) if chance.bound else ""
        return f"yes in {counts[0]}, no in {counts[1]}" + (f" ({bound}{word})" if bound else "")
    rest = rest_text(chance.value, chance.low, chance.high)
    return f"yes in {_count(chance)}, no in {rest} ({_error_text(chance)}{word})"


def _certain(chance: Single, event: Event, draws: int, what: str, word: str) -> str:
    always = chance.value > 0.5
    bound = bound_text(chance.units, everything=always, what=what) if chance.bound else ""
    aside = f" (as a chance: {bound}{word})" if bound else ""
    if always:
        return (
            f"In every one of the {draws:,} simulated futures {event.subject} {event.does}; "
            f"there is none in which {event.otherwise}{aside}."
        )
    return (
        f"In none of the {draws:,} simulated futures does {event.subject} {event.do}; "
        f"in all of them {event.otherwise}{aside}."
    )


def _count(chance: Single) -> str:
    count = count_text(chance.value, chance.low, chance.high)
    if is_wide(chance):
        return f"{count} (best estimate {of_hundred(chance.value)})"
    if 0.0 < chance.value < 0.005 and chance.high - chance.low < 0.001:
        return f"{count} (about {max(1, round(chance.value * 1000))} of 1,000)"
    return count


def is_wide(chance: Single) -> bool:
    """Say whether a count of 100 must be given as a range: its error spans over two futures."""
    return " to " in count_text(chance.value, chance.low, chance.high)


def short_count(chance: Single) -> str:
    """Return a count for a short line: "17 of 100", "none", "10 to 24 of 100", "every one".

    >>> short_count(Single(0.0, math.nan, 0.0, 0.001, True, 3000))
    'none'
    """
    if not math.isfinite(chance.value):
        return "not applicable"
    if chance.bound or chance.value in (0.0, 1.0):
        return "every one" if chance.value > 0.5 else "none"
    return count_text(chance.value, chance.low, chance.high)


def chance_text(chance: Single, *, what: str = "") -> str:
    """Return a chance for a table: the count, with one standard error behind it.

    >>> chance_text(Single(0.174, 0.003, 0.168, 0.180, False, 9000))
    '17 of 100 ±0.3'
    >>> chance_text(Single(0.0, math.nan, 0.0, 3e-4, True, 9000))
    'fewer than 3 in 9,000 (95 %)'
    """
    if not math.isfinite(chance.value):
        return "not applicable"
    if chance.bound:
        return bound_text(chance.units, everything=chance.value > 0.5, what=what)
    count = count_text(chance.value, chance.low, chance.high)
    if not (math.isfinite(chance.mcse) and chance.mcse > 0.0):
        return count
    return f"{count} ±{format_error(chance.mcse, style='percent')}"


def chance_difference_text(difference: Single) -> str:
    """Return a paired difference of chances for a table: "54 fewer ±0.8".

    >>> chance_difference_text(Single(-0.538, 0.002, -0.542, -0.534, False, 9000))
    '54 fewer ±0.2'
    """
    if not math.isfinite(difference.value):
        return "not applicable"
    if difference.bound or difference.value == 0.0:
        return "no difference"
    way = "fewer" if difference.value < 0.0 else "more"
    count = points_apart(difference).removesuffix(" of 100 futures")
    if count == "fewer than 1":
        count = "less than 1"
    return f"{count} {way} ±{format_error(difference.mcse, style='percent')}"


def _error_text(chance: Single) -> str:
    if not (math.isfinite(chance.low) and math.isfinite(chance.high)):
        return "simulation error not known"
    if is_wide(chance):
        return "the range is simulation error, 95 %"
    half = 50.0 * (chance.high - chance.low)
    size = "less than ±1" if half < 0.95 else f"±{math.ceil(half - 0.05)}"
    return f"simulation error {size}"


def likelihood_text(chance: Single) -> str:
    """Return the PHIA word for a chance, never to stand without its number.

    Where the 95 % interval spans several words, the first and the last are given.

    >>> likelihood_text(Single(0.17, 0.003, 0.164, 0.176, False, 9000))
    '“highly unlikely” on the PHIA yardstick'
    """
    ends = [chance.low, chance.high] if is_wide(chance) else [chance.value]
    found = [_nearest_word(end) for end in ends if math.isfinite(end)]
    named = list(dict.fromkeys(found))
    if not named:
        return "no word on the PHIA yardstick"
    words = " to ".join(f"“{word}”" for word in named)
    return f"{words} on the PHIA yardstick"


def _nearest_word(value: float) -> str:
    def distance(low: float, high: float) -> float:
        return max(low - value, value - high, 0.0)

    return min(PHIA, key=lambda row: (round(distance(row[1], row[2]), 9), -row[1]))[0]


def overspend(value: float, *, mcse: float = math.nan) -> str:
    """Return a deficit as board papers show it: in brackets, and in words.

    >>> overspend(12.0), overspend(0.0), overspend(-3.0)
    ('(£12m) overspend', 'no overspend', '£3m underspend')
    """
    if value == 0.0:
        return "no overspend"
    if value < 0.0:
        return f"{money(-value, mcse=mcse)} underspend"
    return f"({money(value, mcse=mcse)}) overspend"


def overspend_span(low: Single, high: Single) -> str:
    """Return a range of deficits: "(£1.6bn) to (£3.4bn) overspend", or with none at one end."""
    ends = [money(end.value, mcse=end.mcse) for end in (low, high)]
    if high.value <= 0.0:
        return "no overspend"
    if low.value <= 0.0:
        return f"no overspend to ({ends[1]}) overspend"
    if ends[0] == ends[1]:
        return f"about ({ends[0]}) overspend"
    return f"({ends[0]}) to ({ends[1]}) overspend"


def sign_of(difference: Single) -> int:
    """Return the sign of a paired difference, 0 where its 95 % interval holds 0."""
    if difference.bound or not math.isfinite(difference.value):
        return 0
    if math.isfinite(difference.low) and math.isfinite(difference.high):
        return int(difference.low > 0.0) - int(difference.high < 0.0)
    return int(difference.value > 0.0) - int(difference.value < 0.0)


def better_or_worse(difference: Single, better: str) -> str:
    """Return "better", "worse", "higher", "lower", or that the two cannot be told apart.

    The difference is a regime less the one it is compared with.
    """
    if not math.isfinite(difference.value):
        return ""
    sign = sign_of(difference)
    if sign == 0:
        exact = difference.value == 0.0
        return "the same" if exact else "cannot be told apart"
    if better == "neither":
        return "higher" if sign > 0 else "lower"
    return "better" if (sign < 0) == (better == "lower") else "worse"


def points_apart(difference: Single) -> str:
    """Return how many futures of 100 two chances differ by, with the error where it is wide.

    >>> points_apart(Single(-0.502, 0.002, -0.506, -0.498, False, 9000))
    '50 of 100 futures'
    """
    low, high = sorted((abs(difference.low), abs(difference.high)))
    if sign_of(difference) == 0:
        low = 0.0
    ends = [math.floor(end * 100.0 + 0.5) for end in (low, high)]
    if ends[1] - ends[0] > 2:
        return f"{ends[0]} to {ends[1]} of 100 futures"
    return f"{of_hundred(abs(difference.value))} of 100 futures"


def chance_verdict(difference: Single, *, this: str, that: str, event: str) -> str:
    """Say under which of two regimes an event is rarer, or that they cannot be told apart.

    >>> chance_verdict(Single(-0.502, 0.002, -0.506, -0.498, False, 9000), this="Devolved",
    ...     that="Current rules", event="A rescue")
    'A rescue comes less often under Devolved than under Current rules, by 50 of 100 \
futures.'
    """
    sign = sign_of(difference)
    if sign == 0 or points_apart(difference).startswith("0 of"):
        return f"{event}: {this} and {that} cannot be told apart by these futures."
    often = "less often" if sign < 0 else "more often"
    return f"{event} comes {often} under {this} than under {that}, by {points_apart(difference)}."


def money_verdict(
    difference: Single, *, this: str, that: str, noun: str, better: str, verb: str = "is"
) -> str:
    """Say which of two regimes has more of an amount, by how much, and if that is worse.

    >>> money_verdict(Single(12.0, 0.1, 11.8, 12.2, False, 9000), this="Devolved",
    ...     that="Current rules", noun="unmet need", better="lower")
    'Under Devolved, unmet need is £12m higher than under Current rules: (£12m) worse.'
    """
    sign = sign_of(difference)
    if sign == 0:
        return f"{this} and {that} cannot be told apart by {noun}."
    amount = money(abs(difference.value), mcse=difference.mcse)
    way = "higher" if sign > 0 else "lower"
    judged = better_or_worse(difference, better)
    ending = {"better": f": {amount} better", "worse": f": ({amount}) worse"}.get(judged, "")
    return f"Under {this}, {noun} {verb} {amount} {way} than under {that}{ending}."


def years_words(years: tuple[str, ...]) -> str:
    """Return the horizon in words.

    >>> years_words(("2016/17", "2017/18"))
    'the 2 years 2016/17 to 2017/18'
    """
    if len(years) == 1:
        return f"the year {years[0]}"
    return f"the {len(years)} years {years[0]} to {years[-1]}"


def year_end(label: str) -> str:
    """Return the date on which a financial year ends.

    >>> year_end("2025/26"), year_end("1999/00")
    ('March 2026', 'March 2000')
    """
    return f"March {int(label[:4]) + 1}"


def year_start(label: str) -> str:
    """Return the date on which a financial year starts: "April 2016"."""
    return f"April {label[:4]}"


def under(label: str, sentence: str) -> str:
    """Return a sentence with the rules it holds under before it.

    >>> under("Current rules", "In 17 of 100 simulated futures ...")
    'Current rules: in 17 of 100 simulated futures ...'
    """
    return f"{label}: {sentence[:1].lower()}{sentence[1:]}"


def and_list(parts: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return listed(parts)
