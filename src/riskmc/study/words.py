"""A regime in plain words, each figure with its unit, where it comes from and why."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache

from riskmc.errors import StudyError
from riskmc.study.build_regimes import regime as read_regime
from riskmc.study.device_words import (
    centre_in_words,
    conditional_in_words,
    funding_in_words,
    projects_in_words,
)
from riskmc.study.extends import Base, Source, resolved, shipped
from riskmc.study.in_words import RuleFigure, Value, in_words, no_rule
from riskmc.study.places import Places
from riskmc.study.problems import Problems, listed
from riskmc.study.regimes import (
    EVERYBODY,
    WATERFALLS,
    InstrumentSetting,
    Regime,
    Rulebook,
    Waterfall,
)
from riskmc.study.rule_figures import (
    book_figures,
    instrument_figures,
    is_unsaid,
    payment_figures,
    planned_figures,
    regime_figures,
    settlement_figures,
)

_WIDTH = 96
_NO_LIMIT = "no limit"
TITLES: dict[Waterfall, str] = {
    "plan": "Before the year, a gap in the plan is closed by, in this order:",
    "shortfall": "At the end of the year, a shortfall is met by, in this order:",
    "surplus": "At the end of the year, a surplus is used to, in this order:",
}
_REST: dict[Waterfall, str] = {
    "plan": "What is left is a planned deficit.",
    "shortfall": "What is left stays unresolved: reserves fall below their floor.",
    "surplus": "What is left returns to the centre.",
}


@cache
def shipped_regime(name: str) -> Regime:
    """Return a regime that ships with the package.

    Parameters
    ----------
    name : str
        Its name, as `riskmc rules` lists it.

    Returns
    -------
    Regime
        Complete: what it extends is resolved.

    Raises
    ------
    KeyError
        Where there is none of that name.
    StudyError
        Where a file that ships with the package was changed, and is wrong now.
    """
    bases = shipped_chain(name)
    places = Places(shipped(name).file, None, regimes={name: bases})
    problems = Problems(places)
    found = read_regime(problems, name, resolved(bases), ("regimes", name))
    problems.raise_any()
    if found is None:
        raise StudyError(problems.in_order())
    return found


def shipped_chain(name: str) -> list[Base]:
    """Return the tables that make up a shipped regime: its own first, then what it extends."""
    found, current = [], name
    while True:
        base = shipped(current)
        found.append(Base(base.table, (), base))
        if "extends" not in base.table:
            return found
        current = str(base.table["extends"])


def shipped_sources(name: str) -> dict[str, Source]:
    """Return unit, source and reason of the figures of a shipped regime, by dotted path.

    What a regime does not say of a figure is taken from the regime that it extends.

    Parameters
    ----------
    name : str
        Name of a shipped regime.

    Returns
    -------
    dict of str to Source
        By dotted path, such as "settlement.period".

    Raises
    ------
    KeyError
        Where there is none of that name.
    StudyError
        Where a file that ships with the package was changed, and is wrong now.
    """
    sources: dict[str, Source] = {}
    for base in reversed(shipped_chain(name)):
        assert base.shipped is not None
        sources |= base.shipped.sources
    figures = {figure.path for figure in regime_figures(shipped_regime(name))}
    return {path: source for path, source in sources.items() if path in figures}


def rules_in_words(regime: Regime | str, sources: Mapping[str, Source] | None = None) -> str:
    """Return a regime in plain words.

    Parameters
    ----------
    regime : Regime or str
        A regime of a study, or the name of one that ships with the package.
    sources : mapping of str to Source, optional
        Unit, source and reason of its figures by dotted path; a shipped regime's are taken from its
        file.

    Returns
    -------
    str
        Lines of text: settlement, payment, pools, and each rulebook with its lists.

    Raises
    ------
    KeyError
        Where no regime of that name ships with the package.
    StudyError
        Where a file that ships with the package was changed, and is wrong now.
    """
    if isinstance(regime, str):
        sources = shipped_sources(regime) if sources is None else sources
        regime = shipped_regime(regime)
    lines = [regime.label, "=" * len(regime.label)]
    lines += ["", "Settlement", *_figures(settlement_figures(regime), sources)]
    planned = _figures(planned_figures(regime), sources)
    lines += ["", "Planned growth under these rules", *planned] if planned else []
    lines += ["", "Payment and pools", *_figures(payment_figures(regime), sources)]
    lines += [line for pool in pools_in_words(regime) for line in wrapped(pool, "- ")]
    for title, figures in (
        ("Projects", projects_in_words(regime)),
        ("Funding", funding_in_words(regime)),
        ("The centre", centre_in_words(regime)),
        ("Conditional money", conditional_in_words(regime)),
    ):
        said = _figures(figures, sources)
        lines += ["", title, *said] if said else []
    lines += _excess(regime, sources)
    for name, book in regime.rulebooks.items():
        lines += ["", f"Rulebook: {name}", *_figures(book_figures(name, book), sources)]
        for waterfall in WATERFALLS:
            lines += ["", *waterfall_in_words(name, book, waterfall, sources)]
    return "\n".join(lines) + "\n"


def pools_in_words(regime: Regime) -> Iterator[str]:
    """Yield who balances with whom."""
    if not regime.pools:
        yield "every body balances alone"
    for pool in regime.pools:
        who = "all bodies" if pool.members == (EVERYBODY,) else listed(pool.members, last="and")
        yield f"{who} balance as one holder, {pool.name}, under rulebook {pool.rulebook}"


def waterfall_in_words(
    name: str, book: Rulebook, waterfall: Waterfall, sources: Mapping[str, Source] | None
) -> list[str]:
    """Return a list of instruments in words, with where its figures come from."""
    lines = [f"  {TITLES[waterfall]}"]
    for place, setting in enumerate(book.waterfall(waterfall), start=1):
        lines += wrapped(sentence(setting), f"  {place}. ")
        for figure in instrument_figures(name, setting):
            lines += _sourced(figure, sources, "     ")
    lines.append(f"     {_REST[waterfall]}")
    return lines


def _excess(regime: Regime, sources: Mapping[str, Source] | None) -> list[str]:
    """Return the centre's list; nothing where there is none."""
    if regime.centre is None or not regime.centre.excess:
        return []
    lines = ["", "  What is asked beyond the pot is paid for by, in this order:"]
    for place, setting in enumerate(regime.centre.excess, start=1):
        lines += wrapped(sentence(setting), f"  {place}. ")
        for figure in instrument_figures("centre", setting):
            lines += _sourced(figure, sources, "     ")
    return [*lines, "     What is left is refused, in equal proportion."]


def sentence(setting: InstrumentSetting) -> str:
    """Return the register's words with their figures; a limit that is not set is left out."""
    words = setting.row.words
    slots = {}
    for parameter in setting.row.parameters:
        value = setting.parameters[parameter.name]
        if value is None or is_unsaid(parameter, setting):
            words = re.sub(rf"[,;][^,;]*{{{parameter.name}}}[^,;]*", "", words)
        slots[parameter.name] = in_words(value, parameter.unit)
    return words.format(**slots)


def _figures(figures: Iterator[RuleFigure], sources: Mapping[str, Source] | None) -> list[str]:
    lines: list[str] = []
    for figure in figures:
        if no_rule(figure):
            continue
        lines += wrapped(figure.words, "- ")
        lines += _sourced(figure, sources, "    ")
    return lines


def _sourced(figure: RuleFigure, sources: Mapping[str, Source] | None, indent: str) -> list[str]:
    """Return the lines that say where a figure comes from; none where nothing is known."""
    source = (sources or {}).get(figure.path)
    if source is None:
        return []
    key = figure.path.rpartition(".")[2]
    unit = source.unit or figure.unit
    text = f"{key} = {_typed(figure.value)} ({unit}). Source: {_stopped(source.source)}"
    return wrapped(f"{text} {_stopped(source.why)}".rstrip(), indent)


def _typed(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(f'{item:g}' for item in value)}]"
    if value is None:
        return "not set"
    return value if isinstance(value, str) else f"{value:g}"


def _stopped(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def wrapped(text: str, indent: str) -> list[str]:
    """Return a text in lines, the first after a mark."""
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent))
