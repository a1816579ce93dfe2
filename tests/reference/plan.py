"""Step 7: the plan, before the year's surprises."""

from types import SimpleNamespace as Record

from reference.reading import (
    Table,
    at_most,
    in_year,
    named,
    planned,
    shares,
    years_left,
)


def plan(place: Record, holder: Record, t: int, contracts: list[Record]) -> None:
    """The gap P, and what each instrument of the plan takes of it."""
    flows = holder.flows
    bodies = [place.bodies[k] for k in holder.members]
    holder.by_planned_cost = shares([body.now.planned_cost for body in bodies])
    flows["plan_gap"] = plan_gap(place, holder, t, contracts)
    reach = sum(body.now.planned_cost - body.now.out_of_reach for body in bodies)
    holder.reach = max(reach, 0.0)  # what min_rate and max_rate are shares of
    for body in bodies:
        body.now.raised = body.now.charged = body.now.restored = body.now.growth = 0.0
        body.now.reduced = 0.0
    left = flows["plan_gap"]  # signed: below 0 there is something to spare
    for step in holder.book.get("plan", []):
        left -= INSTRUMENTS[step["instrument"]](place, holder, step, t, left, contracts)
    flows["planned_deficit"] = max(left, 0.0)


def plan_gap(place: Record, holder: Record, t: int, contracts: list[Record]) -> float:
    """P, signed."""
    book, flows = holder.book, holder.flows
    bodies = [place.bodies[k] for k in holder.members]
    inside = set(holder.members)
    planned_cost = sum(body.now.planned_cost for body in bodies)
    own = sum(
        body.now.announced + body.now.planned_tax + body.now.planned_charges for body in bodies
    )
    income, planned_income = own + sum(body.now.receipts for body in bodies), own
    for contract in contracts:
        payer, payee = contract.payer.number in inside, contract.payee.number in inside
        if payee and not payer:
            income += contract.planned
            planned_income += contract.by_plan
        if payer and not payee:
            income -= contract.planned
    planned_income = max(planned_income, 0.0)  # the holder's Y

    owed = holder.debt + holder.carried + max(-holder.reserves, 0.0)
    flows["interest"] = book.get("interest", 0.0) * owed
    remaining = years_left(place, bodies[0], t)
    rebuild = book.get("restore_reserves", False)
    if isinstance(rebuild, dict):
        flows["level"] = max(holder.floor, in_year(rebuild["to"], t) * planned_income)
        over = in_year(rebuild["over"], t)
    else:
        flows["level"] = holder.floor if rebuild else 0.0
        over = remaining
    make_good = holder.carried / remaining + max(flows["level"] - holder.reserves, 0.0) / over

    wished = sum(
        planned(place, body, "reserve_contribution", t) * body.now.planned_income for body in bodies
    )
    usable = max(holder.reserves - holder.floor, 0.0)
    flows["reserve_contribution"] = max(wished, -usable)  # Δ

    holder.conditions = conditions(place, bodies, t)
    flows["counted_on"] = sum(c.row.get("counted", 1.0) * sum(c.parts) for c in holder.conditions)
    cautious_cost = (1 + book.get("contingency", 0.0)) * planned_cost
    gap = cautious_cost + flows["interest"] + make_good + flows["reserve_contribution"]
    return float(gap - flows["counted_on"] - income)


def conditions(place: Record, bodies: list[Record], t: int) -> list[Record]:
    """Devices 4: what each condition would pay to each member."""
    found = []
    for row in place.regime.get("conditional", []):
        rate = in_year(row["rate"], t)
        parts = [rate * b.now.planned_cost if named(b, row.get("to")) else 0.0 for b in bodies]
        found.append(Record(row=row, parts=parts))
    return found


# ---------------------------------- instruments: each gives what it takes or counts on, signed


def savings(
    place: Record, holder: Record, step: Table, t: int, left: float, _: list[Record]
) -> float:
    """Asked every year, whatever the gap; what it counts on may exceed what is left."""
    assumed = in_year(step.get("assumed_delivery", 1.0), t)
    at_least = in_year(step.get("min_rate", 0.0), t) * holder.reach
    most = in_year(step["max_rate"], t) * holder.reach
    wanted = max(left, 0.0)
    if assumed == 0:
        target = most if wanted > 0 else at_least
    else:
        target = min(max(wanted / assumed, at_least), most)
    holder.flows["savings_planned"] = target
    planned_cost = sum(place.bodies[k].now.planned_cost for k in holder.members)
    scale = in_year(step.get("scale_loss", 0.0), t)
    holder.effort = in_year(step.get("effort", 1.0), t)
    if planned_cost != 0:
        holder.effort *= max(1 - scale * target / planned_cost, 0.0)
    return float(assumed * target)


def local_revenue(
    place: Record, holder: Record, step: Table, t: int, left: float, _: list[Record]
) -> float:
    """A rise for good, with a vote above what is free; or premiums given back."""
    bodies = [place.bodies[k] for k in holder.members]
    if left < 0:
        if not step.get("reversible", False):
            return 0.0
        premiums = [body.now.premium for body in bodies]
        taken = -at_most(sum(premiums), -left)
        weights = shares(premiums)
    else:
        weights = shares([body.now.planned_tax for body in bodies])
        planned_tax = sum(body.now.planned_tax for body in bodies)
        taken = at_most(in_year(step["max_rise"], t) * planned_tax, left)
        if "vote_above" in step:
            free = max(in_year(step["vote_above"], t) * planned_tax, 0.0)
            first = min(holder.members, key=lambda k: place.bodies[k].id)
            vote = place.drivers["vote"][t - 1][first]
            if taken > free and not vote < in_year(step.get("vote_passes", 0.0), t):
                taken = free
    for body, weight in zip(bodies, weights, strict=True):
        body.now.raised = taken * weight
    return taken


def charges(
    place: Record, holder: Record, step: Table, t: int, left: float, _: list[Record]
) -> float:
    """Up to a share of charges, for good."""
    bodies = [place.bodies[k] for k in holder.members]
    room = in_year(step["max_rise"], t) * sum(body.now.planned_charges for body in bodies)
    taken = at_most(room, max(left, 0.0))
    for body, weight in zip(bodies, shares([b.now.planned_charges for b in bodies]), strict=True):
        body.now.charged = taken * weight
    return taken


def service_reduction(
    place: Record, holder: Record, step: Table, t: int, left: float, contracts: list[Record]
) -> float:
    """What is cut; where activity is paid for from outside, cutting loses its income."""
    lost = 0.0  # a_h
    for k, weight in zip(holder.members, holder.by_planned_cost, strict=True):
        for contract in contracts:
            if contract.payee.number == k and contract.payer.number not in holder.members:
                lost += weight * contract.per_pound
    room = in_year(step.get("max_rate", 1.0), t) * holder.reach
    cut = at_most(room, max(left, 0.0) / (1 - lost)) if lost < 1 else 0.0  # u
    holder.flows["service_reduction"] = cut
    holder.lasting = in_year(step.get("lasting", 0.0), t)
    for k, weight in zip(holder.members, holder.by_planned_cost, strict=True):
        place.bodies[k].now.reduced = cut * weight
    return (1 - lost) * cut


def restore_services(
    place: Record, holder: Record, step: Table, t: int, left: float, _: list[Record]
) -> float:
    """Of what is to spare: services restored, by services still reduced; then growth, by cost."""
    bodies = [place.bodies[k] for k in holder.members]
    spare = in_year(step.get("share", 1.0), t) * max(-left, 0.0)
    standing = [body.now.planned_standing for body in bodies]
    restored = at_most(sum(standing), spare)
    rows = zip(bodies, shares(standing), holder.by_planned_cost, strict=True)
    for body, by_standing, by_cost in rows:
        body.now.restored = restored * by_standing  # r
        body.now.growth = (spare - restored) * by_cost  # w
    return -float(spare)


def use_of_reserves(
    place: Record, holder: Record, step: Table, t: int, left: float, _: list[Record]
) -> float:
    """Left to be met from reserves at outturn: nothing moves yet."""
    usable = max(holder.reserves - holder.floor, 0.0)
    taken = at_most(in_year(step["max_share"], t) * usable, max(left, 0.0))
    holder.flows["planned_use"] = taken
    return taken


INSTRUMENTS = {
    "savings": savings,
    "local_revenue": local_revenue,
    "charges": charges,
    "service_reduction": service_reduction,
    "restore_services": restore_services,
    "use_of_reserves": use_of_reserves,
}
