"""Every figure of a regime by its dotted path, with its unit and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from riskmc.rules.rows import Parameter
from riskmc.study.conditional import RestoreReserves
from riskmc.study.contracts import TermName
from riskmc.study.device_words import (
    centre_in_words,
    conditional_in_words,
    funding_in_words,
    projects_in_words,
)
from riskmc.study.in_words import RuleFigure, cuts_in_words, in_turn, in_words
from riskmc.study.model import PlanningScope
from riskmc.study.regimes import WATERFALLS, InstrumentSetting, Regime, Rulebook
from riskmc.study.settlement import SCOPED

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


def regime_figures(regime: Regime) -> tuple[RuleFigure, ...]:
    """Return every figure of a regime, by the dotted path that its source is filed under.

    Parameters
    ----------
    regime : Regime
        A regime of a study, or one that ships.

    Returns
    -------
    tuple of RuleFigure
        In the order in which the rules are printed.
    """
    figures = [*settlement_figures(regime), *planned_figures(regime), *payment_figures(regime)]
    figures += [*projects_in_words(regime), *funding_in_words(regime), *centre_in_words(regime)]
    figures += conditional_in_words(regime)
    for setting in () if regime.centre is None else regime.centre.excess:
        figures += instrument_figures("centre", setting)
    for name, book in regime.rulebooks.items():
        figures += book_figures(name, book)
        for waterfall in WATERFALLS:
            for setting in book.waterfall(waterfall):
                figures += instrument_figures(name, setting)
    return tuple(figures)


def settlement_figures(regime: Regime) -> Iterator[RuleFigure]:
    """Yield the figures of a regime's settlement, those of its scopes after them."""
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


def planned_figures(regime: Regime) -> Iterator[RuleFigure]:
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


def payment_figures(regime: Regime) -> Iterator[RuleFigure]:
    """Yield the terms of payment that a regime sets, for all contracts and then by contract."""
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


def book_figures(name: str, book: Rulebook) -> Iterator[RuleFigure]:
    """Yield the single figures of a rulebook: interest, contingency, the reserves to restore."""
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
            f"it over {in_words(restore.over, '')} {'year' if restore.over == 1 else 'years'}"
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


def instrument_figures(name: str, setting: InstrumentSetting) -> Iterator[RuleFigure]:
    """Yield an instrument's figures, but for defaults that say nothing."""
    for parameter in setting.row.parameters:
        value = setting.parameters[parameter.name]
        if is_unsaid(parameter, setting):
            continue
        prefix = name if setting.waterfall == "excess" else f"rulebooks.{name}"
        path = f"{prefix}.{setting.waterfall}.{setting.instrument}.{parameter.name}"
        text = in_words(value, parameter.unit)
        yield RuleFigure(path, value, parameter.unit, f"{parameter.meaning}: {text}")


def is_unsaid(parameter: Parameter, setting: InstrumentSetting) -> bool:
    """Say whether a figure stays at its default and says nothing there."""
    at_default = setting.parameters[parameter.name] == parameter.default
    alone = setting.parameters.get(parameter.goes_with) is None
    return parameter.silent and at_default and alone
