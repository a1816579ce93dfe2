"""The register of drivers: one row owns all that there is to say about an uncertain input.

The order of the rows is the *register order*: correlation matrices are factorised in it and
Sobol coordinates are dealt in it. A new driver comes last, so that no other draw moves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from riskmc.variables.names import MONEY


@dataclass(frozen=True)
class Driver:
    """An uncertain input, drawn per (draw, year, organisation).

    Parameters
    ----------
    name : str
        As studies and results call it.
    label : str
        As a report calls it.
    neutral : float
        Its value where the study does not name it, in its unit.
    unit : str
        Unit of its values.
    meaning : str
        What it is, in a phrase.
    sentence : str
        How a replay says what it was in a year; slots are those of `riskmc.replays`.
    low, high : float
        The range that its meaning allows, in its unit.
    adverse : {-1, 0, 1}
        The side on which it hurts: 1 more of it, -1 less, 0 neither.
    stress : str
        The scenario of a stress test that moves it, alongside the one that moves all.
    acts_on : str
        The figure that an organisation must have for the driver to act on it.
    needs : (str, str), optional
        The instrument without which it changes nothing, and what a regime then does not do.
    planned : bool
        Whether planners expect a value of it, which `expected` may set.
    source : {"study", "uniform", "risks"}
        Drawn from the study's distribution, always uniform in (0, 1), or the sum of the risk
        register.
    drawn_for : str
        Of a uniform driver: the figure of an instrument for which it is drawn, where a study sets
        it; empty: in every study.
    rare : bool
        Whether 0 means that nothing happened, so that a replay says nothing.
    sobol : bool
        Whether its national factor has Sobol coordinates; drivers that joined later have stratified
        columns, so that no other draw moved.
    """

    name: str
    label: str
    neutral: float
    unit: str
    meaning: str
    sentence: str = ""
    low: float = -math.inf
    high: float = math.inf
    adverse: Literal[-1, 0, 1] = 0
    stress: str = ""
    acts_on: str = ""
    needs: tuple[str, str] | None = None
    planned: bool = False
    source: Literal["study", "uniform", "risks"] = "study"
    drawn_for: str = ""
    rare: bool = False
    sobol: bool = True


DRIVERS: tuple[Driver, ...] = (
    Driver(
        "demand_growth",
        "Growth of need",
        0.0,
        "fraction a year",
        "growth of need in the year",
        "Need {grew} by {size}: {against}{spread}.",
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
        "Pay and prices {rose} by {size}: {against}{spread}.",
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
        "Central funding came to {off_plan}{spread}{waits}.",
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
        "The local tax base came to {off_plan}{spread}.",
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
        "The centre cut {size} of the grant in the year{whom}: {fates}.",
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
        "A shortfall would be seen in {month}.",
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
        "Savings delivered {size} of the savings asked for{on_average}{spread}.",
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
        "Of what was delivered {size} recurs{on_average}.",
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
        "New central mandates added {size} to costs{whom}.",
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
        "£1 put into prevention this year saves {pounds_each} a year from the next{usual_pounds}.",
        adverse=-1,
        needs=("prevention", "spends on prevention"),
    ),
    Driver(
        "one_off_cost",
        "One-off risks",
        0.0,
        MONEY,
        "one-off risks that happened: the risk register's sum",
        source="risks",
    ),
    Driver(
        "rescue",
        "Whether a bailout is granted",
        0.5,
        "uniform (0, 1)",
        "the centre's willingness to grant a bailout",
        "Asked for a bailout, the centre would say yes where its chance is above {asked_of}.",
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
        "Temporary staff added {size} to costs{spread}.",
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
        "Asked to vote, the public would agree where its chance is above {asked_of}.",
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
        "Against their budgets bodies {underspent} {size} of planned income{spread}.",
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
