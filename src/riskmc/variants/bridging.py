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
from riskmc.results.packing import step_of
from riskmc.runs.watch import KnownStatistic, Watched, watch
from riskmc.sampling import draws_for
from riskmc.statistics.estimates import Single
from riskmc.study import Study, parse_study, study_mapping
from riskmc.study.edits import figures_of
from riskmc.variables import DRIVERS, PLACE
from riskmc.variants.paired import MEASURES
from riskmc.words.board import and_list
from riskmc.words.estimates import FIELDS, TYPES

if TYPE_CHECKING:
    import xarray as xr

Source = Any
#: What decides which futures are drawn, taken from the new study in one step, each by its name.
_DRAWN_BY = {"draws": "number of futures", "seed": "seed", "scheme": "sampling scheme"}
#: Parts of a study in the order in which they are replaced: label, keys.
_FIRST = (
    ("years covered", ("start_year", "years")),
    ("opening positions and contracts", ("organisations", "contracts")),
    ("plans", ("planning", "mandates", "projects")),
    ("what one year does to the next", ("dynamics",)),
)
_LAST = (
    ("links between drivers", ("correlation",)),
    ("risk register", ("risks", "risk_correlations")),
    ("rules", ("regimes",)),
)

#: The step to what this version of the model makes of the old study.
_VERSION = "model version"


class Row(NamedTuple):
    """One bar: its label, whether it is taken future by future, the measures then, the changes."""

    label: str
    paired: bool
    values: list[KnownStatistic]
    changes: list[KnownStatistic]


class Step(NamedTuple):
    """A step on the way: what is changed, and the study once it is."""

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
        Over (step, measure): `value`, `mcse`, `low`, `high`, `bound`, `units` and `impossible` of
        the measure once the step is made, and with `change_` before the name what the step does;
        with `whole_`, over (measure), what all steps do together: steps share their futures, so
        its error is not made of theirs.
        Steps: as reported (where old holds results), model version (where the results are of
        another, or are not met again), number of futures, seed and sampling scheme where they
        differ, then each part of the study that differs. `paired` by step: whether the change is
        taken future by future.

    Raises
    ------
    InputError
        Nothing that can be read as a study or results; no rules or body in common.

    Notes
    -----
    Parts are replaced one after the other in a stated order; where two act on each other, what
    they do together is counted with the later one. A part that has no effect without the next (a
    contract of a new body, say) is taken with it.

    References
    ----------
    - docs/second-run.md, "What changed since the last report".
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

    def run(study: Study) -> tuple[Watched, list[KnownStatistic]]:
        narrow = study.replaced(regimes={chosen: study.regimes[chosen]}, behaviour={})
        found = watch(narrow, measures, organisation=organisation, workers=workers)
        return found, [found.known(name, chosen) for name in measures]

    (_, unchanged), *later = steps(first, last)
    start, values = run(unchanged)
    rows = _start(reported, values, measures, chosen, organisation)
    before = start
    for label, study in later:
        found, values = run(study)
        if _same_futures(before, found):
            changes = [found.known(m, chosen, (before, chosen)) for m in measures]
            rows.append(Row(label, True, values, changes))
        else:
            rows.append(Row(label, False, values, list(map(_apart, rows[-1].values, values))))
        before = found
    met = all(one == _NOTHING for row in rows if row.label == _VERSION for one in row.changes)
    if met and _same_futures(start, before):
        whole = [before.known(m, chosen, (start, chosen)) for m in measures]
    else:
        whole = list(map(_apart, rows[0].values, rows[-1].values))
    return _dataset(rows, whole, measures, chosen, organisation, last)


def _start(
    reported: Any,
    now: list[KnownStatistic],
    measures: Sequence[str],
    regime: str,
    organisation: str,
) -> list[Row]:
    """Return where the bridge starts: as reported, and what this version of the model makes of it.

    A report of this version, whose figures are met again but for how they are stored (a step of
    rounding a year, or one future of a chance), has no step of its own.
    """
    nothing = [_NOTHING] * len(now)
    if reported is None:
        return [Row("as it stood", False, now, nothing)]
    from importlib.metadata import version

    from riskmc.measures.view import view_of

    view = view_of(reported)
    then = _reported(reported, measures, regime, organisation)
    step = step_of(view.study) * view.study.years
    met = all(
        abs(one.single.value - other.single.value)
        <= (step if horizon_measure(name).kind != "probability" else 1.0 / other.single.units)
        for name, one, other in zip(measures, then, now, strict=True)
    )
    if met and str(view.tree.attrs.get("riskmc_version")) == version("riskmc"):
        return [Row("as reported", False, now, nothing)]
    changes = nothing if met else list(map(_apart, then, now))
    return [Row("as reported", False, then, nothing), Row(_VERSION, False, now, changes)]


def steps(first: Study, last: Study) -> Iterator[Step]:
    """Give the first study, then studies that differ in one more part, up to the last."""
    tables, target = (figures_of(study_mapping(study)) for study in (first, last))
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

    other = [word for key, word in _DRAWN_BY.items() if tables.get(key) != target.get(key)]
    yield and_list(other), replaced(list(_DRAWN_BY))
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

    if isinstance(source, str | os.PathLike):
        path = Path(source)
        source = load_study(path) if path.suffix == ".toml" else open_results(path)
    if isinstance(source, Study):
        return None, source.replaced(draws=draws_for(source.draws, source.scheme).total)
    view = view_of(source)
    layout = view.layout
    drawn = {"draws": layout.total, "seed": int(view.tree.attrs["seed"]), "scheme": view.scheme}
    return source, view.study.replaced(**drawn)


def _reported(
    results: Any, measures: Sequence[str], regime: str, organisation: str
) -> list[KnownStatistic]:
    """Return measures as the old results have them."""
    from riskmc.measures import summary

    table = summary(results, organisation=organisation, regime=regime)
    table = table.sel(organisation=organisation, regime=regime)
    found = []
    for measure in measures:
        one = {name: table[name].sel(measure=measure).item() for name in FIELDS}
        single = Single(*(one[name] for name in Single._fields))
        found.append(KnownStatistic(single, bool(one["impossible"])))
    return found


_NOTHING = KnownStatistic(Single(0.0, 0.0, 0.0, 0.0, False, 0))


def _apart(before: KnownStatistic, after: KnownStatistic) -> KnownStatistic:
    """Return the difference of two estimates that do not share their futures."""
    one, other = before.single, after.single
    change = other.value - one.value
    if before.impossible and after.impossible:
        return KnownStatistic(_NOTHING.single, impossible=True)
    if one.bound and other.bound and change == 0.0:
        return KnownStatistic(Single(0.0, math.nan, 0.0, 0.0, True, min(one.units, other.units)))
    error = math.hypot(_error(one), _error(other))
    ends = (change - 1.96 * error, change + 1.96 * error)
    return KnownStatistic(Single(change, error, *ends, False, other.units))


def _error(single: Single) -> float:
    """Return the error of an estimate; of a bound, what would reach as far as the bound does."""
    if math.isfinite(single.mcse):
        return single.mcse
    reach = max(abs(single.high - single.value), abs(single.value - single.low))
    return reach / 1.96 if math.isfinite(reach) else 0.0


def _same_futures(one: Watched, other: Watched) -> bool:
    keys = ("draws", "seed", "scheme", "years")
    return all(getattr(one.study, key) == getattr(other.study, key) for key in keys)


def _dataset(
    rows: Sequence[Row],
    whole: Sequence[KnownStatistic],
    measures: Sequence[str],
    regime: str,
    organisation: str,
    last: Study,
) -> xr.Dataset:
    import xarray as xr

    data: dict[str, Any] = {}
    columns = {"": [row.values for row in rows], "change_": [row.changes for row in rows]}
    for prefix, column in columns.items():
        for field in FIELDS:
            table = [[found.field(field) for found in row] for row in column]
            data[f"{prefix}{field}"] = (("step", "measure"), np.array(table, dtype=TYPES[field]))
    for field in FIELDS:
        total: Any = np.array([found.field(field) for found in whole], dtype=TYPES[field])
        data[f"whole_{field}"] = ("measure", total)
    named = [horizon_measure(name) for name in measures]
    return xr.Dataset(
        data,
        coords={
            "step": [row.label for row in rows],
            "paired": ("step", [row.paired for row in rows]),
            "measure": list(measures),
            "label": ("measure", [row.label for row in named]),
            "unit": ("measure", [row.unit for row in named]),
        },
        attrs={
            "regime": regime,
            "organisation": organisation,
            "title": last.title,
            "scheme": last.scheme,
        },
    )
