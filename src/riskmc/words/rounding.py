"""Printing numbers with no more digits than their simulation error supports.

The rule: the last digit printed exceeds two Monte Carlo standard errors, unless rounding so far
would move the number by more than two of them: then one digit more is kept. A chance is never
rounded to tens. An event that never
happened is a bound, "fewer than 3 in 100,000 (95 %)", never "0 ± 0".
"""

from __future__ import annotations

import math
from typing import Literal

Style = Literal["money", "percent", "number"]

#: Decimals shown at most, however small the error: more would not be read.
_MOST_DECIMALS = {"money": 2, "percent": 2, "number": 4}
#: Decimals for numbers that carry no error (the same in every draw).
_EXACT_DECIMALS = {"money": 2, "percent": 1, "number": 4}
_FEWEST = 3
#: What the rules leave at 0 in every future, and a difference of two such.
CANNOT, SAME = "cannot happen", "no difference"


def digits(value: float, mcse: float) -> int:
    """Return the decimals of `value` that its error supports; negative means tens, hundreds.

    The largest d with 10^-d > 2 mcse; one more where rounding to d would move the value by more
    than 2 mcse, so that 2.7 ± 0.6 is 3 and not 0. Without an error (0 or NaN): all that a reader
    needs, 6 significant digits.

    >>> digits(17.318, 0.04), digits(1204.0, 7.0), digits(1234.0, 7.0), digits(2.68, 0.51)
    (1, -2, -1, 0)
    """
    if not (math.isfinite(mcse) and mcse > 0.0):
        if value == 0.0 or not math.isfinite(value):
            return 0
        return 5 - math.floor(math.log10(abs(value)))
    decimals = math.ceil(-math.log10(2.0 * mcse)) - 1
    while 10.0 ** -(decimals + 1) > 2.0 * mcse:
        decimals += 1
    while 10.0**-decimals <= 2.0 * mcse:
        decimals -= 1
    if math.isfinite(value) and abs(round(value, decimals) - value) > 2.0 * mcse:
        decimals += 1
    return decimals


def rounded(value: float, decimals: int) -> str:
    """Return `value` rounded to `decimals` (negative: tens, hundreds), with thousands' commas.

    >>> rounded(1234.5, -2), rounded(0.126, 2), rounded(-0.001, 2)
    ('1,200', '0.13', '0.00')
    """
    if not math.isfinite(value):
        return "not finite"
    shown = round(value, decimals) + 0.0
    if shown == 0.0:
        shown = 0.0
    return f"{shown:,.{max(decimals, 0)}f}"


def format_value(
    value: float,
    mcse: float,
    *,
    style: Style = "money",
    adverse: bool = False,
    signed: bool = False,
) -> str:
    """Return a number alone, with the digits its error supports.

    `style` "money" is £m, "percent" shows a fraction as per cent, "number" is bare. With
    `adverse` the number is shown in brackets without its sign, as board papers show what is worse
    than plan. `signed` puts a plus before what is above 0, for differences.

    >>> format_value(-12.34, 0.2), format_value(-12.34, 0.2, adverse=True)
    ('-12', '(12)')
    """
    if math.isnan(value):
        return "not applicable"
    scale = 100.0 if style == "percent" else 1.0
    exact = not (math.isfinite(mcse) and mcse > 0.0)
    supported = _EXACT_DECIMALS[style] if exact else digits(value * scale, mcse * scale)
    if style == "percent":
        supported = max(supported, 0)  # a chance in tens would not be that of its differences
    text = rounded(value * scale, min(supported, _MOST_DECIMALS[style]))
    if style == "percent" and 0.0 < value < 1.0:
        text = _short_of_the_ends(100.0 * value, text)
    nothing = not any(digit in "123456789" for digit in text)
    if adverse and not nothing:
        text = f"({text.lstrip('-')})"
    elif signed and value > 0.0 and not nothing:
        text = f"+{text}"
    return f"{text} %" if style == "percent" else text


def _short_of_the_ends(percent: float, text: str) -> str:
    """Return a chance as text, never "0" or "100" of what happened in some futures only.

    A decimal more, whatever the error, until it is neither; then "under" and "over".
    """
    for decimals in range(_MOST_DECIMALS["percent"] + 1):
        if float(text) not in (0.0, 100.0):
            return text
        text = rounded(percent, decimals)
    if float(text) not in (0.0, 100.0):
        return text
    return "under 0.01" if percent < 50.0 else "over 99.99"


def bound_text(units: int, *, everything: bool = False, what: str = "") -> str:
    """Return what may be said where nothing (or everything) happened in n independent units.

    `what` names the units where they are not single futures.

    >>> bound_text(100_000), bound_text(98, what="chains")
    ('fewer than 3 in 100,000 (95 %)', 'fewer than 3 in 98 chains (95 %)')
    """
    if units <= _FEWEST:
        return f"too few {what or 'draws'} to say ({units})"
    words = "all but fewer than" if everything else "fewer than"
    return f"{words} 3 in {units:,}{' ' if what else ''}{what} (95 %)"


def units_word(scheme: str) -> str:
    """Return what the independent units of a scheme are called in a bound; "" for draws."""
    return {"mc": "", "antithetic": "pairs"}.get(scheme, "chains")


def format_estimate(
    value: float,
    mcse: float,
    *,
    style: Style = "money",
    bound: bool = False,
    units: int = 0,
    low: float = math.nan,
    high: float = math.nan,
    what: str = "",
    difference: bool = False,
    adverse: bool = False,
    impossible: bool = False,
) -> str:
    """Return an estimate in words: the number, and its simulation error behind "±".

    What follows "±" is one Monte Carlo standard error, to one digit, rounded up. With `low` and
    `high` the 95 % interval is shown instead. A bound is said as a bound, never as "0 ± 0".
    NaN: "not applicable". A `difference` carries its sign, and is in points where its terms are
    in per cent. What the rules make `impossible` "cannot happen".

    >>> format_estimate(0.1734, 0.0012, style="percent")
    '17.3 % ±0.2'
    >>> format_estimate(0.0, math.nan, style="percent", bound=True, units=20_000)
    'fewer than 3 in 20,000 (95 %)'
    >>> format_estimate(1234.5, 3.1, low=1228.4, high=1240.6)
    '1,230 (1,230 to 1,240)'
    """
    if impossible:
        return SAME if difference else CANNOT
    if math.isnan(value):
        return "not applicable"
    if bound:
        where = f"in {units:,}{' ' if what else ''}{what}"
        if difference:
            return f"{SAME} {where}"
        if style == "percent":
            return bound_text(units, everything=value > 0.5, what=what)
        return f"none {where}"
    text = format_value(value, mcse, style=style, adverse=adverse, signed=difference)
    if difference and style == "percent":
        text = text.removesuffix(" %") + " points"
    if not (math.isfinite(mcse) and mcse > 0.0):
        return text
    if math.isfinite(low) and math.isfinite(high):
        ends = [format_value(end, mcse, style=style).removesuffix(" %") for end in (low, high)]
        return f"{text} ({ends[0]} to {ends[1]})"
    return f"{text} ±{format_error(mcse, style=style)}"


def format_error(mcse: float, *, style: Style = "money") -> str:
    """Return a standard error to one significant digit, rounded up: never made to look smaller.

    >>> format_error(0.0012, style="percent"), format_error(34.0), format_error(0.96)
    ('0.2', '40', '1')
    """
    scaled = mcse * 100.0 if style == "percent" else mcse
    if not math.isfinite(scaled):
        return "unknown"
    if scaled <= 0.0:
        return "0"
    decimals = -math.floor(math.log10(scaled))
    up = math.ceil(scaled * 10.0**decimals - 1e-9) / 10.0**decimals
    return rounded(up, -math.floor(math.log10(up) + 1e-9))
