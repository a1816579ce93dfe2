"""What the centre does in a year: its pot and its list, the cut that follows, what it gives back.

Arrays are (1, draw) for all places together, (organisation, draw) by body; money in £m.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from riskmc.engine.books import AtTheDoor, GroupClose
from riskmc.engine.centre_rules import Centre, WindfallRules
from riskmc.engine.holders import add_rows, or_zero, zeros_for
from riskmc.engine.programme import Programme
from riskmc.engine.state import BeforeInstruments, Grants, Payments, Revenues, State, YearRecord
from riskmc.rules import centre, funding
from riskmc.rules.money import Money, share_of


class Answer(NamedTuple):
    """What the centre answers to all that it is asked in a year.

    granted        for each group, the part of their requests that is granted; None: all
    next_cut       taken off next year's grants of exposed bodies; None where nothing can be
    running_cost   of capital switched, by organisation; None where none is
    """

    granted: tuple[Money | None, ...]
    next_cut: Money | None
    running_cost: Money | None


def answer(
    programme: Programme,
    year: int,
    doors: Sequence[AtTheDoor],
    before: BeforeInstruments,
    record: YearRecord,
) -> Answer:
    """Pay from the pot, let the rest flow down the centre's list, refuse what is left: step 9."""
    asked = _asked(programme, doors)
    rules = programme.centre
    record.place("asked", asked)
    if rules is None:
        record.place("pot_paid", asked)
        return Answer((None,) * len(doors), None, None)
    paid = centre.paid_from_pot(asked=asked, pot=rules.pot[year])
    record.place("pot_paid", paid)
    refused = asked - paid
    exposed = _exposed(rules, year, before.grants.funded)
    situation = {
        "all_capital": rules.all_capital,
        "exposed_grants": add_rows(exposed)[np.newaxis],
    }
    next_cut = running_cost = None
    for step in rules.excess[year]:
        covered = step.apply(refused, situation)
        refused = refused - covered.taken
        record.place(step.row.records, covered.taken)
        if covered.next_year_cut is not None:
            next_cut = covered.next_year_cut
        if covered.running_cost is not None:
            running_cost = covered.running_cost * rules.capital_share
    record.place("refused", refused)
    granted = tuple(
        centre.part_granted(centre_share=group.centre_share, refused=refused, asked=asked)
        for group in programme.groups
    )
    return Answer(granted, next_cut, running_cost)


def _asked(programme: Programme, doors: Sequence[AtTheDoor]) -> Money:
    """Add up the centre's part of all requests, one by one."""
    total: Money = np.zeros((1, 1))
    for group, door in zip(programme.groups, doors, strict=True):
        if door.request is not None:
            total = total + add_rows(group.centre_share * door.request.taken)[np.newaxis]
    return total


def _exposed(rules: Centre, year: int, grant: Money) -> Money:
    """Return the grants of the bodies exposed in a year; those below 0 count 0."""
    return rules.exposed[year] * funding.grant_that_counts(grant=grant)


def react(
    programme: Programme,
    year: int,
    rules: Centre,
    state: State,
    grants: Grants,
    revenues: Revenues,
    payments: Payments,
    record: YearRecord,
) -> Grants:
    """Take the cut that pays for last year's bailouts, and give the windfall: steps 1 and 6."""
    everyone = slice(0, programme.organisations)
    if state.next_cut is not None:
        exposed = _exposed(rules, year, grants.funded)
        lost = centre.taken_from_exposed(
            cut=state.next_cut,
            exposed_grant=exposed,
            exposed_grants=add_rows(exposed)[np.newaxis],
            equal=rules.exposed_equal[year],
        )
        record.bodies("centre_cut", everyone, lost)
        record.place("centre_cut", lost)
        grants = grants._replace(in_cash=grants.in_cash - lost)
    if state.windfall is not None and rules.windfall is not None:
        weight = _gift_weight(programme, rules.windfall, grants, revenues, payments)
        share = share_of(
            weight=weight, whole=add_rows(weight)[np.newaxis], equal=rules.windfall.equal
        )
        gift = state.windfall * share
        record.bodies("windfall", everyone, gift)
        record.place("windfall", gift)
        grants = grants._replace(
            in_cash=grants.in_cash + gift, closing=grants.closing + rules.windfall.lasting * gift
        )
    return grants


def _gift_weight(
    programme: Programme,
    rules: WindfallRules,
    grants: Grants,
    revenues: Revenues,
    payments: Payments,
) -> Money:
    """Return what a windfall is shared by: grants, or planned income of the bodies named."""
    if rules.named is None:
        return funding.grant_that_counts(grant=grants.funded)
    planned = grants.announced + revenues.planned_tax + revenues.planned_charges
    draws = max(planned.shape[1], payments.planned_value.shape[1])
    received = zeros_for([planned, payments.planned_value], (programme.organisations, draws))
    for contract, payee in enumerate(programme.contracts.payee):
        received[payee] += payments.planned_value[contract]
    return rules.named * np.maximum(planned + received, 0.0)


def next_windfall(programme: Programme, year: int, closes: Sequence[GroupClose]) -> Money | None:
    """Return what the centre will give next year for this year's own deficits; step 11."""
    if programme.centre is None or programme.centre.windfall is None:
        return None
    rules = programme.centre.windfall
    deficits: Money = np.zeros((1, 1))
    income: Money = np.zeros((1, 1))
    for group, close in zip(programme.groups, closes, strict=True):
        if close.own is None:
            continue
        earned = close.own.income
        if rules.named is None:
            earned = earned - or_zero(close.own.received)
        counts = 1.0 if rules.named is None else rules.named[group.members.rows]
        short = np.maximum(-close.own.balance, 0.0)
        deficits = deficits + add_rows(counts * short)[np.newaxis]
        income = income + add_rows(counts * earned)[np.newaxis]
    return centre.windfall(
        deficits=deficits, income=income, share=rules.share[year], above=rules.above[year]
    )
