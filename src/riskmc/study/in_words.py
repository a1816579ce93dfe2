"""A figure of a regime in words: its path, its value with its unit, and what it means."""

from __future__ import annotations

from dataclasses import dataclass

from riskmc.study.settings import Figure

_NO_LIMIT = "no limit"
#: No rule where they are 0 or not set: the rules in words leave them out.
_NO_RULE_AT_ZERO = {
    *("equalisation", "open_book", "transformation_fund", "interest", "contingency"),
    *("above", "first", "opening", "activity_price", "risk_share", "benefit_share"),
    *("outcome_share", "outcome_target", "levy"),
}
_CUTS = {
    "exposed": "a cut during the year is taken at once",
    "deferred": "a cut during the year waits for the next review of the grant",
    "protected": "no cut is taken during the year, nor made up for later",
}
_UNSET = ("activity_share", None)

Value = Figure | str | bool


@dataclass(frozen=True, slots=True)
class RuleFigure:
    """One figure of a regime.

    Parameters
    ----------
    path : str
        Dotted path in the regime, such as "settlement.period".
    value : float, bool, str, tuple of float, or None
        The figure itself; None means no limit.
    unit : str
        Its unit.
    words : str
        What it means, as a sentence.
    """

    path: str
    value: Value
    unit: str
    words: str


def no_rule(figure: RuleFigure) -> bool:
    """Say whether a figure changes nothing: the rules in words leave it out."""
    key = figure.path.rpartition(".")[2]
    return (key in _NO_RULE_AT_ZERO and not figure.value) or (key, figure.value) == _UNSET


def in_words(value: Value, unit: str) -> str:
    """Return a figure with its unit: shares in per cent, money with its sign, years as years."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return _NO_LIMIT
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return _by_year([in_words(item, unit) for item in value])
    if unit.startswith(("share", "probability", "ratio")):
        return f"{_number(100.0 * value)} %"
    if unit.startswith("£m"):
        return f"£{_number(value)}m"
    if unit.startswith("£"):
        return f"£{value:.2f}"
    return f"{_number(value)} {unit}" if unit else _number(value)


def cuts_in_words(value: str | tuple[str, ...]) -> str:
    """Say what is done with a cut during the year, by year where that is a list."""
    fates = [_CUTS[choice] for choice in ((value,) if isinstance(value, str) else value)]
    return _by_year(fates) if len(set(fates)) > 1 else fates[0]


def in_turn(value: tuple[float, ...], unit: str) -> str:
    """Return amounts by year: one amount once, others year by year."""
    if len(value) > 1 and len(set(value)) == 1:
        return f"{in_words(value[0], unit)} for {len(value)} years, then nothing"
    each = ", ".join(in_words(item, unit) for item in value) or "nothing"
    return f"{each} in turn, then nothing"


def _number(value: float) -> str:
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _by_year(words: list[str]) -> str:
    """Return values by year: repeats at the end are said once."""
    while len(words) > 1 and words[-1] == words[-2]:
        words = words[:-1]
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])}, then {words[-1]} (by year)"
