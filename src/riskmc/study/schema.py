"""JSON Schema of the study file as users type it, for editors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, TypeAdapter

from riskmc.distributions import (
    PERCENTILE_MEANING,
    PERCENTILE_PATTERN,
    AnyDistribution,
    families,
)
from riskmc.rules.register import INSTRUMENTS, Instrument, Parameter
from riskmc.study.build import top_keys
from riskmc.study.build_risks import BANDS
from riskmc.study.centre import Centre, Windfall, WriteOff
from riskmc.study.conditional import Conditional
from riskmc.study.contracts import Contract
from riskmc.study.drivers import (
    NOT_BY_YEAR,
    UNIFORM_KEYS,
    DriverScope,
)
from riskmc.study.model import (
    Behaviour,
    Dynamics,
    Organisation,
    Paper,
    Planning,
    Precision,
    ReportSettings,
    Scenario,
)
from riskmc.study.permitted import PermittedDeficit
from riskmc.study.projects import Funding, Mandate, Project, ProjectRules
from riskmc.study.regimes import (
    WATERFALLS,
    Payment,
    Pool,
    RulebookSettings,
    is_required,
)
from riskmc.study.risk_correlations import RiskCorrelation
from riskmc.study.risks import Mitigation, Risk
from riskmc.study.savings import SavingsScheme
from riskmc.study.settings import InstrumentSetting
from riskmc.study.settlement import Settlement
from riskmc.study.shorthand import POINTS
from riskmc.study.tables import Head
from riskmc.study.types import NOTE_KEYS
from riskmc.variables import DRIVERS, Driver

Schema = dict[str, Any]
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a study file.

    It knows keys, types and bounds; what one table must know of another (ids, years, rulebooks)
    are checked only when a study is loaded.

    Returns
    -------
    dict of str
        The schema, ready for `json.dumps`.
    """
    shared: Schema = {}
    top = top_keys()
    head = _model(Head, shared)
    sections: Schema = {
        "organisations": _rows(_model(Organisation, shared, optional=("name",)), least=1),
        "contracts": _rows(_model(Contract, shared)),
        "planning": _model(Planning, shared),
        "dynamics": _model(Dynamics, shared),
        "drivers": _drivers(shared),
        "correlation": {
            "type": "object",
            "description": 'Correlation between drivers: "one, other" = 0.3',
            "additionalProperties": {"type": "number", "minimum": -1, "maximum": 1},
            "propertyNames": {"pattern": r"^\s*\w+\s*,\s*\w+\s*$"},
        },
        "risks": _rows(_risk(shared)),
        "risk_correlations": _rows(_model(RiskCorrelation, shared)),
        "projects": _rows(_model(Project, shared)),
        "mandates": _rows(_model(Mandate, shared)),
        "bands": _bands(top["bands"]),
        "schemes": _rows(_scheme(shared)),
        "permitted_deficits": _rows(_model(PermittedDeficit, shared)),
        **{key: _file(top[key]) for key in ("register", "savings", "plan")},
        "regimes": _regimes(shared),
        "behaviour": _named(_model(Behaviour, shared), "Behaviour assumed, by regime"),
        "precision": _model(Precision, shared),
        "scenarios": _rows(_model(Scenario, shared)),
        "paper": _model(Paper, shared),
        "report": _model(ReportSettings, shared),
    }
    return {
        "$schema": _DRAFT,
        "title": "riskmc study",
        **_table(
            {**head["properties"], **sections}, [*head["required"], "organisations", "regimes"]
        ),
        "$defs": shared,
    }


def _table(properties: Schema, required: Iterable[str] = (), description: str = "") -> Schema:
    table: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    needed = list(required)
    if needed:
        table["required"] = needed
    if description:
        table["description"] = description
    return table


def _rows(row: Schema, *, least: int = 0) -> Schema:
    return {"type": "array", "items": row, "minItems": least}


def _named(table: Schema, description: str = "") -> Schema:
    named: Schema = {"type": "object", "additionalProperties": table}
    return {**named, "description": description} if description else named


def _model(model: type[BaseModel], shared: Schema, *, optional: tuple[str, ...] = ()) -> Schema:
    """Return a pydantic model's schema, its definitions moved to `shared`."""
    found = model.model_json_schema(ref_template="#/$defs/{model}")
    shared.update(found.pop("$defs", {}))
    if optional and "required" in found:
        found["required"] = [key for key in found["required"] if key not in optional]
    return found


def _distributions(shared: Schema) -> Schema:
    adapter: TypeAdapter[Any] = TypeAdapter(AnyDistribution)
    found = adapter.json_schema(ref_template="#/$defs/{model}")
    shared.update(found.pop("$defs", {}))
    return found


def _risk(shared: Schema) -> Schema:
    """Return the schema of a risk; which of its keys go together is checked on loading."""
    number = {"type": "number", "description": "What it costs if it happens [£m]"}
    word = {"type": "string", "description": "A word of the study's bands"}
    chance = _model(Risk, shared)["properties"]["probability"]
    impact = {"anyOf": [*_distributions(shared)["oneOf"], {"type": "number"}, word, _amounts()]}
    occurs = {
        **dict.fromkeys(POINTS, number),
        "impact": impact,
        "probability": {**chance, "anyOf": [*chance["anyOf"], word, _amounts()]},
    }
    risk, mitigation = _model(Risk, shared), _model(Mitigation, shared)
    shared["Mitigation"] = {
        **_table({**mitigation["properties"], **occurs}, (), mitigation["description"]),
        **_percentiles(),
    }
    bodies = {"type": "object", "additionalProperties": impact}
    properties = {
        **risk["properties"],
        **occurs,
        "impacts": {**bodies, "description": "Cost by body of one event, in place of impact [£m]"},
        "mitigation": {"$ref": "#/$defs/Mitigation"},
    }
    both = {"required": ["impact"], "anyOf": [{"required": [key]} for key in POINTS]}
    table = _table(properties, ["name"], risk["description"])
    return {**table, **_percentiles(), "not": both}


def _amounts() -> Schema:
    """Return the schema of stated figures: low, likely and high, or percentiles."""
    return {**_table({key: {"type": "number"} for key in POINTS}), **_percentiles()}


def _scheme(shared: Schema) -> Schema:
    scheme = _model(SavingsScheme, shared)
    word = {"type": "string", "description": "A word of the study's bands"}
    delivery = {"anyOf": [*_distributions(shared)["oneOf"], {"type": "number"}, word, _amounts()]}
    return _table(
        {**scheme["properties"], "delivery": delivery}, scheme["required"], scheme["description"]
    )


def _file(text: str) -> Schema:
    one: Schema = {"anyOf": [{"type": "string"}, {"type": "object", "required": ["file"]}]}
    return {"anyOf": [*one["anyOf"], {"type": "array", "items": one}], "description": text}


def _bands(description: str) -> Schema:
    figure: Schema = {"anyOf": [{"type": "number"}, {"type": "array"}, {"type": "object"}]}
    words = {"type": "object", "additionalProperties": figure}
    return _table(dict.fromkeys(BANDS, words), description=description)


def _drivers(shared: Schema) -> Schema:
    own = _model(DriverScope, shared)["properties"]
    del own["parameters"]
    own["distribution"] = {"enum": list(families()), "description": "Family of the distribution"}
    keys = {**_parameters(shared), **own}
    unplanned = {key: schema for key, schema in keys.items() if key != "expected"}
    shared["UniformDriver"] = _driver({key: own[key] for key in (*UNIFORM_KEYS, *NOTE_KEYS)})
    shared["PlannedDriver"] = _driver(keys)
    shared["OtherDriver"] = _driver(unplanned)
    tables = {
        driver.name: {
            "$ref": f"#/$defs/{_driver_form(driver)}",
            "description": _driver_text(driver),
        }
        for driver in DRIVERS
        if driver.source != "risks"
    }
    return _table(tables, description="What is uncertain; what is left out stays neutral")


def _driver_form(driver: Driver) -> str:
    if driver.source == "uniform":
        return "UniformDriver"
    return "PlannedDriver" if driver.planned else "OtherDriver"


def _driver_text(driver: Driver) -> str:
    return f"{driver.meaning} [{driver.unit}]; neutral value {driver.neutral:g}"


def _driver(keys: Schema) -> Schema:
    """Return the schema of a driver; which parameters go together is checked on loading."""
    scope = {**_table(keys), **_percentiles(by_year=True)}
    by = _named(scope, "What differs for a kind or for one organisation, by its name")
    return {**_table({**keys, "by": by}), **_percentiles(by_year=True)}


def _percentiles(*, by_year: bool = False) -> Schema:
    """Return the form of the keys p1 to p99."""
    number: Schema = {"type": "number"}
    form = {"anyOf": [number, {"type": "array", "items": number}]} if by_year else number
    return {"patternProperties": {PERCENTILE_PATTERN: {**form, "description": PERCENTILE_MEANING}}}


def _parameters(shared: Schema) -> Schema:
    """Return every parameter of any distribution: a scope may set one without the family."""
    found: dict[str, list[Schema]] = {}
    for name in families().values():
        for key, schema in _model(name, shared)["properties"].items():
            if key != "distribution":
                found.setdefault(key, []).append(schema)
    merged: Schema = {}
    for key, schemas in found.items():
        distinct = [s for n, s in enumerate(schemas) if s not in schemas[:n]]
        merged[key] = distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
        if key not in NOT_BY_YEAR:
            by_year = {"type": "array", "items": {"type": "number"}, "minItems": 1}
            merged[key] = {"anyOf": [*merged[key].get("anyOf", [merged[key]]), by_year]}
    return merged


def _regimes(shared: Schema) -> Schema:
    settings = _model(RulebookSettings, shared)
    lists: Schema = {waterfall: _waterfall(waterfall) for waterfall in WATERFALLS}
    book = _table({**settings["properties"], **lists})
    properties: Schema = {
        "label": {"type": "string", "minLength": 1, "description": "Name printed in reports"},
        "extends": {
            "type": "string",
            "description": "Regime of this study, or one that ships, that this one overrides",
        },
        "settlement": _model(Settlement, shared),
        "payment": _model(Payment, shared),
        "planning": _model(Planning, shared),
        "projects": _model(ProjectRules, shared),
        "funding": _model(Funding, shared),
        "centre": _centre(shared),
        "conditional": _rows(_model(Conditional, shared)),
        "pools": _rows(_model(Pool, shared)),
        "rulebooks": _named(book, "Rules by pool's rulebook, organisation's id or kind"),
    }
    return {**_named(_table(properties), "Sets of rules to compare"), "minProperties": 1}


def _centre(shared: Schema) -> Schema:
    """Return the schema of what the centre does; its list is one of instruments."""
    centre = _model(Centre, shared)
    shared.pop(InstrumentSetting.__name__, None)
    for part in (Windfall, WriteOff):  # a regime that extends another may set a part of a table
        shared[part.__name__].pop("required", None)
    return {**centre, "properties": {**centre["properties"], "excess": _waterfall("excess")}}


def _waterfall(waterfall: str) -> Schema:
    items = [_instrument(row) for row in INSTRUMENTS if row.waterfall == waterfall]
    return _rows({"oneOf": items})


def _instrument(row: Instrument) -> Schema:
    properties: Schema = {"instrument": {"const": row.name}}
    properties |= {parameter.name: _figure(parameter) for parameter in row.parameters}
    required = [parameter.name for parameter in row.parameters if is_required(parameter)]
    return _table(properties, ["instrument", *required], row.words)


def _figure(parameter: Parameter) -> Schema:
    text = {"description": f"{parameter.meaning} [{parameter.unit}]"}
    if isinstance(parameter.default, bool):
        return {"type": "boolean", "default": parameter.default, **text}
    least = "exclusiveMinimum" if parameter.above_low else "minimum"
    number: Schema = {"type": "number", least: parameter.low, "maximum": parameter.high}
    figure = number
    if parameter.by_year:
        figure = {"anyOf": [number, {"type": "array", "items": number, "minItems": 1}]}
    if isinstance(parameter.default, int | float):
        text_default: Schema = {"default": parameter.default}
        return {**figure, **text, **text_default}
    return {**figure, **text}
