"""A regime compiled: every figure that the year loop needs, as arrays, worked out once.

Nothing here depends on drivers. Arrays by organisation are (organisation, 1), by year and
organisation (year, organisation, 1), by contract (contract, 1), so that they broadcast over draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.centre_rules import Centre, compile_centre
from riskmc.engine.compiling import Step, by_body, by_year, column, in_year, steps_of
from riskmc.engine.contracts import Contracts, compile_contracts
from riskmc.engine.holders import Membership, membership
from riskmc.engine.offers import Offer, Spill, compile_offers, compile_spills
from riskmc.engine.opening import Projects, compile_projects, opening_funding, out_of_reach
from riskmc.rules import settlement
from riskmc.rules.money import Money
from riskmc.study import Holder, InstrumentSetting, Regime, Study
from riskmc.study.settlement import ScopedName
from riskmc.variables import PLANNED

#: A holder's bailout is the centre's money unless its instrument says otherwise.
WHOLLY_THE_CENTRES = 1.0


@dataclass(frozen=True)
class Group:
    """Holders that share a rulebook and a settlement's period.

    Waterfalls are by year; figures (holder, 1) or scalars. Reserves must be brought back to
    `level`, unless the rulebook holds them `to` a share of planned income, by year.

    `received` and `paid` name the contracts that cross holders' bounds, as (holder, contract);
    `member_received` and `member_paid` name them all, as (member, contract), `member_crossing`
    those received from outside the holder. `rescued_as` is the
    organisation whose `rescue` decides for the holder: the member whose id sorts first. `door` is
    the place in the shortfall list of the first instrument that asks the centre.
    """

    members: Membership
    period: int
    plan: tuple[tuple[Step, ...], ...]
    shortfall: tuple[tuple[Step, ...], ...]
    surplus: tuple[tuple[Step, ...], ...]
    door: int | None
    interest: float
    contingency: float
    centre_share: float
    floor: Money
    level: Money
    hold_to: tuple[float, ...] | None
    rebuild_over: tuple[float, ...] | None
    conditional: tuple[Offer, ...]
    capital: Money
    out_of_reach: Money | None
    opening_reserves: Money
    opening_debt: Money
    rescued_as: NDArray[np.intp]
    received: tuple[tuple[int, int], ...]
    paid: tuple[tuple[int, int], ...]
    member_received: tuple[tuple[int, int], ...]
    member_paid: tuple[tuple[int, int], ...]
    member_crossing: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Programme:
    """A regime over the years of a study, ready to run.

    Figures of the settlement are tuples by year: a number where all bodies have the same, else a
    column by organisation. `expected` is what planners expect of each driver of which they do.
    """

    name: str
    years: int
    organisations: int
    settle: tuple[Callable[..., settlement.Settled], ...]
    cut_rules: tuple[Callable[..., settlement.Cut], ...]
    cut_recurrent_share: tuple[Money | float, ...]
    new_burdens_funded: tuple[Money | float, ...]
    equalisation: tuple[Money | float, ...]
    equalises: bool
    open_book: tuple[float, ...]
    fund: Money
    fund_by_year: tuple[float, ...]
    groups: tuple[Group, ...]
    contracts: Contracts
    projects: Projects | None
    centre: Centre | None
    pays_in: bool
    premium: Money
    cost: Money
    grant: Money
    local_tax: Money
    charges: Money
    grant_growth: Money
    tax_growth: Money
    charges_growth: Money
    expected: Mapping[str, Money]
    contribution: Money | None
    spills: tuple[Spill, ...]
    weight: Money
    unmet_return: float
    delay_cost: float
    prevention_decay: float
    prevention_cap: float


def _by_holder(figures: Money, holders: list[tuple[int, ...]]) -> Money:
    """Add figures by year and organisation up by holder."""
    return np.stack([figures[:, list(members)].sum(axis=1) for members in holders], axis=1)


def _door(shortfall: tuple[InstrumentSetting, ...]) -> int | None:
    """Return the place of the first instrument that asks the centre; None where none does."""
    asking = (n for n, setting in enumerate(shortfall) if setting.row.records == "bailout")
    return next(asking, None)


def _centre_share(shortfall: tuple[InstrumentSetting, ...]) -> float:
    for setting in shortfall:
        share = setting.parameters.get("centre_share")
        if isinstance(share, float):
            return share
    return WHOLLY_THE_CENTRES


def _group(
    study: Study, regime: Regime, holders: list[Holder], period: int, beyond: Money | None
) -> Group:
    book = holders[0].rulebook
    bodies = study.organisations
    members = [holder.members for holder in holders]
    ids = [body.id for body in bodies]
    holder_at = {k: h for h, indices in enumerate(members) for k in indices}
    member_at = {k: m for m, k in enumerate(k for indices in members for k in indices)}
    payees = [ids.index(contract.payee) for contract in study.contracts]
    payers = [ids.index(contract.payer) for contract in study.contracts]
    crossing = [
        c
        for c, (payer, payee) in enumerate(zip(payers, payees, strict=True))
        if holder_at.get(payer, -1) != holder_at.get(payee, -1)
    ]

    def sums(figure: str) -> Money:
        return column([sum(getattr(bodies[k], figure) for k in m) for m in members])

    floor = sums("reserve_floor")
    policy = None if isinstance(book.restore_reserves, bool) else book.restore_reserves
    return Group(
        members=membership(members),
        period=period,
        plan=steps_of(book.plan, study.years),
        shortfall=steps_of(book.shortfall, study.years),
        surplus=steps_of(book.surplus, study.years),
        door=_door(book.shortfall),
        interest=book.interest,
        contingency=book.contingency,
        centre_share=_centre_share(book.shortfall),
        floor=floor,
        level=floor * float(policy is None and bool(book.restore_reserves)),
        hold_to=None if policy is None else by_year(policy.to, study.years),
        rebuild_over=None if policy is None else by_year(policy.over, study.years),
        conditional=compile_offers(study, regime, [k for indices in members for k in indices]),
        capital=sums("capital"),
        out_of_reach=None if beyond is None else _by_holder(beyond, members),
        opening_reserves=sums("reserves"),
        opening_debt=sums("debt"),
        rescued_as=np.array([min(m, key=lambda k: bodies[k].id) for m in members]),
        received=tuple((holder_at[payees[c]], c) for c in crossing if payees[c] in holder_at),
        paid=tuple((holder_at[payers[c]], c) for c in crossing if payers[c] in holder_at),
        member_received=tuple((member_at[k], c) for c, k in enumerate(payees) if k in member_at),
        member_paid=tuple((member_at[k], c) for c, k in enumerate(payers) if k in member_at),
        member_crossing=tuple(
            (member_at[payees[c]], c) for c in crossing if payees[c] in member_at
        ),
    )


def _alike(values: Sequence[float]) -> Money | float:
    """Return one number where all bodies have the same, else a column by organisation."""
    first = values[0]
    return float(first) if all(value == first for value in values) else column(values)


def _figure(study: Study, regime: Regime, name: ScopedName) -> tuple[Money | float, ...]:
    """Return a figure of the settlement by year."""
    figures = by_body(study, regime, name)
    return tuple(
        _alike([in_year(figure, year) for figure in figures]) for year in range(study.years)
    )


def _settle(periods: list[int], year: int) -> Callable[..., settlement.Settled]:
    """Return the rule that announces the grants of a year (0 is the first)."""
    reviewed = [settlement.is_review_year(year=year + 1, period=period) for period in periods]
    if all(reviewed):
        return settlement.settle_at_review
    if not any(reviewed):
        return settlement.settle_between_reviews
    return partial(settlement.settle_some, reviewed=column(reviewed))


def _cut_rules(given: Sequence[Any], years: int) -> tuple[Callable[..., settlement.Cut], ...]:
    """Return the rule of in-year cuts in each year, of what is done with them by body."""
    return tuple(_cut_rule([in_year(choice, year) for choice in given]) for year in range(years))


def _cut_rule(choices: list[str]) -> Callable[..., settlement.Cut]:
    """Return the rule of in-year cuts."""
    if len(set(choices)) == 1:
        return settlement.IN_YEAR_CUTS[choices[0]]
    return partial(
        settlement.mixed_cut,
        exposed=column([choice == "exposed" for choice in choices]),
        deferred=column([choice == "deferred" for choice in choices]),
    )


def compile_regime(study: Study, name: str) -> Programme:
    """Compile one regime of a study.

    Holders are grouped by rulebook and period, in the order in which these first appear.
    """
    regime = study.regimes[name]
    periods = by_body(study, regime, "period")
    alike: dict[tuple[str, int], list[Holder]] = {}
    for holder in regime.holders(study.organisations):
        key = (holder.rulebook_name, periods[holder.members[0]])
        alike.setdefault(key, []).append(holder)
    bodies = study.organisations
    rules = regime.settlement
    equalisation = _figure(study, regime, "equalisation")
    burdens = _figure(study, regime, "new_burdens_funded")
    funded = np.stack([np.broadcast_to(share, (len(bodies), 1)) for share in burdens])
    taken = compile_projects(study, regime, funded)
    opening = opening_funding(study, regime)
    beyond = out_of_reach(
        study, taken, committed_growth=study.growth("committed_growth", regime=name)
    )
    contribution = column(study.growth("reserve_contribution", regime=name))
    weight = column(study.prevention_weights())
    fund_by_year = rules.transformation_fund_by_year(study.years)
    return Programme(
        name=name,
        years=study.years,
        organisations=len(bodies),
        settle=tuple(_settle(periods, year) for year in range(study.years)),
        cut_rules=_cut_rules(by_body(study, regime, "in_year_cuts"), study.years),
        cut_recurrent_share=_figure(study, regime, "cut_recurrent_share"),
        new_burdens_funded=burdens,
        equalisation=equalisation,
        equalises=any(np.any(np.asarray(share) > 0.0) for share in equalisation),
        open_book=tuple(in_year(rules.open_book, year) for year in range(study.years)),
        fund=np.asarray(fund_by_year)[:, np.newaxis, np.newaxis] * weight,
        fund_by_year=tuple(float(x) for x in fund_by_year),
        groups=tuple(
            _group(study, regime, holders, period, beyond) for (_, period), holders in alike.items()
        ),
        contracts=compile_contracts(study, regime),
        projects=taken,
        centre=compile_centre(study, regime),
        pays_in=regime.funding is not None,
        premium=opening.premium,
        cost=column([body.cost for body in bodies]),
        grant=opening.grant,
        local_tax=opening.local_tax,
        charges=column([body.charges for body in bodies]),
        grant_growth=column(study.growth("grant_growth", regime=name)),
        tax_growth=column(study.growth("tax_growth", regime=name)),
        charges_growth=column(study.growth("charges_growth", regime=name)),
        expected={name: column(study.expected(name)) for name in PLANNED},
        contribution=contribution if contribution.any() else None,
        spills=compile_spills(study),
        weight=weight,
        unmet_return=study.dynamics.unmet_return,
        delay_cost=study.dynamics.delay_cost,
        prevention_decay=study.dynamics.prevention_decay,
        prevention_cap=study.dynamics.prevention_cap,
    )
