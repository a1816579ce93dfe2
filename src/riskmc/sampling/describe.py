"""Drivers in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from riskmc.distributions import Distribution, amount
from riskmc.errors import counted
from riskmc.study import ResolvedDriver, Risk, Study
from riskmc.study.cost_lines import line_id
from riskmc.variables import driver as register_row


def describe_driver(study: Study, name: str, organisation: str) -> str:
    """Say in one line what a driver does to an organisation, so that one can object.

    Parameters
    ----------
    study : Study
        As `load_study` gives it.
    name : str
        A driver of the register.
    organisation : str
        An organisation's id.

    Returns
    -------
    str
        One line: the distribution, what is common, what carries over.

    Raises
    ------
    KeyError
        An unknown driver or organisation.
    """
    row = register_row(name)
    if name == "one_off_cost":
        return f"{name}: {_risks(study, organisation)}"
    if organisation in study.made_by_lines(name):
        return f"{name}: made by the cost lines {_lines(study, name, organisation)}"
    if organisation in study.made_by_schemes(name):
        return f"{name}: made by {_schemes(study, organisation)}"
    driver = study.driver(name, organisation)
    if driver is None:
        return f"{name}: not named by the study: always {amount(row.neutral, _unit(name), 0.0)}"
    years = (driver, *driver.later)[: study.years]
    parts = [_by_year(study, [_one_year(row, _unit(name)) for row in years])]
    if name == "rescue":
        parts = ["any value from 0 to 1 is equally likely"]
    if driver.shared == 1.0:
        parts.append("all of its variation is common to the place")
    elif driver.shared > 0.0:
        parts.append(f"{100 * driver.shared:.3g} % of its variation is common to the place")
    if driver.shared_place > 0.0:
        of_rest = " of the rest" if driver.shared > 0.0 else " of its variation"
        where = study.place_of(study.organisation(organisation))
        parts.append(f"{100 * driver.shared_place:.3g} %{of_rest} is common to bodies in {where}")
    if driver.persistence != 0.0:
        way = "carries over to" if driver.persistence > 0.0 else "is reversed in"
        share = 100 * abs(driver.persistence)
        parts.append(f"{share:.3g} % of a year's deviation {way} the next")
    return f"{name}: {'; '.join(parts)}"


def _one_year(driver: ResolvedDriver, unit: str) -> str:
    """Say what a driver does in one year, and what planners assume where that differs."""
    text = _values(driver.distribution, driver.probability, unit)
    if driver.expected is None:
        return text
    return f"{text}; planners assume {amount(driver.expected, unit, 0.0)}"


def _by_year(study: Study, texts: list[str]) -> str:
    """Say what holds year by year; a text that holds on to the last year is said once."""
    while len(texts) > 1 and texts[-1] == texts[-2]:
        texts = texts[:-1]
    if len(texts) == 1:
        return texts[0]
    labels = [f"in {label}" for label in study.year_labels[: len(texts)]]
    if len(texts) < study.years:
        labels[-1] = f"from {study.year_labels[len(texts) - 1]} on"
    return ". ".join(f"{label}: {text}" for label, text in zip(labels, texts, strict=True))


def _unit(name: str) -> str:
    """Return the unit that amounts of a driver are written with."""
    unit = register_row(name).unit
    return "" if unit == "£ a year per £" or name == "rescue" else unit


def _values(distribution: Distribution, probability: float | None, unit: str) -> str:
    """Say a distribution, or an event with its size."""
    parts = distribution.describe(unit)
    if probability is None:
        return parts
    return f"in {100 * probability:.3g} of 100 years: {parts}; otherwise 0"


def occurrence(risk: Risk) -> str:
    """Say how often a risk happens: "in 30 of 100 years", "3.1 times a year on average"."""
    if risk.rate is not None:
        often = risk.rate if isinstance(risk.rate, tuple) else (risk.rate,)
        return f"{_range(often)} times a year on average"
    given = risk.probability
    if isinstance(given, Distribution):
        low, high = (float(x) for x in given.quantile(np.array([0.05, 0.95])))
        return f"in {100 * low:.3g} to {100 * high:.3g} of 100 years (uncertain)"
    chances = given if isinstance(given, tuple) else (given or 0.0,)
    return f"in {_range([100 * chance for chance in chances])} of 100 years"


def _range(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def _risk(risk: Risk) -> list[str]:
    """Say when a risk happens, what it costs, and what goes with it."""
    parts = [f"{occurrence(risk)}: {risk.impact.describe('£m')}; otherwise 0"]
    if risk.cap is not None:
        parts.append(f"at most {amount(risk.cap, '£m', 0.0)}")
    if risk.years is not None:
        parts.append(f"only in {', '.join(risk.years)}")
    if risk.once:
        parts.append("once only")
    if risk.lasts > 1:
        parts.append(f"for {counted(risk.lasts, 'year')}")
    if risk.prices == "opening":
        parts.append("in opening prices, growing with cost inflation")
    if risk.event is not None:
        parts.append(f"with the other rows of {risk.event}")
    if risk.group is not None:
        parts.append(f"at most one of {risk.group} a year")
    if risk.cause is not None:
        parts.append(f"{100 * (risk.shared or 0.0):.3g} % of it caused by {risk.cause}")
    if risk.mitigation is not None:
        parts.append("after mitigation" if risk.mitigation.taken else "before mitigation")
    return parts


def _lines(study: Study, name: str, organisation: str) -> str:
    """Say what a driver does to each cost line of an organisation."""
    body = study.organisation(organisation)
    parts = []
    for line in body.lines:
        own = line_id(body.id, line.name)
        driver = study.drivers[name].resolve(kind=body.kind, organisation=body.id, line=own)
        values = "neutral" if driver is None else _one_year(driver, _unit(name))
        parts.append(f"{line.name} (£{line.cost:.4g}m: {values})")
    return "; ".join(parts)


def _schemes(study: Study, organisation: str) -> str:
    """Say the savings schemes of an organisation."""
    rows = [
        f"{scheme.name} (£{sum(scheme.by_year(study.year_labels)):.3g}m in all; delivery: "
        f"{scheme.delivery.describe('share')}; {100 * scheme.recurrent:.3g} % recurs)"
        for scheme in study.schemes
        if scheme.organisation == organisation
    ]
    return f"{len(rows)} schemes: {'; '.join(rows)}"


def _risks(study: Study, organisation: str) -> str:
    """Say the rows of the risk register that fall on an organisation."""
    if organisation not in study.organisation_ids:
        raise KeyError(organisation)
    rows = [
        f"{risk.name} ({'; '.join(_risk(risk.simulated))})"
        for risk in study.risks
        if risk.organisation == organisation
    ]
    return "; ".join(rows) if rows else "no risks listed: always £0m"
