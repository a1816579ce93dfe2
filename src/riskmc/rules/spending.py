"""What services cost: the base, returning need, prevention, and what planners expect.

Arrays broadcast to (organisation, draw); money in £m, rates per year. Source: the model's
section 4, steps 2, 3, 7 and 11.
"""

from __future__ import annotations

import numpy as np

from riskmc.rules.money import Money


def new_burden_cost(*, cost_base: Money, new_burden: Money) -> Money:
    """Return the cost of this year's new central mandates.

    cost_base   last year's closing cost base   [£m]
    new_burden  driver                          [share of cost base]

    Source: model, step 2.
    """
    return new_burden * cost_base


def grown_cost_base(
    *, cost_base: Money, demand_growth: Money, cost_inflation: Money, burden: Money
) -> Money:
    """Grow the cost base with need and prices, and add new burdens.

    cost_base       last year's closing cost base     [£m]
    demand_growth   growth of need                    [fraction a year]
    cost_inflation  growth of unit costs              [fraction a year]
    burden          cost of new mandates              [£m]

    Source: model, step 3 (B').
    """
    need = cost_base * (1.0 + demand_growth)
    priced = need * (1.0 + cost_inflation)
    return priced + burden


def avoided_cost(
    *, avoided: Money, gain: Money, cost_base: Money, decay: float, cap: float
) -> Money:
    """Carry the benefit of past prevention forward: it decays, gains, and is capped.

    avoided    avoided cost last year                        [£m]
    gain       gain from last year's prevention spend        [£m]
    cost_base  this year's cost base                         [£m]
    decay      share of the benefit lost in a year           [fraction a year]
    cap        most that prevention can take off the base    [share of cost base]

    Identity: result <= cap * cost_base. Source: model, step 3 (V').
    """
    kept = avoided * (1.0 - decay)
    return np.minimum(kept + gain, cap * cost_base)


def returning_need(*, unmet: Money, unmet_return: float, delay_cost: float) -> Money:
    """Return what it costs to meet last year's unmet need that comes back, more expensive.

    unmet         need unmet last year                       [£m]
    unmet_return  share that returns; the rest is lost       [share]
    delay_cost    how much more expensive, inflation included        [fraction]

    Source: model, step 3 (W).
    """
    return unmet_return * (1.0 + delay_cost) * unmet


def spilled_need(*, unmet: Money, share: float, cost: float) -> Money:
    """Return what it costs another body to meet need left unmet elsewhere last year.

    unmet  all need left unmet there last year                [£m]
    share  part of it that comes to this body                 [share]
    cost   what it costs here to meet a £ of it               [£ per £]

    Source: devices, section 7 (spills).
    """
    return share * cost * unmet


def temporary_cost(*, cost_base: Money, premium: Money) -> Money:
    """Return what temporary staff cost beyond the base, this year only.

    cost_base  this year's base (B')   [£m]
    premium    driver                  [share of base]

    Source: devices, section 7 (temporary cost).
    """
    return np.where(premium == 0.0, 0.0, premium * cost_base)


def underspend(*, planned_income: Money, variance: Money) -> Money:
    """Return what is spent less than budgeted this year (negative: more); it never recurs.

    planned_income  of the body, contracts received included   [£m]
    variance        driver: underspend above 0                 [share of planned income]

    Source: truth, section 3 (outturn variance). Nothing where the driver is 0, even of an income
    that is not finite.
    """
    return np.where(variance == 0.0, 0.0, variance * planned_income)


def grown_services(*, services: Money, demand_growth: Money, cost_inflation: Money) -> Money:
    """Grow services still reduced, or has been added, like the cost that it replaces.

    services        value at the end of last year          [£m]
    demand_growth   growth of need, or what is expected    [fraction a year]
    cost_inflation  growth of unit costs, or expected      [fraction a year]

    Source: truth, section 1 (S', Ŝ), section 6 (y).
    """
    return services * (1.0 + demand_growth) * (1.0 + cost_inflation)


def still_standing(*, standing: Money, restored: Money | float) -> Money:
    """Return the services still reduced after what is restored this year.

    standing  reduced in earlier years, grown           [£m]
    restored  restored this year                        [£m]

    Identity: 0 <= result. Source: truth, section 1.
    """
    return np.maximum(standing - restored, 0.0)


def own_cost(*, cost_base: Money, returning: Money, avoided: Money, one_off_cost: Money) -> Money:
    """Return the body's own cost of the year.

    Identity: own cost == base + returning need - avoided + one-off cost, all [£m].
    Source: model, step 3 (C).
    """
    return cost_base + returning - avoided + one_off_cost


def planned_cost(
    *,
    cost_base: Money,
    expected_demand: Money,
    expected_inflation: Money,
    expected_temporary: Money,
    returning: Money,
    avoided: Money,
) -> Money:
    """Return the own cost that planners expect, before the year's surprises.

    cost_base           last year's closing cost base    [£m]
    expected_demand     what they expect of need         [fraction a year]
    expected_inflation  what they expect of unit costs   [fraction a year]
    expected_temporary  temporary staff, as they expect  [share of base]
    returning           returning need, known            [£m]
    avoided             avoided cost, known              [£m]

    Source: model, step 7 (Cp); devices, section 7 (temporary cost).
    """
    expected_growth = (1.0 + expected_demand) * (1.0 + expected_inflation)
    expected_growth = expected_growth * (1.0 + expected_temporary)
    return cost_base * expected_growth + returning - avoided


def closing_cost_base(
    *, cost_base: Money, recurrent_savings: Money | float, running_cost: Money | float
) -> Money:
    """Close the year: recurrent savings leave the base, running costs of switched capital join.

    cost_base          this year's base (B')                  [£m]
    recurrent_savings  savings delivered that recur           [£m]
    running_cost       added by capital switched to revenue   [£m]

    Source: model, step 11.
    """
    lasting = np.maximum(cost_base - recurrent_savings, 0.0)
    return lasting + running_cost


def prevention_gain(*, prevention_yield: Money, weight: Money, invested: Money | float) -> Money:
    """Return the annual cost avoided from next year on by this year's prevention.

    prevention_yield  driver                                      [£ a year per £]
    weight            the body's part of the benefits, sums to 1  [share]
    invested          the whole place's prevention spend          [£m]

    Source: model, step 11.
    """
    return prevention_yield * weight * invested
