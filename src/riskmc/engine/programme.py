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

from riskmc.engine.holders import Membership, membership
from riskmc.engine.opening import Projects, compile_projects, opening_funding, out_of_reach
from riskmc.rules import settlement
from riskmc.rules.money import Money
from riskmc.rules.rows import Instrument
from riskmc.study import Holder, InstrumentSetting, Regime, Study
from riskmc.study.contracts import TERMS
from riskmc.study.settlement import ScopedName

#: A holder's bailout is the centre's money unless its instrument says otherwise.
WHOLLY_THE_CENTRES = 1.0


@dataclass(frozen=True)
class Step:
    """One instrument of a waterfall in one year: its row in the register, and its figures."""

    row: Instrument
    figures: Mapping[str, float | None]

    def apply(self, left: Money, situation: Mapping[str, Any]) -> Any:
        """Apply the rule to what is left, in the holder's situation."""
        asked = {name: situation[name] for name in self.row.asks}
        return self.row.function(left=left, **asked, **self.figures)


@dataclass(frozen=True)
class Group:
    """Holders that share a rulebook and a settlement's period.

    Waterfalls are by year; figures (holder, 1) or scalars.

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
class Terms:
    """Contract terms beside activity, (year, contract, 1); None for a term that no contract has.

    `equal` is the share of each of a payee's contracts where their values sum to 0. Of a risk
    without limit, `risk_limit` is 0 and `unlimited` infinite.
    """

    equal: Money
    activity_price: Money | None
    risk_share: Money | None
    risk_limit: Money
    unlimited: Money
    benefit_share: Money | None
    outcome_share: Money | None
    outcome_target: Money


@dataclass(frozen=True)
class Contracts:
    """Contracts: rows of payer and payee, and what they pay by; None: no terms of their own."""

    payer: NDArray[np.intp]
    payee: NDArray[np.intp]
    value: Money
    activity_share: Money
    uplift: Money
    terms: Terms | None


@dataclass(frozen=True)
class Programme:
    """A regime over the years of a study, ready to run.

    Figures of the settlement are tuples by year: a number where all bodies have the same, else a
    column by organisation.
    """

    name: str
    years: int
    organisations: int
    settle: tuple[Callable[..., settlement.Settled], ...]
    cut_rule: Callable[..., settlement.Cut]
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
    pays_in: bool
    premium: Money
    cost: Money
    grant: Money
    local_tax: Money
    charges: Money
    grant_growth: Money
    tax_growth: Money
    charges_growth: Money
    expected_demand: Money
    expected_inflation: Money
    weight: Money
    unmet_return: float
    delay_cost: float
    prevention_decay: float
    prevention_cap: float


def _column(values: Any) -> Money:
    return np.asarray(values, dtype=np.float64)[..., np.newaxis]


def _in_year(figure: Any, year: int) -> Any:
    """Return a figure in a year (0 is the first): of a list, its last value holds on."""
    if isinstance(figure, tuple):
        return figure[min(year, len(figure) - 1)]
    return figure


def _by_holder(figures: Money, holders: list[tuple[int, ...]]) -> Money:
    """Add figures by year and organisation up by holder."""
    return np.stack([figures[:, list(members)].sum(axis=1) for members in holders], axis=1)


def _steps(settings: tuple[InstrumentSetting, ...], years: int) -> tuple[tuple[Step, ...], ...]:
    return tuple(
        tuple(
            Step(s.row, {name: _in_year(x, year) for name, x in s.parameters.items()})
            for s in settings
        )
        for year in range(years)
    )


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


def _group(study: Study, holders: list[Holder], period: int, beyond: Money | None) -> Group:
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
        return _column([sum(getattr(bodies[k], figure) for k in m) for m in members])

    floor = sums("reserve_floor")
    return Group(
        members=membership(members),
        period=period,
        plan=_steps(book.plan, study.years),
        shortfall=_steps(book.shortfall, study.years),
        surplus=_steps(book.surplus, study.years),
        door=_door(book.shortfall),
        interest=book.interest,
        contingency=book.contingency,
        centre_share=_centre_share(book.shortfall),
        floor=floor,
        level=floor * float(book.restore_reserves),
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


def _contracts(study: Study, regime: Regime) -> Contracts:
    index = {body.id: k for k, body in enumerate(study.organisations)}
    contracts = study.contracts

    def by_year(figures: list[Any]) -> Money:
        """Return figures by year, (year, contract, 1)."""
        return np.array(figures).reshape(len(contracts), study.years).T[..., np.newaxis]

    found = {name: by_year([study.term(name, c, regime.name) for c in contracts]) for name in TERMS}
    payees = [c.payee for c in contracts]
    limit = found["risk_limit"]
    some = {
        name: values if values.any() else None
        for name, values in found.items()
        if name in ("activity_price", "risk_share", "benefit_share", "outcome_share")
    }
    terms = Terms(
        equal=_column([1.0 / payees.count(payee) for payee in payees]),
        risk_limit=np.where(np.isinf(limit), 0.0, limit),
        unlimited=np.where(np.isinf(limit), np.inf, 0.0),
        outcome_target=found["outcome_target"],
        **some,
    )
    return Contracts(
        payer=np.array([index[c.payer] for c in contracts], dtype=np.intp),
        payee=np.array([index[c.payee] for c in contracts], dtype=np.intp),
        value=_column([c.value for c in contracts]),
        activity_share=found["activity_share"],
        uplift=by_year([study.uplift(c) for c in contracts]),
        terms=None if all(values is None for values in some.values()) else terms,
    )


def _alike(values: Sequence[float]) -> Money | float:
    """Return one number where all bodies have the same, else a column by organisation."""
    first = values[0]
    return float(first) if all(value == first for value in values) else _column(values)


def _by_body(study: Study, regime: Regime, name: ScopedName) -> list[Any]:
    """Return what a regime's settlement says of each organisation."""
    return [
        regime.settlement.of(name, kind=body.kind, organisation=body.id)
        for body in study.organisations
    ]


def _figure(study: Study, regime: Regime, name: ScopedName) -> tuple[Money | float, ...]:
    """Return a figure of the settlement by year."""
    figures = _by_body(study, regime, name)
    return tuple(
        _alike([_in_year(figure, year) for figure in figures]) for year in range(study.years)
    )


def _settle(periods: list[int], year: int) -> Callable[..., settlement.Settled]:
    """Return the rule that announces the grants of a year (0 is the first)."""
    reviewed = [settlement.is_review_year(year=year + 1, period=period) for period in periods]
    if all(reviewed):
        return settlement.settle_at_review
    if not any(reviewed):
        return settlement.settle_between_reviews
    return partial(settlement.settle_some, reviewed=_column(reviewed))


def _cut_rule(choices: list[str]) -> Callable[..., settlement.Cut]:
    """Return the rule of in-year cuts."""
    if len(set(choices)) == 1:
        return settlement.IN_YEAR_CUTS[choices[0]]
    return partial(
        settlement.mixed_cut,
        exposed=_column([choice == "exposed" for choice in choices]),
        deferred=_column([choice == "deferred" for choice in choices]),
    )


def compile_regime(study: Study, name: str) -> Programme:
    """Compile one regime of a study.

    Holders are grouped by rulebook and period, in the order in which these first appear.
    """
    regime = study.regimes[name]
    periods = _by_body(study, regime, "period")
    alike: dict[tuple[str, int], list[Holder]] = {}
    for holder in regime.holders(study.organisations):
        key = (holder.rulebook_name, periods[holder.members[0]])
        alike.setdefault(key, []).append(holder)
    bodies = study.organisations
    rules = regime.settlement
    equalisation = _figure(study, regime, "equalisation")
    burdens = _figure(study, regime, "new_burdens_funded")
    funded = np.stack([np.broadcast_to(share, (len(bodies), 1)) for share in burdens])
    taken = compile_projects(study, regime, periods, funded)
    opening = opening_funding(study, regime)
    beyond = out_of_reach(
        study, taken, committed_growth=study.growth("committed_growth", regime=name)
    )
    weight = _column(study.prevention_weights())
    fund_by_year = rules.transformation_fund_by_year(study.years)
    return Programme(
        name=name,
        years=study.years,
        organisations=len(bodies),
        settle=tuple(_settle(periods, year) for year in range(study.years)),
        cut_rule=_cut_rule(_by_body(study, regime, "in_year_cuts")),
        cut_recurrent_share=_figure(study, regime, "cut_recurrent_share"),
        new_burdens_funded=burdens,
        equalisation=equalisation,
        equalises=any(np.any(np.asarray(share) > 0.0) for share in equalisation),
        open_book=tuple(_in_year(rules.open_book, year) for year in range(study.years)),
        fund=np.asarray(fund_by_year)[:, np.newaxis, np.newaxis] * weight,
        fund_by_year=tuple(float(x) for x in fund_by_year),
        groups=tuple(
            _group(study, holders, period, beyond) for (_, period), holders in alike.items()
        ),
        contracts=_contracts(study, regime),
        projects=taken,
        pays_in=regime.funding is not None,
        premium=opening.premium,
        cost=_column([body.cost for body in bodies]),
        grant=opening.grant,
        local_tax=opening.local_tax,
        charges=_column([body.charges for body in bodies]),
        grant_growth=_column(study.growth("grant_growth", regime=name)),
        tax_growth=_column(study.growth("tax_growth", regime=name)),
        charges_growth=_column(study.growth("charges_growth", regime=name)),
        expected_demand=_column(study.expected("demand_growth")),
        expected_inflation=_column(study.expected("cost_inflation")),
        weight=weight,
        unmet_return=study.dynamics.unmet_return,
        delay_cost=study.dynamics.delay_cost,
        prevention_decay=study.dynamics.prevention_decay,
        prevention_cap=study.dynamics.prevention_cap,
    )
