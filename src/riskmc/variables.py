"""The register: every driver and every output variable, once, with unit, sign and meaning.

Money is nominal, in £m; rates are fractions per year. Flows belong to the year, stocks to its
end (31 March). The order of the drivers here is the *register order*: correlation matrices are
factorised in it and Sobol coordinates are dealt in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

MONEY = "£m"

#: Dimension names, as ArviZ and `interface.md` expect them.
CHAIN, DRAW, YEAR, ORGANISATION, REGIME = "chain", "draw", "year", "organisation", "regime"
#: The order in which results show their dimensions.
DRIVER_DIMS = (CHAIN, DRAW, YEAR, ORGANISATION)
OUTCOME_DIMS = (REGIME, CHAIN, DRAW, YEAR, ORGANISATION)
PLACE_DIMS = (REGIME, CHAIN, DRAW, YEAR)

#: What projects deliver, drawn once a future: (1, project, draw) beside the drivers.
PROJECT_DELIVERY = "project_delivery"
#: The name of the place as a whole wherever an organisation's id may stand.
PLACE = "place"
#: Who an organisation may be.
KINDS = ("provider", "commissioner", "council")
#: An amount counts as having happened above this share of max(1, income).
HAPPENED = 1e-9


@dataclass(frozen=True)
class Driver:
    """An uncertain input, drawn per (draw, year, organisation).

    `low` and `high`: what its meaning allows.
    """

    name: str
    neutral: float
    unit: str
    meaning: str
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Variable:
    """An output of the model, per (regime, draw, year, organisation).

    `kind` is "flow" (in the year), "stock" (at its end) or "flag"; `sign` says what a positive
    value means; `place` says how the place's value is made: "sum" of the organisations, "own"
    where the engine works it out without the contracts inside the place, "any" of the holders.
    `headline` variables are kept per organisation even when memory is short.
    """

    name: str
    kind: Literal["flow", "stock", "flag"]
    sign: str
    meaning: str
    place: Literal["sum", "own", "any"] = "sum"
    headline: bool = False
    unit: str = MONEY


DRIVERS: tuple[Driver, ...] = (
    Driver("demand_growth", 0.0, "fraction a year", "growth of need in the year", -1),
    Driver(
        "cost_inflation", 0.0, "fraction a year", "pay and price growth of unit costs", low=-1.0
    ),
    Driver(
        "funding_shock",
        0.0,
        "fraction a year",
        "deviation of central grant growth from plan",
        low=-1.0,
    ),
    Driver(
        "tax_shock",
        0.0,
        "fraction a year",
        "deviation of local tax-base growth from plan",
        low=-1.0,
    ),
    Driver("in_year_cut", 0.0, "share of grant", "grant taken back during the year", 0, 1),
    Driver(
        "recognition",
        0.5,
        "share of year",
        "how far into the year the shortfall is seen, 0 April",
        0,
        1,
    ),
    Driver("savings_delivery", 1.0, "ratio", "savings delivered over savings planned"),
    Driver("recurrent_share", 1.0, "share", "share of delivered savings that recurs", 0, 1),
    Driver("new_burden", 0.0, "share of cost", "cost of new central mandates"),
    Driver("prevention_yield", 0.0, "£ a year per £", "annual cost avoided per £ of prevention"),
    Driver("one_off_cost", 0.0, MONEY, "one-off risks that happened: the risk register's sum"),
    Driver(
        "rescue", 0.5, "uniform (0, 1)", "whether the centre grants a bailout it need not", 0.0, 1.0
    ),
)
DRIVER_NAMES: tuple[str, ...] = tuple(driver.name for driver in DRIVERS)

VARIABLES: tuple[Variable, ...] = (
    Variable(
        "income",
        "flow",
        "received",
        "grants, local tax, charges, contracts received",
        place="own",
        headline=True,
    ),
    Variable("cost", "flow", "spent", "own cost, interest and contract payments", place="own"),
    Variable(
        "own_balance",
        "flow",
        "surplus",
        "the body's own income less cost, with savings delivered and planned reductions",
    ),
    Variable(
        "balance",
        "flow",
        "surplus",
        "outturn after planned measures, before help; in a pool, the body's part",
    ),
    Variable(
        "deficit",
        "flow",
        "overspend",
        "shortfall of the outturn after planned measures, before any help",
        headline=True,
    ),
    Variable("plan_gap", "flow", "gap", "gap that the plan must close (negative: headroom)"),
    Variable("planned_deficit", "flow", "gap", "gap the plan could not close", headline=True),
    Variable("savings_planned", "flow", "saved", "savings target set in the plan"),
    Variable("savings_delivered", "flow", "saved", "savings delivered in the year"),
    Variable("local_revenue", "flow", "raised", "local revenue raised for the first time"),
    Variable(
        "local_premium",
        "flow",
        "raised",
        "what all rises in local tax inside the horizon bring this year",
        headline=True,
    ),
    Variable("service_reduction", "flow", "cut", "service reductions planned"),
    Variable("shortfall", "flow", "overspend", "money to be found at outturn"),
    Variable("from_reserves", "flow", "drawn", "met from reserves"),
    Variable("in_year_measures", "flow", "cut", "met by in-year measures"),
    Variable("capital_to_revenue", "flow", "switched", "met by switching capital to revenue"),
    Variable("carry_forward", "flow", "carried", "deficit carried to later years"),
    Variable(
        "rescue_needed",
        "flow",
        "needed",
        "what is left when bailout is reached, granted or not",
        headline=True,
    ),
    Variable("bailout", "flow", "granted", "bailout granted", headline=True),
    Variable("unresolved", "flow", "overspend", "what no instrument absorbed", headline=True),
    Variable("unmet", "flow", "need unmet", "need left unmet: services cut", headline=True),
    Variable("repaid", "flow", "repaid", "carried deficit due or repaid, and debt repaid"),
    Variable("interest", "flow", "paid", "interest on debt, carried deficit, overdrawn reserves"),
    Variable("clawback", "flow", "returned", "surplus returned to the centre"),
    Variable("prevention", "flow", "invested", "prevention: surplus invested and fund"),
    Variable("year_end_spending", "flow", "spent", "surplus spent before it lapses"),
    Variable("reserves", "stock", "held", "usable reserves at year end", headline=True),
    Variable("carried", "stock", "owed", "carried deficit at year end"),
    Variable("debt", "stock", "owed", "debt from past bailouts at year end"),
    Variable(
        "pending",
        "stock",
        "owed to the body",
        "settlement adjustment not yet made, at the closing grant",
        headline=True,
    ),
    Variable(
        "exhausted",
        "flag",
        "true: exhausted",
        "the holder's reserves are at or below floor",
        place="any",
        headline=True,
        unit="true or false",
    ),
    Variable(
        "central_cost",
        "flow",
        "cost to the centre",
        "net cost to the centre of grant, fund, support and equalisation",
        headline=True,
    ),
    Variable("project_outlay", "flow", "spent", "outlay of projects, loan repayments included"),
    Variable("project_benefit", "flow", "saved", "cost that projects avoid, as delivered"),
    Variable("receipts", "flow", "received", "receipts of projects that the body keeps"),
    Variable("project_loans", "stock", "owed", "principal of project loans at year end"),
)
#: Known for the place only: what is left of the deficits when surpluses elsewhere are set off.
NET_DEFICIT = Variable(
    "net_deficit",
    "flow",
    "overspend",
    "deficit of the place's summed balance",
    place="own",
    headline=True,
)
VARIABLE_NAMES: tuple[str, ...] = tuple(variable.name for variable in VARIABLES)
HEADLINE_NAMES: tuple[str, ...] = tuple(v.name for v in VARIABLES if v.headline)
PLACE_NAMES: tuple[str, ...] = (*VARIABLE_NAMES, NET_DEFICIT.name)

_BY_NAME = {variable.name: variable for variable in (*VARIABLES, NET_DEFICIT)}
_DRIVER_BY_NAME = {driver.name: driver for driver in DRIVERS}


def variable(name: str) -> Variable:
    """Return the register's row for an output variable; KeyError for an unknown name."""
    return _BY_NAME[name]


def driver(name: str) -> Driver:
    """Return the register's row for a driver; KeyError for an unknown name."""
    return _DRIVER_BY_NAME[name]
