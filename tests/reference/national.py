"""Devices 5: the centre's list, cuts and windfalls of the year after, debts written off."""

from types import SimpleNamespace as Record

from reference.reading import in_year, named, shares, year_number


def pay_last_years_list(place: Record, t: int) -> None:
    """What the centre took or gave last year, in proportion to this year's grants (or Y)."""
    exposed = [body for body in place.bodies if body.now.treatment == "exposed"]
    grants = [max(body.now.grant, 0.0) for body in exposed]
    if place.cut_due != 0 and exposed:
        for body, share in zip(exposed, shares(grants), strict=True):
            body.now.centre_cut = place.cut_due * share
    windfall = place.centre.get("windfall", {})
    place.gift_lasting = windfall.get("lasting", 0.0)
    if place.gift_due != 0:
        to = windfall.get("to")
        bodies = [body for body in place.bodies if named(body, to)]
        if to is None:
            weights = [max(body.now.grant, 0.0) for body in bodies]
        else:
            weights = [body.now.planned_income for body in bodies]
        for body, share in zip(bodies, shares(weights), strict=True):
            body.now.gift = place.gift_due * share


def ask_the_centre(place: Record, t: int) -> None:
    """At the door: what is asked, what is found, and the same part refused to all."""
    asking = [holder for holder in place.holders if holder.asked is not None]
    asked = sum(centre_share(h) * h.asked for h in asking)  # Q
    nation = dict.fromkeys(
        ("pot_paid", "new_money", "capital_switched", "next_year_cut", "refused"), 0.0
    )
    pot = place.centre.get("pot")
    nation["pot_paid"] = asked if pot is None else min(asked, in_year(pot, t))
    left = asked - nation["pot_paid"]
    place.running_cost = 0.0
    for step in place.centre.get("excess", []):
        if step["instrument"] == "new_money":
            taken = min(left, in_year(step["limit"], t)) if "limit" in step else left
            nation["new_money"] = taken
        elif step["instrument"] == "capital_switch":
            capital = sum(body.capital for body in place.bodies)
            taken = min(left, in_year(step["max_share"], t) * capital)
            nation["capital_switched"] = taken
            place.running_cost = step.get("running_cost", 0.0) * taken
        else:
            exposed = [body.now for body in place.bodies if body.now.treatment == "exposed"]
            grants = sum(max(now.grant, 0.0) for now in exposed)
            taken = min(left, in_year(step["max_share"], t) * grants)
            nation["next_year_cut"] = taken
        left -= taken
    nation["refused"] = left  # N
    place.cut_due = nation["next_year_cut"]
    place.nation = nation | {"asked": asked}
    for holder in asking:
        part = centre_share(holder) * left / asked if asked != 0 else 0.0
        holder.granted = holder.asked * (1 - part)


def centre_share(holder: Record) -> float:
    """The centre's part of a bailout; all of it where the holder has none."""
    steps = [s for s in holder.book.get("shortfall", []) if s["instrument"] == "bailout"]
    return float(steps[0].get("centre_share", 1.0)) if steps else 1.0


def write_off_debt(place: Record, holder: Record, t: int) -> None:
    """Debts fall at the end of the year, after step 10."""
    rule = place.centre.get("write_off")
    if rule is not None and year_number(place.study, rule["year"]) == t:
        holder.flows["written_off"] = rule.get("share", 1.0) * holder.debt
        holder.debt -= holder.flows["written_off"]


def reckon_windfall(place: Record, t: int) -> None:
    """Z: what this year's deficits bring next year."""
    windfall = place.centre.get("windfall")
    place.gift_due = 0.0
    if windfall is None:
        return
    to = windfall.get("to")
    bodies = [body for body in place.bodies if named(body, to)]
    deficits = sum(max(-body.out["own_balance"], 0.0) for body in bodies)
    if to is None:
        income = sum(body.now.income for body in bodies)  # without contracts received
    else:
        income = sum(body.out["income"] for body in bodies)
    above = deficits - in_year(windfall.get("above", 0.0), t) * income
    place.gift_due = in_year(windfall["share"], t) * max(above, 0.0)
