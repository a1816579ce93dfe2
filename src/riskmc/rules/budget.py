"""A budget holder's year: interest, the plan gap, the outturn, and what is due.

Arrays broadcast to (holder, draw); money in £m. Source: the model's section 4, steps 7 to 10.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskmc.rules.money import Flag, Money


class Surplus(NamedTuple):
    """A surplus at outturn and what comes before any instrument, all [£m]."""

    restored: Money
    carried_repaid: Money
    left: Money


def interest(*, rate: float, debt: Money, carried: Money, reserves: Money) -> Money:
    """Return interest on debt, carried deficit and overdrawn reserves.

    rate      interest                        [fraction a year]
    debt      owed from past bailouts         [£m]
    carried   deficit carried forward         [£m]
    reserves  may be negative: overdrawn      [£m]

    Source: model, step 7 (i).
    """
    overdrawn = np.maximum(-reserves, 0.0)
    owed = debt + carried + overdrawn
    return rate * owed


def to_make_good(
    *, carried: Money, reserves: Money, reserve_level: Money, years_left: int
) -> Money:
    """Return what this year's plan makes good of a carried deficit and of reserves used.

    carried        deficit carried forward                      [£m]
    reserves       reserves at the start of the year            [£m]
    reserve_level  level that they must be brought back to      [£m]
    years_left     years to do it in, this one included         [years]

    Source: model, step 7.
    """
    below_level = np.maximum(reserve_level - reserves, 0.0)
    return (carried + below_level) / years_left


def to_make_good_over(
    *, carried: Money, reserves: Money, reserve_level: Money, years_left: int, over: float
) -> Money:
    """Return the same where reserves are rebuilt over a time of their own.

    Arguments as in `to_make_good`, and

    over  years over which reserves are rebuilt   [years]

    Source: truth, section 2 (`restore_reserves`).
    """
    below_level = np.maximum(reserve_level - reserves, 0.0)
    return carried / years_left + below_level / over


def level_to_hold(*, floor: Money, planned_income: Money, to: float) -> Money:
    """Return the reserves that a policy holds: a share of planned income, at least the floor.

    floor           level that may not be used   [£m]
    planned_income  of the holder                [£m]
    to              share of it to be held       [share]

    Source: truth, section 2 (`restore_reserves`).
    """
    return np.maximum(floor, to * planned_income)


def reserve_contribution(*, meant: Money, reserves: Money, floor: Money) -> Money:
    """Return the planned contribution to reserves; a planned use stops at the floor.

    meant     what members mean to contribute; negative is a use   [£m]
    reserves  reserves at the start of the year                    [£m]
    floor     level that may not be used                           [£m]

    Identity: result >= -max(reserves - floor, 0). Source: truth, section 2 (Δ).
    """
    usable = np.maximum(reserves - floor, 0.0)
    return np.maximum(meant, -usable)


def plan_gap(
    *,
    planned_cost: Money,
    contingency: float,
    interest_due: Money,
    to_make_good: Money,
    planned_income: Money,
    planned_contracts: Money | float,
) -> Money:
    """Return the gap that the plan must close; negative means headroom.

    planned_cost       the holder's planned own cost                      [£m]
    contingency        put by on top of it                                [share]
    interest_due       interest of the year                               [£m]
    to_make_good       carried deficit and reserves to be made good       [£m]
    planned_income     grant as announced, planned tax and charges        [£m]
    planned_contracts  planned contract income less planned payments      [£m]

    Source: model, step 7 (P).
    """
    provided = (1.0 + contingency) * planned_cost
    needed = provided + interest_due + to_make_good
    return needed - planned_income - planned_contracts


def outturn_balance(
    *, income: Money, spend: Money, savings_delivered: Money | float, reductions: Money | float
) -> Money:
    """Return the outturn: income less spend, with savings delivered and planned reductions.

    Identity: balance == income - spend + savings_delivered + reductions, all [£m].
    Source: model, step 8.
    """
    return income - spend + savings_delivered + reductions


def deficit(*, balance: Money) -> Money:
    """Return the overspend: after planned measures, before any help. Source: model, step 8."""
    return np.maximum(-balance, 0.0)


def money_to_find(*, balance: Money, due: Money | float) -> Money:
    """Return the shortfall: the overspend and what falls due. Source: model, step 9 (D)."""
    return np.maximum(due - balance, 0.0)


def surplus_after_duties(
    *, balance: Money, due: Money | float, reserves: Money, reserve_level: Money, carried: Money
) -> Surplus:
    """Return the surplus left once reserves are brought back and the carried deficit repaid.

    balance        outturn                                    [£m]
    due            carried deficit that fell due              [£m]
    reserves       reserves before it                         [£m]
    reserve_level  level that they must be brought back to    [£m]
    carried        deficit still carried                      [£m]

    Identity: restored + carried_repaid + left == max(balance - due, 0).
    Source: model, step 10.
    """
    surplus = np.maximum(balance - due, 0.0)
    below_level = np.maximum(reserve_level - reserves, 0.0)
    restored = np.minimum(surplus, below_level)
    after_reserves = surplus - restored
    carried_repaid = np.minimum(after_reserves, carried)
    return Surplus(
        restored=restored, carried_repaid=carried_repaid, left=after_reserves - carried_repaid
    )


def reserves_exhausted(*, reserves: Money, floor: Money, tolerance: float) -> Flag:
    """Say where reserves are at or below the floor, to within `tolerance` of max(1, floor).

    Source: model, section 5 (`exhausted`).
    """
    margin = tolerance * np.maximum(1.0, floor)
    return reserves <= floor + margin


def central_support(
    *,
    centre_share: float,
    bailout: Money | float,
    debt_repaid: Money | float,
    interest_on_debt: Money,
    clawback: Money,
) -> Money:
    """Return what a holder's bailouts, repayments and clawback cost the centre, net.

    centre_share      part of a bailout that is the centre's money   [share]
    bailout           granted this year                              [£m]
    debt_repaid       of past bailouts                               [£m]
    interest_on_debt  paid on what is owed from them                 [£m]
    clawback          surplus returned                               [£m]

    Source: model, section 5 (`central_cost`).
    """
    returned = debt_repaid + interest_on_debt
    return centre_share * (bailout - returned) - clawback
