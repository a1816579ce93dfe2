"""Reading a study: from a file, from Python, from stored results; and writing it as JSON."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from os import PathLike, fsencode
from pathlib import Path as File
from typing import Any

import numpy as np

from riskmc.errors import InputError, Problem, StudyError
from riskmc.study import build
from riskmc.study.build_drivers import drivers
from riskmc.study.build_inputs import inputs, mitigation_costs, planned_cost
from riskmc.study.build_projects import projects
from riskmc.study.build_regimes import regimes
from riskmc.study.build_risk_correlations import risk_correlations
from riskmc.study.build_risks import risks
from riskmc.study.build_schemes import schemes
from riskmc.study.check_risks import check_risks
from riskmc.study.checks import check
from riskmc.study.correlation import read_correlation
from riskmc.study.device_checks import check_devices
from riskmc.study.model import AttributionEnds, Dynamics, Planning
from riskmc.study.permitted import permitted_deficits
from riskmc.study.places import Places
from riskmc.study.positions import locate
from riskmc.study.printable import check_text
from riskmc.study.problems import Problems, listed, nearest, written
from riskmc.study.study import Study, StudyFile

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_TWICE = re.compile(r"^Cannot declare \((.*)\) twice")
#: Larger than any study file.
MOST_BYTES = 20_000_000
#: Where the system keeps pipes that have a writer: `riskmc run <(make a study)`.
DEVICES = File("/dev")
#: Deeper than any study; beyond it a file is refused rather than followed.
_DEEPEST = 50


def load_study(path: str | PathLike[str], *, allow_outside: bool = False) -> Study:
    """Read and check a study file.

    Parameters
    ----------
    path : str or path
        A TOML file; files that it names are relative to its folder, and are in it.
    allow_outside : bool
        Whether the study may name files outside its folder.

    Returns
    -------
    Study
        The study, checked.

    Raises
    ------
    StudyError
        With every fault of the file, each with line, key, value and what is allowed.
    """
    if not isinstance(path, str | PathLike):
        raise _refused(File("study"), None, f"{path!r} is not the path of a file")
    file = File(path)
    data = _bytes(file)
    text = _text(data, file)
    tree = _parse(text, str(path))
    places = Places(str(path), locate(text), file.parent, outside=allow_outside)
    study = _study(tree, places)
    digest = hashlib.sha256(data).hexdigest()
    name = fsencode(file.name).decode("utf-8", "replace")  # whatever the locale makes of it
    study._file = StudyFile(name, digest, tuple(places.remarks))
    return study


def parse_study(
    mapping: Mapping[str, Any],
    *,
    base: str | PathLike[str] | None = None,
    name: str = "study",
    allow_outside: bool = False,
) -> Study:
    """Check a study given as nested tables, the same as in a file.

    Parameters
    ----------
    mapping : mapping of str
        The tables, as `tomllib` would give them.
    base : path, optional
        Folder that files named in the study are relative to; default: where you are.
    name : str
        What to call the study in errors.
    allow_outside : bool
        Whether the study may name files outside that folder.

    Returns
    -------
    Study
        Checked as a file is.

    Raises
    ------
    StudyError
        With every fault; their line is None.
    """
    if not isinstance(mapping, Mapping):
        raise StudyError([Problem(name, None, "study", "", "is not a table of tables")])
    folder = None if base is None else File(base)
    return _study(_plain(mapping, name), Places(name, None, folder, outside=allow_outside))


def study_mapping(study: Study) -> dict[str, Any]:
    """Return a study as nested tables that `parse_study` reads back to an equal study.

    Parameters
    ----------
    study : Study
        Any study.

    Returns
    -------
    dict of str
        Keys as in a study file, regimes resolved.
    """
    head = {key: getattr(study, key) for key in ("title", "start_year", "years", "draws", "seed")}
    tables: dict[str, Any] = {"schema": study.schema_version, **head, "scheme": study.scheme}
    tables["organisations"] = [body.table() for body in study.organisations]
    tables["contracts"] = [contract.table() for contract in study.contracts]
    tables["planning"] = study.planning.model_dump(exclude_none=True)
    tables["dynamics"] = study.dynamics.model_dump()
    tables["drivers"] = {name: driver.table() for name, driver in study.drivers.items()}
    tables["correlation"] = dict(study.correlation)
    tables["risks"] = [risk.table() for risk in study.risks]
    made = {risk.mitigation_name for risk in study.risks if risk.mitigation is not None}
    for key in ("risk_correlations", "projects", "mandates", "schemes"):
        rows = [row for row in getattr(study, key) if key != "mandates" or row.name not in made]
        if rows:
            tables[key] = [row.model_dump(exclude_none=True, by_alias=True) for row in rows]
    tables["regimes"] = {name: regime.table() for name, regime in study.regimes.items()}
    tables["behaviour"] = {
        name: assumed.model_dump(exclude_none=True) for name, assumed in study.behaviour.items()
    }
    if study.scenarios:
        tables["scenarios"] = [one.model_dump(exclude_defaults=True) for one in study.scenarios]
    if study.precision is not None:
        tables["precision"] = study.precision.model_dump(exclude_none=True)
    if study.paper is not None:
        tables["paper"] = study.paper.model_dump(mode="json", exclude_defaults=True)
    if study.report is not None:
        tables["report"] = study.report.table()
    return tables


def study_json(study: Study) -> str:
    """Return a study as JSON text, regimes resolved; `study_from_json` reads it back exactly.

    Parameters
    ----------
    study : Study
        Any study.

    Returns
    -------
    str
        JSON; money in £m, rates as fractions.
    """
    return json.dumps(study_mapping(study), ensure_ascii=False, allow_nan=False)


def study_from_json(text: str) -> Study:
    """Read a study that `study_json` wrote.

    Parameters
    ----------
    text : str
        The JSON.

    Returns
    -------
    Study
        Equal to the one that was written.

    Raises
    ------
    StudyError
        Where the text is not a study.
    """
    try:
        mapping = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StudyError([Problem("stored study", None, "study", "", _first(error))]) from None
    if not isinstance(mapping, Mapping):
        raise StudyError([Problem("stored study", None, "study", "", "is not a table of tables")])
    return _study(_plain(mapping, "stored study"), Places("stored study", None, stored=True))


def _bytes(file: File) -> bytes:
    if file.is_fifo() and DEVICES not in file.parents:
        raise _refused(file, None, "is a pipe, not a study file")  # nothing may ever come
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except IsADirectoryError:
        raise _refused(file, None, "is a folder, not a study file") from None
    except FileNotFoundError:
        raise _refused(file, None, "does not exist") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refused(file, None, f"cannot be read: {reason}") from None
    if len(data) > MOST_BYTES:
        raise _refused(file, None, f"is larger than {MOST_BYTES:,} bytes: no study file")
    return data


def _text(data: bytes, file: File) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(file, line, "is not text in UTF-8; save it as UTF-8") from None
    if not text.strip():
        raise _refused(file, None, "is empty; `riskmc new` writes a study to start from")
    return text.replace("\r\n", "\n")


def _refused(file: File, line: int | None, message: str) -> StudyError:
    return StudyError([Problem(str(file), line, "study", "", message)])


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        message, line = _syntax(error, text)
        raise StudyError([Problem(name, line, "TOML", "", message)]) from None
    return _plain(tree, name)


def _syntax(error: Exception, text: str) -> tuple[str, int | None]:
    """Return what is wrong with a TOML text, and its line."""
    if isinstance(error, RecursionError):
        return "tables or lists are nested too deep", None
    message = _first(error)
    found = _AT.search(message)
    if found is None:
        return f"cannot be read: {message}", None
    plain = _in_words(message[: found.start()])
    if found.group(1) is None:
        return f"{plain}, at the end of the file", len(text.splitlines())
    return f"{plain} (column {found.group(2)})", int(found.group(1))


def _in_words(message: str) -> str:
    """Return a fault of TOML that `tomllib` found, in words where its own are hard."""
    if message == "Cannot overwrite a value":
        return "a key is set twice, or set as a value and a table"
    twice = _TWICE.search(message)
    if twice is not None:
        keys = re.findall(r"'([^']*)'", twice.group(1))
        return f"table [{'.'.join(keys)}] is defined twice"
    return f"{message[:1].lower()}{message[1:]}"


def _first(error: Exception) -> str:
    return str(error).partition("; use sys.")[0]


def _plain(tree: Mapping[Any, Any], name: str) -> dict[str, Any]:
    """Return tables, lists and arrays as plain dicts and lists, refusing deep nesting."""

    def copied(value: Any, path: tuple[str | int, ...]) -> Any:
        if len(path) > _DEEPEST:
            top = written(path[:3])
            raise StudyError([Problem(name, None, top, "", "is nested too deep")])
        if isinstance(value, np.generic | np.ndarray):
            return copied(value.tolist(), path)
        if isinstance(value, Mapping):
            return {str(key): copied(item, (*path, str(key))) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [copied(item, (*path, place)) for place, item in enumerate(value)]
        return value

    plain: dict[str, Any] = copied(tree, ())
    return plain


#: What reads and checks a study, in order.
_STEPS: tuple[Callable[[build.Draft], object], ...] = (
    inputs,
    build.head,
    build.simple_sections,
    build.planning,
    risks,
    schemes,
    drivers,
    planned_cost,
    mitigation_costs,
    permitted_deficits,
    projects,
    regimes,
    read_correlation,
    check,
    check_devices,
    check_risks,
    risk_correlations,
)


def _study(tree: dict[str, Any], places: Places) -> Study:
    """Build and check a study; StudyError with all faults."""
    problems = Problems(places)
    check_text(tree, problems)
    draft = build.Draft(tree, problems, places)
    stopped: Exception | None = None
    for step in _STEPS:
        try:
            step(draft)
        except StudyError:
            raise
        except Exception as error:  # it followed, as a rule, from a fault that is named
            stopped = stopped or error
    problems.raise_any()
    if stopped is not None:
        raise stopped
    assert draft.head is not None
    study = Study(
        **draft.head.model_dump(),
        organisations=tuple(body for body in draft.organisations if body),
        contracts=tuple(contract for contract in draft.contracts if contract),
        planning=draft.planning or Planning(),
        dynamics=draft.dynamics or Dynamics(),
        drivers=draft.drivers,
        correlation=draft.correlation,
        risks=tuple(risk for risk in draft.risks if risk),
        risk_correlations=tuple(row for row in draft.risk_correlations if row),
        schemes=tuple(scheme for scheme in draft.schemes if scheme),
        projects=tuple(project for project in draft.projects if project),
        mandates=tuple(mandate for mandate in draft.mandates if mandate),
        regimes=draft.regimes,
        behaviour={name: found for name, found in draft.behaviour.items() if found},
        precision=draft.precision,
        scenarios=tuple(one for one in draft.scenarios if one),
        paper=draft.paper,
        report=draft.report,
    )
    _check_scenarios(study, problems)
    _check_report(study, problems)
    problems.raise_any()
    return study


def _check_scenarios(study: Study, problems: Problems) -> None:
    """Record every change of a scenario that names nothing or is not allowed."""
    names = [one.name for one in study.scenarios]
    for place, one in enumerate(study.scenarios):
        if one.name in names[:place]:
            problems.add(("scenarios", place, "name"), "is defined twice", value=one.name)
        try:
            study.with_(*one.changes())
        except StudyError as error:
            for fault in error.problems:
                text = f"{fault.key}: {fault.message}"
                problems.add(("scenarios", place), text, allowed=fault.allowed, near=fault.nearest)
        except InputError as error:
            problems.add(("scenarios", place), str(error))


def _check_report(study: Study, problems: Problems) -> None:
    """Record rules and years that `[report]` names and the study does not have."""
    asked = study.report
    if asked is None:
        return
    names = list(study.regimes)
    if isinstance(asked.attribute, AttributionEnds):
        for key, name in (("from", asked.attribute.start), ("to", asked.attribute.to)):
            if name not in names:
                problems.add(
                    ("report", "attribute", key),
                    "is not a regime of the study",
                    value=name,
                    allowed=listed(names),
                    near=nearest(name, names),
                )
    elif asked.attribute and len(names) == 1:
        problems.add(("report", "attribute"), "needs two sets of rules", allowed="two regimes")
    if asked.prices is not None and asked.prices not in study.year_labels:
        problems.add(
            ("report", "prices"),
            "is not a year of the study",
            value=asked.prices,
            allowed=listed(study.year_labels),
            near=nearest(asked.prices, study.year_labels),
        )
