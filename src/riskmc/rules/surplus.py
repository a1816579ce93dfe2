"""The surplus waterfall: what becomes of money left over at outturn.

Every function takes arrays that broadcast to (holder, draw), money in £m, and returns a
`Used`. `left` is the part of the surplus that reaches the instrument; what no instrument uses
returns to the centre. Source: the model's section 4, step 10 and the table of instruments.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskmc.rules.money import Money


class Used(NamedTuple):
    """What an instrument does with a surplus; None means that it does not touch that.

    taken        the part of the surplus used        [£m]
    debt_repaid  taken off what is owed              [£m]
    kept         added to reserves                   [£m]
    returned     goes back to the centre             [£m]
    invested     put into prevention                 [£m]
    """

    taken: Money
    debt_repaid: Money | None = None
    kept: Money | None = None
    returned: Money | None = None
    invested: Money | None = None


def repay_debt(*, left: Money, debt: Money, share: float) -> Used:
    """Repay debt from past bailouts with a share of what is left, at most the debt.

    left   surplus that reaches the instrument   [£m]
    debt   owed from past bailouts               [£m]
    share  part used so                          [share of left]

    Identity: debt_repaid == taken <= debt.
    Source: model, instruments, `repay_debt`.
    """
    repaid = np.minimum(share * left, debt)
    return Used(taken=repaid, debt_repaid=repaid)


def clawback(*, left: Money, share: float) -> Used:
    """Return a share of what is left to the centre.

    left   surplus that reaches the instrument   [£m]
    share  part returned                         [share of left]

    Identity: taken == share * left.
    Source: model, instruments, `clawback`; HM Treasury, Budget Exchange.
    """
    returned = share * left
    return Used(taken=returned, returned=returned)


def prevention(*, left: Money, share: float) -> Used:
    """Invest a share of what is left in prevention, whose yield comes from next year on.

    left   surplus that reaches the instrument   [£m]
    share  part invested                         [share of left]

    Identity: taken == share * left.
    Source: model, instruments, `prevention`.
    """
    invested = share * left
    return Used(taken=invested, invested=invested)


def year_end_spending(*, left: Money, share: float) -> Used:
    """Spend a share of what is left before it lapses: use it or lose it.

    left   surplus that reaches the instrument   [£m]
    share  part spent                            [share of left]

    Identity: taken == share * left.
    Source: model, instruments, `year_end_spending`.
    """
    return Used(taken=share * left)


def reserves(
    *, left: Money, income: Money | None = None, share: float, limit: float | None
) -> Used:
    """Keep a share of what is left in reserves, up to a limit a year.

    left    surplus that reaches the instrument                       [£m]
    income  the holder's income in the year; needed by `limit` alone  [£m]
    share   part kept                                                 [share of left]
    limit   most that is kept in a year; None: no limit               [share of income]

    Identity: kept == taken <= share * left.
    Source: model, instruments, `reserves` among the surplus instruments; devices, section 7
    (limit).
    """
    kept = share * left
    if income is not None and limit is not None:
        kept = np.minimum(kept, np.maximum(limit * income, 0.0))
    return Used(taken=kept, kept=kept)
