"""Steps 1 to 6: what happens to each organisation by itself, and what contracts mean to pay."""

from types import SimpleNamespace as Record

from reference.opening import benefit_of, loan_left, mandate_costs, outlay_of, receipt_of
from reference.reading import (
    Table,
    foreseen,
    in_year,
    planned,
    scoped,
    settled,
    shares,
    term,
    until_the_last,
)


def known_at_the_start(place: Record, body: Record, t: int) -> None:
    """Devices 3: projects, mandates and committed cost of one body in one year."""
    now = body.now
    mandates = mandate_costs(place, body, t)
    now.mandates = sum(cost for _, cost in mandates)  # M
    usual = settled(place, body, "new_burdens_funded", 0.0, t)
    now.mandates_funded = 0.0  # a mandate may name its own funded share
    for (row, cost), (_, before) in zip(mandates, mandate_costs(place, body, t - 1), strict=True):
        now.mandates_funded += row.get("funded", usual) * (cost - before)
    body.committed *= 1 + planned(place, body, "committed_growth", t)  # K
    now.outlay = now.receipts = now.swept = now.benefit = now.counted = now.freed = 0.0
    now.loans = 0.0
    for project in place.projects:
        if project.body is body:
            now.outlay += outlay_of(project, t)
            now.receipts += project.kept * receipt_of(project, t)
            now.swept += (1 - project.kept) * receipt_of(project, t)
            now.loans += loan_left(project, t)
        ours = project.to.get(body.id, 0.0) * benefit_of(project, t)
        now.benefit += project.delivery * ours
        now.counted += project.counted * ours
        now.freed += ours if project.row.get("frees", False) else 0.0
    # What may be saved or cut: not what is committed, nor what projects cost (with Cp, step 7).
    now.out_of_reach = max(body.committed - now.freed, 0.0) + now.outlay


def grant_cost_and_income(place: Record, body: Record, t: int, driver: dict[str, float]) -> None:
    """Steps 1 to 4 and 6."""
    now = body.now
    dynamics = {"prevention_cap": 0.1} | place.study.get("dynamics", {})
    funded = settled(place, body, "new_burdens_funded", 0.0, t)

    # 1. Settlement. Between reviews the shocks wait in π. Dated mandates are known to the plan.
    n = scoped(place.settlement, body, "period", 1)
    review_year = n == 1 or (t > 1 and (t - 1) % n == 0)
    growth = 1 + planned(place, body, "grant_growth", t)
    if review_year:
        now.announced = body.grant * (growth + driver["funding_shock"] + body.pending)  # A
        body.pending = 0.0
    else:
        now.announced = body.grant * growth
        body.pending += driver["funding_shock"]
    now.announced += now.mandates_funded

    # 2. New burdens, on last year's closing base.
    burden = driver["new_burden"] * body.base
    now.burden_funded = funded * burden
    now.grant = now.announced + now.burden_funded  # G'

    # 3. Cost, but for outturn variance, which needs planned income.
    risen = (1 + driver["demand_growth"]) * (1 + driver["cost_inflation"])
    now.risen = risen
    now.base = body.base * risen + burden  # B'
    kept = body.avoided * (1 - dynamics.get("prevention_decay", 0.0))
    now.avoided = min(kept + body.gain, dynamics["prevention_cap"] * now.base)  # V'
    delayed = 1 + dynamics.get("delay_cost", 0.0)
    now.returning = dynamics.get("unmet_return", 0.0) * delayed * body.unmet  # W
    for spill in dynamics.get("spills", []):
        if spill["to"] == body.id:
            source = next(other for other in place.bodies if other.id == spill["from"])
            now.returning += spill["share"] * spill.get("cost", 1.0) * source.all_unmet
    now.standing = body.standing * risen  # S'
    now.cost = now.base + now.returning - now.avoided + driver["one_off_cost"]  # C
    now.cost += driver["temporary_cost"] * now.base - now.standing
    now.cost += now.mandates + now.outlay - now.benefit

    # 4. Other income. What equalisation makes good it goes on paying (e').
    tax_growth = 1 + planned(place, body, "tax_growth", t)
    equalised = settled(place, body, "equalisation", 0.0, t)
    now.planned_tax = body.tax * tax_growth  # Xp
    now.tax = now.planned_tax + body.tax * (1 - equalised) * driver["tax_shock"]
    charges_growth = 1 + planned(place, body, "charges_growth", t)
    now.planned_charges = body.charges * charges_growth  # Q'
    now.charges = now.planned_charges
    now.premium = body.premium * tax_growth  # what past rises bring, before this year's
    body.equalised = body.equalised * tax_growth - equalised * body.tax * driver["tax_shock"]

    # 6. In-year cut, and the transformation fund by prevention weight.
    now.treatment = settled(place, body, "in_year_cuts", "exposed", t)
    lasting = settled(place, body, "cut_recurrent_share", 1.0, t)
    now.cut = driver["in_year_cut"] * max(now.grant, 0.0) if now.treatment == "exposed" else 0.0
    if now.treatment == "deferred":
        body.pending -= lasting * driver["in_year_cut"]
    now.closing_grant = now.grant - lasting * now.cut  # wanted at step 11
    now.fund = body.weight * until_the_last(place.settlement.get("transformation_fund", 0.0), t)

    # Planned own cost Cp, wanted at step 7.
    rise = 1 + foreseen(place, "demand_growth", body, t)
    rise *= 1 + foreseen(place, "cost_inflation", body, t)
    now.planned_standing = body.standing * rise  # Ŝ
    now.planned_cost = body.base * rise * (1 + foreseen(place, "temporary_cost", body, t))
    now.planned_cost += now.returning - now.avoided - now.planned_standing
    now.planned_cost += now.mandates + now.outlay - now.counted


def contracts_as_planned(place: Record, t: int) -> list[Record]:
    """Step 5 with devices 2: planned values; v'; planned income Y; outturn variance."""
    number = {body.id: body.number for body in place.bodies}
    rows: list[Table] = place.study.get("contracts", [])
    contracts = []
    for c, row in enumerate(rows):
        payer, payee = place.bodies[number[row["payer"]]], place.bodies[number[row["payee"]]]
        now = payee.now
        expected = foreseen(place, "demand_growth", payee, t)
        demand = place.drivers["demand_growth"][t - 1][payee.number]
        activity = term(place, row, "activity_share", t)
        uplifted = place.values[c] * (1 + in_year(row.get("uplift", 0.0), t))
        contract = Record(row=row, payer=payer, payee=payee)
        contract.by_plan = uplifted * (1 + expected)  # before the terms
        contract.rolled = uplifted * (1 + (1 - activity) * expected + activity * demand)  # v'
        paid_to_it = [i for i, other in enumerate(rows) if other["payee"] == row["payee"]]
        weights = shares([place.values[i] for i in paid_to_it])
        part = weights[paid_to_it.index(c)]  # s
        contract.per_pound = activity * term(place, row, "activity_price", t) * part  # a
        contract.pay_back = term(place, row, "benefit_share", t) * payer.now.avoided
        not_done = now.avoided - now.returning + now.planned_standing
        contract.planned = contract.by_plan - contract.per_pound * not_done + contract.pay_back
        contracts.append(contract)
    place.values = [contract.rolled for contract in contracts]
    for body in place.bodies:
        now = body.now
        received = sum(c.by_plan for c in contracts if c.payee is body)
        own = now.announced + now.planned_tax + now.planned_charges
        now.planned_income = max(own + received, 0.0)  # Y
        variance = place.drivers["outturn_variance"][t - 1][body.number]
        now.cost -= variance * now.planned_income
    return contracts
