"""The register of drivers: one row owns all that there is to say about an uncertain input.

The order of the rows is the *register order*: correlation matrices are factorised in it and
Sobol coordinates are dealt in it. A new driver comes last, so that no other draw moves.
"""

from __future__ import annotations

from riskmc.variables.names import MONEY
from riskmc.variables.rows import Driver, Example

_SAVINGS = 'rulebooks.council.plan = [{ instrument = "savings", max_rate = 0.1, min_rate = 0.1 }]'

DRIVERS: tuple[Driver, ...] = (
    Driver(
        "demand_growth",
        "Growth of need",
        0.0,
        "fraction a year",
        "growth of need in the year",
        enters="B′ and S′ of step 3, v′ of step 5",
        example=Example(0.1, "cost", (10.0, 10.0)),
        sentence="Need {grew} by {size}: {against}{spread}.",
        low=-1.0,
        adverse=1,
        stress="demand",
        planned=True,
    ),
    Driver(
        "cost_inflation",
        "Pay and price growth",
        0.0,
        "fraction a year",
        "pay and price growth of unit costs",
        enters="B′ and S′ of step 3",
        example=Example(0.1, "cost", (10.0, 10.0)),
        sentence="Pay and prices {rose} by {size}: {against}{spread}.",
        low=-1.0,
        adverse=1,
        stress="inflation",
        planned=True,
    ),
    Driver(
        "funding_shock",
        "Central funding against plan",
        0.0,
        "fraction a year",
        "deviation of central grant growth from plan",
        enters="f of step 1",
        example=Example(-0.1, "income", (-5.0, -5.0)),
        sentence="Central funding came to {off_plan}{spread}{waits}.",
        low=-1.0,
        adverse=-1,
        stress="funding",
        acts_on="grant",
    ),
    Driver(
        "tax_shock",
        "Local tax base against plan",
        0.0,
        "fraction a year",
        "deviation of local tax-base growth from plan",
        enters="X′ and e′ of steps 4 and 11",
        example=Example(-0.1, "income", (-3.0, -3.0)),
        sentence="The local tax base came to {off_plan}{spread}.",
        low=-1.0,
        adverse=-1,
        stress="funding",
        acts_on="local_tax",
    ),
    Driver(
        "in_year_cut",
        "Grant cut during the year",
        0.0,
        "share of grant",
        "grant taken back during the year",
        enters="x of step 6",
        example=Example(0.1, "income", (-5.0, -5.0)),
        sentence="The centre cut {size} of the grant in the year{whom}: {fates}.",
        low=0.0,
        high=1.0,
        adverse=1,
        stress="centre",
        acts_on="grant",
        rare=True,
    ),
    Driver(
        "recognition",
        "When a shortfall is seen",
        0.5,
        "share of year",
        "when in the year a shortfall is recognised (0 = April, 1 = March)",
        enters="`in_year_measures` of step 9",
        example=Example(
            1.0,
            "in_year_measures",
            (-5.0, 0.0),
            'rulebooks.council.shortfall = [{ instrument = "in_year_measures", max_rate = 0.1 }]',
        ),
        sentence="A shortfall would be seen in {month}.",
        low=0.0,
        high=1.0,
        adverse=1,
        needs=("in_year_measures", "takes in-year measures"),
    ),
    Driver(
        "savings_delivery",
        "Savings delivered",
        1.0,
        "ratio",
        "savings delivered over savings planned",
        enters="savings delivered of step 8",
        example=Example(0.5, "savings_delivered", (-5.0, 0.5), _SAVINGS),
        sentence="Savings delivered {size} of the savings asked for{on_average}{spread}.",
        adverse=-1,
        stress="savings",
        needs=("savings", "plans savings"),
    ),
    Driver(
        "recurrent_share",
        "Savings that recur",
        1.0,
        "share",
        "share of delivered savings that recurs",
        enters="recurrent savings of step 11",
        example=Example(0.0, "cost", (0.0, 10.0), _SAVINGS),
        sentence="Of what was delivered {size} recurs{on_average}.",
        low=0.0,
        high=1.0,
        adverse=-1,
        stress="savings",
        needs=("savings", "plans savings"),
    ),
    Driver(
        "new_burden",
        "New mandates",
        0.0,
        "share of cost",
        "cost of new central mandates",
        enters="b of steps 2 and 3",
        example=Example(0.1, "cost", (10.0, 10.0)),
        sentence="New central mandates added {size} to costs{whom}.",
        adverse=1,
        stress="centre",
        rare=True,
    ),
    Driver(
        "prevention_yield",
        "Yield of prevention",
        0.0,
        "£ a year per £",
        "annual cost avoided per £ of prevention",
        enters="gain of step 11",
        example=Example(0.2, "cost", (0.0, -2.0), "settlement.transformation_fund = 10.0"),
        sentence="£1 put into prevention this year saves {pounds_each} a year from the next"
        "{usual_pounds}.",
        adverse=-1,
        needs=("prevention", "spends on prevention"),
    ),
    Driver(
        "one_off_cost",
        "One-off risks",
        0.0,
        MONEY,
        "one-off risks that happened: the risk register's sum",
        enters="C of step 3",
        example=Example(10.0, "cost", (10.0, 0.0)),
        source="risks",
    ),
    Driver(
        "rescue",
        "Whether a bailout is granted",
        0.5,
        "uniform (0, 1)",
        "the centre's willingness to grant a bailout",
        enters="`bailout` of step 9",
        example=Example(
            0.25,
            "bailout",
            (10.0, 0.0),
            'rulebooks.council.shortfall = [{ instrument = "bailout", probability = 0.5 }]',
        ),
        sentence="Asked for a bailout, the centre would say yes where its chance is above "
        "{asked_of}.",
        low=0.0,
        high=1.0,
        source="uniform",
    ),
    Driver(
        "temporary_cost",
        "Premium for temporary staff",
        0.0,
        "share of cost",
        "cost of temporary staff beyond the base, this year only",
        enters="C of step 3 rises by temporary_cost · B′",
        example=Example(0.1, "cost", (10.0, 0.0)),
        sentence="Temporary staff added {size} to costs{spread}.",
        adverse=1,
        stress="inflation",
        planned=True,
        sobol=False,
    ),
    Driver(
        "vote",
        "Whether a vote on local tax is won",
        0.5,
        "uniform (0, 1)",
        "whether voters agree to a rise in local tax that needs them",
        enters="`local_revenue` of step 7, with `vote_above`",
        example=Example(
            0.25,
            "local_revenue",
            (3.0, 0.3),
            'rulebooks.council.plan = [{ instrument = "local_revenue", max_rise = 0.2, '
            "vote_above = 0.1, vote_passes = 0.5 }]",
        ),
        sentence="Asked to vote, the public would agree where its chance is above {asked_of}.",
        low=0.0,
        high=1.0,
        source="uniform",
        drawn_for="vote_above",
        sobol=False,
    ),
    Driver(
        "outturn_variance",
        "Outturn against budget",
        0.0,
        "share of planned income",
        "underspend (above 0) or overspend (below) against budget, this year only",
        enters="C of step 3 falls by outturn_variance · Y",
        example=Example(0.1, "cost", (-9.0, 0.0)),
        sentence="Against their budgets bodies {underspent} {size} of planned income{spread}.",
        adverse=-1,
        stress="outturn",
        sobol=False,
    ),
)
DRIVER_NAMES: tuple[str, ...] = tuple(driver.name for driver in DRIVERS)
_BY_NAME = {driver.name: driver for driver in DRIVERS}
#: Drivers that planners expect a value of.
PLANNED: tuple[str, ...] = tuple(driver.name for driver in DRIVERS if driver.planned)
#: Drivers that the risk register makes.
FROM_RISKS: tuple[str, ...] = tuple(driver.name for driver in DRIVERS if driver.source == "risks")
#: Drivers that are uniform in every study, whether it names them or not.
UNIFORM: tuple[str, ...] = tuple(driver.name for driver in DRIVERS if driver.source == "uniform")


def driver(name: str) -> Driver:
    """Return the register's row for a driver.

    Parameters
    ----------
    name : str
        Such as "demand_growth".

    Returns
    -------
    Driver
        Its label, unit, range and words.

    Raises
    ------
    KeyError
        For an unknown name.
    """
    return _BY_NAME[name]
