"""From last time's headline to this time's, cause by cause."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskmc.errors import InputError, StudyError
from riskmc.measures.catalogue import horizon_measure
from riskmc.runs.watch import Watched, watch
from riskmc.statistics.estimates import Single
from riskmc.study import Study, parse_study, study_mapping
from riskmc.variables import DRIVERS, PLACE
from riskmc.variants.paired import MEASURES

if TYPE_CHECKING:
    import xarray as xr

Source = Any
#: What decides which futures are drawn, taken from the new study in one step.
_DRAWN_BY = ("draws", "seed", "scheme")
#: Parts of a study in the order in which they are replaced: label, keys.
_FIRST = (
    ("years covered", ("start_year", "years")),
    ("opening positions and contracts", ("organisations", "contracts")),
    ("plans", ("planning", "mandates", "projects")),
    ("what one year does to the next", ("dynamics",)),
)
_LAST = (
    ("links between drivers", ("correlation",)),
    ("risk register", ("risks",)),
    ("rules", ("regimes",)),
)

#: Parts of a study that move no figure.
_NO_FIGURES = ("scenarios", "paper", "report")


class Step(NamedTuple):
    """One bar: what is changed, and the study once it is."""

    label: str
    study: Study


def bridge(
    old: Source,
    new: Source,
    *,
    regime: str | None = None,
    measures: Sequence[str] = MEASURES,
    organisation: str = PLACE,
    workers: int | None = None,
) -> xr.Dataset:
    """Lead from the headline of one study or report to that of another, cause by cause.

    Parameters
    ----------
    old, new : Study, results tree, or path
        A study, results, a study file, or a `results.nc` (or its folder).
    regime : str, optional
        Under which rules; default: the first that both have.
    measures : sequence of str
        Headline measures over the horizon.
    organisation : str
        "place", or an organisation's id that both have.
    workers : int, optional
        Threads.

    Returns
    -------
    xarray.Dataset
        Over (step, measure): `value`, the measure once the step is made, and `change_value`,
        `change_mcse`, `change_low`, `change_high`, what the step does. Steps: as reported (where
        old holds results), model version, number of futures, then each part of the study that
        differs. `paired` by step: whether the change is taken future by future.

    Raises
    ------
    InputError
        Nothing that can be read as a study or results; no rules or body in common.

    Notes
    -----
    Parts are replaced one after the other in a stated order; where two act on each other, what
    they do together is counted with the later one. A part that has no effect without the next (a
    contract of a new body, say) is taken with it.
    """
    reported, first = _read(old)
    _, last = _read(new)
    common = [name for name in first.regimes if name in last.regimes]
    chosen = regime or next(iter(common), None)
    if chosen is None or chosen not in common:
        raise InputError(
            f"both must have the rules to be followed; in common: {', '.join(common) or 'none'}"
        )
    for study in (first, last):
        if organisation not in (PLACE, *study.organisation_ids):
            raise InputError(f"'{study.title}' has no organisation '{organisation}'")
    rows: list[tuple[str, bool, list[Single], list[Single]]] = []
    before: Watched | None = None
    for label, study in steps(first, last):
        narrow = study.replaced(regimes={chosen: study.regimes[chosen]}, behaviour={})
        found = watch(narrow, measures, organisation=organisation, workers=workers)
        values = [found.estimate(name, chosen).single() for name in measures]
        if before is None:
            if reported is not None:
                then = [_reported(reported, name, chosen, organisation) for name in measures]
                rows.append(("as reported", False, then, [_NOTHING] * len(then)))
                rows.append(("model version", False, values, list(map(_apart, then, values))))
            else:
                rows.append(("as it stood", False, values, [_NOTHING] * len(values)))
        elif _same_futures(before, found):
            changes = [found.estimate(m, chosen, (before, chosen)).single() for m in measures]
            rows.append((label, True, values, changes))
        else:
            rows.append((label, False, values, list(map(_apart, rows[-1][2], values))))
        before = found
    return _dataset(rows, measures, chosen, organisation, last)


def steps(first: Study, last: Study) -> Iterator[Step]:
    """Give the first study, then studies that differ in one more part, up to the last."""
    tables, target = (
        {key: x for key, x in study_mapping(study).items() if key not in _NO_FIGURES}
        for study in (first, last)
    )
    tables["title"] = target["title"]
    yield Step("as it stood", first)
    held: list[str] = []
    error: StudyError | None = None
    for label, changed in _parts(tables, target):
        if changed == tables:
            continue
        tables = changed
        held.append(label)
        try:
            study = parse_study(tables, name="bridge")
        except StudyError as found:
            error = found
            continue
        yield Step(" and ".join(held), study)
        held = []
    if held:
        raise InputError(f"the new study cannot be reached from the old one: {error}")


def _parts(
    start: Mapping[str, Any], target: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the old tables with one part after another replaced by the new one's."""
    tables = dict(start)

    def replaced(keys: Sequence[str]) -> dict[str, Any]:
        nonlocal tables
        tables = {key: x for key, x in tables.items() if key not in keys}
        tables |= {key: target[key] for key in keys if key in target}
        return tables

    yield "number of futures", replaced(_DRAWN_BY)
    for label, keys in _FIRST:
        yield label, replaced(keys)
    drivers = dict(tables.get("drivers", {}))
    theirs = target.get("drivers", {})
    for row in DRIVERS:
        drivers = {name: x for name, x in drivers.items() if name != row.name}
        if row.name in theirs:
            drivers[row.name] = theirs[row.name]
        tables = {**tables, "drivers": drivers}
        yield row.label, tables
    for label, keys in _LAST:
        yield label, replaced(keys)
    named = {key for _, keys in (*_FIRST, *_LAST) for key in keys} | {*_DRAWN_BY, "drivers"}
    rest = [key for key in {*tables, *target} if key not in named]
    yield "everything else", replaced(rest)


def _read(source: Source) -> tuple[Any, Study]:
    """Return results, where there are any, and the study."""
    from riskmc.measures.view import view_of
    from riskmc.results import open_results
    from riskmc.study import load_study

    if isinstance(source, Study):
        return None, source
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if path.suffix == ".toml":
            return None, load_study(path)
        source = open_results(path)
    view = view_of(source)
    layout = view.layout
    drawn = {"draws": layout.total, "seed": int(view.tree.attrs["seed"]), "scheme": view.scheme}
    return source, view.study.replaced(**drawn)


def _reported(results: Any, measure: str, regime: str, organisation: str) -> Single:
    """Return a measure as the old results have it."""
    from riskmc.measures import summary

    table = summary(results, organisation=organisation, regime=regime)
    found = table.sel(measure=measure, organisation=organisation, regime=regime)
    value, mcse, low, high = (float(found[name]) for name in ("value", "mcse", "low", "high"))
    return Single(value, mcse, low, high, bool(found["bound"]), int(found["units"]))


_NOTHING = Single(0.0, 0.0, 0.0, 0.0, False, 0)


def _apart(before: Single, after: Single) -> Single:
    """Return the difference of two estimates that do not share their futures."""
    change = after.value - before.value
    if change == 0.0 and before.units == after.units:
        return _NOTHING
    error = math.hypot(before.mcse, after.mcse)
    return Single(change, error, change - 1.96 * error, change + 1.96 * error, False, after.units)


def _same_futures(one: Watched, other: Watched) -> bool:
    keys = ("draws", "seed", "scheme", "years")
    return all(getattr(one.study, key) == getattr(other.study, key) for key in keys)


def _dataset(
    rows: Sequence[tuple[str, bool, list[Single], list[Single]]],
    measures: Sequence[str],
    regime: str,
    organisation: str,
    last: Study,
) -> xr.Dataset:
    import xarray as xr

    data: dict[str, Any] = {}
    for prefix, column in (("", [row[2] for row in rows]), ("change_", [row[3] for row in rows])):
        for field in ("value", "mcse", "low", "high"):
            table = [[getattr(found, field) for found in row] for row in column]
            data[f"{prefix}{field}"] = (("step", "measure"), np.array(table, dtype=np.float64))
    named = [horizon_measure(name) for name in measures]
    return xr.Dataset(
        data,
        coords={
            "step": [row[0] for row in rows],
            "paired": ("step", [row[1] for row in rows]),
            "measure": list(measures),
            "label": ("measure", [row.label for row in named]),
            "unit": ("measure", [row.unit for row in named]),
        },
        attrs={"regime": regime, "organisation": organisation, "title": last.title},
    )
