"""The plan waterfall: how a budget holder closes the gap before the year begins.

Every function takes arrays that broadcast to (holder, draw), money in £m, and returns a
`Planned`. `left` is the part of the plan gap that reaches the instrument, `spare` what there is to
spare where the gap is below 0; the gap passes on reduced by `counted`. An argument that only one
figure of the rulebook needs is None where that figure is not set. Source: the model's section 4,
step 7 and the table of instruments; truth, sections 1 and 2; devices, sections 2 and 7.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskmc.rules.contracts import kept_of_a_cut
from riskmc.rules.money import SMALLEST, Money


class Planned(NamedTuple):
    """What an instrument of the plan does; None means that it does not touch that.

    counted            what the plan counts on, at most what is left unless a target is bigger;
                       negative where it gives away what there is to spare
    savings_target     the savings target
    savings_asked      what members deliver of it where everything asked is delivered
    local_revenue      local tax raised from now on
    revenue_returned   of earlier rises in local tax: given back from now on
    charges_raised     charges raised from now on, for good
    service_reduction  services cut this year
    standing_cut       the part of them that stays cut
    restored           services reduced in earlier years and now restored
    grown              services grown beyond what there was, for good
    planned_draw       what the plan leaves to reserves
    income             income of this year alone
    """

    counted: Money
    savings_target: Money | None = None
    savings_asked: Money | None = None
    local_revenue: Money | None = None
    revenue_returned: Money | None = None
    charges_raised: Money | None = None
    service_reduction: Money | None = None
    standing_cut: Money | None = None
    restored: Money | None = None
    grown: Money | None = None
    planned_draw: Money | None = None
    income: Money | None = None


def savings(
    *,
    left: Money,
    reachable_cost: Money,
    planned_cost: Money | None = None,
    max_rate: float,
    min_rate: float,
    assumed_delivery: float,
    effort: float,
    scale_loss: float,
) -> Planned:
    """Ask for savings: enough, at the delivery assumed, to close the gap, within the limits.

    A plan that counts on nothing (`assumed_delivery` 0) asks for the highest target wherever
    anything is left. The more is asked at once, the smaller the part that is delivered.

    left              gap that reaches the instrument                   [£m]
    reachable_cost    planned own cost that savings may touch           [£m]
    planned_cost      planned own cost; needed by `scale_loss` alone    [£m]
    max_rate          highest target                                    [share of that cost]
    min_rate          target asked every year, whatever the gap         [share of that cost]
    assumed_delivery  delivery that the plan counts on                  [ratio]
    effort            effort put in, a behaviour                        [ratio]
    scale_loss        delivery lost per share of planned cost asked     [share per share]

    Identity: counted == assumed_delivery * savings_target; it may exceed what is left.
    Source: model, instruments, `savings`; NHS cost improvement programmes (NAO); devices,
    section 7 (scale loss, nothing counted).
    """
    least = min_rate * reachable_cost
    most = np.maximum(max_rate * reachable_cost, 0.0)
    needed = left / assumed_delivery if assumed_delivery > 0.0 else (left > 0.0) * most
    target = np.minimum(np.maximum(needed, least), most)
    asked = effort * target
    if planned_cost is not None:
        asked_share = target / np.maximum(planned_cost, SMALLEST)
        asked = asked * np.maximum(1.0 - scale_loss * asked_share, 0.0)
    return Planned(counted=assumed_delivery * target, savings_target=target, savings_asked=asked)


def local_revenue(
    *,
    left: Money,
    planned_tax: Money,
    spare: Money | None = None,
    premium: Money | None = None,
    vote: Money | None = None,
    max_rise: float,
    vote_above: float | None,
    vote_passes: float,
    reversible: bool,  # noqa: ARG001  (says whether `spare` and `premium` are given)
) -> Planned:
    """Raise local tax by what is left, up to the cap; give earlier rises back where it may be.

    left         gap that reaches the instrument                               [£m]
    planned_tax  the holder's planned local tax                                [£m]
    spare        what there is to spare; None where rises are for good         [£m]
    premium      what earlier rises bring this year                            [£m]
    vote         uniform in (0, 1): the voters' leaning                        [share]
    max_rise     highest rise in a year                                        [share of that tax]
    vote_above   a higher rise needs a vote; None: none does                   [share of that tax]
    vote_passes  chance that a vote is won                                     [probability]
    reversible   whether earlier rises are given back                          [true or false]

    Identity: counted == local_revenue - revenue_returned; local_revenue <= left and
    revenue_returned <= min(spare, premium).
    Source: model, instruments, `local_revenue`; referendum principles on council tax; devices,
    section 7 (vote, reversible).
    """
    raised = np.minimum(left, np.maximum(max_rise * planned_tax, 0.0))
    if vote is not None and vote_above is not None:
        won = vote < vote_passes
        raised = np.minimum(raised, np.maximum(won * raised, vote_above * planned_tax))
    if spare is None or premium is None:
        return Planned(counted=raised, local_revenue=raised)
    returned = np.maximum(np.minimum(spare, premium), 0.0)
    return Planned(counted=raised - returned, local_revenue=raised, revenue_returned=returned)


def charges(*, left: Money, planned_charges: Money, max_rise: float) -> Planned:
    """Raise charges by what is left, up to the cap; the rise is for good, and users bear it.

    left             gap that reaches the instrument     [£m]
    planned_charges  the holder's charges of the year    [£m]
    max_rise         highest rise in a year              [share of charges]

    Identity: 0 <= charges_raised == counted <= left.
    Source: devices, section 7, `charges`.
    """
    raised = np.minimum(left, np.maximum(max_rise * planned_charges, 0.0))
    return Planned(counted=raised, charges_raised=raised)


def service_reduction(
    *,
    left: Money,
    reachable_cost: Money,
    activity_loss: Money | None = None,
    max_rate: float,
    lasting: float,
) -> Planned:
    """Cut services by what is left, up to the cap, leaving need unmet; a part stays cut.

    left            gap that reaches the instrument                       [£m]
    reachable_cost  planned own cost that cuts may touch                  [£m]
    activity_loss   income lost per £ cut; None: none                     [£ per £]
    max_rate        deepest cut in a year                                 [share of that cost]
    lasting         part of it that stays cut until restored              [share]

    Identity: counted == (1 - activity_loss) * service_reduction, 0 where nothing would be kept;
    standing_cut == lasting * service_reduction.
    Source: model, instruments, `service_reduction`; LGFA 1992 s31A (a balanced budget is law);
    truth, section 1 (lasting); devices, section 2 (activity lost).
    """
    cap = np.maximum(max_rate * reachable_cost, 0.0)
    if activity_loss is None:
        cut = np.minimum(left, cap)
        counted = cut
    else:
        kept = kept_of_a_cut(lost_per_cost=activity_loss)
        needed = left / np.maximum(kept, SMALLEST)
        cut = np.minimum(needed, cap) * (kept > 0.0)
        counted = kept * cut
    standing_cut = lasting * cut if lasting > 0.0 else None
    return Planned(counted=counted, service_reduction=cut, standing_cut=standing_cut)


def restore_services(
    *,
    left: Money,  # noqa: ARG001  (it takes nothing of a gap)
    spare: Money,
    standing: Money,
    share: float,
) -> Planned:
    """Spend what there is to spare: restore services still reduced, then grow them.

    left      gap that reaches the instrument                 [£m]
    spare     what there is to spare                          [£m]
    standing  services still reduced, as planned         [£m]
    share     part of what is to spare that is spent so       [share]

    Identity: counted == -(restored + grown) == -share * spare; restored <= standing.
    Source: truth, section 1, `restore_services`.
    """
    spent = share * spare
    restored = np.minimum(spent, standing)
    return Planned(counted=-spent, restored=restored, grown=spent - restored)


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
    return Planned(counted=planned_draw, planned_draw=planned_draw)
