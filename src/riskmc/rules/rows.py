"""What a row of the register of instruments is, checked when it is made."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from riskmc.rules.effects import WEIGHTS, Waterfall


class Required:
    """Marks a parameter that has no default."""


REQUIRED = Required()

_OUTTURN = {
    "reserves": "reserves as they stand when the instrument is reached",
    "reserve_floor": "level that may not be used",
    "income": "income of the year",
    "own_cost": "own cost of the year",
    "capital": "capital budget",
    "recognition": "the driver, weighted by cost",
    "open_book": "the setting of the settlement",
    "rescue": "the driver",
    "deficit": "overspend of the year, without what falls due",
    "savings_planned": "savings target of the plan",
    "savings_delivered": "savings delivered",
    "years_left": "years of the control period left, a whole number",
}
#: What the rule of an instrument may ask for alongside its parameters, by list; the engine has it
#: all. By budget holder, in £m unless said.
SITUATION: Mapping[Waterfall, Mapping[str, str]] = {
    "plan": {
        "left": "the money that reaches the instrument; every rule takes it",
        "planned_cost": "planned own cost",
        "reachable_cost": "planned own cost less what is committed: what savings may touch",
        "planned_tax": "planned local tax",
        "planned_charges": "charges of the year",
        "reserves": "reserves at the start of the year",
        "reserve_floor": "level that may not be used",
        "spare": "what there is to spare where the gap left is below 0",
        "standing": "services still reduced, as planned",
        "premium": "what earlier rises in local tax bring this year",
        "activity_loss": "income lost per £ of services cut, or None where none is",
        "vote": "the driver",
    },
    "shortfall": {
        "left": "the money that reaches the instrument; every rule takes it",
        **_OUTTURN,
        "carried": "carried deficit as it stands",
    },
    "surplus": {
        "left": "the money that reaches the instrument; every rule takes it",
        **_OUTTURN,
        "debt": "debt from past bailouts as it stands",
    },
    "excess": {
        "left": "what was asked of the centre and reaches the instrument; every rule takes it",
        "all_capital": "capital budgets of all bodies",
        "exposed_grants": "grants of the bodies exposed to cuts",
    },
}


@dataclass(frozen=True)
class Parameter:
    """A figure that an instrument takes from the rulebook.

    `default` is REQUIRED, a number, True or False, or None ("no limit"); `by_year` allows a list
    by year, whose last value holds on; `above_low` excludes the lower bound itself; `needs` names
    what of the situation this figure alone needs: where it stays at its default, the rule is not
    given it. `silent` leaves its part of the sentence out where it stays at its default, unless the
    figure that it `goes_with` is given.
    """

    name: str
    unit: str
    meaning: str
    default: float | Required | None = REQUIRED
    low: float = 0.0
    high: float = 1.0
    by_year: bool = True
    above_low: bool = False
    needs: tuple[str, ...] = ()
    silent: bool = False
    goes_with: str = ""


@dataclass(frozen=True)
class Instrument:
    """One row: everything that there is to say about an instrument.

    name        as studies call it
    waterfall   the list that it is in: plan, shortfall or surplus
    function    its rule, which takes `left`, its parameters and what it asks of the situation
    label       how a replay calls the amount that it took
    words       a sentence with {parameter} slots, which goes on from the list's heading
    parameters  its figures, with units and ranges
    records     the output that takes the amount; empty where its effects say it all
    shared_by   what members of a pool share the amount by; default: planned own cost in a plan,
                own cost else
    adverse     whether the amount is shown in brackets in a replay
    shown       whether a replay has a line for it

    Who bears the amount is set by the output, what it moves with the fields that its rule
    returns (`riskmc.rules.effects`).

    Raises TypeError where the rule has an argument that is neither a parameter nor part of the
    situation, or lacks one that the row promises.
    """

    name: str
    waterfall: Waterfall
    function: Callable[..., Any]
    label: str
    words: str
    parameters: tuple[Parameter, ...] = ()
    records: str = ""
    shared_by: str = ""
    adverse: bool = False
    shown: bool = True
    asks: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Check the row, and work out what its rule asks of the situation."""
        if not self.shared_by:
            default = "planned_cost" if self.waterfall == "plan" else "cost"
            object.__setattr__(self, "shared_by", default)
        takes = inspect.signature(self.function).parameters
        given = [parameter.name for parameter in self.parameters]
        asks = tuple(name for name in takes if name != "left" and name not in given)
        object.__setattr__(self, "asks", asks)
        known = SITUATION[self.waterfall]
        faults = [f"takes no argument `{name}`" for name in (*given, "left") if name not in takes]
        faults += [
            f"asks for `{name}`, which is neither a parameter of its row nor known at that point "
            f"({', '.join(known)})"
            for name in asks
            if name not in known
        ]
        optional = {name for parameter in self.parameters for name in parameter.needs}
        faults += [
            f"must be able to do without `{name}`: give it the default None"
            for name in sorted(optional)
            if name not in takes or takes[name].default is not None
        ]
        kinds = (takes[name].kind for name in takes)
        if any(kind is not inspect.Parameter.KEYWORD_ONLY for kind in kinds):
            faults.append("has arguments that are not keyword-only")
        if self.shared_by not in WEIGHTS:
            faults.append(f"is shared by `{self.shared_by}`, not by one of {', '.join(WEIGHTS)}")
        if faults:
            raise TypeError(
                f"{self.waterfall} instrument {self.name}: its rule {'; '.join(faults)}"
            )

    def returns(self) -> tuple[str, ...]:
        """Return the fields that its rule can return, given 1 of everything that it takes."""
        given: dict[str, Any] = {name: np.ones((1, 1)) for name in ("left", *self.asks)}
        given |= {row.name: min(1.0, row.high) for row in self.parameters}
        found = self.function(**given)
        return tuple(name for name in found._fields if getattr(found, name) is not None)

    def asks_with(self, figures: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what the rule asks of the situation where its parameters have these figures."""
        idle = {
            name
            for parameter in self.parameters
            for name in parameter.needs
            if figures[parameter.name] == parameter.default
        }
        used = {
            name
            for parameter in self.parameters
            for name in parameter.needs
            if figures[parameter.name] != parameter.default
        }
        return tuple(name for name in self.asks if name not in idle - used)
