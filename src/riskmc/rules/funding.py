"""How much of a body's funding is raised from local tax, at the opening.

Arrays by organisation; money in £m. Source: the devices' section 6.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskmc.rules.money import Money


class Funded(NamedTuple):
    """Opening grant, local tax and what the levy brings [£m]; a grant below 0 is paid in."""

    grant: Money
    local_tax: Money
    premium: Money


def moved_to_local_tax(*, grant: Money, local_tax: Money, local_share: float) -> Money:
    """Return the grant that is given up for local tax, so that tax reaches its share.

    grant        opening grant                            [£m]
    local_tax    opening local tax                        [£m]
    local_share  part of both that is local tax at least  [share]

    Source: devices, section 6 (m).
    """
    return np.maximum(local_share * (grant + local_tax) - local_tax, 0.0)


def locally_funded(
    *,
    grant: Money,
    local_tax: Money,
    moved: Money,
    moved_in_all: float,
    base_share: Money,
    levelling: float,
    levy: float,
) -> Funded:
    """Raise what is moved, and a levy, by tax base; level part of the difference by grant.

    grant         opening grant                                              [£m]
    local_tax     opening local tax                                          [£m]
    moved         grant given up for local tax                               [£m]
    moved_in_all  its sum over all bodies                                    [£m]
    base_share    the body's part of the tax base, sums to 1                 [share]
    levelling     part of the difference in tax base that grants make up     [share]
    levy          raised on top, in all                                      [£m]

    Identity: the sum of grants and taxes grows by the levy; at a levelling of 1 so does each
    body's, by its part. Source: devices, section 6.
    """
    raised = base_share * moved_in_all
    difference = moved - raised
    premium = base_share * levy
    return Funded(
        grant=grant - moved + levelling * difference,
        local_tax=local_tax + raised + premium,
        premium=premium,
    )


def grant_that_counts(*, grant: Money) -> Money:
    """Return the grant from which something is taken or by which it is shared: 0 below 0.

    Source: devices, section 6.
    """
    return np.maximum(grant, 0.0)
