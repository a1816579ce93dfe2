"""What one set of rules has otherwise than another, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from riskmc.study.in_words import RuleFigure, in_words, no_rule
from riskmc.study.regimes import WATERFALLS, InstrumentSetting, Regime, Rulebook
from riskmc.study.rule_figures import book_figures, is_unsaid, regime_figures
from riskmc.study.words import (
    TITLES,
    pools_in_words,
    sentence,
    shipped_regime,
    waterfall_in_words,
    wrapped,
)

_EXCESS = "What is asked beyond the pot is paid for by, in this order:"


def rules_against(regime: str, other: str) -> str:
    """Return in words what a shipped regime has otherwise than another.

    Parameters
    ----------
    regime : str
        Name of a shipped regime.
    other : str
        Name of the one it is compared with.

    Returns
    -------
    str
        Lines of text: what differs for everyone, then rulebook by rulebook; a rulebook that only
        one of them has is given in full.

    Raises
    ------
    KeyError
        Where no regime of either name ships with the package.
    StudyError
        Where a file that ships with the package was changed, and is wrong now.
    """
    ours, theirs = shipped_regime(regime), shipped_regime(other)
    title = f"{ours.label}, against {theirs.label}"
    parts = [*_for_everyone(ours, theirs), *_excess(ours, theirs)]
    for name in {**ours.rulebooks, **theirs.rulebooks}:
        mine, other_one = ours.rulebooks.get(name), theirs.rulebooks.get(name)
        if mine is not None and other_one is not None:
            said = _books(name, mine, other_one)
            parts += ["", f"Rulebook: {name}", *said] if said else []
        elif mine is not None:
            parts += ["", f"Rulebook: {name} (only in {ours.label})", *_whole(name, mine)]
        elif other_one is not None:
            parts += ["", f"Rulebook: {name} (only in {theirs.label})", *_whole(name, other_one)]
    while parts and not parts[0]:
        parts = parts[1:]
    return "\n".join([title, "=" * len(title), "", *(parts or ["No rule differs."])])


def _for_everyone(ours: Regime, theirs: Regime) -> list[str]:
    """Return lines for what is in no list of instruments."""
    mine, other = (list(pools_in_words(regime)) for regime in (ours, theirs))
    lines = []
    if mine != other:
        lines += wrapped(f"{'; '.join(mine)} (instead of: {'; '.join(other)})", "- ")
    return lines + _figures(_general(ours), _general(theirs))


def _general(regime: Regime) -> list[RuleFigure]:
    inside = ("rulebooks.", "centre.excess.")
    return [figure for figure in regime_figures(regime) if not figure.path.startswith(inside)]


def _figures(ours: Iterable[RuleFigure], theirs: Iterable[RuleFigure]) -> list[str]:
    """Return a line for each figure that differs, or that only one set of rules has."""
    mine, other = ({figure.path: figure for figure in each} for each in (ours, theirs))
    lines: list[str] = []
    for path in {**mine, **other}:
        one, instead = mine.get(path), other.get(path)
        if one is not None and instead is not None:
            if one.value != instead.value:
                lines += wrapped(f"{one.words} (instead of: {instead.words})", "- ")
        elif one is not None and not no_rule(one):
            lines += wrapped(one.words, "- ")
        elif instead is not None and not no_rule(instead):
            lines += wrapped(f"not: {instead.words}", "- ")
    return lines


def _excess(ours: Regime, theirs: Regime) -> list[str]:
    mine, other = (() if r.centre is None else r.centre.excess for r in (ours, theirs))
    said = _lists(mine, other)
    return ["", _EXCESS, *said] if said else []


def _books(name: str, ours: Rulebook, theirs: Rulebook) -> list[str]:
    """Return lines for what a rulebook that both have says otherwise."""
    lines = _figures(book_figures(name, ours), book_figures(name, theirs))
    for waterfall in WATERFALLS:
        said = _lists(ours.waterfall(waterfall), theirs.waterfall(waterfall))
        lines += [f"  {TITLES[waterfall]}", *said] if said else []
    return lines


def _lists(ours: Sequence[InstrumentSetting], theirs: Sequence[InstrumentSetting]) -> list[str]:
    """Return lines for instruments that differ, that only one list has, or in another order."""
    mine, other = ({setting.instrument: setting for setting in each} for each in (ours, theirs))
    lines: list[str] = []
    for setting in ours:
        instead = other.get(setting.instrument)
        if instead is None:
            lines += wrapped(sentence(setting), "  - ")
        elif sentence(setting) != sentence(instead):
            text = f"{sentence(setting)} (instead of: {sentence(instead)})"
            lines += wrapped(text, "  - ")
        else:
            lines += _unspoken(setting, instead)
    for setting in theirs:
        if setting.instrument not in mine:
            lines += wrapped(f"not: {sentence(setting)}", "  - ")
    both = [[s.row.label for s in each if s.instrument in mine and s.instrument in other]
            for each in (ours, theirs)]  # fmt: skip
    if both[0] != both[1]:
        text = f"in the order {', '.join(both[0])} (instead of: {', '.join(both[1])})"
        lines += wrapped(text, "  - ")
    return lines


def _unspoken(ours: InstrumentSetting, theirs: InstrumentSetting) -> Iterator[str]:
    """Yield lines for figures that an instrument's sentence leaves out."""
    for parameter in ours.row.parameters:
        mine, other = (setting.parameters[parameter.name] for setting in (ours, theirs))
        if mine == other or (is_unsaid(parameter, ours) and is_unsaid(parameter, theirs)):
            continue
        value, instead = (in_words(each, parameter.unit) for each in (mine, other))
        text = f"{ours.row.label}: {parameter.meaning}: {value} (instead of: {instead})"
        yield from wrapped(text, "  - ")


def _whole(name: str, book: Rulebook) -> list[str]:
    lines = _figures(book_figures(name, book), ())
    for waterfall in WATERFALLS:
        lines += waterfall_in_words(name, book, waterfall, None)
    return lines
