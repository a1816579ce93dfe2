"""From the raw `[regimes]` to their models: `extends` resolved, instruments by the register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from riskmc.rules.register import INSTRUMENTS, Instrument, Parameter, instrument, names
from riskmc.study.build import Draft, Raw, scoped, section, table
from riskmc.study.centre import Centre, Windfall, WriteOff
from riskmc.study.conditional import Conditional
from riskmc.study.contracts import Payment, Terms
from riskmc.study.extends import chain, resolved
from riskmc.study.model import Planning, PlanningScope
from riskmc.study.positions import Path
from riskmc.study.problems import Problems, listed, nearest
from riskmc.study.projects import Funding, ProjectRules
from riskmc.study.regimes import (
    WATERFALLS,
    Figure,
    InstrumentSetting,
    Pool,
    Regime,
    Rulebook,
    RulebookSettings,
    figure_bounds,
    held,
    is_required,
)
from riskmc.study.settings import AnyList
from riskmc.study.settlement import Settlement, SettlementScope
from riskmc.study.types import Table, number_fault, range_in_words

T = TypeVar("T", bound=Table)


def _settlement(problems: Problems, raw: Any, path: Path) -> Settlement | None:
    return scoped(problems, Settlement, SettlementScope, raw, path)


def _payment(problems: Problems, raw: Any, path: Path) -> Payment | None:
    return scoped(problems, Payment, Terms, raw, path)


def _planning(problems: Problems, raw: Any, path: Path) -> Planning | None:
    return scoped(problems, Planning, PlanningScope, raw, path)


def _projects(problems: Problems, raw: Any, path: Path) -> ProjectRules | None:
    return table(problems, ProjectRules, raw, path)


def _funding(problems: Problems, raw: Any, path: Path) -> Funding | None:
    return table(problems, Funding, raw, path)


def _centre(problems: Problems, raw: Any, path: Path) -> Centre | None:
    """Read the centre; its list is one of instruments, as a rulebook's."""
    if not isinstance(raw, Mapping):
        return table(problems, Centre, raw, path)
    plain = {key: value for key, value in raw.items() if key not in ("excess", *_OF_CENTRE)}
    found = table(problems, Centre, plain, path)
    excess = _waterfall(problems, "excess", raw.get("excess", []), (*path, "excess"))
    parts = {
        key: table(problems, model, raw[key], (*path, key))
        for key, model in _OF_CENTRE.items()
        if key in raw
    }
    if found is None or excess is None or None in parts.values():
        return None
    return found.model_copy(update={"excess": excess, **parts})


def _conditional(problems: Problems, raw: Any, path: Path) -> tuple[Conditional, ...] | None:
    rows = _rows(problems, Conditional, raw, path, header="[[regimes.….conditional]]")
    return None if None in rows else tuple(row for row in rows if row)


_OF_CENTRE: dict[str, type[Table]] = {"windfall": Windfall, "write_off": WriteOff}
#: The tables of a regime that stand for themselves, and what reads each.
_PARTS: dict[str, Callable[[Problems, Any, Path], Any]] = {
    "settlement": _settlement,
    "payment": _payment,
    "planning": _planning,
    "projects": _projects,
    "funding": _funding,
    "centre": _centre,
    "conditional": _conditional,
}
REGIME_KEYS = ("label", "extends", *_PARTS, "pools", "rulebooks")


def regimes(draft: Draft) -> None:
    """Read `[regimes]`, each with what it extends."""
    problems = draft.problems
    raw = section(draft, "regimes")
    for name, given in raw.items():
        path = ("regimes", name)
        if not isinstance(given, Mapping):
            problems.add(path, "is not a table", value=given, allowed="a table of a regime")
            continue
        bases = chain(name, raw, problems)
        whole = "extends" not in bases[-1].table
        draft.places.regimes[name] = bases
        found = regime(problems, name, resolved(bases), path, whole=whole)
        draft.regimes[name] = found if whole else None


def regime(
    problems: Problems, name: str, raw: Raw, path: Path, *, whole: bool = True
) -> Regime | None:
    """Return a regime, or None after recording what is wrong with it.

    A regime that is not `whole`, because what it extends is not there, need not have rulebooks.
    """
    for key, value in raw.items():
        if key not in REGIME_KEYS:
            problems.add(
                (*path, key),
                "is not a known key",
                value=... if isinstance(value, Mapping) else value,
                allowed=listed(REGIME_KEYS),
                near=nearest(key, REGIME_KEYS),
            )
    label = raw.get("label", name)
    if not isinstance(label, str) or not label:
        problems.add((*path, "label"), "is not text", value=label, allowed="text in quotes")
        label = name
    parts = {
        key: read(problems, raw[key], (*path, key)) for key, read in _PARTS.items() if key in raw
    }
    pools = _rows(
        problems, Pool, raw.get("pools", []), (*path, "pools"), header="[[regimes.….pools]]"
    )
    books = _books(problems, raw.get("rulebooks", {}), (*path, "rulebooks"))
    if not books and whole and not problems.under(path):
        problems.add((*path, "rulebooks"), "is missing", allowed="a rulebook for every body")
    if None in parts.values() or None in pools or None in books.values() or not books:
        return None
    return Regime(
        name=name,
        label=label,
        pools=tuple(pool for pool in pools if pool),
        rulebooks={key: book for key, book in books.items() if book},
        **parts,
    )


def _rows(
    problems: Problems, model: type[T], raw: Any, path: Path, *, header: str
) -> list[T | None]:
    if not isinstance(raw, list):
        problems.add(path, "is not a list of tables", value=raw, allowed=f"tables headed {header}")
        return [None]
    return [table(problems, model, row, (*path, place)) for place, row in enumerate(raw)]


def _books(problems: Problems, raw: Any, path: Path) -> dict[str, Rulebook | None]:
    if not isinstance(raw, Mapping):
        problems.add(path, "is not a table", value=raw, allowed="tables of rulebooks")
        return {"": None}
    return {name: rulebook(problems, book, (*path, name)) for name, book in raw.items()}


def rulebook(problems: Problems, raw: Any, path: Path) -> Rulebook | None:
    """Return a rulebook, or None after recording what is wrong with it."""
    if not isinstance(raw, Mapping):
        problems.add(path, "is not a table", value=raw, allowed="a table of a rulebook")
        return None
    single = {key: value for key, value in raw.items() if key not in WATERFALLS}
    settings = table(problems, RulebookSettings, single, path, known=Rulebook.keys)
    lists = {w: _waterfall(problems, w, raw.get(w, []), (*path, w)) for w in WATERFALLS}
    if settings is None or any(found is None for found in lists.values()):
        return None
    return Rulebook(
        interest=settings.interest,
        contingency=settings.contingency,
        restore_reserves=settings.restore_reserves,
        plan=lists["plan"] or (),
        shortfall=lists["shortfall"] or (),
        surplus=lists["surplus"] or (),
    )


def _waterfall(
    problems: Problems, waterfall: AnyList, raw: Any, path: Path
) -> tuple[InstrumentSetting, ...] | None:
    if not isinstance(raw, list):
        problems.add(path, "is not a list", value=raw, allowed="a list of tables with `instrument`")
        return None
    found = [_setting(problems, waterfall, row, (*path, place)) for place, row in enumerate(raw)]
    seen: set[str] = set()
    for place, setting in enumerate(found):
        if setting is not None and setting.instrument in seen:
            problems.add(
                (*path, place, "instrument"),
                f"is listed twice in {waterfall}",
                value=setting.instrument,
                allowed="each instrument at most once in a list",
            )
        elif setting is not None:
            seen.add(setting.instrument)
    return None if None in found else tuple(setting for setting in found if setting)


def _setting(
    problems: Problems, waterfall: AnyList, raw: Any, path: Path
) -> InstrumentSetting | None:
    if not isinstance(raw, Mapping):
        problems.add(path, "is not a table", value=raw, allowed='{ instrument = "…", … }')
        return None
    row = _row(problems, waterfall, raw, path)
    if row is None:
        return None
    known = {parameter.name: parameter for parameter in row.parameters}
    faults = 0
    for key, value in raw.items():
        if key != "instrument" and key not in known:
            faults += 1
            problems.add(
                (*path, key),
                f"is not a known key of {row.name}",
                value=value,
                allowed=listed(known) or f"{row.name} takes no figures",
                near=nearest(key, known),
            )
    figures: dict[str, Figure] = {}
    for parameter in row.parameters:
        if parameter.name in raw:
            figure = _figure(problems, parameter, raw[parameter.name], (*path, parameter.name))
            faults += figure is None
            figures[parameter.name] = figure
        elif is_required(parameter):
            faults += 1
            allowed = f"{parameter.meaning}, {_range(parameter)}"
            problems.add((*path, parameter.name), "is missing", allowed=allowed)
        else:
            figures[parameter.name] = parameter.default  # type: ignore[assignment]
    if faults or not _ordered(problems, figures, raw, path):
        return None
    return InstrumentSetting(waterfall=waterfall, instrument=row.name, parameters=figures)


def _row(problems: Problems, waterfall: AnyList, raw: Raw, path: Path) -> Instrument | None:
    known = names(waterfall)
    where = (*path, "instrument")
    if "instrument" not in raw:
        problems.add(where, "is missing", allowed=listed(known))
        return None
    name = raw["instrument"]
    if name in known:
        return instrument(waterfall, name)
    homes = [row.waterfall for row in INSTRUMENTS if row.name == name]
    message = f"is not an instrument of {waterfall}"
    if homes:
        message += f" (it is one of {listed(homes, last='and')})"
    near = "" if homes else nearest(name, known)
    problems.add(where, message, value=name, allowed=listed(known), near=near)
    return None


def _range(parameter: Parameter) -> str:
    if isinstance(parameter.default, bool):
        return "true or false"
    bounds = figure_bounds(parameter)
    kind = "a number or a list by year" if parameter.by_year else "a number"
    return f"{kind}, {range_in_words(**bounds)}"


def _figure(problems: Problems, parameter: Parameter, value: Any, path: Path) -> Figure:
    """Return a figure of an instrument, or None after recording what is wrong with it."""
    allowed = _range(parameter)
    bounds = figure_bounds(parameter)
    if isinstance(parameter.default, bool):
        if not isinstance(value, bool):
            problems.add(path, "is neither true nor false", value=value, allowed=allowed)
        return value if isinstance(value, bool) else None
    if not isinstance(value, list | tuple):
        fault = number_fault(value, **bounds)
        if fault:
            problems.add(path, fault, value=value, allowed=allowed)
        return None if fault else float(value)
    if not parameter.by_year or not value:
        fault = "is an empty list" if parameter.by_year else "may not be a list"
        problems.add(path, fault, value=value, allowed=allowed)
        return None
    faults = [number_fault(item, **bounds) for item in value]
    for place, fault in enumerate(faults):
        if fault:
            problems.add((*path, place), fault, value=value[place], allowed=allowed)
    return None if any(faults) else tuple(float(item) for item in value)


def _ordered(problems: Problems, figures: dict[str, Figure], raw: Raw, path: Path) -> bool:
    """Check that a least rate exceeds no year's highest."""
    least, most = figures.get("min_rate"), figures.get("max_rate")
    if least is None or most is None:
        return True
    years = max(len(value) if isinstance(value, tuple) else 1 for value in (least, most))
    for year in range(years):
        low, high = held(least, year), held(most, year)
        if low is not None and high is not None and low > high:
            problems.add(
                (*path, "min_rate" if "min_rate" in raw else "max_rate"),
                f"min_rate exceeds max_rate of {high:g} in year {year + 1}",
                value=raw.get("min_rate", least),
                allowed="min_rate at most max_rate in every year",
            )
            return False
    return True
