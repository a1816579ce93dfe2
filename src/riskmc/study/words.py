"""A regime in plain words, each figure with its unit, where it comes from and why."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from riskmc.errors import StudyError
from riskmc.rules.rows import Parameter
from riskmc.study.build_regimes import regime as read_regime
from riskmc.study.conditional import RestoreReserves
from riskmc.study.contracts import TermName
from riskmc.study.device_words import (
    centre_in_words,
    conditional_in_words,
    funding_in_words,
    projects_in_words,
)
from riskmc.study.extends import Base, Source, resolved, shipped
from riskmc.study.in_words import RuleFigure, Value, cuts_in_words, in_turn, in_words, no_rule
from riskmc.study.model import PlanningScope
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
from riskmc.study.settlement import SCOPED

_WIDTH = 96
_NO_LIMIT = "no limit"
_TITLES: dict[Waterfall, str] = {
    "plan": "Before the year, a gap in the plan is closed by, in this order:",
    "shortfall": "At the end of the year, a shortfall is met by, in this order:",
    "surplus": "At the end of the year, a surplus is used to, in this order:",
}
_REST: dict[Waterfall, str] = {
    "plan": "What is left is a planned deficit.",
    "shortfall": "What is left stays unresolved: reserves fall below their floor.",
    "surplus": "What is left returns to the centre.",
}
_SETTLEMENT_UNITS = {
    "period": "years",
    "in_year_cuts": "exposed, deferred or protected",
    "cut_recurrent_share": "share of the cut",
    "new_burdens_funded": "share of the cost",
    "equalisation": "share of the shock",
    "open_book": "share",
    "transformation_fund": "£m a year",
}
_GROWTH_UNIT = "share a year"
_TERMS: dict[TermName, tuple[str, str]] = {
    "activity_share": ("share of contract value", "{} of the contract follows activity"),
    "activity_price": ("£ per £", "{} of income is lost per £ of cost avoided with the activity"),
    "risk_share": ("share of overspend", "the payer bears {} of the payee's cost above plan"),
    "risk_limit": ("share of contract value", "risk sharing moves at most {} of the value"),
    "benefit_share": ("share of saving", "{} of what prevention saves the payer is passed on"),
    "outcome_share": ("share of contract value", "{} is withheld unless need grows less"),
    "outcome_target": ("share a year", "need must grow {} less than expected to earn it"),
}
_BOOK_UNITS = {
    "interest": "share of what is owed, a year",
    "contingency": "share of planned cost",
    "restore_reserves": "true or false",
}


@cache
def shipped_regime(name: str) -> Regime:
    """Return a regime that ships with the package; KeyError where there is none of that name."""
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
    """
    sources: dict[str, Source] = {}
    for base in reversed(shipped_chain(name)):
        assert base.shipped is not None
        sources |= base.shipped.sources
    figures = {figure.path for figure in regime_figures(shipped_regime(name))}
    return {path: source for path, source in sources.items() if path in figures}


def rules_against(regime: str, other: str) -> str:
    """Return in words what a shipped regime has otherwise than another.

    Raises KeyError where no regime of either name ships with the package.
    """
    ours, theirs = (
        {figure.path: figure for figure in regime_figures(shipped_regime(name))}
        for name in (regime, other)
    )
    lines = [f"{shipped_regime(regime).label}, against {shipped_regime(other).label}"]
    lines += ["=" * len(lines[0]), ""]
    pools = [
        [line for pool in _pools(shipped_regime(n)) for line in [pool]] for n in (regime, other)
    ]
    if pools[0] != pools[1]:
        lines += _wrapped(f"{'; '.join(pools[0])} (instead of: {'; '.join(pools[1])})", "- ")
    for path in [*ours, *(p for p in theirs if p not in ours)]:
        mine, other_one = ours.get(path), theirs.get(path)
        if mine is None and other_one is not None:
            lines += _wrapped(f"not: {other_one.words}", "- ")
        elif mine is not None and other_one is None:
            lines += _wrapped(mine.words, "- ")
        elif mine is not None and other_one is not None and mine.value != other_one.value:
            lines += _wrapped(f"{mine.words} (instead of: {other_one.words})", "- ")
    return "\n".join(lines)


def rules_in_words(regime: Regime | str, sources: Mapping[str, Source] | None = None) -> str:
    """Return a regime in plain words.

    Parameters
    ----------
    regime : a regime of a study, or the name of one that ships with the package.
    sources : unit, source and reason of its figures by dotted path; a shipped regime's are
        taken from its file.

    Raises
    ------
    KeyError
        Where no regime of that name ships with the package.
    """
    if isinstance(regime, str):
        sources = shipped_sources(regime) if sources is None else sources
        regime = shipped_regime(regime)
    lines = [regime.label, "=" * len(regime.label)]
    lines += ["", "Settlement", *_figures(_settlement(regime), sources)]
    planned = _figures(_planned(regime), sources)
    lines += ["", "Planned growth under these rules", *planned] if planned else []
    lines += ["", "Payment and pools", *_figures(_payment(regime), sources)]
    lines += [line for pool in _pools(regime) for line in _wrapped(pool, "- ")]
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
        lines += ["", f"Rulebook: {name}", *_figures(_settings(name, book), sources)]
        for waterfall in WATERFALLS:
            lines += ["", *_waterfall(name, book, waterfall, sources)]
    return "\n".join(lines) + "\n"


def regime_figures(regime: Regime) -> tuple[RuleFigure, ...]:
    """Return every figure of a regime, by the dotted path that its source is filed under."""
    figures = [*_settlement(regime), *_planned(regime), *_payment(regime)]
    figures += [*projects_in_words(regime), *funding_in_words(regime), *centre_in_words(regime)]
    figures += conditional_in_words(regime)
    for setting in () if regime.centre is None else regime.centre.excess:
        figures += _parameters("centre", setting)
    for name, book in regime.rulebooks.items():
        figures += _settings(name, book)
        for waterfall in WATERFALLS:
            for setting in book.waterfall(waterfall):
                figures += _parameters(name, setting)
    return tuple(figures)


def _settlement(regime: Regime) -> Iterator[RuleFigure]:
    given = regime.settlement
    for key, unit in _SETTLEMENT_UNITS.items():
        value = getattr(given, key)
        yield RuleFigure(f"settlement.{key}", value, unit, _settlement_words(key, value, unit))
    for scope, own in given.by.items():
        for key in SCOPED:
            value = getattr(own, key)
            if value is not None:
                words = _settlement_words(key, value, _SETTLEMENT_UNITS[key])
                yield RuleFigure(
                    f"settlement.by.{scope}.{key}",
                    value,
                    _SETTLEMENT_UNITS[key],
                    f"for {scope}: {words}",
                )


def _settlement_words(key: str, value: Any, unit: str) -> str:
    text = in_words(value, unit)
    if key == "period":
        often = "every year" if value == 1 else f"every {value} years"
        return f"the grant is settled {often}"
    if key == "in_year_cuts":
        return cuts_in_words(value)
    if key == "transformation_fund":
        if isinstance(value, tuple):
            return f"the centre pays a transformation fund of {in_turn(value, unit)}"
        if value == 0.0:
            return "there is no transformation fund"
        return f"the centre pays a transformation fund of {text} every year"
    return {
        "cut_recurrent_share": f"{text} of a cut leaves the grant for good",
        "new_burdens_funded": f"the centre pays for {text} of new mandates",
        "equalisation": f"the centre makes up {text} of a shock to local tax",
        "open_book": f"open books show a shortfall {text} earlier",
    }[key]


def _planned(regime: Regime) -> Iterator[RuleFigure]:
    """Yield the planned growth that a regime sets in place of the study's."""
    given = regime.planning
    if given is None:
        return
    for scope, own in {"": given, **given.by}.items():
        for key in PlanningScope.model_fields:
            value = getattr(own, key)
            if value is not None:
                path = f"planning.by.{scope}.{key}" if scope else f"planning.{key}"
                who = f" for {scope}" if scope else ""
                what = key.replace("_", " ")
                text = in_words(value, _GROWTH_UNIT)
                yield RuleFigure(path, value, _GROWTH_UNIT, f"planned {what}{who}: {text} a year")


def _payment(regime: Regime) -> Iterator[RuleFigure]:
    share = regime.payment.activity_share
    unit = "share of contract value"
    if share is None:
        words = "each contract keeps its own activity share"
    elif share == 0.0:
        words = "no contract follows activity (capitation)"
    else:
        words = f"{in_words(share, unit)} of every contract follows activity"
    yield RuleFigure("payment.activity_share", share, unit, words)
    for name, terms in {"": regime.payment, **regime.payment.by}.items():
        for term, (unit, words) in _TERMS.items():
            value = getattr(terms, term)
            if value is None or (term == "activity_share" and not name):
                continue
            path = f"payment.by.{name}.{term}" if name else f"payment.{term}"
            which = f"for {name}: " if name else ""
            yield RuleFigure(path, value, unit, which + words.format(in_words(value, unit)))


def _pools(regime: Regime) -> Iterator[str]:
    if not regime.pools:
        yield "every body balances alone"
    for pool in regime.pools:
        who = "all bodies" if pool.members == (EVERYBODY,) else listed(pool.members, last="and")
        yield f"{who} balance as one holder, {pool.name}, under rulebook {pool.rulebook}"


def _settings(name: str, book: Rulebook) -> Iterator[RuleFigure]:
    prefix = f"rulebooks.{name}"
    interest = in_words(book.interest, _BOOK_UNITS["interest"])
    contingency = in_words(book.contingency, _BOOK_UNITS["contingency"])
    restore = book.restore_reserves
    level = "reserves below their floor must be restored to it"
    if not restore:
        level = "reserves below zero must be restored to zero, not to their floor"
    if isinstance(restore, RestoreReserves):
        share = in_words(restore.to, "share of planned income")
        level = (
            f"reserves below {share} of planned income, or below their floor, must be restored to "
            f"it over {in_words(restore.over, '')} years"
        )
    for key, words in (
        ("interest", f"interest of {interest} a year on debt, carried deficit and overdrafts"),
        ("contingency", f"{contingency} of planned cost is held back as contingency"),
        ("restore_reserves", level),
    ):
        value = getattr(book, key)
        if isinstance(value, RestoreReserves):
            yield RuleFigure(f"{prefix}.{key}.over", value.over, "years", words)
            words = f"{in_words(value.to, 'share')} of planned income is held in reserves"
            yield RuleFigure(f"{prefix}.{key}.to", value.to, "share of planned income", words)
        else:
            yield RuleFigure(f"{prefix}.{key}", value, _BOOK_UNITS[key], words)


def _parameters(name: str, setting: InstrumentSetting) -> Iterator[RuleFigure]:
    for parameter in setting.row.parameters:
        value = setting.parameters[parameter.name]
        if _unsaid(parameter, setting):
            continue
        prefix = name if setting.waterfall == "excess" else f"rulebooks.{name}"
        path = f"{prefix}.{setting.waterfall}.{setting.instrument}.{parameter.name}"
        text = in_words(value, parameter.unit)
        yield RuleFigure(path, value, parameter.unit, f"{parameter.meaning}: {text}")


def _unsaid(parameter: Parameter, setting: InstrumentSetting) -> bool:
    """Whether a figure stays at its default and says nothing there."""
    at_default = setting.parameters[parameter.name] == parameter.default
    alone = setting.parameters.get(parameter.goes_with) is None
    return parameter.silent and at_default and alone


def _waterfall(
    name: str, book: Rulebook, waterfall: Waterfall, sources: Mapping[str, Source] | None
) -> list[str]:
    lines = [f"  {_TITLES[waterfall]}"]
    for place, setting in enumerate(book.waterfall(waterfall), start=1):
        lines += _wrapped(_sentence(setting), f"  {place}. ")
        for figure in _parameters(name, setting):
            lines += _sourced(figure, sources, "     ")
    lines.append(f"     {_REST[waterfall]}")
    return lines


def _excess(regime: Regime, sources: Mapping[str, Source] | None) -> list[str]:
    """Return the centre's list; nothing where there is none."""
    if regime.centre is None or not regime.centre.excess:
        return []
    lines = ["", "  What is asked beyond the pot is paid for by, in this order:"]
    for place, setting in enumerate(regime.centre.excess, start=1):
        lines += _wrapped(_sentence(setting), f"  {place}. ")
        for figure in _parameters("centre", setting):
            lines += _sourced(figure, sources, "     ")
    return [*lines, "     What is left is refused, in equal proportion."]


def _sentence(setting: InstrumentSetting) -> str:
    """Return the register's words with their figures; a limit that is not set is left out."""
    words = setting.row.words
    slots = {}
    for parameter in setting.row.parameters:
        value = setting.parameters[parameter.name]
        if value is None or _unsaid(parameter, setting):
            words = re.sub(rf"[,;][^,;]*{{{parameter.name}}}[^,;]*", "", words)
        slots[parameter.name] = in_words(value, parameter.unit)
    return words.format(**slots)


def _figures(figures: Iterator[RuleFigure], sources: Mapping[str, Source] | None) -> list[str]:
    lines: list[str] = []
    for figure in figures:
        if no_rule(figure):
            continue
        lines += _wrapped(figure.words, "- ")
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
    return _wrapped(f"{text} {_stopped(source.why)}".rstrip(), indent)


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


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent))
