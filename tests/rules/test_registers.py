"""The registers: what is half added fails here, and nothing that a rule returns can vanish."""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
import pytest

import riskmc.rules.effects as effects
from riskmc.engine.blocks import run_block
from riskmc.engine.programme import compile_regime
from riskmc.measures.like_for_like import HELP
from riskmc.measures.possible import decided, made_by
from riskmc.replays.driver_words import SLOTS
from riskmc.report.sides.shocks import SCENARIOS
from riskmc.rules import centre, plan, register, shortfall, surplus
from riskmc.rules.effects import EFFECTS, MOVED, Effect, Waterfall, moved
from riskmc.rules.register import INSTRUMENTS, Instrument, Parameter
from riskmc.study import parse_study
from riskmc.study.model import Organisation
from riskmc.variables import (
    BEARERS,
    DRIVERS,
    PLACE_NAMES,
    VARIABLE_NAMES,
    VARIABLES,
    Driver,
    variable,
)

RESULTS: dict[str, Any] = {
    "plan": plan.Planned,
    "shortfall": shortfall.Absorbed,
    "surplus": surplus.Used,
    "excess": centre.Covered,
}
FIELDS = [(waterfall, effect.name) for waterfall, rows in EFFECTS.items() for effect in rows]
SLOT = re.compile(r"{(\w+)}")


def outputs(instrument: str = "", waterfall: str = "plan") -> dict[str, Any]:
    """Run two bodies in a pool for three years, with one instrument alongside `reserves`."""
    lists: dict[str, list[dict[str, Any]]] = {
        "plan": [],
        "shortfall": [{"instrument": "reserves"}],
        "surplus": [{"instrument": "reserves", "share": 0.5}],
        "excess": [],
    }
    if instrument:
        lists[waterfall] = [{"instrument": instrument}, *lists[waterfall]]
    body = {"kind": "council", "cost": 100.0, "grant": 60.0, "local_tax": 30.0, "charges": 9.0}
    # met by a pound better than planned, which reserves that were planned are
    agreed = {"name": "Agreed", "rate": 0.01, "test": "plan", "target": -0.005, "counted": 0.0}
    held = {"reserves": 20.0, "reserve_floor": 5.0, "debt": 6.0, "capital": 7.0}
    study = parse_study(
        {
            "schema": 1,
            "title": "Registers",
            "start_year": "2016/17",
            "years": 3,
            "draws": 16,
            "seed": 1,
            "organisations": [{"id": "a", **body, **held}, {"id": "b", **body, "reserves": 3.0}],
            "planning": {"grant_growth": [0.0, 0.3, 0.0], "tax_growth": 0.03},
            "dynamics": {"unmet_return": 0.4},
            "regimes": {
                "only": {
                    "pools": [{"name": "pool", "members": ["*"], "rulebook": "pool"}],
                    "centre": {"excess": lists.pop("excess")},
                    "rulebooks": {"pool": {**lists, "interest": 0.03}},
                    "settlement": {"period": 2},
                    "conditional": [agreed],
                }
            },
        }
    )
    programme = compile_regime(study, "only")
    kept = {
        name: np.zeros((2, 3, 1), bool if variable(name).kind == "flag" else float)
        for name in VARIABLE_NAMES
    }
    place = {
        name: np.zeros((3, 1), bool if variable(name).kind == "flag" else float)
        for name in PLACE_NAMES
    }
    drivers = {row.name: np.full((1, 2, 1), row.neutral) for row in DRIVERS}
    drivers["prevention_yield"] = np.full((1, 2, 1), 0.2)
    run_block([programme], drivers, [kept], [place], draws=1)
    return {**{f"place {n}": x for n, x in place.items()}, **kept}


@pytest.mark.parametrize(("waterfall", "field"), FIELDS)
def test_what_a_rule_returns_is_consumed(
    waterfall: Waterfall, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a field that a rule returns and the engine does not read: the gap would close
    and no money come."""

    def probe(*, left: Any) -> Any:
        nothing = RESULTS[waterfall](0.0 * left)
        return nothing._replace(**{field: 0.0 * left + 1.5})

    def bystander(*, left: Any) -> Any:
        return RESULTS[waterfall](0.0 * left)

    rows = (
        Instrument("probe", waterfall, probe, "probe", "probe"),
        Instrument("bystander", waterfall, bystander, "bystander", "stand by"),
    )
    monkeypatch.setattr(register, "INSTRUMENTS", (*INSTRUMENTS, *rows))
    plain, probed = outputs("bystander", waterfall), outputs("probe", waterfall)
    changed = {name for name in plain if not np.array_equal(plain[name], probed[name])}
    effect = next(row for row in EFFECTS[waterfall] if row.name == field)
    assert changed
    recorded = moved(effect.records)
    if recorded:
        assert {recorded, f"place {recorded}"} <= changed
    if effect.moves:
        assert changed - {recorded, f"place {recorded}"}
    new = {name for name in VARIABLE_NAMES if probed[name].any() and not plain[name].any()}
    assert new & decided() <= made_by(rows[0])


@pytest.mark.parametrize("waterfall", RESULTS)
def test_a_field_without_a_row_stops_the_program(
    waterfall: Waterfall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a field added to a result that nothing in the engine could know of."""
    fields = (*RESULTS[waterfall]._fields, "goodwill")
    monkeypatch.setitem(effects.RESULTS, waterfall, fields)
    assert effects.faults() == [f"{waterfall}: `goodwill` has no row of EFFECTS"]


def test_a_row_that_moves_nothing_known_stops_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a misspelt move, and one that comes too late in the year to be seen."""
    monkeypatch.setitem(effects.RESULTS, "surplus", (*surplus.Used._fields, "late", "lost"))
    rows = (*EFFECTS["surplus"], Effect("late", ("income",)), Effect("lost", ()))
    monkeypatch.setitem(effects.EFFECTS, "surplus", rows)
    assert effects.faults() == [
        "surplus: late may not move `income`",
        "surplus: lost moves nothing and is recorded nowhere",
    ]


def test_everything_that_can_be_moved_is_moved_by_something() -> None:
    """Would catch a mechanism that no instrument reaches any more."""
    used = {moved(move) for rows in EFFECTS.values() for row in rows for move in row.moves}
    assert used == set(MOVED)


def test_an_argument_that_nobody_gives_is_refused_when_the_row_is_made() -> None:
    """Would catch a rule that passes `validate` and dies in `run`."""

    def rule(*, left: Any, incomes: Any, share: float) -> Any:
        raise AssertionError

    share = Parameter("share", "share", "part")
    with pytest.raises(TypeError, match="asks for `incomes`"):
        Instrument("mutual", "shortfall", rule, "mutual", "ask", (share,))
    limit = Parameter("limit", "share", "most")
    with pytest.raises(TypeError, match="takes no argument `limit`"):
        Instrument("mutual", "shortfall", rule, "mutual", "ask", (share, limit))
    with pytest.raises(ValueError, match="shortfall has an instrument reserves already"):
        register.add(register.instrument("shortfall", "reserves"))


@pytest.mark.parametrize("row", INSTRUMENTS, ids=lambda row: f"{row.waterfall}-{row.name}")
def test_a_row_says_everything(row: Instrument) -> None:
    """Would catch an instrument whose amount is recorded nowhere, or that nobody bears."""
    assert row.label
    assert row.words
    slots = {p.name for p in row.parameters}
    assert set(SLOT.findall(row.words)) <= slots
    takes = inspect.signature(row.function).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in takes.values())
    assert row.records in {"", *PLACE_NAMES}
    if row.waterfall == "shortfall":
        bearer = variable(row.records).bearer
        assert bearer
        # incidence takes need left unmet at outturn off what managers bear
        assert bearer == "managers" or "unmet" not in row.returns()


def test_reserves_without_help_know_every_help() -> None:
    """Would catch an instrument whose money passes for the holder's own reserves."""
    met = {row.records for row in INSTRUMENTS if row.waterfall == "shortfall"}
    assert set(HELP) == met - {"from_reserves", "risk_shared"}


def test_bearers_and_outputs_know_each_other() -> None:
    """Would catch an output borne by somebody whom no chart names, or a bearer of nothing."""
    assert {row.bearer for row in VARIABLES} - {""} == set(BEARERS)
    for rows in EFFECTS.values():
        for effect in rows:
            assert moved(effect.records) in {"", *VARIABLE_NAMES}


@pytest.mark.parametrize("row", DRIVERS, ids=lambda row: row.name)
def test_a_driver_says_everything(row: Driver) -> None:
    """Would catch a driver that drops out of stress tests, replays or warnings without a word."""
    assert row.label
    assert row.unit
    assert row.meaning
    assert row.enters
    assert row.low <= row.neutral <= row.high
    if row.source != "risks":
        assert row.sentence
        assert set(SLOT.findall(row.sentence)) <= set(SLOTS)
    assert row.acts_on in {"", *Organisation.model_fields}
    assert row.needs is None or row.needs[0] in {other.name for other in INSTRUMENTS}
    together = next(scenario for scenario in SCENARIOS if scenario.name == "together")
    assert (row.name in together.drivers) == (row.adverse != 0)
    assert row.stress in {"", *(scenario.name for scenario in SCENARIOS)}
    if row.stress:
        assert row.adverse
        named = next(scenario for scenario in SCENARIOS if scenario.name == row.stress)
        assert row.name in named.drivers
