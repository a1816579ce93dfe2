"""The settlement: what the centre announces, when it reviews it, and what it takes back in-year.

Arrays broadcast to (organisation, draw); money in £m, rates per year. `pending` (π) is the
settlement adjustment not yet made, as a fraction of the grant. Source: the model's section 4,
steps 1, 2 and 6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from riskmc.rules.money import Money


class Settled(NamedTuple):
    """The grant as announced [£m] and the adjustment still pending [fraction of grant]."""

    announced: Money
    pending: Money


class Cut(NamedTuple):
    """An in-year cut: cash lost this year [£m], part lost for good [£m], pending after it."""

    cash: Money | float
    lasting: Money | float
    pending: Money


def is_review_year(*, year: int, period: int) -> bool:
    """Say whether the settlement is reviewed in `year` (the first is 1), every `period` years.

    Identity: with a period of 1 every year is a review year; otherwise years 1 + period,
    1 + 2 period ... are. Source: model, step 1.
    """
    return period == 1 or (year > 1 and (year - 1) % period == 0)


def years_left(*, year: int, period: int) -> int:
    """Return the years of the control period left, this one included.

    Identity: 1 <= years_left <= period. Source: model, section 4.
    """
    return period - (year - 1) % period


def settle_at_review(
    *, grant: Money, planned_growth: Money, funding_shock: Money, pending: Money
) -> Settled:
    """Announce the grant in a review year: plan, this year's shock and all that was pending.

    grant           grant at the end of last year        [£m]
    planned_growth  growth planned for the year          [fraction a year]
    funding_shock   deviation from it                    [fraction a year]
    pending         adjustment pending from earlier      [fraction of grant]

    Identity: nothing is pending afterwards. Source: model, step 1.
    """
    growth = 1.0 + planned_growth + funding_shock + pending
    return Settled(announced=grant * growth, pending=0.0 * pending)


def settle_between_reviews(
    *, grant: Money, planned_growth: Money, funding_shock: Money, pending: Money
) -> Settled:
    """Announce the grant between reviews: as planned; the shock waits for the review.

    Arguments as in `settle_at_review`.

    Identity: pending after == pending before + funding_shock. Source: model, step 1.
    """
    growth = 1.0 + planned_growth
    return Settled(announced=grant * growth, pending=pending + funding_shock)


def settle_some(
    *,
    grant: Money,
    planned_growth: Money,
    funding_shock: Money,
    pending: Money,
    reviewed: Money,
) -> Settled:
    """Announce grants in a year that is a review year for some bodies only.

    reviewed  1 where the year is a review year, else 0   [flag by organisation]

    Other arguments, and what holds for each body, as in `settle_at_review` and
    `settle_between_reviews`. Source: model, step 1; devices, section 1.
    """
    waiting = 1.0 - reviewed
    known = pending + funding_shock
    growth = 1.0 + planned_growth + reviewed * known
    return Settled(announced=grant * growth, pending=waiting * known)


def funded_grant(*, announced: Money, burden: Money, new_burdens_funded: Money | float) -> Money:
    """Add the funded share of new burdens to the grant, for good.

    announced           grant as announced                       [£m]
    burden              cost of this year's new mandates         [£m]
    new_burdens_funded  share of it that the centre funds        [share]

    Source: model, step 2; the new burdens doctrine.
    """
    return announced + new_burdens_funded * burden


def exposed_cut(
    *, grant: Money, in_year_cut: Money, cut_recurrent_share: Money | float, pending: Money
) -> Cut:
    """Lose the cut in cash this year, and a share of it for good.

    grant                this year's grant, new burdens included   [£m]
    in_year_cut          share of the grant taken back             [share]
    cut_recurrent_share  part that leaves the grant for good       [share]
    pending              adjustment pending                        [fraction of grant]

    A body whose grant is below 0 pays in, and has nothing to be cut.

    Identity: lasting == cut_recurrent_share * cash. Source: model, step 6; devices, section 6.
    """
    cash = in_year_cut * np.maximum(grant, 0.0)
    return Cut(cash=cash, lasting=cut_recurrent_share * cash, pending=pending)


def deferred_cut(
    *,
    grant: Money,  # noqa: ARG001
    in_year_cut: Money,
    cut_recurrent_share: Money | float,
    pending: Money,
) -> Cut:
    """Lose nothing now: the lasting share waits for the next review.

    Arguments as in `exposed_cut`.

    Identity: pending after == pending before - cut_recurrent_share * in_year_cut.
    Source: model, step 6.
    """
    return Cut(cash=0.0, lasting=0.0, pending=pending - cut_recurrent_share * in_year_cut)


def protected_from_cut(
    *,
    grant: Money,  # noqa: ARG001
    in_year_cut: Money,  # noqa: ARG001
    cut_recurrent_share: Money | float,  # noqa: ARG001
    pending: Money,
) -> Cut:
    """Lose nothing, now or later. Arguments as in `exposed_cut`. Source: model, step 6."""
    return Cut(cash=0.0, lasting=0.0, pending=pending)


def mixed_cut(
    *,
    grant: Money,
    in_year_cut: Money,
    cut_recurrent_share: Money | float,
    pending: Money,
    exposed: Money,
    deferred: Money,
) -> Cut:
    """Cut some bodies now, some at their next review and some never.

    exposed   1 where a cut is taken at once, else 0              [flag by organisation]
    deferred  1 where it waits for the next review, else 0        [flag by organisation]

    Other arguments, and what holds for each body, as in the three rules above.
    Source: model, step 6; devices, section 1.
    """
    cash = exposed * in_year_cut * np.maximum(grant, 0.0)
    later = deferred * (cut_recurrent_share * in_year_cut)
    return Cut(cash=cash, lasting=cut_recurrent_share * cash, pending=pending - later)


#: The settlement's `in_year_cuts` and the rule each names.
IN_YEAR_CUTS: dict[str, Callable[..., Cut]] = {
    "exposed": exposed_cut,
    "deferred": deferred_cut,
    "protected": protected_from_cut,
}
