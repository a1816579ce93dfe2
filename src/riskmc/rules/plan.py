"""The plan waterfall: how a budget holder closes the gap before the year begins.

Every function takes arrays that broadcast to (holder, draw), money in £m, and returns a
`Planned`. `left` is the part of the plan gap that reaches the instrument; the gap passes on
reduced by `counted`. Source: the model's section 4, step 7 and the table of instruments.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskmc.rules.money import Money


class Planned(NamedTuple):
    """What an instrument of the plan does; None means that it does not touch that.

    counted            what the plan counts on, at most what is left unless a target is bigger
    savings_target     the savings target
    savings_asked      what members deliver of it where everything asked is delivered
    local_revenue      raised from now on, for good
    service_reduction  services cut this year
    income             income of this year alone
    """

    counted: Money
    savings_target: Money | None = None
    savings_asked: Money | None = None
    local_revenue: Money | None = None
    service_reduction: Money | None = None
    income: Money | None = None


def savings(
    *,
    left: Money,
    reachable_cost: Money,
    max_rate: float,
    min_rate: float,
    assumed_delivery: float,
    effort: float,
) -> Planned:
    """Ask for savings: enough, at the delivery assumed, to close the gap, within the limits.

    left              gap that reaches the instrument            [£m]
    reachable_cost    planned own cost that savings may touch    [£m]
    max_rate          highest target                             [share of planned cost]
    min_rate          target asked every year, whatever the gap  [share of planned cost]
    assumed_delivery  delivery that the plan counts on           [ratio, above 0]
    effort            effort put in, a behaviour                 [ratio]

    Identity: counted == assumed_delivery * savings_target; it may exceed what is left.
    Source: model, instruments, `savings`; NHS cost improvement programmes (NAO).
    """
    needed = left / assumed_delivery
    least = min_rate * reachable_cost
    most = np.maximum(max_rate * reachable_cost, 0.0)
    target = np.minimum(np.maximum(needed, least), most)
    return Planned(
        counted=assumed_delivery * target, savings_target=target, savings_asked=effort * target
    )


def local_revenue(*, left: Money, planned_tax: Money, max_rise: float) -> Planned:
    """Raise local tax by what is left, up to the cap; the rise is permanent.

    left         gap that reaches the instrument     [£m]
    planned_tax  the holder's planned local tax      [£m]
    max_rise     highest rise in a year              [share of planned local tax]

    Identity: 0 <= local_revenue == counted <= left.
    Source: model, instruments, `local_revenue`; referendum principles on council tax.
    """
    cap = np.maximum(max_rise * planned_tax, 0.0)
    raised = np.minimum(left, cap)
    return Planned(counted=raised, local_revenue=raised)


def service_reduction(*, left: Money, reachable_cost: Money, max_rate: float) -> Planned:
    """Cut services by what is left, up to the cap; for this year, leaving need unmet.

    left            gap that reaches the instrument        [£m]
    reachable_cost  planned own cost that cuts may touch   [£m]
    max_rate        deepest cut in a year                  [share of that cost]

    Identity: 0 <= service_reduction == counted <= left.
    Source: model, instruments, `service_reduction`; LGFA 1992 s31A (a balanced budget is law).
    """
    cap = np.maximum(max_rate * reachable_cost, 0.0)
    cut = np.minimum(left, cap)
    return Planned(counted=cut, service_reduction=cut)


def use_of_reserves(
    *, left: Money, reserves: Money, reserve_floor: Money, max_share: float
) -> Planned:
    """Leave a part of the gap to be met from reserves at outturn; it takes nothing yet.

    left           gap that reaches the instrument      [£m]
    reserves       reserves at the start of the year    [£m]
    reserve_floor  level that may not be used           [£m]
    max_share      most of what lies above the floor    [share]

    Identity: 0 <= counted <= max_share * max(reserves - reserve_floor, 0).
    Source: model, instruments, `use_of_reserves`; LGA 2003 s25 (adequacy of reserves).
    """
    usable = np.maximum(reserves - reserve_floor, 0.0)
    planned_draw = np.minimum(left, max_share * usable)
    return Planned(counted=planned_draw)
