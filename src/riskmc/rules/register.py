"""The register of instruments: one row each, from which study files and engine both learn.

A new instrument is one pure function (in `plan`, `shortfall` or `surplus` of this package) and
one row here. The study schema takes its keys, bounds, defaults and units from the row, the
engine hands the function whatever its keyword arguments name, and words and replay its
sentences.
"""

from __future__ import annotations

from riskmc.rules import centre, plan, shortfall, surplus
from riskmc.rules.effects import WATERFALLS, Waterfall
from riskmc.rules.rows import REQUIRED, Instrument, Parameter, Required

__all__ = [
    "INSTRUMENTS",
    "REQUIRED",
    "WATERFALLS",
    "Instrument",
    "Parameter",
    "Required",
    "Waterfall",
    "add",
    "instrument",
    "names",
]

_EVERY_BIG = 10.0
#: Beyond any public budget [£m].
_MOST_MONEY = 1e9
_SHARE_OF_LEFT = Parameter("share", "share of what is left", "how much of it is used this way", 1.0)

INSTRUMENTS: tuple[Instrument, ...] = (
    Instrument(
        "savings",
        "plan",
        plan.savings,
        "savings the plan counts on",
        "plan savings of {min_rate} to {max_rate} of cost, counting on {assumed_delivery} "
        "of the target being delivered; for each 1 % of cost asked {scale_loss} % is lost",
        (
            Parameter("max_rate", "share of planned cost", "highest target"),
            Parameter("min_rate", "share of planned cost", "target asked every year", 0.0),
            Parameter(
                "assumed_delivery",
                "ratio",
                "delivery the plan counts on",
                1.0,
                high=_EVERY_BIG,
            ),
            Parameter(
                "effort", "ratio", "effort put into savings, a behaviour", 1.0, high=_EVERY_BIG
            ),
            Parameter(
                "scale_loss",
                "per cent lost per 1 % of planned cost asked",
                "delivery lost the more is asked at once",
                0.0,
                high=1000.0,
                needs=("planned_cost",),
                silent=True,
            ),
        ),
    ),
    Instrument(
        "local_revenue",
        "plan",
        plan.local_revenue,
        "local tax raised, for good",
        "raise local tax from then on by up to {max_rise} a year, beyond {vote_above} only by a "
        "vote that is won with probability {vote_passes}; rises are given back where there is "
        "money to spare: {reversible}",
        (
            Parameter("max_rise", "share of planned local tax", "highest rise in a year"),
            Parameter(
                "vote_above",
                "share of planned local tax",
                "a higher rise needs a vote",
                None,
                needs=("vote",),
            ),
            Parameter(
                "vote_passes",
                "probability",
                "chance that a vote is won",
                0.0,
                silent=True,
                goes_with="vote_above",
            ),
            Parameter(
                "reversible",
                "true or false",
                "whether earlier rises are given back",
                False,
                by_year=False,
                needs=("spare", "premium"),
                silent=True,
            ),
        ),
        shared_by="planned_tax",
    ),
    Instrument(
        "charges",
        "plan",
        plan.charges,
        "charges raised, for good",
        "raise charges by up to {max_rise} a year, for good",
        (Parameter("max_rise", "share of charges", "highest rise in a year"),),
        shared_by="charges",
    ),
    Instrument(
        "service_reduction",
        "plan",
        plan.service_reduction,
        "services to be cut",
        "cut services by up to {max_rate} of cost, leaving need unmet; {lasting} of it stays cut "
        "until services are restored",
        (
            Parameter("max_rate", "share of planned cost", "deepest planned cut in a year", 1.0),
            Parameter("lasting", "share", "part that stays cut until restored", 0.0, silent=True),
        ),
        adverse=True,
    ),
    Instrument(
        "restore_services",
        "plan",
        plan.restore_services,
        "less: services restored and grown",
        "where there is money to spare, spend {share} of it on restoring services still "
        "reduced, then on growing them",
        (Parameter("share", "share of the headroom", "part spent on services", 1.0),),
    ),
    Instrument(
        "use_of_reserves",
        "plan",
        plan.use_of_reserves,
        "left to reserves",
        "leave up to {max_share} of the reserves above the floor to be drawn at outturn",
        (Parameter("max_share", "share of reserves above the floor", "most that is planned"),),
    ),
    Instrument(
        "reserves",
        "shortfall",
        shortfall.reserves,
        "reserves",
        "draw on reserves down to the floor",
        records="from_reserves",
    ),
    Instrument(
        "working_balance",
        "shortfall",
        shortfall.working_balance,
        "working balance: reserves below the floor",
        "draw on up to {share} of the floor itself",
        (Parameter("share", "share of the floor", "part of it that may be used", 1.0),),
        records="from_reserves",
        adverse=True,
    ),
    Instrument(
        "risk_share",
        "shortfall",
        shortfall.risk_share,
        "met by the centre, as agreed",
        "let the centre bear {share} of the overspend, as agreed, up to {limit} of income",
        (
            Parameter("share", "share of the overspend", "the centre's part"),
            Parameter(
                "limit",
                "share of income",
                "most that it bears in a year",
                None,
                high=_EVERY_BIG,
                needs=("income",),
            ),
        ),
        records="risk_shared",
    ),
    Instrument(
        "in_year_measures",
        "shortfall",
        shortfall.in_year_measures,
        "in-year measures",
        "take in-year measures of up to {max_rate} of cost, less the later the shortfall is "
        "seen; {service_share} of it cuts services",
        (
            Parameter("max_rate", "share of cost", "most that can be held back from April"),
            Parameter("service_share", "share", "part that cuts services", 1.0),
        ),
        records="in_year_measures",
        adverse=True,
    ),
    Instrument(
        "capital_to_revenue",
        "shortfall",
        shortfall.capital_to_revenue,
        "capital switched to revenue",
        "switch up to {max_share} of the capital budget to revenue, which adds {running_cost} "
        "per £ to running costs for good",
        (
            Parameter("max_share", "share of capital budget", "most that is switched in a year"),
            Parameter(
                "running_cost",
                "£ a year per £",
                "running cost added for good",
                0.0,
                high=_EVERY_BIG,
                by_year=False,
            ),
        ),
        records="capital_to_revenue",
        adverse=True,
    ),
    Instrument(
        "carry_forward",
        "shortfall",
        shortfall.carry_forward,
        "carried forward",
        "carry a deficit of up to {limit} of income forward within the control period",
        (Parameter("limit", "share of income", "most that may be carried in all"),),
        records="carry_forward",
        adverse=True,
    ),
    Instrument(
        "bailout",
        "shortfall",
        shortfall.bailout,
        "bailout granted",
        "ask the centre for a bailout, granted with probability {probability}, up to {limit} of "
        "income, only if {requires} of the savings target was delivered; {loan_share} of it is "
        "debt, {centre_share} of it the centre's money",
        (
            Parameter("probability", "probability", "chance that it is granted", 1.0),
            Parameter("limit", "share of income", "most that is granted", None, high=_EVERY_BIG),
            Parameter("loan_share", "share", "part that must be repaid", 0.0, by_year=False),
            Parameter(
                "requires",
                "share of the savings target",
                "lowest delivery at which one is granted",
                None,
                by_year=False,
                needs=("savings_delivered", "savings_planned"),
            ),
            Parameter(
                "centre_share", "share", "part that is the centre's money", 1.0, by_year=False
            ),
        ),
        records="bailout",
        adverse=True,
    ),
    Instrument(
        "repay_debt",
        "surplus",
        surplus.repay_debt,
        "debt repaid",
        "repay debt with {share} of what is left",
        (_SHARE_OF_LEFT,),
        shown=False,
    ),
    Instrument(
        "clawback",
        "surplus",
        surplus.clawback,
        "returned to the centre",
        "return {share} of what is left to the centre",
        (_SHARE_OF_LEFT,),
        records="clawback",
        shown=False,
    ),
    Instrument(
        "prevention",
        "surplus",
        surplus.prevention,
        "put into prevention",
        "invest {share} of what is left in prevention",
        (_SHARE_OF_LEFT,),
        shown=False,
    ),
    Instrument(
        "year_end_spending",
        "surplus",
        surplus.year_end_spending,
        "spent before it lapsed",
        "spend {share} of what is left before it lapses",
        (_SHARE_OF_LEFT,),
        records="year_end_spending",
    ),
    Instrument(
        "reserves",
        "surplus",
        surplus.reserves,
        "kept in reserves",
        "keep {share} of what is left in reserves, up to {limit} of income a year",
        (
            _SHARE_OF_LEFT,
            Parameter(
                "limit",
                "share of income",
                "most that is kept in a year",
                None,
                high=_EVERY_BIG,
                needs=("income",),
            ),
        ),
        shown=False,
    ),
    Instrument(
        "new_money",
        "excess",
        centre.new_money,
        "new money found by the centre",
        "find new money of up to {limit} a year",
        (Parameter("limit", "£m", "most that is found in a year", None, high=_MOST_MONEY),),
        records="new_money",
        shown=False,
    ),
    Instrument(
        "capital_switch",
        "excess",
        centre.capital_switch,
        "capital of all bodies switched to revenue",
        "switch up to {max_share} of all capital budgets to revenue, which adds {running_cost} per "
        "£ to running costs for good",
        (
            Parameter("max_share", "share of capital budgets", "most that is switched in a year"),
            Parameter(
                "running_cost",
                "£ a year per £",
                "running cost added for good",
                0.0,
                high=_EVERY_BIG,
                by_year=False,
            ),
        ),
        records="capital_switched",
        shown=False,
    ),
    Instrument(
        "next_year_cut",
        "excess",
        centre.next_year_cut,
        "taken off next year's grants",
        "take up to {max_share} of grants off next year's, from all who are exposed to cuts",
        (Parameter("max_share", "share of exposed grants", "most that is taken off"),),
        records="next_year_cut",
        shown=False,
    ),
)


def add(row: Instrument) -> None:
    """Put an instrument on the register, for this session; ValueError where its name is taken."""
    global INSTRUMENTS
    if row.name in names(row.waterfall):
        raise ValueError(f"{row.waterfall} has an instrument {row.name} already")
    INSTRUMENTS = (*INSTRUMENTS, row)


def instrument(waterfall: str, name: str) -> Instrument:
    """Return the row of an instrument in a waterfall; KeyError if there is none."""
    for row in INSTRUMENTS:
        if row.waterfall == waterfall and row.name == name:
            return row
    raise KeyError(f"{waterfall}: {name}")


def names(waterfall: str) -> tuple[str, ...]:
    """Return the names of a waterfall's instruments, in the order of the register."""
    return tuple(row.name for row in INSTRUMENTS if row.waterfall == waterfall)
