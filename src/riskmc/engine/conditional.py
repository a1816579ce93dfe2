"""Conditional money: what is offered to a group's members, and what of it is paid.

Devices, section 4. Arrays are (holder, draw), or (member, draw) where named so; money in £m.
"""

from __future__ import annotations

from typing import NamedTuple

from riskmc.engine.moves import Sharing
from riskmc.engine.programme import Group
from riskmc.rules.money import Money


class ConditionalOffers(NamedTuple):
    """What is offered in a year.

    by_member   what each member would be paid, by offer
    counted     what the plan counts on, by holder, of all offers
    """

    by_member: tuple[Money, ...]
    counted: Money


def offered_this_year(group: Group, year: int, sharing: Sharing) -> ConditionalOffers:
    """Return what is offered: a share of each named member's planned own cost."""
    members = group.members
    planned = members.take(sharing.by_organisation("planned_cost"))
    by_member = tuple(offer.rate[year] * planned for offer in group.conditional)
    counted = sum(
        offer.counted * members.total(money)
        for offer, money in zip(group.conditional, by_member, strict=True)
    )
    return ConditionalOffers(by_member, counted)  # type: ignore[arg-type]


def pay_conditional(group: Group, offered: ConditionalOffers, **outcome: Money | float) -> Money:
    """Return what members are paid: each offer where its test is met by their holder.

    `outcome` is what tests may ask for: see `riskmc.rules.conditions`.
    """
    members = group.members
    paid: Money | None = None
    for offer, money in zip(group.conditional, offered.by_member, strict=True):
        known = {**outcome, "target": offer.target}
        met = offer.test(**{name: known[name] for name in offer.asks})
        part = money * (met if members.holders == 1 else met[members.holder_of])
        paid = part if paid is None else paid + part
    assert paid is not None
    return paid
