"""The register of outputs: every variable that the model works out, with unit, sign and meaning.

Money is nominal, in £m. Flows belong to the year, stocks to its end (31 March).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from riskmc.variables.names import MONEY

#: Who may bear what had to be found in a year, with the words for a chart.
BEARERS: dict[str, str] = {
    "local_taxpayers": "Local taxpayers",
    "service_users": "Service users",
    "past_savers": "Past savers (reserves)",
    "centre": "The centre",
    "future_budgets": "Future budgets",
    "nobody_yet": "Nobody yet (unresolved)",
    "managers": "Managers (savings in the year that cut no service)",
}


@dataclass(frozen=True)
class Variable:
    """An output of the model, per (regime, draw, year, organisation).

    Parameters
    ----------
    name : str
        As results call it.
    kind : {"flow", "stock", "flag"}
        In the year, at its end, or true or false.
    sign : str
        What a positive value means.
    meaning : str
        What it is, in a phrase.
    place : {"sum", "own", "any"}
        How the place's value is made: the sum of the organisations, worked out without the
        contracts inside the place, or any of the holders.
    headline : bool
        Whether it is kept by organisation even when memory is short.
    unit : str
        Mostly £m.
    bearer : str
        Who bears the amount in the year (a row of `BEARERS`); empty where nobody does.
    """

    name: str
    kind: Literal["flow", "stock", "flag"]
    sign: str
    meaning: str
    place: Literal["sum", "own", "any"] = "sum"
    headline: bool = False
    unit: str = MONEY
    bearer: str = ""


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
        bearer="local_taxpayers",
    ),
    Variable("charges_raised", "flow", "raised", "charges raised for the first time"),
    Variable(
        "charges_premium",
        "flow",
        "raised",
        "what all rises in charges inside the horizon bring this year",
        bearer="service_users",
    ),
    Variable("service_reduction", "flow", "cut", "service reductions planned"),
    Variable("standing", "flow", "cut", "services cut in earlier years and not restored"),
    Variable("services_restored", "flow", "restored", "services restored, and grown beyond that"),
    Variable("services_grown", "flow", "grown", "services grown beyond what there was, all years"),
    Variable(
        "reserve_contribution",
        "flow",
        "put by",
        "planned contribution to reserves (negative: planned use)",
    ),
    Variable("conditional", "flow", "received", "conditional money, its condition met"),
    Variable("shortfall", "flow", "overspend", "money to be found at outturn"),
    Variable("from_reserves", "flow", "drawn", "met from reserves", bearer="past_savers"),
    Variable(
        "risk_shared",
        "flow",
        "received",
        "overspend that the centre bears by agreement",
        bearer="centre",
    ),
    Variable("in_year_measures", "flow", "cut", "met by in-year measures", bearer="managers"),
    Variable(
        "capital_to_revenue",
        "flow",
        "switched",
        "met by switching capital to revenue",
        bearer="future_budgets",
    ),
    Variable(
        "carry_forward",
        "flow",
        "carried",
        "deficit carried to later years",
        bearer="future_budgets",
    ),
    Variable(
        "rescue_needed",
        "flow",
        "needed",
        "what is left when bailout is reached, granted or not",
        headline=True,
    ),
    Variable("bailout", "flow", "granted", "bailout granted", headline=True, bearer="centre"),
    Variable(
        "unresolved",
        "flow",
        "overspend",
        "what no instrument absorbed",
        headline=True,
        bearer="nobody_yet",
    ),
    Variable(
        "unmet",
        "flow",
        "need unmet",
        "need left unmet: services cut",
        headline=True,
        bearer="service_users",
    ),
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
    Variable("centre_cut", "flow", "cut", "cut that pays for last year's bailouts of others"),
    Variable("windfall", "flow", "received", "given by the centre for last year's deficits"),
    Variable("written_off", "flow", "written off", "debt from bailouts written off"),
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
#: Known for all places together only: what was asked of the centre, and who paid for it.
NATIONAL: tuple[Variable, ...] = tuple(
    Variable(name, "flow", sign, meaning, place="own")
    for name, sign, meaning in (
        ("asked", "asked", "bailouts asked of the centre, its own part"),
        ("pot_paid", "paid", "bailouts paid from the centre's pot"),
        ("new_money", "paid", "bailouts paid from new money"),
        ("capital_switched", "switched", "bailouts paid by switching capital of all bodies"),
        ("next_year_cut", "cut", "bailouts paid by cutting grants of exposed bodies next year"),
        ("refused", "refused", "bailouts refused, in equal proportion"),
    )
)
VARIABLE_NAMES: tuple[str, ...] = tuple(variable.name for variable in VARIABLES)
HEADLINE_NAMES: tuple[str, ...] = tuple(v.name for v in VARIABLES if v.headline)
PLACE_NAMES: tuple[str, ...] = (
    *VARIABLE_NAMES,
    NET_DEFICIT.name,
    *(variable.name for variable in NATIONAL),
)

_BY_NAME = {variable.name: variable for variable in (*VARIABLES, NET_DEFICIT, *NATIONAL)}


def variable(name: str) -> Variable:
    """Return the register's row for an output variable.

    Parameters
    ----------
    name : str
        Such as "net_deficit".

    Returns
    -------
    Variable
        Its kind, unit and meaning.

    Raises
    ------
    KeyError
        For an unknown name.
    """
    return _BY_NAME[name]
