"""What the rules of instruments return, and what each of it moves: one row per field.

The engine applies these rows without knowing any instrument. A rule's result may have no field
that lacks a row here, and no row may move anything that is not in `MOVED`: both fail on import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from riskmc.rules.centre import Covered
from riskmc.rules.plan import Planned
from riskmc.rules.shortfall import Absorbed
from riskmc.rules.surplus import Used

Waterfall = Literal["plan", "shortfall", "surplus", "excess"]
#: The lists of a rulebook; `excess` is the centre's.
WATERFALLS: tuple[Waterfall, ...] = ("plan", "shortfall", "surplus")

#: What members of a pool share a holder's amount by.
WEIGHTS: Mapping[str, str] = {
    "planned_cost": "planned own cost",
    "planned_tax": "planned local tax",
    "charges": "charges of the year",
    "premium": "what earlier rises in local tax bring",
    "standing": "services still reduced, as planned",
    "cost": "own cost",
}

#: Everything that an instrument can move; the engine reads every one of these.
MOVED: Mapping[str, str] = {
    "savings_asked": "savings asked of members, who deliver them as their driver says",
    "income": "income of the year",
    "local_tax": "local tax from now on, and what its rises bring",
    "charges": "charges from now on, and what their rises bring",
    "balance": "balance of the year, beyond income and cost",
    "unmet": "need left unmet this year",
    "standing": "of it, services that stay cut, so that it does not return as need",
    "restored": "services reduced in earlier years and now restored",
    "grown": "services grown beyond what there was",
    "planned_draw": "reserves that the plan means to use, which a condition on plan allows for",
    "cost_base": "cost base from next year on",
    "reserves": "reserves of the holder",
    "carried": "deficit carried forward",
    "debt": "debt from bailouts",
    "debt_repaid": "debt repaid this year",
    "support": "bailouts of this year, of which a share is the centre's money",
    "central_cost": "cost to the centre",
    "rescue_needed": "what was left when the centre was asked",
    "returned": "money returned to the centre",
    "invested": "money invested in prevention",
    "next_year_cut": "grants of exposed bodies next year",
}
#: What a holder holds; instruments see it as those before them in the list left it.
STOCKS = ("reserves", "carried", "debt")
#: What instruments of each list may move: what they come early enough for.
_MAY_MOVE: dict[Waterfall, tuple[str, ...]] = {
    "plan": (
        *("savings_asked", "income", "local_tax", "charges", "balance", "unmet", "standing"),
        *("restored", "grown", "cost_base", "planned_draw"),
    ),
    "shortfall": (*STOCKS, "unmet", "cost_base", "support", "central_cost", "rescue_needed"),
    "surplus": (*STOCKS, "debt_repaid", "returned", "invested", "cost_base"),
    "excess": ("cost_base", "next_year_cut"),
}


@dataclass(frozen=True)
class Effect:
    """A field of what a rule returns.

    moves      names of `MOVED`: "x" adds to it, "-x" takes off it, "=x" replaces a stock
    shared_by  what members of a pool share it by, a name of `WEIGHTS`
    records    the output variable that it is recorded as, "-x" where it is taken off one;
               empty where another says it
    """

    name: str
    moves: tuple[str, ...]
    shared_by: str = "cost"
    records: str = ""


def moved(move: str) -> str:
    """Return the name of what a move moves, without its sign."""
    return move.lstrip("-=")


RESULTS: dict[Waterfall, tuple[str, ...]] = {
    "plan": Planned._fields,
    "shortfall": Absorbed._fields,
    "surplus": Used._fields,
    "excess": Covered._fields,
}
#: What each list of instruments takes off the money that reaches it.
TAKEN: dict[Waterfall, str] = {
    "plan": "counted",
    "shortfall": "taken",
    "surplus": "taken",
    "excess": "taken",
}

EFFECTS: dict[Waterfall, tuple[Effect, ...]] = {
    "plan": (
        Effect("savings_target", (), "planned_cost", "savings_planned"),
        Effect("savings_asked", ("savings_asked",), "planned_cost"),
        Effect("local_revenue", ("income", "local_tax"), "planned_tax", "local_revenue"),
        Effect("revenue_returned", ("-income", "-local_tax"), "premium", "-local_revenue"),
        Effect("charges_raised", ("income", "charges"), "charges", "charges_raised"),
        Effect("service_reduction", ("balance", "unmet"), "planned_cost", "service_reduction"),
        Effect("standing_cut", ("standing",), "planned_cost"),
        Effect("restored", ("-balance", "restored"), "standing", "services_restored"),
        Effect("grown", ("-balance", "cost_base", "grown"), "planned_cost", "services_restored"),
        Effect("planned_draw", ("planned_draw",), "planned_cost"),
        Effect("income", ("income",), "planned_cost"),
    ),
    "shortfall": (
        Effect("reserves", ("=reserves",)),
        Effect("unmet", ("unmet",)),
        Effect("carried", ("carried",)),
        Effect("debt", ("debt",)),
        Effect("running_cost", ("cost_base",)),
        Effect("support", ("support",)),
        Effect("agreed", ("central_cost",)),
        Effect("rescue_needed", ("rescue_needed",)),
    ),
    "surplus": (
        Effect("debt_repaid", ("-debt", "debt_repaid")),
        Effect("kept", ("reserves",)),
        Effect("returned", ("returned",)),
        Effect("invested", ("invested",)),
    ),
    "excess": (
        Effect("running_cost", ("cost_base",)),
        Effect("next_year_cut", ("next_year_cut",)),
    ),
}


def faults() -> list[str]:
    """Return what is wrong between the results of rules and their rows; empty where nothing is."""
    found = []
    for waterfall, rows in EFFECTS.items():
        names = [row.name for row in rows]
        fields = [name for name in RESULTS[waterfall] if name != TAKEN[waterfall]]
        found += [f"{waterfall}: `{name}` has no row of EFFECTS" for name in set(fields) - {*names}]
        found += [f"{waterfall}: no rule returns `{name}`" for name in set(names) - {*fields}]
        for row in rows:
            wrong = [move for move in row.moves if moved(move) not in _MAY_MOVE[waterfall]]
            found += [f"{waterfall}: {row.name} may not move `{move}`" for move in wrong]
            if not row.moves and not row.records:
                found.append(f"{waterfall}: {row.name} moves nothing and is recorded nowhere")
            if row.shared_by not in WEIGHTS:
                found.append(f"{waterfall}: {row.name} is shared by `{row.shared_by}`")
    return found


if _faults := faults():
    raise TypeError("the rules and rules/effects.py disagree: " + "; ".join(_faults))
