"""What a contract's terms add to its value: activity lost, risk shared, outcomes, pay-back.

Arrays broadcast to (contract, draw); money in £m. What the payee loses the payer keeps: every
term moves money between the two and makes none. Source: the devices' section 2.
"""

from __future__ import annotations

import numpy as np

from riskmc.rules.money import Money


def income_lost_per_cost(*, activity_share: Money, activity_price: Money, share: Money) -> Money:
    """Return the income a payee loses per £ of its cost that activity not done would have been.

    activity_share  part of the value that follows activity    [share]
    activity_price  income lost per £ of cost                  [£ per £]
    share           the contract's share of the payee's        [share]

    Source: devices, section 2 (a).
    """
    return activity_share * activity_price * share


def activity_lost(
    *, per_cost: Money, avoided: Money, returning: Money, standing: Money | float
) -> Money:
    """Return the income lost for activity that prevention and standing cuts avoid, net.

    per_cost   income lost per £ of cost                          [£ per £]
    avoided    the payee's cost avoided by prevention             [£m]
    returning  its returning need, which is activity again        [£m]
    standing   its services still reduced                    [£m]

    Source: devices, section 2.
    """
    return per_cost * (avoided - returning + standing)


def passed_back(*, benefit_share: Money, avoided: Money) -> Money:
    """Return the part of what prevention saves the payer that the payee receives.

    benefit_share  part passed on                          [share]
    avoided        the payer's cost avoided by prevention  [£m]

    Source: devices, section 2 (θ).
    """
    return benefit_share * avoided


def withheld(
    *,
    value: Money,
    outcome_share: Money,
    outcome_target: Money,
    demand_growth: Money,
    expected_demand: Money,
) -> Money:
    """Return what is withheld unless the payee's need grows less than expected by the target.

    value            what the contract pays                     [£m]
    outcome_share    part that depends on the outcome             [share]
    outcome_target   how much less need must grow               [fraction a year]
    demand_growth    growth of the payee's need                 [fraction a year]
    expected_demand  what planners expected of it               [fraction a year]

    Source: devices, section 2 (ω, τ).
    """
    missed = demand_growth > expected_demand - outcome_target
    return value * outcome_share * missed


def risk_shared(
    *,
    risk_share: Money,
    above_plan: Money,
    value: Money,
    limit: Money,
    unlimited: Money,
) -> Money:
    """Return what the payer pays (or keeps) of the payee's own cost above (or below) plan.

    risk_share  payer's part                                                     [share]
    above_plan  own cost above plan, less burdens funded and activity paid for   [£m]
    value       what the contract pays                                           [£m]
    limit       the most that moves, 0 where there is no limit                   [share of value]
    unlimited   infinite where there is no limit, else 0                         [£m]

    Source: devices, section 2 (ρ).
    """
    most = limit * value + unlimited
    return np.minimum(np.maximum(risk_share * above_plan, -most), most)


def kept_of_a_cut(*, lost_per_cost: Money) -> Money:
    """Return what a holder keeps of each £ of services that it cuts.

    lost_per_cost  activity income lost per £ cut   [£ per £]

    Source: devices, section 2 (1 − a_h).
    """
    return np.maximum(1.0 - lost_per_cost, 0.0)
