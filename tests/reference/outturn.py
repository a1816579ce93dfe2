"""Steps 5, 8 and 11: what contracts pay, the outturn of each body and holder, and roll forward."""

from types import SimpleNamespace as Record

from reference.reading import foreseen, planned, shares, term


def contract_outturns(place: Record, t: int, contracts: list[Record]) -> None:
    """Devices 2: what each contract pays, once the plans have said what is cut and restored."""
    for contract in contracts:
        payee, row, now = contract.payee, contract.row, contract.payee.now
        value = contract.rolled
        expected = foreseen(place, "demand_growth", payee, t)
        demand = place.drivers["demand_growth"][t - 1][payee.number]
        missed = demand > expected - term(place, row, "outcome_target", t)
        withheld = value * term(place, row, "outcome_share", t) if missed else 0.0
        not_done = now.avoided - now.returning + now.standing - now.restored + now.reduced
        activity_paid = sum(c.rolled - c.by_plan for c in contracts if c.payee is payee)  # X
        above_plan = now.cost - now.planned_cost - now.burden_funded - activity_paid
        shared = term(place, row, "risk_share", t) * above_plan
        limit = term(place, row, "risk_limit", t, None)
        if limit is not None:
            shared = max(min(shared, limit * value), -limit * value)
        contract.paid = value - withheld - contract.per_pound * not_done + shared
        contract.paid += contract.pay_back
        contract.payer.now.paid += contract.paid
        now.received += contract.paid


def outturn(place: Record, holder: Record, t: int, contracts: list[Record]) -> None:
    """Step 8: the outturn of each member and of the holder, then conditional money (devices 4)."""
    flows = holder.flows
    bodies = [place.bodies[k] for k in holder.members]
    by_cost = shares([body.now.cost for body in bodies])
    for i, body in enumerate(bodies):
        now, out = body.now, body.out
        target = flows["savings_planned"] * holder.by_planned_cost[i]
        delivery = place.drivers["savings_delivery"][t - 1][body.number]
        out["savings_delivered"] = getattr(holder, "effort", 0.0) * delivery * target
        recurs = place.drivers["recurrent_share"][t - 1][body.number]
        now.recurrent_savings = recurs * out["savings_delivered"]
        now.income = now.grant - now.cut - now.centre_cut + now.gift + now.tax + now.raised
        now.income += now.charges + now.charged + now.receipts
        now.spend = now.cost + flows["interest"] * by_cost[i]
        now.measures = out["savings_delivered"] + now.reduced - now.restored - now.growth
        flows["income"] += now.income
        flows["cost"] += now.spend
        flows["measures"] += now.measures
        flows["savings_delivered"] += out["savings_delivered"]
    for contract in contracts:  # contracts inside the holder are in neither
        payer = contract.payer.number in holder.members
        payee = contract.payee.number in holder.members
        if payee and not payer:
            flows["income"] += contract.paid
        if payer and not payee:
            flows["cost"] += contract.paid
    conditional = conditional_money(holder)
    for body, paid in zip(bodies, conditional, strict=True):
        now, out = body.now, body.out
        now.conditional = paid
        now.income += paid
        out["income"] = now.income + now.received
        out["cost"] = now.spend + now.paid
        out["own_balance"] = out["income"] - out["cost"] + now.measures
    flows["income"] += sum(conditional)
    flows["balance"] = flows["income"] - flows["cost"] + flows["measures"]
    flows["deficit"] = max(-flows["balance"], 0.0)


def conditional_money(holder: Record) -> list[float]:
    """What is paid to each member: every test looks at the balance before any of it."""
    flows = holder.flows
    paid = [0.0 for _ in holder.members]
    before = flows["income"] - flows["cost"] + flows["measures"]
    for condition in holder.conditions:
        row = condition.row
        target = row.get("target", 0.0)
        if row.get("test", "none") == "balance":
            wanted, found = target * flows["income"], before
        elif row.get("test", "none") == "plan":
            allowed = flows["planned_deficit"] + flows["planned_use"] + flows["counted_on"]
            allowed += max(-flows["reserve_contribution"], 0.0)
            wanted, found = -allowed - target * flows["income"], before
        elif row.get("test", "none") == "savings":
            wanted, found = target * flows["savings_planned"], flows["savings_delivered"]
        else:
            wanted, found = 0.0, 0.0
        if found >= wanted - 1e-9:
            paid = [had + part for had, part in zip(paid, condition.parts, strict=True)]
    return paid


def roll_forward(place: Record, t: int) -> None:
    """Step 11: what each organisation takes into next year (holders and contracts have done so)."""
    invested = sum(body.out["prevention"] for body in place.bodies)  # I: the whole place's
    by_capital = shares([body.capital for body in place.bodies])
    for body in place.bodies:
        now, out = body.now, body.out
        body.base = max(now.base - now.recurrent_savings, 0.0) + now.running_cost
        body.base += place.running_cost * by_capital[body.number] + now.growth
        body.grant = now.closing_grant + place.gift_lasting * now.gift
        body.tax = now.tax + now.raised
        body.premium = now.premium + now.raised
        body.charges = now.charges + now.charged
        charges_growth = 1 + planned(place, body, "charges_growth", t)
        body.charges_premium = body.charges_premium * charges_growth + now.charged
        out["charges_premium"] = body.charges_premium
        body.avoided = now.avoided
        body.standing = max(now.standing - now.restored, 0.0) + now.lasting * now.reduced
        body.unmet = (1 - now.lasting) * now.reduced + now.rationed
        body.all_unmet = out["unmet"]
        body.grown = body.grown * now.risen + now.growth
        prevention_yield = place.drivers["prevention_yield"][t - 1][body.number]
        body.gain = prevention_yield * body.weight * invested
        out["local_premium"] = body.premium
        out["services_grown"] = body.grown
        out["pending"] = body.pending * body.grant
