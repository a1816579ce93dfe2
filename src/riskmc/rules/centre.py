"""The centre's list: who pays for bailouts beyond the pot, and what the centre gives back.

Arrays broadcast to (1, draw), for all places together, or to (organisation, draw); money in £m.
Each function of the list takes `left`, the part of what was asked that reaches it, and returns
a `Covered`; what no instrument covers is refused, in equal proportion.
Source: the devices' section 5; truth, section 5.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskmc.rules.money import Money, share_of

_SMALLEST = np.finfo(float).tiny


class Covered(NamedTuple):
    """What an instrument of the centre's list covers; None means that it does not touch that.

    taken          the part of what was asked that it covers            [£m]
    running_cost   added to cost bases for good, by capital             [£m a year]
    next_year_cut  taken off next year's grants of exposed bodies       [£m]
    """

    taken: Money
    running_cost: Money | None = None
    next_year_cut: Money | None = None


def new_money(*, left: Money, limit: float | None) -> Covered:
    """Find new money, up to the limit.

    left   what reaches the instrument                 [£m]
    limit  most that is found in a year; None: no limit  [£m]

    Identity: 0 <= taken <= left. Source: devices, section 5, `new_money`.
    """
    return Covered(taken=left if limit is None else np.minimum(left, limit))


def capital_switch(
    *, left: Money, all_capital: Money, max_share: float, running_cost: float
) -> Covered:
    """Switch capital budgets of all bodies to revenue; what is not built costs more to run.

    left          what reaches the instrument               [£m]
    all_capital   capital budgets of all bodies             [£m]
    max_share     most that is switched in a year           [share]
    running_cost  running cost added per £ switched         [£ a year per £]

    Identity: running_cost == the rate * taken; 0 <= taken <= max_share * all_capital.
    Source: devices, section 5, `capital_switch`; NAO, Review of capital expenditure (2020).
    """
    taken = np.minimum(left, max_share * all_capital)
    return Covered(taken=taken, running_cost=running_cost * taken)


def next_year_cut(*, left: Money, exposed_grants: Money, max_share: float) -> Covered:
    """Take it off next year's grants of the bodies that are exposed to cuts.

    left            what reaches the instrument                     [£m]
    exposed_grants  grants of exposed bodies this year              [£m]
    max_share       most that is taken off                          [share]

    Identity: next_year_cut == taken <= max_share * exposed_grants.
    Source: devices, section 5, `next_year_cut`.
    """
    taken = np.minimum(left, max_share * exposed_grants)
    return Covered(taken=taken, next_year_cut=taken)


def paid_from_pot(*, asked: Money, pot: float | None) -> Money:
    """Return what the pot pays of what is asked; None: no limit. Source: devices, section 5."""
    return asked if pot is None else np.minimum(asked, pot)


def part_granted(*, centre_share: float, refused: Money, asked: Money) -> Money:
    """Return the part of its request that a holder is granted: all where nothing is refused.

    centre_share  part of its request that is the centre's money   [share]
    refused       refused to all together                          [£m]
    asked         asked by all together, the centre's part         [£m]

    Identity: where all requests are wholly the centre's money (a share of 1), what is granted is
    what was asked less what was refused.
    Source: devices, section 5.
    """
    return 1.0 - centre_share * (refused / np.maximum(asked, _SMALLEST))


def taken_from_exposed(
    *, cut: Money, exposed_grant: Money, exposed_grants: Money, equal: Money
) -> Money:
    """Return what a body loses of the cut by which last year's bailouts were paid for.

    cut             taken off all exposed bodies                      [£m]
    exposed_grant   its grant, 0 where it is not exposed              [£m]
    exposed_grants  sum over all bodies                               [£m]
    equal           its part where that sum is 0                      [share]

    Identity: what all lose is the cut. Source: devices, section 5.
    """
    return cut * share_of(weight=exposed_grant, whole=exposed_grants, equal=equal)


def windfall(*, deficits: Money, income: Money, share: Money | float, above: float) -> Money:
    """Return what the centre gives next year for this year's deficits.

    deficits  own deficits of the bodies that count, summed      [£m]
    income    their income, summed                               [£m]
    share     part of the deficits that it gives                 [share]
    above     deficits below this give nothing                   [share of income]

    Source: devices, section 5; truth, section 5 (Z).
    """
    return share * np.maximum(deficits - above * income, 0.0)
