"""What a study leaves neutral, realises otherwise than typed, or is unlikely to mean."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import counted
from riskmc.study.centre import Centre
from riskmc.study.correlation import realised
from riskmc.study.drivers import NOT_BY_YEAR, ResolvedDriver
from riskmc.study.findings import Neutral, Realised, Validation
from riskmc.study.model import GrowthName
from riskmc.study.money_remarks import money_remarks, opening_positions
from riskmc.study.problems import listed
from riskmc.study.regime_notes import regime_notes
from riskmc.study.regime_warnings import regime_warnings
from riskmc.study.regimes import WATERFALLS
from riskmc.study.shipped_rules import (
    shipped_settlements,
    ships_figure,
    ships_scope,
    typed_instruments,
)
from riskmc.study.study import Study
from riskmc.variables import DRIVERS, KINDS, PLANNED

#: Below this part of what was typed, a correlation is worth a warning.
_WORTH_SAYING = 0.8
_DECIMALS = 9
#: A share of draws beyond what a driver's meaning allows that is worth a warning.
_OFTEN = 1e-3
#: A growth beyond this a year was probably typed in per cent.
_UNLIKELY_GROWTH = 0.5
_GROWTH_OF: dict[GrowthName, str] = {
    "grant_growth": "grant",
    "tax_growth": "local_tax",
    "charges_growth": "charges",
}


def validate(study: Study) -> Validation:
    """Say what a study leaves neutral, what is realised otherwise than typed, and what is odd.

    Parameters
    ----------
    study : Study
        As `load_study` gives it. Its faults were found then: this raises nothing.

    Returns
    -------
    Validation
        Everything that there is to say.
    """
    correlations = _correlations(study)
    warnings = [
        *_weakened(correlations),
        *_per_cent_for_fraction(study),
        *_drivers(study),
        *beyond_meaning(study),
        *_long_lists(study),
        *_idle_scopes(study),
        *money_remarks(study),
        *regime_warnings(study),
    ]
    tables = () if study.file is None else study.file.remarks
    notes = [*opening_positions(study), *_left_out(study), *tables, *regime_notes(study)]
    return Validation(_neutral(study), tuple(dict.fromkeys(warnings)), correlations, tuple(notes))


def _left_out(study: Study) -> list[str]:
    """Name the rows of data files that hold no figure."""
    tables = [
        table.parameters
        for driver in study.drivers.values()
        for table in (driver.everyone, *driver.by.values())
    ]
    tables += [risk.impact.model_dump() for risk in study.risks]
    return [
        f"{table['file']}, column {table['column']}: {table['left_out']} left out"
        for table in tables
        if table.get("left_out")
    ]


def _per_cent_for_fraction(study: Study) -> list[str]:
    """Name growths so large that a per cent was probably typed for a fraction."""
    planned = {
        f"{name} of {body}": float(max(study.growth(name)[:, k], key=abs))
        for name in _GROWTH_OF
        for k, body in enumerate(study.organisation_ids)
    }
    expected = {
        f"expected {name} of {body}": float(max(study.expected(name)[:, k], key=abs))
        for name in PLANNED
        for k, body in enumerate(study.organisation_ids)
    }
    return [
        f"{what} is {100 * growth:g} % a year; rates are fractions: 0.02 is 2 %"
        for what, growth in {**planned, **expected}.items()
        if abs(growth) > _UNLIKELY_GROWTH
    ]


def beyond_meaning(study: Study) -> list[str]:
    """Warn of drivers that often lie where their meaning does not allow them to."""
    chances: dict[tuple[str, str], tuple[float, list[str]]] = {}
    for row in DRIVERS:
        outside = np.nextafter(row.low, -math.inf), row.high
        for body in study.organisation_ids:
            drawn = None if row.source == "uniform" else study.driver(row.name, body)
            if drawn is None:
                continue
            below, above = _beyond(drawn, np.array(outside))
            for side, chance in ((f"below {row.low:g}", below), (f"above {row.high:g}", above)):
                if chance > _OFTEN:
                    most, bodies = chances.get((row.name, side), (0.0, []))
                    chances[row.name, side] = max(most, float(chance)), [*bodies, body]
    return [
        f"{name} is {side} in up to {100 * chance:.2g} % of draws for "
        f"{listed(bodies, last='and')}, outside its range; the nearest limit is used"
        for (name, side), (chance, bodies) in chances.items()
    ]


def _beyond(driver: ResolvedDriver, ends: NDArray[np.float64]) -> tuple[float, float]:
    """Return the largest chance of any year of a value below the first end, and above the last."""
    below = above = 0.0
    for row in (driver, *driver.later):
        probability = 1.0 if row.probability is None else row.probability
        under, within = probability * row.distribution.cdf(ends)
        below, above = max(below, float(under)), max(above, float(probability - within))
    return below, above


def _neutral(study: Study) -> tuple[Neutral, ...]:
    found: list[Neutral] = []
    ids = study.organisation_ids
    for driver in DRIVERS:
        if driver.source == "uniform":
            continue
        if driver.source == "risks":
            without = () if study.risks else ids
        else:
            made = (*study.made_by_schemes(driver.name), *study.made_by_lines(driver.name))
            without = tuple(
                name for name in ids if study.driver(driver.name, name) is None and name not in made
            )
        if without:
            named = () if without == ids else without
            found.append(Neutral(driver.name, driver.neutral, named))
    return tuple(found)


def _correlations(study: Study) -> tuple[Realised, ...]:
    rows: dict[tuple[str, str, float], list[str]] = {}
    for (first, second), typed in study.correlations.items():
        for name in study.organisation_ids:
            one, other = study.driver(first, name), study.driver(second, name)
            if one is not None and other is not None:
                value = round(realised(typed, one, other), _DECIMALS)
                rows.setdefault((first, second, value), []).append(name)
    return tuple(
        Realised(first, second, _typed(study, first, second), value, tuple(names))
        for (first, second, value), names in rows.items()
    )


def _typed(study: Study, first: str, second: str) -> float:
    return study.correlations[(first, second)]


def _weakened(rows: tuple[Realised, ...]) -> list[str]:
    return [
        f"correlation of {row.first} and {row.second} is typed {row.typed:g} but realised "
        f"{row.realised:.2g} ({100 * row.share:.0f} % of it) for "
        f"{listed(row.organisations, last='and')}, because their `shared` or `persistence` differ"
        for row in rows
        if row.share < _WORTH_SAYING
    ]


def _drivers(study: Study) -> list[str]:
    """Warn of drivers that are named but touch nothing."""
    settings = [
        setting
        for regime in study.regimes.values()
        for book in regime.rulebooks.values()
        for waterfall in WATERFALLS
        for setting in book.waterfall(waterfall)
    ]
    used = {setting.instrument for setting in settings}
    invests = any(setting.instrument == "prevention" for setting in typed_instruments(settings))
    if any(
        regime.settlement.transformation_fund_by_year(study.years).any()
        for regime in study.regimes.values()
    ):
        used.add("prevention")
        invests = True
    named = study.named_drivers
    found = []
    for row in DRIVERS:
        if row.name in named and row.needs and row.needs[0] not in used:
            found.append(f"{row.name} is named, but no regime {row.needs[1]}")
    if invests and "prevention_yield" not in named:
        found.append("money is spent on prevention, but prevention_yield is neutral: it saves 0")
    for row in DRIVERS:
        has = not row.acts_on or any(getattr(b, row.acts_on) for b in study.organisations)
        if row.name in named and not has:
            found.append(
                f"{row.name} is named, but no organisation has a {row.acts_on} for it to act on"
            )
    return found


def _long_lists(study: Study) -> list[str]:
    """Warn of lists by year that are longer than the study."""
    lists: list[tuple[str, object]] = []
    plannings = {"": study.planning} | {
        f"regimes.{name}.": regime.planning
        for name, regime in study.regimes.items()
        if regime.planning is not None
    }
    for prefix, planning in plannings.items():
        lists += _lists(planning, f"{prefix}planning")
    lists += [
        (f"contracts[{n}].{key}", value)
        for n, contract in enumerate(study.contracts)
        for key, value in contract
    ]
    lists += [
        (f"drivers.{name}{'.by.' if scope else ''}{scope}.{key}", value)
        for name, driver in study.drivers.items()
        for scope, table in {"": driver.everyone, **driver.by}.items()
        for key, value in table.table().items()
        if key not in NOT_BY_YEAR
    ]
    for name, regime in study.regimes.items():
        if regime.settlement not in shipped_settlements():
            lists += _lists(regime.settlement, f"regimes.{name}.settlement")
        lists += _lists(regime.payment, f"regimes.{name}.payment")
        lists += _of_the_centre(regime.centre, f"regimes.{name}.centre")
        for book_name, book in regime.rulebooks.items():
            for setting in (*book.plan, *book.shortfall, *book.surplus):
                path = f"regimes.{name}.rulebooks.{book_name}.{setting.waterfall}"
                lists += [
                    (f"{path}.{setting.instrument}.{key}", value)
                    for key, value in setting.parameters.items()
                    if not ships_figure(setting, key)
                ]
    return [
        f"{path} has {len(value)} values for {counted(study.years, 'year')}: the rest is not used"
        for path, value in lists
        if isinstance(value, list | tuple) and len(value) > study.years
    ]


def _of_the_centre(centre: Centre | None, path: str) -> list[tuple[str, object]]:
    """Return the figures of the centre that may be by year, with their paths."""
    if centre is None:
        return []
    found: list[tuple[str, object]] = [(f"{path}.pot", centre.pot)]
    if centre.windfall is not None:
        windfall = centre.windfall
        found += [(f"{path}.windfall.{key}", getattr(windfall, key)) for key in ("share", "above")]
    return found + [
        (f"{path}.excess.{setting.instrument}.{key}", value)
        for setting in centre.excess
        for key, value in setting.parameters.items()
    ]


def _lists(table: Any, path: str) -> list[tuple[str, object]]:
    """Return what a table with scopes sets, with its path."""
    found: list[tuple[str, object]] = []
    for scope, own in {"": table, **table.by}.items():
        prefix = f"{path}.by.{scope}" if scope else path
        found += [(f"{prefix}.{name}", value) for name, value in own if name != "by"]
    return found


def _idle_scopes(study: Study) -> list[str]:
    """Warn of scopes that touch no organisation, or nothing of it."""
    kinds = {body.kind for body in study.organisations}
    tables: dict[str, Iterable[str]] = {"planning": study.planning.by}
    for name, regime in study.regimes.items():
        tables[f"regimes.{name}.settlement"] = [
            scope for scope in regime.settlement.by if not ships_scope(regime.settlement, scope)
        ]
        if regime.planning is not None:
            tables[f"regimes.{name}.planning"] = regime.planning.by
    found = [
        f"{path}.by.{scope} has no effect: the study has no {scope}"
        for path, by in (
            *tables.items(),
            *((f"drivers.{name}", driver.by.keys()) for name, driver in study.drivers.items()),
        )
        for scope in by
        if scope in KINDS and scope not in kinds
    ]
    for name, field in ((row.name, row.acts_on) for row in DRIVERS if row.acts_on):
        driver = study.drivers.get(name)
        for scope in driver.by if driver else ():
            bodies = [body for body in study.organisations if scope in (body.id, body.kind)]
            if bodies and not any(getattr(body, field) for body in bodies):
                found.append(f"drivers.{name}.by.{scope} has no effect: no {field} there")
    for scope, table in study.planning.by.items():
        bodies = [body for body in study.organisations if scope in (body.id, body.kind)]
        for name, field in _GROWTH_OF.items():
            unused = bodies and not any(getattr(body, field) for body in bodies)
            if getattr(table, name) is not None and unused:
                found.append(f"planning.by.{scope}.{name} has no effect: no {field} there")
    return found
