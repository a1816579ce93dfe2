"""The shortfall waterfall: who meets an overspend at outturn.

Every function takes arrays that broadcast to (holder, draw), money in £m, and returns an
`Absorbed`. `left` is the part of the shortfall that reaches the instrument; it passes on
reduced by `taken`. Source: the model's section 4, step 9 and the table of instruments.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskmc.rules.money import ROUNDING, Money


class Absorbed(NamedTuple):
    """What an instrument of the shortfall absorbs; None means that it does not touch that.

    taken          the part of the shortfall met                          [£m]
    reserves       the holder's reserves after it                         [£m]
    unmet          need left unmet by it                                  [£m]
    carried        added to the deficit carried forward                   [£m]
    debt           added to what is owed from bailouts                    [£m]
    running_cost   added to the cost base for good                        [£m a year]
    support        a bailout, of which a share is the centre's money      [£m]
    agreed         met by the centre under an agreement, no bailout       [£m]
    rescue_needed  what was left when the centre was asked                [£m]
    """

    taken: Money
    reserves: Money | None = None
    unmet: Money | None = None
    carried: Money | None = None
    debt: Money | None = None
    running_cost: Money | None = None
    support: Money | None = None
    agreed: Money | None = None
    rescue_needed: Money | None = None


def as_granted(*, request: Absorbed, share: Money) -> Absorbed:
    """Return what the centre gives of a request: the same share of money and of new debt.

    request  what the rule that asks would grant   [£m]
    share    part of it that the centre grants     [share]

    Identity: what was needed stays what it was. Source: devices, section 5.
    """
    given = {
        name: None if amount is None else share * amount
        for name, amount in (("support", request.support), ("debt", request.debt))
    }
    return request._replace(taken=share * request.taken, **given)


def reserves(*, left: Money, reserves: Money, reserve_floor: Money) -> Absorbed:
    """Draw on reserves down to the floor; taken whole, what remains is the floor exactly.

    left           shortfall that reaches the instrument             [£m]
    reserves       reserves before it; may lie below the floor       [£m]
    reserve_floor  level that may not be used                        [£m]

    Identity: reserves after == reserves before - taken (to rounding), never below the floor
    unless they were below it before.
    Source: model, instruments, `reserves`.
    """
    usable = np.maximum(reserves - reserve_floor, 0.0)
    taken = np.minimum(left, usable)
    lowest = np.minimum(reserves, reserve_floor)
    remaining = np.maximum(reserves - left, lowest)
    return Absorbed(taken=taken, reserves=remaining)


def working_balance(
    *, left: Money, reserves: Money, reserve_floor: Money, share: float
) -> Absorbed:
    """Draw on reserves below the floor, before anyone is asked.

    left           shortfall that reaches the instrument             [£m]
    reserves       reserves before it                                [£m]
    reserve_floor  level that is normally kept                       [£m]
    share          part of the floor that may be used                [share]

    Identity: reserves after == reserves before - taken (to rounding), never below
    (1 - share) * reserve_floor unless they were below it before.
    Source: truth, section 2, `working_balance`.
    """
    lowest = (1.0 - share) * reserve_floor
    usable = np.maximum(reserves - lowest, 0.0)
    taken = np.minimum(left, usable)
    remaining = np.maximum(reserves - left, np.minimum(reserves, lowest))
    return Absorbed(taken=taken, reserves=remaining)


def risk_share(
    *, left: Money, deficit: Money, income: Money | None = None, share: float, limit: float | None
) -> Absorbed:
    """Let the centre bear an agreed share of the year's overspend: no rescue.

    left     shortfall that reaches the instrument                             [£m]
    deficit  the year's overspend; a carried deficit now due is not part of it [£m]
    income   the holder's income in the year; needed by `limit` alone          [£m]
    share    the centre's part                                                 [share of overspend]
    limit    most that it bears in a year; None: no limit                      [share of income]

    Identity: 0 <= agreed == taken <= min(left, share * deficit).
    Source: devices, section 7, `risk_share`.
    """
    taken = np.minimum(left, share * deficit)
    if income is not None and limit is not None:
        taken = np.minimum(taken, np.maximum(limit * income, 0.0))
    return Absorbed(taken=taken, agreed=taken)


def in_year_measures(
    *,
    left: Money,
    own_cost: Money,
    recognition: Money,
    open_book: float,
    max_rate: float,
    service_share: float,
) -> Absorbed:
    """Hold back spending in the year: the earlier the shortfall is seen, the more can be.

    left           shortfall that reaches the instrument                 [£m]
    own_cost       the holder's own cost                                 [£m]
    recognition    when it is seen, 0 April to 1 March, weighted by cost [share of year]
    open_book      how much earlier open books show it                   [share]
    max_rate       most that can be held back from April                 [share of own cost]
    service_share  part that cuts services                               [share]

    Identity: unmet == service_share * taken.
    Source: model, instruments, `in_year_measures`.
    """
    lateness = recognition * (1.0 - open_book)
    cap = np.maximum(max_rate * own_cost * (1.0 - lateness), 0.0)
    taken = np.minimum(left, cap)
    return Absorbed(taken=taken, unmet=service_share * taken)


def capital_to_revenue(
    *, left: Money, capital: Money, max_share: float, running_cost: float
) -> Absorbed:
    """Switch capital budget to revenue; what is not built costs more to run, for good.

    left          shortfall that reaches the instrument     [£m]
    capital       annual capital budget, constant in cash   [£m]
    max_share     most that is switched in a year           [share of capital budget]
    running_cost  running cost added per £ switched         [£ a year per £]

    Identity: 0 <= taken <= max_share * capital.
    Source: model, instruments, `capital_to_revenue`; NAO, Review of capital expenditure in the
    NHS (2020): £640m to £1.2bn a year was switched in 2014/15 to 2016/17.
    """
    taken = np.minimum(left, np.maximum(max_share * capital, 0.0))
    return Absorbed(taken=taken, running_cost=running_cost * taken)


def carry_forward(
    *, left: Money, income: Money, carried: Money, years_left: int, limit: float
) -> Absorbed:
    """Carry a deficit to a later year of the control period; nothing in its last year.

    left        shortfall that reaches the instrument                      [£m]
    income      the holder's income in the year                            [£m]
    carried     deficit already carried                                    [£m]
    years_left  years of the control period left, this one included        [years]
    limit       most that may be carried in all                            [share of income]

    Identity: carried before + taken <= max(limit * income, carried before).
    Source: model, instruments, `carry_forward`; "taking one year with another" (NHS Act 2006).
    """
    still_open = min(years_left - 1, 1)
    room = np.maximum(limit * income - carried, 0.0)
    taken = np.minimum(left, still_open * room)
    return Absorbed(taken=taken, carried=taken)


def bailout(
    *,
    left: Money,
    income: Money,
    rescue: Money,
    savings_delivered: Money | None = None,
    savings_planned: Money | None = None,
    probability: float,
    limit: float | None,
    loan_share: float,
    requires: float | None,
    centre_share: float,  # noqa: ARG001  (read from the rulebook for the centre's cost)
) -> Absorbed:
    """Ask the centre for what is left; it is granted where `rescue` falls under `probability`.

    It may require that savings were delivered as planned.

    left               shortfall that reaches the instrument                  [£m]
    income             the holder's income in the year                        [£m]
    rescue             uniform in (0, 1): the centre's willingness            [share]
    savings_delivered  savings delivered; needed by `requires` alone          [£m]
    savings_planned    the target they had; needed by `requires` alone        [£m]
    probability        chance that it is granted                              [probability]
    limit              most that is granted; None: no limit                   [share of income]
    loan_share         part that must be repaid                               [share]
    requires           delivery without which none is; None: no test          [share of target]
    centre_share       part that is the centre's money; enters central cost   [share]

    Identity: debt == loan_share * taken <= taken <= rescue_needed == left.
    Source: model, instruments, `bailout`; DHSC revenue support, exceptional financial support;
    devices, section 4 (`requires`).
    """
    granted = (rescue < probability).astype(np.float64)
    if savings_delivered is not None and savings_planned is not None and requires is not None:
        granted = granted * (savings_delivered >= requires * savings_planned - ROUNDING)
    most = left if limit is None else np.minimum(left, limit * income)
    taken = granted * np.maximum(most, 0.0)
    return Absorbed(taken=taken, support=taken, debt=loan_share * taken, rescue_needed=left)
