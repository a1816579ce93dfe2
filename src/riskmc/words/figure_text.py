"""Numbers and labels in words, for figures: pounds, counts of 100 futures, short names.

Nothing here needs matplotlib. Money comes in £m and is shown in the unit that suits its size;
negative amounts stand in brackets, "£(12.3)m", as board papers have it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from riskmc.words.rounding import digits, rounded

#: A title says one thing, in at most this many words.
TITLE_WORDS = 10
#: A short name of a regime has at most this many words.
_NAME_WORDS = 5
#: Counts whose 95 % interval is wider than this many futures of 100 are shown as a range.
_WIDEST_COUNT = 2


@dataclass(frozen=True)
class Unit:
    """A unit of money: how many £m it is, and what stands behind the number."""

    scale: float
    suffix: str

    @property
    def name(self) -> str:
        """Return the unit as an axis shows it: "£m", "£bn", "£k", "£"."""
        return f"£{self.suffix}"

    def text(self, value: float, decimals: int) -> str:
        """Return an amount in £m as text in this unit, brackets for negative numbers."""
        if not math.isfinite(value):
            return "not known"
        number = rounded(value / self.scale, decimals)
        if number.startswith("-"):
            return f"£({number[1:]}){self.suffix}"
        return f"£{number}{self.suffix}"


BILLIONS = Unit(1000.0, "bn")
MILLIONS = Unit(1.0, "m")
THOUSANDS = Unit(1e-3, "k")
POUNDS = Unit(1e-6, "")


def unit_for(values: Iterable[float]) -> Unit:
    """Return the unit that suits the largest of `values` (£m); £m where all are 0."""
    largest = max((abs(float(v)) for v in values if math.isfinite(float(v))), default=0.0)
    if largest >= 1000.0:
        return BILLIONS
    if largest >= 0.1 or largest < 1e-9:
        return MILLIONS
    return THOUSANDS if largest >= 1e-3 else POUNDS


def decimals_for(value: float, *, unit: Unit, mcse: float = math.nan) -> int:
    """Return the decimals to show: three significant digits, or what the error supports.

    Where the error leaves out 0, at least one digit stays, so that what is known to be there is
    not shown as nothing. Zeros at the end of an exact number go.
    """
    shown = abs(value) / unit.scale
    if shown < 1e-12 or not math.isfinite(shown):
        return 0
    leading = -math.floor(math.log10(shown))
    decimals = min(2, max(0, 2 + leading))
    if math.isfinite(mcse) and mcse > 0.0:
        error = mcse / unit.scale
        supported = digits(shown, error)
        if shown > 2.0 * error:
            supported = max(supported, leading)
        return min(decimals, supported)
    while decimals > 0 and abs(round(shown, decimals - 1) - shown) <= 1e-9 * shown:
        decimals -= 1
    return decimals


def money(value: float, *, unit: Unit | None = None, mcse: float = math.nan) -> str:
    """Return an amount in £m as text: three significant digits, or what its error supports.

    >>> money(1234.0), money(-12.34), money(0.0), money(0.0421), money(214.3, mcse=6.0)
    ('£1.23bn', '£(12.3)m', '£0m', '£42.1k', '£210m')
    """
    unit = unit or unit_for([value])
    return unit.text(value, decimals_for(value, unit=unit, mcse=mcse))


def span(low: float, high: float, *, unit: Unit | None = None) -> str:
    """Return a range of money in one unit: "£90m to £150m"."""
    unit = unit or unit_for([low, high])
    return f"{money(low, unit=unit)} to {money(high, unit=unit)}"


def of_hundred(value: float) -> str:
    """Return a probability as a whole count of 100, never a false 0 or 100.

    >>> of_hundred(0.174), of_hundred(0.002), of_hundred(0.0), of_hundred(0.9981)
    ('17', 'fewer than 1', '0', 'more than 99')
    """
    if math.isnan(value):
        return "not known"
    if 0.0 < value < 0.005:
        return "fewer than 1"
    if 0.995 <= value < 1.0:
        return "more than 99"
    return str(math.floor(value * 100.0 + 0.5))


def count_text(value: float, low: float = math.nan, high: float = math.nan) -> str:
    """Return "17 of 100", or "10 to 24 of 100" where the simulation error is that wide.

    >>> count_text(0.17, 0.165, 0.175), count_text(0.17, 0.10, 0.24), count_text(0.0, 0.0, 1e-4)
    ('17 of 100', '10 to 24 of 100', '0 of 100')
    """
    if math.isfinite(low) and math.isfinite(high):
        first, last = math.floor(low * 100.0 + 0.5), math.floor(high * 100.0 + 0.5)
        if last - first > _WIDEST_COUNT:
            return f"{first} to {last} of 100"
    return f"{of_hundred(value)} of 100"


def rest_text(value: float, low: float = math.nan, high: float = math.nan) -> str:
    """Return the other framing: the count of 100 in which it does not happen, without "of 100".

    >>> rest_text(0.17), rest_text(0.17, 0.10, 0.24), rest_text(0.002)
    ('83', '76 to 90', 'more than 99')
    """
    if math.isfinite(low) and math.isfinite(high):
        first, last = math.floor(low * 100.0 + 0.5), math.floor(high * 100.0 + 0.5)
        if last - first > _WIDEST_COUNT:
            return f"{100 - last} to {100 - first}"
    if 0.995 <= value < 1.0:
        return "fewer than 1"
    if 0.0 < value < 0.005:
        return "more than 99"
    return "not known" if math.isnan(value) else str(100 - int(of_hundred(value)))


def percent(value: float, mcse: float = math.nan) -> str:
    """Return a share as per cent for tables: "17 %", "0.3 %", no more digits than its error's.

    >>> percent(0.1734), percent(0.0531), percent(0.0531, mcse=0.006), percent(0.0004)
    ('17 %', '5.3 %', '5 %', '0.04 %')
    """
    if math.isnan(value):
        return "not known"
    shown = value * 100.0
    if shown == 0.0 or abs(shown) >= 9.95:
        return f"{shown:.0f} %"
    if math.isfinite(mcse) and mcse > 0.0 and digits(shown, mcse * 100.0) < 1:
        return f"{shown:.0f} %" if abs(shown) >= 0.5 else "under 1 %"
    return f"{shown:.1f} %" if abs(shown) >= 0.05 else f"{shown:.2g} %"


def pence(share: float) -> str:
    """Return a share of each £1 in pence: "43p", "less than 1p".

    >>> pence(0.43), pence(0.002), pence(0.0)
    ('43p', 'less than 1p', '0p')
    """
    if 0.0 < share < 0.005:
        return "less than 1p"
    return f"{math.floor(share * 100.0 + 0.5)}p"


def listed(parts: Sequence[str], *, last: str = "and") -> str:
    """Return "a, b and c"."""
    if len(parts) <= 1:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def sentence(text: str) -> str:
    """Return text with a capital first letter and a full stop."""
    text = text.strip()
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}" + ("" if text[-1] in ".!?" else ".")


def capital(text: str) -> str:
    """Return text with a capital first letter and no full stop."""
    return sentence(text).removesuffix(".")


def brief(count: str) -> str:
    """Return a count of 100 for a title, without "of 100": "17", "10 to 24", "below 1"."""
    count = count.removesuffix(" of 100")
    return count.replace("fewer than", "below").replace("more than", "over")


def that_many(p: float) -> str:
    """Return a level exactly as given: "90 of 100", "99.5 of 100"."""
    return f"{round(p * 100.0, 6):g} of 100"


def short_names(labels: Sequence[str]) -> tuple[str, ...]:
    """Return short names for regimes, for titles, none of which could mean another regime.

    The first clause, the whole label, its first two clauses or its last one: the first of them
    that is short and stands in no other label; a whole short label at the least; otherwise
    "regime 1" and so on, in the order shown.

    >>> short_names(["Current rules", "Devolved, balanced budget"])
    ('Current rules', 'Devolved')
    """
    return tuple(_short_name(i, labels) for i in range(len(labels)))


def _short_name(i: int, labels: Sequence[str]) -> str:
    label = " ".join(labels[i].split())
    clauses = [clause.strip() for clause in label.split(",")]
    others = [other.lower() for k, other in enumerate(labels) if k != i]
    for name in (clauses[0], label, ", ".join(clauses[:2]), clauses[-1]):
        short = name and len(name.split()) <= _NAME_WORDS
        if short and not any(name.lower() in other for other in others):
            return name
    if len(label.split()) <= _NAME_WORDS and label.lower() not in others:
        return label
    return f"regime {i + 1}"


def first_that_fits(*titles: str) -> str:
    """Return the first title of at most `TITLE_WORDS` words; the last one is the fallback."""
    for title in titles:
        if title and len(title.split()) <= TITLE_WORDS:
            return title
    return " ".join(titles[-1].split()[:TITLE_WORDS])


def lower_first(text: str) -> str:
    """Return text for the middle of a sentence: a small first letter, but "NHS" stays."""
    if len(text) > 1 and text[1].isupper():
        return text
    return text[:1].lower() + text[1:]


def quoted(name: str) -> str:
    """Return a regime's name in quotation marks."""
    return f"‘{name}’"
