"""Steps 9 and 10: what falls due, the shortfall list with its door to the centre, the surplus."""

from types import SimpleNamespace as Record

from reference.reading import Table, at_most, in_year, limited, shares, years_left


def shortfall_to_the_door(place: Record, holder: Record, t: int) -> None:
    """What is to be found, and the shortfall list as far as its bailout."""
    flows, book = holder.flows, holder.book
    holder.last_year = years_left(place, place.bodies[holder.members[0]], t) == 1
    if holder.last_year:
        flows["due"], holder.carried = holder.carried, 0.0
    flows["shortfall"] = max(flows["due"] - flows["balance"], 0.0)
    holder.left = flows["shortfall"]
    holder.asked = None  # the bailout granted by the holder's own rule, where there is one
    steps = book.get("shortfall", [])
    names = [step["instrument"] for step in steps]
    door = names.index("bailout") if "bailout" in names else len(steps)
    holder.after = steps[door:]
    for step in steps[:door]:
        holder.left -= take(place, holder, step, t)
    if holder.after:
        flows["rescue_needed"] = holder.left
        holder.asked = bailout(place, holder, t, holder.after[0])


def shortfall_after_the_door(place: Record, holder: Record, t: int) -> None:
    """The bailout as the centre grants it, and the rest of the list."""
    flows = holder.flows
    if holder.after:
        flows["bailout"] = holder.granted
        holder.debt += holder.after[0].get("loan_share", 0.0) * holder.granted
        holder.left -= holder.granted
        for step in holder.after[1:]:
            holder.left -= take(place, holder, step, t)
    else:
        flows["rescue_needed"] = holder.left
    flows["unresolved"] = holder.left
    holder.reserves -= holder.left


def take(place: Record, holder: Record, step: Table, t: int) -> float:
    """What one instrument other than a bailout takes of what is left, entered under its output."""
    output, instrument = INSTRUMENTS[step["instrument"]]
    taken = instrument(place, holder, step, t)
    holder.flows[output] += taken
    return taken


def reserves(_: Record, holder: Record, __: Table, ___: int) -> float:
    """Down to the floor."""
    return from_reserves(holder, holder.floor)


def working_balance(_: Record, holder: Record, step: Table, t: int) -> float:
    """Into the floor itself."""
    return from_reserves(holder, (1 - in_year(step.get("share", 1.0), t)) * holder.floor)


def from_reserves(holder: Record, floor: float) -> float:
    """Reserves down to a level; taken whole, they are that level exactly."""
    usable = max(holder.reserves - floor, 0.0)
    taken = at_most(usable, holder.left)
    holder.reserves = floor if usable > 0 and taken == usable else holder.reserves - taken
    return taken


def in_year_measures(place: Record, holder: Record, step: Table, t: int) -> float:
    """Less the later it is seen; a share of it leaves need unmet."""
    capacity = in_year(step["max_rate"], t) * in_year_reach(place, holder, t)
    taken = at_most(capacity, holder.left)
    holder.flows["rationed"] += in_year(step.get("service_share", 1.0), t) * taken
    return taken


def in_year_reach(place: Record, holder: Record, t: int) -> float:
    """The cost that in-year measures can still reach: the later it is seen, the less."""
    costs = [place.bodies[k].now.cost for k in holder.members]
    seen = [place.drivers["recognition"][t - 1][k] for k in holder.members]
    recognition = sum(share * when for share, when in zip(shares(costs), seen, strict=True))
    late = recognition * (1 - in_year(place.settlement.get("open_book", 0.0), t))
    return float(sum(costs) * (1 - late))


def capital_to_revenue(place: Record, holder: Record, step: Table, t: int) -> float:
    """Up to a share of the capital budget; running costs rise for good."""
    capital = sum(place.bodies[k].capital for k in holder.members)
    taken = at_most(in_year(step["max_share"], t) * capital, holder.left)
    holder.flows["running_cost"] += step.get("running_cost", 0.0) * taken
    return taken


def carry_forward(_: Record, holder: Record, step: Table, t: int) -> float:
    """Up to a limit in all, and not beyond the control period."""
    room = in_year(step["limit"], t) * holder.flows["income"] - holder.carried
    taken = at_most(0.0 if holder.last_year else room, holder.left)
    holder.carried += taken
    return taken


def risk_share(_: Record, holder: Record, step: Table, t: int) -> float:
    """The centre's agreed part of the overspend, and not of what falls due."""
    agreed = in_year(step["share"], t) * max(-holder.flows["balance"], 0.0)
    agreed = min(agreed, limited(step, "limit", holder.flows["income"], t, agreed))
    return at_most(agreed, holder.left)


#: The output that each is entered under.
INSTRUMENTS = {
    "reserves": ("from_reserves", reserves),
    "working_balance": ("from_reserves", working_balance),
    "in_year_measures": ("in_year_measures", in_year_measures),
    "capital_to_revenue": ("capital_to_revenue", capital_to_revenue),
    "carry_forward": ("carry_forward", carry_forward),
    "risk_share": ("risk_shared", risk_share),
}


def bailout(place: Record, holder: Record, t: int, step: Table) -> float:
    """A rescue, if granted; a pool's chance is that of the member whose id sorts first as text."""
    flows = holder.flows
    first = min(holder.members, key=lambda k: place.bodies[k].id)
    rescue = place.drivers["rescue"][t - 1][first]
    if not rescue < in_year(step.get("probability", 1.0), t):
        return 0.0
    if "requires" in step:
        required = step["requires"] * flows["savings_planned"]
        if flows["savings_delivered"] < required - 1e-9:
            return 0.0
    return at_most(limited(step, "limit", flows["income"], t, holder.left), holder.left)


def surplus(holder: Record, t: int) -> None:
    """Step 10: reserves to their level, the carried deficit, then the surplus list."""
    flows = holder.flows
    left = max(flows["balance"] - flows["due"], 0.0)
    restored = at_most(flows["level"] - holder.reserves, left)
    holder.reserves += restored
    repaid = at_most(holder.carried, left - restored)
    holder.carried -= repaid
    left -= restored + repaid
    for step in holder.book.get("surplus", []):
        name, taken = step["instrument"], in_year(step.get("share", 1.0), t) * left
        if name == "repay_debt":
            taken = at_most(holder.debt, taken)
            holder.debt -= taken
        elif name == "reserves":
            taken = at_most(limited(step, "limit", flows["income"], t, taken), taken)
            holder.reserves += taken
        elif name not in ("clawback", "prevention", "year_end_spending"):
            raise ValueError(f"no such surplus instrument: {name}")
        flows["kept" if name == "reserves" else name] = taken
        left -= taken
    flows["clawback"] += left  # what no instrument keeps returns to the centre
    flows["repaid"] = flows["due"] + repaid + flows["repay_debt"]
