"""The same model in whole-array NumPy, as a good analyst would write it for one study.

Draws × years × bodies at once: every driver is one array (draw, year, body), the years are
looped over, whatever else can be done for all draws and bodies in one expression is. It knows
two sets of rules: every body on its own, and one pool of all; figures come from the study. It
lays down the same outcomes as the engine does for the headline, and agrees with it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from riskmc.distributions import Distribution
from riskmc.study import Regime, Rulebook, Study
from riskmc.variables import DRIVERS, HEADLINE_NAMES

Array = NDArray[np.float64]
Arrays = dict[str, Array]


# ---------------------------------------------------------------- futures


def draw_futures(study: Study, draws: int, rng: np.random.Generator, *, tables: bool) -> Arrays:
    """Draw every driver as (draw, year, body), by a Gaussian copula.

    `tables` lends the analyst riskmc's transforms; otherwise SciPy's inverse distribution
    functions are used.
    """
    ids, years = study.organisation_ids, study.years
    names = [d.name for d in DRIVERS if d.name in (*study.named_drivers, "rescue")]
    factor = np.linalg.cholesky(study.correlation_matrix(names))
    national = rng.standard_normal((draws, years, len(names))) @ factor.T
    local = rng.standard_normal((draws, years, len(ids), len(names))) @ factor.T
    futures = {d.name: np.full((1, 1, len(ids)), d.neutral) for d in DRIVERS}
    for i, name in enumerate(names):
        settings = [study.driver(name, k) for k in ids]
        shared = np.array([s.shared if s else 0.0 for s in settings])
        kept = np.array([s.persistence if s else 0.0 for s in settings])
        fresh = np.sqrt(shared) * national[:, :, None, i] + np.sqrt(1 - shared) * local[..., i]
        z = np.empty_like(fresh)
        z[:, 0] = fresh[:, 0]
        for t in range(1, years):
            z[:, t] = kept * z[:, t - 1] + np.sqrt(1 - kept**2) * fresh[:, t]
        values = np.empty_like(z)
        for k, setting in enumerate(settings):
            if setting is None:
                values[..., k] = ndtr(z[..., k]) if name == "rescue" else futures[name][..., k]
            else:
                chance = setting.probability
                values[..., k] = transformed(z[..., k], setting.distribution, chance, tables)
        futures[name] = values
    costs = np.zeros((draws, years, len(ids)))
    for risk in study.risks:
        z = rng.standard_normal((draws, years))
        can = [risk.years is None or label in risk.years for label in study.year_labels]
        cost = transformed(z, risk.impact, risk.probability, tables) * np.array(can)
        costs[..., ids.index(risk.organisation)] += cost
    futures["one_off_cost"] = costs
    return futures


def transformed(z: Array, dist: Distribution, chance: float | None, tables: bool) -> Array:
    """Return F⁻¹(Φ(z)), or the size of an event where it happens."""
    if chance is None:
        return dist.from_normal(z) if tables else dist.quantile(ndtr(z))
    u = ndtr(z)
    values = np.zeros_like(z)
    happens = u > 1 - chance
    values[happens] = dist.quantile((u[happens] - (1 - chance)) / chance)
    return values


# ---------------------------------------------------------------- the rules


class Results:
    """Outcomes as (draw, year, body) for the headline and (draw, year) for the place."""

    def __init__(self, draws: int, years: int, bodies: int) -> None:
        self.bodies = {n: np.zeros((draws, years, bodies)) for n in HEADLINE_NAMES}
        self.place: Arrays = {}
        self._shape = (draws, years)

    def keep(self, year: int, **values: Any) -> None:
        """Keep variables by body, and their sums."""
        for name, value in values.items():
            if name in self.bodies:
                self.bodies[name][:, year] = value
            self.keep_sum(year, **{name: value})

    def keep_sum(self, year: int, **values: Any) -> None:
        """Keep the sums over bodies, or what is for the place already."""
        for name, value in values.items():
            total = np.sum(value, axis=-1) if np.ndim(value) > 1 else value
            self.place.setdefault(name, np.zeros(self._shape))[:, year] = total


def figure(book: Rulebook, waterfall: str, instrument: str, name: str, year: int) -> float:
    """Return a figure of a rulebook in a year; 0 where it lacks the instrument."""
    for setting in getattr(book, waterfall):
        if setting.instrument == instrument:
            value = setting.parameters[name]
            if isinstance(value, tuple):
                value = value[min(year, len(value) - 1)]
            return float("inf") if value is None else float(value)
    return 0.0


def opening(study: Study, name: str) -> Array:
    """Return a figure of the opening position, by body."""
    return np.array([getattr(body, name) for body in study.organisations])


def simulate(study: Study, name: str, futures: Arrays) -> Results:
    """Simulate one regime on all futures at once."""
    regime = study.regimes[name]
    holders = regime.holders(study.organisations)
    books = [holders[0].rulebook] * len(study.organisations)
    pooled = len(holders) == 1
    if not pooled:
        for holder in holders:
            books[holder.members[0]] = holder.rulebook
    return run_years(study, regime, books, pooled, futures)


def run_years(
    study: Study, regime: Regime, books: list[Rulebook], pooled: bool, futures: Arrays
) -> Results:
    """Run the years: bodies on their own, or pooled, where a pool is a column that all share."""
    rules = regime.settlement
    years, bodies = study.years, len(study.organisations)
    draws = max(x.shape[0] for x in futures.values())
    out = Results(draws, years, bodies)
    ids = list(study.organisation_ids)
    payer = [ids.index(c.payer) for c in study.contracts]
    payee = [ids.index(c.payee) for c in study.contracts]
    flows = np.zeros((len(payer), bodies))  # +1 for the payee, -1 for the payer
    flows[np.arange(len(payee)), payee] += 1
    flows[np.arange(len(payer)), payer] -= 1
    income_flows, cost_flows = np.maximum(flows, 0), np.maximum(-flows, 0)
    uplift = np.array([study.uplift(c) for c in study.contracts])
    share = regime.payment.activity_share
    activity = np.array([c.activity_share if share is None else share for c in study.contracts])
    expected = study.expected("demand_growth")
    expected_growth = (1 + expected) * (1 + study.expected("cost_inflation"))
    grant_growth, tax_growth = study.growth("grant_growth"), study.growth("tax_growth")
    charges_growth = study.growth("charges_growth")
    weights, dynamics = study.prevention_weights(), study.dynamics
    fund = rules.transformation_fund_by_year(years)
    first = min(range(bodies), key=lambda k: ids[k])

    def over(x: Array) -> Array:
        """Add up over the holder."""
        return x.sum(axis=1, keepdims=True) if pooled else x

    def shares(x: Array) -> Array:
        """Return members' shares of the holder."""
        return x / x.sum(axis=1, keepdims=True) if pooled else np.ones((1, 1))

    def by_book(pick: Any) -> Any:
        """Return a rulebook's figure, by holder."""
        return pick(books[0]) if pooled else np.array([pick(book) for book in books])

    def fig(waterfall: str, instrument: str, key: str, t: int) -> Any:
        return by_book(lambda book: figure(book, waterfall, instrument, key, t))

    base, grant, tax = (opening(study, n)[None] for n in ("cost", "grant", "local_tax"))
    charges = opening(study, "charges")[None]
    reserves, debt, floor, capital = (
        over(opening(study, n)[None]) for n in ("reserves", "debt", "reserve_floor", "capital")
    )
    applicable = reserves > floor + 1e-9 * np.maximum(1, floor)
    value = np.array([c.value for c in study.contracts])[None]
    zero = np.zeros((1, bodies))
    avoided = gain = unmet = pending = premium = equalised = zero
    carried = np.zeros_like(reserves)
    interest_rate, contingency = by_book(lambda b: b.interest), by_book(lambda b: b.contingency)
    level = floor * by_book(lambda b: float(b.restore_reserves))
    has_bailout = by_book(lambda b: float(any(s.instrument == "bailout" for s in b.shortfall)))

    for t in range(years):
        left_years = rules.period - t % rules.period
        d = {n: x[:, min(t, x.shape[1] - 1)] for n, x in futures.items()}

        # settlement, costs, other income, contracts
        shock = d["funding_shock"]
        if rules.period == 1 or (t > 0 and t % rules.period == 0):
            announced, pending = grant * (1 + grant_growth[t] + shock + pending), zero
        else:
            announced, pending = grant * (1 + grant_growth[t]), pending + shock
        burden = d["new_burden"] * base
        grant = announced + rules.new_burdens_funded * burden
        cut = lasting = zero
        if rules.in_year_cuts == "exposed":
            cut = d["in_year_cut"] * grant
            lasting = rules.cut_recurrent_share * cut
        elif rules.in_year_cuts == "deferred":
            pending = pending - rules.cut_recurrent_share * d["in_year_cut"]
        grown = base * (1 + d["demand_growth"]) * (1 + d["cost_inflation"]) + burden
        avoided = np.minimum(
            avoided * (1 - dynamics.prevention_decay) + gain, dynamics.prevention_cap * grown
        )
        returning = dynamics.unmet_return * (1 + dynamics.delay_cost) * unmet
        own_cost = grown + returning - avoided + d["one_off_cost"]
        planned_cost = base * expected_growth[t] + returning - avoided
        planned_tax = tax * (1 + tax_growth[t])
        surprise = tax * d["tax_shock"]
        tax = planned_tax + (1 - rules.equalisation) * surprise
        equalised = equalised * (1 + tax_growth[t]) - rules.equalisation * surprise
        charges = charges * (1 + charges_growth[t])
        lifted = value * (1 + uplift[:, t])
        planned_value = lifted * (1 + expected[t, payee])
        growth = (1 - activity) * expected[t, payee] + activity * d["demand_growth"][:, payee]
        value = lifted * (1 + growth)
        received, paid = value @ income_flows, value @ cost_flows

        # the plan
        by_planned, by_tax, by_cost = shares(planned_cost), shares(planned_tax), shares(own_cost)
        cost_h, planned_h, tax_h = over(own_cost), over(planned_cost), over(planned_tax)
        interest = interest_rate * (debt + carried + np.maximum(-reserves, 0))
        gap = (1 + contingency) * planned_h + interest
        gap = gap + (carried + np.maximum(level - reserves, 0)) / left_years
        gap = gap - over(announced + planned_tax + charges)
        if not pooled:
            gap = gap - planned_value @ flows
        rate = {k: fig("plan", "savings", k, t) for k in ("max_rate", "min_rate", "effort")}
        assumed = fig("plan", "savings", "assumed_delivery", t)
        left = np.maximum(gap, 0)
        target = np.clip(left / assumed, rate["min_rate"] * planned_h, rate["max_rate"] * planned_h)
        left = np.maximum(left - assumed * target, 0)
        raised = np.minimum(left, fig("plan", "local_revenue", "max_rise", t) * tax_h)
        left = left - raised
        spare = np.maximum(reserves - floor, 0)
        left = left - np.minimum(left, fig("plan", "use_of_reserves", "max_share", t) * spare)
        reduced = np.minimum(left, fig("plan", "service_reduction", "max_rate", t) * planned_h)
        planned_deficit = left - reduced

        # the outturn
        delivered = rate["effort"] * target * by_planned * d["savings_delivery"]
        raised_k = raised * by_tax
        income = grant - cut + tax + raised_k + charges
        all_income = income + received
        income_h = over(income) if pooled else all_income
        spend = cost_h + interest + (0 if pooled else paid)
        balance = income_h - spend + over(delivered) + reduced
        deficit = np.maximum(-balance, 0)

        # the shortfall
        due = carried if left_years == 1 else np.zeros_like(carried)
        carried = carried - due
        shortfall = np.maximum(due - balance, 0)
        from_reserves = np.minimum(shortfall, np.maximum(reserves - floor, 0))
        kept = np.minimum(np.maximum(reserves - shortfall, floor), reserves)
        reserves = np.where(reserves > floor, kept, reserves)
        left = shortfall - from_reserves
        seen = over(d["recognition"] * by_cost) * (1 - rules.open_book)
        most = fig("shortfall", "in_year_measures", "max_rate", t) * cost_h * (1 - seen)
        measures = np.minimum(left, most)
        left = left - measures
        switched = np.minimum(
            left, fig("shortfall", "capital_to_revenue", "max_share", t) * capital
        )
        left = left - switched
        room = fig("shortfall", "carry_forward", "limit", t) * income_h - carried
        carries = np.minimum(left, min(left_years - 1, 1) * np.maximum(room, 0))
        carried = carried + carries
        left = left - carries
        needed = left
        rescue = d["rescue"][:, first : first + 1] if pooled else d["rescue"]
        granted = (rescue < fig("shortfall", "bailout", "probability", t)) * has_bailout
        bailout = np.where(granted > 0, left, 0.0)
        before_debt = debt
        debt = debt + fig("shortfall", "bailout", "loan_share", t) * bailout
        unresolved = left - bailout
        reserves = reserves - unresolved

        # the surplus
        left = np.maximum(balance - due, 0)
        restored = np.minimum(left, np.maximum(level - reserves, 0))
        left = left - restored
        carried_repaid = np.minimum(left, carried)
        carried = carried - carried_repaid
        left = left - carried_repaid
        reserves = reserves + restored
        spent = fig("surplus", "year_end_spending", "share", t) * left
        left = left - spent
        clawback = fig("surplus", "clawback", "share", t) * left
        left = left - clawback
        debt_repaid = np.minimum(fig("surplus", "repay_debt", "share", t) * left, debt)
        debt = debt - debt_repaid
        left = left - debt_repaid
        invested = fig("surplus", "prevention", "share", t) * left
        left = left - invested
        saved = fig("surplus", "reserves", "share", t) * left
        reserves = reserves + saved
        clawback = clawback + (left - saved)

        # what the year comes to
        service_share = fig("shortfall", "in_year_measures", "service_share", t)
        reduced_k = reduced * by_planned
        unmet = reduced_k + service_share * measures * by_cost
        centre_share = fig("shortfall", "bailout", "centre_share", t)
        support = centre_share * (bailout - debt_repaid - interest_rate * before_debt) - clawback
        central = grant - cut + equalised + fund[t] * weights + support * by_cost
        premium = premium * (1 + tax_growth[t]) + raised_k
        total_invested = fund[t] + invested.sum(axis=1, keepdims=True)
        running = fig("shortfall", "capital_to_revenue", "running_cost", t) * switched * by_cost
        base = np.maximum(grown - d["recurrent_share"] * delivered, 0) + running
        tax = tax + raised_k
        grant = grant - lasting
        gain = d["prevention_yield"] * weights * total_invested
        exhausted = reserves <= floor + 1e-9 * np.maximum(1, floor)

        out.keep(
            t,
            deficit=deficit * by_cost,
            planned_deficit=planned_deficit * by_planned,
            local_premium=premium,
            rescue_needed=needed * by_cost,
            bailout=bailout * by_cost,
            unresolved=unresolved * by_cost,
            unmet=unmet,
            reserves=reserves * by_cost,
            pending=pending * grant,
            central_cost=central,
        )
        out.bodies["income"][:, t] = all_income
        out.bodies["exhausted"][:, t] = exhausted
        out.keep_sum(
            t,
            income=income,
            cost=own_cost + interest * by_cost,
            own_balance=all_income - own_cost - interest * by_cost - paid + delivered + reduced_k,
            balance=balance,
            plan_gap=gap,
            savings_planned=target,
            savings_delivered=delivered,
            local_revenue=raised,
            service_reduction=reduced,
            shortfall=shortfall,
            from_reserves=from_reserves,
            in_year_measures=measures,
            capital_to_revenue=switched,
            carry_forward=carries,
            repaid=due + carried_repaid + debt_repaid,
            interest=interest,
            clawback=clawback,
            prevention=total_invested,
            year_end_spending=spent,
            carried=carried,
            debt=debt,
            exhausted=(exhausted & applicable).any(axis=1),
            net_deficit=np.maximum(-balance.sum(axis=1), 0),
        )
    return out
