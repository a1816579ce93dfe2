"""The model note a second time: scalar, plain Python, one future at a time, as a test oracle.

Written from ``model.md`` alone, sections 2 to 5, with its steps numbered as there, so that the two
can be read side by side. It shares no code with the package and makes no attempt at speed.
Money is in £m, rates are fractions a year, and years are counted t = 1, 2, ... as in the note.
"""

from collections import defaultdict
from copy import deepcopy
from types import SimpleNamespace as Record
from typing import Any

Table = dict[str, Any]
Grid = list[list[float]]  # [year][organisation]
Flow = tuple[int, int, float, float]  # a contract: payer, payee, planned value, outturn value

# The opening of an organisation: B, G, X, Q and its capital; then what starts at 0: V and its gain
# to come, U, π, m (what past rises in local tax bring) and e (what equalisation goes on paying).
OPENING = {"base": "cost", "grant": "grant", "tax": "local_tax", "charges": "charges"}
OPENING |= {"capital": "capital"}
STARTS_AT_0 = ("avoided", "gain", "unmet", "pending", "premium", "equalised")

# What stays an organisation's own in a pool; what it has by planned own cost; what by own cost.
SHARING = (
    "income cost own_balance savings_delivered local_revenue local_premium unmet prevention "
    "pending central_cost",
    "plan_gap planned_deficit savings_planned service_reduction",
    "balance deficit interest shortfall from_reserves in_year_measures capital_to_revenue "
    "carry_forward rescue_needed bailout unresolved repaid clawback year_end_spending "
    "reserves carried debt",
)
OWN, BY_PLANNED_COST, BY_COST = (names.split() for names in SHARING)
VARIABLES = (*OWN, *BY_PLANNED_COST, *BY_COST, "exhausted")


def simulate(
    study: Table,
    regime: str,
    drivers: dict[str, Grid],
    *,
    expected: dict[str, list[float]],
    behaviour: bool = False,
) -> Table:
    """One future of a place under one regime.

    ``drivers[name][year][organisation]`` holds all twelve drivers; ``expected`` what planners
    expect of ``demand_growth`` and ``cost_inflation``, by organisation. Returns ``organisations``
    and ``holders`` ({variable: [year][which]}), ``place`` ({variable: [year]}) and ``workings``
    (opening reserves and floors of the holders, and the fund paid, by year and holder).
    """
    rules = resolved_regime(study, regime)
    if behaviour:
        rules = with_behaviour(study, regime, rules)
    place = opening(study, rules, drivers, expected)
    first = [holder.reserves for holder in place.holders]
    floors = [holder.floor for holder in place.holders]
    by_body: dict[str, list[list[Any]]] = {name: [] for name in VARIABLES}
    by_holder: dict[str, list[list[Any]]] = {name: [] for name in VARIABLES}
    whole: dict[str, list[Any]] = {name: [] for name in (*VARIABLES, "net_deficit")}
    funds = []
    for t in range(1, study["years"] + 1):
        one_year(place, t)
        total = place_totals(place, [r <= at_floor(f) for r, f in zip(first, floors, strict=True)])
        for name in VARIABLES:
            by_body[name].append([body.out[name] for body in place.bodies])
            by_holder[name].append([holder_total(place, holder, name) for holder in place.holders])
        for name, series in whole.items():
            series.append(total[name])
        funds.append([sum(place.bodies[k].now.fund for k in h.members) for h in place.holders])
    named: Table = {"names": [holder.name for holder in place.holders]}
    named["members"] = [[place.bodies[k].id for k in holder.members] for holder in place.holders]
    workings = {"opening_reserves": first, "floors": floors, "fund": funds}
    holders = named | by_holder
    return {"organisations": by_body, "holders": holders, "place": whole, "workings": workings}


# --------------------------------------------------------- reading the study (sections 2 and 4)


def merged(base: Table, over: Table) -> Table:
    """``over`` laid on ``base``: tables merge key by key, anything else is replaced whole."""
    result = dict(base)
    for key, value in over.items():
        both_tables = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both_tables else value
    return result


def resolved_regime(study: Table, name: str) -> Table:
    """The regime with every ``extends`` carried out (regimes of the study only)."""
    regime: Table = deepcopy(study["regimes"][name])
    parent = regime.pop("extends", None)
    return regime if parent is None else merged(resolved_regime(study, parent), regime)


def with_behaviour(study: Table, name: str, regime: Table) -> Table:
    """The regime with what the study assumes of behaviour under it (section 6)."""
    assumed = study.get("behaviour", {}).get(name, {})
    for book in regime["rulebooks"].values():
        for step in book.get("plan", []) + book.get("surplus", []):
            if step["instrument"] == "savings" and "effort" in assumed:
                step["effort"] = assumed["effort"]
            if step["instrument"] == "prevention" and "prevention_share" in assumed:
                step["share"] = assumed["prevention_share"]
    return regime


def in_year(value: float | list[float], t: int) -> float:
    """A number, or a list by year whose last value holds on."""
    return value[min(t, len(value)) - 1] if isinstance(value, list) else value


def fund_in_year(value: float | list[float], t: int) -> float:
    """The transformation fund: a number every year, but nothing after a list's last value."""
    return 0.0 if isinstance(value, list) and t > len(value) else in_year(value, t)


def shares(weights: list[float]) -> list[float]:
    """Weights as fractions of their sum; equal shares where they sum to 0."""
    total = sum(weights)
    return [weight / total if total != 0 else 1 / len(weights) for weight in weights]


def planned(place: Record, body: Record, name: str, t: int) -> float:
    """A planning assumption: the organisation's beats its kind's beats everyone's."""
    planning = place.study.get("planning", {})
    value = planning.get(name, 0.0)
    for scope in (body.kind, body.id):
        value = planning.get("by", {}).get(scope, {}).get(name, value)
    return in_year(value, t)


def years_left(place: Record, t: int) -> int:
    """Years left in the settlement, this one included."""
    n: int = place.settlement.get("period", 1)
    return n - ((t - 1) % n)


def at_floor(floor: float) -> float:
    """Reserves at or below this are exhausted."""
    return floor + 1e-9 * max(1.0, floor)


def opening(study: Table, regime: Table, drivers: Table, expected: Table) -> Record:
    """The opening position of section 2, and the budget holders of the regime."""
    rows, books = study["organisations"], regime["rulebooks"]
    place = Record(study=study, regime=regime, drivers=drivers, expected=expected)
    place.settlement = regime.get("settlement", {})
    place.values = [contract["value"] for contract in study.get("contracts", [])]  # v
    weights = shares([row.get("prevention_benefit", row.get("cost", 0.0)) for row in rows])
    place.bodies = []
    for k, row in enumerate(rows):
        state = {name: row.get(key, 0.0) for name, key in OPENING.items()}
        state |= dict.fromkeys(STARTS_AT_0, 0.0)
        state |= {"id": row["id"], "kind": row["kind"], "weight": weights[k]}
        place.bodies.append(Record(number=k, **state))
    number = {row["id"]: k for k, row in enumerate(rows)}
    lone = dict(number)
    place.holders = []
    for pool in regime.get("pools", []):
        ids = list(number) if pool["members"] == ["*"] else pool["members"]
        members = [number[id_] for id_ in ids]
        lone = {id_: k for id_, k in lone.items() if k not in members}
        book = books[pool["rulebook"]]
        place.holders.append(Record(name=pool["name"], members=members, book=book))
    for id_, k in lone.items():
        book = books[id_] if id_ in books else books[rows[k]["kind"]]
        place.holders.append(Record(name=id_, members=[k], book=book))
    for holder in place.holders:
        holder.reserves = sum(rows[k].get("reserves", 0.0) for k in holder.members)  # R
        holder.floor = sum(rows[k].get("reserve_floor", 0.0) for k in holder.members)
        holder.debt = sum(rows[k].get("debt", 0.0) for k in holder.members)  # L
        holder.carried = 0.0  # H
    return place


# ------------------------------------------------------- one year (section 4), in the note's order


def one_year(place: Record, t: int) -> None:
    """Steps 1 to 11."""
    for body in place.bodies:
        body.out, body.now = {}, Record(received=0.0, paid=0.0, cut=0.0)
        grant_cost_and_income(place, body, t, {n: g[t - 1] for n, g in place.drivers.items()})
    contracts = contract_flows(place, t)
    for holder in place.holders:
        holder.flows = defaultdict(float, opening_debt=holder.debt)
        plan(place, holder, t, contracts)
        outturn(place, holder, t, contracts)
        shortfall(place, holder, t)
        surplus(holder)
        share_out(place, holder)
    roll_forward(place, t)


def grant_cost_and_income(place: Record, body: Record, t: int, drivers: Table) -> None:
    """Steps 1 to 4 and 6: what happens to each organisation by itself."""
    now, k, settlement = body.now, body.number, place.settlement
    driver = {name: values[k] for name, values in drivers.items()}
    dynamics = {"prevention_cap": 0.1} | place.study.get("dynamics", {})

    # 1. Settlement. Between reviews the shocks wait in π.
    n = settlement.get("period", 1)
    review_year = n == 1 or (t > 1 and (t - 1) % n == 0)
    growth = 1 + planned(place, body, "grant_growth", t)
    if review_year:
        now.announced = body.grant * (growth + driver["funding_shock"] + body.pending)  # A
        body.pending = 0.0
    else:
        now.announced = body.grant * growth
        body.pending += driver["funding_shock"]

    # 2. New burdens, on last year's closing base.
    burden = driver["new_burden"] * body.base
    now.grant = now.announced + settlement.get("new_burdens_funded", 0.0) * burden  # G'

    # 3. Cost.
    now.base = body.base * (1 + driver["demand_growth"]) * (1 + driver["cost_inflation"]) + burden
    kept = body.avoided * (1 - dynamics.get("prevention_decay", 0.0))
    now.avoided = min(kept + body.gain, dynamics["prevention_cap"] * now.base)  # V'
    dearer = 1 + dynamics.get("delay_cost", 0.0)
    now.returning = dynamics.get("unmet_return", 0.0) * dearer * body.unmet  # W
    now.cost = now.base + now.returning - now.avoided + driver["one_off_cost"]  # C

    # 4. Other income. What equalisation makes good it goes on paying (e').
    tax_growth = 1 + planned(place, body, "tax_growth", t)
    equalised = settlement.get("equalisation", 0.0)
    now.planned_tax = body.tax * tax_growth  # Xp
    now.tax = now.planned_tax + body.tax * (1 - equalised) * driver["tax_shock"]
    now.charges = body.charges * (1 + planned(place, body, "charges_growth", t))
    body.equalised = body.equalised * tax_growth - equalised * body.tax * driver["tax_shock"]

    # 6. In-year cut, and the transformation fund by prevention weight.
    treatment = settlement.get("in_year_cuts", "exposed")
    lasting = settlement.get("cut_recurrent_share", 1.0)
    if treatment == "exposed":
        now.cut = driver["in_year_cut"] * now.grant
    elif treatment == "deferred":
        body.pending -= lasting * driver["in_year_cut"]
    now.closing_grant = now.grant - lasting * now.cut  # wanted at step 11
    now.fund = body.weight * fund_in_year(settlement.get("transformation_fund", 0.0), t)

    # Planned own cost Cp, wanted at step 7.
    foreseen = 1 + place.expected["demand_growth"][k]
    foreseen *= 1 + place.expected["cost_inflation"][k]
    now.planned_cost = body.base * foreseen + now.returning - now.avoided


def contract_flows(place: Record, t: int) -> list[Flow]:
    """Step 5: what each contract was planned to pay, and what it pays."""
    number = {body.id: body.number for body in place.bodies}
    flows = []
    for c, contract in enumerate(place.study.get("contracts", [])):
        payer, payee = number[contract["payer"]], number[contract["payee"]]
        activity = contract.get("activity_share", 0.0)
        activity = place.regime.get("payment", {}).get("activity_share", activity)
        uplifted = place.values[c] * (1 + in_year(contract.get("uplift", 0.0), t))
        foreseen = place.expected["demand_growth"][payee]
        demand = place.drivers["demand_growth"][t - 1][payee]
        value = uplifted * (1 + (1 - activity) * foreseen + activity * demand)
        flows.append((payer, payee, uplifted * (1 + foreseen), value))
        place.bodies[payer].now.paid += value
        place.bodies[payee].now.received += value
        place.values[c] = value
    return flows


def at_most(capacity: float, left: float) -> float:
    """What an instrument takes: all that is left or its capacity, never less than nothing."""
    return min(left, max(capacity, 0.0))


def plan(place: Record, holder: Record, t: int, contracts: list[Flow]) -> None:
    """Step 7: the plan, before the year's surprises."""
    book, flows = holder.book, holder.flows
    bodies = [place.bodies[k].now for k in holder.members]
    planned_cost = sum(now.planned_cost for now in bodies)
    planned_tax = sum(now.planned_tax for now in bodies)
    income = sum(now.announced + now.planned_tax + now.charges for now in bodies)
    income += sum(value for _, payee, value, _ in contracts if payee in holder.members)
    income -= sum(value for payer, _, value, _ in contracts if payer in holder.members)
    owed = holder.debt + holder.carried + max(-holder.reserves, 0.0)
    flows["interest"] = book.get("interest", 0.0) * owed
    flows["level"] = holder.floor if book.get("restore_reserves", False) else 0.0
    to_restore = max(flows["level"] - holder.reserves, 0.0)
    to_make_good = (holder.carried + to_restore) / years_left(place, t)
    cautious_cost = (1 + book.get("contingency", 0.0)) * planned_cost
    flows["plan_gap"] = cautious_cost + flows["interest"] + to_make_good - income
    left = max(flows["plan_gap"], 0.0)
    for step in book.get("plan", []):
        match step["instrument"]:
            case "savings":  # asked every year; what it counts on may exceed what is left
                assumed = step.get("assumed_delivery", 1.0)
                at_least = step.get("min_rate", 0.0) * planned_cost
                target = max(left / assumed, at_least)
                target = min(target, in_year(step["max_rate"], t) * planned_cost)
                flows["savings_planned"] = target
                flows["effort"] = step.get("effort", 1.0)
                taken = min(left, assumed * target)
            case "local_revenue":
                taken = flows["local_revenue"] = at_most(step["max_rise"] * planned_tax, left)
            case "service_reduction":
                taken = flows["service_reduction"] = at_most(step["max_rate"] * planned_cost, left)
            case "use_of_reserves":  # left to be met from reserves at outturn: nothing moves yet
                usable = max(holder.reserves - holder.floor, 0.0)
                taken = at_most(step["max_share"] * usable, left)
            case unknown:
                raise ValueError(f"no such plan instrument: {unknown}")
        left -= taken
    flows["planned_deficit"] = left


def outturn(place: Record, holder: Record, t: int, contracts: list[Flow]) -> None:
    """Step 8: the outturn of each member and of the holder."""
    flows = holder.flows
    bodies = [place.bodies[k] for k in holder.members]
    by_planned_cost = shares([body.now.planned_cost for body in bodies])
    by_planned_tax = shares([body.now.planned_tax for body in bodies])
    by_cost = shares([body.now.cost for body in bodies])
    for i, body in enumerate(bodies):
        now, out = body.now, body.out
        target = flows["savings_planned"] * by_planned_cost[i]
        delivery = place.drivers["savings_delivery"][t - 1][body.number]
        out["savings_delivered"] = flows["effort"] * delivery * target
        recurs = place.drivers["recurrent_share"][t - 1][body.number]
        now.recurrent_savings = recurs * out["savings_delivered"]
        out["local_revenue"] = flows["local_revenue"] * by_planned_tax[i]
        now.income = now.grant - now.cut + now.tax + out["local_revenue"] + now.charges
        now.spend = now.cost + flows["interest"] * by_cost[i]
        out["income"] = now.income + now.received
        out["cost"] = now.spend + now.paid
        measures = out["savings_delivered"] + flows["service_reduction"] * by_planned_cost[i]
        out["own_balance"] = out["income"] - out["cost"] + measures
        flows["income"] += now.income
        flows["cost"] += now.spend
        flows["measures"] += measures
    for payer, payee, _, value in contracts:  # contracts inside the holder are in neither
        if payee in holder.members and payer not in holder.members:
            flows["income"] += value
        if payer in holder.members and payee not in holder.members:
            flows["cost"] += value
    flows["balance"] = flows["income"] - flows["cost"] + flows["measures"]
    flows["deficit"] = max(-flows["balance"], 0.0)


def shortfall(place: Record, holder: Record, t: int) -> None:
    """Step 9: what falls due, and the shortfall waterfall."""
    flows, last_year = holder.flows, years_left(place, t) == 1
    if last_year:
        flows["due"], holder.carried = holder.carried, 0.0
    left = flows["shortfall"] = max(flows["due"] - flows["balance"], 0.0)
    rescue_needed = None
    for step in holder.book.get("shortfall", []):
        match step["instrument"]:
            case "reserves":
                usable = max(holder.reserves - holder.floor, 0.0)
                taken = flows["from_reserves"] = at_most(usable, left)
                if usable > 0 and taken == usable:  # taken whole: the floor exactly
                    holder.reserves = holder.floor
                else:
                    holder.reserves -= taken
            case "in_year_measures":
                capacity = step["max_rate"] * in_year_reach(place, holder, t)
                taken = flows["in_year_measures"] = at_most(capacity, left)
                flows["rationed"] = step.get("service_share", 1.0) * taken
            case "capital_to_revenue":
                capital = sum(place.bodies[k].capital for k in holder.members)
                taken = flows["capital_to_revenue"] = at_most(step["max_share"] * capital, left)
                flows["running_cost"] = step.get("running_cost", 0.0) * taken
            case "carry_forward":
                room = 0.0 if last_year else step["limit"] * flows["income"] - holder.carried
                taken = flows["carry_forward"] = at_most(room, left)
                holder.carried += taken
            case "bailout":
                rescue_needed = left
                taken = flows["bailout"] = bailout(place, holder, t, step, left)
                holder.debt += step.get("loan_share", 0.0) * taken
            case unknown:
                raise ValueError(f"no such shortfall instrument: {unknown}")
        left -= taken
    flows["rescue_needed"] = left if rescue_needed is None else rescue_needed
    flows["unresolved"] = left
    holder.reserves -= left


def in_year_reach(place: Record, holder: Record, t: int) -> float:
    """The cost that in-year measures can still reach: the later it is seen, the less."""
    costs = [place.bodies[k].now.cost for k in holder.members]
    seen = [place.drivers["recognition"][t - 1][k] for k in holder.members]
    recognition = sum(share * when for share, when in zip(shares(costs), seen, strict=True))
    late = recognition * (1 - place.settlement.get("open_book", 0.0))
    return float(sum(costs) * (1 - late))


def bailout(place: Record, holder: Record, t: int, step: Table, left: float) -> float:
    """A rescue, if granted; a pool's chance is that of the member whose id sorts first as text."""
    first = min(holder.members, key=lambda k: place.bodies[k].id)
    granted = place.drivers["rescue"][t - 1][first] < step.get("probability", 1.0)
    limit = step["limit"] * holder.flows["income"] if "limit" in step else left
    return at_most(limit, left) if granted else 0.0


def surplus(holder: Record) -> None:
    """Step 10: reserves to their level, the carried deficit, then the surplus waterfall."""
    flows = holder.flows
    left = max(flows["balance"] - flows["due"], 0.0)
    restored = at_most(flows["level"] - holder.reserves, left)
    holder.reserves += restored
    repaid = at_most(holder.carried, left - restored)
    holder.carried -= repaid
    left -= restored + repaid
    for step in holder.book.get("surplus", []):
        name, taken = step["instrument"], step.get("share", 1.0) * left
        if name == "repay_debt":
            taken = at_most(holder.debt, taken)
            holder.debt -= taken
        elif name == "reserves":
            holder.reserves += taken
        elif name not in ("clawback", "prevention", "year_end_spending"):
            raise ValueError(f"no such surplus instrument: {name}")
        flows["kept" if name == "reserves" else name] = taken
        left -= taken
    flows["clawback"] += left  # what no instrument keeps returns to the centre
    flows["repaid"] = flows["due"] + repaid + flows["repay_debt"]


def share_out(place: Record, holder: Record) -> None:
    """Section 5: each member's part of what is the holder's, and the centre's net cost."""
    flows, book = holder.flows, holder.book
    flows |= {"reserves": holder.reserves, "carried": holder.carried, "debt": holder.debt}
    flows["exhausted"] = holder.reserves <= at_floor(holder.floor)
    rescues = [step for step in book.get("shortfall", []) if step["instrument"] == "bailout"]
    centre_share = rescues[0].get("centre_share", 1.0) if rescues else 1.0
    on_debt = book.get("interest", 0.0) * flows["opening_debt"]  # H and overdrawn R not counted
    from_centre = centre_share * (flows["bailout"] - flows["repay_debt"] - on_debt)
    from_centre -= flows["clawback"]
    bodies = [place.bodies[k] for k in holder.members]
    by_planned_cost = shares([body.now.planned_cost for body in bodies])
    by_cost = shares([body.now.cost for body in bodies])
    for i, body in enumerate(bodies):
        now, out = body.now, body.out
        out |= {name: flows[name] * by_planned_cost[i] for name in BY_PLANNED_COST}
        out |= {name: flows[name] * by_cost[i] for name in BY_COST}
        out["exhausted"] = flows["exhausted"]
        out["unmet"] = out["service_reduction"] + flows["rationed"] * by_cost[i]
        out["prevention"] = flows["prevention"] * by_cost[i] + now.fund
        paid_over = now.grant - now.cut + now.fund
        out["central_cost"] = paid_over + from_centre * by_cost[i] + body.equalised
        now.running_cost = flows["running_cost"] * by_cost[i]


def roll_forward(place: Record, t: int) -> None:
    """Step 11: what each organisation takes into next year (holders and contracts have done so)."""
    invested = sum(body.out["prevention"] for body in place.bodies)  # I: the whole place's
    for body in place.bodies:
        now, raised = body.now, body.out["local_revenue"]
        body.base = max(now.base - now.recurrent_savings, 0.0) + now.running_cost
        body.grant = now.closing_grant
        body.tax = now.tax + raised
        body.premium = body.premium * (1 + planned(place, body, "tax_growth", t)) + raised
        body.charges = now.charges
        body.avoided = now.avoided
        body.unmet = body.out["unmet"]
        prevention_yield = place.drivers["prevention_yield"][t - 1][body.number]
        body.gain = prevention_yield * body.weight * invested
        body.out["local_premium"] = body.premium
        body.out["pending"] = body.pending * body.grant


def holder_total(place: Record, holder: Record, name: str) -> Any:
    """A holder's figure: its own where the thing is the holder's, else its members' sum."""
    if name in OWN and name not in ("income", "cost"):
        return sum(place.bodies[k].out[name] for k in holder.members)
    return holder.flows[name]


def place_totals(place: Record, not_applicable: list[bool]) -> Table:
    """The place's figures: sums over organisations, contracts inside the place left out."""
    total: Table = {name: sum(body.out[name] for body in place.bodies) for name in VARIABLES}
    total["income"] = sum(body.now.income for body in place.bodies)
    total["cost"] = sum(body.now.spend for body in place.bodies)
    total["deficit"] = sum(holder.flows["deficit"] for holder in place.holders)
    balance = sum(holder.flows["balance"] for holder in place.holders)
    total["net_deficit"] = max(-balance, 0.0)
    rows = zip(place.holders, not_applicable, strict=True)
    total["exhausted"] = any(h.flows["exhausted"] and not opened_so for h, opened_so in rows)
    return total
