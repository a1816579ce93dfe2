"""Projects: money spent now for a benefit later, and what of a cost no plan can reach.

Money in £m. Source: the devices' section 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from riskmc.rules.money import Money

#: Money that pays back to the last penny but for rounding pays back [£m].
ROUNDING = 1e-12


def level_repayment(*, principal: float, rate: float, years: int) -> float:
    """Return what repays a loan, with interest, in equal parts.

    principal  borrowed                 [£m]
    rate       interest                 [fraction a year]
    years      repayments, one per year   [years]

    Identity: the repayments, discounted at the rate from the year after the loan, are worth the
    principal. Source: devices, section 3 (an annuity).
    """
    if rate == 0.0:
        return principal / years
    worth_of_one = (1.0 - (1.0 + rate) ** -years) / rate
    return principal / worth_of_one


def principal_owed(*, principal: float, rate: float, years: int) -> tuple[float, ...]:
    """Return what is still owed at each year's end, the year of the loan first [£m].

    Arguments as in `level_repayment`. Identity: nothing is owed after the last repayment.
    Source: devices, section 10.
    """
    repayment = level_repayment(principal=principal, rate=rate, years=years)
    owed = [principal]
    for _ in range(years):
        owed.append(owed[-1] * (1.0 + rate) - repayment)
    return (*owed[:-1], 0.0)


def pays_back(
    *, counted: Sequence[float], outlay: Sequence[float], receipts: Sequence[float], kept: float
) -> bool:
    """Say whether a project saves its own holder at least what it costs, in the years that count.

    counted   what the plan counts on saving the holder, each year that counts   [£m]
    outlay    whole cost, loan repayments included                               [£m]
    receipts  whole receipts                                                     [£m]
    kept      part of a receipt that the body keeps                              [share]

    Source: devices, section 3.
    """
    cost = sum(outlay) - kept * sum(receipts)
    return sum(counted) >= cost - ROUNDING


def within_reach(*, planned_cost: Money, out_of_reach: Money) -> Money:
    """Return the part of planned cost that savings and service reductions are rates of.

    planned_cost  planned own cost                                          [£m]
    out_of_reach  committed cost not yet freed, and project outlay          [£m]

    Source: devices, section 3.
    """
    return np.maximum(planned_cost - out_of_reach, 0.0)


def kept_committed(*, committed: Money, freed: Money) -> Money:
    """Return committed cost once projects have ended part of it.

    committed  what no plan can reach, grown    [£m]
    freed      ended by projects taken          [£m]

    Source: devices, section 3.
    """
    return np.maximum(committed - freed, 0.0)
