"""How much must be held so that reserves last? Answered on the same futures, with its error.

Two ways. `reserves_curve` asks the stored results: how much would a body have had to open with
to get through each future on reserves alone, all else as it was. `reserves_needed` runs the study
again with more and less in reserve, on the same drivers, until P(exhausted) meets the target: it
lets plans, interest and returning need answer too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Unpack

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.arguments import Confidence
from riskmc.measures.holders import not_applicable, opening_reserves, reserve_floors
from riskmc.measures.like_for_like import HELP, lasting_reserves
from riskmc.measures.measure import Unpaired, measure
from riskmc.measures.reserves import exhausted_probability
from riskmc.measures.risk_register import customary_by_year
from riskmc.measures.tabulate import Spec, Task, quantiles_at
from riskmc.statistics import estimators
from riskmc.variables import MONEY, PLACE

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study

#: Confidence at which the curve is drawn.
CONFIDENCES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.99)
#: The customary rule of thumb: reserves of 5 % of net revenue.
SHARE_OF_REVENUE = 0.05
_MOST_RUNS = 40


class Run(Protocol):
    """What runs a study on given drivers: `riskmc.run`."""

    def __call__(self, study: Study, /, *, drivers: xr.Dataset) -> xr.DataTree:
        """Return the results."""


@measure('docs/measures.md, "Reserves question"', estimators.quantile, organisation=PLACE)
def reserves_curve(*, confidence: Confidence = CONFIDENCES, **_: Unpack[Unpaired]) -> Spec:
    """Return opening reserves with which reserves would last, at each confidence [£m].

    Over (organisation, regime, confidence). In a draw, what is needed is the opening plus the
    most by which reserves would ever fall below the floor without bailouts, in-year measures,
    capital switched or deficits carried (and without repaying them), all else unchanged; the
    answer is its quantile. The place counts all its reserves together, as if they could be moved;
    in a pool ask for the place or read a member as its part by cost. Organisations need results
    that keep everything.
    """
    return Spec(
        long_name="opening reserves with which they would last, all else unchanged",
        unit=MONEY,
        needs=("reserves", "repaid", *HELP),
        values=_needed,
        statistic=quantiles_at(confidence),
        extra={"confidence": confidence},
        since_opening="the reserves that would last",
    )


def _needed(task: Task) -> NDArray[Any]:
    study, (regime, body) = task.reader.study(), (task.regime, task.body)
    return lasting_reserves(
        task.paths,
        floor=reserve_floors(study)[regime][body],
        reserves=opening_reserves(study)[regime][body],
    )


class ReservesNeeded(NamedTuple):
    """The answer to the reserves question.

    reserves     opening reserves with which P(exhausted within the horizon) is alpha [£m]
    low, high    where the 95 % interval of P meets alpha [£m]; NaN where it does not
    alpha        the target
    probability  P(exhausted) with these reserves
    now          opening reserves of the study [£m], and `probability_now`
    curve        Dataset over reserves tried: probability, mcse, low, high
    rules        what customary rules would have: name to £m
    """

    reserves: float
    low: float
    high: float
    alpha: float
    probability: float
    now: float
    probability_now: float
    curve: xr.Dataset
    rules: dict[str, float]


def reserves_needed(
    study: Study,
    run: Run,
    *,
    drivers: xr.Dataset,
    regime: str,
    organisation: str = PLACE,
    alpha: float = 0.05,
    precision: float = 0.002,
) -> ReservesNeeded:
    """Return how much must be held so that P(exhausted within the horizon) <= alpha.

    Runs the study under `regime` on `drivers` with other opening reserves until the answer is
    known to `precision` of the range searched. `organisation` "place": all bodies' reserves are
    scaled together (by cost where none has any) and exhausted means any holder; else that body's
    alone.

    Parameters
    ----------
    study : Study
        As `riskmc.load_study` returns it.
    run : callable
        `riskmc.run`.
    drivers : xarray.Dataset
        Futures, as `riskmc.sample` draws them.
    regime : str
        Name of a regime.
    organisation : str
        An organisation, or "place"; default "place".
    alpha : float
        Chance of exhaustion that is accepted [probability].
    precision : float
        How closely the answer is found [share of the range searched].

    Returns
    -------
    ReservesNeeded
        The amount [£m], with its error.

    Raises
    ------
    ResultsError
        Where no amount up to 100 times a year's cost is enough.

    References
    ----------
    - docs/model.md, section 5, "reserves question".
    - docs/measures.md, "Reserves question".
    """
    if not 0.0 < alpha < 1.0:
        raise ResultsError(f"alpha lies between 0 and 1, not at {alpha}")
    if regime not in study.regimes:
        raise ResultsError(f"the study has no regime '{regime}'")
    narrow = study.replaced(regimes={regime: study.regimes[regime]}, behaviour={})
    tried: dict[float, tuple[float, float, float, float]] = {}

    def chance(amount: float) -> tuple[float, float, float, float]:
        if amount not in tried:
            tried[amount] = _chance(narrow, run, drivers, organisation, amount)
        return tried[amount]

    now, floor, cost = _position(study, organisation)
    top = _bracket(lambda x: chance(x)[2:], alpha, max(now, floor + 0.01 * cost), 100.0 * cost)
    width = precision * max(top - floor, 1e-9)

    def root(field: int) -> float:
        return _root(lambda amount: chance(amount)[field], alpha, floor, top, width)

    answer, here = root(0), chance(now)
    return ReservesNeeded(
        reserves=answer,
        low=root(2),
        high=root(3),
        alpha=alpha,
        probability=chance(answer)[0],
        now=now,
        probability_now=here[0],
        curve=_curve(tried),
        rules=customary_rules(study, organisation=organisation),
    )


def _chance(
    study: Study, run: Run, drivers: xr.Dataset, organisation: str, amount: float
) -> tuple[float, float, float, float]:
    """Return P(exhausted), its error and interval, with so much in reserve.

    A holder brought down to its floor has run out before it starts: the chance is 1.
    """
    changed = with_reserves(study, organisation=organisation, reserves=amount)
    before, after = not_applicable(study), not_applicable(changed)
    if any(set(after[name]) - set(before[name]) for name in before):
        return 1.0, float("nan"), 1.0, 1.0
    results = run(changed, drivers=drivers)
    found = exhausted_probability(results, over="horizon", organisation=organisation)
    value, mcse, low, high = (
        float(found[n].values[0, 0]) for n in ("value", "mcse", "low", "high")
    )
    if np.isnan(value):
        return 1.0, float("nan"), 1.0, 1.0
    return value, mcse, low, high


def _position(study: Study, organisation: str) -> tuple[float, float, float]:
    bodies = study.organisations
    if organisation != PLACE:
        bodies = tuple(body for body in bodies if body.id == organisation)
        if not bodies:
            raise ResultsError(f"the study has no organisation '{organisation}'")
    return (
        sum(body.reserves for body in bodies),
        sum(body.reserve_floor for body in bodies),
        sum(body.cost for body in bodies),
    )


def _bracket(
    ends: Callable[[float], tuple[float, float]], alpha: float, start: float, most: float
) -> float:
    """Return reserves with which even the upper end of the interval is at most alpha."""
    top = start
    while ends(top)[1] > alpha:
        if top >= most:
            raise ResultsError(
                f"no reserves up to £{most:,.0f}m are surely enough for a chance of {alpha:g}: "
                "more draws, or another target"
            )
        top = min(2.0 * top, most)
    return top


def _root(
    chance: Callable[[float], float], alpha: float, low: float, high: float, width: float
) -> float:
    """Return the least reserves with chance <= alpha, by bisection."""
    if chance(low) <= alpha:
        return low
    for _ in range(_MOST_RUNS):
        if high - low <= width:
            break
        middle = 0.5 * (low + high)
        if chance(middle) <= alpha:
            high = middle
        else:
            low = middle
    return high


def _curve(tried: dict[float, tuple[float, float, float, float]]) -> xr.Dataset:
    import xarray as xr

    amounts = sorted(tried)
    rows = np.array([tried[amount] for amount in amounts])
    data = {
        name: ("reserves", rows[:, i], {"units": "probability"})
        for i, name in enumerate(("probability", "mcse", "low", "high"))
    }
    dataset = xr.Dataset(data, {"reserves": amounts})
    dataset["reserves"].attrs = {"units": MONEY, "long_name": "opening reserves"}
    return dataset


def with_reserves(study: Study, *, organisation: str, reserves: float) -> Study:
    """Return the study with other opening reserves: of one body, or of the place in all [£m].

    The place's are parted as they are now, by cost where there are none.
    """
    bodies = study.organisations
    if organisation == PLACE:
        weights = np.array([body.reserves for body in bodies])
        if weights.sum() <= 0.0:
            weights = np.array([body.cost for body in bodies])
        if weights.sum() <= 0.0:
            weights = np.ones(len(bodies))
        amounts = reserves * weights / weights.sum()
    else:
        amounts = np.array(
            [reserves if body.id == organisation else body.reserves for body in bodies]
        )
    changed = tuple(
        body.model_copy(update={"reserves": float(amount)})
        for body, amount in zip(bodies, amounts, strict=True)
    )
    return study.replaced(organisations=changed)


def customary_rules(study: Study, *, organisation: str = PLACE) -> dict[str, float]:
    """Return what customary rules would have a body or the place hold [£m].

    "5 % of net revenue": grant and local tax; where a body has neither, its charges and contract
    income from bodies not counted themselves, so that no pound counts twice. "risk register":
    the sum of probability times likely impact (the mean impact where no likely one is given), on
    average over the years of the study; `customary_by_year` has each.

    Parameters
    ----------
    study : Study
        As `riskmc.load_study` returns it.
    organisation : str
        An organisation, or "place"; default "place".

    Returns
    -------
    dict of str to float
        Amount by name of the rule [£m].

    Raises
    ------
    ResultsError
        The study has no such organisation.

    References
    ----------
    - docs/measures.md, "Customary rules".
    """
    members = [body.id for body in study.organisations if organisation in (PLACE, body.id)]
    if not members:
        raise ResultsError(f"the study has no organisation '{organisation}'")
    revenue = sum(_net_revenue(study, body, members) for body in members)
    by_year = customary_by_year(study, organisation=organisation)
    register = sum(by_year.values()) / len(by_year)
    return {"5 % of net revenue": SHARE_OF_REVENUE * revenue, "risk register": register}


def _net_revenue(study: Study, body_id: str, counted: Sequence[str]) -> float:
    body = study.organisation(body_id)
    own = body.grant + body.local_tax
    if own > 0.0:
        return own
    received = sum(
        contract.value
        for contract in study.contracts
        if contract.payee == body_id and contract.payer not in counted
    )
    return body.charges + received
