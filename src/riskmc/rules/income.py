"""Income other than grant: local tax, equalisation, charges, and payments under contracts.

Arrays broadcast to (organisation, draw) or (contract, draw); money in £m, rates per year.
Source: the model's section 4, steps 4, 5 and 11, and section 5 for equalisation.
"""

from __future__ import annotations

from riskmc.rules.money import Money


def planned_tax(*, local_tax: Money, tax_growth: Money) -> Money:
    """Return local tax as planned: last year's, grown. Source: model, step 4 (Xp)."""
    return local_tax * (1.0 + tax_growth)


def tax_surprise(*, local_tax: Money, tax_shock: Money) -> Money:
    """Return what local tax brings above plan, before equalisation. Source: model, step 4."""
    return local_tax * tax_shock


def outturn_tax(*, planned: Money, surprise: Money, equalisation: Money | float) -> Money:
    """Return local tax as it came in: equalisation takes its share of the surprise.

    planned       local tax as planned               [£m]
    surprise      what it brings above plan          [£m]
    equalisation  share of it that the centre bears  [share]

    Source: model, step 4 (X').
    """
    return planned + (1.0 - equalisation) * surprise


def equalisation_paid(
    *, paid_before: Money, tax_growth: Money, surprise: Money, equalisation: Money | float
) -> Money:
    """Return what equalisation pays this year; what once began goes on and grows with the tax.

    paid_before   paid last year                    [£m]
    tax_growth    planned growth of local tax       [fraction a year]
    surprise      this year's surprise              [£m]
    equalisation  share of it that the centre bears [share]

    Identity: outturn tax + equalisation paid is what the tax would bring without equalisation.
    Source: model, section 5 (e').
    """
    return paid_before * (1.0 + tax_growth) - equalisation * surprise


def grown_premium(*, premium: Money, growth: Money) -> Money:
    """Return what earlier rises in local tax, or in charges, bring this year.

    premium  what they brought last year            [£m]
    growth   planned growth of the tax or charges   [fraction a year]

    Source: model, step 11 (m').
    """
    return premium * (1.0 + growth)


def grown_charges(*, charges: Money, charges_growth: Money) -> Money:
    """Return charges and other outside income. Source: model, step 4 (Q')."""
    return charges * (1.0 + charges_growth)


def planned_contract(*, value: Money, uplift: Money, expected_demand: Money) -> Money:
    """Return what a contract is planned to pay.

    value            last year's value                       [£m]
    uplift           price uplift                            [fraction a year]
    expected_demand  the payee's demand growth as expected   [fraction a year]

    Source: model, step 5.
    """
    return value * (1.0 + uplift) * (1.0 + expected_demand)


def outturn_contract(
    *,
    value: Money,
    uplift: Money,
    expected_demand: Money,
    demand_growth: Money,
    activity_share: Money,
) -> Money:
    """Return what a contract pays: the activity share of it follows activity.

    value            last year's value                               [£m]
    uplift           price uplift                                    [fraction a year]
    expected_demand  the payee's demand growth as expected           [fraction a year]
    demand_growth    the payee's demand growth                       [fraction a year]
    activity_share   1 is payment by results, 0 block or capitation  [share]

    Identity: at a share of 0 it pays what was planned. Source: model, step 5 (v').
    """
    expected_part = (1.0 - activity_share) * expected_demand
    activity_part = activity_share * demand_growth
    return value * (1.0 + uplift) * (1.0 + (expected_part + activity_part))
