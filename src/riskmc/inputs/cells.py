"""What a cell says: a number however it is written, an amount of money, a chance.

Read: £1.2m, 1,250,000, (300), 300-, −300 (any dash), 50%, 1.2k, £000 in the heading, spaces of
any width. Refused with words: decimal commas ("0,012"), thousands that do not come in threes,
dates, and whatever else is no figure. Left out: empty cells and the marks of statisticians for
what is not available: [x], [c], [z], .., n/a and the like.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: Marks that stand for "no figure".
MISSING = frozenset(
    {"", "-", "–", "—", "..", "...", ":", "n/a", "na", "n.a.", "nil return", "none", "null"}
    | {f"[{mark}]" for mark in "xczwuk"}
)
#: Amounts without a unit beyond this are in pounds or thousands: no body costs as much [£m].
MOST_WITHOUT_UNIT = 20_000.0
#: An amount with a pound sign and no unit is in pounds from here on; below, nobody can say.
_POUNDS_FROM = 1_000.0
#: What an amount is multiplied by to be in £m.
UNITS = {"£m": 1.0, "£000": 1e-3, "£": 1e-6, "£bn": 1e3}

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f\ufeff]+")
_DASHES = str.maketrans("\u2212\u2010\u2011\u2012\u2013\u2014", "------")
_SUFFIX = re.compile(r"(?i)^(.*?)(bn|billion|million|mn|m|thousand|k|000s|'000)?\.?$", re.DOTALL)
_PLAIN = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_COMMA = re.compile(r"[0-9]+,[0-9]+")
_SCIENTIFIC = re.compile(r"([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+")
#: Of each unit, the marks of it in a heading; the first that fits holds.
_MARKS = (
    ("£bn", r"£ ?'?bn\b|£ ?billions?\b|\bbillions?\b|\(bn\)"),
    (
        "£000",
        r"£ ?\(?'?000'?s?\b\)?|(?<!\d)'?000'?s\b|(?<=[( ])'?000'?(?=[) ]|$)|£ ?k\b|\bk ?£|\(k\)"
        r"|£? ?\bthousands?\b",
    ),
    ("£m", r"£ ?0*(\.0+)? ?'?m(n|s)?\b|\bm ?£|£ ?millions?\b|\bmillions?\b|\(mn?\)"),
    ("£", r"£s?|\bpounds?\b"),
)
_SCALED = r"(?P<scale>[£\s]*(?:bn|billion|million|mn|m|thousand|k)?|\s*(?:%|per ?cent|pc))"
_RANGE = re.compile(rf"(?i)\s*(?P<low>[£\d.,]+{_SCALED})\s*(?:-|to|and)\s*(?P<high>[£\d.,]+.*)")
_FACTOR = {"bn": 1e9, "billion": 1e9, "million": 1e6, "mn": 1e6, "m": 1e6}
_THOUSAND = 1e3
_ONE_IN = re.compile(
    r"(?i)(?P<part>\d+|one|once)[\s-]*(?P<word>in|out of|:|/)[\s-]*(?P<whole>\d+(?:\.\d+)?)"
    r"(?:[\s-]*(?:years?|yrs?))?"
)
_PER_CENT = re.compile(r"(?i)\s*(?:per ?cent|pc)$")
_MOST_SCORE = 25.0
_NIL = ("nil", "zero")


@dataclass(frozen=True)
class Reading:
    """What a cell holds: a number with its signs, or what is wrong with it.

    Parameters
    ----------
    value : float, optional
        The number; None where there is a fault.
    percent : bool
        Whether it was written in per cent; the value is a fraction already.
    factor : float, optional
        What it was multiplied by for a suffix such as m.
    pounds : bool
        Whether it has a £ sign.
    fault : str
        What is wrong; empty where nothing is.
    allowed : str
        What would be right.
    advice : str
        What is allowed, in words that repeat nothing of the cell.
    """

    value: float | None = None
    percent: bool = False
    factor: float | None = None
    pounds: bool = False
    fault: str = ""
    allowed: str = ""
    advice: str = ""


class Percent(float):
    """A cell of a workbook that is shown in per cent, as its fraction."""


def text_of(value: Any) -> str:
    """Return a cell as text, spaces made plain; empty for an empty cell."""
    if value is None:
        return ""
    if isinstance(value, Percent):
        return f"{100.0 * value:.10g}%"
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return _SPACES.sub(" ", str(value)).strip()


def is_missing(value: Any) -> bool:
    """Say whether a cell stands for "no figure": empty, or a mark such as [x] or n/a.

    Parameters
    ----------
    value : object
        The cell.

    Returns
    -------
    bool
        True where it holds no figure on purpose.
    """
    return text_of(value).casefold() in MISSING


def plain_number(value: Any) -> Reading:
    """Return the number that a cell holds; a per cent as its fraction.

    Parameters
    ----------
    value : object
        The cell: a number, text, a date or None.

    Returns
    -------
    Reading
        Its value, or what is wrong with it.
    """
    if isinstance(value, bool):
        return Reading(fault="is true or false, not a number", allowed="a number")
    if isinstance(value, Percent):
        return Reading(float(value), percent=True)
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return Reading(fault="is not a finite number", allowed="a number")
        return Reading(float(value))
    if isinstance(value, datetime.date | datetime.time):
        return Reading(fault="is a date, not a number", allowed="a number; format the cell as text")
    text = text_of(value)
    if text.startswith("#"):
        return Reading(fault="is an error of the spreadsheet", allowed="a number")
    text = _PER_CENT.sub("%", text).translate(_DASHES).replace(" ", "")
    return _number(text)


def _number(text: str) -> Reading:
    sign, body = _signed(text)
    pounds = "£" in body
    body = body.replace("£", "").replace("GBP", "")
    inner, body = _signed(body)
    percent = body.endswith("%")
    body = body.rstrip("%")
    if body.casefold() in ("inf", "infinity", "nan"):
        return Reading(fault="is not a finite number", allowed="a number")
    if body and _SCIENTIFIC.fullmatch(body):
        return _finite(sign * inner * float(body) / (100.0 if percent else 1.0), percent)
    match = _SUFFIX.match(body)
    stem, suffix = (match.group(1), match.group(2) or "") if match else (body, "")
    factor = _FACTOR.get(suffix.lower(), _THOUSAND) if suffix else None
    if _PLAIN.fullmatch(stem):
        number = float(stem)
    elif _THOUSANDS.fullmatch(stem) and not stem.startswith("0"):
        number = float(stem.replace(",", ""))
    elif _COMMA.fullmatch(stem):
        return Reading(
            fault="has a decimal comma, or a comma in an odd place",
            allowed=f"a decimal point, {stem.replace(',', '.')}, or thousands in threes, 1,250,000",
            advice="a decimal point, 0.5, or thousands in threes, 1,250,000",
        )
    else:
        return Reading(fault="is not a number", allowed="a number such as 1.2, 1,250 or (300)")
    value = sign * inner * number * (factor or 1.0) / (100.0 if percent else 1.0)
    if not math.isfinite(value):
        return Reading(fault="is not a finite number", allowed="a number")
    return Reading(value, percent, factor, pounds)


def _finite(value: float, percent: bool) -> Reading:
    if not math.isfinite(value):
        return Reading(fault="is not a finite number", allowed="a number")
    return Reading(value, percent)


def _signed(text: str) -> tuple[float, str]:
    """Return the sign of brackets or dashes, and the text without them."""
    if text.startswith("(") and text.endswith(")"):
        return -1.0, text[1:-1]
    if text.startswith("-"):
        return -1.0, text[1:]
    if text.endswith("-"):
        return -1.0, text[:-1]
    return 1.0, text[1:] if text.startswith("+") else text


def amount(value: Any, unit: str | None) -> Reading:
    """Return an amount of money in £m.

    A cell with a suffix of its own (£8.4m, 300k) is read by that, any other by `unit`, one of
    `UNITS`: that of its heading or of the whole file; without one, £m. Refused without a unit: what
    could as well be pounds.

    Parameters
    ----------
    value : object
        The cell: a number, text or None.
    unit : str, optional
        One of `UNITS`: £m, £000, £ or £bn, that of the heading or of the file.

    Returns
    -------
    Reading
        Its value in £m, or what is wrong with the cell.
    """
    if text_of(value).casefold() in _NIL:
        return Reading(0.0)
    found = plain_number(value)
    if found.value is None:
        return found
    if found.percent:
        return Reading(
            fault="is a share, not an amount of money", allowed="an amount such as £1.2m"
        )
    if found.factor is not None:
        return Reading(_short(found.value * UNITS["£"]))
    if unit is None and found.value:
        return _without_unit(found)
    return Reading(_short(found.value * UNITS[unit or "£m"]))


def _without_unit(found: Reading) -> Reading:
    """Return an amount of which neither the cell nor its heading says the unit."""
    value = found.value or 0.0
    if found.pounds and abs(value) >= _POUNDS_FROM:
        return Reading(_short(value * UNITS["£"]))
    if found.pounds or abs(value) > MOST_WITHOUT_UNIT:
        return Reading(
            fault="names no unit, nor does its heading: is it in £, £000 or £m?",
            allowed='£1.2m or £300k; a heading with £m, £000 or £; or unit = "£000" of the file',
        )
    return Reading(value)


def _short(value: float) -> float:
    """Return a converted amount without the dust of its conversion."""
    return float(f"{value:.12g}")


def chance(value: Any) -> Reading:
    """Return a probability: 0.2, 20% or "1 in 5".

    Parameters
    ----------
    value : object
        The cell.

    Returns
    -------
    Reading
        A probability above 0 and at most 1, or what is wrong with the cell.
    """
    match = _ONE_IN.fullmatch(text_of(value))
    if match is not None:
        part, whole = match.group("part"), float(match.group("whole"))
        parts = float(part) if part.isdigit() else 1.0
        score = match.group("word") == "/" and whole <= _MOST_SCORE  # "2/5" may be 2 of 5 points
        if 0.0 < parts <= whole and not score:
            return Reading(_short(parts / whole))
    found = plain_number(value)
    if found.value is None:
        return found
    if found.pounds or found.factor is not None:
        return Reading(fault="is an amount of money, not a probability", allowed="0.2 or 20%")
    if found.value > 1.0 and not found.percent:
        return Reading(
            fault="is not a probability: is it a percentage?",
            allowed=f"{found.value:g}% or {found.value / 100:g}, or a word or score of [bands]",
        )
    if not 0.0 < found.value <= 1.0:
        return Reading(fault="is not a probability", allowed="above 0 and at most 1")
    return found


def span(value: Any, read: Callable[[str], Reading]) -> tuple[float, float] | None:
    """Return the ends of a range such as "£0.5m - £1m", "1-2m" or "10 to 30%"; None for no range.

    read  reads either end; a unit or a per cent behind the upper end holds for the lower too
    """
    match = _RANGE.fullmatch(text_of(value).translate(_DASHES))
    if match is None:
        return None
    low, high = match.group("low"), match.group("high").strip()
    if not match.group("scale").strip(" £"):
        low += re.sub(r"^[£\d.,\s]+", "", high)
    if high.startswith("£") and not low.startswith("£"):
        low = f"£{low}"
    ends = read(low).value, read(high).value
    if ends[0] is None or ends[1] is None or not ends[0] < ends[1]:
        return None
    return ends[0], ends[1]


def unit_of(text: str) -> str | None:
    """Return the unit that a heading names: £m, £000, £ or £bn; None where it names none."""
    plain = units_plain(text)
    return next((unit for unit, marks in _MARKS if re.search(marks, plain)), None)


def unit_of_title(text: str) -> str | None:
    """Return the unit that a title above a table names; a sum of money in it is not a unit."""
    plain = re.sub(
        r"£ ?[\d,.]*[1-9][\d,.]* ?(bn|billions?|m|mn|millions?|thousands?|k)?\b", " ", text
    )
    found = unit_of(plain)
    return None if found == "£" and "£" not in units_plain(plain).split() else found


def units_plain(text: str) -> str:
    """Return a heading as units are looked for in it: one case, one pound sign, one apostrophe."""
    plain = _SPACES.sub(" ", text).casefold().replace("\u2019", "'").replace("\u2018", "'")
    return re.sub(r"\bgbp\b", "£", plain)


def without_unit(text: str) -> str:
    """Return a heading without its unit, in lower case."""
    plain = units_plain(text)
    for _, marks in _MARKS:
        plain = re.sub(marks, " ", plain)
    return plain
