"""Numbers as a board reads them: rounded to what matters and what the simulation supports.

Two significant figures, and no digit below two Monte Carlo standard errors, unless rounding so
far would move the number by more than that. Money from £950m on
is in £bn with one decimal. Chances are whole numbers of 100 futures; below 1 they are of 1,000.
Nothing here prints an error: the annex shows it alongside every estimate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

Unit = Literal["bn", "m"]
#: Amounts from here on are in £bn [£m].
BILLIONS = 950.0
NIL = "nil"
#: Amounts below £500 are rounding, not money [£m].
_NOTHING = 0.0005
#: Below this a chance is of 1,000; above its complement it is "more than 99".
_RARE = 0.01
_SURE = 0.995
_MINUS = "−"
#: Numbers that a body's name may begin with, in words.
_BEGINS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def unit_of(values: Iterable[float]) -> Unit:
    """Return the unit in which amounts [£m] are shown together: that of the largest.

    >>> unit_of([566.0, 1984.0]), unit_of([566.0]), unit_of([])
    ('bn', 'm', 'm')
    """
    finite = [abs(value) for value in values if math.isfinite(value)]
    return "bn" if max(finite, default=0.0) >= BILLIONS else "m"


def money(value: float, *, mcse: float = math.nan, unit: Unit | None = None) -> str:
    """Return an amount [£m] as printed.

    >>> money(1984.2), money(566.4), money(566.4, unit="bn"), money(4.13), money(-129.8)
    ('£2.0bn', '£570m', '£0.6bn', '£4.1m', '−£130m')
    >>> money(0.0), money(0.043), money(1984.2, mcse=120.0), money(8.0)
    ('nil', '£43,000', '£2bn', '£8m')
    """
    if not math.isfinite(value):
        return "not known"
    size = abs(value)
    if size < _NOTHING:
        return NIL
    chosen = unit or unit_of([value])
    if chosen == "bn":
        text = f"£{_figures(size / 1000.0, mcse / 1000.0, decimals=1)}bn"
        if _is_nothing(text) and unit is not None:
            return money(value, mcse=mcse)
    elif 0.0 < size < 0.95:
        text = f"£{_figures(size * 1e6, mcse * 1e6)}"
    else:
        text = f"£{_figures(size, mcse)}m"
    if _is_nothing(text):
        return NIL
    return f"{_MINUS}{text}" if value < 0.0 else text


def _is_nothing(text: str) -> bool:
    return not any(digit in text for digit in "123456789")


def _figures(size: float, mcse: float, decimals: int | None = None) -> str:
    """Return a positive number to two figures (or fixed decimals), none below two errors."""
    if size == 0.0:
        return "0"
    places = 1 - math.floor(math.log10(size)) if decimals is None else decimals
    if math.isfinite(mcse) and mcse > 0.0:
        supported = math.floor(-math.log10(2.0 * mcse))
        if abs(round(size, supported) - size) > 2.0 * mcse:
            supported += 1  # rounding so far would move the number by more than its error
        places = min(places, supported)
    places = max(places, -math.floor(math.log10(size)))
    if decimals is not None:
        places = min(places, decimals)
    shown = round(size, places)
    text = f"{shown:,.{max(places, 0)}f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def exact(value: float) -> str:
    """Return an amount [£m] that is known and not simulated: to the pound million below £1bn.

    >>> exact(426.3), exact(41.0), exact(6502.0), exact(4.25), exact(0.0)
    ('£426m', '£41m', '£6.5bn', '£4.2m', 'nil')
    """
    if 10.0 <= abs(value) < BILLIONS:
        sign = _MINUS if value < 0.0 else ""
        return f"{sign}£{half_up(abs(value)):,}m"
    return money(value)


def span(low: float, high: float, *, unit: Unit | None = None) -> str:
    """Return a range of amounts [£m], in the unit of its larger end unless that prints 0.0.

    `unit` is that of the ranges alongside it.

    >>> span(197.0, 5605.0), span(47.0, 2900.0), span(0.0, 1800.0), span(-1800.0, 1100.0)
    ('£0.2bn to £5.6bn', '£47m to £2.9bn', 'up to £1.8bn', '−£1.8bn to £1.1bn')
    >>> span(0.0, 0.0), span(140.0, 660.0, unit="bn")
    ('nil', '£0.1bn to £0.7bn')
    """
    unit = unit or unit_of([low, high])
    ends = money(low, unit=unit), money(high, unit=unit)
    if ends[0] == ends[1]:
        return ends[0]
    if ends[0] == NIL:
        return f"up to {ends[1]}"
    if ends[1] == NIL:
        return f"{ends[0]} to nil"
    return f"{ends[0]} to {ends[1]}"


def hundred(value: float) -> str:
    """Return a chance as a bare count of 100 futures, for tables and charts.

    >>> hundred(0.877), hundred(0.0004), hundred(0.998), hundred(0.0), hundred(1.0)
    ('88', '<1', '>99', '0', '100')
    """
    if not math.isfinite(value):
        return "–"
    if value <= 0.0:
        return "0"
    if value >= 1.0:
        return "100"
    if value < 0.005:
        return "<1"
    if value >= _SURE:
        return ">99"
    return str(half_up(100.0 * value))


def fine(value: float) -> str:
    """Return a chance as a bare count of 100 futures, to one decimal below ten.

    For chances whose ratio is what a table is read for: "2 against 1" may be 1.6 against 1.4.

    >>> fine(0.877), fine(0.0534), fine(0.01), fine(0.0004), fine(0.0), fine(0.0996)
    ('88', '5.3', '1.0', '<0.1', '0', '10')
    """
    tenths = half_up(1000.0 * value) if math.isfinite(value) else 0
    if not value > 0.0 or tenths >= 100:
        return hundred(value)
    return f"{tenths / 10.0:.1f}" if tenths else "<0.1"


def count(value: float) -> str:
    """Return a chance as a count of 100 futures in the middle of a sentence.

    >>> count(0.877), count(0.0004), count(0.998), count(0.0), count(1.0)
    ('88', 'fewer than 1', 'more than 99', 'none', 'all')
    """
    if value <= 0.0:
        return "none"
    if value >= 1.0:
        return "all"
    return {"<1": "fewer than 1", ">99": "more than 99"}.get(hundred(value)) or hundred(value)


def alike(
    values: Sequence[float], *, mcses: Sequence[float] | None = None, unit: Unit | None = None
) -> list[str]:
    """Return the amounts [£m] of one row or sentence, none to a further digit than it needs.

    All in the unit of the largest. An amount of one digit next to larger ones of two is rounded
    as they are, where that moves it by less than a tenth.

    >>> alike([10.0, 9.8, 11.0]), alike([1984.2, 566.4]), alike([120.0, 9.8]), alike([11.0, 4.2])
    (['£10m', '£10m', '£11m'], ['£2.0bn', '£0.6bn'], ['£120m', '£9.8m'], ['£11m', '£4.2m'])
    """
    errors = mcses or [math.nan] * len(values)
    chosen = unit or unit_of(values)
    sizes = [abs(value) for value in values if math.isfinite(value)]
    top = max(sizes, default=0.0)
    step = 10.0 ** (math.floor(math.log10(top)) - 1) if top > 0.0 else 0.0
    found = []
    for value, mcse in zip(values, errors, strict=True):
        near = chosen == "m" and 5.0 * step <= abs(value) < 10.0 * step and step >= 1e-6
        shown = math.copysign(step * half_up(abs(value) / step), value) if near else value
        found.append(money(shown, mcse=mcse, unit=chosen))
    return found


def chance(value: float) -> str:
    """Return a chance in the middle of a sentence, "futures" to follow.

    >>> chance(0.877), chance(0.0042), chance(0.0003), chance(0.998), chance(1.0), chance(0.0)
    ('88 of 100', '4 of 1,000', 'fewer than 1 of 1,000', 'more than 99 of 100', 'all', 'none')
    """
    if value <= 0.0:
        return "none"
    if value >= 1.0:
        return "all"
    if value >= _SURE:
        return "more than 99 of 100"
    if (value < _RARE and half_up(100.0 * value) < 1) or value < 0.005:
        count = half_up(1000.0 * value)
        return f"{count} of 1,000" if count >= 1 else "fewer than 1 of 1,000"
    return f"{half_up(100.0 * value)} of 100"


def half_up(value: float) -> int:
    """Return a number rounded to a whole one, halves away from nothing.

    >>> half_up(40.5), half_up(41.5), half_up(-0.5)
    (41, 42, -1)
    """
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def per_cent(share: float) -> str:
    """Return a share in per cent, without a space.

    >>> per_cent(0.633), per_cent(0.004), per_cent(0.9999)
    ('63%', 'under 1%', 'over 99%')
    """
    if 0.0 < share < 0.005:
        return "under 1%"
    if _SURE <= share < 1.0:
        return "over 99%"
    return f"{half_up(100.0 * share)}%"


def rate(value: float) -> str:
    """Return a yearly rate with what decimals it needs.

    >>> rate(0.06), rate(0.0246)
    ('6%', '2.5%')
    """
    return f"{100.0 * value:.1f}".removesuffix(".0") + "%"


def pence(share: float) -> str:
    """Return what is borne of each £1, in whole pence.

    >>> pence(0.464), pence(0.001), pence(0.0)
    ('46p', 'under 1p', '0p')
    """
    whole = half_up(100.0 * share)
    return "under 1p" if whole == 0 and share > 0.0 else f"{whole}p"


def number_word(count: int) -> str:
    """Return a small number as a word.

    >>> number_word(5), number_word(13), number_word(0)
    ('five', '13', 'no')
    """
    return _COUNTS[count] if 0 <= count < len(_COUNTS) else f"{count:,}"


def year_end(label: str) -> str:
    """Return when a financial year ends, in words.

    >>> year_end("2025/26"), year_end("2099/00")
    ('March 2026', 'March 2100')
    """
    return f"March {int(label[:4]) + 1}"


def and_list(parts: Sequence[str], last: str = "and") -> str:
    """Return parts as a list in words.

    >>> and_list(["a"]), and_list(["a", "b"]), and_list(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def capital(text: str) -> str:
    """Return text with its first letter capital."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Return text for the middle of a sentence; names and abbreviations keep their capitals.

    >>> lower_first("Current rules"), lower_first("NHS rules"), lower_first("Option B")
    ('current rules', 'NHS rules', 'Option B')
    """
    words = text.split()
    if any(letter.isupper() or letter.isdigit() for letter in text[1:]) or not words:
        return text
    return text[:1].lower() + text[1:]


def name_inside(name: str) -> str:
    """Return a body's name for the middle of a sentence: a number that begins it is no name.

    >>> name_inside("Twelve groups, of NHS bodies"), name_inside("Bolton"), name_inside("Tenterden")
    ('twelve groups, of NHS bodies', 'Bolton', 'Tenterden')
    """
    first, *_ = name.split(maxsplit=1) or [""]
    return lower_first(first) + name[len(first) :] if first.lower() in _BEGINS else name


def times_as(ratio: float) -> str:
    """Return a ratio in words; above ten its size rests on a few futures, and is not said.

    >>> times_as(2.1), times_as(3.3), times_as(1.5), times_as(91.0)
    ('about twice', 'about three times', 'about one and a half times', 'more than ten times')
    """
    if ratio >= 10.5:
        return "more than ten times"
    if 1.75 <= ratio < 2.5:
        return "about twice"
    if 1.25 <= ratio < 1.75:
        return "about one and a half times"
    return f"about {number_word(half_up(ratio))} times"
